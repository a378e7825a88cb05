from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    ProtectedFieldError,
    RoleError,
    TrustApprovalError,
    TrustError,
    TrustLockedError,
)
from ...tools import COLLECTION, INTERNAL
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
class TestTrustRun(TrustCommon):
    """All delivered bills that client money can pay, in one bank movement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter_c = cls._create_matter(name="Lease")

    def _make_run(self, user=None, **vals):
        return (
            self.env["legal.trust.run"]
            .with_user(user or self.client_account_officer)
            .with_company(self.company)
            .create(
                {
                    "client_journal_id": self.client_bank.id,
                    "office_journal_id": self.office_bank.id,
                    "date": date(2026, 11, 20),
                    **vals,
                }
            )
        )

    def _prepare(self):
        """Matter: 500 for two bills of 360; B: 1,000 for one of 360; C: a bill that was
        not delivered; other: a bill and no money."""
        self._book("deposit", 500.0)
        self._book("deposit", 1000.0, matter_id=self.matter_b.id)
        self._book("deposit", 1000.0, matter_id=self.matter_c.id)
        bills = {
            "first": self._make_bill(),
            "second": self._make_bill(),
            "b": self._make_bill(self.matter_b),
            "undelivered": self._make_bill(self.matter_c, delivered=None),
            "late": self._make_bill(self.matter_c, delivered=date(2026, 11, 21)),
            "no_money": self._make_bill(self.matter_other),
        }
        bills["b"].disputed_amount = 60.0
        run = self._make_run()
        run.action_load()
        return run, bills

    def test_proposal(self):
        run, bills = self._prepare()
        found = {
            line.bill_id: (line.before_amount, line.amount, line.after_amount)
            for line in run.line_ids
        }
        self.assertEqual(
            found,
            {
                bills["first"]: (500.0, 360.0, 140.0),
                bills["second"]: (140.0, 140.0, 0.0),
                bills["b"]: (1000.0, 300.0, 700.0),
            },
        )
        self.assertEqual(run.total_amount, 800.0)

    def test_posting_pays_and_leaves_one_item_per_bank(self):
        run, bills = self._prepare()
        run.memo = "November"
        run.action_post()
        self.assertEqual(run.state, "posted")
        self.assertEqual(run.posted_by_id, self.client_account_officer)
        self.assertEqual(len(run.payment_ids), 2)
        self.assertEqual(bills["first"].amount_residual, 0.0)
        self.assertEqual(bills["second"].amount_residual, 220.0)
        self.assertEqual(bills["b"].amount_residual, 60.0)
        self.assertHeld(0.0)
        self.assertHeld(700.0, self.matter_b)
        client = self._get_open_items(self.payments)
        self.assertEqual(client.mapped("balance"), [-800.0])
        office_account = run.payment_ids.account_payment_id.outstanding_account_id
        office = self._get_open_items(office_account)
        self.assertEqual(office.mapped("balance"), [800.0])
        collected = run.sudo().collection_move_ids
        self.assertEqual(len(collected), 2)
        self.assertItems(
            collected.filtered(lambda move: move.journal_id == self.client_bank),
            [(self.payments, 500, 0), (self.payments, 300, 0), (self.payments, 0, 800)],
        )
        self.assertItems(
            collected.filtered(lambda move: move.journal_id == self.office_bank),
            [
                (office_account, 0, 500),
                (office_account, 0, 300),
                (office_account, 800, 0),
            ],
        )

    def _get_open_items(self, account):
        return self.env["account.move.line"].search(
            [
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("balance", "!=", 0),
                ("journal_id", "in", (self.client_bank | self.office_bank).ids),
            ]
        )

    def test_one_payment_of_a_run_is_reversed(self):
        run, bills = self._prepare()
        run.action_post()
        payment = run.payment_ids.filtered(lambda p: p.matter_id == self.matter_b)
        self._as(payment, "manager").action_reverse("Wrong bill")
        self.assertHeld(1000.0, self.matter_b)
        self.assertEqual(bills["b"].amount_residual, 360.0)
        client = self._get_open_items(self.payments)
        self.assertEqual(sum(client.mapped("balance")), -500.0)

    def test_matter_that_changed_meanwhile_is_left_out(self):
        run, bills = self._prepare()
        self._book("refund", 400.0)
        run.action_post()
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(failed.bill_id, bills["first"] | bills["second"])
        self.assertIn("cannot be taken from it", failed[0].message)
        self.assertEqual(bills["b"].amount_residual, 60.0)
        self.assertHeld(100.0)

    def test_nothing_left_to_transfer(self):
        run, _bills = self._prepare()
        self._book("refund", 500.0)
        self._book("refund", 1000.0, matter_id=self.matter_b.id)
        with self.assertRefused("Nothing could be transferred", TrustError):
            run.action_post()
        empty = self._make_run()
        with self.assertRefused("Load the bills first", TrustError):
            empty.action_post()

    def test_amount_above_the_bill_is_not_taken(self):
        run, bills = self._prepare()
        line = run.line_ids.filtered(lambda row: row.bill_id == bills["b"])
        line.amount = 400.0
        run.action_post()
        self.assertEqual(line.state, "failed")
        self.assertEqual(bills["b"].amount_residual, 360.0)

    def test_two_people(self):
        run, _bills = self._prepare()
        self.company.legal_trust_dual_approval = True
        with self.assertRefused("needs two people", TrustApprovalError):
            run.action_post()
        run.action_submit()
        run.with_user(self.second_officer).action_post()
        self.assertHeld(0.0)
        movement = run.payment_ids.trust_transaction_ids[:1]
        self.assertEqual(movement.prepared_by_id, self.client_account_officer)
        self.assertEqual(movement.posted_by_id, self.second_officer)

    def test_whoever_changes_an_amount_prepared_it(self):
        run, bills = self._prepare()
        self.company.legal_trust_dual_approval = True
        second = run.with_user(self.second_officer)
        line = second.line_ids.filtered(lambda row: row.bill_id == bills["b"])
        line.amount = 10.0
        with self.assertRefused("needs two people", TrustApprovalError):
            second.action_post()
        run.action_post()
        self.assertHeld(990.0, self.matter_b)

    def test_whoever_adds_a_bill_prepared_it(self):
        run, bills = self._prepare()
        self.company.legal_trust_dual_approval = True
        line = run.line_ids.filtered(lambda row: row.bill_id == bills["b"])
        vals = {
            "run_id": run.id,
            "matter_id": line.matter_id.id,
            "bill_id": line.bill_id.id,
            "amount": line.amount,
        }
        line.unlink()
        run.action_submit()
        second = run.with_user(self.second_officer)
        second.env["legal.trust.run.line"].create(vals)
        self.assertEqual(run.state, "draft")
        with self.assertRefused("needs two people", TrustApprovalError):
            second.action_post()
        run.action_post()
        self.assertHeld(0.0)

    def test_whoever_takes_a_bill_off_prepared_it(self):
        run, bills = self._prepare()
        self.company.legal_trust_dual_approval = True
        second = run.with_user(self.second_officer)
        second.line_ids.filtered(lambda row: row.bill_id == bills["b"]).unlink()
        with self.assertRefused("needs two people", TrustApprovalError):
            second.action_post()

    def test_what_became_of_a_bill_is_not_written_by_hand(self):
        run, _bills = self._prepare()
        line = run.line_ids[0]
        vals = {
            "run_id": run.id,
            "matter_id": line.matter_id.id,
            "bill_id": line.bill_id.id,
        }
        lines = run.line_ids
        for extra in ({"state": "done"}, {"message": "paid"}):
            with self.assertRefused("is set by Post", ProtectedFieldError):
                lines.create(vals | extra)
        with self.assertRefused("is set by Post", ProtectedFieldError):
            lines.with_context(default_state="done").create(vals)

    def test_roles(self):
        for role in ("fee_earner", "reviewer", "biller", "approver", "cashier"):
            with self.subTest(role), self.assertRefused("may not do this"):
                self._make_run(getattr(self, role))
        run, _bills = self._prepare()
        with self.assertRefused("needs the role", RoleError):
            self._as(run, "cashier").action_post()

    def test_posted_run_stays(self):
        run, _bills = self._prepare()
        run.action_post()
        for attempt in (
            lambda: run.write({"date": date(2026, 11, 1)}),
            lambda: run.line_ids[0].write({"amount": 1.0}),
            lambda: run.line_ids[0].unlink(),
            lambda: run.unlink(),
            lambda: run.action_load(),
            lambda: run.action_post(),
        ):
            with self.assertRefused("is posted and stays", TrustLockedError):
                attempt()
        with self.assertRefused("is set by Post", ProtectedFieldError):
            run.write({"state": "draft"})

    def test_collection_entries_only_from_a_run(self):
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.client_bank.id,
                "date": date(2026, 11, 2),
                "line_ids": [
                    Command.create({"account_id": self.receipts.id, "debit": 5.0}),
                    Command.create({"account_id": self.payments.id, "credit": 5.0}),
                ],
            }
        )
        with self.assertRefused("it takes deposits", TrustError):
            entry.with_context(
                legal_billing_trust_collection=COLLECTION,
                legal_billing_internal=INTERNAL,
            )._post()
