import re
from datetime import timedelta

from odoo import api, fields, models

from ...exceptions import TrustError
from .triggers import TRANSACTION_TRIGGERS

KINDS = [
    ("deposit", "Deposit"),
    ("refund", "Refund"),
    ("matter_transfer", "Between matters"),
    ("office_transfer", "Transfer to office"),
]


class LegalTrustTransaction(models.Model):
    """A movement of client money: in, out, between two matters, or to the office.

    A draft can be changed; once posted it stays and may be reversed, once, with a
    reason. Its journal entry and its lines in the matters' ledgers are made by posting.
    """

    _name = "legal.trust.transaction"
    _description = "Movement of Client Money"
    _inherit = ["mail.thread", "mail.activity.mixin", "legal.billing.guard"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False)
    kind = fields.Selection(KINDS, required=True, tracking=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To approve"),
            ("posted", "Posted"),
            ("reversed", "Reversed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
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
    to_matter_id = fields.Many2one(
        "project.project",
        string="To matter",
        domain=[("is_matter", "=", True)],
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Client account",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        domain=[("is_client_account", "=", True)],
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, precompute=True
    )
    amount = fields.Monetary(required=True, tracking=True)
    date = fields.Date(
        required=True, default=fields.Date.context_today, copy=False, tracking=True
    )
    cleared_on = fields.Date(
        string="Cleared on",
        compute="_compute_cleared_on",
        store=True,
        readonly=False,
        precompute=True,
        help="From this day a deposit may be used.",
    )
    is_uncleared = fields.Boolean(
        string="Not cleared yet",
        copy=False,
        help="Cannot be used until someone confirms that it cleared.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Received from / paid to",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    reference = fields.Char(
        copy=False, help="Of the bank, the cheque, the letter of the client."
    )
    memo = fields.Char(string="Purpose")
    authorisation = fields.Char(
        string="Authorised by",
        help="Who of the client's side authorised this, when and how.",
    )
    description = fields.Char(compute="_compute_description")
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    line_ids = fields.One2many(
        "legal.trust.line", "transaction_id", readonly=True, copy=False
    )
    bill_line_ids = fields.One2many(
        "legal.trust.bill", "transaction_id", "Bills paid", readonly=True, copy=False
    )
    prepared_by_id = fields.Many2one(
        "res.users",
        string="Entered by",
        default=lambda self: self.env.user,
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    posted_by_id = fields.Many2one(
        "res.users",
        string="Posted by",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    posted_on = fields.Datetime(string="Posted on", readonly=True, copy=False)
    reversed_id = fields.Many2one(
        "legal.trust.transaction",
        string="Reversal of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    reversal_ids = fields.One2many(
        "legal.trust.transaction", "reversed_id", readonly=True, copy=False
    )
    reversal_reason = fields.Char(readonly=True, copy=False, string="Reversal reason")
    available_amount = fields.Monetary(
        string="Available",
        compute="_compute_preview",
        help="What may leave the matter on the date.",
    )
    balance_after = fields.Monetary(string="Balance after", compute="_compute_preview")
    needs_second_person = fields.Boolean(compute="_compute_needs_second_person")
    is_action_post_allowed = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_submit_allowed = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_reverse_allowed = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_clear_allowed = fields.Boolean(compute="_compute_is_action_allowed")

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "A movement of client money has a positive amount."
    )
    _two_matters = models.Constraint(
        "CHECK((kind = 'matter_transfer') = (to_matter_id IS NOT NULL) "
        "AND matter_id <> COALESCE(to_matter_id, 0))",
        "A transfer between matters names another matter; nothing else does.",
    )
    _posted_is_complete = models.Constraint(
        "CHECK(state NOT IN ('posted', 'reversed') OR (move_id IS NOT NULL AND "
        "posted_by_id IS NOT NULL AND posted_on IS NOT NULL AND name IS NOT NULL))",
        "A posted movement of client money has its number, entry, user and time.",
    )
    _reversal_has_reason = models.Constraint(
        "CHECK((reversed_id IS NULL) = (COALESCE(reversal_reason, '') = ''))",
        "A reversal of client money says why.",
    )
    _reversed_once = models.UniqueIndex(
        "(reversed_id) WHERE reversed_id IS NOT NULL",
        "This movement of client money was reversed already.",
    )
    _move_once = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL",
        "This entry belongs to another movement of client money.",
    )
    _name_idx = models.Index("(name)")
    _number_unique = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Two movements of a company cannot have one number.",
    )

    def init(self):
        """Posted movements stay as they are, in the database too."""
        result = super().init()
        self.env.cr.execute(TRANSACTION_TRIGGERS)
        return result

    # --- computes

    @api.depends("name", "kind", "matter_id", "state")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for movement in self:
            kind = kinds.get(movement.kind, self.env._("Client money"))
            movement.display_name = movement.name or (
                self.env._(
                    "%(kind)s of %(matter)s (draft)",
                    kind=kind,
                    matter=movement.matter_id.display_name,
                )
                if movement.matter_id
                else self.env._("%(kind)s (draft)", kind=kind)
            )

    # not on the matter's company, which stays while there is a ledger: core would look
    # here whenever the company of any project is computed
    @api.depends("matter_id")
    def _compute_company_id(self):
        """Of the matter; before one is chosen the user's, so that the look-up of matters
        has a company to look in."""
        for movement in self:
            movement.company_id = (
                movement.matter_id.company_id or movement.company_id or self.env.company
            )

    @api.depends("matter_id", "kind")
    def _compute_journal_id(self):
        """The account where the matter's money is, else the company's only one."""
        for movement in self:
            if movement.journal_id:
                continue
            held = movement.matter_id.sudo().trust_balance_ids.filtered("balance")
            if len(held.journal_id) == 1:
                movement.journal_id = held.journal_id.with_env(self.env)
            else:
                journals = movement._get_client_journals()
                movement.journal_id = journals if len(journals) == 1 else False

    def _get_client_journals(self):
        return self.env["account.journal"].search(
            [
                ("is_client_account", "=", True),
                ("company_id", "=", (self.company_id or self.env.company).id),
            ]
        )

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for movement in self:
            journal_sudo = movement.journal_id.sudo()
            movement.currency_id = (
                journal_sudo.currency_id
                or journal_sudo.company_id.currency_id
                or movement.company_id.currency_id
            )

    @api.depends("date", "kind", "is_uncleared", "company_id")
    def _compute_cleared_on(self):
        for movement in self:
            if movement.is_uncleared and movement.kind == "deposit":
                movement.cleared_on = False
            elif movement.kind == "deposit" and movement.date:
                days = movement.company_id.sudo().legal_trust_clearing_days
                movement.cleared_on = movement.date + timedelta(days=days)
            else:
                movement.cleared_on = movement.date

    @api.depends("matter_id")
    def _compute_partner_id(self):
        for movement in self:
            movement.partner_id = movement.matter_id.partner_id

    @api.depends("kind", "memo", "reversed_id", "to_matter_id", "bill_line_ids")
    def _compute_description(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for movement in self:
            what, memo = kinds.get(movement.kind, ""), movement.memo or ""
            walled = (
                (movement.matter_id | movement.to_matter_id)
                .sudo()
                .filtered("is_walled")
            )
            # the text of a transfer stands in both ledgers
            if movement.to_matter_id and not walled:
                what = self.env._(
                    "From %(giver)s to %(target)s",
                    giver=movement.matter_id.matter_number,
                    target=movement.to_matter_id.matter_number,
                )
            # sudo: numbers only, for those who see the ledger and not the bills
            elif bills := movement.sudo().bill_line_ids.bill_id.mapped("name"):
                what = f"{what}: {', '.join(bills)}"
                said = "|".join(re.escape(name) for name in bills)
                memo = re.sub(rf"^(?:(?:{said})(?:[:,] ?|$))+", "", memo)
            if movement.reversed_id:
                what = self.env._(
                    "Reversal of %(name)s (%(reason)s)",
                    name=movement.reversed_id.name,
                    reason=movement.reversal_reason,
                )
            movement.description = f"{what}: {memo}" if memo else what

    @api.depends("matter_id", "journal_id", "date", "amount", "kind", "state")
    def _compute_preview(self):
        balances = self.env["legal.trust.balance"].sudo()  # figures of the own matter
        for movement in self:
            row = balances.search(
                [
                    ("matter_id", "=", movement.matter_id._origin.id),
                    ("journal_id", "=", movement.journal_id._origin.id),
                ]
            )
            available = row._get_available(movement.date) if movement.date else {}
            movement.available_amount = available.get(row.id, 0.0)
            sign = 1 if movement.kind == "deposit" else -1
            change = 0.0 if movement.move_id else sign * movement.amount
            movement.balance_after = row.balance + change

    @api.depends("company_id")
    def _compute_needs_second_person(self):
        for movement in self:
            company_sudo = movement.company_id.sudo()  # a setting
            movement.needs_second_person = company_sudo.legal_trust_dual_approval

    @api.depends("state", "prepared_by_id", "kind", "cleared_on", "reversed_id")
    @api.depends_context("uid")
    def _compute_is_action_allowed(self):
        for movement in self:
            is_open = movement.state in ("draft", "submitted")
            second = (
                not movement.needs_second_person
                or movement.prepared_by_id != self.env.user
            )
            movement.is_action_post_allowed = is_open and second
            movement.is_action_submit_allowed = (
                movement.state == "draft" and movement.needs_second_person
            )
            movement.is_action_reverse_allowed = (
                movement.state == "posted"
                and not movement.reversed_id
                and movement.kind != "office_transfer"
            )
            movement.is_action_clear_allowed = (
                movement.state == "posted"
                and movement.kind == "deposit"
                and not movement.reversed_id
                and not movement.cleared_on
            )

    # --- constraints

    @api.constrains("journal_id", "matter_id", "to_matter_id", "currency_id")
    def _check_one_ledger(self):
        """Client money is in client accounts, of one company, in one currency (rules
        T5, T8)."""
        for movement in self.sudo():  # ledgers of all companies
            matters = movement.matter_id | movement.to_matter_id
            movement._check_client_journal()
            if not all(matters.mapped("is_matter")):
                raise TrustError(
                    self.env._(
                        "Client money is held for a matter; %(name)s is not one.",
                        name=", ".join(
                            matters.filtered(lambda m: not m.is_matter).mapped(
                                "display_name"
                            )
                        ),
                    )
                )
            if len(matters.company_id | movement.journal_id.company_id) > 1:
                raise TrustError(
                    self.env._(
                        "%(movement)s: matters and client account are not of one "
                        "company. Client money never leaves its company.",
                        movement=movement.display_name,
                    )
                )
            others = matters.trust_balance_ids.filtered(
                lambda row, movement=movement: row.currency_id != movement.currency_id
            )
            if others:
                raise TrustError(
                    self.env._(
                        "%(matters)s holds client money in %(currency)s; one ledger "
                        "has one currency. Choose a client account in %(currency)s.",
                        matters=", ".join(others.matter_id.mapped("display_name")),
                        currency=", ".join(others.currency_id.mapped("name")),
                    )
                )

    def _check_client_journal(self):
        if not self.journal_id.is_client_account:
            raise TrustError(
                self.env._(
                    "%(journal)s is not a client account. Client money is never in the "
                    "office bank; choose a journal that is marked as client account.",
                    journal=self.journal_id.display_name,
                )
            )
