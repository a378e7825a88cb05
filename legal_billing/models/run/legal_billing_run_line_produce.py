from odoo import fields, models


class LegalBillingRunLine(models.Model):
    _inherit = "legal.billing.run.line"

    print_file_id = fields.Many2one(
        "ir.attachment",
        string="Print file",
        readonly=True,
        copy=False,
        help="The merged file that this bill is printed with.",
    )
