from odoo import models

from odoo.addons.payment import utils as payment_utils


class PaymentProvider(models.Model):
    """Providers that pay to a client account take requested client money, and nothing
    else; all others take none."""

    _inherit = "payment.provider"

    def _get_compatible_providers(
        self, *args, report=None, money_request=None, **kwargs
    ):
        """Besides: those alone that pay to where the money belongs.

        :param legal.money.request money_request: that is to be paid; none for bills,
            orders and whatever else is paid online
        """
        providers = super()._get_compatible_providers(
            *args, report=report, money_request=money_request, **kwargs
        )
        fitting = providers.filtered(
            lambda provider: provider._takes_money_of(money_request)
        )
        payment_utils.add_to_report(
            report,
            providers - fitting,
            available=False,
            reason=self.env._("its bank account is not the one for this money"),
        )
        return fitting

    def _takes_money_of(self, money_request):
        """
        :param legal.money.request money_request: or none
        :rtype: bool
        """
        self.ensure_one()
        provider_sudo = self.sudo()  # its journal, for visitors
        if money_request:
            return money_request._fits_provider(provider_sudo)
        # of transfers only the text is shown; they are no payment until the bank has them
        is_transfer = provider_sudo.code == "custom"
        return is_transfer or not provider_sudo.journal_id.is_client_account

    def _ensure_payment_method_line(self, allow_create=True):
        """In a client account it books on what is on its way to that account, never on
        an account of the firm's; and the other way round."""
        result = super()._ensure_payment_method_line(allow_create=allow_create)
        lines = self.journal_id.inbound_payment_method_line_ids
        own = lines.filtered(lambda line: line.payment_provider_id == self)
        if not own:
            return result
        if self.journal_id.is_client_account:
            others = (lines - own).payment_account_id
            own.payment_account_id = others[:1] or own.payment_account_id
        else:
            clients_sudo = self.env["account.journal"].sudo()  # their accounts only
            clients_sudo = clients_sudo.search([("is_client_account", "=", True)])
            accounts = clients_sudo.inbound_payment_method_line_ids.payment_account_id
            if own.payment_account_id & accounts:
                own.payment_account_id = (
                    self._get_payment_method_outstanding_account_id(
                        own.payment_method_id[:1]
                    )
                )
        return result
