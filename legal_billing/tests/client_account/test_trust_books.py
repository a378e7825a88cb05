from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...exceptions import (
    LegalBillingError,
    ProtectedFieldError,
    RoleError,
    TrustApprovalError,
    TrustError,
    TrustLockedError,
    UndoError,
)
from ...tools import INTERNAL
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
class TestTrustBooks(TrustCommon):
    """What must never happen with client money, tried: T5 to T9."""

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
                self.assertRefused(
                    "may not do this|not allowed|never changed|top-secret"
                ),
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
                    self.assertRefused(
                        "never changed, cancelled|not allowed|may not do this"
                    ),
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
