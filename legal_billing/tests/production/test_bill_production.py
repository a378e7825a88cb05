from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import BillStageError, RoleError
from .produce_common import ProduceCommon
from .smtp import smtp_server


@tagged("post_install", "-at_install")
class TestBillProduction(ProduceCommon):
    """What the page and its windows say before, while and after bills go out."""

    def _open_window(self, bills):
        action = self._as(bills, "biller").action_open_produce()
        return self._as(self.env["legal.bill.produce"], "biller").browse(
            action["res_id"]
        )

    def _get_lanes(self, run):
        run.invalidate_recordset()
        return {
            lane["key"]: (lane["total"], lane["done"], lane["failed"], lane["waiting"])
            for lane in run.lanes
        }

    def _make_printed(self, name, copies="1"):
        return self._make_bill(
            name, bill_recipient_ids=[Command.clear()], bill_print_copies=copies
        )

    # --- while and after

    def test_three_lanes_tell_pdf_mail_and_print(self):
        mailed = self._make_bill("Mail")
        printed = self._make_printed("Print", "2")
        with smtp_server(self.env):
            run = self._produce(mailed | printed)
            self.assertEqual(
                self._get_lanes(run),
                {"pdf": (2, 2, 0, 0), "mail": (1, 0, 0, 1), "print": (1, 1, 0, 0)},
            )
            self.assertTrue(run.is_mailing, "the queue still holds the e-mail")
            self._send_queue()
        self.assertEqual(self._get_lanes(run)["mail"], (1, 1, 0, 0))
        self.assertFalse(run.is_mailing)
        [lane] = [lane for lane in run.lanes if lane["key"] == "print"]
        self.assertIn("1 to be posted", lane["text"])
        run.with_user(self.biller).action_confirm_posted()
        self.assertEqual(printed.delivery_method, "post")
        run.invalidate_recordset()
        [lane] = [lane for lane in run.lanes if lane["key"] == "print"]
        self.assertEqual(lane["text"], "")

    def test_failed_bill_is_in_the_lane_and_opens(self):
        nobody = self._make_partner("No Mail")
        good = self._make_bill("Good")
        bad = self._make_bill("Bad", bill_recipient_ids=[Command.set(nobody.ids)])
        with smtp_server(self.env):
            run = self._produce(good | bad)
        lanes = self._get_lanes(run)
        self.assertEqual(lanes["mail"], (2, 0, 1, 1))
        self.assertEqual(lanes["pdf"], (2, 1, 1, 0))
        action = run.action_open_lane("mail")
        self.assertEqual(self.env["account.move"].search(action["domain"]), good | bad)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_sending_again_does_not_print_again(self):
        bill = self._make_bill("Both", bill_print_copies="1")
        with smtp_server(self.env) as mailbox:
            mailbox.refused.add("client@client.example")
            first = self._produce(bill)
            self._send_queue()
            self.assertTrue(bill.delivery_error)
            mailbox.refused.clear()
            second = self._produce(bill)
        self.assertNotEqual(first, second)
        self.assertEqual(len(first.print_file_ids), 1)
        self.assertFalse(second.print_file_ids)
        self.assertEqual(second.line_ids.print_file_id, first.print_file_ids)
        self.assertEqual(self._get_lanes(second)["print"], (1, 1, 0, 0))

    def test_a_reverted_bill_is_printed_anew(self):
        bill = self._make_printed("Print")
        first = self._produce(bill)
        self._as(bill, "biller").action_revert_bills()
        self.assertFalse(first.line_ids.print_file_id)
        self._approve(bill)
        self.assertEqual(len(self._produce(bill).print_file_ids), 1)

    def test_something_to_print_ends_on_the_page_with_the_file(self):
        printed = self._make_printed("Print")
        action = self._as(printed, "biller").action_produce_bills()
        self.assertEqual(action["res_model"], "legal.billing.run")
        run = self.env["legal.billing.run"].browse(action["res_id"])
        self.assertEqual((len(run.print_file_ids), run.to_post_count), (1, 1))

    def test_nothing_to_print_ends_on_bill_production(self):
        with smtp_server(self.env):
            action = self._as(self._make_bill("Mail"), "biller").action_produce_bills()
        self.assertEqual(action["path"], "bill-production")

    def test_empty_page_tells_the_last_production(self):
        with smtp_server(self.env):
            run = self._produce(self._make_bill("One") | self._make_printed("Two"))
        strip = self._as(self.env["account.move"], "biller").get_bill_strip(
            "production", [("id", "=", 0)]
        )
        self.assertEqual((strip["count"], strip["last_run"]), (0, run.id))
        self.assertEqual((strip["last_count"], strip["to_post"]), (2, 1))

    # --- before

    def test_window_counts_by_channel_and_parts(self):
        bills = (
            self._make_bill("Mail")
            | self._make_printed("Print", "2")
            | self._make_bill("None", bill_recipient_ids=[Command.clear()])
        )
        window = self._open_window(bills)
        self.assertEqual(
            (window.count, window.email_count, window.print_count), (3, 1, 1)
        )
        self.assertEqual((window.copy_count, window.part_count), (2, 1))
        self.assertEqual((window.nothing_count, window.problem_count), (0, 1))
        self.assertEqual(window.do_label, "Produce 2 of 3")

    def test_window_is_flat_in_queries(self):
        bills = self.env["account.move"]
        for index in range(12):
            someone = self._make_partner(f"N {index}", index % 2 and f"n{index}@x.yz")
            bills |= self._make_bill(
                f"Matter {index}", bill_recipient_ids=[Command.set(someone.ids)]
            )
        counts = []
        for some in (bills, bills[:3], bills):  # the first warms up
            window = self._open_window(some)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            window.read(["count", "email_count", "print_count", "problem_text"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        moves = self._as(self.env["account.move"], "biller")
        counts = []
        for some in (bills, bills[:3], bills):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            strip = moves.get_bill_strip("production", [("id", "in", some.ids)])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual((strip["count"], strip["mail"], strip["nothing"]), (12, 6, 6))
        self.assertEqual(counts[1], counts[2])

    def test_posted_is_said_once_and_by_billers_only(self):
        run = self._produce(self._make_printed("Print"))
        with self.assertRaises(RoleError):
            self._as(run, "approver").action_confirm_posted()
        self._as(run, "biller").action_confirm_posted()
        with self.assertRaisesRegex(BillStageError, "no printed bill waits"):
            self._as(run, "biller").action_confirm_posted()
