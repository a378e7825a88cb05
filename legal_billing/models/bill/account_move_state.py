from odoo import models

from ...exceptions import ProtectedFieldError
from ...tools import STATE_CHANGE

#: Written by posting, resetting and cancelling, and by nothing else.
STATE_FIELDS = {"state", "posted_before"}


class AccountMove(models.Model):
    """The state and the number of a bill change on its ways only: core would let any
    accountant write them over RPC, past every guard of posting and resetting."""

    _inherit = "account.move"

    def write(self, vals):
        self._check_state_not_forged(vals)
        return super().write(vals)

    def _check_state_not_forged(self, vals):
        """
        :raise ProtectedFieldError: naming bills and entries of payments
        """
        names = vals.keys() & (STATE_FIELDS | {"name", "legal_payment_id"})
        if not names or self.env.su:
            return
        if self.env.context.get("legal_billing_state_change") is STATE_CHANGE:
            return
        forged = self.filtered(
            lambda move: any(
                move._fields[name].convert_to_write(move[name], move) != vals[name]
                and (name != "name" or move.posted_before)
                for name in names
            )
        )
        guarded = forged._get_bills() | forged.filtered("legal_payment_id")
        if guarded:
            raise ProtectedFieldError(
                self.env._(
                    "%(moves)s: state and number are not written directly. Use Approve, "
                    "Revert, Delete, or Reverse on the payment.",
                    moves=", ".join(guarded.mapped("display_name")),
                )
            )

    def _changing_state(self):
        """These moves, on one of the ways that may write the state."""
        return self.with_context(legal_billing_state_change=STATE_CHANGE)

    def _post(self, soft=True):
        posted = super(AccountMove, self._changing_state())._post(soft)
        return posted.with_env(self.env)

    def button_draft(self):
        return super(AccountMove, self._changing_state()).button_draft()

    def button_cancel(self):
        return super(AccountMove, self._changing_state()).button_cancel()
