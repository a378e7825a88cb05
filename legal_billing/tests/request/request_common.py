from datetime import date

from ..client_account.trust_common import TrustCommon

DAY = date(2026, 11, 20)


class RequestCommon(TrustCommon):
    """Matters whose clients are asked for money, at 20 % of tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.advances = cls.company._get_legal_on_account_account()
        cls.credits = cls.company._get_legal_unallocated_account()
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        lines = (
            cls.tax_20.invoice_repartition_line_ids
            | cls.tax_20.refund_repartition_line_ids
        )
        lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.tax_account
        cls.office_outstanding = (
            cls.office_bank.inbound_payment_method_line_ids.payment_account_id[:1]
            or cls.env["account.payment"]._get_outstanding_account("inbound")
        )

    # --- factories

    def _ask(self, kind="client_money", amount=1200.0, role="biller", **vals):
        """A draft request.

        :rtype: legal.money.request
        """
        return self._as(self.env["legal.money.request"], role).create(
            {
                "kind": kind,
                "matter_id": self.matter.id,
                "amount": amount,
                "date": DAY,
                **vals,
            }
        )

    def _receive(self, request, amount=None, post=True, role="cashier", **vals):
        """The payment of a request for a payment on account.

        :rtype: legal.payment
        """
        action = self._as(request, role).action_receive()
        payment = self._as(self.env["legal.payment"].browse(action["res_id"]), role)
        payment.date = DAY
        if amount is not None:
            payment.allocation_ids.amount = amount
            payment.amount = amount
        payment.write(vals)
        if post:
            payment.action_post()
        return payment

    def _deposit(self, request, amount=None, role="client_account_officer", **vals):
        """The deposit that a request opens, saved.

        :rtype: legal.trust.transaction
        """
        action = self._as(request, role).action_receive()
        movements = self._as(self.env["legal.trust.transaction"], role)
        defaults = movements.with_context(**action["context"]).default_get(
            ["kind", "matter_id", "amount", "partner_id", "reference"]
        )
        return movements.with_context(**action["context"]).create(
            {
                **defaults,
                "date": DAY,
                "journal_id": self.client_bank.id,
                **({"amount": amount} if amount else {}),
                **vals,
            }
        )
