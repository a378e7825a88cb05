from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    has_hidden_matters = fields.Boolean(
        compute="_compute_has_hidden_matters",
        compute_sudo=True,
        groups="base.group_system",
        help="An information barrier stands between this user and some matter.",
    )

    def _compute_has_hidden_matters(self):
        """Asked with every rule on records, so it is kept until a barrier changes: no
        field of the user says so (``project.project._forget_walls``)."""
        matters = self.env["project.project"].with_context(active_test=False)
        for user in self:
            wall = self.env["legal.wall"].with_user(user)
            user.has_hidden_matters = bool(
                matters.search(wall._get_matter_domain(), limit=1)
            )
