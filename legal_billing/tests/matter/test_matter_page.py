from odoo.tests import Form, tagged

from ...exceptions import RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestMatterPage(LegalBillingCommon):
    """The figures of a matter and what they open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter()

    def _count(self, action):
        return self._as(self.env[action["res_model"]], "biller").search_count(
            action["domain"]
        )

    def test_figures_open_what_they_are_made_of(self):
        self._create_time(self.matter)
        bill = self._approve(self._bill(self.matter))
        self._create_time(self.matter)
        draft = self._bill(self.matter)
        self._create_time(self.matter, is_on_hold=True)
        self._create_time(self.matter)
        matter = self._as(self.matter, "biller")
        self.assertEqual(
            [
                self._count(getattr(matter, name)())
                for name in (
                    "action_open_wip_ledger",
                    "action_open_held",
                    "action_open_drafts",
                    "action_open_unpaid",
                    "action_open_bills",
                )
            ],
            [2, 1, 1, 1, 2],
        )
        self.assertEqual(matter.action_open_drafts()["domain"][0][2], "draft")
        self.assertTrue(matter.has_history)
        self.assertFalse(self._create_matter().has_history)
        self.assertEqual((bill.state, draft.state), ("posted", "draft"))

    def test_who_reads_no_bills_is_told_so(self):
        """A fee earner sees the figures; core would name the model of what is behind."""
        self._create_time(self.matter)
        self._approve(self._bill(self.matter))
        for name in (
            "action_open_bills",
            "action_open_unpaid",
            "action_open_unallocated_credits",
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(RoleError, "Bills are not shown to .*reviewers"),
            ):
                getattr(self._as(self.matter, "fee_earner"), name)()
            self.assertTrue(getattr(self._as(self.matter, "cashier"), name)())

    def test_office_ledger_runs_from_bill_to_payment(self):
        self._create_time(self.matter)
        bill = self._approve(self._bill(self.matter))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"amount": 100.0})._create_payments()
        action = self._as(self.matter, "biller").action_open_office_ledger()
        items = self._as(self.env["account.move.line"], "biller").search_fetch(
            action["domain"], ["debit", "credit", "cumulated_balance"], order="id desc"
        )
        self.assertEqual(
            [(i.debit, i.credit, i.cumulated_balance) for i in items],
            [(0.0, 100.0, 260.0), (360.0, 0.0, 360.0)],
        )

    def test_quote_bar_turns_red_past_the_quote(self):
        matter = self._create_matter(quoted_amount=500.0)
        self._create_time(matter)
        bar = matter.quote_bar
        self.assertEqual((bar["billed"], bar["wip"], bar["over"]), (0.0, 60.0, False))
        self.assertEqual(bar["left_text"], "$\xa0200.00")
        self._approve(self._bill(matter))
        self._create_time(matter)
        matter.invalidate_recordset()
        bar = matter.quote_bar
        self.assertEqual((bar["percent"], bar["over"]), (120, True))
        self.assertAlmostEqual(bar["limit"], 100 * 500 / 600)
        self.assertEqual(bar["left_text"], "$\xa0100.00")

    def test_quote_for_each_bill_starts_anew(self):
        matter = self._create_matter(quoted_amount=500.0, quote_basis="bill")
        self._create_time(matter)
        self._approve(self._bill(matter))
        self._create_time(matter)
        self.assertEqual((matter.quote_bar["billed"], matter.quote_bar["wip"]), (0, 60))

    def test_hours_by_timekeeper(self):
        self._create_time(self.matter, 2.0)
        self._bill(self.matter)
        self._create_time(self.matter, 1.0)
        self._create_time(self.matter, 1.0, employee_id=self.associate.id)
        rows = self._as(self.matter, "reviewer").timekeeper_hours
        self.assertEqual(
            [(row["name"], row["billed"], row["open"]) for row in rows],
            [("Ada Partner", 2.0, 1.0), ("Ben Associate", 0.0, 1.0)],
        )

    def test_transfer_is_the_officers(self):
        with self.assertRaises(RoleError):
            self._as(self.matter, "biller").action_transfer_client_money()

    def test_what_is_typed_shows_at_once(self):
        """Figures that follow from options are worked out on the form, before it is
        saved: a quote on a matter with work was a traceback."""
        self._create_time(self.matter)
        for typed in (
            {"quoted_amount": 500.0},
            {"quoted_amount": 0.0},
            {"billing_arrangement": "capped", "cap_amount": 1000.0},
            {"billing_arrangement": "blended", "blended_rate": 150.0},
            {"billing_arrangement": "subscription", "subscription_amount": 90.0},
            {"billing_arrangement": "contingency", "contingency_percent": 10.0},
            {"billing_arrangement": "hourly", "minimum_bill_amount": 10.0},
            {"discount_type": "percent", "discount_value": 5.0},
        ):
            with self.subTest(typed):
                form = Form(
                    self._as(self.matter, "biller"),
                    view="legal_billing.matter_view_form",
                )
                for name, value in typed.items():
                    setattr(form, name, value)
                if typed.get("quoted_amount"):
                    self.assertEqual(form.quote_bar["wip_text"], "$\xa0300.00")
                form.save()
                for name, value in typed.items():
                    self.assertEqual(self.matter[name], value)
