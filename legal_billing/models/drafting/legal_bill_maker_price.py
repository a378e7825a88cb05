from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import SCOPE_ELEMENTS


class LegalBillMaker(models.AbstractModel):
    """What a bill costs: entries and options as the engine takes them."""

    _inherit = "legal.bill.maker"

    @api.model
    def _get_fee_product(self, matter):
        """Product that gives account and tax of the matter's fees.

        :rtype: product.product
        """
        return (
            matter.fee_product_id
            or matter.practice_area_id.fee_product_id
            or matter.company_id.legal_fee_product_id
        )

    @api.model
    def _make_entries(self, matter, rows, day):
        """Rows as engine entries, in the matter's billing currency.

        :rtype: list
        """
        fee_product = self._get_fee_product(matter)
        default_type = matter.company_id.legal_disbursement_product_id
        currency = matter.billing_currency_id or matter.company_id.currency_id
        products = self.env["product.product"]
        entries = []
        for row in rows:
            amount, standard = row["wip_amount"] or 0, row["standard_amount"] or 0
            if row["wip_currency_id"] and row["wip_currency_id"] != currency.id:
                source = self.env["res.currency"].browse(row["wip_currency_id"])
                amount, standard = (
                    source._convert(value, currency, matter.company_id, day)
                    for value in (amount, standard)
                )
            is_time = row["wip_type"] == "time"
            product = (
                fee_product
                if is_time
                else products.browse(row["product_id"]) or default_type
            )
            entries.append(
                engine.Entry(
                    id=row["id"],
                    kind=row["wip_type"],
                    amount=to_decimal(amount),
                    group=(product.id, bool(row["is_anticipated"] and not is_time)),
                    behavior=row["bill_behavior"] or "bill",
                    exempt=not is_time and product._is_exempt(matter.company_id),
                    date=row["date"],
                    standard=to_decimal(standard),
                )
            )
        return entries

    @api.model
    def _make_terms(
        self, matter, instalments, quote_billed, bill=None, force=False, cutoff=None
    ):
        """The matter's options, or those of its draft, as engine terms.

        :param legal.fee.instalment instalments: due on this bill
        :param float quote_billed: what other bills took of the quote
        :param account.move bill: the draft that is priced again
        :param date cutoff: repeating instalments count once per period due until then
        :rtype: engine.Terms
        """
        currency = matter.billing_currency_id or matter.company_id.currency_id
        fixed = matter.billing_arrangement == "fixed"
        quote = None
        if matter.quoted_amount and not instalments:
            quote = engine.Quote(
                amount=to_decimal(matter.quoted_amount),
                rule=(bill and bill.bill_quote_rule) or matter.quote_rule or "lower",
                scope=matter.quote_scope or "fees",
                already_billed=to_decimal(
                    quote_billed if matter.quote_basis != "bill" else 0.0
                ),
            )
        discount = bill or matter
        prefix = "bill_discount" if bill else "discount"
        return engine.Terms(
            rounding=to_decimal(currency.rounding),
            fee_group=(self._get_fee_product(matter).id, False),
            quote=quote,
            instalments=tuple(
                engine.Instalment(row.id, to_decimal(row.amount))
                for row in instalments
                for _day in row._get_due_dates(cutoff)
            ),
            instalment_scope=(matter.quote_scope or "fees") if fixed else "fees",
            discount_type=discount[f"{prefix}_type"] or "none",
            discount_value=to_decimal(discount[f"{prefix}_value"]),
            fee_override=(
                to_decimal(bill.fee_override)
                if bill and bill.is_fee_overridden
                else None
            ),
            adjustment_display=(bill and bill.bill_adjustment_display)
            or matter.adjustment_display
            or "hidden",
            minimum=(
                to_decimal(matter.minimum_bill_amount)
                if matter.minimum_bill_amount and not bill
                else None
            ),
            force=force or bool(bill),
        )

    @api.model
    def _split_fixed_rows(self, matter, rows, instalments):
        """A fixed-fee matter's in-scope entries wait for an instalment; the others are
        billed at value beside it, also between instalments.

        :return: the rows that are billed now
        :rtype: list
        """
        if matter.billing_arrangement != "fixed" or instalments or matter.quoted_amount:
            return rows
        scope = matter.quote_scope or "fees"
        waiting = {
            "fees": {"time"},
            "disbursements": {"disbursement"},
            "both": {"time", "disbursement"},
        }[scope]
        return [row for row in rows if row["wip_type"] not in waiting]

    @api.model
    def _price(
        self,
        matter,
        rows,
        instalments,
        quote_billed,
        day,
        bill=None,
        force=False,
        cutoff=None,
    ):
        """Price one bill.

        :return: all of the bill's money before tax
        :rtype: engine.PricedBill
        """
        return engine.price_bill(
            self._make_entries(matter, rows, day),
            self._make_terms(matter, instalments, quote_billed, bill, force, cutoff),
        )

    # --- what bills took of quotes

    @api.model
    def _get_quote_billed(self, matters, exclude=None):
        """Net amount that bills took of each matter's quote, credits taken off. Bills
        of before a change of the billing currency count at the rate of their date.

        :param project.project matters: matters with a quote
        :param account.move exclude: the bill that is being priced
        :return: ``{matter id: amount}`` in the matter's billing currency
        :rtype: dict
        """
        domain = (
            Domain("matter_id", "in", matters.ids)
            & (
                Domain("parent_state", "=", "posted")
                | Domain("parent_state", "=", "draft")
                & Domain("move_id.move_type", "=", "out_invoice")
            )
            & Domain("move_id", "not in", exclude.ids if exclude else [])
            # a bad debt gives nothing of the quote back
            & Domain("move_id.legal_write_off_id", "=", False)
            & Domain("move_id.move_type", "in", ("out_invoice", "out_refund"))
            & Domain("display_type", "=", "product")
            & Domain("bill_element", "!=", False)
        )
        lines_sudo = self.env["account.move.line"].sudo()
        groups = lines_sudo._read_group(
            domain,
            ["matter_id", "bill_element", "move_type", "currency_id"],
            ["price_subtotal:sum"],
        )
        # by the stored matter: options may be looked at before they are saved
        options = {m._origin.id: m for m in matters}
        billed, foreign = defaultdict(float), self.env["res.currency"]
        for matter, element, move_type, currency, amount in groups:
            option = options[matter.id]
            if element not in SCOPE_ELEMENTS[option.quote_scope or "fees"]:
                continue
            if currency != (
                option.billing_currency_id or option.company_id.currency_id
            ):
                foreign |= currency
                continue
            billed[matter.id] += -amount if move_type == "out_refund" else amount
        if foreign:
            self._add_foreign_billed(
                billed,
                options,
                lines_sudo._read_group(
                    domain & Domain("currency_id", "in", foreign.ids),
                    ["matter_id", "bill_element", "move_id"],
                    ["price_subtotal:sum"],
                ),
            )
        return billed

    @api.model
    def _add_foreign_billed(self, billed, options, groups):
        """Add what bills in another currency than the matter's took of its quote, at
        the rate of the bill's date; a credit gives back at that of the bill it credits.

        :param dict billed: ``{matter id: amount}``, changed
        :param dict options: ``{matter id: matter}``
        :param list groups: ``(matter, element, move, net amount)``
        """
        for matter, element, move, amount in groups:
            option = options[matter.id]
            currency = option.billing_currency_id or option.company_id.currency_id
            if (
                move.currency_id == currency
                or element not in SCOPE_ELEMENTS[option.quote_scope or "fees"]
            ):
                continue
            bill = move.reversed_entry_id or move
            billed[matter.id] += (
                -1 if move.move_type == "out_refund" else 1
            ) * move.currency_id._convert(
                amount,
                currency,
                move.company_id,
                bill.invoice_date or bill.date,
            )
