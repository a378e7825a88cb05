from odoo import models


class AccountMoveLine(models.Model):
    """Lines that are credited together."""

    _inherit = "account.move.line"

    def _get_credit_key(self):
        """What makes lines one part of a bill when it is credited: matter, element,
        type of disbursement, taxes and account.

        :rtype: str
        """
        self.ensure_one()
        element = self.bill_element or "fees"
        product = self.product_id.id if element != "fees" else 0
        taxes = ",".join(map(str, sorted(self.tax_ids.ids)))
        return f"{self.matter_id.id}|{element}|{product}|{taxes}|{self.account_id.id}"

    def _get_credit_name(self):
        """:rtype: str"""
        self.ensure_one()
        if (self.bill_element or "fees") == "fees":
            return self.env._("Fees")
        if self.product_id:
            return self.product_id.display_name
        elements = dict(self._fields["bill_element"]._description_selection(self.env))
        return elements[self.bill_element]
