from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.http import request, route

from odoo.addons.legal_billing.controllers.money_request import MoneyRequestPortal
from odoo.addons.payment.controllers.portal import PaymentPortal


class MoneyRequestPayment(MoneyRequestPortal, PaymentPortal):
    """The client's page of a request takes the money, where a provider pays it to the
    right bank account."""

    def _prepare_money_request_values(self, asked_sudo, access_token, **kwargs):
        """Besides: the providers, while something is open and nothing is under way."""
        values = super()._prepare_money_request_values(
            asked_sudo, access_token, **kwargs
        )
        is_under_way = asked_sudo._has_online_payment()
        values["is_under_way"] = is_under_way
        if not values["page"]["is_open"] or is_under_way:
            return values
        payer_sudo = self._get_money_request_payer(asked_sudo)
        providers_sudo, methods_sudo, report = self._get_money_request_providers(
            asked_sudo, payer_sudo
        )
        return values | {
            "mode": "payment",
            "reference_prefix": asked_sudo.name,
            "amount": asked_sudo.open_amount,
            "currency": asked_sudo.currency_id,
            "partner_id": payer_sudo.id,
            "providers_sudo": providers_sudo,
            "payment_methods_sudo": methods_sudo,
            # nobody pays with what is kept for the firm's own bank account
            "tokens_sudo": request.env["payment.token"].sudo(),
            "show_tokenize_input_mapping": dict.fromkeys(providers_sudo.ids, False),
            "availability_report": report,
            "company_mismatch": not self._can_partner_pay_in_company(
                payer_sudo, asked_sudo.company_id
            ),
            "expected_company": asked_sudo.company_id,
            "transaction_route": f"{asked_sudo.access_url}/transaction",
            "landing_route": asked_sudo.get_portal_url(),
            "access_token": asked_sudo._portal_ensure_token(),
        }

    def _get_money_request_payer(self, asked_sudo):
        """Whoever is logged in, else the one who was asked.

        :rtype: res.partner
        """
        user_sudo = request.env.user
        return asked_sudo.partner_id if user_sudo._is_public() else user_sudo.partner_id

    def _get_money_request_providers(self, asked_sudo, payer_sudo):
        """
        :return: providers, their methods, and what core tells administrators of others
        :rtype: tuple
        """
        report = {}
        # sudo: providers, for visitors
        providers_sudo = request.env["payment.provider"].sudo()
        providers_sudo = providers_sudo._get_compatible_providers(
            asked_sudo.company_id.id,
            payer_sudo.id,
            asked_sudo.open_amount,
            currency_id=asked_sudo.currency_id.id,
            report=report,
            money_request=asked_sudo,
        )
        methods_sudo = request.env["payment.method"].sudo()
        methods_sudo = methods_sudo._get_compatible_payment_methods(
            providers_sudo.ids,
            payer_sudo.id,
            currency_id=asked_sudo.currency_id.id,
            report=report,
        )
        return providers_sudo, methods_sudo, report

    @route(
        "/my/money-requests/<int:request_id>/transaction",
        type="jsonrpc",
        auth="public",
    )
    def money_request_transaction(self, request_id, access_token, **kwargs):
        """Begin to pay what is open of a request: all of it, whatever the visitor sent.

        :param int request_id:
        :param str access_token:
        :return: what the provider's form needs
        :rtype: dict
        :raise ValidationError: with a wrong token, if nothing is open, or with a
            provider that pays to another bank account
        """
        try:
            asked_sudo = self._document_check_access(
                "legal.money.request", request_id, access_token
            )
        except (AccessError, MissingError) as error:
            raise ValidationError(
                request.env._("The access token is invalid.")
            ) from error
        self._validate_transaction_kwargs(
            kwargs, additional_allowed_keys={"payment_reference"}
        )
        asked_sudo._check_waiting()
        payer_sudo = self._get_money_request_payer(asked_sudo)
        providers_sudo, _methods, _report = self._get_money_request_providers(
            asked_sudo, payer_sudo
        )
        if (
            kwargs.get("provider_id") not in providers_sudo.ids
            or kwargs.get("flow") == "token"
            or asked_sudo._has_online_payment()
        ):
            raise ValidationError(
                request.env._("This request cannot be paid in this way.")
            )
        transaction_sudo = self._create_transaction(
            **kwargs
            | {
                "amount": asked_sudo.open_amount,
                "currency_id": asked_sudo.currency_id.id,
                "partner_id": payer_sudo.id,
                "is_validation": False,
                "tokenization_requested": False,
                "landing_route": asked_sudo.get_portal_url(),
            },
            custom_create_values={"money_request_id": asked_sudo.id},
        )
        return transaction_sudo._get_processing_values()
