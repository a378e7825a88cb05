from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import ELEMENT_TONES

#: How late an unpaid bill is: key, label, more than so many days, up to so many.
LATE_BUCKETS = [
    ("late_0", "Not due", None, 0),
    ("late_30", "1-30 days late", 0, 30),
    ("late_60", "31-60 days late", 30, 60),
    ("late_90", "61-90 days late", 60, 90),
    ("late_more", "Over 90 days late", 90, None),
]


class AccountMove(models.Model):
    """How late the unpaid bills are, in the usual steps: shown, searched and grouped
    by, and never stored, since it changes with every day."""

    _inherit = "account.move"

    days_late = fields.Integer(compute="_compute_days_late")
    late_bucket = fields.Selection(
        [(key, label) for key, label, _after, _upto in LATE_BUCKETS],
        string="Days late",
        compute="_compute_late_bucket",
        search="_search_late_bucket",
        help="Of approved bills that are not paid in full.",
    )

    # lock-up
    element_bar = fields.Json(
        string="Elements",
        compute="_compute_element_bar",
        help="How much of the bill is paid and open, element by element.",
    )
    delivery_icon = fields.Json(string="Delivery", compute="_compute_delivery_icon")

    # --- computes

    @api.depends("invoice_date_due", "payment_state", "state")
    def _compute_days_late(self):
        today = fields.Date.context_today(self)
        for move in self:
            move.days_late = 0
            if (
                move.state == "posted"
                and move.invoice_date_due
                and not move.currency_id.is_zero(move.amount_residual)
            ):
                move.days_late = max(0, (today - move.invoice_date_due).days)

    @api.depends("invoice_date_due", "payment_state", "state", "amount_residual")
    def _compute_late_bucket(self):
        for move in self:
            is_open = move.state == "posted" and not move.currency_id.is_zero(
                move.amount_residual
            )
            move.late_bucket = is_open and next(
                key
                for key, _label, _after, upto in LATE_BUCKETS
                if upto is None or move.days_late <= upto
            )

    @api.model
    def _search_late_bucket(self, operator, value):
        if operator != "in":
            return NotImplemented
        keys = set(value)
        domain = Domain.OR(
            self._get_late_domain(after, upto)
            for key, _label, after, upto in LATE_BUCKETS
            if key in keys
        )
        if False in keys:
            domain |= Domain("state", "!=", "posted") | Domain(
                "amount_residual", "=", 0
            )
        return domain

    @api.model
    def _get_late_domain(self, after, upto):
        """Open bills that are late by more than ``after`` and up to ``upto`` days.

        :rtype: odoo.fields.Domain
        """
        today = fields.Date.context_today(self)
        domain = Domain("state", "=", "posted") & Domain("amount_residual", "!=", 0)
        if after is not None:
            day = fields.Date.subtract(today, days=after)
            domain &= Domain("invoice_date_due", "<", day)
        if upto is not None:
            day = fields.Date.subtract(today, days=upto)
            domain &= Domain("invoice_date_due", ">=", day)
        return domain

    def _field_to_sql(self, alias, field_expr, query=None):
        """``late_bucket`` is of the day on which it is asked for and so is not stored:
        grouping and sorting get the expression. It says what the compute says; whoever
        changes the steps changes ``LATE_BUCKETS`` and nothing else."""
        if field_expr != "late_bucket":
            return super()._field_to_sql(alias, field_expr, query)
        today = fields.Date.context_today(self)
        state, residual, due = (
            self._field_to_sql(alias, name, query)
            for name in ("state", "amount_residual", "invoice_date_due")
        )
        late = SQL(" ").join(
            SQL("WHEN COALESCE(%s - %s, 0) <= %s THEN %s", today, due, upto, key)
            for key, _label, _after, upto in LATE_BUCKETS
            if upto is not None
        )
        return SQL(
            "CASE WHEN %s != 'posted' OR %s = 0 THEN NULL %s ELSE %s END",
            state,
            residual,
            late,
            LATE_BUCKETS[-1][0],
        )

    # --- the strip above the bills

    @api.model
    def _get_strip_all(self, domain, money):
        """Open amounts by how late they are, and the lock-up."""
        figures = {
            key: (count, amount)
            for key, count, amount in self._read_group(
                domain & Domain("late_bucket", "!=", False),
                ["late_bucket"],
                ["__count", "amount_residual_signed:sum"],
            )
        }
        labels = {
            "late_0": self.env._("not due"),
            "late_30": "1-30",
            "late_60": "31-60",
            "late_90": "61-90",
            "late_more": "90+",
        }
        ages = []
        for key, label in labels.items():
            count, amount = figures.get(key, (0, 0.0))
            ages.append({"key": key, "label": label, "count": count, "amount": amount})
        top = max((age["amount"] for age in ages), default=0.0)
        for age in ages:
            age["share"] = round(100 * age["amount"] / top) if top > 0 else 0
            age["text"] = money(age["amount"])
        return {
            "ages": ages,
            "open": sum(age["count"] for age in ages),
            **self._get_strip_lock_up(domain),
        }

    # --- lock-up

    @api.depends("element_amounts")
    def _compute_element_bar(self):
        for move in self:
            move.element_bar = move.state == "posted" and [
                {
                    "element": row["element"],
                    "tone": ELEMENT_TONES[row["element"]],
                    "label": row["label"],
                    "open": row["gross"],
                    "paid": row["gross"] - row["outstanding"],
                }
                for row in move.element_amounts or []
            ]

    @api.depends(
        "delivered_on",
        "delivered_day",
        "delivery_method",
        "delivery_error",
        "produced_on",
    )
    def _compute_delivery_icon(self):
        """How the client got the bill: ``{icon, tone, title}``."""
        methods = dict(self._fields["delivery_method"]._description_selection(self.env))
        icons = {
            "email": "fa-envelope",
            "post": "fa-paper-plane",
            "hand": "fa-hand-paper-o",
        }
        for move in self:
            icon = False
            if move.delivered_on:
                icon = {
                    "icon": icons.get(move.delivery_method, "fa-check"),
                    "tone": "success",
                    "title": self.env._(
                        "%(how)s, %(day)s",
                        how=methods.get(move.delivery_method, self.env._("Delivered")),
                        day=fields.Date.to_string(move.delivered_day),
                    ),
                }
            elif move.delivery_error:
                icon = {
                    "icon": "fa-exclamation-triangle",
                    "tone": "danger",
                    "title": move.delivery_error,
                }
            elif move.produced_on:
                icon = {
                    "icon": "fa-clock-o",
                    "tone": "warning",
                    "title": self.env._("Produced, not known to be delivered"),
                }
            move.delivery_icon = icon

    @api.model
    def _get_strip_lock_up(self, domain):
        """Days of work and of bills outstanding against what was billed in a year."""
        today = fields.Date.context_today(self)
        billed_domain = (
            domain
            & Domain("state", "=", "posted")
            & Domain("legal_write_off_id", "=", False)
            & Domain("invoice_date", ">", fields.Date.subtract(today, years=1))
        )
        [(total, net)] = self._read_group(
            billed_domain, [], ["amount_total_signed:sum", "amount_untaxed_signed:sum"]
        )
        [(residual,)] = self._read_group(
            domain & Domain("state", "=", "posted"), [], ["amount_residual_signed:sum"]
        )
        entries = self.env["account.analytic.line"]
        [(wip,)] = entries._read_group(
            entries._get_unbilled_domain()
            & Domain("company_id", "in", self.env.companies.ids),
            [],
            ["wip_amount:sum"],
        )
        days_unpaid = round(365 * (residual or 0.0) / total) if total > 0 else 0
        days_wip = round(365 * (wip or 0.0) / net) if net > 0 else 0
        disputed = self.search_count(
            domain
            & Domain("disputed_amount", ">", 0)
            & Domain("amount_residual", ">", 0)
            & Domain("state", "=", "posted")
        )
        return {
            "days_unpaid": max(days_unpaid, 0),
            "days_wip": max(days_wip, 0),
            "days_lock_up": max(days_unpaid, 0) + max(days_wip, 0),
            "disputed": disputed,
            "undelivered": self.search_count(
                domain
                & Domain("billing_stage", "=", "finalized")
                & Domain("delivered_on", "=", False)
                & Domain("legal_write_off_id", "=", False)
            ),
        }
