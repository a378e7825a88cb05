from odoo import fields, models


class LegalTimekeeperReceipt(models.Model):
    """Fees settled, by timekeeper (rule C-26): net of tax, shared by what was billed
    of each, or all to the responsible lawyer. The log follows what settles the bills:
    slips, payments and statement lines of Odoo's own, credit notes, write-offs. What is
    taken back is mirrored; nobody edits it. Per bill it adds up to the net fees that
    are settled."""

    _name = "legal.timekeeper.receipt"
    _inherit = ["legal.matter.mirror"]
    _description = "Receipts by Timekeeper"
    _order = "date desc, id desc"
    _rec_name = "bill_id"

    kind = fields.Selection(
        [
            ("received", "Received"),
            ("credit_note", "Credited"),
            ("write_off", "Written off"),
            ("entry", "Entry by hand"),
        ],
        required=True,
        default="received",
        index=True,
    )
    payment_id = fields.Many2one(
        "legal.payment", index="btree_not_null", ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        index="btree_not_null",
        ondelete="set null",
        help="What settled the bill.",
    )
    source_name = fields.Char(string="By", help="Number of the entry.")
    bill_id = fields.Many2one(
        "account.move", required=True, index=True, ondelete="restrict"
    )
    matter_id = fields.Many2one("project.project", index=True, ondelete="restrict")
    practice_area_id = fields.Many2one(related="matter_id.practice_area_id", store=True)
    employee_id = fields.Many2one("hr.employee", string="Timekeeper", index=True)
    user_id = fields.Many2one("res.users", string="Lawyer", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    date = fields.Date(required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(string="Net")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    company_amount = fields.Monetary(
        string="Net fees, company currency", currency_field="company_currency_id"
    )
    is_reversal = fields.Boolean()
