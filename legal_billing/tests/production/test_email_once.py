from odoo.fields import Command
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL, html2plaintext

from ...exceptions import UndoError
from ...models.production.mail_mail import SENDING_LOCK
from ..common import LegalBillingCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestEmailOnce(LegalBillingCommon):
    """An e-mail with a bill goes out once, or a person decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        matter = cls._create_matter(
            name="Mailed", bill_recipient_ids=[Command.set(cls.client.ids)]
        )
        cls._create_time(matter)
        bill = cls._approve(cls(), cls._bill(cls(), matter))
        cls.bill = bill.with_user(cls.biller).with_company(cls.company)
        cls.bill.action_produce_bills()
        cls.mail = cls.env["mail.mail"].sudo().search([], order="id desc", limit=1)

    def _work_off(self):
        return self.mail.with_context(
            filters=[("id", "=", self.mail.id)]
        ).process_email_queue()

    def test_sender_died(self):
        """Handed to the mail server, and nobody left to note it: not sent again."""
        self.assertEqual(self.mail.state, "outgoing")
        self.mail.legal_sending_since = "2026-11-01 10:00:00"
        with smtp_server(self.env) as mailbox:
            self._work_off()
            self.assertEqual(mailbox.get_recipients(), [])
            self.assertEqual(self.mail.state, "exception")
            self.assertIn("unknown", self.bill.delivery_error)
            self.assertIn("2026-11-01 10:00:00", self.bill.delivery_error)
            self.assertFalse(self.bill.delivered_on)
            self.assertTrue(self.bill._needs_redelivery())
            self._work_off()
            self.assertEqual(mailbox.get_recipients(), [])
            # the person decides that it has to go out again
            self.mail.mark_outgoing()
            self.assertFalse(self.mail.legal_sending_since)
            self._work_off()
            self.assertEqual(mailbox.get_recipients(), [self.client.email])
        self.assertTrue(self.bill.delivered_on)
        self.assertFalse(self.bill.delivery_error)

    def test_sender_lives(self):
        """Another connection is sending it: left alone, neither sent nor flagged."""
        self.mail.legal_sending_since = "2026-11-01 10:00:00"
        other = db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(other.close)
        query = SQL("SELECT pg_try_advisory_lock(%s, %s)", SENDING_LOCK, self.mail.id)
        other.execute(query)
        self.assertEqual(other.fetchone(), (True,))
        with smtp_server(self.env) as mailbox:
            self._work_off()
            self.assertEqual(mailbox.get_recipients(), [])
            self.assertEqual(self.mail.state, "outgoing")
            self.assertFalse(self.bill.delivery_error)
            # it dies: the database drops its lock
            other.execute("SELECT pg_advisory_unlock_all()")
            self._work_off()
            self.assertEqual(mailbox.get_recipients(), [])
        self.assertEqual(self.mail.state, "exception")

    def test_revert_while_it_is_sent(self):
        """The client may have the bill in a moment: it cannot be taken back now."""
        self.mail.legal_sending_since = "2026-11-01 10:00:00"
        with self.assertRaisesRegex(UndoError, f"{self.bill.name}: .* at this moment"):
            self.bill.button_draft()
        self.assertEqual(self.mail.state, "outgoing")
        self.assertEqual(self.bill.billing_stage, "finalized")
        with smtp_server(self.env):
            self._work_off()  # nobody sends it: the bill says so, and may go back
        self.bill.button_draft()
        self.assertEqual(self.bill.state, "draft")
        self.assertEqual(self.mail.state, "cancel")

    def test_revert_before_the_delivery_is_noted(self):
        """The mail server took it a moment ago: the client has the bill, so it is a
        manager's to take back, though nothing on the bill says so yet."""
        self.mail.mail_message_id.notification_ids.notification_status = "sent"
        self.assertFalse(self.bill.delivered_on)
        with self.assertRaisesRegex(UndoError, self.bill.name), self.env.cr.savepoint():
            self.bill.action_revert_bills()
        self.assertEqual(self.bill.billing_stage, "finalized")

    def test_deliveries_are_noted_together(self):
        """Of many e-mails in one go each is sent alone; what it did to its bill is
        written for all of them at once."""
        bills = self.bill
        for number in range(9):
            matter = self._create_matter(
                name=f"Mailed {number}",
                bill_recipient_ids=[Command.set(self.client.ids)],
            )
            self._create_time(matter)
            bills += self._approve(self._bill(matter))
        bills[1:].action_produce_bills()
        mails = self.env["mail.mail"].sudo().search([("state", "=", "outgoing")])
        self.assertEqual(len(mails), 10)
        sender = self.env["account.move.send"]
        for bill in bills:  # what core asks for each was asked for all
            template = bill._get_bill_email_template()
            lang = sender._get_default_mail_lang(bill, template)
            email = bill.delivery_message_ids
            subject = sender._get_default_mail_subject(bill, template, lang)
            self.assertEqual(email.subject, subject)
            self.assertIn(bill.name, subject)
            body = sender._get_default_mail_body(bill, template, lang)
            self.assertEqual(html2plaintext(email.body), html2plaintext(body))
            message = bill.delivery_message_ids
            reply_to = bill._notify_get_reply_to(
                default=message.email_from, author_id=message.author_id.id
            )
            self.assertEqual(message.reply_to, reply_to[bill.id])
            company = bill._mail_get_companies()[bill.id]
            self.assertEqual(message.record_company_id, company)
            domain = bill.sudo()._mail_get_alias_domains()[bill.id]
            self.assertEqual(message.record_alias_domain_id, domain)
        moves = type(self.env["account.move"])
        with smtp_server(self.env) as mailbox:
            original, seen = moves._refresh_delivery, []

            def refresh(records):
                seen.append(len(records))
                return original(records)

            self.patch(moves, "_refresh_delivery", refresh)
            mails.send()
            self.assertEqual(len(mailbox.messages), 10)
        self.assertEqual(seen, [10])
        self.assertTrue(all(bills.mapped("delivered_on")))
