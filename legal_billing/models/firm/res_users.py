from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    legal_approval_limit = fields.Float(
        string="Approval limit of bills",
        digits="Product Price",
        help="Largest total of a bill that this user may approve, in company currency. "
        "0: no limit.",
    )
