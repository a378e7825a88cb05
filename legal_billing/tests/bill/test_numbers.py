from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...exceptions import ApprovalError, BillStageError
from ..common import LegalBillingCommon

RUN_LOGGER = "odoo.addons.legal_billing.models.run.legal_billing_run_process"


@tagged("post_install", "-at_install")
@freeze_time("2027-01-08 12:00:00")
class TestNumbers(LegalBillingCommon):
    """A number that was given to a bill is never given again."""

    def _draft(self, day, name="Matter"):
        matter = self._create_matter(name=name)
        self._create_time(matter)
        return self._bill(matter, invoice_date=day)

    def _last_of_the_year(self):
        """The last bill of 2026, approved and taken back."""
        bill = self._approve(self._draft(date(2026, 12, 30)))
        self._as(bill, "biller").action_revert_bills()
        self.assertEqual(bill.state, "draft")
        self.assertTrue(bill.name)
        return bill

    # --- the date

    def test_a_date_outside_the_number_is_refused_when_it_is_typed(self):
        bill = self._last_of_the_year()
        number = bill.name
        biller = self._as(bill, "biller")
        for vals in (
            {"invoice_date": date(2027, 1, 5)},
            {"invoice_date": date(2027, 1, 5), "date": date(2027, 1, 5)},
            {"date": date(2025, 12, 31)},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(
                    BillStageError, f"(?s){number}.*bill the matter"
                ),
                self.env.cr.savepoint(),
            ):
                biller.write(vals)
        with self.assertRaisesRegex(BillStageError, number), Form(biller) as form:
            form.invoice_date = date(2027, 1, 5)
        self.assertEqual(bill.invoice_date, date(2026, 12, 30))
        # within the year it may move
        biller.invoice_date = date(2026, 12, 31)
        self._approve(bill)
        self.assertEqual(bill.name, number)

    def test_the_way_out_keeps_the_number_on_a_cancelled_bill(self):
        bill = self._last_of_the_year()
        matter = bill.matter_id
        self._as(bill, "biller").action_delete_bills()
        self.assertEqual(bill.state, "cancel")
        again = self._approve(self._bill(matter, invoice_date=date(2026, 12, 31)))
        self.assertNotEqual(again.name, bill.name)

    def test_a_draft_without_a_number_moves_freely(self):
        bill = self._draft(date(2026, 12, 30))
        self._as(bill, "biller").invoice_date = date(2027, 1, 5)
        self._approve(bill)
        self.assertIn("2027", bill.name)

    def test_set_all_to_names_the_drafts_that_have_a_number(self):
        numbered = self._last_of_the_year()
        fresh = self._draft(date(2026, 12, 31), "Other")
        bills = numbered | fresh
        wizard = (
            self.env["legal.bill.operation"]
            .with_user(self.approver)
            .with_company(self.company)
            .create(
                {
                    "operation": "approve",
                    "company_id": self.company.id,
                    "bill_ids": [Command.set(bills.ids)],
                    "date_mode": "set",
                    "invoice_date": date(2027, 1, 6),
                }
            )
        )
        self.assertEqual(wizard.problem_count, 1)
        self.assertIn(numbered.name, wizard.problem_text)
        with (
            self.assertRaisesRegex(BillStageError, numbered.name),
            self.env.cr.savepoint(),
        ):
            wizard.action_do()
        self.assertEqual(set(bills.mapped("state")), {"draft"})
        wizard.action_do_fine()
        self.assertEqual(fresh.state, "posted")
        self.assertEqual(fresh.invoice_date, date(2027, 1, 6))
        self.assertEqual(numbered.state, "draft")

    def test_a_numbered_draft_without_a_date_is_not_approved_today(self):
        bill = self._last_of_the_year()
        self._as(bill, "biller").invoice_date = False
        with self.assertRaisesRegex(ApprovalError, bill.name):
            self._as(bill, "approver").action_approve_bills()
        self.assertEqual(bill.state, "draft")

    def test_an_invoice_without_a_matter_is_core_s(self):
        invoice = self.init_invoice(
            "out_invoice", invoice_date="2026-12-30", amounts=[100.0], post=True
        )
        invoice.button_draft()
        invoice.invoice_date = date(2027, 1, 5)
        self.assertEqual(invoice.invoice_date, date(2027, 1, 5))

    # --- the database

    def test_the_next_number_is_one_that_nobody_had(self):
        """Whatever way the draft left its period: the number is not there any more, and
        core takes the next."""
        bill = self._last_of_the_year()
        number = bill.name
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET date = '2027-01-05' WHERE id = %s", [bill.id]
        )
        self.env.invalidate_all()
        drafts = self._draft(date(2026, 12, 31)) | self._draft(date(2026, 12, 31))
        self._approve(drafts)
        self.assertEqual(set(drafts.mapped("state")), {"posted"})
        self.assertEqual(len({*drafts.mapped("name"), number}), 3)
        invoice = self.init_invoice(
            "out_invoice", invoice_date="2026-12-31", amounts=[100.0], post=True
        )
        self.assertNotIn(invoice.name, [number, *drafts.mapped("name")])

    @mute_logger("odoo.sql_db")
    def test_nobody_is_posted_under_a_bill_s_number(self):
        bill = self._last_of_the_year()
        invoice = self.init_invoice(
            "out_invoice", invoice_date="2026-12-30", amounts=[100.0], post=True
        )
        self.env.flush_all()
        with (
            self.assertRaisesRegex(IntegrityError, "given to a bill") as caught,
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE account_move SET name = %s WHERE id = %s",
                [bill.name, invoice.id],
            )
        self.assertIn(
            "numbers are not given twice",
            invoice._sql_error_to_message(caught.exception),
        )

    @mute_logger("odoo.sql_db", RUN_LOGGER)
    def test_a_run_does_not_show_the_database_s_words(self):
        bill = self._last_of_the_year()
        taken = self._approve(self._draft(date(2026, 12, 30), "Other"))
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE account_move DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE account_move SET name = %s WHERE id = %s", [taken.name, bill.id]
        )
        self.env.cr.execute("ALTER TABLE account_move ENABLE TRIGGER USER")
        self.env.invalidate_all()
        with self.assertRaises(UserError) as caught:
            self._as(bill, "approver").action_approve_bills()
        text = str(caught.exception)
        for word in ("Violation", "constraint", "DETAIL", "Key (", "psycopg"):
            self.assertNotIn(word, text)

    # --- order

    def test_drafts_are_approved_in_the_order_of_their_dates(self):
        late = self._draft(date(2027, 1, 7), "Late")
        early = self._draft(date(2027, 1, 3), "Early")
        self._as(late | early, "approver").action_approve_bills()
        self.assertLess(early.sequence_number, late.sequence_number)
        run = self.env["legal.billing.run"].search(
            [("operation", "=", "approve")], order="id desc", limit=1
        )
        self.assertEqual(run.line_ids.sorted("id").bill_id.ids, [early.id, late.id])


@tagged("post_install", "-at_install")
class TestNumbersOfCompanies(LegalBillingCommon):
    """Each company counts by itself; what has a number goes on from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Second firm"})
        cls.third = cls.env["res.company"].create({"name": "Third firm"})

    def _next(self, company, **kwargs):
        return company._next_legal_number("legal.payment", "legal.payment", **kwargs)

    def test_companies_count_by_themselves(self):
        own = self._next(self.company)
        self.assertEqual(self._next(self.other), own)
        self.assertNotEqual(self._next(self.company), own)
        sequences = self.env["ir.sequence"].search(
            [("code", "=", "legal.payment"), ("company_id", "!=", False)]
        )
        self.assertLessEqual(self.company | self.other, sequences.company_id)

    def test_numbers_that_exist_go_on(self):
        matters = self.env["project.project"].sudo()  # the user works in one company
        for company, number in ((self.company, "M-1040"), (self.other, "M-1055")):
            matters.create(
                {
                    "name": "Old",
                    "is_matter": True,
                    "partner_id": self.client.id,
                    "company_id": company.id,
                    "matter_number": number,
                }
            )
        for company, number in (
            (self.company, "M-1041"),
            (self.other, "M-1056"),
            (self.other, "M-1057"),
            (self.third, "M-1001"),
        ):
            self.assertEqual(
                company._next_legal_number(
                    "legal.matter", "project.project", "matter_number"
                ),
                number,
            )

    def test_years_begin_anew_in_each_company(self):
        for day, number in (
            (date(2026, 5, 1), "CM/2026/00001"),
            (date(2026, 6, 1), "CM/2026/00002"),
            (date(2027, 1, 1), "CM/2027/00001"),
        ):
            self.assertEqual(
                self.other._next_legal_number(
                    "legal.trust.transaction", "legal.trust.transaction", day=day
                ),
                number,
            )

    def test_what_the_firm_set_by_hand_holds(self):
        shared = self.env["ir.sequence"].search(
            [("code", "=", "legal.billing.run"), ("company_id", "=", False)]
        )
        shared.write({"prefix": "R-", "padding": 3, "number_next": 700})
        self.assertEqual(
            self.third._next_legal_number("legal.billing.run", "legal.billing.run"),
            "R-700",
        )

    def test_a_run_is_numbered_by_its_own_company(self):
        runs = self.env["legal.billing.run"].sudo()  # the user works in one company
        first = runs.create({"company_id": self.other.id})
        second = runs.create({"company_id": self.other.id})
        self.assertRegex(first.name, r"^RUN/\d{4}/\d+$")
        numbers = [int(run.name.rpartition("/")[2]) for run in first | second]
        self.assertEqual(numbers[1], numbers[0] + 1)
