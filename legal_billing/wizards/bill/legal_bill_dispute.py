from odoo import api, fields, models


class LegalBillDispute(models.TransientModel):
    """Asks what of a bill the client disputes, and why."""

    _name = "legal.bill.dispute"
    _inherit = ["legal.window.guard"]
    _description = "Dispute of a Bill"

    bill_id = fields.Many2one("account.move", required=True, readonly=True)
    currency_id = fields.Many2one(related="bill_id.currency_id")
    amount_residual = fields.Monetary(
        related="bill_id.amount_residual", string="Balance"
    )
    extent = fields.Selection(
        [("all", "The whole balance"), ("part", "A part of it")],
        default="all",
        required=True,
        string="Disputed",
    )
    amount = fields.Monetary()
    payable_amount = fields.Monetary(
        compute="_compute_payable_amount", string="Still payable"
    )
    reason = fields.Char()
    date = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self)
    )

    @api.depends("amount", "extent", "bill_id")
    def _compute_payable_amount(self):
        for window in self:
            window.payable_amount = window.amount_residual - window._get_amount()

    def _get_amount(self):
        return self.amount_residual if self.extent == "all" else self.amount

    def action_dispute(self):
        """Note the dispute.

        :rtype: dict
        """
        self.ensure_one()
        self.bill_id._dispute(self._get_amount(), self.reason, self.date)
        return {"type": "ir.actions.act_window_close"}
