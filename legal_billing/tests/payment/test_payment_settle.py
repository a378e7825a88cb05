from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import CreditError, PaymentError
from .payment_common import DAY, ExamplePaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentSettle(ExamplePaymentCommon):
    """What settles a bill on a slip: third parties, credit notes, write-offs, set-offs."""

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
                    f"{payment.name}: {payment.move_id.ref}",
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

    def test_a_row_without_a_bill_is_named_by_its_amount(self):
        """A row of a bill's kind says nothing of a bill that there is not."""
        for kind in ("write_off", "bill"):
            with self.subTest(kind):
                row = {"kind": kind, "amount": 5.0, "reason": "rest"}
                payment = self._create_payment(
                    self.env["account.move"], 10, allocation_ids=[Command.create(row)]
                )
                payment.allocation_ids.kind = kind
                with self.assertRaises(PaymentError) as refused:
                    payment.action_post()
                self.assertIn("5.00 names no bill", str(refused.exception))
                self.assertNotIn("False", str(refused.exception))

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
