from odoo import models
from odoo.exceptions import AccessError


class IrModelAccess(models.Model):
    _inherit = "ir.model.access"

    def _make_access_error(self, model, mode):
        """Who follows a link to a page of billing that is not for his role is told in
        billing's words whose it is; core names the model and all groups one by one.

        :rtype: odoo.exceptions.AccessError
        """
        error = super()._make_access_error(model, mode)
        if not model.startswith("legal."):
            return error
        values = {
            "user": self.env.user.name,
            "what": self.env["ir.model"]._get(model).name or model,
            "roles": ", ".join(
                name.rsplit("/", 1)[-1].strip()
                for name in self.group_names_with_access(model, mode)
            ),
        }
        if not values["roles"]:
            return AccessError(
                self.env._(
                    "%(what)s: this is done by Legal Billing, not by hand.",
                    **values,
                )
            )
        if mode == "read":
            sentence = self.env._(
                "This page is not for %(user)s: %(what)s is shown to those with one of "
                "these roles: %(roles)s. Ask your administrator, or someone who has one.",
                **values,
            )
        else:
            sentence = self.env._(
                "%(user)s may not do this: %(what)s is worked on by those with one of "
                "these roles: %(roles)s. Ask your administrator, or someone who has one.",
                **values,
            )
        return AccessError(sentence)
