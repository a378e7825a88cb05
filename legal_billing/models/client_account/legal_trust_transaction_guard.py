from odoo import api, models

from ...exceptions import ProtectedFieldError, TrustLockedError
from ...tools import INTERNAL

#: Written by posting, approving and reversing, and by nothing else.
PROTECTED_FIELDS = {
    "name",
    "state",
    "move_id",
    "prepared_by_id",
    "posted_by_id",
    "posted_on",
    "reversed_id",
    "reversal_ids",
    "reversal_reason",
    "line_ids",
    "bill_line_ids",
    "payment_id",
    "company_id",
    "currency_id",
}

#: What makes the movement; whoever writes one of these prepared it.
SUBSTANCE = {
    "kind",
    "matter_id",
    "to_matter_id",
    "amount",
    "date",
    "journal_id",
    "partner_id",
    "cleared_on",
    "is_uncleared",
}


class LegalTrustTransaction(models.Model):
    """A posted movement stays; a draft says who prepared it."""

    _inherit = "legal.trust.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        """New movements are drafts of whoever enters them."""
        if self._is_internal():
            return super().create(vals_list)
        derived = {"company_id", "currency_id"}  # of matter and account
        vals_list = [
            {key: value for key, value in vals.items() if key not in derived}
            for vals in vals_list
        ]
        # Given explicitly, so that no default of the context gets in
        fresh = dict.fromkeys(PROTECTED_FIELDS - derived, False)
        fresh |= {"state": "draft", "prepared_by_id": self.env.uid}
        for lines in ("line_ids", "bill_line_ids", "reversal_ids"):
            del fresh[lines]
        for vals in vals_list:
            self._check_protected(vals)
        movements = super().create([vals | fresh for vals in vals_list])
        for movement in movements:
            self._check_protected({"kind": movement.kind})
        return movements

    def write(self, vals):
        """Refuse changes of what is posted, and of what only posting writes.

        :raise TrustLockedError: naming the posted movements
        :raise ProtectedFieldError: naming the fields
        """
        if self._is_internal():
            return super().write(vals)
        self._check_protected(vals)
        if self._get_locked_fields() & vals.keys():
            self._check_still_open()
        if SUBSTANCE & vals.keys():
            vals = {**vals, "prepared_by_id": self.env.uid, "state": "draft"}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_still_open()

    def _get_locked_fields(self):
        """Fields that do not change after posting.

        :rtype: set
        """
        return SUBSTANCE | {"reference", "memo", "authorisation"}

    def _check_still_open(self):
        posted = self.filtered(lambda m: m.state in ("posted", "reversed"))
        if posted:
            raise TrustLockedError(
                self.env._(
                    "%(names)s is posted: client money is never changed or deleted. "
                    "Reverse it and say why.",
                    names=", ".join(posted.mapped("name")),
                )
            )

    def _check_protected(self, vals):
        touched = PROTECTED_FIELDS & vals.keys()
        if vals.get("kind") == "office_transfer":
            touched.add("kind")
        if touched:
            raise ProtectedFieldError(
                self.env._(
                    "%(fields)s of client money is set by Post, Reverse and by payments "
                    "from the client account.",
                    fields=", ".join(
                        self._fields[name].string for name in sorted(touched)
                    ),
                )
            )

    @api.model
    def _is_internal(self):
        return self.env["account.move"]._is_billing_internal()

    def _internal(self):
        """The same records with the right to write what posting writes. Call only
        after the user's role has been checked.

        :rtype: legal.trust.transaction
        """
        return self.sudo().with_context(legal_billing_internal=INTERNAL)
