from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.legal_billing.exceptions import (
    PaymentGuardError,
    ProtectedFieldError,
)
from odoo.addons.legal_billing.tests.payment.payment_common import (
    ExamplePaymentCommon,
)

PROVIDER = "Card"


@tagged("post_install", "-at_install")
class TestOnlinePayment(ExamplePaymentCommon):
    """What a client pays on the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.c = cls._create_bill({"fees": 90}, cls._create_matter(name="Second"))
        cls.provider = cls.env["payment.provider"].create(
            {
                "name": PROVIDER,
                "code": "none",
                "state": "test",
                "is_published": True,
                "company_id": cls.company.id,
                "payment_method_ids": [
                    Command.create(
                        {"name": PROVIDER, "code": "legal_card", "active": True}
                    )
                ],
            }
        )
        cls.method_line = cls.env["account.payment.method.line"].create(
            {
                "name": PROVIDER,
                "payment_method_id": cls.env.ref(
                    "account.account_payment_method_manual_in"
                ).id,
                "journal_id": cls.bank.id,
                "payment_account_id": cls.outstanding.id,
            }
        )
        cls.method_line.payment_provider_id = cls.provider

    def _pay_online(self, bills, amount, **vals):
        """A transaction that the provider confirms, with nobody there but a visitor."""
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.provider.payment_method_ids.id,
                "reference": "portal-1",
                "provider_reference": "tok-77",
                "amount": amount,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.client.id,
                "operation": "online_direct",
                "invoice_ids": [Command.set(bills.ids)],
                **vals,
            }
        )
        transaction._set_done()
        visitor = self.env.ref("base.public_user")
        transaction.with_user(visitor).sudo()._post_process()
        return transaction

    def _items(self, *expected):
        return [
            (account, self.client, matter, name, debit, credit)
            for account, matter, name, debit, credit in expected
        ]

    def test_one_bill_is_paid_by_a_slip(self):
        transaction = self._pay_online(self.a, 470.0)
        payment = transaction.payment_id
        slip = payment.legal_payment_id
        self.assertRecordValues(
            slip,
            [
                {
                    "state": "posted",
                    "source": "bank",
                    "means": "card",
                    "amount": 470.0,
                    "journal_id": self.bank.id,
                    "received_from_id": self.client.id,
                    "reference": "portal-1 tok-77",
                    "payment_transaction_id": transaction.id,
                    "posted_by_id": self.env.ref("base.user_root").id,
                }
            ],
        )
        self.assertEqual(payment.payment_transaction_id, transaction)
        self.assertEqual(payment.payment_method_line_id, self.method_line)
        self.assertLines(
            slip.move_id,
            self._items(
                (
                    self.outstanding,
                    self.none,
                    f"{slip.name} portal-1 tok-77: {self.a.name}",
                    470.0,
                    0.0,
                ),
                (self.receivable, self.matter, self.a.name, 0.0, 470.0),
            ),
        )
        self.assertEqual(self.a.amount_residual, 0.0)
        self.assertEqual(self.a.payment_state, "paid")
        self.assertEqual(slip.allocation_ids.element_fees, 240.0)
        notes = " ".join(str(body) for body in self.a.message_ids.mapped("body"))
        self.assertIn(f"{slip.name}: ", notes)
        self.assertIn("portal-1", notes)

    def test_several_bills_share_by_the_payers_rule(self):
        transaction = self._pay_online(self.a + self.b, 600.0)
        slip = transaction.payment_id.legal_payment_id
        self.assertEqual(self._amounts(slip), {self.a: 470.0, self.b: 130.0})
        self.assertEqual((self.a + self.b).mapped("amount_residual"), [0.0, 410.0])

    def test_what_is_above_a_bill_is_its_matters_credit(self):
        """Paid at the bank meanwhile, and online once more."""
        self._pay(self.a, 400)
        transaction = self._pay_online(self.a, 470.0)
        slip = transaction.payment_id.legal_payment_id
        self.assertLines(
            slip.move_id,
            self._items(
                (
                    self.outstanding,
                    self.none,
                    f"{slip.name} portal-1 tok-77: {self.a.name}",
                    470.0,
                    0.0,
                ),
                (self.receivable, self.matter, self.a.name, 0.0, 70.0),
                (
                    self.credit_account,
                    self.matter,
                    f"Unallocated credit {self.matter.matter_number}",
                    0.0,
                    400.0,
                ),
            ),
        )
        self.assertEqual(self.matter.unallocated_credit_balance, 400.0)

    def test_a_bill_that_is_paid_already_is_a_credit_as_a_whole(self):
        self._pay(self.a, 470)
        slip = self._pay_online(self.a, 470.0).payment_id.legal_payment_id
        self.assertEqual(self._amounts(slip), {self.matter: 470.0})
        self.assertEqual(self.matter.unallocated_credit_balance, 470.0)

    def test_a_surplus_over_two_matters_goes_to_one_and_says_so(self):
        slip = self._pay_online(self.a + self.c, 600.0).payment_id.legal_payment_id
        self.assertEqual((self.a + self.c).mapped("amount_residual"), [0.0, 0.0])
        [credit] = slip.allocation_ids.filtered(lambda row: row.kind == "credit")
        self.assertEqual(credit.amount, 40.0)
        self.assertIn(credit.matter_id, (self.a + self.c).matter_id)
        self.assertIn(
            "which are of several matters",
            " ".join(str(body) for body in slip.message_ids.mapped("body")),
        )

    def test_what_a_draft_holds_is_paid_for_all_that(self):
        draft = self._create_payment(self.a, 470)
        slip = self._pay_online(self.a, 470.0).payment_id.legal_payment_id
        self.assertEqual(self._amounts(slip), {self.a: 470.0})
        with self.assertRaisesRegex(Exception, slip.name):
            draft.action_post()

    def test_the_slip_is_undone_as_any(self):
        transaction = self._pay_online(self.a, 470.0)
        slip = transaction.payment_id.legal_payment_id
        with self.assertRaisesRegex(PaymentGuardError, slip.name):
            transaction.payment_id.action_draft()
        slip = self._as(slip, "cashier")
        slip.action_reverse("charged back", "dishonour")
        self.assertEqual(slip.state, "reversed")
        self.assertEqual(self.a.amount_residual, 470.0)

    def test_other_invoices_are_cores(self):
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_line_ids": [
                    Command.create({"name": "Rent", "price_unit": 50, "tax_ids": []})
                ],
            }
        )
        plain.action_post()
        payment = self._pay_online(plain, 50.0).payment_id
        self.assertFalse(payment.legal_payment_id)
        self.assertEqual(plain.amount_residual, 0.0)
        mixed = self._pay_online(self.a + plain, 470.0, reference="portal-2")
        self.assertFalse(mixed.payment_id.legal_payment_id)
        self.assertEqual(self.a.amount_residual, 0.0)

    def test_where_no_slip_can_be_core_pays_and_the_bill_says_why(self):
        self.rule_bill.allow_overpayment = False
        self._pay(self.a, 400)
        transaction = self._pay_online(self.a, 470.0)
        self.assertEqual(transaction.payment_id.amount, 470.0)
        self.assertFalse(transaction.payment_id.legal_payment_id)
        self.assertEqual(self.a.amount_residual, 0.0)
        notes = " ".join(str(body) for body in self.a.message_ids.mapped("body"))
        self.assertIn("is Odoo's own payment and no slip", notes)
        self.assertFalse(
            self.env["legal.payment"].search(
                [("payment_transaction_id", "=", transaction.id)]
            )
        )

    def test_the_transaction_is_set_by_the_provider_alone(self):
        transaction = self._pay_online(self.a, 470.0)
        draft = self._create_payment(self.b, 540)
        with self.assertRaises(ProtectedFieldError), self.env.cr.savepoint():
            draft.payment_transaction_id = transaction
