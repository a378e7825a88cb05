from odoo import fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL


class AccountMove(models.Model):
    """Entries that a person left out of a draft: unticked before it was made, or taken
    off it since. They stay work in progress, are not offered as new, and can be found
    and put on the bill."""

    _inherit = "account.move"

    left_out_ids = fields.Many2many(
        "account.analytic.line",
        "legal_bill_left_out_rel",
        "bill_id",
        "entry_id",
        string="Entries left out",
        copy=False,
        help="Left out of this draft by a person; they stay work in progress.",
    )
    left_out_count = fields.Integer(string="Left out", compute="_compute_left_out")
    left_out_amount = fields.Monetary(
        string="Value left out", compute="_compute_left_out"
    )

    # --- computes

    def _compute_left_out(self):
        """Count and value of what is still unbilled of the entries left out, by one
        statement."""
        figures = {}
        drafts = self.filtered(lambda move: move.billing_stage == "draft")
        if drafts.ids:
            drafts.flush_recordset(["left_out_ids"])
            self.env["account.analytic.line"].flush_model()
            figures = {
                bill: (count, float(amount or 0.0))
                for bill, count, amount in self.env.execute_query(
                    SQL(
                        """
                        SELECT rel.bill_id, COUNT(*), SUM(entry.wip_amount)
                          FROM legal_bill_left_out_rel rel
                          JOIN account_analytic_line entry ON entry.id = rel.entry_id
                         WHERE rel.bill_id IN %s AND entry.bill_id IS NULL
                           AND entry.written_off_on IS NULL
                      GROUP BY rel.bill_id
                        """,
                        tuple(drafts.ids),
                    )
                )
            }
        for move in self:
            move.left_out_count, move.left_out_amount = figures.get(move.id, (0, 0.0))

    # --- actions

    def action_open_left_out(self):
        """Show what was left out of this draft.

        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.wip_action"
        )
        return action | {
            "display_name": self.env._("Left out of %s", self.bill_label),
            "domain": list(self._get_left_out_domain()),
            "context": {},
        }

    def action_add_left_out(self):
        """Put on the draft what was left out of it, as far as it is unbilled and not on
        hold.

        :return: True
        """
        self.ensure_one()
        entries = self.env["account.analytic.line"].sudo()  # right checked by the call
        entries = entries.search(
            self._get_left_out_domain() & Domain("is_on_hold", "=", False)
        )
        return self.action_add_entries(entries)

    # --- helpers

    def _get_left_out_domain(self):
        """What is still unbilled of the entries left out.

        :rtype: odoo.fields.Domain
        """
        return self.env["account.analytic.line"]._get_unbilled_domain() & Domain(
            "id", "in", self.sudo().left_out_ids.ids
        )

    def _note_left_out(self, entries, is_left_out):
        """Remember that these entries were left out of the draft, or no longer.

        :param account.analytic.line entries:
        :param bool is_left_out:
        """
        self.ensure_one()
        code = Command.LINK if is_left_out else Command.UNLINK
        if not is_left_out:
            entries &= self.sudo().left_out_ids
        if entries:
            self._internal().write(
                {"left_out_ids": [(code, entry.id, 0) for entry in entries]}
            )
