import runpy
from contextlib import contextmanager
from datetime import date

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import file_path, mute_logger

from ...exceptions import (
    CreditError,
    PaymentError,
    PaymentGuardError,
    ProtectedFieldError,
    ReversalError,
    RoleError,
)
from .payment_common import DAY, PaymentCommon


class CreditWallCommon(PaymentCommon):
    """Two matters of two clients, and short ways to book around the slips."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_client = cls.env["res.partner"].create({"name": "Other Ltd"})
        cls.other = cls._create_matter(name="Divorce", partner_id=cls.other_client.id)
        cls.bill = cls._create_bill({"fees": 500})
        cls.other_bill = cls._create_bill({"fees": 300}, cls.other)
        cls.misc = cls.company_data["default_journal_misc"]
        cls.expense = cls.company_data["default_account_expense"]
        cls.clearing = cls.env["account.account"].create(
            {
                "name": "Clearing",
                "code": "199100",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        cls.accountant = new_test_user(
            cls.env,
            "legal_plain_accountant",
            "base.group_user,account.group_account_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _entry(self, items, user=None, day=DAY, ref="By hand", post=True):
        """A posted entry of ``(account, matter, debit, credit)``."""
        entry = (
            self.env["account.move"]
            .with_user(user or self.env.user)
            .create(
                {
                    "journal_id": self.misc.id,
                    "date": day,
                    "ref": ref,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "matter_id": matter and matter.id,
                                "partner_id": self.client.id,
                                "debit": debit,
                                "credit": credit,
                            }
                        )
                        for account, matter, debit, credit in items
                    ],
                }
            )
        )
        if post:
            entry.action_post()
        return entry

    def _item(self, move, account=None):
        return move.line_ids.filtered(
            lambda line: line.account_id == (account or self.receivable)
        )

    def _credit_item(self, slip):
        return self._item(slip.move_id, self.credit_account)

    def _register(self, bills, user, **vals):
        return (
            self.env["account.payment.register"]
            .with_user(user)
            .with_context(active_model="account.move", active_ids=bills.ids)
            .create({"payment_date": DAY, **vals})
            ._create_payments()
        )

    def _statement_line(self, amount, items):
        """A bank line whose other items are as the bank's widget makes them."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": DAY,
                "payment_ref": "transfer",
                "amount": amount,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        line.move_id.with_context(
            skip_account_move_synchronization=True,
            force_delete=True,
            skip_invoice_sync=True,
            skip_readonly_check=True,
        ).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.client.id,
                                "debit": debit,
                                "credit": credit,
                            }
                        )
                        for account, debit, credit in items
                    ),
                ]
            }
        )
        return line.move_id

    @contextmanager
    def assertRaisesRegex(self, error, regex):
        """Over the network, what is refused is rolled back."""
        with (
            super().assertRaisesRegex(error, regex) as caught,
            self.env.cr.savepoint(),
        ):
            yield caught

    @contextmanager
    def assertNothingMoves(self):
        def look():
            self.env.invalidate_all()
            return (
                (self.bill + self.other_bill).mapped("amount_residual"),
                (self.matter + self.other).mapped("unallocated_credit_balance"),
            )

        before = look()
        yield
        self.assertEqual(look(), before)


@tagged("post_install", "-at_install")
class TestPaymentSettlers(CreditWallCommon):
    """Bills are settled by cashiers, whichever window it is done in."""

    def test_odoos_pay_is_the_cashiers(self):
        for role in ("biller", "approver", "client_account_officer"):
            with (
                self.subTest(role),
                self.assertNothingMoves(),
                self.assertRaisesRegex(RoleError, f"{self.bill.name}.*cashiers"),
            ):
                self._register(self.bill, getattr(self, role), amount=100)
        self._register(self.bill, self.cashier, amount=100)
        self.assertEqual(self.bill.amount_residual, 400.0)
        self._register(self.bill, self.accountant, amount=50)
        self.assertEqual(self.bill.amount_residual, 350.0)

    def test_an_invoice_without_a_matter_is_paid_as_ever(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create({"name": "Desk", "price_unit": 80, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        payment = self._register(invoice, self.biller)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertFalse(payment.move_id.line_ids.matter_id)

    def test_an_entry_settles_no_bill_without_the_role(self):
        entry = self._entry(
            [(self.expense, None, 40, 0), (self.receivable, None, 0, 40)]
        )
        items = self._item(entry) + self._item(self.bill)
        for role in ("biller", "approver", "client_account_officer"):
            with (
                self.subTest(role),
                self.assertNothingMoves(),
                self.assertRaisesRegex(RoleError, self.bill.name),
            ):
                items.with_user(getattr(self, role)).reconcile()
            with self.subTest(role), self.assertRaisesRegex(RoleError, "cashiers"):
                self.bill.with_user(getattr(self, role)).js_assign_outstanding_line(
                    self._item(entry).id
                )
        items.with_user(self.cashier).reconcile()
        self.assertEqual(self.bill.amount_residual, 460.0)

    def test_superuser_mode_is_no_role(self):
        entry = self._entry(
            [(self.expense, None, 40, 0), (self.receivable, None, 0, 40)]
        )
        items = self._item(entry) + self._item(self.bill)
        with self.assertNothingMoves(), self.assertRaises(RoleError):
            items.with_user(self.biller).sudo().reconcile()

    def test_what_settled_a_bill_is_taken_back_by_cashiers(self):
        self._register(self.bill, self.cashier, amount=100)
        partial = self._item(self.bill).matched_credit_ids
        with self.assertNothingMoves(), self.assertRaisesRegex(RoleError, "take back"):
            self.bill.with_user(self.biller).js_remove_outstanding_partial(partial.id)
        with self.assertNothingMoves(), self.assertRaises(RoleError):
            self._item(self.bill).with_user(self.approver).remove_move_reconcile()
        self.bill.with_user(self.cashier).js_remove_outstanding_partial(partial.id)
        self.assertEqual(self.bill.amount_residual, 500.0)

    def test_a_match_is_not_changed_but_made_anew(self):
        """What is matched with what, and for how much, was asked about once: another
        bill, another credit or amount written into the match would not be."""
        self._register(self.bill, self.cashier, amount=100)
        partial = self._item(self.bill).matched_credit_ids
        plain = self._entry(
            [(self.expense, None, 0, 40), (self.receivable, None, 40, 0)]
        )
        credit = self._credit_item(self._create_credit(self.matter, 100))
        for user in (self.biller, self.approver, self.cashier, self.accountant):
            for vals in (
                {"debit_move_id": self._item(self.other_bill).id},
                {"debit_move_id": self._item(plain).id},
                {"credit_move_id": credit.id},
                {"amount": 50.0},
                {"debit_amount_currency": 50.0},
            ):
                with (
                    self.subTest(vals, user=user.login),
                    self.assertNothingMoves(),
                    self.assertRaisesRegex(PaymentGuardError, "match again"),
                ):
                    partial.with_user(user).write(vals)
        partial.with_user(self.accountant).write(
            {"amount": 100.0, "debit_move_id": self._item(self.bill).id}
        )
        paid = self._entry(
            [(self.expense, None, 40, 0), (self.receivable, None, 0, 40)]
        )
        (self._item(plain) + self._item(paid)).reconcile()
        of_others = self._item(plain).matched_credit_ids
        with (
            self.assertNothingMoves(),
            self.assertRaisesRegex(PaymentGuardError, self.bill.name),
        ):
            of_others.with_user(self.accountant).write(
                {"debit_move_id": self._item(self.bill).id}
            )

    def test_nobody_matches_what_is_out_of_sight(self):
        """A cashier of another company, with the numbers of two items."""
        entry = self._entry(
            [(self.expense, None, 40, 0), (self.receivable, None, 0, 40)]
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        cashier = new_test_user(
            self.env,
            "cashier_elsewhere",
            "legal_billing.legal_billing_group_cashier",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        vals = {
            "debit_move_id": self._item(self.bill).id,
            "credit_move_id": self._item(entry).id,
            "amount": 40.0,
            "debit_amount_currency": 40.0,
            "credit_amount_currency": 40.0,
        }
        partials = self.env["account.partial.reconcile"]
        with (
            mute_logger("odoo.addons.base.models.ir_rule"),
            self.assertNothingMoves(),
            self.assertRaises(AccessError),
        ):
            partials.with_user(cashier).create(vals)
        partials.with_user(self.cashier).create(vals)
        self.assertEqual(self.bill.amount_residual, 460.0)

    def test_a_credit_note_settles_its_own_bill_for_its_approver(self):
        bill = self.bill.with_user(self.approver)
        row = bill._get_credit_rows()[0]
        bill._credit_parts({row["key"]: 100}, "a mistake", DAY)
        self.assertEqual(self.bill.amount_residual, 400.0)
        note = self.bill._reverse_moves([{"invoice_date": DAY, "date": DAY}])
        note.invoice_line_ids.price_unit = 50
        note.with_user(self.approver).action_post()
        self.assertEqual(self.bill.amount_residual, 350.0)

    def test_what_the_system_settles_is_said_on_the_bill(self):
        entry = self._entry(
            [(self.expense, None, 40, 0), (self.receivable, None, 0, 40)]
        )
        root = self.env.ref("base.user_root")
        items = self._item(entry) + self._item(self.bill)
        items.with_user(root).reconcile()
        self.assertIn("by the system, not by a person", self.bill.message_ids[:1].body)


@tagged("post_install", "-at_install")
class TestPaymentCreditWall(CreditWallCommon):
    """Credits of matters exist with matter, role and source, on every day at least
    nothing, and serve their matter alone."""

    # --- matter, role, source

    def test_a_credit_has_a_matter(self):
        items = [(self.expense, None, 100, 0), (self.credit_account, None, 0, 100)]
        with self.assertRaisesRegex(CreditError, "without saying whose credit"):
            self._entry(items)
        invoice = self.env["account.move"].create(
            {
                "move_type": "in_refund",
                "partner_id": self.client.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Not theirs",
                            "price_unit": 10,
                            "account_id": self.credit_account.id,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        with self.assertRaisesRegex(CreditError, "without saying whose credit"):
            invoice.action_post()

    def test_a_credit_has_a_role_behind_it(self):
        items = [
            (self.expense, None, 500, 0),
            (self.credit_account, self.matter, 0, 500),
        ]
        for role in ("biller", "approver", "client_account_officer"):
            with (
                self.subTest(role),
                self.assertNothingMoves(),
                self.assertRaisesRegex(RoleError, "cashiers"),
            ):
                self._entry(items, user=getattr(self, role))
        self._entry(items, user=self.accountant)
        self.env.invalidate_all()
        self.assertEqual(self.matter.unallocated_credit_balance, 500.0)

    def test_a_credit_has_a_source(self):
        items = [
            (self.expense, None, 100, 0),
            (self.credit_account, self.matter, 0, 100),
        ]
        with self.assertNothingMoves(), self.assertRaisesRegex(CreditError, "where"):
            self._entry(items, ref=" ")
        self._entry(items, ref="Opening credit of the old books")
        self.env.invalidate_all()
        self.assertEqual(self.matter.unallocated_credit_balance, 100.0)

    def test_a_credit_stays_its_matters(self):
        item = self._credit_item(self._create_credit(self.matter, 100))
        with self.assertNothingMoves(), self.assertRaises(PaymentGuardError):
            item.with_user(self.cashier).matter_id = self.other
        opening = self._entry(
            [(self.expense, None, 70, 0), (self.credit_account, self.matter, 0, 70)]
        )
        item = self._item(opening, self.credit_account)
        with self.assertNothingMoves(), self.assertRaisesRegex(CreditError, "Move it"):
            item.with_user(self.accountant).matter_id = self.other
        with self.assertNothingMoves(), self.assertRaises(RoleError):
            opening.with_user(self.biller).button_draft()

    def test_the_account_becomes_one_of_credits_while_it_is_clean(self):
        account = self.credit_account.copy({"code": "219900"})
        self._entry([(self.expense, None, 30, 0), (account, None, 0, 30)])
        with self.assertRaisesRegex(PaymentError, "items of no matter"):
            self.company.legal_unallocated_account_id = account

    def test_the_account_of_credits_stays_what_it_is(self):
        """Without reconciliation the credits would be open nowhere."""
        self._create_credit(self.matter, 100)
        account = self.credit_account
        for vals in (
            {"reconcile": False},
            {"account_type": "asset_current"},
            {"active": False},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(UserError, "holds unallocated credits"),
                self.env.cr.savepoint(),
            ):
                account.write(vals)
        account.write({"name": "Credits of clients"})
        self.assertEqual(self.credit_account.name, "Credits of clients")

    def test_an_item_of_credits_follows_its_entry(self):
        """Not posted, or of another day: the credit would be gone, or there earlier."""
        item = self._credit_item(self._create_credit(self.matter, 100))
        for role in ("cashier", "manager", "approver"):
            for vals in (
                {"parent_state": "draft"},
                {"date": "2026-01-01"},
                {"balance": -900.0},
                {"reconciled": True},
            ):
                with (
                    self.subTest(vals, role=role),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    self._as(item, role).write(vals)
        self.assertEqual(self.matter.unallocated_credit_balance, 100.0)

    # --- never below zero

    def test_no_entry_takes_more_than_there_is_on_any_day(self):
        self._create_credit(self.matter, 100)
        take = [
            (self.credit_account, self.matter, 60, 0),
            (self.expense, None, 0, 60),
        ]
        with self.assertNothingMoves(), self.assertRaisesRegex(CreditError, "60.00 of"):
            self._entry(take, day=date(2026, 11, 1))
        self._entry(take, day=date(2026, 11, 20))
        with self.assertRaisesRegex(CreditError, "20.00 of"):
            self._entry(take, day=date(2026, 11, 10))

    def _refused_by_database(self, query, *args):
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(query, args)
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")

    def test_the_database_refuses_it_too(self):
        credit = self._credit_item(self._create_credit(self.matter, 100))
        used = self._entry(
            [(self.credit_account, self.matter, 60, 0), (self.expense, None, 0, 60)],
            day=date(2026, 11, 20),
        )
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        table = "UPDATE account_move_line SET "
        self._refused_by_database(table + "matter_id = NULL WHERE id = %s", credit.id)
        self._refused_by_database(
            table + "amount_currency = -50 WHERE id = %s", credit.id
        )
        self._refused_by_database(
            table + "parent_state = 'draft' WHERE id = %s", credit.id
        )
        self._refused_by_database(
            table + "date = '2026-10-01' WHERE id = %s",
            self._item(used, self.credit_account).id,
        )

    def test_who_takes_from_credits_writes_one_row(self):
        """Two transactions at a time would conflict on it."""
        self._create_credit(self.matter, 100)
        query = "SELECT taken FROM legal_credit_lock WHERE matter_id = %s"
        self.env.cr.execute(query, [self.matter.id])
        self.assertFalse(self.env.cr.fetchall())
        self._pay(self.bill, 10, source="unallocated")
        self.env.flush_all()
        self.env.cr.execute(query, [self.matter.id])
        self.assertTrue(self.env.cr.fetchall())

    def test_items_from_before_the_rule_are_listed_and_cured(self):
        opening = self._entry(
            [(self.expense, None, 70, 0), (self.credit_account, self.matter, 0, 70)]
        )
        item = self._item(opening, self.credit_account)
        self.env.flush_all()
        self.env.cr.execute(  # looked at when it is committed, which it never is
            "UPDATE account_move_line SET matter_id = NULL WHERE id = %s", [item.id]
        )
        self.env.invalidate_all()
        path = file_path(
            "legal_billing/migrations/19.0.1.1.0/post-unallocated_credits.py"
        )
        runpy.run_path(path)["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertIn("whose credit it is", opening.message_ids[:1].body)
        lines = self.env["account.move.line"].with_user(self.cashier)
        domain = [("is_open_credit", "=", True), ("matter_id", "=", False)]
        self.assertEqual(lines.search(domain), item)
        with self.assertRaisesRegex(CreditError, "whose credit"):
            lines.browse(item.id).action_use_matter_credits()
        with self.assertRaises(RoleError):
            item.with_user(self.biller).matter_id = self.matter
        item.with_user(self.accountant).matter_id = self.matter
        self.env.invalidate_all()
        self.assertEqual(self.matter.unallocated_credit_balance, 70.0)

    # --- before its date

    def test_a_credit_is_not_used_before_its_date(self):
        self._create_credit(self.matter, 100)
        slip = self._create_payment(
            self.bill, 100, source="unallocated", date=date(2026, 10, 20)
        )
        with self.assertNothingMoves(), self.assertRaisesRegex(CreditError, "later"):
            slip.action_post()
        slip.date = DAY
        slip.action_post()
        self.assertEqual(self.bill.amount_residual, 400.0)

    def test_a_credit_is_not_refunded_before_its_date(self):
        self._create_credit(self.matter, 100)
        wizard = (
            self._as(self.env["legal.payment.credit"], "cashier")
            .with_context(active_model="project.project", active_ids=self.matter.ids)
            .create(
                {
                    "reason": "end",
                    "journal_id": self.bank.id,
                    "date": date(2026, 10, 1),
                }
            )
        )
        with self.assertNothingMoves(), self.assertRaisesRegex(CreditError, "later"):
            wizard.action_confirm()

    # --- one matter never pays another

    def test_a_bank_line_sets_no_credit_off_against_another_bill(self):
        credit = self._credit_item(self._create_credit(self.matter, 100))
        move = self._statement_line(
            200, [(self.credit_account, 100, 0), (self.receivable, 0, 300)]
        )
        mine = self._item(move, self.credit_account)
        (mine + credit).reconcile()
        self.assertEqual(mine.matter_id, self.matter)
        with self.assertRaisesRegex(CreditError, "Lease.*Divorce"):
            (self._item(move) + self._item(self.other_bill)).reconcile()
        self.assertEqual(self.other_bill.amount_residual, 300.0)
        (self._item(move) + self._item(self.bill)).reconcile()
        self.assertEqual(self.bill.amount_residual, 200.0)
        self.env.cr.flush()

    def test_entries_in_between_do_not_hide_it(self):
        """The same by way of a clearing account, the bill first."""
        credit = self._credit_item(self._create_credit(self.matter, 100))
        first = self._entry(
            [(self.credit_account, self.matter, 80, 0), (self.clearing, None, 0, 80)]
        )
        second = self._entry(
            [(self.clearing, None, 80, 0), (self.receivable, None, 0, 80)]
        )
        (self._item(second) + self._item(self.other_bill)).reconcile()
        (self._item(first, self.credit_account) + credit).reconcile()
        with self.assertRaisesRegex(CreditError, "by way of several"):
            (
                self._item(first, self.clearing) + self._item(second, self.clearing)
            ).reconcile()

    def test_what_a_matter_got_elsewhere_is_no_leave_to_take_from_it(self):
        """Money without a matter pays a bill, and its rest an entry that credits the
        other matter: the first one's credit note pays nothing of that entry, though the
        first matter got more than that in the chain."""
        entry = self._entry(
            [(self.receivable, None, 120, 0), (self.credit_account, self.other, 0, 120)]
        )
        money = self._entry(
            [(self.clearing, None, 300, 0), (self.receivable, None, 0, 300)]
        )
        (self._item(money) + self._item(self.bill)).reconcile()
        self.assertEqual(self.bill.amount_residual, 200.0)
        note = self._entry(
            [(self.clearing, None, 50, 0), (self.receivable, self.matter, 0, 50)]
        )
        with (
            self.assertNothingMoves(),
            self.assertRaisesRegex(CreditError, "Lease.*Divorce"),
        ):
            (self._item(note) + self._item(entry)).reconcile()
        credit_note = self.bill._reverse_moves([{"invoice_date": DAY, "date": DAY}])
        credit_note.action_post()
        with (
            self.assertNothingMoves(),
            self.assertRaisesRegex(CreditError, "Lease.*Divorce"),
        ):
            (self._item(credit_note) + self._item(entry)).reconcile()
        more = self._entry(
            [(self.clearing, None, 120, 0), (self.receivable, None, 0, 120)]
        )
        (self._item(more) + self._item(entry)).reconcile()
        self.assertTrue(self._item(entry).reconciled)

    def test_an_entry_by_hand_does_not_move_a_credit(self):
        self._create_credit(self.matter, 100)
        with self.assertNothingMoves(), self.assertRaisesRegex(CreditError, "reason"):
            self._entry(
                [
                    (self.credit_account, self.matter, 50, 0),
                    (self.credit_account, self.other, 0, 50),
                ]
            )

    def test_the_rest_of_a_bank_line_is_the_one_matters(self):
        move = self._statement_line(
            550, [(self.receivable, 0, 500), (self.credit_account, 0, 50)]
        )
        (self._item(move) + self._item(self.bill)).reconcile()
        self.env.cr.flush()
        self.assertEqual(self._item(move, self.credit_account).matter_id, self.matter)
        self.env.invalidate_all()
        self.assertEqual(self.matter.unallocated_credit_balance, 50.0)

    def test_the_rest_of_a_bank_line_over_two_matters_is_refused(self):
        move = self._statement_line(
            850,
            [
                (self.receivable, 0, 500),
                (self.receivable, 0, 300),
                (self.credit_account, 0, 50),
            ],
        )
        one, two = self._item(move).sorted("credit", reverse=True)
        (one + self._item(self.bill)).reconcile()
        (two + self._item(self.other_bill)).reconcile()
        try:
            self.env.cr.flush()  # as before a commit
        except CreditError as error:
            self.assertIn("whose credit", str(error))
        else:
            self.fail("a credit of no matter")

    # --- Odoo's own Pay

    def test_pay_knows_the_matter(self):
        payment = self._register(self.bill, self.cashier, amount=600)
        item = self._item(payment.move_id)
        self.assertEqual(item.matter_id, self.matter)
        bill = self._create_bill({"fees": 90}, self.other, partner_id=self.client.id)
        self.assertFalse(bill.invoice_outstanding_credits_debits_widget)
        with self.assertRaisesRegex(CreditError, "does not pay another"):
            (item + self._item(bill)).reconcile()
        again = self._create_bill({"fees": 90})
        content = again.invoice_outstanding_credits_debits_widget["content"]
        self.assertEqual([row["amount"] for row in content], [100.0])
        entry = self._entry(
            [(self.receivable, None, 50, 0), (self.receivable, None, 0, 50)]
        )
        debit = self._item(entry).filtered("debit")
        (debit + item).reconcile()
        with self.assertRaisesRegex(CreditError, "money of one matter"):
            (self._item(entry) - debit + self._item(bill)).reconcile()

    def test_pay_over_two_matters_is_of_none(self):
        bill = self._create_bill({"fees": 90}, self.other, partner_id=self.client.id)
        payment = self._register(self.bill + bill, self.cashier, group_payment=True)
        self.assertFalse(payment.move_id.line_ids.matter_id)
        self.assertEqual((self.bill + bill).mapped("amount_residual"), [0.0, 0.0])

    # --- the rate

    def test_exchange_differences_are_of_the_credits_matter(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-10-01", 4.0), ("2026-11-10", 1.25)]
        )
        self._create_credit(self.matter, 100, currency_id=euro.id)
        self._create_payment(
            self.env["account.move"],
            100,
            direction="out",
            currency_id=euro.id,
            date=date(2026, 11, 12),
            allocation_ids=[
                Command.create(
                    {"kind": "credit", "matter_id": self.matter.id, "amount": 100}
                )
            ],
        ).action_post()
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.credit_account.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(len(lines), 3)
        self.assertEqual(lines.matter_id, self.matter)
        self.assertTrue(all(line.matter_id for line in lines))
        self.assertAlmostEqual(sum(lines.mapped("balance")), 0.0)

    def test_exchange_differences_of_a_used_credit_too(self):
        """Used for a bill, and at a rate that goes the other way."""
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-09-01", 1.25), ("2026-11-10", 4.0)]
        )
        bill = self._create_bill({"fees": 100}, currency_id=euro.id)
        self._create_credit(self.matter, 100, currency_id=euro.id)
        self._pay(
            bill,
            100,
            source="unallocated",
            currency_id=euro.id,
            date=date(2026, 11, 12),
        )
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.credit_account.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertTrue(all(line.matter_id == self.matter for line in lines))
        self.assertAlmostEqual(sum(lines.mapped("balance")), 0.0)
        self.assertFalse(lines.filtered("amount_residual"))


@freeze_time("2026-11-30")
@tagged("post_install", "-at_install")
class TestPaymentLimits(CreditWallCommon):
    """What a cashier may give away in a typing slip, and what is no money."""

    def _row(self, matter, amount, **vals):
        return Command.create(
            {"kind": "credit", "matter_id": matter.id, "amount": amount, **vals}
        )

    def test_a_surplus_is_of_the_bills_or_the_payers_matter(self):
        rows = [
            Command.create({"bill_id": self.bill.id, "amount": 500}),
            self._row(self.other, 20),
        ]
        slip = self._create_payment(self.bill, 520, allocation_ids=rows)
        with self.assertNothingMoves(), self.assertRaisesRegex(PaymentError, "Divorce"):
            slip.action_post()
        with self.assertNothingMoves(), self.assertRaisesRegex(PaymentError, "reason"):
            slip.with_user(self.manager).action_post()
        slip.allocation_ids.filtered("matter_id")[-1:].reason = "sister company"
        slip.allocation_ids.filtered(lambda r: r.kind == "credit").reason = "sister"
        with self.assertRaises(PaymentError):
            slip.action_post()
        slip.with_user(self.manager).action_post()
        self.assertEqual(self.other.unallocated_credit_balance, 20.0)

    def test_the_payers_own_matter_is_preselected(self):
        slip = self._create_payment(
            self.env["account.move"], 0, received_from_id=self.other_client.id
        )
        slip.amount = 30
        slip._apply_rule()
        credit = slip.allocation_ids
        self.assertEqual((credit.matter_id, credit.amount), (self.other, 30.0))
        slip.action_post()
        self.assertEqual(self.other.unallocated_credit_balance, 30.0)

    def test_a_refund_goes_to_the_owner(self):
        self._create_credit(self.matter, 100)
        refund = self._create_payment(
            self.env["account.move"],
            40,
            direction="out",
            received_from_id=self.other_client.id,
            memo=False,
            allocation_ids=[self._row(self.matter, 40)],
        )
        for user in (self.cashier, self.manager):
            with self.assertNothingMoves(), self.assertRaisesRegex(UserError, "Client"):
                refund.with_user(user).action_post()
        refund.memo = "by the client's letter of today"
        with self.assertNothingMoves(), self.assertRaisesRegex(PaymentError, "manager"):
            refund.action_post()
        refund.with_user(self.manager).action_post()
        self.assertEqual(self.matter.unallocated_credit_balance, 60.0)

    def _write_off(self, bill, paid, written):
        return self._create_payment(
            bill,
            paid,
            allocation_ids=[
                Command.create({"bill_id": bill.id, "amount": paid}),
                Command.create(
                    {
                        "bill_id": bill.id,
                        "kind": "write_off",
                        "amount": written,
                        "reason": "bank charges",
                    }
                ),
            ],
        )

    def test_a_slip_writes_off_up_to_the_tolerance(self):
        self.company.write(
            {"legal_write_off_tolerance": 5, "legal_write_off_tolerance_percent": 1}
        )
        for paid, written in ((0.01, 499.99), (494.99, 5.01)):
            slip = self._write_off(self.bill, paid, written)
            with (
                self.assertNothingMoves(),
                self.assertRaisesRegex(PaymentError, "approver uses Write off"),
            ):
                slip.action_post()
            slip.unlink()
        self._write_off(self.bill, 400, 3).action_post()
        again = self._write_off(self.bill, 90, 3)
        with self.assertRaisesRegex(PaymentError, "payments before"):
            again.action_post()
        small = self._create_bill({"fees": 100})
        with self.assertRaisesRegex(PaymentError, "1.00"):
            self._write_off(small, 98, 2).action_post()
        self._write_off(small, 99, 1).action_post()
        self.assertEqual(small.amount_residual, 0.0)

    def test_what_a_slip_gives_away_is_no_disbursement(self):
        """Booked with the matter's analytic account, and billed to nobody again."""
        expense = self.company_data["default_account_expense"]
        self.company.legal_write_off_account_id = expense
        slip = self._write_off(self.bill, 400, 3)
        slip.action_post()
        items = slip._get_entries().line_ids.filtered(lambda x: x.account_id == expense)
        self.assertEqual(sum(items.mapped("balance")), 3.0)
        items.analytic_distribution = {str(self.matter.account_id.id): 100}
        self.assertTrue(items.analytic_line_ids)
        self.assertFalse(items.analytic_line_ids.filtered("wip_type"))
        self.assertEqual(self.matter.unbilled_amount, 0.0)
        slip.action_reverse("Wrong bill")
        self.assertEqual(self.matter.unbilled_amount, 0.0)

    def test_the_tolerance_is_small_by_default(self):
        company = self.env["res.company"].create({"name": "New LLP"})
        self.assertEqual(company.legal_write_off_tolerance, 5.0)
        self.assertEqual(company.legal_write_off_tolerance_percent, 1.0)
        for value in (-1.0, float("nan"), 1e16):
            with self.subTest(value), self.assertRaises(UserError):
                company.legal_write_off_tolerance = value
                company.flush_recordset()

    def test_what_is_no_money_is_refused_by_a_sentence(self):
        for value in (float("nan"), float("inf"), 1e15, -1e300, "much"):
            with (
                self.subTest(value),
                self.assertRaisesRegex(PaymentError, "amount of money"),
            ):
                self._create_payment(self.bill, value)
        slip = self._create_payment(self.bill, 10)
        with self.assertRaisesRegex(PaymentError, "cannot be negative"):
            slip.amount = -10
        with self.assertRaisesRegex(PaymentError, "amount of money"):
            slip.allocation_ids.write({"amount": float("nan")})
        with self.assertRaisesRegex(PaymentError, "amount of money"):
            slip.allocation_ids.write({"element_fees": 1e15})
        self.assertEqual(slip.amount, 10.0)

    def test_what_the_rows_add_up_to_is_not_written(self):
        slip = self._create_payment(self.bill, 510)
        before = slip.difference_amount, slip.allocated_amount
        with self.assertRaisesRegex(ProtectedFieldError, "Post and Reverse"):
            slip.difference_amount = 77.0
        with self.assertRaisesRegex(ProtectedFieldError, "Post and Reverse"):
            slip.write({"memo": "x", "allocated_amount": 510.0, "needs_reapply": False})
        self.assertEqual((slip.difference_amount, slip.allocated_amount), before)

    def test_outstanding_accounts_are_no_nominal_accounts(self):
        fallback = (
            self.env["account.payment"]
            .new({"company_id": self.company.id})
            ._get_outstanding_account("inbound")
        )
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        (self.bank + self.cash).inbound_payment_method_line_ids.write(
            {"payment_account_id": False}
        )
        (self.bank + self.cash).outbound_payment_method_line_ids.write(
            {"payment_account_id": False}
        )
        for account in (fallback, self.company.transfer_account_id):
            slip = self._create_payment(
                self.bill, 10, source="nominal", nominal_account_id=account.id
            )
            with (
                self.assertNothingMoves(),
                self.assertRaisesRegex(PaymentError, "not a nominal"),
            ):
                slip.action_post()

    def test_nothing_bounces_before_it_came(self):
        slip = self._pay(self.bill, 100)
        with (
            self.assertNothingMoves(),
            self.assertRaisesRegex(ReversalError, "cannot have bounced"),
        ):
            slip.action_reverse("no funds", "dishonour", date=date(2026, 11, 1))
        self._create_credit(self.matter, 50)
        used = self._pay(self.bill, 50, source="unallocated")
        with self.assertRaisesRegex(ReversalError, "not money that a bank"):
            used.action_reverse("no funds", "dishonour", date=DAY)
        slip.action_reverse("no funds", "dishonour", date=DAY)
        self.assertEqual(slip.state, "reversed")

    def test_strange_dates_are_remarked_on(self):
        slip = self._create_payment(self.bill, 100, date=date(2027, 6, 1))
        self.assertIn("183 days ahead", slip.date_note)
        slip.date = date(2026, 6, 1)
        self.assertIn("182 days back", slip.date_note)
        slip.date = DAY
        self.assertFalse(slip.date_note)
        slip.action_post()
