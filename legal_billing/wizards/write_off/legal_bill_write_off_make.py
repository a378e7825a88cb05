from odoo import api, fields, models

from ...exceptions import WriteOffError
from ...models.write_off.legal_bill_write_off import TREATMENTS
from ...tools import CLOSE_WINDOW, notify


class LegalBillWriteOffMake(models.TransientModel):
    """Asks how much of which bills is written off, why, when and with which tax."""

    _name = "legal.bill.write.off.make"
    _description = "Write off Bills"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=lambda self: self._default_date())
    reason = fields.Char()
    treatment = fields.Selection(
        TREATMENTS,
        string="Tax",
        required=True,
        compute="_compute_treatment",
        store=True,
        readonly=False,
        precompute=True,
    )
    account_id = fields.Many2one(
        "account.account", string="Written off to", compute="_compute_account_id"
    )
    line_ids = fields.One2many("legal.bill.write.off.make.line", "window_id")
    total = fields.Monetary(compute="_compute_total")
    count = fields.Integer(compute="_compute_total", string="Bills")
    problem_text = fields.Text(compute="_compute_problem_text")

    def _default_date(self):
        return fields.Date.context_today(self)

    @api.depends("company_id")
    def _compute_treatment(self):
        for window in self:
            relief = window.company_id.legal_write_off_tax_relief
            window.treatment = "credit_note" if relief else "entry"

    @api.depends("company_id")
    def _compute_account_id(self):
        for window in self:
            company = window.company_id
            window.account_id = (
                company.legal_write_off_account_id
                or company.account_journal_early_pay_discount_loss_account_id
            )

    @api.depends("line_ids.amount", "date")
    def _compute_total(self):
        for window in self:
            rows = window.line_ids.filtered("amount")
            window.count = len(rows)
            window.total = sum(
                row.currency_id._convert(
                    row.amount,
                    window.currency_id,
                    window.company_id,
                    window.date or fields.Date.context_today(window),
                )
                for row in rows
            )

    @api.depends("line_ids.amount", "date", "treatment")
    def _compute_problem_text(self):
        write_offs = self.env["legal.bill.write.off"]
        for window in self:
            problems = write_offs._get_problems(
                window._get_amounts(),
                window.date or fields.Date.context_today(window),
                window.treatment,
            )
            window.problem_text = (
                "\n".join(text for texts in problems.values() for text in texts)
                or False
            )

    def _get_amounts(self):
        """:return: ``{bill: amount}`` of the rows that have one"""
        return {row.bill_id._origin: row.amount for row in self.line_ids if row.amount}

    def action_write_off(self):
        """Write the balances off.

        :return: an action that closes the window
        :rtype: dict
        :raise WriteOffError: if none of the bills is left
        """
        self.ensure_one()
        self.env["legal.bulk.selection"]._settle(self.line_ids, WriteOffError)
        rows = self.env["legal.bill.write.off"]._write_off(
            self._get_amounts(), self.reason, self.date, self.treatment
        )
        return notify(
            self.env._("Balances written off: %(count)s.", count=len(rows)),
            CLOSE_WINDOW,
        )


class LegalBillWriteOffMakeLine(models.TransientModel):
    """One bill of the window."""

    _name = "legal.bill.write.off.make.line"
    _inherit = ["legal.window.guard"]
    _description = "Write off Bills, one Bill"

    window_id = fields.Many2one(
        "legal.bill.write.off.make", required=True, index=True, ondelete="cascade"
    )
    bill_id = fields.Many2one("account.move", required=True, readonly=True)
    currency_id = fields.Many2one(related="bill_id.currency_id")
    matter_id = fields.Many2one(related="bill_id.matter_id")
    client_id = fields.Many2one(related="bill_id.client_id")
    invoice_date_due = fields.Date(related="bill_id.invoice_date_due")
    amount_residual = fields.Monetary(
        related="bill_id.amount_residual", string="Balance"
    )
    disputed_amount = fields.Monetary(related="bill_id.disputed_amount")
    amount = fields.Monetary(string="Write off")
