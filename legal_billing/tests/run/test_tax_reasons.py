from odoo.tests import tagged

from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestTaxReasons(LegalBillingCommon):
    """A run says when fees would go out without tax, or with one that cannot be billed,
    instead of billing them so, or failing on each."""

    def _create_matter_with_wip(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        return matter

    def test_fees_without_tax_are_held_back_and_opened(self):
        self.fee_product.taxes_id = False
        matter = self._create_matter_with_wip()
        run = self._create_run()
        self.assertRow(run, matter, "excluded", "no_tax")
        row = self._get_row(run, matter)
        self.assertIn(self.company.account_sale_tax_id.name, row.message)
        action = row.action_cure()
        self.assertEqual(action["res_model"], "product.template")
        self.assertEqual(action["res_id"], self.fee_product.product_tmpl_id.id)
        self.fee_product.taxes_id = self.tax_20
        row._refresh()
        self.assertRow(run, matter, "ready", amount=300.0)

    def test_exempt_is_said_once(self):
        self.fee_product.taxes_id = False
        matter = self._create_matter_with_wip()
        self.fee_product.legal_tax_exempt = True
        self.assertRow(self._create_run(), matter, "ready")
        self.fee_product.legal_tax_exempt = False
        self.company.sudo().legal_fees_exempt = True
        bill = self._bill(matter)
        self.assertEqual((bill.amount_tax, bill.amount_total), (0.0, 300.0))

    def test_where_the_default_is_nothing_nobody_asks(self):
        self.fee_product.taxes_id = False
        self.company.sudo().account_sale_tax_id = False
        matter = self._create_matter_with_wip()
        self.assertRow(self._create_run(), matter, "ready")

    def test_disbursements_may_go_without(self):
        self.taxed_type.taxes_id = False
        matter = self._create_matter()
        self._create_disbursement(matter, 50.0, product_id=self.taxed_type.id)
        self.assertRow(self._create_run(), matter, "ready", amount=50.0)

    def test_an_included_tax_is_told_on_loading(self):
        matter = self._create_matter_with_wip()
        self.company.sudo().account_price_include = "tax_included"
        self.env.invalidate_all()
        self.assertTrue(self.tax_20.price_include)
        run = self._create_run()
        self.assertRow(run, matter, "excluded", "tax_included")
        self.assertIn("included in the price", self._get_row(run, matter).message)
