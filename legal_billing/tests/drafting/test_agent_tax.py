from odoo.fields import Command
from odoo.tests import tagged

from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestAgentTax(LegalBillingCommon):
    """Disbursements as the client's agent carry a tax of 0 %, without which no e-invoice
    is made, and never one that adds to them (rule C-13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent_tax = cls.company.legal_agent_tax_id

    def _make_bill(self, *types, **vals):
        matter = self._create_matter(**vals)
        self._create_time(matter, 1.0)
        for product in types or (self.exempt_type,):
            self._create_disbursement(matter, 50.0, product_id=product.id)
        return self._bill(matter)

    def _get_taxes(self, bill):
        return {
            line.product_id: line.tax_ids
            for line in bill.invoice_line_ids
            if line.display_type == "product"
        }

    def _create_tax(self, name, amount=0.0, **vals):
        return self.env["account.tax"].create(
            {"name": name, "amount": amount, "type_tax_use": "sale", **vals}
        )

    def test_the_chart_brings_it(self):
        shipped = self.env.ref("legal_billing.product_disbursement_agent")
        self.assertRecordValues(
            self.agent_tax,
            [
                {
                    "amount": 0.0,
                    "type_tax_use": "sale",
                    "company_id": self.company.id,
                    "price_include": False,
                    "ubl_cii_tax_category_code": "E",
                }
            ],
        )
        self.assertFalse(self.agent_tax.repartition_line_ids.tag_ids)
        taxes = shipped.taxes_id._filter_taxes_by_company(self.company)
        self.assertEqual(taxes, self.agent_tax)
        self.company._set_up_from_chart()  # again, as an update would
        self.assertEqual(self.company.legal_agent_tax_id, self.agent_tax)

    def test_totals_and_books_stay(self):
        bill = self._approve(self._make_bill())
        self.assertEqual(self._get_taxes(bill)[self.exempt_type], self.agent_tax)
        self.assertRecordValues(
            bill, [{"amount_untaxed": 350.0, "amount_tax": 60.0, "amount_total": 410.0}]
        )
        self.assertRecordValues(
            bill.line_ids.sorted(lambda line: (line.display_type, -line.credit)),
            [
                {"display_type": "payment_term", "debit": 410.0, "credit": 0.0},
                {"display_type": "product", "debit": 0.0, "credit": 300.0},
                {"display_type": "product", "debit": 0.0, "credit": 50.0},
                {"display_type": "tax", "debit": 0.0, "credit": 60.0},
            ],
        )
        line = bill.invoice_line_ids.filtered(
            lambda line: line.product_id == self.exempt_type
        )
        self.assertEqual(line.bill_element, "disbursement_exempt")

    def test_the_type_s_own_tax_of_nothing_is_kept(self):
        own = self._create_tax("0% search fees")
        self.exempt_type.taxes_id = [Command.set(own.ids)]
        self.assertEqual(self._get_taxes(self._make_bill())[self.exempt_type], own)

    def test_a_tax_that_adds_is_not_charged(self):
        group = self._create_tax(
            "Federal and state",
            amount_type="group",
            children_tax_ids=[Command.set(self.tax_20.ids)],
        )
        for tax in (self.tax_20, group):
            self.exempt_type.taxes_id = [Command.set(tax.ids)]
            bill = self._make_bill()
            self.assertEqual(self._get_taxes(bill)[self.exempt_type], self.agent_tax)
            self.assertEqual(bill.amount_tax, 60.0)

    def test_a_group_s_rate_is_that_of_its_taxes(self):
        group = self._create_tax(
            "Federal and state",
            amount_type="group",
            children_tax_ids=[Command.set(self.tax_20.ids)],
        )
        self.taxed_type.taxes_id = [Command.set(group.ids)]
        self.assertFalse(self.taxed_type._is_exempt(self.company))
        bill = self._make_bill(self.taxed_type)
        self.assertEqual(bill.amount_tax, 70.0)
        self.assertIn("disbursement_taxable", bill.line_ids.mapped("bill_element"))

    def test_without_one_it_is_as_it_was(self):
        self.company.legal_agent_tax_id = False
        bill = self._make_bill()
        self.assertFalse(self._get_taxes(bill)[self.exempt_type])
        self.assertEqual(bill.amount_total, 410.0)

    def test_a_discount_and_an_edit_leave_it(self):
        bill = self._make_bill(discount_type="percent", discount_value=10.0)
        entry = self.env["account.analytic.line"].search(
            [("bill_id", "=", bill.id), ("wip_type", "=", "time")]
        )
        self._as(entry, "biller").bill_quantity = 2.0
        self.assertEqual(self._get_taxes(bill)[self.exempt_type], self.agent_tax)
        self.assertEqual(bill.amount_tax, 108.0)

    def test_a_credit_note_has_it(self):
        bill = self._approve(self._make_bill())
        self._as(bill, "approver").action_credit_and_rebill()
        credit = bill.reversal_move_ids
        self.assertEqual(self._get_taxes(credit)[self.exempt_type], self.agent_tax)
        self.assertEqual(credit.amount_total, 410.0)

    def test_e_invoices_take_such_a_bill(self):
        self.company.partner_id.write(
            {"vat": "BE0477472701", "country_id": self.env.ref("base.be").id}
        )
        bill = self._approve(self._make_bill())
        xml, errors = self.env["account.edi.xml.ubl_bis3"]._export_invoice(bill)
        self.assertNotIn("at least one tax", " ".join(errors))
        self.assertEqual(xml.count(b"<cbc:ID>E</cbc:ID>"), 2)  # of line and breakdown
        self.assertIn(b"TaxExemptionReason>", xml)

    def test_outside_the_scope_stands_alone(self):
        outside = self._create_tax("Outside", ubl_cii_tax_category_code="O")
        self.fee_product.taxes_id = [Command.set(outside.ids)]
        bill = self._make_bill(self.exempt_type, self.exempt_type)
        self.assertEqual(
            bill.invoice_line_ids.tax_ids.mapped("ubl_cii_tax_category_code"),
            ["O", "O"],
        )
        again = self._make_bill()
        self.assertEqual(self._get_taxes(again), self._get_taxes(bill))

    def test_another_country_s_vat_has_one_of_its_own(self):
        germany = self.env.ref("base.de")
        position = self.env["account.fiscal.position"].create(
            {
                "name": "VAT in Germany",
                "company_id": self.company.id,
                "country_id": germany.id,
                "foreign_vat": "DE123456788",
            }
        )
        self.client.property_account_position_id = position
        bills = self._make_bill() + self._make_bill()
        taxes = [self._get_taxes(bill)[self.exempt_type] for bill in bills]
        self.assertEqual(taxes[0], taxes[1])
        self.assertRecordValues(
            taxes[0],
            [
                {
                    "amount": 0.0,
                    "country_id": germany.id,
                    "company_id": self.company.id,
                    "ubl_cii_tax_category_code": "E",
                }
            ],
        )
        self.assertNotEqual(taxes[0], self.agent_tax)
        self._approve(bills)
        self.assertEqual(bills.mapped("state"), ["posted", "posted"])

    def test_it_follows_the_firm_s_country(self):
        """As where the chart was loaded before the firm said where it is."""
        home = self.company.account_fiscal_country_id
        other = self.env.ref("base.nz" if home.code != "NZ" else "base.au")
        self.company.account_fiscal_country_id = other
        self.fee_product.taxes_id = [Command.clear()]
        self.company.legal_fees_exempt = True
        bill = self._make_bill()
        tax = self._get_taxes(bill)[self.exempt_type]
        self.assertEqual(tax.country_id, other)
        self.assertEqual(tax.mapped("amount"), [0.0])
        self.assertEqual(self._approve(bill).amount_total, 350.0)
