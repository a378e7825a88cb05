from odoo import api, fields, models


class LegalPracticeArea(models.Model):
    _name = "legal.practice.area"
    _description = "Practice Area"
    _inherit = ["legal.own.company"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company")
    color = fields.Integer()
    fee_product_id = fields.Many2one(
        "product.product",
        domain=[("type", "=", "service")],
        check_company=True,
        help="Gives account and taxes of this area's fees, where the matter names no "
        "product of its own.",
        string="Fee product",
    )

    @api.constrains("fee_product_id")
    def _check_fee_product_net_of_tax(self):
        """Rule C-12, where the product is chosen."""
        self.fee_product_id.product_tmpl_id._check_net_of_tax()
