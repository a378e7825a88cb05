from odoo import api, fields, models

from ...exceptions import EntryLockedError
from ...tools import open_window


class LegalWipOperation(models.TransientModel):
    """Asks for the reason of a write-off, for an amount to take or split off, for the
    end of a hold, or for the matter that entries move to."""

    _name = "legal.wip.operation"
    _inherit = ["legal.window.guard"]
    _description = "Work on WIP"

    operation = fields.Selection(
        [
            ("hold", "Hold"),
            ("write_off", "Write off"),
            ("write_down", "Write down"),
            ("split", "Split"),
            ("move", "Move"),
        ],
        required=True,
        readonly=True,
    )
    entry_ids = fields.Many2many(
        "account.analytic.line", "legal_wip_operation_rel", "operation_id", "entry_id"
    )
    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    count = fields.Integer(compute="_compute_figures", string="Entries")
    hours = fields.Float(compute="_compute_figures")
    amount = fields.Monetary(compute="_compute_figures", string="Value")
    matter_count = fields.Integer(compute="_compute_figures", string="Matters")
    reason = fields.Char()
    down_amount = fields.Float(
        string="Take off",
        digits="Product Price",
        help="In the entry's own currency. The part is written off.",
    )
    until = fields.Date(help="Released by itself from this day on; empty: by hand.")
    row_id = fields.Many2one(
        "legal.billing.run.line", help="The pre-bill that the window was opened from."
    )
    matter_id = fields.Many2one(
        "project.project",
        string="To matter",
        domain="[('is_matter', '=', True), ('company_id', '=', company_id)]",
    )

    @api.model
    def _open(self, operation, entries):
        """Show the window for these entries.

        :param str operation: ``hold``, ``write_off``, ``write_down``, ``split`` or
            ``move``
        :param account.analytic.line entries: ticked ones, else all of the filter
        :rtype: dict
        :raise EntryLockedError: if none of them is unbilled
        """
        selection = self.env["legal.bulk.selection"]._select(entries)
        unbilled = selection.filtered(
            lambda entry: entry.wip_status in ("unbilled", "held")
        )
        if not unbilled:
            raise EntryLockedError(
                self.env._("None of these entries is unbilled WIP: nothing to do.")
            )
        wizard = self.create(
            {
                "operation": operation,
                "company_id": unbilled[:1].company_id.id,
                "entry_ids": [fields.Command.set(unbilled.ids)],
                "row_id": self.env.context.get("legal_billing_run_line_id"),
            }
        )
        titles = {
            "hold": self.env._("Hold WIP"),
            "split": self.env._("Split an entry"),
            "write_off": self.env._("Write off WIP"),
            "write_down": self.env._("Write down an entry"),
            "move": self.env._("Move entries to another matter"),
        }
        return open_window(wizard, titles[operation])

    @api.depends("entry_ids")
    def _compute_figures(self):
        for wizard in self:
            entries = wizard.entry_ids
            wizard.count = len(entries)
            wizard.hours = sum(
                entry.bill_quantity for entry in entries if entry.wip_type == "time"
            )
            wizard.amount = sum(
                entry.wip_currency_id._convert(
                    entry.wip_amount, wizard.currency_id, entry.company_id, entry.date
                )
                for entry in entries
            )
            wizard.matter_count = len(entries.matter_id)

    def action_do(self):
        """Hold, write off, write down, split or move the entries.

        :rtype: dict
        :raise EntryLockedError: if none of them is left
        """
        self.ensure_one()
        entries = self.env["legal.bulk.selection"]._settle(
            self.entry_ids, EntryLockedError
        )
        if self.operation == "write_off":
            entries.action_write_off(self.reason)
        elif self.operation == "hold":
            entries.action_hold(self.until)
        elif self.operation == "split":
            entries.ensure_one().action_split(self.down_amount)
        elif self.operation == "write_down":
            entries.ensure_one().action_write_down(self.down_amount, self.reason)
        else:
            entries.action_move(self.matter_id)
        if self.row_id.state in ("ready", "excluded"):
            self.row_id._refresh()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
