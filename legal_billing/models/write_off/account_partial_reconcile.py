from odoo import models

from ...exceptions import WriteOffError
from ...tools import is_internal


class AccountPartialReconcile(models.Model):
    """What a write-off settled stays settled until the write-off is taken back."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
        """:raise WriteOffError: for what a standing write-off settled"""
        if not is_internal(self.env):
            self._check_write_off()
        return super().unlink()

    def _check_write_off(self):
        moves = (self.debit_move_id | self.credit_move_id).move_id
        rows = moves.legal_write_off_id.filtered(lambda row: row.state == "posted")
        if rows:
            raise WriteOffError(
                self.env._(
                    "The write-off of %(bills)s settled this. Take it back on the bill: "
                    "its record says what was written off and why.",
                    bills=", ".join(rows.bill_id.mapped("display_name")),
                )
            )
