from odoo import api, models
from odoo.fields import Command

from ...exceptions import RoleError

WALL_FIELDS = {"is_walled", "wall_user_ids", "responsible_id"}


class ProjectProject(models.Model):
    """Who puts up an information barrier, and who stays inside."""

    _inherit = "project.project"

    @api.model_create_multi
    def create(self, vals_list):
        matters = super().create(vals_list)
        walled = matters.sudo().filtered("is_walled").sudo(False)
        if walled:
            self._forget_walls()
            walled._complete_walls({})
        return matters

    def write(self, vals):
        """The responsible lawyer is inside every barrier; only a manager leaves the
        managers out, and only he or the responsible lawyer takes a barrier down.

        :raise RoleError: for others
        """
        if not WALL_FIELDS & vals.keys():
            return super().write(vals)
        teams = {
            matter_sudo.id: matter_sudo.wall_user_ids
            for matter_sudo in self.sudo()
            if matter_sudo.is_walled
        }
        lawyers = {matter.id: matter.responsible_id for matter in self.sudo()}
        result = super().write(vals)
        self._forget_walls()
        self._check_walls(teams, lawyers)
        walled = self.sudo().filtered("is_walled").sudo(False)
        if walled:
            walled._complete_walls(teams)
        return result

    @api.model
    def _forget_walls(self):
        """From whom matters are hidden is found again."""
        self.env["res.users"].invalidate_model(["has_hidden_matters"], flush=False)

    def _check_walls(self, teams, lawyers):
        """
        :param dict teams: ``{matter id: res.users}`` of those that had a barrier
        :param dict lawyers: ``{matter id: res.users}`` responsible before
        :raise RoleError: naming matters whose barrier the user may not take down, or
            whose lawyer or managers he left out
        """
        if self._has_role("manager"):
            return
        matters_sudo = self.sudo()  # also when the user is outside by now
        down = matters_sudo.filtered(
            lambda m: (
                m.id in teams and not m.is_walled and lawyers[m.id] != self.env.user
            )
        )
        if down:
            raise RoleError(
                self.env._(
                    "The information barrier of %(matters)s is taken down by the "
                    "responsible lawyer or a manager of Legal Billing. Ask one of them.",
                    matters=", ".join(down.mapped("display_name")),
                )
            )
        for matter_sudo in matters_sudo.filtered(lambda m: m.id in teams):
            left_out = (
                teams[matter_sudo.id]
                & (lawyers[matter_sudo.id] | matter_sudo._get_wall_managers())
            ) - matter_sudo.wall_user_ids
            if left_out:
                raise RoleError(
                    self.env._(
                        "%(names)s stays inside the information barrier of "
                        "%(matter)s: only a manager of Legal Billing may leave out "
                        "the responsible lawyer or a manager.",
                        names=", ".join(left_out.mapped("name")),
                        matter=matter_sudo.display_name,
                    )
                )

    def _complete_walls(self, teams):
        """Let those in who always are, and put everybody else out.

        :param dict teams: ``{matter id: res.users}`` of those that had a barrier before
        """
        by_manager = self._has_role("manager")
        for matter_sudo in self.sudo():  # whoever puts it up, the team is complete
            inside = matter_sudo.responsible_id
            if matter_sudo.id not in teams and not by_manager:
                inside |= matter_sudo._get_wall_managers()
            missing = inside - matter_sudo.wall_user_ids
            if missing:
                matter_sudo.write(
                    {"wall_user_ids": [Command.link(user.id) for user in missing]}
                )
        self.env["legal.wall"]._drop_outsiders(self)

    def _get_wall_managers(self):
        """Managers of Legal Billing in the matter's company.

        :rtype: res.users
        """
        group = self.env.ref("legal_billing.legal_billing_group_manager")
        return group.sudo().all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
