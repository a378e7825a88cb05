from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    ConfigurationError,
    TrustApprovalError,
    TrustError,
    TrustLockedError,
)
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
class TestTrustReconciliation(TrustCommon):
    """Bank, cash book and the matters' ledgers agree; papers say so."""

    def _reconcile(self, day=date(2026, 11, 20), role="client_account_officer", **vals):
        return self._as(self.env["legal.trust.reconciliation"], role).create(
            {"journal_id": self.client_bank.id, "date": day, **vals}
        )

    def _state_bank(self, amount, day=date(2026, 11, 5)):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.client_bank.id,
                "date": day,
                "payment_ref": "Bank",
                "amount": amount,
            }
        )

    def _match(self, line, movement, account):
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = account
        (
            suspense
            | movement.move_id.line_ids.filtered(
                lambda item: item.account_id == account
            )
        ).reconcile()

    def test_three_ways_with_open_items(self):
        deposit = self._book("deposit", 1000.0)
        self._book("deposit", 200.0, date(2026, 11, 19), matter_id=self.matter_b.id)
        self._book("refund", 100.0, date(2026, 11, 19))
        self._match(self._state_bank(1000.0), deposit, self.receipts)
        self._state_bank(30.0)
        record = self._reconcile()
        self.assertEqual(record.statement_balance, 1030.0)
        self.assertEqual(record.outstanding_in_amount, 200.0)
        self.assertEqual(record.outstanding_out_amount, -100.0)
        self.assertEqual(record.unidentified_amount, 30.0)
        self.assertEqual(record.bank_amount, 1100.0)
        self.assertEqual(record.book_amount, 1100.0)
        self.assertEqual(record.ledger_amount, 1100.0)
        self.assertEqual(record.liability_amount, 1100.0)
        self.assertTrue(record.is_level)
        self.assertEqual(
            {line.matter_id: line.amount for line in record.line_ids},
            {self.matter: 900.0, self.matter_b: 200.0},
        )

    def test_as_it_was_at_the_date(self):
        self._book("deposit", 1000.0, date(2026, 11, 1))
        self._book("refund", 400.0, date(2026, 11, 21))
        self.assertEqual(self._reconcile().ledger_amount, 1000.0)
        self.assertEqual(self._reconcile(date(2026, 11, 21)).ledger_amount, 600.0)

    def test_signed_stays(self):
        self._book("deposit", 1000.0)
        record = self._reconcile()
        record.action_sign()
        self.assertEqual(record.signed_by_id, self.client_account_officer)
        self.assertTrue(record.signed_on)
        for attempt in (
            lambda: record.write({"date": date(2026, 11, 1)}),
            lambda: record.write({"note": "x"}),
            lambda: record.unlink(),
            lambda: record.action_sign(),
            lambda: record.action_refresh(),
        ):
            with self.assertRefused("is signed and stays", TrustLockedError):
                attempt()
        with self.assertRefused("come from the books", TrustLockedError):
            record.write({"bank_amount": 5.0})
        self.assertSqlRefused(
            "UPDATE legal_trust_reconciliation SET ledger_amount = 5 WHERE id = %s",
            "is signed and stays",
            record.id,
        )
        self._book("deposit", 50.0, date(2026, 11, 21))
        self.assertEqual(record.ledger_amount, 1000.0)

    # --- a signed month

    def _sign(self, day=date(2026, 11, 20)):
        record = self._reconcile(day)
        record.action_sign()
        return record

    def test_signed_holds_its_month(self):
        self._book("deposit", 1000.0)
        self._sign()
        for kind, vals in (
            ("deposit", {}),
            ("refund", {}),
            ("matter_transfer", {"to_matter_id": self.matter_b.id}),
            ("deposit", {"matter_id": self.matter_other.id}),
        ):
            for day in (date(2026, 11, 15), date(2026, 11, 20)):
                with (
                    self.subTest(kind=kind, day=day),
                    self.assertRefused(
                        "reconciliation of Client bank is signed for 11/20/2026",
                        TrustError,
                    ),
                ):
                    self._book(kind, 10.0, day, **vals)
        bill = self._make_bill()
        with self.assertRefused("is signed for", TrustError):
            self._pay({bill: 360.0}, date(2026, 11, 20)).action_post()
        self.assertHeld(1000.0)
        # the day after is open, and so is another client account
        self._pay({bill: 360.0}, date(2026, 11, 21)).action_post()
        other_bank = self.client_bank.create(
            {
                "name": "Second client bank",
                "type": "bank",
                "code": "CLC",
                "company_id": self.company.id,
                "is_client_account": True,
            }
        )
        self._book("deposit", 5.0, date(2026, 11, 2), journal_id=other_bank.id)

    def test_signed_holds_its_month_in_the_database(self):
        deposit = self._book("deposit", 1000.0)
        self._sign()
        self.assertSqlRefused(
            "INSERT INTO legal_trust_line (transaction_id, matter_id, journal_id, "
            "company_id, currency_id, date, amount) SELECT transaction_id, matter_id, "
            "journal_id, company_id, currency_id, date, 5 FROM legal_trust_line "
            "WHERE transaction_id = %s",
            "is reconciled and signed",
            deposit.id,
        )

    def test_a_draft_reconciliation_holds_nothing(self):
        self._reconcile()
        self._book("deposit", 50.0, date(2026, 11, 2))
        self.assertHeld(50.0)

    def test_reversals_come_after_what_is_signed(self):
        deposit = self._book("deposit", 1000.0, date(2026, 11, 2))
        bill = self._make_bill()
        payment = self._pay({bill: 360.0}, date(2026, 11, 10))
        payment.action_post()
        record = self._sign()
        with self.assertRefused("is signed for", TrustError):
            deposit.action_reverse("Wrong matter", date(2026, 11, 12))
        payment.action_reverse("Wrong bill", "correction")
        back = payment.trust_transaction_ids.reversal_ids
        self.assertEqual(back.date, date(2026, 11, 25))
        self.assertEqual(
            set(payment.reversal_move_ids.mapped("date")), {date(2026, 11, 25)}
        )
        deposit.action_reverse("Wrong matter")
        self.assertEqual(deposit.reversal_ids.date, date(2026, 11, 25))
        self.assertHeld(0.0)
        again = self._reconcile()
        self.assertEqual(again.ledger_amount, record.ledger_amount)

    def test_a_day_to_come_is_not_signed(self):
        record = self._reconcile(date(2026, 12, 31))
        with self.assertRefused("still to come", TrustError):
            record.action_sign()

    def test_a_second_signature_if_the_company_wants_it(self):
        self.company.legal_trust_second_signature = True
        # movements are no matter of this
        self._book("deposit", 1000.0)
        record = self._reconcile()
        with self.assertRefused("another client-account officer", TrustApprovalError):
            record.action_sign()
        self.assertEqual(record.state, "draft")
        record.with_user(self.second_officer).action_sign()
        self.assertEqual(record.signed_by_id, self.second_officer)

    # --- uninstalling

    def test_the_addon_does_not_go_with_client_money_on_the_books(self):
        modules = self.env["ir.module.module"]
        addon = modules.search([("name", "=", "legal_billing")])
        deposit = self._book("deposit", 1000.0)
        for module in (addon, modules.search([("name", "=", "hr_timesheet")])):
            with (
                self.subTest(module.name),
                self.assertRefused(
                    f"(?s){self.matter.matter_number}.*Print them first",
                    ConfigurationError,
                ),
            ):
                module.button_uninstall()
        self.assertEqual(addon.state, "installed")
        deposit.action_reverse("Paid out")
        self.assertFalse(self.env["res.company"]._get_held_money())

    def test_nor_with_unallocated_credits(self):
        addon = self.env["ir.module.module"].search([("name", "=", "legal_billing")])
        payment = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "journal_id": self.office_bank.id,
                "received_from_id": self.client.id,
                "amount": 100.0,
                "date": date(2026, 11, 20),
                "allocation_ids": [
                    Command.create({"matter_id": self.matter.id, "amount": 100.0})
                ],
            }
        )
        payment.action_post()
        with self.assertRefused("Unallocated credits of 1 matters", ConfigurationError):
            addon.button_uninstall()
        # whoever says that the ledgers were handed out is let go
        self.env["ir.config_parameter"].set_param(
            "legal_billing.ledgers_handed_out", "2026-11-25 to Mr Reed"
        )
        addon.button_uninstall()
        self.assertEqual(addon.state, "to remove")

    def test_difference_is_signed_by_a_manager_with_a_note_only(self):
        self._book("deposit", 1000.0)
        record = self._reconcile(statement_balance=25.0)
        self.assertEqual(record.bank_difference, 25.0)
        with self.assertRefused("is not level", TrustError):
            record.action_sign()
        manager = self._as(record, "manager")
        with self.assertRefused("is not level", TrustError):
            manager.action_sign()
        manager.note = "Bank charge, made good on 23 Nov"
        manager.action_sign()
        self.assertEqual(record.state, "signed")

    def test_two_people(self):
        self.company.legal_trust_dual_approval = True
        record = self._reconcile()
        with self.assertRefused("another client-account officer", TrustApprovalError):
            record.action_sign()
        record.with_user(self.second_officer).action_sign()

    def test_roles(self):
        for role in ("fee_earner", "reviewer", "biller", "approver", "cashier"):
            with self.subTest(role), self.assertRefused("may not do this"):
                self._reconcile(role=role)

    def test_papers_render(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill()
        payment = self._pay({bill: 360.0})
        payment.action_post()
        refund = self._book("refund", 40.0, date(2026, 11, 12))
        refund.action_reverse("Wrong account")
        run = self._as(self.env["legal.trust.run"], "client_account_officer").create(
            {
                "client_journal_id": self.client_bank.id,
                "office_journal_id": self.office_bank.id,
                "date": date(2026, 11, 20),
            }
        )
        run.action_load()
        wizard = self._as(
            self.env["legal.trust.report"], "client_account_officer"
        ).create({"date_from": date(2026, 11, 1), "date_to": date(2026, 11, 25)})
        papers = {
            "balances": (wizard, [self.matter.display_name, "640.00"]),
            "journal": (wizard, [bill.name, "delivered", "Reversal of", "360.00"]),
            "ledgers": (wizard, [self.matter.display_name, "Lowest cleared", "640.00"]),
            "ledger": (self.matter.trust_balance_ids, ["1,000.00", "640.00"]),
            "run": (run, ["one amount from the client account"]),
            "reconciliation": (self._reconcile(), ["level", "640.00"]),
        }
        reports = self._as(self.env["ir.actions.report"], "client_account_officer")
        for name, (record, words) in papers.items():
            with self.subTest(name):
                html, _kind = reports._render_qweb_html(
                    f"legal_billing.legal_trust_{name}_report", record.ids
                )
                text = html.decode().replace("\xa0", " ")
                for word in words:
                    self.assertIn(word, text)

    def test_wizards(self):
        movement = self._book("deposit", 100.0)
        officer = "client_account_officer"
        self._as(self.env["legal.trust.reverse"], officer).create(
            {"movement_ids": movement.ids, "reason": "Wrong matter"}
        ).action_reverse()
        self.assertEqual(movement.state, "reversed")
        wizard = self._as(self.env["legal.trust.retain"], officer).create(
            {"matter_id": self.matter.id, "amount": 15.0}
        )
        wizard.action_retain()
        self.assertEqual(self.matter.client_account_retained, 15.0)
        action = (
            self._as(self.env["legal.trust.report"], officer)
            .create({"kind": "journal"})
            .action_print()
        )
        self.assertEqual(
            action["report_name"], "legal_billing.legal_trust_journal_document"
        )

    def test_list_of_matters(self):
        self._book("deposit", 1000.0)
        self._book("deposit", 50.0, is_uncleared=True)
        self._as(self.matter, "client_account_officer").action_retain_client_money(100)
        bill = self._make_bill(hours=3)
        row = self._as(self.matter.trust_balance_ids, "client_account_officer")
        self.assertEqual(
            (
                row.balance,
                row.uncleared_amount,
                row.cleared_balance,
                row.available_amount,
                row.unpaid_amount,
                row.transferable_amount,
            ),
            (1050.0, 50.0, 1000.0, 900.0, 1080.0, 900.0),
        )
        rows = row.search([("transferable_amount", ">", 0)])
        self.assertEqual(rows, row)
        self.assertEqual(row.search([("uncleared_amount", ">", 0)]), row)
        bill.disputed_amount = 1080.0
        row.invalidate_recordset()
        self.assertFalse(row.search([("transferable_amount", ">", 0)]))
