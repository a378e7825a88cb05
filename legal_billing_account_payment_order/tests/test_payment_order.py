from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.legal_billing.exceptions import PaymentError, RoleError
from odoo.addons.legal_billing.tests.payment.payment_common import (
    ExamplePaymentCommon,
)


@tagged("post_install", "-at_install")
class TestPaymentOrder(ExamplePaymentCommon):
    """Bills that a bank collects by an order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manual = cls.env.ref("account.account_payment_method_manual_in")
        cls.mode = cls.env["account.payment.mode"].create(
            {
                "name": "Direct debit",
                "company_id": cls.company.id,
                "payment_method_id": manual.id,
                "bank_account_link": "fixed",
                "fixed_journal_id": cls.bank.id,
                "payment_order_ok": True,
                "group_lines": True,
                "default_journal_ids": [Command.set(cls.bank.ids)],
            }
        )
        cls.accountant = cls._create_user("cashier", login="collector")
        cls.accountant.group_ids |= cls.env.ref(
            "account_payment_order.group_account_payment"
        )

    def _create_order(self, amounts, user=None):
        """An order over bills, confirmed and its file made.

        :param dict amounts: ``{bill: amount}``
        """
        order = (
            self.env["account.payment.order"]
            .sudo()
            .create(
                {
                    "payment_mode_id": self.mode.id,
                    "journal_id": self.bank.id,
                    "payment_line_ids": [
                        Command.create(
                            {
                                "move_line_id": item.id,
                                "partner_id": item.partner_id.id,
                                "currency_id": item.currency_id.id,
                                "amount_currency": amount,
                                "communication": bill.name,
                            }
                        )
                        for bill, amount in amounts.items()
                        for item in bill.line_ids.filtered(
                            lambda line: line.display_type == "payment_term"
                        )
                    ],
                }
            )
        )
        order.draft2open()
        order.open2generated()
        return order.with_user(user or self.accountant)

    def test_an_order_over_two_bills_is_one_slip(self):
        order = self._create_order({self.a: 470.0, self.b: 500.0})
        order.generated2uploaded()
        self.assertEqual(order.state, "uploaded")
        [payment] = order.payment_ids
        slip = payment.legal_payment_id
        self.assertRecordValues(
            slip,
            [
                {
                    "state": "posted",
                    "amount": 970.0,
                    "source": "bank",
                    "means": "transfer",
                    "reference": order.name,
                    "account_payment_id": payment.id,
                    "received_from_id": self.client.id,
                    "posted_by_id": self.accountant.id,
                }
            ],
        )
        self.assertEqual((self.a + self.b).mapped("amount_residual"), [0.0, 40.0])
        self.assertEqual(payment.move_id.payment_order_id, order)
        self.assertLines(
            slip.move_id,
            [
                (account, self.client, matter, name, debit, credit)
                for account, matter, name, debit, credit in (
                    (
                        self.outstanding,
                        self.none,
                        f"{slip.name} {order.name}: {self.a.name}: {self.b.name}",
                        970.0,
                        0.0,
                    ),
                    (self.receivable, self.matter, self.a.name, 0.0, 470.0),
                    (self.receivable, self.matter, self.b.name, 0.0, 500.0),
                )
            ],
        )
        row = slip.allocation_ids.filtered(lambda row: row.bill_id == self.a)
        self.assertEqual(row.element_fees, 240.0)

    def test_bills_and_an_invoice_of_somebody_else(self):
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.insurer.id,
                "invoice_line_ids": [
                    Command.create({"name": "Rent", "price_unit": 50, "tax_ids": []})
                ],
            }
        )
        plain.action_post()
        order = self._create_order({self.a: 470.0, plain: 50.0})
        order.generated2uploaded()
        slips = order.payment_ids.legal_payment_id
        self.assertEqual(slips.mapped("amount"), [470.0])
        self.assertEqual(len(order.payment_ids), 2)
        self.assertEqual((self.a + plain).mapped("amount_residual"), [0.0, 0.0])

    def test_a_bill_that_was_paid_meanwhile_stops_the_upload(self):
        order = self._create_order({self.a: 470.0})
        self._pay(self.a, 100)
        with self.assertRaisesRegex(PaymentError, self.a.name), self.env.cr.savepoint():
            order.generated2uploaded()
        self.assertEqual(order.state, "generated")
        self.assertEqual(order.payment_ids.state, "draft")
        self.assertEqual(self.a.amount_residual, 370.0)

    def test_who_may_not_settle_is_refused(self):
        clerk = self._create_user("biller", login="clerk")
        clerk.group_ids |= self.env.ref("account_payment_order.group_account_payment")
        order = self._create_order({self.a: 470.0}, clerk)
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            order.generated2uploaded()
        self.assertEqual(self.a.amount_residual, 470.0)

    def test_a_debit_that_bounces(self):
        order = self._create_order({self.a: 470.0})
        order.generated2uploaded()
        slip = self._as(order.payment_ids.legal_payment_id, "cashier")
        slip.action_reverse("no funds", "dishonour")
        self.assertEqual(self.a.amount_residual, 470.0)
        self.assertEqual(slip.account_payment_id.state, "rejected")

    def test_a_cancelled_order_reverses_its_slips_and_is_made_anew(self):
        order = self._create_order({self.a: 470.0})
        order.generated2uploaded()
        slip = order.payment_ids.legal_payment_id
        order.action_uploaded_cancel()
        self.assertEqual((order.state, slip.state), ("cancel", "reversed"))
        self.assertIn(order.name, slip.reversal_reason)
        self.assertEqual(self.a.amount_residual, 470.0)
        order.sudo().cancel2draft()
        order.sudo().draft2open()
        order.sudo().open2generated()
        order.generated2uploaded()
        self.assertEqual(self.a.amount_residual, 0.0)
        self.assertNotEqual(order.payment_ids.legal_payment_id, slip)
