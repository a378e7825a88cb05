from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import BillStageError, DisputeError, RoleError
from ..payment.payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestBillOptions(PaymentCommon):
    """Options of one bill, or of the matter too; disputes; duplicates; the paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_time(cls.matter, 2.0)
        cls.clerk = cls.env["res.partner"].create(
            {"name": "Clerk", "email": "clerk@client.example"}
        )
        cls.letter = cls.env.ref("legal_billing.action_report_bill_letter")
        cls.term = cls.env.ref("account.account_payment_term_45days")

    def setUp(self):
        super().setUp()
        self.bill = self._bill(self.matter)

    def _open(self, bills, role="biller"):
        action = self._as(bills, role).action_open_options()
        return self._as(self.env[action["res_model"]], role).browse(action["res_id"])

    # --- options

    def test_this_bill_only(self):
        before = self.matter.bill_recipient_ids
        window = self._open(self.bill)
        self.assertEqual(window.recipient_ids, self.bill.recipient_ids)
        window.write(
            {
                "recipient_ids": [(6, 0, self.clerk.ids)],
                "print_copies": "2",
                "bill_report_id": self.letter.id,
                "invoice_payment_term_id": self.term.id,
            }
        )
        window.action_save()
        self.assertRecordValues(
            self.bill,
            [
                {
                    "recipient_ids": self.clerk.ids,
                    "print_copies": "2",
                    "bill_report_id": self.letter.id,
                    "invoice_payment_term_id": self.term.id,
                }
            ],
        )
        self.assertEqual(self.matter.bill_recipient_ids, before)
        self.assertIn("2 copies", self.bill.message_ids[0].body)

    def test_the_matter_too_in_production(self):
        self._approve(self.bill)
        window = self._open(self.bill)
        window.write({"print_copies": "1", "scope": "matter", "recipient_ids": [(5,)]})
        window.action_save()
        self.assertEqual(self.matter.bill_print_copies, "1")
        self.assertFalse(self.matter.bill_recipient_ids | self.bill.recipient_ids)
        note = self.matter.message_ids.filtered(
            lambda m: "taken over from" in str(m.body)
        )
        self.assertIn("1 copy", str(note.body))
        self.assertEqual(note.author_id, self.biller.partner_id)

    def test_several_bills_get_what_was_changed_only(self):
        other = self._create_matter(name="Other", bill_print_copies="1")
        self._create_time(other, 1.0)
        bills = self.bill | self._bill(other)
        window = self._open(bills)
        self.assertFalse(window.print_copies)
        window.bill_report_id = self.letter
        window.action_save()
        self.assertEqual(bills.bill_report_id, self.letter)
        self.assertEqual(bills.mapped("print_copies"), ["0", "1"])

    def test_options_refused(self):
        with self.assertRaisesRegex(BillStageError, "Nothing was changed"):
            self._open(self.bill).action_save()
        for role in ("reviewer", "approver", "cashier"):
            with self.assertRaises(RoleError):
                self._as(self.bill, role).action_open_options()
        self._approve(self.bill)
        window = self._open(self.bill)
        window.invoice_payment_term_id = self.term
        with self.assertRaisesRegex(BillStageError, "terms of an approved bill stay"):
            window.action_save()
        self._as(self.bill, "biller").action_produce_without_sending()
        with self.assertRaisesRegex(BillStageError, "drafts and in production"):
            self._open(self.bill)

    # --- dispute

    def _dispute(self, role="cashier", **vals):
        action = self._as(self.bill, role).action_open_dispute()
        window = self._as(self.env[action["res_model"]], role).browse(action["res_id"])
        window.write({"reason": "Hours of May", "date": DAY, **vals})
        window.action_dispute()

    def test_a_dispute_keeps_payments_off_until_it_ends(self):
        self._approve(self.bill)
        self.assertEqual(self.bill.amount_residual, 720.0)
        self._dispute(extent="part", amount=200.0)
        self.assertRecordValues(
            self.bill,
            [
                {
                    "disputed_amount": 200.0,
                    "dispute_reason": "Hours of May",
                    "disputed_on": DAY,
                    "disputed_by_id": self.cashier.id,
                }
            ],
        )
        payment = self._create_payment(self.bill, 720.0)
        row = payment.allocation_ids.filtered("bill_id")
        self.assertEqual(row.payable_amount, 520.0)
        payment.unlink()
        self._as(self.bill, "biller").action_end_dispute()
        self.assertFalse(self.bill.disputed_amount)
        self.assertIn("Hours of May", self.bill.message_ids[0].body)
        row = self._create_payment(self.bill, 720.0).allocation_ids
        self.assertEqual(row.filtered("bill_id").payable_amount, 720.0)

    def test_the_whole_is_disputed_and_written_off(self):
        self._approve(self.bill)
        self._dispute()
        self.assertEqual(self.bill.disputed_amount, 720.0)
        self.company.legal_write_off_account_id = self.company_data[
            "default_account_expense"
        ]
        self.env["legal.bill.write.off"].with_user(self.approver)._write_off(
            {self._as(self.bill, "approver"): 700.0}, "settled", DAY
        )
        self.assertEqual(self.bill.disputed_amount, 20.0)

    def test_dispute_refused(self):
        with self.assertRaisesRegex(DisputeError, "only approved bills"):
            self._as(self.bill, "biller").action_open_dispute()
        self._approve(self.bill)
        with self.assertRaisesRegex(DisputeError, "Say what"):
            self._dispute(reason=" ")
        with self.assertRaisesRegex(DisputeError, "disputed amount between"):
            self._dispute(extent="part", amount=720.01)
        with self.assertRaisesRegex(DisputeError, "nothing is disputed"):
            self._as(self.bill, "biller").action_end_dispute()
        with self.assertRaises(RoleError):
            self._as(self.bill, "reviewer").action_open_dispute()

    # --- duplicate

    def test_a_bill_of_entries_is_not_duplicated(self):
        with self.assertRaisesRegex(BillStageError, "charge the same work twice"):
            self._as(self.bill, "biller").copy()
        self._approve(self.bill)
        with self.assertRaisesRegex(BillStageError, "Credit and rebill"):
            self._as(self.bill, "manager").copy()
        self._as(self.bill, "approver").action_credit_and_rebill()
        with self.assertRaisesRegex(BillStageError, "Credit and rebill"):
            self._as(self.bill, "manager").copy()

    def test_an_empty_debit_note_charges_nothing_twice(self):
        """As account_debit_note makes it, with the lines and without."""
        self._approve(self.bill)
        bill = self._as(self.bill, "approver")
        with self.assertRaisesRegex(BillStageError, "a debit note is made without"):
            bill.copy({"ref": bill.name})
        note = bill.copy({"ref": bill.name, "line_ids": [Command.clear()]})
        self.assertEqual((note.state, note.amount_total), ("draft", 0.0))
        self.assertFalse(note.wip_line_ids or note.line_ids)
        with self.assertRaisesRegex(BillStageError, "charge the same work twice"):
            bill.copy(
                {"line_ids": [Command.clear(), Command.create({"name": "again"})]}
            )

    def test_a_bill_made_by_hand_is_duplicated(self):
        by_hand = self._create_bill(100.0)
        copy = by_hand.copy()
        self.assertEqual((copy.state, copy.amount_untaxed), ("draft", 100.0))
        self.assertFalse(copy.wip_line_ids)

    # --- the paper beside the form

    def test_paper_is_what_would_be_printed(self):
        for role in ("biller", "reviewer", "approver"):
            html = self._as(self.bill, role).get_paper_html()
            self.assertIn("Draft bill", html)
            self.assertIn("Advice", html)
            self.assertIn("720.00", html)
        self.bill.bill_text = "For the lease"
        self.assertIn("For the lease", self.bill.get_paper_html())
        with self.assertRaises(AccessError):
            self._as(self.bill, "fee_earner").get_paper_html()
