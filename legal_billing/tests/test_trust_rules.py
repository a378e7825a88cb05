from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..exceptions import (
    CreditError,
    LegalBillingError,
    PaymentError,
    ProtectedFieldError,
    RoleError,
    TrustApprovalError,
    TrustBalanceError,
    TrustBillError,
    TrustError,
    TrustLockedError,
    UndoError,
)
from ..tools import INTERNAL
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
class TestTrustRules(TrustCommon):
    """What must never happen with client money, tried: T1 to T9."""

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

    # --- T5: not income, not the office bank, not against receivables

    def test_t5_office_bank_is_refused(self):
        with self.assertRefused("is not a client account", TrustError):
            self._book("deposit", 100.0, journal_id=self.office_bank.id)

    def test_t5_client_account_cannot_be_an_office_bank(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        with self.assertRaises(LegalBillingError):
            self._pay({bill: 360.0}, journal_id=self.client_bank.id).action_post()
        with self.assertRaises(LegalBillingError):
            self._pay(
                {bill: 360.0}, client_journal_id=self.office_bank.id
            ).action_post()

    def test_t5_entries_in_the_client_account_by_hand(self):
        income = self.company_data["default_account_revenue"]
        receivable = self.company_data["default_account_receivable"]
        for account in (income, receivable, self.liability):
            with self.subTest(account.name), self.assertRaises(TrustError):
                self._entry(self.client_bank, self.receipts, account)._post()
        office = self.company.transfer_account_id
        with self.assertRefused("it takes deposits", TrustError):
            self._entry(self.client_bank, self.receipts, office)._post()

    def test_t5_client_accounts_from_another_journal(self):
        general = self.company_data["default_journal_misc"]
        bank = self.client_bank.default_account_id
        for account in (self.receipts, self.payments, bank):
            with (
                self.subTest(account.name),
                self.assertRefused("belongs to a client account", TrustError),
            ):
                self._entry(general, account, self.company.transfer_account_id)

    def test_t5_liability_by_hand_with_and_without_matter(self):
        general = self.company_data["default_journal_misc"]
        income = self.company_data["default_account_revenue"]
        for matter in (False, self.matter.id):
            with (
                self.subTest(matter),
                self.assertRefused("is client money", TrustError),
            ):
                self._entry(general, income, self.liability, matter_id=matter)
        entry = self._entry(general, income, self.company.transfer_account_id)
        with self.assertRefused("is client money", TrustError):
            entry.line_ids[0].account_id = self.liability

    def test_t5_register_payment_in_the_client_account(self):
        bill = self._make_bill()
        with self.assertRaises(LegalBillingError):
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=bill.ids
            ).create({"journal_id": self.client_bank.id})._create_payments()
        self.assertEqual(bill.amount_residual, 360.0)

    def test_t5_statement_line_is_not_income_nor_a_bill(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.client_bank.id,
                "date": date(2026, 11, 2),
                "payment_ref": "Client",
                "amount": 100.0,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        for account in (
            self.company_data["default_account_revenue"],
            self.company_data["default_account_receivable"],
            self.liability,
        ):
            with self.subTest(account.name), self.assertRaises(TrustError):
                suspense.account_id = account

    def test_t5_liability_never_reconciled(self):
        with self.assertRefused("not reconciled", ValidationError):
            self.liability.reconcile = True
        with self.assertRefused("holds client money", ValidationError):
            self.liability.account_type = "income"
        deposit, refund = self._book("deposit", 100.0), self._book("refund", 50.0)
        items = (deposit | refund).move_id.line_ids.filtered(
            lambda item: item.account_id == self.liability
        )
        with self.assertRaises(UserError):
            items.reconcile()
        with self.assertRefused("never set off", TrustError):
            self.env["account.partial.reconcile"].create(
                {
                    "debit_move_id": items.filtered("debit").id,
                    "credit_move_id": items.filtered("credit").id,
                    "amount": 50.0,
                    "debit_amount_currency": 50.0,
                    "credit_amount_currency": 50.0,
                }
            )

    def test_t5_flag_stays_once_used(self):
        self._book("deposit", 100.0)
        with self.assertRefused("has entries already", TrustError):
            self.client_bank.is_client_account = False
        cash = self.company_data["default_journal_cash"]
        with (
            mute_logger("odoo.sql_db"),
            self.assertRefused("client_account_is_bank", IntegrityError),
        ):
            cash.is_client_account = True
            self.env.flush_all()

    def test_t5_client_account_has_own_outstanding_accounts(self):
        office = (
            self.office_bank.inbound_payment_method_line_ids
            | self.office_bank.outbound_payment_method_line_ids
        ).payment_account_id
        self.assertFalse(office & (self.receipts | self.payments))

    def _entry(self, journal, debit, credit, **vals):
        return self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "date": date(2026, 11, 2),
                "line_ids": [
                    Command.create({"account_id": debit.id, "debit": 100.0}),
                    Command.create({"account_id": credit.id, "credit": 100.0, **vals}),
                ],
            }
        )

    # --- T6: no edit, no delete

    def test_t6_movement_by_each_role(self):
        movement = self._book("deposit", 100.0)
        changes = (
            {"amount": 200.0},
            {"date": date(2026, 11, 5)},
            {"matter_id": self.matter_b.id},
            {"kind": "refund"},
            {"memo": "other"},
            {"cleared_on": date(2026, 10, 1)},
        )
        for role in ("client_account_officer", "manager"):
            mine = self._as(movement, role).with_context(
                legal_billing_internal=INTERNAL
            )
            for vals in changes:
                with (
                    self.subTest(role=role, vals=vals),
                    self.assertRefused("never changed or deleted", TrustLockedError),
                ):
                    mine.write(vals)
            with self.assertRefused("Status|State", ProtectedFieldError):
                mine.write({"state": "draft"})
            with self.assertRefused("Reverse it", TrustLockedError):
                mine.unlink()
        for role in ("fee_earner", "reviewer", "biller", "approver", "cashier"):
            with (
                self.subTest(role),
                self.assertRefused("not allowed|never changed|top-secret"),
            ):
                self._as(movement, role).write({"memo": "x"})
        with self.assertRaises(TrustLockedError):
            movement.sudo().unlink()

    def test_t6_ledger_and_balance_by_hand(self):
        movement = self._book("deposit", 100.0)
        line, row = movement.line_ids, self.matter.trust_balance_ids
        for records, vals in (
            (line, {"amount": 500.0}),
            (row, {"balance": 500.0}),
        ):
            for role in ("client_account_officer", "manager"):
                with (
                    self.subTest(role),
                    self.assertRefused("not by hand|are not entered"),
                ):
                    self._as(records, role).write(vals)
            with self.assertRaises(TrustLockedError):
                records.sudo().write(vals)
            with self.assertRaises(TrustLockedError):
                records.sudo().unlink()
            with self.assertRaises(TrustLockedError):
                records.sudo().copy()

    def test_t6_entry_by_core_ways(self):
        move = self._book("deposit", 100.0).move_id
        attempts = {
            "draft": lambda m: m.button_draft(),
            "cancel": lambda m: m.button_cancel(),
            "delete": lambda m: m.unlink(),
            "force": lambda m: m.with_context(force_delete=True).unlink(),
            "date": lambda m: m.write({"date": date(2026, 11, 9)}),
            "ref": lambda m: m.write({"ref": "x"}),
            "name": lambda m: m.write({"name": "X/1"}),
            "state": lambda m: m.write({"state": "draft"}),
            "reverse": lambda m: m._reverse_moves(),
            "items": lambda m: m.line_ids.write({"balance": 0}),
            "matter": lambda m: m.line_ids.write({"matter_id": self.matter_b.id}),
            "items deleted": lambda m: m.line_ids.unlink(),
            "item added": lambda m: m.env["account.move.line"].create(
                {"move_id": m.id, "account_id": self.receipts.id, "debit": 0}
            ),
        }
        for user in (self.env.user, self.manager, self.client_account_officer):
            for name, attempt in attempts.items():
                with (
                    self.subTest(user=user.login, attempt=name),
                    self.assertRefused("never changed, cancelled|not allowed"),
                ):
                    attempt(move.with_user(user))
        with self.assertRefused("Reverse CM/", TrustLockedError):
            move.button_draft()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        with self.assertRaises(TrustLockedError):
            wizard.create({"journal_id": self.client_bank.id}).reverse_moves()

    def test_t6_database_refuses(self):
        movement = self._book("deposit", 100.0)
        move, line = movement.move_id, movement.line_ids
        item = move.line_ids[0]
        for query, message, record in (
            ("UPDATE legal_trust_transaction SET amount = 1", "reverse it", movement),
            (
                "UPDATE legal_trust_transaction SET state = 'draft'",
                "reverse it",
                movement,
            ),
            ("DELETE FROM legal_trust_transaction", "reverse it", movement),
            ("UPDATE legal_trust_line SET amount = 1", "stays as it is", line),
            ("UPDATE legal_trust_line SET date = '2026-01-01'", "stays as it is", line),
            ("DELETE FROM legal_trust_line", "stays as it is", line),
            ("UPDATE account_move SET state = 'draft'", "stays posted", move),
            ("UPDATE account_move SET date = '2026-01-01'", "stays posted", move),
            ("DELETE FROM account_move", "stays posted|stays; reverse", move),
            ("UPDATE account_move_line SET balance = 1", "stays; reverse", item),
            ("UPDATE account_move_line SET matter_id = NULL", "stays; reverse", item),
            ("DELETE FROM account_move_line", "stays; reverse", item),
        ):
            with self.subTest(query):
                self.assertSqlRefused(query + " WHERE id = %s", message, record.id)

    def test_t6_draft_may_be_deleted(self):
        draft = self._move("deposit", 100.0)
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_t6_kind_and_links_cannot_be_forged(self):
        for vals in (
            {"kind": "office_transfer"},
            {"state": "posted"},
            {"name": "CM/1"},
            {"reversed_id": self._book("deposit", 5.0).id},
        ):
            with self.subTest(vals), self.assertRaises(ProtectedFieldError):
                self._move(vals.get("kind", "deposit"), 1.0, **vals) if (
                    "kind" not in vals
                ) else self._move("office_transfer", 1.0)
        with self.assertRaises(ProtectedFieldError):
            self._as(self.env["legal.trust.transaction"], "manager").with_context(
                default_kind="office_transfer"
            ).create({"matter_id": self.matter.id, "amount": 1.0})

    # --- T7: no revert, delete or renumber of a bill with client money on it

    def test_t7_bill_with_client_money(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        payment = self._pay({bill: 100.0})
        payment.action_post()
        manager = self._as(bill, "manager").with_context(legal_billing_reason="why")
        attempts = {
            "revert": lambda: manager.action_revert_bills(reason="why"),
            "draft": lambda: manager.button_draft(),
            "credit": lambda: manager.action_credit_and_rebill(),
            "delete": lambda: manager.unlink(),
            "renumber": lambda: manager.write({"name": "INV/2026/99999"}),
        }
        for name, attempt in attempts.items():
            with (
                self.subTest(name),
                self.assertRefused(
                    "Reverse the payment|instead of deleting|not written directly"
                ),
            ):
                attempt()
        with self.assertRefused("not written directly", ProtectedFieldError):
            manager.write({"name": "INV/2026/99999"})
        with self.assertRefused("keeps its number", UndoError):
            manager.sudo().write({"name": "INV/2026/99999"})
        with self.assertRefused("Reverse the payment", UndoError):
            manager.button_draft()
        self.assertEqual(bill.state, "posted")

    def test_t7_after_the_payment_is_reversed(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        payment = self._pay({bill: 360.0})
        payment.action_post()
        with self.assertRefused("reverse its payment", TrustLockedError):
            self._as(
                payment.trust_transaction_ids, "client_account_officer"
            ).action_reverse("directly")
        self._as(payment, "manager").action_reverse("Wrong bill")
        movement = payment.trust_transaction_ids.filtered(lambda m: not m.reversed_id)
        self.assertEqual(movement.state, "reversed")
        self.assertItems(
            movement.reversal_ids.move_id,
            [(self.liability, 0, 360), (self.payments, 360, 0)],
        )
        self.assertHeld(1000.0)
        self.assertEqual(bill.amount_residual, 360.0)
        self._as(bill, "manager").action_revert_bills(reason="Wrong address")
        self.assertEqual(bill.state, "draft")

    # --- T8: one currency, one company

    def test_t8_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro_bank = self.env["account.journal"].create(
            {
                "name": "Client EUR",
                "type": "bank",
                "code": "CLE",
                "company_id": self.company.id,
                "currency_id": euro.id,
                "is_client_account": True,
            }
        )
        self._book("deposit", 100.0)
        with self.assertRefused("one ledger has one currency", TrustError):
            self._book("deposit", 100.0, journal_id=euro_bank.id)
        self._book(
            "deposit", 100.0, journal_id=euro_bank.id, matter_id=self.matter_b.id
        )
        with self.assertRefused("one currency", TrustError):
            self._book("matter_transfer", 10.0, to_matter_id=self.matter_b.id)
        bill = self._make_bill(self.matter_b)
        with self.assertRefused("in EUR and pays bills in it only", TrustError):
            self._pay({bill: 50.0}, client_journal_id=euro_bank.id).action_post()

    def test_t8_company(self):
        other = self.env["res.company"].sudo().create({"name": "Other office"})
        foreign = (
            self.env["project.project"]
            .sudo()
            .create({"name": "Foreign", "is_matter": True, "company_id": other.id})
        )
        self._book("deposit", 100.0)
        with self.assertRefused(
            "top-secret|not of one company|[Ii]ncompatible companies"
        ):
            self._book("matter_transfer", 10.0, to_matter_id=foreign.id)
        with self.assertRefused(
            "top-secret|not of one company|[Ii]ncompatible companies"
        ):
            self._book("deposit", 10.0, matter_id=foreign.id)
        with self.assertRefused("stays with its matter and its company"):
            self.matter.sudo().company_id = other

    # --- T9: credits are not client money

    def test_t9_accounts_differ(self):
        credits = self.company._get_legal_unallocated_account()
        with self.assertRefused("cannot hold both client money and unallocated"):
            self.company.legal_unallocated_account_id = self.liability
        self.assertNotEqual(credits, self.liability)
        self._book("deposit", 100.0)
        with self.assertRefused("cannot move to another account", TrustError):
            self.company.legal_trust_account_id = credits

    def test_t9_before_use_too(self):
        credits = self.company._get_legal_unallocated_account()
        with self.assertRaises(ValidationError):
            self.company.legal_trust_account_id = credits

    def test_t9_balances_are_apart(self):
        self._book("deposit", 100.0)
        self.assertEqual(self.matter.client_account_balance, 100.0)
        self.assertEqual(self.matter.unallocated_credit_balance, 0.0)

    # --- roles and two people on the transfer to office

    def test_transfer_is_for_officers(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        with self.assertRefused("Client-account officer", RoleError):
            self._pay({bill: 360.0}, user=self.cashier).action_post()
        for user in (self.biller, self.approver, self.fee_earner):
            with (
                self.subTest(user.login),
                self.assertRefused("needs the role|not allow"),
            ):
                self._pay({bill: 360.0}, user=user).action_post()
        self.assertHeld(1000.0)

    def test_transfer_by_two_people(self):
        self.company.legal_trust_dual_approval = True
        self._book_by_two("deposit", 1000.0)
        bill = self._make_bill()
        payment = self._pay({bill: 360.0})
        with self.assertRefused("needs two people", TrustApprovalError):
            payment.action_post()
        second = payment.with_user(self.second_officer)
        second.memo = "Checked"
        second.action_post()
        self.assertHeld(640.0)

    def test_second_person_who_changes_amounts_becomes_the_first(self):
        self.company.legal_trust_dual_approval = True
        self._book_by_two("deposit", 1000.0)
        bill = self._make_bill()
        payment = self._pay({bill: 360.0})
        second = payment.with_user(self.second_officer)
        second.allocation_ids.amount = 300.0
        second.amount = 300.0
        with self.assertRefused("needs two people", TrustApprovalError):
            second.action_post()
        payment.action_post()
        self.assertHeld(700.0)

    def _book_by_two(self, *args):
        self._move(*args).with_user(self.second_officer).action_post()

    # --- client and matter

    def test_client_stays_while_money_is_held(self):
        self._book("deposit", 100.0)
        with self.assertRefused("holds client money", LegalBillingError):
            self.matter.partner_id = self.other_client
        with self.assertRaises(UserError):
            self.matter.unlink()
