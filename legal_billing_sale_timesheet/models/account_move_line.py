from odoo import api, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _timesheet_domain_get_invoiced_lines(self, sale_line_delivery):
        """Time on a matter's bill is never invoiced by a sales order."""
        domain = super()._timesheet_domain_get_invoiced_lines(sale_line_delivery)
        return Domain(domain) & Domain("bill_id", "=", False)
