from odoo import api, models, tools
from odoo.fields import Domain

#: What core chooses a model of distribution by, beside the account's number.
CRITERIA = ("product_id", "product_categ_id", "partner_id", "partner_category_id")


class AccountAnalyticDistributionModel(models.Model):
    """Which analytic accounts an item of a matter has: those of the matter, in all
    plans, and beside them what the firm's models say."""

    _inherit = "account.analytic.distribution.model"

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """What was found by the models before is looked up anew."""
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        """What was found by the models before is looked up anew."""
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        """What was found by the models before is looked up anew."""
        self.env.registry.clear_cache()
        return super().unlink()

    # --- items of matters

    @api.model
    def _get_of_matters(self, requests):
        """Distributions of items of matters; many of them cost no more queries than one.

        :param list requests: ``(matter, product, account, partner)``
        :return: one distribution each, in order; empty where there is none
        :rtype: list
        """
        models_sudo = self.sudo()  # which models there are, whoever bills
        criteria = models_sudo._get_criteria()
        own = {
            matter: matter.sudo()._get_analytic_distribution()
            for matter in {request[0] for request in requests}
        }
        result = []
        for matter, product, account, partner in requests:
            matter_sudo = matter.sudo()
            found = dict(own[matter])
            if criteria:
                found |= models_sudo._get_by_criteria(
                    matter_sudo._get_analytic_accounts().root_plan_id._ids,
                    matter_sudo.company_id.id,
                    account.with_company(matter_sudo.company_id).code or "",
                    *(
                        tuple(sorted(known & set(ids)))
                        for known, ids in zip(
                            criteria,
                            (
                                product.ids,
                                product.categ_id.ids,
                                partner.ids,
                                partner.sudo().category_id.ids,
                            ),
                            strict=True,
                        )
                    ),
                )
            result.append(found)
        return result

    @api.model
    @tools.ormcache()
    def _get_criteria(self):
        """What the models there are ask for; nothing else about an item matters.

        :return: a set of ids for each of ``CRITERIA``; empty without any model
        :rtype: tuple
        """
        found = self.search(Domain.TRUE)  # a firm has a few
        return tuple(set(found[name].ids) for name in CRITERIA) if found else ()

    @api.model
    @tools.ormcache(
        "plans", "company", "code", "products", "categories", "partners", "tags"
    )
    def _get_by_criteria(
        self, plans, company, code, products, categories, partners, tags
    ):
        """Core's answer; for items that no model tells apart it is the same.

        :rtype: dict
        """
        return dict(
            self._get_distribution(
                {
                    "product_id": products[0] if products else False,
                    "product_categ_id": categories[0] if categories else False,
                    "partner_id": partners[0] if partners else False,
                    "partner_category_id": list(tags),
                    "account_prefix": code,
                    "company_id": company,
                    "related_root_plan_ids": self.env["account.analytic.plan"].browse(
                        plans
                    ),
                }
            )
        )

    # --- plans that Odoo asks for

    @api.model
    def _has_mandatory_plans(self, companies):
        """Whether any analytic plan is mandatory anywhere.

        :param res.company companies:
        :rtype: bool
        """
        plans_sudo = self.env["account.analytic.plan"].sudo()  # settings of the firm
        rules_sudo = self.env["account.analytic.applicability"].sudo()
        if rules_sudo.search_count([("applicability", "=", "mandatory")], limit=1):
            return True
        roots = plans_sudo.search(Domain("parent_id", "=", False))
        return any(
            "mandatory" in roots.with_company(company).mapped("default_applicability")
            for company in companies
        )

    @api.model
    def _get_missing_plans(self, distribution, **kwargs):
        """Names of mandatory plans that a distribution does not fill.

        :param dict distribution: of an item
        :param kwargs: what core's ``get_relevant_plans`` wants to know of the item
        :rtype: list
        """
        company = self.env["res.company"].browse(kwargs["company_id"])
        plans_sudo = self.env["account.analytic.plan"].sudo().with_company(company)
        shares = {}
        accounts = self.env["account.analytic.account"].sudo()
        for key, percent in (distribution or {}).items():
            for account in accounts.browse(map(int, key.split(","))).exists():
                root = account.root_plan_id.id
                shares[root] = shares.get(root, 0.0) + percent
        return [
            plan["name"]
            for plan in plans_sudo.get_relevant_plans(**kwargs)
            if plan["applicability"] == "mandatory"
            and round(shares.get(plan["id"], 0.0), 2) != 100
        ]

    @api.model
    def _complete_entries(self, records, vals_list):
        """Complete the items of the entries of many records, company by company.

        :param records: with ``company_id``
        :param list vals_list: values of ``account.move`` of each of them; changed
        """
        companies = [record.company_id for record in records]
        for company in records.company_id:
            self._complete_entry_items(
                company,
                [
                    item
                    for own, vals in zip(companies, vals_list, strict=True)
                    if own == company
                    for _command, _id, item in vals["line_ids"]
                ],
            )

    @api.model
    def _complete_entry_items(self, company, vals_list):
        """Give items of an entry the distribution of their matter where Odoo asks for
        one; elsewhere items of balance-sheet accounts have none.

        :param res.company company: of the entry
        :param list vals_list: values of ``account.move.line``; changed
        :return: the same
        :rtype: list
        """
        items = [
            vals
            for vals in vals_list
            if vals.get("matter_id") and not vals.get("analytic_distribution")
        ]
        if not items or not self._has_mandatory_plans(company):
            return vals_list
        missing = {}
        for vals in items:
            account = vals["account_id"]
            if account not in missing:
                missing[account] = self._get_missing_plans(
                    {},
                    company_id=company.id,
                    account=account,
                    business_domain="general",
                )
        wanted = [vals for vals in items if missing[vals["account_id"]]]
        products = self.env["product.product"]
        found = self._get_of_matters(
            [
                (
                    self.env["project.project"].browse(vals["matter_id"]),
                    products,
                    self.env["account.account"].browse(vals["account_id"]),
                    self.env["res.partner"].browse(vals.get("partner_id") or []),
                )
                for vals in wanted
            ]
        )
        for vals, distribution in zip(wanted, found, strict=True):
            vals["analytic_distribution"] = distribution or False
        return vals_list
