from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Last day of each group of ages but the last.
AGE_LIMITS = (30, 60, 90)
#: What status and age are worked out from.
STATUS_COLUMNS = ("wip_type", "written_off_on", "bill_id", "is_on_hold", "date")


class AccountAnalyticLine(models.Model):
    """Where an entry stands, and how old it is."""

    _inherit = "account.analytic.line"

    wip_age_group = fields.Selection(
        [
            ("1", "0-30 days"),
            ("2", "31-60 days"),
            ("3", "61-90 days"),
            ("4", "Over 90 days"),
        ],
        string="Age",
        compute="_compute_wip_age",
        search="_search_wip_age_group",
    )

    wip_status = fields.Selection(
        [
            ("unbilled", "Unbilled"),
            ("held", "On hold"),
            ("draft", "On a draft"),
            ("billed", "Billed"),
            ("written_off", "Written off"),
        ],
        compute="_compute_wip_status",
        search="_search_wip_status",
        string="WIP status",
    )
    wip_age = fields.Integer(
        string="Age (days)", compute="_compute_wip_age", search="_search_wip_age"
    )

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
            line.wip_age = max(0, (today - line.date).days) if line.date else 0
            line.wip_age_group = str(
                1 + sum(line.wip_age > limit for limit in AGE_LIMITS)
            )

    @api.model
    def _search_wip_age(self, operator, value):
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator)
        if not flipped:
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("date", flipped, fields.Date.subtract(today, days=value))

    @api.model
    def _search_wip_age_group(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = []
        for group in value:
            index = int(group or 0) - 1
            older = AGE_LIMITS[index - 1] if index > 0 else None
            domain = Domain.TRUE
            if older is not None:
                domain &= Domain("wip_age", ">", older)
            if index < len(AGE_LIMITS):
                domain &= Domain("wip_age", "<=", AGE_LIMITS[index])
            domains.append(domain)
        return Domain.OR(domains)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Status and age follow from other columns; so lists can be grouped by them."""
        column = {name: SQL.identifier(alias, name) for name in STATUS_COLUMNS}
        if field_expr == "wip_status":
            return SQL(
                """CASE WHEN %(wip_type)s IS NULL THEN NULL
                        WHEN %(written_off_on)s IS NOT NULL THEN 'written_off'
                        WHEN %(bill_id)s IS NULL AND %(is_on_hold)s THEN 'held'
                        WHEN %(bill_id)s IS NULL THEN 'unbilled'
                        WHEN (SELECT bill.state FROM account_move bill
                               WHERE bill.id = %(bill_id)s) = 'draft' THEN 'draft'
                        ELSE 'billed' END""",
                **column,
            )
        if field_expr == "wip_age_group":
            today = fields.Date.context_today(self)
            return SQL(
                """CASE WHEN %(today)s - %(date)s > 90 THEN '4'
                        WHEN %(today)s - %(date)s > 60 THEN '3'
                        WHEN %(today)s - %(date)s > 30 THEN '2'
                        ELSE '1' END""",
                today=SQL("%s::date", today),
                date=column["date"],
            )
        return super()._field_to_sql(alias, field_expr, query)
