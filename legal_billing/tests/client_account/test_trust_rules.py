from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import (
    CreditError,
    LegalBillingError,
    PaymentError,
    ProtectedFieldError,
    TrustBalanceError,
    TrustBillError,
    TrustError,
)
from ...tools import INTERNAL
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
class TestTrustRules(TrustCommon):
    """What must never happen with client money, tried: T1 to T4."""

    # --- T1: only delivered bills

    def test_t1_draft_bill(self):
        self._book("deposit", 1000.0)
        self._create_time(self.matter)
        draft = self._bill(self.matter)
        with self.assertRefused("not approved|cannot exceed", LegalBillingError):
            self._pay({draft: 360.0}).action_post()
        self.assertHeld(1000.0)

    def test_t1_approved_and_produced_are_not_delivered(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill(delivered=None)
        with self.assertRefused("not delivered to the client yet", TrustBillError):
            self._pay({bill: 360.0}).action_post()
        bill._internal().produced_on = datetime(2026, 11, 1, 9)
        self.assertEqual(bill.billing_stage, "finalized")
        with self.assertRefused("produced is not enough", TrustBillError):
            self._pay({bill: 360.0}).action_post()
        self.assertHeld(1000.0)
        self.assertEqual(bill.amount_residual, 360.0)

    def test_t1_delivered_bill_is_paid(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        payment = self._pay({bill: 360.0})
        payment.action_post()
        movement = payment.trust_transaction_ids
        self.assertEqual(movement.kind, "office_transfer")
        self.assertItems(
            movement.move_id, [(self.liability, 360, 0), (self.payments, 0, 360)]
        )
        receivable = bill.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).account_id
        office = payment.move_id
        self.assertEqual(office.journal_id, self.office_bank)
        self.assertItems(
            office,
            [
                (payment.account_payment_id.outstanding_account_id, 360, 0),
                (receivable, 0, 360),
            ],
        )
        self.assertFalse(office.line_ids.account_id & self.liability)
        self.assertEqual(movement.bill_line_ids.bill_id, bill)
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertHeld(640.0)

    def test_t1_date_before_delivery(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill(delivered=date(2026, 11, 8))
        with self.assertRefused("delivered on 11/08/2026, after", TrustBillError):
            self._pay({bill: 360.0}, date(2026, 11, 7)).action_post()
        self._pay({bill: 360.0}, date(2026, 11, 8)).action_post()

    def test_t1_delivery_cannot_be_written_or_defaulted(self):
        bill = self._make_bill(delivered=None)
        for role in ("client_account_officer", "biller", "manager"):
            with (
                self.subTest(role),
                self.assertRefused("set by the billing actions|not allowed"),
            ):
                self._as(bill, role).with_context(
                    legal_billing_internal=INTERNAL
                ).write({"delivered_on": datetime(2026, 11, 1)})
        with self.assertRaises(ProtectedFieldError):
            self._as(self.env["account.move"], "biller").with_context(
                default_delivered_on="2026-11-01 10:00:00"
            ).create({"move_type": "out_invoice", "partner_id": self.client.id})

    def test_t1_database_refuses_undelivered_bill(self):
        self._book("deposit", 1000.0)
        paid, undelivered = self._make_bill(), self._make_bill(delivered=None)
        payment = self._pay({paid: 360.0})
        payment.action_post()
        self.assertSqlRefused(
            "INSERT INTO legal_trust_bill (transaction_id, bill_id, amount) "
            "VALUES (%s, %s, 10)",
            "was not delivered",
            payment.trust_transaction_ids.id,
            undelivered.id,
        )
        self.assertSqlRefused(
            "UPDATE legal_trust_bill SET bill_id = %s WHERE bill_id = %s",
            "was not delivered|stays on its transfer",
            undelivered.id,
            paid.id,
        )

    # --- T2: never below zero

    def test_t2_more_than_the_matter_holds_though_the_bank_has_it(self):
        self._book("deposit", 100.0)
        self._book("deposit", 5000.0, matter_id=self.matter_b.id)
        with self.assertRefused(
            r"holds \$\s100\.00.*\$\s100\.01 cannot be taken", TrustBalanceError
        ):
            self._book("refund", 100.01)
        bill = self._make_bill()
        with self.assertRefused("cannot be taken", TrustBalanceError):
            self._pay({bill: 360.0}).action_post()
        self.assertEqual(bill.amount_residual, 360.0)
        self.assertHeld(100.0)

    def test_t2_dated_back_before_what_was_spent_later(self):
        self._book("deposit", 2000.0, date(2026, 11, 1))
        self._book("refund", 1500.0, date(2026, 11, 20))
        bill = self._make_bill(hours=2)
        with self.assertRefused("cannot be taken", TrustBalanceError):
            self._pay({bill: 500.01}, date(2026, 11, 5)).action_post()
        self._pay({bill: 500.0}, date(2026, 11, 5)).action_post()
        self.assertHeld(0.0)

    def test_t2_dated_before_the_deposit(self):
        self._book("deposit", 2000.0, date(2026, 11, 10))
        with self.assertRefused("available on 11/09/2026", TrustBalanceError):
            self._book("refund", 1.0, date(2026, 11, 9))
        self._book("refund", 1.0, date(2026, 11, 10))

    def test_t2_money_in_between_does_not_help_earlier_days(self):
        self._book("deposit", 100.0, date(2026, 11, 1))
        self._book("refund", 100.0, date(2026, 11, 5))
        self._book("deposit", 100.0, date(2026, 11, 10))
        with self.assertRefused("available on 11/03/2026", TrustBalanceError):
            self._book("refund", 50.0, date(2026, 11, 3))

    def test_t2_one_account_does_not_lend_to_another(self):
        second = self.env["account.journal"].create(
            {
                "name": "Client deposit account",
                "type": "bank",
                "code": "CLD",
                "company_id": self.company.id,
                "is_client_account": True,
            }
        )
        self._book("deposit", 100.0)
        self._book("deposit", 100.0, journal_id=second.id)
        with self.assertRefused(r"in Client bank; \$\s150", TrustBalanceError):
            self._book("refund", 150.0)
        self.assertEqual(self.matter.client_account_balance, 200.0)

    def test_t2_several_at_once_take_it_once(self):
        self._book("deposit", 100.0)
        two = self._move("refund", 60.0) | self._move("refund", 60.0)
        with self.assertRefused(r"\$\s120\.00 cannot be taken", TrustBalanceError):
            two.action_post()
        self.assertEqual(two.mapped("state"), ["draft", "draft"])

    def test_t2_several_at_once_do_not_use_uncleared_money(self):
        self._book("deposit", 100.0)
        self._book("deposit", 100.0, is_uncleared=True)
        two = self._move("refund", 80.0, date(2026, 11, 10))
        two |= self._move("refund", 80.0, date(2026, 11, 11))
        with self.assertRefused(r"more than the \$\s20\.00 of", TrustBalanceError):
            two.action_post()
        self.assertEqual(two.mapped("state"), ["draft", "draft"])
        self.assertHeld(200.0)
        two[0].action_post()
        self.assertHeld(120.0)

    def test_t2_several_at_once_leave_what_is_retained(self):
        self._book("deposit", 200.0)
        self._as(self.matter, "client_account_officer").action_retain_client_money(100)
        two = self._move("refund", 80.0, date(2026, 11, 10))
        two |= self._move("refund", 80.0, date(2026, 11, 11))
        with self.assertRefused(r"\$\s100\.00 retained", TrustBalanceError):
            two.action_post()
        self.assertHeld(200.0)

    def test_t2_what_is_retained_stays_in_two_accounts_together(self):
        bank = self.client_bank.create(
            {
                "name": "Client bank 2",
                "type": "bank",
                "code": "CL2",
                "company_id": self.company.id,
                "is_client_account": True,
            }
        )
        self._book("deposit", 100.0)
        self._book("deposit", 100.0, journal_id=bank.id)
        self._as(self.matter, "client_account_officer").action_retain_client_money(100)
        two = self._move("refund", 100.0, date(2026, 11, 10))
        two |= self._move("refund", 100.0, date(2026, 11, 10), journal_id=bank.id)
        with self.assertRefused(r"\$\s100\.00 retained", TrustBalanceError):
            two.action_post()
        two[0].action_post()
        self.assertHeld(100.0)

    def test_t2_a_refund_without_a_clearing_day_counts(self):
        self._book("deposit", 200.0)
        self._as(self.matter, "client_account_officer").action_retain_client_money(100)
        refund = self._book("refund", 100.0, date(2026, 11, 10), cleared_on=False)
        self.assertEqual(refund.line_ids.cleared_on, date(2026, 11, 10))
        self.assertEqual(self.matter.client_account_available, 0.0)
        with self.assertRefused(r"more than the \$\s0\.00 of", TrustBalanceError):
            self._book("refund", 100.0, date(2026, 11, 11))
        self.assertHeld(100.0)

    def test_t2_database_refuses(self):
        deposit = self._book("deposit", 100.0)
        row = self.matter.trust_balance_ids
        self.assertSqlRefused(
            "UPDATE legal_trust_balance SET balance = -1 WHERE id = %s",
            "legal_trust_balance_balance_not_negative",
            row.id,
        )
        self.assertSqlRefused(
            "UPDATE legal_trust_balance SET balance = balance + 5 WHERE id = %s",
            "its ledger says",
            row.id,
        )
        line = deposit.line_ids
        insert = (
            "INSERT INTO legal_trust_line (transaction_id, matter_id, journal_id, "
            "company_id, currency_id, date, amount) SELECT transaction_id, matter_id, "
            "journal_id, company_id, currency_id, %s, %s FROM legal_trust_line "
            "WHERE id = %s"
        )
        self.assertSqlRefused(insert, "its ledger says", "2026-11-02", -10, line.id)
        self.assertSqlRefused(
            "UPDATE legal_trust_balance SET balance = 90 WHERE id = %s; " + insert,
            "would be -10",
            row.id,
            "2026-10-02",
            -10,
            line.id,
        )

    # --- T3: same matter

    def test_t3_another_matters_bill(self):
        self._book("deposit", 1000.0)
        for matter in (self.matter_b, self.matter_other):
            bill = self._make_bill(matter)
            with self.subTest(matter.name), self.assertRaises(LegalBillingError):
                self._pay({bill: 360.0}, matter_id=self.matter.id).action_post()
            with self.assertRefused(r"holds \$\s0\.00", TrustBalanceError):
                self._pay({bill: 360.0}).action_post()
        self.assertHeld(1000.0)

    def test_t3_bills_of_two_matters_on_one_payment(self):
        self._book("deposit", 1000.0)
        bills = {self._make_bill(): 360.0, self._make_bill(self.matter_b): 360.0}
        with self.assertRefused("bills of one matter only", CreditError):
            self._pay(bills).action_post()
        payment = self._pay(bills)
        with self.assertRefused("never pays another", TrustBillError):
            self.env["legal.trust.transaction"]._transfer_to_office(payment.sudo())

    def test_t3_items_of_two_matters_are_not_matched(self):
        self._book("deposit", 1000.0)
        bill_b = self._make_bill(self.matter_b)
        bill = self._make_bill()
        payment = self._pay({bill: 360.0})
        payment.action_post()
        item = payment.move_id.line_ids.filtered(lambda line: line.credit)
        with self.assertRaises(LegalBillingError):
            item.sudo().remove_move_reconcile()
        with self.assertRaises(UserError):
            bill_b.sudo().js_assign_outstanding_line(item.id)
        self.assertEqual(bill_b.amount_residual, 360.0)

    def test_t3_third_party_bill_asks_for_authority(self):
        insurer = self.env["res.partner"].create({"name": "Insurer"})
        self.matter.billing_partner_id = insurer
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        self.assertEqual(bill.partner_id, insurer)
        refused = self._pay({bill: 360.0})
        self.assertTrue(refused.has_third_party_bill)
        with self.assertRefused("addressed to Insurer", TrustBillError):
            refused.action_post()
        refused.unlink()
        payment = self._pay(
            {bill: 360.0}, client_authorisation="Client by letter of 2 Nov 2026"
        )
        payment.action_post()
        self.assertEqual(
            payment.trust_transaction_ids.authorisation,
            "Client by letter of 2 Nov 2026",
        )

    def test_t3_authority_is_asked_for_in_the_form(self):
        self.matter_b.billing_partner_id = self.env["res.partner"].create(
            {"name": "Insurer"}
        )
        self._book("deposit", 1000.0)
        self._book("deposit", 1000.0, matter_id=self.matter_b.id)
        own, other = self._make_bill(), self._make_bill(self.matter_b)
        self.assertFalse(self._pay({own: 360.0}).has_third_party_bill)
        payment = self._pay({other: 360.0})
        with Form(payment) as form:
            form.client_authorisation = "Client by telephone, 3 Nov 2026"
        payment.action_post()
        self.assertEqual(other.amount_residual, 0.0)

    # --- T4: not above the bill

    def test_t4_above_the_bill(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        with self.assertRaises(LegalBillingError):
            self._pay({bill: 360.01}).action_post()
        with self.assertRaises(LegalBillingError):
            self._pay({bill: 360.0}, amount=400.0).action_post()
        self._pay({bill: 100.0}).action_post()
        with self.assertRaises(LegalBillingError):
            self._pay({bill: 260.01}).action_post()
        self._pay({bill: 260.0}).action_post()
        self.assertHeld(640.0)
        self.assertEqual(bill.amount_residual, 0.0)

    def test_t4_disputed_part_stays(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        bill.disputed_amount = 100.0
        with self.assertRefused("260", LegalBillingError):
            self._pay({bill: 260.01}).action_post()
        self._pay({bill: 260.0}).action_post()

    def test_t4_no_credit_row_and_no_write_off(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        payment = self._pay({bill: 360.0})
        payment.write(
            {
                "amount": 400.0,
                "allocation_ids": [
                    Command.create({"matter_id": self.matter.id, "amount": 40.0})
                ],
            }
        )
        with self.assertRaises(LegalBillingError):
            payment.action_post()
        with self.assertRefused("client money pays bills only", TrustError):
            self.env["legal.trust.transaction"]._transfer_to_office(payment.sudo())

    def test_t4_nothing_is_written_off_without_money_either(self):
        self._book("deposit", 500.0)
        bill = self._make_bill()
        vals = {"kind": "write_off", "bill_id": bill.id, "amount": 360, "reason": "x"}
        payment = self._pay({bill: 0})
        payment.allocation_ids = [Command.create(vals)]
        payment.action_keep_amounts()
        with self.assertRefused("client money pays bills only", PaymentError):
            payment.action_post()
        payment = self._pay({bill: 350})
        payment.allocation_ids = [Command.create(vals | {"amount": 10})]
        with self.assertRefused("client money pays bills only", PaymentError):
            payment.action_post()
        self.assertEqual(bill.amount_residual, 360.0)
        self.assertHeld(500.0)
