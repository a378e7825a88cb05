from datetime import date

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import BillingRunError, ProtectedFieldError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMassBillingSelection(LegalBillingCommon):
    """The header of a mass billing, saved under a name and chosen at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area = cls.env["legal.practice.area"].create({"name": "Property"})
        cls.other_client = cls.env["res.partner"].create({"name": "Other plc"})
        cls.mine = cls._create_matter(
            name="Alpha", matter_number="A-1", practice_area_id=cls.area.id
        )
        cls.theirs = cls._create_matter(
            name="Beta",
            matter_number="B-1",
            responsible_id=cls.manager.id,
            partner_id=cls.other_client.id,
        )
        cls._create_time(cls.mine, 2.0)
        cls._create_time(cls.theirs, 1.0, day=date(2026, 8, 1))

    def _save(self, role="biller", **vals):
        return self._as(self.env["legal.billing.selection"], role).create(
            {"name": "Month end", "company_id": self.company.id, **vals}
        )

    # --- filters

    def test_filters_leave_matters_out_and_say_so(self):
        cases = {
            "responsible_ids": (self.reviewer, "matters of legal_reviewer"),
            "practice_area_ids": (self.area, "practice area Property"),
            "client_ids": (self.client, "client Client Ltd"),
        }
        for name, (records, sentence) in cases.items():
            with self.subTest(filter=name):
                run = self._create_run(**{name: [Command.set(records.ids)]})
                self.assertIn(self.mine, run.line_ids.matter_id)
                self.assertNotIn(self.theirs, run.line_ids.matter_id)
                [answer] = run.explain_matters("B-1")
                self.assertIn(sentence, answer["answer"])

    def test_arrangement_and_client_money_leave_matters_out(self):
        run = self._create_run(scope_arrangement="fixed")
        self.assertFalse(run.line_ids)
        run = self._create_run(has_client_money=True)
        self.assertFalse(run.line_ids)
        [answer] = run.explain_matters("A-1")
        self.assertIn("client money", answer["answer"])

    def test_minimum_holds_back_with_the_reason(self):
        run = self._create_run(minimum_amount=500.0)
        self.assertRow(run, self.mine, "ready", amount=600.0)
        self.assertRow(run, self.theirs, "excluded", "below_scope")
        self.assertIn("300.00", self._get_row(run, self.theirs).message)
        self.assertIn("500.00", self._get_row(run, self.theirs).message)

    def test_age_holds_back_what_is_recent(self):
        run = self._create_run(minimum_age=60)
        self.assertRow(run, self.mine, "excluded", "too_young")
        self.assertRow(run, self.theirs, "ready", amount=300.0)

    # --- saved selections

    def test_header_is_saved_and_chosen_at_once(self):
        term = self.env["account.payment.term"].create({"name": "10 days"})
        report = self.env.ref("legal_billing.action_report_bill_letter")
        run = self._create_run(
            responsible_ids=[Command.set(self.reviewer.ids)],
            minimum_amount=100.0,
            payment_term_id=term.id,
            bill_report_id=report.id,
            cutoff_date=date(2026, 9, 30),
        )
        action = run.action_save_selection()
        selection = (
            self._as(self.env["legal.billing.selection"], "biller")
            .with_context(**action["context"])
            .create({"name": "Partner Reviewer"})
        )
        self.assertEqual(selection.cutoff_rule, "last_month")
        self.assertEqual(run.selection_id, selection)
        other = self._create_run()
        other.choose_selection(selection.id)
        self.assertEqual(other.responsible_ids, self.reviewer)
        self.assertEqual(other.minimum_amount, 100.0)
        self.assertEqual((other.payment_term_id, other.bill_report_id), (term, report))
        self.assertEqual(other.cutoff_date, date(2026, 9, 30))
        self.assertRow(other, self.mine, "excluded", "after_cutoff")
        self.assertNotIn(self.theirs, other.line_ids.matter_id)

    def test_run_remembers_the_selection_it_used(self):
        selection = self._save(responsible_ids=[Command.set(self.reviewer.ids)])
        run = self._create_run()
        run.choose_selection(selection.id)
        strip = run.get_strip([])
        self.assertEqual(strip["selection_name"], "Month end")
        self.assertFalse(strip["selection_edited"])
        run.minimum_amount = 50.0
        self.assertTrue(run.get_strip([])["selection_edited"])
        run.action_bill_all()
        selection.unlink()
        self.assertEqual(run.selection_name, "Month end")

    def test_all_matters_takes_the_filters_away(self):
        run = self._create_run(
            responsible_ids=[Command.set(self.reviewer.ids)], minimum_age=10
        )
        run.choose_selection(False)
        self.assertFalse(run.responsible_ids)
        self.assertIn(self.theirs, run.line_ids.matter_id)

    def test_shared_selection_is_for_everybody_an_own_one_is_not(self):
        shared = self._save("manager", name="Shared", is_shared=True)
        private = self._save("manager", name="Private")
        run = self._create_run()
        names = [row["name"] for row in run.get_strip([])["selections"]]
        self.assertEqual(names, ["Shared"])
        run.choose_selection(shared.id)
        self.assertEqual(run.selection_name, "Shared")
        with self.assertRaisesRegex(BillingRunError, "not shared with you"):
            run.choose_selection(private.id)

    def test_shared_selection_is_changed_by_owner_or_manager_only(self):
        shared = self._save("manager", name="Shared", is_shared=True)
        with self.assertRaises(AccessError):
            self._as(shared, "biller").name = "Taken over"
        own = self._save("biller", name="Own", is_shared=True)
        self._as(own, "manager").name = "Put right"
        self.assertEqual(own.name, "Put right")

    def test_default_starts_a_new_mass_billing_own_before_shared(self):
        self._save(
            "manager",
            name="Firm",
            is_shared=True,
            is_default=True,
            responsible_ids=[Command.set(self.reviewer.ids)],
        )
        runs = self._as(self.env["legal.billing.run"], "biller")
        action = runs.action_new_mass_billing()
        run = runs.browse(action["context"]["default_run_id"])
        self.assertEqual(run.selection_name, "Firm")
        self.assertNotIn(self.theirs, run.line_ids.matter_id)
        run.unlink()
        self._save("biller", name="Own", is_default=True)
        action = runs.action_new_mass_billing()
        run = runs.browse(action["context"]["default_run_id"])
        self.assertEqual(run.selection_name, "Own")
        self.assertIn(self.theirs, run.line_ids.matter_id)

    def _made_on(self, run, day):
        run.flush_recordset()
        self.env.cr.execute(
            "UPDATE legal_billing_run SET create_date = %s WHERE id = %s",
            (f"{day} 12:00:00", run.id),
        )
        run.invalidate_recordset()

    def test_mass_billing_opened_again_keeps_chosen_dates(self):
        runs = self._as(self.env["legal.billing.run"], "biller")
        action = runs.action_new_mass_billing()
        run = runs.browse(action["context"]["default_run_id"])
        today = fields.Date.context_today(run)
        made = fields.Date.subtract(today, days=10)
        self._made_on(run, made)
        chosen = fields.Date.subtract(today, days=3)
        run.write({"invoice_date": chosen, "cutoff_date": made})
        runs.action_new_mass_billing()
        self.assertEqual((run.invoice_date, run.cutoff_date), (chosen, made))
        # the day it was made, with a cut-off: chosen as well
        run.write({"invoice_date": made, "cutoff_date": chosen})
        runs.action_new_mass_billing()
        self.assertEqual((run.invoice_date, run.cutoff_date), (made, chosen))
        # nobody chose anything: it follows the calendar
        run.cutoff_date = False
        runs.action_new_mass_billing()
        self.assertEqual((run.invoice_date, run.cutoff_date), (today, False))
        # the cut-off is the one of the selection
        run.choose_selection(self._save(cutoff_rule="last_month").id)
        self._made_on(run, "2026-09-20")
        run.write({"invoice_date": "2026-09-20", "cutoff_date": "2026-08-31"})
        runs.action_new_mass_billing()
        last = fields.Date.subtract(fields.Date.start_of(today, "month"), days=1)
        self.assertEqual((run.invoice_date, run.cutoff_date), (today, last))

    def test_one_default_per_owner(self):
        first = self._save(name="First", is_default=True)
        second = self._save(name="Second", is_default=True)
        self.assertFalse(first.is_default)
        first.is_default = True
        self.assertFalse(second.is_default)

    # --- refused

    def test_filters_stay_once_bills_were_made(self):
        run = self._create_run()
        run.action_bill_all()
        for call in (run.action_open_scope, lambda: run.choose_selection(False)):
            with self.assertRaisesRegex(BillingRunError, "its filters stay"):
                call()

    def test_selections_are_refused_to_lawyers(self):
        run = self._create_run()
        with self.assertRaises(RoleError):
            self._as(run, "approver").choose_selection(False)
        with self.assertRaises(AccessError):
            self._save("reviewer")

    def test_used_name_is_written_by_the_run_alone(self):
        with self.assertRaises(ProtectedFieldError):
            self._create_run().selection_name = "Somebody else's"
