from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import (
    BillStageError,
    ProduceError,
    ProtectedFieldError,
    RoleError,
)
from ...models.run import legal_billing_run_print
from .produce_common import MAIL_LOGGER, ProduceCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestProduce(ProduceCommon):
    # --- print

    def test_print_file_has_every_copy_in_order(self):
        first = self._make_bill(
            "First", bill_print_copies="2", bill_recipient_ids=[Command.clear()]
        )
        mailed = self._make_bill("Mailed")
        last = self._make_bill("Last", bill_print_copies="1")
        self.assertEqual(first.production_plan, "2 copies")
        self.assertEqual(last.production_plan, "e-mail + 1 copy")
        with smtp_server(self.env):
            run = self._produce(last | mailed | first)
        self.assertEqual(len(run.print_file_ids), 1)
        pages = self._read_pages(run.print_file_ids.raw)
        numbers = [bill.name for bill in (first, first, last)]
        self.assertEqual(len(pages), 3)
        for page, number in zip(pages, numbers, strict=True):
            self.assertIn(f"Bill {number}", page)
        self.assertEqual(run.to_post_count, 2)
        self.assertFalse(first.delivered_on)
        self._as(run, "biller").action_confirm_posted()
        self.assertTrue(first.delivered_on)
        self.assertEqual(first.delivery_method, "post")
        self.assertFalse(mailed.delivered_on)
        with self.assertRaisesRegex(BillStageError, run.name):
            self._as(run, "biller").action_confirm_posted()

    def test_the_strip_does_not_read_the_last_run(self):
        """Bill Production read every bill of the last production for two figures: a page
        took three seconds after 2,400 bills."""
        bills = self.env["account.move"]
        for number in range(4):
            bills |= self._make_bill(f"Matter {number}", bill_print_copies="1")
        with smtp_server(self.env):
            run = self._produce(bills)
        waiting = self._make_bill("Waiting")
        self._as(bills[0], "biller").action_confirm_posted()
        self.env.flush_all()
        self.env.invalidate_all()
        strip = self._as(waiting, "biller").get_bill_strip(
            "production", [("id", "=", waiting.id)]
        )
        self.assertEqual(
            (strip["last_run"], strip["last_count"], strip["to_post"]), (run.id, 4, 3)
        )
        read = set(waiting._fields["delivered_on"]._get_all_cache_ids(self.env))
        self.assertFalse(read & set(bills.ids))
        self.assertRecordValues(
            run,
            [
                {
                    "print_count": 4,
                    "delivered_count": 1,
                    "to_post_count": 3,
                    "email_count": 4,
                    "unprinted_count": 0,
                }
            ],
        )

    def test_large_print_runs_come_in_parts(self):
        bills = self.env["account.move"]
        for number in range(3):
            bills |= self._make_bill(f"Matter {number}", bill_print_copies="1")
        with (
            smtp_server(self.env),
            patch.object(legal_billing_run_print, "PRINT_PART", 2),
        ):
            run = self._produce(bills)
        self.assertEqual(
            [
                len(self._read_pages(file.raw))
                for file in run.print_file_ids.sorted("id")
            ],
            [2, 1],
        )
        self.assertEqual(run.line_ids.print_file_id, run.print_file_ids)

    def test_both_sided_print_starts_each_bill_on_a_sheet(self):
        self.company.legal_print_duplex = True
        bill = self._make_bill(bill_print_copies="2")
        with smtp_server(self.env):
            run = self._produce(bill)
        pages = self._read_pages(run.print_file_ids.raw)
        self.assertEqual([bool(page) for page in pages], [True, False, True, False])

    def test_retry_prints_only_what_was_not_printed(self):
        nobody = self._make_partner("No Mail")
        good = self._make_bill("Good", bill_print_copies="1")
        bad = self._make_bill(
            "Bad", bill_print_copies="1", bill_recipient_ids=[Command.set(nobody.ids)]
        )
        with smtp_server(self.env):
            run = self._produce(good | bad)
            nobody.email = "now@client.example"
            run.with_user(self.biller).line_ids.filtered(
                lambda line: line.state == "failed"
            ).action_retry()
        first, second = run.print_file_ids.sorted("id")
        self.assertIn(good.name, self._read_pages(first.raw)[0])
        self.assertIn(bad.name, self._read_pages(second.raw)[0])
        self.assertEqual(len(self._read_pages(second.raw)), 1)

    # --- by other means

    def test_produce_without_sending_is_not_delivered(self):
        bill = self._make_bill()
        with smtp_server(self.env) as mailbox:
            self._as(bill, "biller").action_produce_without_sending(
                note="handed over at completion"
            )
            self._send_queue()
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertEqual(bill.delivery_note, "handed over at completion")
        self.assertFalse(bill.delivered_on)
        self.assertFalse(mailbox.messages)
        self.assertIn("handed over at completion", bill.message_ids[0].body)

    def test_produce_without_sending_may_say_when_it_was_sent(self):
        bill = self._make_bill()
        self._as(bill, "biller").action_produce_without_sending(
            note="by courier", sent_on=date(2026, 11, 2)
        )
        self.assertEqual(bill.delivered_on, fields.Datetime.to_datetime("2026-11-02"))
        self.assertEqual(bill.delivery_method, "hand")

    def test_confirm_posted_needs_produced_bills(self):
        bill = self._make_bill()
        with self.assertRaisesRegex(BillStageError, bill.name):
            self._as(bill, "biller").action_confirm_posted()

    @mute_logger(MAIL_LOGGER)
    def test_confirm_posted_of_a_list_takes_printed_bills_only(self):
        nobody = {"bill_recipient_ids": [Command.clear()]}
        printed = self._make_bill("Printed", bill_print_copies="1", **nobody)
        refused = self._make_bill("Refused")
        quiet = self._make_bill("Quiet", bill_print_copies="1", **nobody)
        bills = printed | refused | quiet
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("client@client.example")
            self._produce(printed | refused)
            self._send_queue()
        self._as(quiet, "biller").action_produce_without_sending()
        self.assertTrue(refused.delivery_error)
        whole_list = self._as(bills.browse(), "biller").with_context(
            active_domain=[("id", "in", bills.ids)], active_model="account.move"
        )
        whole_list.action_confirm_posted()
        self.assertEqual(bills.filtered("delivered_on"), printed)
        self.assertTrue(refused.delivery_error)
        with self.assertRaisesRegex(BillStageError, "is in a print file. Tick those"):
            whole_list.action_confirm_posted()
        # ticked: somebody posted just this one by hand
        whole_list.browse(refused.ids).action_confirm_posted()
        self.assertEqual(refused.delivery_method, "post")
        self.assertFalse(refused.delivery_error)
        self.assertFalse(quiet.delivered_on)

    def test_produce_without_sending_takes_no_day_to_come(self):
        bill = self._make_bill()
        today = fields.Date.context_today(bill)
        for day in (today + timedelta(days=1), str(today + timedelta(days=400))):
            with self.assertRaisesRegex(ProduceError, "is still to come"):
                self._as(bill, "biller").action_produce_without_sending(sent_on=day)
        self.assertEqual(bill.billing_stage, "production")
        self._as(bill, "biller").action_produce_without_sending(sent_on=today)
        self.assertEqual(bill.delivered_on.date(), today)

    def test_drafts_cannot_be_produced(self):
        bill = self._make_bill(approve=False)
        for action in ("action_produce_bills", "action_produce_without_sending"):
            with self.assertRaisesRegex(
                BillStageError, r"none of these bills.*\(Draft\)"
            ):
                getattr(self._as(bill, "biller"), action)()
        with self.assertRaises(BillStageError):
            self._as(bill, "biller").action_email_bill()

    # --- what the stored PDF says

    def test_changed_paper_is_made_anew(self):
        letter = self.env.ref("legal_billing.action_report_bill_letter")
        bill = self._make_bill()
        by_biller = self._as(bill, "biller")
        bill._internal()._make_pdfs()
        first = bill.invoice_pdf_report_id
        by_biller._set_options({"bill_report_id": letter.id}, False)
        self.assertFalse(bill.invoice_pdf_report_id)
        self.assertIn("detached", first.name, "kept, but not as the bill's PDF")
        bill._internal()._make_pdfs()
        second = bill.invoice_pdf_report_id
        by_biller.write({"bill_text": "For the lease"})
        self.assertFalse(bill.invoice_pdf_report_id)
        self.assertIn("detached", second.name)
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
        text = " ".join(self._read_pages(mailbox.get_pdfs()[0]))
        self.assertIn("Yours sincerely", text)
        self.assertIn("For the lease", text)

    def test_unchanged_paper_keeps_its_pdf(self):
        bill = self._make_bill(bill_print_copies="1")
        bill._internal()._make_pdfs()
        pdf = bill.invoice_pdf_report_id
        self._as(bill, "biller").write(
            {
                "bill_text": bill.bill_text,
                "bill_report_id": bill.bill_report_id.id,
                "cutoff_date": bill.cutoff_date,
                "print_copies": "2",
            }
        )
        self.assertEqual(bill.invoice_pdf_report_id, pdf)
        self.assertNotIn("detached", pdf.name)

    def test_paper_that_went_out_stays(self):
        letter = self.env.ref("legal_billing.action_report_bill_letter")
        mailed = self._make_bill("Mailed")  # by hand: in production still
        printed = self._make_bill("Printed", bill_print_copies="1")
        with smtp_server(self.env):
            self._email_by_hand(mailed, self.client)
            self._produce(printed)
        self.assertEqual(mailed.billing_stage, "production")
        for bill in mailed | printed:
            pdf = bill.invoice_pdf_report_id
            for name, value in (("bill_text", "Late"), ("bill_report_id", letter.id)):
                for role in ("biller", "manager"):
                    with (
                        self.subTest(bill=bill.matter_id.name, field=name, role=role),
                        self.assertRaisesRegex(
                            BillStageError, f"{bill.name} went out.*Revert it first"
                        ),
                    ):
                        self._as(bill, role).write({name: value})
            self.assertEqual(bill.invoice_pdf_report_id, pdf)
        # core's own fields may be changed: what went out is kept
        self._as(printed, "biller").payment_reference = "X 1"
        self.assertEqual(printed.invoice_pdf_report_id, pdf)
        # the way out
        self._as(printed, "manager").action_revert_bills("wrong text")
        self._as(printed, "biller").bill_text = "Better"
        self.assertEqual(printed.bill_text, "Better")

    # --- who may

    def test_only_billers_produce(self):
        bill = self._make_bill()
        for action in (
            "action_produce_bills",
            "action_produce_without_sending",
            "action_confirm_posted",
            "action_email_bill",
        ):
            for role in ("approver", "reviewer", "cashier"):
                with (
                    self.subTest(action=action, role=role),
                    self.assertRaises(RoleError),
                ):
                    getattr(self._as(bill, role), action)()
        self.assertEqual(bill.billing_stage, "production")

    def test_delivery_cannot_be_written_by_hand(self):
        bill = self._make_bill()
        for name, value in (
            ("delivered_on", fields.Datetime.now()),
            ("produced_on", fields.Datetime.now()),
            ("delivery_error", "x"),
        ):
            with self.subTest(field=name), self.assertRaises(ProtectedFieldError):
                self._as(bill, "manager").write({name: value})

    # --- the window

    def test_window_counts_by_channel_and_produces_what_is_fine(self):
        nobody = self._make_partner("No Mail")
        mailed = self._make_bill("Mailed")
        printed = self._make_bill(
            "Printed", bill_print_copies="2", bill_recipient_ids=[Command.clear()]
        )
        nothing = self._make_bill("Nothing", bill_recipient_ids=[Command.clear()])
        bad = self._make_bill("Bad", bill_recipient_ids=[Command.set(nobody.ids)])
        bills = mailed | printed | nothing | bad
        action = self._as(bills, "biller").action_open_produce()
        wizard = self.env["legal.bill.produce"].with_user(self.biller)
        wizard = wizard.browse(action["res_id"])
        self.assertRecordValues(
            wizard,
            [
                {
                    "count": 4,
                    "total": 1440.0,
                    "email_count": 1,
                    "print_count": 1,
                    "copy_count": 2,
                    "nothing_count": 0,
                    "problem_count": 2,
                    "problem_text": f"{nothing.name}: nobody to send it to\n"
                    f"{bad.name}: No Mail has no e-mail address",
                    "do_label": "Produce 2 of 4",
                }
            ],
        )
        with smtp_server(self.env):
            wizard.action_produce_fine()
        self.assertEqual((mailed | printed).mapped("billing_stage"), ["finalized"] * 2)
        self.assertEqual((nothing | bad).mapped("billing_stage"), ["production"] * 2)

    def test_window_without_sending_takes_day_and_method(self):
        bill = self._make_bill()
        action = self._as(bill, "biller").action_open_produce_without_sending()
        wizard = self.env["legal.bill.produce"].with_user(self.biller)
        wizard = wizard.browse(action["res_id"])
        wizard.write(
            {
                "note": "posted by the secretary",
                "is_delivered": True,
                "sent_on": date(2026, 11, 3),
                "method": "post",
            }
        )
        wizard.action_produce()
        self.assertEqual(bill.delivery_method, "post")
        self.assertEqual(bill.delivered_on.date(), date(2026, 11, 3))

    def test_test_send_goes_to_the_person_alone(self):
        bill = self._make_bill()
        action = self._as(bill, "biller").action_open_produce()
        wizard = self.env["legal.bill.produce"].with_user(self.biller)
        with smtp_server(self.env) as mailbox:
            wizard.browse(action["res_id"]).action_test_send()
            self._send_queue()
        self.assertEqual(mailbox.get_recipients(), ["biller@firm.example"])
        self.assertIn(f"Bill {bill.name}", self._read_pages(mailbox.get_pdfs()[0])[0])
        self.assertEqual(bill.billing_stage, "production")
        self.assertFalse(bill.delivery_message_ids)

    # --- cost

    def test_queries_of_a_chunk_grow_by_a_little_per_bill(self):
        """Without rendering: the PDFs are there; e-mails cost what Odoo's cost."""
        counts = {}
        for size in (5, 15):
            for channel in ("print", "email"):
                vals = {"bill_print_copies": "1"}
                if channel == "print":
                    vals["bill_recipient_ids"] = [Command.clear()]
                bills = self.env["account.move"]
                for number in range(size):
                    bills |= self._make_bill(f"{channel} {size} {number}", **vals)
                self._as(bills, "biller")._internal()._make_pdfs()
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self._produce(bills)
                self.env.flush_all()
                counts[channel, size] = self.env.cr.sql_log_count - before
        per_print = (counts["print", 15] - counts["print", 5]) / 10
        per_email = (counts["email", 15] - counts["email", 5]) / 10
        self.assertLess(per_print, 8, counts)
        self.assertLess(per_email, 60, counts)


@tagged("post_install", "-at_install")
class TestPaperAccess(ProduceCommon):
    def test_preview_of_a_walled_matter_is_refused(self):
        bill = self._make_bill()
        bill.matter_id.sudo().is_walled = True
        with self.assertRaises(UserError):
            self._as(bill, "biller").action_preview_bills()
