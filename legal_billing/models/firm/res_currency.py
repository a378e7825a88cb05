from odoo import models

from ...tools import format_amount


class ResCurrency(models.Model):
    """Amounts in sentences, strips and on papers."""

    _inherit = "res.currency"

    def format(self, amount):
        """The sign comes before the currency, as in every letter: −£12.00.

        :rtype: str
        """
        self.ensure_one()
        return format_amount(self.env, amount + 0.0, self)
