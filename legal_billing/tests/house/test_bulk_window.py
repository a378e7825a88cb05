from odoo import Command
from odoo.tests import tagged

from ...exceptions import (
    BillingRunError,
    BillStageError,
    EntryLockedError,
    LegalBillingError,
)
from ..common import LegalBillingCommon

DRAFTS = [("billing_stage", "=", "draft")]


@tagged("post_install", "-at_install")
class TestBulkWindow(LegalBillingCommon):
    """A window asks about what was ticked in a list; meanwhile somebody else deals with
    it. The list's filter holds more, which nobody asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls._create_matter(name="Ticked") | cls._create_matter(
            name="Other"
        )
        for matter in cls.matters:
            cls._create_time(matter)

    def _make_drafts(self):
        self._bill(self.matters)
        bills = self.env["account.move"].search(
            [("matter_ids", "in", self.matters.ids)]
        )
        return bills.sorted(lambda bill: bill.matter_ids.id)

    def _press(self, records, role, method, domain):
        """What the web client opens when the button above the list is pressed: it adds
        the context of the button to that of the window.

        :return: the window
        """
        context = {
            "active_model": records._name,
            "active_ids": records.ids,
            "active_domain": domain,
        }
        button = self._as(records, role).with_context(**context)
        action = getattr(button, method)()
        context |= {"active_model": action["res_model"]} | action.get("context", {})
        return self._open(action, role, context)

    def _open(self, action, role, context):
        window = self._as(self.env[action["res_model"]], role)
        return window.with_context(**context).browse(action["res_id"])

    def _refused(self, window, method, error=BillStageError):
        """Nothing is left to do, whatever context the call comes with."""
        self.env.flush_all()
        self.env.invalidate_all()
        domains = {
            "account.move": [],
            "account.analytic.line": [],
            "legal.billing.run.line": [],
        }
        for model, domain in domains.items():
            called = window.with_context(active_model=model, active_domain=domain)
            with self.assertRaisesRegex(error, "nothing left to do.*load the list"):
                getattr(called, method)()
        with self.assertRaisesRegex(error, "nothing left to do.*load the list"):
            getattr(window, method)()
        self.env.invalidate_all()

    def test_delete_drafts(self):
        ticked, other = self._make_drafts()
        window = self._press(ticked, "biller", "action_open_delete", DRAFTS)
        self._as(ticked, "biller").action_delete_bills()
        self._refused(window, "action_do")
        self._refused(window, "action_do_fine")
        self.assertEqual((other.exists(), other.state), (other, "draft"))

    def test_approve_drafts(self):
        ticked, other = self._make_drafts()
        window = self._press(ticked, "approver", "action_open_approve", DRAFTS)
        self._as(ticked, "biller").action_delete_bills()
        self._refused(window, "action_do")
        self._refused(window, "action_do_fine")
        self.assertEqual(other.state, "draft")

    def test_approve_drafts_that_are_approved(self):
        ticked, other = self._make_drafts()
        window = self._press(ticked, "approver", "action_open_approve", DRAFTS)
        self._approve(ticked)
        with self.assertRaises(BillStageError):
            window.action_do()
        self.assertEqual(other.state, "draft")

    def test_what_is_left_is_approved_at_the_new_date(self):
        ticked, other = self._make_drafts()
        window = self._press(ticked | other, "approver", "action_open_approve", DRAFTS)
        window.write({"date_mode": "set", "invoice_date": "2026-11-15"})
        before = ticked.invoice_date
        self._approve(ticked)
        number = ticked.name
        window.action_do()
        self.assertEqual((ticked.invoice_date, ticked.date), (before, before))
        self.assertEqual(ticked.name, number)
        self.assertEqual(str(other.invoice_date), "2026-11-15")
        self.assertEqual(str(other.date), "2026-11-15")
        self.assertEqual(other.state, "posted")

    def test_produce_without_sending(self):
        ticked, other = self._approve(self._make_drafts())
        window = self._press(
            ticked,
            "biller",
            "action_open_produce_without_sending",
            [("billing_stage", "=", "production")],
        )
        self._as(ticked, "biller").action_produce_without_sending()
        self._refused(window, "action_produce")
        self.assertEqual(other.billing_stage, "production")
        self.assertFalse(other.produced_on)

    def test_produce(self):
        ticked, other = self._approve(self._make_drafts())
        domain = [("billing_stage", "=", "production")]
        window = self._press(ticked, "biller", "action_open_produce", domain)
        window.bill_ids = [Command.clear()]
        for method in ("action_produce", "action_produce_fine", "action_test_send"):
            self._refused(window, method)
        self.assertEqual(other.billing_stage, "production")

    def test_write_off_wip(self):
        ticked, other = self.env["account.analytic.line"].search(
            [("matter_id", "in", self.matters.ids)], order="id"
        )
        domain = [("matter_id", "in", self.matters.ids)]
        window = self._press(ticked, "biller", "action_open_write_off", domain)
        hold = self._press(ticked, "biller", "action_open_hold", domain)
        window.reason = "Goodwill"
        ticked.with_context(legal_billing_reason="Recorded twice").unlink()
        self._refused(window, "action_do", EntryLockedError)
        self._refused(hold, "action_do", EntryLockedError)
        self.assertFalse(other.written_off_on)
        self.assertFalse(other.is_on_hold)

    def test_bill_rows(self):
        run = self._create_run(filter_domain=str([("id", "in", self.matters.ids)]))
        ticked, other = run.line_ids
        domain = [("run_id", "=", run.id)]
        action = (
            self._as(self.env["legal.billing.run.confirm"], "biller")
            .with_context(active_model=ticked._name, active_domain=domain)
            ._open(ticked)
        )
        window = self._open(action, "biller", {"active_domain": domain})
        self._as(ticked, "biller").action_bill_selected()
        self._refused(window, "action_bill", BillingRunError)
        self.assertEqual(other.state, "ready")

    def test_send_for_review(self):
        ticked, _other = self._make_drafts()
        window = self._press(ticked, "biller", "action_open_review", DRAFTS)
        self._as(ticked, "biller").action_delete_bills()
        self._refused(window, "action_do")

    def test_matter_options(self):
        domain = [("id", "in", self.matters.ids)]
        for method, button in (
            ("action_change_options", "action_change"),
            ("action_open_take_over", "action_take_over"),
        ):
            window = self._press(self.matters, "biller", method, domain)
            window.sudo().matter_ids = [Command.clear()]
            self._refused(window, button, LegalBillingError)

    def test_the_list_itself_still_takes_all_of_its_filter(self):
        drafts = self._make_drafts()
        domain = [("id", "in", drafts.ids)]
        nothing = self._as(drafts.browse(), "biller")
        self.assertEqual(
            nothing.env["legal.bulk.selection"]
            .with_context(active_domain=domain)
            ._select(nothing),
            drafts,
        )
        for domain in (False, None):
            self.assertFalse(
                nothing.env["legal.bulk.selection"]
                .with_context(active_domain=domain)
                ._select(nothing)
            )
