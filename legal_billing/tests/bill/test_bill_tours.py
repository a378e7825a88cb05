from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..common import LegalBillingCommon


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestBillTours(LegalBillingCommon, HttpCase):
    """Draft Bills and Bills in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.legal_write_off_account_id = cls.company_data[
            "default_account_expense"
        ]
        cls.matter = cls._create_matter(name="Smith v Jones")
        cls._create_time(cls.matter, 2.0)
        cls._create_disbursement(cls.matter, 100.0)
        cls.other = cls._create_matter(name="Estate of Rees")
        cls._create_time(cls.other, 1.0)

    def _tour(self, name, role):
        self.start_tour(
            "/odoo", f"legal_billing_{name}", login=getattr(self, role).login
        )
        self.env.invalidate_all()

    def test_draft_bills(self):
        bills = self._bill(self.matter | self.other)
        bill = bills.filtered(lambda bill: bill.matter_id == self.matter)
        self._tour("draft_bills", "biller")
        self.assertEqual(bill.review_state, "review")
        self.assertEqual(bill.reviewer_id, self.reviewer)
        self._tour("draft_bills_review", "reviewer")
        self.assertEqual(bill.review_state, "ready")

    def test_totals_are_asked_for_with_the_rows(self):
        self._bill(self.matter | self.other)
        self._tour("totals_with_rows", "biller")

    def test_a_draft_of_many_entries_page_by_page(self):
        """A page shows forty entries; what stands below them is of all, with what is
        not saved yet of any page."""
        matter = self._create_matter(name="Long matter")
        for _number in range(45):
            self._create_time(matter, 1.0)
        bill = self._bill(matter)
        total = sum(bill.wip_line_ids.mapped("wip_amount"))
        self.assertEqual(bill.entry_totals["wip_amount"], total)
        self.start_tour(
            f"/odoo/action-legal_billing.draft_bill_action/{bill.id}",
            "legal_billing_draft_pages",
            login=self.biller.login,
        )
        self.env.invalidate_all()
        self.assertEqual(bill.entry_totals["wip_amount"], total + 30.0)

    def test_bills(self):
        bills = self._approve(self._bill(self.matter | self.other))
        bill = bills.filtered(lambda bill: bill.matter_id == self.matter)
        self._tour("bills", "approver")
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertEqual(bill.write_off_ids.reason, "Insolvent")
        self.assertFalse(bill.disputed_amount)

    def _split(self, bills):
        bill = bills.filtered(lambda bill: bill.matter_id == self.matter)
        return bill, bills - bill

    def test_printed_and_posted_is_for_ticked_bills_only(self):
        bills = self._approve(self._bill(self.matter | self.other))
        self._as(bills, "biller").action_produce_without_sending(note="By the partner")
        bill, other = self._split(bills)
        self._tour("bills_posted", "biller")
        self.assertTrue(bill.delivered_on)
        self.assertEqual(bill.delivery_method, "post")
        self.assertFalse(other.delivered_on)
        self.assertFalse(other.delivery_method)

    def test_window_refuses_when_its_draft_is_gone(self):
        bill, other = self._split(self._bill(self.matter | self.other))
        with mute_logger("odoo.http"):  # the refusal
            self._tour("bills_gone", "biller")
        self.assertFalse(bill.exists())
        self.assertEqual(other.billing_stage, "draft")
        self.assertEqual(other.amount_untaxed, 300.0)

    def test_write_off_from_the_list(self):
        bills = self._approve(self._bill(self.matter | self.other))
        self._tour("bills_write_off", "approver")
        self.assertEqual(bills.mapped("amount_residual"), [0.0, 0.0])
        rows = bills.write_off_ids
        self.assertEqual(len(rows), 2)
        self.assertEqual(
            set(rows.mapped("reason")), {"Not worth the cost of collecting"}
        )
        self.assertEqual(rows.user_id, self.approver)

    def test_bills_strip_tells_lock_up(self):
        bills = self._approve(self._bill(self.matter))
        self._create_time(self.other, 2.0)
        strip = self._as(bills, "biller").get_bill_strip(
            "all", [("id", "in", bills.ids)]
        )
        # 820.00 unpaid of 820.00 billed; 900.00 of WIP against 700.00 net
        self.assertEqual(strip["days_unpaid"], 365)
        self.assertEqual(strip["days_wip"], round(365 * 900 / 700))
        self.assertEqual(strip["days_lock_up"], 365 + round(365 * 900 / 700))
        self.assertEqual(bills.element_bar[0]["paid"], 0.0)


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestBillToursOnAPhone(LegalBillingCommon, HttpCase):
    """Draft Bills on a small screen."""

    browser_size = "375x667"
    touch_enabled = True

    def test_draft_bills(self):
        matters = self.env["project.project"]
        for name in ("Smith v Jones", "Estate of Rees"):
            matter = self._create_matter(name=name)
            self._create_time(matter, 2.0)
            self._create_disbursement(matter, 120.0)
            matters |= matter
        bills = self._bill(matters)
        self.start_tour(
            "/odoo/draft-bills",
            "legal_billing_draft_bills_phone",
            login=self.approver.login,
        )
        self.env.invalidate_all()
        self.assertEqual(set(bills.mapped("billing_stage")), {"production"})
        self.assertEqual(bills.approved_by_id, self.approver)
