from odoo import models

from ..tools import Sign, companies_fit, is_making_bills


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _create_analytic_lines(self):
        """Core asks the database for each line's analytic accounts: ask once."""
        if len(self.move_id) > 1 and self.move_id == self.move_id._get_bills():
            accounts = self.env["account.analytic.account"].browse(
                {
                    int(account_id)
                    for line in self
                    for key in line.analytic_distribution or {}
                    for account_id in key.split(",")
                }
            )
            existing = accounts.exists()
            self = self.with_context(
                legal_billing_existing=Sign("existing", set(existing.ids))
            )
        return super()._create_analytic_lines()

    def _check_company(self, fnames=None):
        if is_making_bills(self.env) and companies_fit(self, fnames):
            return
        super()._check_company(fnames)
