from odoo import fields, models
from odoo.fields import Command

from ...exceptions import TrustApprovalError, TrustError


class LegalTrustReconciliation(models.Model):
    """The three figures at a date, and signing them."""

    _inherit = "legal.trust.reconciliation"

    def action_refresh(self):
        """Look at the books again.

        :return: True
        """
        self._check_role()
        self._check_not_signed()
        self._refresh()
        return True

    def action_sign(self):
        """Sign off what the books say now; the record stays from then on.

        :return: True
        :raise TrustError: if the three do not agree, and the user is no manager or
            gives no explanation
        :raise TrustApprovalError: if a second person has to sign
        """
        self._check_role()
        self._check_not_signed()
        self._refresh()
        for record in self:
            company_sudo = record.company_id.sudo()  # a setting
            if (
                company_sudo.legal_trust_dual_approval
                and record.prepared_by_id == self.env.user
            ):
                raise TrustApprovalError(
                    self.env._(
                        "%(name)s was prepared by %(user)s: another client-account "
                        "officer signs it.",
                        name=record.display_name,
                        user=self.env.user.name,
                    )
                )
            if not record.is_level:
                record._check_may_sign_difference()
        self._internal().write(
            {
                "state": "signed",
                "signed_by_id": self.env.uid,
                "signed_on": fields.Datetime.now(),
            }
        )
        return True

    def _check_may_sign_difference(self):
        is_manager = self.env.user.has_group(
            "legal_billing.legal_billing_group_manager"
        )
        if not is_manager or not (self.note or "").strip():
            raise TrustError(
                self.env._(
                    "%(name)s is not level: bank less cash book %(bank)s, cash book less "
                    "ledgers %(ledger)s. Find the difference; a manager may sign with an "
                    "explanation.",
                    name=self.display_name,
                    bank=self.currency_id.format(self.bank_difference),
                    ledger=self.currency_id.format(self.ledger_difference),
                )
            )

    def _check_role(self):
        self.env["account.move"]._check_role("client_account_officer", "manager")

    def _refresh(self):
        """Read the figures of the date from bank, cash book and ledgers."""
        for record in self._internal():
            record.write(record._prepare_figures())

    def _prepare_figures(self):
        """Figures and balances of the date.

        :rtype: dict
        """
        journal = self.journal_id
        receipts = journal.inbound_payment_method_line_ids.payment_account_id
        payments = journal.outbound_payment_method_line_ids.payment_account_id
        suspense = journal.suspense_account_id
        incoming = self._sum_items(receipts)
        outgoing = self._sum_items(payments - receipts)
        unidentified = self._sum_items(suspense)
        book = self._sum_items(
            journal.default_account_id | receipts | payments | suspense
        )
        balances = self._get_ledger_balances()
        return {
            "outstanding_in_amount": incoming,
            "outstanding_out_amount": outgoing,
            "unidentified_amount": -unidentified,
            "bank_amount": self.statement_balance + incoming + outgoing + unidentified,
            "book_amount": book,
            "ledger_amount": sum(balances.values()),
            "liability_amount": -self._sum_items(
                self.company_id.legal_trust_account_id
            ),
            "line_ids": [
                Command.clear(),
                *(
                    Command.create({"matter_id": matter_id, "amount": amount})
                    for matter_id, amount in balances.items()
                    if not self.currency_id.is_zero(amount)
                ),
            ],
        }

    def _sum_items(self, accounts):
        """Posted items of the journal on these accounts until the date.

        :rtype: float
        """
        if not (accounts and self.date):
            return 0.0
        items = self.env["account.move.line"].sudo()  # the officer sees the sums
        [(total,)] = items._read_group(
            [
                ("journal_id", "=", self.journal_id.id),
                ("account_id", "in", accounts.ids),
                ("parent_state", "=", "posted"),
                ("date", "<=", self.date),
            ],
            [],
            ["amount_currency:sum"],
        )
        return total or 0.0

    def _get_ledger_balances(self):
        return self.env["legal.trust.line"]._get_balances_at(
            self.date, journals=self.journal_id
        )
