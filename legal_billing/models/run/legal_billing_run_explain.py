from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount


class LegalBillingRun(models.Model):
    """Why is this matter not here? One sentence on any matter."""

    _inherit = "legal.billing.run"

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
