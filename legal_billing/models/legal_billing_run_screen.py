from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_amount


class LegalBillingRun(models.Model):
    """The progress page of a run: time to go, what failed and why."""

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
