from odoo.tests import freeze_time, tagged

from ...exceptions import RequestError, RoleError
from .request_common import RequestCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestMoneyRequestRetainer(RequestCommon):
    """Retainers are filled up: asked for with the bill, or from the list, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter.write(
            {
                "retainer_minimum": 3000.0,
                "retainer_target": 5000.0,
                "retainer_ask_with_bill": True,
            }
        )

    def _make_evergreen(self, count):
        matters = self.env["project.project"]
        for _index in range(count):
            matter = self.matter.copy()
            matter.write(
                {
                    "retainer_minimum": 3000.0,
                    "retainer_target": 5000.0,
                    "retainer_ask_with_bill": True,
                }
            )
            self._create_time(matter, 1.0)
            matters |= matter
        return matters

    def test_asked_with_the_bill(self):
        self._book("deposit", 6000.0)
        self._create_time(self.matter, 10.0, bill_rate=300.0)
        bill = self._bill(self.matter)
        self.assertFalse(self.matter.money_request_ids)
        self._approve(bill)
        request = self.matter.money_request_ids
        self.assertRecordValues(
            request,
            [
                {
                    "kind": "client_money",
                    "state": "draft",
                    "amount": 2600.0,  # 5,000.00 − (6,000.00 − 3,600.00)
                    "partner_id": self.client.id,
                    "asked_with_id": bill.id,
                }
            ],
        )
        self.assertIn("2,400.00", request.narrative)
        self.assertEqual(bill.asked_request_ids, request)
        # what is asked for is not asked for again
        self.assertEqual(self.matter.retainer_after_amount, 2400.0)
        self.assertEqual(self.matter.retainer_ask_amount, 0.0)
        self._create_time(self.matter, 1.0)
        self._approve(self._bill(self.matter))
        self.assertEqual(self.matter.money_request_ids, request)
        with self.assertRefused("asked for already", RequestError):
            self._as(self.matter, "biller").action_ask_for_retainers()
        # but what is cancelled is
        self._as(request, "biller").action_cancel("too much")
        self.assertEqual(self.matter.retainer_ask_amount, 2960.0)

    def test_an_open_request_counts_for_what_it_waits_for(self):
        self._book("deposit", 1000.0)
        self._ask(amount=2000.0)
        self.assertEqual(self.matter.retainer_ask_amount, 0.0)
        self._create_time(self.matter, 1.0)
        self._approve(self._bill(self.matter))
        [first, second] = self.matter.money_request_ids.sorted("id")
        # 5,000.00 − (1,000.00 − 360.00 + 2,000.00)
        self.assertEqual((first.amount, second.amount), (2000.0, 2360.0))
        self._deposit(first).action_post()
        self.assertEqual(self.matter.retainer_ask_amount, 0.0)

    def test_only_where_it_is_wanted_and_needed(self):
        self.matter.retainer_ask_with_bill = False
        self._create_time(self.matter, 1.0)
        self._approve(self._bill(self.matter))
        self.assertFalse(self.matter.money_request_ids)
        self.assertTrue(self.matter.retainer_ask_amount)
        self.matter_b.write({"retainer_minimum": 100.0, "retainer_ask_with_bill": True})
        self._book("deposit", 1000.0, matter_id=self.matter_b.id)
        self._create_time(self.matter_b, 1.0)
        self._approve(self._bill(self.matter_b))
        self.assertFalse(self.matter_b.money_request_ids)

    def test_a_bill_that_goes_back_takes_its_request(self):
        self._create_time(self.matter, 1.0)
        bill = self._approve(self._bill(self.matter))
        request = self.matter.money_request_ids
        self._as(bill, "approver").action_revert_bills("wrong hours")
        self.assertEqual(request.state, "cancelled")
        self._approve(bill)
        again = self.matter.money_request_ids - request
        self.assertEqual((again.state, again.amount), ("draft", request.amount))
        again._internal()._note_sent("print")
        self._as(bill, "approver").action_revert_bills("wrong hours")
        self.assertEqual(again.state, "sent")
        self._approve(bill)
        self.assertEqual(len(self.matter.money_request_ids), 2)

    def test_the_list_asks_for_many(self):
        matters = self._make_evergreen(2)
        below = self.env["project.project"].search([("retainer_ask_amount", ">", 0)])
        self.assertEqual(below, matters | self.matter)
        for role in ("reviewer", "approver"):
            with self.assertRefused("needs the role", RoleError):
                self._as(below, role).action_ask_for_retainers()
        action = self._as(below | self.matter_b, "biller").action_ask_for_retainers()
        requests = self.env["legal.money.request"].search(action["domain"])
        self.assertEqual(requests.matter_id, below)
        self.assertEqual(sorted(requests.mapped("amount")), [5000.0, 5300.0, 5300.0])
        said = requests.filtered(lambda r: r.amount > 5000.0).mapped("narrative")
        self.assertIn("300.00 more than we hold", said[0])
        self.assertFalse(
            self.env["project.project"].search([("retainer_ask_amount", ">", 0)])
        )

    def test_rows_and_drafts_count_what_is_asked_for(self):
        self._create_time(self.matter, 1.0)
        self._ask(amount=6000.0)
        run = self._create_run()
        self.assertFalse(self._get_row(run, self.matter).retainer_ask_amount)
        self.assertFalse(self._bill(self.matter).retainer_ask_amount)

    def test_approving_many_costs_the_same_a_bill(self):
        def count(bills):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._approve(bills)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        def make(number):
            bills = self._bill(self._make_evergreen(number))
            self.assertEqual(len(bills), number)
            return bills

        count(make(2))
        few, many, more = make(3), make(9), make(15)
        counts = [count(bills) for bills in (few, many, more)]
        requests = (few | many | more).asked_request_ids
        self.assertEqual(len(requests), 27)
        slope = [(b - a) / 6 for a, b in zip(counts, counts[1:], strict=False)]
        # each more costs as much as the one before: nothing is asked bill by bill twice
        self.assertAlmostEqual(slope[0], slope[1], delta=1.0)
