from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import PaymentError, ProtectedFieldError, RoleError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPayInSlip(PaymentCommon):
    """Cheques and cash on their way to the bank: each once, and found again."""

    def _receive(self, amount, **vals):
        vals = {"means": "cheque", "reference": f"CHQ {amount}"} | vals
        return self._pay(self._create_bill(amount), amount, **vals)

    def _window(self, role="cashier", **vals):
        return self._as(self.env["legal.payment.day"], role).create(
            {"kind": "pay_in", "date_from": DAY, "date_to": DAY, **vals}
        )

    def _make(self):
        action = self._window().action_make_pay_in_slips()
        slips = self._as(self.env["legal.pay.in.slip"], "cashier")
        if action.get("res_id"):
            return slips.browse(action["res_id"])
        return slips.search(action["domain"])

    def test_a_slip_of_each_bank_and_cash(self):
        first, second = self._receive(100), self._receive(23.45)
        cash = self._receive(12, source="cash")
        self._receive(500, means="transfer")
        slips = self._make()
        of_bank = slips.filtered(lambda slip: slip.journal_id == self.bank)
        self.assertRecordValues(
            of_bank,
            [
                {
                    "state": "draft",
                    "bank_journal_id": self.bank.id,
                    "date": fields.Date.today(),
                    "amount": 123.45,
                    "payment_count": 2,
                    "company_id": self.company.id,
                    "deposited_by_id": False,
                }
            ],
        )
        self.assertEqual(of_bank.payment_ids, first | second)
        of_cash = slips - of_bank
        self.assertEqual(of_cash.payment_ids, cash)
        self.assertEqual(
            (of_cash.journal_id, of_cash.bank_journal_id), (self.cash, self.bank)
        )
        self.assertEqual(len(set(slips.mapped("name"))), 2)

    def test_nothing_is_paid_in_twice(self):
        cheque = self._receive(100)
        slip = self._make()
        self.assertFalse(self._window()._get_paper().blocks)
        with self.assertRaisesRegex(PaymentError, "still to be paid in"):
            self._window().action_make_pay_in_slips()
        with self.assertRaisesRegex(PaymentError, slip.name):
            slip._make(cheque)
        other = self._receive(50)
        again = self._make()
        self.assertEqual(again.payment_ids, other)
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            cheque.pay_in_slip_id = again
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            again.payment_ids |= cheque

    def test_once_paid_in_it_stays(self):
        cheque = self._receive(100)
        slip = self._make()
        slip.action_pay_in()
        self.assertEqual((slip.state, slip.deposited_by_id), ("paid_in", self.cashier))
        self.assertTrue(slip.deposited_on)
        for change in (
            lambda: slip.write({"date": DAY}),
            lambda: slip.write({"note": "bag 7"}),
            slip.unlink,
            slip.action_pay_in,
            cheque.action_leave_pay_in_slip,
        ):
            with (
                self.assertRaisesRegex(PaymentError, slip.name),
                self.env.cr.savepoint(),
            ):
                change()
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            slip.action_take_back()
        slip.with_user(self.manager).action_take_back()
        self.assertEqual((slip.state, slip.deposited_by_id.id), ("draft", False))
        slip.unlink()
        self.assertFalse(cheque.pay_in_slip_id)
        self.assertEqual(self._make().payment_ids, cheque)

    def test_what_is_left_at_home_comes_with_the_next(self):
        first, second = self._receive(100), self._receive(50)
        slip = self._make()
        first.action_leave_pay_in_slip()
        self.assertEqual((slip.payment_ids, slip.amount), (second, 50.0))
        slip.action_pay_in()
        self.assertEqual(self._make().payment_ids, first)

    def test_what_was_taken_back_is_not_carried(self):
        cheque, other = self._receive(100), self._receive(50)
        slip = self._make()
        cheque.action_reverse("entered twice", "correction")
        self.assertEqual((slip.payment_ids, slip.amount), (other, 50.0))
        slip.action_pay_in()
        other.action_reverse("no funds", "dishonour")  # the bank had it
        self.assertEqual((slip.payment_ids, slip.amount), (other, 50.0))
        lonely = self._receive(30)
        empty = self._make()
        lonely.action_leave_pay_in_slip()
        with self.assertRaisesRegex(PaymentError, "has no payment"):
            empty.action_pay_in()

    def test_it_goes_to_a_bank_of_the_office(self):
        self._receive(12, source="cash")
        slip = self._make()
        client_bank = self.bank.copy({"code": "CLT9", "is_client_account": True})
        for journal in (client_bank, self.env["account.journal"]):
            slip.bank_journal_id = journal
            with (
                self.subTest(journal=journal.name),
                self.assertRaisesRegex(PaymentError, "one of the office"),
            ):
                slip.action_pay_in()
        other = self.bank.copy({"code": "BNK9"})
        with Form(slip) as form:
            form.bank_journal_id = other
            form.note = "bag 12"
        slip.action_pay_in()
        self._receive(13, source="cash")
        self.assertEqual(self._make().bank_journal_id, other)  # as the last time

    def test_paper(self):
        cheque = self._receive(100)
        slip = self._make()
        action = slip.action_print()
        reports = self._as(self.env["ir.actions.report"], "cashier")
        html, _kind = reports._render_qweb_html(action["report_name"], slip.ids)
        for text in (slip.name, cheque.reference, cheque.name, "100.00", "Paid in by"):
            self.assertIn(text, html.decode())

    def test_what_a_barrier_hides_is_a_sum_without_a_name(self):
        self._receive(100)
        secret = self._create_matter(name="Zebra secret")
        self._pay(
            self._create_bill(40, secret), 40, means="cheque", reference="CHQ Zebra"
        )
        secret.write(
            {
                "is_walled": True,
                "wall_user_ids": [Command.set((self.env.user | self.manager).ids)],
            }
        )
        slip = self._make()
        self.assertEqual((slip.amount, slip.payment_count), (140.0, 2))
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(slip.payment_ids.mapped("amount"), [100.0])
        [block] = slip._get_paper().blocks
        self.assertEqual(block.rows[-2].values[0], "1 behind an information barrier")
        self.assertEqual(block.rows[-1].values[-1], 140.0)
        self.assertNotIn("Zebra", str([row.values for row in block.rows]))

    def test_who_may(self):
        self._receive(100)
        slip = self._make()
        for role in ("biller", "client_account_officer", "approver"):
            user = getattr(self, role, None) or self._create_user(role, login=role)
            for method, error in (
                ("action_pay_in", RoleError),
                ("action_print", RoleError),
                ("unlink", AccessError),
            ):
                with self.subTest(role=role, method=method), self.assertRaises(error):
                    getattr(slip.with_user(user), method)()

    def test_queries_do_not_grow_with_payments(self):
        counts = []
        for size in (10, 100):
            bills = [self._create_bill(10 + index) for index in range(2)]
            for bill in bills:
                self._pay(bill, bill.amount_total, means="cheque")
            counts.append(self._count_queries(size // 5))
        self.assertLessEqual(counts[1], counts[0])

    def _count_queries(self, size):
        payments = self.env["legal.payment"]
        for index in range(size):
            payments |= self._create_credit(
                self.matter, 5.0 + index, means="cheque", memo=f"cheque {index}"
            )
        self._make().unlink()  # what is made once is made
        window = self._window()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        window.action_make_pay_in_slips()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
