from odoo import api, models

from ...exceptions import CreditError, PaymentGuardError
from ...tools import BY_SLIP, is_internal


class AccountPartialReconcile(models.Model):
    """Whatever reconciles, by screen or by code: a matter's money stays with it, and
    what a payment settled stays settled until the payment is reversed."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise CreditError: if items of two matters would be matched"""
        lines = self.env["account.move.line"]
        ids = {
            vals[name]
            for vals in vals_list
            for name in ("debit_move_id", "credit_move_id")
        }
        matters = lines.browse(ids)._get_reconcile_matters()
        for vals in vals_list:
            debit, credit = vals["debit_move_id"], vals["credit_move_id"]
            if (
                matters[debit]
                and matters[credit]
                and not matters[debit] & matters[credit]
            ):
                raise CreditError(
                    self.env._(
                        "%(credit)s belongs to %(credit_matter)s and %(debit)s to "
                        "%(debit_matter)s: money of one matter does not pay another. "
                        "Move the credit first, with a reason, or use a payment.",
                        credit=lines.browse(credit).move_id.display_name,
                        credit_matter=", ".join(matters[credit].mapped("display_name")),
                        debit=lines.browse(debit).move_id.display_name,
                        debit_matter=", ".join(matters[debit].mapped("display_name")),
                    )
                )
        partials = super().create(vals_list)
        partials._record_fee_receipts(partials._get_settled_bills())
        return partials

    def unlink(self):
        """:raise PaymentGuardError: for what a posted payment settled"""
        if not is_internal(self.env):
            self._check_legal_payment()
        bills = self._get_settled_bills()
        result = super().unlink()
        self._record_fee_receipts(bills)
        return result

    def _get_settled_bills(self):
        """Bills of matters among what these match.

        :rtype: account.move
        """
        lines_sudo = (self.sudo().debit_move_id | self.sudo().credit_move_id).filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return lines_sudo.move_id._get_bills()

    @api.model
    def _record_fee_receipts(self, bills):
        """Slips do it themselves, once for all of their bills."""
        if bills and self.env.context.get("legal_billing_slip") is not BY_SLIP:
            bills._record_fee_receipts()

    def _check_legal_payment(self):
        lines = self.debit_move_id | self.credit_move_id
        mine = lines.filtered(
            lambda line: (
                line.move_id.legal_payment_id
                and (
                    line.account_id.account_type == "asset_receivable"
                    or line.account_id
                    == line.company_id.sudo().legal_unallocated_account_id
                )
            )
        )
        if mine:
            # sudo: whoever may match items is told the slip's name
            slips = mine.move_id.legal_payment_id.sudo()
            raise PaymentGuardError(
                self.env._(
                    "%(slips)s settled this. Reverse the payment instead of taking it "
                    "off the bill: its record says what each bill got.",
                    slips=", ".join(slips.mapped("display_name")),
                )
            )
