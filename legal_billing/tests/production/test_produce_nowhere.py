from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from ...exceptions import BillStageError, ProduceError
from .produce_common import ProduceCommon
from .smtp import smtp_server


class NowhereCommon(ProduceCommon):
    def _make_nowhere(self, name, **vals):
        """An approved bill that nobody is to get."""
        return self._make_bill(name, bill_recipient_ids=[Command.clear()], **vals)

    def _make_without_address(self, name, partner=None):
        """An approved bill whose recipient has no address."""
        partner = partner or self._make_partner(f"{name} & Co")
        return self._make_bill(name, bill_recipient_ids=[Command.set(partner.ids)])

    def _open_window(self, bills):
        action = self._as(bills, "biller").action_open_produce()
        return self._as(self.env["legal.bill.produce"], "biller").browse(
            action["res_id"]
        )

    def _get_row(self, window, bill):
        return window.line_ids.filtered(lambda row: row.bill_id == bill)


@tagged("post_install", "-at_install")
class TestProduceNowhere(NowhereCommon):
    """Bills that would reach nobody are named in the window and stay in production,
    unless the biller says there how they go."""

    def test_they_are_named_and_stay(self):
        mailed = self._make_bill("Mailed")
        nowhere = self._make_nowhere("Nobody named")
        without = self._make_without_address("Lane")
        window = self._open_window(mailed | nowhere | without)
        self.assertRecordValues(
            window.line_ids,
            [
                {
                    "bill_id": nowhere.id,
                    "payer_name": "Client Ltd",
                    "problem": "nobody to send it to",
                    "partner_id": self.client.id,
                    "email": "client@client.example",
                    "way": "later",
                },
                {
                    "bill_id": without.id,
                    "payer_name": "Client Ltd",
                    "problem": "Lane & Co has no e-mail address",
                    "partner_id": without.recipient_ids.id,
                    "email": False,
                    "way": "later",
                },
            ],
        )
        self.assertEqual((window.do_count, window.do_label), (1, "Produce 1 of 3"))
        with smtp_server(self.env):
            window.action_produce()
        self.assertEqual(
            (mailed | nowhere | without).mapped("billing_stage"),
            ["finalized", "production", "production"],
        )

    def test_nothing_of_it_reaches_anybody(self):
        bill = self._make_nowhere("Nobody named")
        window = self._open_window(bill)
        self.assertEqual(window.do_count, 0)
        with (
            self.assertRaisesRegex(BillStageError, "reaches anybody"),
            self.env.cr.savepoint(),
        ):
            window.action_produce()
        self.assertEqual(bill.billing_stage, "production")

    def test_the_address_is_entered_once_for_all_bills_of_a_contact(self):
        partner = self._make_partner("Lane & Co")
        bills = self._make_without_address("Lane", partner)
        bills |= self._make_without_address("Lane again", partner)
        other = self._make_without_address("Rees")
        form = Form(self._open_window(bills | other))
        with form.line_ids.edit(0) as row:
            row.email = "accounts@lane.example"
            self.assertEqual(row.way, "email")
        self.assertEqual((form.email_count, form.do_label), (2, "Produce 2 of 3"))
        window = form.save()
        with smtp_server(self.env) as mailbox:
            window.action_produce()
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["accounts@lane.example"] * 2)
        self.assertEqual(partner.email, "accounts@lane.example")
        self.assertIn("entered by", partner.message_ids[0].body)
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(other.billing_stage, "production")

    def test_a_wrong_address_is_mended_in_place(self):
        partner = self._make_partner("Typo", "typo(at)lane")
        bill = self._make_without_address("Lane", partner)
        window = self._open_window(bill)
        self.assertEqual(window.line_ids.email, "typo(at)lane")
        with Form(window) as form, form.line_ids.edit(0) as row:
            row.email = "typo@lane.example"
        with smtp_server(self.env) as mailbox:
            window.action_produce()
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["typo@lane.example"])

    def test_an_address_is_entered_and_not_replaced_nor_that_of_a_user(self):
        """The biller has no right to change contacts."""
        self.assertFalse(self._as(self.client, "biller").has_access("write"))
        user = self._create_user("fee_earner", login="login")
        user.partner_id.email = False
        nowhere = self._make_nowhere("Nobody named")
        for bill in (self._make_without_address("User", user.partner_id), nowhere):
            window = self._open_window(bill)
            window.line_ids.write({"email": "thief@other.example", "way": "email"})
            with (
                self.assertRaisesRegex(ProduceError, "those who keep the contacts"),
                self.env.cr.savepoint(),
            ):
                window.action_produce()
        self.assertFalse(user.partner_id.email)
        self.assertEqual(self.client.email, "client@client.example")

    def test_what_is_no_address_is_refused(self):
        bill = self._make_without_address("Lane")
        window = self._open_window(bill)
        with Form(window) as form, form.line_ids.edit(0) as row:
            row.email = "lane"
            self.assertEqual(row.way, "later")
        window.line_ids.way = "email"  # as a call could
        with (
            self.assertRaisesRegex(ProduceError, "“lane” is not an e-mail address"),
            self.env.cr.savepoint(),
        ):
            window.action_produce()
        self.assertFalse(bill.recipient_ids.email)

    def test_nobody_named_is_emailed_to_who_is_billed(self):
        bill = self._make_nowhere("Nobody named")
        window = self._open_window(bill)
        window.line_ids.way = "email"
        with smtp_server(self.env) as mailbox:
            window.action_produce()
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["client@client.example"])
        self.assertEqual(bill.recipient_ids, self.client)

    def test_print_it_instead(self):
        partner, good = self._make_partner("No Mail"), self.client
        bill = self._make_bill(
            "Two", bill_recipient_ids=[Command.set((partner | good).ids)]
        )
        nowhere = self._make_nowhere("Nobody named")
        window = self._open_window(bill | nowhere)
        window.line_ids.write({"way": "print"})
        self.assertEqual((window.print_count, window.do_label), (2, "Produce"))
        with smtp_server(self.env) as mailbox:
            action = window.action_produce()
            self._send_queue()
        run = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(len(self._read_pages(run.print_file_ids.raw)), 2)
        self.assertEqual(mailbox.get_recipients(), [good.email])
        self.assertEqual((bill | nowhere).mapped("print_copies"), ["1", "1"])
        self.assertEqual(set((bill | nowhere).mapped("billing_stage")), {"finalized"})

    def test_produce_without_sending_from_the_row(self):
        mailed, nowhere = self._make_bill("Mailed"), self._make_nowhere("Nobody named")
        window = self._open_window(mailed | nowhere)
        self._get_row(window, nowhere).way = "quiet"
        with smtp_server(self.env) as mailbox:
            window.action_produce()
            self._send_queue()
        self.assertEqual(len(mailbox.get_recipients()), 1)
        self.assertEqual(nowhere.billing_stage, "finalized")
        self.assertFalse(nowhere.delivered_on)
        self.assertFalse(nowhere.invoice_pdf_report_id)

    def test_what_was_chosen_to_go_nowhere_is_no_question(self):
        none = self.env["legal.bill.channel"]._get("none")
        bill = self._make_bill("None", bill_channel_ids=[Command.set(none.ids)])
        window = self._open_window(bill)
        self.assertFalse(window.line_ids)
        self.assertEqual((window.nothing_count, window.do_label), (1, "Produce"))
        window.action_produce()
        self.assertEqual(bill.billing_stage, "finalized")

    def test_rows_are_of_who_opened_the_window(self):
        window = self._open_window(self._make_nowhere("Nobody named"))
        colleague = self._create_user("biller", login="second_biller")
        for user in (colleague, self.approver):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                window.line_ids.with_user(user).write({"way": "quiet"})

    def test_many_rows_cost_the_same_queries(self):
        def count(bills):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._open_window(bills).line_ids.mapped("problem")
            return self.env.cr.sql_log_count - before

        bills = self.env["account.move"]
        for number in range(12):
            bills |= self._make_without_address(f"Matter {number}")
        count(bills)
        few = count(bills[:3])
        self.assertLessEqual(count(bills), few)


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestProduceNowhereTour(NowhereCommon, HttpCase):
    def test_first_bill_of_a_client_without_an_address(self):
        """The form in a browser, as the biller: one row each way."""
        first = self._make_without_address("First")
        second = self._make_without_address("Second")
        third = self._make_without_address("Third")
        self.start_tour(
            "/odoo",
            "legal_billing_produce_nowhere",
            login=self.biller.login,
            timeout=120,
        )
        self.env.invalidate_all()
        bills = first | second | third
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(first.recipient_ids.email, "first@client.example")
        self.assertTrue(first.delivery_message_ids)
        self.assertEqual(second.print_copies, "1")
        self.assertFalse(third.delivery_message_ids)
