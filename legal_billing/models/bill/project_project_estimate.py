from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

#: Sorted after all numbers: an estimate that is being entered.
NEWEST = float("inf")


class ProjectProject(models.Model):
    """What the client was told that the matter would cost, and how far it has come."""

    _inherit = "project.project"

    estimate_ids = fields.One2many(
        "legal.fee.estimate", "matter_id", string="Estimates", copy=False
    )
    estimate_id = fields.Many2one(
        "legal.fee.estimate",
        string="Current estimate",
        compute="_compute_estimate_id",
        help="The newest that the client was told; else the newest.",
    )
    estimate_amount = fields.Monetary(
        string="Estimate",
        compute="_compute_estimate",
        currency_field="billing_currency_id",
    )
    estimate_used_amount = fields.Monetary(
        string="Billed and WIP",
        compute="_compute_estimate",
        currency_field="billing_currency_id",
        help="Net of what bills charge, drafts included and credits taken off, and of "
        "the work that no bill holds.",
    )
    estimate_used_percent = fields.Float(
        string="Estimate used",
        compute="_compute_estimate",
        search="_search_estimate_used_percent",
        digits=(16, 1),
    )
    is_near_estimate = fields.Boolean(compute="_compute_estimate")

    @api.depends("estimate_ids.date", "estimate_ids.sent_on")
    def _compute_estimate_id(self):
        for matter in self:
            estimates = matter.estimate_ids.filtered("date").sorted(
                # one that is being entered has no number yet: it is the newest
                lambda estimate: (estimate.date, estimate._origin.id or NEWEST)
            )
            matter.estimate_id = (
                estimates.filtered(lambda estimate: estimate.sent_on) or estimates
            )[-1:]

    @api.depends(
        "estimate_ids.amount",
        "estimate_ids.date",
        "estimate_ids.sent_on",
        "company_id.legal_estimate_warning",
        "billing_currency_id",
        "bill_ids.state",
        "unbilled_amount",
    )
    def _compute_estimate(self):
        told = self.filtered("estimate_id")
        maker_sudo = self.env["legal.bill.maker"].sudo()  # figures only
        billed = maker_sudo._get_billed_elements(told._origin) if told else {}
        for matter in self:
            amount = matter.estimate_id.amount
            used = 0.0
            if amount:
                used = sum(billed.get(matter._origin.id, {}).values())
                used += matter.unbilled_amount
            matter.estimate_amount = amount
            matter.estimate_used_amount = used
            matter.estimate_used_percent = 100 * used / amount if amount else 0.0
            limit = matter.company_id.sudo().legal_estimate_warning
            matter.is_near_estimate = bool(
                amount and limit and matter.estimate_used_percent >= limit
            )

    @api.model
    def _search_estimate_used_percent(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        told = self.search([("estimate_ids", "!=", False)])
        shares = {matter.id: matter.estimate_used_percent for matter in told}
        return self._get_amount_search_domain(shares, operator, value)

    def _get_estimate_text(self):
        """How far this matter has come of its estimate.

        :rtype: str
        """
        self.ensure_one()
        currency = self.billing_currency_id or self.company_id.currency_id
        return self.env._(
            "%(used)s of the estimate of %(amount)s of %(day)s is billed or recorded "
            "(%(percent)s %%). Tell the client before you bill more.",
            used=currency.format_signed(self.estimate_used_amount),
            amount=currency.format_signed(self.estimate_amount),
            day=format_date(self.env, self.estimate_id.date),
            percent=f"{self.estimate_used_percent:.0f}",
        )

    @api.model
    def _cron_warn_of_estimates(self):
        """Body of the cron: whoever is responsible for a matter hears once of each
        estimate that comes to its end."""
        told = self.search(
            Domain("estimate_ids", "!=", False) & Domain("responsible_id", "!=", False)
        )
        for matter in told.filtered("is_near_estimate"):
            estimate = matter.estimate_id
            if estimate.warned_on:
                continue
            estimate._internal().warned_on = fields.Date.context_today(self)
            matter.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=matter.responsible_id.id,
                summary=self.env._("Estimate nearly used"),
                note=matter._get_estimate_text(),
            )
