from odoo import models

#: What shows a matter's client or payer in columns of its own.
MIRRORS = (
    "legal.billing.run.line",
    "legal.timekeeper.receipt",
    "legal.trust.balance",
    "legal.trust.line",
)


class ProjectProject(models.Model):
    """The client and the payer of a matter, where other records show them."""

    _inherit = "project.project"

    def write(self, vals):
        names = {"partner_id", "billing_partner_id"} & vals.keys()
        result = super().write(vals)
        if names and (matters := self.filtered("is_matter")):
            for model in MIRRORS:
                self.env[model]._refresh_matters(matters, names)
        return result
