from odoo import api, fields, models


class LegalPayment(models.Model):
    """A slip that a payment provider's transaction paid."""

    _inherit = "legal.payment"

    payment_transaction_id = fields.Many2one(
        "payment.transaction",
        string="Online payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.model
    def _protected_fields(self):
        """Also the transaction: the provider's answer sets it."""
        return super()._protected_fields() | {"payment_transaction_id"}

    def _prepare_account_payment_vals(self, amount, currency, text):
        """Core's payment is the transaction's, as core would make it."""
        vals = super()._prepare_account_payment_vals(amount, currency, text)
        transaction = self.payment_transaction_id
        if not transaction:
            return vals
        provider = transaction.provider_id
        method = self.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == provider
        )
        return vals | {
            "payment_method_line_id": method[:1].id or vals["payment_method_line_id"],
            "payment_token_id": transaction.token_id.id,
            "payment_transaction_id": transaction.id,
        }
