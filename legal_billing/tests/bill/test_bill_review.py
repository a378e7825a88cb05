from datetime import date

from odoo.tests import new_test_user, tagged

from ...exceptions import BillStageError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillReview(LegalBillingCommon):
    """Drafts go to the lawyers and come back ready, or with a note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Alpha")
        cls.entry = cls._create_time(cls.matter, 2.0)
        cls.second = cls._create_matter(name="Beta", responsible_id=cls.manager.id)
        cls._create_time(cls.second, 1.0)
        cls.bill_domain = [("billing_stage", "=", "draft")]

    def setUp(self):
        super().setUp()
        self.bills = self._bill(self.matter | self.second)
        self.bill = self.bills.filtered(lambda bill: bill.matter_id == self.matter)

    def _send(self, bills, role="biller", **vals):
        action = self._as(bills, role).action_open_review()
        window = self._as(self.env[action["res_model"]], role).browse(action["res_id"])
        window.write(vals)
        window.action_do()

    def _find(self, domain, role="biller"):
        bills = self._as(self.env["account.move"], role)
        return bills.search(self.bill_domain + domain).with_env(self.env)

    def _activities(self, bills):
        return self.env["mail.activity"].search(
            [("res_model", "=", "account.move"), ("res_id", "in", bills.ids)]
        )

    def test_each_draft_goes_to_its_lawyer(self):
        self._send(self.bills, note="Fees high?", deadline=date(2026, 12, 1))
        self.assertEqual(
            {bill.matter_id: bill.reviewer_id for bill in self.bills},
            {self.matter: self.reviewer, self.second: self.manager},
        )
        self.assertEqual(set(self.bills.mapped("review_state")), {"review"})
        activities = self._activities(self.bills)
        self.assertEqual(activities.user_id, self.reviewer | self.manager)
        self.assertEqual(set(activities.mapped("date_deadline")), {date(2026, 12, 1)})
        self.assertIn("Fees high?", str(activities[0].note))
        mine = self._as(self.bills, "reviewer")._get_review_domain()
        self.assertEqual(self._find(list(mine), "reviewer"), self.bill)

    def test_ready_and_approved(self):
        self._send(self.bill)
        self._as(self.bill, "reviewer").action_review_ready()
        self.assertEqual(self.bill.review_state, "ready")
        self.assertFalse(self._activities(self.bill))
        self.assertIn("ready to approve", self.bill.message_ids[0].body)
        strip = self._as(self.bill, "biller").get_bill_strip("draft", self.bill_domain)
        self.assertEqual((strip["ready"], strip["in_review"]), (1, 0))
        self._approve(self.bill)
        self.assertEqual(self.bill.billing_stage, "production")

    def test_approving_tells_who_is_not_done(self):
        self._send(self.bill)
        action = self._as(self.bills, "approver").action_open_approve()
        window = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        self.assertEqual((window.in_review_count, window.problem_count), (1, 0))

    def test_an_edit_after_the_review_is_told(self):
        self._send(self.bill)
        self._as(self.bill, "reviewer").action_review_ready()
        self._as(self.entry, "biller").write({"bill_quantity": 3.0})
        self.assertTrue(self.bill.is_changed_since_ready)
        self.assertEqual(self._find([("is_changed_since_ready", "=", True)]), self.bill)
        flags = {flag["text"] for flag in self.bill.bill_flags}
        self.assertIn("changed after review", flags)

    def test_returned_with_a_note(self):
        self._send(self.bill)
        lawyer = self._as(self.bill, "reviewer")
        action = lawyer.action_open_return()
        window = self._as(self.env[action["res_model"]], "reviewer").browse(
            action["res_id"]
        )
        with self.assertRaisesRegex(BillStageError, "what is to be changed"):
            window.action_do()
        window.note = "Take the travel off"
        window.action_do()
        self.assertEqual(self.bill.review_state, "returned")
        self.assertEqual(self.bill.review_note, "Take the travel off")
        self.assertEqual(self._activities(self.bill).user_id, self.biller)
        self.assertIn("Take the travel off", self.bill.message_ids[0].body)

    def test_another_reviewer_sees_and_edits_the_draft(self):
        other = new_test_user(
            self.env,
            login="other_lawyer",
            groups="base.group_user,legal_billing.legal_billing_group_reviewer",
            company_id=self.company.id,
        )
        other_bill = self.bill.with_user(other)
        self.assertFalse(other_bill.search([("id", "=", self.bill.id)]))
        self._send(self.bill, reviewer_id=other.id)
        self.assertTrue(other_bill.search([("id", "=", self.bill.id)]))
        other_bill.write({"bill_text": "For the advice"})
        self.assertEqual(self.bill.bill_text, "For the advice")
        other_bill.action_review_ready()
        self.assertEqual(self.bill.review_state, "ready")

    def test_refused(self):
        self._send(self.bills)
        with self.assertRaises(RoleError):
            self._as(self.bill, "reviewer").action_open_review()
        with self.assertRaisesRegex(RoleError, "neither the responsible lawyer"):
            self._as(self.bills, "cashier").action_review_ready()
        self._approve(self.bills)
        with self.assertRaisesRegex(BillStageError, "Only drafts are reviewed"):
            self._as(self.bills, "biller").action_open_review()
        orphan = self._create_matter(name="Orphan", responsible_id=False)
        self._create_time(orphan, 1.0)
        with self.assertRaisesRegex(BillStageError, "Choose a reviewer"):
            self._send(self._bill(orphan))

    def test_filters(self):
        self.second.minimum_bill_amount = 1000.0
        self.assertEqual(
            self._find([("is_below_minimum", "=", True)]), self.bills - self.bill
        )
        self.assertFalse(self._find([("is_period_locked", "=", True)]))
        self.company.fiscalyear_lock_date = date(2026, 11, 15)
        self.assertEqual(self._find([("is_period_locked", "=", True)]), self.bills)
        flags = {flag["text"] for flag in (self.bills - self.bill).bill_flags}
        self.assertLessEqual({"below minimum", "period locked"}, flags)

    def test_many_are_sent_in_few_queries(self):
        matters = self.env["project.project"].union(
            *(self._create_matter(name=f"M{n}") for n in range(12))
        )
        for matter in matters:
            self._create_time(matter, 1.0)
        bills = self._as(self._bill(matters), "biller")
        counts = []
        for some in (bills[:2], bills[2:4], bills[4:]):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            some._send_for_review()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess((counts[2] - counts[1]) / 6, 16, counts)
