from odoo import api, fields, models
from odoo.fields import Command


class LegalPayment(models.Model):
    """The figures of a slip: what is spread, what is left, what the bank knows."""

    _inherit = "legal.payment"

    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Of the bills; one payment pays bills of one currency.",
    )
    bank_currency_id = fields.Many2one(
        "res.currency", compute="_compute_bank_currency_id"
    )
    has_bank_currency = fields.Boolean(compute="_compute_bank_currency_id")
    needs_reapply = fields.Boolean(
        compute="_compute_needs_reapply",
        store=True,
        help="The amount or the rule changed after the rule was applied.",
    )
    allocated_amount = fields.Monetary(compute="_compute_allocated", store=True)
    credit_amount = fields.Monetary(
        string="To credits", compute="_compute_allocated", store=True
    )
    write_off_amount = fields.Monetary(
        string="Written off", compute="_compute_allocated", store=True
    )
    difference_amount = fields.Monetary(
        string="Left", compute="_compute_allocated", store=True
    )
    is_credit_homeless = fields.Boolean(
        compute="_compute_credit_choice",
        help="A surplus waits for somebody to say whose credit it is.",
    )
    credit_matter_id = fields.Many2one(
        "project.project",
        string="Credit of",
        compute="_compute_credit_choice",
        readonly=False,
        help="The matter that gets what no bill takes.",
    )
    can_choose_credit_matter = fields.Boolean(compute="_compute_credit_choice")
    has_write_off = fields.Boolean(compute="_compute_credit_choice")
    has_overpayment = fields.Boolean(compute="_compute_credit_choice")
    bill_count = fields.Integer(
        string="Bills", compute="_compute_allocated", store=True
    )
    bank_status = fields.Selection(
        [("open", "Not matched"), ("matched", "Matched")],
        compute="_compute_bank_status",
    )

    @api.depends("allocation_ids.bill_id", "company_id")
    def _compute_currency_id(self):
        for payment in self:
            currency = payment.allocation_ids.bill_id.currency_id
            company = payment.company_id or self.env.company
            payment.currency_id = (
                currency
                if len(currency) == 1
                else payment.currency_id or company.currency_id
            )

    @api.depends("journal_id", "currency_id", "source")
    def _compute_bank_currency_id(self):
        for payment in self:
            company_currency = payment.company_id.currency_id
            payment.bank_currency_id = (
                payment.journal_id.currency_id or company_currency
            )
            payment.has_bank_currency = (
                payment.source in ("bank", "cash", "client_account")
                and payment.bank_currency_id != payment.currency_id
            )

    @api.depends(
        "amount",
        "state",
        "allocation_ids.amount",
        "allocation_ids.is_selected",
        "allocation_ids.kind",
        "allocation_ids.overpayment_amount",
    )
    def _compute_allocated(self):
        for payment in self:
            rows = payment._get_rows()
            money = rows.filtered(lambda row: row.kind != "write_off")
            credit_rows = rows.filtered(lambda row: row.kind == "credit")
            total = sum(money.mapped("amount"))
            currency = payment.currency_id or payment.company_id.currency_id
            payment.allocated_amount = currency.round(total)
            payment.difference_amount = currency.round(payment.amount - total)
            payment.write_off_amount = sum((rows - money).mapped("amount"))
            payment.credit_amount = sum(credit_rows.mapped("amount")) + sum(
                money.mapped("overpayment_amount")
            )
            payment.bill_count = len(
                rows.filtered(lambda row: row.bill_id and row.amount).bill_id
            )

    @api.depends(
        "state",
        "amount",
        "payment_rule_id",
        "applied_amount",
        "applied_rule_id",
        "difference_amount",
        "allocation_ids.amount",
    )
    def _compute_needs_reapply(self):
        for payment in self:
            currency = payment.currency_id or payment.company_id.currency_id
            is_amount = currency.compare_amounts(
                payment.amount, payment.applied_amount
            ) and not currency.is_zero(payment.difference_amount)
            is_rule = payment.payment_rule_id != payment.applied_rule_id
            payment.needs_reapply = (
                payment.state == "draft"
                and any(payment.allocation_ids.mapped("amount"))
                and bool(is_amount or is_rule)
            )

    @api.depends("account_payment_id.is_matched", "state")
    def _compute_bank_status(self):
        for payment in self:
            payment.bank_status = (
                ("matched" if payment._get_matched_bank_lines() else "open")
                if payment.account_payment_id
                else False
            )

    @api.depends(
        "allocation_ids.matter_id",
        "allocation_ids.is_selected",
        "allocation_ids.amount",
        "allocation_ids.kind",
        "allocation_ids.overpayment_amount",
        "difference_amount",
        "payment_rule_id",
        "source",
        "direction",
    )
    def _compute_credit_choice(self):
        """What the foot of the slip asks: whose credit is the surplus?"""
        for payment in self:
            rows = payment._get_rows()
            credit_rows = rows.filtered(lambda row: row.kind == "credit" and row.amount)
            payment.is_credit_homeless = any(not row.matter_id for row in credit_rows)
            payment.credit_matter_id = (
                credit_rows.matter_id if len(credit_rows) == 1 else False
            )
            payment.can_choose_credit_matter = payment._may_overpay() and (
                payment.is_credit_homeless
                or len(credit_rows) == 1
                or (not credit_rows and payment.difference_amount > 0)
            )
            payment.has_write_off = any(row.kind == "write_off" for row in rows)
            payment.has_overpayment = any(
                row.kind == "bill" and row.overpayment_amount for row in rows
            )

    @api.onchange("credit_matter_id")
    def _onchange_credit_matter_id(self):
        """What is left, and what waits for a matter, becomes this matter's credit."""
        matter = self.credit_matter_id
        if not matter or self.state != "draft":
            return
        credit_rows = self._get_rows().filtered(lambda row: row.kind == "credit")
        rows = credit_rows.filtered(lambda row: not row.matter_id) or credit_rows
        left = self.difference_amount
        if len(rows) == 1:
            rows.matter_id = matter
            rows.amount = max(rows.amount + left, 0.0)
        elif not rows and left > 0:
            self.allocation_ids = [
                Command.create(
                    {
                        "kind": "credit",
                        "matter_id": matter.id,
                        "amount": left,
                        "sequence": 9999,
                    }
                )
            ]
