from odoo import api, fields, models

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import given_values, is_amount
from ..common.legal_billing_defaults import COPIES
from ..matter.legal_matter_payer import SHARE_SCOPES, SHARE_TYPES

#: How a payer gets a copy: no part of what he owes.
DELIVERY_FIELDS = {"recipient_ids", "print_copies", "bill_report_id", "reference"}


class LegalBillShare(models.Model):
    """What one payer bears of a bill that is split: a copy of the matter's shares, as
    the draft was made with or as a person changed them on it. It is kept on the bill
    that holds the entries, and names the bill of each payer."""

    _name = "legal.bill.share"
    _description = "Share of a Payer"
    _inherit = ["legal.own.company", "legal.billing.guard"]
    _order = "sequence, id"
    _rec_name = "partner_id"

    bill_id = fields.Many2one(
        "account.move",
        string="Split of",
        required=True,
        index=True,
        ondelete="cascade",
        help="The bill that holds the entries.",
    )
    share_bill_id = fields.Many2one(
        "account.move",
        string="Bill",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="This payer's own bill. None: nothing is left to bear.",
    )
    company_id = fields.Many2one(related="bill_id.company_id", store=True)
    currency_id = fields.Many2one(related="bill_id.currency_id")
    sequence = fields.Integer(
        compute="_compute_sequence", store=True, readonly=False, precompute=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        index=True,
        ondelete="restrict",
        context={"active_test": False},
    )
    share_type = fields.Selection(
        SHARE_TYPES, string="Bears", required=True, default="percent"
    )
    value = fields.Float(
        string="Share",
        digits="Product Price",
        help="Percent of each line, or a net amount of this bill.",
    )
    cap_amount = fields.Monetary(
        string="Up to",
        help="Net amount over the life of the matter. 0: no limit.",
    )
    scope = fields.Selection(SHARE_SCOPES, string="Of", required=True, default="all")
    bears_tax = fields.Boolean(
        string="All tax", help="This payer owes all of the tax, the others net amounts."
    )

    # where one bill names its payers: how each of them gets it
    reference = fields.Char(help="The payer's own reference, printed on their copy.")
    recipient_ids = fields.Many2many(
        "res.partner",
        "legal_bill_share_recipient_rel",
        "share_id",
        "partner_id",
        string="E-mail to",
        context={"active_test": False},
    )
    print_copies = fields.Selection(COPIES, string="Printed copies")
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
        help="Empty: that of the bill.",
    )

    is_addressee = fields.Boolean(
        compute="_compute_is_addressee",
        help="Who is billed: gets the bill itself, the others copies.",
    )

    # amounts
    shared_net = fields.Monetary(
        readonly=True,
        help="Of one bill that names its payers: this one's part of its net, as the "
        "draft was last priced.",
    )
    shared_amount = fields.Monetary(readonly=True, help="The same with tax.")
    net_amount = fields.Monetary(string="Net", compute="_compute_amounts")
    amount = fields.Monetary(
        string="To pay", compute="_compute_amounts", help="With tax."
    )
    paid_amount = fields.Monetary(string="Settled", compute="_compute_amounts")
    open_amount = fields.Monetary(string="Open", compute="_compute_open_amount")

    # --- computes

    @api.depends("partner_id", "bill_id.partner_id")
    def _compute_is_addressee(self):
        for share in self:
            share.is_addressee = share.partner_id == share.bill_id.partner_id

    @api.depends("share_type")
    def _compute_sequence(self):
        """As on the matter: the rest is last."""
        for share in self:
            if share.share_type == "remainder":
                share.sequence = max(share.sequence, 1000)
            elif not share.sequence or share.sequence >= 1000:
                share.sequence = 10

    @api.depends(
        "share_bill_id.amount_untaxed",
        "share_bill_id.amount_total",
        "share_bill_id.amount_residual",
        "share_bill_id.state",
        "shared_net",
        "shared_amount",
        "bill_id.is_shared",
        "bill_id.amount_total",
        "bill_id.state",
    )
    def _compute_amounts(self):
        """Of payers' own bills what those say; of one bill that names its payers what
        was worked out for it, again where the draft says something else by now."""
        shared = self.filtered("bill_id.is_shared")
        changed = shared.bill_id.filtered(
            lambda bill: (
                bill.state == "draft"
                and bill.currency_id.compare_amounts(
                    sum(bill.payer_share_ids.mapped("shared_amount")), bill.amount_total
                )
            )
        )
        # sudo: lines and limits of bills that the user reads
        live = self.env["legal.bill.maker"].sudo()._share_bills(changed)
        for share in shared:
            found = live.get(share._origin.id)
            share.net_amount = float(found.net) if found else share.shared_net
            share.amount = float(found.amount) if found else share.shared_amount
            share.paid_amount = 0.0
        for share in self - shared:
            bill = share.share_bill_id
            share.net_amount = bill.amount_untaxed
            share.amount = bill.amount_total
            share.paid_amount = (
                bill.amount_total - bill.amount_residual
                if bill.state == "posted"
                else 0.0
            )

    @api.depends("amount", "paid_amount", "bill_id.state")
    def _compute_open_amount(self):
        for share in self:
            is_open = share.bill_id.state == "posted"
            currency = share.currency_id or self.env.company.currency_id
            share.open_amount = is_open and currency.round(
                share.amount - share.paid_amount
            )

    @api.depends("partner_id", "share_type", "value", "scope", "cap_amount")
    def _compute_display_name(self):
        for share in self:
            share.display_name = self.env._(
                "%(payer)s: %(share)s",
                payer=share.partner_id.display_name or "",
                share=share._describe_share(),
            )

    def _describe_share(self):
        """What this payer bears, in words.

        :rtype: str
        """
        self.ensure_one()
        return self.env["legal.matter.payer"]._describe_share_of(
            self.share_type,
            self.value,
            self.scope,
            self.cap_amount,
            self.currency_id or self.env.company.currency_id,
        )

    def _describe_share_of_work(self):
        """What this payer bears of one bill, in words: the limit is no part of it.

        :rtype: str
        """
        self.ensure_one()
        return self.env["legal.matter.payer"]._describe_share_of(
            self.share_type, self.value, self.scope, 0.0, self.currency_id
        )

    def _get_of(self, partner):
        """Those of these shares that a partner pays: his own, else those of his firm.

        :param res.partner partner:
        :rtype: legal.bill.share
        """
        return self.filtered(lambda row: row.partner_id == partner) or self.filtered(
            lambda row: (
                partner
                and row.partner_id.commercial_partner_id
                == partner.commercial_partner_id
            )
        )

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """Shares of drafts are changed by those who may edit the draft.

        :raise ProtectedFieldError: for the bill of a share
        """
        for vals in vals_list:
            self._check_protected(given_values(self.env, vals))
        shares = super().create(vals_list)
        if not self._is_internal():
            shares._on_shares_edited(shares.bill_id)
        return shares

    def write(self, vals):
        """
        :raise ProtectedFieldError: for the bills of a share
        """
        self._check_protected(vals)
        self._check_frozen(vals)
        if self._is_internal():
            pass
        elif vals.keys() <= DELIVERY_FIELDS:
            # as the bill's own: by those who bill, as long as somebody waits for it
            self._check_role("biller", "manager")
        else:
            self._on_shares_edited(self.bill_id)
        return super().write(vals)

    def unlink(self):
        if not self._is_internal():
            self._on_shares_edited(self.bill_id)
        return super().unlink()

    @api.model
    def _protected_fields(self):
        """Which bill a share became, and what it comes to, is known by billing alone."""
        return super()._protected_fields() | {
            "share_bill_id",
            "shared_net",
            "shared_amount",
        }

    @api.model
    def _frozen_fields(self):
        """A share stays on its bill."""
        return super()._frozen_fields() | {"bill_id"}

    def _get_frozen(self):
        """All of them."""
        return self

    @api.model
    def _on_shares_edited(self, bills):
        """Hook: a person changes the shares of these bills; refuses it where they stay.

        :param account.move bills:
        """

    # --- for the engine

    @api.model
    def _make_payers(self, rows, cap_left):
        """Rows of a matter or of a draft as the engine takes them.

        :param rows: ``legal.matter.payer`` or ``legal.bill.share``, in their order
        :param dict cap_left: ``{partner id: what is left below the cap}``
        :return: ``engine.Payer`` of each
        :rtype: list
        """
        return [
            engine.Payer(
                row.share_type,
                to_decimal(row.value),
                row.scope,
                to_decimal(cap_left[row.partner_id.id]) if row.cap_amount else None,
            )
            for row in rows
        ]

    def _get_problem(self):
        """What is wrong with the shares of one draft, and the way out.

        :return: empty if they bear the whole of it
        :rtype: str
        """
        rest = self.filtered(lambda share: share.share_type == "remainder")
        wrong = self.filtered(
            lambda share: (
                not is_amount(share.value)
                or not is_amount(share.cap_amount)
                or (share.share_type == "percent" and share.value > 100)
            )
        )
        percents = [
            sum(
                share.value
                for share in self
                if share.share_type == "percent" and share.scope in ("all", part)
            )
            for part in ("fees", "disbursements")
        ]
        if (
            len(rest) != 1
            or self.sorted(lambda row: (row.sequence, row.id))[-1] != rest
        ):
            return self.env._(
                "Exactly one payer bears the rest, as the last in the list."
            )
        if wrong or round(max(percents), 6) > 100:
            return self.env._(
                "Shares cannot be negative, and percentages cannot exceed 100 %% together."
            )
        if len(self.filtered("bears_tax")) > 1:
            return self.env._("One payer alone owes all of the tax.")
        if len(self.partner_id) < len(self):
            return self.env._("Each payer is named once.")
        return ""
