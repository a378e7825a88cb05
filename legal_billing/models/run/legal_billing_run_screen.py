from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ...tools import format_amount, notify
from .reasons import BAD_STATES, REASONS

#: Sentences that a reason of the summary quotes.
EXAMPLES = 2
#: Rows that the page of a running run names.
LATEST = 5


class LegalBillingRun(models.Model):
    """The progress page of a run: time to go, what failed and why."""

    _inherit = "legal.billing.run"

    minutes_left = fields.Integer(
        compute="_compute_minutes_left", string="Minutes left"
    )
    failure_summary = fields.Json(compute="_compute_failure_summary")
    latest = fields.Json(compute="_compute_latest", string="Done last")

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
        """What failed, was skipped or held back: one row per reason, with the words of
        the first ones. What has no reason of ours is one row per message."""
        lines = self.env["legal.billing.run.line"]
        groups = lines._read_group(
            [("run_id", "in", self.ids), ("state", "in", BAD_STATES)],
            ["run_id", "state", "reason_group"],
            [
                "__count",
                "company_amount:sum",
                "standard_amount:sum",
                "message:array_agg_distinct",
            ],
        )
        others = lines._read_group(
            [
                ("run_id", "in", self.ids),
                ("state", "in", BAD_STATES),
                ("reason_group", "in", ("other", False)),
            ],
            ["run_id", "state", "message"],
            ["__count", "company_amount:sum"],
        )
        rows = defaultdict(list)
        for run, state, reason, count, amount, standard, messages in groups:
            if state == "excluded":  # nothing is billed: what it would be worth
                amount = standard
            if reason not in ("other", False):
                rows[run].append(
                    run._get_failure_row(state, reason, count, amount, messages)
                )
        for run, state, message, count, amount in others:
            rows[run].append(
                run._get_failure_row(state, "other", count, amount, [message])
            )
        order = {state: index for index, state in enumerate(reversed(BAD_STATES))}
        for run in self:
            run.failure_summary = sorted(
                rows[run], key=lambda row: (order[row["state"]], -row["count"])
            )

    def _get_failure_row(self, state, reason, count, amount, messages):
        """One reason in the summary.

        :param list messages: what the rows say
        :rtype: dict
        """
        field = self.env["legal.billing.run.line"]._fields["reason_group"]
        labels = dict(field._description_selection(self.env))
        messages = sorted(message for message in messages if message)
        text = " ".join(messages[:EXAMPLES])
        if len(messages) > EXAMPLES:
            text += " " + self.env._("And %s more.", len(messages) - EXAMPLES)
        return {
            "state": state,
            "reason": reason,
            "label": labels.get(reason) or self.env._("Other"),
            "message": messages[0] if reason == "other" and messages else False,
            "text": text,
            "count": count,
            "amount": format_amount(self.env, amount, self.currency_id),
            "cure": self._get_cure_label(state, reason),
        }

    def _get_cure_label(self, state, reason):
        found = REASONS.get(reason)
        if state == "excluded" or not (found and found.label):
            return False
        return self.env._(found.label)

    @api.depends("line_ids.state", "line_ids.write_date")
    def _compute_latest(self):
        """What was done last, newest first: whoever looks sees the run move."""
        for run in self:
            rows = run.line_ids.search(
                [("run_id", "=", run.id), ("state", "=", "done")],
                order="write_date desc, id desc",
                limit=LATEST,
            )
            run.latest = [run._get_latest_row(row) for row in rows]

    def _get_latest_row(self, row):
        """
        :param legal.billing.run.line row: that was done
        :rtype: dict
        """
        name = row.bill_id._get_short_name() if row.bill_id else ""
        if self.operation == "bill":  # the draft has no number yet
            name = row.matter_id.matter_number
        return {
            "id": row.id,
            "name": name or row.matter_id.matter_number or "",
            "text": row.matter_id.partner_id.display_name or "",
            "amount": format_amount(self.env, row.amount, row.currency_id),
        }

    # --- what is shown when it is done

    def _get_answer(self):
        """Say what was done and who is next, and show it. Of drafts those of this run, by
        a filter that can be taken away.

        :return: the page to show next, or False: the page of the run says it
        :rtype: dict or bool
        """
        self.ensure_one()
        action = self._get_result_action()
        if action.get("res_model") != "account.move" or not self.done_count:
            return False
        if self.operation != "bill":
            return notify(self._get_done_sentence(), action)
        context = safe_eval(action.get("context") or "{}", {"uid": self.env.uid})
        action["context"] = context | {"search_default_billing_run_id": self.id}
        drafts = self.bill_ids.filtered(lambda bill: bill.state == "draft")
        values = {
            "count": len(drafts),
            "amount": self.currency_id.format_signed(
                sum(drafts.mapped("amount_untaxed_signed"))
            ),
        }
        if len(drafts) == 1:
            made = self.env._("1 draft made, %(amount)s net.", **values)
        else:
            made = self.env._("%(count)s drafts made, %(amount)s net.", **values)
        if not self.env["account.move"]._has_role("approver", "manager"):
            made = self.env._("%s An approver comes next.", made)
        return notify(made, action)

    def _get_done_sentence(self):
        """
        :rtype: str
        """
        return self.env._(
            "%(operation)s: %(done)s done.",
            operation=self._get_operation_label(),
            done=self.done_count,
        )

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

    def action_open_reason(self, state, reason, message=None):
        """Open the rows that ended this way for this reason.

        :param str state: of the rows
        :param str reason: key of the reason
        :param str message: only those that say this
        :rtype: dict
        """
        self.ensure_one()
        action = self.action_open_lines()
        action["context"] = {
            "default_run_id": self.id,
            "legal_billing_run_id": self.id,
        }
        action["domain"] = list(self._get_reason_domain(state, reason, message))
        return action

    def _get_reason_domain(self, state, reason, message=None):
        """Rows of this run that ended this way.

        :rtype: odoo.fields.Domain
        """
        domain = Domain("run_id", "=", self.id) & Domain("state", "=", state)
        domain &= Domain(
            "reason_group", "in", [reason, False] if reason == "other" else [reason]
        )
        if message:
            domain &= Domain("message", "=", message)
        return domain

    def action_retry_all(self):
        """Try again everything that failed or was skipped.

        :return: the page to show next
        :rtype: dict
        """
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: line.state in ("failed", "skipped")
        ).action_retry()

    def action_retry_reason(self, state, reason, message=None):
        """Try the rows again that failed for one reason.

        :return: the page to show next
        :rtype: dict
        """
        self.ensure_one()
        rows = self.env["legal.billing.run.line"].search(
            self._get_reason_domain(state, reason, message)
        )
        return rows.action_retry()

    def action_cure_reason(self, state, reason, message=None):
        """Open what the rows of one reason fail for: the account, the tax, the rate.

        :return: an action, or True when it is done
        """
        self.ensure_one()
        row = self.env["legal.billing.run.line"].search(
            self._get_reason_domain(state, reason, message), limit=1
        )
        return row.action_cure()

    # --- why a matter is not here

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
        matters = self._find_matters(text, 8)
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

    @api.model
    def _find_matters(self, text, limit):
        """Matters, archived ones too, by what a person types: the number that it is
        first, then numbers that end or begin with it, then names and clients.

        :param str text: number, name or client
        :param int limit: how many at most
        :rtype: project.project
        """
        matters = self.env["project.project"].with_context(active_test=False)
        is_matter = Domain("is_matter", "=", True)
        typed = text.lower()

        def get_rank(matter):
            number = matter.matter_number.lower()
            return (
                number != typed,
                not number.endswith(typed),
                not number.startswith(typed),
                number,
            )

        found = matters.search(is_matter & Domain("matter_number", "ilike", text))
        found = found.sorted(get_rank)[:limit]
        if len(found) < limit:
            found |= matters.search(
                is_matter
                & (Domain("name", "ilike", text) | Domain("partner_id", "ilike", text))
                & Domain("id", "not in", found.ids),
                limit=limit - len(found),
            )
        return found

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
                    "It belongs to %(other)s; this run is for %(company)s.",
                    other=matter.company_id.name,
                    company=self.company_id.name,
                ),
                "tone": "warning",
            }
        if not is_inside:
            return {
                "answer": self._get_scope_sentence(matter),
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
