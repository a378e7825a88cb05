from odoo import api, fields, models

from ...exceptions import LegalBillingError


class AccountMove(models.Model):
    """Bills on account of money that was asked for, and what is asked for with bills."""

    _inherit = "account.move"

    money_request_id = fields.Many2one(
        "legal.money.request",
        string="Asked for with",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The request whose payment this bill on account is of.",
    )
    asked_request_ids = fields.One2many(
        "legal.money.request",
        "asked_with_id",
        string="Requests with this bill",
        readonly=True,
        copy=False,
    )

    @api.model
    def _protected_fields(self):
        """What the requests write."""
        return super()._protected_fields() | {"money_request_id", "asked_request_ids"}

    # --- approval

    def _get_approval_problems(self, invoice_date=None):
        """Besides: bills on account whose money was taken back."""
        problems = super()._get_approval_problems(invoice_date)
        bills_sudo = self.sudo().filtered(  # links of the bills to approve
            lambda bill: bill.money_request_id and bill.state == "draft"
        )
        for request, bills in bills_sudo.grouped("money_request_id").items():
            for bill in request._get_uncovered_bills(bills).with_env(self.env):
                text = self.env._(
                    "%(bill)s: the money that came in with %(request)s was taken back; "
                    "delete the draft, or enter the money again",
                    bill=bill._get_short_name(),
                    request=request.name,
                )
                problems.setdefault(bill, []).append(text)
        return problems

    # --- after approval

    def _after_approval(self):
        """Money that waited for these bills pays them, and retainers that they take
        below their minimum are asked for."""
        result = super()._after_approval()
        bills_sudo = self.sudo()  # links of bills that were just approved
        for bill_sudo in bills_sudo.filtered("money_request_id"):
            bill_sudo.with_env(self.env)._use_requested_money()
        matters = bills_sudo.filtered(
            lambda bill: bill.move_type == "out_invoice"
        ).matter_ids
        matters.filtered("retainer_ask_with_bill")._ask_with_bills(self)
        return result

    def _use_requested_money(self):
        """What came in for this bill on account pays it. Credits of matters are used by
        cashiers: it is done in the name of the one who entered the money for it. Where
        that is not possible the bill stays open, and says why."""
        self.ensure_one()
        bill_sudo = self.sudo()  # the money of the own request
        payments_sudo = bill_sudo.money_request_id.payment_ids.filtered(
            lambda payment: payment.state == "posted"
        )
        matter_sudo, currency = bill_sudo.matter_id, bill_sudo.currency_id
        credit = -sum(
            matter_sudo._get_open_credits(currency).mapped("amount_residual_currency")
        )
        amount = currency.round(min(credit, bill_sudo.amount_residual))
        cashier = payments_sudo.sorted("id")[-1:].posted_by_id
        if amount <= 0 or not payments_sudo:
            return None
        slips = self.env["legal.payment"].with_user(cashier)
        # what nobody entered, but a payment provider told us, the system uses too
        is_person = not cashier._is_superuser()
        if is_person and not (
            cashier.active and slips._has_own_role("cashier", "manager")
        ):
            return self._note_money_left(
                self.env._("%s is no cashier any more", cashier.name)
            )
        days = [*payments_sudo.mapped("date"), bill_sudo.invoice_date]
        vals = {
            "source": "unallocated",
            "company_id": bill_sudo.company_id.id,
            "currency_id": currency.id,
            "matter_id": matter_sudo.id,
            "received_from_id": bill_sudo.commercial_partner_id.id,
            "amount": amount,
            "date": max(days),
            "memo": bill_sudo.money_request_id.name,
        }
        try:
            # nothing is left of a slip that is refused
            slips._collect(bill_sudo.with_user(cashier).sudo(), vals)
        except LegalBillingError as error:
            self._note_money_left(str(error))

    def _note_money_left(self, reason):
        """
        :param str reason:
        """
        self.sudo()._message_log(
            body=self.env._(
                "The money that came in with %(request)s does not pay this bill yet: "
                "%(reason)s. A cashier can use the credit of the matter for it.",
                request=self.sudo().money_request_id.name,
                reason=reason,
            )
        )

    def _after_reset(self, memo):
        """What was asked for with these bills, and is not sent, is asked for no more."""
        result = super()._after_reset(memo)
        drafts_sudo = self.sudo().asked_request_ids.filtered(
            lambda request: request.state == "draft"
        )
        if drafts_sudo:
            drafts_sudo._cancel(
                self.env._("The bill that it was to go with went back.")
            )
        return result

    # --- with the bill

    def _get_requests_to_send(self):
        """Requests that go out with these bills.

        :return: as superuser
        :rtype: legal.money.request
        """
        return self.sudo().asked_request_ids.filtered(
            lambda request: request.state == "draft"
        )

    def _produce(self):
        """Requests go out with their bills: in the bill's e-mail where it goes to the
        client, else by an e-mail of their own. Those without an address wait to be
        printed."""
        requests_sudo = self._get_requests_to_send()
        if requests_sudo:
            self._check_event("produce")  # before papers are made
            requests_sudo._make_papers()
        errors = super()._produce()
        produced = self.filtered(lambda bill: bill not in errors)
        left_sudo = produced._get_requests_to_send() if requests_sudo else requests_sudo
        left_sudo.filtered(lambda request: request._has_address())._email()
        return errors

    def _queue_bill_emails(self, emails):
        """Requests for money to the same client are enclosed. The method below may call
        this one again, for each bill: what is enclosed already is not enclosed twice."""
        enclosed = {}
        for bill in self:
            requests_sudo = bill._get_requests_to_send().filtered(
                lambda request, bill=bill: (
                    request.partner_id.commercial_partner_id
                    == bill.commercial_partner_id
                )
            )
            if not requests_sudo:
                continue
            enclosed[bill] = requests_sudo
            email = emails[bill]
            if not email.get("has_requests"):
                widget = [
                    *email["mail_attachments_widget"],
                    *requests_sudo._prepare_enclosures(),
                ]
                email = {
                    **email,
                    "mail_attachments_widget": widget,
                    "has_requests": True,
                }
                emails = {**emails, bill: email}
        errors = super()._queue_bill_emails(emails)
        for bill, requests_sudo in enclosed.items():
            if bill not in errors:
                requests_sudo._note_sent("bill")
        return errors
