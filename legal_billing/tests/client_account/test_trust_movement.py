from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ...exceptions import (
    ConfigurationError,
    ProtectedFieldError,
    RoleError,
    TrustApprovalError,
    TrustBalanceError,
    TrustError,
    TrustLockedError,
)
from ...tools import INTERNAL
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
class TestTrustMovement(TrustCommon):
    """Deposit, refund, between matters: books, ledgers, roles, reversal."""

    # --- the books

    def test_deposit_books_bank_against_liability_with_matter(self):
        movement = self._book("deposit", 1000.0, memo="On account")
        self.assertItems(
            movement.move_id, [(self.receipts, 1000, 0), (self.liability, 0, 1000)]
        )
        self.assertEqual(movement.move_id.state, "posted")
        self.assertEqual(movement.move_id.journal_id, self.client_bank)
        self.assertEqual(movement.move_id.line_ids.matter_id, self.matter)
        self.assertEqual(movement.move_id.date, date(2026, 11, 1))
        self.assertEqual(movement.posted_by_id, self.client_account_officer)
        self.assertTrue(movement.name)
        self.assertHeld(1000.0)

    def test_refund_books_liability_against_bank(self):
        self._book("deposit", 1000.0)
        movement = self._book("refund", 400.0, date(2026, 11, 2))
        self.assertItems(
            movement.move_id, [(self.liability, 400, 0), (self.payments, 0, 400)]
        )
        self.assertHeld(600.0)

    def test_between_matters_books_no_bank(self):
        self._book("deposit", 1000.0)
        movement = self._book("matter_transfer", 250.0, to_matter_id=self.matter_b.id)
        self.assertItems(
            movement.move_id, [(self.liability, 250, 0), (self.liability, 0, 250)]
        )
        sides = {line.matter_id: line.balance for line in movement.move_id.line_ids}
        self.assertEqual(sides, {self.matter: 250.0, self.matter_b: -250.0})
        self.assertHeld(750.0)
        self.assertHeld(250.0, self.matter_b)

    def test_obvious_values_are_enough(self):
        movement = self._as(
            self.env["legal.trust.transaction"], "client_account_officer"
        ).create({"kind": "deposit", "matter_id": self.matter.id, "amount": 10.0})
        self.assertEqual(movement.journal_id, self.client_bank)
        self.assertEqual(movement.date, fields.Date.context_today(movement))
        self.assertEqual(movement.partner_id, self.client)
        movement.action_post()
        self.assertHeld(10.0)

    def test_liability_is_made_once_and_apart_from_credits(self):
        self.assertFalse(self.liability.reconcile)
        self.assertEqual(self.liability.account_type, "liability_current")
        self.assertEqual(self.company._get_legal_trust_account(), self.liability)
        self.assertNotEqual(
            self.company._get_legal_unallocated_account(), self.liability
        )

    def test_statement_line_matches_the_deposit(self):
        movement = self._book("deposit", 1000.0)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.client_bank.id,
                "date": date(2026, 11, 2),
                "payment_ref": "Client",
                "amount": 1000.0,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.receipts
        (
            suspense
            | movement.move_id.line_ids.filtered(
                lambda item: item.account_id == self.receipts
            )
        ).reconcile()
        self.assertTrue(line.is_reconciled)
        self.assertItems(
            line.move_id,
            [(self.client_bank.default_account_id, 1000, 0), (self.receipts, 0, 1000)],
        )
        self.assertHeld(1000.0)

    # --- availability

    def test_uncleared_deposit_is_held_but_not_available(self):
        movement = self._book("deposit", 500.0, is_uncleared=True)
        self.assertHeld(500.0)
        self.assertEqual(self.matter.client_account_available, 0.0)
        with self.assertRefused(r"more than the \$\s0\.00", TrustBalanceError):
            self._book("refund", 1.0, date(2026, 11, 3))
        movement.action_clear(date(2026, 11, 4))
        with self.assertRefused("available on 11/03/2026", TrustBalanceError):
            self._book("refund", 1.0, date(2026, 11, 3))
        self._book("refund", 500.0, date(2026, 11, 4))
        self.assertHeld(0.0)

    def test_a_deposit_clears_on_a_day(self):
        deposit = self._book("deposit", 100.0, is_uncleared=True)
        with self.assertRefused("the day on which", TrustError):
            deposit.action_clear("when the bank says so")
        deposit.action_clear("2026-11-05")
        self.assertEqual(deposit.line_ids.cleared_on, date(2026, 11, 5))

    def test_clearing_days_of_the_company(self):
        self.company.legal_trust_clearing_days = 5
        self._book("deposit", 500.0)
        with self.assertRefused("cleared", TrustBalanceError):
            self._book("refund", 500.0, date(2026, 11, 5))
        self._book("refund", 500.0, date(2026, 11, 6))

    def test_retained_stays(self):
        self._book("deposit", 500.0)
        self._as(self.matter, "client_account_officer").action_retain_client_money(200)
        with self.assertRefused(r"300\.00.*200\.00 retained", TrustBalanceError):
            self._book("refund", 301.0)
        self._book("refund", 300.0)
        self.assertHeld(200.0)

    def test_available_of_many_matters_is_flat_in_queries(self):
        matters = self.matter + self.matter_b
        for index in range(8):
            matters += self._create_matter(name=f"Held {index}")
        for matter in matters:
            self._book("deposit", 100.0, matter_id=matter.id)
        matters[-1].client_account_retained = 30.0
        counts = []
        for some in (matters, matters[:2], matters):  # the first one warms up
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            figures = some.mapped("client_account_available")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(figures, [100.0] * 9 + [70.0])
        self.assertEqual(counts[1], counts[2])

    def test_matter_form_opens_for_every_role(self):
        self._book("deposit", 100.0)
        views = [(self.env.ref("legal_billing.matter_view_form").id, "form")]
        for role in (
            "fee_earner",
            "reviewer",
            "biller",
            "approver",
            "cashier",
            "client_account_officer",
        ):
            with self.subTest(role=role):
                matter = self._as(self.matter, role)
                result = matter.get_views(views)
                arch = result["views"]["form"]["arch"]
                officer = role == "client_account_officer"
                self.assertIn('name="action_open_client_ledger"', arch)
                for name in (
                    "action_deposit_client_money",
                    "client_account_authorisation",
                ):
                    self.assertEqual(f'name="{name}"' in arch, officer)
                names = result["models"]["project.project"]["fields"]
                shown = {name for name in names if f'name="{name}"' in arch}
                figures = {"client_account_balance", "client_account_available"}
                self.assertLessEqual(figures, shown)
                (row,) = matter.web_read({name: {} for name in shown})
                self.assertEqual([row[name] for name in figures], [100.0, 100.0])

    def test_matter_opens_its_ledger_and_a_deposit(self):
        self._book("deposit", 100.0)
        matter = self._as(self.matter, "client_account_officer")
        lines = matter.env["legal.trust.line"].search(
            matter.action_open_client_ledger()["domain"]
        )
        self.assertEqual(lines.mapped("matter_id"), matter)
        action = matter.action_deposit_client_money()
        movement = Form(
            matter.env[action["res_model"]].with_context(**action["context"])
        )
        self.assertEqual((movement.kind, movement.matter_id), ("deposit", matter))

    def test_reading_is_searchable(self):
        self._book("deposit", 70.0)
        matters = self.env["project.project"]
        self.assertIn(self.matter, matters.search([("client_account_balance", ">", 0)]))
        self.assertNotIn(
            self.matter_b, matters.search([("client_account_balance", ">=", 70)])
        )
        self.assertIn(
            self.matter_b, matters.search([("client_account_balance", "=", 0)])
        )

    # --- roles

    def test_roles_other_than_officer_and_manager_are_refused(self):
        draft = self._move("deposit", 100.0)
        for role in ("fee_earner", "reviewer", "biller", "approver", "cashier"):
            with self.subTest(role):
                with self.assertRefused("may not do this"):
                    self._move("deposit", 100.0, role=role)
                with self.assertRefused("needs the role .*Client-account officer"):
                    self._as(draft, role).action_post()
        self.assertEqual(draft.state, "draft")
        self._as(draft, "manager").action_post()
        with self.assertRefused("Client-account officer", RoleError):
            self._as(draft, "cashier").action_reverse("mistake")

    def test_lawyer_reads_own_matter_only(self):
        self._book("deposit", 100.0)
        self._book("deposit", 50.0, matter_id=self.matter_other.id)
        self.matter_other.responsible_id = self.manager
        lines = self._as(self.env["legal.trust.line"], "reviewer").search([])
        self.assertEqual(lines.matter_id, self.matter)

    def test_retained_is_for_officers(self):
        for role in ("fee_earner", "reviewer", "biller", "approver", "cashier"):
            with self.subTest(role), self.assertRefused("needs the role"):
                self._as(self.matter, role).action_retain_client_money(10.0)
        with self.assertRefused("What is retained", RoleError):
            self.matter.with_user(self._create_project_manager()).write(
                {"client_account_retained": 10.0}
            )

    # --- two people

    def test_two_people_when_the_company_wants(self):
        self.company.legal_trust_dual_approval = True
        movement = self._move("deposit", 100.0)
        with self.assertRefused("needs two people", TrustApprovalError):
            movement.action_post()
        movement.action_submit()
        self.assertEqual(movement.state, "submitted")
        movement.with_user(self.second_officer).amount = 120.0
        with self.assertRefused("needs two people", TrustApprovalError):
            movement.with_user(self.second_officer).action_post()
        movement.action_post()
        self.assertEqual(movement.posted_by_id, self.client_account_officer)
        self.assertEqual(movement.prepared_by_id, self.second_officer)

    def test_preparer_cannot_be_forged(self):
        movement = self._move("deposit", 100.0)
        with self.assertRefused("Entered by", ProtectedFieldError):
            movement.prepared_by_id = self.second_officer
        forged = self._as(
            self.env["legal.trust.transaction"], "client_account_officer"
        ).with_context(
            default_prepared_by_id=self.second_officer.id,
            default_state="posted",
            legal_billing_internal=INTERNAL,
        )
        movement = forged.create(
            {"kind": "deposit", "matter_id": self.matter.id, "amount": 5.0}
        )
        self.assertEqual(movement.prepared_by_id, self.client_account_officer)
        self.assertEqual(movement.state, "draft")

    # --- between clients

    def test_authority_between_clients_when_demanded(self):
        self.company.legal_trust_demand_authorisation = True
        self._book("deposit", 100.0)
        movement = self._move(
            "matter_transfer", 50.0, to_matter_id=self.matter_other.id
        )
        with self.assertRefused("Enter who authorised it", TrustError):
            movement.action_post()
        movement.authorisation = "Letter of Client Ltd, 3 Nov 2026"
        movement.action_post()
        self.assertHeld(50.0, self.matter_other)

    def test_matter_transfer_needs_two_matters(self):
        for vals in ({"to_matter_id": self.matter.id}, {}):
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRefused("transaction_two_matters", IntegrityError),
            ):
                self._move("matter_transfer", 50.0, **vals)

    # --- reversal

    def test_reversal_mirrors_and_says_who_and_why(self):
        deposit = self._book("deposit", 100.0)
        deposit.action_reverse("Wrong matter")
        reversal = deposit.reversal_ids
        self.assertItems(
            reversal.move_id, [(self.receipts, 0, 100), (self.liability, 100, 0)]
        )
        self.assertEqual(deposit.state, "reversed")
        self.assertEqual(deposit.move_id.state, "posted")
        self.assertEqual(reversal.reversal_reason, "Wrong matter")
        self.assertEqual(reversal.posted_by_id, self.client_account_officer)
        self.assertTrue(reversal.posted_on)
        bank_items = (deposit.move_id | reversal.move_id).line_ids.filtered(
            lambda item: item.account_id == self.receipts
        )
        self.assertTrue(all(bank_items.mapped("reconciled")))
        self.assertHeld(0.0)

    def test_reversal_of_a_matter_transfer(self):
        self._book("deposit", 100.0)
        movement = self._book("matter_transfer", 60.0, to_matter_id=self.matter_b.id)
        movement.action_reverse("Wrong matter")
        self.assertHeld(100.0)
        self.assertHeld(0.0, self.matter_b)

    def test_reversal_once_with_reason_and_never_of_a_reversal(self):
        deposit = self._book("deposit", 100.0)
        with self.assertRefused("Say why", TrustError):
            deposit.action_reverse("  ")
        with self.assertRefused("Say why", TrustError):
            deposit.action_reverse(5)
        with self.assertRefused("as a date", TrustError):
            deposit.action_reverse("Wrong matter", "tomorrow")
        deposit.action_reverse("Wrong matter")
        with self.assertRefused("was reversed already", TrustLockedError):
            deposit.action_reverse("again")
        with self.assertRefused("is a reversal", TrustLockedError):
            deposit.reversal_ids.action_reverse("again")
        draft = self._move("deposit", 5.0)
        with self.assertRefused("is not posted", TrustLockedError):
            draft.action_reverse("why")

    def test_reversal_of_spent_money_is_refused(self):
        deposit = self._book("deposit", 100.0)
        self._book("refund", 60.0, date(2026, 11, 2))
        with self.assertRefused("holds", TrustBalanceError):
            deposit.action_reverse("Bounced")
        self._book("deposit", 60.0, memo="Made good by the firm")
        deposit.action_reverse("Bounced")
        self.assertHeld(0.0)

    def test_reversal_does_not_lean_on_uncleared_money(self):
        deposit = self._book("deposit", 100.0)
        self._book("deposit", 100.0, is_uncleared=True)
        self._book("refund", 60.0, date(2026, 11, 2))
        with self.assertRefused("has used the money", TrustBalanceError):
            deposit.action_reverse("Bounced")

    def test_uncleared_deposit_is_reversed_freely(self):
        self._book("deposit", 100.0)
        cheque = self._book("deposit", 40.0, is_uncleared=True)
        self._book("refund", 100.0, date(2026, 11, 2))
        cheque.action_reverse("Bounced")
        self.assertHeld(0.0)

    def test_reversal_in_a_locked_period_is_of_today(self):
        deposit = self._book("deposit", 100.0)
        self.company.fiscalyear_lock_date = date(2026, 11, 15)
        deposit.action_reverse("Wrong matter")
        self.assertEqual(deposit.reversal_ids.date, date(2026, 11, 25))
        self.assertEqual(deposit.reversal_ids.move_id.date, date(2026, 11, 25))

    # --- period, amounts

    def test_locked_period_is_refused_not_moved(self):
        self.company.fiscalyear_lock_date = date(2026, 11, 30)
        with self.assertRefused("locked period", TrustError):
            self._book("deposit", 100.0, date(2026, 11, 15))

    def test_amount_is_positive(self):
        for amount in (0.0, -5.0):
            with (
                self.subTest(amount),
                mute_logger("odoo.sql_db"),
                self.assertRefused("amount_positive", IntegrityError),
            ):
                self._move("deposit", amount)

    def test_bulk_posting_is_flat(self):
        def post(count):
            movements = self._as(
                self.env["legal.trust.transaction"], "client_account_officer"
            ).create(
                [
                    {"kind": "deposit", "matter_id": matter.id, "amount": 10.0}
                    for matter in self._make_matters(count)
                ]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            movements.action_post()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        post(2)
        few, many = post(5), post(25)
        self.assertLess((many - few) / 20, 12, "queries per movement")

    def _create_project_manager(self):
        return new_test_user(
            self.env,
            login="project_manager",
            groups="base.group_user,project.group_project_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def _make_matters(self, count):
        return self.env["project.project"].create(
            [
                {
                    "name": f"Matter {number}",
                    "is_matter": True,
                    "partner_id": self.client.id,
                    "company_id": self.company.id,
                }
                for number in range(count)
            ]
        )

    def test_future_and_today(self):
        today = fields.Date.context_today(self.env.user)
        self._book("deposit", 100.0, today + timedelta(days=3))
        self.assertHeld(100.0)
        self.assertEqual(self.matter.client_account_available, 0.0)
        with self.assertRefused("available", TrustBalanceError):
            self._book("refund", 10.0, today)

    def test_company_without_chart_says_so(self):
        company = self.env["res.company"].sudo().create({"name": "No chart"})
        with self.assertRefused("has no chart of accounts", ConfigurationError):
            company._get_legal_trust_account()
