from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ..common import LegalBillingCommon

FEW, MANY = 10, 60
#: What is done bill by bill: an e-mail each, core's reset and delete. Queries a bill.
PER_BILL = {"produce": 44, "revert": 17, "delete": 13}


@tagged("post_install", "-at_install")
class TestBulkGrowth(LegalBillingCommon):
    """A chunk costs about as many queries whatever it holds: nothing is asked for
    every single bill."""

    #: bills of each matter
    bills_each = 1

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
        self.assertEqual(len(bills), count * self.bills_each)
        approve = self._count(self._as(bills, "approver").action_approve_bills)
        self.assertEqual(set(bills.mapped("state")), {"posted"})
        return {"load": load, "bill": bill, "approve": approve}

    def test_queries_of_a_chunk_stay_flat(self):
        self._count_cycle(2)  # caches
        few, many = self._count_cycle(FEW), self._count_cycle(MANY)
        for step, queries in many.items():
            self.assertLessEqual(
                queries - few[step],
                (MANY - FEW) * self.bills_each / 5,
                f"{step}: {few[step]} queries for {FEW}, {queries} for {MANY}",
            )

    def _make_drafts(self, count):
        """Drafts of this many matters, whose clients get e-mails."""
        matters = self._make_matters(count)
        for matter in matters:
            matter.partner_id.email = f"client{matter.id}@client.example"
        return self._bill(matters)

    def _count_each(self, count):
        """Queries per bill to produce, revert and delete this many."""
        bills = self._approve(self._make_drafts(count))
        by_biller = self._as(bills, "biller")
        produce = self._count(by_biller.action_produce_bills)
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(len(bills.delivery_message_ids), count)
        revert = self._count(by_biller.action_revert_bills)
        self.assertEqual(set(bills.mapped("state")), {"draft"})
        drafts = self._make_drafts(count)
        delete = self._count(self._as(drafts, "biller").action_delete_bills)
        self.assertFalse(drafts.exists())
        return {
            "produce": produce / count,
            "revert": revert / count,
            "delete": delete / count,
        }

    def test_what_is_done_bill_by_bill_costs_no_more_each_in_a_larger_chunk(self):
        self._count_each(2)  # caches
        few, many = self._count_each(5), self._count_each(25)
        for step, queries in many.items():
            text = f"{step}: {few[step]} queries a bill of 5, {queries} of 25"
            self.assertLessEqual(queries, few[step], text)
            with self.subTest(step):
                self.assertLessEqual(queries, PER_BILL[step], text)


@tagged("post_install", "-at_install")
class TestBulkGrowthSplit(LegalBillingCommon):
    """So it is where several pay each matter."""

    bills_each = 2
    _count = TestBulkGrowth._count
    _count_cycle = TestBulkGrowth._count_cycle

    def _make_matters(self, count):
        matters = TestBulkGrowth._make_matters(self, count)
        insurers = self.env["res.partner"].create(
            [{"name": f"Insurer of {matter.name}"} for matter in matters]
        )
        for matter, insurer in zip(matters, insurers, strict=True):
            matter.payer_ids = [
                Command.create(
                    {"partner_id": insurer.id, "value": 33.3, "cap_amount": 1000}
                ),
                Command.create(
                    {"partner_id": matter.partner_id.id, "share_type": "remainder"}
                ),
            ]
        return matters

    def test_queries_of_a_chunk_stay_flat(self):
        TestBulkGrowth.test_queries_of_a_chunk_stay_flat(self)


@tagged("post_install", "-at_install")
class TestBulkGrowthShares(LegalBillingCommon):
    """So it is where one bill of each matter names its payers."""

    bills_each = 1
    _count = TestBulkGrowth._count
    _count_cycle = TestBulkGrowth._count_cycle

    def _make_matters(self, count):
        matters = TestBulkGrowthSplit._make_matters(self, count)
        matters.split_mode = "shares"
        return matters

    def test_queries_of_a_chunk_stay_flat(self):
        TestBulkGrowth.test_queries_of_a_chunk_stay_flat(self)
        shares = self.env["legal.bill.share"].search([("bill_id.is_shared", "=", True)])
        self.assertGreaterEqual(len(shares), 2 * (2 + FEW + MANY))


@tagged("post_install", "-at_install")
class TestBulkGrowthOnAccount(LegalBillingCommon):
    """So it is where each matter was billed on account before."""

    bills_each = 1
    _count = TestBulkGrowth._count
    _count_cycle = TestBulkGrowth._count_cycle

    def _make_matters(self, count):
        self.company.legal_deduct_on_account = "approved"
        matters = TestBulkGrowth._make_matters(self, count)
        maker = self.env["legal.bill.maker"]
        bills = self.env["account.move"].union(
            *(
                maker._make_on_account(matter, 50.0, date(2026, 9, 1))
                for matter in matters
            )
        )
        self._approve(bills)
        return matters

    def test_queries_of_a_chunk_stay_flat(self):
        deducting = [("on_account_deducted", ">", 0)]
        before = self.env["account.move"].search_count(deducting)
        TestBulkGrowth.test_queries_of_a_chunk_stay_flat(self)
        after = self.env["account.move"].search_count(deducting)
        self.assertEqual(after - before, 2 + FEW + MANY)
