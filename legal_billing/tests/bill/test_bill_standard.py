import runpy
from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools.misc import file_path

from ...exceptions import BillStageError, ProtectedFieldError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillStandard(LegalBillingCommon):
    """*Standard* is recorded hours at the rate of the ladder on the day of the work,
    whatever is edited on the draft: the rest is written down or up, by somebody, for a
    reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Smith v Jones")
        cls.time = cls._create_time(cls.matter, 2.0, name="Letter")
        cls.call = cls._create_time(cls.matter, 1.0, name="Call")
        cls.cost = cls._create_disbursement(cls.matter, 100.0)

    def assertFees(self, bill, standard, edited, fees):
        """Standard fees of a bill, what edits made of them, and its fees."""
        self.assertEqual(
            (bill.standard_fees, bill.edit_effect, bill.fees_amount),
            (standard, edited, fees),
        )
        self.assertAlmostEqual(bill.realisation, 100 * fees / standard)
        self.assertEqual(
            sum(
                bill.wip_line_ids.filtered(lambda entry: entry.project_id).mapped(
                    "standard_amount"
                )
            ),
            standard,
        )

    def _ask_again(self, entries):
        self.env.add_to_compute(entries._fields["standard_amount"], entries)
        self.env.flush_all()

    def _get_log(self, bill, step):
        return bill.adjustment_ids.filtered(lambda row: row.step == step)

    # --- recorded

    def test_what_is_recorded_is_worth_what_the_ladder_says(self):
        self.company.legal_time_unit = 6
        cases = [
            (self._create_time(self.matter, 0.75), 240.0),  # whole units: 0.8 h
            (self._create_time(self.matter, 1.0, bill_rate=0), 300.0),
            (self._create_time(self.matter, 1.0, bill_quantity=0.5), 300.0),
            (self._create_time(self.matter, 1.0, bill_behavior="hide"), 300.0),
            (self._create_time(self.matter, employee_id=self.associate.id), 200.0),
            (self.cost, 100.0),
        ]
        for entry, standard in cases:
            self.assertEqual(entry.standard_amount, standard)

    def test_where_the_ladder_knows_no_rate_the_value_counts(self):
        self.env["legal.rate"].search([]).active = False
        entry = self._create_time(self.matter, 2.0, bill_rate=150.0)
        self.assertEqual(entry.standard_amount, 300.0)
        bill = self._bill(self.matter)
        self._as(entry, "biller").bill_rate = 100.0
        self.assertEqual(entry.standard_amount, 300.0)
        self.assertFees(bill, 1200.0, -100.0, 1100.0)

    def test_a_rate_of_nothing_is_a_standard_of_nothing(self):
        self.env["legal.rate"].create(
            {"price": 0.0, "matter_id": self.matter.id, "company_id": self.company.id}
        )
        entry = self._create_time(self.matter, 2.0, bill_rate=150.0)
        self.assertEqual((entry.wip_amount, entry.standard_amount), (300.0, 0.0))

    def test_another_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        matter = self._create_matter(billing_currency_id=euro.id)
        entry = self._create_time(matter, 1.0, bill_rate=500.0)
        self.assertEqual((entry.wip_amount, entry.standard_amount), (500.0, 600.0))
        bill = self._bill(matter)
        self.assertEqual(bill.currency_id, euro)
        self.assertFees(bill, 600.0, -100.0, 500.0)

    def test_parts_add_up_to_the_whole(self):
        entry = self._create_time(self.matter, 0.5, bill_rate=100.0)
        self.assertEqual((entry.wip_amount, entry.standard_amount), (50.0, 150.0))
        part = self._as(entry, "biller").action_split(20.0)
        self.assertEqual((part.standard_amount, entry.standard_amount), (60.0, 90.0))
        self._ask_again(part | entry)  # the shares stay
        self.assertEqual((part.standard_amount, entry.standard_amount), (60.0, 90.0))
        self._as(part, "biller").action_join()
        self.assertEqual((entry.wip_amount, entry.standard_amount), (50.0, 150.0))

    def test_new_rates_are_put_on_unbilled_entries(self):
        entry = self._create_time(self.matter, 1.0, bill_rate=320.0)
        self.env.flush_all()
        self.env["legal.rate"].create(
            {
                "price": 320.0,
                "grade": "partner",
                "date_from": "2026-09-01",
                "company_id": self.company.id,
            }
        )
        self.assertEqual((self.time | entry).mapped("standard_amount"), [600.0, 300.0])
        form = Form(self._as(self.env["legal.rate.apply"], "manager"))
        form.date_from = "2026-10-01"
        form.save().action_apply()
        self.assertEqual((self.time | entry).mapped("standard_amount"), [640.0, 320.0])

    def test_nobody_writes_it(self):
        for role in ("fee_earner", "reviewer", "biller", "manager"):
            with (
                self.subTest(role),
                self.assertRaisesRegex(
                    ProtectedFieldError, "written by billing itself"
                ),
                self.env.cr.savepoint(),
            ):
                self._as(self.time, role).standard_amount = 1.0

    # --- edited

    def test_hours_rate_and_charge_are_write_downs_with_who_and_why(self):
        bill = self._bill(self.matter)
        self.assertFees(bill, 900.0, 0.0, 900.0)
        cases = [
            ({"bill_quantity": 1.5}, 750.0, 600.0, 450.0, "Hours 2.00 → 1.50: Letter"),
            ({"bill_rate": 0.0}, 300.0, 450.0, 0.0, "Rate 300.00 → 0.00: Letter"),
            ({"bill_rate": 400.0}, 900.0, 0.0, 600.0, "Rate 0.00 → 400.00: Letter"),
            (
                {"bill_behavior": "no_charge"},
                300.0,
                600.0,
                0.0,
                "Bill → No charge (shown at 0.00): Letter",
            ),
            (
                {"bill_behavior": "bill", "bill_quantity": 3.0},
                1500.0,
                0.0,
                1200.0,
                "Hours 1.50 → 3.00, No charge (shown at 0.00) → Bill: Letter",
            ),
        ]
        for vals, fees, before, after, reason in cases:
            with self.subTest(vals):
                self._as(self.time, "reviewer").write(vals)
                self.assertFees(bill, 900.0, fees - 900.0, fees)
                self.assertEqual(bill.amount_untaxed, fees + 100.0)
                row = self._get_log(bill, "entry").sorted("id")[-1]
                self.assertRecordValues(
                    row,
                    [
                        {
                            "before_amount": before,
                            "after_amount": after,
                            "amount": after - before,
                            "reason": reason,
                            "user_id": self.reviewer.id,
                            "entry_id": self.time.id,
                        }
                    ],
                )
        self.assertEqual(self.time.standard_amount, 600.0)

    def test_a_given_reason_is_kept(self):
        bill = self._bill(self.matter)
        entry = self._as(self.time, "biller")
        entry.with_context(legal_billing_reason="Agreed on the phone").bill_rate = 200.0
        row = self._get_log(bill, "entry")
        self.assertEqual(
            (row.typed_reason, row.reason),
            ("Agreed on the phone", "Rate 300.00 → 200.00: Letter"),
        )

    def test_why_is_typed_beside_the_change_on_the_drafts_page(self):
        """Hours, rate, charge, removal: whatever was edited by its page has a place for
        the reason, and saving the page keeps it."""
        bill = self._bill(self.matter)
        self._as(self.time, "biller").bill_quantity = 1.5
        self._as(self.cost, "biller").action_remove_from_bill()
        view = "legal_billing.bill_view_form"
        for role in ("biller", "manager"):
            with Form(self._as(bill, role), view=view) as form:
                for index in range(2):
                    with form.adjustment_ids.edit(index) as row:
                        row.typed_reason = f"As {role} agreed, {index}"
            self.assertEqual(
                sorted(bill.adjustment_ids.mapped("typed_reason")),
                [f"As {role} agreed, 0", f"As {role} agreed, 1"],
            )
        self._as(self.time, "biller").bill_rate = 200.0  # priced again, the log stays
        self.assertEqual(len(bill.adjustment_ids.filtered("typed_reason")), 2)
        row = self._get_log(bill, "removed")
        for change, error in (
            ({"typed_reason": "x", "after_amount": 1.0}, ProtectedFieldError),
            ({"reason": "x"}, ProtectedFieldError),
        ):
            with self.assertRaises(error), self.env.cr.savepoint():
                self._as(row, "biller").write(change)
        for role in ("cashier", "fee_earner"):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._as(row, role).typed_reason = "mine"

    def test_why_stays_once_the_bill_is_approved(self):
        bill = self._bill(self.matter)
        self._as(self.time, "biller").bill_quantity = 1.5
        row = self._as(self._get_log(bill, "entry"), "biller")
        row.typed_reason = "Agreed"
        self._approve(bill)
        with self.assertRaises(BillStageError), self.env.cr.savepoint():
            row.typed_reason = "Another"
        self.assertEqual(row.typed_reason, "Agreed")

    def test_a_computed_step_needs_no_reason(self):
        self.matter.write({"discount_type": "percent", "discount_value": 10.0})
        bill = self._bill(self.matter)
        row = self._as(bill.adjustment_ids[:1], "biller")
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            row.typed_reason = "x"

    def test_who_may_not_edit_changes_no_figure(self):
        own = self._create_time(self.matter, employee_id=self.associate.id)
        bill = self._bill(self.matter)
        with (
            self.assertRaisesRegex(RoleError, "comes from the rates"),
            self.env.cr.savepoint(),
        ):
            self._as(own, "fee_earner").bill_quantity = 0.5
        self.assertFees(bill, 1100.0, 0.0, 1100.0)
        self.assertFalse(bill.adjustment_ids)

    def test_what_is_removed_or_held_is_on_the_bill_no_more(self):
        bill = self._bill(self.matter)
        self._as(self.time, "biller").bill_rate = 200.0
        self._as(self.time, "biller").action_remove_from_bill()
        self.assertFees(bill, 300.0, 0.0, 300.0)
        self.assertEqual(self.time.standard_amount, 600.0)
        row = self._get_log(bill, "removed")
        self.assertEqual((row.before_amount, row.after_amount), (400.0, 0.0))
        self._as(self.cost, "biller").action_hold_on_bill()
        row = self._get_log(bill, "removed") - row
        self.assertEqual((row.before_amount, row.after_amount), (100.0, 0.0))
        self.assertEqual((row.entry_id, row.user_id), (self.cost, self.biller))
        self._as(self.time, "biller").bill_behavior = "no_charge"
        self._as(bill, "biller").action_add_entries(self.time)  # it was left out
        self.assertFees(bill, 900.0, -600.0, 300.0)

    def test_a_cost_is_worth_what_it_was_recorded_at(self):
        bill = self._bill(self.matter)
        self._as(self.cost, "biller").bill_rate = 80.0
        self.assertEqual((self.cost.wip_amount, self.cost.standard_amount), (80, 100))
        self.assertFees(bill, 900.0, 0.0, 900.0)
        self.assertEqual(bill.disbursements_amount, 80.0)

    def test_discount_and_agreed_fee_come_besides(self):
        self.matter.write({"discount_type": "percent", "discount_value": 10.0})
        bill = self._bill(self.matter)
        self._as(self.time, "biller").bill_quantity = 1.0
        self.assertFees(bill, 900.0, -300.0, 540.0)
        self.assertEqual(bill.discount_effect, 60.0)
        bill.fee_override = 450.0
        self.assertFees(bill, 900.0, -300.0, 450.0)
        self.assertIn(bill, bill.search([("realisation", "<", 51)]))

    def test_lists_and_matter_say_the_same(self):
        bill = self._bill(self.matter)
        self._as(self.time, "biller").bill_rate = 0.0
        strip = bill.get_bill_strip("draft", [("id", "=", bill.id)])
        self.assertIn("900.00", strip["standard_text"])
        self.assertEqual(strip["realisation"], 33)
        [row] = self.matter.timekeeper_hours
        self.assertIn("900.00", row["standard_text"])
        self.assertIn("300.00", row["charged_text"])

    # --- the run

    def test_the_waterfall_begins_with_the_standard(self):
        self.time.bill_rate = 200.0
        self.call.bill_behavior = "no_charge"
        run = self._create_run(filter_domain=str([("id", "=", self.matter.id)]))
        row = self._get_row(run, self.matter)
        self.assertRecordValues(
            row,
            [
                {
                    "fees_amount": 400.0,
                    "disbursement_amount": 100.0,
                    "edit_effect": -500.0,
                    "amount": 500.0,
                    "standard_amount": 500.0,
                }
            ],
        )
        strip = run.get_strip()
        self.assertIn("1,000.00", strip["standard_text"])
        steps = {step["key"]: step["text"] for step in strip["waterfall"]}
        self.assertEqual(
            list(steps), ["standard", "edits", "quote", "discount", "to_bill"]
        )
        self.assertIn("500.00", steps["edits"])
        run.action_bill_all()
        self.assertFees(run.bill_ids, 900.0, -500.0, 400.0)

    # --- of before

    def test_a_database_of_before_is_filled_from_what_is_known(self):
        bill = self._bill(self.matter)
        self._as(self.time, "biller").bill_quantity = 1.0
        self._as(self.time, "biller").bill_quantity = 0.5
        open_time = self._create_time(self.matter, 1.0, bill_rate=100.0)
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE account_analytic_line DROP COLUMN standard_amount;"
            "ALTER TABLE account_move DROP COLUMN edit_effect"
        )
        self.env.cr.execute(
            "UPDATE account_move SET standard_fees = 450 WHERE id = %s", bill.ids
        )
        self.env.invalidate_all()
        folder = "legal_billing/migrations/19.0.1.1.0"
        for name in ("pre-standard", "pre-standard", "post-standard"):
            script = runpy.run_path(file_path(f"{folder}/{name}.py"))
            script["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(
            (self.time | self.call | self.cost | open_time).mapped("standard_amount"),
            [600.0, 300.0, 100.0, 300.0],
        )
        self.assertFees(bill, 900.0, -450.0, 450.0)

    def test_many_entries_cost_no_more_queries_than_ten(self):
        def count_queries(count):
            matters = [self._create_matter() for _index in range(4)]
            vals_list = [
                {
                    "project_id": matters[index % 4].id,
                    "employee_id": self.lawyer.id,
                    "name": "Advice",
                    "date": date(2026, 10, 1 + index % 28),
                    "unit_amount": 0.5,
                }
                for index in range(count)
            ]
            entries = self.env["account.analytic.line"].create(vals_list)
            self.assertEqual(set(entries.mapped("standard_amount")), {150.0})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._ask_again(entries)
            return self.env.cr.sql_log_count - before

        few = count_queries(10)
        self.assertLessEqual(count_queries(100), few)
