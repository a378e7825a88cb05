from odoo import api, fields, models

from ...exceptions import RequestError


class LegalPayment(models.Model):
    """Payments that were asked for: they become bills on account."""

    _inherit = "legal.payment"

    money_request_id = fields.Many2one(
        "legal.money.request",
        string="Asked for with",
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', '=', 'on_account'), ('company_id', '=', company_id), "
        "('state', 'in', ('draft', 'sent', 'part_paid'))]",
        help="The request that this money answers: it is a credit of the matter until "
        "its bill on account is approved.",
    )

    @api.constrains("money_request_id")
    def _check_money_request(self):
        """
        :raise RequestError: naming payments and requests
        """
        problems = [
            self.env._(
                "%(payment)s: %(request)s asks for client money, which is no payment of "
                "the firm's. Enter it as a deposit of %(matter)s.",
                payment=payment.display_name,
                request=payment.money_request_id.display_name,
                matter=payment.money_request_id.matter_id.display_name,
            )
            for payment in self.sudo()
            if payment.money_request_id.kind == "client_money"
        ]
        if problems:
            raise RequestError("\n".join(problems))

    @api.onchange("amount")
    def _onchange_amount_requested(self):
        """The one credit row of a payment that was asked for is all of it."""
        rows = self._get_requested_rows()
        if self.money_request_id and self.allocation_ids == rows and len(rows) == 1:
            rows.amount = self.amount
            self._note_applied()

    def _get_requested_rows(self):
        """Credits of the matter that the money was asked for.

        :rtype: legal.payment.allocation
        """
        self.ensure_one()
        matter = self.money_request_id.matter_id
        return self._get_rows().filtered(
            lambda row: row.kind == "credit" and row.matter_id == matter
        )

    def _get_requested_amount(self):
        """What of this payment answers its request.

        :rtype: float
        """
        self.ensure_one()
        return sum(self._get_requested_rows().mapped("amount"))

    def _get_header_problems(self):
        """Besides: money that a client calls client money is no payment. And of payments
        that were asked for: they are money of the matter, in the request's currency."""
        problems = super()._get_header_problems()
        if self.direction == "in" and self._get_source().is_handed_over:
            requests_sudo = self.env["legal.money.request"].sudo()  # of its own text
            problems += [
                self.env._(
                    "%(request)s, which the payment names, asks for client money: enter "
                    "what came in as a deposit of %(matter)s",
                    request=named.name,
                    matter=named.matter_id.display_name,
                )
                for named in requests_sudo._find_named(
                    self.company_id, self.reference, self.memo
                )
            ]
        request = self.money_request_id
        if not request:
            return problems
        if self.direction != "in" or not self._get_source().is_handed_over:
            problems.append(
                self.env._(
                    "%(request)s is answered by money from bank or cash",
                    request=request.name,
                )
            )
        if request.state == "cancelled":
            problems.append(
                self.env._("%(request)s was cancelled", request=request.name)
            )
        if self.currency_id != request.currency_id:
            problems.append(
                self.env._(
                    "%(request)s is in %(currency)s",
                    request=request.name,
                    currency=request.currency_id.name,
                )
            )
        if self._get_requested_amount() <= 0:
            problems.append(
                self.env._(
                    "%(request)s is answered by a credit row of %(matter)s",
                    request=request.name,
                    matter=request.matter_id.display_name,
                )
            )
        return problems

    def _post_payment(self):
        """Of what was asked for, the bill on account is drafted: an approver approves
        it, and the money pays it then."""
        result = super()._post_payment()
        request = self.money_request_id
        if request:
            request._note_received(self)
            request._bill_received()
        return result

    def _reverse_payment(self, reason, kind, date, fee):
        """It is noted on the request; a draft that the money was to pay is approved no
        more."""
        result = super()._reverse_payment(reason, kind, date, fee)
        request = self.money_request_id
        if request:
            request._note_taken_back(self, reason)
        return result
