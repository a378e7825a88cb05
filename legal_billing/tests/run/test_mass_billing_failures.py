from odoo.tests import tagged

from ...demo.failures import CASES, Failures
from ...exceptions import RoleError
from ...reasons import MENDABLE
from ..common import LegalBillingCommon

#: Reason that each case ends with, and what its sentence and its button name.
EXPECTED = {
    "account": ("account_archived", "Income from notarial work", "account.account"),
    "tax": ("tax_archived", "would carry no tax", "account.tax"),
    "journal": ("journal_archived", "Bills of the old office", "account.journal"),
    "currency": ("no_exchange_rate", "CHF", "res.currency"),
    "receivable": ("receivable_archived", "Receivable from", "account.account"),
}


@tagged("post_install", "-at_install")
class TestMassBillingFailures(LegalBillingCommon):
    """A run in which the books went wrong after the review: failures by reason, each
    opened, mended and tried again, while the others are billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls.env["project.project"]
        cls.groups = []
        for case in (*CASES, "good"):
            group = cls.env["project.project"]
            for index in range(2):
                payer = cls.env["res.partner"].create({"name": f"{case} {index}"})
                matter = cls._create_matter(name=case, partner_id=payer.id)
                cls._create_time(matter, 1.0)
                group += matter
            cls.groups.append(group)
        cls.good = cls.groups.pop()
        cls.failures = Failures(cls.env, cls.company)
        cls.failures.prepare(cls.groups)

    def _bill_and_fail(self):
        run = self._create_run()
        self.assertEqual((run.ready_count, run.excluded_count), (12, 0))
        self.failures.spoil()
        run.action_bill_all()
        return run

    def test_each_failure_is_told_and_the_others_are_billed(self):
        run = self._bill_and_fail()
        self.assertEqual((run.done_count, run.failed_count), (2, 10))
        self.assertEqual(run.bill_ids.matter_id, self.good)
        for case, group in zip(CASES, self.groups, strict=True):
            code, words, _model = EXPECTED[case]
            for matter in group:
                self.assertRow(run, matter, "failed", code)
                self.assertIn(words, self._get_row(run, matter).message)
                self.assertIn(code, MENDABLE)

    def test_failures_are_five_groups_with_words_amount_and_cure(self):
        run = self._bill_and_fail()
        rows = [row for row in run.failure_summary if row["state"] == "failed"]
        self.assertEqual({row["count"] for row in rows}, {2})
        self.assertEqual(
            {row["reason"] for row in rows}, {EXPECTED[case][0] for case in CASES}
        )
        for row in rows:
            self.assertTrue(row["text"])
            self.assertTrue(row["cure"])
            action = run.action_open_reason(row["state"], row["reason"])
            found = self.env["legal.billing.run.line"].search(action["domain"])
            self.assertEqual(len(found), 2)
        models = {
            code: self._as(run, "biller").action_cure_reason("failed", code)
            for code, _words, _model in EXPECTED.values()
        }
        for code, _words, model in EXPECTED.values():
            self.assertEqual(models[code]["res_model"], model)
        account = self.failures.books["account"]
        self.assertEqual(models["account_archived"]["res_id"], account.id)
        tax = self.failures.books["tax"]
        self.assertEqual(models["tax_archived"]["res_id"], tax.id)

    def test_mended_reason_is_retried_alone_then_all(self):
        run = self._bill_and_fail()
        self.failures.books["account"].active = True
        run.action_retry_reason("failed", "account_archived")
        self.assertEqual((run.done_count, run.failed_count), (4, 8))
        self.failures.mend()
        run.action_retry_all()
        self.assertEqual((run.done_count, run.failed_count), (12, 0))
        self.assertEqual(run.state, "done")
        self.assertEqual(sum(run.bill_ids.mapped("amount_untaxed_signed")), 3600.0)

    def test_what_is_wrong_before_the_run_is_held_back(self):
        self.failures.spoil()
        run = self._create_run()
        self.assertEqual((run.ready_count, run.excluded_count), (2, 10))
        for case, group in zip(CASES, self.groups, strict=True):
            self.assertRow(run, group[0], "excluded", EXPECTED[case][0])

    def test_held_back_rows_tell_what_they_would_be_worth(self):
        held = self._create_matter(name="held")
        self._create_time(held, 2.0, is_on_hold=True)
        run = self._create_run()
        [row] = run.failure_summary
        self.assertEqual(
            (row["state"], row["reason"], row["count"]), ("excluded", "on_hold", 1)
        )
        self.assertIn("600.00", row["amount"])
        self.assertIn("600.00", run.get_strip([])["excluded_text"])
        self.assertFalse(row["cure"], "many matters at once are not cured by one press")

    def test_unknown_reasons_are_told_by_their_message(self):
        run = self._create_run()
        lines = run.line_ids.sudo()
        lines[:2]._set_result("failed", "error", "No paper in the drawer")
        lines[2]._set_result("failed", "error", "Something else")
        rows = {row["message"]: row["count"] for row in run.failure_summary}
        self.assertEqual(rows, {"No paper in the drawer": 2, "Something else": 1})
        action = run.action_open_reason("failed", "other", "Something else")
        found = self.env["legal.billing.run.line"].search(action["domain"])
        self.assertEqual(found, lines[2])

    def test_cures_and_retries_are_refused_to_approvers(self):
        run = self._as(self._bill_and_fail(), "approver")
        with self.assertRaises(RoleError):
            run.action_retry_reason("failed", "account_archived")
        with self.assertRaises(RoleError):
            run.action_cure_reason("failed", "account_archived")

    def test_looking_is_flat_in_queries(self):
        """A run of hundreds asks about the books as often as one of a few."""
        matters = self.good
        for index in range(40):
            matters += self._create_matter(name=f"Matter {index}")
        for matter in matters:
            self._create_time(matter, 1.0)
        counts = []
        for some in (matters, matters[:3], matters):  # the first warms up
            run = self._as(self.env["legal.billing.run"], "biller").create(
                {"filter_domain": str([("id", "in", some.ids)])}
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._prepare_line_vals_list()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 5)
