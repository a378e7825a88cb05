from odoo import api, fields, models

#: matter option → field of the same meaning on client and company
DEFAULTED_OPTIONS = {
    "bill_report_id": "legal_bill_report_id",
    "bill_payment_term_id": "legal_bill_payment_term_id",
    "billing_currency_id": "legal_billing_currency_id",
    "bill_journal_id": "legal_bill_journal_id",
    "bill_email_template_id": "legal_bill_email_template_id",
    "bill_print_copies": "legal_bill_print_copies",
    "billing_arrangement": "legal_billing_arrangement",
    "quote_scope": "legal_quote_scope",
    "quote_rule": "legal_quote_rule",
    "quote_basis": "legal_quote_basis",
    "minimum_bill_amount": "legal_minimum_bill_amount",
    "discount_type": "legal_discount_type",
    "discount_value": "legal_discount_value",
    "blended_rate": "legal_blended_rate",
    "abatement_percent": "legal_abatement_percent",
    "abatement_from": "legal_abatement_from",
    "adjustment_display": "legal_adjustment_display",
    "bill_line_detail": "legal_bill_line_detail",
    "default_bill_behavior": "legal_default_bill_behavior",
    "exclude_from_mass_billing": "legal_exclude_from_mass_billing",
    "bill_together": "legal_bill_together",
}

#: Every billing option of a matter, in the order of its page.
OPTIONS = (
    "billing_partner_id",
    "bill_report_id",
    "bill_payment_term_id",
    "billing_currency_id",
    "bill_journal_id",
    "fee_product_id",
    "payment_rule_id",
    "billing_arrangement",
    "cap_amount",
    "blended_rate",
    "subscription_amount",
    "subscription_hours",
    "subscription_period",
    "subscription_from",
    "subscription_carry_over",
    "contingency_percent",
    "contingency_basis_amount",
    "quoted_amount",
    "quote_scope",
    "quote_rule",
    "quote_basis",
    "discount_type",
    "discount_value",
    "abatement_percent",
    "abatement_from",
    "minimum_bill_amount",
    "bill_channel_ids",
    "bill_recipient_ids",
    "bill_email_template_id",
    "bill_print_copies",
    "default_bill_behavior",
    "adjustment_display",
    "bill_line_detail",
    "exclude_from_mass_billing",
    "bill_together",
)

#: What an option is when neither client nor company has an opinion.
FALLBACKS = {
    "bill_print_copies": "0",
    "billing_arrangement": "hourly",
    "quote_scope": "fees",
    "quote_rule": "lower",
    "quote_basis": "matter",
    "discount_type": "none",
    "adjustment_display": "hidden",
    "bill_line_detail": "bill",
    "default_bill_behavior": "bill",
}

COPIES = [("0", "Do not print"), ("1", "1 copy"), ("2", "2 copies")]
ARRANGEMENTS = [
    ("hourly", "Time and disbursements"),
    ("fixed", "Fixed fee"),
    ("capped", "Capped fee"),
    ("blended", "Blended rate"),
    ("subscription", "Subscription"),
    ("contingency", "Contingent fee"),
]
SUBSCRIPTION_PERIODS = [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]
QUOTE_SCOPES = [
    ("fees", "Fees"),
    ("disbursements", "Disbursements"),
    ("both", "Fees and disbursements"),
]
QUOTE_RULES = [
    ("wip", "Bill the WIP"),
    ("quote", "Bill the quote"),
    ("lower", "Bill the lower of both"),
    ("higher", "Bill the higher of both"),
]
QUOTE_BASES = [("matter", "The whole matter"), ("bill", "Each bill")]
DISCOUNTS = [
    ("none", "No discount"),
    ("percent", "Percentage of the fees"),
    ("fixed", "Fixed amount off the fees"),
]
DISPLAYS = [
    ("discount", "Show a separate line"),
    ("hidden", "Hide it in the entries"),
]
LINE_DETAILS = [
    ("bill", "One line for the fees"),
    ("timekeeper", "One line per timekeeper and rate"),
]
BEHAVIORS = [
    ("bill", "Bill"),
    ("no_charge", "No charge (shown at 0.00)"),
    ("hide", "Hide (not shown)"),
]


class LegalBillingDefaults(models.AbstractModel):
    """Billing options that a client or a company hands to its new matters.

    An empty field has no opinion: the matter looks at the next one (client, then
    company). Values are copied when the matter is made, never behind its back later.
    """

    _name = "legal.billing.defaults"
    _description = "Defaults of the billing options"

    legal_bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
    )
    legal_bill_payment_term_id = fields.Many2one(
        "account.payment.term", string="Bill payment terms", check_company=True
    )
    legal_billing_currency_id = fields.Many2one(
        "res.currency", string="Billing currency"
    )
    legal_bill_journal_id = fields.Many2one(
        "account.journal",
        string="Bill journal",
        domain=[("type", "=", "sale")],
        check_company=True,
    )
    legal_bill_email_template_id = fields.Many2one(
        "mail.template",
        string="Bill e-mail template",
        domain=[("model", "=", "account.move")],
    )
    legal_bill_channel_ids = fields.Many2many(
        "legal.bill.channel",
        string="Bills go by",
        domain=[("is_available", "=", True)],
        help="E-mail, a network, a letter, print: one or several. Empty: as the "
        "client's sending method in Odoo says, else by e-mail.",
    )
    legal_bill_print_copies = fields.Selection(COPIES, string="Printed copies")
    legal_billing_arrangement = fields.Selection(ARRANGEMENTS, string="Arrangement")
    legal_quote_scope = fields.Selection(QUOTE_SCOPES, string="Quote covers")
    legal_quote_rule = fields.Selection(QUOTE_RULES, string="When a quote is given")
    legal_quote_basis = fields.Selection(QUOTE_BASES, string="Quote holds for")
    legal_minimum_bill_amount = fields.Float(
        string="Minimum bill",
        digits="Product Price",
        help="Smallest net amount of a bill, in the currency of the bill. 0: none.",
    )
    legal_discount_type = fields.Selection(DISCOUNTS, string="Discount")
    legal_discount_value = fields.Float(string="Discount value", digits="Product Price")
    legal_blended_rate = fields.Float(
        string="Blended rate",
        digits="Product Price",
        help="Price of an hour, whoever works, in the currency of the bill. For matters "
        "by a blended rate.",
    )
    legal_abatement_percent = fields.Float(
        string="Abatement (%)",
        help="Percentage off the fees of a matter that are above a threshold. 0: none.",
    )
    legal_abatement_from = fields.Float(
        string="Abatement above",
        digits="Product Price",
        help="Fees over the life of the matter above which the abatement applies, "
        "net, in the currency of the bill.",
    )
    legal_adjustment_display = fields.Selection(
        DISPLAYS, string="Difference to the standard value"
    )
    legal_bill_line_detail = fields.Selection(LINE_DETAILS, string="E-invoice lines")
    legal_default_bill_behavior = fields.Selection(
        BEHAVIORS, string="Charging of new entries"
    )
    legal_exclude_from_mass_billing = fields.Boolean(
        string="Bill by hand only",
        help="New matters stay out of mass billing until someone lets them in.",
    )
    legal_bill_together = fields.Boolean(
        string="Bill together",
        help="In mass billing, new matters of the same payer are on one bill, with a "
        "section for each.",
    )

    @api.model
    def _get_defaulted_options(self):
        """Matter options that have a default here.

        :return: ``{field of the matter: field of client and company}``
        :rtype: dict
        """
        return DEFAULTED_OPTIONS
