from odoo import fields, models


class ResPartner(models.Model):
    """Time rounding that was agreed with a client (rule C-9)."""

    _inherit = "res.partner"

    legal_time_unit = fields.Integer(
        string="Time unit (minutes)",
        help="Billable time of this client's matters is counted in whole units of this "
        "many minutes. 0: as the company does.",
    )
    legal_time_rounding = fields.Selection(
        [("up", "Up"), ("half", "To the nearest"), ("down", "Down")],
        string="Round time",
        default="up",
    )
    legal_time_minimum_units = fields.Integer(string="Smallest time entry (units)")

    _legal_time_unit_not_negative = models.Constraint(
        "CHECK(COALESCE(legal_time_unit, 0) >= 0 "
        "AND COALESCE(legal_time_minimum_units, 0) >= 0)",
        "A client's time unit and smallest entry cannot be negative.",
    )
