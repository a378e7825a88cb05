from collections import defaultdict

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import float_compare, format_amount, format_date

from ..exceptions import (
    TrustApprovalError,
    TrustBalanceError,
    TrustError,
    TrustLockedError,
)


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
        :raise TrustError: if one of them is no posted, uncleared deposit
        """
        self._check_trust_role()
        wrong = self.filtered(lambda m: not m.is_action_clear_allowed)
        if wrong:
            raise TrustError(
                self.env._(
                    "%(names)s is no posted deposit that waits to clear.",
                    names=", ".join(wrong.mapped("display_name")),
                )
            )
        day = fields.Date.to_date(cleared_on) or fields.Date.context_today(self)
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
            max(self.mapped("date")),
        )  # whoever takes money at the same time looks again
        return True

    # --- checks

    def _check_trust_role(self):
        self.env["account.move"]._check_role("client_account_officer", "manager")

    def _check_second_person(self):
        """Whoever entered a movement does not post it, if the company wants two.

        :raise TrustApprovalError: naming movements and person
        """
        own = self.filtered(
            lambda m: m.needs_second_person and m.prepared_by_id.id == self.env.uid
        )
        if own:
            raise TrustApprovalError(
                self.env._(
                    "%(names)s was entered by %(user)s: client money needs two people "
                    "here. Ask another client-account officer to post.",
                    names=", ".join(own.mapped("display_name")),
                    user=self.env.user.name,
                )
            )

    def _check_open_period(self):
        """Core would move the date silently; client money stays on its day.

        :raise TrustError: naming movement, day and lock
        """
        for movement in self.sudo():  # locks are the accountant's
            locks = movement.company_id._get_violated_lock_dates(
                movement.date, False, movement.journal_id
            )
            if locks:
                raise TrustError(
                    self.env._(
                        "%(movement)s: %(day)s is in a locked period (until %(lock)s). "
                        "Choose a later date.",
                        movement=movement.display_name,
                        day=format_date(self.env, movement.date),
                        lock=format_date(self.env, locks[-1][0]),
                    )
                )

    def _check_amount(self):
        for movement in self:
            rounded = movement.currency_id.round(movement.amount)
            if rounded <= 0 or float_compare(movement.amount, rounded, 6):
                raise TrustError(
                    self.env._(
                        "%(movement)s: %(amount)s is no amount of %(currency)s.",
                        movement=movement.display_name,
                        amount=movement.amount,
                        currency=movement.currency_id.name,
                    )
                )

    def _check_authorisation(self):
        """Between two clients the company may want the client's authority on record.

        :raise TrustError: naming movement and clients
        """
        for movement in self.filtered("to_matter_id"):
            clients = (
                movement.matter_id.partner_id | movement.to_matter_id.partner_id
            ).commercial_partner_id
            company_sudo = movement.company_id.sudo()  # a setting
            if (
                len(clients) > 1
                and company_sudo.legal_trust_demand_authorisation
                and not movement.authorisation
            ):
                raise TrustError(
                    self.env._(
                        "%(movement)s moves money of one client to another (%(clients)s)."
                        " Enter who authorised it, when and how.",
                        movement=movement.display_name,
                        clients=", ".join(clients.mapped("name")),
                    )
                )

    def _check_available(self):
        """Money going out is cleared, not retained, and there at every later date.

        Call after the balances were written (see :meth:`_post_movements`).

        :raise TrustBalanceError: naming matter, amount and what is available
        """
        taken = defaultdict(float)
        for movement in self.filtered(lambda m: m.kind != "deposit"):
            taken[movement.matter_id, movement.journal_id, movement.date] += (
                movement.amount
            )
        balances = self.env["legal.trust.balance"].sudo()  # figures, role was checked
        for (matter, journal, day), amount in taken.items():
            row = balances._get_rows([(matter, journal)])
            available = row._get_available(day).get(row.id, 0.0)
            if row.currency_id.compare_amounts(amount, available) > 0:
                self._raise_not_available(row, day, amount, available)

    def _raise_not_available(self, row, day, amount, available):
        matter = row.matter_id
        currency = row.currency_id
        raise TrustBalanceError(
            self.env._(
                "%(matter)s: %(amount)s is more than the %(available)s of client money "
                "that is available on %(day)s (cleared, there at every later date, less "
                "%(retained)s retained). Take less, or choose a later date.",
                matter=matter.display_name,
                amount=format_amount(self.env, amount, currency),
                available=format_amount(self.env, available, currency),
                day=format_date(self.env, day),
                retained=format_amount(
                    self.env, matter.client_account_retained, currency
                ),
            )
        )

    # --- posting

    def _post_movements(self):
        """Check, book, and write ledgers and balances. The role was checked.

        A reversal takes what it undoes whether retained or not, but nothing that is
        not there.
        """
        self._check_client_journals()
        self._check_amount()
        self._check_open_period()
        self._check_authorisation()
        movements = self._internal()
        ledgers = movements._prepare_ledger_vals()
        balances = movements.env["legal.trust.balance"]
        deltas = movements._sum_ledger_vals(ledgers)
        with self.env.cr.savepoint():  # all or none, even if the caller goes on
            balances._apply(deltas, max(movements.mapped("date")))
            movements.filtered(lambda m: not m.reversed_id)._check_available()
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
            balances._forget_cached([matter.id for matter, _journal in deltas])

    def _sum_ledger_vals(self, ledgers):
        """What each ledger changes by.

        :param list ledgers: values of ledger lines
        :return: ``{(matter, account.journal): amount}``
        :rtype: dict
        """
        deltas = defaultdict(float)
        for vals in ledgers:
            key = (
                self.env["project.project"].browse(vals["matter_id"]),
                self.env["account.journal"].browse(vals["journal_id"]),
            )
            deltas[key] += vals["amount"]
        return dict(deltas)

    def _check_client_journals(self):
        for movement in self.sudo():
            movement._check_client_journal()

    def _number(self):
        sequences = self.env["ir.sequence"]
        for movement in self.filtered(lambda m: not m.name):
            movement.name = sequences.with_company(movement.company_id).next_by_code(
                "legal.trust.transaction", movement.date
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
                    "cleared_on": movement.cleared_on,
                    "amount": side * movement.amount,
                }
                for matter, side in sides
            ]
        return result

    def _make_entries(self):
        """One posted entry per movement, in the client account's own journal."""
        moves = self.env["account.move"].create(
            [movement._prepare_move_vals() for movement in self]
        )
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
            "ref": f"{self.name}: {self.description}",
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

    # --- reversing

    def action_reverse(self, reason, date=None):
        """Undo posted movements by movements of the other side; they stay on record.

        Dated as the movement where that period is open, else today.

        :param str reason: why; demanded
        :param date date: of the reversals, default as above
        :return: True
        :raise TrustLockedError: if one is not posted, was reversed, or is a reversal
        :raise TrustBalanceError: if the money was used meanwhile
        """
        self._check_trust_role()
        if self.filtered(lambda m: m.kind == "office_transfer"):
            raise TrustLockedError(
                self.env._(
                    "%(names)s paid bills: reverse its payment, which gives the money "
                    "back to the matter.",
                    names=", ".join(self.mapped("display_name")),
                )
            )
        self._reverse_movements(reason, date)
        return True

    def _reverse_movements(self, reason, date=None):
        """The reversals of these movements, posted. The role was checked.

        :param str reason:
        :param date date:
        :rtype: legal.trust.transaction
        """
        reason = (reason or "").strip()
        if not reason:
            raise TrustError(self.env._("Say why the movement is reversed."))
        self._check_can_reverse()
        with self.env.cr.savepoint():  # all or none, even if the caller goes on
            return self._make_reversals(reason, date)

    def _make_reversals(self, reason, date):
        originals = self._internal()
        reversals = originals.create(
            [original._prepare_reversal_vals(reason, date) for original in originals]
        )
        originals.write({"state": "reversed"})
        reversals._post_movements()
        reversals._check_reversal_covered()
        for original, reversal in zip(originals, reversals, strict=True):
            original._net_outstanding(reversal)
            original.message_post(
                body=self.env._(
                    "Reversed by %(user)s with %(name)s: %(reason)s",
                    user=self.env.user.name,
                    name=reversal.name,
                    reason=reason,
                )
            )
        return reversals

    def _check_can_reverse(self):
        for movement in self:
            if movement.reversed_id:
                raise TrustLockedError(
                    self.env._(
                        "%(name)s is a reversal and cannot be reversed. Enter the "
                        "movement anew.",
                        name=movement.display_name,
                    )
                )
            if movement.state == "reversed":
                raise TrustLockedError(
                    self.env._(
                        "%(name)s was reversed already, by %(reversal)s.",
                        name=movement.display_name,
                        reversal=movement.reversal_ids.name,
                    )
                )
            if movement.state != "posted":
                raise TrustLockedError(
                    self.env._(
                        "%(name)s is not posted. Delete or change the draft.",
                        name=movement.display_name,
                    )
                )

    def _prepare_reversal_vals(self, reason, date=None):
        self.ensure_one()
        locks = self.company_id._get_violated_lock_dates(
            self.date, False, self.journal_id
        )
        today = fields.Date.context_today(self)
        day = fields.Date.to_date(date) or (today if locks else self.date)
        cleared = self.cleared_on if self.kind == "deposit" else day
        return {
            "kind": self.kind,
            "matter_id": self.matter_id.id,
            "to_matter_id": self.to_matter_id.id,
            "journal_id": self.journal_id.id,
            "amount": self.amount,
            "date": max(day, self.date),
            "cleared_on": cleared and max(cleared, day),
            "is_uncleared": self.is_uncleared,
            "partner_id": self.partner_id.id,
            "reference": self.reference,
            "memo": self.memo,
            "authorisation": self.authorisation,
            "reversed_id": self.id,
            "reversal_reason": reason,
            "prepared_by_id": self.env.uid,
        }

    def _check_reversal_covered(self):
        """What a reversal takes back was not used: no cleared balance below zero.

        :raise TrustBalanceError: naming matter and way out
        """
        balances = self.env["legal.trust.balance"]
        for movement in self:
            losing = movement.line_ids.filtered(lambda line: line.amount < 0)
            for line in losing.filtered("cleared_on"):
                row = balances._get_rows([(line.matter_id, line.journal_id)])
                lowest = row._get_lowest(line.date)[row.id]
                if row.currency_id.compare_amounts(lowest, 0.0) < 0:
                    raise TrustBalanceError(
                        self.env._(
                            "%(name)s cannot be reversed: %(matter)s has used the money; "
                            "%(missing)s would be missing. Pay the firm's own money in "
                            "as a deposit of the matter first.",
                            name=movement.reversed_id.name,
                            matter=line.matter_id.display_name,
                            missing=format_amount(self.env, -lowest, row.currency_id),
                        )
                    )

    def _net_outstanding(self, reversal):
        """Neither waits for the bank any more if the movement never got there."""
        lines = (self.move_id | reversal.move_id).line_ids.filtered(
            lambda line: line.account_id.reconcile
        )
        if lines and not any(lines.mapped("reconciled")):
            lines.reconcile()
