from datetime import date

from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ...exceptions import (
    ApprovalError,
    BillStageError,
    EntryLockedError,
    LegalBillingError,
    ProtectedFieldError,
    RoleError,
    UndoError,
)
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillingLoopholes(LegalBillingCommon):
    """Ways around the guards that were found once and stay closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Smith v Jones")
        cls.time = cls._create_time(cls.matter, 2.0)

    # --- a bill cannot stop being one

    def test_a_bill_keeps_its_matter(self):
        bill = self._as(self._bill(self.matter), "biller")
        with self.assertRaisesRegex(ProtectedFieldError, "billing actions"):
            bill.write({"matter_ids": [Command.clear()]})
        with self.assertRaisesRegex(EntryLockedError, "made from its entries"):
            bill.invoice_line_ids.write({"matter_id": False})
        with self.assertRaisesRegex(ProtectedFieldError, "follows from its bills"):
            self._as(self.matter, "biller").write({"bill_ids": [Command.clear()]})
        self.assertEqual(bill.matter_ids, self.matter)

    def test_generated_lines_cannot_be_freed_by_context(self):
        bill = self._as(self._bill(self.matter), "biller")
        lines = bill.invoice_line_ids
        with self.assertRaises(EntryLockedError):
            lines.with_context(dynamic_unlink=True).unlink()
        with self.assertRaises(EntryLockedError):
            lines.write({"legal_line_kind": False})

    # --- defaults of the context are values too

    def test_defaults_in_the_context_are_checked(self):
        bill = self._approve(self._bill(self.matter))
        with self.assertRaises(ProtectedFieldError):
            self.env["account.analytic.line"].with_context(
                default_bill_id=bill.id
            ).create(
                {
                    "project_id": self.matter.id,
                    "employee_id": self.lawyer.id,
                    "name": "x",
                    "unit_amount": 1,
                }
            )
        instalments = self._as(self.env["legal.fee.instalment"], "biller")
        with self.assertRaisesRegex(ProtectedFieldError, "by billing alone"):
            instalments.with_context(default_bill_id=bill.id).create(
                {"matter_id": self.matter.id, "amount": 10.0}
            )
        with self.assertRaises(ProtectedFieldError):
            self._as(self.env["legal.billing.run"], "biller").with_context(
                default_user_id=self.approver.id
            ).create({})

    def test_a_reader_cannot_mark_a_bill_delivered(self):
        bill = self._approve(self._bill(self.matter))
        self.manager.notification_type = "inbox"
        # pylint: disable-next=translation-required
        self._as(bill, "biller").with_context(
            legal_billing_bill_email=True
        ).message_post(body="x", partner_ids=self.manager.partner_id.ids)
        self.assertFalse(bill.delivered_on)

    # --- what was released never comes back

    def test_a_cancelled_bill_stays_cancelled(self):
        bill = self._approve(self._bill(self.matter))
        self._as(bill, "biller").action_revert_bills()
        self._as(bill, "biller").action_delete_bills()
        with self.assertRaisesRegex(UndoError, "billed twice"):
            bill.button_draft()

    def test_a_credited_bill_and_its_credit_stay(self):
        bill = self._approve(self._bill(self.matter))
        action = self._as(bill, "approver").action_credit_and_rebill()
        credit_note = self.env["account.move"].browse(action["res_id"])
        bill.line_ids.remove_move_reconcile()
        for move in (bill, credit_note):
            with self.assertRaisesRegex(UndoError, "billed twice"):
                move.button_draft()

    # --- instalments

    def test_crediting_an_old_period_does_not_fork_the_chain(self):
        matter = self._create_matter(
            billing_arrangement="fixed",
            instalment_ids=[
                Command.create(
                    {"amount": 500.0, "due_date": "2026-08-31", "repeat": "month"}
                )
            ],
        )
        first = self._approve(self._bill(matter, invoice_date=date(2026, 8, 31)))
        self._approve(self._bill(matter, invoice_date=date(2026, 9, 30)))
        self._as(first, "approver").action_credit_and_rebill()
        self._approve(self._bill(matter, invoice_date=date(2026, 9, 30)))
        dates = matter.instalment_ids.mapped("due_date")
        self.assertEqual(len(dates), len(set(dates)))

    def test_a_stale_window_does_not_bill_an_instalment_again(self):
        matter = self._create_matter(
            billing_arrangement="fixed",
            instalment_ids=[Command.create({"amount": 500.0})],
        )
        windows = []
        for _index in range(2):
            action = self._as(matter, "biller").action_bill_matter()
            windows.append(
                self._as(self.env[action["res_model"]], "biller").browse(
                    action["res_id"]
                )
            )
        windows[0].action_bill()
        self._approve(matter.instalment_ids.bill_id)
        with self.assertRaisesRegex(Exception, "nothing to bill"):
            windows[1].action_bill()

    # --- prices

    def test_a_line_of_another_matter_does_not_stop_the_pricing(self):
        other = self._create_matter(name="Other")
        bill = self._bill(self.matter)
        bill.write(
            {
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Extra",
                            "price_unit": 50.0,
                            "quantity": 1,
                            "tax_ids": [],
                            "matter_id": other.id,
                        }
                    )
                ]
            }
        )
        self._as(bill, "biller").action_remove_entries(self.time)
        self.assertEqual(bill.amount_untaxed, 50.0)
        self.assertFalse(self.time.bill_id)

    def test_hours_under_a_fixed_fee_wait_for_the_instalment(self):
        matter = self._create_matter(
            billing_arrangement="fixed",
            instalment_ids=[Command.create({"amount": 900, "due_date": "2027-05-01"})],
        )
        self._create_time(matter, 2.0, bill_rate=0.0)
        self._create_disbursement(matter, 100.0)
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=100.0)
        self._get_row(run, matter).action_bill_selected()
        bill = run.bill_ids
        bill.action_add_new_wip()
        self.assertEqual(bill.amount_untaxed, 100.0)

    def test_a_shown_reduction_of_costs_is_no_fee(self):
        matter = self._create_matter(
            quoted_amount=600.0,
            quote_scope="disbursements",
            adjustment_display="discount",
        )
        self._create_disbursement(matter, 1000.0, product_id=self.taxed_type.id)
        bill = self._bill(matter)
        self.assertEqual(bill.amount_untaxed, 600.0)
        self.assertEqual(
            set(bill.invoice_line_ids.mapped("bill_element")), {"disbursement_taxable"}
        )
        self.assertEqual(matter.quote_billed_amount, 600.0)

    def test_terms_of_an_approved_bill_stay(self):
        bill = self._bill(self.matter)
        with self.assertRaisesRegex(BillStageError, "cannot be negative"):
            bill.fee_override = -5.0
        self._approve(bill)
        with self.assertRaisesRegex(BillStageError, "is not a draft"):
            bill.fee_override = 1.0

    def test_an_entry_is_not_billed_below_nothing(self):
        """Not on the draft and not before; what was recorded as a correction may be."""
        cost = self._create_disbursement(self.matter, 80.0)
        for entry in (self.time, cost):
            with (
                self.assertRaisesRegex(LegalBillingError, "never billed below zero"),
                self.env.cr.savepoint(),
            ):
                self._as(entry, "biller").bill_quantity = -1
        bill = self._bill(self.matter)
        for entry, vals in (
            (self.time, {"bill_quantity": -1}),
            (self.time, {"bill_rate": -5}),
            (cost, {"bill_quantity": -1}),
        ):
            with (
                self.assertRaisesRegex(LegalBillingError, "never billed below zero"),
                self.env.cr.savepoint(),
            ):
                self._as(entry, "biller").write(vals)
        self.assertEqual(bill.amount_untaxed, 680.0)
        correction = self._create_time(self.matter, -0.5)
        self.assertEqual(correction.wip_amount, -150.0)

    def test_a_bill_below_nothing_is_not_approved(self):
        """However it came to be: by a line that somebody typed."""
        bill = self._as(self._bill(self.matter), "biller")
        bill.write(
            {
                "invoice_line_ids": [
                    Command.create({"name": "Goodwill", "price_unit": -700.0})
                ]
            }
        )
        self.assertIn("negative", [flag["text"] for flag in bill.bill_flags])
        with self.assertRaisesRegex(ApprovalError, "below zero"):
            self._approve(bill)
        self.assertEqual(bill.state, "draft")

    # --- what time is worth

    def _record(self, role, **vals):
        """Own time, recorded over RPC.

        :rtype: account.analytic.line
        """
        model = self.env(user=getattr(self, role), context={})
        [entry_id] = call_kw(
            model["account.analytic.line"],
            "create",
            [
                [
                    {
                        "project_id": self.matter.id,
                        "name": "Advice",
                        "date": "2026-10-05",
                        "unit_amount": 1.0,
                        **vals,
                    }
                ]
            ],
            {"context": {"allowed_company_ids": self.company.ids}},
        )
        return self.env["account.analytic.line"].browse(entry_id)

    def test_a_fee_earner_does_not_price_new_time(self):
        for vals in (
            {"bill_rate": 900.0},
            {"wip_amount": 900.0},
            {"bill_rate": 900.0, "wip_type": "disbursement"},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(RoleError, "comes from the rates"),
                self.env.cr.savepoint(),
            ):
                self._record("fee_earner", **vals)
        # what the form shows is what the rates give
        entry = self._record("fee_earner", bill_rate=200.0, wip_amount=200.0)
        self.assertEqual(entry.wip_amount, 200.0)

    def test_who_has_no_role_does_not_price_time(self):
        """Core's timesheet administrators change hours, not what they are worth."""
        keeper = new_test_user(
            self.env,
            "legal_keeper",
            "base.group_user,hr_timesheet.group_timesheet_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        entry = self.time.with_user(keeper).with_company(self.company)
        with self.assertRaisesRegex(RoleError, "comes from the rates"):
            entry.bill_rate = 900.0
        entry.name = "Advice by telephone"

    # --- entries and rows of other matters

    def test_an_approver_does_not_take_entries_off_drafts(self):
        self._bill(self.matter)
        entry = self._as(self.time, "approver")
        with self.assertRaises(RoleError):
            entry.action_hold_on_bill()
        self._as(self.time, "biller").action_hold_on_bill()
        self.assertFalse(self.time.bill_id)

    def test_a_row_unticks_entries_of_its_own_matter(self):
        other = self._create_matter(name="Other")
        foreign = self._create_time(other)
        row = self._get_row(self._create_run(), self.matter)
        with self.assertRaisesRegex(ProtectedFieldError, "not an entry of"):
            self._as(foreign, "biller").with_context(
                legal_billing_entry_action="tick", legal_billing_run_line_id=row.id
            ).action_prebill()
        self.assertFalse(row.unticked_ids)

    def test_the_window_over_a_quote_marks_its_own_row(self):
        """The row that is billed along is the matter's, whatever the window says."""
        other = self._create_matter(name="Other")
        self._create_time(other)
        row = self._get_row(self._create_run(), other)
        self._as(self.env["legal.quote.excess"], "biller").create(
            {
                "matter_id": self.matter.id,
                "row_id": row.id,
                "invoice_date": "2026-10-31",
                "cutoff_date": "2026-10-31",
            }
        ).action_bill_anyway()
        self.assertRow(row.run_id, other, "ready")
        self.assertFalse(row.bill_id)

    def test_a_secured_bill_is_not_reverted_but_credited(self):
        """Core's seal is for good; the refusal says what is possible."""
        self.company_data["default_journal_sale"].restrict_mode_hash_table = True
        bill = self._approve(self._bill(self.matter))
        if not bill.inalterable_hash:  # core may wait until it is sent
            bill.button_hash()
        self.assertTrue(bill.inalterable_hash)
        for role, revert in (
            ("approver", lambda moves: moves.action_revert_bills("wrong")),
            ("manager", lambda moves: moves.button_draft()),
        ):
            with self.assertRaisesRegex(UndoError, "is secured.*Credit and rebill"):
                revert(self._as(bill, role))
        self.assertEqual(bill.state, "posted")
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertEqual(bill.payment_state, "reversed")
        self.assertFalse(self.time.bill_id)
