from odoo import api, models
from odoo.exceptions import ValidationError

LIABILITIES = ("liability_current", "liability_non_current")


class AccountAccount(models.Model):
    """The accounts of client money and of unallocated credits stay what they are."""

    _inherit = "account.account"

    @api.constrains("account_type", "reconcile", "active")
    def _check_client_money_account(self):
        companies = self.env["res.company"].sudo()  # settings of all companies
        used = companies.search(
            [("legal_trust_account_id", "in", self.ids)]
        ).legal_trust_account_id
        (self & used)._check_fit_for_client_money()
        used = companies.search(
            [("legal_unallocated_account_id", "in", self.ids)]
        ).legal_unallocated_account_id
        (self & used)._check_fit_for_credits()

    def _check_fit_for_credits(self):
        """Refuse accounts on which no credit could be used any more: without
        reconciliation nothing is open on them.

        :raise ValidationError: naming the account
        """
        for account in self:
            if (
                account.account_type not in LIABILITIES
                or not account.reconcile
                or not account.active
            ):
                raise ValidationError(
                    self.env._(
                        "%(account)s holds unallocated credits of matters: it must be an "
                        "active liability that allows reconciliation, or no credit could "
                        "be used for bills.",
                        account=account.display_name,
                    )
                )

    def _check_fit_for_client_money(self):
        """Refuse accounts that cannot hold client money.

        :raise ValidationError: naming the account
        """
        for account in self:
            if (
                account.account_type not in LIABILITIES
                or account.reconcile
                or not account.active
            ):
                raise ValidationError(
                    self.env._(
                        "%(account)s holds client money: it must be an active liability "
                        "that is not reconciled. What a client is owed is never set off "
                        "against bills.",
                        account=account.display_name,
                    )
                )
