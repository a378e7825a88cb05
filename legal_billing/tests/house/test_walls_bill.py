import base64
from datetime import date
from unittest.mock import patch

from psycopg2.errors import RestrictViolation

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.account.models.account_move import AccountMove

from ...exceptions import (
    BillStageError,
    EntryLockedError,
    MatterOptionError,
    ProtectedFieldError,
    RoleError,
    UndoError,
)
from ..production.produce_common import ProduceCommon

PDF = base64.b64encode(b"%PDF-1.4 forged")


@tagged("post_install", "-at_install")
class TestWallsBecoming(ProduceCommon):
    """A bill comes into being by billing, and is posted by a person who may approve."""

    def _make_invoice(self, role="biller", matter=None, **vals):
        return self._as(self.env["account.move"], role).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": date(2026, 11, 15),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Fees",
                            "price_unit": 2000.0,
                            "tax_ids": [Command.clear()],
                            "matter_id": matter.id if matter else False,
                        }
                    )
                ],
                **vals,
            }
        )

    def test_a_posted_invoice_never_becomes_a_bill(self):
        matter = self._create_matter()
        invoice = self._make_invoice()
        invoice.action_post()
        line = invoice.invoice_line_ids
        for writer in (line, line.sudo(), line.with_user(self.manager)):
            with (
                self.assertRaisesRegex(BillStageError, "posted without a matter"),
                self.env.cr.savepoint(),
            ):
                writer.write({"matter_id": matter.id})
        self.assertFalse(invoice.matter_ids)
        self.assertFalse(invoice.billing_stage)

    def test_nor_does_a_posted_credit_note(self):
        matter = self._create_matter()
        note = self._make_invoice(move_type="out_refund")
        note.action_post()
        with (
            self.assertRaisesRegex(BillStageError, "posted without a matter"),
            self.env.cr.savepoint(),
        ):
            note.invoice_line_ids.write({"matter_id": matter.id})

    def test_a_draft_becomes_one_by_the_biller_only(self):
        matter = self._create_matter()
        bill = self._make_invoice(matter=matter)
        self.assertEqual(bill.billing_stage, "draft")
        invoice = self._make_invoice("cashier")
        for role in ("cashier", "approver", "client_account_officer"):
            line = self._as(invoice.invoice_line_ids, role)
            with self.assertRaisesRegex(
                RoleError, "needs the role Legal billing: Biller"
            ):
                line.write({"matter_id": matter.id})
            with self.assertRaisesRegex(
                RoleError, "needs the role Legal billing: Biller"
            ):
                self._make_invoice(role, matter)
        self._as(invoice.invoice_line_ids, "biller").write({"matter_id": matter.id})
        self.assertEqual(invoice.billing_stage, "draft")

    def test_a_sales_receipt_is_no_bill(self):
        matter = self._create_matter()
        with self.assertRaisesRegex(BillStageError, "a sales receipt is not a bill"):
            self._make_invoice(matter=matter, move_type="out_receipt")
        receipt = self._make_invoice(move_type="out_receipt")
        with self.assertRaisesRegex(BillStageError, "a sales receipt is not a bill"):
            receipt.invoice_line_ids.write({"matter_id": matter.id})

    def test_nothing_posts_a_bill_by_itself(self):
        bill = self._make_bill(approve=False)
        with self.assertRaisesRegex(BillStageError, "approved by a person"):
            self._as(bill, "biller").write({"auto_post": "at_date"})
        with self.assertRaisesRegex(BillStageError, "approved by a person"):
            self._make_invoice(matter=bill.matter_id, auto_post="monthly")

    def test_a_job_without_a_user_approves_nothing(self):
        bill = self._make_bill(approve=False)
        with self.assertRaisesRegex(RoleError, "A scheduled job cannot do this"):
            bill.with_user(SUPERUSER_ID)._post()
        with self.assertRaisesRegex(
            RoleError, "needs the role Legal billing: Approver"
        ):
            self._as(bill, "biller").sudo()._post()
        self.assertEqual(bill.state, "draft")
        self._as(bill, "approver").sudo()._post()
        self.assertEqual(bill.approved_by_id, self.approver)

    def test_an_administrator_in_the_shell_presses_the_button(self):
        bill = self._make_bill(approve=False)
        bill.with_user(SUPERUSER_ID).action_approve_bills()
        self.assertEqual(bill.state, "posted")

    def test_a_job_takes_no_bill_back(self):
        bill = self._make_bill()
        for way in ("button_draft", "button_cancel", "_reverse_moves"):
            with self.assertRaisesRegex(RoleError, "A scheduled job cannot do this"):
                getattr(bill.with_user(SUPERUSER_ID), way)()
        self.assertEqual(bill.state, "posted")

    def test_invoices_without_a_matter_are_core_s(self):
        invoice = self._make_invoice("cashier", auto_post="at_date")
        invoice.with_user(SUPERUSER_ID)._post(soft=False)
        self.assertEqual(invoice.state, "posted")


@tagged("post_install", "-at_install")
class TestWallsDraft(ProduceCommon):
    """Drafts are changed by those who bill or review, approved bills by those who bill,
    and each change of what is owed is on record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter()
        cls._create_time(cls.matter, 2.0)

    def setUp(self):
        super().setUp()
        self.bill = self._bill(self.matter)

    _make_invoice = TestWallsBecoming._make_invoice

    def _add_line(self, role, price):
        self._as(self.bill, role).write(
            {
                "invoice_line_ids": [
                    Command.create({"name": "By hand", "price_unit": price})
                ]
            }
        )

    def test_lines_are_added_by_those_who_may_edit(self):
        for role, price in (("cashier", 500.0), ("approver", -400.0)):
            with self.assertRaisesRegex(
                RoleError, "needs the role Legal billing: Biller"
            ):
                self._add_line(role, price)
            with self.assertRaisesRegex(
                RoleError, "needs the role Legal billing: Biller"
            ):
                self._as(self.env["account.move.line"], role).create(
                    {"move_id": self.bill.id, "name": "By hand", "price_unit": price}
                )
        self.assertEqual(self.bill.amount_untaxed, 600.0)
        self._add_line("biller", 500.0)
        row = self.bill.adjustment_ids.filtered(lambda r: r.step == "line")
        self.assertRecordValues(
            row,
            [
                {
                    "before_amount": 0.0,
                    "after_amount": 500.0,
                    "reason": "By hand",
                    "user_id": self.biller.id,
                    "matter_id": self.matter.id,
                }
            ],
        )

    def test_a_line_by_hand_that_changes_or_goes_is_logged(self):
        self._add_line("biller", 500.0)
        line = self.bill.invoice_line_ids.filtered(lambda x: not x.legal_line_kind)
        with Form(
            self._as(self.bill, "biller"), "legal_billing.bill_view_form"
        ) as form:
            index = [line.id for line in self.bill.invoice_line_ids].index(line.id)
            with form.invoice_line_ids.edit(index) as row:
                row.price_unit = 450.0
        self._as(line, "biller").unlink()
        rows = self.bill.adjustment_ids.filtered(lambda r: r.step == "line")
        self.assertEqual(
            sorted((r.before_amount, r.after_amount) for r in rows),
            [(0.0, 500.0), (450.0, 0.0), (500.0, 450.0)],
        )

    def test_generated_lines_follow_their_entries_in_all(self):
        line = self.bill.invoice_line_ids
        other = self.company_data["default_account_expense"]
        for vals in (
            {"tax_ids": [Command.clear()]},
            {"account_id": other.id},
            {"product_id": self.taxed_type.id},
        ):
            with self.assertRaisesRegex(EntryLockedError, "made from its entries"):
                self._as(line, "biller").write(vals)
            with self.assertRaises(UserError):
                self._as(line, "cashier").write(vals)
        self.assertEqual(self.bill.amount_tax, 120.0)

    def test_payer_and_terms_are_changed_by_those_who_bill_and_noted(self):
        other = self._make_partner("Other payer")
        for role in ("cashier", "client_account_officer", "approver"):
            with self.assertRaisesRegex(
                RoleError, "needs the role Legal billing: Biller"
            ):
                self._as(self.bill, role).write({"partner_id": other.id})
        self._as(self.bill, "biller").write({"partner_id": other.id})
        self.assertIn("Other payer", self.bill.message_ids[0].body)

    def test_approved_bills_are_changed_by_those_who_bill(self):
        self._approve(self.bill)
        bank = self.env["res.partner.bank"].create(
            {"acc_number": "DE1234", "partner_id": self.company.partner_id.id}
        )
        for role in ("cashier", "client_account_officer", "approver"):
            for vals in (
                {"partner_bank_id": bank.id},
                {"narration": "Pay elsewhere"},
                {"payment_reference": "x"},
                {"recipient_ids": [Command.clear()]},
            ):
                with self.assertRaisesRegex(
                    RoleError, "needs the role Legal billing: Biller"
                ):
                    self._as(self.bill, role).write(vals)
        self._as(self.bill, "biller").write({"payment_reference": "REF 1"})
        self.assertIn("REF 1", self.bill.message_ids[0].body)

    def test_kind_and_payment_state_are_not_written(self):
        self._approve(self.bill)
        for role in ("biller", "manager"):
            for vals in (
                {"move_type": "in_receipt"},
                {"payment_state": "in_payment"},
                {"payment_state": "paid"},
            ):
                with self.assertRaisesRegex(
                    ProtectedFieldError, "not written directly"
                ):
                    self._as(self.bill, role).write(vals)
        blocked = self._as(self.bill, "biller")
        blocked.action_toggle_block_payment()
        self.assertEqual(self.bill.payment_state, "blocked")
        with self.assertRaisesRegex(ProtectedFieldError, "not written directly"):
            blocked.write({"payment_state": "paid"})
        blocked.action_toggle_block_payment()
        self.assertEqual(self.bill.payment_state, "not_paid")

    def test_a_bill_begins_as_a_draft(self):
        """Core's copy is one; a state that a caller sends is refused."""
        values = self._as(self.bill, "biller").copy_data()[0]
        for state in ("cancel", "posted"):
            with (
                self.subTest(state),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                self._as(self.bill, "biller").create({**values, "state": state})
        with self.assertRaisesRegex(ProtectedFieldError, "not written directly"):
            self._make_invoice("manager", matter=self.matter, state="cancel")
        self.assertEqual(self._make_invoice(state="cancel").state, "cancel")
        self.assertEqual(
            self._as(self.env["account.move"], "biller").create(values).state, "draft"
        )

    def test_a_line_stays_on_its_bill(self):
        """A draft's line is not moved to another draft, nor from an invoice to a bill."""
        other = self._make_bill("Other", approve=False)
        self._add_line("biller", 100.0)
        hand = self.bill.invoice_line_ids.filtered(
            lambda line: not line.legal_line_kind
        )
        plain = self._make_invoice()
        for line, move in (
            (hand, other),
            (hand, plain),
            (plain.invoice_line_ids, self.bill),
        ):
            for role in ("biller", "manager"):
                with (
                    self.subTest(line.move_id.name, to=move.name, role=role),
                    self.assertRaisesRegex(ProtectedFieldError, "stays where it was"),
                    self.env.cr.savepoint(),
                ):
                    self._as(line, role).write({"move_id": move.id})
        self._as(plain.invoice_line_ids, "biller").write({"move_id": plain.id})

    def test_totals_and_what_is_open_are_not_written(self):
        """Stored and worked out: the field would keep what a caller sends."""
        draft = self._make_bill("Draft", approve=False)
        bill = self._approve(self.bill)
        item = bill.line_ids.filtered(lambda line: line.display_type == "payment_term")
        for move in (bill, draft):
            for name in ("amount_residual", "amount_total", "amount_tax_signed"):
                for role in ("biller", "manager", "cashier"):
                    with self.subTest(name, role=role), self.assertRaises(UserError):
                        self._as(move, role).write({name: 40.0})
            with self.assertRaisesRegex(ProtectedFieldError, "totals are not written"):
                self._as(move, "manager").write({"amount_total": 40.0})
        for vals in (
            {"amount_residual": 40.0},
            {"amount_residual_currency": 0.0},
            {"reconciled": True},
            {"parent_state": "draft"},
            {"date": "2026-01-01"},
            {"balance": 40.0},
            {"debit": 40.0},
            {"display_type": "epd"},
            {"name": "Forged"},
            {"move_id": draft.id},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._as(item, "biller").write(vals)
            with self.assertRaisesRegex(ProtectedFieldError, "is worked out"):
                self._as(item, "manager").write(vals)
            with self.assertRaises(UserError):
                self._as(bill, "manager").write(
                    {"line_ids": [Command.update(item.id, vals)]}
                )
        self.assertEqual((bill.amount_residual, bill.amount_total), (720.0, 720.0))

    def test_what_a_posted_line_is_worked_out_from_is_not_written(self):
        """Of lines that billing did not make, too: by hand, and of credit notes."""
        self._add_line("biller", 100.0)
        bill = self._approve(self.bill)
        hand = bill.invoice_line_ids.filtered(lambda line: not line.legal_line_kind)
        action = self._as(bill, "approver").action_open_credit()
        window = self._as(self.env[action["res_model"]], "approver")
        window = window.browse(action["res_id"])
        window.reason = "Goodwill"
        window.line_ids[0].amount = 50.0
        note = self.env["account.move"].browse(window.action_credit()["res_id"])
        other = self.client.property_account_payable_id
        totals = [(move.amount_total, move.amount_residual) for move in bill | note]
        for line in hand | note.invoice_line_ids:
            for vals in (
                {"discount": 50.0},
                {"quantity": 3.0},
                {"price_unit": 1.0},
                {"product_id": self.taxed_type.id},
                {"account_id": other.id},
            ):
                for role in ("biller", "manager"):
                    with (
                        self.subTest(vals, line=line.name, role=role),
                        self.assertRaisesRegex(ProtectedFieldError, "is worked out"),
                        self.env.cr.savepoint(),
                    ):
                        self._as(line, role).write(vals)
        self.assertEqual(
            [(move.amount_total, move.amount_residual) for move in bill | note], totals
        )
        draft = self._make_bill("Draft", approve=False)
        self._as(draft, "biller").write(
            {"invoice_line_ids": [Command.create({"name": "More", "price_unit": 9.0})]}
        )
        line = draft.invoice_line_ids.filtered(lambda line: line.name == "More")
        self._as(line, "biller").write({"discount": 50.0})
        self.assertEqual(line.price_subtotal, 4.5)

    def test_saying_the_same_again_is_no_change(self):
        self._as(self.bill, "cashier").write({"partner_id": self.bill.partner_id.id})

    def test_amounts_are_amounts(self):
        self._approve(self.bill)
        for amount in (-500.0, 1e15, 800.0):
            with self.assertRaisesRegex(
                BillStageError, "a disputed amount must be between"
            ):
                self._as(self.bill, "biller").write({"disputed_amount": amount})
        draft = self._make_bill(approve=False)
        for value in ("text", -1.0, 1e15):
            with self.assertRaisesRegex(BillStageError, "is an amount"):
                self._as(draft, "biller").write({"fee_override": value})

    def test_options_of_a_matter_are_amounts(self):
        for vals in (
            {"quoted_amount": -5.0},
            {"quoted_amount": 1e15},
            {"minimum_bill_amount": -1.0},
            {"discount_type": "percent", "discount_value": 500.0},
        ):
            with self.assertRaisesRegex(MatterOptionError, "cannot be negative"):
                self._as(self.matter, "biller").write(vals)

    def test_a_delete_that_another_addon_asks_about_frees_nothing(self):
        self._approve(self.bill)
        self._as(self.bill, "manager").action_revert_bills("x")
        entries = self.bill.wip_line_ids
        question = {"type": "ir.actions.act_window", "res_model": "cancel.confirm"}
        with (
            patch.object(AccountMove, "button_cancel", lambda moves: question),
            self.assertRaisesRegex(UndoError, "Cancel was not done"),
        ):
            self._as(self.bill, "biller").action_delete_bills()
        self.assertEqual(entries.bill_id, self.bill)
        self.assertFalse(self.matter.unbilled_amount)

    def test_a_revert_that_another_addon_asks_about_changes_nothing(self):
        self._approve(self.bill)
        with (
            patch.object(AccountMove, "button_draft", lambda moves: {"type": "x"}),
            self.assertRaisesRegex(UndoError, "Revert was not done"),
        ):
            self._as(self.bill, "biller").action_revert_bills()
        self.assertEqual(self.bill.approved_by_id, self.approver)


@tagged("post_install", "-at_install")
class TestWallsPaper(ProduceCommon):
    """The stored paper of an approved bill is nobody's to change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = (
            "reviewer",
            "biller",
            "cashier",
            "client_account_officer",
            "approver",
            "manager",
        )

    def setUp(self):
        super().setUp()
        self.bill = self._make_bill()
        # stored as core's sending does it
        self.paper = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": "INV.pdf",
                    "raw": b"%PDF-1.4 the bill",
                    "res_model": "account.move",
                    "res_id": self.bill.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
        )
        self.bill.invalidate_recordset()

    def test_it_is_a_paper(self):
        self.assertTrue(self.paper.legal_is_paper)
        self.assertEqual(self.bill.invoice_pdf_report_id, self.paper)

    def test_no_role_changes_or_deletes_it(self):
        for role in self.roles:
            paper = self._as(self.paper, role)
            for vals in ({"datas": PDF}, {"raw": b"x"}, {"name": "x"}, {"res_id": 0}):
                with self.assertRaises(UserError):
                    paper.write(vals)
            with self.assertRaises(UserError):
                paper.unlink()
        self.assertEqual(self.paper.raw, b"%PDF-1.4 the bill")
        with self.assertRaisesRegex(ProtectedFieldError, "not changed, replaced or"):
            self._as(self.paper, "manager").unlink()

    def test_superuser_s_code_does_not_either(self):
        with self.assertRaisesRegex(ProtectedFieldError, "not changed, replaced or"):
            self.paper.sudo().write({"raw": b"x"})
        with self.assertRaisesRegex(ProtectedFieldError, "not changed, replaced or"):
            self.paper.sudo().unlink()

    def test_no_role_plants_another(self):
        for is_approved in (True, False):
            with self.subTest(is_approved=is_approved):
                self._plant(self._make_bill("Other", approve=is_approved))

    def _plant(self, other):
        """Nor on a draft: it would be the paper when the bill is approved."""
        for role in self.roles:
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._as(self.env["ir.attachment"], role).create(
                    {
                        "name": "planted.pdf",
                        "datas": PDF,
                        "res_model": "account.move",
                        "res_id": other.id,
                        "res_field": "invoice_pdf_report_file",
                    }
                )
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._as(other, role).write({"invoice_pdf_report_file": PDF})
            if "ubl_cii_xml_file" in other._fields:  # core's e-invoices
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    self._as(other, role).write({"ubl_cii_xml_file": PDF})
        self.assertFalse(other.invoice_pdf_report_id)

    def test_nor_by_moving_a_file_of_the_conversation_there(self):
        other = self._make_bill("Other")
        file = self._as(self.env["ir.attachment"], "biller").create(
            {
                "name": "note.pdf",
                "datas": PDF,
                "res_model": "account.move",
                "res_id": other.id,
            }
        )
        with self.assertRaises(UserError):
            file.write({"res_field": "invoice_pdf_report_file"})
        self.assertFalse(other.invoice_pdf_report_id)

    def test_a_superseded_paper_is_kept(self):
        self._as(self.bill, "manager").action_revert_bills("x")
        self.assertFalse(self.bill.invoice_pdf_report_id)
        self.assertTrue(self.paper.legal_is_paper)
        self.assertIn("detached", self.paper.name)
        with self.assertRaisesRegex(ProtectedFieldError, "not changed, replaced or"):
            self._as(self.paper, "manager").unlink()

    def test_the_database_keeps_it(self):
        self.env.flush_all()
        for query in (
            "DELETE FROM ir_attachment WHERE id = %s",
            "UPDATE ir_attachment SET store_fname = 'x' WHERE id = %s",
            "UPDATE ir_attachment SET legal_is_paper = false WHERE id = %s",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query, [self.paper.id])

    def test_files_of_drafts_and_of_others_are_as_in_core(self):
        invoice = self._make_bill("Draft", approve=False)
        file = self._as(self.env["ir.attachment"], "biller").create(
            {
                "name": "note.txt",
                "raw": b"x",
                "res_model": "account.move",
                "res_id": invoice.id,
            }
        )
        file.write({"raw": b"y"})
        file.unlink()
        self.assertFalse(file.exists())


@tagged("post_install", "-at_install")
class TestStageTable(ProduceCommon):
    """The buttons of the bill's form are those of the table of stages and roles."""

    def test_what_is_allowed_is_stage_and_role(self):
        draft = self._make_bill("Draft", approve=False)
        approved = self._make_bill("Approved")
        finalized = self._make_bill("Finalized")
        self._as(finalized, "biller").action_produce_without_sending()
        table = {
            "approver": ({"approve"}, {"revert", "rebill"}, {"revert", "rebill"}),
            "biller": ({"delete"}, {"produce", "revert"}, {"revert"}),
            "cashier": (set(), set(), set()),
            "manager": (
                {"approve", "delete"},
                {"produce", "revert", "rebill"},
                {"revert", "rebill"},
            ),
        }
        events = ("approve", "produce", "revert", "delete", "rebill")
        for role, expected in table.items():
            for bill, allowed in zip(
                (draft, approved, finalized), expected, strict=True
            ):
                seen = self._as(bill, role)
                found = {e for e in events if seen[f"is_action_{e}_allowed"]}
                with self.subTest(role, stage=bill.billing_stage):
                    self.assertEqual(found, allowed)

    def test_all_obstacles_come_in_one_message(self):
        paid = self._make_bill("Paid")
        self.env["legal.payment"].create(
            {
                "source": "bank",
                "received_from_id": self.client.id,
                "amount": paid.amount_total,
                "allocation_ids": [
                    Command.create({"bill_id": paid.id, "amount": paid.amount_total})
                ],
            }
        ).action_post()
        delivered = self._make_bill("Delivered")
        self._as(delivered, "biller").action_produce_without_sending(
            sent_on=date(2026, 10, 31)
        )
        with self.assertRaises(UndoError) as caught:
            self._as(paid | delivered, "biller").button_draft()
        message = str(caught.exception)
        self.assertIn(f"{paid.name} has", message)
        self.assertIn(f"{delivered.name}: the client has this bill", message)
        self.assertEqual((paid | delivered).mapped("state"), ["posted"] * 2)
