from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import (
    BillStageError,
    RoleError,
    UndoError,
)
from .produce_common import MAIL_LOGGER, ProduceCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestProduceUndo(ProduceCommon):
    # --- reset

    def test_reverted_bill_is_sent_anew_and_says_what_it_replaces(self):
        bill = self._make_bill()
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
            sent_on = bill.delivered_on
            with self.assertRaises(UndoError):
                self._as(bill, "biller").action_revert_bills("typo")
            self._as(bill, "manager").action_revert_bills("typo")
            self.assertFalse(bill.delivery_message_ids)
            self.assertEqual(bill.replaces_sent_on, sent_on)
            self._approve(bill)
            self._produce(bill)
            self._send_queue()
        self.assertEqual(len(mailbox.messages), 2)
        self.assertIn(
            "This bill replaces the version sent on",
            self._read_pages(mailbox.get_pdfs()[1])[0],
        )

    def test_revert_stops_the_queued_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            message = bill.delivery_message_ids
            mail = (
                self.env["mail.mail"]
                .sudo()
                .search([("mail_message_id", "=", message.id)])
            )
            self._as(bill, "biller").action_revert_bills()
            self._send_queue()
            self.assertFalse(mailbox.messages)
            self.assertEqual(bill.state, "draft")
            self.assertEqual(mail.state, "cancel")
            self.assertEqual(message.notification_ids.notification_status, "canceled")
            self.assertFalse(bill.delivery_error)
            notes = "".join(bill.message_ids.mapped("body"))
            self.assertIn(f"The e-mail to {self.client.name} was still in", notes)
            # produced again: one e-mail, with the new paper
            self._approve(bill)
            self._produce(bill)
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
        self.assertTrue(bill.delivered_on)

    def test_cancel_stops_the_queued_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            self._as(bill, "biller").button_cancel()
            self._send_queue()
        self.assertEqual(bill.state, "cancel")
        self.assertFalse(mailbox.messages)

    def test_credit_in_full_stops_the_queued_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            message = bill.delivery_message_ids
            self._as(bill, "approver").action_credit_and_rebill()
            self._send_queue()
            self.assertFalse(mailbox.messages)
        self.assertEqual(message.notification_ids.notification_status, "canceled")
        self.assertRecordValues(
            bill,
            [
                {
                    "state": "posted",
                    "delivered_on": False,
                    "delivery_error": False,
                    "delivery_message_ids": [],
                }
            ],
        )
        self.assertFalse(bill._needs_redelivery())
        notes = "".join(bill.message_ids.mapped("body"))
        self.assertIn(f"The e-mail to {self.client.name} was still in", notes)

    @mute_logger(MAIL_LOGGER)
    def test_a_credited_bill_is_not_sent_again_after_a_refusal(self):
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("client@client.example")
            bill = self._make_bill()
            self._produce(bill)
            self._send_queue()
            self.assertTrue(bill._needs_redelivery())
            self._as(bill, "approver").action_credit_and_rebill()
            self.assertFalse(bill._needs_redelivery())
            mailbox.refused.clear()
            with self.assertRaisesRegex(BillStageError, bill.name):
                self._produce(bill)
            bill._cron_refresh_delivery()
            self.assertFalse(bill.delivery_error)
            self._send_queue()
            self.assertFalse(mailbox.messages)

    def test_a_waiting_credit_note_stops_the_email_when_it_is_approved(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            note = self._as(bill, "biller")._reverse_moves()
            self.assertTrue(bill.delivery_message_ids, "a draft credits nothing yet")
            self._approve(note.with_env(self.env))
            self._send_queue()
            self.assertFalse(mailbox.messages)

    def test_a_credit_in_part_lets_the_email_go(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            self._as(bill, "approver")._credit_parts(
                {bill._get_credit_rows()[0]["key"]: 100.0}, "Agreed"
            )
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
        self.assertTrue(bill.delivered_on)

    def test_a_credit_after_the_email_leaves_the_delivery(self):
        with smtp_server(self.env):
            bill = self._make_bill()
            self._produce(bill)
            self._send_queue()
            self._as(bill, "approver").action_credit_and_rebill()
        self.assertTrue(bill.delivered_on)
        self.assertTrue(bill.delivery_message_ids)

    @mute_logger(MAIL_LOGGER)
    def test_revert_leaves_no_refused_email_to_send_again(self):
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("client@client.example")
            bill = self._make_bill()
            self._produce(bill)
            self._send_queue()
            mail = (
                self.env["mail.mail"]
                .sudo()
                .search([("mail_message_id", "=", bill.delivery_message_ids.id)])
            )
            self.assertEqual(mail.state, "exception")
            self._as(bill, "biller").action_revert_bills()
        self.assertEqual(mail.state, "cancel")

    def test_revert_by_the_wrong_role_leaves_the_email(self):
        with smtp_server(self.env) as mailbox:
            bill = self._make_bill()
            self._produce(bill)
            with self.assertRaises(RoleError):
                self._as(bill, "cashier").button_draft()
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
