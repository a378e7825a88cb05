from odoo import api, models
from odoo.fields import Command
from odoo.tools import clean_context

from ...tools import INTERNAL

#: What decides, in core, which items follow from an invoice's lines. Where another
#: addon has a say in one of them, core makes these items itself.
CORE_STEPS = {
    "account.move": (
        "_compute_invoice_currency_rate",
        "_compute_invoice_date_due",
        "_compute_needed_terms",
        "_get_product_base_line_currency_rate",
        "_get_rounded_base_and_tax_lines",
        "_prepare_product_base_line_for_taxes_computation",
        "_sync_dynamic_line",
        "_sync_dynamic_lines",
        "_sync_tax_lines",
    ),
    "account.tax": (
        "_add_accounting_data_in_base_lines_tax_details",
        "_add_tax_details_in_base_lines",
        "_prepare_base_line_for_taxes_computation",
        "_prepare_base_line_grouping_key",
        "_prepare_base_line_tax_repartition_grouping_key",
        "_prepare_tax_lines",
        "_round_base_lines_tax_details",
    ),
    "account.payment.term": ("_compute_terms",),
}
#: Core, and who changes these steps for records of its own alone: expenses.
CORE_ADDONS = ("odoo.addons.account.", "odoo.addons.hr_expense.")


class LegalBillMaker(models.AbstractModel):
    """The items that follow from a bill's lines, taxes and receivable: core's own tax
    engine and terms say what they are, before the bill exists. Core looks for them
    afterwards, comparing all items before and after, and inserts each kind by itself;
    here all items of a chunk are one insert."""

    _inherit = "legal.bill.maker"

    @api.model
    def _create_drafts(self, vals_list):
        """Create drafts, in this order, with all their items.

        :param list vals_list: as ``_prepare_bill_vals_list`` gives them; changed
        :rtype: account.move
        """
        moves = self.env["account.move"].with_context(
            clean_context(self.env.context),
            legal_billing_internal=INTERNAL,
            legal_billing_making=True,
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
        )
        core = self._has_core_steps()
        whole = [core and self._complete_items(vals) for vals in vals_list]
        for vals in vals_list:
            vals.pop("tax_items", None)
        made = {
            # nothing follows any more where the values hold every item
            given: iter(
                moves.with_context(skip_invoice_sync=given).create(
                    [
                        vals
                        for vals, has_all in zip(vals_list, whole, strict=True)
                        if has_all == given
                    ]
                )
            )
            for given in set(whole)
        }
        return moves.union(*(next(made[given]) for given in whole))

    @api.model
    def _has_core_steps(self):
        """Whether no other addon decides what follows from the lines of a bill.

        :rtype: bool
        """
        return all(
            getattr(type(self.env[model]), name).__module__.startswith(CORE_ADDONS)
            for model, names in CORE_STEPS.items()
            for name in names
        )

    @api.model
    def _complete_items(self, vals):
        """Give a bill all its items, if core makes no others.

        :param dict vals: of a draft; changed
        :return: whether they are given
        :rtype: bool
        """
        if self._is_mixed(vals):
            return False
        commands = vals.pop("invoice_line_ids")
        lines = [line for _command, _id, line in commands]
        # those of a split bill were worked out for the whole set
        taxes = vals.pop("tax_items", None)
        if taxes is None:
            taxes = self._prepare_tax_vals_list(vals, lines)
        due = self._prepare_receivable_vals_list(vals, lines, taxes)
        vals["line_ids"] = [
            Command.create(item | {"display_type": kind})
            for kind, items in (
                ("product", lines),
                ("tax", taxes),
                ("payment_term", due),
            )
            for item in items
        ]
        vals["invoice_date_due"] = max(item["date_maturity"] for item in due)
        return True

    @api.model
    def _is_mixed(self, vals):
        """Whether a discount for early payment lowers the tax, by items of core's own.

        :param dict vals: of a bill
        :rtype: bool
        """
        term = self.env["account.payment.term"].browse(vals["invoice_payment_term_id"])
        return bool(
            term.early_discount and term.early_pay_discount_computation == "mixed"
        )

    @api.model
    def _prepare_tax_vals_list(self, vals, lines):
        """Tax items of a bill; its lines get the amounts and tags that core's engine
        gives them.

        :param dict vals: of the bill
        :param list lines: values of its lines, changed
        :rtype: list
        """
        taxes = self.env["account.tax"]
        company = self.env["res.company"].browse(vals["company_id"])
        currency = self.env["res.currency"].browse(vals["currency_id"])
        rate = self.env["res.currency"]._get_conversion_rate(
            company.currency_id, currency, company, vals["invoice_date"]
        )
        base_lines = [
            taxes._prepare_base_line_for_taxes_computation(
                None,
                product_id=self.env["product.product"].browse(line["product_id"]),
                product_uom_id=self.env["uom.uom"].browse(line["product_uom_id"]),
                tax_ids=taxes.browse(line["tax_ids"][0][2]),
                price_unit=line["price_unit"],
                quantity=line["quantity"],
                currency_id=currency,
                rate=rate,
                sign=-1,
                partner_id=self.env["res.partner"].browse(line["partner_id"]),
                account_id=self.env["account.account"].browse(line["account_id"]),
                analytic_distribution=line["analytic_distribution"],
                name=line["name"],
            )
            for line in lines
        ]
        taxes._add_tax_details_in_base_lines(base_lines, company)
        taxes._round_base_lines_tax_details(base_lines, company)
        taxes._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        found = taxes._prepare_tax_lines(base_lines, company)
        for line, (_base, amounts) in zip(
            lines, found["base_lines_to_update"], strict=True
        ):
            line.update(amounts)
        return found["tax_lines_to_add"]

    @api.model
    def _prepare_receivable_vals_list(self, vals, lines, taxes):
        """What the client owes, by due date.

        :param dict vals: of the bill
        :param list lines: values of its lines
        :param list taxes: values of its tax items
        :rtype: list
        """
        company = self.env["res.company"].browse(vals["company_id"])
        currency = self.env["res.currency"].browse(vals["currency_id"])
        net, net_currency, tax, tax_currency = (
            -sum(item[name] for item in items)
            for items in (lines, taxes)
            for name in ("balance", "amount_currency")
        )
        term = self.env["account.payment.term"].browse(vals["invoice_payment_term_id"])
        if not term:
            return [
                {
                    "date_maturity": vals["invoice_date_due"],
                    "balance": company.currency_id.round(net + tax),
                    "amount_currency": currency.round(net_currency + tax_currency),
                }
            ]
        found = term._compute_terms(
            date_ref=vals["invoice_date"],
            currency=currency,
            company=company,
            tax_amount=company.currency_id.round(tax),
            tax_amount_currency=currency.round(tax_currency),
            untaxed_amount=company.currency_id.round(net),
            untaxed_amount_currency=currency.round(net_currency),
            sign=1,
        )
        discount = {
            "discount_date": found["discount_date"],
            "discount_balance": found["discount_balance"] or 0.0,
            "discount_amount_currency": found.get("discount_amount_currency") or 0.0,
        }
        by_day = {}
        for item in found["line_ids"]:
            due = by_day.setdefault(
                item["date"],
                {
                    "date_maturity": item["date"],
                    "balance": 0.0,
                    "amount_currency": 0.0,
                    **discount,
                },
            )
            due["balance"] += item["company_amount"]
            due["amount_currency"] += item["foreign_amount"]
        return list(by_day.values())
