from odoo import api, fields, models


class LegalTrustRetain(models.TransientModel):
    """Keeps part of a matter's client money from being used."""

    _name = "legal.trust.retain"
    _inherit = ["legal.window.guard"]
    _description = "Retain Client Money"

    matter_id = fields.Many2one(
        "project.project",
        required=True,
        domain=[("is_matter", "=", True)],
        default=lambda self: self._default_matter_id(),
    )
    currency_id = fields.Many2one(related="matter_id.client_account_currency_id")
    balance = fields.Monetary(related="matter_id.client_account_balance")
    amount = fields.Monetary(
        string="Retain",
        compute="_compute_amount",
        store=True,
        readonly=False,
    )

    def _default_matter_id(self):
        row = self.env["legal.trust.balance"].browse(
            self.env.context.get("active_id")
            if self.env.context.get("active_model") == "legal.trust.balance"
            else []
        )
        return row.matter_id

    @api.depends("matter_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.matter_id.client_account_retained

    def action_retain(self):
        """Set the retained amount.

        :return: closes the window
        :rtype: dict
        """
        self.ensure_one()
        self.matter_id.action_retain_client_money(self.amount)
        return {"type": "ir.actions.act_window_close"}
