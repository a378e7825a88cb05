from odoo import fields, models

GRADES = [
    ("partner", "Partner"),
    ("counsel", "Counsel"),
    ("senior_associate", "Senior associate"),
    ("associate", "Associate"),
    ("trainee", "Trainee"),
    ("paralegal", "Paralegal"),
]


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    legal_grade = fields.Selection(
        GRADES,
        string="Grade",
        groups="hr.group_hr_user",
        help="Fee earner's grade: billing rates can be set per grade.",
    )
