from odoo import models

from odoo.addons.base.models.res_currency import ResCurrency as CoreCurrency

from ...tools import format_amount


class ResCurrency(models.Model):
    """Amounts in sentences, strips and on papers, and many amounts at one rate."""

    _inherit = "res.currency"

    def format_signed(self, amount):
        """An amount in billing's own texts, the sign before the currency as in every
        letter: −£12.00. Odoo's `format` stays as it is.

        :param float amount:
        :rtype: str
        """
        self.ensure_one()
        return format_amount(self.env, amount + 0.0, self)

    def _get_converter(self, to_currency, company, day):
        """Core's `_convert` for many amounts of one day, whose rate is looked up once;
        where another addon converts, it is asked for every amount.

        :param res.currency to_currency: of the results
        :param res.company company: whose rates they are
        :param date day:
        :return: a function of amounts
        """
        if type(self)._convert is not CoreCurrency._convert:
            return lambda amount: self._convert(amount, to_currency, company, day)
        rate = self._get_conversion_rate(self, to_currency, company, day)
        return lambda amount: to_currency.round(amount * rate) if amount else 0.0
