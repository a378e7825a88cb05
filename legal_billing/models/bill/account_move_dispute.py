from odoo import fields, models
from odoo.tools import format_date

from ...exceptions import DisputeError
from ...tools import format_amount, open_window


class AccountMove(models.Model):
    """Bills, or a part of them, that the client disputes: payments leave the disputed
    amount alone until the dispute ends."""

    _inherit = "account.move"

    dispute_reason = fields.Char(copy=False, readonly=True, string="Dispute reason")
    disputed_on = fields.Date(copy=False, readonly=True, string="Disputed on")
    disputed_by_id = fields.Many2one(
        "res.users", string="Dispute noted by", copy=False, readonly=True
    )

    def action_open_dispute(self):
        """Ask what the client disputes, and why.

        :return: the window
        :rtype: dict
        :raise RoleError: for users who neither bill, approve nor take payments
        :raise DisputeError: for bills without a balance
        """
        self.ensure_one()
        self._check_can_dispute()
        window = self.env["legal.bill.dispute"].create(
            {"bill_id": self.id, "amount": self.disputed_amount or self.amount_residual}
        )
        return open_window(window, self.env._("Dispute of %(bill)s", bill=self.name))

    def action_end_dispute(self):
        """The dispute is over: all of the balance is payable again.

        :return: True
        :raise RoleError: for users who neither bill, approve nor take payments
        :raise DisputeError: for bills that are not disputed
        """
        self._check_role("biller", "approver", "cashier", "manager")
        undisputed = self.filtered(lambda bill: not bill.disputed_amount)
        if undisputed:
            raise DisputeError(
                self.env._(
                    "%(bills)s: nothing is disputed.",
                    bills=", ".join(bill._get_short_name() for bill in undisputed),
                )
            )
        for bill in self:
            bill.message_post(
                body=self.env._(
                    "Dispute over %(amount)s of %(date)s ended (%(reason)s)",
                    amount=format_amount(
                        self.env, bill.disputed_amount, bill.currency_id
                    ),
                    date=format_date(self.env, bill.disputed_on) or "–",
                    reason=bill.dispute_reason or "–",
                )
            )
        self._internal().write(
            {
                "disputed_amount": 0.0,
                "dispute_reason": False,
                "disputed_on": False,
                "disputed_by_id": False,
            }
        )
        return True

    def _check_can_dispute(self):
        """:raise DisputeError: naming the bills without a balance"""
        self._check_role("biller", "approver", "cashier", "manager")
        self.check_access("read")
        closed = self - self.filtered_domain(self._get_balance_domain())
        if closed:
            raise DisputeError(
                self.env._(
                    "%(bills)s: only approved bills with a balance are disputed.",
                    bills=", ".join(bill._get_short_name() for bill in closed),
                )
            )

    def _dispute(self, amount, reason, date=None):
        """Note what the client disputes.

        :param float amount: of the balance, in the bill's currency
        :param str reason: demanded
        :param date date: default today
        :raise DisputeError: without a reason, or above the balance
        """
        self.ensure_one()
        self._check_can_dispute()
        reason = (reason or "").strip()
        if not reason:
            raise DisputeError(self.env._("Say what the client disputes."))
        if (
            self.currency_id.compare_amounts(amount, 0.0) <= 0
            or self.currency_id.compare_amounts(amount, self.amount_residual) > 0
        ):
            raise DisputeError(
                self.env._(
                    "%(bill)s: enter a disputed amount between 0.00 and its balance of "
                    "%(balance)s.",
                    bill=self._get_short_name(),
                    balance=format_amount(
                        self.env, self.amount_residual, self.currency_id
                    ),
                )
            )
        self._internal().write(
            {
                "disputed_amount": self.currency_id.round(amount),
                "dispute_reason": reason,
                "disputed_on": date or fields.Date.context_today(self),
                "disputed_by_id": self.env.uid,
            }
        )
        self.message_post(
            body=self.env._(
                "%(amount)s disputed: %(reason)s",
                amount=format_amount(self.env, amount, self.currency_id),
                reason=reason,
            )
        )

    def _cap_disputed_amount(self):
        """No more is disputed of these bills than is open."""
        for bill in self:
            if (
                bill.currency_id.compare_amounts(
                    bill.disputed_amount, bill.amount_residual
                )
                > 0
            ):
                bill._internal().disputed_amount = max(bill.amount_residual, 0.0)
