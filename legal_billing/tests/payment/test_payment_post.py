from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import CreditError, PaymentError
from .payment_common import ExamplePaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentPost(ExamplePaymentCommon):
    """Journal items of every source, exact reconciliation, currencies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nominal = cls.env["account.account"].create(
            {"name": "Suspense", "code": "199001", "account_type": "asset_current"}
        )

    # --- sources

    def test_bank_posts_one_payment_with_one_item_per_bill(self):
        payment = self._pay(self.a + self.b, 600)
        text = f"{self.a.name}: {self.b.name}: cheque 7"
        name = f"{payment.name}: {text}"
        self.assertLines(
            payment.move_id,
            [
                # bank
                (self.outstanding, self.client, self.none, name, 600.0, 0.0),
                # one item per bill, with its own number
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 470.0),
                (self.receivable, self.client, self.matter, self.b.name, 0.0, 130.0),
            ],
        )
        self.assertRecordValues(
            payment.account_payment_id,
            [
                {
                    "amount": 600.0,
                    "memo": text,
                    "partner_id": self.client.id,
                    "state": "in_process",
                    "journal_id": self.bank.id,
                    "move_id": payment.move_id.id,
                }
            ],
        )
        self.assertEqual(payment.move_id.ref, text)
        self.assertEqual(
            payment.account_payment_id.reconciled_invoice_ids, self.a + self.b
        )
        self.assertRecordValues(
            self.a + self.b,
            [
                {"amount_residual": 0.0, "payment_state": "paid"},
                {"amount_residual": 410.0, "payment_state": "partial"},
            ],
        )
        self.assertRecordValues(
            payment, [{"state": "posted", "posted_by_id": self.cashier.id}]
        )
        self.assertRegex(payment.name, r"^REC/2026/\d+$")

    def test_an_overpayment_credits_the_matter_on_its_own_account(self):
        payment = self._pay(self.a + self.b, 1100)
        text = f"{self.a.name}: {self.b.name}: cheque 7"
        name = f"{payment.name}: {text}"
        credit_text = f"Unallocated credit {self.matter.matter_number}"
        self.assertLines(
            payment.move_id,
            [
                (self.outstanding, self.client, self.none, name, 1100.0, 0.0),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 470.0),
                (self.receivable, self.client, self.matter, self.b.name, 0.0, 540.0),
                (self.credit_account, self.client, self.matter, credit_text, 0.0, 90.0),
            ],
        )
        self.assertEqual(self.matter.unallocated_credit_balance, 90.0)
        self.assertEqual(self.client.unallocated_credit_balance, 90.0)
        matters = self.env["project.project"]
        self.assertIn(
            self.matter, matters.search([("unallocated_credit_balance", ">", 0)])
        )
        self.assertNotIn(
            self.matter, matters.search([("unallocated_credit_balance", "=", 0)])
        )

    def test_more_than_payable_on_one_bill_leaves_the_bill_open(self):
        self.a.disputed_amount = 100
        payment = self._create_payment(self.a, 400)
        payment.allocation_ids.filtered(lambda row: not row.bill_id).unlink()
        payment.allocation_ids.amount = 400
        payment.action_post()
        credit_text = f"Unallocated credit {self.matter.matter_number}"
        self.assertLines(
            payment.move_id,
            [
                (
                    self.outstanding,
                    self.client,
                    self.none,
                    f"{payment.name}: {self.a.name}: cheque 7",
                    400.0,
                    0.0,
                ),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 370.0),
                (self.credit_account, self.client, self.matter, credit_text, 0.0, 30.0),
            ],
        )
        self.assertEqual(self.a.amount_residual, 100.0)
        row = payment.allocation_ids
        self.assertRecordValues(
            row,
            [
                {
                    "outstanding_amount": 470.0,
                    "payable_amount": 370.0,
                    "overpayment_amount": 30.0,
                }
            ],
        )

    def test_cash_posts_in_the_cash_journal(self):
        payment = self._pay(self.a, 470, source="cash")
        self.assertEqual(payment.journal_id, self.cash)
        self.assertEqual(payment.account_payment_id.journal_id, self.cash)
        self.assertEqual(self.a.payment_state, "paid")

    def test_nominal_posts_one_entry_from_the_account(self):
        payment = self._pay(
            self.a + self.b, 500, source="nominal", nominal_account_id=self.nominal.id
        )
        text = f"{self.a.name}: {self.b.name}: cheque 7"
        self.assertFalse(payment.account_payment_id)
        self.assertEqual(payment.move_id.journal_id.type, "general")
        self.assertLines(
            payment.move_id,
            [
                (self.nominal, self.client, self.none, text, 500.0, 0.0),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 470.0),
                (self.receivable, self.client, self.matter, self.b.name, 0.0, 30.0),
            ],
        )

    def test_a_nominal_posting_from_a_bank_or_receivable_account_is_refused(self):
        for account in (
            self.receivable,
            self.bank.default_account_id,
            self.credit_account,
        ):
            payment = self._create_payment(
                self.a, 100, source="nominal", nominal_account_id=account.id
            )
            with self.assertRaisesRegex(PaymentError, "not a nominal one"):
                payment.action_post()

    def test_credits_of_the_matter_pay_its_bills_oldest_credit_first(self):
        first = self._create_credit(self.matter, 40, date=date(2026, 10, 1))
        second = self._create_credit(self.matter, 100)
        payment = self._pay(self.a, 60, source="unallocated", received_from_id=False)
        self.assertLines(
            payment.move_id,
            [
                (
                    self.credit_account,
                    self.client,
                    self.matter,
                    "Credit of 2026-10-01 used",
                    40.0,
                    0.0,
                ),
                (
                    self.credit_account,
                    self.client,
                    self.matter,
                    "Credit of 2026-11-02 used",
                    20.0,
                    0.0,
                ),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 60.0),
            ],
        )
        self.assertEqual(self.a.amount_residual, 410.0)
        residuals = {
            slip: slip.move_id.line_ids.filtered(
                lambda line: line.account_id == self.credit_account
            ).amount_residual
            for slip in (first, second)
        }
        self.assertEqual(residuals, {first: 0.0, second: -80.0})
        self.assertEqual(self.matter.unallocated_credit_balance, 80.0)

    def test_more_than_the_credit_is_refused(self):
        self._create_credit(self.matter, 40)
        payment = self._create_payment(self.a, 60, source="unallocated")
        with self.assertRaisesRegex(CreditError, "cannot be taken"):
            payment.action_post()

    # --- currencies

    def test_a_bill_in_foreign_currency_is_paid_exactly(self):
        currency = self.setup_other_currency(
            "EUR", rates=[("2026-10-01", 2.0), ("2026-11-01", 1.6)]
        )
        a = self._create_bill(100, currency_id=currency.id)
        b = self._create_bill(50, currency_id=currency.id)
        payment = self._pay(a + b, 130)
        self.assertEqual(payment.currency_id, currency)
        items = payment.move_id.line_ids.sorted("id")
        self.assertEqual(items.mapped("amount_currency"), [81.25, -100.0, -30.0])
        self.assertEqual(items.mapped("balance"), [81.25, -62.5, -18.75])
        self.assertEqual((a + b).mapped("amount_residual"), [0.0, 20.0])
        self.assertEqual((a + b).mapped("payment_state"), ["paid", "partial"])
        matched = a.line_ids.matched_credit_ids
        self.assertTrue(matched.exchange_move_id)

    def test_the_amount_of_the_bank_in_its_own_currency_is_booked(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-10-01", 2.0)])
        bill = self._create_bill(100, currency_id=currency.id)
        payment = self._pay(bill, 100, bank_amount=49.37)
        self.assertRecordValues(
            payment.account_payment_id,
            [{"amount": 49.37, "currency_id": self.company.currency_id.id}],
        )
        self.assertEqual(bill.amount_residual, 0.0)

    def test_bills_of_two_currencies_need_two_slips(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-10-01", 2.0)])
        bill = self._create_bill(100, currency_id=currency.id)
        with self.assertRaisesRegex(PaymentError, "one payment is of one currency"):
            self._create_payment(self.a + bill, 100)

    # --- what stays Odoo's

    def test_cash_basis_tax_is_due_with_the_payment(self):
        self.company.tax_exigibility = True
        transition = self.env["account.account"].create(
            {
                "name": "Tax not due yet",
                "code": "219901",
                "account_type": "liability_current",
                "reconcile": True,
            }
        )
        tax = self.env["account.tax"].create(
            {
                "name": "On payment",
                "amount": 20.0,
                "type_tax_use": "sale",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
            }
        )
        tax.invoice_repartition_line_ids.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = self.company_data["default_account_tax_sale"]
        bill = self._create_bill({"fees": 100, "disbursement_taxable": 100}, taxes=tax)
        self._pay(bill, 120)
        entries = self.env["account.move"].search(
            [("tax_cash_basis_origin_move_id", "=", bill.id)]
        )
        moved = entries.line_ids.filtered(lambda line: line.account_id == transition)
        self.assertEqual(sum(moved.mapped("balance")), 20.0)
        self.assertEqual(bill.amount_residual, 120.0)

    def test_an_early_payment_discount_is_odoos_own(self):
        discount_account = (
            self.company.account_journal_early_pay_discount_loss_account_id
        )
        term = self.env["account.payment.term"].create(
            {
                "name": "2% in 60 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 60,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 90}
                    )
                ],
            }
        )
        tax_account = self.company_data["default_account_tax_sale"]
        (
            self.tax_20.invoice_repartition_line_ids
            | self.tax_20.refund_repartition_line_ids
        ).filtered(lambda line: line.repartition_type == "tax").account_id = tax_account
        bill = self._create_bill(
            {"fees": 100}, taxes=self.tax_20, invoice_payment_term_id=term.id
        )
        payment = self._create_payment(bill, 117.60)
        self.assertIn("settles it early", payment.allocation_ids.payable_note)
        payment.action_post()
        self.assertRecordValues(
            bill, [{"amount_residual": 0.0, "payment_state": "paid"}]
        )
        self.assertItems(
            payment.move_id,
            [
                (self.outstanding, 117.6, 0.0),
                (self.receivable, 0.0, 120.0),
                (discount_account, 2.0, 0.0),
                (tax_account, 0.4, 0.0),
            ],
        )

    def test_the_receipt_of_the_payment_lists_every_bill(self):
        payment = self._pay(self.a + self.b, 600)
        action = payment.action_print_receipt()
        self.assertEqual(action["report_name"], "account.report_payment_receipt")
        html = self.env["ir.actions.report"]._render_qweb_html(
            action["report_name"], payment.account_payment_id.ids
        )[0]
        for bill in self.a + self.b:
            self.assertIn(bill.name.encode(), html)

    def test_the_banks_item_begins_with_number_and_reference(self):
        """So that a statement's text finds the slip, not a bill of it."""
        for reference, first in ((False, ""), ("CI-778812", " CI-778812")):
            with self.subTest(reference=reference):
                slip = self._pay(self.b, 100, reference=reference)
                bank = slip.move_id.line_ids.filtered(
                    lambda item: item.account_id == self.outstanding
                )
                self.assertEqual(
                    bank.name, f"{slip.name}{first}: {self.b.name}: cheque 7"
                )
                self.assertEqual(slip.move_id.ref, f"{self.b.name}: cheque 7")
                self.assertEqual(slip.account_payment_id.memo, slip.move_id.ref)
