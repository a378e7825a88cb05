from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal


class MoneyRequestPortal(CustomerPortal):
    """The client's page of a request for money."""

    @http.route(
        "/my/money-requests/<int:request_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def portal_money_request(
        self, request_id, access_token=None, report_type=None, **kwargs
    ):
        """What is asked for, and where to pay it; or its paper.

        :param int request_id:
        :param str access_token: of the request; without it, for those alone who may
            read it
        :param str report_type: ``pdf`` for the paper
        :raise NotFound: says no more than that it is not there
        """
        try:
            asked_sudo = self._document_check_access(
                "legal.money.request", request_id, access_token
            )
        except (AccessError, MissingError) as error:
            raise request.not_found() from error
        if request.env.user._is_public():
            # visitors have no language of their own
            request.update_context(lang=asked_sudo._get_paper_lang())
        asked_sudo = asked_sudo.with_context(lang=request.env.context.get("lang"))
        if report_type == "pdf":
            return self._make_money_request_paper(asked_sudo)
        values = self._prepare_money_request_values(asked_sudo, access_token, **kwargs)
        return request.render("legal_billing.money_request_page", values)

    def _make_money_request_paper(self, asked_sudo):
        """
        :rtype: odoo.http.Response
        """
        if asked_sudo.state == "cancelled":  # nobody pays it any more
            raise request.not_found()
        name = f"{asked_sudo._get_file_name()}.pdf"
        return request.make_response(
            asked_sudo._get_page_paper(),
            [
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _prepare_money_request_values(self, asked_sudo, access_token, **kwargs):
        """What the page shows; addons that take payments add to it.

        :param legal.money.request asked_sudo:
        :param str access_token: that the visitor came with
        :rtype: dict
        """
        values = {
            "page_name": "money_request",
            "asked": asked_sudo,
            "page": asked_sudo._get_page(),
            "res_company": asked_sudo.company_id,
            "no_footer": True,
        }
        return self._get_page_view_values(
            asked_sudo,
            access_token,
            values,
            "my_money_requests_history",
            True,
            **kwargs,
        ) | {"no_breadcrumbs": True}
