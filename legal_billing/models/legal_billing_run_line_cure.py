from odoo import models

#: Reasons that are looked at in the entries themselves.
ENTRY_REASONS = (
    "no_rate",
    "after_cutoff",
    "nothing_chargeable",
    "zero",
    "below_scope",
    "too_young",
)


class LegalBillingRunLine(models.Model):
    """The buttons that mend what holds a row back, or what made it fail."""

    _inherit = "legal.billing.run.line"

    def action_cure(self):
        """Do, or open, what makes this row billable.

        :return: an action, or True when it is done
        """
        self.ensure_one()
        self.run_id._check_biller()
        if self.reason_code == "left_out":
            return self._refresh()
        if self.reason_code == "unticked":
            return self._tick_all()
        if self.reason_code == "no_exchange_rate":
            return self._open_exchange_rates()
        if self.reason_code in ENTRY_REASONS:
            return self.action_open_entries()
        return super().action_cure()

    def _tick_all(self):
        self.sudo().unticked_ids = False  # the role was checked by the action
        return self._refresh()

    def _open_exchange_rates(self):
        """Open the currency that has no rate.

        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.currency",
            "res_id": self.currency_id.id,
            "views": [(False, "form")],
        }
