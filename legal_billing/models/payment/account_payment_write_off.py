from collections import defaultdict
from decimal import Decimal

from odoo import models

from ... import engine
from ...engine.decimals import to_decimal


class AccountPayment(models.Model):
    """What Odoo's own Pay button writes off with a payment of bills: an early payment
    discount, or a difference. It was given up, not received."""

    _inherit = "account.payment"

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
