from odoo import api, fields, models
from odoo.fields import Domain

from ...exceptions import BillingRunError, MatterOptionError
from ...tools import format_amount, open_window

#: What a quote stands for, as types of entries.
SCOPE_TYPES = {
    "fees": ["time"],
    "disbursements": ["disbursement"],
    "both": ["time", "disbursement"],
}


class LegalQuoteExcess(models.TransientModel):
    """A quote is used up and there is work above it: write it off, raise the quote, or
    bill it anyway."""

    _name = "legal.quote.excess"
    _inherit = ["legal.window.guard"]
    _description = "Work above a Quote"

    matter_id = fields.Many2one("project.project", required=True, readonly=True)
    row_id = fields.Many2one("legal.billing.run.line", readonly=True)
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    invoice_date = fields.Date(required=True, readonly=True, string="Bill date")
    cutoff_date = fields.Date(required=True, readonly=True, string="Work up to")
    quoted_amount = fields.Monetary(compute="_compute_figures", string="Quote")
    billed_amount = fields.Monetary(compute="_compute_figures", string="Billed of it")
    above_amount = fields.Monetary(compute="_compute_figures", string="Above it")
    entry_count = fields.Integer(compute="_compute_figures", string="Entries")
    hours = fields.Float(compute="_compute_figures")
    message = fields.Char(compute="_compute_figures")
    new_amount = fields.Monetary(string="New quote")
    reason = fields.Char()

    @api.model
    def _open(self, matter, invoice_date, cutoff_date, row=None):
        """Show the window for this matter.

        :param project.project matter:
        :param date invoice_date: of the bill
        :param date cutoff_date: the effective cut-off
        :param legal.billing.run.line row: the row that is held back for it
        :rtype: dict
        """
        wizard = self.create(
            {
                "matter_id": matter.id,
                "row_id": row.id if row else False,
                "invoice_date": invoice_date,
                "cutoff_date": cutoff_date,
            }
        )
        wizard.write(
            {
                "new_amount": wizard.billed_amount + wizard.above_amount,
                "reason": wizard._get_write_off_reason(),
            }
        )
        return open_window(wizard, self.env._("The quote is used up"))

    def _get_write_off_reason(self):
        amount = self._format(self.quoted_amount)
        if self.matter_id._get_quote().name == "cap":
            return self.env._("Above the cap of %(quote)s", quote=amount)
        return self.env._("Above the quote of %(quote)s", quote=amount)

    @api.depends("matter_id", "cutoff_date", "row_id.unticked_ids")
    def _compute_figures(self):
        for wizard in self:
            matter = wizard.matter_id
            entries = wizard._get_entries()
            billed = matter.quote_billed_amount
            value = sum(entries.mapped("wip_amount"))
            quote = matter._get_quote()
            wizard.quoted_amount = quote.amount
            wizard.billed_amount = billed
            wizard.above_amount = max(0.0, billed + value - quote.amount)
            wizard.entry_count = len(entries)
            wizard.hours = sum(
                entry.bill_quantity for entry in entries if entry.wip_type == "time"
            )
            figures = {
                "quote": wizard._format(quote.amount),
                "above": wizard._format(wizard.above_amount),
            }
            wizard.message = self.env["legal.billing.run.line"]._get_reason_text(
                f"{quote.name}_used_up", **figures
            )

    def _format(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    def _get_entries(self):
        """The work above the quote: chargeable entries of its scope up to the cut-off,
        those that are unticked in the pre-bill aside.

        :rtype: account.analytic.line
        """
        self.ensure_one()
        scope = SCOPE_TYPES[self.matter_id.quote_scope or "fees"]
        return self.env["account.analytic.line"].search(
            self.env["legal.bill.maker"]._get_billable_domain(
                self.matter_id, self.cutoff_date
            )
            & Domain("wip_type", "in", scope)
            & Domain("bill_behavior", "=", "bill")
            & Domain("id", "not in", self.row_id.unticked_ids.ids)
        )

    # --- ways out

    def action_write_off(self):
        """Give up the work above the quote.

        :rtype: dict
        :raise LegalBillingError: without a reason, or if there is no such work any more
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("biller", "manager")
        self.env["legal.bulk.selection"]._settle(self._get_entries()).action_write_off(
            self.reason
        )
        return self._close()

    def action_raise_quote(self):
        """Agree on a higher quote; the work above the old one is billable.

        :rtype: dict
        :raise MatterOptionError: if the new quote is not higher
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("biller", "manager")
        matter = self.matter_id
        quote = matter._get_quote()
        if self.currency_id.compare_amounts(self.new_amount, quote.amount) <= 0:
            raise MatterOptionError(
                self.env._(
                    "The new quote of %(matter)s must be higher than the one of "
                    "%(quote)s.",
                    matter=matter.display_name,
                    quote=self._format(quote.amount),
                )
            )
        matter["cap_amount" if quote.name == "cap" else "quoted_amount"] = (
            self.new_amount
        )
        return self._close()

    def action_bill_anyway(self):
        """Bill the work at its value, above the quote, this once: what is ticked in the
        run's row, with the template and the terms of the row, else of the run.

        :return: the draft's page, or back to the list of the run
        :rtype: dict
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("biller", "manager")
        row = self.row_id.filtered(lambda row: row.matter_id == self.matter_id)
        if row and row.state not in ("ready", "excluded", "skipped", "failed"):
            raise BillingRunError(
                self.env._(
                    "%(matter)s is being billed already.",
                    matter=self.matter_id.display_name,
                )
            )
        window = self.env["legal.matter.bill"].create(
            {
                "matter_id": self.matter_id.id,
                "invoice_date": self.invoice_date,
                "cutoff_date": self.cutoff_date,
                "choice": "wip",
            }
        )
        if not row:
            return window.action_bill()
        window.entry_ids -= row.unticked_ids
        run = row.run_id
        bill_sudo = window._make_bill(
            report=row.bill_report_id or run.bill_report_id,
            payment_term=row.payment_term_id or run.payment_term_id,
        )._internal()
        bill_sudo.billing_run_id = run
        row.sudo().write(  # rows are written by the run; the role was checked
            {
                "state": "done",
                "bill_id": bill_sudo.id,
                "amount": bill_sudo.amount_untaxed,
                "company_amount": bill_sudo.amount_untaxed_signed,
                "reason_code": False,
                "message": False,
            }
        )
        return self._close(refresh=False)

    def _close(self, refresh=True):
        if not self.row_id:
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        if refresh:
            self.row_id._refresh()
        return {"type": "ir.actions.act_window_close"}
