from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import LegalBillingError
from ...tools import open_window


class LegalDisbursementMatch(models.TransientModel):
    """Which anticipated disbursement is which cost of a vendor's bill."""

    _name = "legal.disbursement.match"
    _description = "Match Anticipated Disbursements"

    company_id = fields.Many2one("res.company", required=True)
    row_id = fields.Many2one(
        "legal.billing.run.line", help="The run's row that the window was opened from."
    )
    line_ids = fields.One2many("legal.disbursement.match.line", "match_id")
    match_count = fields.Integer(compute="_compute_match_count")

    @api.depends("line_ids.cost_id", "line_ids.entry_id")
    def _compute_match_count(self):
        for wizard in self:
            wizard.match_count = len(
                wizard.line_ids.filtered(lambda row: row.cost_id and row.entry_id)
            )

    def action_match(self):
        """Match the rows that have both sides; a cost that was proposed and has no
        anticipated disbursement now is charged as another one.

        :rtype: dict
        :raise LegalBillingError: if the same disbursement is chosen twice
        """
        self.ensure_one()
        rows = self.line_ids.filtered(lambda row: row.cost_id and row.entry_id)
        for field in ("cost_id", "entry_id"):
            if len(rows[field]) < len(rows):
                raise LegalBillingError(
                    self.env._(
                        "One disbursement is chosen in two rows. Match it once; the "
                        "rest of a cost is matched afterwards."
                    )
                )
        for row in rows:
            row.entry_id.action_match_cost(row.cost_id)
        left = (self.line_ids - rows).cost_id
        left.filtered("match_proposal_id").action_reject_match()
        if self.row_id.state in ("ready", "excluded"):
            self.row_id._refresh()
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class LegalDisbursementMatchLine(models.TransientModel):
    """One cost, and the anticipated disbursement that it is."""

    _name = "legal.disbursement.match.line"
    _inherit = ["legal.window.guard"]
    _description = "Match Anticipated Disbursements: Row"

    match_id = fields.Many2one(
        "legal.disbursement.match", required=True, ondelete="cascade"
    )
    matter_id = fields.Many2one("project.project", readonly=True)
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    entry_id = fields.Many2one(
        "account.analytic.line",
        string="Anticipated",
        domain="[('matter_id', '=', matter_id), ('is_anticipated', '=', True), "
        "('matched_on', '=', False), ('move_line_id', '=', False), "
        "('written_off_on', '=', False)]",
    )
    cost_id = fields.Many2one(
        "account.analytic.line",
        string="Vendor's charge",
        domain="[('matter_id', '=', matter_id), ('wip_type', '=', 'disbursement'), "
        "('move_line_id', '!=', False), ('bill_id', '=', False), "
        "('written_off_on', '=', False), ('matched_on', '=', False)]",
    )
    vendor_bill_id = fields.Many2one(
        related="cost_id.move_line_id.move_id", string="Vendor bill"
    )
    bill_id = fields.Many2one(related="entry_id.bill_id", string="Billed on")
    estimate = fields.Monetary(related="entry_id.wip_amount", string="Estimate")
    actual = fields.Monetary(related="cost_id.wip_amount", string="Charged")
    difference = fields.Monetary(compute="_compute_difference")

    @api.depends("estimate", "actual", "entry_id", "cost_id")
    def _compute_difference(self):
        for row in self:
            both = row.entry_id and row.cost_id
            row.difference = row.actual - row.estimate if both else 0.0


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def action_open_match(self):
        """Choose which cost belongs to which of these anticipated disbursements, or
        the other way round.

        :return: the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise LegalBillingError: if none of them can be matched
        """
        self._check_role("biller", "manager")
        selection = self.env["legal.bulk.selection"]._select(self)
        entries = selection.filtered_domain(self._get_unmatched_domain())
        costs = selection.filtered_domain(self._get_cost_domain())
        if not (entries or costs):
            raise LegalBillingError(
                self.env._(
                    "Choose anticipated disbursements that wait for their cost, or "
                    "unbilled costs of vendor bills."
                )
            )
        matters = (entries | costs).matter_id
        of_matters = fields.Domain("matter_id", "in", matters.ids)
        all_entries = self.search(self._get_unmatched_domain() & of_matters)
        rows = []
        for cost in costs:
            found = cost.match_proposal_id & all_entries
            found = found or cost._find_match(all_entries)
            all_entries -= found
            rows.append((cost, found))
        left = (entries & all_entries) if costs else entries
        all_costs = self.search(self._get_cost_domain() & of_matters) - costs
        for entry in left:
            proposed = all_costs.filtered(
                lambda cost, entry=entry: cost.match_proposal_id == entry
            )
            found = (
                proposed
                or all_costs.filtered(
                    lambda cost, entry=entry: cost._find_match(entry) == entry
                )
            )[:1]
            all_costs -= found
            rows.append((found, entry))
        wizard = self.env["legal.disbursement.match"].create(
            {
                "company_id": (entries | costs)[:1].company_id.id,
                "row_id": self.env.context.get("legal_billing_run_line_id"),
                "line_ids": [
                    Command.create(
                        {
                            "matter_id": (cost or entry).matter_id.id,
                            "cost_id": cost.id,
                            "entry_id": entry.id,
                        }
                    )
                    for cost, entry in rows
                ],
            }
        )
        return open_window(wizard, self.env._("Match anticipated disbursements"))
