from odoo import models

from ...tools import describe_held


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "legal.archive.remark"]

    def _get_held(self):
        """Besides: what its variants have."""
        held = self.with_context(active_test=False).product_variant_ids._get_held()
        return describe_held(
            super()._get_held(),
            {product.product_tmpl_id: text for product, text in held.items()},
        )


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "legal.archive.remark"]

    def _get_held(self):
        """Besides: unbilled disbursements."""
        entries = self.env["account.analytic.line"].sudo()  # how many, no records
        counts = entries._count_unbilled("product_id", self)
        return describe_held(
            super()._get_held(),
            {
                product: self.env._("unbilled disbursements (%s entries)", count)
                for product, count in counts.items()
            },
        )
