from odoo import api, models

from ...exceptions import ProtectedFieldError, TrustLockedError

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
        self._check_frozen(vals)
        if SUBSTANCE & vals.keys():
            vals = {**vals, "prepared_by_id": self.env.uid, "state": "draft"}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_still_open()

    @api.model
    def _frozen_fields(self):
        return SUBSTANCE | {"reference", "memo", "authorisation"}

    def _get_frozen(self):
        return self.filtered(lambda m: m.state in ("posted", "reversed"))

    def _get_frozen_refusal(self):
        return TrustLockedError(
            self.env._(
                "%(names)s is posted: client money is never changed or deleted. "
                "Reverse it and say why.",
                names=", ".join(self.mapped("name")),
            )
        )

    def _check_still_open(self):
        """Refuse to delete what is posted, whoever asks.

        :raise TrustLockedError: naming them
        """
        if posted := self._get_frozen():
            raise posted._get_frozen_refusal()

    @api.model
    def _protected_fields(self):
        """Fields that posting and reversing alone writes."""
        return super()._protected_fields() | PROTECTED_FIELDS

    def _check_protected(self, vals):
        """Any mention is refused, of new movements too; a transfer to the office comes
        from a payment only."""
        touched = self._protected_fields() & vals.keys()
        if vals.get("kind") == "office_transfer":
            touched.add("kind")
        if touched and not self._is_internal():
            raise ProtectedFieldError(
                self._get_protected_refusal(self._get_labels(touched))
            )

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s of client money is set by Post, Reverse and by payments from the "
            "client account.",
            fields=labels,
        )
