from odoo import api, models

from odoo.addons.legal_billing.exceptions import EntryLockedError


class AccountAnalyticLine(models.Model):
    """Time that a sales order bills is no work in progress of its matter."""

    _inherit = "account.analytic.line"

    @api.depends("so_line", "timesheet_invoice_id")
    def _compute_wip_type(self):
        """Time that a sales order bills is no WIP; what a bill holds stays WIP."""
        return super()._compute_wip_type()

    def _get_wip_kind(self):
        if self._is_sold() and not self.bill_id:
            return False
        return super()._get_wip_kind()

    def _may_leave_wip(self):
        """Who sells puts time on a sales order."""
        return super()._may_leave_wip() or self.env.user.has_group(
            "sales_team.group_sale_salesman"
        )

    def _is_sold(self):
        """Whether a sales order bills this entry, or has.

        :rtype: bool
        """
        self.ensure_one()
        return bool(self.so_line or self.timesheet_invoice_id)

    def _compute_so_line(self):
        """An entry on a matter's bill gets no sales order item any more."""
        unbilled = self.filtered(lambda line: not line.bill_id)
        return super(AccountAnalyticLine, unbilled)._compute_so_line()

    def write(self, vals):
        """An entry on a bill is not tied to a sales order as well, by billing's own
        code neither.

        :raise EntryLockedError: naming entries and bills
        """
        if vals.get("so_line") or vals.get("timesheet_invoice_id"):
            billed = self.filtered("bill_id")
            if billed:
                raise EntryLockedError(
                    self.env._(
                        "%(entries)s: on a bill of the matter; a sales order cannot "
                        "bill it as well. Take it off the draft first.",
                        entries=billed._describe_with_bill(),
                    )
                )
        return super().write(vals)
