from odoo.tests import tagged

from ...exceptions import ConfigurationError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestNetOfTax(LegalBillingCommon):
    """WIP is net: a tax that is included in the price is refused where a product is
    chosen for fees or disbursements (rule C-12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.included = cls.env["account.tax"].create(
            {
                "name": "Included 20 %",
                "amount": 20.0,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )
        cls.gross = cls._create_service("Advice, gross", cls.included)
        cls.gross.legal_use = False
        cls.net = cls._create_service("Advice, net", cls.env["account.tax"])

    def test_a_product_with_an_included_tax_is_chosen_nowhere(self):
        area = self.env["legal.practice.area"].create({"name": "Property"})
        matter = self._create_matter()
        places = [
            (self.company, "legal_fee_product_id"),
            (self.company, "legal_disbursement_product_id"),
            (self.client, "legal_client_fee_product_id"),
            (area, "fee_product_id"),
            (self._as(matter, "biller"), "fee_product_id"),
        ]
        for record, field in places:
            with self.subTest(f"{record._name}.{field}"):
                with self.assertRaisesRegex(ConfigurationError, "Advice, gross"):
                    record[field] = self.gross
                record[field] = self.net

    def test_a_tax_of_a_fee_type_does_not_become_included(self):
        tax = self.included.copy({"name": "20 %", "price_include_override": False})
        self.net.taxes_id = tax
        self.net.legal_use = "disbursement"
        with self.assertRaisesRegex(ConfigurationError, "Advice, net"):
            tax.price_include_override = "tax_included"
        self.net.legal_use = False
        tax.price_include_override = "tax_included"
        self.assertTrue(tax.price_include)

    def test_other_products_have_the_taxes_they_like(self):
        self.gross.list_price = 120.0
        self.assertTrue(self.gross.taxes_id.price_include)
