from odoo.tests import HttpCase, tagged

from ..common import LegalBillingCommon


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestMatterTours(LegalBillingCommon, HttpCase):
    """The matter's page in a real browser: options, drafts, ledgers, a new matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.legal_bill_payment_term_id = cls.env["account.payment.term"].create(
            {"name": "Soon"}
        )
        cls.matter = cls._create_matter(name="Smith v Jones")
        cls._create_time(cls.matter, 2.0)

    def test_options_are_changed_knowingly_and_a_matter_is_opened(self):
        bill = self._bill(self.matter)
        self._create_time(self.matter, 1.0, name="Late advice")
        login = self.biller.login
        self.start_tour("/odoo", "legal_billing_matter_page", login=login)
        self.env.invalidate_all()
        self.assertEqual((bill.amount_untaxed, bill.print_copies), (500.0, "1"))
        self.start_tour("/odoo", "legal_billing_new_matter", login=login)
        matter = self.env["project.project"].search(
            [("name", "=", "Sale of Harbour House")]
        )
        self.assertEqual(matter.bill_payment_term_id.name, "Soon")
        self.assertTrue(matter.matter_number and matter.account_id)
