from datetime import date

from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ...exceptions import CreditError, PaymentError, RoleError
from .payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentExamples(PaymentCommon):
    """Cases of docs/payments_examples.md that have no file of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bill = cls._create_bill(100)

    def test_a_corrected_slip_was_in_no_bank(self):
        slip = self._pay(self.bill, 100)
        self.assertEqual(slip.bank_status, "open")
        slip.action_reverse("wrong client", "correction")
        slip.invalidate_recordset(["bank_status"])
        self.assertEqual(slip.bank_status, "open")

    def test_the_client_account_is_not_offered(self):
        client_bank = self.env["account.journal"].create(
            {
                "name": "Client bank",
                "type": "bank",
                "code": "CLX",
                "company_id": self.company.id,
                "is_client_account": True,
            }
        )
        form = Form(self._as(self.env["legal.payment"], "cashier"))
        domain = safe_eval(
            form._view["fields"]["journal_id"]["domain"], form._get_eval_context()
        )
        offered = self.env["account.journal"].search(domain)
        self.assertIn(self.bank, offered)
        self.assertNotIn(client_bank, offered)

    def test_a_refund_says_how_much_there_is(self):
        self._create_credit(self.matter, 150)
        for amount in (-10, 0, 151):
            window = self._as(self.env["legal.payment.credit"], "cashier").create(
                {
                    "matter_id": self.matter.id,
                    "currency_id": self.company.currency_id.id,
                    "amount": amount,
                    "journal_id": self.bank.id,
                    "reason": "paid twice",
                }
            )
            with (
                self.subTest(amount=amount),
                self.assertRaisesRegex(CreditError, "up to .*150.00"),
            ):
                window.action_confirm()
        window.amount = 150
        window.action_confirm()
        self.assertEqual(self.matter.unallocated_credit_balance, 0.0)

    def test_the_rest_of_a_bill_is_written_off_in_one_click(self):
        slip = self._create_payment(self.bill, 96.58)
        row = slip.allocation_ids
        row.action_write_off_rest()
        rest = slip.allocation_ids - row
        self.assertEqual(
            (rest.kind, rest.bill_id, rest.amount), ("write_off", self.bill, 3.42)
        )
        row.action_write_off_rest()  # pressed twice, it is one row
        self.assertEqual(len(slip.allocation_ids), 2)
        rest.reason = "too small to chase"
        slip.action_post()
        self.assertEqual(self.bill.payment_state, "paid")
        self.assertEqual(slip.write_off_amount, 3.42)

    def test_without_a_cash_journal_it_is_said(self):
        self.env["account.journal"].search(
            [("type", "=", "cash"), ("company_id", "=", self.company.id)]
        ).active = False
        slip = self._create_payment(self.bill, 100, source="cash")
        with self.assertRaisesRegex(PaymentError, "no cash journal: create one"):
            slip.action_post()

    def test_entries_opens_the_entry(self):
        slip = self._pay(self.bill, 100)
        action = slip.action_open_entries()
        self.assertEqual(action["res_id"], slip.move_id.id)
        slip.action_reverse("wrong client", "correction")
        action = slip.action_open_entries()
        self.assertEqual(
            self.env["account.move"].search(action["domain"]),
            slip.move_id | slip.reversal_move_ids,
        )
        self.assertEqual(
            action["views"][0][0], self.env.ref("account.view_move_tree").id
        )

    def test_credits_that_are_there_are_shown_and_proposed(self):
        self._create_credit(self.matter, 150)
        without = self._create_matter(name="Without credit")
        self._create_bill(20, without)
        form = Form(self._as(self.env["legal.payment"], "cashier"))
        form.source = "unallocated"
        node = form._view["tree"].xpath("//field[@name='matter_id']")[0]
        domain = safe_eval(node.get("domain"), form._get_eval_context())
        offered = self.env["project.project"].search(domain)
        self.assertIn(self.matter, offered)
        self.assertNotIn(without, offered)
        form.matter_id = self.matter
        self.assertEqual((form.available_amount, form.amount), (150.0, 100.0))
        slip = form.save()
        slip.action_post()
        self.assertEqual(self.bill.payment_state, "paid")
        self.assertEqual(self.matter.unallocated_credit_balance, 50.0)

    def test_rules_are_compared_in_a_window(self):
        """Above the slip, so that no search bar lies over anything; each button takes a
        rule, and only those who enter payments do."""
        other = self._create_bill(300, invoice_date_due=date(2026, 12, 1))
        slip = self._create_payment(self.bill + other, 200)
        action = slip.action_open_preview()
        self.assertEqual((action["target"], action["res_id"]), ("new", slip.id))
        [(view, _type)] = action["views"]
        form = Form(slip, self.env["ir.ui.view"].browse(view))
        self.assertEqual(len(form.allocation_ids), 2)
        row = slip.allocation_ids.filtered(lambda one: one.bill_id == self.bill)
        self.assertEqual((row.preview_bill, row.preview_proportional), (100.0, 50.0))
        slip.action_use_proportional()
        self.assertEqual(sorted(slip.allocation_ids.mapped("amount")), [50.0, 150.0])
        slip.action_use_bill()
        self.assertEqual(sorted(slip.allocation_ids.mapped("amount")), [100.0, 100.0])
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            slip.with_user(self.biller).action_use_bill()
