from odoo import api, fields, models

from ...tools import open_window


class LegalBillingRunUndo(models.TransientModel):
    """Asks before a run is undone: which drafts go back to WIP, which stay and why."""

    _name = "legal.billing.run.undo"
    _description = "Undo a Run"

    run_id = fields.Many2one("legal.billing.run", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="run_id.currency_id")
    count = fields.Integer(compute="_compute_figures", string="Drafts taken back")
    amount = fields.Monetary(compute="_compute_figures", string="Back to WIP, net")
    kept_count = fields.Integer(compute="_compute_figures", string="Drafts that stay")
    kept_text = fields.Text(compute="_compute_figures")
    approved_count = fields.Integer(compute="_compute_figures", string="Approved")

    @api.model
    def _open(self, run):
        """Show the window for this run.

        :rtype: dict
        """
        wizard = self.create({"run_id": run.id})
        return open_window(wizard, self.env._("Undo %s?", run.name))

    @api.depends("run_id")
    def _compute_figures(self):
        for wizard in self:
            run = wizard.run_id
            drafts = run._get_drafts()
            kept = drafts._get_manual_changes()
            free = drafts.filtered(lambda bill, kept=kept: bill not in kept)
            wizard.count = len(free)
            wizard.amount = sum(free.mapped("amount_untaxed_signed"))
            wizard.kept_count = len(kept)
            wizard.kept_text = run._describe_kept(kept)
            wizard.approved_count = len(run.bill_ids - drafts)

    def action_undo(self):
        """Take the untouched drafts back.

        :return: the page to show next
        :rtype: dict
        """
        self.ensure_one()
        return self.run_id.action_undo()

    def action_open_kept(self):
        """Open the drafts that stay.

        :rtype: dict
        """
        self.ensure_one()
        kept = self.run_id._get_drafts()._get_manual_changes()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.draft_bill_action"
        )
        return action | {"domain": [("id", "in", [bill.id for bill in kept])]}
