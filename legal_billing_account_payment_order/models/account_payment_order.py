from collections import defaultdict

from odoo import models
from odoo.fields import Date

from odoo.addons.legal_billing.exceptions import RoleError


class AccountPaymentOrder(models.Model):
    """Bills that a bank collects by an order are paid by slips."""

    _inherit = "account.payment.order"

    # --- what the bank collects

    def post_and_reconcile(self):
        """Payments for bills of matters are posted by slips, the others as ever.

        :return: what the order's own method returns
        :raise RoleError: where the person may not settle bills
        :raise LegalBillingError: naming the bill that cannot take what its line says
        """
        result = None
        for order in self:
            ours = order.payment_ids.filtered(order._get_collected)
            if not ours:
                result = super(AccountPaymentOrder, order).post_and_reconcile()
                continue
            order._check_may_collect()
            for payment in ours:
                order._collect_bills(payment)
            order._post_others(order.payment_ids - ours)
        return result

    def _get_collected(self, payment):
        """What each bill gets of a payment of this order; nothing where it is not for
        bills of matters alone.

        :param account.payment payment: not posted yet
        :return: ``{bill: amount}``
        :rtype: dict
        """
        lines = payment.payment_line_ids
        items = lines.move_line_id
        bills = items.move_id._get_bills()
        journal_currency = payment.journal_id.currency_id or (
            payment.company_id.currency_id
        )
        if (
            payment.payment_type != "inbound"
            or payment.state != "draft"
            or not bills
            or bills != items.move_id
            or any(not line.move_line_id for line in lines)
            or bills.currency_id != payment.currency_id
            or journal_currency != payment.currency_id
        ):
            return {}
        amounts = defaultdict(float)
        for line in lines:
            amounts[line.move_line_id.move_id] += line.amount_currency
        return {
            bill: payment.currency_id.round(amount) for bill, amount in amounts.items()
        }

    def _collect_bills(self, payment):
        """Post the slip of a payment of this order.

        :param account.payment payment:
        :return: the slip
        :rtype: legal.payment
        """
        amounts = self._get_collected(payment)
        bills = self.env["account.move"].union(*amounts)
        slips = self.env["legal.payment"]._internal()
        return slips._collect(
            bills.sudo(),
            {
                "company_id": self.company_id.id,
                "source": "bank",
                "journal_id": self.journal_id.id,
                "received_from_id": payment.partner_id.commercial_partner_id.id,
                "currency_id": payment.currency_id.id,
                "amount": payment.amount,
                "date": payment.date or Date.context_today(self),
                "reference": self.name,
                "account_payment_id": payment.id,
            },
            {bill.sudo(): amount for bill, amount in amounts.items()},
        )

    def _post_others(self, payments):
        """Post what is for no bill of a matter, beside slips.

        :param account.payment payments:
        """
        payments.action_post()
        for payment in payments:
            owed = payment.payment_line_ids.move_line_id
            account = payment.destination_account_id
            paid = payment.move_id.line_ids.filtered(
                lambda item, own=account: item.account_id == own
            )
            (owed | paid).reconcile()

    def _check_may_collect(self):
        """:raise RoleError: for those who may not settle bills"""
        if not self.env["legal.payment"]._may_settle():
            raise RoleError(
                self.env._(
                    "%(order)s collects bills of matters: a cashier, a manager, or an "
                    "accountant with Odoo's full accounting right confirms its upload.",
                    order=self.display_name,
                )
            )

    # --- an order that is taken back

    def action_cancel(self):
        """Slips of the order are reversed, and their payments leave it, so that it can
        be made anew; everything else is cancelled as ever.

        :return: True
        :raise ReversalError: where the bank's line is matched, or a credit is used
        """
        for order in self:
            slips = order.payment_ids.legal_payment_id
            if posted := slips.filtered(lambda slip: slip.state == "posted"):
                order._check_may_collect()
                posted._internal().action_reverse(
                    self.env._("Payment order %(order)s cancelled", order=order.name),
                    "correction",
                )
            # their entries stay, mirrored: cancelling and making anew is for the others
            slips._internal().account_payment_id.payment_order_id = False
        return super().action_cancel()
