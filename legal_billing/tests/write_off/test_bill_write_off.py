from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...exceptions import ProtectedFieldError, RoleError, UndoError, WriteOffError
from ..payment.payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestBillWriteOff(PaymentCommon):
    """Balances that the firm gives up: by bill, matter, client; with the tax or not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company_data["default_account_expense"]
        cls.revenue = cls.company_data["default_account_revenue"]
        cls.company.legal_write_off_account_id = cls.expense
        cls.tax_account = cls.tax_20.refund_repartition_line_ids.account_id
        if not cls.tax_account:
            cls.tax_account = cls.company_data["default_account_tax_sale"]
            (
                cls.tax_20.invoice_repartition_line_ids
                | cls.tax_20.refund_repartition_line_ids
            ).filtered(
                lambda x: x.repartition_type == "tax"
            ).account_id = cls.tax_account
        cls.bill = cls._create_bill(
            {"disbursement_exempt": 100.0, "fees": 1000.0}, taxes=cls.tax_20
        )
        cls.bill.button_draft()
        cls.bill.invoice_line_ids.filtered(
            lambda line: line.bill_element == "disbursement_exempt"
        ).tax_ids = False
        cls.bill.action_post()

    def _write_off(self, bills, role="approver", **vals):
        """Through the window, as a person does.

        :param dict amounts: by bill; default: all of each balance
        """
        amounts = vals.pop("amounts", {})
        action = self._as(bills, role).action_open_write_off()
        window = self._as(self.env[action["res_model"]], role).browse(action["res_id"])
        window.write({"reason": "Insolvent", "date": DAY, **vals})
        for row in window.line_ids:
            if row.bill_id in amounts:
                row.amount = amounts[row.bill_id]
        window.action_write_off()
        return self.env["legal.bill.write.off"].search([("bill_id", "in", bills.ids)])

    def _get_open_elements(self, bill):
        return {
            name: float(amount)
            for name, amount in bill._get_element_outstanding()[bill.id]
        }

    # --- with a credit note

    def test_credit_note_takes_the_tax_back(self):
        self.assertEqual(self.bill.amount_total, 1300.0)
        row = self._write_off(self.bill, amounts={self.bill: 650.0})
        self.assertItems(
            row.move_id,
            [
                (self.expense, 50.0, 0.0),
                (self.expense, 500.0, 0.0),
                (self.tax_account, 100.0, 0.0),
                (self.receivable, 0.0, 650.0),
            ],
        )
        self.assertRecordValues(
            row.move_id,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "reversed_entry_id": self.bill.id,
                    "amount_residual": 0.0,
                    "billing_stage": "finalized",
                    "invoice_date": DAY,
                }
            ],
        )
        self.assertRecordValues(
            row,
            [
                {
                    "amount": 650.0,
                    "tax_amount": 100.0,
                    "reason": "Insolvent",
                    "user_id": self.approver.id,
                    "state": "posted",
                    "matter_id": self.matter.id,
                }
            ],
        )
        self.assertEqual(self.bill.amount_residual, 650.0)
        self.assertEqual(self.bill.payment_state, "partial")
        self.assertEqual(self.bill.written_off_amount, 650.0)
        self.assertEqual(
            self._get_open_elements(self.bill),
            {"disbursement_exempt": 50.0, "fees": 600.0},
        )
        self.assertIn("650.00 written off: Insolvent", self.bill.message_ids[0].body)

    def test_credit_note_is_exact_to_the_cent(self):
        """No net amount gives 0.03 with 20 %: the tax gives way."""
        for amount in (0.03, 0.01, 99.99, 33.37):
            row = self._write_off(self.bill, amounts={self.bill: amount})[:1]
            self.assertEqual(row.move_id.amount_total, amount)
            self.assertEqual(row.move_id.amount_residual, 0.0)

    def test_all_of_a_bill_is_not_paid_and_frees_no_entry(self):
        matter = self._create_matter(
            name="Estate", quoted_amount=600.0, quote_rule="lower"
        )
        entry = self._create_time(matter, 2.0)
        bill = self._approve(self._bill(matter))
        self._write_off(bill)
        self.assertEqual(bill.payment_state, "reversed")
        self.assertEqual(entry.bill_id, bill)
        self.assertFalse(bill._is_fully_credited())
        self.assertEqual(matter.quote_billed_amount, 600.0)

    # --- with an entry

    def test_entry_takes_the_tax_back(self):
        row = self._write_off(
            self.bill, amounts={self.bill: 650.0}, treatment="entry_relief"
        )
        self.assertItems(
            row.move_id,
            [
                (self.expense, 50.0, 0.0),
                (self.expense, 500.0, 0.0),
                (self.tax_account, 100.0, 0.0),
                (self.receivable, 0.0, 650.0),
            ],
        )
        self.assertEqual(row.move_id.move_type, "entry")
        self.assertEqual(row.tax_amount, 100.0)
        self.assertEqual(
            self._get_open_elements(self.bill),
            {"disbursement_exempt": 50.0, "fees": 600.0},
        )

    def test_entry_without_tax(self):
        self.company.legal_write_off_tax_relief = False
        row = self._write_off(self.bill)
        self.assertEqual(row.treatment, "entry")
        self.assertItems(
            row.move_id,
            [
                (self.expense, 100.0, 0.0),
                (self.expense, 1200.0, 0.0),
                (self.receivable, 0.0, 1300.0),
            ],
        )
        self.assertFalse(row.move_id.line_ids.tax_ids)
        self.assertEqual(self.bill.payment_state, "reversed")
        self.assertEqual(self.bill.amount_residual, 0.0)

    def test_rest_after_a_payment_is_paid(self):
        self._pay(self.bill, 1000.0)
        self._write_off(self.bill, treatment="entry")
        self.assertEqual(self.bill.payment_state, "paid")

    # --- by matter and client

    def test_by_matter_and_by_client(self):
        other = self._create_matter(name="Other")
        second = self._create_bill(200.0, matter=other)
        bills = self.bill | second
        action = self._as(self.matter, "approver").action_open_write_off()
        window = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(window.line_ids.bill_id, self.bill)
        action = self._as(self.client, "approver").action_open_write_off()
        window = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        self.assertEqual(window.line_ids.bill_id, bills)
        self.assertEqual((window.count, window.total), (2, 1500.0))
        window.write({"reason": "Settlement", "date": DAY})
        window.action_write_off()
        self.assertEqual(bills.mapped("amount_residual"), [0.0, 0.0])

    def test_many_cost_few_queries(self):
        bills = self.env["account.move"].union(
            *(self._create_bill(10.0 + n) for n in range(12))
        )
        counts = []
        for some in (bills[:2], bills[2:4], bills[4:12]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["legal.bill.write.off"].with_user(self.approver)._write_off(
                {bill: bill.amount_residual for bill in some}, "small", DAY, "entry"
            )
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess((counts[2] - counts[1]) / 6, 25, counts)

    # --- taking back

    def test_taken_back_once_with_a_reason(self):
        for treatment in ("credit_note", "entry_relief"):
            row = self._write_off(
                self.bill, amounts={self.bill: 300.0}, treatment=treatment
            )[:1]
            mine = self._as(row, "approver")
            with self.assertRaisesRegex(WriteOffError, "Say why"):
                mine.action_take_back(" ")
            action = mine.action_take_back()
            window = (
                self._as(self.env[action["res_model"]], "approver")
                .with_context(**action["context"])
                .create({"reason": "The client paid after all"})
            )
            window.action_take_back()
            self.assertEqual(row.state, "reversed")
            self.assertEqual(row.reversal_reason, "The client paid after all")
            self.assertEqual(row.move_id.state, "cancel")
            self.assertEqual(self.bill.amount_residual, 1300.0)
            self.assertEqual(self.bill.payment_state, "not_paid")
            self.assertEqual(self.bill.written_off_amount, 0.0)
            with self.assertRaisesRegex(WriteOffError, "taken back before"):
                mine.action_take_back("again")

    def test_in_a_locked_period_it_is_mirrored_today(self):
        rows = self._write_off(self.bill, amounts={self.bill: 300.0})
        rows |= self._write_off(
            self.bill, amounts={self.bill: 200.0}, treatment="entry"
        )
        self.company.fiscalyear_lock_date = date(2026, 11, 15)
        self._as(rows, "approver").action_take_back("Mistake")
        self.assertEqual(set(rows.move_id.mapped("state")), {"posted"})
        self.assertEqual(self.bill.amount_residual, 1300.0)
        mirrors = self.env["account.move"].search(
            [("reversed_entry_id", "in", rows.move_id.ids)]
        )
        self.assertEqual(set(mirrors.mapped("move_type")), {"out_invoice", "entry"})
        self.assertEqual(
            sum(
                mirrors.line_ids.filtered(
                    lambda x: x.account_id == self.receivable
                ).mapped("balance")
            ),
            500.0,
        )
        self.assertFalse(any(mirrors.mapped("amount_residual")))

    # --- refused

    def test_refused(self):
        for role in ("biller", "cashier", "reviewer", "fee_earner"):
            with self.assertRaises(RoleError):
                self._as(self.bill, role).action_open_write_off()
        write_offs = self._as(self.env["legal.bill.write.off"], "approver")
        bill = self._as(self.bill, "approver")
        for vals, message in (
            (({bill: 1300.01}, "x", DAY), "is above its balance"),
            (({bill: 0.0}, "x", DAY), "enter an amount"),
            (({bill: 10.0}, " ", DAY), "Say why"),
            (({bill: 10.0}, "x", date(2026, 9, 1)), "on that day or later"),
        ):
            with self.assertRaisesRegex(WriteOffError, message):
                write_offs._write_off(*vals)
        with self.assertRaises(RoleError):
            self._as(self.env["legal.bill.write.off"], "biller")._write_off(
                {self._as(self.bill, "biller"): 10.0}, "x"
            )
        self.company.fiscalyear_lock_date = date(2026, 11, 15)
        with self.assertRaisesRegex(WriteOffError, "locked period"):
            write_offs._write_off({bill: 10.0}, "x", DAY)

    def test_limit_of_the_approver(self):
        self.approver.legal_approval_limit = 100.0
        write_offs = self._as(self.env["legal.bill.write.off"], "approver")
        bill = self._as(self.bill, "approver")
        with self.assertRaisesRegex(WriteOffError, "over your limit of"):
            write_offs._write_off({bill: 100.01}, "x", DAY)
        write_offs._write_off({bill: 100.0}, "x", DAY)
        self.assertEqual(self.bill.written_off_amount, 100.0)

    def test_no_way_around(self):
        row = self._write_off(self.bill, amounts={self.bill: 300.0})
        mine = self._as(row, "approver")
        with self.assertRaises(ProtectedFieldError):
            mine.write({"amount": 1.0})
        with self.assertRaises(AccessError):
            mine.unlink()
        with self.assertRaises(ProtectedFieldError):
            row.sudo().write({"amount": 1.0})
        for name in ("button_draft", "button_cancel", "_reverse_moves"):
            with self.assertRaisesRegex(WriteOffError, "Take the write-off back"):
                getattr(self._as(row.move_id, "manager"), name)()
        with self.assertRaisesRegex(WriteOffError, "settled this"):
            row.move_id.line_ids.remove_move_reconcile()
        with self.assertRaisesRegex(UndoError, "on it"):
            self._as(self.bill, "approver").action_revert_bills()
