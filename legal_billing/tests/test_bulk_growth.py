from odoo.tests import tagged

from .common import LegalBillingCommon

FEW, MANY = 10, 60


@tagged("post_install", "-at_install")
class TestBulkGrowth(LegalBillingCommon):
    """A chunk costs about as many queries whatever it holds: nothing is asked for
    every single bill."""

    def _make_matters(self, count):
        clients = self.env["res.partner"].create(
            [{"name": f"Client {number}"} for number in range(count)]
        )
        matters = self.env["project.project"].union(
            *(
                self._create_matter(name=client.name, partner_id=client.id)
                for client in clients
            )
        )
        for matter in matters:
            self._create_time(matter)
            self._create_disbursement(matter)
        return matters

    def _count(self, work):
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def _count_cycle(self, count):
        """Queries to load, to bill and to approve this many matters."""
        matters = self._make_matters(count)
        run = self._as(self.env["legal.billing.run"], "biller").create(
            {
                "invoice_date": "2026-10-31",
                "company_id": self.company.id,
                "filter_domain": str([("id", "in", matters.ids)]),
            }
        )
        load = self._count(run.action_load)
        bill = self._count(run.action_bill_all)
        bills = self.env["account.move"].browse(run.bill_ids.ids)
        self.assertEqual(len(bills), count)
        approve = self._count(self._as(bills, "approver").action_approve_bills)
        self.assertEqual(set(bills.mapped("state")), {"posted"})
        return {"load": load, "bill": bill, "approve": approve}

    def test_queries_of_a_chunk_stay_flat(self):
        self._count_cycle(2)  # caches
        few, many = self._count_cycle(FEW), self._count_cycle(MANY)
        for step, queries in many.items():
            self.assertLessEqual(
                queries - few[step],
                (MANY - FEW) / 5,
                f"{step}: {few[step]} queries for {FEW}, {queries} for {MANY}",
            )
