from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import BillStageError
from ...models.bill.account_move_options import OPTIONS
from ...models.common.legal_billing_defaults import COPIES
from ...tools import open_window


class LegalBillOptions(models.TransientModel):
    """How bills go out: recipients, copies, templates, terms. For these bills only, or
    for their matters too. With several bills only what is changed here is written."""

    _name = "legal.bill.options"
    _inherit = ["legal.window.guard"]
    _description = "Options of Bills"

    bill_ids = fields.Many2many(
        "account.move", "legal_bill_options_rel", "window_id", "bill_id"
    )
    count = fields.Integer(compute="_compute_bills", string="Bills")
    matter_names = fields.Char(compute="_compute_bills", string="Matters")
    is_draft = fields.Boolean(compute="_compute_bills")
    company_id = fields.Many2one("res.company", required=True)
    original = fields.Json(readonly=True)
    recipient_ids = fields.Many2many(
        "res.partner",
        "legal_bill_options_partner_rel",
        "window_id",
        "partner_id",
        context={"active_test": False},
    )
    bill_channel_ids = fields.Many2many(
        "legal.bill.channel",
        "legal_bill_options_channel_rel",
        "window_id",
        "channel_id",
        string="Goes by",
        domain=[("is_available", "=", True)],
    )
    print_copies = fields.Selection(COPIES, string="Print copies")
    bill_email_template_id = fields.Many2one(
        "mail.template",
        domain=[("model", "=", "account.move")],
        string="E-mail template",
    )
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
    )
    invoice_payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment terms", check_company=True
    )
    scope = fields.Selection(
        [("bill", "This bill only"), ("matter", "This bill and the matter")],
        default="bill",
        required=True,
        string="Valid for",
    )

    @api.depends("bill_ids")
    def _compute_bills(self):
        for window in self:
            bills = window.bill_ids
            window.count = len(bills)
            names = bills.matter_ids.mapped("display_name")
            window.matter_names = ", ".join(names[:3]) + (
                self.env._(" and %(count)s more", count=len(names) - 3)
                if len(names) > 3
                else ""
            )
            window.is_draft = all(bill.state == "draft" for bill in bills)

    # --- actions

    @api.model
    def _open(self, bills):
        """Show the window for these bills, with what they have in common.

        :param account.move bills: drafts or bills in production
        :rtype: dict
        """
        vals = {
            name: values[0]
            for name in OPTIONS
            if len(values := list({self._get_value(bill, name) for bill in bills})) == 1
        }
        window = self.create(
            {
                "company_id": bills[:1].company_id.id,
                "bill_ids": [Command.set(bills.ids)],
                **{
                    name: [Command.set(value)] if isinstance(value, tuple) else value
                    for name, value in vals.items()
                },
            }
        )
        window.original = {
            name: window._get_value(window, name) or False for name in OPTIONS
        }
        return open_window(
            window,
            self.env._("Options of %(bill)s", bill=bills._get_short_name())
            if len(bills) == 1
            else self.env._("Options of %(count)s bills", count=len(bills)),
        )

    @api.model
    def _get_value(self, record, name):
        value = record[name]
        if self._fields[name].type == "many2many":
            return tuple(sorted(value.ids))
        return value.id if isinstance(value, models.Model) else value

    def action_save(self):
        """Write what was changed.

        :return: an action that closes the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise BillStageError: for terms of approved bills, or when nothing changed
        """
        self.ensure_one()
        original = self.original or {}
        changed = {
            name: self._get_value(self, name) or False
            for name in OPTIONS
            if self._as_json(self._get_value(self, name)) != original.get(name, False)
        }
        if not changed and self.scope == "bill":
            raise BillStageError(self.env._("Nothing was changed."))
        self.bill_ids._set_options(changed, self.scope == "matter")
        return {
            "type": "ir.actions.act_window_close",
            "infos": {"changed": sorted(changed)},
        }

    @api.model
    def _as_json(self, value):
        return list(value) if isinstance(value, tuple) and value else value or False
