from datetime import date
from hashlib import sha256

from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import PaymentError
from ...tools import REFERENCE_BYTES
from .payment_common import PaymentCommon

#: Digits would be taken for years.
LETTERS = str.maketrans("0123456789", "ghijklmnop")


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

    def _create_payment(self, bills, amount, **vals):
        """With the messages that a server writes at the commit."""
        self.env.cr.flush()
        payment = super()._create_payment(bills, amount, **vals)
        return payment.with_context(tracking_disable=False, mail_notrack=False)

    def _count_queries(self, bills):
        """Queries to put the bills on a slip and to post it."""
        total = sum(bills.mapped("amount_residual"))
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        payment = self._create_payment(bills, total - 1)
        self.env.cr.flush()
        created = self.env.cr.sql_log_count
        payment.action_post()
        self.env.cr.flush()
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
        self.assertLess(per_bill[0], 0.2, f"creating a slip: {few}, {many}")
        self.assertLess(per_bill[1], 0.6, f"posting a slip: {few}, {many}")

    def _pay_all(self, bills):
        """Post a slip over these bills, up to a commit's own work."""
        payment = self._pay(bills, sum(bills.mapped("amount_residual")))
        self.env.cr.flush()
        return payment

    def _count_reversal(self, bills):
        payment = self._pay_all(bills)
        known = bills.message_ids
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        payment.action_reverse(reason="entered twice")
        self.env.cr.flush()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(set(bills.mapped("payment_state")), {"not_paid"})
        for bill in bills:
            [note] = bill.message_ids - known
            self.assertIn("entered twice", note.body)
            self.assertIn("is open (Not Paid)", note.body)
        return queries

    def test_undoing_a_slip_of_many_bills_costs_little_per_bill(self):
        few = self._count_reversal(self._create_bills(20, self.matter))
        many = self._count_reversal(self._create_bills(120, self.matter))
        self.assertLess((many - few) / 100, 1.3, f"{few}, {many}")

    def test_a_bill_says_once_that_it_is_paid(self):
        bills = self._create_bills(3, self.matter)
        self.env.cr.flush()  # what posting them says
        known = bills.message_ids
        self._pay_all(bills)
        for bill in bills:
            [note] = bill.message_ids - known
            self.assertIn("0.00 is open (Paid)", note.body)
            self.assertFalse(note.sudo().tracking_value_ids)

    def test_who_follows_payments_of_a_bill_is_told(self):
        """Core's message goes to followers who asked for it, of that bill alone."""
        bills = self._create_bills(2, self.matter)
        paid = self.env.ref("account.mt_invoice_paid")
        bills[0].message_subscribe(self.insurer.ids, subtype_ids=paid.ids)
        self.env.cr.flush()
        known = bills.message_ids
        self._pay_all(bills)
        self.env.invalidate_all()
        told = (bills.message_ids - known).filtered(
            lambda message: message.subtype_id == paid
        )
        self.assertEqual(told.mapped("res_id"), bills[0].ids)
        self.assertIn(self.insurer, told.notified_partner_ids)

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

    def test_ticking_a_bill_works_out_that_bill(self):
        """Not what is outstanding of all others, which the page holds."""
        rows = type(self.env["legal.payment.allocation"])
        set_outstanding, seen = rows._set_outstanding, []

        def count(row, *args):
            if not row.id:
                seen.append(row)
            return set_outstanding(row, *args)

        bills = self._create_bills(30, self.matter)
        slip = self._create_payment(bills, sum(bills.mapped("amount_total")))
        self.patch(rows, "_set_outstanding", count)
        self._untick(slip)
        self.assertLess(len(seen), 5)

    def test_a_rule_asks_once_what_is_outstanding(self):
        """Before it changes amounts, on which what is outstanding seems to depend."""
        rows = type(self.env["legal.payment.allocation"])
        set_outstanding, seen = rows._set_outstanding, []

        def count(row, *args):
            seen.append(row)
            return set_outstanding(row, *args)

        bills = self._create_bills(30, self.matter)
        slip = self._create_payment(bills, sum(bills.mapped("amount_total")) - 50)
        self.env.flush_all()
        self.env.invalidate_all()
        self.patch(rows, "_set_outstanding", count)
        slip.action_apply_rule()
        self.assertEqual(len(seen), 30)

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

    def test_numbers_that_fit_in_no_reference_stay_on_the_item(self):
        """Core indexes the reference of every item: PostgreSQL takes 2,704 bytes of it,
        which the numbers of some hundred bills exceed."""
        bills = self.env["account.move"]
        for number in range(30):
            digest = sha256(str(number).encode()).hexdigest().translate(LETTERS)
            bills |= self._create_bill(100, name=f"{digest}{digest[::-1]}/{number + 1}")
        payment = self._pay(bills, 3000)
        names = ": ".join(payment.allocation_ids.bill_id.mapped("name"))
        bank_item = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.outstanding
        )
        self.assertEqual(bank_item.name, f"{payment.name}: {names}: cheque 7")
        reference = payment.move_id.ref
        self.assertLessEqual(len(reference.encode()), REFERENCE_BYTES)
        self.assertRegex(reference, r"^[a-p]+/\d+: .*: and 11 more: cheque 7$")
        self.assertEqual(payment.account_payment_id.memo, reference)
        self.assertEqual(set(bills.mapped("amount_residual")), {0.0})
        payment.action_reverse("wrong payer", "correction")
        self.assertEqual(set(bills.mapped("amount_residual")), {100.0})
        self.assertIn("wrong payer", payment.reversal_move_ids.ref)
