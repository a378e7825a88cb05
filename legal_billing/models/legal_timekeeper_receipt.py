from odoo import fields, models


class LegalTimekeeperReceipt(models.Model):
    """Fees received, by timekeeper (rule C-26): net of tax, shared by what was billed
    of each, or all to the responsible lawyer. Written by payments, taken back by their
    reversals, never edited."""

    _name = "legal.timekeeper.receipt"
    _description = "Receipts by Timekeeper"
    _order = "date desc, id desc"
    _rec_name = "bill_id"

    payment_id = fields.Many2one(
        "legal.payment", required=True, index=True, ondelete="restrict"
    )
    bill_id = fields.Many2one(
        "account.move", required=True, index=True, ondelete="restrict"
    )
    matter_id = fields.Many2one("project.project", index=True, ondelete="restrict")
    client_id = fields.Many2one(
        related="matter_id.partner_id", store=True, string="Client"
    )
    practice_area_id = fields.Many2one(related="matter_id.practice_area_id", store=True)
    employee_id = fields.Many2one("hr.employee", string="Timekeeper", index=True)
    user_id = fields.Many2one("res.users", string="Lawyer", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    date = fields.Date(required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(string="Received (net)")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    company_amount = fields.Monetary(
        string="Received (net), company currency", currency_field="company_currency_id"
    )
    is_reversal = fields.Boolean()
