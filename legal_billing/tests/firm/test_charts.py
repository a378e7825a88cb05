from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ...models.firm import charts
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestCharts(LegalBillingCommon):
    """What the shipped products and the settings take from a chart of accounts, whether
    it comes before the addon, with it, or after. The real charts are tried by
    ``dev/odoo charts``; here is the one that is always there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fees, cls.costs, cls.agent = (
            cls.env.ref(f"legal_billing.product_{name}")
            for name in ("fees", "disbursement", "disbursement_agent")
        )

    @classmethod
    def _load(cls, company):
        cls.env["account.chart.template"].sudo().try_loading("generic_coa", company)

    def _create_firm(self):
        return self.env["res.company"].sudo().create({"name": "Another firm"})

    def _get_taxes(self, product, company):
        return product.sudo().taxes_id._filter_taxes_by_company(company)

    def _get_income(self, product, company):
        return product.sudo().with_company(company).property_account_income_id

    def _code(self, account, company):
        return account.sudo().with_company(company).code

    def test_a_company_lacks_everything_until_its_chart_is_there(self):
        firm = self._create_firm()
        self.assertFalse(firm.legal_agent_tax_id or firm.legal_trust_account_id)
        self._load(firm)
        default = firm.account_sale_tax_id
        self.assertEqual(self._get_taxes(self.fees, firm), default)
        self.assertEqual(self._get_taxes(self.costs, firm), default)
        self.assertEqual(self._get_taxes(self.agent, firm), firm.legal_agent_tax_id)
        agent = self._get_income(self.agent, firm)
        self.assertEqual(agent.account_type, "asset_current")
        expense = self.agent.sudo().with_company(firm).property_account_expense_id
        self.assertEqual(expense, agent)
        credits = firm.legal_unallocated_account_id
        money = firm.legal_trust_account_id
        self.assertRecordValues(
            credits | money,
            [
                {"account_type": "liability_current", "reconcile": True},
                {"account_type": "liability_current", "reconcile": False},
            ],
        )
        # beside their neighbours, not after the highest code
        self.assertEqual(self._code(agent, firm), "101001")
        self.assertEqual(
            [self._code(account, firm) for account in credits | money],
            ["201002", "201003"],
        )

    def test_a_chart_that_comes_with_the_addon_brings_a_cash_journal(self):
        """In a new database Odoo loads the chart when all is installed, so after the
        addon's own hook; companies that come later have it made by the set-up panel."""
        later = self._create_firm()
        self._load(later)
        self.assertFalse(later._get_cash_journal())
        firm = self.env["res.company"].sudo().create({"name": "New database"})
        registry = self.env.registry
        registry._auto_install_template = self._load
        try:
            self._load(firm)
        finally:
            del registry._auto_install_template
        self.assertEqual(firm._get_cash_journal().company_id, firm)

    def test_what_a_person_chose_stays(self):
        firm = self._create_firm()
        self._load(firm)
        other = (
            self.env["account.tax"]
            .sudo()
            .create(
                {
                    "name": "Reduced",
                    "amount": 7.0,
                    "type_tax_use": "sale",
                    "company_id": firm.id,
                    "country_id": firm.account_fiscal_country_id.id,
                }
            )
        )
        account = self._get_income(self.agent, firm)
        self.fees.sudo().taxes_id += other - firm.account_sale_tax_id
        self.fees.sudo().taxes_id -= firm.account_sale_tax_id
        self._load(firm)
        self.assertEqual(self._get_taxes(self.fees, firm), other)
        self.assertEqual(self._get_income(self.agent, firm), account)

    def test_services_instead_of_goods(self):
        chart = charts.Chart(fee_tax="services", fee_account="other_income")
        firm = self._create_firm()
        self._load(firm)
        goods = firm.account_sale_tax_id
        services = goods.sudo().copy({"name": "15% S", "tax_scope": "service"})
        self.env["ir.model.data"].sudo()._update_xmlids(
            [{"xml_id": f"account.{firm.id}_services", "record": services}]
        )
        with patch.dict(charts.CHARTS, {"generic_coa": chart}):
            firm._set_up_from_chart(fresh=False)
            self.assertEqual(self._get_taxes(self.fees, firm), goods)
            firm._set_up_from_chart()
        self.assertEqual(self._get_taxes(self.fees, firm), services)
        self.assertEqual(self._get_taxes(self.costs, firm), services)
        self.assertEqual(self._get_income(self.fees, firm).account_type, "income_other")

    def test_an_included_tax_gives_way_to_its_twin(self):
        firm = self._create_firm()
        self._load(firm)
        twin = firm.sudo().account_sale_tax_id
        included = twin.copy(
            {"name": "included", "price_include_override": "tax_included"}
        )
        firm.sudo().account_sale_tax_id = included
        self.fees.sudo().taxes_id -= twin
        firm._set_up_from_chart()
        self.assertEqual(self._get_taxes(self.fees, firm), twin)

    def test_exempt_fees_get_none(self):
        firm = self._create_firm()
        firm.sudo().legal_fees_exempt = True
        self._load(firm)
        self.assertFalse(self._get_taxes(self.fees, firm))
        self.assertTrue(self._get_taxes(self.agent, firm))

    def test_in_an_unknown_chart_never_the_highest_code(self):
        firm = self._create_firm()
        with patch.dict(charts.CHARTS, clear=True):
            self._load(firm)
        for account in firm.legal_unallocated_account_id | firm.legal_trust_account_id:
            self.assertTrue(self._code(account, firm).startswith("2010"))

    def test_an_account_that_others_use_is_left_to_them(self):
        """Of the firm before the addon came, or of an installation before: installed
        again, the addon makes accounts of its own."""
        firm = self._create_firm()
        self._load(firm)
        names = ("legal_unallocated_account_id", "legal_trust_account_id")
        before = [firm[name] for name in names]
        firm.write(dict.fromkeys(names, False))
        entry = self.env["account.move"].sudo().with_company(firm)
        entry = entry.create(
            {
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in zip(before, (-5.0, 5.0), strict=True)
                ]
            }
        )
        entry.action_post()
        firm._set_up_from_chart()
        after = [firm[name] for name in names]
        self.assertFalse(set(before) & set(after))
        self.assertEqual(len({self._code(a, firm) for a in before + after}), 4)
        firm._set_up_from_chart()
        self.assertEqual([firm[name] for name in names], after)

    def test_a_branch_books_on_the_firm_s_accounts(self):
        firm = self._create_firm()
        self._load(firm)
        branch = (
            self.env["res.company"]
            .sudo()
            .create({"name": "Branch", "parent_id": firm.id})
        )
        self.env.cr.precommit.run()
        self.assertEqual(
            self._get_income(self.agent, branch), self._get_income(self.agent, firm)
        )
        self.assertEqual(branch._get_agent_tax(), firm.legal_agent_tax_id)
        self.assertEqual(
            branch._get_legal_unallocated_account(), firm.legal_unallocated_account_id
        )

    def test_accounts_have_their_names_in_each_language(self):
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        firm = self._create_firm()
        words = {"Client money": "Fonds de tiers"}
        with patch(
            "odoo.addons.legal_billing.models.firm.res_company_chart"
            ".get_python_translation",
            side_effect=lambda _module, _lang, text: words.get(text),
        ):
            self._load(firm)
        account = firm.legal_trust_account_id.sudo()
        self.assertEqual(account.with_context(lang="fr_FR").name, "Fonds de tiers")
        self.assertEqual(account.with_context(lang="en_US").name, "Client money")
