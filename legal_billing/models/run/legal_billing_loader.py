from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ... import engine
from ...tools import format_amount
from .reasons import REASONS_OF_OPTIONS

#: What pricing asks of a matter: read alone, for thousands of matters have a hundred
#: fields each. Others are read when they are asked for.
PRICING_FIELDS = (
    "abatement_from",
    "abatement_percent",
    "adjustment_display",
    "bill_journal_id",
    "billing_arrangement",
    "billing_currency_id",
    "billing_partner_id",
    "blended_rate",
    "cap_amount",
    "company_id",
    "contingency_basis_amount",
    "contingency_percent",
    "discount_type",
    "discount_value",
    "fee_product_id",
    "minimum_bill_amount",
    "practice_area_id",
    "quote_basis",
    "quote_rule",
    "quote_scope",
    "quoted_amount",
    "subscription_amount",
    "subscription_carry_over",
    "subscription_from",
    "subscription_hours",
    "subscription_period",
)
#: Days between bills, where only one is known.
USUAL_DAYS = 30
#: Share of the days between bills from which on a bill is compared with them.
WHOLE_PERIOD = 0.9
#: How far off the last bills a bill is remarked on.
OFF_USUAL = 0.25


@dataclass
class MatterRow:
    """What a run makes of one matter: its figures, and the bill or the reason why
    there is none. Amounts are net, in ``currency``."""

    matter: models.Model
    currency: models.Model
    state: str = "ready"
    reason_code: str | bool = False
    message: str | bool = False
    priced: engine.PricedBill = field(default_factory=engine.PricedBill)
    rows: list = field(default_factory=list)
    instalments: models.Model = None
    entry_count: int = 0
    held_count: int = 0
    held_amount: float = 0.0
    fees: float = 0.0
    disbursements: float = 0.0
    unticked_count: int = 0
    oldest_date: date | None = None
    hours: float = 0.0
    fingerprint: str = ""
    amount: float = 0.0
    company_amount: float = 0.0
    standard_amount: float = 0.0
    retainer_after_amount: float = 0.0
    retainer_ask_amount: float = 0.0
    arrangement_text: str | bool = False
    cap_used: int = 0
    quote_amount: float = 0.0
    last_bill_date: date | None = None
    is_off_usual: bool = False
    age: int = 0
    has_late_entries: bool = False
    last_amounts: list = field(default_factory=list)

    def hold_back(self, code, message):
        """Make no bill of this matter.

        :param str code: key of the reason
        :param str message: its sentence
        """
        self.state = "excluded"
        self.reason_code = code
        self.message = message

    def as_vals(self):
        """Values of the run's row.

        :rtype: dict
        """
        return {
            "state": self.state,
            "reason_code": self.reason_code,
            "message": self.message,
            "currency_id": self.currency.id,
            "entry_count": self.entry_count,
            "held_count": self.held_count,
            "unticked_count": self.unticked_count,
            "oldest_date": self.oldest_date,
            "age": self.age,
            "hours": self.hours,
            "fees_amount": self.fees,
            "disbursement_amount": self.disbursements,
            "held_amount": self.held_amount,
            "edit_effect": float(self.priced.edit_effect),
            "retainer_after_amount": self.retainer_after_amount,
            "retainer_ask_amount": self.retainer_ask_amount,
            "arrangement_text": self.arrangement_text,
            "cap_used": self.cap_used,
            "quote_amount": self.quote_amount,
            "quote_effect": float(self.priced.quote_effect),
            "discount_amount": float(self.priced.discount),
            "amount": self.amount,
            "company_amount": self.company_amount,
            "standard_amount": self.standard_amount,
            "fingerprint": self.fingerprint,
            "last_bill_date": self.last_bill_date,
            "is_first_bill": not self.last_bill_date,
            "is_off_usual": self.is_off_usual,
            "last_amounts": self.last_amounts,
            "has_late_entries": self.has_late_entries,
        }


@dataclass
class LoadContext:
    """What one look at many matters knows of all of them: read once, asked per matter."""

    company: object  #: ``res.company`` of all matters
    currency: object  #: of the company
    invoice_date: date  #: of the bills
    cutoff: date  #: the effective one
    drafts: dict  #: ``{matter id: its newest draft}``
    history: dict  #: ``{matter id: the last bills}``, see ``_get_bill_history``
    options: dict  #: of ``_read_options``
    draft_wip: dict = field(default_factory=dict)  #: ``{draft id: NewWip}``
    #: what was found out about products, accounts and taxes, by what was asked
    known: dict = field(default_factory=dict)
    #: what `_make_plain_row` knows of options; None: no matter is looked at that way
    plain: object = None
    billed_before: dict = field(default_factory=dict)  #: ``{matter id: BilledBefore}``
    #: ``{matter id: entries for the engine}`` of matters priced entry by entry
    details: dict = field(default_factory=dict)
    without_rate: set = field(default_factory=set)  #: currencies without a rate
    #: ``{(currency, currency id): function of amounts}``, see ``_get_converter``
    converters: dict = field(default_factory=dict)

    def convert(self, amount, source, target):
        """An amount at the rate of the bills' date.

        :param res.currency source:
        :param res.currency target:
        :rtype: float
        """
        if source == target:
            return amount
        key = (source.id, target.id)
        if key not in self.converters:
            self.converters[key] = source._get_converter(
                target, self.company, self.invoice_date
            )
        return self.converters[key](amount)


class LegalBillingLoader(models.AbstractModel):
    """Looks at the WIP of many matters with a constant number of queries."""

    _name = "legal.billing.loader"
    _description = "Billing Loader"

    @api.model
    def _load(self, matters, invoice_date, cutoff, detailed=False, unticked=None):
        """Look at matters as a run would.

        :param project.project matters: of one company, archived ones too
        :param date invoice_date: the date of the bills
        :param date cutoff: the effective cut-off
        :param bool detailed: price entry by entry, as for making the bill; else on
            sums, which gives the same totals
        :param account.analytic.line unticked: entries that stay WIP this time
        :return: a ``MatterRow`` for each matter with WIP or a due instalment
        :rtype: list
        """
        # sudo: the callers check the biller's role; visibility of the matters
        # themselves was decided by the caller's search
        loader = self.sudo()
        matters_sudo = matters.sudo()
        maker = loader.env["legal.bill.maker"]
        unticked_ids = unticked.ids if unticked else []
        groups = loader._aggregate(matters_sudo, cutoff, unticked_ids)
        options = loader._read_options(matters_sudo)
        fixed = matters_sudo.browse(
            matter_id
            for matter_id, option in options.items()
            if option["billing_arrangement"] == "fixed"
        )
        fixed.fetch(PRICING_FIELDS)
        instalments = maker._get_due_instalments(fixed, cutoff)
        owing = loader._get_owing(matters_sudo, groups, options, cutoff)
        due = matters_sudo.browse().union(*instalments)
        owed = {*due.ids, *owing.ids}
        held = matters_sudo.browse(
            matter_id
            for matter_id in matters_sudo.ids
            if matter_id in groups or matter_id in owed
        )
        if not held:
            return []
        company = held[:1].with_prefetch().company_id
        context = LoadContext(
            company=company,
            currency=company.currency_id,
            invoice_date=invoice_date,
            cutoff=cutoff,
            drafts=loader._get_matters_with_draft(held),
            history=loader._get_bill_history(held),
            options=options,
        )
        drafts = loader.env["account.move"].union(*context.drafts.values())
        context.draft_wip = drafts._get_new_wip(drafts, until=cutoff)
        rows = {}
        if not detailed:
            context.plain = loader._get_plain_context(context.company, options)
            context.known = loader._get_fine_payers(options, context.plain)
            for matter in held - due - owing:
                row = loader._make_plain_row(
                    matter, options[matter.id], groups[matter.id], context
                )
                if row:
                    rows[matter.id] = row
        others = held.browse(
            matter_id for matter_id in held.ids if matter_id not in rows
        )
        if others:
            rows |= loader._make_rows(
                others, groups, instalments, unticked_ids, detailed, context
            )
        loader._fill_retainers(rows, options)
        result = []
        for matter in matters:
            row = rows.get(matter.id)
            if row:
                row.matter = matter
                result.append(row)
        return result

    @api.model
    def _fill_retainers(self, rows, options):
        """Say of matters with a retainer what is left of it after their bill.

        :param dict rows: ``{matter id: MatterRow}``, changed
        :param dict options: of ``_read_options``
        """
        matters = self.env["project.project"].browse(
            matter_id
            for matter_id in rows
            if options[matter_id]["retainer_minimum"]
            or options[matter_id]["retainer_target"]
        )
        if not matters:
            return
        figures = matters._get_retainers(
            {
                matter.id: (
                    rows[matter.id].amount if rows[matter.id].state == "ready" else 0.0,
                    rows[matter.id].currency,
                )
                for matter in matters
            }
        )
        for matter_id, (left, ask) in figures.items():
            row = rows[matter_id]
            row.retainer_after_amount, row.retainer_ask_amount = left, ask

    @api.model
    def _get_owing(self, matters, groups, options, cutoff):
        """Matters without any WIP that owe a fee all the same.

        :param dict groups: of ``_aggregate``
        :param dict options: of ``_read_options``
        :rtype: project.project
        """
        maker = self.env["legal.bill.maker"]
        idle = matters.browse(
            matter_id
            for matter_id, option in options.items()
            if option["billing_arrangement"] in ("subscription", "contingency")
            and matter_id not in groups
        )
        if not idle:
            return idle
        return maker._get_owing(idle, maker._get_billed_before(idle), cutoff)

    @api.model
    def _make_rows(self, matters, groups, instalments, unticked_ids, detailed, context):
        """Rows of matters that the engine prices.

        :return: ``{matter id: MatterRow}``
        :rtype: dict
        """
        maker = self.env["legal.bill.maker"]
        matters.fetch(PRICING_FIELDS)
        context.billed_before = maker._get_billed_before(matters)
        context.without_rate = self._get_currencies_without_rate(matters, groups)
        single = matters.filtered(
            lambda m: (
                detailed
                or m.billing_arrangement == "subscription"  # its hours, oldest first
            )
        )
        foreign = (matters - single).filtered(
            lambda m: self._has_other_currency(m, groups[m.id])
        )

        def get_domain(some):
            return maker._get_billable_domain(some, context.cutoff) & Domain(
                "id", "not in", unticked_ids
            )

        if single:
            context.details = maker._load_rows(get_domain(single))
        if foreign:
            context.details |= self._convert_entries(get_domain(foreign), context)
        mixed = single | foreign
        nothing = self.env["legal.fee.instalment"]
        return {
            matter.id: self._make_row(
                matter,
                groups[matter.id],
                instalments.get(matter, nothing),
                matter in mixed,
                context,
            )
            for matter in matters
        }

    # --- queries

    @api.model
    def _aggregate(self, matters, cutoff, unticked_ids=()):
        """Sums of the unbilled entries.

        :return: ``{matter id: rows}`` per type, behavior, product, currency and
            whether held, late or unticked
        :rtype: dict
        """
        entries = self.env["account.analytic.line"]
        query = entries._search(
            entries._get_unbilled_domain() & Domain("matter_id", "in", matters.ids)
        )
        entries.flush_model()
        groups = defaultdict(list)
        unticked = SQL("FALSE")
        if unticked_ids:
            unticked = SQL("id = ANY(%s)", list(unticked_ids))
        # Groups are hashed: with the bare column first, PostgreSQL would follow the
        # index and sort each matter's entries by all nine, at twice the cost.
        query.groupby = SQL(
            "1, 2, 3, 4, 5, 6, 7, 8%s", SQL(", 9" if unticked_ids else "")
        )
        columns = SQL(
            """
            COALESCE(matter_id, 0) AS matter_id,
            wip_type, bill_behavior, product_id, wip_currency_id,
            COALESCE(is_anticipated, FALSE) AS is_anticipated,
            COALESCE(is_on_hold, FALSE) AS held, date > %s AS late,
            %s AS unticked,
            COUNT(*) AS count, SUM(wip_amount) AS wip_amount,
            SUM(COALESCE(wip_amount, 0) - COALESCE(standard_amount, 0)) FILTER (
                WHERE standard_amount IS DISTINCT FROM wip_amount
            ) AS edits,
            SUM(bill_quantity) AS bill_quantity, MIN(date) AS date,
            MAX(write_date) AS changed,
            COUNT(*) FILTER (
                WHERE COALESCE(wip_amount, 0) = 0 AND COALESCE(bill_rate, 0) = 0
                AND COALESCE(bill_quantity, 0) != 0
                AND wip_type = 'time' AND bill_behavior = 'bill'
            ) AS unrated
            """,
            cutoff,
            unticked,
        )
        for row in self.env.execute_query_dict(query.select(columns)):
            # few entries are edited: adding up two columns of all costs a tenth more
            row["standard_amount"] = (row["wip_amount"] or 0.0) - (row["edits"] or 0.0)
            groups[row["matter_id"]].append(row)
        unrated = [
            matter_id
            for matter_id, rows in groups.items()
            if any(row["unrated"] for row in rows)
        ]
        if unrated:
            self._leave_out_free_time(groups, unrated, cutoff, set(unticked_ids or ()))
        return groups

    @api.model
    def _convert_entries(self, domain, context):
        """Sums of entries in another currency than their matter's. Each entry is
        converted and rounded by itself, those of one amount together.

        :param odoo.fields.Domain domain: of the entries
        :param LoadContext context: of the load
        :return: ``{matter id: rows}`` in the matter's currency, as of ``_load_rows``
        :rtype: dict
        """
        entries = self.env["account.analytic.line"]
        query = entries._search(domain)
        entries.flush_model()
        query.groupby = SQL("1, 2, 3, 4, 5, 6, 7, 8")
        columns = SQL(
            """
            matter_id, wip_type, bill_behavior, product_id,
            COALESCE(is_anticipated, FALSE) AS is_anticipated, wip_currency_id,
            wip_amount, standard_amount, COUNT(*) AS count,
            SUM(bill_quantity) AS bill_quantity, MIN(date) AS date
            """
        )
        currencies = self.env["res.currency"]
        sums = defaultdict(dict)
        for row in self.env.execute_query_dict(query.select(columns)):
            option = context.options[row["matter_id"]]
            target = (
                currencies.browse(option["billing_currency_id"]) or context.currency
            )
            source = currencies.browse(row["wip_currency_id"] or target.id)
            amount, standard = row["wip_amount"] or 0.0, row["standard_amount"] or 0.0
            value = context.convert(amount, source, target)
            recorded = (
                value
                if standard == amount
                else context.convert(standard, source, target)
            )
            row["wip_amount"] = value * row["count"]
            row["standard_amount"] = recorded * row["count"]
            row["wip_currency_id"] = target.id
            kind = (
                row["wip_type"],
                row["bill_behavior"],
                row["product_id"],
                row["is_anticipated"],
            )
            found = sums[row["matter_id"]].get(kind)
            if not found:
                sums[row["matter_id"]][kind] = row
                continue
            for name in ("wip_amount", "standard_amount", "bill_quantity"):
                found[name] = (found[name] or 0.0) + (row[name] or 0.0)
            found["date"] = min(found["date"], row["date"])
        return {
            matter_id: [dict(row, id=index) for index, row in enumerate(rows.values())]
            for matter_id, rows in sums.items()
        }

    @api.model
    def _leave_out_free_time(self, groups, matter_ids, cutoff, unticked):
        """Time whose rate is 0.00 has a rate: count what has none. Time that was set to
        0.00 by hand, though its rate is another, is asked about like time without one.

        :param dict groups: ``{matter id: groups}``, changed
        :param list matter_ids: of groups that seem to have time without a rate
        :param date cutoff: as for the groups
        :param set unticked: ids of entries, as for the groups
        """
        entries = self.env["account.analytic.line"]
        free = entries.search(
            entries._get_unbilled_domain()
            & Domain("matter_id", "in", matter_ids)
            & Domain("wip_type", "=", "time")
            & Domain("bill_behavior", "=", "bill")
            & Domain("wip_amount", "=", 0.0)
            & Domain("bill_rate", "=", 0.0)
            & Domain("bill_quantity", "!=", 0.0)
        )
        rates = self.env["legal.rate"]._resolve(
            [(entry.matter_id, entry.employee_id, entry.date) for entry in free]
        )
        rated = defaultdict(int)
        for entry, rate in zip(free, rates, strict=True):
            if rate and not rate.price:
                key = (
                    entry.product_id.id,
                    entry.wip_currency_id.id,
                    entry.is_anticipated,
                    entry.is_on_hold,
                    entry.date > cutoff,
                    entry.id in unticked,
                )
                rated[entry.matter_id.id, key] += 1
        for matter_id in matter_ids:
            for row in groups[matter_id]:
                key = (
                    row["product_id"] or False,
                    row["wip_currency_id"] or False,
                    row["is_anticipated"],
                    row["held"],
                    row["late"],
                    row["unticked"],
                )
                if row["unrated"]:
                    row["unrated"] -= rated[matter_id, key]

    @api.model
    def _get_matters_with_draft(self, matters):
        """Matters whose WIP an open draft prices. A line made by hand on the draft of
        another matter is none: work cannot be added there.

        :param project.project matters:
        :return: ``{matter id: its newest draft}``
        :rtype: dict
        """
        groups = self.env["account.move.line"]._read_group(
            [
                ("matter_id", "in", matters.ids),
                ("parent_state", "=", "draft"),
                ("move_id.move_type", "=", "out_invoice"),
                # of several payers' drafts that which holds the entries
                ("move_id.split_of_id", "=", False),
                ("move_id.billing_kind", "!=", "on_account"),
                "|",
                ("legal_line_kind", "!=", False),
                ("move_id.matter_id", "!=", False),
            ],
            ["matter_id", "move_id"],
        )
        groups.sort(key=lambda group: group[1].id)
        return {matter.id: draft for matter, draft in groups}

    @api.model
    def _get_bill_history(self, matters):
        """Date, net and cut-off of the last three bills per matter; those of all payers
        are one.

        :return: ``{matter id: [(date, net, cut-off), …]}``, newest first
        :rtype: dict
        """
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model()
        history = defaultdict(list)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT matter_id, invoice_date, net, cutoff FROM (
                    SELECT line.matter_id, MAX(move.invoice_date) AS invoice_date,
                           MAX(COALESCE(move.cutoff_date, move.invoice_date)) AS cutoff,
                           SUM(line.price_subtotal) AS net,
                           ROW_NUMBER() OVER (
                               PARTITION BY line.matter_id
                               ORDER BY MAX(move.invoice_date) DESC,
                                        COALESCE(move.split_of_id, move.id) DESC
                           ) AS position
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                     WHERE line.matter_id = ANY(%s) AND move.state = 'posted'
                       AND move.move_type = 'out_invoice'
                       AND line.display_type = 'product'
                       AND line.on_account_line_id IS NULL
                  GROUP BY line.matter_id, COALESCE(move.split_of_id, move.id)
                ) bill WHERE position <= 3 ORDER BY matter_id, position
                """,
                matters.ids,
            )
        )
        for matter_id, day, net, cutoff in rows:
            history[matter_id].append((day, float(net), cutoff))
        return history

    @api.model
    def _get_currencies_without_rate(self, matters, groups):
        """Foreign currencies of these matters that Odoo would silently take at 1:1.

        :return: ids
        :rtype: set
        """
        company = matters[:1].company_id
        foreign = {matter.billing_currency_id.id for matter in matters} | {
            row["wip_currency_id"] for matter in matters for row in groups[matter.id]
        }
        foreign -= {company.currency_id.id, False, None}
        if not foreign:
            return foreign
        rated = self.env["res.currency.rate"]._read_group(
            [
                ("currency_id", "in", list(foreign)),
                ("company_id", "in", (False, company.root_id.id)),
            ],
            ["currency_id"],
        )
        return foreign - {currency.id for (currency,) in rated}

    @api.model
    def _has_other_currency(self, matter, groups):
        currency = matter.billing_currency_id or matter.company_id.currency_id
        return any(
            row["wip_currency_id"] and row["wip_currency_id"] != currency.id
            for row in groups
        )

    # --- one row

    @api.model
    def _get_billable(self, groups):
        """Groups of entries that are billed now.

        :rtype: list
        """
        return [
            group
            for group in groups
            if not (group["held"] or group["late"] or group["unticked"])
        ]

    @api.model
    def _make_row(self, matter, groups, instalments, is_detailed, context):
        """Figures and reason of one matter.

        :rtype: MatterRow
        """
        maker = self.env["legal.bill.maker"]
        currency = matter.billing_currency_id or matter.company_id.currency_id
        row = self._new_row(matter, currency)
        row.instalments = instalments
        billable = self._get_billable(groups)
        row.rows = billable
        if is_detailed:
            row.rows = context.details.get(matter.id, [])
        else:
            billable = [dict(group, id=index) for index, group in enumerate(billable)]
            row.rows = billable
        row.rows = maker._split_fixed_rows(matter, row.rows, instalments)
        before = context.billed_before[matter.id]
        row.priced = maker._price(
            matter,
            row.rows,
            instalments,
            before,
            context.invoice_date,
            cutoff=context.cutoff,
            known=context.known,
        )
        self._fill_figures(row, groups, self._get_billable(groups), context)
        quote = matter._get_quote()
        row.quote_amount = quote.amount
        if quote.amount and quote.is_for_life:
            row.quote_amount = currency.round(max(0.0, quote.amount - before.quote))
        row.arrangement_text = maker._get_arrangement_text(matter, row.priced) or False
        row.cap_used = maker._get_cap_used(row.priced)
        self._fill_reason(row, groups, context)
        return row

    @api.model
    def _new_row(self, matter, currency, **vals):
        """
        :param dict vals: what is known of the row
        :rtype: MatterRow
        """
        return MatterRow(
            matter=matter,
            currency=currency,
            instalments=self.env["legal.fee.instalment"],
            **vals,
        )

    @api.model
    def _fill_figures(self, row, groups, billable, context):
        """Fill what a row shows, once it is priced.

        :param list billable: of ``_get_billable(groups)``
        """
        row.entry_count = sum(group["count"] for group in billable)
        row.held_count = sum(group["count"] for group in groups if group["held"])
        row.unticked_count = sum(
            group["count"]
            for group in groups
            if group["unticked"] and not (group["held"] or group["late"])
        )
        dates = [group["date"] for group in (billable or groups) if group["date"]]
        row.oldest_date = min(dates, default=None)
        if row.oldest_date:
            row.age = max(0, (context.invoice_date - row.oldest_date).days)
        row.hours = sum(
            group["bill_quantity"] or 0.0
            for group in billable
            if group["wip_type"] == "time"
        )
        row.fingerprint = self._describe_entries(billable)
        priced = row.priced
        row.amount = float(priced.net)
        row.company_amount = self._to_company(row, row.amount, context)
        if row.held_count:
            row.held_amount = self._get_value(
                row, [group for group in groups if group["held"]], context
            )
        row.fees = float(priced.value_fees)
        row.disbursements = float(priced.value_disbursements)
        if not billable:  # nothing is billed: what waits is shown, and why
            for name, kind in (("fees", "time"), ("disbursements", "disbursement")):
                waiting = [group for group in groups if group["wip_type"] == kind]
                setattr(row, name, self._get_value(row, waiting, context))
            value = row.currency.round(row.fees + row.disbursements)
        else:
            value = float(priced.value_fees + priced.value_disbursements)
        row.standard_amount = self._to_company(row, value, context)
        history = context.history.get(row.matter.id, [])
        if history:
            row.last_bill_date = history[0][0]
            row.has_late_entries = bool(
                row.oldest_date and row.oldest_date <= history[0][2]
            )
            row.last_amounts = [net for _day, net, _cutoff in reversed(history)]
            row.is_off_usual = self._is_off_usual(row.amount, history, context.cutoff)

    @api.model
    def _is_off_usual(self, amount, history, cutoff):
        """Whether a bill would be more than a quarter above the largest of the last
        bills, or below the smallest. A bill of less time than lies between the others is
        not compared: a part of a month is no month.

        :param float amount: net of the bill
        :param list history: as ``_get_bill_history`` gives it, of one matter
        :param date cutoff: up to which the bill takes work
        :rtype: bool
        """
        cutoffs = [row[2] for row in history]
        usual_days = USUAL_DAYS
        if len(cutoffs) > 1:
            usual_days = (cutoffs[0] - cutoffs[-1]).days / (len(cutoffs) - 1)
        if (cutoff - cutoffs[0]).days < usual_days * WHOLE_PERIOD:
            return False
        nets = [row[1] for row in history]
        return amount > max(nets) * (1 + OFF_USUAL) or amount < min(nets) * (
            1 - OFF_USUAL
        )

    @api.model
    def _get_value(self, row, groups, context):
        """Value of the entries that are charged, in the row's currency.

        :param list groups: of ``_aggregate``
        :rtype: float
        """
        if not groups:
            return 0.0
        total = 0.0
        for group in groups:
            if (group["bill_behavior"] or "bill") != "bill":
                continue
            amount = float(group["wip_amount"] or 0.0)
            if group["wip_currency_id"] not in (None, row.currency.id):
                source = row.currency.browse(group["wip_currency_id"])
                amount = context.convert(amount, source, row.currency)
            total += amount
        return row.currency.round(total)

    @api.model
    def _to_company(self, row, amount, context):
        """
        :param float amount: in the row's currency, rounded
        :rtype: float
        """
        return context.convert(amount, row.currency, context.currency)

    @api.model
    def _get_fingerprint(self, groups):
        """Count, value and newest change of the entries that would be billed.

        :rtype: str
        """
        return self._describe_entries(self._get_billable(groups))

    @api.model
    def _describe_entries(self, billable):
        """:rtype: str"""
        count = sum(group["count"] for group in billable)
        value = sum(float(group["wip_amount"] or 0.0) for group in billable)
        changed = max((group["changed"] for group in billable), default="")
        return f"{count}:{value:.2f}:{changed}"

    @api.model
    def _get_fingerprints(self, matters, cutoff, unticked=None):
        """What the entries of matters are now, to compare with what was shown.

        :param project.project matters:
        :param date cutoff: the effective cut-off
        :param account.analytic.line unticked: entries that stay WIP this time
        :return: ``{matter id: fingerprint}``; matters without WIP are missing
        :rtype: dict
        """
        # sudo: whether something changed, of rows that the caller may see
        groups = self.sudo()._aggregate(
            matters, cutoff, unticked.ids if unticked else []
        )
        return {
            matter_id: self._get_fingerprint(rows) for matter_id, rows in groups.items()
        }

    @api.model
    def _fill_reason(self, row, groups, context):
        """Decide whether the matter gets a bill; the first reason against it counts."""
        code, figures = self._get_obstacle(row, groups, context)
        if not code:
            for reason in row.priced.reasons:
                if reason.blocking:
                    code = reason.code
                    figures = {
                        name: format_amount(self.env, float(value), row.currency)
                        for name, value in reason.values
                    }
                    break
        if not code:
            return
        row.hold_back(
            code,
            self.env["legal.billing.run.line"]._get_reason_text(code, **figures),
        )

    @api.model
    def _get_obstacle(self, row, groups, context):
        """What stands against a bill before any price is looked at.

        :return: reason code (or False) and the figures of its sentence
        :rtype: tuple
        """
        matter = row.matter
        none = {}
        option = context.options[matter.id]
        for reason in REASONS_OF_OPTIONS:
            if reason.holds_back(option[reason.option]):
                return reason.code, none
        billable = self._get_billable(groups)
        if matter.id in context.drafts:
            return self._get_draft_obstacle(row, groups, billable, context)
        has_fee = row.instalments or row.priced.has_fee
        if not billable and not has_fee:
            return self._get_waiting_reason(groups), none
        if not row.rows and not has_fee:
            return "no_instalment", none
        taken = self.env["legal.bill.maker"]._split_fixed_rows(
            matter, billable, row.instalments
        )
        unrated = sum(group["unrated"] for group in taken)
        if unrated and not row.instalments and self._needs_rates(matter):
            return "no_rate", {"count": unrated}
        missing = context.without_rate and context.without_rate & (
            {row.currency.id} | {group["wip_currency_id"] for group in billable}
        )
        if missing:
            currency = self.env["res.currency"].browse(missing.pop())
            return "no_exchange_rate", {"currency": currency.name}
        return self.env["legal.billing.check"]._get_problem(row, context.known)

    @api.model
    def _needs_rates(self, matter):
        """Whether the rates of its time price the matter.

        :rtype: bool
        """
        return matter.billing_arrangement not in ("blended", "contingency")

    @api.model
    def _get_waiting_reason(self, groups):
        """Why none of the entries is billed now.

        :return: reason code
        :rtype: str
        """
        if any(group["held"] for group in groups):
            return "on_hold"
        if any(group["unticked"] and not group["late"] for group in groups):
            return "unticked"
        return "after_cutoff"

    @api.model
    def _get_draft_obstacle(self, row, groups, billable, context):
        """A draft is open: say what of the matter is not on it, as the draft itself
        counts it, and whether its cut-off is before that.

        :return: reason code and the figures of its sentence
        :rtype: tuple
        """
        draft = context.drafts[row.matter.id]
        new = context.draft_wip.get(draft.id)
        if not new:
            code = self._get_waiting_reason(groups) if groups else "instalment"
            return f"draft_{'left_out' if billable else code}", {}

        def money(amount):
            return format_amount(self.env, amount, draft.currency_id)

        day = draft.cutoff_date or draft.invoice_date or context.invoice_date
        figures = {"count": new.count, "amount": money(new.amount)}
        if not new.later_count:
            return "draft_open", figures
        later = {"count": new.later_count, "amount": money(new.later_amount)}
        day = {"day": format_date(self.env, day)}
        if not new.count:
            return "draft_later", day | later
        return "draft_both", (
            day | figures | {f"later_{name}": value for name, value in later.items()}
        )
