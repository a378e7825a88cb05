from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class AccountMove(models.Model):
    """What stands out among the drafts, as filters and remarks."""

    _inherit = "account.move"

    is_below_minimum = fields.Boolean(
        string="Below minimum",
        compute="_compute_is_below_minimum",
        search="_search_is_below_minimum",
        help="The net amount is below the matter's smallest bill.",
    )
    is_period_locked = fields.Boolean(
        string="Period locked",
        compute="_compute_is_period_locked",
        search="_search_is_period_locked",
        help="The bill's date is in a locked period: give it a later one.",
    )

    @api.depends("amount_untaxed", "matter_id.minimum_bill_amount")
    def _compute_is_below_minimum(self):
        for move in self:
            minimum = move.sudo().matter_id.minimum_bill_amount
            move.is_below_minimum = bool(
                move.billing_stage == "draft"
                and move.move_type == "out_invoice"
                and minimum
                and move.currency_id.compare_amounts(move.amount_untaxed, minimum) < 0
            )

    @api.model
    def _search_is_below_minimum(self, operator, value):
        if operator != "in":
            return NotImplemented
        query = self._search(
            self._get_stage_domain("draft") & Domain("move_type", "=", "out_invoice")
        )
        matter = query.join(self._table, "matter_id", "project_project", "id", "matter")
        query.add_where(
            SQL(
                "%s < %s",
                self._field_to_sql(self._table, "amount_untaxed", query),
                self.env["project.project"]._field_to_sql(
                    matter, "minimum_bill_amount", query
                ),
            )
        )
        return Domain("id", "in", query)

    @api.depends("invoice_date", "state", "company_id")
    def _compute_is_period_locked(self):
        locked = self._get_period_locked()
        for move in self:
            move.is_period_locked = move in locked

    def _get_period_locked(self):
        """Drafts whose date is in a locked period; each date is looked up once.

        :rtype: account.move
        """
        locked = {}
        today = fields.Date.context_today(self)
        found = []
        for move in self.filtered(lambda move: move.billing_stage == "draft"):
            day = move.invoice_date or today
            key = move.company_id, move.journal_id, day
            if key not in locked:
                locked[key] = bool(move._get_violated_lock_dates(day, True))
            if locked[key]:
                found.append(move.id)
        return self.browse(found)

    @api.model
    def _search_is_period_locked(self, operator, value):
        if operator != "in":
            return NotImplemented
        drafts = self.search_fetch(
            self._get_stage_domain("draft"),
            ["invoice_date", "state", "company_id", "journal_id", "billing_stage"],
        )
        return Domain("id", "in", drafts._get_period_locked().ids)

    def _get_bill_flags(self):
        flags = super()._get_bill_flags()

        def add(text, tone, title):
            flags.append({"text": text, "tone": tone, "help": title})

        if self.state == "draft":
            if self.review_state == "review":
                days = self.review_days
                add(
                    self.env._("in review"),
                    "warning" if days > 2 else "info",
                    self.env._("With its reviewer for %s days.", days),
                )
            elif self.review_state == "returned":
                add(self.env._("returned"), "danger", self.review_note)
            elif self.review_state == "ready":
                add(
                    self.env._("ready"),
                    "success",
                    self.env._("Its reviewer is done with it."),
                )
            if self.is_changed_since_ready:
                add(
                    self.env._("changed after review"),
                    "warning",
                    self.env._("Edited after its reviewer called it ready."),
                )
            if self.is_below_minimum:
                add(
                    self.env._("below minimum"),
                    "warning",
                    self.env._("The matter's smallest bill is larger."),
                )
            if self.is_period_locked:
                add(
                    self.env._("period locked"),
                    "danger",
                    self.env._("Its date is in a locked period."),
                )
        if self.state == "posted" and self.written_off_amount:
            add(
                self.env._("written off"),
                "secondary",
                self.currency_id.format(self.written_off_amount),
            )
        return flags

    @api.model
    def _get_strip_draft(self, domain, money):
        """How the review of the drafts stands."""
        groups = dict(self._read_group(domain, ["review_state"], ["__count"]))
        mine = self.search_count(domain & self._get_review_domain())
        return super()._get_strip_draft(domain, money) | {
            "in_review": groups.get("review", 0),
            "ready": groups.get("ready", 0),
            "returned": groups.get("returned", 0),
            "mine": mine,
        }
