from odoo import models


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _compute_domain(self, model_name, mode="read"):
        """Besides, a record that shows the name of what an information barrier hides is
        hidden as well, of whichever addon it is: rows of a report over SQL, a task's
        place on somebody's own board. Models with a rule of the barrier have theirs.

        :rtype: odoo.fields.Domain
        """
        domain = super()._compute_domain(model_name, mode)
        if self.env.su or mode == "create":
            return domain
        return domain & self.env["legal.wall"]._get_pointing_domain(model_name)
