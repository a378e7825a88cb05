from odoo import models

from ...tools import format_amount


class ResCurrency(models.Model):
    """Amounts in sentences, strips and on papers."""

    _inherit = "res.currency"

    def format_signed(self, amount):
        """An amount in billing's own texts, the sign before the currency as in every
        letter: −£12.00. Odoo's `format` stays as it is.

        :param float amount:
        :rtype: str
        """
        self.ensure_one()
        return format_amount(self.env, amount + 0.0, self)
