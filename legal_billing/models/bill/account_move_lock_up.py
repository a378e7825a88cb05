from odoo import api, fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    """How long work takes to become money."""

    _inherit = "account.move"

    element_bar = fields.Json(
        string="Elements",
        compute="_compute_element_bar",
        help="What of the bill is paid and open, element by element.",
    )
    delivery_icon = fields.Json(string="Delivery", compute="_compute_delivery_icon")

    @api.depends("element_amounts")
    def _compute_element_bar(self):
        for move in self:
            move.element_bar = move.state == "posted" and [
                {
                    "element": row["element"],
                    "label": row["label"],
                    "open": row["gross"],
                    "paid": row["gross"] - row["outstanding"],
                }
                for row in move.element_amounts or []
            ]

    @api.depends("delivered_on", "delivery_method", "delivery_error", "produced_on")
    def _compute_delivery_icon(self):
        """How the client got the bill: ``{icon, tone, title}``."""
        methods = dict(self._fields["delivery_method"]._description_selection(self.env))
        icons = {
            "email": "fa-envelope",
            "post": "fa-paper-plane",
            "hand": "fa-hand-paper-o",
        }
        for move in self:
            icon = False
            if move.delivered_on:
                icon = {
                    "icon": icons.get(move.delivery_method, "fa-check"),
                    "tone": "success",
                    "title": self.env._(
                        "%(how)s, %(day)s",
                        how=methods.get(move.delivery_method, self.env._("Delivered")),
                        day=fields.Date.to_string(move.delivered_on),
                    ),
                }
            elif move.delivery_error:
                icon = {
                    "icon": "fa-exclamation-triangle",
                    "tone": "danger",
                    "title": move.delivery_error,
                }
            elif move.produced_on:
                icon = {
                    "icon": "fa-clock-o",
                    "tone": "warning",
                    "title": self.env._("Produced, not known to be delivered"),
                }
            move.delivery_icon = icon

    @api.model
    def _get_strip_all(self, domain, money):
        """Days of work and of bills outstanding against what was billed in a year."""
        result = super()._get_strip_all(domain, money)
        today = fields.Date.context_today(self)
        billed_domain = (
            domain
            & Domain("state", "=", "posted")
            & Domain("legal_write_off_id", "=", False)
            & Domain("invoice_date", ">", fields.Date.subtract(today, years=1))
        )
        [(total, net)] = self._read_group(
            billed_domain, [], ["amount_total_signed:sum", "amount_untaxed_signed:sum"]
        )
        [(residual,)] = self._read_group(
            domain & Domain("state", "=", "posted"), [], ["amount_residual_signed:sum"]
        )
        entries = self.env["account.analytic.line"]
        [(wip,)] = entries._read_group(
            entries._get_unbilled_domain()
            & Domain("company_id", "in", self.env.companies.ids),
            [],
            ["wip_amount:sum"],
        )
        days_unpaid = round(365 * (residual or 0.0) / total) if total > 0 else 0
        days_wip = round(365 * (wip or 0.0) / net) if net > 0 else 0
        disputed = self.search_count(
            domain
            & Domain("disputed_amount", ">", 0)
            & Domain("amount_residual", ">", 0)
            & Domain("state", "=", "posted")
        )
        return result | {
            "days_unpaid": max(days_unpaid, 0),
            "days_wip": max(days_wip, 0),
            "days_lock_up": max(days_unpaid, 0) + max(days_wip, 0),
            "disputed": disputed,
            "undelivered": self.search_count(
                domain
                & Domain("billing_stage", "=", "finalized")
                & Domain("delivered_on", "=", False)
                & Domain("legal_write_off_id", "=", False)
            ),
        }
