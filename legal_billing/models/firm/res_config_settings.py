from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    legal_fee_product_id = fields.Many2one(
        related="company_id.legal_fee_product_id", readonly=False
    )
    legal_disbursement_product_id = fields.Many2one(
        related="company_id.legal_disbursement_product_id", readonly=False
    )
    legal_discount_product_id = fields.Many2one(
        related="company_id.legal_discount_product_id", readonly=False
    )
    legal_on_account_account_id = fields.Many2one(
        related="company_id.legal_on_account_account_id", readonly=False
    )
    legal_on_account_product_id = fields.Many2one(
        related="company_id.legal_on_account_product_id", readonly=False
    )
    legal_deduct_on_account = fields.Selection(
        related="company_id.legal_deduct_on_account", readonly=False
    )
    legal_bill_choice = fields.Selection(
        related="company_id.legal_bill_choice", readonly=False
    )
    legal_time_unit = fields.Integer(
        related="company_id.legal_time_unit", readonly=False
    )
    legal_time_rounding = fields.Selection(
        related="company_id.legal_time_rounding", readonly=False
    )
    legal_time_minimum_units = fields.Integer(
        related="company_id.legal_time_minimum_units", readonly=False
    )
    legal_estimate_warning = fields.Integer(
        related="company_id.legal_estimate_warning", readonly=False
    )
    legal_small_run = fields.Integer(
        related="company_id.legal_small_run", readonly=False
    )
    legal_hold_changed_rows = fields.Boolean(
        related="company_id.legal_hold_changed_rows", readonly=False
    )
    legal_forbid_revert_delivered = fields.Boolean(
        related="company_id.legal_forbid_revert_delivered", readonly=False
    )
    legal_bill_report_id = fields.Many2one(
        related="company_id.legal_bill_report_id", readonly=False
    )
    legal_bill_payment_term_id = fields.Many2one(
        related="company_id.legal_bill_payment_term_id", readonly=False
    )
    legal_bill_journal_id = fields.Many2one(
        related="company_id.legal_bill_journal_id", readonly=False
    )
    legal_bill_email_template_id = fields.Many2one(
        related="company_id.legal_bill_email_template_id", readonly=False
    )
    legal_bill_channel_ids = fields.Many2many(
        related="company_id.legal_bill_channel_ids", readonly=False
    )
    legal_bill_print_copies = fields.Selection(
        related="company_id.legal_bill_print_copies", readonly=False
    )
    legal_time_zone = fields.Selection(
        related="company_id.partner_id.tz",
        string="Time zone of the firm",
        readonly=False,
        help="Where the firm is: an e-mail counts as delivered on the day it is there "
        "when the mail server accepts it.",
    )
    legal_agent_tax_id = fields.Many2one(
        related="company_id.legal_agent_tax_id", readonly=False
    )
    legal_fees_exempt = fields.Boolean(
        related="company_id.legal_fees_exempt", readonly=False
    )
    legal_bill_notice = fields.Text(
        related="company_id.legal_bill_notice", readonly=False
    )
    legal_print_duplex = fields.Boolean(
        related="company_id.legal_print_duplex", readonly=False
    )
    legal_quote_rule = fields.Selection(
        related="company_id.legal_quote_rule", readonly=False
    )
    legal_minimum_bill_amount = fields.Float(
        related="company_id.legal_minimum_bill_amount", readonly=False
    )
    legal_bill_line_detail = fields.Selection(
        related="company_id.legal_bill_line_detail", readonly=False
    )
    legal_adjustment_display = fields.Selection(
        related="company_id.legal_adjustment_display", readonly=False
    )
    legal_billing_currency_id = fields.Many2one(
        related="company_id.legal_billing_currency_id", readonly=False
    )
    legal_billing_arrangement = fields.Selection(
        related="company_id.legal_billing_arrangement", readonly=False
    )
    legal_quote_scope = fields.Selection(
        related="company_id.legal_quote_scope", readonly=False
    )
    legal_quote_basis = fields.Selection(
        related="company_id.legal_quote_basis", readonly=False
    )
    legal_blended_rate = fields.Float(
        related="company_id.legal_blended_rate", readonly=False
    )
    legal_abatement_percent = fields.Float(
        related="company_id.legal_abatement_percent", readonly=False
    )
    legal_abatement_from = fields.Float(
        related="company_id.legal_abatement_from", readonly=False
    )
    legal_discount_type = fields.Selection(
        related="company_id.legal_discount_type", readonly=False
    )
    legal_discount_value = fields.Float(
        related="company_id.legal_discount_value", readonly=False
    )
    legal_default_bill_behavior = fields.Selection(
        related="company_id.legal_default_bill_behavior", readonly=False
    )
    legal_exclude_from_mass_billing = fields.Boolean(
        related="company_id.legal_exclude_from_mass_billing", readonly=False
    )
    legal_bill_together = fields.Boolean(
        related="company_id.legal_bill_together", readonly=False
    )
    legal_payment_rule_id = fields.Many2one(
        related="company_id.legal_payment_rule_id", readonly=False
    )
    legal_unallocated_account_id = fields.Many2one(
        related="company_id.legal_unallocated_account_id", readonly=False
    )
    legal_write_off_account_id = fields.Many2one(
        related="company_id.legal_write_off_account_id", readonly=False
    )
    legal_write_off_tax_relief = fields.Boolean(
        related="company_id.legal_write_off_tax_relief", readonly=False
    )
    legal_company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    legal_write_off_tolerance = fields.Monetary(
        related="company_id.legal_write_off_tolerance",
        readonly=False,
        currency_field="legal_company_currency_id",
    )
    legal_write_off_tolerance_percent = fields.Float(
        related="company_id.legal_write_off_tolerance_percent", readonly=False
    )
    legal_receipt_share = fields.Selection(
        related="company_id.legal_receipt_share", readonly=False
    )
