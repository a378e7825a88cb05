from datetime import date

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import RoleError
from ..production.produce_common import ProduceCommon
from ..production.smtp import smtp_server


@tagged("post_install", "-at_install")
class TestMassBillingArticle(ProduceCommon):
    """What billers know of mass billing elsewhere, step by step, works here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Alpha", matter_number="A-1")
        cls.time = cls._create_time(cls.matter, 2.0)

    # --- the header

    def test_invoice_date_is_today_and_due_dates_count_from_it(self):
        run = self._as(self.env["legal.billing.run"], "biller").create({})
        self.assertEqual(run.invoice_date, fields.Date.context_today(run))
        term = self.env.ref("account.account_payment_term_30days")
        run = self._create_run(payment_term_id=term.id)
        run.action_bill_all()
        bill = run.bill_ids
        self.assertEqual(bill.invoice_date, date(2026, 10, 31))
        self.assertEqual(bill.invoice_date_due, date(2026, 11, 30))

    def test_entries_after_the_invoice_date_stay_out_whatever_the_cutoff(self):
        late = self._create_time(self.matter, 1.0, day=date(2026, 11, 10))
        run = self._create_run(cutoff_date=date(2026, 11, 30))
        self.assertRow(run, self.matter, "ready", amount=600.0)
        run.action_bill_all()
        self.assertFalse(late.bill_id)

    def test_cutoff_leaves_later_entries_and_disbursements_out(self):
        early = self._create_disbursement(self.matter, 50.0, day=date(2026, 10, 1))
        cost = self._create_disbursement(self.matter, 70.0, day=date(2026, 10, 20))
        run = self._create_run(cutoff_date=date(2026, 10, 10))
        run.action_bill_all()
        self.assertEqual(run.bill_ids.wip_line_ids, self.time | early)
        self.assertFalse(cost.bill_id)

    def test_template_of_the_run_and_of_a_row(self):
        other = self._create_matter(name="Beta")
        self._create_time(other, 1.0)
        letter = self.env.ref("legal_billing.action_report_bill_letter")
        people = self.env.ref("legal_billing.action_report_bill_timekeeper")
        run = self._create_run(bill_report_id=letter.id)
        self._get_row(run, other).bill_report_id = people
        run.action_bill_all()
        reports = {bill.matter_id: bill.bill_report_id for bill in run.bill_ids}
        self.assertEqual(reports, {self.matter: letter, other: people})

    # --- quotes

    def test_quote_rules_are_applied_without_asking(self):
        expected = {"wip": 600.0, "quote": 500.0, "lower": 500.0, "higher": 600.0}
        matters = {}
        for rule in expected:
            matter = self._create_matter(
                name=rule, quoted_amount=500.0, quote_rule=rule, quote_basis="bill"
            )
            self._create_time(matter, 2.0)
            matters[rule] = matter
        run = self._create_run()
        for rule, matter in matters.items():
            with self.subTest(rule=rule):
                self.assertRow(run, matter, "ready", amount=expected[rule])
        row = self._get_row(run, matters["quote"])
        self.assertEqual((row.quote_effect, row.fees_amount), (-100.0, 600.0))
        run.action_bill_all()
        bills = {bill.matter_id: bill.amount_untaxed for bill in run.bill_ids}
        for rule, matter in matters.items():
            self.assertEqual(bills[matter], expected[rule])

    # --- the way of a bill

    def test_each_stage_leads_to_the_next_page(self):
        run = self._create_run()
        action = run.action_bill_all()
        self.assertEqual(action["path"], "draft-bills")
        bill = run.bill_ids
        action = self._as(bill, "approver").action_approve_bills()
        self.assertEqual(action["path"], "bill-production")
        self.assertEqual(bill.state, "posted")
        action = self._as(bill, "biller").action_revert_bills()
        self.assertEqual(action["path"], "draft-bills")
        self.assertEqual(bill.billing_stage, "draft")

    def test_deleted_drafts_are_back_on_mass_billing(self):
        run = self._create_run()
        run.action_bill_all()
        self._as(run.bill_ids, "biller").action_delete_bills()
        self.assertTrue(self.time.exists())
        self.assertRow(self._create_run(), self.matter, "ready", amount=600.0)

    # --- coming from bills made one by one

    def test_backlog_is_cleared_without_touching_any_matter(self):
        bills = self.env["account.move"].union(
            *(self._make_bill(f"Sent {index}") for index in range(3))
        )
        recipients = bills.matter_ids.bill_recipient_ids
        with smtp_server(self.env) as mailbox:
            self._as(bills, "biller").action_produce_without_sending(
                note="Sent by hand", sent_on=date(2026, 11, 1), method="hand"
            )
            self._send_queue()
        self.assertFalse(mailbox.messages)
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(set(bills.mapped("delivery_method")), {"hand"})
        self.assertEqual(bills.matter_ids.bill_recipient_ids, recipients)

    def test_a_bill_without_address_and_copies_is_produced_quietly(self):
        bill = self._make_bill("Quiet")
        self._as(bill, "biller").write(
            {"recipient_ids": [Command.clear()], "print_copies": "0"}
        )
        with smtp_server(self.env) as mailbox:
            self._produce(bill)
            self._send_queue()
        self.assertFalse(mailbox.messages)
        self.assertEqual(bill.billing_stage, "finalized")
        self.assertTrue(bill.matter_id.bill_recipient_ids, "the matter's stay")

    # --- better than there

    def test_late_entries_are_marked(self):
        self._approve(self._bill(self.matter))
        self._create_time(self.matter, 1.0, day=date(2026, 9, 1))
        row = self._get_row(self._create_run(), self.matter)
        self.assertTrue(row.has_late_entries)
        self.assertIn("late", str(row.row_flags))
        self.assertEqual(row.last_amounts, [600.0])

    def test_work_after_the_cutoff_of_the_last_bill_is_not_late(self):
        self._approve(
            self._bill(
                self.matter,
                invoice_date=date(2026, 11, 30),
                cutoff_date=date(2026, 10, 31),
            )
        )
        self._create_time(self.matter, 1.0, day=date(2026, 11, 3))
        run = self._create_run(invoice_date=date(2026, 11, 30))
        self.assertFalse(self._get_row(run, self.matter).has_late_entries)

    def test_a_bill_is_unusual_against_whole_months(self):
        matter = self._create_matter(name="Monthly")
        for month, hours in ((7, 2.0), (8, 3.0), (9, 2.0)):
            self._create_time(matter, hours, date(2026, month, 10))
            day = date(2026, month, 28)
            self._approve(self._bill(matter, invoice_date=day))
        entry = self._create_time(matter, 1.0, date(2026, 10, 1))
        for day, hours, is_unusual in (
            (5, 0.5, False),  # a week is no month
            (5, 9.0, False),
            (28, 0.5, True),
            (28, 1.6, False),
            (28, 3.7, False),
            (28, 3.8, True),
        ):
            with self.subTest(day=day, hours=hours):
                entry.unit_amount = hours
                run = self._create_run(
                    filter_domain=str([("id", "=", matter.id)]),
                    invoice_date=date(2026, 10, day),
                )
                row = self._get_row(run, matter)
                self.assertEqual(row.is_off_usual, is_unusual)
                self.assertEqual("unusual" in str(row.row_flags), is_unusual)

    def test_a_remark_is_made_of_the_few_rows_that_it_holds_for(self):
        matters = [self._create_matter(name=f"Matter {index}") for index in range(5)]
        for matter in matters:
            self._create_time(matter)
        run = self._create_run(
            filter_domain=str([("id", "in", [matter.id for matter in matters])])
        )
        for many, is_said in ((2, True), (3, False)):
            rows = run.line_ids
            rows.sudo().write({"has_late_entries": False})
            rows[:many].sudo().write({"has_late_entries": True})
            rows.invalidate_recordset(["row_flags"])
            self.assertEqual("late" in str(rows[0].row_flags), is_said)
            self.assertNotIn("late", str(rows[4].row_flags))

    def test_mass_billing_is_refused_to_who_does_not_bill(self):
        runs = self._as(self.env["legal.billing.run"], "approver")
        with self.assertRaises(RoleError):
            runs.action_new_mass_billing()
