from datetime import date, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    ApprovalError,
    BillStageError,
    EntryLockedError,
)
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillDraftFollows(LegalBillingCommon):
    """What a draft keeps and what follows when its entries, date, journal or matter
    change: it stays a bill, in its currency, worth what its entries are worth."""

    def _make_draft(self, **options):
        matter = self._create_matter(**options)
        self._create_time(matter, 1.0)
        return self._bill(matter)

    def _make_euro(self, *rates):
        euro = self.setup_other_currency("EUR", rates=[])
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": euro.id,
                    "name": day,
                    "rate": rate,
                    "company_id": self.company.id,
                }
                for day, rate in rates
            ]
        )
        return euro

    # --- entries

    def test_a_draft_on_which_nothing_is_charged_stays_a_bill(self):
        for method in ("action_no_charge", "action_hold", "action_remove_from_bill"):
            with self.subTest(method):
                matter = self._create_matter()
                entry = self._create_time(matter, 1.0)
                bill = self._bill(matter)
                getattr(self._as(entry, "biller"), method)()
                self.assertRecordValues(
                    bill,
                    [
                        {
                            "matter_ids": matter.ids,
                            "billing_stage": "draft",
                            "amount_total": 0.0,
                        }
                    ],
                )
                self.assertRecordValues(
                    bill.invoice_line_ids,
                    [{"legal_line_kind": "fee", "price_unit": 0.0}],
                )
                self._as(bill, "biller").action_delete_bills()
                self.assertFalse(bill.exists())
                self.assertFalse(entry.bill_id)

    def test_a_draft_that_charges_again_has_its_own_lines_again(self):
        matter = self._create_matter()
        entry = self._create_time(matter, 1.0)
        bill = self._bill(matter)
        self._as(entry, "biller").action_no_charge()
        self._as(entry, "biller").write({"bill_behavior": "bill"})
        self.assertEqual(bill.invoice_line_ids.mapped("price_unit"), [300.0])

    def test_hidden_hours_are_not_in_the_text(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        self._create_time(matter, 2.0, bill_behavior="hide")
        bill = self._bill(matter)
        self.assertEqual(bill.invoice_line_ids.name, "Professional fees, 1 hour")

    def test_amounts_of_generated_lines_are_not_written(self):
        bill = self._make_draft()
        line = bill.invoice_line_ids
        for name, value in (
            ("amount_currency", -100.0),
            ("balance", -100.0),
            ("credit", 100.0),
            ("price_subtotal", 100.0),
            ("price_total", 100.0),
        ):
            vals = {name: value}
            with self.subTest(name), self.assertRaises(EntryLockedError) as refused:
                self._as(line, "biller").write(vals)
            self.assertIn("Edit the entries", str(refused.exception))
            command = {"line_ids": [Command.update(line.id, vals)]}
            with self.subTest(name), self.assertRaises(EntryLockedError):
                self._as(bill, "biller").write(command)
            self.assertRecordValues(
                bill, [{"amount_untaxed": 300.0, "amount_total": 360.0}]
            )

    def test_a_line_by_hand_beside_them_is_written(self):
        bill = self._make_draft()
        self._as(bill, "biller").write(
            {"invoice_line_ids": [Command.create({"name": "Copies", "price_unit": 10})]}
        )
        mine = bill.invoice_line_ids.filtered(lambda line: not line.legal_line_kind)
        self._as(mine, "biller").write({"price_unit": 20})
        self.assertEqual(bill.amount_untaxed, 320.0)

    # --- date

    def test_without_terms_it_is_due_on_its_date(self):
        today = fields.Date.context_today(self.env.user)
        for days in (-28, 20):
            matter = self._create_matter(bill_payment_term_id=False)
            self._create_time(matter, 1.0, day=min(today, today + timedelta(days=days)))
            day = today + timedelta(days=days)
            with self.subTest(days):
                bill = self._bill(matter, invoice_date=day)
                self.assertEqual(bill.invoice_date_due, day)
                later = day + timedelta(days=2)
                self._as(bill, "biller").write({"invoice_date": later})
                self.assertEqual(bill.invoice_date_due, later)

    def test_a_due_date_of_its_own_stays(self):
        bill = self._make_draft(bill_payment_term_id=False)
        self._as(bill, "biller").write({"invoice_date_due": "2026-12-24"})
        self._as(bill, "biller").write({"invoice_date": "2026-11-15"})
        self.assertEqual(bill.invoice_date_due, date(2026, 12, 24))

    def test_entries_in_another_currency_have_the_value_of_the_date(self):
        euro = self._make_euro(("2026-01-01", 2.0), ("2026-11-10", 4.0))
        matter = self._create_matter(billing_currency_id=euro.id)
        self._create_time(matter, 1.0)
        self.env.flush_all()  # its value is in euro
        matter.billing_currency_id = self.company.currency_id
        bill = self._bill(matter, invoice_date="2026-10-31")
        before = bill.amount_untaxed
        self._as(bill, "biller").write({"invoice_date": "2026-11-15"})
        self.assertEqual(bill.amount_untaxed, before / 2)

    def test_entries_of_many_drafts_are_asked_for_together(self):
        matters = self.env["project.project"]
        for number in range(11):
            matter = self._create_matter(name=f"Matter {number}")
            self._create_time(matter, 1.0)
            matters += matter
        bills = self._bill(matters)
        counts = []
        for some in (bills[:1], bills[:1], bills[1:]):  # the first warms up
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._reprice_at_date()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[1])
        self.assertLessEqual(counts[2], 2)

    def test_a_bill_in_foreign_currency_is_booked_at_the_rate_of_its_date(self):
        euro = self._make_euro(("2026-01-01", 2.0), ("2026-11-10", 4.0))
        bill = self._make_draft(billing_currency_id=euro.id)
        line = bill.invoice_line_ids
        net = line.price_unit
        self._as(bill, "biller").write({"invoice_date": "2026-11-15"})
        self.assertRecordValues(
            bill.invoice_line_ids,
            [{"price_unit": net, "amount_currency": -net, "balance": -net / 4}],
        )

    # --- journal and currency

    def test_another_journal_keeps_the_currency(self):
        euro = self._make_euro(("2026-01-01", 2.0))
        journal = self.env["account.journal"].create(
            {
                "name": "Bills in euro",
                "code": "EURJ",
                "type": "sale",
                "currency_id": euro.id,
                "company_id": self.company.id,
            }
        )
        bill = self._make_draft()
        bill.matter_id.bill_journal_id = journal
        self._as(bill.matter_id, "biller").action_apply_options_to_drafts()
        other = self._make_draft()
        self._as(other, "biller").write({"journal_id": journal.id})
        for draft in bill + other:
            self.assertRecordValues(
                draft,
                [
                    {
                        "journal_id": journal.id,
                        "currency_id": self.company.currency_id.id,
                        "amount_untaxed": 300.0,
                        "amount_untaxed_signed": 300.0,
                    }
                ],
            )

    def test_instalments_keep_the_currency(self):
        euro = self._make_euro(("2026-01-01", 2.0))
        matter = self._create_matter(billing_arrangement="fixed")
        self.env["legal.fee.instalment"].create(
            {"matter_id": matter.id, "amount": 500.0}
        )
        bill = self._bill(matter)
        with self.assertRaisesRegex(BillStageError, "another currency"):
            self._as(bill, "biller").write({"currency_id": euro.id})

    # --- matter

    def test_another_practice_area_prices_the_draft_again(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT 5%", "amount": 5.0, "type_tax_use": "sale"}
        )
        product = self._create_service("Area fees", tax, legal_use="fee")
        bill = self._make_draft()
        bill.matter_id.practice_area_id = self.env["legal.practice.area"].create(
            {"name": "Area", "fee_product_id": product.id}
        )
        self.assertRecordValues(bill, [{"amount_untaxed": 300.0, "amount_tax": 15.0}])
        self.assertEqual(bill.invoice_line_ids.product_id, product)

    # --- credit notes that wait

    def _make_waiting_note(self):
        """An approved bill of 300.00 net, and a biller's credit note of 100.00 of it."""
        bill = self._approve(self._make_draft())
        key = bill._get_credit_rows()[0]["key"]
        note = self._as(bill, "biller")._credit_parts({key: 100.0}, "too much")
        self.assertEqual(note.state, "draft")
        return bill, note.with_env(self.env)

    def test_a_waiting_credit_note_is_approved(self):
        bill, note = self._make_waiting_note()
        self._approve(note)
        self.assertEqual(bill.amount_residual, 240.0)

    def test_a_waiting_credit_note_of_a_credited_bill_is_not_approved(self):
        bill, note = self._make_waiting_note()
        self._as(bill, "approver").action_credit_and_rebill()
        with self.assertRaisesRegex(ApprovalError, "more than is left"):
            self._as(note, "approver").action_post()
        self.assertEqual(note.state, "draft")

    def test_a_waiting_credit_note_of_a_cancelled_bill_is_not_approved(self):
        bill, note = self._make_waiting_note()
        self._as(bill, "biller").action_revert_bills()
        with self.assertRaisesRegex(ApprovalError, "not approved any more"):
            self._as(note, "approver").action_post()
        self._as(bill, "biller").action_delete_bills()
        with self.assertRaisesRegex(ApprovalError, "not approved any more"):
            self._as(note, "approver").action_post()

    def test_two_waiting_credit_notes_credit_no_more_than_the_bill(self):
        bill = self._approve(self._make_draft())
        first, second = (
            self._as(bill, "biller")._internal()._reverse_moves([{}]) for _n in "ab"
        )
        notes = (first + second).with_env(self.env)
        with self.assertRaisesRegex(ApprovalError, "more than is left"):
            self._as(notes, "approver").action_post()
        self._approve(first.with_env(self.env))
        self.assertEqual(bill.amount_residual, 0.0)
