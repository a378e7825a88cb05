from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...exceptions import (
    BillStageError,
    ProtectedFieldError,
    TrustError,
    TrustLockedError,
    UndoError,
)
from ...tools import COLLECTION, Obstacles, format_amount
from .triggers import MOVE_TRIGGERS

#: What an entry of client money says about itself.
FROZEN_FIELDS = {
    "date",
    "journal_id",
    "name",
    "ref",
    "state",
    "line_ids",
    "invoice_line_ids",
    "partner_id",
    "currency_id",
    "company_id",
    "move_type",
}


class AccountMove(models.Model):
    """Entries of client money: made by their movement, undone by its reversal."""

    _inherit = "account.move"

    trust_transaction_id = fields.Many2one(
        "legal.trust.transaction",
        string="Movement of client money",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    trust_bill_line_ids = fields.One2many(
        "legal.trust.bill", "bill_id", string="Paid from client money", copy=False
    )

    # bills that turn out not to be delivered
    client_money_paid_amount = fields.Monetary(
        string="Client money used", compute="_compute_client_money_paid_amount"
    )
    is_client_money_undelivered = fields.Boolean(
        string="Client money, not delivered",
        compute="_compute_client_money_paid_amount",
        search="_search_is_client_money_undelivered",
        help="Client money paid this bill, and its delivery was taken back since.",
    )

    # retainer of the matter
    retainer_currency_id = fields.Many2one("res.currency", compute="_compute_retainer")
    retainer_after_amount = fields.Monetary(
        string="Left of the retainer",
        compute="_compute_retainer",
        currency_field="retainer_currency_id",
        help="Client money of the matter once this draft and its unpaid bills are paid.",
    )
    retainer_ask_amount = fields.Monetary(
        string="To ask for",
        compute="_compute_retainer",
        search="_search_retainer_ask_amount",
        currency_field="retainer_currency_id",
        help="What fills the matter's retainer up again after this bill.",
    )

    def init(self):
        """Entries of client money stay as they are, in the database too."""
        result = super().init()
        self.env.cr.execute(MOVE_TRIGGERS)
        return result

    def _is_addressed_to_third_party(self, matter):
        """Whether somebody else than the matter's client is to pay: client money pays
        such a bill on the client's authority only.

        :param project.project matter: of the bill; none: the one that it is of
        :rtype: bool
        """
        self.ensure_one()
        matter = (matter & self.matter_ids) or self.matter_id
        client = matter.partner_id.commercial_partner_id
        return bool(matter and self.commercial_partner_id != client)

    def _may_bring_costs(self):
        """Client money that moves is no cost of the client."""
        return super()._may_bring_costs() and not self.trust_transaction_id

    # --- CRUD

    def _check_protected(self, vals):
        """An entry is tied to a movement of client money by posting the movement alone.

        :raise ProtectedFieldError:
        """
        result = super()._check_protected(vals)
        given = "trust_transaction_id" in vals and (
            self.ids or vals["trust_transaction_id"]
        )
        if given and not self._is_internal():
            self._refuse_trust_field()
        return result

    def _check_frozen(self, vals=None):
        """Entries of client money stay as they were posted, and so do the numbers of
        bills that client money paid.

        :raise TrustLockedError: naming the entries
        :raise UndoError: naming the bills that would be renumbered
        """
        result = super()._check_frozen(vals)
        if vals is None or FROZEN_FIELDS & vals.keys():
            self._refuse_trust_entries()
        if vals and "name" in vals and not self._is_internal():
            self._check_not_renumbered(vals["name"])
        return result

    # --- retainers

    @api.depends("billing_stage", "matter_id", "amount_total")
    def _compute_retainer(self):
        """Of drafts of one matter; what was approved is in the matter's own figure."""
        drafts = self.filtered(
            lambda bill: (
                bill.billing_stage == "draft" and bill.move_type == "out_invoice"
            )
        )
        matters_sudo = drafts.sudo().matter_id  # figures of bills that may be read
        matters_sudo = matters_sudo.filtered(
            lambda matter: matter.retainer_minimum or matter.retainer_target
        )
        for move in self:
            move.retainer_currency_id = move.company_id.currency_id
            move.retainer_after_amount = move.retainer_ask_amount = 0.0
        by_matter = drafts.filtered(
            lambda bill: bill.sudo().matter_id in matters_sudo
        ).grouped(lambda bill: bill.matter_id.id)
        figures = matters_sudo._get_retainers(
            {
                matter_id: (sum(bills.mapped("amount_total")), bills.currency_id[:1])
                for matter_id, bills in by_matter.items()
            }
        )
        for matter_id, bills in by_matter.items():
            for bill in bills:
                left, ask = figures[matter_id]
                bill.retainer_after_amount, bill.retainer_ask_amount = left, ask

    @api.model
    def _search_retainer_ask_amount(self, operator, value):
        if operator not in (">", "!=") or value:
            return NotImplemented
        drafts = self.search(
            Domain(self._get_stage_domain("draft"))
            & (
                Domain("matter_id.retainer_minimum", ">", 0)
                | Domain("matter_id.retainer_target", ">", 0)
            )
        )
        return Domain("id", "in", drafts.filtered("retainer_ask_amount").ids)

    def _get_bill_flags(self):
        """Besides: a retainer that this draft brings below its minimum."""
        flags = super()._get_bill_flags()
        if self.retainer_ask_amount:
            flags.append(self._get_retainer_flag())
        return flags

    def _get_retainer_flag(self):
        """
        :rtype: dict
        """
        currency = self.retainer_currency_id
        return {
            "text": self.env._("retainer"),
            "tone": "warning",
            "help": self.env._(
                "Left of the retainer after this bill: %(left)s. Still to be asked for: "
                "%(ask)s.",
                left=format_amount(self.env, self.retainer_after_amount, currency),
                ask=format_amount(self.env, self.retainer_ask_amount, currency),
            ),
        }

    # --- guards on core's own ways

    def _get_obstacles(self, event):
        """Client money is reversed by its movement, and takes no foreign entries."""
        obstacles = super()._get_obstacles(event)
        if event == "approve":
            return obstacles | self._get_client_account_obstacles()
        return self._get_trust_obstacles() | obstacles

    def _refuse_trust_field(self):
        raise ProtectedFieldError(
            self.env._(
                "Entries of client money are made by posting a deposit, a refund or a "
                "transfer under Client Account."
            )
        )

    def _refuse_trust_entries(self):
        """
        :raise TrustLockedError: if one of the entries is of client money
        """
        self._get_trust_obstacles().raise_if_any()

    def _get_trust_obstacles(self):
        """
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        if self._is_internal():
            return Obstacles()
        entries = self.filtered("trust_transaction_id")
        return Obstacles().add(
            entries,
            self.env._(
                "%(entries)s is client money: it is never changed, cancelled or "
                "deleted. Reverse %(movements)s under Client Account.",
                entries=", ".join(entries.mapped("display_name")),
                movements=", ".join(
                    entries.sudo().trust_transaction_id.mapped("display_name")
                ),
            ),
            TrustLockedError,
        )

    def _get_client_account_obstacles(self):
        """Into a client account post only movements of client money and the bank's own
        statement lines (rule T5).

        :return: naming entry and journal
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        foreign = self.filtered(
            lambda move: (
                move.journal_id.is_client_account
                and not move.trust_transaction_id
                and not move.statement_line_id
                and not move._is_trust_collection()
            )
        )
        return Obstacles().add(
            foreign,
            self.env._(
                "%(journals)s is a client account: it takes deposits, refunds and "
                "transfers of client money, and statement lines. Use Client Account "
                "instead of a payment or an entry there.",
                journals=", ".join(foreign.journal_id.mapped("display_name")),
            ),
            TrustError,
        )

    def _is_trust_collection(self):
        """Whether this entry only gathers open items of a client account into one.

        :rtype: bool
        """
        return (
            self._is_internal()
            and self.env.context.get("legal_billing_trust_collection") is COLLECTION
        )

    # --- bills that client money paid (rule T7)

    def _check_not_renumbered(self, name):
        paid = self.filtered(lambda move: move.name and move.name != name)
        paid = paid._get_paid_from_client_money()
        if paid:
            raise UndoError(
                self.env._(
                    "%(bills)s was paid from client money and keeps its number. Reverse "
                    "the payment first.",
                    bills=", ".join(paid.mapped("name")),
                )
            )

    def _get_paid_from_client_money(self):
        """Those of these bills that hold client money, matched or not.

        :rtype: account.move
        """
        lines = self.env["legal.trust.bill"].sudo()  # of all users
        groups = lines._read_group(
            [
                ("bill_id", "in", self.ids),
                ("transaction_id.state", "=", "posted"),
                ("transaction_id.reversed_id", "=", False),
            ],
            ["bill_id"],
        )
        return self.browse(bill.id for (bill,) in groups)

    def _get_paid_obstacles(self):
        """Client money counts as long as its movement stands, even where nothing is
        matched any more (rule T7)."""
        paid = self._get_paid_from_client_money()
        return super()._get_paid_obstacles() | Obstacles().add(
            paid,
            self.env._(
                "%(bills)s was paid from client money. Reverse the payment first.",
                bills=", ".join(paid.mapped("display_name")),
            ),
            UndoError,
        )

    # --- what the paper says

    def _get_paper_client_money(self):
        """Balances of the client account, by currency."""
        rows = super()._get_paper_client_money()
        balances_sudo = self.sudo().matter_ids.trust_balance_ids  # of its own matters
        day = format_date(self.env, fields.Date.context_today(self))
        text = self.env._("Client money held for this matter on %s", day)
        return rows + [
            (text, sum(held.mapped("balance")), currency)
            for currency, held in balances_sudo.grouped("currency_id").items()
            if not currency.is_zero(sum(held.mapped("balance")))
        ]

    # --- bills that turn out not to be delivered

    @api.depends("delivered_on", "trust_bill_line_ids.state")
    def _compute_client_money_paid_amount(self):
        lines_sudo = self.env["legal.trust.bill"].sudo()  # figures of own bills
        paid = {
            bill.id: amount
            for bill, amount in lines_sudo._read_group(
                [("bill_id", "in", self.ids), *self._get_client_money_domain()],
                ["bill_id"],
                ["amount:sum"],
            )
        }
        for bill in self:
            bill.client_money_paid_amount = paid.get(bill.id, 0.0)
            bill.is_client_money_undelivered = bill.id in paid and not bill.delivered_on

    @api.model
    def _get_client_money_domain(self):
        """Transfers of client money that stand.

        :rtype: list
        """
        return [("transaction_id.state", "=", "posted")]

    @api.model
    def _search_is_client_money_undelivered(self, operator, value):
        if operator != "in":
            return NotImplemented
        lines_sudo = self.env["legal.trust.bill"].sudo()  # ids of bills only
        paid = lines_sudo._read_group(
            [("bill_id.delivered_on", "=", False), *self._get_client_money_domain()],
            ["bill_id"],
        )
        domain = Domain("id", "in", [bill.id for (bill,) in paid])
        return domain if True in value else ~domain

    # --- when it happens

    def _refresh_delivery(self):
        """Whoever took client money for a bill that bounces is told at once."""
        delivered = self.filtered("delivered_on")
        result = super()._refresh_delivery()
        delivered.filtered(lambda bill: not bill.delivered_on)._warn_client_money()
        return result

    def _warn_client_money(self):
        lines_sudo = self.env["legal.trust.bill"].sudo()  # whoever sends the mail queue
        lines_sudo = lines_sudo.search(
            [("bill_id", "in", self.ids), *self._get_client_money_domain()]
        )
        for bill_sudo, lines in lines_sudo.grouped("bill_id").items():
            text = self.env._(
                "%(amount)s of client money paid this bill, and its e-mail came back: "
                "%(error)s. Deliver it again, or reverse %(payments)s.",
                amount=format_amount(
                    self.env, sum(lines.mapped("amount")), bill_sudo.currency_id
                ),
                error=bill_sudo.delivery_error,
                payments=", ".join(
                    lines.transaction_id.payment_id.mapped("display_name")
                ),
            )
            bill_sudo._message_log(body=text)
            user = lines.transaction_id.posted_by_id[:1]
            if user.active and bill_sudo.with_user(user).has_access("read"):
                bill_sudo.activity_schedule(
                    "mail.mail_activity_data_warning",
                    user_id=user.id,
                    summary=self.env._("Client money, but not delivered"),
                    note=text,
                )

    # --- ways out

    @api.model
    def action_open_client_money_undelivered(self):
        """List the bills that client money paid although they are not delivered.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.client_money_undelivered_action"
        )
        return action | {"context": {}}

    def action_open_client_money_payments(self):
        """Open the payments from the client account of these bills, to reverse them.

        :rtype: dict
        :raise BillStageError: if client money paid none of them
        """
        lines_sudo = self.env["legal.trust.bill"].sudo()  # opened with own rights
        lines_sudo = lines_sudo.search(
            [("bill_id", "in", self.ids), *self._get_client_money_domain()]
        )
        payments = lines_sudo.transaction_id.payment_id
        if not payments:
            raise BillStageError(self.env._("Client money paid none of these bills."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_payment_action"
        )
        action |= {"domain": [("id", "in", payments.ids)], "context": {}}
        if len(payments) == 1:
            action |= {"res_id": payments.id, "views": [(False, "form")]}
        return action
