from odoo import SUPERUSER_ID
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.legal_billing.exceptions import UndoError
from odoo.addons.legal_billing.tests.production.smtp import smtp_server

from .einvoice_common import EinvoiceCommon


@tagged("-standard", "-at_install", "post_install", "legal_billing_networks")
class TestNetworks(EinvoiceCommon):
    """Bills by Peppol and by letter, with Odoo's own addons for both; only what answers
    at the other end of the line is played."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_peppol_proxy_state = "receiver"
        key = (
            cls.env["certificate.key"]
            .sudo()
            ._generate_rsa_private_key(cls.company, name="Peppol")
        )
        cls.connection = (
            cls.env["account_edi_proxy_client.user"]
            .sudo()
            .create(
                {
                    "id_client": "firm",
                    "company_id": cls.company.id,
                    "proxy_type": "peppol",
                    "edi_mode": "test",
                    "edi_identification": "9930:DE123456788",
                    "private_key_id": key.id,
                    "refresh_token": "token",
                }
            )
        )
        client = cls.client.with_company(cls.company)
        client.peppol_verification_state = "valid"
        client.invoice_sending_method = "peppol"

    def setUp(self):
        super().setUp()
        self.sent, self.answers = [], {}
        test = self

        def call(_self, endpoint, params=None):
            if endpoint.endswith("send_document"):
                numbers = [f"uuid-{len(test.sent) + n}" for n in range(9)]
                test.sent += params["documents"]
                return {
                    "messages": [
                        {"message_uuid": number}
                        for number in numbers[: len(params["documents"])]
                    ]
                }
            if endpoint.endswith("get_document"):
                return {
                    uuid: test.answers[uuid]
                    for uuid in params["message_uuids"]
                    if uuid in test.answers
                }
            return {}

        self.patch(type(self.connection), "_call_peppol_proxy", call)

    def _produce(self, bills):
        with smtp_server(self.env) as mailbox:
            self._as(bills, "biller").action_produce_bills()
            self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
        self.mails = mailbox.messages
        return self.env["legal.billing.run"].search(
            [("operation", "=", "produce")], order="id desc", limit=1
        )

    def _send_queue(self):
        """What Odoo's own job of sending does."""
        moves = self.env["account.move"].with_user(SUPERUSER_ID)
        queued = moves.search([("sending_data", "!=", False)])
        if queued:
            self.env["account.move.send"].with_user(
                SUPERUSER_ID
            )._generate_and_send_invoices(queued, from_cron=True)

    def _hear(self, bill, **answer):
        """The network says what became of a bill."""
        self.answers[bill.peppol_message_uuid] = answer
        self.connection._peppol_get_message_status()

    # --- Peppol

    def test_a_bill_is_delivered_when_the_network_says_so(self):
        bill = self._approve(self._make())
        self.assertEqual(bill.bill_channel_ids.mapped("code"), ["peppol"])
        self.assertEqual(bill.production_plan, "Peppol")
        run = self._produce(bill)
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertEqual(bill.peppol_move_state, "to_send")
        self.assertFalse(self.sent or self.mails or bill.delivered_on)
        self._send_queue()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(self.sent[0]["receiver"], "9930:DE136695976")
        self.assertEqual(bill.peppol_move_state, "processing")
        self.assertFalse(bill.delivered_on or bill.delivered_day)
        self.assertEqual(
            [(lane["key"], lane["done"]) for lane in run.lanes],
            [("pdf", 1), ("network", 0)],
        )
        self._hear(bill, state="done")
        self.assertTrue(bill.delivered_on and bill.delivered_day)
        self.assertEqual(bill.delivery_method, "peppol")
        self.assertFalse(bill.delivery_error)
        self._send_queue()
        self.assertEqual(len(self.sent), 1)

    def test_what_the_network_refuses_is_a_row_and_tried_again(self):
        bill = self._approve(self._make())
        run = self._produce(bill)
        self._send_queue()
        self._hear(bill, error={"code": 404, "message": "No such participant"})
        self.assertEqual(bill.peppol_move_state, "error")
        self.assertRegex(bill.delivery_error, "Peppol: ")
        self.assertNotRegex(bill.delivery_error, "see the notes")
        row = run.line_ids
        self.assertEqual((row.state, row.reason_code), ("failed", "network"))
        self.assertEqual(bill.production_plan, "Peppol")
        self._as(row, "biller").action_retry()
        self.assertEqual(row.state, "done")
        self._send_queue()
        self.assertEqual(len(self.sent), 2)
        self._hear(bill, state="done")
        self.assertTrue(bill.delivered_day)
        self.assertFalse(bill.delivery_error)

    def test_with_email_both_have_to_arrive(self):
        email = self.env["legal.bill.channel"]._get("email")
        bill = self._approve(self._make())
        bill.bill_channel_ids |= email
        self.assertEqual(bill.production_plan, "e-mail + Peppol")
        self._produce(bill)
        self.assertEqual(len(self.mails), 1)
        self.assertFalse(bill.delivered_on)
        self._send_queue()
        self.assertFalse(bill.delivered_on)
        self._hear(bill, state="done")
        self.assertTrue(bill.delivered_on)

    def test_what_peppol_took_stays_what_waits_comes_back(self):
        waiting, taken = self._approve(self._make()), self._approve(self._make())
        self._produce(waiting)
        self._as(waiting, "manager").action_revert_bills("Mistake")
        self.assertEqual(waiting.state, "draft")
        self.assertFalse(waiting.sending_data)
        self._produce(taken)
        self._send_queue()
        self.assertEqual(len(self.sent), 1)
        with self.assertRaisesRegex(UndoError, "takes? a number once"):
            self._as(taken, "manager").button_draft()
        self.assertEqual(taken.state, "posted")

    def test_a_firm_that_is_not_on_peppol_is_told(self):
        bill = self._approve(self._make())
        self.company.account_peppol_proxy_state = "not_registered"
        self.assertRegex(bill.production_plan, "fails: .*not registered on Peppol")

    # --- letters

    def test_a_letter_is_delivered_when_the_post_has_it(self):
        client = self.client.with_company(self.company)
        client.invoice_sending_method = "snailmail"
        bill = self._approve(self._make())
        self.assertEqual(bill.production_plan, "Letter")
        self._produce(bill)
        self._send_queue()
        letter = self.env["snailmail.letter"].search([("res_id", "=", bill.id)])
        self.assertEqual(letter.state, "pending")
        self.assertFalse(bill.delivered_on)
        # as Odoo notes the answer of the post
        letter.notification_ids.sudo().write(
            {"notification_status": "exception", "failure_type": "sn_credit"}
        )
        self.assertRegex(bill.delivery_error, "Letter: ")
        letter.notification_ids.sudo().write(
            {"notification_status": "sent", "failure_type": False}
        )
        self.assertTrue(bill.delivered_day)
        self.assertEqual(bill.delivery_method, "snailmail")

    def test_an_address_that_no_letter_reaches_is_told(self):
        client = self.client.with_company(self.company)
        client.invoice_sending_method = "snailmail"
        bill = self._approve(self._make())
        self.client.city = False
        self.assertRegex(bill.production_plan, "fails: .*not complete.*City")
        channels = self.env["legal.bill.channel"]._get("print")
        bill.bill_channel_ids = [Command.set(channels.ids)]
        self.assertEqual(bill.production_plan, "1 copy")
