from datetime import date

from odoo.tests import Form, tagged

from ...exceptions import BillingRunError, MatterOptionError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMatterBill(LegalBillingCommon):
    """One matter, billed by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(
            name="Lease", quoted_amount=1000.0, quote_rule="lower"
        )
        cls.first = cls._create_time(cls.matter, 2.0, date(2026, 10, 1))
        cls.second = cls._create_time(cls.matter, 3.0, date(2026, 10, 2))
        cls.cost = cls._create_disbursement(cls.matter, 50.0)

    def _open(self, matter=None, **vals):
        action = self._as(matter or self.matter, "biller").action_bill_matter()
        wizard = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        with Form(wizard) as form:
            form.invoice_date = date(2026, 10, 31)
            form.cutoff_date = date(2026, 10, 31)
            for field, value in vals.items():
                form[field] = value
        return wizard

    def _make(self, wizard):
        action = wizard.action_bill()
        return self.env["account.move"].browse(action["res_id"])

    def test_choices(self):
        cases = {
            "options": 1050.0,
            "wip": 1550.0,
            "quote": 1050.0,
            "sum": 2550.0,
        }
        for choice, net in cases.items():
            wizard = self._open(choice=choice)
            self.assertTrue(wizard.is_quote_different)
            self.assertEqual(wizard.bill_amount, net, choice)
            bill = self._make(wizard)
            self.assertEqual(bill.amount_untaxed, net, choice)
            bill._reprice()
            self.assertEqual(bill.amount_untaxed, net, choice)
            self._as(bill, "biller").action_delete_bills()

    def test_another_amount_is_an_agreed_fee(self):
        bill = self._make(self._open(choice="other", amount=1234.0))
        self.assertEqual(bill.amount_untaxed, 1284.0)
        self.assertTrue(bill.is_fee_overridden)
        fees = bill.wip_line_ids.filtered(lambda e: e.wip_type == "time")
        self.assertEqual(sum(fees.mapped("billed_amount")), 1234.0)

    def test_fees_above_the_work_become_time_of_the_lawyer(self):
        wizard = self._open(choice="other", amount=1800.0)
        self.assertEqual(wizard.increase_amount, 300.0)
        wizard.increase_display = "time"
        bill = self._make(wizard)
        self.assertEqual(bill.amount_untaxed, 1850.0)
        added = bill.wip_line_ids - self.first - self.second - self.cost
        self.assertRecordValues(
            added,
            [
                {
                    "employee_id": self.lawyer.id,
                    "wip_type": "time",
                    "wip_amount": 300.0,
                    "billed_amount": 300.0,
                    "bill_quantity": 1.0,
                    "unit_amount": 0.0,
                }
            ],
        )
        self.assertEqual(self.first.billed_amount, 600.0)
        self.assertIn("recorded as time", self.matter.message_ids[0].body)

    def test_fees_above_the_work_are_hidden_unless_asked(self):
        bill = self._make(self._open(choice="other", amount=1800.0))
        self.assertEqual(bill.wip_line_ids, self.first + self.second + self.cost)
        self.assertEqual(self.first.billed_amount, 720.0)
        self.matter.responsible_id = self.manager
        self._as(bill, "biller").action_delete_bills()
        wizard = self._open(choice="other", amount=1800.0)
        wizard.increase_display = "time"
        with self.assertRaisesRegex(BillingRunError, "who is not an employee"):
            wizard.action_bill()

    def test_the_firm_says_what_is_chosen_first(self):
        self.assertEqual(self._open().choice, "options")
        self.company.legal_bill_choice = "quote"
        self.assertEqual(self._open().choice, "quote")

    def test_interim_leaves_the_rest_as_wip(self):
        bill = self._make(self._open(choice="interim", amount=700.0))
        self.assertEqual(bill.fees_amount, 700.0)
        self.assertIn(self.first, bill.wip_line_ids)
        self.assertEqual(self.second.wip_amount, 100.0)
        self.assertEqual(self.second.bill_id, bill)
        self.assertEqual(self.matter.unbilled_amount, 800.0)
        hours = self.matter.wip_entry_ids.filtered(lambda e: e.wip_type == "time")
        self.assertAlmostEqual(sum(hours.mapped("unit_amount")), 5.0, 2)

    def test_unticked_entries_stay_wip(self):
        wizard = self._open(choice="wip")
        wizard.entry_ids -= self.cost
        bill = self._make(wizard)
        self.assertNotIn(self.cost, bill.wip_line_ids)
        self.assertEqual(self.matter.unbilled_amount, 50.0)

    def test_excluded_matter_is_billed_by_hand(self):
        self.matter.exclude_from_mass_billing = True
        self.assertEqual(self._make(self._open()).billing_stage, "draft")

    def test_second_draft_is_refused(self):
        self._make(self._open())
        self._create_time(self.matter)
        with self.assertRaisesRegex(BillingRunError, "has a draft bill already"):
            self._open().action_bill()

    def test_nothing_to_bill_is_refused(self):
        matter = self._create_matter()
        with self.assertRaisesRegex(BillingRunError, "nothing to bill"):
            self._open(matter).action_bill()

    def test_unbillable_matter_is_refused(self):
        matter = self._create_matter(name="Pro bono", is_billable=False)
        with self.assertRaisesRegex(MatterOptionError, "Pro bono is not billable"):
            self._as(matter, "biller").action_bill_matter()

    def test_reviewer_cannot_bill(self):
        with self.assertRaisesRegex(RoleError, "needs the role"):
            self._as(self.matter, "reviewer").action_bill_matter()
