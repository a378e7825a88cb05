from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import MatterOptionError
from ...models.common.legal_billing_defaults import (
    ARRANGEMENTS,
    BEHAVIORS,
    COPIES,
    DISCOUNTS,
    DISPLAYS,
    LINE_DETAILS,
    OPTIONS,
    QUOTE_BASES,
    QUOTE_RULES,
    QUOTE_SCOPES,
    SUBSCRIPTION_PERIODS,
)

#: What the window changes: the options, and by whom and in what area they are billed.
CHANGEABLE = ("responsible_id", "practice_area_id", *OPTIONS)


class LegalMatterOptions(models.TransientModel):
    """Change the billing options of many matters, saying first what changes."""

    _name = "legal.matter.options"
    _inherit = ["legal.window.guard"]
    _description = "Change Billing Options"

    matter_ids = fields.Many2many(
        "project.project",
        required=True,
        readonly=True,
        context={"active_test": False},
    )
    matter_count = fields.Integer(compute="_compute_matter_count")
    company_id = fields.Many2one("res.company", readonly=True)
    apply_to_drafts = fields.Boolean(string="Apply to the open drafts too")
    summary = fields.Text(compute="_compute_summary")
    draft_effects = fields.Text(compute="_compute_summary")
    can_apply_to_drafts = fields.Boolean(compute="_compute_summary")

    # what is ticked is changed, an empty value too
    change_responsible_id = fields.Boolean()
    change_practice_area_id = fields.Boolean()
    change_billing_partner_id = fields.Boolean()
    change_bill_report_id = fields.Boolean()
    change_bill_payment_term_id = fields.Boolean()
    change_billing_currency_id = fields.Boolean()
    change_bill_journal_id = fields.Boolean()
    change_fee_product_id = fields.Boolean()
    change_payment_rule_id = fields.Boolean()
    change_billing_arrangement = fields.Boolean()
    change_cap_amount = fields.Boolean()
    change_blended_rate = fields.Boolean()
    change_subscription_amount = fields.Boolean()
    change_subscription_hours = fields.Boolean()
    change_subscription_period = fields.Boolean()
    change_subscription_from = fields.Boolean()
    change_subscription_carry_over = fields.Boolean()
    change_contingency_percent = fields.Boolean()
    change_contingency_basis_amount = fields.Boolean()
    change_quoted_amount = fields.Boolean()
    change_quote_scope = fields.Boolean()
    change_quote_rule = fields.Boolean()
    change_quote_basis = fields.Boolean()
    change_discount_type = fields.Boolean()
    change_discount_value = fields.Boolean()
    change_abatement_percent = fields.Boolean()
    change_abatement_from = fields.Boolean()
    change_minimum_bill_amount = fields.Boolean()
    change_bill_channel_ids = fields.Boolean()
    change_bill_recipient_ids = fields.Boolean()
    change_bill_email_template_id = fields.Boolean()
    change_bill_print_copies = fields.Boolean()
    change_default_bill_behavior = fields.Boolean()
    change_adjustment_display = fields.Boolean()
    change_bill_line_detail = fields.Boolean()
    change_exclude_from_mass_billing = fields.Boolean()
    change_bill_together = fields.Boolean()

    # the new values
    responsible_id = fields.Many2one("res.users", domain=[("share", "=", False)])
    practice_area_id = fields.Many2one("legal.practice.area")
    billing_partner_id = fields.Many2one("res.partner")
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
    )
    bill_payment_term_id = fields.Many2one("account.payment.term")
    billing_currency_id = fields.Many2one("res.currency")
    bill_journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'sale'), ('company_id', 'parent_of', company_id)]",
    )
    fee_product_id = fields.Many2one(
        "product.product", domain=[("type", "=", "service")]
    )
    payment_rule_id = fields.Many2one("legal.payment.rule")
    billing_arrangement = fields.Selection(ARRANGEMENTS, default="hourly")
    cap_amount = fields.Float(digits="Product Price")
    blended_rate = fields.Float(digits="Product Price")
    subscription_amount = fields.Float(digits="Product Price")
    subscription_hours = fields.Float()
    subscription_period = fields.Selection(SUBSCRIPTION_PERIODS, default="month")
    subscription_from = fields.Date()
    subscription_carry_over = fields.Boolean()
    contingency_percent = fields.Float()
    contingency_basis_amount = fields.Float(digits="Product Price")
    quoted_amount = fields.Float(digits="Product Price")
    quote_scope = fields.Selection(QUOTE_SCOPES, default="fees")
    quote_rule = fields.Selection(QUOTE_RULES, default="lower")
    quote_basis = fields.Selection(QUOTE_BASES, default="matter")
    discount_type = fields.Selection(DISCOUNTS, default="none")
    discount_value = fields.Float(digits="Product Price")
    abatement_percent = fields.Float()
    abatement_from = fields.Float(digits="Product Price")
    minimum_bill_amount = fields.Float(digits="Product Price")
    bill_channel_ids = fields.Many2many(
        "legal.bill.channel",
        "legal_matter_options_channel_rel",
        domain=[("is_available", "=", True)],
    )
    bill_recipient_ids = fields.Many2many(
        "res.partner",
        "legal_matter_options_recipient_rel",
        context={"active_test": False},
    )
    bill_email_template_id = fields.Many2one(
        "mail.template", domain=[("model", "=", "account.move")]
    )
    bill_print_copies = fields.Selection(COPIES, default="0")
    default_bill_behavior = fields.Selection(BEHAVIORS, default="bill")
    adjustment_display = fields.Selection(DISPLAYS, default="hidden")
    bill_line_detail = fields.Selection(LINE_DETAILS, default="bill")
    exclude_from_mass_billing = fields.Boolean()
    bill_together = fields.Boolean()

    # --- computes

    @api.depends("matter_ids")
    def _compute_matter_count(self):
        for wizard in self:
            wizard.matter_count = len(wizard.matter_ids)

    @api.depends(
        "matter_ids", *CHANGEABLE, *(f"change_{option}" for option in CHANGEABLE)
    )
    def _compute_summary(self):
        for wizard in self:
            matters = wizard.matter_ids._origin
            lines = [
                self.env._(
                    "%(option)s: %(changed)s of %(count)s matters change to "
                    "“%(value)s”.",
                    option=matters._get_option_label(field),
                    changed=sum(
                        not matters._is_same_option(field, matter[field], wizard[field])
                        for matter in matters
                    ),
                    count=len(matters),
                    value=matters._format_option(field, wizard[field]),
                )
                for field in wizard._get_chosen()
            ]
            wizard.summary = "\n".join(lines) or False
            effects = matters.get_draft_effects(matters.ids, wizard._get_values())
            texts = [
                self.env._(
                    "%(bill)s %(effects)s",
                    bill=row["name"],
                    effects=", ".join(row["effects"]),
                )
                for row in effects["rows"]
            ]
            if effects["count"] and effects["more"]:
                texts.append(self.env._("and %(count)s more", count=effects["more"]))
            wizard.draft_effects = "\n".join(texts) or False
            wizard.can_apply_to_drafts = effects["can_apply"]

    # --- actions

    def action_change(self):
        """Write what is ticked to all matters at once.

        :return: close the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise MatterOptionError: if none of the matters is left
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("biller", "manager")
        matters = self.env["legal.bulk.selection"]._settle(
            self.matter_ids, MatterOptionError
        )
        vals = self._get_values()
        if vals:
            matters.write(vals)
            if self.apply_to_drafts:
                matters.action_apply_options_to_drafts(list(vals))
        return {"type": "ir.actions.act_window_close"}

    # --- helpers

    def _get_chosen(self):
        self.ensure_one()
        return [field for field in CHANGEABLE if self[f"change_{field}"]]

    def _get_values(self):
        """Values for ``write`` on the matters.

        :rtype: dict
        """
        self.ensure_one()
        return {
            field: [Command.set(self[field]._origin.ids)]
            if self._fields[field].type == "many2many"
            else self._fields[field].convert_to_write(self[field], self)
            for field in self._get_chosen()
        }
