from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import BillingRunError


class AccountAnalyticLine(models.Model):
    """Entries of a pre-bill: the buttons that a row's list of entries has."""

    _inherit = "account.analytic.line"

    is_unticked = fields.Boolean(
        string="Not this time",
        compute="_compute_is_unticked",
        help="Unticked in the pre-bill that is open: it stays work in progress.",
    )

    prebill_amount = fields.Monetary(
        string="On the bill",
        compute="_compute_prebill_amount",
        currency_field="wip_currency_id",
        help="What the bill of the pre-bill that is open takes of the entry, before quote "
        "and discount: nothing of what is held, unticked, later or not charged.",
    )

    @api.depends_context("legal_billing_run_line_id")
    def _compute_is_unticked(self):
        row = self.env["legal.billing.run.line"].browse(
            self.env.context.get("legal_billing_run_line_id")
        )
        unticked = row.unticked_ids
        for entry in self:
            entry.is_unticked = entry in unticked

    @api.depends("wip_amount", "bill_behavior", "is_on_hold", "date", "is_unticked")
    @api.depends_context("legal_billing_run_line_id")
    def _compute_prebill_amount(self):
        row = self.env["legal.billing.run.line"].browse(
            self.env.context.get("legal_billing_run_line_id")
        )
        cutoff = row.cutoff_date
        for entry in self:
            is_charged = entry.bill_behavior == "bill" and not (
                entry.is_on_hold
                or entry.is_unticked
                or (cutoff and entry.date > cutoff)
            )
            entry.prebill_amount = entry.wip_amount if is_charged else 0.0

    def _was_looked_at(self, matters):
        """A run showed these entries to whoever decided what is billed: its rows show
        all that is unbilled, held and later entries included."""
        found = super()._was_looked_at(matters)
        if not self.ids:
            return found
        self.env["legal.billing.run.line"].flush_model(["matter_id", "shown_on"])
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT entry.id
                     FROM unnest(%s, %s) AS asked(entry_id, matter_id)
                     JOIN account_analytic_line entry ON entry.id = asked.entry_id
                     JOIN legal_billing_run_line row ON row.matter_id = asked.matter_id
                    WHERE row.shown_on >= entry.create_date""",
                self.ids,
                [matters[entry_id].id or 0 for entry_id in self.ids],
            )
        )
        return found | self.browse(entry_id for (entry_id,) in rows)

    def action_prebill(self):
        """Do to the entry what the pre-bill's button says, then look at its row again.

        The context says what: ``legal_billing_entry_action`` and
        ``legal_billing_run_line_id``.

        :return: True
        """
        row = self.env["legal.billing.run.line"].browse(
            self.env.context.get("legal_billing_run_line_id")
        )
        action = self.env.context["legal_billing_entry_action"]
        if action == "tick":
            if not row.exists():
                raise BillingRunError(
                    self.env._(
                        "That list is not shown any more. Open Mass Billing again."
                    )
                )
            return row.action_toggle_entry(self)
        actions = {
            "hold": self.action_hold,
            "release": self.action_release,
            "no_charge": self.action_no_charge,
            "charge": self.action_bill_normally,
        }
        actions[action]()
        if row.state in ("ready", "excluded"):
            row._refresh()
        return True
