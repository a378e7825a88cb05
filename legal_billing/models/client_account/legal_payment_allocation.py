from odoo import models

from ...tools import BY_RULE


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
        result = super()._note_amounts()
        self._note_client_money_prepared()
        return result

    def _note_preparer(self):
        """Whoever changes by hand what client money pays has prepared the payment: the
        second person is another one."""
        result = super()._note_preparer()
        if self.env.context.get("legal_billing_applied_rule") is not BY_RULE:
            self._note_client_money_prepared()
        return result

    def _note_client_money_prepared(self):
        """The user has prepared those of the slips that pay from client money."""
        if self._is_internal():
            return
        drafts = self.payment_id.filtered(lambda p: p.source == "client_account")
        other = drafts.filtered(
            lambda p: p.client_money_prepared_by_id != self.env.user
        )
        if other:
            other.write({"client_money_prepared_by_id": self.env.uid})
