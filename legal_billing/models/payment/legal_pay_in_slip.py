from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...exceptions import PaymentError
from ...tools import Block, Column, Paper, Row

#: Written by the buttons alone.
PROTECTED_FIELDS = {
    "name",
    "state",
    "company_id",
    "journal_id",
    "payment_ids",
    "amount",
    "payment_count",
    "deposited_by_id",
    "deposited_on",
}


class LegalPayInSlip(models.Model):
    """Cheques and cash that are carried to a bank together. Each payment is on one slip,
    so that none is paid in twice; once the bank has it, the slip stays."""

    _name = "legal.pay.in.slip"
    _inherit = ["legal.own.company", "legal.billing.guard"]
    _description = "Pay-in Slip"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    state = fields.Selection(
        [("draft", "To pay in"), ("paid_in", "Paid in")],
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Received in",
        required=True,
        check_company=True,
        help="Bank or cash in which the payments are booked.",
    )
    bank_journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        check_company=True,
        domain=lambda self: self._domain_bank_journal_id(),
        help="Where they are paid in. That cash moves to the bank is booked when the "
        "bank's statement shows it.",
    )
    date = fields.Date(
        string="Day", required=True, default=fields.Date.context_today, copy=False
    )
    note = fields.Char(help="A bag's number, or what the bank is to know.")
    payment_ids = fields.One2many(
        "legal.payment", "pay_in_slip_id", string="Payments", copy=False
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary(string="Total", compute="_compute_amount", store=True)
    payment_count = fields.Integer(
        string="Items", compute="_compute_amount", store=True
    )
    deposited_by_id = fields.Many2one(
        "res.users", string="Paid in by", readonly=True, copy=False
    )
    deposited_on = fields.Datetime(string="Paid in on", readonly=True, copy=False)

    _number_unique = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Two pay-in slips of a company cannot have one number.",
    )

    @api.model
    def _domain_bank_journal_id(self):
        return [("type", "=", "bank")]

    # --- computes

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for slip in self:
            journal_sudo = slip.journal_id.sudo()  # the currency alone
            slip.currency_id = (
                journal_sudo.currency_id or journal_sudo.company_id.currency_id
            )

    @api.depends("payment_ids.account_payment_id.amount")
    def _compute_amount(self):
        """All payments count, those behind an information barrier too: the bank gets
        them. What is taken back after it was paid in stays in the sum, for the bank had
        it."""
        carried = self._get_carried()
        for slip in self:
            payments_sudo = carried.get(slip._origin.id, self.env["legal.payment"])
            slip.payment_count = len(payments_sudo)
            slip.amount = sum(payments_sudo.account_payment_id.mapped("amount"))

    def _get_carried(self):
        """All payments of these slips, those behind an information barrier too. They are
        searched for: what is in memory may be what somebody sees.

        :return: ``{slip id: payments as superuser}``
        :rtype: dict
        """
        payments_sudo = self.env["legal.payment"].sudo()
        found = payments_sudo.search([("pay_in_slip_id", "in", self._origin.ids)])
        return {
            slip.id: group for slip, group in found.grouped("pay_in_slip_id").items()
        }

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """Slips are made from payments, by the day's list.

        :raise RoleError:
        :raise ProtectedFieldError:
        """
        self._check_role("cashier", "manager")
        for vals in vals_list:
            self._check_protected(vals)
        return super().create(vals_list)

    def write(self, vals):
        """What the bank has stays as it was paid in.

        :raise ProtectedFieldError:
        """
        self._check_protected(vals)
        self._check_frozen(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid_in(self):
        """A slip that was not carried to the bank goes, and its payments are free."""
        self._check_role("cashier", "manager")
        self._check_frozen()

    @api.model
    def _protected_fields(self):
        """What the buttons write."""
        return super()._protected_fields() | PROTECTED_FIELDS

    @api.model
    def _frozen_fields(self):
        """All of it."""
        return set(self._fields)

    def _get_frozen(self):
        """Those that the bank has."""
        return self.filtered(lambda slip: slip.state == "paid_in")

    def _get_frozen_refusal(self):
        return PaymentError(
            self.env._(
                "%(names)s is paid in and stays as it is. A manager can take it back if "
                "it never reached the bank.",
                names=", ".join(self.mapped("display_name")),
            )
        )

    # --- actions

    @api.model
    def _make(self, payments):
        """Put payments on slips, one for each bank or cash in which they are booked.

        :param legal.payment payments: posted cheques and cash that are on no slip
        :return: the slips
        :rtype: legal.pay.in.slip
        :raise RoleError:
        :raise PaymentError: where there are none, or one is on a slip already
        """
        self._check_role("cashier", "manager")
        if not payments:
            raise PaymentError(
                self.env._(
                    "No cheque and no cash of these days is still to be paid in. Choose "
                    "other days, or look at the pay-in slips."
                )
            )
        if taken := payments.filtered("pay_in_slip_id"):
            raise PaymentError(
                self.env._(
                    "%(payments)s is on %(slips)s already and is not paid in twice.",
                    payments=", ".join(taken.mapped("display_name")),
                    slips=", ".join(taken.pay_in_slip_id.mapped("display_name")),
                )
            )
        slips = self._internal()
        for journal, group in payments.sudo().grouped("journal_id").items():
            company = journal.company_id
            slips |= slips.create(
                {
                    "name": company._next_legal_number("legal.pay.in.slip", self._name),
                    "company_id": company.id,
                    "journal_id": journal.id,
                    "bank_journal_id": self._get_usual_bank(journal).id,
                    "payment_ids": [Command.link(payment.id) for payment in group],
                }
            )
        return slips.with_env(self.env)

    @api.model
    def _get_usual_bank(self, journal_sudo):
        """Where payments of a journal are carried: cheques to their own bank, cash where
        it went the last time, else to the company's first office bank.

        :rtype: account.journal
        """
        if journal_sudo.type == "bank":
            return journal_sudo
        last_sudo = self.sudo().search(
            [("journal_id", "=", journal_sudo.id), ("bank_journal_id", "!=", False)],
            limit=1,
        )
        if last_sudo:
            return last_sudo.bank_journal_id
        return journal_sudo.search(
            self._get_banks_domain(journal_sudo.company_id), limit=1
        )

    @api.model
    def _get_banks_domain(self, company):
        """Banks of the office: those that a slip may be received in.

        :param res.company company:
        :rtype: odoo.fields.Domain
        """
        slip = self.env["legal.payment"].new(
            {"source": "bank", "company_id": company.id}
        )
        return slip._get_journal_domain() & Domain(self._domain_bank_journal_id())

    def action_pay_in(self):
        """Note that the bank has it: by whom, and when.

        :return: True
        :raise RoleError:
        :raise PaymentError: where it is paid in already, is empty, or has no bank
        """
        self._check_role("cashier", "manager")
        self.check_access("write")
        self._check_frozen()
        carried = self._get_carried()
        for slip in self:
            payments_sudo = carried.get(slip.id, self.env["legal.payment"])
            undone = payments_sudo.filtered(lambda payment: payment.state != "posted")
            if undone or not payments_sudo:
                raise PaymentError(
                    self.env._(
                        "%(slip)s has a payment that was taken back (%(payments)s): take "
                        "it off the slip.",
                        slip=slip.name,
                        payments=", ".join(undone.mapped("name")),
                    )
                    if undone
                    else self.env._(
                        "%(slip)s has no payment. Delete it.", slip=slip.name
                    )
                )
            bank_sudo = slip.sudo().bank_journal_id
            if not bank_sudo.filtered_domain(self._get_banks_domain(slip.company_id)):
                raise PaymentError(
                    self.env._(
                        "Choose the bank of %(slip)s: one of the office.",
                        slip=slip.name,
                    )
                )
        self._internal().write(
            {
                "state": "paid_in",
                "deposited_by_id": self.env.uid,
                "deposited_on": fields.Datetime.now(),
            }
        )
        return True

    def action_take_back(self):
        """Say that it never reached the bank: it can be changed and paid in again.

        :return: True
        :raise RoleError: for all but managers
        """
        self._check_role("manager")
        self.check_access("write")
        self._internal()._get_frozen().write(
            {"state": "draft", "deposited_by_id": False, "deposited_on": False}
        )
        return True

    def action_print(self):
        """Print the slip, for the bank.

        :rtype: dict
        :raise RoleError:
        """
        self._check_role("cashier", "manager")
        self.check_access("read")
        return self.env.ref("legal_billing.legal_pay_in_slip_report").report_action(
            self
        )

    # --- the paper

    def _get_paper(self, _kind=None):
        """The slip as rows and a sum, as the day's list has them.

        :rtype: Paper
        :raise RoleError:
        """
        self.ensure_one()
        self._check_role("cashier", "manager")
        slip_sudo = self.sudo()  # sums of what the bank gets, no name
        every = self._get_carried().get(self.id, self.env["legal.payment"])
        shown = self.env["legal.payment"].search([("pay_in_slip_id", "=", self.id)])
        rows = [
            Row(
                (
                    payment.reference or "",
                    payment.received_from_id.display_name or "",
                    payment.name,
                    payment.date,
                    payment.sudo().account_payment_id.amount,
                )
            )
            for payment in shown.sorted(lambda payment: (payment.date, payment.name))
        ]
        if hidden := every - shown.sudo():
            text = self.env._(
                "%(count)s behind an information barrier", count=len(hidden)
            )
            amount = sum(hidden.account_payment_id.mapped("amount"))
            rows.append(Row((text, "", "", "", amount), "soft"))
        text = self.env._("%(count)s in all", count=len(every))
        total = sum(every.account_payment_id.mapped("amount"))
        rows.append(Row((text, "", "", "", self.currency_id.round(total)), "sum"))
        bank_sudo = slip_sudo.bank_journal_id or slip_sudo.journal_id
        number = bank_sudo.bank_account_id.acc_number
        block = Block(
            f"{bank_sudo.name} · {number}" if number else bank_sudo.name,
            [
                Column(self.env._("Cheque or reference")),
                Column(self.env._("Received from")),
                Column(self.env._("Slip")),
                Column(self.env._("Date"), "date"),
                Column(self.env._("Amount"), "amount"),
            ],
            rows,
            currency=self.currency_id,
            subtitle=self.note or "",
        )
        return Paper(
            self.env._("Pay-in slip %(number)s", number=self.name),
            self._show(self.date, None),
            [block],
            signatures=(
                self.env._(
                    "Paid in by %(name)s", name=slip_sudo.deposited_by_id.name or ""
                ).strip(),
                self.env._("Received by the bank"),
            ),
        )

    @api.model
    def _show(self, value, block):
        """A value of the paper as people read it.

        :param value: text, date, amount or nothing
        :param Block block: whose currency amounts have
        :rtype: str
        """
        return self.env["legal.paper.window"]._show(value, block)
