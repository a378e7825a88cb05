from odoo import api, models


class LegalSetUp(models.AbstractModel):
    _inherit = "legal.set.up"

    @api.model
    def _get_items(self, company_sudo):
        """Also rates."""
        return [*super()._get_items(company_sudo), self._get_rates_item(company_sudo)]

    @api.model
    def _get_rates_item(self, company_sudo):
        rates_sudo = self.env["legal.rate"].sudo()
        has_rates = rates_sudo.search_count(
            [("company_id", "=", company_sudo.id)], limit=1
        )
        return self._prepare_item(
            "rates",
            self.env._("Rates"),
            self.env._(
                "Time without a rate is worth nothing. One price for all is enough to "
                "begin with."
            ),
            has_rates,
            self.env._("Enter a rate"),
            self._open("legal.rate", name=self.env._("Rates")),
        )
