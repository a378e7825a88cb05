from datetime import date

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    BillingRunError,
    BillStageError,
    EntryLockedError,
    LegalBillingError,
    ProtectedFieldError,
    RoleError,
)
from ..payment.payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestWallsRaw(PaymentCommon):
    """What no form sends and RPC may: each gets a sentence, never a traceback."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entry = cls._create_time(cls.matter, 1.0)

    # --- filters

    def test_a_filter_of_the_list_that_is_none(self):
        bill = self._create_bill(100.0)
        for value in (
            "abc",
            "[('id', '>', 0)]",
            5,
            True,
            {"id": 1},
            ["id"],
            [["id", "in", "select id from res_users"]],
            [["id", "=", "x"]],
            [["amount_total", ">", "much"]],
            [["invoice_date", "<", "soon"]],
            [["no_such_field", "=", 1]],
            [["name", "resembles", "x"]],
        ):
            bills = self._as(bill.browse(), "approver").with_context(
                active_domain=value, active_model="account.move"
            )
            with (
                self.subTest(value),
                self.assertRaisesRegex(BillStageError, "filter of the list cannot be"),
                self.env.cr.savepoint(),
            ):
                bills.action_approve_bills()
        entries = self._as(self.entry.browse(), "biller").with_context(
            active_domain=[["id", "in", "select"]]
        )
        with self.assertRaisesRegex(BillStageError, "filter of the list cannot be"):
            entries.action_hold()
        self.assertFalse(self.entry.is_on_hold)

    def test_a_filter_of_the_list_is_used(self):
        entries = self._as(self.entry.browse(), "biller").with_context(
            active_domain=[["id", "=", self.entry.id]]
        )
        entries.action_hold()
        self.assertTrue(self.entry.is_on_hold)

    def test_a_filter_of_a_run_that_the_database_refuses(self):
        run = self._create_run()
        for text in (
            "[('id', 'in', 'select id from res_users')]",
            "[('id', '=', 'x')]",
            "[('billing_currency_id', '>', 'EUR')]",
            "[('quoted_amount', '>', 'much')]",
        ):
            with (
                self.subTest(text),
                self.assertRaisesRegex(BillingRunError, "its filter .* cannot be used"),
                self.env.cr.savepoint(),
            ):
                self._as(run, "biller").filter_domain = text
        self.assertEqual(run.filter_domain, "[]")

    # --- texts

    def test_a_pasted_text_loses_what_shows_nowhere(self):
        bill = self._create_bill(100.0)
        payment = self._as(self.env["legal.payment"], "cashier").create(
            {"received_from_id": self.client.id, "amount": 100.0, "source": "bank"}
        )
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": payment.id, "text": f"{bill.name[:4]}\0{bill.name[4:]}\0"}
        )
        window.action_apply()
        self.assertEqual(payment.allocation_ids.bill_id, bill)
        window.text = "no\0 such number"
        self.assertIn("such", window.text)
        self.assertNotIn("\0", window.text)

    def test_other_texts_are_refused_by_name(self):
        entry = self._as(self.entry, "biller")
        slip = self._as(self.env["legal.payment"], "cashier")
        for write in (
            lambda: entry.write({"name": "Ad\0vice"}),
            lambda: entry.write({"bill_narrative": "Ad\0vice"}),
            lambda: self._create_time(self.matter, 1.0, name="Ad\0vice"),
            lambda: slip.create({"amount": 1.0, "source": "bank", "reference": "\0"}),
            lambda: self._as(self.matter, "biller").write({"name": "\0"}),
            lambda: self._as(self.matter, "biller").write(
                {"instalment_ids": [Command.create({"amount": 1.0, "name": "\0"})]}
            ),
        ):
            with self.assertRaisesRegex(ValidationError, "cannot be stored .NUL"):
                write()
        with self.assertRaisesRegex(LegalBillingError, "Say why"):
            entry.action_write_off("\0 \0")
        entry.action_write_off("Too\0 much")
        self.assertTrue(self.entry.written_off_on)

    # --- values

    def test_what_is_no_amount(self):
        matter = self._as(self.matter, "biller")
        for name in ("quoted_amount", "minimum_bill_amount", "discount_value"):
            for value in ("much", [1], float("nan"), float("inf"), -5):
                with (
                    self.subTest(name=name, value=value),
                    self.assertRaisesRegex(
                        UserError, "not a number|cannot be negative"
                    ),
                    self.env.cr.savepoint(),
                ):
                    matter.write({name: value})
        entry = self._as(self.entry, "biller")
        for name in ("unit_amount", "bill_rate", "bill_quantity"):
            for value in ("much", float("nan"), float("-inf")):
                with (
                    self.subTest(name=name, value=value),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    entry.write({name: value})
        with self.assertRaisesRegex(ValidationError, "not a number"):
            self._as(self.env["legal.fee.instalment"], "biller").create(
                {"matter_id": self.matter.id, "amount": "much"}
            )
        matter.quoted_amount = "1500.00"
        self.assertEqual(matter.quoted_amount, 1500.0)

    # --- instalments

    def test_the_tie_of_an_instalment_is_refused_in_its_own_words(self):
        matter = self._create_matter(name="Fixed")
        row = self._as(self.env["legal.fee.instalment"], "biller").create(
            {"matter_id": matter.id, "amount": 100.0, "name": "Half"}
        )
        bill = self._create_bill(100.0)
        with self.assertRaisesRegex(ProtectedFieldError, "by billing alone. Use Bill"):
            row.bill_id = bill
        with self.assertRaisesRegex(ProtectedFieldError, "by billing alone. Use Bill"):
            row.successor_id = row
        self._bill(matter, invoice_date=date(2026, 10, 31))
        with self.assertRaisesRegex(EntryLockedError, "Billed .*: Half"):
            row.bill_id = bill

    # --- producing

    def test_producing_is_asked_as_the_other_ways_are(self):
        bill = self._create_bill(100.0)
        for user in (SUPERUSER_ID, self.approver.id):
            with self.assertRaises(RoleError):
                bill.with_user(user).sudo()._produce()
        with self.assertRaisesRegex(RoleError, "role Legal billing: Biller"):
            self._as(bill, "approver").action_produce_without_sending()
        self._as(bill, "biller").action_produce_without_sending()
        self.assertEqual(bill.billing_stage, "finalized")

    def test_nobody_else_leaves_a_bill_to_odoos_sending_job(self):
        """A flag that a job acts on later is the act."""
        bill = self._create_bill(100.0)
        later = {"sending_data": {"sending_methods": []}}
        for role in ("cashier", "approver", "client_account_officer", "reviewer"):
            with self.assertRaises(UserError):
                self._as(bill, role).write(later)
        with self.assertRaisesRegex(RoleError, "role Legal billing: Biller"):
            self._as(bill, "cashier").write({"no_followup": True, **later})
        self._as(bill, "biller").write({"sending_data": {"sending_methods": []}})
        self.assertTrue(bill.is_being_sent)
