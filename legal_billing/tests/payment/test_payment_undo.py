from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    CreditError,
    PaymentGuardError,
    ReversalError,
    RoleError,
)
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentUndo(PaymentCommon):
    """Reversing, core's own ways to undo, credits that stay with their matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a, cls.b = cls._create_example()
        cls.other_matter = cls._create_matter(name="Other")
        cls.c = cls._create_bill(300, cls.other_matter)

    def _match_bank(self, payment):
        """A statement line that is matched with the payment's bank item."""
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": DAY,
                "payment_ref": "in",
                "amount": payment.amount,
            }
        )
        suspense = statement_line._seek_for_lines()[1]
        suspense.account_id = self.outstanding
        bank_item = payment.account_payment_id._seek_for_lines()[0]
        (suspense + bank_item).reconcile()
        return statement_line

    # --- reversing

    def test_a_correction_mirrors_the_entry_and_opens_the_bills(self):
        payment = self._pay(self.a + self.b, 1100)
        payment.action_reverse("typed twice", "correction")
        self.assertRecordValues(
            payment,
            [
                {
                    "state": "reversed",
                    "reversal_kind": "correction",
                    "reversal_reason": "typed twice",
                    "reversed_by_id": self.cashier.id,
                    "reversed_on": DAY,
                }
            ],
        )
        mirror = payment.reversal_move_ids
        self.assertItems(
            mirror,
            [
                (self.outstanding, 0.0, 1100.0),
                (self.receivable, 470.0, 0.0),
                (self.receivable, 540.0, 0.0),
                (self.credit_account, 90.0, 0.0),
            ],
        )
        self.assertEqual(mirror.line_ids.matter_id, self.matter)
        self.assertFalse(
            (payment.move_id + mirror).line_ids.filtered(
                lambda line: line.account_id.reconcile and not line.reconciled
            )
        )
        self.assertEqual((self.a + self.b).mapped("amount_residual"), [470.0, 540.0])
        self.assertEqual((self.a + self.b).mapped("payment_state"), ["not_paid"] * 2)
        self.assertEqual(self.matter.unallocated_credit_balance, 0.0)
        self.assertEqual(payment.account_payment_id.state, "canceled")
        self.assertIn("typed twice", payment.message_ids[0].body)

    def test_a_payment_is_reversed_once_with_a_reason_by_a_cashier(self):
        payment = self._pay(self.a, 470)
        with self.assertRaisesRegex(ReversalError, "Say why"):
            payment.action_reverse(" ", "correction")
        with self.assertRaises(RoleError):
            self._as(payment, "biller").action_reverse("x", "correction")
        payment.action_reverse("x", "correction")
        with self.assertRaisesRegex(ReversalError, "was reversed on"):
            payment.action_reverse("x", "correction")

    def test_a_draft_is_not_reversed(self):
        payment = self._create_payment(self.a, 470)
        with self.assertRaisesRegex(ReversalError, "not posted"):
            payment.action_reverse("x", "correction")

    def test_a_used_credit_stands_against_the_reversal(self):
        payment = self._create_credit(self.matter, 100)
        use = self._pay(self.a, 60, source="unallocated")
        with self.assertRaisesRegex(ReversalError, use.name):
            payment.action_reverse("x", "correction")
        use.action_reverse("x", "correction")
        self.assertEqual(self.matter.unallocated_credit_balance, 100.0)
        payment.action_reverse("x", "correction")
        self.assertEqual(self.matter.unallocated_credit_balance, 0.0)

    def test_a_bounced_cheque_waits_for_the_statement(self):
        payment = self._pay(self.a, 470)
        statement_line = self._match_bank(payment)
        self.assertEqual(payment.bank_status, "matched")
        with self.assertRaisesRegex(ReversalError, "matched with the bank"):
            payment.action_reverse("bounced", "correction")
        fee_account = self.company_data["default_account_expense"]
        payment.action_reverse(
            "bounced",
            "dishonour",
            date=date(2026, 11, 9),
            fee={"amount": 15, "account": fee_account},
        )
        mirror = payment.reversal_move_ids
        self.assertEqual(mirror.date, date(2026, 11, 9))
        self.assertItems(
            mirror,
            [
                (self.outstanding, 0.0, 470.0),
                (self.outstanding, 0.0, 15.0),
                (self.receivable, 470.0, 0.0),
                (fee_account, 15.0, 0.0),
            ],
        )
        bank_items = mirror.line_ids.filtered(
            lambda line: line.account_id == self.outstanding
        )
        self.assertEqual(sum(bank_items.mapped("amount_residual")), -485.0)
        self.assertTrue(statement_line.is_reconciled)
        self.assertEqual(self.a.amount_residual, 470.0)

    def test_a_dishonour_over_the_network(self):
        """Dates are texts there, and records are ids."""
        expense = self.company_data["default_account_expense"]
        payment = self._pay(self.a, 470)
        payment.action_reverse(
            "bounced", "dishonour", "2026-11-09", {"amount": 15, "account": expense.id}
        )
        self.assertEqual(payment.reversed_on, date(2026, 11, 9))
        self.assertItems(
            payment.reversal_move_ids,
            [
                (self.outstanding, 0.0, 470.0),
                (self.outstanding, 0.0, 15.0),
                (self.receivable, 470.0, 0.0),
                (expense, 15.0, 0.0),
            ],
        )

    def test_a_dishonour_that_cannot_be_read_is_refused(self):
        payment = self._pay(self.a, 470)
        for message, args in {
            "Say why": (5, "dishonour"),
            "as a date": ("bounced", "dishonour", "tomorrow"),
            "amount and its account": ("bounced", "dishonour", None, [15]),
            "an amount and": ("bounced", "dishonour", None, {"amount": "15"}),
            "No account does not": ("bounced", "dishonour", None, {"amount": 15}),
        }.items():
            with self.subTest(message), self.assertRaisesRegex(ReversalError, message):
                payment.action_reverse(*args)
        self.assertEqual(payment.state, "posted")

    def test_a_charge_is_an_expense(self):
        payment = self._pay(self.a, 470)
        for account in (self.receivable, self.credit_account, self.outstanding):
            with self.assertRaisesRegex(ReversalError, "does not take the charge"):
                payment.action_reverse(
                    "bounced", "dishonour", fee={"amount": 15, "account": account.id}
                )
        nominal = self._pay(
            self.b,
            100,
            source="nominal",
            nominal_account_id=self.company_data["default_account_expense"].id,
        )
        with self.assertRaisesRegex(
            ReversalError, "not money that a bank could take back"
        ):
            nominal.action_reverse(
                "bounced",
                "dishonour",
                fee={"amount": 15, "account": nominal.nominal_account_id.id},
            )

    def test_a_payment_in_a_locked_period_is_mirrored_today(self):
        payment = self._pay(self.a, 470, date=date(2026, 10, 15))
        self.company.fiscalyear_lock_date = date(2026, 10, 31)
        payment.action_reverse("x", "correction")
        self.assertGreater(payment.reversal_move_ids.date, date(2026, 10, 31))
        self.assertEqual(self.a.amount_residual, 470.0)

    def test_a_write_off_is_reversed_with_its_payment(self):
        self.company.legal_write_off_account_id = self.company_data[
            "default_account_expense"
        ]
        payment = self._create_payment(self.a, 400)
        payment.allocation_ids = [
            Command.create(
                {
                    "bill_id": self.a.id,
                    "kind": "write_off",
                    "amount": 70,
                    "reason": "agreed",
                }
            )
        ]
        payment.action_post()
        payment.action_reverse("x", "correction")
        self.assertEqual(len(payment.reversal_move_ids), 2)
        self.assertEqual(self.a.amount_residual, 470.0)

    def test_the_window_asks_and_reverses(self):
        payment = self._pay(self.a, 470)
        action = payment.action_reverse()
        wizard = (
            self._as(self.env[action["res_model"]], "cashier")
            .with_context(**action["context"])
            .create({"reason": "x"})
        )
        self.assertEqual(wizard.kind, "correction")
        wizard.action_reverse()
        self.assertEqual(payment.state, "reversed")

    # --- core's ways

    def test_cores_ways_to_change_a_payment_are_refused(self):
        payment = self._pay(self.a, 470)
        core = self.env["account.payment"].browse(payment.account_payment_id.id)
        move = self.env["account.move"].browse(payment.move_id.id)
        attempts = {
            "amount": lambda: core.write({"amount": 1}),
            "date": lambda: core.write({"date": date(2026, 1, 1)}),
            "partner": lambda: core.write({"partner_id": self.insurer.id}),
            "journal": lambda: core.write({"journal_id": self.cash.id}),
            "currency": lambda: core.write(
                {"currency_id": self.env.ref("base.CHF").id}
            ),
            "draft": core.action_draft,
            "cancel": core.action_cancel,
            "delete": core.unlink,
            "entry draft": move.button_draft,
            "entry cancel": move.button_cancel,
            "entry reversal": lambda: move._reverse_moves(cancel=True),
            "entry delete": move.unlink,
            "unreconcile": move.line_ids.remove_move_reconcile,
            "widget": lambda: self.a.js_remove_outstanding_partial(
                self.a.line_ids.matched_credit_ids.id
            ),
        }
        for name, attempt in attempts.items():
            with (
                self.subTest(name),
                self.assertRaisesRegex(PaymentGuardError, payment.name),
            ):
                attempt()
        self.assertEqual(self.a.payment_state, "paid")

    def test_a_statement_line_can_be_unmatched(self):
        payment = self._pay(self.a, 470)
        statement_line = self._match_bank(payment)
        statement_line.line_ids.remove_move_reconcile()
        self.assertEqual(payment.bank_status, "open")

    def test_a_paid_bill_is_not_reset(self):
        self._pay(self.a, 100)
        with self.assertRaisesRegex(Exception, "Reverse the payment"):
            self.a.button_draft()

    # --- credits stay with their matter

    def test_a_credit_is_never_reconciled_with_another_matters_bill(self):
        credit_note = self._create_credit_note(300, self.other_matter)
        line = credit_note.line_ids.filtered(
            lambda item: item.account_id == self.receivable
        )
        with self.assertRaisesRegex(CreditError, "does not pay another"):
            self.a.js_assign_outstanding_line(line.id)
        self.c.js_assign_outstanding_line(line.id)
        self.assertEqual(self.c.payment_state, "reversed")

    def test_cores_widget_offers_only_the_bills_own_matter(self):
        self._create_credit_note(300, self.other_matter)
        self.assertFalse(self.a.invoice_outstanding_credits_debits_widget)
        self.assertEqual(
            len(self.c.invoice_outstanding_credits_debits_widget["content"]), 1
        )
        plain = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 10,
                "date": DAY,
            }
        )
        plain.action_post()
        self.a.invalidate_recordset()
        self.assertEqual(
            len(self.a.invoice_outstanding_credits_debits_widget["content"]), 1
        )

    def test_a_credit_moves_to_another_matter_by_a_slip_with_a_reason(self):
        self._create_credit(self.matter, 100)
        wizard = self._as(self.env["legal.payment.credit"], "cashier").create(
            {
                "matter_id": self.matter.id,
                "currency_id": self.company.currency_id.id,
                "operation": "move",
                "to_matter_id": self.other_matter.id,
                "amount": 70,
                "reason": "letter of 1 Nov",
            }
        )
        self.assertEqual(wizard.available_amount, 100.0)
        slip = self.env["legal.payment"].browse(wizard.action_confirm()["res_id"])
        self.assertLines(
            slip.move_id,
            [
                (
                    self.credit_account,
                    self.client,
                    self.matter,
                    f"Credit of {DAY} used",
                    70.0,
                    0.0,
                ),
                (
                    self.credit_account,
                    self.client,
                    self.other_matter,
                    f"Unallocated credit {self.other_matter.matter_number}",
                    0.0,
                    70.0,
                ),
            ],
        )
        self.assertEqual(self.matter.unallocated_credit_balance, 30.0)
        self.assertEqual(self.other_matter.unallocated_credit_balance, 70.0)

    def test_a_credit_goes_to_another_clients_matter_by_a_manager_only(self):
        self._create_credit(self.matter, 100)
        foreign = self._create_matter(partner_id=self.insurer.id)
        vals = {
            "source": "unallocated",
            "matter_id": self.matter.id,
            "amount": 70,
            "memo": "letter",
            "allocation_ids": [
                Command.create(
                    {"kind": "credit", "matter_id": foreign.id, "amount": 70}
                )
            ],
        }
        slip = self._as(self.env["legal.payment"], "cashier").create(vals)
        with self.assertRaises(RoleError):
            slip.action_post()
        self._as(slip, "manager").action_post()
        self.assertEqual(foreign.unallocated_credit_balance, 70.0)

    def test_a_credit_is_refunded_from_the_bank(self):
        self._create_credit(self.matter, 100)
        wizard = self._as(self.env["legal.payment.credit"], "cashier").create(
            {
                "matter_id": self.matter.id,
                "currency_id": self.company.currency_id.id,
                "amount": 100,
                "journal_id": self.bank.id,
                "reason": "paid twice",
            }
        )
        slip = self.env["legal.payment"].browse(wizard.action_confirm()["res_id"])
        paid_from = self.bank.outbound_payment_method_line_ids.payment_account_id
        self.assertItems(
            slip.move_id, [(self.credit_account, 100.0, 0.0), (paid_from, 0.0, 100.0)]
        )
        self.assertEqual(slip.account_payment_id.payment_type, "outbound")
        self.assertEqual(self.matter.unallocated_credit_balance, 0.0)
        slip.action_reverse("x", "correction")
        self.assertEqual(self.matter.unallocated_credit_balance, 100.0)

    def test_the_account_of_credits_does_not_change_under_open_credits(self):
        self._create_credit(self.matter, 100)
        with self.assertRaisesRegex(Exception, "still holds unallocated credits"):
            self.company.legal_unallocated_account_id = False

    # --- payment state

    def test_credit_note_and_plain_entry_make_a_bill_paid_not_reversed(self):
        bill = self._create_bill(1000)
        credit_note = bill._reverse_moves([{"invoice_date": DAY}])
        credit_note.invoice_line_ids.price_unit = 100
        credit_note.action_post()  # matched with its bill
        self.assertEqual(bill.payment_state, "partial")
        nominal = self.env["account.account"].create(
            {"name": "Suspense", "code": "199002", "account_type": "asset_current"}
        )
        self._pay(bill, 900, source="nominal", nominal_account_id=nominal.id)
        self.assertRecordValues(
            bill, [{"amount_residual": 0.0, "payment_state": "paid"}]
        )

    def test_a_bill_that_credit_notes_settle_alone_is_reversed(self):
        bill = self._create_bill(1000)
        bill._reverse_moves([{"invoice_date": DAY}], cancel=True)
        self.assertEqual(bill.payment_state, "reversed")

    def test_credit_note_and_bank_make_a_bill_paid(self):
        bill = self._create_bill(1000)
        credit_note = self._create_credit_note(100)
        self._pay(bill + credit_note, 900)
        self.assertEqual(bill.payment_state, "paid")
