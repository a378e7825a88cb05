from odoo import fields, models
from odoo.fields import Domain

from ...exceptions import MatterOptionError


class ProjectProject(models.Model):
    """What to do when a quote is used up."""

    _inherit = "project.project"

    is_quote_used_up = fields.Boolean(compute="_compute_next_run")

    next_run_amount = fields.Monetary(
        compute="_compute_next_run",
        currency_field="billing_currency_id",
        string="Next run amount",
    )
    next_run_reason = fields.Char(compute="_compute_next_run", string="Next run reason")
    is_in_next_run = fields.Boolean(compute="_compute_next_run")

    def action_open_quote_excess(self):
        """Choose what becomes of the work above the quote.

        :return: the window
        :rtype: dict
        :raise MatterOptionError: if nothing is above the quote
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        if not self.is_quote_used_up:
            raise MatterOptionError(
                self.env._(
                    "%(matter)s has no work above a quote that is used up.",
                    matter=self.display_name,
                )
            )
        today = fields.Date.context_today(self)
        return self.env["legal.quote.excess"]._open(self, today, today)

    def _follow_option_changes(self, changes):
        """Rows that are not worked on follow whether the matter is billed together."""
        result = super()._follow_option_changes(changes)
        matters = self.filtered(
            lambda m: m in changes and "bill_together" in changes[m]
        )
        if matters:
            # sudo: rows of anybody's list, as a new one would be made
            rows_sudo = self.env["legal.billing.run.line"].sudo()
            rows_sudo = rows_sudo.search(
                Domain("matter_id", "in", matters.ids)
                & Domain("state", "in", ("ready", "excluded"))
            )
            for row in rows_sudo:
                row.bill_together = row.matter_id.bill_together
        return result

    def _compute_next_run(self):
        """What a run of today would do with the matter, in the run's own words."""
        rows = self.env["legal.billing.run"]._preview_matters(
            self.filtered("is_matter")
        )
        for matter in self:
            row = rows.get(matter.id)
            matter.is_in_next_run = bool(row and row["state"] == "ready")
            matter.is_quote_used_up = bool(
                row and row["reason_code"] in ("quote_used_up", "cap_used_up")
            )
            matter.next_run_amount = row["amount"] if row else 0.0
            matter.next_run_reason = (
                row["message"] if row else self.env._("There is nothing to bill.")
            )
