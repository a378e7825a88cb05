import logging

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """What a provider confirmed for bills is spread by billing, not by core."""

    _inherit = "payment.transaction"

    def _create_payment(self, **extra_create_values):
        """Bills of matters are paid by a slip; core's payment is the slip's. Everything
        else, and what no slip can be posted of, is core's as ever.

        :return: core's payment
        :rtype: account.payment
        """
        self.ensure_one()
        if not extra_create_values and (slip := self._collect_bills()):
            self.payment_id = slip.account_payment_id
            return self.payment_id
        return super()._create_payment(**extra_create_values)

    def _get_paid_bills(self):
        """What the client paid for; of a part that was captured, what the whole is for.

        :return: bills of matters; none where anything else is among them
        :rtype: account.move
        """
        source = self.source_transaction_id
        paid = (source if source.operation == self.operation else self).invoice_ids
        paid = paid.filtered(lambda move: move.state != "cancel")
        bills = paid._get_bills()
        is_ours = (
            self.amount > 0
            and bills == paid
            and set(bills.mapped("move_type")) == {"out_invoice"}
            and bills.company_id == self.company_id
            and bills.currency_id == self.currency_id
        )
        return bills if is_ours else bills.browse()

    def _collect_bills(self):
        """Post a slip for what the client paid. Nobody is there when the provider
        answers: the system posts it, and the slip names the provider.

        :return: none where there are no bills, or where it is refused
        :rtype: legal.payment
        """
        # the visitor's rights decide nothing here: the provider has the money
        transaction = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        bills = transaction._get_paid_bills()
        slips = transaction.env["legal.payment"]
        if not bills:
            return slips
        provider = transaction.provider_id
        try:
            return slips._collect(
                bills,
                {
                    "company_id": transaction.company_id.id,
                    "source": "bank",
                    "means": "card",
                    "journal_id": provider.journal_id.id,
                    "received_from_id": transaction.partner_id.commercial_partner_id.id,
                    "currency_id": transaction.currency_id.id,
                    "amount": transaction.amount,
                    "reference": " ".join(
                        filter(
                            None,
                            (transaction.reference, transaction.provider_reference),
                        )
                    ),
                    "payment_transaction_id": transaction.id,
                },
            )
        except UserError as error:
            _logger.info("no slip for transaction %s: %s", transaction.reference, error)
            bills._message_log_batch(
                bodies=dict.fromkeys(
                    bills.ids,
                    transaction.env._(
                        "The online payment %(reference)s is Odoo's own payment and no "
                        "slip: %(reason)s",
                        reference=transaction.reference,
                        reason=str(error),
                    ),
                )
            )
            return slips
