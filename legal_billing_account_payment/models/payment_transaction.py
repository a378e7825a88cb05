import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """What a provider confirmed for bills is spread by billing, not by core; what it
    confirmed for a request for money is that request's."""

    _inherit = "payment.transaction"

    money_request_id = fields.Many2one(
        "legal.money.request",
        string="Request for money",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    deposit_ids = fields.One2many(
        "legal.trust.transaction",
        "payment_transaction_id",
        readonly=True,
        copy=False,
    )
    slip_ids = fields.One2many(
        "legal.payment",
        "payment_transaction_id",
        string="Payment slip",
        readonly=True,
        copy=False,
    )

    @api.constrains("money_request_id", "provider_id", "currency_id", "invoice_ids")
    def _check_money_belongs_there(self):
        """Client money is paid to a client account, and nothing else is.

        :raise ValidationError: naming transactions and providers
        """
        wrong = self.filtered(
            lambda transaction: not transaction._is_where_it_belongs()
        )
        if wrong:
            raise ValidationError(
                self.env._(
                    "%(providers)s: client money that was asked for is paid to a client "
                    "account, and nothing else is paid there (%(transactions)s).",
                    providers=", ".join(wrong.provider_id.mapped("name")),
                    transactions=", ".join(wrong.mapped("reference")),
                )
            )

    def _is_where_it_belongs(self):
        """
        :rtype: bool
        """
        request = self._get_money_request()
        if request and (
            request.currency_id != self.currency_id or self.sudo().invoice_ids
        ):
            return False
        return self.provider_id._takes_money_of(request)

    def _get_money_request(self):
        """What the client paid for; of a part that was captured, or given back, what the
        whole is for.

        :rtype: legal.money.request
        """
        self.ensure_one()
        transaction_sudo = self.sudo()  # of the own transaction
        return (
            transaction_sudo.money_request_id
            or transaction_sudo.source_transaction_id.money_request_id
        )

    def _is_received(self):
        """Whether what was paid is entered.

        :rtype: bool
        """
        return any(slip.state != "draft" for slip in self.slip_ids) or any(
            deposit.state in ("posted", "reversed") for deposit in self.deposit_ids
        )

    def _get_slip_reference(self):
        """
        :rtype: str
        """
        return " ".join(filter(None, (self.reference, self.provider_reference)))

    @api.model
    def _compute_reference_prefix(self, separator, **values):
        """Of requests their number, as on a bank line."""
        request = self.env["legal.money.request"].browse(
            values.get("money_request_id") or []
        )
        return request.name or super()._compute_reference_prefix(separator, **values)

    def _log_message_on_linked_documents(self, message):
        """Also on the request."""
        result = super()._log_message_on_linked_documents(message)
        if request := self._get_money_request():
            request._message_log(body=message)
        return result

    def _create_payment(self, **extra_create_values):
        """Bills of matters are paid by a slip; core's payment is the slip's. Everything
        else, and what no slip can be posted of, is core's as ever.

        :return: core's payment
        :rtype: account.payment
        """
        self.ensure_one()
        if self._get_money_request():
            self._receive_requested()
            return self.payment_id
        if not extra_create_values and (slip := self._collect_bills()):
            self.payment_id = slip.account_payment_id
            return self.payment_id
        return super()._create_payment(**extra_create_values)

    def _receive_requested(self):
        """Enter what came in of a request, once. What was given back is not undone by
        the provider: client money is, by an officer, who says why."""
        # the visitor's rights decide nothing here: the provider has the money
        transaction = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        request = transaction._get_money_request()
        if transaction.amount <= 0:
            request._message_log(
                body=transaction.env._(
                    "%(reference)s: %(amount)s was given back online. Reverse the deposit "
                    "or the payment that it came in with, or enter what was given back.",
                    reference=transaction.reference,
                    amount=transaction.currency_id.format_signed(-transaction.amount),
                )
            )
        elif not (transaction.deposit_ids or transaction.slip_ids):
            request._receive_online(transaction)

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
                    "reference": transaction._get_slip_reference(),
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
