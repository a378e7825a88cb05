from odoo import api, fields, models
from odoo.fields import Command, Domain

from .legal_payment_allocation import ELEMENT_FIELDS, WITHOUT_MONEY

#: Dates of slips within these are everyday.
DAYS_AHEAD = 7
DAYS_BEHIND = 92
#: Columns of rows that are added up below them.
TOTALS = (
    "outstanding_amount",
    "payable_amount",
    "amount",
    "overpayment_amount",
    *ELEMENT_FIELDS.values(),
)


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
    allocated_amount = fields.Monetary(
        compute="_compute_allocated", store=True, string="Allocated amount"
    )
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
    has_notes = fields.Boolean(compute="_compute_has_notes")
    has_withheld = fields.Boolean(compute="_compute_credit_choice")
    withheld_amount = fields.Monetary(
        string="Withheld",
        compute="_compute_credit_choice",
        help="Tax that clients withheld: it settles bills, and is claimed from the tax "
        "office.",
    )
    has_overpayment = fields.Boolean(compute="_compute_credit_choice")
    bill_count = fields.Integer(
        string="Bills", compute="_compute_allocated", store=True
    )
    bill_matter_ids = fields.Many2many(
        "project.project",
        string="Matters of the bills",
        compute="_compute_bill_matter_ids",
        context={"active_test": False},
    )
    slip_bill_ids = fields.Many2many(
        "account.move",
        string="Bills of the slip",
        compute="_compute_bill_matter_ids",
        help="What a write-off row may name.",
    )
    may_credit_any_matter = fields.Boolean(compute="_compute_bill_matter_ids")
    date_note = fields.Char(compute="_compute_date_note")
    available_amount = fields.Monetary(
        string="Available",
        compute="_compute_available_amount",
        help="What the matter's credits, or its client money, can pay on the date.",
    )
    held_amount = fields.Monetary(
        string="Held by other drafts",
        compute="_compute_held",
        help="What the bills of this slip would take, were it not on other drafts.",
    )
    held_note = fields.Char(compute="_compute_held")
    allocation_totals = fields.Json(
        compute="_compute_allocation_totals",
        help="What the columns of all rows add up to; the page shows some of them.",
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
                payment._get_source().debits == "journal"
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
            money = rows.filtered(lambda row: row.kind not in WITHOUT_MONEY)
            credit_rows = rows.filtered(lambda row: row.kind == "credit")
            total = sum(money.mapped("amount"))
            currency = payment.currency_id or payment.company_id.currency_id
            payment.allocated_amount = currency.round(total)
            payment.difference_amount = currency.round(payment.amount - total)
            payment.write_off_amount = sum(
                row.amount for row in rows if row.kind == "write_off"
            )
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
        "allocation_ids.kind",
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
                and any(
                    row.amount
                    for row in payment.allocation_ids
                    if row.kind not in WITHOUT_MONEY
                )
                and bool(is_amount or is_rule)
            )

    @api.depends("allocation_ids.payable_note", "allocation_ids.kind")
    def _compute_has_notes(self):
        """What is written off or withheld has columns of its own that say so."""
        for payment in self:
            payment.has_notes = any(
                row.payable_note
                for row in payment.allocation_ids
                if row.kind not in WITHOUT_MONEY
            )

    @api.depends("allocation_ids.bill_id", "matter_id")
    @api.depends_context("uid")
    def _compute_bill_matter_ids(self):
        """What the look-up of a credit's matter shows besides the payer's own."""
        is_manager = self._has_own_role("manager")
        for payment in self:
            matters = payment.allocation_ids.bill_id.matter_ids or payment.matter_id
            payment.bill_matter_ids = matters
            payment.slip_bill_ids = payment.allocation_ids.bill_id
            payment.may_credit_any_matter = is_manager

    @api.depends("date", "state")
    def _compute_date_note(self):
        """A remark on a date that is probably a slip of the finger."""
        today = fields.Date.context_today(self)
        for payment in self:
            days = (payment.date - today).days if payment.date else 0
            if payment.state != "draft" or -DAYS_BEHIND <= days <= DAYS_AHEAD:
                payment.date_note = False
            elif days > 0:
                payment.date_note = self.env._(
                    "The date is %(count)s days ahead. Is that right?", count=days
                )
            else:
                payment.date_note = self.env._(
                    "The date is %(count)s days back. Is that right?", count=-days
                )

    @api.depends(
        "state",
        "source",
        "matter_id",
        "client_journal_id",
        "currency_id",
        "date",
        "allocation_ids.bill_id",
    )
    def _compute_available_amount(self):
        for payment in self:
            matter = payment.matter_id or payment.allocation_ids.bill_id.matter_id
            is_shown = (
                payment.state == "draft"
                and payment.direction == "in"
                and payment._get_source().is_of_one_matter
                and len(matter) == 1
            )
            payment.available_amount = (
                payment._get_available_amount(matter._origin) if is_shown else 0.0
            )

    def _get_available_amount(self, matter):
        """What a matter's credits can pay on the slip's date; the room of the client
        account extends it for client money.

        :param project.project matter:
        :rtype: float
        """
        if self._get_source().debits != "credits":
            return 0.0
        credits = matter._get_open_credits(self.currency_id, self.date)
        return -sum(credits.mapped("amount_residual_currency"))

    @api.onchange("matter_id", "source", "client_journal_id")
    def _onchange_available_amount(self):
        """What is there is used, as far as it may pay bills."""
        if self.amount or not self.available_amount or not self.matter_id:
            return
        total = self._get_open_total(self.matter_id._origin)
        self.amount = self.currency_id.round(
            max(min(self.available_amount, total), 0.0)
        )

    def _get_open_total(self, matter):
        """What bills of a matter could take of what it has; the room of the client
        account extends it for client money.

        :param project.project matter:
        :rtype: float
        """
        bills = self.env["account.move"]
        domain = self._get_open_bills_domain(self.company_id, matter=matter) & Domain(
            "currency_id", "=", self.currency_id.id
        )
        [(total, disputed)] = bills._read_group(
            domain & Domain("matter_id", "!=", False),
            [],
            ["amount_residual:sum", "disputed_amount:sum"],
        )
        several = bills.search(domain & Domain("matter_id", "=", False))
        parts = several._get_payable_of(matter)
        return (total or 0.0) - (disputed or 0.0) + sum(parts.values())

    @api.depends(
        "state",
        "direction",
        "difference_amount",
        "allocation_ids.held_amount",
        "allocation_ids.is_selected",
        "allocation_ids.overpayment_amount",
    )
    def _compute_held(self):
        """What other drafts keep from this slip while it has money for it."""
        for payment in self:
            payment.held_amount, payment.held_note = 0.0, False
            if payment.state != "draft" or payment.direction == "out":
                continue
            rows = payment._get_rows().filtered(
                lambda row: row.kind == "bill" and row.held_amount
            )
            currency = payment.currency_id or payment.company_id.currency_id
            left = max(payment.difference_amount, 0.0)
            left += sum(min(row.overpayment_amount, row.held_amount) for row in rows)
            held = currency.round(min(sum(rows.mapped("held_amount")), left))
            if held > 0:
                payment.held_amount = held
                payment.held_note = payment._get_held_note(rows, held)

    def _get_held_note(self, rows, held):
        """Who holds how much since when.

        :param legal.payment.allocation rows:
        :param float held:
        :rtype: str
        """
        others_sudo = self._get_holding_slips(rows).sudo()  # whose drafts these are
        return self.env._(
            "%(amount)s is held by %(slips)s",
            amount=self.currency_id.format_signed(held),
            slips=", ".join(
                self.env._(
                    "%(slip)s of %(user)s (%(bills)s)",
                    slip=slip.display_name,
                    user=slip.create_uid.name,
                    bills=", ".join(
                        (slip.allocation_ids.bill_id & rows.bill_id._origin).mapped(
                            "name"
                        )[:3]
                    ),
                )
                for slip in others_sudo[:3]
            ),
        )

    def _get_holding_slips(self, rows=None):
        """Other drafts that hold something of this slip's bills.

        :param legal.payment.allocation rows: else all ticked ones
        :rtype: legal.payment
        """
        rows = self._get_rows() if rows is None else rows
        own = self._origin
        return self.browse().union(
            *(
                slip
                for holders in rows._get_reservations().values()
                for slip, _amount, _matter in holders
                if slip != own
            )
        )

    @api.depends(*(f"allocation_ids.{name}" for name in TOTALS))
    def _compute_allocation_totals(self):
        for payment in self:
            currency = payment.currency_id or payment.company_id.currency_id
            payment.allocation_totals = {
                name: currency.round(sum(payment.allocation_ids.mapped(name)))
                for name in TOTALS
            }

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
            withheld = rows.filtered(lambda row: row.kind == "withheld")
            payment.has_withheld = bool(withheld)
            payment.withheld_amount = sum(withheld.mapped("amount"))
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
