from datetime import date

from odoo.tests import freeze_time, tagged

from ...exceptions import MatterOptionError
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestRetainer(TrustCommon):
    """What is left of a retainer once all is paid from it, and what is asked for (rule
    C-34), on matter, row and draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter.write({"retainer_minimum": 3000.0, "retainer_target": 5000.0})

    def _deposit(self, matter, amount):
        self._move("deposit", amount, matter_id=matter.id).action_post()

    def _get_row_of(self, matter):
        return self._get_row(self._create_run(), matter)

    def test_matter_row_and_draft(self):
        self._deposit(self.matter, 6000.0)
        self.assertEqual(self.matter.retainer_ask_amount, 0.0)
        self._create_time(self.matter, 10.0, bill_rate=350.0)
        self.assertRecordValues(
            self._as(self.matter, "biller"),
            [{"retainer_after_amount": 2500.0, "retainer_ask_amount": 2500.0}],
        )
        row = self._get_row_of(self.matter)
        self.assertEqual(
            (row.retainer_after_amount, row.retainer_ask_amount), (2500.0, 2500.0)
        )
        [flag] = [flag for flag in row.row_flags if flag["text"] == "retainer"]
        self.assertIn("2,500.00", flag["help"])
        bill = self._as(self._bill(self.matter), "biller")
        # 3,500.00 and 20 %
        self.assertEqual(
            (bill.retainer_after_amount, bill.retainer_ask_amount), (1800.0, 3200.0)
        )
        self.assertIn("retainer", [flag["text"] for flag in bill.bill_flags])
        self.assertEqual(
            self.env["account.move"].search([("retainer_ask_amount", ">", 0)]), bill
        )
        self.assertEqual(
            self.env["project.project"].search([("retainer_ask_amount", ">", 0)]),
            self.matter,
        )
        self._approve(bill)
        self.assertEqual(self.matter.retainer_after_amount, 1800.0)
        self.assertEqual(bill.retainer_ask_amount, 0.0)

    def test_what_is_asked_for_is_rounded_up_to_the_firm_s_step(self):
        self.company.legal_retainer_step = 500.0
        self._deposit(self.matter, 2700.0)
        self.assertEqual(self.matter.retainer_ask_amount, 2500.0)

    def test_without_a_retainer_nothing_is_asked_for(self):
        self._create_time(self.matter_b, 10.0)
        self.assertEqual(self.matter_b.retainer_ask_amount, 0.0)
        self.assertFalse(self._get_row_of(self.matter_b).retainer_ask_amount)
        self.assertFalse(self._bill(self.matter_b).retainer_ask_amount)

    def test_a_target_below_the_minimum_is_refused(self):
        matter = self._as(self.matter, "biller")
        with (
            self.assertRaisesRegex(MatterOptionError, "at least its minimum"),
            self.env.cr.savepoint(),
        ):
            matter.retainer_target = 2000.0
        matter.retainer_target = 3000.0

    def test_rows_cost_the_same_for_few_and_many(self):
        def count(matters):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            day = date(2026, 11, 30)
            self.env["legal.billing.loader"]._load(matters, day, day)
            return self.env.cr.sql_log_count - start

        many = self.env["project.project"]
        for _index in range(20):
            matter = self.matter.copy()
            self._create_time(matter, 1.0)
            many |= matter
        count(many)
        self.assertEqual(count(many[:2]), count(many))
