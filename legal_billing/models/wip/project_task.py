from odoo import fields, models


class ProjectTask(models.Model):
    """Tasks that move to another matter."""

    _inherit = "project.task"

    def write(self, vals):
        """What moved with a task stands in the history of both matters. Who may move
        whose time: see ``_check_may_follow_task`` of the entries."""
        if not {"project_id", "parent_id"} & vals.keys():
            return super().write(vals)
        entries_sudo = self.env["account.analytic.line"].sudo()  # also other people's
        entries_sudo = entries_sudo.search(
            entries_sudo._get_unbilled_domain()
            & fields.Domain("task_id", "child_of", self.ids)
        )
        before = entries_sudo._take_effect()
        result = super().write(vals)
        entries_sudo._follow_accounts(before)
        entries_sudo._log_moves(before)
        return result
