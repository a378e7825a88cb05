from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..common import LegalBillingCommon


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestMassBillingTours(LegalBillingCommon, HttpCase):
    """One walk through each page in a real browser, as the biller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller.partner_id.email = "biller@firm.example"
        cls.company.email = "office@firm.example"
        cls.today = fields.Date.today()

    def _create_recent(self, name, hours=2.0, days=5, **vals):
        matter = self._create_matter(name=name, **vals)
        day = self.today - timedelta(days=days)
        self._create_time(matter, hours, day=day, name="Letter")
        return matter

    def _tour(self, name):
        self.start_tour(
            "/odoo", f"legal_billing_{name}", login=self.biller.login, timeout=120
        )
        self.env.invalidate_all()

    def test_mass_billing_page(self):
        matter = self._create_recent("Smith v Jones")
        day = self.today - timedelta(days=3)
        call = self._create_time(matter, 1.0, day=day, name="Call")
        self._create_recent("Old lease", days=120)
        self._create_recent("Small", hours=0.1)
        self._create_recent("Retainer")._internal().active = False  # as of long ago
        self._as(self.env["legal.billing.selection"], "manager").create(
            {
                "name": "Month end",
                "is_shared": True,
                "minimum_amount": 100.0,
                "company_id": self.company.id,
            }
        )
        self._tour("mass_billing")
        bill = self._get_bill(matter)
        self.assertEqual((bill.billing_stage, bill.amount_untaxed), ("draft", 600.0))
        self.assertEqual(bill.billing_run_id.selection_name, "Month end")
        self.assertFalse(call.bill_id)
        self.assertEqual(bill.wip_line_ids.bill_narrative, "Letter to the landlord")

    def test_a_group_is_billed_together(self):
        """One draft for three matters, one of which is taken out of it again."""
        self.client.legal_bill_together = True
        matters = self.env["project.project"].union(
            *(self._create_recent(name) for name in ("Lease", "Patent", "Tax"))
        )
        self._tour("bill_together")
        bill = self._get_bill(matters)
        self.assertEqual(len(bill), 1)
        self.assertEqual(bill.matter_ids, matters - matters[1])
        self.assertEqual(bill.amount_untaxed, 1200.0)
        self.assertEqual(matters[1].unbilled_amount, 600.0)

    def test_window_closes_though_its_page_is_slow(self):
        matters = self._create_recent("Smith v Jones")
        matters |= self._create_recent("Estate of Rees")
        self._tour("slow_page")
        bills = self._get_bill(matters)
        self.assertEqual(bills.mapped("amount_untaxed"), [600.0, 600.0])

    def test_run_page(self):
        failing, good = self._create_recent("Failing"), self._create_recent("Good")
        account = self.env["account.account"].create(
            {"name": "Income", "code": "499001", "account_type": "income"}
        )
        failing.fee_product_id = self._create_service(
            "Notarial fees",
            self.tax_20,
            legal_use="fee",
            property_account_income_id=account.id,
        )
        run = self._create_run(invoice_date=self.today)
        account.active = False
        run.action_bill_all()
        self.assertEqual((run.done_count, run.failed_count), (1, 1))
        account.active = True
        agreed = self._get_bill(good)
        self._as(agreed, "biller").fee_override = 500.0
        self._tour("run")
        self.assertEqual(run.bill_ids, agreed)
        self.assertEqual(failing.unbilled_amount, 600.0)

    def test_bill_production_page(self):
        both = self._create_recent("Both", bill_print_copies="1")
        nobody = self._create_recent(
            "Nobody", bill_recipient_ids=[Command.clear()], bill_print_copies="0"
        )
        bills = self._approve(self._bill(both | nobody, invoice_date=self.today))
        self._tour("bill_production")
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(
            self._get_bill(nobody).delivery_note, "Handed over at completion"
        )
        self.assertEqual(self._get_bill(both).delivery_method, "post")

    def test_from_mass_billing_to_produce_without_a_mouse(self):
        matters = self._create_recent("Smith v Jones")
        matters |= self._create_recent("Estate of Rees")
        self.manager.partner_id.email = "manager@firm.example"
        self.start_tour(
            "/odoo/mass-billing",
            "legal_billing_keyboard",
            login=self.manager.login,
            timeout=120,
        )
        self.env.invalidate_all()
        bills = self._get_bill(matters)
        self.assertEqual(bills.mapped("billing_stage"), ["finalized"] * 2)

    def test_first_look_leads_to_a_draft_and_its_paper(self):
        matter = self._create_recent("Smith v Jones")
        tour = self.env.ref("legal_billing.web_tour_first_look")
        self.start_tour(tour.url, tour.name, login=self.biller.login, timeout=120)
        self.env.invalidate_all()
        self.assertEqual(self._get_bill(matter).billing_stage, "draft")

    def test_texts_can_be_read_and_icons_have_names(self):
        matter = self._create_recent("Smith v Jones")
        old = self._create_recent("Old lease", days=120)
        nobody = self._create_recent(
            "Nobody", bill_recipient_ids=[Command.clear()], bill_print_copies="0"
        )
        self._bill(old, invoice_date=self.today)
        self._approve(self._bill(nobody, invoice_date=self.today))
        self._create_time(matter, 1.0, day=self.today, is_on_hold=True)
        self._tour("contrast")

    def _get_bill(self, matter):
        return self.env["account.move"].search([("matter_ids", "in", matter.ids)])
