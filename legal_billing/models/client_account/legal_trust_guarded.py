from odoo import api, models

from ...exceptions import TrustLockedError


class LegalTrustGuarded(models.AbstractModel):
    """Records of client money that nobody enters, changes or deletes: posting and
    reversing movements write them. The database holds the same; see
    ``triggers.py``."""

    _name = "legal.trust.guarded"
    _description = "Written by Movements of Client Money"
    _inherit = ["legal.billing.guard"]

    @api.model_create_multi
    def create(self, vals_list):
        """:raise TrustLockedError: for all but posting and reversing"""
        self._refuse_direct_change()
        return super().create(vals_list)

    def write(self, vals):
        """:raise TrustLockedError: for all but posting and reversing"""
        self._refuse_direct_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise TrustLockedError(self._get_delete_refusal())

    @api.model
    def _refuse_direct_change(self):
        """
        :raise TrustLockedError: for all but posting and reversing
        """
        if not self._is_internal():
            raise TrustLockedError(self._get_refusal())

    @api.model
    def _get_refusal(self):
        """Why these records are not written by hand, and the way out.

        :rtype: str
        """
        raise NotImplementedError

    def _get_delete_refusal(self):
        """Why these records are not deleted, and the way out; by default what is said of
        writing them.

        :rtype: str
        """
        return self._get_refusal()
