from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...exceptions import RoleError
from ...tools import INTERNAL
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillLeftOut(LegalBillingCommon):
    """What a person left out of a draft is not offered to it as new, and is found."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Alpha")
        cls.kept = cls._create_time(cls.matter, 2.0)
        cls.left = cls._create_time(cls.matter, 1.0, name="Call")

    def _bill_without(self, entry):
        line = self._get_row(self._create_run(), self.matter)
        self._as(entry, "biller").with_context(
            legal_billing_entry_action="tick", legal_billing_run_line_id=line.id
        ).action_prebill()
        line.action_bill_selected()
        return self._as(line.bill_id, "biller")

    def assertLeftOut(self, bill, entries, amount):
        bill.invalidate_recordset()
        figures = (bill.left_out_count, bill.left_out_amount)
        self.assertEqual(figures, (len(entries), amount))
        domain = bill.action_open_left_out()["domain"]
        self.assertEqual(self.env["account.analytic.line"].search(domain), entries)

    def test_unticked_before_the_draft_was_made(self):
        bill = self._bill_without(self.left)
        self.assertLeftOut(bill, self.left, 300.0)
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (0, 0.0))
        self.assertNotIn(bill, bill.search([("new_wip_amount", "!=", 0)]))
        self.assertIn(bill, bill.search([("left_out_ids", "!=", False)]))
        bill.action_add_new_wip()
        self.assertEqual(bill.amount_untaxed, 600.0)

    def test_new_work_is_still_offered(self):
        bill = self._bill_without(self.left)
        new = self._create_time(self.matter, 0.5)
        bill.invalidate_recordset()
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (1, 150.0))
        bill.action_add_new_wip()
        self.assertEqual(bill.wip_line_ids, self.kept | new)
        self.assertLeftOut(bill, self.left, 300.0)

    def test_taken_off_the_draft_and_put_back(self):
        bill = self._as(self._bill(self.matter), "biller")
        self._as(self.left, "biller").action_remove_from_bill()
        self.assertLeftOut(bill, self.left, 300.0)
        self.assertFalse(bill.new_wip_count)
        bill.action_add_left_out()
        self.assertEqual(bill.amount_untaxed, 900.0)
        self.assertLeftOut(bill, self.left.browse(), 0.0)
        self.assertFalse(bill.left_out_ids)

    def test_unticked_when_one_matter_is_billed(self):
        form = Form(
            self._as(self.env["legal.matter.bill"], "biller").with_context(
                default_matter_id=self.matter.id
            )
        )
        form.invoice_date = form.cutoff_date = "2026-10-31"
        form.entry_ids.remove(self.left.id)
        form.save().action_bill()
        bill = self._as(self.kept.bill_id, "biller")
        self.assertLeftOut(bill, self.left, 300.0)
        self.assertFalse(bill.new_wip_count)

    def test_billed_elsewhere_it_is_left_out_no_more(self):
        bill = self._bill_without(self.left)
        self._as(self.left, "biller").action_write_off("Not worth it")
        self.assertLeftOut(bill, self.left.browse(), 0.0)

    def test_left_out_is_ended_with_the_draft(self):
        bill = self._bill_without(self.left)
        bill.action_delete_bills()
        row = self._get_row(self._create_run(), self.matter)
        self.assertEqual((row.state, row.amount), ("ready", 900.0))

    def test_put_back_by_who_edits_drafts_only(self):
        bill = self._bill_without(self.left)
        with self.assertRaises(RoleError):
            self._as(bill, "approver").action_add_left_out()
        with self.assertRaises(AccessError):
            self._as(bill, "fee_earner").action_add_left_out()
        self._as(bill, "reviewer").action_add_left_out()
        self.assertEqual(bill.amount_untaxed, 900.0)

    def test_what_a_fixed_fee_keeps_waiting_is_not_offered(self):
        matter = self._create_matter(name="Fixed", billing_arrangement="fixed")
        self._create_disbursement(matter, 100.0)
        bill = self._as(self._bill(matter), "biller")
        time = self._create_time(matter, 1.0)
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (0, 0.0))
        self.assertNotIn(bill, bill.search([("new_wip_amount", "!=", 0)]))
        told = bill.action_add_new_wip_selected()["params"]
        self.assertEqual(told["type"], "info")
        self.assertIn("no new WIP", told["message"])
        cost = self._create_disbursement(matter, 40.0)
        bill.invalidate_recordset()
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (1, 40.0))
        told = bill.action_add_new_wip_selected()["params"]
        self.assertIn("1 entries were added to 1 drafts", told["message"])
        self.assertEqual((cost.bill_id, bill.amount_untaxed), (bill, 140.0))
        self.assertFalse(time.bill_id)
        # with an instalment on the bill the work goes with it
        instalments = self.env["legal.fee.instalment"].sudo()
        instalments.with_context(legal_billing_internal=INTERNAL).create(
            {"matter_id": matter.id, "amount": 500.0, "bill_id": bill.id}
        )
        bill.invalidate_recordset()
        self.assertEqual((bill.new_wip_count, bill.new_wip_amount), (1, 300.0))
