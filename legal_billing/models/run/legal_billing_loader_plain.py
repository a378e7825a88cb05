from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ... import engine
from ...engine.decimals import to_decimal
from .reasons import REASONS_OF_OPTIONS

#: Options of a matter that decide whether its bill is the plain sum of its entries,
#: besides those that hold it back by themselves (`REASONS_OF_OPTIONS`).
OPTIONS = (
    "billing_currency_id",
    "billing_arrangement",
    "bill_journal_id",
    "quoted_amount",
    "discount_type",
    "abatement_percent",
    "minimum_bill_amount",
    "fee_product_id",
    "retainer_minimum",
    "retainer_target",
    "practice_area_id",
)


class LegalBillingLoader(models.AbstractModel):
    """The many matters whose bill is the sum of their entries: by the hour, without
    quote, discount, or anything that stands against the bill. They are priced from one
    reading of all options by ``engine.price_plain``; whatever is not plain goes the
    general way, which gives plain matters the same figures."""

    _inherit = "legal.billing.loader"

    @api.model
    def _read_options(self, matters):
        """Stored options of matters, read together.

        :param project.project matters:
        :return: ``{matter id: {option: value}}``
        :rtype: dict
        """
        names = {reason.option for reason in REASONS_OF_OPTIONS}.union(OPTIONS)
        matters.flush_model(names)
        self.env["legal.matter.payer"].flush_model(["matter_id"])
        columns = SQL(", ").join(map(SQL.identifier, ("id", *sorted(names))))
        return {
            row["id"]: row
            for row in self.env.execute_query_dict(
                SQL(
                    "SELECT %s, EXISTS (SELECT FROM legal_matter_payer payer WHERE "
                    "payer.matter_id = project_project.id) AS has_payers "
                    "FROM project_project WHERE id = ANY(%s)",
                    columns,
                    matters.ids,
                )
            )
        }

    @api.model
    def _get_plain_context(self, company, options):
        """What is the same for all plain matters of a load.

        :param res.company company: of the matters
        :param dict options: of ``_read_options``
        :rtype: dict
        """
        areas = self.env["legal.practice.area"].browse(
            {row["practice_area_id"] for row in options.values()} - {None}
        )
        return {
            "currency": company.currency_id,
            "currency_id": company.currency_id.id,
            "fee_product_id": company.legal_fee_product_id.id,
            "disbursement_product_id": company.legal_disbursement_product_id.id,
            "rounding": to_decimal(company.currency_id.rounding),
            "area_products": {area.id: area.fee_product_id.id for area in areas},
            "bad_payers": self._get_bad_payers(company, options),
        }

    @api.model
    def _get_bad_payers(self, company, options):
        """Payers who are archived, or whose receivable account is archived or missing.

        :return: ids
        :rtype: set
        """
        archived = self.env["account.account"].search(
            [
                *self.env["account.account"]._check_company_domain(company),
                ("active", "=", False),
            ]
        )
        payers = {row["billing_partner_id"] for row in options.values()} - {None}
        partners = self.env["res.partner"].with_company(company)
        return set(
            partners.with_context(active_test=False)
            ._search(
                Domain("id", "in", list(payers))
                & (
                    Domain("active", "=", False)
                    | Domain("property_account_receivable_id", "=", False)
                    | Domain("property_account_receivable_id", "in", archived.ids)
                )
            )
            .get_result_ids()
        )

    @api.model
    def _get_fine_payers(self, options, plain):
        """Answers of ``legal.billing.check`` about the payers whom
        ``_get_bad_payers`` does not name.

        :param dict options: of ``_read_options``
        :param dict plain: of ``_get_plain_context``
        :rtype: dict
        """
        payers = {row["billing_partner_id"] for row in options.values()}
        fine = payers - plain["bad_payers"] - {None}
        return {("payer", payer_id): (False, {}) for payer_id in fine}

    @api.model
    def _make_plain_row(self, matter, option, groups, context):
        """Row of a plain matter.

        :param project.project matter:
        :param dict option: of ``_read_options``
        :param list groups: of ``_aggregate``
        :return: None where the general way has to decide
        :rtype: MatterRow
        """
        plain = context.plain
        if not self._is_plain(option, plain) or matter.id in context.drafts:
            return None
        billable = self._get_billable(groups)
        if not billable or any(
            group["unrated"]
            or group["wip_currency_id"] not in (None, plain["currency_id"])
            for group in billable
        ):
            return None
        products = self._get_plain_products(option, billable, plain)
        if not self._are_products_fine(matter, products, option, context.known):
            return None
        priced = engine.price_plain(
            map(self._get_plain_amounts, billable),
            plain["rounding"],
            to_decimal(option["minimum_bill_amount"]),
        )
        if not priced:
            return None
        row = self._new_row(matter, plain["currency"], rows=billable, priced=priced)
        self._fill_figures(row, groups, billable, context)
        return row

    @api.model
    def _get_plain_amounts(self, group):
        """Kind, behavior, value and standard value of a group, as the engine takes them.

        :rtype: tuple
        """
        amount, standard = group["wip_amount"], group["standard_amount"]
        value = to_decimal(amount)
        return (
            group["wip_type"],
            group["bill_behavior"] or "bill",
            value,
            # few groups were edited, and an exact amount costs something to make
            value if standard == amount else to_decimal(standard),
        )

    @api.model
    def _is_plain(self, option, plain):
        """Whether options leave the sum of the entries as it is and nothing in them
        stands against the bill; extend for options that change either.

        :rtype: bool
        """
        return bool(
            not any(
                reason.holds_back(option[reason.option])
                for reason in REASONS_OF_OPTIONS
            )
            and option["billing_partner_id"] not in plain["bad_payers"]
            and not option["has_payers"]
            and option["billing_currency_id"] in (None, plain["currency_id"])
            and option["billing_arrangement"] in (None, "hourly")
            and not option["abatement_percent"]
            and not option["quoted_amount"]
            and option["discount_type"] in (None, "none")
        )

    @api.model
    def _get_plain_products(self, option, billable, plain):
        """Products of the bill's lines, as the general way would choose them.

        :rtype: set
        """
        products = set()
        for group in billable:
            if (group["bill_behavior"] or "bill") != "bill":
                continue
            if group["wip_type"] == "time":
                products.add(
                    option["fee_product_id"]
                    or plain["area_products"].get(option["practice_area_id"])
                    or plain["fee_product_id"]
                )
            else:
                products.add(group["product_id"] or plain["disbursement_product_id"])
        return products

    @api.model
    def _are_products_fine(self, matter, products, option, known):
        """Whether accounts, taxes and journal of the lines are usable. One matter answers
        for all that have the same, and is read alone.

        :param dict known: answers so far; filled
        :rtype: bool
        """
        check = self.env["legal.billing.check"]
        journal = option["bill_journal_id"]
        key = ("plain journal", journal)
        if key not in known:
            known[key] = check._check_journal(matter.with_prefetch())
        if known[key][0]:
            return False
        for product_id in products:
            key = ("plain product", product_id, journal)
            if key not in known:
                product = self.env["product.product"].browse(product_id)
                known[key] = check._check_product((matter.with_prefetch(), product))
            if known[key][0]:
                return False
        return True
