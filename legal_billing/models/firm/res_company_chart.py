from odoo import models
from odoo.fields import Command

from odoo.addons.account.models.chart_template import get_python_translation

from .charts import get_chart

#: How e-invoices call what was paid in the client's name: exempt, since "outside the
#: scope" (O) may not stand beside fees with VAT on one invoice (EN 16931, BR-O-11 to 14),
#: and must where the fees themselves are outside it.
AGENT_CATEGORY, OUTSIDE_CATEGORY = "E", "O"
#: ... and why: article 79 (c) of the VAT directive, where it holds. Elsewhere core says
#: in words that it is exempt.
REASONS = {AGENT_CATEGORY: "VATEX-EU-79-C", OUTSIDE_CATEGORY: "VATEX-EU-O"}


class ResCompany(models.Model):
    """What the company takes from its chart of accounts."""

    _inherit = "res.company"

    def _set_up_from_chart(self):
        """Take from the chart what the shipped products and the rooms need, where
        nothing was chosen yet. Called when a chart is loaded and when the addon is
        installed; branches have the accounts and taxes of their root.

        Rooms extend it with accounts of their own.
        """
        for company in self.filtered(
            lambda company: company.chart_template and not company.parent_id
        ):
            # sudo: settings and products of all companies, whoever loads the chart
            company_sudo = company.sudo().with_context(
                allowed_company_ids=company.ids, lang="en_US"
            )
            company_sudo._set_up_agent_tax()

    # --- the tax of what is paid in the client's name

    def _set_up_agent_tax(self):
        """Give the shipped type of agent disbursements a tax of 0 %."""
        self.ensure_one()
        tax = self.legal_agent_tax_id
        if not tax:
            tax = self._find_agent_tax() or self._create_agent_tax(AGENT_CATEGORY)
            self.legal_agent_tax_id = tax
        product = self.env.ref(
            "legal_billing.product_disbursement_agent", raise_if_not_found=False
        )
        if not product or not tax:
            return
        given = product.taxes_id._filter_taxes_by_company(self)
        if not given or not given._is_of_no_amount():
            # core gives products that have a tax in one company the default of others
            product.taxes_id = [
                *(Command.unlink(other.id) for other in given),
                Command.link(tax.id),
            ]

    def _find_agent_tax(self):
        """The chart's own tax for it, or one that somebody made: 0 %, in no box of the
        VAT return, with the category of e-invoices.

        :rtype: account.tax
        """
        self.ensure_one()
        taxes = self.env["account.tax"]
        own = self._ref_chart(get_chart(self.chart_template).agent_tax)
        if own and own.active and not own.price_include:
            return own
        if "ubl_cii_tax_category_code" not in taxes._fields:
            return taxes
        return taxes.search(
            [
                ("company_id", "=", self.id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", 0),
                ("ubl_cii_tax_category_code", "=", AGENT_CATEGORY),
                ("ubl_cii_tax_exemption_reason_code", "=", REASONS[AGENT_CATEGORY]),
            ]
        ).filtered(
            lambda tax: not tax.price_include and not tax.repartition_line_ids.tag_ids
        )[:1]

    def _create_agent_tax(self, category):
        """Make a tax of 0 % that no VAT return counts.

        :param str category: of e-invoices
        :return: none without the chart's taxes
        :rtype: account.tax
        """
        self.ensure_one()
        taxes = self.env["account.tax"]
        country = self.account_fiscal_country_id
        if not taxes.search_count([("company_id", "=", self.id)], limit=1):
            return taxes
        group = self._make_for_chart(
            "account.tax.group",
            "legal_tax_group_agent",
            {
                "name": "Without tax",
                "company_id": self.id,
                "country_id": country.id,
                "sequence": 100,
            },
        )
        is_exempt = category == AGENT_CATEGORY
        vals = {
            "name": "0% Disbursements" if is_exempt else "0% Disbursements (O)",
            "description": "Paid in the client's name and for the client's account",
            "invoice_label": "0%",
            "type_tax_use": "sale",
            "amount_type": "percent",
            "amount": 0.0,
            "price_include_override": "tax_excluded",
            "tax_group_id": group.id,
            "country_id": country.id,
            "company_id": self.id,
            "sequence": 100,
            # what other addons know of taxes
            "ubl_cii_tax_category_code": category,
            "ubl_cii_tax_exemption_reason_code": (
                REASONS[category]
                if country in self.env.ref("base.europe").country_ids or not is_exempt
                else False
            ),
            "l10n_es_type": "ignore",
        }
        vals = {name: value for name, value in vals.items() if name in taxes._fields}
        name = "legal_tax_agent" if is_exempt else "legal_tax_agent_outside"
        return self._make_for_chart("account.tax", name, vals)

    def _get_agent_tax(self):
        """The tax of disbursements as agent whose type names none.

        :rtype: account.tax
        """
        self.ensure_one()
        company_sudo = self.sudo()  # settings, which billers do not read
        tax_sudo = company_sudo.legal_agent_tax_id
        if not tax_sudo and company_sudo.parent_id:
            tax_sudo = company_sudo.root_id.legal_agent_tax_id
        return tax_sudo.filtered("active").with_env(self.env)

    def _get_outside_agent_tax(self):
        """The same for a bill whose fees are outside the scope of VAT; made on its
        first use.

        :rtype: account.tax
        """
        self.ensure_one()
        root_sudo = self.root_id.sudo().with_context(lang="en_US")
        tax_sudo = root_sudo._ref_chart("legal_tax_agent_outside")
        if not tax_sudo:
            tax_sudo = root_sudo._create_agent_tax(OUTSIDE_CATEGORY)
        return tax_sudo.with_env(self.env)

    # --- records of the chart

    def _ref_chart(self, name):
        """A record of the company's chart.

        :param str name: in the chart's template; may be empty
        :return: the record, or None
        """
        self.ensure_one()
        if not name:
            return None
        return self.env.ref(f"account.{self.id}_{name}", raise_if_not_found=False)

    def _make_for_chart(self, model, name, vals):
        """Make a record beside those of the chart, once, with its names in all languages.

        :param str model:
        :param str name: of the record, as the chart's template would have it
        :param dict vals: texts are English
        """
        self.ensure_one()
        record = self._ref_chart(name)
        if record:
            return record
        record = self.env[model].create(vals)
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"account.{self.id}_{name}",
                    "record": record,
                    "noupdate": True,
                }
            ]
        )
        self._translate_for_chart(record, vals)
        return record

    def _translate_for_chart(self, record, vals):
        """Give a record the addon's translations of its texts.

        :param record: of any model
        :param dict vals: English
        """
        for code, _name in self.env["res.lang"].get_installed():
            for field, value in vals.items():
                if code == "en_US" or not record._fields[field].translate or not value:
                    continue
                translation = get_python_translation("legal_billing", code, value)
                if translation:
                    record.with_context(lang=code)[field] = translation
