from odoo import models
from odoo.fields import Domain


class AccountMove(models.Model):
    """What follows from another date or journal of a draft bill."""

    _inherit = "account.move"

    def write(self, vals):
        drafts = self.browse()
        if {"journal_id", "invoice_date"} & vals.keys():
            drafts = self._get_bills().filtered(lambda bill: bill.state == "draft")
        if drafts and "journal_id" in vals and "currency_id" not in vals:
            # core would take the journal's own currency, with the figures as they are
            for currency, moves in self.grouped("currency_id").items():
                moves.write({**vals, "currency_id": currency.id})
            return True
        due_at_once = drafts.filtered(
            lambda bill: (
                not bill.invoice_payment_term_id
                and bill.invoice_date_due == bill.invoice_date
            )
        )
        result = super().write(vals)
        if "invoice_date" in vals:
            if vals["invoice_date"] and "invoice_date_due" not in vals:
                due_at_once.invoice_date_due = vals["invoice_date"]
            drafts._reprice_at_date()
        return result

    def _reprice_at_date(self):
        """Entries in another currency than their draft's have the value of its date."""
        entries_sudo = self.env["account.analytic.line"].sudo()  # he may write the date
        foreign = {
            bill
            for bill, currency in entries_sudo._read_group(
                Domain("bill_id", "in", self.ids), ["bill_id", "wip_currency_id"]
            )
            if currency and currency != bill.currency_id
        }
        for bill_sudo in foreign:
            bill_sudo._reprice()
