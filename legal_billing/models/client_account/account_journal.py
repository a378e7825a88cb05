from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...exceptions import TrustError


class AccountJournal(models.Model):
    """A bank journal of client money."""

    _inherit = "account.journal"

    is_client_account = fields.Boolean(
        string="Client account",
        help="This bank account holds money of clients, never the firm's own. Its "
        "outstanding accounts are made for it alone.",
    )

    _client_account_is_bank = models.Constraint(
        "CHECK(is_client_account IS NOT TRUE OR type = 'bank')",
        "Client money is kept in a bank journal.",
    )

    # --- constraints

    @api.constrains("is_client_account", "default_account_id")
    def _check_client_account_alone(self):
        """Client money shares its bank account with nothing else (rule T5)."""
        for journal in self.filtered("is_client_account"):
            shared = self.sudo().search(  # whoever may read them
                [
                    ("id", "!=", journal.id),
                    ("default_account_id", "=", journal.default_account_id.id),
                    ("default_account_id", "!=", False),
                ],
                limit=1,
            )
            if shared:
                raise ValidationError(
                    self.env._(
                        "%(journal)s is a client account and cannot share its bank "
                        "account %(account)s with %(other)s.",
                        journal=journal.display_name,
                        account=journal.default_account_id.display_name,
                        other=shared.display_name,
                    )
                )

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """A new client account gets outstanding accounts of its own, and its company
        the liability, before anything is posted in it."""
        journals = super().create(vals_list)
        journals.filtered("is_client_account")._set_up_client_account()
        return journals

    def write(self, vals):
        """Refuse to mix a bank account's clients' and own money after the fact.

        :raise TrustError: naming the journal
        """
        flagged = self.browse()
        if "is_client_account" in vals:
            changing = self.filtered(
                lambda j: j.is_client_account != bool(vals["is_client_account"])
            )
            changing._check_never_used(changing)
            flagged = changing if vals["is_client_account"] else flagged
        frozen = {
            "currency_id",
            "company_id",
            "type",
            "default_account_id",
        } & vals.keys()
        if frozen:
            self._check_never_used(
                self.filtered(
                    lambda j: (
                        j.is_client_account
                        and any(j[f].id != vals[f] for f in frozen - {"type"})
                        or j.is_client_account
                        and vals.get("type", j.type) != j.type
                    )
                )
            )
        result = super().write(vals)
        flagged._set_up_client_account()
        return result

    # --- business

    def _get_cash_book_accounts(self):
        """Accounts that are this bank's cash book together: the bank, what is on its
        way, and what waits on the statement.

        :rtype: account.account
        """
        journal_sudo = self.sudo()  # configuration
        return (
            journal_sudo.default_account_id
            | journal_sudo.inbound_payment_method_line_ids.payment_account_id
            | journal_sudo.outbound_payment_method_line_ids.payment_account_id
            | journal_sudo.suspense_account_id
        )

    def _sum_client_items(self, accounts, day):
        """Posted items of the journal on these accounts until the end of a day.

        :param account.account accounts:
        :param date day:
        :rtype: float
        """
        self.ensure_one()
        if not (accounts and day):
            return 0.0
        items = self.env["account.move.line"].sudo()  # those in charge see the sums
        [(total,)] = items._read_group(
            [
                ("journal_id", "=", self.id),
                ("account_id", "in", accounts.ids),
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
            ],
            [],
            ["amount_currency:sum"],
        )
        return total or 0.0

    def _check_never_used(self, journals):
        """Refuse a change of journals that have items.

        :param account.journal journals:
        :raise TrustError: naming them
        """
        if not journals:
            return
        lines = self.env["account.move.line"].sudo()  # all items, whoever reads them
        used = lines._read_group([("journal_id", "in", journals.ids)], ["journal_id"])
        if used:
            raise TrustError(
                self.env._(
                    "%(journals)s has entries already, and money of clients and of the "
                    "firm is never mixed in one account. Make a new journal.",
                    journals=", ".join(journal.display_name for (journal,) in used),
                )
            )

    def _set_up_client_account(self):
        """Outstanding accounts of its own, and the liability, so that client money
        never passes an account of the firm's."""
        for journal in self.sudo():  # part of the flag, which the user may set
            receipts = journal._get_own_outstanding_account("inbound")
            payments = journal._get_own_outstanding_account("outbound")
            journal.inbound_payment_method_line_ids.payment_account_id = receipts
            journal.outbound_payment_method_line_ids.payment_account_id = payments
            journal.company_id._get_legal_trust_account()

    def _get_own_outstanding_account(self, direction):
        """The journal's outstanding account if no other journal uses it, else a new one.

        :param str direction: ``inbound`` or ``outbound``
        :rtype: account.account
        """
        self.ensure_one()
        accounts = self[f"{direction}_payment_method_line_ids"].payment_account_id
        if len(accounts) == 1 and not self.env[
            "account.payment.method.line"
        ].search_count(
            [("payment_account_id", "=", accounts.id), ("journal_id", "!=", self.id)],
            limit=1,
        ):
            return accounts
        names = {
            "inbound": self.env._(
                "%(journal)s: outstanding receipts", journal=self.name
            ),
            "outbound": self.env._(
                "%(journal)s: outstanding payments", journal=self.name
            ),
        }
        root = self.company_id.root_id
        model = self.env["account.account"].with_company(root)
        return model.create(
            {
                "name": names[direction],
                "code": model._search_new_account_code(
                    self.default_account_id.with_company(root).code or "101500"
                ),
                "account_type": "asset_current",
                "reconcile": True,
                "currency_id": self.currency_id.id,
                "company_ids": root.ids,
            }
        )

    def _get_client_outstanding_account(self, direction):
        """Where a movement of client money waits for its statement line.

        :param str direction: ``inbound`` or ``outbound``
        :rtype: account.account
        """
        self.ensure_one()
        journal_sudo = self.sudo()  # the method lines are the accountant's
        account = journal_sudo[
            f"{direction}_payment_method_line_ids"
        ].payment_account_id[:1]
        if not account:
            journal_sudo._set_up_client_account()
            account = journal_sudo[
                f"{direction}_payment_method_line_ids"
            ].payment_account_id[:1]
        if not account:
            raise TrustError(
                self.env._(
                    "%(journal)s has no payment method to book with. Add the manual "
                    "one to the journal.",
                    journal=self.display_name,
                )
            )
        return account.with_env(self.env)

    def _get_client_account_accounts(self):
        """Every account that belongs to these client accounts: bank, suspense,
        outstanding.

        :rtype: account.account
        """
        journals_sudo = self.sudo()
        return (
            journals_sudo.default_account_id
            | journals_sudo.inbound_payment_method_line_ids.payment_account_id
            | journals_sudo.outbound_payment_method_line_ids.payment_account_id
        )
