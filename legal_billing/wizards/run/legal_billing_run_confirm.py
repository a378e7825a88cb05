from odoo import api, fields, models

from ...exceptions import BillingRunError
from ...tools import open_window


class LegalBillingRunConfirm(models.TransientModel):
    """Asks before the rows of a run are billed: how many, how much, what is unusual."""

    _name = "legal.billing.run.confirm"
    _description = "Bill Matters"

    run_id = fields.Many2one("legal.billing.run", required=True, ondelete="cascade")
    line_ids = fields.Many2many(
        "legal.billing.run.line", "legal_run_confirm_line_rel", "confirm_id", "line_id"
    )
    currency_id = fields.Many2one(related="run_id.currency_id")
    invoice_date = fields.Date(related="run_id.invoice_date")
    cutoff_date = fields.Date(compute="_compute_figures", string="Entries up to")
    count = fields.Integer(compute="_compute_figures", string="Bills")
    amount = fields.Monetary(compute="_compute_figures", string="Net to bill")
    left_out_count = fields.Integer(compute="_compute_figures")
    quote_count = fields.Integer(compute="_compute_figures")
    quote_amount = fields.Monetary(compute="_compute_figures", string="Quote amount")
    discount_count = fields.Integer(compute="_compute_figures")
    discount_amount = fields.Monetary(
        compute="_compute_figures", string="Discount amount"
    )
    foreign_count = fields.Integer(compute="_compute_figures")
    unsent_count = fields.Integer(compute="_compute_figures")
    first_count = fields.Integer(compute="_compute_figures")
    off_count = fields.Integer(compute="_compute_figures")
    held_count = fields.Integer(compute="_compute_figures")
    changed_count = fields.Integer(compute="_compute_figures")
    unticked_count = fields.Integer(compute="_compute_figures")
    is_background = fields.Boolean(compute="_compute_figures")

    @api.model
    def _open(self, lines):
        """Show the window for these rows.

        :param legal.billing.run.line lines: ticked, or all of the filter
        :rtype: dict
        :raise BillingRunError: if none is ready, or they are of several runs
        """
        if len(lines.run_id) > 1:
            raise BillingRunError(self.env._("Bill the matters of one run at a time."))
        if not lines.filtered(lambda line: line.state == "ready"):
            raise BillingRunError(
                self.env._(
                    "None of these matters is ready to be billed. Held-back rows say "
                    "why; cure them and press Refresh."
                )
            )
        wizard = self.create(
            {"run_id": lines.run_id.id, "line_ids": [fields.Command.set(lines.ids)]}
        )
        return open_window(wizard, self.env._("Bill these matters?"))

    @api.depends("line_ids.state", "run_id")
    def _compute_figures(self):
        for wizard in self:
            run = wizard.run_id
            ready = wizard._get_ready()

            def count(name, ready=ready):
                return len(ready.filtered(name))

            def total(name, ready=ready, run=run):
                return sum(
                    line.currency_id._convert(
                        line[name], run.currency_id, run.company_id, run.invoice_date
                    )
                    for line in ready
                    if line[name]
                )

            wizard.cutoff_date = run._get_effective_cutoff()
            wizard.count = len(ready)
            wizard.left_out_count = len(wizard.line_ids) - len(ready)
            wizard.amount = sum(ready.mapped("company_amount"))
            wizard.quote_count = count("quote_effect")
            wizard.quote_amount = total("quote_effect")
            wizard.discount_count = count("discount_amount")
            wizard.discount_amount = -abs(total("discount_amount"))
            wizard.foreign_count = count("is_foreign")
            wizard.unsent_count = count("is_unsent")
            wizard.first_count = count("is_first_bill")
            wizard.off_count = count("is_off_usual")
            wizard.held_count = count("held_count")
            wizard.changed_count = count("is_changed")
            wizard.unticked_count = sum(ready.mapped("unticked_count"))
            wizard.is_background = len(ready) > run.company_id.legal_small_run

    def _get_ready(self):
        return self.line_ids.filtered(lambda line: line.state == "ready")

    def action_bill(self):
        """Bill the ready rows.

        :return: the page to show next
        :rtype: dict
        :raise BillingRunError: if none is ready any more
        """
        self.ensure_one()
        ready = self.env["legal.bulk.selection"]._settle(
            self._get_ready(), BillingRunError
        )
        action = ready.action_bill_selected()
        if action.get("res_model") != "account.move":
            return action  # the page of the run says it
        return self.run_id._get_answer()
