from odoo import api, fields, models

from ...exceptions import MatterOptionError

#: What is cleared first.
ORDER = (
    "wip",
    "drafts",
    "requests",
    "unpaid",
    "on_account",
    "credits",
    "client_money",
    "instalments",
)


class LegalMatterClose(models.TransientModel):
    """Closing a matter for billing: what is still open, with the way to clear each."""

    _name = "legal.matter.close"
    _inherit = ["legal.window.guard"]
    _description = "Close a Matter"

    matter_id = fields.Many2one("project.project", required=True)
    line_ids = fields.One2many(
        "legal.matter.close.line",
        "close_id",
        compute="_compute_line_ids",
        store=True,
        precompute=True,
        readonly=False,
    )
    is_clear = fields.Boolean(compute="_compute_is_clear")

    @api.depends("matter_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {"code": code, "name": name, "value": value, "is_open": is_open}
                    )
                    for code, name, value, is_open in wizard._get_checks()
                ),
            ]

    @api.depends("line_ids.is_open")
    def _compute_is_clear(self):
        for wizard in self:
            wizard.is_clear = not any(wizard.line_ids.mapped("is_open"))

    def _get_checks(self):
        """What must be nothing before a matter is closed.

        :return: ``(code, name, value in words, whether it is open)``
        :rtype: list
        """
        self.ensure_one()
        rows = self.matter_id._get_open_items() if self.matter_id else []
        return sorted(rows, key=lambda row: ORDER.index(row[0]))

    def action_close(self):
        """Close the matter for billing when nothing is open.

        :return: close the window
        :rtype: dict
        :raise MatterOptionError: naming what is still open
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("biller", "manager")
        self._compute_line_ids()
        still_open = self.line_ids.filtered("is_open")
        if still_open:
            raise MatterOptionError(
                self.env._(
                    "%(matter)s still has: %(open)s. Clear these first.",
                    matter=self.matter_id.display_name,
                    open="; ".join(f"{row.name} {row.value}" for row in still_open),
                )
            )
        self.matter_id.billing_status = "closed"
        return {"type": "ir.actions.act_window_close"}


class LegalMatterCloseLine(models.TransientModel):
    """One check of the closing."""

    _name = "legal.matter.close.line"
    _description = "Check before Closing"

    close_id = fields.Many2one("legal.matter.close", required=True, ondelete="cascade")
    code = fields.Char(required=True)
    name = fields.Char(required=True)
    value = fields.Char()
    is_open = fields.Boolean()

    def action_clear(self):
        """Open the place where this is cleared.

        :rtype: dict
        """
        self.ensure_one()
        matter = self.close_id.matter_id
        if self.code == "wip":
            return matter.action_open_unbilled()
        if self.code == "drafts":
            return matter.action_open_drafts()
        if self.code == "requests":
            return matter.action_open_waiting_requests()
        if self.code == "unpaid":
            return matter.action_open_unpaid()
        if self.code == "on_account":
            return matter.action_open_on_account()
        if self.code == "credits":
            return matter.action_open_unallocated_credits()
        if self.code == "client_money":
            return matter.action_open_client_ledger()
        if self.code == "instalments":
            return matter.action_open_instalments()
        return matter.action_open_matter_form()
