from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    legal_print_duplex = fields.Boolean(
        string="Bills are printed on both sides",
        help="Every bill of a print file starts on a new sheet.",
    )
