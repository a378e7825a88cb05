from odoo import models
from odoo.tools import SQL


class AccountAnalyticLine(models.Model):
    """Entries of a bill: the buttons that a draft's list of entries has."""

    _inherit = "account.analytic.line"

    def action_remove_from_bill(self):
        """Take the entry off its draft; it is unbilled again.

        :return: True
        """
        for bill, entries in self.grouped("bill_id").items():
            if bill:
                bill.action_remove_entries(entries)
        return True

    def action_hold_on_bill(self):
        """Take the entry off its draft and keep it out of bills until released.

        :return: True
        :raise RoleError: for users who neither bill nor review the draft
        """
        self._get_wip_selection("hold").write({"is_on_hold": True})
        return True

    def _was_looked_at(self, matters):
        """Somebody left these entries out of a draft."""
        found = super()._was_looked_at(matters)
        if not self.ids:
            return found
        self.env["account.move"].flush_model(["left_out_ids"])
        rows = self.env.execute_query(
            SQL(
                "SELECT entry_id FROM legal_bill_left_out_rel WHERE entry_id IN %s",
                tuple(self.ids),
            )
        )
        return found | self.browse(entry_id for (entry_id,) in rows)

    def action_open_bill(self):
        """Open the bill of the entry.

        :rtype: dict
        """
        self.ensure_one()
        return self.bill_id.get_formview_action()
