from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import format_amount

#: Age of the oldest entry of a matter: key, first day, last day.
AGES = [
    ("age_30", 0, 30),
    ("age_60", 31, 60),
    ("age_90", 61, 90),
    ("age_more", 91, None),
]


class LegalBillingRun(models.Model):
    """The strip above the rows of a run: its header, edited in place, and its totals,
    all of one statement."""

    _inherit = "legal.billing.run"

    def get_strip(self, domain=None):
        """Totals of the whole run, for the strip above its list.

        :param list domain: of the list, to say what "all" means there
        :return: counts, amounts (numbers, and text in the company's currency), ages,
            header values and their choices
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        totals = self._get_strip_totals()
        return {
            "id": self.id,
            "name": self.name,
            "operation": self.operation,
            "state": self.state,
            "progress": round(self.progress),
            "minutes_left": self.minutes_left,
            "queued": self.queued_count,
            "can_bill": self.env["account.move"]._has_role("biller", "manager"),
            "invoice_date": fields.Date.to_string(self.invoice_date),
            "cutoff_date": fields.Date.to_string(self.cutoff_date or self.invoice_date),
            "report": self.bill_report_id.id or False,
            "term": self.payment_term_id.id or False,
            "reports": self._get_choices(
                "ir.actions.report",
                [("is_invoice_report", "=", True), ("model", "=", "account.move")],
            ),
            "terms": self._get_choices(
                "account.payment.term",
                self.env["account.payment.term"]._check_company_domain(self.company_id),
            ),
            **totals,
            **self._get_selection_strip(),
            **self._get_filter_totals(domain),
        }

    def _get_filter_totals(self, domain):
        """What "Bill all" would bill: the ready rows of the list's filter.

        :rtype: dict
        """
        [(count, amount)] = self.env["legal.billing.run.line"]._read_group(
            Domain(domain or Domain.TRUE)
            & Domain("run_id", "=", self.id)
            & Domain("state", "=", "ready"),
            [],
            ["__count", "company_amount:sum"],
        )
        return {
            "filter_ready": count,
            "filter_ready_text": format_amount(
                self.env, amount or 0.0, self.currency_id
            ),
        }

    @api.model
    def _get_choices(self, model, domain):
        records = self.env[model].search(domain)
        return [{"id": record.id, "name": record.display_name} for record in records]

    def _get_strip_totals(self):
        """Count and amounts of the run's rows, by one statement.

        :rtype: dict
        """
        lines = self.env["legal.billing.run.line"]
        lines.flush_model()
        query = lines._search(Domain("run_id", "=", self.id))
        row = SQL.identifier(lines._table)
        query.groupby = SQL("%(row)s.state, %(row)s.currency_id, bucket", row=row)
        columns = SQL(
            """
            %(row)s.state, %(row)s.currency_id,
            CASE WHEN %(row)s.age <= 30 THEN 'age_30'
                 WHEN %(row)s.age <= 60 THEN 'age_60'
                 WHEN %(row)s.age <= 90 THEN 'age_90' ELSE 'age_more' END AS bucket,
            COUNT(*) AS count, SUM(%(row)s.company_amount) AS amount,
            SUM(%(row)s.quote_effect) AS quote,
            COUNT(*) FILTER (WHERE %(row)s.quote_effect != 0) AS quote_count,
            SUM(%(row)s.discount_amount) AS discount,
            COUNT(*) FILTER (WHERE %(row)s.discount_amount != 0) AS discount_count,
            SUM(COALESCE(%(row)s.fees_amount, 0)
                + COALESCE(%(row)s.disbursement_amount, 0)) AS value,
            SUM(%(row)s.edit_effect) AS edits,
            SUM(%(row)s.held_amount) AS on_hold,
            SUM(%(row)s.standard_amount) AS company_value,
            COUNT(*) FILTER (WHERE %(row)s.reason_code = 'left_out') AS left_out,
            SUM(%(row)s.unticked_count) AS unticked
            """,
            row=row,
        )
        rows = self.env.execute_query_dict(query.select(columns))
        currencies = {
            currency.id: currency
            for currency in self.env["res.currency"].browse(
                {row["currency_id"] for row in rows if row["currency_id"]}
            )
        }
        result = defaultdict(float)
        counts = defaultdict(int)
        ages = {key: {"key": key, "count": 0, "amount": 0.0} for key, _a, _b in AGES}
        for row in rows:
            state = row["state"]
            counts[state] += row["count"]
            result[f"{state}_amount"] += row["amount"] or 0.0
            if state in ("ready", "excluded"):
                counts["left_out"] += row["left_out"]
                counts["unticked"] += row["unticked"] or 0
                result["on_hold"] += self._to_company(row, "on_hold")
            if state == "excluded":
                result["excluded_value"] += float(row["company_value"] or 0.0)
            if state != "ready":
                continue
            for name in ("quote", "discount", "value", "edits"):
                result[name] += self._to_company(row, name)
            counts["quote_count"] += row["quote_count"]
            counts["discount_count"] += row["discount_count"]
            ages[row["bucket"]]["count"] += row["count"]
            ages[row["bucket"]]["amount"] += row["amount"] or 0.0
        return self._format_totals(result, counts, list(ages.values()), currencies)

    def _to_company(self, row, name):
        currency = self.env["res.currency"].browse(row["currency_id"])
        amount = float(row[name] or 0.0)
        if not currency or currency == self.currency_id:
            return amount
        return currency._convert(
            amount, self.currency_id, self.company_id, self.invoice_date
        )

    def _format_totals(self, amounts, counts, ages, currencies):
        def money(value):
            return format_amount(self.env, value, self.currency_id)

        top = max((age["amount"] for age in ages), default=0.0)
        for age in ages:
            age["label"] = self._get_age_label(age["key"])
            age["text"] = money(age["amount"])
            age["share"] = round(100 * age["amount"] / top) if top > 0 else 0
        changed = 0
        if self.operation == "bill" and self.state == "review":
            changed = len(
                self.env["legal.billing.run.line"]._get_changed_ids(
                    Domain("run_id", "=", self.id)
                )
            )
        return {
            "ready": counts["ready"],
            "ready_text": money(amounts["ready_amount"]),
            "standard_text": money(amounts["value"] - amounts["edits"]),
            "quote_count": counts["quote_count"],
            "quote": amounts["quote"],
            "quote_text": money(amounts["quote"]),
            "discount_count": counts["discount_count"],
            "discount_text": money(-abs(amounts["discount"])),
            "excluded": counts["excluded"],
            "excluded_text": money(amounts["excluded_value"]),
            "on_hold_text": amounts["on_hold"] and money(amounts["on_hold"]),
            "failed": counts["failed"] + counts["skipped"],
            "done": counts["done"],
            "done_text": money(amounts["done_amount"]),
            "changed": changed,
            "left_out_text": self._get_left_out_text(counts),
            "total": sum(
                counts[state]
                for state in (
                    "ready",
                    "excluded",
                    "queued",
                    "done",
                    "skipped",
                    "failed",
                )
            ),
            "ages": ages,
            "parts": self._get_parts(counts),
            "waterfall": self._get_waterfall(amounts, money),
            "currencies": len(currencies),
        }

    def _get_left_out_text(self, counts):
        """What persons left out of the next bills, in words.

        :rtype: str or bool
        """
        matters, entries = counts["left_out"], counts["unticked"]
        parts = []
        if matters:
            parts.append(
                self.env._("1 matter")
                if matters == 1
                else self.env._("%s matters", matters)
            )
        if entries:
            parts.append(
                self.env._("1 entry")
                if entries == 1
                else self.env._("%s entries", entries)
            )
        return ", ".join(parts) or False

    def _get_parts(self, counts):
        """What becomes of the matters, as parts of a ring.

        :rtype: list
        """
        parts = [
            ("ready", "primary", self.env._("ready"), ("ready",)),
            ("done", "success", self.env._("done"), ("done", "queued")),
            ("held_back", "warning", self.env._("held back"), ("excluded",)),
            ("failed", "danger", self.env._("failed"), ("failed", "skipped")),
        ]
        total = sum(counts[state] for *_rest, states in parts for state in states)
        result = []
        for key, tone, label, states in parts:
            count = sum(counts[state] for state in states)
            if count:
                share = 100 * count / total
                result.append(
                    {
                        "key": key,
                        "tone": tone,
                        "label": label,
                        "count": count,
                        "share": share,
                    }
                )
        return result

    def _get_waterfall(self, amounts, money):
        """From the standard value of the ready matters over edits, quotes, fixed fees and
        discounts to what is billed: each step hangs where the one before ended.

        :rtype: list
        """
        value, quote = amounts["value"], amounts["quote"]
        standard = value - amounts["edits"]
        discount = -abs(amounts["discount"])
        billed = amounts["ready_amount"]
        steps = [
            ("standard", self.env._("standard"), 0, standard, "secondary", ["ready"]),
            (
                "edits",
                self.env._("edited"),
                standard,
                value,
                "danger" if value < standard else "success",
                ["ready", "edited"],
            ),
            (
                "quote",
                self.env._("quote"),
                value,
                value + quote,
                "danger" if quote < 0 else "success",
                ["ready", "quote_applied"],
            ),
            (
                "discount",
                self.env._("discount"),
                value + quote,
                value + quote + discount,
                "warning",
                ["ready", "discounted"],
            ),
            ("to_bill", self.env._("to bill"), 0, billed, "primary", ["ready"]),
        ]
        if self.currency_id.is_zero(amounts["edits"]):
            steps = [step for step in steps if step[0] != "edits"]
        top = max((max(start, end) for _k, _l, start, end, *_r in steps), default=0)
        result = []
        for key, label, start, end, tone, filters in steps:
            height = 100 * abs(end - start) / top if top > 0 else 0
            bottom = 100 * max(0, min(start, end)) / top if top > 0 else 0
            if height:
                height = max(height, 4)
            result.append(
                {
                    "key": key,
                    "label": label,
                    "tone": tone,
                    "filters": filters,
                    "text": money(end - start),
                    "bottom": round(min(bottom, 100 - height), 1),
                    "height": round(height, 1),
                }
            )
        return result

    @api.model
    def _get_age_label(self, key):
        for name, first, last in AGES:
            if name == key:
                return f"{first}-{last}" if last else f"{first - 1}+"
        return key

    def set_header(self, vals):
        """Change the header above the list and look at the matters again.

        :param dict vals: of ``invoice_date``, ``cutoff_date``, ``bill_report_id``,
            ``payment_term_id``
        :return: True
        :raise BillingRunError: for dates of a run that was worked on
        """
        self.ensure_one()
        self._check_biller()
        allowed = {"invoice_date", "cutoff_date", "bill_report_id", "payment_term_id"}
        vals = {name: value or False for name, value in vals.items() if name in allowed}
        dates = {"invoice_date", "cutoff_date"} & vals.keys()
        if "invoice_date" in vals and not vals["invoice_date"]:
            vals["invoice_date"] = fields.Date.context_today(self)
        self._check_settled_vals(vals)
        self.write(vals)
        if dates:
            self.action_load()
        return True

    def action_put_all_back(self):
        """Take back what was left out of the next bills of this run's matters: *not
        this time* and unticked entries. Template, terms and notes stay.

        :return: True
        """
        self.ensure_one()
        self._check_biller()
        rows = self.line_ids.filtered(lambda line: line.state in ("ready", "excluded"))
        self.env["legal.billing.choice"]._put_back(rows.matter_id)
        self.action_load()
        return True

    def action_reload(self):
        """Look at the matters of the run again.

        :return: True
        """
        self.ensure_one()
        if self.state in ("review", "done"):
            self.action_load()
        return True
