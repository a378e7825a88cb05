from odoo import fields, models


class LegalTrustReverse(models.TransientModel):
    """Asks why a movement of client money is reversed."""

    _name = "legal.trust.reverse"
    _inherit = ["legal.window.guard"]
    _description = "Reverse Client Money"

    movement_ids = fields.Many2many(
        "legal.trust.transaction",
        string="Movements",
        required=True,
        default=lambda self: self._default_movement_ids(),
    )
    reason = fields.Char(required=True)
    date = fields.Date(help="Empty: the day of the movement, or today where locked.")

    def _default_movement_ids(self):
        return self.env.context.get("active_ids", [])

    def action_reverse(self):
        """Reverse the movements.

        :return: closes the window
        :rtype: dict
        """
        self.ensure_one()
        self.movement_ids.action_reverse(self.reason, self.date)
        return {"type": "ir.actions.act_window_close"}
