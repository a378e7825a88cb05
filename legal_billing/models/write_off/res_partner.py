from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """Unpaid bills of a client: written off, told to the client."""

    _inherit = "res.partner"

    def _get_balance_bills(self):
        """Open bills of these clients' matters, and those that they pay.

        :rtype: account.move
        """
        bills = self.env["account.move"]
        return bills.search(
            bills._get_balance_domain() & self._get_client_bill_domain()
        )

    def _get_client_bill_domain(self):
        """Bills of these clients' matters, and those that they pay for others.

        :rtype: odoo.fields.Domain
        """
        families = self.commercial_partner_id.ids
        return Domain("client_id.commercial_partner_id", "in", families) | Domain(
            "commercial_partner_id", "in", families
        )

    def action_open_write_off(self):
        """Ask how much of the client's unpaid bills is written off.

        :return: the window
        :rtype: dict
        """
        self.env["legal.billing.guard"]._check_role("approver", "manager")
        return self._get_balance_bills()._open_write_off()

    def action_open_statement(self):
        """The statements of what these clients owe: of the bills that they pay.

        :return: the window
        :rtype: dict
        """
        bills = self.env["account.move"]
        bills._check_role("biller", "approver", "cashier", "manager")
        return self.env["legal.statement"]._open(
            bills.search(
                bills._get_statement_domain()
                & Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
            )
        )
