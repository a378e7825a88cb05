from collections import defaultdict
from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import SCOPE_ELEMENTS


@dataclass(frozen=True)
class BilledBefore:
    """What live bills of a matter took before this one, net, in its currency."""

    quote: float = 0.0  #: of its quote, its cap or its outcome
    fees: float = 0.0
    periods: tuple = ()  #: of its subscription, as ``engine.Period``


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
    def _make_entries(self, matter, rows, day, known=None):
        """Rows as engine entries, in the matter's billing currency.

        :param dict known: what was found out about products, for matters of one
            company; filled
        :rtype: list
        """
        known = {} if known is None else known
        fee_product = default_type = None
        currency = matter.billing_currency_id or matter.company_id.currency_id
        products = self.env["product.product"]
        converters = {}
        entries = []
        for row in rows:
            amount, standard = row["wip_amount"] or 0, row["standard_amount"] or 0
            source_id = row["wip_currency_id"]
            if source_id and source_id != currency.id:
                if source_id not in converters:
                    converters[source_id] = currency.browse(source_id)._get_converter(
                        currency, matter.company_id, day
                    )
                convert = converters[source_id]
                amount, standard = convert(amount), convert(standard)
            is_time = row["wip_type"] == "time"
            if is_time:
                fee_product = fee_product or self._get_fee_product(matter)
                product = fee_product
            else:
                product = products.browse(row["product_id"])
                if not product:
                    default_type = (
                        default_type or matter.company_id.legal_disbursement_product_id
                    )
                    product = default_type
            exempt = ("exempt", product.id)
            if not is_time and exempt not in known:
                known[exempt] = product._is_exempt(matter.company_id)
            entries.append(
                engine.Entry(
                    id=row["id"],
                    kind=row["wip_type"],
                    amount=to_decimal(amount),
                    group=(product.id, bool(row["is_anticipated"] and not is_time)),
                    behavior=row["bill_behavior"] or "bill",
                    exempt=not is_time and known[exempt],
                    date=row["date"],
                    standard=to_decimal(standard),
                    hours=to_decimal(is_time and row["bill_quantity"]),
                )
            )
        return entries

    @api.model
    def _make_terms(
        self, matter, instalments, before, bill=None, force=False, cutoff=None
    ):
        """The matter's options, or those of its draft, as engine terms.

        :param legal.fee.instalment instalments: due on this bill
        :param BilledBefore before: what other bills of the matter took
        :param account.move bill: the draft that is priced again
        :param date cutoff: repeating instalments count once per period due until then
        :rtype: engine.Terms
        """
        currency = matter.billing_currency_id or matter.company_id.currency_id
        fixed = matter.billing_arrangement == "fixed"
        # of a bill over several matters each has its own
        is_said_on_bill = bool(bill) and not bill.is_together
        discount = bill if is_said_on_bill else matter
        prefix = "bill_discount" if is_said_on_bill else "discount"
        return engine.Terms(
            rounding=to_decimal(currency.rounding),
            fee_group=(self._get_fee_product(matter).id, False),
            **(
                {}
                if instalments
                else self._make_arrangement(matter, before, bill, cutoff)
            ),
            abatement=self._make_abatement(matter, before),
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
        before,
        day,
        bill=None,
        force=False,
        cutoff=None,
        known=None,
    ):
        """Price one bill.

        :param dict known: as of ``_make_entries``
        :return: all of the bill's money before tax
        :rtype: engine.PricedBill
        """
        return engine.price_bill(
            self._make_entries(matter, rows, day, known),
            self._make_terms(matter, instalments, before, bill, force, cutoff),
        )

    # --- what bills took before

    @api.model
    def _get_quote_billed(self, matters, exclude=None):
        """Net amount that bills took of each matter's quote, or cap, or outcome, credits
        taken off.

        :param project.project matters: matters with a quote
        :param account.move exclude: the bill that is being priced
        :return: ``{matter id: amount}`` in the matter's billing currency
        :rtype: dict
        """
        before = self._get_billed_before(matters, exclude)
        return {matter_id: billed.quote for matter_id, billed in before.items()}

    @api.model
    def _get_billed_before(self, matters, exclude=None):
        """What live bills of each matter took: drafts, approved and finalized ones,
        credits taken off.

        :param project.project matters:
        :param account.move exclude: the bill that is being priced
        :return: ``{matter id: BilledBefore}``, of every matter
        :rtype: dict
        """
        # by the stored matter: options may be looked at before they are saved
        options = {m._origin.id: m for m in matters}
        quotes = {matter_id: m._get_quote() for matter_id, m in options.items()}
        counted = matters.filtered(
            lambda m: quotes[m._origin.id].amount or m.abatement_percent
        )
        billed = self._get_billed_elements(counted, exclude)
        periods = self._get_billed_periods(
            matters.filtered(lambda m: m.billing_arrangement == "subscription"), exclude
        )
        result = {}
        for matter_id in options:
            amounts = billed.get(matter_id, {})
            if not amounts and matter_id not in periods:
                result[matter_id] = BilledBefore()
                continue
            result[matter_id] = BilledBefore(
                quote=sum(
                    amounts.get(element, 0.0)
                    for element in SCOPE_ELEMENTS[quotes[matter_id].scope]
                ),
                fees=sum(
                    amounts.get(element, 0.0) for element in SCOPE_ELEMENTS["fees"]
                ),
                periods=tuple(periods.get(matter_id, ())),
            )
        return result

    @api.model
    def _get_billed_elements(self, matters, exclude=None):
        """Net amounts that bills of these matters charge, credits taken off. Bills of
        before a change of the billing currency count at the rate of their date.

        :param project.project matters:
        :param account.move exclude: the bill that is being priced
        :return: ``{matter id: {element: amount}}`` in the matter's billing currency
        :rtype: dict
        """
        if not matters:
            return {}
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
            # on account is before the work is charged, and taken off what charges it
            & Domain("on_account_line_id", "=", False)
        )
        lines_sudo = self.env["account.move.line"].sudo()
        groups = lines_sudo._read_group(
            domain,
            ["matter_id", "bill_element", "move_type", "currency_id"],
            ["price_subtotal:sum"],
        )
        options = {m._origin.id: m for m in matters}
        billed = defaultdict(lambda: defaultdict(float))
        foreign = self.env["res.currency"]
        for matter, element, move_type, currency, amount in groups:
            option = options[matter.id]
            if currency != (
                option.billing_currency_id or option.company_id.currency_id
            ):
                foreign |= currency
                continue
            sign = -1 if move_type == "out_refund" else 1
            billed[matter.id][element] += sign * amount
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
        """Add what bills in another currency than the matter's charge, at the rate of
        the bill's date; a credit gives back at that of the bill it credits.

        :param dict billed: ``{matter id: {element: amount}}``, changed
        :param dict options: ``{matter id: matter}``
        :param list groups: ``(matter, element, move, net amount)``
        """
        for matter, element, move, amount in groups:
            option = options[matter.id]
            currency = option.billing_currency_id or option.company_id.currency_id
            if move.currency_id == currency:
                continue
            bill = move.reversed_entry_id or move
            billed[matter.id][element] += (
                -1 if move.move_type == "out_refund" else 1
            ) * move.currency_id._convert(
                amount,
                currency,
                move.company_id,
                bill.invoice_date or bill.date,
            )

    @api.model
    def _get_billed_periods(self, matters, exclude=None):
        """Periods of subscriptions that bills have charged, and the hours they took.

        :param project.project matters: by subscription
        :param account.move exclude: the bill that is being priced
        :return: ``{matter id: engine periods}``
        :rtype: dict
        """
        if not matters:
            return {}
        self.env["account.move"].flush_model(
            ["state", "matter_ids", "subscription_periods"]
        )
        known = defaultdict(dict)
        for matter_id, periods in self.env.execute_query(
            SQL(
                """
                SELECT rel.matter_id, bill.subscription_periods
                  FROM legal_bill_matter_rel rel
                  JOIN account_move bill ON bill.id = rel.bill_id
                 WHERE rel.matter_id = ANY(%s) AND bill.state != 'cancel'
                   AND bill.subscription_periods IS NOT NULL
                   AND bill.id != ALL(%s)
              ORDER BY bill.id
                """,
                matters.ids,
                exclude.ids if exclude else [],
            )
        ):
            for period in periods:
                if period["matter_id"] == matter_id:
                    self._add_period(known[matter_id], period)
        return {matter_id: found.values() for matter_id, found in known.items()}

    @api.model
    def _add_period(self, known, period):
        """Add what one bill says of a period.

        :param dict known: ``{first day: engine.Period}``, changed
        :param dict period: as bills store it
        """
        start, end = map(fields.Date.to_date, (period["start"], period["end"]))
        before = known.get(start) or engine.Period(start, end)
        is_charged = period["is_charged"]
        known[start] = replace(
            before,
            is_due=before.is_due and not is_charged,
            hours=to_decimal(period["hours"]) if is_charged else before.hours,
            used=before.used + to_decimal(period["used"]),
        )
