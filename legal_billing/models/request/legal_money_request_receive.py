from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ...exceptions import RequestError
from .legal_money_request import WAITING


class LegalMoneyRequest(models.Model):
    """What comes in of a request: deposits of client money, or payments with their
    bills on account."""

    _inherit = "legal.money.request"

    bank_note = fields.Char(compute="_compute_bank_note")

    # --- computes

    @api.depends(
        "amount",
        "cancelled_on",
        "kind",
        "deposit_ids.state",
        "deposit_ids.amount",
        "payment_ids.state",
        "payment_ids.allocation_ids.amount",
    )
    def _compute_paid_amount(self):
        """Posted deposits, or posted payments: what was reversed does not count."""
        for request in self:
            if request.kind == "client_money":
                parts = [
                    deposit.amount
                    for deposit in request.deposit_ids
                    if deposit.state == "posted"
                ]
            else:
                parts = [
                    payment._get_requested_amount()
                    for payment in request.payment_ids
                    if payment.state == "posted"
                ]
            paid = sum(parts)
            request.paid_amount = paid
            request.open_amount = (
                0.0 if request.cancelled_on else max(0.0, request.amount - paid)
            )

    @api.depends("paid_amount", "amount", "kind", "bill_ids.state")
    def _compute_unbilled_amount(self):
        for request in self:
            request.unbilled_amount = (
                request._get_unbilled() if request.kind == "on_account" else 0.0
            )

    def _get_unbilled(self):
        """What came in and has no bill: a surplus is none, it stays a credit.

        :rtype: float
        """
        self.ensure_one()
        request_sudo = self.sudo()  # bills and credits of the own request
        bills = request_sudo.bill_ids.filtered(lambda bill: bill.state != "cancel")
        notes = bills.reversal_move_ids.filtered(lambda note: note.state == "posted")
        billed = sum(bills.mapped("amount_total")) - sum(notes.mapped("amount_total"))
        left = self.currency_id.round(min(self.paid_amount, self.amount) - billed)
        # of each bill a cent may be left that no net amount comes to
        return left if left > len(bills) * self.currency_id.rounding else 0.0

    @api.depends("amount", "kind", "matter_id", "partner_id")
    def _compute_amount_note(self):
        """Not every amount is a net amount and its tax."""
        for request in self:
            request.amount_note = False
            if request.kind != "on_account" or request.amount <= 0:
                continue
            _net, gross = request._split_tax(request.amount)
            rest = request.currency_id.round(request.amount - gross)
            if rest:
                request.amount_note = self.env._(
                    "No net amount and its tax come to %(amount)s: the bill will be "
                    "for %(gross)s, and %(rest)s stays a credit of the matter.",
                    amount=request.currency_id.format_signed(request.amount),
                    gross=request.currency_id.format_signed(gross),
                    rest=request.currency_id.format_signed(rest),
                )

    def _split_tax(self, gross):
        """The net amount that comes to a gross one with the taxes of the matter's bills
        on account; where none does, the largest that stays below.

        :param float gross:
        :return: ``(net, gross that it comes to)``
        :rtype: tuple
        """
        self.ensure_one()
        # sudo: taxes of the own matter's fees
        maker_sudo = self.env["legal.bill.maker"].sudo()
        taxes = maker_sudo._get_on_account_taxes(self.matter_id, self.partner_id)
        currency, step = self.currency_id, self.currency_id.rounding

        def total(net):
            found = taxes.compute_all(net, currency=currency, partner=self.partner_id)
            return found["total_included"]

        whole = total(gross)
        guess = currency.round(gross * gross / whole) if whole else gross
        best = 0.0, 0.0
        for steps in range(-3, 4):
            net = currency.round(guess + steps * step)
            found = total(net)
            is_below = net > 0 and currency.compare_amounts(found, gross) <= 0
            if is_below and currency.compare_amounts(found, best[1]) > 0:
                best = net, found
        return best

    # --- actions

    def action_receive(self):
        """Enter the money that came in: of client money a deposit, which the
        client-account officer posts, else a payment. A bank line that names the request
        fills it in.

        :return: the page of the draft
        :rtype: dict
        :raise RoleError: without the role of that page
        :raise RequestError: if nothing is asked for any more
        """
        self.ensure_one()
        self._check_waiting()
        if self.kind == "client_money":
            self._check_role("client_account_officer", "manager")
            return self._open_deposit()
        return self._open_payment()

    def _open_deposit(self):
        """
        :rtype: dict
        """
        line_sudo = self._get_bank_lines()[:1]
        defaults = {
            "kind": "deposit",
            "matter_id": self.matter_id.id,
            "money_request_id": self.id,
            "partner_id": self.partner_id.id,
            "amount": line_sudo.amount or self.open_amount,
            "reference": self.name,
        }
        if line_sudo:
            defaults |= {"date": line_sudo.date, "journal_id": line_sudo.journal_id.id}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deposit"),
            "res_model": "legal.trust.transaction",
            "views": [(False, "form")],
            "context": {f"default_{key}": value for key, value in defaults.items()},
        }

    def _open_payment(self):
        """
        :rtype: dict
        """
        payments = self.env["legal.payment"]
        payments._check_cashier()
        line_sudo = self._get_bank_lines()[:1]
        vals = self._prepare_payment_vals(line_sudo.amount or self.open_amount)
        if line_sudo:
            vals |= {
                "date": line_sudo.date,
                "journal_id": line_sudo.journal_id.id,
                "reference": line_sudo.payment_ref,
            }
        return payments.create(vals)._get_form_action()

    def _prepare_payment_vals(self, amount):
        """The slip of money that answers this request: a credit of its matter.

        :param float amount:
        :rtype: dict
        """
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "matter_id": self.matter_id.id,
            "received_from_id": self.partner_id.commercial_partner_id.id,
            "money_request_id": self.id,
            "amount": amount,
            "memo": self.name,
            "allocation_ids": [
                Command.create(
                    {
                        "kind": "credit",
                        "matter_id": self.matter_id.id,
                        "amount": amount,
                    }
                )
            ],
        }

    def action_bill(self):
        """Make the bill on account of what came in and has none, as a draft.

        :return: its page
        :rtype: dict
        :raise RoleError: for those who do not bill and take no payments
        :raise RequestError: if there is nothing to bill
        """
        self.ensure_one()
        self._check_role("biller", "cashier", "manager")
        self.check_access("write")
        bill = self._bill_received()
        if not bill:
            raise RequestError(
                self.env._(
                    "%(name)s: nothing came in that has no bill on account.",
                    name=self.display_name,
                )
            )
        return bill.get_formview_action()

    def action_open_bills(self):
        """The bills on account that came of these requests.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        return action | {
            "domain": [("money_request_id", "in", self.ids)],
            "context": {},
        }

    # --- bills on account

    def _bill_received(self):
        """Make the draft of what came in of this request and has no bill. It is a draft
        as any other: a person with the approver's role approves it.

        :return: the draft, none where there is nothing to bill
        :rtype: account.move
        """
        self.ensure_one()
        bills = self.env["account.move"]
        net, gross = self._split_tax(self._get_unbilled())
        if not net:
            return bills
        payments_sudo = self.sudo().payment_ids.filtered(lambda p: p.state == "posted")
        day = max(payments_sudo.mapped("date"))
        bill = bills.env["legal.bill.maker"]._make_on_account(
            self.matter_id, net, day, self.narrative or "", self.partner_id
        )
        bill._internal().money_request_id = self
        self._message_log(
            body=self.env._(
                "Draft bill on account of %(gross)s for what came in. An approver "
                "approves it; the money pays it then.",
                gross=self.currency_id.format_signed(gross),
            )
        )
        return bill

    def _get_uncovered_bills(self, bills):
        """Drafts on account whose money was taken back since.

        :param account.move bills: that are to be approved together
        :return: those of them that what came in does not cover
        :rtype: account.move
        """
        self.ensure_one()
        request_sudo = self.sudo()  # bills and money of the own request
        posted = request_sudo.bill_ids.filtered(lambda bill: bill.state == "posted")
        notes = posted.reversal_move_ids.filtered(lambda note: note.state == "posted")
        standing = sum(posted.mapped("amount_total")) - sum(
            notes.mapped("amount_total")
        )
        received = min(request_sudo.paid_amount, request_sudo.amount)
        uncovered = bills.browse()
        for bill in (bills & request_sudo.bill_ids).sorted("id"):
            standing += bill.amount_total
            if bill.currency_id.compare_amounts(standing, received) > 0:
                uncovered |= bill
                standing -= bill.amount_total
        return uncovered

    # --- bank lines

    @api.model
    def _find_named(self, company, *texts):
        """Requests for client money that wait, and that one of these texts names, with
        or without the strokes of their numbers. Called as superuser.

        :param res.company company:
        :param texts: of a bank line or a slip, some empty
        :rtype: legal.money.request
        """
        said = " ".join(filter(None, texts)).upper()
        compact = "".join(part for part in said if part.isalnum())
        if not compact:
            return self.browse()
        waiting = self.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "client_money"),
                ("state", "in", WAITING),
            ]
        )
        return waiting.filtered(
            lambda request: (
                "".join(part for part in request.name.upper() if part.isalnum())
                in compact
            )
        )

    def _get_bank_lines(self, is_fitting=True):
        """Bank lines that name this request and are matched with nothing, the newest
        first.

        :param bool is_fitting: of the accounts that such money belongs in; else of the
            others
        :return: as superuser
        :rtype: account.bank.statement.line
        """
        self.ensure_one()
        lines_sudo = self.env["account.bank.statement.line"].sudo()  # of own requests
        if not self.name:
            return lines_sudo
        compact = "".join(part for part in self.name if part.isalnum())
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("is_reconciled", "=", False)
            & Domain("amount", ">", 0)
            & Domain(
                "journal_id.is_client_account",
                "=",
                (self.kind == "client_money") == is_fitting,
            )
            & Domain.OR(
                Domain(field, "ilike", text)
                for field in ("payment_ref", "ref")
                for text in {self.name, compact}
            )
        )
        # entered already, and not matched with the bank yet
        taken = {
            (record.date, record.amount)
            for records in (self.sudo().deposit_ids, self.sudo().payment_ids)
            for record in records
            if record.state == "posted"
        }
        return lines_sudo.search(domain, order="date desc, id desc").filtered(
            lambda line: (line.date, line.amount) not in taken
        )

    @api.depends("state", "name", "paid_amount")
    def _compute_bank_note(self):
        for request in self:
            request.bank_note = request._get_bank_note()

    def _get_bank_note(self):
        """What the bank says of a request that waits for money.

        :rtype: str
        """
        if self.state not in WAITING:
            return False
        if line_sudo := self._get_bank_lines()[:1]:
            return self.env._(
                "%(amount)s came to %(journal)s on %(day)s and names this request.",
                **self._prepare_bank_words(line_sudo),
            )
        if line_sudo := self._get_bank_lines(is_fitting=False)[:1]:
            return self.env._(
                "%(amount)s came to %(journal)s on %(day)s and names this request, "
                "but this kind of money does not belong there. Pay it over to the "
                "right account, or give it back.",
                **self._prepare_bank_words(line_sudo),
            )
        return False

    def _prepare_bank_words(self, line_sudo):
        """
        :rtype: dict
        """
        return {
            "amount": line_sudo.currency_id.format_signed(line_sudo.amount),
            "journal": line_sudo.journal_id.display_name,
            "day": format_date(self.env, line_sudo.date),
        }
