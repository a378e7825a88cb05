from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ...exceptions import RequestError
from .request_common import RequestCommon

MAIL_LOGGER = "odoo.addons.mail.models.mail_mail"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestMoneyRequestSend(RequestCommon):
    """The paper goes to the client: by e-mail, with the bill, or printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller.partner_id.email = "biller@firm.example"
        cls.company.email = "office@firm.example"
        banks = cls.env["res.partner.bank"]
        cls.client_bank.bank_account_id = banks.create(
            {
                "acc_number": "GB33BUKB20201555555555",
                "partner_id": cls.company.partner_id.id,
                "company_id": cls.company.id,
            }
        )
        cls.office_account = banks.create(
            {
                "acc_number": "GB94BARC10201530093459",
                "partner_id": cls.company.partner_id.id,
                "company_id": cls.company.id,
            }
        )
        cls.without = cls.env["res.partner"].create({"name": "By Post"})

    def _get_mails(self, text):
        return self.env["mail.mail"].sudo().search([("subject", "ilike", text)])

    def test_where_to_pay(self):
        request = self._ask()
        rows = dict(request._get_bank_rows())
        self.assertEqual(rows["Account number"], "55555555")
        self.assertEqual(rows["Payment reference"], request.name)
        rows = dict(self._ask("on_account")._get_bank_rows())
        self.assertEqual(rows["Account number"], "30093459")

    def test_by_email(self):
        request = self._ask()
        self._as(request, "biller").action_send()
        self.assertRecordValues(
            request,
            [{"state": "sent", "sent_how": "email", "sent_by_id": self.biller.id}],
        )
        [mail] = self._get_mails(request.name)
        self.assertEqual(mail.recipient_ids, self.client)
        self.assertIn("55555555", mail.body_html)
        # its button leads to the client's page
        self.assertIn(f"access_token={request.access_token}", mail.body_html)
        self.assertEqual(
            mail.attachment_ids.name, f"Request {request.name}.pdf".replace("/", "_")
        )
        self.assertTrue(mail.attachment_ids.raw.startswith(b"%PDF"))
        sent = request.sent_on
        self._as(request, "cashier").action_send()
        self.assertEqual(request.sent_on, sent)
        self.assertEqual(len(self._get_mails(request.name)), 2)

    def test_a_server_that_died_on_the_way_asks_nobody_twice(self):
        request = self._ask()
        self._as(request, "biller").action_send()
        [mail] = self._get_mails(request.name)
        self.assertEqual(mail._get_mails_with_bill(), mail)
        mail.legal_sending_since = "2026-11-25 11:00:00"
        self.assertFalse(mail._is_fit_to_send(auto_commit=False))
        self.assertEqual(mail.state, "exception")
        self.assertIn("Ask the recipient", mail.failure_reason)

    def test_in_the_client_s_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.client.lang = "de_DE"
        request = self._ask(amount=1234.5)
        self.assertEqual(request._get_paper_lang(), "de_DE")
        self._as(request, "biller").action_send()
        [mail] = self._get_mails(request.name)
        self.assertIn("1.234,50", mail.body_html)

    def test_many_and_those_without_an_address(self):
        requests = self._ask() | self._ask() | self._ask(partner_id=self.without.id)
        action = self._as(requests, "biller").action_send()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual(requests.mapped("sent_how"), ["email", "email", "print"])
        self.assertEqual(requests.mapped("state"), ["sent"] * 3)
        papers = requests.paper_id
        self.assertEqual(len(papers), 3)
        self.assertEqual(papers.mapped("res_id"), requests.ids)
        self._as(requests[0], "biller").action_cancel("paid otherwise")
        with self.assertRefused("nothing is asked for", RequestError):
            self._as(requests, "biller").action_send()
        preview = self._as(requests, "reviewer").action_print()
        self.assertEqual(preview["type"], "ir.actions.act_url")

    def _make_evergreen_bill(self, **vals):
        self.matter.write(
            {"retainer_minimum": 3000.0, "retainer_ask_with_bill": True, **vals}
        )
        self._create_time(self.matter, 1.0)
        return self._approve(self._bill(self.matter))

    def _produce(self, bills):
        with mute_logger(MAIL_LOGGER):
            self._as(bills, "biller").action_produce_bills()

    def test_with_the_bill(self):
        bill = self._make_evergreen_bill()
        request = bill.asked_request_ids
        self._produce(bill)
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertRecordValues(request, [{"state": "sent", "sent_how": "bill"}])
        [message] = bill.delivery_message_ids
        names = message.attachment_ids.mapped("name")
        self.assertEqual(len(names), 2)
        self.assertIn(f"Request {request.name}.pdf".replace("/", "_"), names)
        self.assertFalse(self._get_mails(f"request for money {request.name}"))

    def test_not_with_a_bill_to_somebody_else(self):
        payer = self.env["res.partner"].create(
            {"name": "Insurer", "email": "insurer@insurer.example"}
        )
        self.matter.billing_partner_id = payer
        bill = self._make_evergreen_bill()
        request = bill.asked_request_ids
        self.assertEqual(request.partner_id, self.client)
        self._produce(bill)
        [message] = bill.delivery_message_ids
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertRecordValues(request, [{"state": "sent", "sent_how": "email"}])
        [mail] = self._get_mails(f"request for money {request.name}")
        self.assertEqual(mail.recipient_ids, self.client)

    def test_a_bill_without_an_address_leaves_it_to_be_printed(self):
        self.client.email = False
        self.matter.write(
            {"bill_print_copies": "1", "bill_recipient_ids": [Command.clear()]}
        )
        bill = self._make_evergreen_bill()
        request = bill.asked_request_ids
        self._produce(bill)
        self.assertEqual(request.state, "draft")
        self._as(request, "biller").action_send()
        self.assertRecordValues(request, [{"state": "sent", "sent_how": "print"}])
