from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """House rules of requests for money."""

    _inherit = "res.config.settings"

    legal_request_days = fields.Integer(
        related="company_id.legal_request_days", readonly=False
    )
