from odoo import api, fields, models

from ...exceptions import MatterOptionError


class LegalMatterClient(models.TransientModel):
    """A matter gets another client: from which day, and what of the WIP goes along."""

    _name = "legal.matter.client"
    _inherit = ["legal.window.guard"]
    _description = "Change the Client of a Matter"

    matter_id = fields.Many2one("project.project", required=True, readonly=True)
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    old_client_id = fields.Many2one(
        related="matter_id.partner_id", string="Client until now"
    )
    partner_id = fields.Many2one("res.partner", string="New client")
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    wip_choice = fields.Selection(
        [
            ("move", "goes to the new client, whenever it was recorded"),
            (
                "split",
                "of work before that day stays with the old client, in a matter of "
                "its own",
            ),
        ],
        string="Unbilled WIP",
        required=True,
        default="move",
    )
    take_over = fields.Boolean(
        string="Take over the new client's billing settings",
        help="Otherwise only payer and recipients follow, where they were the old "
        "client.",
    )
    staying_count = fields.Integer(compute="_compute_entries")
    staying_amount = fields.Monetary(
        compute="_compute_entries", string="Staying amount"
    )
    moving_count = fields.Integer(compute="_compute_entries")
    moving_amount = fields.Monetary(compute="_compute_entries", string="Moving amount")
    open_bill_count = fields.Integer(related="matter_id.open_bill_count")
    obstacle = fields.Char(compute="_compute_obstacle")

    @api.depends("matter_id", "date_from", "wip_choice")
    def _compute_entries(self):
        for wizard in self:
            staying = wizard._get_staying_entries()
            moving = wizard._get_unbilled_entries() - staying
            wizard.staying_count = len(staying)
            wizard.staying_amount = sum(staying.mapped("wip_amount"))
            wizard.moving_count = len(moving)
            wizard.moving_amount = sum(moving.mapped("wip_amount"))

    @api.depends("matter_id")
    def _compute_obstacle(self):
        for wizard in self:
            wizard.obstacle = False
            try:
                wizard.matter_id._check_client_change()
            except MatterOptionError as error:
                wizard.obstacle = str(error)

    def action_change(self):
        """Change the client; bills and billed entries keep the old one.

        :return: close the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise MatterOptionError: while the matter holds client money, credits or a
            draft
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("biller", "manager")
        matter, old = self.matter_id, self.old_client_id
        if not self.partner_id or self.partner_id == old:
            raise MatterOptionError(
                self.env._(
                    "Choose the new client of %(matter)s.", matter=matter.display_name
                )
            )
        matter._check_client_change()
        staying = self._get_staying_entries()
        rest = matter._split_for_client(staying, self.date_from) if staying else None
        matter.partner_id = self.partner_id
        if self.take_over:
            matter.action_take_over_client_options()
        matter._log_client_change(old, self.date_from, staying, rest)
        return {"type": "ir.actions.act_window_close"}

    # --- helpers

    def _get_unbilled_entries(self):
        """
        :rtype: account.analytic.line
        """
        self.ensure_one()
        entries = self.env["account.analytic.line"]
        return entries.search(
            entries._get_unbilled_domain()
            & fields.Domain("matter_id", "=", self.matter_id.id)
        )

    def _get_staying_entries(self):
        """Unbilled entries that stay with the old client.

        :rtype: account.analytic.line
        """
        self.ensure_one()
        if self.wip_choice != "split" or not self.date_from:
            return self.env["account.analytic.line"]
        return self._get_unbilled_entries().filtered(
            lambda entry: entry.date < self.date_from
        )
