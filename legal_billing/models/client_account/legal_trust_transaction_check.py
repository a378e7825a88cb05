from collections import defaultdict

from odoo import models
from odoo.tools import float_compare, format_date

from ...exceptions import (
    TrustApprovalError,
    TrustBalanceError,
    TrustError,
)
from ...tools import format_amount


class LegalTrustTransaction(models.Model):
    """What must be right before client money moves."""

    _inherit = "legal.trust.transaction"

    def _check_trust_role(self):
        self._check_role("client_account_officer", "manager")

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

    def _check_not_signed(self):
        """A signed reconciliation holds its month: what was signed stays true.

        :raise TrustError: naming movements, client account and day
        """
        signed = self.env["legal.trust.reconciliation"]._get_signed_days(
            self.journal_id
        )
        late = self.filtered(
            lambda m: m.journal_id in signed and m.date <= signed[m.journal_id]
        )
        if late:
            raise TrustError(
                "\n".join(
                    self.env._(
                        "%(movement)s: the reconciliation of %(journal)s is signed for "
                        "%(signed)s and holds what came before; %(day)s is too early. "
                        "Choose a later date.",
                        movement=movement.display_name,
                        journal=movement.journal_id.display_name,
                        signed=format_date(self.env, signed[movement.journal_id]),
                        day=format_date(self.env, movement.date),
                    )
                    for movement in late
                )
            )

    def _check_amount(self):
        for movement in self:
            rounded = movement.currency_id.round(movement.amount)
            if rounded <= 0 or float_compare(movement.amount, rounded, 6):
                raise TrustError(
                    self.env._(
                        "%(movement)s: %(amount)s is not an amount of %(currency)s.",
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

    def _check_left(self):
        """Movements of one posting may each be covered and yet not all of them: what
        they take together leaves no cleared balance below zero, and what is retained.

        Call after the ledgers were written (see :meth:`_post_movements`).

        :raise TrustBalanceError: naming matter, amount and what is available
        """
        taking = self.filtered(lambda m: m.kind != "deposit")
        balances = self.env["legal.trust.balance"].sudo()  # figures, role was checked
        rows = balances.search([("matter_id", "in", taking.matter_id.ids)])
        rows_by_matter = rows.grouped("matter_id")
        for day, movements in taking.grouped("date").items():
            lowest = rows._get_lowest(day)
            for movement in movements:
                matter = movement.matter_id
                held = {
                    row.journal_id: lowest[row.id] for row in rows_by_matter[matter]
                }
                every = sum(max(0.0, amount) for amount in held.values())
                missing = max(
                    -held[movement.journal_id], matter.client_account_retained - every
                )
                if movement.currency_id.compare_amounts(missing, 0.0) > 0:
                    row = rows_by_matter[matter].filtered(
                        lambda r, journal=movement.journal_id: r.journal_id == journal
                    )
                    available = max(0.0, movement.amount - missing)
                    self._raise_not_available(row, day, movement.amount, available)

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

    def _check_client_journals(self):
        for movement in self.sudo():
            movement._check_client_journal()
