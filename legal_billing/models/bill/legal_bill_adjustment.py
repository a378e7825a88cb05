from odoo import models

from ...exceptions import ProtectedFieldError
from .account_move_stage import HAND_STEPS


class LegalBillAdjustment(models.Model):
    """Why a person changed an amount of a draft."""

    _inherit = "legal.bill.adjustment"

    def write(self, vals):
        """The reason of a change by hand is typed by those who may edit the draft, as
        long as it is one.

        :raise RoleError: for users who neither bill nor review the matter
        :raise BillStageError: once the bill is approved
        :raise ProtectedFieldError: for a step that pricing wrote, and for all else
        """
        if vals.keys() != {"typed_reason"} or self._is_internal():
            return super().write(vals)
        self.bill_id._check_can_edit_draft()
        computed = self.filtered(lambda row: row.step not in HAND_STEPS)
        if computed:
            raise ProtectedFieldError(
                self.env._(
                    "%(steps)s: this follows from the options of the matter, and needs no "
                    "reason of its own.",
                    steps=", ".join(filter(None, computed.mapped("reason"))),
                )
            )
        reason = (vals["typed_reason"] or "").strip()
        return super(LegalBillAdjustment, self._internal()).write(
            {"typed_reason": reason}
        )
