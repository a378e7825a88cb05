from odoo import models


class LegalPaymentAllocation(models.Model):
    _inherit = "legal.payment.allocation"

    def write(self, vals):
        """Whoever changes an amount prepared the payment."""
        result = super().write(vals)
        if not self.env["account.move"]._is_billing_internal() and (
            {"amount", "bill_id", "is_selected"} & vals.keys()
        ):
            drafts = self.payment_id.filtered(lambda p: p.source == "client_account")
            other = drafts.filtered(
                lambda p: p.client_money_prepared_by_id.id != self.env.uid
            )
            other.write({"client_money_prepared_by_id": self.env.uid})
        return result
