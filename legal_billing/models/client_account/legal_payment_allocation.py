from odoo import models


class LegalPaymentAllocation(models.Model):
    _inherit = "legal.payment.allocation"

    def write(self, vals):
        """After the rooms below have written: what a payment from client money pays has
        changed, so its preparer has, too."""
        result = super().write(vals)
        if {"amount", "bill_id", "is_selected"} & vals.keys():
            self._note_amounts()
        return result

    def _note_amounts(self):
        """Whoever changes an amount, by a rule too, prepared the payment."""
        super()._note_amounts()
        if self._is_internal():
            return
        drafts = self.payment_id.filtered(lambda p: p.source == "client_account")
        other = drafts.filtered(
            lambda p: p.client_money_prepared_by_id.id != self.env.uid
        )
        other.write({"client_money_prepared_by_id": self.env.uid})
