from dataclasses import dataclass, field
from itertools import accumulate

from odoo import models
from odoo.fields import Command
from odoo.tools import format_date

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import ConfigurationError, CreditError
from ...tools import REFERENCE_BYTES, fit_reference
from .legal_payment import SOURCES

#: Room for the words that tell how many numbers are missing.
MORE_BYTES = 60

NO_DISTRIBUTION = {"analytic_distribution": False}


class LegalPayment(models.Model):
    """The entries of a payment: one item per bill, balances that add up exactly."""

    _inherit = "legal.payment"

    def _get_text(self):
        """Text of the office entry: every bill number, then the memo.

        :rtype: str
        """
        bills = self._get_posting_rows().filtered("bill_id").bill_id
        return ": ".join([*bills.mapped("name"), *([self.memo] if self.memo else [])])

    def _get_bank_text(self):
        """Text of the item that the bank's line is matched with: the slip's number and
        the payer's reference come first, where programs that look for the payment of a
        line find them; then the text.

        :rtype: str
        """
        first = " ".join(filter(None, (self.name, self.reference)))
        return ": ".join(filter(None, (first, self._get_text())))

    def _get_reference(self):
        """The text of `_get_text` as the entry's reference. Of some hundred bills not
        all numbers fit: how many are missing is said, the entry's own item has them
        all.

        :rtype: str
        """
        text = self._get_text()
        if text == fit_reference(text):
            return text
        names = self._get_posting_rows().filtered("bill_id").bill_id.mapped("name")
        sizes = accumulate(len(f"{name}: ".encode()) for name in names)
        space = REFERENCE_BYTES - len((self.memo or "").encode()) - MORE_BYTES
        shown = sum(size <= space for size in sizes)
        more = self.env._("and %(count)s more", count=len(names) - shown)
        parts = [*names[:shown], more, *([self.memo] if self.memo else [])]
        return fit_reference(": ".join(parts))

    def _get_balances(self, items, total):
        """Company amounts of the items: they add up to the total exactly. Items that
        cancel each other out, a set-off without money, have the rate of the day.

        :param list items:
        :param float total: credit in company currency
        :rtype: list
        """
        fixed = sum(item.balance for item in items if item.balance is not None)
        free = [item for item in items if item.balance is None]
        company_currency = self.company_id.currency_id
        left = to_decimal(company_currency.round(total - fixed))
        weights = [to_decimal(item.amount) for item in free]
        if sum(weights):
            parts = engine.largest_remainder(
                left, weights, to_decimal(company_currency.rounding)
            )
        else:
            parts = [
                to_decimal(self._convert_to_company(item.amount, self.currency_id))
                for item in free
            ]
            if parts:
                parts[-1] += left - sum(parts)
        parts = iter(parts)
        return [
            float(next(parts)) if item.balance is None else item.balance
            for item in items
        ]

    def _prepare_item_vals(self, items, total):
        common = NO_DISTRIBUTION if self._has_simple_items(items) else {}
        vals_list = [
            common | item.prepare_vals(self.currency_id, balance)
            for item, balance in zip(
                items, self._get_balances(items, total), strict=True
            )
        ]
        return self.env["account.analytic.distribution.model"]._complete_entry_items(
            self.company_id, vals_list
        )

    def _has_simple_items(self, items):
        """Whether core has nothing to add to these items, so that it need not look for
        it item by item: no taxes among them, and no model of analytic distribution.

        :param list items: of ``PostingItem``
        :rtype: bool
        """
        models = self.env["account.analytic.distribution.model"]
        return not any(item.extra_vals for item in items) and not models.search_count(
            [], limit=1
        )

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
        payment = self._get_account_payment(bank_amount, bank_currency)
        liquidity_vals = {
            "name": self._get_bank_text(),
            "account_id": payment.outstanding_account_id.id,
            "partner_id": payment.partner_id.id,
            "currency_id": bank_currency.id,
            "amount_currency": sign * bank_amount,
            "balance": sign * total,
        }
        item_vals = self._prepare_item_vals(items, sign * total)
        payment.with_context(
            skip_invoice_sync=self._has_simple_items(items)
        )._generate_journal_entry(
            line_ids=[Command.create(vals) for vals in (liquidity_vals, *item_vals)]
        )
        payment.move_id.legal_payment_id = self
        payment.action_post()
        payment.move_id.filtered(lambda move: move.state == "draft")._post(soft=False)
        # after posting, which would look at every bill of the payment
        payment.invoice_ids = self._get_posting_rows().filtered("bill_id").bill_id
        self.write({"account_payment_id": payment.id, "move_id": payment.move_id.id})
        return payment.move_id

    def _get_account_payment(self, amount, currency):
        """Core's payment of this slip, without an entry yet: a new one, or the one that
        was there before the slip (`_collect`).

        :param float amount: that the bank gets
        :param res.currency currency:
        :rtype: account.payment
        """
        text = self._get_reference()
        if self.account_payment_id:
            payment = self.account_payment_id.with_context(force_payment_move=True)
            payment.write({"legal_payment_id": self.id, "memo": text})
            if not payment.outstanding_account_id:
                payment.outstanding_account_id = payment._get_outstanding_account(
                    payment.payment_type
                )
            return payment
        payments = self.env["account.payment"].with_company(self.company_id)
        return payments.with_context(force_payment_move=True).create(
            self._prepare_account_payment_vals(amount, currency, text)
        )

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
        if self._get_source().debits == "credits" and self.amount:
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
                    "ref": self._get_reference(),
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
            self._reconcile(
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
        for line in matter._get_open_credits(self.currency_id, self.date):
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
        raise self._make_credit_error(matter, amount, amount - left)

    def _make_credit_error(self, matter, amount, credit):
        """The refusal that names the matter and who used its credits.

        :rtype: CreditError
        """
        text = self.env._(
            "%(matter)s has %(credit)s of unallocated credits; %(amount)s cannot be "
            "taken from it.",
            matter=matter.display_name,
            credit=self.currency_id.format_signed(credit),
            amount=self.currency_id.format_signed(amount),
        )
        later = matter._get_open_credits(self.currency_id).filtered(
            lambda line: line.date > self.date
        )
        if later:
            text = self.env._(
                "%(text)s That is on %(day)s: %(later)s comes later, from %(first)s on. "
                "Date the payment then.",
                text=text,
                day=format_date(self.env, self.date),
                later=self.currency_id.format_signed(
                    -sum(later.mapped("amount_residual_currency"))
                ),
                first=format_date(self.env, later[0].date),
            )
        takers = [key for key, source in SOURCES.items() if source.debits == "credits"]
        users = self.sudo().search(  # names of slips only
            [
                ("state", "=", "posted"),
                ("matter_id", "=", matter.id),
                "|",
                ("source", "in", takers),
                ("direction", "=", "out"),
            ],
            order="posted_on desc, id desc",
            limit=3,
        )
        if users:
            text = self.env._(
                "%(text)s Last used by %(slips)s.",
                text=text,
                slips=", ".join(users.mapped("display_name")),
            )
        return CreditError(text)


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
            **self._get_wanted_distribution(),
            **self.extra_vals,
        }

    def _get_wanted_distribution(self):
        """The matter's analytic accounts, where the account takes no item without
        (account_analytic_required); elsewhere balance-sheet items have none.

        :rtype: dict
        """
        account = self.account
        if "analytic_policy" not in account._fields or not self.matter:
            return {}
        if account._get_analytic_policy() not in ("always", "posted"):
            return {}
        return {"analytic_distribution": self.matter._get_analytic_distribution()}
