from odoo import api, fields, models

from .triggers import BILL_TRIGGERS, PART_FUNCTION


class LegalTrustBill(models.Model):
    """A bill that client money paid, and how much: the transfer journal's reference."""

    _name = "legal.trust.bill"
    _inherit = ["legal.trust.guarded"]
    _description = "Bill Paid from Client Money"
    _order = "transaction_id, id"
    _rec_name = "bill_id"

    transaction_id = fields.Many2one(
        "legal.trust.transaction",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    bill_id = fields.Many2one(
        "account.move", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="transaction_id.currency_id")
    company_id = fields.Many2one(
        related="transaction_id.company_id", store=True, precompute=True
    )
    amount = fields.Monetary(readonly=True)
    delivered_on = fields.Datetime(related="bill_id.delivered_on")
    delivered_day = fields.Date(related="bill_id.delivered_day")
    state = fields.Selection(related="transaction_id.state")

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "A transfer pays a bill with a positive amount."
    )
    _bill_once = models.Constraint(
        "UNIQUE(transaction_id, bill_id)", "A transfer names each bill once."
    )

    def init(self):
        """Only delivered bills of the one matter, or its part of bills over several, in
        the database too."""
        result = super().init()
        self.env.cr.execute(PART_FUNCTION)
        self.env.cr.execute(BILL_TRIGGERS)
        return result

    @api.model
    def _get_refusal(self):
        return self.env._(
            "Which bills client money paid is set by the payment from the client "
            "account, and undone by reversing it."
        )
