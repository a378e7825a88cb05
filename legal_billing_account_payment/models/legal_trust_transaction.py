from odoo import api, fields, models


class LegalTrustTransaction(models.Model):
    """A deposit that a client paid online."""

    _inherit = "legal.trust.transaction"

    payment_transaction_id = fields.Many2one(
        "payment.transaction",
        string="Online payment",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    _payment_transaction_once = models.UniqueIndex(
        "(payment_transaction_id) WHERE payment_transaction_id IS NOT NULL",
        "This online payment is a deposit already.",
    )

    @api.model
    def _protected_fields(self):
        """Also the transaction: the provider's answer sets it."""
        return super()._protected_fields() | {"payment_transaction_id"}
