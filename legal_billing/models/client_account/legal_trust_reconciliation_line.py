from odoo import fields, models


class LegalTrustReconciliationLine(models.Model):
    """What a matter held when the client account was reconciled."""

    _name = "legal.trust.reconciliation.line"
    _description = "Balance on a Reconciliation"
    _order = "reconciliation_id, matter_id"
    _rec_name = "matter_id"

    reconciliation_id = fields.Many2one(
        "legal.trust.reconciliation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="reconciliation_id.company_id", store=True)
    matter_id = fields.Many2one(
        "project.project", required=True, readonly=True, ondelete="restrict"
    )
    client_id = fields.Many2one(related="matter_id.partner_id", string="Client")
    currency_id = fields.Many2one(related="reconciliation_id.currency_id")
    amount = fields.Monetary(readonly=True, string="Balance")
