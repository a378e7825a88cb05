from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ..exceptions import CreditError, PaymentError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentPost(PaymentCommon):
    """Journal items of every source, exact reconciliation, elements."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a, cls.b = cls._create_example()
        cls.nominal = cls.env["account.account"].create(
            {"name": "Suspense", "code": "199001", "account_type": "asset_current"}
        )
        cls.none = cls.env["project.project"]

    # --- sources

    def test_bank_posts_one_payment_with_one_item_per_bill(self):
        payment = self._pay(self.a + self.b, 600)
        text = f"{self.a.name}: {self.b.name}: cheque 7"
        self.assertLines(
            payment.move_id,
            [
                # bank
                (self.outstanding, self.client, self.none, text, 600.0, 0.0),
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
        credit_text = f"Unallocated credit {self.matter.matter_number}"
        self.assertLines(
            payment.move_id,
            [
                (self.outstanding, self.client, self.none, text, 1100.0, 0.0),
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
                    f"{self.a.name}: cheque 7",
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

    # --- settling

    def test_a_third_party_pays_bills_of_several_clients(self):
        other = self.env["res.partner"].create({"name": "Other client"})
        matter = self._create_matter(name="Claim", partner_id=other.id)
        c = self._create_bill(200, matter)
        payment = self._pay(self.a + c, 670, received_from_id=self.insurer.id)
        self.assertLines(
            payment.move_id,
            [
                (
                    self.outstanding,
                    self.insurer,
                    self.none,
                    payment.move_id.ref,
                    670.0,
                    0.0,
                ),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 470.0),
                (self.receivable, other, matter, c.name, 0.0, 200.0),
            ],
        )
        self.assertEqual((self.a + c).mapped("payment_state"), ["paid", "paid"])

    def test_a_credit_note_is_taken_off_the_payment(self):
        credit_note = self._create_credit_note(240)
        payment = self._create_payment(self.a + credit_note, 230)
        self.assertEqual(self._amounts(payment), {self.a: 470, credit_note: -240})
        payment.action_post()
        self.assertEqual((self.a + credit_note).mapped("amount_residual"), [0.0, 0.0])

    def test_a_credit_note_of_another_matter_does_not_pay(self):
        credit_note = self._create_credit_note(100, self._create_matter(name="Other"))
        payment = self._create_payment(self.a + credit_note, 370)
        with self.assertRaisesRegex(CreditError, "does not pay another"):
            payment.action_post()

    def test_a_short_payment_is_written_off_with_its_tax(self):
        bill = self._create_bill({"fees": 100}, taxes=self.tax_20)
        expense = self.company_data["default_account_expense"]
        self.company.legal_write_off_account_id = expense
        payment = self._create_payment(bill, 108)
        payment.allocation_ids = [
            Command.create(
                {
                    "bill_id": bill.id,
                    "kind": "write_off",
                    "amount": 12,
                    "reason": "agreed",
                }
            )
        ]
        payment.action_post()
        tax_account = self.tax_20.invoice_repartition_line_ids.account_id or expense
        self.assertLines(
            payment.write_off_move_id,
            [
                (expense, self.client, self.matter, f"{bill.name}: agreed", 10.0, 0.0),
                (tax_account, self.client, self.matter, "VAT 20%", 2.0, 0.0),
                (self.receivable, self.client, self.matter, bill.name, 0.0, 12.0),
            ],
        )
        self.assertRecordValues(
            bill, [{"amount_residual": 0.0, "payment_state": "paid"}]
        )

    def test_a_write_off_without_reason_is_refused(self):
        payment = self._create_payment(self.a, 400)
        payment.allocation_ids = [
            Command.create({"bill_id": self.a.id, "kind": "write_off", "amount": 70})
        ]
        with self.assertRaisesRegex(PaymentError, "say why"):
            payment.action_post()

    def _create_write_off(self, bill, amount):
        return Command.create(
            {
                "bill_id": bill.id,
                "kind": "write_off",
                "amount": amount,
                "reason": "agreed",
            }
        )

    def test_a_bill_without_money_is_not_written_off_on_a_slip(self):
        slip = self._create_payment(
            self.a, 0, allocation_ids=[self._create_write_off(self.a, 470)]
        )
        with self.assertRaisesRegex(PaymentError, "gets no money on this payment"):
            slip.action_post()
        slip = self._create_payment(self.b, 540)
        slip.allocation_ids = [self._create_write_off(self.a, 470)]
        with self.assertRaisesRegex(PaymentError, "gets no money on this payment"):
            slip.action_post()
        self.assertEqual((self.a + self.b).mapped("amount_residual"), [470.0, 540.0])

    def test_the_rest_of_a_bill_is_written_off_up_to_the_users_limit(self):
        self.company.legal_write_off_account_id = self.company_data[
            "default_account_expense"
        ]
        self.cashier.legal_approval_limit = 10
        slip = self._create_payment(self.a, 459)
        slip.allocation_ids = [self._create_write_off(self.a, 11)]
        with self.assertRaisesRegex(PaymentError, "11.00 off is over your limit of"):
            slip.action_post()
        self.assertEqual(self.a.amount_residual, 470.0)
        slip.amount = 460
        slip.action_clear()
        slip.allocation_ids.filtered(lambda row: row.kind == "bill").amount = 460
        slip.allocation_ids.filtered(lambda row: row.kind == "write_off").amount = 10
        slip.action_keep_amounts()
        slip.action_post()
        self.assertEqual(self.a.amount_residual, 0.0)

    # --- several slips, set-offs, wrong rows

    def test_slips_posted_together_do_not_pay_a_bill_twice(self):
        rule = self.rule_bill.copy({"allow_overpayment": False})
        vals = {"ignore_reservations": True, "payment_rule_id": rule.id}
        slips = self._create_payment(self.a, 470, **vals)
        slips |= self._create_payment(self.a, 470, **vals)
        with self.assertRaisesRegex(PaymentError, "above the outstanding"):
            slips.action_post()
        self.assertEqual(slips.mapped("state"), ["draft", "draft"])
        self.assertEqual(self.a.amount_residual, 470.0)
        self.assertFalse(slips.move_id.exists())

    def test_slips_posted_together_make_no_credit_of_no_matter(self):
        second = self._create_matter(name="Second")
        bill = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": date(2026, 10, 1),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Fees",
                            "price_unit": 50,
                            "tax_ids": [],
                            "matter_id": matter.id,
                            "bill_element": "fees",
                        }
                    )
                    for matter in (self.matter, second)
                ],
            }
        )
        bill.action_post()
        slips = self._create_payment(bill, 100, ignore_reservations=True)
        slips |= self._create_payment(bill, 100, ignore_reservations=True)
        with self.assertRaisesRegex(PaymentError, "above the outstanding"):
            slips.action_post()
        credits = self.env["account.move.line"].search(
            [("account_id", "=", self.credit_account.id)]
        )
        self.assertFalse(credits)

    def test_what_the_rule_spread_is_spread_again_where_an_element_was_paid(self):
        first = self._create_payment(self.a, 200)
        second = self._create_payment(self.a, 200)
        self.assertEqual(second.allocation_ids.element_disbursement_exempt, 50.0)
        first.action_post()
        second.action_post()
        row = second.allocation_ids
        self.assertEqual(
            (row.element_disbursement_exempt, row.element_anticipated_taxable),
            (0.0, 30.0),
        )
        self.assertEqual(row.element_fees, 170.0)
        self.assertEqual(self.a.amount_residual, 70.0)

    def test_an_element_gets_no_more_than_is_open_of_it(self):
        slip = self._create_payment(self.a, 60)
        for fees, exempt in ((160, -100), (0, 60)):
            slip.allocation_ids.write(
                {
                    "amount": 60,
                    "element_fees": fees,
                    "element_disbursement_exempt": exempt,
                }
            )
            with self.assertRaisesRegex(PaymentError, "50.00 of it is open"):
                slip.action_post()
        slip.allocation_ids.write({"amount": 60})
        slip.action_post()
        self.assertEqual(slip.allocation_ids.element_disbursement_taxable, 10.0)

    def test_a_row_of_another_matter_than_its_bill_is_refused(self):
        slip = self._create_payment(self.a, 470)
        slip.allocation_ids.matter_id = self._create_matter(name="Other")
        with self.assertRaisesRegex(
            PaymentError, "is of .*Lease.*, its row of .*Other"
        ):
            slip.action_post()
        slip.allocation_ids.matter_id = self.matter
        slip.action_post()

    def _set_off(self, bill, note, **vals):
        slip = self._create_payment(bill + note, 0, **vals)
        rows = slip.allocation_ids.grouped("bill_id")
        rows[bill].amount = 60
        rows[note].amount = -60
        slip.action_keep_amounts()
        slip.action_post()
        self.assertEqual((bill.amount_residual, note.amount_residual), (40.0, 0.0))
        return slip

    def test_a_credit_note_is_set_off_without_money(self):
        for vals in ({}, {"source": "unallocated", "matter_id": self.matter.id}):
            bill, note = self._create_bill(100), self._create_credit_note(60)
            slip = self._set_off(bill, note, **vals)
            self.assertLines(
                slip.move_id,
                [
                    (self.receivable, self.client, self.matter, bill.name, 0.0, 60.0),
                    (self.receivable, self.client, self.matter, note.name, 60.0, 0.0),
                ],
            )

    def test_a_foreign_credit_note_is_set_off_at_the_rate_of_the_day(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-10-01", 2.0), ("2026-11-01", 1.6)]
        )
        bill = self._create_bill(100, currency_id=euro.id)
        note = self._create_bill(
            60, move_type="out_refund", invoice_date=DAY, currency_id=euro.id
        )
        slip = self._set_off(bill, note)
        self.assertLines(
            slip.move_id,
            [
                (self.receivable, self.client, self.matter, bill.name, 0.0, 37.5),
                (self.receivable, self.client, self.matter, note.name, 37.5, 0.0),
            ],
        )

    def test_a_slip_has_the_currency_of_its_bills(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-10-01", 2.0)])
        bill = self._create_bill(100, currency_id=euro.id)
        self.cashier.group_ids += self.env.ref("base.group_multi_currency")
        slip = self._create_payment(bill, 100)
        self.assertEqual(slip.currency_id, euro)
        slip.currency_id = self.company.currency_id
        with self.assertRaisesRegex(PaymentError, "its bills are in EUR"):
            slip.action_post()
        self.assertEqual(bill.amount_residual, 100.0)

    def test_outstanding_items_of_a_bank_are_no_nominal_account(self):
        for account in (self.outstanding, self.bank.suspense_account_id):
            slip = self._create_payment(
                self.a, 100, source="nominal", nominal_account_id=account.id
            )
            with self.assertRaisesRegex(PaymentError, "not a nominal one"):
                slip.action_post()

    def test_a_disputed_bill_that_stays_open_gets_no_early_discount(self):
        bill = self._create_bill(100, invoice_payment_term_id=self._create_term().id)
        bill.disputed_amount = 50
        typed = Command.create({"bill_id": bill.id, "amount": 97})
        slip = self._pay(bill, 97, allocation_ids=[typed])
        self.assertEqual(slip.allocation_ids.final_discount, 0.0)
        self.assertEqual(bill.amount_residual, 50.0)
        self.assertEqual(self.matter.unallocated_credit_balance, 47.0)

    def test_instalments_of_a_bill_are_paid_oldest_first(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 30}
                    ),
                ],
            }
        )
        bill = self._create_bill(1000, invoice_payment_term_id=term.id)
        self._pay(bill, 600)
        lines = bill.line_ids.filtered("date_maturity").sorted("date_maturity")
        self.assertEqual(lines.mapped("amount_residual"), [0.0, 400.0])

    def test_bill_that_went_back_to_draft_is_named(self):
        """Not as one that somebody else paid."""
        payment = self._create_payment(self.a, 470, ignore_reservations=True)
        payment.allocation_ids.amount = 470
        self._as(self.a, "biller").action_revert_bills()
        with self.assertRaisesRegex(
            PaymentError, f"{self.a.name} is not approved any more.*approved again"
        ):
            payment.action_post()
        self.assertEqual(payment.state, "draft")

    def test_what_another_paid_meanwhile_is_refused(self):
        first = self._create_payment(self.a, 470)
        second = self._create_payment(self.a, 470, ignore_reservations=True)
        second.allocation_ids.amount = 470
        second.action_post()
        with self.assertRaisesRegex(PaymentError, "above the outstanding"):
            first.action_post()

    def test_a_posted_payment_is_not_changed_or_deleted(self):
        payment = self._pay(self.a, 100)
        for vals in (
            {"amount": 1},
            {"memo": "x"},
            {"allocation_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(PaymentError, "posted and cannot be changed"):
                payment.write(vals)
        with self.assertRaisesRegex(PaymentError, "posted and cannot be changed"):
            payment.allocation_ids.amount = 1
        with self.assertRaisesRegex(PaymentError, "posted and cannot be changed"):
            payment.unlink()

    def test_a_locked_date_is_refused(self):
        payment = self._create_payment(self.a, 100)
        self.company.fiscalyear_lock_date = DAY
        with self.assertRaisesRegex(PaymentError, "locked period"):
            payment.action_post()

    def test_bills_of_two_matters_are_not_paid_from_one_credit(self):
        other = self._create_bill(100, self._create_matter(name="Other"))
        self._create_credit(self.matter, 500)
        payment = self._create_payment(self.a + other, 500, source="unallocated")
        with self.assertRaisesRegex(CreditError, "one matter only"):
            payment.action_post()
        self.assertFalse(payment.move_id)

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

    # --- elements

    def test_elements_add_up_to_the_residual_after_any_payment(self):
        bill = self._create_bill({"disbursement_exempt": 400, "fees": 590})
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"amount": 100, "payment_date": DAY})._create_payments()
        self.assertEqual(
            {row["element"]: row["outstanding"] for row in bill.element_amounts},
            {"disbursement_exempt": 300.0, "fees": 590.0},
        )
        payment = self._create_payment(bill, 200)
        payment.allocation_ids.write(
            {"element_fees": 150, "element_disbursement_exempt": 50}
        )
        payment.action_post()
        self.assertEqual(
            {row["element"]: row["outstanding"] for row in bill.element_amounts},
            {"disbursement_exempt": 250.0, "fees": 440.0},
        )
        self.assertEqual(bill.amount_residual, 690.0)

    def test_bills_are_found_by_the_element_that_is_open(self):
        untouched = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        fees_left = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        costs_left = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        only_fees = self._create_bill({"fees": 60})
        paid = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        self._pay(fees_left, 40)
        payment = self._create_payment(costs_left, 60)
        payment.allocation_ids.write(
            {"element_fees": 60, "element_disbursement_exempt": 0}
        )
        payment.action_post()
        self._pay(paid, 100)
        bills = untouched | fees_left | costs_left | only_fees | paid
        found = {
            element: self._as(bills, "cashier").search(
                [("id", "in", bills.ids), ("open_element", "=", element)]
            )
            for element in ("fees", "disbursement_exempt", "disbursement_taxable")
        }
        self.assertEqual(set(found["fees"]), set(untouched | fees_left | only_fees))
        self.assertEqual(set(found["disbursement_exempt"]), set(untouched | costs_left))
        self.assertFalse(found["disbursement_taxable"])
        for bill in bills:
            open_elements = {
                row["element"]
                for row in bill.element_amounts
                if bill.currency_id.compare_amounts(row["outstanding"], 0) > 0
            }
            self.assertEqual(
                {element for element, those in found.items() if bill in those},
                open_elements,
            )

    def test_finding_by_the_open_element_is_flat_in_queries(self):
        """Bills of fees alone need no working out; the others cost the same few
        statements, however many."""

        def count(bills, amounts):
            for amount in amounts:
                bills |= self._create_bill(amount)
            for bill in bills:
                self._pay(bill, 10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self._as(bills, "cashier").search([("open_element", "=", "fees")])
            queries = self.env.cr.sql_log_count - before
            self.assertLessEqual(set(bills.ids), set(found.ids))
            return queries

        none = self.env["account.move"]
        two = {"disbursement_exempt": 40, "fees": 60}
        count(none, [two])  # warms up
        few = count(none, [two])
        self.assertLessEqual(count(none, [two] * 10), few)

    def test_element_totals_follow_rounding_of_the_whole_document(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        bill = self._create_bill(
            {"disbursement_taxable": 55.33, "fees": 54.68}, taxes=self.tax_20
        )
        gross = sum(row["gross"] for row in bill.element_amounts)
        self.assertAlmostEqual(gross, bill.amount_total, 2)

    # --- receipts

    def test_fees_received_are_shared_by_what_was_billed(self):
        matter = self._create_matter()
        self._create_time(matter, 2.0)
        self._create_time(matter, 2.0, employee_id=self.associate.id)
        bill = self._approve(self._bill(matter))
        self.assertEqual(bill.amount_total, 1200.0)
        payment = self._pay(bill, 120, date=date(2026, 11, 2))
        receipts = self.env["legal.timekeeper.receipt"].search(
            [("payment_id", "=", payment.id)]
        )
        self.assertEqual(
            {row.employee_id: row.amount for row in receipts},
            {self.lawyer: 60.0, self.associate: 40.0},
        )
        payment.action_reverse("wrong", "correction")
        total = self.env["legal.timekeeper.receipt"]._read_group(
            [("payment_id", "=", payment.id)], [], ["amount:sum"]
        )[0][0]
        self.assertEqual(total, 0.0)
