from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...exceptions import ProtectedFieldError
from .request_common import RequestCommon


@tagged("post_install", "-at_install")
class TestMoneyRequestPage(RequestCommon, HttpCase):
    """The client's own page of a request."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        banks = cls.env["res.partner.bank"]
        numbers = ("GB33BUKB20201555555555", "GB94BARC10201530093459")
        cls.client_bank.bank_account_id, _office = (
            banks.create(
                {
                    "acc_number": number,
                    "partner_id": cls.company.partner_id.id,
                    "company_id": cls.company.id,
                }
            )
            for number in numbers
        )

    def _get(self, url):
        with mute_logger("odoo.http"):
            return self.url_open(url, allow_redirects=False)

    def _get_page(self, request):
        """What a visitor with the address sees.

        :rtype: str
        """
        answer = self._get(request.get_portal_url())
        self.assertEqual(answer.status_code, 200)
        return answer.text

    def test_what_is_asked_and_where_to_pay(self):
        request = self._ask(narrative="For the search fees")
        page = self._get_page(request)
        for text in (
            request.name,
            "1,200.00",
            "For the search fees",
            self.matter.name,
            "55555555",  # the client account
            "no tax is due on it",
        ):
            self.assertIn(text, page)
        self.assertNotIn("30093459", page)
        page = self._get_page(self._ask("on_account"))
        for text in ("30093459", "1,000.00", "200.00", "You get a bill on account"):
            self.assertIn(text, page)
        self.assertNotIn("55555555", page)

    def test_nothing_for_whoever_lacks_the_address(self):
        """Visitors, the portal of another client, staff behind a barrier."""
        request, other = self._ask(), self._ask()
        token = other._portal_ensure_token()
        request._portal_ensure_token()
        neighbour = new_test_user(
            self.env, login="portal_neighbour", groups="base.group_portal"
        )
        neighbour.partner_id.parent_id = self.other_client
        addresses = [
            request.access_url,
            f"{request.access_url}?access_token=",
            f"{request.access_url}?access_token=wrong",
            f"{request.access_url}?access_token={token}",
            f"{request.access_url}?access_token={token}&report_type=pdf",
            "/my/money-requests/999999999?access_token=wrong",
        ]
        for login in (None, "portal_neighbour", self.fee_earner.login):
            self.authenticate(login, login)
            for address in addresses:
                answer = self._get(address)
                self.assertEqual(answer.status_code, 404, (login, address))
                self.assertNotIn(request.name, answer.text)
        self.assertTrue(neighbour.share)
        # its own address opens it
        self.assertIn(request.name, self._get_page(request))

    def test_staff_look_without_a_token_as_their_rights_go(self):
        request = self._ask()
        self.authenticate(self.biller.login, self.biller.login)
        self.assertIn(request.name, self._get(request.access_url).text)
        self.matter.write({"is_walled": True, "wall_user_ids": [(4, self.manager.id)]})
        self.assertEqual(self._get(request.access_url).status_code, 404)

    def test_the_token_is_not_given_away(self):
        request = self._ask()
        action = self._as(request, "reviewer").action_open_page()
        self.assertIn(request.access_token, action["url"])
        with self.assertRefused("", AccessError):
            self._as(request, "fee_earner").get_portal_url()
        with self.assertRefused("", AccessError):
            self._as(request, "fee_earner").action_open_page()
        with self.assertRefused("set by Send", ProtectedFieldError):
            self._as(request, "biller").access_token = "mine"
        self.assertNotEqual(request.copy().access_token, request.access_token)

    def test_paid_in_part_and_paid(self):
        request = self._ask(amount=1200.0)
        self._deposit(request, 500.0).action_post()
        page = self._get_page(request)
        for text in ("Received, thank you", "700.00", "55555555"):
            self.assertIn(text, page)
        self._deposit(request, 700.0).action_post()
        page = self._get_page(request)
        self.assertIn("Your payment is here", page)
        self.assertNotIn("55555555", page)
        self.assertNotIn("Please pay", page)

    def test_cancelled(self):
        request = self._ask()
        self._as(request, "biller").action_cancel("asked the wrong client")
        page = self._get_page(request)
        self.assertIn("was withdrawn", page)
        for text in ("wrong client", "55555555", "Payment reference", "We hold"):
            self.assertNotIn(text, page)
        paper = self._get(request.get_portal_url(report_type="pdf"))
        self.assertEqual(paper.status_code, 404)

    def test_late(self):
        request = self._ask(date=date(2026, 1, 5))
        self.assertIn("This was due on", self._get_page(request))

    def test_the_paper(self):
        request = self._ask()
        self._as(request, "biller")._internal()._make_papers()
        paper = self._get(request.get_portal_url(report_type="pdf"))
        self.assertEqual(paper.headers["Content-Type"], "application/pdf")
        self.assertEqual(paper.content, request.paper_id.raw)
        self.assertTrue(self._ask()._get_page_paper().startswith(b"%PDF"))

    def test_in_the_client_s_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.client.lang = "de_DE"
        self.assertIn("1.200,00", self._get_page(self._ask()))
