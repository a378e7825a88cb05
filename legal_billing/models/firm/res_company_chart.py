import re

from odoo import models
from odoo.fields import Command

from odoo.addons.account.models.chart_template import get_python_translation

from ...exceptions import ConfigurationError
from .charts import CHARTS, NEIGHBOURS, get_chart

#: Codes to start from where a chart has no account of the kind.
START = {"asset_current": "109000", "liability_current": "218000"}
#: An account of the state is no neighbour.
TAXES = re.compile(r"\b(VAT|GST|HST|tax(es)?)\b", re.IGNORECASE)

#: How e-invoices call what was paid in the client's name: exempt, since "outside the
#: scope" (O) may not stand beside fees with VAT on one invoice (EN 16931, BR-O-11 to 14),
#: and must where the fees themselves are outside it.
AGENT_CATEGORY, OUTSIDE_CATEGORY = "E", "O"
#: ... and why: article 79 (c) of the VAT directive, where it holds. Elsewhere core says
#: in words that it is exempt.
REASONS = {AGENT_CATEGORY: "VATEX-EU-79-C", OUTSIDE_CATEGORY: "VATEX-EU-O"}

#: What a firm must tell its clients on a bill, by country: a text to begin with.
BILL_NOTICES = {
    "GB": "If you are not happy with this bill or with our service, please tell us; we "
    "will send you our complaints procedure. If we have not settled your complaint "
    "within eight weeks, you may be able to take it to the Legal Ombudsman: PO Box "
    "6167, Slough SL1 0EH, 0300 555 0333, www.legalombudsman.org.uk. Ask within six "
    "months of our final answer, and within one year of what you complain about or of "
    "when you should have known of it. You may also be entitled to have the bill "
    "assessed by the court under Part III of the Solicitors Act 1974."
}


class ResCompany(models.Model):
    """What the company takes from its chart of accounts."""

    _inherit = "res.company"

    def _set_up_from_chart(self, fresh=True):
        """Take from the chart what the shipped products and the rooms need. Called when
        a chart is loaded, when the addon is installed, and when it is updated.

        :param bool fresh: whether nobody has worked with the products here yet; if
            somebody has, only that is made of which nothing was chosen
        """
        # sudo: settings and products of all companies, whoever loads the chart
        for company in self.sudo().sorted("parent_path"):
            company_sudo = company.with_company(company).with_context(
                allowed_company_ids=company.ids, lang="en_US", tracking_disable=True
            )
            if fresh:
                company_sudo._set_up_bill_notice()
            if company.parent_id:
                if fresh:
                    company_sudo._take_over_accounts()
            elif company.chart_template:
                company_sudo._set_up_agent_tax()
                if fresh:
                    company_sudo._set_up_fees()
                    company_sudo._set_up_agent()
                    company_sudo._set_up_accounts()

    def _set_up_accounts(self):
        """Accounts of the company's own settings, where none was chosen: that of bills on
        account. Rooms extend it with theirs."""
        self.ensure_one()
        if not self.legal_on_account_account_id:
            self.legal_on_account_account_id = self._create_legal_on_account_account()

    def _get_set_up_accounts(self):
        """Accounts that the set-up shows. Rooms extend it with theirs.

        :return: of accounts, empty ones among them
        :rtype: list
        """
        self.ensure_one()
        product = self._get_shipped("product_disbursement_agent")
        return [
            product.with_company(self).property_account_income_id,
            self.legal_on_account_account_id,
        ]

    def _get_made_account(self, field, make):
        """The account of a setting, made on its first use.

        :param str field: the setting
        :param make: gives the account to a company, as superuser
        :rtype: account.account
        :raise ConfigurationError: if the company has no chart of accounts
        """
        self.ensure_one()
        # sudo: those who bill, post or hold money need no right on accounts or settings
        company_sudo = self.sudo()
        if not company_sudo[field]:
            company_sudo[field] = make(company_sudo)
        return company_sudo[field].with_env(self.env)

    def _create_legal_on_account_account(self):
        return self._create_legal_account(
            "advances", "Billed to clients on account", "liability_current", False
        )

    def _get_legal_on_account_account(self):
        """The company's account of what is billed on account, made on its first use.

        :rtype: account.account
        :raise ConfigurationError: if the company has no chart of accounts
        """
        return self._get_made_account(
            "legal_on_account_account_id",
            lambda company: company._create_legal_on_account_account(),
        )

    def _get_cash_journal(self):
        """The journal of what is paid in cash, if the firm has one.

        :rtype: account.journal
        """
        self.ensure_one()
        journals = self.env["account.journal"]
        return journals.search(
            [*journals._check_company_domain(self), ("type", "=", "cash")], limit=1
        )

    def _set_up_cash_journal(self):
        """Companies with a chart of accounts get a cash journal, where they have none:
        core makes that of the bank alone."""
        # sudo: settings of all companies, whoever installs
        for company in self.sudo():
            company_sudo = company.with_company(company).with_context(
                allowed_company_ids=company.ids, lang="en_US", tracking_disable=True
            )
            if company.chart_template and not company_sudo._get_cash_journal():
                company_sudo._make_for_chart(
                    "account.journal",
                    "legal_journal_cash",
                    {"name": "Cash", "type": "cash", "company_id": company.id},
                )

    def _get_client_account_journal(self):
        """A bank journal of client money, if the firm has one. The room of client money
        knows.

        :rtype: account.journal
        """
        return self.env["account.journal"]

    def _get_forgotten_tax(self, product):
        """The company's default tax, where nobody said that fees go without. Asked of the
        firm's own fee product alone: Odoo gives a product that somebody makes the
        default tax, so one without was meant so.

        :param product.product product: of a line
        :rtype: account.tax
        """
        self.ensure_one()
        usual = self.legal_fee_product_id | self.root_id.legal_fee_product_id
        usual |= self._get_shipped("product_fees")
        if product not in usual or self.legal_fees_exempt or product.legal_tax_exempt:
            return self.env["account.tax"]
        default = self.account_sale_tax_id or self.root_id.account_sale_tax_id
        return default.filtered(lambda tax: tax.active and not tax._is_of_no_amount())

    def _get_chart(self):
        """
        :rtype: Chart
        """
        self.ensure_one()
        templates = self.env["account.chart.template"]
        return get_chart(templates._get_parent_template(self.root_id.chart_template))

    def _get_shipped(self, *names):
        """The addon's own products, those that are still there.

        :rtype: product.product
        """
        products = self.env["product.product"]
        for name in names:
            products |= (
                self.env.ref(f"legal_billing.{name}", raise_if_not_found=False)
                or products
            )
        return products

    def _set_up_bill_notice(self):
        """What the country asks for on bills, unless the firm has a text."""
        self.ensure_one()
        country = self.account_fiscal_country_id or self.country_id
        text = BILL_NOTICES.get(country.code)
        if text and not self.legal_bill_notice:
            self.legal_bill_notice = text
            self._translate_for_chart(self, {"legal_bill_notice": text})

    # --- fees, and disbursements as principal

    def _set_up_fees(self):
        """Fees and disbursements are services: their tax and their account."""
        self.ensure_one()
        tax = self._find_fee_tax()
        account = self._ref_chart(self._get_chart().fee_account)
        for product in self._get_shipped("product_fees", "product_disbursement"):
            self._give_tax(product, tax, self.account_sale_tax_id)
            self._give_account(product, account)

    def _find_fee_tax(self):
        """The tax of services, else the company's default; on top of the price, for WIP
        is net (rule C-12).

        :return: none where the firm's fees are exempt, or there is no such tax
        :rtype: account.tax
        """
        self.ensure_one()
        taxes = self.env["account.tax"]
        if self.legal_fees_exempt:
            return taxes
        tax = self._ref_chart(self._get_chart().fee_tax)
        if not tax or not tax.active:
            tax = self.account_sale_tax_id
        return tax._get_excluded_twin() if tax.price_include else tax

    def _give_tax(self, product, tax, default):
        """Give a product a tax in this company, unless it has one that core did not
        give by itself.

        :param product.product product:
        :param account.tax tax: may be empty
        :param account.tax default: what core gives
        """
        given = product.taxes_id._filter_taxes_by_company(self)
        if given - default and not any(given.mapped("price_include")):
            return
        if given != tax:
            product.taxes_id = [
                *(Command.unlink(other.id) for other in given),
                *(Command.link(other.id) for other in tax),
            ]

    def _give_account(self, product, account):
        """Give a product an income account in this company, if it has none.

        :param product.product product:
        :param account.account account: may be empty
        """
        product = product.with_company(self)
        if account and account.active and not product.property_account_income_id:
            product.property_account_income_id = account

    def _take_over_accounts(self):
        """A branch books on the accounts of the company that it belongs to."""
        self.ensure_one()
        for product in self._get_shipped(
            "product_fees", "product_disbursement", "product_disbursement_agent"
        ):
            own, root = (product.with_company(one) for one in (self, self.root_id))
            self._give_account(product, root.property_account_income_id)
            if not own.property_account_expense_id:
                own.property_account_expense_id = root.property_account_expense_id

    # --- what is paid in the client's name

    def _set_up_agent(self):
        """What is paid in the client's name is a claim on the client, from the vendor's
        bill to ours: never cost or income of the firm."""
        self.ensure_one()
        product = self._get_shipped("product_disbursement_agent")
        if not product or product.with_company(self).property_account_income_id:
            return
        account = self._create_legal_account(
            "agent", "Disbursements paid for clients", "asset_current", False
        )
        self._give_account(product, account)
        product = product.with_company(self)
        if not product.property_account_expense_id:
            product.property_account_expense_id = account

    def _create_legal_account(self, kind, name, account_type, reconcile):
        """The chart's own account for something, or one that is made beside another of
        its kind, with its place in the reports.

        :param str kind: ``agent``, ``advances``, ``credits`` or ``money``, see ``Chart``
        :param str name: English
        :param str account_type:
        :param bool reconcile: whether its items are matched
        :rtype: account.account
        :raise ConfigurationError: if the company has no chart of accounts
        """
        self.ensure_one()
        root_sudo = self.root_id.sudo().with_company(self.root_id)
        root_sudo = root_sudo.with_context(lang="en_US")
        accounts = root_sudo.env["account.account"]
        if not root_sudo.chart_template and not accounts.search_count(
            [("company_ids", "in", root_sudo.ids)], limit=1
        ):
            raise ConfigurationError(
                self.env._(
                    "%(company)s has no chart of accounts. Install one, or choose an "
                    "account for %(name)s in the settings.",
                    company=self.name,
                    name=name,
                )
            )
        chart = root_sudo._get_chart()
        own = root_sudo._ref_chart(getattr(chart, f"{kind}_account", ""))
        # what was spent for clients may be matched or not, liabilities as they must be
        if own and own.active:
            fits = own.reconcile == reconcile and not root_sudo._is_taken(own)
            if kind == "agent" or fits:
                return own.with_env(self.env)
        beside = root_sudo._find_neighbour(
            getattr(chart, f"{kind}_beside", chart.credits_beside), account_type
        )
        start = getattr(chart, f"{kind}_code", "")
        tags = beside.tag_ids
        if beside.internal_group != account_type.partition("_")[0]:
            tags = tags.browse()  # the other side of the balance sheet
        code = accounts._search_new_account_code(
            start or beside.code or START[account_type], set() if start else None
        )
        made = root_sudo._ref_chart(f"legal_account_{kind}")
        return root_sudo._make_for_chart(
            "account.account",
            f"legal_account_{kind}",
            {
                "name": name,
                "code": code,
                "account_type": account_type,
                "reconcile": reconcile,
                "tag_ids": [Command.set(tags.ids)],
                "company_ids": self.root_id.ids,
            },
            anew=bool(made) and kind != "agent" and root_sudo._is_taken(made),
        ).with_env(self.env)

    def _is_taken(self, account):
        """Whether an account holds items that are not the addon's: of the firm before
        it was installed, or of an installation before. Money of matters stands alone.

        :param account.account account:
        :rtype: bool
        """
        self.ensure_one()
        ours = self.env["account.account"].union(*self._get_set_up_accounts())
        items_sudo = self.env["account.move.line"].sudo()  # of all users
        return account not in ours and bool(
            items_sudo.search_count([("account_id", "=", account.id)], limit=1)
        )

    def _find_neighbour(self, name, account_type):
        """The account beside which one is made.

        :param str name: in the chart's template; may be empty
        :param str account_type:
        :rtype: account.account
        """
        self.ensure_one()
        account = self._ref_chart(name)
        if account:
            return account
        domain = [
            ("company_ids", "in", self.ids),
            ("account_type", "=", account_type),
        ]
        accounts = self.env["account.account"]
        for words in NEIGHBOURS[account_type]:
            found = accounts.search([*domain, ("name", "ilike", words)], order="code")
            found = found.filtered(lambda one: not TAXES.search(one.name))
            if found:
                return found[0]
        return accounts

    # --- the tax of what is paid in the client's name

    def _set_up_agent_tax(self):
        """Give the shipped type of agent disbursements a tax of 0 %."""
        self.ensure_one()
        tax = self.legal_agent_tax_id
        if not tax:
            tax = self._find_agent_tax()
            if not tax and self._has_country_chart():
                tax = self._create_agent_tax(AGENT_CATEGORY)
            self.legal_agent_tax_id = tax
        product = self._get_shipped("product_disbursement_agent")
        if not product or not tax:
            return
        given = product.taxes_id._filter_taxes_by_company(self)
        if not given or not given._is_of_no_amount():
            # core gives products that have a tax in one company the default of others
            product.taxes_id = [
                *(Command.unlink(other.id) for other in given),
                Command.link(tax.id),
            ]

    def _has_country_chart(self):
        """Whether the chart is a country's, or Odoo's generic one: any other that comes
        with Odoo's own accounting is none that a firm works with.

        :rtype: bool
        """
        self.ensure_one()
        templates = self.env["account.chart.template"]
        code = self.root_id.chart_template
        if not CHARTS.keys().isdisjoint(templates._get_parent_template(code)):
            return True
        mapping = templates._get_chart_template_mapping(get_all=True)
        return mapping.get(code, {}).get("module") != "account"

    def _find_agent_tax(self):
        """The chart's own tax for it, or one that somebody made: 0 %, in no box of the
        VAT return, with the category of e-invoices.

        :rtype: account.tax
        """
        self.ensure_one()
        taxes = self.env["account.tax"]
        own = self._ref_chart(self._get_chart().agent_tax)
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

    def _create_agent_tax(self, category, country=None):
        """Make a tax of 0 % that no VAT return counts.

        :param str category: of e-invoices
        :param res.country country: whose tax it is; default: the company's own
        :return: none without the chart's taxes
        :rtype: account.tax
        """
        self.ensure_one()
        taxes = self.env["account.tax"]
        suffix = f"_{country.code.lower()}" if country else ""
        country = country or self.account_fiscal_country_id
        if not taxes.search_count([("company_id", "=", self.id)], limit=1):
            return taxes
        group = self._make_for_chart(
            "account.tax.group",
            f"legal_tax_group_agent{suffix}",
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
        return self._make_for_chart("account.tax", f"{name}{suffix}", vals)

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

    def _get_agent_tax_of(self, country, category=AGENT_CATEGORY):
        """The tax of disbursements as agent under another country's VAT: the firm is
        registered there, or moved its fiscal country after the chart was loaded. Made on
        its first use.

        :param res.country country:
        :param str category: of e-invoices
        :rtype: account.tax
        """
        self.ensure_one()
        root_sudo = self.root_id.sudo().with_context(lang="en_US")
        name = "legal_tax_agent"
        if category == OUTSIDE_CATEGORY:
            name += "_outside"
        for suffix in ("", f"_{country.code.lower()}"):
            tax_sudo = root_sudo._ref_chart(name + suffix)
            if tax_sudo and tax_sudo.active and tax_sudo.country_id == country:
                return tax_sudo.with_env(self.env)
        if country == root_sudo.account_fiscal_country_id and not root_sudo._ref_chart(
            name
        ):
            country = None
        return root_sudo._create_agent_tax(category, country).with_env(self.env)

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

    def _make_for_chart(self, model, name, vals, anew=False):
        """Make a record beside those of the chart, once, with its names in all languages.

        :param str model:
        :param str name: of the record, as the chart's template would have it
        :param dict vals: texts are English
        :param bool anew: leave the one there is to others
        """
        self.ensure_one()
        record = None if anew else self._ref_chart(name)
        if record and record._fields.get("active") and not record.active:
            record = None
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
