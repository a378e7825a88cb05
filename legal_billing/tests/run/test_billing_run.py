from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ...exceptions import (
    BillingRunError,
    ConfigurationError,
    ProtectedFieldError,
    RoleError,
)
from ...models.drafting.legal_bill_maker import LegalBillMaker
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillingRun(LegalBillingCommon):
    """Every matter that holds WIP is a row, with a bill or with the reason."""

    def _create_matter_with_wip(self, hours=1.0, **vals):
        matter = self._create_matter(**vals)
        self._create_time(matter, hours)
        return matter

    # --- reasons

    def test_each_reason_is_told(self):
        cases = {
            "excluded": {"exclude_from_mass_billing": True},
            "closed": {"billing_status": "closed"},
            "no_payer": {"partner_id": False, "billing_partner_id": False},
            "below_minimum": {"minimum_bill_amount": 500.0},
            "no_instalment": {"billing_arrangement": "fixed"},
        }
        matters = {
            code: self._create_matter_with_wip(name=code, **vals)
            for code, vals in cases.items()
        }
        matters["archived"] = self._create_matter_with_wip(name="archived")
        matters["archived"]._internal().active = False  # as of long ago
        matters["draft_open"] = self._create_matter_with_wip(name="draft")
        self._bill(matters["draft_open"])
        self._create_time(matters["draft_open"], 1.0)
        matters["on_hold"] = self._create_matter(name="held")
        self._create_time(matters["on_hold"], is_on_hold=True)
        matters["after_cutoff"] = self._create_matter(name="late")
        self._create_time(matters["after_cutoff"], day=date(2026, 11, 5))
        matters["nothing_chargeable"] = self._create_matter(name="free")
        self._create_time(matters["nothing_chargeable"], bill_behavior="no_charge")
        matters["negative"] = self._create_matter(name="negative")
        self._create_disbursement(matters["negative"], -75.0)
        matters["no_rate"] = self._create_matter(name="no rate")
        self._create_time(matters["no_rate"], bill_rate=0.0)
        run = self._create_run()
        for code, matter in matters.items():
            self.assertRow(run, matter, "excluded", code)
            self.assertTrue(self._get_row(run, matter).message)
        self.assertIn("500.00", self._get_row(run, matters["below_minimum"]).message)

    def test_matter_without_wip_has_no_row(self):
        matter = self._create_matter()
        self.assertFalse(self._get_row(self._create_run(), matter))

    def test_due_instalment_without_wip_is_billed(self):
        matter = self._create_matter(
            billing_arrangement="fixed",
            instalment_ids=[
                (0, 0, {"amount": 1000.0, "due_date": "2026-10-15"}),
                (0, 0, {"amount": 800.0, "due_date": "2026-12-15"}),
            ],
        )
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=1000.0)
        run.action_bill_all()
        bill = run.bill_ids
        self.assertEqual(bill.amount_untaxed, 1000.0)
        self.assertEqual(bill.instalment_ids.due_date, date(2026, 10, 15))
        self._as(bill, "biller").action_delete_bills()
        self.assertFalse(matter.instalment_ids.bill_id)

    def test_cure_removes_the_exclusion(self):
        matter = self._create_matter_with_wip(exclude_from_mass_billing=True)
        run = self._create_run()
        row = self._get_row(run, matter)
        row.action_cure()
        self.assertFalse(matter.exclude_from_mass_billing)
        self.assertRow(run, matter, "ready", amount=300.0)

    def test_minimum_equal_is_billed(self):
        matter = self._create_matter_with_wip(minimum_bill_amount=300.0)
        self.assertRow(self._create_run(), matter, "ready", amount=300.0)

    def test_minimum_is_compared_after_discount(self):
        matter = self._create_matter(
            minimum_bill_amount=100.0, discount_type="percent", discount_value=10.0
        )
        self._create_time(matter, 0.5, employee_id=self.associate.id)
        run = self._create_run()
        self.assertRow(run, matter, "excluded", "below_minimum", 90.0)
        self.assertIn("90.00", self._get_row(run, matter).message)

    # --- working off

    def test_totals_tie_out(self):
        matters = self.env["project.project"].union(
            *(self._create_matter_with_wip(hours) for hours in (1.0, 2.5, 4.0))
        )
        run = self._create_run()
        expected = run.ready_amount
        run.action_bill_all()
        self.assertEqual(len(run.bill_ids), len(matters))
        self.assertEqual(sum(run.bill_ids.mapped("amount_untaxed")), expected)
        self.assertEqual(
            run.line_count, run.done_count + run.failed_count + run.excluded_count
        )
        self.assertEqual(run.state, "done")

    def test_selected_rows_only(self):
        first, second = (self._create_matter_with_wip() for _i in range(2))
        run = self._create_run()
        self._get_row(run, first).action_bill_selected()
        self.assertEqual(run.bill_ids.matter_id, first)
        self.assertRow(run, second, "ready")

    def test_nothing_ticked_means_the_whole_filter(self):
        first, second = (self._create_matter_with_wip() for _i in range(2))
        run = self._create_run()
        self.env["legal.billing.run.line"].with_user(self.biller).with_context(
            active_model="legal.billing.run.line",
            active_domain=[("run_id", "=", run.id), ("matter_id", "=", second.id)],
        ).browse().action_bill_selected()
        self.assertEqual(run.bill_ids.matter_id, second)
        self.assertNotEqual(run.bill_ids.matter_id, first)

    def test_nothing_ready_is_refused(self):
        self._create_matter_with_wip(exclude_from_mass_billing=True)
        run = self._create_run()
        with self.assertRaisesRegex(BillingRunError, "None of these matters is ready"):
            run.action_bill_all()

    def test_one_bad_matter_stops_nothing_and_can_be_retried(self):
        good, bad = (self._create_matter_with_wip(name=n) for n in ("good", "bad"))
        run = self._create_run()
        original = LegalBillMaker._prepare_bill_vals

        def broken(maker, job, position):
            if job.matter.id == bad.id:
                raise ConfigurationError("bad has no account")
            return original(maker, job, position)

        with patch.object(LegalBillMaker, "_prepare_bill_vals", broken):
            run.action_bill_all()
        self.assertRow(run, good, "done")
        self.assertRow(run, bad, "failed", "error")
        self.assertEqual(self._get_row(run, bad).message, "bad has no account")
        self._get_row(run, bad).action_retry()
        self.assertRow(run, bad, "done")
        self.assertEqual(run.bill_ids.matter_id, good | bad)

    def test_changed_wip_is_billed_and_flagged(self):
        matter = self._create_matter_with_wip()
        run = self._create_run()
        self._create_time(matter, 0.5)
        run.action_bill_all()
        bill = run.bill_ids
        self.assertEqual(bill.amount_untaxed, 450.0)
        self.assertTrue(bill.is_changed_since_review)
        self.assertEqual(bill.review_difference, 150.0)

    def test_changed_wip_is_held_where_the_firm_wants_it(self):
        self.company.legal_hold_changed_rows = True
        matter = self._create_matter_with_wip()
        run = self._create_run()
        self._create_time(matter, 0.5)
        run.action_bill_all()
        self.assertRow(run, matter, "skipped", "changed")
        self.assertFalse(run.bill_ids)

    def test_two_runs_never_bill_the_same_entry(self):
        matter = self._create_matter_with_wip()
        first, second = self._create_run(), self._create_run()
        first.action_bill_all()
        second.action_bill_all()
        self.assertRow(second, matter, "skipped", "nothing_to_bill")
        self.assertEqual(len(first.bill_ids), 1)
        self.assertFalse(second.bill_ids)

    def test_row_then_run_then_matter_decide_terms(self):
        term = self.env["account.payment.term"]
        of_matter, of_run, of_row = (term.create({"name": n}) for n in "mrl")
        matters = [
            self._create_matter_with_wip(bill_payment_term_id=of_matter.id)
            for _index in range(2)
        ]
        run = self._create_run(payment_term_id=of_run.id)
        self._get_row(run, matters[0]).payment_term_id = of_row
        run.action_bill_all()
        by_matter = {bill.matter_id: bill for bill in run.bill_ids}
        self.assertEqual(by_matter[matters[0]].invoice_payment_term_id, of_row)
        self.assertEqual(by_matter[matters[1]].invoice_payment_term_id, of_run)

    def test_undo_takes_back_the_drafts(self):
        matter = self._create_matter_with_wip()
        run = self._create_run()
        run.action_bill_all()
        run.action_undo()
        self.assertEqual(matter.unbilled_amount, 300.0)
        with self.assertRaisesRegex(BillingRunError, "no drafts left"):
            run.action_undo()

    def test_big_run_is_left_to_the_cron(self):
        self.company.legal_small_run = 0
        matter = self._create_matter_with_wip()
        run = self._create_run()
        run.action_bill_all()
        self.assertEqual(run.state, "running")
        self.assertFalse(run.bill_ids)
        with self.enter_registry_test_mode():
            self.env.ref("legal_billing.ir_cron_billing_run").method_direct_trigger()
        run.invalidate_recordset()
        self.assertRow(run, matter, "done")
        self.assertEqual(run.bill_ids.create_uid, self.biller)

    def test_workers_are_called_as_there_is_work_for_them(self):
        """One for what is done in a moment, else both: chunks end small, so that two
        share a run of some dozen rows, too."""
        self.company.legal_small_run = 0
        crons = self.env.ref("legal_billing.ir_cron_billing_run")
        crons += self.env.ref("legal_billing.ir_cron_billing_run_second")
        for number, called in ((10, crons[0]), (11, crons)):
            for _index in range(number):
                self._create_matter_with_wip()
            triggers = self.env["ir.cron.trigger"].search([])
            run = self._create_run()
            run.action_bill_all()
            self.assertEqual(run.queued_count, number)
            triggers = self.env["ir.cron.trigger"].search([]) - triggers
            self.assertEqual(triggers.cron_id, called)
            run.action_stop()
            run.line_ids.matter_id.exclude_from_mass_billing = True

    def test_when_its_time_is_up_the_scheduler_hears_what_is_left(self):
        """Odoo gives a job ten seconds, and comes back at once only where something is
        left of what it does; else in an hour."""
        self.company.legal_small_run = 0
        for _index in range(12):
            self._create_matter_with_wip()
        run = self._create_run()
        run.action_bill_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            cron = self.env(cr=cr, su=True).ref("legal_billing.ir_cron_billing_run")
            cron, progress = cron._add_progress()
            runs = cron.env["legal.billing.run"]
            runs.with_context(cron_id=cron.id, cron_end_time=1)._cron_process()
            self.assertEqual(progress.remaining, 2)
            self.assertEqual(progress.done, 10)
        run.invalidate_recordset()
        self.assertEqual((run.state, run.queued_count), ("running", 2))

    def test_a_run_that_nobody_takes_up_says_so(self):
        """As on a server that runs no scheduled actions."""
        self.company.legal_small_run = 0
        self._create_matter_with_wip()
        run = self._create_run()
        self.assertFalse(run.wait_note)
        run.action_bill_all()
        self.assertFalse(run.wait_note)
        with freeze_time(run.started_on + timedelta(minutes=7)):
            run.invalidate_recordset(["wait_note"])
            self.assertIn("for 7 minutes", run.wait_note)
        run.action_stop()
        self.assertFalse(run.wait_note)

    def test_run_ends_though_its_worker_did_not(self):
        """The last chunk was committed, then the server died or the time was up."""
        self.company.legal_small_run = 0
        self._create_matter_with_wip()
        run = self._create_run()
        run.action_bill_all()
        worker = run._as_worker()
        worker._process_chunk(worker._next_chunk())
        self.assertEqual((run.queued_count, run.finished_on), (0, False))
        with self.enter_registry_test_mode():
            self.env.ref("legal_billing.ir_cron_billing_run").method_direct_trigger()
        run.invalidate_recordset()
        self.assertTrue(run.finished_on)
        self.assertIn("1 done", run.message_ids[0].body)

    def test_stopped_run_waits(self):
        self.company.legal_small_run = 0
        self._create_matter_with_wip()
        run = self._create_run()
        run.action_bill_all()
        run.action_stop()
        run.process()
        self.assertEqual((run.state, run.queued_count), ("stopped", 1))
        self.company.legal_small_run = 10
        run.action_continue()
        self.assertEqual(run.state, "done")

    # --- cost

    def _count_queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_loading_costs_the_same_for_ten_times_as_many(self):
        for _index in range(5):
            self._create_matter_with_wip()
        self._create_run()
        few = self._count_queries(self._create_run)
        for _index in range(45):
            self._create_matter_with_wip()
        many = self._count_queries(self._create_run)
        self.assertLessEqual(many, few + 4)

    def test_billing_costs_one_more_query_per_matter(self):
        """The link between bill and matter; all else is set-based."""

        def bill(count):
            matters = self.env["project.project"].union(
                *(self._create_matter_with_wip() for _index in range(count))
            )
            run = self._create_run(filter_domain=str([("id", "in", matters.ids)]))
            return self._count_queries(run.action_bill_all)

        bill(2)
        few = bill(10)
        self.assertLessEqual(bill(40) - few, 30 * 1.2)

    # --- roles

    def test_roles_without_billing_cannot_read_or_make_runs(self):
        for role in ("fee_earner", "cashier", "reviewer"):
            with self.assertRaises(AccessError):
                self._as(self.env["legal.billing.run"], role).create({})

    def test_crafted_runs_cannot_borrow_a_right(self):
        bill = self._bill(self._create_matter_with_wip())
        runs = self._as(self.env["legal.billing.run"], "biller")
        with self.assertRaisesRegex(ProtectedFieldError, "set by Approve"):
            runs.create({"operation": "approve"})
        with self.assertRaisesRegex(ProtectedFieldError, "User"):
            runs.create({"user_id": self.approver.id})
        run = runs.create({})
        with self.assertRaisesRegex(ProtectedFieldError, "set by Approve"):
            run.write({"operation": "approve"})
        with self.assertRaises(AccessError):
            self._as(self.env["legal.billing.run.line"], "biller").create(
                {"run_id": run.id, "bill_id": bill.id, "state": "queued"}
            )
        run.sudo().write({"operation": "approve"})
        run.sudo().line_ids = [Command.create({"bill_id": bill.id, "state": "queued"})]
        with self.assertRaisesRegex(RoleError, "needs the role"):
            run.process()
        self.assertEqual(bill.state, "draft")

    def test_rows_are_written_by_the_run_alone(self):
        matter = self._create_matter_with_wip(exclude_from_mass_billing=True)
        run = self._create_run()
        with self.assertRaisesRegex(ProtectedFieldError, "written by the run"):
            self._get_row(run, matter).write({"state": "queued"})

    def test_worked_run_stays_in_the_history(self):
        self._create_matter_with_wip()
        run = self._create_run()
        run.action_bill_all()
        with self.assertRaisesRegex(BillingRunError, "stays in the history"):
            run.unlink()
        run.sudo().started_on = False  # its rows say so as well
        with self.assertRaisesRegex(BillingRunError, "stays in the history"):
            run.unlink()
        self.assertTrue(run.exists())

    def test_history_is_never_rewritten(self):
        bill = self._approve(self._bill(self._create_matter_with_wip()))
        run = self._as(
            self.env["legal.billing.run"].search(
                [("operation", "=", "approve")], order="id desc", limit=1
            ),
            "biller",
        )
        self.assertEqual(run.user_id, self.approver)
        for vals in (
            {"operation": "bill"},
            {"user_id": self.biller.id},
            {"started_on": False},
            {"finished_on": False},
            {"operation": "bill", "user_id": self.biller.id, "started_on": False},
        ):
            with self.assertRaisesRegex(ProtectedFieldError, "of a run is set by"):
                run.write(vals)
        with self.assertRaisesRegex(BillingRunError, "stays in the history"):
            run.unlink()
        # what changes nothing is no change
        run.write({"operation": "approve", "user_id": self.approver.id})
        self.assertEqual((run.operation, run.line_ids.bill_id), ("approve", bill))

    def test_dates_of_a_started_run_stay(self):
        self._create_matter_with_wip()
        run = self._create_run()
        run.write({"invoice_date": "2026-10-30", "cutoff_date": "2026-10-29"})
        run.action_stop()
        run.action_bill_all()
        self.assertEqual(run.state, "stopped")
        for vals in (
            {"invoice_date": "2026-11-20"},
            {"cutoff_date": False},
            {"company_id": False},
        ):
            with self.assertRaisesRegex(BillingRunError, "its dates stay"):
                run.write(vals)
        run.write({"invoice_date": "2026-10-30"})
        with self.assertRaisesRegex(ProtectedFieldError, "Stopped"):
            run.write({"is_paused": False})
        run.action_continue()
        self.assertEqual(run.bill_ids.invoice_date, date(2026, 10, 30))

    def test_retry_of_rows_of_several_runs_starts_each(self):
        runs = self.env["legal.billing.run"]
        for name in "ab":
            matter = self._create_matter_with_wip(name=name)
            run = self._create_run(filter_domain=str([("id", "=", matter.id)]))
            matter.billing_status = "closed"
            run.action_bill_all()
            matter.billing_status = "active"
            runs |= run
        rows = self._as(runs.line_ids, "biller")
        self.assertLessEqual(set(rows.mapped("state")), {"failed", "skipped"})
        rows.action_retry()
        self.assertEqual(rows.mapped("state"), ["done", "done"])
        self.assertEqual(runs.mapped("state"), ["done", "done"])

    def test_done_amount_is_the_one_of_the_bills(self):
        matter = self._create_matter_with_wip()
        run = self._create_run()
        self._create_time(matter, 2.0)
        run.action_bill_all()
        self.assertEqual(run.bill_ids.amount_untaxed, 900.0)
        self.assertEqual(run.line_ids.company_amount, 900.0)
        self.assertEqual((run.done_amount, run.line_ids.amount), (900.0, 900.0))

    def test_each_batch_of_a_run_has_its_note(self):
        self._create_matter_with_wip(name="a")
        self._create_matter_with_wip(name="b")
        run = self._create_run()
        first, second = run.line_ids
        first.action_bill_selected()
        self.assertIn("1 done", run.message_ids[0].body)
        noted = len(run.message_ids)
        run.sudo().finished_on = "2026-10-01 12:00:00"
        second.action_bill_selected()
        self.assertEqual(len(run.message_ids), noted + 1)
        self.assertIn("2 done", run.message_ids[0].body)
        self.assertGreater(run.finished_on.date(), date(2026, 10, 1))
        # going on with a run that has ended notes nothing
        run.action_continue()
        self.assertEqual(len(run.message_ids), noted + 1)
