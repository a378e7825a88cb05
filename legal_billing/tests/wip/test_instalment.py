from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import EntryLockedError, MatterOptionError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestInstalment(LegalBillingCommon):
    """Fixed fees in parts: when they are due, what they bill, how they come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(
            name="Retainer", billing_arrangement="fixed", quote_scope="fees"
        )

    def _create_instalment(self, matter=None, amount=500.0, **vals):
        return self.env["legal.fee.instalment"].create(
            {"matter_id": (matter or self.matter).id, "amount": amount, **vals}
        )

    def _get_open(self, matter=None):
        return (matter or self.matter).instalment_ids.filtered(
            lambda row: not row.bill_id
        )

    # --- periods

    def test_a_monthly_instalment_keeps_its_day(self):
        row = self._create_instalment(due_date="2026-01-31", repeat="month")
        days = []
        for month_end in (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)):
            self._approve(self._bill(self.matter, invoice_date=month_end))
            days.append(self._get_open().due_date)
        self.assertEqual(
            days, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
        )
        self.assertEqual(self.matter.instalment_ids.mapped("anchor_day"), [31] * 4)
        self.assertEqual(row.state, "billed")

    def test_a_quarterly_instalment_in_a_leap_year(self):
        self._create_instalment(due_date="2027-11-30", repeat="quarter")
        self._bill(self.matter, invoice_date=date(2027, 12, 1))
        self.assertEqual(self._get_open().due_date, date(2028, 2, 29))

    def test_periods_behind_come_on_one_bill(self):
        self._create_instalment(
            name="Retainer", due_date="2026-07-31", repeat="month", amount=500.0
        )
        self._create_time(self.matter, 4.0)
        run = self._create_run()
        self.assertRow(run, self.matter, "ready", amount=2000.0)
        run.action_bill_all()
        bill = run.bill_ids
        self.assertEqual(bill.amount_untaxed, 2000.0)
        self.assertEqual(
            [(line.name, line.price_subtotal) for line in bill.invoice_line_ids],
            [
                ("Retainer, 07/31/2026", 500.0),
                ("Retainer, 08/31/2026", 500.0),
                ("Retainer, 09/30/2026", 500.0),
                ("Retainer, 10/31/2026", 500.0),
            ],
        )
        self.assertEqual(len(bill.instalment_ids), 4)
        self.assertEqual(self._get_open().due_date, date(2026, 11, 30))
        self.assertEqual(sum(bill.wip_line_ids.mapped("billed_amount")), 2000.0)
        # priced again, it is the same bill
        bill.write({"bill_discount_type": "percent", "bill_discount_value": 10.0})
        self.assertEqual(bill.amount_untaxed, 1800.0)
        bill.write({"bill_discount_type": "none"})
        self.assertEqual(bill.amount_untaxed, 2000.0)

    def test_periods_behind_come_back_once(self):
        self._create_instalment(due_date="2026-07-31", repeat="month")
        for _turn in range(2):
            bill = self._bill(self.matter)
            self.assertEqual(bill.amount_untaxed, 2000.0)
            self._as(bill, "biller").action_delete_bills()
            self.assertEqual(
                [str(row.due_date) for row in self._get_open()],
                ["2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31"],
            )
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.amount_untaxed, 2000.0)
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertEqual(len(self._get_open()), 4)
        self.assertEqual(
            self._bill(self.matter, invoice_date=date(2026, 11, 30)).amount_untaxed,
            2500.0,
        )

    def test_one_matter_by_hand_has_the_same_periods(self):
        self._create_instalment(due_date="2026-08-31", repeat="month")
        action = self._as(self.matter, "biller").action_bill_matter()
        wizards = self._as(self.env["legal.matter.bill"], "biller")
        wizard = wizards.browse(action["res_id"])
        wizard.write({"invoice_date": "2026-10-31", "cutoff_date": "2026-10-31"})
        self.assertEqual(wizard.bill_amount, 1500.0)
        bill = self.env["account.move"].browse(wizard.action_bill()["res_id"])
        self.assertEqual(bill.amount_untaxed, 1500.0)
        self.assertEqual(self._get_open().due_date, date(2026, 11, 30))

    def test_each_run_bills_it_once(self):
        self._create_instalment(repeat="run")
        first = self._bill(self.matter)
        self.assertEqual(first.amount_untaxed, 500.0)
        self._approve(first)
        self.assertFalse(self._get_row(self._create_run(), self.matter))
        second = self._bill(self.matter, invoice_date=date(2026, 11, 1))
        self.assertEqual(second.amount_untaxed, 500.0)
        self.assertEqual(self._get_open().due_date, date(2026, 11, 2))

    # --- dates and milestones

    def test_date_milestone_or_both(self):
        milestone = self.env["project.milestone"].create(
            {"name": "Signed", "project_id": self.matter.id}
        )
        later = self._create_instalment(due_date="2026-11-01", amount=10.0)
        dated = self._create_instalment(due_date="2026-10-31", amount=20.0)
        staged = self._create_instalment(milestone_id=milestone.id, amount=40.0)
        both = self._create_instalment(
            milestone_id=milestone.id, due_date="2026-10-01", amount=80.0
        )
        self.assertRow(self._create_run(), self.matter, "ready", amount=20.0)
        milestone.is_reached = True
        self.assertRow(self._create_run(), self.matter, "ready", amount=140.0)
        both.due_date = "2026-11-05"
        bill = self._bill(self.matter)
        self.assertEqual(bill.instalment_ids, dated + staged)
        self.assertEqual(self._get_open(), both + later)

    def test_the_milestone_is_the_matters_own(self):
        other = self._create_matter(name="Other")
        milestone = self.env["project.milestone"].create(
            {"name": "Heard", "project_id": other.id}
        )
        with self.assertRaisesRegex(MatterOptionError, "Heard is of .*Other"):
            self._create_instalment(milestone_id=milestone.id)
        row = self._create_instalment(other, milestone_id=milestone.id)
        with self.assertRaisesRegex(MatterOptionError, "own milestones"):
            row.matter_id = self.matter

    def test_billed_ones_are_read_only(self):
        row = self._create_instalment(name="Half", due_date="2026-10-01")
        bill = self._approve(self._bill(self.matter))
        with self.assertRaisesRegex(EntryLockedError, bill.name):
            self._as(row, "biller").amount = 1.0
        with self.assertRaisesRegex(EntryLockedError, "Half"):
            self._as(row, "biller").unlink()
        self._as(bill, "approver").action_revert_bills()
        self._as(bill, "biller").action_delete_bills()
        self.assertEqual(bill.state, "cancel")
        self.assertEqual(row.state, "due")
        self._as(row, "biller").amount = 1.0

    # --- never left aside

    def test_an_instalment_makes_the_matter_a_fixed_fee(self):
        matter = self._create_matter(name="By the hour")
        self.assertEqual(matter.billing_arrangement, "hourly")
        self._create_time(matter, 1.0)
        self._as(self.env["legal.fee.instalment"], "biller").create(
            {"matter_id": matter.id, "amount": 800.0, "due_date": "2026-10-01"}
        )
        self.assertEqual(matter.billing_arrangement, "fixed")
        self.assertIn("fixed fee now", matter.message_ids[0].body)
        self.assertEqual(self._bill(matter).amount_untaxed, 800.0)

    def test_the_form_says_so_at_once(self):
        matter = self._create_matter()
        view = "legal_billing.matter_view_form"
        with (
            self.assertLogs("odoo.tests.form.onchange", "WARNING") as log,
            Form(matter, view) as form,
            form.instalment_ids.new() as row,
        ):
            row.amount = 100.0
        self.assertIn("fixed fee now", log.output[0])
        self.assertEqual(form.billing_arrangement, "fixed")

    def test_back_to_the_hour_only_without_open_instalments(self):
        row = self._create_instalment(name="Second half", due_date="2026-12-01")
        with self.assertRaisesRegex(MatterOptionError, "Second half"):
            self._as(self.matter, "biller").billing_arrangement = "hourly"
        self._as(self.matter, "biller").write(
            {
                "billing_arrangement": "hourly",
                "instalment_ids": [Command.delete(row.id)],
            }
        )
        self.assertEqual(self.matter.billing_arrangement, "hourly")

    def test_taking_over_settings_leaves_a_fixed_fee_with_instalments(self):
        self._create_instalment(name="Second half", due_date="2026-12-01")
        self.matter.partner_id.legal_minimum_bill_amount = 30.0
        self._as(self.matter, "biller").action_take_over_client_options()
        self.assertEqual(self.matter.billing_arrangement, "fixed")
        self.assertEqual(self.matter.minimum_bill_amount, 30.0)
        with self.assertRaises(AccessError):
            self._as(self.matter, "fee_earner").billing_arrangement = "hourly"
