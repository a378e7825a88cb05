from dataclasses import replace
from decimal import Decimal

from odoo import api, models
from odoo.fields import Command
from odoo.tools.misc import get_lang

from ... import engine
from ...exceptions import ConfigurationError
from ...tools import DEFAULT_ELEMENT
from ..firm.res_company_chart import OUTSIDE_CATEGORY

#: Kinds of lines that take something off others, or are taken off later: they bear no
#: tax per piece.
REDUCTIONS = ("adjustment", "discount", "abatement", "on_account")


class LegalBillMaker(models.AbstractModel):
    """The generated lines of a bill: accounts, taxes, texts."""

    _inherit = "legal.bill.maker"

    @api.model
    def _prepare_line_vals_list(
        self, matter, priced, currency, fiscal_position, day, rows, payer=None
    ):
        """Values of the generated lines: quantity 1 × amount (rule C-10), in the
        language of who is billed, whoever makes the bill.

        :param res.partner payer: who is billed; default: as the matter says
        :rtype: list
        """
        lang = (payer or matter.billing_partner_id).lang
        if lang and lang != self.env.lang:
            self = self.with_context(lang=lang)
        hours = sum(
            row["bill_quantity"]
            for row in rows
            if row["wip_type"] == "time" and row["bill_behavior"] != "hide"
        )
        included = sum(period.used for period in priced.periods)
        if included:
            hours = round(hours - float(included), 2)
        country = self._get_tax_country(matter.company_id, fiscal_position)
        result = []
        agent_lines = []
        cost_groups = set()
        for sequence, line in enumerate(priced.lines, start=1):
            product_id, anticipated = line.group
            if line.kind == "disbursement":
                cost_groups.add(line.group)
            # a shown reduction comes after the disbursements that it reduces
            is_cost = line.kind == "disbursement" or (
                line.kind == "adjustment" and line.group in cost_groups
            )
            product = self.env["product.product"].browse(product_id)
            if is_cost and product.disbursement_treatment == "agent":
                taxes = product._get_agent_taxes(matter.company_id, country)
                agent_lines.append(len(result))
            else:
                taxes = fiscal_position.map_tax(
                    product.taxes_id._filter_taxes_by_company(matter.company_id)
                )
                self._check_net_taxes(matter, product, taxes)
            if line.kind in REDUCTIONS:
                taxes = taxes._without_fixed()
            amount = float(line.amount)
            balance = amount
            if currency != matter.company_id.currency_id:
                balance = currency._convert(
                    amount, matter.company_id.currency_id, matter.company_id, day
                )
            result.append(
                {
                    "sequence": sequence,
                    "product_id": product.id,
                    "name": self._get_line_text(matter, line, product, hours, rows),
                    "account_id": self._get_line_account(
                        matter, line, product, fiscal_position
                    ).id,
                    "quantity": 1.0,
                    "price_unit": amount,
                    "tax_ids": [Command.set(taxes.ids)],
                    "tax_tag_ids": [Command.set(taxes.get_tax_tags(False, "base").ids)],
                    "product_uom_id": product.uom_id.id,
                    "balance": -balance,
                    "amount_currency": -amount,
                    "matter_id": matter.id,
                    "bill_element": self._get_element(
                        is_cost, product, anticipated, matter.company_id
                    ),
                    "legal_line_kind": (
                        "discount" if line.kind == "abatement" else line.kind
                    ),
                }
            )
        self._fit_agent_taxes(matter.company_id, result, agent_lines, country)
        return result

    @api.model
    def _get_tax_country(self, company, fiscal_position):
        """The country whose VAT a bill is under.

        :rtype: res.country
        """
        if fiscal_position.foreign_vat:
            return fiscal_position.country_id
        return company.account_fiscal_country_id

    @api.model
    def _fit_agent_taxes(self, company, lines, agent_lines, country):
        """Where the other lines are outside the scope of VAT, what is passed on is, too:
        e-invoices have that category alone or not at all.

        :param list lines: values of the bill's lines, changed
        :param list agent_lines: which of them are passed on as agent
        :param res.country country: whose VAT the bill is under
        """
        taxes = self.env["account.tax"]
        if not agent_lines or "ubl_cii_tax_category_code" not in taxes._fields:
            return
        others = taxes.browse(
            {
                tax_id
                for number, line in enumerate(lines)
                if number not in agent_lines
                for tax_id in line["tax_ids"][0][2]
            }
        )
        if "O" not in others.mapped("ubl_cii_tax_category_code"):
            return
        outside = company._get_agent_tax_of(country, OUTSIDE_CATEGORY)
        for number in agent_lines:
            if lines[number]["tax_ids"][0][2]:
                lines[number]["tax_ids"] = [Command.set(outside.ids)]

    @api.model
    def _distribute(self, lines):
        """Give generated lines their analytic distribution: that of the matter in all
        plans, and beside it what the firm's models say.

        :param list lines: ``(matter, values of the line)``; changed
        """
        products, accounts, partners = (
            self.env[name]
            for name in ("product.product", "account.account", "res.partner")
        )
        found = self.env["account.analytic.distribution.model"]._get_of_matters(
            [
                (
                    matter,
                    products.browse(vals["product_id"]),
                    accounts.browse(vals["account_id"]),
                    partners.browse(vals["partner_id"]),
                )
                for matter, vals in lines
            ]
        )
        for (_matter, vals), distribution in zip(lines, found, strict=True):
            vals["analytic_distribution"] = distribution or False

    @api.model
    def _prepare_nil_line_vals_list(
        self, matter, priced, currency, fiscal_position, rows
    ):
        """One line of 0.00 for a draft on which nothing is charged.

        :rtype: list
        """
        group = (self._get_fee_product(matter).id, False)
        nil = engine.Line(kind="fee", group=group, amount=Decimal(0))
        [vals] = self._prepare_line_vals_list(
            matter,
            replace(priced, lines=(nil,)),
            currency,
            fiscal_position,
            None,
            rows,
        )
        # where nothing is charged, nothing is owed per piece
        taxes = self.env["account.tax"].browse(vals["tax_ids"][0][2])._without_fixed()
        tags = taxes.get_tax_tags(False, "base")
        return [
            vals
            | {
                "tax_ids": [Command.set(taxes.ids)],
                "tax_tag_ids": [Command.set(tags.ids)],
            }
        ]

    @api.model
    def _check_net_taxes(self, matter, product, taxes):
        """Generated lines carry the net: a tax that is included in the price, which a
        fiscal position or a later change of the tax may bring, would take its share
        out of them (rule C-12).

        :raise ConfigurationError: naming matter, product and taxes
        """
        included = taxes.filtered("price_include")
        if included:
            raise ConfigurationError(
                self.env._(
                    "The bill of %(matter)s would carry %(taxes)s on %(product)s, which "
                    "is included in the price, and WIP is net of tax. Choose a tax that "
                    "is added to the price, on the product or in the fiscal position.",
                    matter=matter.display_name,
                    taxes=", ".join(included.mapped("name")),
                    product=product.display_name,
                )
            )

    @api.model
    def _get_element(self, is_cost, product, anticipated, company):
        if not is_cost:
            return DEFAULT_ELEMENT
        kind = "anticipated" if anticipated else "disbursement"
        exempt = product._is_exempt(company)
        return f"{kind}_{'exempt' if exempt else 'taxable'}"

    @api.model
    def _get_line_text(self, matter, line, product, hours, rows):
        """What the invoice line says; the itemised list is printed from the entries.

        :rtype: str
        """
        if line.kind == "fee":
            point = get_lang(self.env).decimal_point
            number = f"{hours:g}".replace(".", point)
            if matter.billing_arrangement == "subscription":
                return self.env._(
                    "Professional fees above the subscription, %(hours)s hours",
                    hours=number,
                )
            if number == "1":
                return self.env._("Professional fees, 1 hour")
            return self.env._("Professional fees, %(hours)s hours", hours=number)
        if line.kind == "instalment":
            instalment = self.env["legal.fee.instalment"].browse(line.instalment_id)
            return instalment._get_bill_text()
        if line.kind == "subscription":
            return self._get_period_text(line.period)
        if line.kind == "abatement":
            return self._get_abatement_text(matter)
        if line.kind == "on_account":
            return self._prepare_on_account_text(matter)
        if line.kind == "quote":
            return self.env._("Fees as quoted")
        if line.kind == "adjustment" and matter.billing_arrangement == "capped":
            return self.env._("Above the agreed cap")
        if line.kind == "adjustment":
            return self.env._("Adjustment to the standard value")
        if line.kind == "discount":
            discount = matter.with_env(self.env).company_id.legal_discount_product_id
            return discount.display_name or self.env._("Discount on fees")
        return product.display_name or self.env._("Disbursements")

    @api.model
    def _get_own_journal(self, matter):
        return matter.bill_journal_id or matter.company_id.legal_bill_journal_id

    @api.model
    def _get_journal(self, matter):
        """Journal of the matter's bills: its own, the company's, or the first one.

        :raise ConfigurationError: if the company has no sales journal
        :rtype: account.journal
        """
        journal = self._get_own_journal(matter) or self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(matter.company_id),
                ("type", "=", "sale"),
            ],
            limit=1,
        )
        if not journal:
            raise ConfigurationError(
                self.env._(
                    "%(company)s has no sales journal for the bill of %(matter)s. "
                    "Create one, or choose a bill journal in the settings.",
                    company=matter.company_id.name,
                    matter=matter.display_name,
                )
            )
        return journal

    @api.model
    def _get_line_account(self, matter, line, product, fiscal_position):
        """
        :param engine.Line line:
        :rtype: account.account
        """
        if line.kind == "on_account":
            account = matter.company_id._get_legal_on_account_account()
            return fiscal_position.map_account(account)
        return self._get_account(matter, product, fiscal_position)

    @api.model
    def _get_account(self, matter, product, fiscal_position, raising=True):
        """Income account of a generated line, from the product through the fiscal
        position, else the journal's.

        :raise ConfigurationError: when there is none and ``raising``
        :rtype: account.account
        """
        account = product.product_tmpl_id.with_company(
            matter.company_id
        ).get_product_accounts(fiscal_position)["income"]
        if (
            not account
            or account.company_ids
            and not (
                matter.company_id in account.company_ids
                or matter.company_id.root_id in account.company_ids
            )
        ):
            account = self._get_journal(matter).default_account_id
        if not account and raising:
            raise ConfigurationError(
                self.env._(
                    "%(product)s has no income account for the bill of %(matter)s. Set "
                    "it on the product or its category.",
                    product=product.display_name or self.env._("The fee product"),
                    matter=matter.display_name,
                )
            )
        return account
