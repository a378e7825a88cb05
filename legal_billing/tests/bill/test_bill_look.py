from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-10-31")
class TestBillLook(LegalBillingCommon):
    """Before drafts are approved, what stands out is said: in the list, and in the window
    with the bills that it is said of. It blocks nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls.env["project.project"].union(
            *(cls._create_matter(name=f"Matter {index}") for index in range(4))
        )
        cls.entries = cls.env["account.analytic.line"].union(
            *(cls._create_time(matter, 2.0) for matter in cls.matters)
        )
        cls.env["res.partner.bank"].create(
            {"acc_number": "12345678", "partner_id": cls.company.partner_id.id}
        )

    def setUp(self):
        super().setUp()
        self.bills = self._bill(self.matters).sorted("id")
        self.bill = self.bills[0]
        self.entry = self.bill.wip_line_ids

    def _get_looks(self, bills=None):
        """What the approver's window says.

        :return: ``{phrase: bills}``
        """
        bills = self._as(self.bills if bills is None else bills, "approver")
        window = self.env[bills.action_open_approve()["res_model"]]
        self.assertTrue(window._fields["look_html"])
        return {
            phrase: found.with_env(self.env)
            for phrase, found in bills._get_approval_looks()
        }

    def _get_flags(self, bill):
        bill.invalidate_recordset(["bill_flags"])
        return [flag["text"] for flag in bill.bill_flags or []]

    def test_a_fine_draft_is_not_remarked_on(self):
        self.assertEqual(self._get_looks(), {})
        self.assertEqual(self._get_flags(self.bill), [])

    def test_what_was_edited_too_far(self):
        cases = [
            ({"bill_rate": 0.0}, ["realised 0 %", "zero rate"]),
            ({"bill_rate": 901.0}, ["realised 300 %", "high rate"]),
            ({"bill_rate": 450.0}, []),
            ({"bill_quantity": 0.9}, ["realised 45 %"]),
            ({"bill_quantity": 1.0}, []),
        ]
        for vals, remarks in cases:
            with self.subTest(vals), self.env.cr.savepoint() as savepoint:
                self._as(self.entry, "biller").write(vals)
                flags = [text for text in self._get_flags(self.bill) if text != "zero"]
                self.assertEqual(flags, remarks)
                looks = self._get_looks()
                for bills in looks.values():
                    self.assertEqual(bills, self.bill)
                self.assertEqual(
                    any("realised" in phrase for phrase in looks), bool(remarks)
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_agreed_fee_far_off_the_work(self):
        self.bill.fee_override = 12000.0
        self.assertIn("realised 2000 %", self._get_flags(self.bill))

    def test_a_rate_of_nothing_by_the_ladder_is_fine(self):
        self.env["legal.rate"].create(
            {
                "price": 0.0,
                "employee_id": self.associate.id,
                "company_id": self.company.id,
            }
        )
        matter = self._create_matter()
        self._create_time(matter)
        self._create_time(matter, employee_id=self.associate.id)
        self.assertEqual(self._get_flags(self._bill(matter)), [])

    def test_days_that_do_not_fit(self):
        self.bills[0].write({"invoice_date": "2026-09-30", "date": "2026-09-30"})
        self.bills[1].write({"invoice_date": "2026-11-02", "date": "2026-11-02"})
        looks = self._get_looks()
        self.assertEqual(looks["with work dated after the bill"], self.bills[0])
        self.assertEqual(looks["dated in the future"], self.bills[1])
        self.assertEqual(
            looks["not dated in October 2026, as the others are"], self.bills[:2]
        )
        self.assertIn("later work", self._get_flags(self.bills[0]))
        self.assertIn("future date", self._get_flags(self.bills[1]))

    def test_who_gets_it_and_who_saw_it(self):
        self.bill.write({"recipient_ids": [Command.clear()]})
        self.assertEqual(
            self._get_looks(),
            {"with nobody to send to and no printed copy": self.bill},
        )
        action = self._as(self.bills[1:3], "biller").action_open_review()
        window = self._as(self.env[action["res_model"]], "biller")
        window.browse(action["res_id"]).action_do()
        self._as(self.bills[2], "reviewer").action_review_ready()
        looks = self._get_looks()
        self.assertEqual(
            looks["that are with their reviewer, or were returned"], self.bills[1]
        )
        self.assertEqual(looks["that no reviewer saw"], self.bills[0] | self.bills[3])

    def test_the_window_names_them_and_lets_them_pass(self):
        self._as(self.entry, "biller").bill_rate = 0.0
        self._as(self.entry, "biller").bill_rate = 100.0
        action = self._as(self.bills, "approver").action_open_approve()
        window = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        self.assertIn(self.bill._get_short_name(), window.look_html)
        self.assertIn("<b>1</b> realised below 50 %", window.look_html)
        self.assertFalse(window.problem_count)
        window.action_do()
        self.assertEqual(set(self.bills.mapped("billing_stage")), {"production"})

    def test_the_window_is_not_for_who_does_not_approve(self):
        with self.assertRaises(RoleError):
            self._as(self.bills, "fee_earner").action_open_approve()

    def test_queries_do_not_grow(self):
        def count_queries(bills):
            self.env.flush_all()
            self.env.invalidate_all()
            bills.mapped("standard_fees")
            before = self.env.cr.sql_log_count
            bills._get_looks()
            return self.env.cr.sql_log_count - before

        count_queries(self.bills)
        self.assertEqual(count_queries(self.bills[:1]), count_queries(self.bills))
