from odoo import models
from odoo.fields import Domain


class ProjectProject(models.Model):
    """Unpaid bills of a matter: written off, told to the client."""

    _inherit = "project.project"

    def _get_balance_bills(self):
        """Open bills of these matters.

        :rtype: account.move
        """
        bills = self.env["account.move"]
        return bills.search(
            bills._get_balance_domain() & Domain("matter_ids", "in", self.ids)
        )

    def action_open_write_off(self):
        """Ask how much of the matter's unpaid bills is written off.

        :return: the window
        :rtype: dict
        """
        self._check_role("approver", "manager")
        return self._get_balance_bills()._open_write_off()

    def action_open_statement(self):
        """The statement of these matters' open bills.

        :return: the window
        :rtype: dict
        """
        bills = self.env["account.move"]
        bills._check_role("biller", "approver", "cashier", "manager")
        return self.env["legal.statement"]._open(
            bills.search(
                bills._get_statement_domain() & Domain("matter_ids", "in", self.ids)
            )
        )
