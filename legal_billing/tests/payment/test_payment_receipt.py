from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentReceipt(PaymentCommon):
    """Receipts by timekeeper (C-26): whatever settles a bill, they add up to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.work = cls._create_matter(name="Shared work")
        cls._create_time(cls.work, 2.0)
        cls._create_time(cls.work, 2.0, employee_id=cls.associate.id)
        cls._create_disbursement(cls.work, 200.0)

    def setUp(self):
        super().setUp()
        self.bill = self._approve(self._bill(self.work))

    def _get_receipts(self, bill=None, **by):
        """``{value: net amount}`` of the log of the bill."""
        (name, _field), *_rest = by.items() or [("kind", None)]
        groups = self.env["legal.timekeeper.receipt"]._read_group(
            [("bill_id", "=", (bill or self.bill).id)], [name], ["amount:sum"]
        )
        return {value: round(amount, 2) for value, amount in groups if amount}

    def _get_shares(self, bill=None):
        return self._get_receipts(bill, employee_id=True)

    def assertTiesOut(self, bill=None):
        """The log adds up to the net of the fees that are settled."""
        bill = bill or self.bill
        fees = next(row for row in bill.element_amounts if row["element"] == "fees")
        net = sum(
            bill.invoice_line_ids.filtered(
                lambda line: line.bill_element == "fees"
            ).mapped("price_subtotal")
        )
        settled = fees["gross"] - fees["outstanding"]
        self.assertAlmostEqual(
            sum(self._get_receipts(bill).values()),
            bill.currency_id.round(settled * net / fees["gross"]),
            2,
        )
        self.assertAlmostEqual(
            sum(row["outstanding"] for row in bill.element_amounts),
            bill.amount_residual,
            2,
        )

    def _register(self, bills, **vals):
        """Odoo's own Pay button."""
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bills.ids
        )
        return wizard.create({"payment_date": DAY, **vals})._create_payments()

    def test_a_payment_of_odoos_own_counts(self):
        self.assertEqual(self.bill.amount_total, 1400.0)
        self._register(self.bill, amount=800)
        # 200.00 of disbursements first, then 600.00 of fees with 100.00 of tax
        self.assertEqual(
            self._get_shares(), {self.lawyer: 300.0, self.associate: 200.0}
        )
        self.assertEqual(self._get_receipts(), {"received": 500.0})
        self.assertTiesOut()
        self._pay(self.bill, 600)
        self.assertEqual(
            self._get_shares(), {self.lawyer: 600.0, self.associate: 400.0}
        )
        self.assertTiesOut()

    def test_what_is_taken_off_again_is_mirrored(self):
        payment = self._register(self.bill, amount=800)
        partial = self.bill.line_ids.matched_credit_ids
        self.bill.js_remove_outstanding_partial(partial.id)
        self.assertEqual(self._get_shares(), {})
        self.assertTiesOut()
        rows = self.env["legal.timekeeper.receipt"].search(
            [("bill_id", "=", self.bill.id)]
        )
        self.assertEqual(len(rows), 4)
        mirrored = rows.filtered("is_reversal").mapped("amount")
        self.assertEqual(sorted(mirrored), [-300, -200])
        payment.action_draft()
        payment.unlink()
        self.assertEqual(set(rows.mapped("source_name")), {rows[0].source_name})
        self.assertFalse(rows.move_id)

    def test_an_early_discount_is_given_up_not_received(self):
        bill = self._create_bill(
            {"disbursement_exempt": 20, "fees": 80},
            self.work,
            invoice_payment_term_id=self._create_term().id,
        )
        slip = self._pay(bill, 97)
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertEqual(self._get_receipts(bill), {"received": 77.0, "write_off": 3.0})
        self.assertTiesOut(bill)
        slip.action_reverse("bounced", "dishonour")
        self.assertEqual(self._get_receipts(bill), {})
        self.assertTiesOut(bill)

    def test_an_early_discount_of_odoos_own_button_is_not_received(self):
        bill = self._create_bill(
            {"disbursement_exempt": 20, "fees": 80},
            self.work,
            invoice_payment_term_id=self._create_term().id,
        )
        payment = self._register(bill)
        self.assertEqual((payment.amount, bill.amount_residual), (97.0, 0.0))
        self.assertEqual(self._get_receipts(bill), {"received": 77.0, "write_off": 3.0})
        self.assertTiesOut(bill)
        discount_account = (
            self.company.account_journal_early_pay_discount_loss_account_id
        )
        self.assertItems(
            payment.move_id,
            [
                (self.outstanding, 97.0, 0.0),
                (discount_account, 3.0, 0.0),
                (self.receivable, 0.0, 100.0),
            ],
        )
        bill.js_remove_outstanding_partial(bill.line_ids.matched_credit_ids.id)
        self.assertEqual(self._get_receipts(bill), {})
        self.assertTiesOut(bill)

    def test_of_several_bills_each_has_its_own_early_discount(self):
        early, plain, other = (
            self._create_bill({"fees": amount}, self.work, **vals)
            for amount, vals in (
                (100, {"invoice_payment_term_id": self._create_term().id}),
                (300, {}),
                (33.33, {"invoice_payment_term_id": self._create_term().id}),
            )
        )
        payment = self._register(early + plain + other, group_payment=True)
        self.assertEqual(payment.amount, 429.33)
        self.assertEqual(
            [self._get_receipts(bill) for bill in early + plain + other],
            [
                {"received": 97.0, "write_off": 3.0},
                {"received": 300.0},
                {"received": 32.33, "write_off": 1.0},
            ],
        )
        # taken off one of them, the others keep theirs
        early.js_remove_outstanding_partial(early.line_ids.matched_credit_ids.id)
        self.assertEqual(
            [self._get_receipts(bill) for bill in early + plain + other],
            [{}, {"received": 300.0}, {"received": 32.33, "write_off": 1.0}],
        )

    def test_discounts_of_many_payments_cost_few_queries(self):
        counts = []
        for number in (1, 1, 10):  # the first warms up
            bills = self.env["account.move"]
            for _index in range(number):
                bills += self._create_bill(
                    100, self.work, invoice_payment_term_id=self._create_term().id
                )
                self._register(bills[-1])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            kinds = [
                [row.kind for row in rows] for rows in bills._get_settlements().values()
            ]
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(kinds, [["received", "write_off"]] * number)
        self.assertEqual(counts[2], counts[1])

    def test_a_taxed_early_discount_of_odoos_own_button(self):
        term = self._create_term()
        bill = self._create_bill(
            {"fees": 100},
            self.work,
            taxes=self.tax_20,
            invoice_payment_term_id=term.id,
        )
        payment = self._register(bill)
        self.assertEqual((payment.amount, bill.amount_residual), (116.4, 0.0))
        self.assertEqual(self._get_receipts(bill), {"received": 97.0, "write_off": 3.0})
        self.assertTiesOut(bill)

    def test_a_difference_that_odoos_own_button_writes_off_is_not_received(self):
        bill = self._create_bill({"fees": 100}, self.work)
        self._register(
            bill,
            amount=90,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(
            self._get_receipts(bill), {"received": 90.0, "write_off": 10.0}
        )
        self.assertTiesOut(bill)

    def test_credit_notes_and_write_offs_are_told_apart(self):
        self.company.legal_write_off_account_id = self.company_data[
            "default_account_expense"
        ]
        credit_note = self._create_credit_note({"fees": 120}, self.work)
        lines = (self.bill + credit_note).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        lines.reconcile()
        self.assertEqual(self._get_receipts(), {"credit_note": 100.0})
        slip = self._create_payment(
            self.bill,
            1220,
            allocation_ids=[
                Command.create({"bill_id": self.bill.id, "amount": 1220}),
                Command.create(
                    {
                        "bill_id": self.bill.id,
                        "kind": "write_off",
                        "amount": 60,
                        "reason": "goodwill",
                    }
                ),
            ],
        )
        slip.action_post()
        self.assertEqual(self.bill.amount_residual, 0.0)
        self.assertEqual(sum(self._get_receipts().values()), 1000.0)
        self.assertEqual(
            set(self._get_receipts()), {"credit_note", "received", "write_off"}
        )
        self.assertEqual(
            self._get_shares(), {self.lawyer: 600.0, self.associate: 400.0}
        )
        self.assertTiesOut()
        slip.action_reverse("wrong", "correction")
        self.assertEqual(self._get_receipts(), {"credit_note": 100.0})
        self.assertTiesOut()

    def test_a_statement_line_matched_straight_with_the_bill_counts(self):
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": DAY,
                "payment_ref": "transfer",
                "amount": 1400.0,
                "partner_id": self.client.id,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = self.receivable
        target = self.bill.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        (suspense + target).reconcile()
        self.assertEqual(self._get_receipts(), {"received": 1000.0})
        self.assertEqual(
            self._get_shares(), {self.lawyer: 600.0, self.associate: 400.0}
        )
        self.assertTiesOut()

    def test_an_entry_by_hand_is_called_so(self):
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": DAY,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": self.client.id,
                            "credit": 320,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "debit": 320,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (entry + self.bill).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        self.assertEqual(self._get_receipts(), {"entry": 100.0})
        self.assertTiesOut()

    def test_many_part_payments_add_up_to_the_cent(self):
        for amount in (200.01, 333.33, 333.33, 333.33, 200.0):
            self._register(self.bill, amount=amount)
            self.assertTiesOut()
        self.assertEqual(self.bill.amount_residual, 0.0)
        self.assertEqual(
            self._get_shares(), {self.lawyer: 600.0, self.associate: 400.0}
        )

    def test_all_to_the_responsible_lawyer(self):
        self.company.legal_receipt_share = "responsible"
        self._register(self.bill, amount=1400)
        self.assertEqual(self._get_shares(), {self.lawyer: 1000.0})

    def test_one_payment_of_many_bills_is_flat_in_queries(self):
        def count(bills):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            bills._record_fee_receipts()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        few = self.env["account.move"].union(
            *(self._create_bill({"fees": 100 + n}) for n in range(2))
        )
        many = self.env["account.move"].union(
            *(self._create_bill({"fees": 100 + n}) for n in range(12))
        )
        self._pay(few, sum(few.mapped("amount_total")))
        self._pay(many, sum(many.mapped("amount_total")))
        self.assertLessEqual(count(many), count(few) + 1)

    def test_nobody_writes_the_log(self):
        self._pay(self.bill, 1400, date=date(2026, 11, 3))
        log = self.env["legal.timekeeper.receipt"].search(
            [("bill_id", "=", self.bill.id)]
        )
        self.assertEqual(len(self._as(log, "cashier").mapped("amount")), 2)
        for role in ("cashier", "biller", "reviewer"):
            with self.assertRaises(AccessError):
                self._as(log, role).write({"amount": 1})
