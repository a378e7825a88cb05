from odoo import api, models


class LegalBillShare(models.Model):
    """Who may change the shares of a draft, and until when."""

    _inherit = "legal.bill.share"

    @api.depends("bill_id.amount_residual")
    def _compute_amounts(self):
        """Of bills that name their payers what is credited and paid is looked up."""
        result = super()._compute_amounts()
        # sudo: what settled bills that the user reads
        bills_sudo = self.bill_id.sudo().filtered(
            lambda bill: bill.is_shared and bill.state == "posted"
        )
        settled = bills_sudo._get_settled_shares()
        for share in self:
            if share.id in settled:
                amount, paid = settled[share.id]
                share.amount, share.paid_amount = float(amount), float(paid)
        return result

    @api.model
    def _on_shares_edited(self, bills):
        """Shares are changed on the draft that holds the entries, by whoever may edit
        it; the set is made anew by Split again.

        :raise BillStageError: for bills that are no drafts
        :raise RoleError: for users who may not edit them
        """
        result = super()._on_shares_edited(bills)
        bills._check_can_edit_draft()
        bills._check_charges_work()
        bills._check_one_matter()
        bills._check_holds_entries()
        bills._internal().write({"is_split_due": True})
        return result
