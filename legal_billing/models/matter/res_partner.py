from odoo import api, fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "legal.billing.defaults"]

    # A client is shared by companies: what is another company's, its matters leave out.
    legal_bill_payment_term_id = fields.Many2one(check_company=False)
    legal_bill_journal_id = fields.Many2one(check_company=False)
    legal_billing_partner_id = fields.Many2one(
        "res.partner",
        string="Bills are paid by",
        help="Third-party payer of this client's new matters. Empty: the client.",
    )
    legal_bill_recipient_ids = fields.Many2many(
        "res.partner",
        "legal_partner_bill_recipient_rel",
        "client_id",
        "recipient_id",
        string="Bill recipients",
        help="Who gets the bills of this client's new matters by e-mail. Empty: who "
        "is billed.",
        context={"active_test": False},
    )
    legal_client_fee_product_id = fields.Many2one(
        "product.product",
        string="Fee product of the client",
        domain=[("type", "=", "service")],
        help="Account and taxes of the fees of this client's new matters. Empty: the "
        "practice area's, else the company's.",
    )
    matter_ids = fields.One2many(
        "project.project",
        "partner_id",
        domain=[("is_matter", "=", True)],
        context={"active_test": False},
    )
    matter_count = fields.Integer(compute="_compute_matter_count")

    def _compute_matter_count(self):
        counts = dict(
            self.env["project.project"]._read_group(
                [("is_matter", "=", True), ("partner_id", "in", self.ids)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.matter_count = counts.get(partner, 0)

    @api.constrains("legal_client_fee_product_id")
    def _check_fee_product_net_of_tax(self):
        """Rule C-12, where the product is chosen."""
        self.legal_client_fee_product_id.product_tmpl_id._check_net_of_tax()

    def action_open_matters(self):
        """Open the matters of this client.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.matter_action"
        )
        return action | {
            "domain": [("is_matter", "=", True), ("partner_id", "in", self.ids)],
            "context": {
                "default_is_matter": True,
                "default_partner_id": self[:1].id,
            },
        }
