from odoo import api, fields, models


class AccountMoveLine(models.Model):
    """Ledgers of a matter."""

    _inherit = "account.move.line"

    cumulated_credit = fields.Monetary(
        string="Credit left",
        currency_field="company_currency_id",
        compute="_compute_cumulated_credit",
        exportable=False,
        help="Credits left after this item; credits count as positive here.",
    )

    @api.depends_context("order_cumulated_balance", "domain_cumulated_balance")
    def _compute_cumulated_credit(self):
        for line in self:
            line.cumulated_credit = -line.cumulated_balance
