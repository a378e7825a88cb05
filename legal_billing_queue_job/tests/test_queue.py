from odoo.tests import tagged

from odoo.addons.legal_billing.tests.common import LegalBillingCommon
from odoo.addons.queue_job.tests.common import trap_jobs


@tagged("post_install", "-at_install")
class TestQueue(LegalBillingCommon):
    def _queue_run(self, count):
        matters = self.env["project.project"]
        for number in range(count):
            matter = self._create_matter(name=f"Matter {number}")
            self._create_time(matter)
            matters |= matter
        self.company.legal_small_run = 0
        run = self._create_run(filter_domain=str([("id", "in", matters.ids)]))
        with trap_jobs() as trap:
            run.action_bill_all()
            return run, trap, trap.enqueued_jobs

    def test_chunks_of_a_run_are_jobs(self):
        run, _trap, jobs = self._queue_run(101)
        self.assertEqual(len(jobs), 2)
        self.assertEqual({job.channel for job in jobs}, {"root.legal_billing"})
        self.assertEqual({job.user_id for job in jobs}, {self.biller.id})
        jobs[0].perform()
        self.assertEqual((run.done_count, run.queued_count), (100, 1))
        self.assertFalse(run.finished_on)
        jobs[1].perform()
        self.env.invalidate_all()
        self.assertEqual((run.done_count, run.queued_count), (101, 0))
        self.assertTrue(run.finished_on)
        self.assertEqual(len(run.bill_ids.matter_id), 101)
        jobs[1].perform()  # again, as after a lost connection
        self.assertEqual(len(run.bill_ids), 101)

    def test_a_job_of_who_lost_the_role_is_refused(self):
        run, _trap, jobs = self._queue_run(1)
        self.biller.group_ids -= self.env.ref(
            "legal_billing.legal_billing_group_biller"
        )
        with self.assertRaisesRegex(Exception, "needs the role"):
            jobs[0].perform()
        self.assertFalse(run.sudo().bill_ids)
