from datetime import date

from odoo.fields import Command
from odoo.tests import Form, tagged

from ..exceptions import PaymentError
from .payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentBulk(PaymentCommon):
    """Hundreds of bills on one slip stay quick."""

    @classmethod
    def _create_bills(cls, count, matters):
        bills = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.client.id,
                    "invoice_date": date(2026, 10, 1),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "fees",
                                "price_unit": 100 + number,
                                "tax_ids": False,
                                "matter_id": matters[number % len(matters)].id,
                                "bill_element": "fees",
                            }
                        ),
                        Command.create(
                            {
                                "name": "court",
                                "price_unit": 20,
                                "tax_ids": False,
                                "matter_id": matters[number % len(matters)].id,
                                "bill_element": "disbursement_exempt",
                            }
                        ),
                    ],
                }
                for number in range(count)
            ]
        )
        bills.action_post()
        return bills

    def _count_queries(self, bills):
        """Queries to put the bills on a slip and to post it."""
        total = sum(bills.mapped("amount_residual"))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        payment = self._create_payment(bills, total - 1)
        self.env.flush_all()
        created = self.env.cr.sql_log_count
        payment.action_post()
        self.env.flush_all()
        posted = self.env.cr.sql_log_count
        self.assertEqual(sum(bills.mapped("amount_residual")), 1.0)
        return created - before, posted - created

    def test_the_cost_of_a_bill_does_not_grow_with_their_number(self):
        matters = self.env["project.project"].union(
            *(self._create_matter(name=f"M{number}") for number in range(5))
        )
        few = self._count_queries(self._create_bills(20, matters))
        many = self._count_queries(self._create_bills(300, matters))
        per_bill = [(b - a) / 280 for a, b in zip(few, many, strict=True)]
        self.assertLess(per_bill[0], 3, f"creating a slip: {few}, {many}")
        self.assertLess(per_bill[1], 12, f"posting a slip: {few}, {many}")

    def _count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_a_slip_of_many_bills_stays_quick_in_the_hand(self):
        """Opening, applying, ticking, changing the amount, clearing: as many queries
        for 60 bills as for 10, but a handful."""
        matters = self.env["project.project"].union(
            *(self._create_matter(name=f"M{number}") for number in range(4))
        )
        counts = []
        for number in (10, 60):
            bills = self._create_bills(number, matters)
            slip = self._create_payment(bills, sum(bills.mapped("amount_total")) - 50)
            counts.append(
                {
                    "open": self._count(lambda slip=slip: Form(slip)),
                    "tick": self._count(lambda slip=slip: self._untick(slip)),
                    "apply": self._count(slip.action_apply_rule),
                    "compare": self._count(
                        lambda slip=slip: slip.allocation_ids.mapped("preview_bill")
                    ),
                    "clear": self._count(slip.action_clear),
                    "add": self._count(
                        lambda bills=bills: self._create_payment(
                            bills[:0], 0, matter_id=bills.matter_id[0].id
                        ).action_add_bills()
                    ),
                }
            )
        few, many = counts
        for name, queries in many.items():
            self.assertLess(queries, 150, f"{name}: {counts}")
            self.assertLess(queries, few[name] + 25, f"{name}: {counts}")

    def _untick(self, slip):
        with Form(slip) as form, form.allocation_ids.edit(2) as row:
            row.is_selected = False
        self.assertGreater(slip.difference_amount, 0)

    def test_all_problems_of_a_slip_are_told_at_once(self):
        bills = self._create_bills(3, self.matter)
        payment = self._create_payment(bills, 0)
        payment.allocation_ids[:2].write({"kind": "write_off", "amount": 5})
        with self.assertRaises(PaymentError) as caught:
            payment.action_post()
        message = str(caught.exception)
        for bill in bills[:2]:
            self.assertIn(bill.name, message)
