from odoo import api, fields, models

from ...tools import BILL_ELEMENTS


class LegalBillCredit(models.TransientModel):
    """Asks which parts of a bill are credited: by amount, or a share of all."""

    _name = "legal.bill.credit"
    _inherit = ["legal.window.guard"]
    _description = "Credit a Part of a Bill"

    bill_id = fields.Many2one("account.move", required=True, readonly=True)
    currency_id = fields.Many2one(related="bill_id.currency_id")
    amount_residual = fields.Monetary(
        related="bill_id.amount_residual", string="Amount due"
    )
    reason = fields.Char()
    date = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self)
    )
    percent = fields.Float(
        string="Share of everything (%)", help="Credits this share of every part."
    )
    line_ids = fields.One2many("legal.bill.credit.line", "window_id")
    net_amount = fields.Monetary(compute="_compute_amounts", string="Net")
    total = fields.Monetary(compute="_compute_amounts", string="Credit with tax")
    is_full = fields.Boolean(compute="_compute_amounts")
    is_above_balance = fields.Boolean(compute="_compute_amounts")
    can_approve = fields.Boolean(compute="_compute_can_approve")

    @api.depends("line_ids.amount")
    def _compute_amounts(self):
        for window in self:
            rows = window.line_ids
            currency = window.currency_id
            window.net_amount = sum(rows.mapped("amount"))
            bill = window.bill_id._origin
            open_rows = {row["key"]: row for row in bill._get_credit_rows()}
            window.total = sum(
                bill._get_credit_gross(open_rows[row.key], row.amount)
                for row in rows
                if row.amount and row.key in open_rows
            )
            window.is_full = all(
                not currency.compare_amounts(row.amount, row.open_amount)
                for row in rows
            )
            window.is_above_balance = (
                currency.compare_amounts(window.total, window.amount_residual) > 0
            )

    def _compute_can_approve(self):
        for window in self:
            window.can_approve = window.bill_id._has_role("approver", "manager")

    @api.onchange("percent")
    def _onchange_percent(self):
        for row in self.line_ids:
            row.percent = self.percent
            row._onchange_percent()

    def action_credit(self):
        """Make the credit note.

        :return: its page
        :rtype: dict
        """
        self.ensure_one()
        note = self.bill_id._credit_parts(
            {row.key: row.amount for row in self.line_ids}, self.reason, self.date
        )
        return note.get_formview_action()


class LegalBillCreditLine(models.TransientModel):
    """One part of the bill: an element or a type of disbursement with its taxes."""

    _name = "legal.bill.credit.line"
    _description = "Credit a Part of a Bill, one Part"

    window_id = fields.Many2one(
        "legal.bill.credit", required=True, index=True, ondelete="cascade"
    )
    key = fields.Char(required=True, readonly=True)
    name = fields.Char(readonly=True)
    bill_element = fields.Selection(BILL_ELEMENTS, readonly=True, string="Bill element")
    tax_ids = fields.Many2many(
        "account.tax", "legal_bill_credit_line_tax_rel", "line_id", "tax_id"
    )
    currency_id = fields.Many2one(related="window_id.currency_id")
    billed_amount = fields.Monetary(readonly=True, string="Billed amount")
    open_amount = fields.Monetary(string="Not credited", readonly=True)
    percent = fields.Float(string="%", digits=(5, 2))
    amount = fields.Monetary(string="Credit, net")

    @api.onchange("percent")
    def _onchange_percent(self):
        for row in self:
            amount = row.currency_id.round(row.billed_amount * row.percent / 100)
            row.amount = min(amount, row.open_amount)

    @api.onchange("amount")
    def _onchange_amount(self):
        for row in self:
            if row.billed_amount:
                row.percent = 100 * row.amount / row.billed_amount
