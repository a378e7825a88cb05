from odoo import models


class AccountMoveSendBatchWizard(models.TransientModel):
    _inherit = "account.move.send.batch.wizard"

    def action_send_and_print(self, **kwargs):
        """The cron that does the work may do everything: ask for the role here."""
        bills = self.move_ids._get_bills()
        if bills:
            bills._check_role("biller", "manager")
        return super().action_send_and_print(**kwargs)
