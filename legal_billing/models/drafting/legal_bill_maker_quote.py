from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from .legal_bill_maker import SCOPE_ELEMENTS


class LegalBillMaker(models.AbstractModel):
    """What bills took of the quotes of matters."""

    _inherit = "legal.bill.maker"

    @api.model
    def _get_quote_billed(self, matters, exclude=None):
        """Net amount that bills took of each matter's quote, credits taken off. Bills
        of before a change of the billing currency count at the rate of their date.

        :param project.project matters: matters with a quote
        :param account.move exclude: the bill that is being priced
        :return: ``{matter id: amount}`` in the matter's billing currency
        :rtype: dict
        """
        domain = (
            Domain("matter_id", "in", matters.ids)
            & (
                Domain("parent_state", "=", "posted")
                | Domain("parent_state", "=", "draft")
                & Domain("move_id.move_type", "=", "out_invoice")
            )
            & Domain("move_id", "not in", exclude.ids if exclude else [])
            # a bad debt gives nothing of the quote back
            & Domain("move_id.legal_write_off_id", "=", False)
            & Domain("move_id.move_type", "in", ("out_invoice", "out_refund"))
            & Domain("display_type", "=", "product")
            & Domain("bill_element", "!=", False)
        )
        lines_sudo = self.env["account.move.line"].sudo()
        groups = lines_sudo._read_group(
            domain,
            ["matter_id", "bill_element", "move_type", "currency_id"],
            ["price_subtotal:sum"],
        )
        # by the stored matter: options may be looked at before they are saved
        options = {m._origin.id: m for m in matters}
        billed, foreign = defaultdict(float), self.env["res.currency"]
        for matter, element, move_type, currency, amount in groups:
            option = options[matter.id]
            if element not in SCOPE_ELEMENTS[option.quote_scope or "fees"]:
                continue
            if currency != (
                option.billing_currency_id or option.company_id.currency_id
            ):
                foreign |= currency
                continue
            billed[matter.id] += -amount if move_type == "out_refund" else amount
        if foreign:
            self._add_foreign_billed(
                billed,
                options,
                lines_sudo._read_group(
                    domain & Domain("currency_id", "in", foreign.ids),
                    ["matter_id", "bill_element", "move_id"],
                    ["price_subtotal:sum"],
                ),
            )
        return billed

    @api.model
    def _add_foreign_billed(self, billed, options, groups):
        """Add what bills in another currency than the matter's took of its quote, at
        the rate of the bill's date; a credit gives back at that of the bill it credits.

        :param dict billed: ``{matter id: amount}``, changed
        :param dict options: ``{matter id: matter}``
        :param list groups: ``(matter, element, move, net amount)``
        """
        for matter, element, move, amount in groups:
            option = options[matter.id]
            currency = option.billing_currency_id or option.company_id.currency_id
            if (
                move.currency_id == currency
                or element not in SCOPE_ELEMENTS[option.quote_scope or "fees"]
            ):
                continue
            bill = move.reversed_entry_id or move
            billed[matter.id] += (
                -1 if move.move_type == "out_refund" else 1
            ) * move.currency_id._convert(
                amount,
                currency,
                move.company_id,
                bill.invoice_date or bill.date,
            )
