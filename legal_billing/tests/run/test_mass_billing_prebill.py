from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from ...exceptions import LegalBillingError, ProtectedFieldError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMassBillingPrebill(LegalBillingCommon):
    """What was looked at is what gets billed: entries unticked, edited, changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Alpha", matter_number="A-1")
        cls.first = cls._create_time(cls.matter, 2.0, name="Letter")
        cls.second = cls._create_time(cls.matter, 1.0, name="Call")
        cls.cost = cls._create_disbursement(cls.matter, 100.0)

    def setUp(self):
        super().setUp()
        self.run_ = self._create_run()
        self.line = self._get_row(self.run_, self.matter)

    def _press(self, entry, action, role="biller"):
        self._as(entry, role).with_context(
            legal_billing_entry_action=action, legal_billing_run_line_id=self.line.id
        ).action_prebill()

    # --- ticks

    def test_unticked_entry_stays_wip_and_off_the_bill(self):
        self.assertEqual(self.line.amount, 1000.0)
        self._press(self.second, "tick")
        self.assertEqual((self.line.amount, self.line.unticked_count), (700.0, 1))
        self.assertIn("1 unticked", str(self.line.row_flags))
        self.line.action_bill_selected()
        bill = self.line.bill_id
        self.assertEqual(bill.wip_line_ids, self.first | self.cost)
        self.assertEqual(bill.amount_untaxed, 700.0)
        self.assertFalse(bill.is_changed_since_review)
        self.assertEqual(self.matter.unbilled_amount, 300.0)

    def test_ticks_survive_a_refresh_and_end_with_the_run(self):
        self._press(self.second, "tick")
        self.run_.action_load()
        self.line = self._get_row(self.run_, self.matter)
        self.assertEqual(self.line.unticked_ids, self.second)
        self.assertEqual(self.line.amount, 700.0)
        self.line.action_bill_selected()
        self._approve(self.line.bill_id)
        other = self._get_row(self._create_run(), self.matter)
        self.assertEqual((other.state, other.amount), ("ready", 300.0))

    def test_the_sum_is_of_what_is_billed(self):
        later = self._create_time(self.matter, 1.0, date(2026, 11, 2))
        self._press(self.second, "tick")
        entries = self.first | self.second | self.cost | later
        shown = entries.with_context(legal_billing_run_line_id=self.line.id)
        self.assertEqual(shown.mapped("prebill_amount"), [600.0, 0.0, 100.0, 0.0])
        self.assertEqual(sum(shown.mapped("prebill_amount")), self.line.amount)
        self._press(self.first, "hold")
        self._press(self.cost, "no_charge")
        self._press(self.second, "tick")
        shown.invalidate_recordset()
        self.assertEqual(shown.mapped("prebill_amount"), [0.0, 300.0, 0.0, 0.0])
        self.assertEqual(self.line.amount, 300.0)

    def test_held_work_shows_its_value(self):
        self._press(self.first, "hold")
        self.assertRecordValues(
            self.line,
            [{"fees_amount": 300.0, "held_amount": 600.0, "held_count": 1}],
        )
        self._press(self.second, "hold")
        self._press(self.cost, "hold")
        self.assertRow(self.run_, self.matter, "excluded", "on_hold", amount=0.0)
        self.assertRecordValues(
            self.line,
            [
                {
                    "fees_amount": 900.0,
                    "disbursement_amount": 100.0,
                    "held_amount": 1000.0,
                    "standard_amount": 1000.0,
                }
            ],
        )
        self.run_.action_load()
        strip = self.run_.get_strip()
        for text in (strip["excluded_text"], strip["on_hold_text"]):
            self.assertIn("1,000.00", text)

    def test_a_sum_below_nothing_has_its_sign_in_front(self):
        matter = self._create_matter(name="Refund")
        self._create_time(matter, -3.0)
        run = self._create_run(filter_domain=str([("id", "=", matter.id)]))
        self.assertRow(run, matter, "excluded", "negative")
        self.assertRegex(run.get_strip()["excluded_text"], r"^−\D*900\.00")

    def test_nothing_ticked_is_held_back_and_ticked_again(self):
        for entry in self.first | self.second | self.cost:
            self._press(entry, "tick")
        self.assertRow(self.run_, self.matter, "excluded", "unticked")
        self.assertEqual(self.line.cure_label, "Tick all entries")
        self.line.action_cure()
        self.assertRow(self.run_, self.matter, "ready", amount=1000.0)

    def test_unticked_entry_says_so_in_the_pre_bill_only(self):
        self._press(self.second, "tick")
        shown = self.second.with_context(legal_billing_run_line_id=self.line.id)
        self.assertTrue(shown.is_unticked)
        self.assertFalse(self.second.with_context(other=1).is_unticked)

    def test_pricing_entry_by_entry_heeds_ticks_too(self):
        # another currency makes the loader price entry by entry
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "name": date(2026, 1, 1),
                "rate": 2.0,
                "company_id": self.company.id,
            }
        )
        self.matter.billing_currency_id = euro
        self._create_time(self.matter, 1.0, name="In euro")
        self._press(self.second, "tick")
        self.assertEqual(self.line.currency_id, euro)
        before = self.line.amount
        self._press(self.second, "tick")
        self.assertEqual(self.line.unticked_count, 0)
        self.assertGreater(self.line.amount, before)

    # --- edits

    def test_narrative_and_rate_are_edited_in_the_pre_bill(self):
        self.line.write(
            {
                "entry_ids": [
                    Command.update(self.first.id, {"bill_narrative": "Letter to JJ"}),
                    Command.update(self.second.id, {"bill_rate": 200.0}),
                ]
            }
        )
        self.assertEqual(self.first.bill_narrative, "Letter to JJ")
        self.assertEqual(self.first.name, "Letter", "the lawyer's own text stays")
        self.assertEqual(self.line.amount, 900.0)
        self.assertFalse(self.line.is_changed, "the editor has seen it")

    def test_pre_bill_edits_nothing_else(self):
        stranger = self._create_time(self._create_matter(name="Other"), 1.0)
        for entry, vals in (
            (stranger, {"bill_rate": 1.0}),
            (self.first, {"unit_amount": 9.0}),
        ):
            with self.assertRaisesRegex(ProtectedFieldError, "nothing else"):
                self.line.write({"entry_ids": [Command.update(entry.id, vals)]})

    def test_write_down_takes_an_amount_off_with_the_reason(self):
        action = (
            self._as(self.first, "biller")
            .with_context(legal_billing_run_line_id=self.line.id)
            .action_open_write_down()
        )
        window = self._as(self.env["legal.wip.operation"], "biller").browse(
            action["res_id"]
        )
        window.down_amount = 150.0
        with self.assertRaisesRegex(LegalBillingError, "Say why"):
            window.action_do()
        window.reason = "Took too long"
        window.action_do()
        self.assertEqual((self.first.wip_amount, self.line.amount), (450.0, 850.0))
        part = self.matter.timesheet_ids.filtered("written_off_on")
        self.assertEqual(
            (part.wip_amount, part.write_off_reason), (150, "Took too long")
        )
        with self.assertRaises(RoleError):
            self._as(self.first, "approver").action_open_write_down()

    def test_ticks_are_refused_to_lawyers(self):
        with self.assertRaises(RoleError):
            self._as(self.line, "approver").action_toggle_entry(self.first)

    # --- changed since shown

    def test_every_change_of_the_wip_is_told_before_billing(self):
        other = self._create_matter(name="Other")

        def add():
            self._create_time(self.matter, 0.5)

        def drop():
            self.second.with_context(legal_billing_reason="Twice").unlink()

        def move():
            self._as(self.second, "biller").action_move(other)

        def late():
            self.first.date = date(2026, 12, 1)

        for change in (add, drop, move, late):
            with self.subTest(change=change.__name__):
                savepoint = self.env.cr.savepoint()
                change()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertTrue(self.line.is_changed)
                self.assertEqual(self.run_.get_strip([])["changed"], 1)
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertFalse(self.line.is_changed)

    def test_looking_for_changes_is_flat_in_queries(self):
        for index in range(6):
            self._create_time(self._create_matter(name=f"Matter {index}"), 1.0)
        lines = self._create_run().line_ids
        counts = []
        for some in (lines, lines[:2], lines):  # the first warms up
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._get_changed_ids(Domain("id", "in", some.ids))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # --- reasons

    def test_open_draft_says_what_is_besides_it(self):
        self.line.action_bill_selected()
        new = self._create_time(self.matter, 1.0)
        run = self._create_run()
        row = self._get_row(run, self.matter)
        self.assertRow(run, self.matter, "excluded", "draft_open")
        self.assertIn("not on it: 1, ", row.message)
        self.assertIn("300.00", row.message)
        new.is_on_hold = True
        run.action_load()
        row = self._get_row(run, self.matter)
        self.assertEqual(row.reason_code, "draft_on_hold")
        self.assertIn("all other entries are on hold", row.message)
        self.assertEqual(
            (row.reason_group, row.cure_label), ("draft_open", "Open draft")
        )
        self.assertEqual(row.action_cure()["res_id"], self.line.bill_id.id)

    @freeze_time("2026-11-20")
    def test_open_draft_counts_as_its_message_does(self):
        self.line.action_bill_selected()
        bill = self.line.bill_id
        self._create_time(self.matter, 1.0)
        later = self._create_time(self.matter, 2.0, date(2026, 11, 10))
        self._create_time(self.matter, 4.0, date(2026, 11, 25))  # still to come
        free = self._create_time(
            self.matter, 1.0, date(2026, 11, 11), bill_behavior="no_charge"
        )
        vals = {"invoice_date": date(2026, 11, 20)}
        row = self._get_row(self._create_run(**vals), self.matter)
        self.assertEqual(
            (row.reason_code, row.reason_group), ("draft_both", "draft_open")
        )
        self.assertIn("not on it: 1, ", row.message)
        self.assertIn("later ones: 2, ", row.message)
        figures = ("new_wip_count", "new_wip_amount")
        later_figures = ("later_wip_count", "later_wip_amount")
        self.assertEqual([bill[name] for name in figures], [1, 300.0])
        self.assertEqual([bill[name] for name in later_figures], [2, 600.0])
        self._as(bill, "biller").action_add_new_wip()
        bill.invalidate_recordset()
        self.assertEqual([bill[name] for name in figures], [0, 0.0])
        row = self._get_row(self._create_run(**vals), self.matter)
        self.assertEqual(row.reason_code, "draft_later")
        self.assertIn("600.00", row.message)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._as(bill, "fee_earner").action_add_later_wip()
        self._as(bill, "biller").action_add_later_wip()
        bill.invalidate_recordset()
        self.assertEqual([bill[name] for name in later_figures], [0, 0.0])
        self.assertEqual(bill.cutoff_date, date(2026, 11, 20))
        self.assertLessEqual(later | free, bill.wip_line_ids)
        self.assertEqual(bill.amount_untaxed, 1900.0)
        self._as(later, "biller").action_remove_from_bill()
        row = self._get_row(self._create_run(**vals), self.matter)
        self.assertEqual(row.reason_code, "draft_left_out")

    def test_currency_without_rate_is_never_taken_at_one_to_one(self):
        self.matter.billing_currency_id = self.env.ref("base.CHF")
        self.env.ref("base.CHF").rate_ids.unlink()
        run = self._create_run()
        self.assertRow(run, self.matter, "excluded", "no_exchange_rate")
        self.assertIn("CHF", self._get_row(run, self.matter).message)
        action = self._get_row(run, self.matter).action_cure()
        self.assertEqual(action["res_model"], "res.currency")
