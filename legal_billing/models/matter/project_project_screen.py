from odoo import models


class ProjectProject(models.Model):
    """How matters are opened."""

    _inherit = "project.project"

    def get_formview_id(self, access_uid=None):
        """Matters open in billing's own form, from wherever they are opened."""
        if self.is_matter:
            return self.env.ref("legal_billing.matter_view_form").id
        return super().get_formview_id(access_uid)

    def action_open_matter_form(self):
        """Open the matter.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("legal_billing.matter_view_form").id, "form")],
        }
