from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from ...models.run import legal_billing_run_process
from ...models.run.legal_billing_run_process import CHUNK_SIZE, FIRST_CHUNK
from ..common import LegalBillingCommon


class WatchedRunCommon(LegalBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller.partner_id.email = "biller@firm.example"
        cls.company.email = "office@firm.example"
        cls.today = fields.Date.today()

    def _create_matters(self, count):
        matters = self.env["project.project"]
        for number in range(count):
            matter = self._create_matter(name=f"Lease {number + 1}")
            self._create_time(matter, 1.0, day=self.today - timedelta(days=5))
            matters |= matter
        return matters

    def _watch(self, records, role="biller"):
        """The records as a window of the client hands them on."""
        return self._as(records, role).with_context(legal_billing_watch=True)

    def _confirm(self, matters):
        """Press *Make the drafts* in the window of Mass Billing.

        :return: the run, and what the client shows next
        """
        run = self._create_run(
            filter_domain=str([("id", "in", matters.ids)]), invoice_date=self.today
        )
        window = run.line_ids.action_confirm_bill()
        window = self.env[window["res_model"]].browse(window["res_id"])
        action = self._watch(window).action_bill()
        run.invalidate_recordset()
        return run, action

    def _work_to_the_end(self, run, limit=100):
        """Call as the page does.

        :return: the answers
        :rtype: list
        """
        answers = []
        while len(answers) < limit:
            answers.append(run.action_work_on())
            run.invalidate_recordset()
            if answers[-1] is not True:
                break
        return answers


@tagged("post_install", "-at_install")
class TestWatchedRun(WatchedRunCommon):
    """What a window starts is committed at once and worked off by the page of the run,
    a few rows a call; closed, by the workers."""

    def test_drafts_are_made_while_the_page_shows_them(self):
        run, action = self._confirm(self._create_matters(12))
        self.assertEqual((action["res_model"], action["res_id"]), (run._name, run.id))
        self.assertEqual(
            (run.state, run.queued_count, run.done_count), ("running", 12, 0)
        )
        self.assertFalse(run.latest)
        with patch.object(legal_billing_run_process, "WATCH_SECONDS", 0):
            self.assertIs(run.action_work_on(), True)
            run.invalidate_recordset()
            self.assertEqual((run.done_count, run.queued_count), (10, 2))
            names = [row["name"] for row in run.latest]
            lines = run.line_ids.filtered(lambda line: line.state == "done")
            self.assertEqual(
                names,
                lines.sorted("id", reverse=True)[:5].matter_id.mapped("matter_number"),
            )
            answer = run.action_work_on()
        self.assertIn("12 drafts made", answer["params"]["message"])
        self.assertIn("An approver comes next", answer["params"]["message"])
        then = answer["params"]["next"]
        self.assertEqual(then["res_model"], "account.move")
        self.assertEqual(then["context"]["search_default_billing_run_id"], run.id)
        self.assertEqual(len(run.bill_ids), 12)
        self.assertEqual(run.bill_ids.create_uid, self.biller)

    def test_approval_and_production_go_the_same_way(self):
        bills = self._bill(self._create_matters(12), invoice_date=self.today)
        window = self._as(bills, "approver").action_open_approve()
        window = self.env[window["res_model"]].browse(window["res_id"])
        action = self._watch(window, "approver").action_do()
        run = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        self.assertEqual((run.operation, run.queued_count), ("approve", 12))
        self.assertEqual(set(bills.mapped("state")), {"draft"})
        answer = self._work_to_the_end(run)[-1]
        self.assertIn("12 done", answer["params"]["message"])
        self.assertEqual(set(bills.mapped("billing_stage")), {"production"})

        bills = bills[:3]
        window = self._as(bills, "biller").action_open_produce()
        window = self.env[window["res_model"]].browse(window["res_id"])
        action = self._watch(window).action_produce()
        run = self._as(self.env[action["res_model"]], "biller").browse(action["res_id"])
        self.assertEqual((run.operation, run.queued_count), ("produce", 3))
        self._work_to_the_end(run)
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(len(bills.delivery_message_ids), 3)

    def test_few_rows_are_done_in_the_window(self):
        run, action = self._confirm(self._create_matters(2))
        self.assertEqual(run.state, "done")
        self.assertIn("2 drafts made", action["params"]["message"])

    def test_whoever_calls_without_a_page_waits(self):
        run = self._create_run(
            filter_domain=str([("id", "in", self._create_matters(12).ids)]),
            invoice_date=self.today,
        )
        run.action_bill_all()
        self.assertEqual((run.state, run.done_count), ("done", 12))

    def test_a_closed_page_is_followed_by_the_workers(self):
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search([])
        run = self._confirm(self._create_matters(12))[0]
        called = triggers.search([("id", "not in", before.ids)])
        crons = self.env.ref("legal_billing.ir_cron_billing_run")
        crons += self.env.ref("legal_billing.ir_cron_billing_run_second")
        self.assertEqual(called.cron_id, crons)
        wait = min(called.mapped("call_at")) - fields.Datetime.now()
        self.assertGreater(wait, timedelta(seconds=10))
        self.assertLess(wait, timedelta(minutes=2))
        # the workers leave it to its page at first
        self._run_cron()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.done_count), ("running", 0))
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            self._run_cron()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.done_count), ("done", 12))
        self.assertIs(run.action_work_on(), False)

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("legal_billing.ir_cron_billing_run").method_direct_trigger()

    def test_what_fails_stays_on_the_page(self):
        account = self.env["account.account"].create(
            {"name": "Income", "code": "499001", "account_type": "income"}
        )
        matters = self._create_matters(12)
        matters[0].fee_product_id = self._create_service(
            "Notarial fees",
            self.tax_20,
            legal_use="fee",
            property_account_income_id=account.id,
        )
        run = self._confirm(matters)[0]
        account.active = False  # meanwhile
        answer = self._work_to_the_end(run)[-1]
        self.assertIs(answer, False)
        self.assertEqual((run.done_count, run.failed_count), (11, 1))

    # --- who

    def test_others_look_on(self):
        run = self._confirm(self._create_matters(12))[0]
        self.assertIs(self._as(run, "approver").action_work_on(), False)
        self.assertEqual(run.done_count, 0)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._as(run, "fee_earner").action_work_on()
        # another biller's page helps, and leads nobody away
        colleague = self._create_user("biller", login="second_biller")
        answer = self._work_to_the_end(run.with_user(colleague))[-1]
        self.assertIs(answer, False)
        run.invalidate_recordset()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.bill_ids.create_uid, self.biller)

    def test_a_stopped_run_is_not_worked_on(self):
        run = self._confirm(self._create_matters(12))[0]
        run.action_stop()
        self.assertIs(run.action_work_on(), False)
        self.assertEqual(run.done_count, 0)

    # --- big runs

    def test_the_page_takes_a_big_run_that_nobody_takes_up(self):
        self.company.legal_small_run = 5
        run = self._confirm(self._create_matters(12))[0]
        self.assertEqual(run.state, "running")
        self.assertIs(run.action_work_on(), False)
        with freeze_time(run.started_on + timedelta(minutes=1)):
            answers = self._work_to_the_end(run)
        self.assertIn("12 drafts made", answers[-1]["params"]["message"])

    def test_a_big_run_begins_and_ends_with_few_where_each_chunk_is_committed(self):
        """Whoever looks sees it move; of two workers none has much left at the end."""
        run = self._confirm(self._create_matters(24))[0]
        self.assertEqual(run._get_chunk_size(in_cron=True), FIRST_CHUNK)
        self.assertEqual(run._get_chunk_size(in_cron=False), CHUNK_SIZE)
        with patch.object(legal_billing_run_process, "WATCH_SECONDS", 0):
            run.action_work_on()
        run.invalidate_recordset()
        self.assertGreaterEqual(run.queued_count, 12)
        self.assertEqual(run._get_chunk_size(in_cron=True), FIRST_CHUNK)
        with patch.object(legal_billing_run_process, "FIRST_CHUNK", 1):
            size = run._get_chunk_size(in_cron=True)
            self.assertEqual(size, run.queued_count // 4)
            with patch.object(legal_billing_run_process, "CHUNK_SIZE", size - 1):
                self.assertEqual(run._get_chunk_size(in_cron=True), size - 1)

    # --- cost

    def test_looking_costs_the_same_for_many_rows(self):
        def count(run):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run.read(["latest", "progress", "state"])
            return self.env.cr.sql_log_count - before

        few = self._confirm(self._create_matters(10))[0]
        many = self._confirm(self._create_matters(40))[0]
        self._work_to_the_end(many)
        count(many)
        self.assertLessEqual(count(many), count(few))


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestWatchedRunTour(WatchedRunCommon, HttpCase):
    """The page of a run that a window started, in a browser, as the biller."""

    def test_bill_all_shows_its_run_and_leads_to_the_drafts(self):
        matters = self._create_matters(12)
        with patch.object(legal_billing_run_process, "WATCH_SECONDS", 0):
            self.start_tour(
                "/odoo",
                "legal_billing_watched_run",
                login=self.biller.login,
                timeout=120,
            )
        self.env.invalidate_all()
        bills = self.env["account.move"].search([("matter_ids", "in", matters.ids)])
        self.assertEqual(len(bills), 12)
