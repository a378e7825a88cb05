from odoo import fields, models


class LegalMoneyRequestCancel(models.TransientModel):
    """Asks why requests for money are cancelled."""

    _name = "legal.money.request.cancel"
    _inherit = ["legal.window.guard"]
    _description = "Cancel Requests for Money"

    request_ids = fields.Many2many(
        "legal.money.request",
        "legal_money_request_cancel_rel",
        "window_id",
        "request_id",
        string="Requests",
        required=True,
    )
    reason = fields.Char(required=True)

    def action_cancel_requests(self):
        """Cancel the requests.

        :return: closes the window
        :rtype: dict
        """
        self.ensure_one()
        self.request_ids.action_cancel(self.reason or "")
        return {"type": "ir.actions.act_window_close"}
