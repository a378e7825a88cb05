from odoo import fields, models

from ...exceptions import MatterOptionError


class ProjectProject(models.Model):
    """What to do when a quote is used up."""

    _inherit = "project.project"

    is_quote_used_up = fields.Boolean(compute="_compute_next_run")

    def action_open_quote_excess(self):
        """Choose what becomes of the work above the quote.

        :return: the window
        :rtype: dict
        :raise MatterOptionError: if nothing is above the quote
        """
        self.ensure_one()
        self.env["account.move"]._check_role("biller", "manager")
        if not self.is_quote_used_up:
            raise MatterOptionError(
                self.env._(
                    "%(matter)s has no work above a quote that is used up.",
                    matter=self.display_name,
                )
            )
        today = fields.Date.context_today(self)
        return self.env["legal.quote.excess"]._open(self, today, today)
