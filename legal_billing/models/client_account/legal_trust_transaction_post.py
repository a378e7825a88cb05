from collections import defaultdict

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ...exceptions import TrustError
from ...tools import fit_reference, read_date


class LegalTrustTransaction(models.Model):
    """Posting: who may, what is available, the entry and the ledgers."""

    _inherit = "legal.trust.transaction"

    # --- actions

    def action_submit(self):
        """Ask a second person to post these movements.

        :return: True
        :raise RoleError: without the client-account officer's role
        """
        self._check_trust_role()
        self._check_still_open()
        self._internal().write({"state": "submitted"})
        return True

    def action_post(self):
        """Book these movements: entry, ledgers of the matters, balances.

        All or none. The balances are written first, so that two transactions that take
        money of one matter conflict; what is available is looked up after that.

        :return: True
        :raise RoleError: without the client-account officer's role
        :raise TrustApprovalError: if a second person has to post
        :raise TrustBalanceError: if a matter holds too little, now or later
        """
        self._check_trust_role()
        if self.filtered(lambda m: m.kind == "office_transfer"):
            raise TrustError(
                self.env._(
                    "A transfer to office is posted with its payment: make a payment "
                    "with the client account as its source."
                )
            )
        self._check_still_open()
        self._check_second_person()
        self._post_movements()
        return True

    def action_clear(self, cleared_on=None):
        """Confirm that deposits cleared, so that they may be used.

        :param date cleared_on: default: today
        :return: True
        :raise TrustError: if one of them is no posted, uncleared deposit, or the day is
            no date
        """
        self._check_trust_role()
        wrong = self.filtered(lambda m: not m.is_action_clear_allowed)
        if wrong:
            raise TrustError(
                self.env._(
                    "%(names)s is not a posted deposit waiting to clear.",
                    names=", ".join(wrong.mapped("display_name")),
                )
            )
        error = TrustError(self.env._("Enter the day on which the deposit cleared."))
        day = read_date(cleared_on, error) or fields.Date.context_today(self)
        for movement in self._internal():
            movement.cleared_on = max(day, movement.date)
            movement.line_ids.cleared_on = movement.cleared_on
            movement.message_post(
                body=self.env._(
                    "Cleared on %(day)s, confirmed by %(user)s.",
                    day=format_date(self.env, movement.cleared_on),
                    user=self.env.user.name,
                )
            )
        balances = self.env["legal.trust.balance"]
        balances._apply(
            {(m.matter_id, m.journal_id): 0.0 for m in self.sudo()},
            {
                key: max(movements.mapped("date"))
                for key, movements in self.sudo()
                .grouped(lambda m: (m.matter_id, m.journal_id))
                .items()
            },
        )  # whoever takes money at the same time looks again
        return True

    # --- posting

    def _post_movements(self):
        """Check, book, and write ledgers and balances. The role was checked.

        A reversal takes what it undoes whether retained or not, but nothing that is
        not there.
        """
        self._check_client_journals()
        self._check_amount()
        self._check_open_period()
        self._check_not_signed()
        self._check_authorisation()
        movements = self._internal()
        ledgers = movements._prepare_ledger_vals()
        balances = movements.env["legal.trust.balance"]
        deltas, days = movements._sum_ledger_vals(ledgers)
        with self.env.cr.savepoint():  # all or none, even if the caller goes on
            balances._apply(deltas, days)
            originals = movements.filtered(lambda m: not m.reversed_id)
            originals._check_available()
            movements._number()
            movements._make_entries()
            movements.write(
                {
                    "state": "posted",
                    "posted_by_id": self.env.uid,
                    "posted_on": fields.Datetime.now(),
                }
            )
            movements.env["legal.trust.line"].create(ledgers)
            balances._check_never_below_zero(list(deltas))
            originals._check_left()
            balances._forget_cached([matter.id for matter, _journal in deltas])

    def _sum_ledger_vals(self, ledgers):
        """What each ledger changes by, and when last.

        :param list ledgers: values of ledger lines
        :return: ``{(matter, account.journal): amount}``, the same with the latest day
        :rtype: tuple
        """
        deltas, days = defaultdict(float), {}
        for vals in ledgers:
            key = (
                self.env["project.project"].browse(vals["matter_id"]),
                self.env["account.journal"].browse(vals["journal_id"]),
            )
            deltas[key] += vals["amount"]
            days[key] = max(days.get(key, vals["date"]), vals["date"])
        return dict(deltas), days

    def _number(self):
        for movement in self.filtered(lambda m: not m.name):
            movement.name = movement.company_id._next_legal_number(
                "legal.trust.transaction", movement._name, day=movement.date
            )

    def _prepare_ledger_vals(self):
        """Lines of the matters' ledgers.

        :rtype: list[dict]
        """
        result = []
        for movement in self:
            sign = 1 if movement.kind == "deposit" else -1
            sign = -sign if movement.reversed_id else sign
            sides = [(movement.matter_id, sign)]
            if movement.to_matter_id:
                sides.append((movement.to_matter_id, -sign))
            result += [
                {
                    "transaction_id": movement.id,
                    "matter_id": matter.id,
                    "journal_id": movement.journal_id.id,
                    "company_id": movement.company_id.id,
                    "currency_id": movement.currency_id.id,
                    "date": movement.date,
                    "cleared_on": movement._get_cleared_day(),
                    "amount": side * movement.amount,
                }
                for matter, side in sides
            ]
        return result

    def _get_cleared_day(self):
        """Deposits wait for the bank; whatever else moves counts on its day.

        :rtype: date
        """
        self.ensure_one()
        return self.cleared_on if self.kind == "deposit" else self.date

    def _make_entries(self):
        """One posted entry per movement, in the client account's own journal."""
        vals_list = [movement._prepare_move_vals() for movement in self]
        self.env["account.analytic.distribution.model"]._complete_entries(
            self, vals_list
        )
        moves = self.env["account.move"].create(vals_list)
        for movement, move in zip(self, moves, strict=True):
            movement.move_id = move
        moves._post(soft=False)

    def _prepare_move_vals(self):
        """The entry of a movement.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "move_type": "entry",
            "journal_id": self.journal_id.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "ref": fit_reference(f"{self.name}: {self.description}"),
            "trust_transaction_id": self.id,
            "line_ids": [
                Command.create(vals) for vals in self._prepare_move_line_vals_list()
            ],
        }

    def _prepare_move_line_vals_list(self):
        """Debits and credits: the outstanding account of the client bank so that
        statements match, the liability with the matter.

        :rtype: list[dict]
        """
        if self.reversed_id:
            return self.reversed_id._prepare_mirrored_line_vals_list(self)
        liability = self.company_id._get_legal_trust_account()
        if self.kind == "deposit":
            bank = self.journal_id._get_client_outstanding_account("inbound")
            sides = [(bank, self.matter_id, 1), (liability, self.matter_id, -1)]
        elif self.kind == "matter_transfer":
            sides = [
                (liability, self.matter_id, 1),
                (liability, self.to_matter_id, -1),
            ]
        else:
            bank = self.journal_id._get_client_outstanding_account("outbound")
            sides = [(liability, self.matter_id, 1), (bank, self.matter_id, -1)]
        company_currency = self.company_id.currency_id
        balance = self.currency_id._convert(
            self.amount, company_currency, self.company_id, self.date
        )
        return [
            {
                "account_id": account.id,
                "matter_id": matter.id,
                "trust_transaction_id": self.id,
                "name": self._get_item_label(),
                "partner_id": (
                    matter.partner_id if account == liability else self.partner_id
                ).id,
                "currency_id": self.currency_id.id,
                "amount_currency": side * self.amount,
                "balance": side * balance,
            }
            for account, matter, side in sides
        ]

    def _get_item_label(self):
        parts = (self.name, self.reference, self.description)
        return " ".join(part for part in parts if part)

    def _prepare_mirrored_line_vals_list(self, reversal):
        """This movement's items with the sides changed.

        :param legal.trust.transaction reversal: whose items they will be
        :rtype: list[dict]
        """
        return [
            {
                "account_id": line.account_id.id,
                "matter_id": line.matter_id.id,
                "trust_transaction_id": reversal.id,
                "name": reversal._get_item_label(),
                "partner_id": line.partner_id.id,
                "currency_id": line.currency_id.id,
                "amount_currency": -line.amount_currency,
                "balance": -line.balance,
            }
            for line in self.move_id.line_ids
        ]
