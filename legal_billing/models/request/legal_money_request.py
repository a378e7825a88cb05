from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import float_compare

from ...exceptions import RequestError
from ...tools import given_values, is_amount, read_reason

KINDS = [("on_account", "Bill on account"), ("client_money", "Client money")]

STATES = [
    ("draft", "Draft"),
    ("sent", "Sent"),
    ("part_paid", "Paid in part"),
    ("paid", "Paid"),
    ("cancelled", "Cancelled"),
]

#: States in which money is still waited for.
WAITING = ("draft", "sent", "part_paid")

#: Who asks clients for money.
ASKERS = ("biller", "cashier", "client_account_officer", "manager")

#: Written by Send and Cancel, by money that comes in, and by nothing else.
PROTECTED_FIELDS = {
    "name",
    "state",
    "company_id",
    "currency_id",
    "paid_amount",
    "open_amount",
    "sent_on",
    "sent_by_id",
    "sent_how",
    "cancelled_on",
    "cancelled_by_id",
    "cancel_reason",
    "asked_with_id",
    "paper_id",
    "access_token",
    "deposit_ids",
    "payment_ids",
    "bill_ids",
}

#: What the client reads.
SUBSTANCE = {
    "kind",
    "matter_id",
    "partner_id",
    "amount",
    "date",
    "date_due",
    "narrative",
}


class LegalMoneyRequest(models.Model):
    """What a client is asked to pay before the work is done: a numbered paper without
    an entry. How far it is paid follows from the deposits, or from the payments, that
    name it; taking one back takes it back here."""

    _name = "legal.money.request"
    _description = "Request for Money"
    _inherit = [
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "legal.billing.guard",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    kind = fields.Selection(
        KINDS,
        string="For",
        required=True,
        default="client_money",
        tracking=True,
        help="Bill on account: the firm's own money, with tax. What is paid becomes a "
        "bill on account, for an approver, with its payment.\n"
        "Client money: held for the client. What is paid becomes a deposit of the "
        "matter, never a payment of a bill.",
    )
    state = fields.Selection(
        STATES,
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )
    matter_id = fields.Many2one(
        "project.project",
        required=True,
        domain=[("is_matter", "=", True)],
        check_company=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, precompute=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Asked of",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    amount = fields.Monetary(required=True, tracking=True, help="With tax.")
    amount_note = fields.Char(compute="_compute_amount_note")
    date = fields.Date(
        required=True, default=fields.Date.context_today, copy=False, tracking=True
    )
    date_due = fields.Date(
        string="Due",
        compute="_compute_date_due",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        copy=False,
        tracking=True,
    )
    narrative = fields.Text(
        string="Text", help="What the paper says of what the money is for."
    )

    # what came in
    paid_amount = fields.Monetary(
        string="Received", compute="_compute_paid_amount", store=True
    )
    open_amount = fields.Monetary(
        string="Still asked for", compute="_compute_paid_amount", store=True
    )
    deposit_ids = fields.One2many(
        "legal.trust.transaction",
        "money_request_id",
        string="Deposits",
        readonly=True,
        copy=False,
    )
    payment_ids = fields.One2many(
        "legal.payment",
        "money_request_id",
        string="Payments",
        readonly=True,
        copy=False,
    )
    bill_ids = fields.One2many(
        "account.move",
        "money_request_id",
        string="Bills on account",
        readonly=True,
        copy=False,
    )
    unbilled_amount = fields.Monetary(
        string="Received, not billed",
        compute="_compute_unbilled_amount",
        help="What came in for a bill on account and has no bill: its draft was deleted, "
        "or its bill credited.",
    )

    # what became of it
    sent_on = fields.Datetime(readonly=True, copy=False, string="Sent on")
    sent_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, string="Sent by"
    )
    sent_how = fields.Selection(
        [
            ("email", "By e-mail"),
            ("bill", "With the bill"),
            ("print", "Printed"),
        ],
        string="How it was sent",
        readonly=True,
        copy=False,
    )
    cancelled_on = fields.Datetime(readonly=True, copy=False, string="Cancelled on")
    cancelled_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, string="Cancelled by"
    )
    cancel_reason = fields.Char(
        string="Cancelled because", readonly=True, copy=False, tracking=True
    )
    asked_with_id = fields.Many2one(
        "account.move",
        string="Asked with bill",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The bill after which too little was left of the retainer; the request goes "
        "out with it.",
    )
    paper_id = fields.Many2one(
        "ir.attachment", readonly=True, copy=False, ondelete="set null"
    )
    is_receive_allowed = fields.Boolean(compute="_compute_is_allowed")
    is_send_allowed = fields.Boolean(compute="_compute_is_allowed")
    is_cancel_allowed = fields.Boolean(compute="_compute_is_allowed")

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "Money that is asked for is above nothing."
    )
    _due_not_before = models.Constraint(
        "CHECK(date_due >= date)", "A request is due on its day or later."
    )
    _cancel_says_why = models.Constraint(
        "CHECK((cancelled_on IS NULL) = (COALESCE(cancel_reason, '') = ''))",
        "Who cancels a request says why.",
    )
    _number_unique = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Two requests of a company cannot have one number.",
    )

    # --- computes

    @api.depends("matter_id")
    def _compute_company_id(self):
        """Of the matter; before one is chosen the user's."""
        for request in self:
            request.company_id = (
                request.matter_id.company_id or request.company_id or self.env.company
            )

    @api.depends("matter_id", "kind")
    def _compute_currency_id(self):
        """Client money has the currency of its ledger, a bill that of the matter."""
        for request in self:
            matter = request.matter_id
            company_currency = request.company_id.currency_id
            request.currency_id = (
                matter.client_account_currency_id
                if request.kind == "client_money"
                else matter.billing_currency_id
            ) or company_currency

    @api.depends("matter_id", "kind")
    def _compute_partner_id(self):
        for request in self:
            matter = request.matter_id
            request.partner_id = (
                request.kind == "on_account" and matter.billing_partner_id
            ) or matter.partner_id

    @api.depends("date")
    def _compute_date_due(self):
        for request in self:
            if request.date:
                company_sudo = request.company_id.sudo()  # a setting
                days = timedelta(days=company_sudo.legal_request_days)
                request.date_due = request.date + days

    @api.depends("amount", "cancelled_on", "paid_amount", "sent_on")
    def _compute_state(self):
        for request in self:
            if request.cancelled_on:
                state = "cancelled"
            elif request.paid_amount > 0 and request._is_paid():
                state = "paid"
            elif request.paid_amount > 0:
                state = "part_paid"
            else:
                state = "sent" if request.sent_on else "draft"
            request.state = state

    def _is_paid(self):
        self.ensure_one()
        digits = self.currency_id.rounding or 0.01
        return (
            float_compare(self.paid_amount, self.amount, precision_rounding=digits) >= 0
        )

    @api.depends("state", "kind")
    def _compute_is_allowed(self):
        for request in self:
            is_waiting = request.state in WAITING
            request.is_receive_allowed = is_waiting
            request.is_send_allowed = is_waiting
            request.is_cancel_allowed = is_waiting

    # --- constraints

    @api.constrains("amount", "currency_id", "matter_id", "partner_id", "kind")
    def _check_request(self):
        """
        :raise RequestError: naming all of them, each with what is wrong
        """
        problems = []
        for request in self.sudo():  # payers of the own matter
            matter, currency = request.matter_id, request.currency_id
            if not matter.is_matter:
                problems.append(
                    self.env._("%(name)s is no matter.", name=matter.display_name)
                )
            if not request.partner_id:
                problems.append(
                    self.env._(
                        "%(matter)s: say whom the money is asked of.",
                        matter=matter.display_name,
                    )
                )
            if not is_amount(request.amount) or currency.compare_amounts(
                request.amount, currency.round(request.amount)
            ):
                problems.append(
                    self.env._(
                        "%(matter)s: %(amount)s is not an amount of %(currency)s.",
                        matter=matter.display_name,
                        amount=request.amount,
                        currency=currency.name,
                    )
                )
            payers = matter._get_bill_payers()
            if request.kind == "on_account" and request.partner_id not in payers:
                problems.append(
                    self.env._(
                        "%(partner)s pays no bills of %(matter)s: a bill on account is "
                        "deducted from the bills of the same payer.",
                        partner=request.partner_id.display_name,
                        matter=matter.display_name,
                    )
                )
        if problems:
            raise RequestError("\n".join(problems))

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """New requests are drafts, numbered at once: a number once given stays with its
        request, sent or cancelled.

        :raise RoleError:
        :raise ProtectedFieldError:
        """
        if not self._is_internal():
            self._check_asker()
            for vals in vals_list:
                self._check_protected(given_values(self.env, vals))
        requests = super().create(vals_list)
        for request in requests._internal():
            request.name = request.company_id._next_legal_number(
                self._name, self._name, day=request.date
            )
        return requests

    def write(self, vals):
        """Refuse changes of what the client has read, and of what only the buttons
        write.

        :raise RoleError:
        :raise ProtectedFieldError: naming the fields
        :raise RequestError: naming the requests that were sent
        """
        if self._is_internal():
            return super().write(vals)
        self._check_asker()
        self._check_protected(vals)
        self._check_frozen(vals)
        result = super().write(vals)
        if "matter_id" in vals:
            self.check_access("write")  # it is not sent where the user may not look
        if SUBSTANCE & vals.keys():
            self._internal().paper_id = False
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_numbered(self):
        """Numbers once given are never given again.

        :raise RequestError: naming them
        """
        raise RequestError(
            self.env._(
                "%(names)s has a number, which is not given again: cancel it and say why.",
                names=", ".join(self.mapped("display_name")),
            )
        )

    @api.model
    def _check_asker(self):
        """
        :raise RoleError: for those who do not ask clients for money
        """
        self._check_role(*ASKERS)

    @api.model
    def _protected_fields(self):
        """What the buttons, and money that comes in, write."""
        return super()._protected_fields() | PROTECTED_FIELDS

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s of a request is set by Send and Cancel, and by the deposits and "
            "payments that name it.",
            fields=labels,
        )

    @api.model
    def _frozen_fields(self):
        """What the client reads."""
        return super()._frozen_fields() | SUBSTANCE

    def _get_frozen(self):
        """Those that are no drafts any more."""
        return self.filtered(lambda request: request.state != "draft")

    def _get_frozen_refusal(self):
        return RequestError(
            self.env._(
                "%(names)s was sent, paid or cancelled and stays as it is. Cancel what is "
                "still asked for, and make a new request.",
                names=", ".join(self.mapped("display_name")),
            )
        )

    def _check_waiting(self):
        """
        :raise RequestError: naming those that wait for no money any more
        """
        done = self.filtered(lambda request: request.state not in WAITING)
        if done:
            raise RequestError(
                self.env._(
                    "%(names)s is paid or cancelled: nothing is asked for any more. Make "
                    "a new request.",
                    names=", ".join(done.mapped("display_name")),
                )
            )

    # --- actions

    def action_cancel(self, reason=None):
        """No longer ask for what is open of these requests. What came in stays. Without
        a reason, from a button, asks for it.

        :param str reason: demanded
        :return: True, or the window that asks
        :raise RoleError: for those who do not ask clients for money
        :raise RequestError: without a reason, or if one is paid or cancelled
        """
        self._check_asker()
        self._check_waiting()
        if reason is None:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Cancel the request"),
                "res_model": "legal.money.request.cancel",
                "views": [(False, "form")],
                "target": "new",
                "context": {"default_request_ids": self.ids},
            }
        reason = read_reason(reason)
        if not reason:
            raise RequestError(
                self.env._("Say why the request is cancelled; it is kept with it.")
            )
        self.check_access("write")
        self._cancel(reason)
        return True

    def _cancel(self, reason):
        """
        :param str reason:
        """
        self._internal().write(
            {
                "cancelled_on": fields.Datetime.now(),
                "cancelled_by_id": self.env.uid,
                "cancel_reason": reason,
            }
        )
