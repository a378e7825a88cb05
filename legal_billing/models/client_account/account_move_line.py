from odoo import api, fields, models

from odoo.addons.account.models.account_move import BYPASS_LOCK_CHECK

from ...exceptions import ProtectedFieldError, TrustError
from ...tools import is_internal
from .triggers import MOVE_LINE_TRIGGERS

FROZEN_FIELDS = {
    "account_id",
    "matter_id",
    "debit",
    "credit",
    "balance",
    "amount_currency",
    "currency_id",
    "partner_id",
    "move_id",
    "name",
    "date",
    "analytic_distribution",
}
NEVER_IN_CLIENT_ACCOUNT = ("asset_receivable", "liability_payable")


class AccountMoveLine(models.Model):
    """Items of client money, and what never touches it."""

    _inherit = "account.move.line"

    trust_transaction_id = fields.Many2one(
        "legal.trust.transaction",
        string="Movement of client money",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def init(self):
        """Items of client money stay as they are, in the database too."""
        result = super().init()
        self.env.cr.execute(MOVE_LINE_TRIGGERS)
        return result

    @api.constrains("account_id", "move_id", "matter_id", "trust_transaction_id")
    def _check_client_money(self):
        """The client money account takes items of movements only, with their matter; a
        client account's own accounts take nothing from other journals; a client account
        never meets income, expense or receivables (rules T3, T5, T9)."""
        companies = self.company_id.sudo()
        liabilities = companies.legal_trust_account_id
        journals = self.env["account.journal"].sudo().with_context(active_test=False)
        client_journals = journals.search(
            [("is_client_account", "=", True), ("company_id", "in", companies.ids)]
        )
        if not liabilities and not client_journals:
            return
        own_accounts = client_journals._get_client_account_accounts()
        for line in self.sudo():
            if line.account_id in liabilities and not (
                line.trust_transaction_id
                and line.matter_id
                and line.trust_transaction_id == line.move_id.trust_transaction_id
            ):
                raise TrustError(
                    self.env._(
                        "%(account)s is client money: it takes deposits, refunds and "
                        "transfers of a matter under Client Account, no other items.",
                        account=line.account_id.display_name,
                    )
                )
            if line.move_id.journal_id.is_client_account:
                line._check_client_journal_item()
            elif (
                line.account_id in own_accounts
                and line.move_id.journal_id
                != line.company_id.currency_exchange_journal_id
            ):
                raise TrustError(
                    self.env._(
                        "%(account)s belongs to a client account; %(journal)s cannot "
                        "book on it. Use Client Account.",
                        account=line.account_id.display_name,
                        journal=line.move_id.journal_id.display_name,
                    )
                )

    def _check_client_journal_item(self):
        account = self.account_id
        if (
            account.account_type in NEVER_IN_CLIENT_ACCOUNT
            or account.internal_group in ("income", "expense")
        ):
            raise TrustError(
                self.env._(
                    "%(journal)s is a client account and cannot book on %(account)s: "
                    "client money is neither income nor cost, and is never set off "
                    "against receivables. Transfer to office instead, with a payment "
                    "from the client account.",
                    journal=self.move_id.journal_id.display_name,
                    account=account.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Items of client money come with the entry that posting a movement makes: none
        is tied to a movement by hand, nor added to such an entry afterwards.

        :raise ProtectedFieldError: for an item that names a movement
        :raise TrustLockedError: for an item of an entry of client money
        """
        if not is_internal(self.env):
            given = any(vals.get("trust_transaction_id") for vals in vals_list)
            if given or self.env.context.get("default_trust_transaction_id"):
                self._refuse_trust_field()
            moves = self.env["account.move"].browse(
                {vals["move_id"] for vals in vals_list if vals.get("move_id")}
            )
            moves.sudo()._refuse_trust_entries()
        return super().create(vals_list)

    def write(self, vals):
        """Items of client money stay as they were posted; what does not touch the
        figures (matching, a statement's mark) passes.

        :raise ProtectedFieldError: for an item that would name a movement
        :raise TrustLockedError: naming the entries of client money
        """
        if not is_internal(self.env):
            if "trust_transaction_id" in vals:
                self._refuse_trust_field()
            if FROZEN_FIELDS & vals.keys() and not self._follows_contact(vals):
                own = self.filtered("trust_transaction_id")
                own.move_id._refuse_trust_entries()
        return super().write(vals)

    def _follows_contact(self, vals):
        """Whether core lets items follow their contact, who came into a company or left
        one: on purpose past all locks, else the open items of one partner stood under
        two. Whose client money it is, the matter says.

        Nobody can send core's sign from outside.

        :param dict vals: for ``write``
        :rtype: bool
        """
        return vals.keys() == {"partner_id"} and (
            self.env.context.get("bypass_lock_check") is BYPASS_LOCK_CHECK
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_client_money(self):
        self.filtered("trust_transaction_id").move_id._refuse_trust_entries()

    def _refuse_trust_field(self):
        raise ProtectedFieldError(
            self.env._("Items of client money are made under Client Account.")
        )
