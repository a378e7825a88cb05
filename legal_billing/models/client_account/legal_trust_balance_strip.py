from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_amount


class LegalTrustBalance(models.Model):
    """The strip above the list of client money."""

    _inherit = "legal.trust.balance"

    @api.model
    def get_trust_strip(self, domain):
        """Totals of the list, of the whole filter, and what is wrong.

        :param list domain: of the list
        :return: count, amounts as text, counts of what needs somebody
        :rtype: dict
        """
        rows = self.search(domain)
        bills = self.env["account.move"]
        may_see_bills = bills.has_access("read")
        totals = {
            name: self._format_totals(rows, name)
            for name in ("balance", "available_amount", "transferable_amount")
        }
        return {
            "count": len(rows),
            "matters": len(rows.matter_id),
            **totals,
            "uncleared": len(rows.filtered("uncleared_amount")),
            "negative": self.search_count(
                Domain("balance", "<", 0)
                & Domain("company_id", "in", self.env.companies.ids)
            ),
            "undelivered": (
                bills.search_count(
                    Domain("is_client_money_undelivered", "=", True)
                    & Domain("company_id", "in", self.env.companies.ids)
                )
                if may_see_bills
                else 0
            ),
        }

    @api.model
    def _format_totals(self, rows, name):
        """One text per currency.

        :rtype: str
        """
        return " + ".join(
            format_amount(self.env, sum(group.mapped(name)), currency)
            for currency, group in rows.grouped("currency_id").items()
        )
