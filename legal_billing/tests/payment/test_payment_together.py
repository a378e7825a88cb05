from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import CreditError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentTogether(PaymentCommon):
    """Bills over several matters: paid as a whole, credited by matter; money of one
    matter pays nothing of another's (C-32)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.legal_bill_together = True
        cls.company.tax_calculation_rounding_method = "round_globally"
        cls.first = cls._create_matter(name="First", matter_number="G-1")
        cls.second = cls._create_matter(name="Second", matter_number="G-2")
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        lines = (
            cls.tax_20.invoice_repartition_line_ids
            | cls.tax_20.refund_repartition_line_ids
        )
        lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.tax_account

    def setUp(self):
        super().setUp()
        for matter, amount in ((self.first, 100.0), (self.second, 250.5)):
            self._create_disbursement(matter, amount, product_id=self.taxed_type.id)
        self.bill = self._approve(self._bill(self.first | self.second))
        self.assertEqual(self.bill.amount_total, 420.6)

    def _open_parts(self):
        return {
            row["matter_id"]: round(row["outstanding"], 2)
            for row in self.bill.element_amounts
        }

    def test_parts_of_the_matters(self):
        """C-32: 120.00 and 300.60, and what is paid is taken off both."""
        self.assertEqual(
            self._open_parts(), {self.first.id: 120.0, self.second.id: 300.6}
        )
        payment = self._pay(self.bill, 210.3)
        self.assertEqual(self.bill.amount_residual, 210.3)
        self.assertEqual(
            self._open_parts(), {self.first.id: 60.0, self.second.id: 150.3}
        )
        self.assertItems(
            payment.move_id,
            [(self.outstanding, 210.3, 0), (self.receivable, 0, 210.3)],
        )
        self._pay(self.bill, 210.3)
        self.assertIn(self.bill.payment_state, ("paid", "in_payment"))
        self.assertEqual(set(self._open_parts().values()), {0.0})

    def test_a_part_of_one_matter_is_credited(self):
        """A partial credit is of the matter whose part it is, and taken off it alone."""
        action = self._as(self.bill, "approver").action_open_credit()
        window = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        window.write({"reason": "Goodwill", "date": DAY})
        self.assertEqual(
            window.line_ids.mapped("name"), ["G-1: Counsel", "G-2: Counsel"]
        )
        for row in window.line_ids:
            row.amount = 50.0 if row.name == "G-1: Counsel" else 0.0
        note = self.env["account.move"].browse(window.action_credit()["res_id"])
        self.assertEqual(note.matter_id, self.first)
        self.assertItems(
            note,
            [
                (self.receivable, 0, 60.0),
                (self.company_data["default_account_revenue"], 50.0, 0),
                (self.tax_account, 10.0, 0),
            ],
        )
        self.assertEqual(self.bill.amount_residual, 360.6)
        self.assertEqual(
            self._open_parts(), {self.first.id: 60.0, self.second.id: 300.6}
        )

    def test_credits_of_a_matter_do_not_pay_it(self):
        """A credit of one matter is refused, and kept for a bill of that matter alone."""
        self._create_payment(
            self.bill.browse(),
            100.0,
            allocation_ids=[
                Command.create(
                    {"kind": "credit", "matter_id": self.first.id, "amount": 100.0}
                )
            ],
        ).action_post()
        self.assertEqual(self.first.unallocated_credit_balance, 100.0)
        slip = self._create_payment(
            self.bill, 100.0, source="unallocated", matter_id=self.first.id
        )
        with (
            self.assertRaisesRegex(CreditError, "paid from bank or cash"),
            self.env.cr.savepoint(),
        ):
            slip.action_post()
        self.assertEqual(self.bill.amount_residual, 420.6)
        # the button offers no bill that it may not pay
        action = self._as(self.first, "cashier").action_use_credits()
        self.assertFalse(
            self.env["legal.payment"].browse(action["res_id"]).allocation_ids
        )
        self.assertEqual(self.first.unallocated_credit_balance, 100.0)
        # the twin: a bill of the matter alone
        self.first.bill_together = False
        self._create_disbursement(self.first, 50.0, product_id=self.taxed_type.id)
        alone = self._approve(self._bill(self.first))
        self._create_payment(
            alone, 60.0, source="unallocated", matter_id=self.first.id
        ).action_post()
        self.assertEqual(alone.amount_residual, 0.0)
        self.assertEqual(self.first.unallocated_credit_balance, 40.0)

    def test_money_of_a_matter_is_not_matched_with_it(self):
        """Neither another bill's credit note, nor an entry of the matter, whoever matches
        the items; what is of nobody in particular may."""
        note = self._create_credit_note(50.0, self.first)
        receivables = (note | self.bill).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        with (
            self.assertRaisesRegex(CreditError, "what the others owe"),
            self.env.cr.savepoint(),
        ):
            receivables.reconcile()
        widget = self.bill.invoice_outstanding_credits_debits_widget
        self.assertFalse(widget and widget["content"], "nor is it offered")
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": DAY,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": self.client.id,
                            "credit": 50.0,
                            "matter_id": self.second.id,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.bank.default_account_id.id,
                            "debit": 50.0,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        with (
            self.assertRaisesRegex(CreditError, "what the others owe"),
            self.env.cr.savepoint(),
        ):
            (entry | self.bill).line_ids.filtered(
                lambda line: line.account_id == self.receivable
            ).reconcile()
        self.assertEqual(self.bill.amount_residual, 420.6)
        # a slip that sets the note off is refused as well
        slip = self._create_payment(
            self.bill.browse(),
            0.0,
            allocation_ids=[
                Command.create({"bill_id": bill.id, "amount": amount})
                for bill, amount in ((note, -50.0), (self.bill, 50.0))
            ],
        )
        with self.assertRaises(CreditError), self.env.cr.savepoint():
            slip.action_post()
        self.assertEqual(self.bill.amount_residual, 420.6)
