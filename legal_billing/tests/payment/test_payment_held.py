from odoo.tests import Form, tagged

from ...exceptions import PaymentError, RoleError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentHeld(PaymentCommon):
    """What another draft holds is asked; nothing moves silently to a credit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bill = cls._create_bill(1046.70)

    def _credits(self, slip):
        return slip.allocation_ids.filtered(lambda row: row.kind == "credit")

    def test_what_another_draft_holds_is_no_surplus(self):
        """B3: a forgotten draft does not turn the next cheque into a credit."""
        first = self._create_payment(self.bill, 1046.70)
        second = self._create_payment(self.bill, 1046.70)
        self.assertFalse(self._credits(second))
        self.assertEqual(second.difference_amount, 1046.70)
        self.assertEqual(second.held_amount, 1046.70)
        self.assertIn(first.display_name, second.held_note)
        self.assertIn(self.cashier.name, second.held_note)
        with self.assertRaisesRegex(PaymentError, "open it, take it over, or post it"):
            second.action_post()
        self.assertEqual(second.action_open_holding()["res_id"], first.id)

    def test_only_what_is_above_outstanding_becomes_a_credit(self):
        self._create_payment(self.bill, 46.70)
        slip = self._create_payment(self.bill, 1100)
        self.assertEqual(self._amounts(slip), {self.bill: 1000.0, self.matter: 53.30})
        self.assertEqual((slip.difference_amount, slip.held_amount), (46.70, 46.70))

    def test_it_is_taken_over(self):
        first = self._create_payment(self.bill, 1046.70)
        second = self._create_payment(self.bill, 1046.70)
        second.action_take_over()
        self.assertEqual(self._amounts(second), {self.bill: 1046.70})
        self.assertFalse(second.held_amount)
        self.assertEqual(first.allocated_amount, 0.0)
        self.assertIn(self.bill.name, first.message_ids[0].body)
        second.action_post()
        self.assertEqual(self.bill.payment_state, "paid")
        self.assertLines(
            second.move_id,
            [
                (
                    self.outstanding,
                    self.client,
                    self.env["project.project"],
                    f"{second.name}: {second.move_id.ref}",
                    1046.70,
                    0.0,
                ),
                (
                    self.receivable,
                    self.client,
                    self.matter,
                    self.bill.name,
                    0.0,
                    1046.70,
                ),
            ],
        )

    def test_it_becomes_a_credit_when_somebody_says_so(self):
        self._create_payment(self.bill, 1046.70)
        second = self._create_payment(self.bill, 1046.70)
        second.action_credit_held()
        self.assertEqual(self._credits(second).amount, 1046.70)
        second.action_post()
        self.assertEqual(self.matter.unallocated_credit_balance, 1046.70)
        self.assertEqual(self.bill.amount_residual, 1046.70)

    def test_a_typed_amount_on_a_held_bill_is_asked_too(self):
        self._create_payment(self.bill, 1046.70)
        second = self._create_payment(self.bill, 0)
        second.amount = 500
        row = second.allocation_ids.filtered("bill_id")
        row.amount = 500
        second.action_keep_amounts()
        self.assertEqual(second.held_amount, 500)
        with self.assertRaisesRegex(PaymentError, "is held by"):
            second.action_post()
        second.action_credit_held()
        self.assertEqual(self._amounts(second), {self.bill: 0.0, self.matter: 500.0})

    def test_a_biller_takes_nothing_over(self):
        self._create_payment(self.bill, 1046.70)
        second = self._create_payment(self.bill, 1046.70)
        for action in ("action_take_over", "action_credit_held"):
            with self.subTest(action=action), self.assertRaises(RoleError):
                getattr(self._as(second, "biller"), action)()

    # --- abandoned drafts

    def _age(self, slip, days):
        self.env.flush_all()
        for table in ("legal_payment", "legal_payment_allocation"):
            column = "id" if table == "legal_payment" else "payment_id"
            self.env.cr.execute(
                f"UPDATE {table} SET write_date = write_date - %s * interval '1 day' "
                f"WHERE {column} = %s",
                (days, slip.id),
            )
        self.env.invalidate_all()

    def test_a_draft_that_nobody_touched_for_a_week_holds_nothing(self):
        old = self._create_payment(self.bill, 1046.70)
        other = self._create_bill(10)
        fresh = self._create_payment(other, 10)
        self._age(old, 8)
        self._age(fresh, 6)
        self.env["legal.payment"]._cron_tidy_drafts()
        self.assertEqual((old.amount, old.allocated_amount), (1046.70, 0.0))
        self.assertIn(self.bill.name, old.message_ids[0].body)
        self.assertEqual(fresh.allocated_amount, 10.0)
        slip = self._create_payment(self.bill, 1046.70)
        self.assertEqual(self._amounts(slip), {self.bill: 1046.70})

    # --- previews promise what Post does

    def test_an_amount_above_the_bill_promises_no_credit(self):
        """B20: the refusal is shown at the cell."""
        slip = self._create_payment(self.bill, 0)
        with (
            self.assertLogs("odoo.tests.form.onchange", "WARNING") as logs,
            Form(slip) as form,
        ):
            form.amount = 1046.70
            with form.allocation_ids.edit(0) as row:
                row.amount = 2000
                self.assertEqual(row.overpayment_amount, 0.0)
                row.amount = 1046.70
            self.assertEqual(form.credit_amount, 0.0)
        self.assertIn("outstanding", logs.output[0])

    # --- early discount over several bills

    def _create_discounted(self, *amounts):
        term = self._create_term()
        return self.env["account.move"].union(
            *(
                self._create_bill(amount, invoice_payment_term_id=term.id)
                for amount in amounts
            )
        )

    def test_early_discounts_of_several_bills_are_taken(self):
        """B12: 1,200.00 and 600.00 less 3 % are 1,746.00."""
        bills = self._create_discounted(1200, 600)
        slip = self._create_payment(bills, 1746)
        self.assertEqual(self._amounts(slip), {bills[0]: 1164.0, bills[1]: 582.0})
        self.assertIn("early discounts", slip.apply_note)
        slip.action_post()
        self.assertEqual(set(bills.mapped("payment_state")), {"paid"})
        self.assertEqual(bills.mapped("amount_residual"), [0.0, 0.0])
        self.assertEqual(sum(slip.allocation_ids.mapped("final_discount")), 54.0)

    def test_another_amount_is_spread_by_the_rule(self):
        bills = self._create_discounted(1200, 600)
        slip = self._create_payment(bills, 1745)
        self.assertEqual(slip.allocation_ids.mapped("amount"), [1200.0, 545.0])

    def test_combinations_look_at_discounted_amounts_too(self):
        bills = self._create_discounted(1200, 600, 311)
        slip = self._create_payment(bills, 1746)
        action = slip.action_find_combination()
        window = self.env["legal.payment.combination"].browse(action["res_id"])
        self.assertEqual(window.line_ids.bill_ids, bills[:2])
        self._as(window.line_ids, "cashier").action_use()
        self.assertEqual(
            {row.bill_id: row.amount for row in slip.allocation_ids if row.amount},
            {bills[0]: 1164.0, bills[1]: 582.0},
        )
        slip.action_post()
        self.assertEqual(set(bills[:2].mapped("payment_state")), {"paid"})
        self.assertEqual(slip.date, DAY)
