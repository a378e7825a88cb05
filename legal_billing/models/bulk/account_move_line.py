from contextlib import contextmanager

from odoo import api, models

from ...tools import Sign, companies_fit, is_internal, is_making_bills


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
        """For items that billing itself writes core's answer is found for all of them
        together; where it is not plainly yes, core checks and refuses as ever."""
        if is_internal(self.env) and companies_fit(self, fnames):
            return
        super()._check_company(fnames)

    @api.model_create_multi
    def create(self, vals_list):
        """Items of our own entries have what they copy from the entry at once: core
        gives it to them afterwards, and updates each once more."""
        if is_internal(self.env):
            moves = self.env["account.move"]
            vals_list = [
                vals
                | {
                    "date": move.date,
                    "invoice_date": move.invoice_date,
                    "parent_state": move.state,
                }
                for vals in vals_list
                for move in moves.browse(vals["move_id"])
            ]
        return super().create(vals_list)

    @contextmanager
    def _sync_invoice(self, container):
        """Items of new bills have both their amounts: core need not look at each
        before and after to work out the one from the other."""
        if is_making_bills(self.env):
            container["records"] = container["records"].with_context(
                skip_invoice_line_sync=True
            )
        with super()._sync_invoice(container):
            yield
