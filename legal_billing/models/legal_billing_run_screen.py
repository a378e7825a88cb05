from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from ..exceptions import BillingRunError

#: Age of the oldest entry of a matter: key, first day, last day.
AGES = [
    ("age_30", 0, 30),
    ("age_60", 31, 60),
    ("age_90", 61, 90),
    ("age_more", 91, None),
]


class LegalBillingRun(models.Model):
    """What the pages of a run show: the strip of totals above the list, the header
    that is edited in place, and why a matter is not in the run."""

    _inherit = "legal.billing.run"

    minutes_left = fields.Integer(compute="_compute_minutes_left")
    failure_summary = fields.Json(compute="_compute_failure_summary")

    # --- computes

    @api.depends("queued_count", "done_count", "failed_count", "started_on")
    def _compute_minutes_left(self):
        """Time to go, from the pace so far."""
        now = fields.Datetime.now()
        for run in self:
            worked = run.done_count + run.failed_count
            run.minutes_left = 0
            if run.started_on and run.queued_count and worked:
                seconds = (now - run.started_on).total_seconds()
                run.minutes_left = round(run.queued_count * seconds / worked / 60) or 1

    @api.depends("line_ids.state", "line_ids.reason_group")
    def _compute_failure_summary(self):
        """Count per reason of what failed, was skipped or held back."""
        groups = self.env["legal.billing.run.line"]._read_group(
            [
                ("run_id", "in", self.ids),
                ("state", "in", ("failed", "skipped", "excluded")),
            ],
            ["run_id", "state", "reason_group"],
            ["__count", "company_amount:sum"],
            order="__count desc",
        )
        rows = defaultdict(list)
        lines = self.env["legal.billing.run.line"]
        labels = dict(lines._fields["reason_group"]._description_selection(self.env))
        for run, state, reason, count, amount in groups:
            rows[run.id].append(
                {
                    "state": state,
                    "reason": reason or "other",
                    "label": labels.get(reason) or self.env._("Other"),
                    "count": count,
                    "amount": format_amount(self.env, amount, run.currency_id),
                }
            )
        for run in self:
            run.failure_summary = rows.get(run.id, [])

    # --- the strip above the list

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
                + COALESCE(%(row)s.disbursement_amount, 0)) AS standard
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
            if state == "excluded":
                result["excluded_standard"] += self._to_company(row, "standard")
            if state != "ready":
                continue
            for name in ("quote", "discount", "standard"):
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
            "standard_text": money(amounts["standard"]),
            "quote_count": counts["quote_count"],
            "quote": amounts["quote"],
            "quote_text": money(amounts["quote"]),
            "discount_count": counts["discount_count"],
            "discount_text": money(-abs(amounts["discount"])),
            "excluded": counts["excluded"],
            "excluded_text": money(amounts["excluded_standard"]),
            "failed": counts["failed"] + counts["skipped"],
            "done": counts["done"],
            "done_text": money(amounts["done_amount"]),
            "changed": changed,
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
            "currencies": len(currencies),
        }

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
        if dates and self.started_on:
            raise BillingRunError(
                self.env._(
                    "%(run)s has made bills already: its dates stay. Start a new mass "
                    "billing for other dates.",
                    run=self.name,
                )
            )
        if "invoice_date" in vals and not vals["invoice_date"]:
            vals["invoice_date"] = fields.Date.context_today(self)
        self.write(vals)
        if dates:
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

    # --- why is this matter not here?

    def explain_matters(self, text):
        """Answer in one sentence per matter why it is or is not in this run.

        :param str text: number, name or client of a matter, archived ones too
        :return: at most eight of ``{matter_id, name, answer, tone, line_id}``
        :rtype: list
        """
        self.ensure_one()
        text = (text or "").strip()
        if not text:
            return []
        matters = (
            self.env["project.project"]
            .with_context(active_test=False)
            .search(
                Domain("is_matter", "=", True)
                & (
                    Domain("matter_number", "ilike", text)
                    | Domain("name", "ilike", text)
                    | Domain("partner_id", "ilike", text)
                ),
                limit=8,
            )
        )
        lines = {
            line.matter_id: line
            for line in self.env["legal.billing.run.line"].search(
                [("run_id", "=", self.id), ("matter_id", "in", matters.ids)]
            )
        }
        inside = matters.filtered_domain(self._get_matter_domain())
        missing = inside.filtered(lambda matter: matter not in lines)
        fresh = {}
        if missing:
            fresh = {
                vals["matter"]: vals for vals in self._prepare_line_vals_list(missing)
            }
        return [
            {
                "matter_id": matter.id,
                "name": matter.display_name,
                "client": matter.partner_id.display_name or "",
                "line_id": lines[matter].id if matter in lines else False,
                **self._explain_matter(
                    matter, lines.get(matter), fresh.get(matter), matter in inside
                ),
            }
            for matter in matters
        ]

    def _explain_matter(self, matter, line, fresh, is_inside):
        """One sentence on one matter.

        :param project.project matter:
        :param legal.billing.run.line line: its row, if any
        :param dict fresh: the row that a refresh would make, if any
        :param bool is_inside: whether it fits the run's company and filter
        :return: ``answer`` and ``tone``
        :rtype: dict
        """
        if line:
            amount = format_amount(self.env, line.amount, line.currency_id)
            if line.state == "ready":
                return {
                    "answer": self.env._("It is in this run and ready: %s.", amount),
                    "tone": "success",
                }
            if line.state == "done":
                return {
                    "answer": self.env._("This run has billed it: %s.", amount),
                    "tone": "success",
                }
            if line.state == "queued":
                return {"answer": self.env._("It is being billed now."), "tone": "info"}
            return {
                "answer": self.env._("It is held back. %s", line.message or ""),
                "tone": "danger" if line.state == "failed" else "warning",
            }
        if matter.company_id != self.company_id:
            return {
                "answer": self.env._(
                    "It belongs to %(other)s; this run is of %(company)s.",
                    other=matter.company_id.name,
                    company=self.company_id.name,
                ),
                "tone": "warning",
            }
        if not is_inside:
            return {
                "answer": self.env._("The filter of this run leaves it out."),
                "tone": "warning",
            }
        if fresh:
            if fresh["state"] == "ready":
                text = self.env._(
                    "WIP was recorded since this list was made: press Refresh."
                )
            else:
                text = self.env._(
                    "WIP was recorded since, but it is held back: %s", fresh["message"]
                )
            return {"answer": text, "tone": "info"}
        last = self.env["account.move"].search(
            Domain("matter_ids", "in", matter.ids)
            & self.env["account.move"]._get_stage_domain(
                "draft", "production", "finalized"
            ),
            order="invoice_date desc, id desc",
            limit=1,
        )
        text = self.env._(
            "It holds no unbilled entries and no instalment of it is due."
        )
        if last:
            text += " " + self.env._(
                "Its last bill is %(bill)s of %(date)s.",
                bill=last._get_short_name(),
                date=last.invoice_date,
            )
        return {"answer": text, "tone": "muted"}

    # --- actions

    def action_open_failed(self):
        """Open the rows that failed or were skipped.

        :rtype: dict
        """
        self.ensure_one()
        action = self.action_open_lines()
        action["context"] = {
            "default_run_id": self.id,
            "legal_billing_run_id": self.id,
            "search_default_failed": 1,
        }
        return action

    def action_open_reason(self, state, reason):
        """Open the rows that ended this way for this reason.

        :param str state: of the rows
        :param str reason: key of the reason
        :rtype: dict
        """
        self.ensure_one()
        action = self.action_open_lines()
        action["context"] = {
            "default_run_id": self.id,
            "legal_billing_run_id": self.id,
        }
        reasons = [reason, False] if reason == "other" else [reason]
        action["domain"] = [
            ("run_id", "=", self.id),
            ("state", "=", state),
            ("reason_group", "in", reasons),
        ]
        return action
