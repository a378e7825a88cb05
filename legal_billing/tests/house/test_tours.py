from odoo.tests import HttpCase, tagged

from ..common import LegalBillingCommon


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestTours(LegalBillingCommon, HttpCase):
    """The billing cycle in a real browser, each step by the person whose it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matter = cls._create_matter(name="Smith v Jones")
        cls._create_time(cls.matter, 2.0)
        cls._create_disbursement(cls.matter, 100.0)
        cls.other = cls._create_matter(name="Estate of Rees")
        cls._create_time(cls.other, 1.0)
        cls.by_hand = cls._create_matter(
            name="Retainer", exclude_from_mass_billing=True
        )
        cls._create_time(cls.by_hand, 1.0)

    def _tour(self, name, role):
        self.start_tour(
            "/odoo", f"legal_billing_{name}", login=getattr(self, role).login
        )
        self.env.invalidate_all()

    def test_cycle(self):
        self._tour("bill_all", "biller")
        bills = self.env["account.move"].search(
            [("matter_ids", "in", (self.matter | self.other).ids)]
        )
        self.assertEqual(bills.mapped("billing_stage"), ["draft", "draft"])
        self.assertEqual(sum(bills.mapped("amount_untaxed")), 1000.0)
        self._tour("approve", "approver")
        self.assertEqual(set(bills.mapped("billing_stage")), {"production"})
        self.assertEqual(bills.approved_by_id, self.approver)
        self._tour("produce", "biller")
        self.assertEqual(set(bills.mapped("billing_stage")), {"finalized"})
        self.assertEqual(bills.produced_by_id, self.biller)
        self.assertTrue(all(bills.mapped("invoice_pdf_report_id")))

    def test_a_page_that_is_made_twice_asks_once(self):
        self._tour("first_read", "biller")

    def test_matter_page(self):
        self._tour("matter", "biller")
