from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...exceptions import (
    ApprovalError,
    BillStageError,
    EntryLockedError,
    ProtectedFieldError,
    RoleError,
    UndoError,
)
from ...tools import INTERNAL
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillingCycle(LegalBillingCommon):
    """WIP → run → draft → approved → reverted, credited, deleted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Smith v Jones")
        cls.time = cls._create_time(cls.matter, 2.0)
        cls.cost = cls._create_disbursement(cls.matter, 100.0)

    # --- drafts

    def test_run_bills_time_and_disbursements(self):
        bill = self._bill(self.matter)
        self.assertEqual(len(bill), 1)
        self.assertEqual(bill.billing_stage, "draft")
        self.assertEqual(bill.amount_untaxed, 700.0)
        self.assertEqual(bill.amount_tax, 120.0)
        self.assertEqual(bill.wip_line_ids, self.time + self.cost)
        self.assertEqual(self.time.billed_amount, 600.0)
        self.assertEqual(self.cost.billed_amount, 100.0)
        self.assertEqual(bill.create_uid, self.biller)
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        data = self.company_data
        self.assertItems(
            bill,
            [
                (data["default_account_revenue"], 0.0, 600.0),
                (data["default_account_revenue"], 0.0, 100.0),
                (
                    self.tax_20.invoice_repartition_line_ids.account_id
                    or data["default_account_revenue"],
                    0.0,
                    120.0,
                ),
                (data["default_account_receivable"], 820.0, 0.0),
            ],
        )
        self.assertEqual(
            bill.invoice_line_ids.mapped("bill_element"),
            ["fees", "disbursement_exempt"],
        )

    def test_later_entries_stay_wip(self):
        later = self._create_time(self.matter, 1.0, date(2026, 11, 2))
        bill = self._bill(self.matter, cutoff_date=date(2026, 12, 31))
        self.assertNotIn(later, bill.wip_line_ids)
        self.assertEqual(self.matter.unbilled_amount, 300.0)

    def test_fee_earner_cannot_run(self):
        with self.assertRaisesRegex(RoleError, "needs the role"):
            self._as(self.env["legal.billing.run"], "fee_earner").action_load()
            self._as(
                self.env["legal.billing.run"], "fee_earner"
            ).action_new_mass_billing()

    def test_editing_an_entry_prices_the_draft_again(self):
        bill = self._bill(self.matter)
        self._as(self.time, "reviewer").write({"bill_quantity": 1.5})
        self.assertEqual(bill.amount_untaxed, 550.0)
        self.assertEqual(self.time.unit_amount, 2.0)
        log = bill.adjustment_ids.filtered(lambda row: row.step == "entry")
        self.assertEqual((log.before_amount, log.after_amount), (600.0, 450.0))
        self.assertEqual(log.user_id, self.reviewer)

    def test_agreed_fee_stays_until_released(self):
        bill = self._bill(self.matter)
        bill.fee_override = 500.0
        self.assertEqual(bill.amount_untaxed, 600.0)
        self._as(self.time, "biller").write({"bill_rate": 400.0})
        self.assertEqual(bill.amount_untaxed, 600.0)
        bill.fee_override = False
        self.assertEqual(bill.amount_untaxed, 900.0)

    def test_agreed_fee_of_nothing_is_an_agreed_fee(self):
        bill = self._bill(self.matter)
        bill.write({"fee_override": 0.0})
        self.assertEqual(bill.amount_untaxed, 100.0)
        self.assertEqual(self.time.billed_amount, 0.0)
        self.assertEqual(self.time.bill_id, bill)

    def test_hold_takes_the_entry_off_the_draft(self):
        bill = self._bill(self.matter)
        self._as(self.cost, "biller").action_hold()
        self.assertFalse(self.cost.bill_id)
        self.assertEqual(bill.amount_untaxed, 600.0)
        self.assertEqual(self.matter.unbilled_amount, 100.0)

    def test_hand_made_line_survives_repricing(self):
        bill = self._bill(self.matter)
        bill.write(
            {
                "invoice_line_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Extra",
                            "price_unit": 10.0,
                            "quantity": 1,
                            "tax_ids": [],
                            "matter_id": self.matter.id,
                        },
                    )
                ]
            }
        )
        self._as(self.time, "biller").write({"bill_quantity": 1.0})
        self.assertEqual(bill.amount_untaxed, 410.0)

    def test_generated_lines_follow_the_entries_only(self):
        bill = self._bill(self.matter)
        fees = bill.invoice_line_ids[0]
        with self.assertRaisesRegex(EntryLockedError, "made from its entries"):
            self._as(fees, "biller").price_unit = 1.0
        with self.assertRaisesRegex(EntryLockedError, "made from its entries"):
            self._as(fees, "biller").unlink()
        with self.assertRaisesRegex(BillStageError, "another currency"):
            bill.currency_id = self.setup_other_currency("EUR")
        self.assertEqual(bill.amount_untaxed, 700.0)

    # --- approving

    def test_approver_posts(self):
        bill = self._bill(self.matter)
        self._approve(bill)
        self.assertEqual(bill.state, "posted")
        self.assertEqual(bill.billing_stage, "production")
        self.assertEqual(bill.approved_by_id, self.approver)

    def test_biller_cannot_approve_even_with_core_button(self):
        bill = self._as(self._bill(self.matter), "biller")
        for action in (bill.action_approve_bills, bill.action_post):
            with self.assertRaisesRegex(RoleError, "needs the role Legal billing"):
                action()
        self.assertEqual(bill.state, "draft")

    def test_approval_limit_is_named(self):
        bill = self._bill(self.matter)
        self.approver.legal_approval_limit = 800.0
        with self.assertRaisesRegex(ApprovalError, "over your limit"):
            self._as(bill, "approver").action_approve_bills()
        self.approver.legal_approval_limit = 820.0
        self._approve(bill)
        self.assertEqual(bill.state, "posted")

    def test_locked_period_is_refused_not_moved(self):
        bill = self._bill(self.matter)
        self.company.sudo().sale_lock_date = date(2026, 11, 15)
        with self.assertRaisesRegex(ApprovalError, "locked period"):
            self._as(bill, "approver").action_approve_bills()
        self.assertEqual(bill.date, date(2026, 10, 31))

    def test_one_blocked_bill_does_not_stop_the_others(self):
        other = self._create_matter(name="Other")
        self._create_time(other, 10.0)
        bills = self._bill(self.matter | other)
        self.approver.legal_approval_limit = 1000.0
        self._approve(bills)
        self.assertEqual(sorted(bills.mapped("state")), ["draft", "posted"])
        run = self.env["legal.billing.run"].search([("operation", "=", "approve")])
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(failed.matter_id, other)
        self.assertIn("over your limit", failed.message)

    # --- locks

    def test_billed_entry_is_locked_and_names_the_bill(self):
        bill = self._approve(self._bill(self.matter))
        for vals in ({"unit_amount": 9.0}, {"bill_rate": 1.0}, {"date": "2026-01-01"}):
            with self.assertRaisesRegex(EntryLockedError, bill.name):
                self._as(self.time, "biller").write(vals)
        with self.assertRaisesRegex(EntryLockedError, bill.name):
            self.time.unlink()

    def test_bill_id_cannot_be_written(self):
        bill = self._bill(self.matter)
        other = self._create_time(self.matter, 1.0)
        with self.assertRaises(ProtectedFieldError):
            self._as(other, "manager").write({"bill_id": bill.id})
        with self.assertRaises(ProtectedFieldError):
            self._as(bill, "manager").write({"produced_on": "2026-10-31 10:00:00"})
        with self.assertRaises(ProtectedFieldError):
            self._as(bill, "manager").with_context(
                legal_billing_internal=INTERNAL
            ).write({"billing_stage": "finalized"})

    # --- undo

    def test_delete_gives_wip_back(self):
        bill = self._bill(self.matter)
        self._as(bill, "biller").action_delete_bills()
        self.assertFalse(bill.exists())
        self.assertFalse((self.time + self.cost).bill_id)
        self.assertEqual(self.matter.unbilled_amount, 700.0)
        self.assertEqual(self._bill(self.matter).amount_untaxed, 700.0)

    def test_revert_keeps_the_number_and_delete_then_cancels(self):
        bill = self._approve(self._bill(self.matter))
        number = bill.name
        self._as(bill, "biller").action_revert_bills()
        self.assertEqual((bill.billing_stage, bill.name), ("draft", number))
        self.assertEqual(self.time.bill_id, bill)
        with self.assertRaisesRegex(UndoError, "cancel instead"):
            bill.unlink()
        self._as(bill, "biller").action_delete_bills()
        self.assertEqual((bill.billing_stage, bill.name), ("cancelled", number))
        self.assertFalse(self.time.bill_id)

    def test_revert_of_a_paid_bill_names_the_payment(self):
        bill = self._approve(self._bill(self.matter))
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        payment = wizard.create({"amount": 100.0})._create_payments()
        with self.assertRaisesRegex(UndoError, "Reverse the payment"):
            self._as(bill, "biller").action_revert_bills()
        with self.assertRaisesRegex(UndoError, payment.move_id.name):
            bill.button_draft()
        with self.assertRaises(UndoError):
            bill.button_cancel()
        self.assertEqual(bill.state, "posted")

    def test_delivered_bill_needs_manager_and_reason(self):
        bill = self._approve(self._bill(self.matter))
        bill._internal().write({"delivered_on": "2026-10-31 12:00:00"})
        with self.assertRaisesRegex(UndoError, "Credit and rebill"):
            self._as(bill, "biller").action_revert_bills("typo")
        with self.assertRaisesRegex(UndoError, "must say why"):
            self._as(bill, "manager").action_revert_bills()
        self._as(bill, "manager").action_revert_bills("wrong address")
        self.assertEqual(bill.state, "draft")
        self.assertFalse(bill.delivered_on)

    def test_credit_and_rebill_frees_wip_once(self):
        bill = self._approve(self._bill(self.matter))
        action = self._as(bill, "approver").action_credit_and_rebill()
        credit_note = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(credit_note.amount_total, 820.0)
        self.assertEqual(credit_note.matter_id, self.matter)
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertFalse(self.time.bill_id)
        again = self._bill(self.matter)
        self.assertEqual(again.wip_line_ids, self.time + self.cost)
        with self.assertRaises(UserError):
            self._as(bill, "approver").action_credit_and_rebill()
        self.assertEqual(again.wip_line_ids, self.time + self.cost)

    def test_full_credit_note_keeps_how_the_bill_goes_out(self):
        template = self.env.ref("legal_billing.mail_template_bill").copy()
        self.matter.write(
            {"bill_email_template_id": template.id, "bill_print_copies": "2"}
        )
        bill = self._approve(self._bill(self.matter))
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertRecordValues(
            bill.reversal_move_ids,
            [{"bill_email_template_id": template.id, "print_copies": "2"}],
        )
        self.assertEqual(bill.reversal_move_ids.recipient_ids, bill.recipient_ids)

    def test_several_bills_are_credited_at_once_or_none(self):
        other = self._create_matter(name="Other")
        entry = self._create_time(other)
        bills = self._approve(self._bill(self.matter)) | self._bill(other)
        draft = bills.filtered(lambda bill: bill.state == "draft")
        with self.assertRaisesRegex(BillStageError, draft.display_name):
            self._as(bills, "approver").action_credit_and_rebill()
        self.assertEqual(self.time.bill_id, bills - draft)
        self._approve(draft)
        with self.assertRaises(RoleError):
            self._as(bills, "biller").action_credit_and_rebill()
        action = self._as(bills, "approver").action_credit_and_rebill()
        credit_notes = self.env["account.move"].search(action["domain"])
        self.assertEqual(credit_notes.reversed_entry_id, bills)
        self.assertEqual(set(bills.mapped("amount_residual")), {0.0})
        self.assertFalse((self.time | self.cost | entry).bill_id)

    def test_several_bills_are_emailed_by_odoos_own_window(self):
        other = self._create_matter(name="Other")
        self._create_time(other)
        bills = self._approve(self._bill(self.matter | other))
        action = self._as(bills, "biller").action_email_bill()
        self.assertEqual(action["res_model"], "account.move.send.batch.wizard")
        self.assertEqual(action["context"]["active_ids"], bills.ids)
        with self.assertRaises(RoleError):
            self._as(bills, "approver").action_email_bill()

    def test_partial_credit_keeps_entries_billed(self):
        bill = self._approve(self._bill(self.matter))
        credit_note = bill._reverse_moves()
        credit_note.invoice_line_ids[0].price_unit = 100.0
        credit_note.invoice_line_ids[1:].unlink()
        credit_note.action_post()
        self.assertEqual(self.time.bill_id, bill)

    def test_wrong_stage_is_named(self):
        bill = self._approve(self._bill(self.matter))
        with self.assertRaisesRegex(BillStageError, "Delete"):
            self._as(bill, "biller").action_delete_bills()
