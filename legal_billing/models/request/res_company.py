from odoo import fields, models


class ResCompany(models.Model):
    """House rules of requests for money."""

    _inherit = "res.company"

    legal_request_days = fields.Integer(
        string="Days to pay requests for money",
        default=14,
        help="A request is due this many days after its date, unless it says otherwise.",
    )

    _legal_request_days_not_negative = models.Constraint(
        "CHECK(COALESCE(legal_request_days, 0) >= 0)",
        "A request is due on its day or later.",
    )
