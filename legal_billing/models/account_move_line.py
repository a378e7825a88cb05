from odoo import fields, models

#: What a bill is made of, in the default order of payment (see engine/elements.py).
BILL_ELEMENTS = [
    ("disbursement_exempt", "Disbursements without tax"),
    ("disbursement_taxable", "Disbursements with tax"),
    ("anticipated_exempt", "Anticipated disbursements without tax"),
    ("anticipated_taxable", "Anticipated disbursements with tax"),
    ("fees", "Fees"),
]


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    matter_id = fields.Many2one(
        "project.project",
        domain=[("is_matter", "=", True)],
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    bill_element = fields.Selection(BILL_ELEMENTS)
    legal_line_kind = fields.Selection(
        [
            ("fee", "Fees"),
            ("disbursement", "Disbursements"),
            ("instalment", "Instalment"),
            ("quote", "Quote"),
            ("adjustment", "Adjustment"),
            ("discount", "Discount"),
        ],
        string="Generated from WIP as",
        copy=False,
        readonly=True,
        help="Set on lines that billing makes from the entries and makes again when "
        "they change. Empty on lines made by hand, which stay.",
    )

    def _prepare_analytic_distribution_line(
        self, distribution, account_ids, distribution_on_each_plan
    ):
        """A cost that is booked on a matter's account becomes a disbursement with its
        billing value: gross for an agent's, net for a principal's (rule C-27)."""
        vals = super()._prepare_analytic_distribution_line(
            distribution, account_ids, distribution_on_each_plan
        )
        if not self.move_id.is_purchase_document(include_receipts=True):
            return vals
        if self.product_id.disbursement_treatment == "agent" and self.price_subtotal:
            vals["agent_amount"] = vals["amount"] * self.price_total / self.price_subtotal
        return vals
