from odoo import models
from odoo.fields import Domain


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _timesheet_compute_delivered_quantity_domain(self):
        """Time on a matter's bill is not delivered by a sales order."""
        domain = super()._timesheet_compute_delivered_quantity_domain()
        return Domain(domain) & Domain("bill_id", "=", False)
