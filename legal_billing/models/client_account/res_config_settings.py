from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The house rules of client money."""

    _inherit = "res.config.settings"

    legal_trust_account_id = fields.Many2one(
        related="company_id.legal_trust_account_id", readonly=False
    )
    legal_trust_dual_approval = fields.Boolean(
        related="company_id.legal_trust_dual_approval", readonly=False
    )
    legal_trust_second_signature = fields.Boolean(
        related="company_id.legal_trust_second_signature", readonly=False
    )
    legal_trust_clearing_days = fields.Integer(
        related="company_id.legal_trust_clearing_days", readonly=False
    )
    legal_retainer_step = fields.Float(
        related="company_id.legal_retainer_step", readonly=False
    )
    legal_trust_demand_authorisation = fields.Boolean(
        related="company_id.legal_trust_demand_authorisation", readonly=False
    )
