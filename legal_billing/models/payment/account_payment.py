from odoo import api, fields, models

from ...exceptions import ProtectedFieldError
from ...tools import given_values, is_internal

#: Fields that core would change without the entry following.
GUARDED_FIELDS = {
    "amount",
    "currency_id",
    "date",
    "destination_account_id",
    "journal_id",
    "outstanding_account_id",
    "partner_id",
    "partner_type",
    "payment_method_line_id",
    "payment_type",
}


class AccountPayment(models.Model):
    """Core's record of a payment of bills. It belongs to the slip: what core would
    change out of step is refused with the way out."""

    _inherit = "account.payment"

    legal_payment_id = fields.Many2one(
        "legal.payment",
        string="Payment of bills",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if given_values(self.env, vals).get("legal_payment_id"):
                self._check_slip_is_ours()
        return super().create(vals_list)

    def write(self, vals):
        if "legal_payment_id" in vals:
            self._check_slip_is_ours()
        touched = GUARDED_FIELDS & vals.keys()
        if touched:
            self.filtered(
                lambda payment: any(
                    payment._fields[name].convert_to_write(payment[name], payment)
                    != vals[name]
                    for name in touched
                )
            )._check_legal_payment()
        return super().write(vals)

    def _synchronize_to_moves(self, changed_fields):
        """Our entries have one item per bill; core would merge them."""
        others = self.filtered(lambda payment: not payment.legal_payment_id)
        return super(AccountPayment, others)._synchronize_to_moves(changed_fields)

    def action_draft(self):
        self._check_legal_payment()
        return super().action_draft()

    def action_cancel(self):
        self._check_legal_payment()
        return super().action_cancel()

    def action_reject(self):
        self._check_legal_payment()
        return super().action_reject()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_legal_payment(self):
        """Payments of bills are reversed, never deleted."""
        self._check_legal_payment()

    @api.model
    def _check_slip_is_ours(self):
        """:raise ProtectedFieldError: a payment belongs to the slip that posted it"""
        if not is_internal(self.env):
            raise ProtectedFieldError(
                self.env._("The payment of bills is set by posting the slip.")
            )

    def _check_legal_payment(self):
        """Refuse changes behind the slip's back.

        :raise PaymentGuardError: naming the slips
        """
        self.env["legal.payment"]._refuse_changes_of(self)
