from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import MatterOptionError


class LegalMatterTakeover(models.TransientModel):
    """Take over the settings of client and company: what would change, then do it."""

    _name = "legal.matter.takeover"
    _inherit = ["legal.window.guard"]
    _description = "Take over Client's Settings"

    matter_ids = fields.Many2many(
        "project.project",
        required=True,
        readonly=True,
        context={"active_test": False},
    )
    option = fields.Char(readonly=True, help="Only this option; empty: all.")
    matter_count = fields.Integer(compute="_compute_counts")
    draft_count = fields.Integer(compute="_compute_counts")
    apply_to_drafts = fields.Boolean(string="Apply to the open drafts too")
    line_ids = fields.One2many(
        "legal.matter.takeover.line",
        "takeover_id",
        compute="_compute_line_ids",
        store=True,
        precompute=True,
        readonly=False,
    )

    @api.depends("matter_ids")
    def _compute_counts(self):
        for wizard in self:
            wizard.matter_count = len(wizard.matter_ids)
            wizard.draft_count = len(wizard.matter_ids.filtered("draft_bill_count"))

    @api.depends("matter_ids", "option")
    def _compute_line_ids(self):
        for wizard in self:
            commands = [Command.clear()]
            for field, rows in wizard.matter_ids._get_take_over_changes().items():
                if not wizard.option or wizard.option == field:
                    commands.append(
                        Command.create(wizard._prepare_line_vals(field, rows))
                    )
            wizard.line_ids = commands

    def _prepare_line_vals(self, field, rows):
        """
        :param str field: an option
        :param list rows: ``(matter, value now, value then, origin)``
        :rtype: dict
        """
        various = self.env._("various")
        now = {matter._format_option(field, old) for matter, old, _new, _o in rows}
        then = {matter._format_option(field, new) for matter, _old, new, _o in rows}
        origins = {origin for _matter, _old, _new, origin in rows}
        return {
            "option": field,
            "name": rows[0][0]._get_option_label(field),
            "now": now.pop() if len(now) == 1 else various,
            "then": then.pop() if len(then) == 1 else various,
            "origin": origins.pop() if len(origins) == 1 else False,
            "count": len(rows),
        }

    def action_take_over(self):
        """Set the ticked options.

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
        names = self.line_ids.filtered("is_taken").mapped("option")
        matters.action_take_over_client_options(names)
        if self.apply_to_drafts:
            matters.action_apply_options_to_drafts(names)
        return {"type": "ir.actions.act_window_close"}


class LegalMatterTakeoverLine(models.TransientModel):
    """One option that would change."""

    _name = "legal.matter.takeover.line"
    _description = "Option to Take over"

    takeover_id = fields.Many2one(
        "legal.matter.takeover", required=True, ondelete="cascade"
    )
    option = fields.Char(required=True, readonly=True)
    name = fields.Char(readonly=True)
    now = fields.Char(readonly=True)
    then = fields.Char(readonly=True)
    origin = fields.Selection(
        [("client", "Client"), ("company", "Company"), ("standard", "Standard")],
        readonly=True,
    )
    count = fields.Integer(string="Matters", readonly=True)
    is_taken = fields.Boolean(string="Take over", default=True)
