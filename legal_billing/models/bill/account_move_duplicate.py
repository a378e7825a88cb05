from odoo import models

from ...exceptions import BillStageError


class AccountMove(models.Model):
    """Duplicating a bill."""

    _inherit = "account.move"

    def copy(self, default=None):
        """A copy of a bill made from entries would charge the same work again, without
        an entry behind it. Bills made by hand can be copied; reversals are copies that
        core makes itself.

        :raise BillStageError: naming the bills and the way out
        """
        if "move_reverse_cancel" not in self.env.context:
            made = self._get_bills().filtered(
                lambda bill: (
                    bill.wip_line_ids
                    or bill.entries_snapshot
                    or bill.invoice_line_ids.filtered("legal_line_kind")
                )
            )
            if made:
                raise BillStageError(
                    self.env._(
                        "%(bills)s is made from entries: a copy would charge the same "
                        "work twice. Use Credit and rebill to bill it anew, or Bill on "
                        "the matter for work that is not billed yet.",
                        bills=", ".join(bill._get_short_name() for bill in made),
                    )
                )
        return super().copy(default)
