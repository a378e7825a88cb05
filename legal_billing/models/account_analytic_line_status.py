from odoo import api, fields, models
from odoo.fields import Domain


class AccountAnalyticLine(models.Model):
    """Where an entry stands, and how old it is."""

    _inherit = "account.analytic.line"

    @api.depends("wip_type", "bill_id.state", "is_on_hold", "written_off_on")
    def _compute_wip_status(self):
        for line in self:
            if not line.wip_type:
                line.wip_status = False
            elif line.written_off_on:
                line.wip_status = "written_off"
            elif line.bill_id:
                # sudo: a lawyer sees the status of his entry, not the bill
                draft = line.bill_id.sudo().state == "draft"
                line.wip_status = "draft" if draft else "billed"
            else:
                line.wip_status = "held" if line.is_on_hold else "unbilled"

    @api.model
    def _search_wip_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        unbilled = self._get_unbilled_domain()
        domains = {
            "unbilled": unbilled & Domain("is_on_hold", "=", False),
            "held": unbilled & Domain("is_on_hold", "=", True),
            "draft": Domain("bill_id.state", "=", "draft"),
            "billed": Domain("bill_id", "!=", False)
            & Domain("bill_id.state", "!=", "draft"),
            "written_off": Domain("written_off_on", "!=", False),
        }
        return Domain.OR(domains[status] for status in value if status in domains)

    @api.depends("date")
    def _compute_wip_age(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.wip_age = (today - line.date).days if line.date else 0

    @api.model
    def _search_wip_age(self, operator, value):
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator)
        if not flipped:
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("date", flipped, fields.Date.subtract(today, days=value))
