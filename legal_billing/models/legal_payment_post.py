from dataclasses import dataclass, field

from odoo import fields, models
from odoo.fields import Command

from .. import engine
from ..engine.decimals import to_decimal
from ..exceptions import ConfigurationError, CreditError, PaymentError
from .legal_payment import SINGLE_MATTER_SOURCES


@dataclass
class PostingItem:
    """One journal item of a payment, besides bank or cash.

    ``amount`` is a credit in the payment's currency (negative: a debit); ``targets``
    are the open items it is matched with, with nothing else.
    """

    amount: float
    name: str
    account: models.Model
    partner: models.Model
    matter: models.Model
    targets: models.Model
    balance: float | None = None
    extra_vals: dict = field(default_factory=dict)

    def prepare_vals(self, currency, balance):
        """Values of the journal item.

        :param res.currency currency: of the payment
        :param float balance: credit in company currency
        :rtype: dict
        """
        return {
            "name": self.name,
            "account_id": self.account.id,
            "partner_id": self.partner.id,
            "matter_id": self.matter.id,
            "currency_id": currency.id,
            "amount_currency": -self.amount,
            "balance": -balance,
            **self.extra_vals,
        }


class LegalPayment(models.Model):
    """Posting: one office entry, exact pairs."""

    _inherit = "legal.payment"

    # --- action

    def action_post(self):
        """Post the payments: journal entries, reconciliation of every bill with
        exactly its amount, credits of matters.

        :return: True
        :raise RoleError: without the cashier's role
        :raise PaymentError: if the rows do not add up to the amount, a bill changed
            meanwhile, or something is missing
        :raise CreditError: if money of one matter would pay another
        """
        for payment in self:
            payment._check_can_post()
        for payment in self._internal():
            payment._post_payment()
        return True

    def _internal(self):
        """The same records with the right to write what posting writes. Call only
        after the user's role has been checked.

        :rtype: legal.payment
        """
        return self.sudo().with_context(
            legal_billing_internal=True, legal_billing_applied_rule=True
        )

    # --- checks

    def _check_can_post(self):
        """Everything that can be seen before an entry is made.

        :raise LegalBillingError:
        """
        self.ensure_one()
        if self.source == "client_account":
            self._check_cashier("client_account_officer")
        else:
            self._check_cashier()
        self._check_is_draft()
        rows = self._get_posting_rows()
        problems = self._get_header_problems()
        if not rows:
            problems.append(self.env._("no bill and no credit has an amount"))
        for row in rows:
            problems += row._get_posting_problems()
        if self.needs_reapply:
            problems.append(
                self.env._(
                    "the amount changed after the rule was applied: Re-apply the rule or "
                    "Keep the amounts"
                )
            )
        elif not self.currency_id.is_zero(self.difference_amount):
            problems.append(self._get_difference_problem())
        if problems:
            raise PaymentError(
                self.env._(
                    "%(payment)s cannot be posted:\n%(problems)s",
                    payment=self.display_name,
                    problems="\n".join(f"– {problem}" for problem in problems),
                )
            )
        self._check_matters(rows)

    def _get_difference_problem(self):
        text = self.env._(
            "%(left)s of %(amount)s is not allocated",
            left=self.currency_id.format(self.difference_amount),
            amount=self.currency_id.format(self.amount),
        )
        if self.difference_amount < 0:
            return self.env._("%(text)s: take it off a bill", text=text)
        if self._may_overpay():
            return self.env._(
                "%(text)s: put it on a bill, or on a credit row of a matter", text=text
            )
        return self.env._(
            "%(text)s: put it on a bill or correct the amount; this source and payment "
            "rule do not allow an overpayment",
            text=text,
        )

    def _get_header_problems(self):
        problems = []
        if self.amount <= 0 and not self._is_settlement():
            problems.append(self.env._("the amount is missing"))
        if not self.journal_id:
            problems.append(self.env._("choose the journal"))
        elif not self.journal_id.filtered_domain(self._get_journal_domain()):
            problems.append(
                self.env._(
                    "the journal %(journal)s does not fit the source",
                    journal=self.journal_id.display_name,
                )
            )
        if self.source == "nominal":
            account = self.nominal_account_id
            if not account:
                problems.append(self.env._("choose the nominal account"))
            elif not account.filtered_domain(self._domain_nominal_account_id()) or (
                account == self.company_id.sudo().legal_unallocated_account_id
                or account in self._get_forbidden_accounts()
            ):
                problems.append(
                    self.env._(
                        "%(account)s is an account of banks, receivables, payables, "
                        "client money, credits or tax, not a nominal one",
                        account=account.display_name,
                    )
                )
        elif self.source in ("bank", "cash") and not self.received_from_id:
            problems.append(self.env._("choose who the money is from"))
        if self.source == "client_account" and not self.client_journal_id:
            problems.append(self.env._("choose the client bank"))
        if self.direction == "out" and self.source not in ("bank", "cash"):
            problems.append(self.env._("a refund is paid from bank or cash"))
        if self._is_transfer() and not self.memo:
            problems.append(
                self.env._("say in the text why the credit goes to another matter")
            )
        return problems

    def _get_forbidden_accounts(self):
        """Accounts of tax and client money, which no nominal posting may touch.

        :rtype: account.account
        """
        # sudo: configuration, which cashiers do not read
        parts = self.env["account.tax.repartition.line"].sudo()
        parts = parts.search([("company_id", "=", self.company_id.id)])
        groups = parts.tax_id.tax_group_id
        accounts = parts.account_id | groups.tax_payable_account_id
        accounts |= groups.tax_receivable_account_id
        company = self.company_id.sudo()
        if "legal_trust_account_id" in company._fields:
            accounts |= company.legal_trust_account_id
        return accounts

    def _is_settlement(self):
        """A slip without money: credit notes set off against bills, or write-offs.

        :rtype: bool
        """
        return self.currency_id.is_zero(self.amount) and bool(
            self._get_posting_rows().bill_id
        )

    def _is_transfer(self):
        """Whether a credit moves to another matter.

        :rtype: bool
        """
        return self.source == "unallocated" and any(
            row.kind == "credit" for row in self._get_posting_rows()
        )

    def _get_posting_rows(self):
        return self._get_rows().filtered(
            lambda row: not row.currency_id.is_zero(row.amount)
        )

    def _check_matters(self, rows):
        """Money and credit of a matter serve that matter alone (rule T3).

        :raise CreditError:
        """
        if self.source in SINGLE_MATTER_SOURCES:
            matters = self.matter_id | rows.filtered("bill_id").bill_id.matter_ids
            if len(matters) != 1:
                raise CreditError(
                    self.env._(
                        "%(payment)s pays from %(origin)s, which belongs to one matter: "
                        "take bills of one matter only (%(matters)s).",
                        payment=self.display_name,
                        origin=dict(
                            self._fields["source"]._description_selection(self.env)
                        )[self.source],
                        matters=", ".join(matters.mapped("display_name"))
                        or self.env._("none chosen"),
                    )
                )
            if not self.matter_id:
                self._internal().matter_id = matters
            if self._is_transfer():
                self._check_transfer(rows)
        totals = {}
        for row in rows.filtered(lambda r: r.kind != "write_off" and r.bill_id):
            matters = row.bill_id.matter_ids
            totals[matters] = totals.get(matters, 0.0) + row.amount
        if negative := [m for m, total in totals.items() if total < 0]:
            raise CreditError(
                self.env._(
                    "%(payment)s uses more credit notes of %(matters)s than it pays "
                    "bills of it: a credit of one matter does not pay another. Refund "
                    "it, or leave it out.",
                    payment=self.display_name,
                    matters=", ".join(
                        name for m in negative for name in m.mapped("display_name")
                    ),
                )
            )

    def _check_transfer(self, rows):
        """A credit goes to another client's matter by a manager only."""
        others = rows.filtered(lambda row: row.kind == "credit").matter_id
        if self.matter_id in others:
            raise CreditError(
                self.env._(
                    "The credit is %(matter)s's already.",
                    matter=self.matter_id.display_name,
                )
            )
        clients = (others | self.matter_id).partner_id.commercial_partner_id
        if len(clients) > 1:
            self.env["account.move"]._check_role("manager")

    # --- posting

    def _post_payment(self):
        """Make, post and match the entries of one payment whose rows were checked."""
        self.ensure_one()
        rows = self._get_posting_rows()
        before = {
            bill: bill.amount_residual for bill in rows.filtered("bill_id").bill_id
        }
        write_offs = rows.filtered(lambda row: row.kind == "write_off")
        if not self.name:
            self.name = (
                self.env["ir.sequence"]
                .with_company(self.company_id)
                .next_by_code("legal.payment", sequence_date=self.date)
            )
        rows._freeze()
        items = [
            item for row in rows - write_offs for item in row._prepare_posting_items()
        ]
        if items:
            self._post_items(items)
        if write_offs:
            self.write_off_move_id = write_offs._post_write_offs()
        self._check_posted(rows, before)
        self.write(
            {
                "state": "posted",
                "posted_by_id": self.env.uid,
                "posted_on": fields.Datetime.now(),
            }
        )
        rows._record_receipts()
        self._forget_balances()
        self.message_post(body=self._get_posted_message(rows))

    def _forget_balances(self):
        """Money of matters and clients that was read before is out of date."""
        names = ["unallocated_credit_balance", "unallocated_credit_date"]
        self.env["project.project"].invalidate_model(names)
        self.env["res.partner"].invalidate_model(names[:1])

    def _post_items(self, items):
        """Make the office entry of these items, and match each with its targets.

        :param list items: of ``PostingItem``
        """
        if self.source == "client_account":
            self._take_client_money()
        if self.source in ("bank", "cash", "client_account") and self.amount:
            move = self._create_account_payment(items)
        else:
            move = self._create_entry(items)
        self._check_entry(move)
        lines = move.line_ids.sorted("id")[-len(items) :]
        plan = [
            line + item.targets
            for line, item in zip(lines, items, strict=True)
            if item.targets
        ]
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)

    def _take_client_money(self):
        """The client side of a transfer to office, with its own checks (T1 to T4).

        :raise ConfigurationError: where there is no client account
        """
        if "legal.trust.transaction" not in self.env:
            raise ConfigurationError(
                self.env._("There is no client account to pay from.")
            )
        self.env["legal.trust.transaction"]._transfer_to_office(self)

    def _get_text(self):
        """Text of the office entry: every bill number, then the memo.

        :rtype: str
        """
        bills = self._get_posting_rows().filtered("bill_id").bill_id
        return ": ".join([*bills.mapped("name"), *([self.memo] if self.memo else [])])

    def _get_balances(self, items, total):
        """Company amounts of the items: they add up to the total exactly.

        :param list items:
        :param float total: credit in company currency
        :rtype: list
        """
        fixed = sum(item.balance for item in items if item.balance is not None)
        free = [item for item in items if item.balance is None]
        company_currency = self.company_id.currency_id
        parts = iter(
            engine.largest_remainder(
                to_decimal(company_currency.round(total - fixed)),
                [to_decimal(item.amount) for item in free],
                to_decimal(company_currency.rounding),
            )
            if free
            else ()
        )
        return [
            float(next(parts)) if item.balance is None else item.balance
            for item in items
        ]

    def _prepare_item_vals(self, items, total):
        return [
            item.prepare_vals(self.currency_id, balance)
            for item, balance in zip(
                items, self._get_balances(items, total), strict=True
            )
        ]

    def _convert_to_company(self, amount, currency):
        return currency._convert(
            amount, self.company_id.currency_id, self.company_id, self.date
        )

    def _create_account_payment(self, items):
        """One ``account.payment`` whose entry has one item per bill.

        :return: its posted entry
        :rtype: account.move
        """
        sign = 1 if self.direction == "in" else -1
        bank_currency = self.currency_id
        bank_amount = self.amount
        if self.has_bank_currency:
            bank_currency = self.bank_currency_id
            bank_amount = self.bank_amount or self.currency_id._convert(
                self.amount, bank_currency, self.company_id, self.date
            )
        if self.currency_id == self.company_id.currency_id:
            total = self.amount
        else:
            total = self._convert_to_company(bank_amount, bank_currency)
        text = self._get_text()
        payment = (
            self.env["account.payment"]
            .with_company(self.company_id)
            .with_context(force_payment_move=True)
            .create(
                self._prepare_account_payment_vals(bank_amount, bank_currency, text)
            )
        )
        liquidity_vals = {
            "name": text,
            "account_id": payment.outstanding_account_id.id,
            "partner_id": payment.partner_id.id,
            "currency_id": bank_currency.id,
            "amount_currency": sign * bank_amount,
            "balance": sign * total,
        }
        item_vals = self._prepare_item_vals(items, sign * total)
        payment._generate_journal_entry(
            line_ids=[Command.create(vals) for vals in (liquidity_vals, *item_vals)]
        )
        payment.move_id.legal_payment_id = self
        payment.invoice_ids = self._get_posting_rows().filtered("bill_id").bill_id
        payment.action_post()
        payment.move_id.filtered(lambda move: move.state == "draft")._post(soft=False)
        self.write({"account_payment_id": payment.id, "move_id": payment.move_id.id})
        return payment.move_id

    def _prepare_account_payment_vals(self, amount, currency, text):
        inbound = self.direction == "in"
        method_lines = self.journal_id._get_available_payment_method_lines(
            "inbound" if inbound else "outbound"
        )
        method = method_lines.filtered(lambda line: line.code == "manual")[:1]
        payer = self.received_from_id or self.matter_id.partner_id
        return {
            "payment_type": "inbound" if inbound else "outbound",
            "partner_type": "customer",
            "partner_id": payer.id,
            "amount": amount,
            "currency_id": currency.id,
            "date": self.date,
            "journal_id": self.journal_id.id,
            "company_id": self.company_id.id,
            "payment_method_line_id": (method or method_lines[:1]).id,
            "memo": text,
            "payment_reference": self.reference,
            "legal_payment_id": self.id,
        }

    def _create_entry(self, items):
        """A plain entry: from a nominal account, from credits of the matter, or a set
        off without money.

        :return: the posted entry
        :rtype: account.move
        """
        text = self._get_text()
        debits = []
        total = 0.0
        if self.source == "unallocated":
            debits = self._prepare_credit_debits()
            total = -sum(self._get_balances(debits, 0.0))
        elif self.amount:
            total = self._convert_to_company(self.amount, self.currency_id)
        line_vals = self._prepare_item_vals(debits, -total) if debits else []
        if not debits and self.amount:
            line_vals = [
                {
                    "name": text,
                    "account_id": self.nominal_account_id.id,
                    "partner_id": self.received_from_id.id,
                    "currency_id": self.currency_id.id,
                    "amount_currency": self.amount,
                    "balance": total,
                }
            ]
        line_vals += self._prepare_item_vals(items, total)
        payer = self.received_from_id or items[0].partner
        move = (
            self.env["account.move"]
            .with_company(self.company_id)
            .with_context(skip_invoice_sync=True)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": self._get_entry_journal().id,
                    "company_id": self.company_id.id,
                    "date": self.date,
                    "ref": text,
                    "partner_id": payer.id,
                    "currency_id": self.currency_id.id,
                    "legal_payment_id": self.id,
                    "line_ids": [Command.create(vals) for vals in line_vals],
                }
            )
        )
        move._post(soft=False)
        self.move_id = move
        if debits:
            lines = move.line_ids.sorted("id")[: len(debits)]
            self.env["account.move.line"]._reconcile_plan(
                [line + item.targets for line, item in zip(lines, debits, strict=True)]
            )
        return move

    def _get_entry_journal(self):
        """Journal of entries without bank or cash.

        :rtype: account.journal
        :raise ConfigurationError: when the company has no general journal
        """
        if self.journal_id.type == "general":
            return self.journal_id
        journals = self.env["account.journal"]
        journal = journals.search(
            [
                *journals._check_company_domain(self.company_id),
                ("type", "=", "general"),
            ],
            limit=1,
        )
        if not journal:
            raise ConfigurationError(
                self.env._(
                    "%(company)s has no journal for miscellaneous entries. Create one.",
                    company=self.company_id.name,
                )
            )
        return journal

    def _prepare_credit_debits(self):
        """Which credits of the matter are used, oldest first.

        :return: ``PostingItem``s with negative amounts
        :rtype: list
        """
        return self._take_credits(self.matter_id, self.amount)

    def _take_credits(self, matter, amount):
        """Open credits of a matter for an amount, oldest first.

        :rtype: list
        :raise CreditError: if there is not enough
        """
        left, items = amount, []
        for line in matter._get_open_credits(self.currency_id):
            open_amount = -line.amount_residual_currency
            taken = min(left, open_amount)
            balance = self.company_id.currency_id.round(
                -line.amount_residual * taken / open_amount
            )
            items.append(
                PostingItem(
                    amount=-taken,
                    name=self.env._("Credit of %(date)s used", date=line.date),
                    account=line.account_id,
                    partner=line.partner_id,
                    matter=matter,
                    targets=line,
                    balance=-balance,
                )
            )
            left = self.currency_id.round(left - taken)
            if not left:
                return items
        raise CreditError(
            self.env._(
                "%(matter)s has %(credit)s of unallocated credits; %(amount)s cannot be "
                "taken from it.",
                matter=matter.display_name,
                credit=self.currency_id.format(amount - left),
                amount=self.currency_id.format(amount),
            )
        )

    # --- checks after

    def _check_entry(self, move):
        """Core checks neither the sum of a payment's entry nor that its date stands.

        :raise PaymentError:
        """
        if move.state != "posted" or move.date != self.date:
            raise PaymentError(
                self.env._(
                    "%(payment)s: %(date)s is in a locked period. Choose a later date.",
                    payment=self.display_name,
                    date=self.date,
                )
            )

    def _check_posted(self, rows, before):
        """Every bill is settled by exactly what the rows say.

        :param dict before: ``{bill: residual before}``
        :raise PaymentError:
        """
        for bill, residual in before.items():
            mine = rows.filtered(lambda row, bill=bill: row.bill_id == bill)
            taken = sum(
                abs(row.amount - row.final_overpayment) + row.final_discount
                for row in mine
            )
            if bill.currency_id.compare_amounts(bill.amount_residual, residual - taken):
                raise PaymentError(
                    self.env._(
                        "%(bill)s was to be paid with %(amount)s, but its balance went "
                        "from %(before)s to %(after)s. Somebody may be paying it at the "
                        "same time: try again.",
                        bill=bill.name,
                        amount=bill.currency_id.format(taken),
                        before=bill.currency_id.format(residual),
                        after=bill.currency_id.format(bill.amount_residual),
                    )
                )

    def _get_posted_message(self, rows):
        bills = rows.filtered("bill_id").bill_id
        parts = [
            self.env._(
                "Posted: %(amount)s over %(count)s bills.",
                amount=self.currency_id.format(self.amount),
                count=len(bills),
            )
        ]
        for row in rows:
            over = row.amount if row.kind == "credit" else row.final_overpayment
            if over and self.direction == "in":
                parts.append(
                    self.env._(
                        "Credit of %(matter)s: %(amount)s.",
                        matter=row.matter_id.display_name,
                        amount=self.currency_id.format(over),
                    )
                )
            if row.kind == "write_off":
                parts.append(
                    self.env._(
                        "Written off on %(bill)s: %(amount)s (%(reason)s).",
                        bill=row.bill_id.name,
                        amount=self.currency_id.format(row.amount),
                        reason=row.reason,
                    )
                )
        return " ".join(parts)
