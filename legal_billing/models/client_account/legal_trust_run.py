from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...exceptions import (
    ProtectedFieldError,
    TrustApprovalError,
    TrustError,
    TrustLockedError,
)
from ...tools import COLLECTION, INTERNAL

PROTECTED_FIELDS = {
    "name",
    "state",
    "prepared_by_id",
    "posted_by_id",
    "posted_on",
    "payment_ids",
    "collection_move_ids",
}

SUBSTANCE = {"client_journal_id", "office_journal_id", "date", "line_ids", "company_id"}


class LegalTrustRun(models.Model):
    """A transfer run: client money pays all delivered, unpaid bills it can, matter by
    matter, and leaves the client bank as one amount."""

    _name = "legal.trust.run"
    _description = "Transfer Run to Office"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "legal.own.company",
        "legal.billing.guard",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    client_journal_id = fields.Many2one(
        "account.journal",
        string="Client account",
        required=True,
        check_company=True,
        domain=[("is_client_account", "=", True)],
        default=lambda self: self._default_client_journal_id(),
    )
    office_journal_id = fields.Many2one(
        "account.journal",
        string="Office bank",
        required=True,
        check_company=True,
        domain=[("type", "=", "bank"), ("is_client_account", "=", False)],
        default=lambda self: self._default_office_journal_id(),
    )
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    memo = fields.Char(string="Text")
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To approve"), ("posted", "Posted")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    line_ids = fields.One2many("legal.trust.run.line", "run_id", copy=False)
    matter_count = fields.Integer(compute="_compute_totals", string="Matters")
    bill_count = fields.Integer(compute="_compute_totals", string="Bills")
    total_amount = fields.Monetary(compute="_compute_totals", string="To transfer")
    posted_amount = fields.Monetary(compute="_compute_totals", string="Transferred")
    failed_count = fields.Integer(compute="_compute_totals", string="Not transferred")
    prepared_by_id = fields.Many2one(
        "res.users",
        string="Entered by",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    posted_by_id = fields.Many2one(
        "res.users", string="Posted by", readonly=True, copy=False
    )
    posted_on = fields.Datetime(string="Posted on", readonly=True, copy=False)
    payment_ids = fields.Many2many(
        "legal.payment", "legal_trust_run_payment_rel", readonly=True, copy=False
    )
    collection_move_ids = fields.Many2many(
        "account.move",
        "legal_trust_run_collection_rel",
        string="Bank movements",
        readonly=True,
        copy=False,
    )
    needs_second_person = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_post_allowed = fields.Boolean(compute="_compute_is_action_allowed")

    _number_unique = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Two transfer runs of a company cannot have one number.",
    )

    # --- defaults and computes

    def _default_client_journal_id(self):
        return self.env["account.journal"].search(
            [
                ("is_client_account", "=", True),
                ("company_id", "=", self.env.company.id),
            ],
            limit=1,
        )

    def _default_office_journal_id(self):
        return self.env["account.journal"].search(
            [
                ("is_client_account", "=", False),
                ("type", "=", "bank"),
                ("company_id", "=", self.env.company.id),
            ],
            limit=1,
        )

    @api.depends("name", "date")
    def _compute_display_name(self):
        for run in self:
            run.display_name = run.name or self.env._(
                "Transfer run of %(day)s (draft)", day=run.date
            )

    @api.depends("client_journal_id")
    def _compute_currency_id(self):
        for run in self:
            journal = run.client_journal_id
            run.currency_id = journal.currency_id or run.company_id.currency_id

    @api.depends("line_ids.amount", "line_ids.state")
    def _compute_totals(self):
        for run in self:
            lines = run.line_ids.filtered("amount")
            done = lines.filtered(lambda line: line.state == "done")
            run.matter_count = len(lines.matter_id)
            run.bill_count = len(lines)
            run.total_amount = sum(lines.mapped("amount"))
            run.posted_amount = sum(done.mapped("amount"))
            run.failed_count = len(lines.filtered(lambda line: line.state == "failed"))

    @api.depends("state", "prepared_by_id", "company_id")
    @api.depends_context("uid")
    def _compute_is_action_allowed(self):
        for run in self:
            company_sudo = run.company_id.sudo()  # a setting
            run.needs_second_person = company_sudo.legal_trust_dual_approval
            run.is_action_post_allowed = run.state != "posted" and (
                not run.needs_second_person or run.prepared_by_id != self.env.user
            )

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """New runs are drafts of whoever makes them, without a number, whatever was
        given.

        :raise ProtectedFieldError:
        """
        if not self._is_internal():
            for vals in vals_list:
                self._check_protected(vals)
            own = {"state": "draft", "name": False, "prepared_by_id": self.env.uid}
            vals_list = [vals | own for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Whoever changes the substance prepared the run, and it is a draft again: the
        second person approves what will be posted.

        :raise ProtectedFieldError:
        :raise TrustLockedError: for a run that is posted
        """
        if not self._is_internal():
            self._check_protected(vals)
            self._check_frozen(vals)
            if SUBSTANCE & vals.keys():
                vals = {**vals, "prepared_by_id": self.env.uid, "state": "draft"}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_frozen()

    @api.model
    def _protected_fields(self):
        """Fields that the run alone writes."""
        return super()._protected_fields() | PROTECTED_FIELDS

    def _check_protected(self, vals):
        """Any mention is refused, of new runs too."""
        touched = self._protected_fields() & vals.keys()
        if touched:
            raise ProtectedFieldError(
                self._get_protected_refusal(self._get_labels(touched))
            )

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._("%(fields)s of a transfer run is set by Post.", fields=labels)

    @api.model
    def _frozen_fields(self):
        return SUBSTANCE

    def _get_frozen(self):
        return self.filtered(lambda run: run.state == "posted")

    def _get_frozen_refusal(self):
        return TrustLockedError(
            self.env._(
                "%(runs)s is posted and stays. Reverse single payments of it.",
                runs=", ".join(self.mapped("name")),
            )
        )

    def _check_trust_role(self):
        self._check_role("client_account_officer", "manager")

    # --- actions

    def action_load(self):
        """Propose: all delivered, unpaid bills of matters with available client money,
        oldest due first, each with what the matter's money covers.

        :return: True
        :raise TrustLockedError: if the run is posted
        """
        self._check_trust_role()
        self._check_frozen()
        for run in self:
            run.write(
                {
                    "line_ids": [
                        Command.clear(),
                        *(
                            Command.create(vals)
                            for vals in run._prepare_line_vals_list()
                        ),
                    ]
                }
            )
        return True

    def action_submit(self):
        """Ask a second person to post.

        :return: True
        """
        self._check_trust_role()
        self._check_frozen()
        self._internal().write({"state": "submitted"})
        return True

    def action_post(self):
        """Make and post one payment from the client account per matter, and gather the
        bank items into one amount per bank account. A matter that cannot be paid any
        more is left out, with the reason on its lines.

        :return: True
        :raise RoleError: without the client-account officer's role
        :raise TrustApprovalError: if a second person has to post
        """
        self.ensure_one()
        self._check_trust_role()
        self._check_frozen()
        if self.needs_second_person and self.prepared_by_id == self.env.user:
            raise TrustApprovalError(
                self.env._(
                    "%(run)s was entered by %(user)s: client money needs two people "
                    "here. Ask another client-account officer to post.",
                    run=self.display_name,
                    user=self.env.user.name,
                )
            )
        lines = self.line_ids.filtered("amount")
        if not lines:
            raise TrustError(
                self.env._("There is nothing to transfer. Load the bills first.")
            )
        payments = self.env["legal.payment"]
        for matter, group in lines.grouped("matter_id").items():
            payments |= self._pay_matter(matter, group)
        if not payments:
            raise TrustError(
                self.env._(
                    "Nothing could be transferred:\n%(reasons)s",
                    reasons="\n".join(
                        f"– {line.bill_id.name}: {line.message}" for line in lines
                    ),
                )
            )
        run = self._internal()
        run.write(
            {
                "state": "posted",
                "posted_by_id": self.env.uid,
                "posted_on": fields.Datetime.now(),
                "payment_ids": [Command.set(payments.ids)],
                "name": self.company_id._next_legal_number(
                    "legal.trust.run", self._name, day=self.date
                ),
            }
        )
        run._collect_bank_items(payments)
        return True

    # --- loading

    def _prepare_line_vals_list(self):
        """Rows of the proposal.

        :rtype: list[dict]
        """
        self.ensure_one()
        balances = self.env["legal.trust.balance"].search(
            [("journal_id", "=", self.client_journal_id.id), ("balance", ">", 0)]
        )
        available = balances._get_available(self.date)
        left = {row.matter_id: available[row.id] for row in balances}
        bills = self.env["account.move"].search(
            balances.matter_id._get_delivered_unpaid_domain()
            & Domain("currency_id", "=", self.currency_id.id)
            & Domain("delivered_day", "<=", self.date),
            order="invoice_date_due, invoice_date, id",
        )
        reserved = self._get_reserved(bills)
        payables = bills._get_payable_of(balances.matter_id)
        result = []
        for bill in bills:
            # what other matters' money holds of the bill is not of their part
            free = self.currency_id.round(
                bill.amount_residual
                - bill.disputed_amount
                - sum(reserved[bill.id].values())
            )
            for matter in balances.matter_id & bill.matter_ids:
                payable = payables.get((bill.id, matter.id), 0.0)
                held = reserved[bill.id].get(matter.id, 0.0)
                payable = self.currency_id.round(min(free, payable - held))
                amount = min(payable, left[matter])
                if self.currency_id.compare_amounts(amount, 0.0) > 0:
                    result.append(
                        {
                            "matter_id": matter.id,
                            "bill_id": bill.id,
                            "payable_amount": payable,
                            "before_amount": left[matter],
                            "amount": amount,
                        }
                    )
                    left[matter] = self.currency_id.round(left[matter] - amount)
                    free = self.currency_id.round(free - amount)
        return result

    @api.model
    def _get_reserved(self, bills):
        """What draft payments hold of the bills.

        :return: ``{bill id: {matter id, False where it is nobody's: amount}}``
        :rtype: dict
        """
        rows = self.env["legal.payment.allocation"].sudo()  # other people's drafts
        groups = rows._read_group(
            [
                ("bill_id", "in", bills.ids),
                ("state", "=", "draft"),
                ("is_selected", "=", True),
                ("amount", ">", 0),
            ],
            ["bill_id", "matter_id"],
            ["amount:sum"],
        )
        result = defaultdict(dict)
        for bill, matter, amount in groups:
            result[bill.id][matter.id] = amount
        return result

    # --- posting a run

    def _pay_matter(self, matter, lines):
        """One payment of the matter's lines, in a savepoint of its own.

        :return: the posted payment, or none with the reason on the lines
        :rtype: legal.payment
        """
        lines_internal = lines.sudo().with_context(legal_billing_internal=INTERNAL)
        try:
            with self.env.cr.savepoint():
                # sudo: the preparer of the run is the payment's; posting is checked
                payments_sudo = self.env["legal.payment"].sudo()
                payment = payments_sudo.with_context(
                    legal_billing_internal=INTERNAL
                ).create(self._prepare_payment_vals(matter, lines))
                payment.with_env(self.env).action_post()
        except UserError as error:  # ours, and core's: accounts, locks
            lines_internal.write({"state": "failed", "message": str(error)})
            return self.env["legal.payment"]
        lines_internal.write(
            {"state": "done", "message": False, "payment_id": payment.id}
        )
        return payment.with_env(self.env)

    def _prepare_payment_vals(self, matter, lines):
        return {
            "source": "client_account",
            "company_id": self.company_id.id,
            "client_journal_id": self.client_journal_id.id,
            "journal_id": self.office_journal_id.id,
            "matter_id": matter.id,
            "received_from_id": matter.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount": self.currency_id.round(sum(lines.mapped("amount"))),
            "date": self.date,
            "memo": self.memo,
            "client_money_prepared_by_id": self.prepared_by_id.id,
            "allocation_ids": [
                Command.create(
                    {
                        "bill_id": line.bill_id.id,
                        "amount": line.amount,
                        "is_manual": True,
                    }
                )
                for line in lines
            ],
        }

    def _collect_bank_items(self, payments):
        """Gather the open bank items of both sides, so that one statement line on each
        bank account matches the whole run.

        :param legal.payment payments: posted
        """
        movements = payments.sudo().trust_transaction_ids
        client_items = movements.move_id.line_ids.filtered(
            lambda line: line.account_id != self.company_id.legal_trust_account_id
        )
        office_items = self.env["account.move.line"].sudo()
        for payment in payments.sudo().account_payment_id:
            office_items |= payment._seek_for_lines()[0]
        for items in (client_items, office_items):
            items = items.filtered(
                lambda item: item.account_id.reconcile and not item.reconciled
            )
            if len(items) > 1 and len(items.account_id) == 1:
                self._collect(items)

    def _collect(self, items):
        moves = self.env["account.move"].with_context(
            legal_billing_trust_collection=COLLECTION
        )
        move = moves.create(
            {
                "move_type": "entry",
                "journal_id": items.journal_id.id,
                "company_id": self.company_id.id,
                "date": self.date,
                "ref": self.name,
                "line_ids": [
                    *(
                        Command.create(self._prepare_collection_vals(item))
                        for item in items
                    ),
                    Command.create(
                        {
                            "account_id": items.account_id.id,
                            "name": self.env._(
                                "%(run)s: transfer to office", run=self.name
                            ),
                            "currency_id": items[0].currency_id.id,
                            "amount_currency": sum(items.mapped("amount_currency")),
                            "balance": sum(items.mapped("balance")),
                        }
                    ),
                ],
            }
        )
        move._post(soft=False)
        mirrored = move.line_ids.sorted("id")[:-1]
        self.env["account.move.line"]._reconcile_plan(
            [item + mirror for item, mirror in zip(items, mirrored, strict=True)]
        )
        self.collection_move_ids = [Command.link(move.id)]

    def _prepare_collection_vals(self, item):
        return {
            "account_id": item.account_id.id,
            "name": item.name,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": -item.amount_currency,
            "balance": -item.balance,
        }
