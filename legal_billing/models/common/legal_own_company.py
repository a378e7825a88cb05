from odoo import models


class LegalOwnCompany(models.AbstractModel):
    """Records that stay in the companies of the person who writes them. Odoo checks the
    rules before a change only: a record could be sent into another company."""

    _name = "legal.own.company"
    _description = "Record of the User's own Companies"

    def write(self, vals):
        """:raise AccessError: when the record would leave the user's companies"""
        result = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")
        return result
