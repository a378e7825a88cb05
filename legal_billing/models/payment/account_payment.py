from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models

from ... import engine
from ...engine.decimals import to_decimal
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
        """A payment is tied to a slip by posting the slip, and by no default of the
        context.

        :raise ProtectedFieldError:
        """
        for vals in vals_list:
            if given_values(self.env, vals).get("legal_payment_id"):
                self._check_slip_is_ours()
        return super().create(vals_list)

    def write(self, vals):
        """What core would write to the payment, its entry would not follow: the slip's
        entry has items that core does not know how to rebuild. Values that are written
        again as they are pass.

        :raise ProtectedFieldError: for the tie to the slip
        :raise PaymentGuardError: naming the slips
        """
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
        """Resetting the payment would leave its slip posted: reverse the slip.

        :raise PaymentGuardError: naming the slips
        """
        self._check_legal_payment()
        return super().action_draft()

    def action_cancel(self):
        """Cancelling the payment would leave its slip posted: reverse the slip.

        :raise PaymentGuardError: naming the slips
        """
        self._check_legal_payment()
        return super().action_cancel()

    def action_reject(self):
        """Rejecting the payment would leave its slip posted: reverse the slip.

        :raise PaymentGuardError: naming the slips
        """
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

    # --- what Odoo's own Pay writes off

    def _get_write_off_shares(self):
        """What of this payment's write-off each bill bears: its own early payment
        discount where these make up the write-off, else in proportion to what the
        payment settled.

        :return: ``{bill: amount in the bill's currency}``
        :rtype: dict
        """
        self.ensure_one()
        _liquidity, counterparts, write_offs = self._seek_for_lines()
        total = to_decimal(sum(counterparts.mapped("amount_currency")))
        given_up = to_decimal(sum(write_offs.mapped("amount_currency")))
        if given_up * total >= 0:  # nothing, or more was received
            return {}
        total, given_up = abs(total), abs(given_up)
        parts = self._get_settled_parts(counterparts)
        settled = sum(row[1] for row in parts)
        if not settled:
            return {}
        own = [self._get_own_discount(line, amount) for line, amount, _bill in parts]
        # of a payment that was taken off one of its bills the others keep their own
        if not (sum(own) == given_up or sum(own) < given_up and settled < total):
            own = engine.largest_remainder(
                given_up * settled / total,
                [row[1] for row in parts],
                to_decimal(self.currency_id.rounding),
            )
        shares = defaultdict(Decimal)
        for (line, amount, bill_amount), share in zip(parts, own, strict=True):
            currency = line.currency_id
            shares[line.move_id] += to_decimal(
                currency.round(float(share * bill_amount / amount))
            )
        return shares

    def _get_settled_parts(self, counterparts):
        """
        :param account.move.line counterparts: receivable items of the payment
        :return: ``[(item settled, amount in the payment's currency, in its own), …]``
        :rtype: list
        """
        return [
            (
                partial[f"{other}_move_id"],
                to_decimal(partial[f"{mine}_amount_currency"]),
                to_decimal(partial[f"{other}_amount_currency"]),
            )
            for mine, other in (("credit", "debit"), ("debit", "credit"))
            for partial in counterparts[f"matched_{other}_ids"]
            if partial[f"{mine}_amount_currency"]
        ]

    def _get_own_discount(self, line, amount):
        """The early payment discount of an item that this payment settled in time and
        in full.

        :param Decimal amount: that the payment settled of it
        :rtype: Decimal
        """
        full = abs(to_decimal(line.amount_currency))
        if (
            line.currency_id != self.currency_id
            or not line.discount_date
            or line.discount_date < self.date
            or amount != full
        ):
            return Decimal(0)
        return full - abs(to_decimal(line.discount_amount_currency))
