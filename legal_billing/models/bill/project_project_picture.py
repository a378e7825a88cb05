from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount


class ProjectProject(models.Model):
    """Pictures of a matter: how far its quote is used up, and whose hours it holds."""

    _inherit = "project.project"

    has_history = fields.Boolean(
        compute="_compute_has_history",
        help="Entries or bills are there: a new client is asked from which day.",
    )
    quote_bar = fields.Json(compute="_compute_quote_bar")
    timekeeper_hours = fields.Json(compute="_compute_timekeeper_hours")

    @api.depends("bill_count", "unbilled_count", "partner_id")
    def _compute_has_history(self):
        for matter in self:
            matter.has_history = bool(
                matter.partner_id and (matter.bill_count or matter.unbilled_count)
            )

    @api.depends("quoted_amount", "quote_scope", "quote_basis", "unbilled_amount")
    def _compute_quote_bar(self):
        """Billed, unbilled and left of the quote, as shares and in words."""
        inside = self._get_wip_inside_quote()
        for matter in self:
            if not matter.quoted_amount:
                matter.quote_bar = False
                continue
            per_bill = matter.quote_basis == "bill"
            matter.quote_bar = matter._prepare_quote_bar(
                0.0 if per_bill else matter.quote_billed_amount,
                inside.get(matter.id, 0.0),
                per_bill,
            )

    def _prepare_quote_bar(self, billed, wip, per_bill):
        """
        :param float billed: what bills took of the quote
        :param float wip: unbilled entries that the quote covers, at value
        :param bool per_bill: the quote holds for each bill
        :rtype: dict
        """
        self.ensure_one()
        quote = self.quoted_amount
        currency = self.billing_currency_id or self.company_id.currency_id
        left = quote - billed - wip
        whole = max(quote, billed + wip)

        def money(amount):
            return format_amount(self.env, amount, currency)

        return {
            "per_bill": per_bill,
            "billed": 100 * max(billed, 0.0) / whole,
            "wip": 100 * max(wip, 0.0) / whole,
            "limit": 100 * quote / whole,
            "percent": round(100 * (billed + wip) / quote),
            "over": currency.compare_amounts(left, 0.0) < 0,
            "quote_text": money(quote),
            "billed_text": money(billed),
            "wip_text": money(wip),
            "left_text": money(abs(left)),
        }

    def _get_wip_inside_quote(self):
        """Unbilled entries that are charged and that the quote covers, at value.

        :return: ``{matter id: amount}``
        :rtype: dict
        """
        quoted = self.filtered("quoted_amount")
        if not quoted:
            return {}
        entries = self.env["account.analytic.line"]
        kinds = {
            "fees": ("time",),
            "disbursements": ("disbursement",),
            "both": ("time", "disbursement"),
        }
        totals = {}
        for matter, kind, amount in entries._read_group(
            entries._get_unbilled_domain()
            & Domain("matter_id", "in", quoted.ids)
            & Domain("bill_behavior", "=", "bill"),
            ["matter_id", "wip_type"],
            ["wip_amount:sum"],
        ):
            if kind in kinds[matter.quote_scope or "fees"]:
                totals[matter.id] = totals.get(matter.id, 0.0) + amount
        return totals

    @api.depends("wip_entry_ids.wip_amount", "wip_entry_ids.bill_id")
    def _compute_timekeeper_hours(self):
        """Hours on the matter by timekeeper, billed and unbilled, the most first."""
        entries = self.env["account.analytic.line"]
        rows = {}
        for matter, employee, bill, hours, standard, billed in entries._read_group(
            Domain("matter_id", "in", self.ids)
            & Domain("wip_type", "=", "time")
            & Domain("written_off_on", "=", False),
            ["matter_id", "employee_id", "bill_id"],
            ["bill_quantity:sum", "wip_amount:sum", "billed_amount:sum"],
        ):
            # sudo: who worked on the matter is no secret of those who see it
            row = rows.setdefault(matter.id, {}).setdefault(
                employee.id,
                {
                    "name": employee.sudo().name or "",
                    "billed": 0.0,
                    "open": 0.0,
                    "standard": 0.0,
                    "charged": 0.0,
                },
            )
            row["billed" if bill else "open"] += hours
            if bill:
                row["standard"] += standard
                row["charged"] += billed
        for matter in self:
            found = sorted(
                rows.get(matter.id, {}).values(),
                key=lambda row: -(row["billed"] + row["open"]),
            )
            most = max((row["billed"] + row["open"] for row in found), default=0.0)
            currency = matter.billing_currency_id or matter.company_id.currency_id
            matter.timekeeper_hours = [
                {
                    **row,
                    "share_billed": 100 * row["billed"] / most if most else 0,
                    "share_open": 100 * row["open"] / most if most else 0,
                    "standard_text": format_amount(self.env, row["standard"], currency),
                    "charged_text": format_amount(self.env, row["charged"], currency),
                }
                for row in found[:8]
            ] or False
