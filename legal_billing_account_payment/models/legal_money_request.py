from odoo import fields, models
from odoo.exceptions import UserError

#: What a provider says of money that is on its way.
UNDER_WAY = ("pending", "authorized", "done")


class LegalMoneyRequest(models.Model):
    """Requests that clients pay online. Client money goes to a client account, the
    firm's own to the firm's bank: a provider that pays to the other one is none of
    this request's."""

    _inherit = "legal.money.request"

    payment_transaction_ids = fields.One2many(
        "payment.transaction",
        "money_request_id",
        string="Online payments",
        readonly=True,
        copy=False,
    )

    def _protected_fields(self):
        """Also what is paid online: the client's page writes it."""
        return super()._protected_fields() | {"payment_transaction_ids"}

    def _fits_provider(self, provider_sudo):
        """Whether the provider pays to where money of this request belongs.

        :param payment.provider provider_sudo:
        :rtype: bool
        """
        self.ensure_one()
        journal_sudo = provider_sudo.journal_id
        if provider_sudo.code == "custom":  # transfers: the page says where to
            return False
        if not journal_sudo or journal_sudo.company_id != self.company_id:
            return False
        if self.kind != "client_money":
            return not journal_sudo.is_client_account
        currency = journal_sudo.currency_id or journal_sudo.company_id.currency_id
        return journal_sudo.is_client_account and currency == self.currency_id

    def _has_online_payment(self):
        """Whether the client paid online, and it is not entered yet.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.sudo().payment_transaction_ids.filtered(  # of the own request
                lambda tx: (
                    tx.state in UNDER_WAY
                    and not tx._is_received()
                    and tx.provider_code != "custom"
                )
            )
        )

    # --- what comes in

    def _receive_online(self, transaction):
        """Enter what a provider collected for this request: client money as a deposit of
        the matter, else a payment with its bill on account. Called as superuser: nobody
        is there when the provider answers.

        :param payment.transaction transaction:
        """
        self.ensure_one()
        if self.kind == "client_money":
            self._deposit_online(transaction)
        else:
            self._collect_online(transaction)

    def _deposit_online(self, transaction):
        """The deposit. It is used once somebody confirmed that the provider paid it out:
        before that it is in no client account, and a payment of it would be made with
        money of others. Where the company wants two people, or something stands against
        posting, it waits as a draft for the client-account officer."""
        deposits = self.env["legal.trust.transaction"]
        deposit = deposits.create(
            {
                "kind": "deposit",
                "matter_id": self.matter_id.id,
                "journal_id": transaction.provider_id.journal_id.id,
                "money_request_id": self.state != "cancelled" and self.id,
                "partner_id": transaction.partner_id.id,
                "amount": transaction.amount,
                "is_uncleared": True,
                "reference": transaction._get_slip_reference(),
                "memo": self.name,
            }
        )
        deposit._internal().payment_transaction_id = transaction
        try:
            with self.env.cr.savepoint():
                deposit.action_post()
        except UserError as error:
            body = self.env._(
                "Paid online (%(reference)s). The deposit waits for the client-account "
                "officer: %(reason)s",
                reference=transaction.reference,
                reason=str(error),
            )
            deposit._message_log(body=body)
            self._message_log(body=body)

    def _collect_online(self, transaction):
        """The slip, with its draft bill on account. What is paid for a request that was
        cancelled meanwhile is a credit of the matter."""
        vals = self._prepare_payment_vals(transaction.amount) | {
            "source": "bank",
            "means": "card",
            "journal_id": transaction.provider_id.journal_id.id,
            "reference": transaction._get_slip_reference(),
            "payment_transaction_id": transaction.id,
        }
        if self.state == "cancelled":
            vals["money_request_id"] = False
        slips = self.env["legal.payment"]._internal()
        slip = slips.create(vals)
        try:
            with self.env.cr.savepoint():
                slip.action_post()
        except UserError as error:
            self._message_log(
                body=self.env._(
                    "Paid online (%(reference)s). The payment waits for a cashier: "
                    "%(reason)s",
                    reference=transaction.reference,
                    reason=str(error),
                )
            )
            return
        transaction.payment_id = slip.account_payment_id
