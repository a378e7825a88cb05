from odoo import models

from ...tools import describe_held


class HrEmployee(models.Model):
    _name = "hr.employee"
    _inherit = ["hr.employee", "legal.archive.remark"]

    def _get_held(self):
        """Besides: unbilled time."""
        entries = self.env["account.analytic.line"].sudo()  # how many, no records
        counts = entries._count_unbilled("employee_id", self)
        return describe_held(
            super()._get_held(),
            {
                employee: self.env._("unbilled time (%s entries)", count)
                for employee, count in counts.items()
            },
        )
