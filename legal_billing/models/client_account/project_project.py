from odoo import api, fields, models
from odoo.fields import Command, Domain

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import MatterOptionError, RoleError, TrustError
from ...tools import format_amount, is_amount


class ProjectProject(models.Model):
    """Client money of a matter."""

    _inherit = "project.project"

    trust_balance_ids = fields.One2many(
        "legal.trust.balance", "matter_id", string="Client money"
    )
    client_account_currency_id = fields.Many2one(
        "res.currency", compute="_compute_client_account"
    )
    client_account_balance = fields.Monetary(
        string="Client account",
        compute="_compute_client_account",
        search="_search_client_account_balance",
        currency_field="client_account_currency_id",
        help="What the firm holds for the client in this matter, cleared or not.",
    )
    client_account_available = fields.Monetary(
        string="Client money available",
        compute="_compute_client_account_available",
        currency_field="client_account_currency_id",
        help="What may be used today: cleared, there at every later date, not retained.",
    )
    client_account_retained = fields.Monetary(
        string="Client money retained",
        currency_field="client_account_currency_id",
        copy=False,
        tracking=True,
        help="Stays in the client account, for example for an expected disbursement.",
    )
    client_account_authorisation = fields.Char(
        string="Authority for transfers",
        copy=False,
        tracking=True,
        help="The client's standing authority to pay bills that are addressed to "
        "someone else: who, when and how.",
    )
    client_account_warning = fields.Char(
        compute="_compute_client_account_warning", string="Client account warning"
    )

    # retainer
    retainer_minimum = fields.Monetary(
        string="Retainer, at least",
        currency_field="client_account_currency_id",
        tracking=True,
        help="Money is asked for when less than this is left in the client account once "
        "all open bills are paid from it.",
    )
    retainer_target = fields.Monetary(
        string="Filled up to",
        currency_field="client_account_currency_id",
        tracking=True,
        help="What is held after the money asked for has come in. 0: the minimum.",
    )
    retainer_ask_with_bill = fields.Boolean(
        string="Ask with the bill",
        tracking=True,
        help="When a bill of this matter is approved and too little is left, a request "
        "for client money is made, and goes out with the bill.",
    )
    retainer_after_amount = fields.Monetary(
        string="Left of the retainer",
        compute="_compute_retainer",
        currency_field="client_account_currency_id",
        help="Client money less unpaid bills, drafts and WIP.",
    )
    retainer_ask_amount = fields.Monetary(
        string="To ask for",
        compute="_compute_retainer",
        search="_search_retainer_ask_amount",
        currency_field="client_account_currency_id",
        help="What fills the retainer up once all bills, drafts and WIP are paid from it.",
    )

    _client_account_retained_not_negative = models.Constraint(
        "CHECK(COALESCE(client_account_retained, 0) >= 0)",
        "What is retained of client money cannot be negative.",
    )

    # --- computes

    @api.depends("trust_balance_ids.balance", "company_id")
    def _compute_client_account(self):
        for matter in self:
            rows_sudo = matter.sudo().trust_balance_ids  # figures of the own matter
            matter.client_account_balance = sum(rows_sudo.mapped("balance"))
            matter.client_account_currency_id = (
                rows_sudo.currency_id[:1] or matter.company_id.currency_id
            )

    @api.model
    def _search_client_account_balance(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "=", "!=", "in", "not in"):
            return NotImplemented
        balances = self.env["legal.trust.balance"].sudo()  # figures of what may be read
        sums = {
            matter.id: amount
            for matter, amount in balances._read_group(
                [("balance", ">", 0)], ["matter_id"], ["balance:sum"]
            )
        }
        return self._get_amount_search_domain(sums, operator, value)

    @api.depends("trust_balance_ids.balance", "client_account_retained")
    def _compute_client_account_available(self):
        rows_sudo = self.sudo().trust_balance_ids  # figures of the own matter
        available = rows_sudo._get_available(fields.Date.context_today(self))
        for matter in self:
            matter.client_account_available = sum(
                available[row.id] for row in matter.sudo().trust_balance_ids
            )

    @api.depends("trust_balance_ids.balance", "billing_status", "active")
    def _compute_client_account_warning(self):
        for matter in self:
            closed = matter.billing_status == "closed" or not matter.active
            matter.client_account_warning = (
                self.env._("This matter is closed and still holds client money.")
                if closed and matter.client_account_balance
                else False
            )

    @api.depends(
        "retainer_minimum",
        "retainer_target",
        "client_account_balance",
        "unpaid_amount",
        "draft_bill_amount",
        "unbilled_amount",
        "company_id.legal_retainer_step",
    )
    def _compute_retainer(self):
        held = self.filtered(lambda m: m.retainer_minimum or m.retainer_target)
        figures = held._get_retainers(
            {
                matter.id: (
                    matter.draft_bill_amount + matter.unbilled_amount,
                    matter.billing_currency_id,
                )
                for matter in held
            }
        )
        for matter in self:
            left, ask = figures.get(matter.id, (0.0, 0.0))
            matter.retainer_after_amount = left
            matter.retainer_ask_amount = ask

    def _get_retainers(self, taken):
        """What is left of client money once all that is open is paid from it, and what
        is to be asked for (rule C-34). Asked for many matters together.

        :param dict taken: ``{matter id: (amount, currency)}`` that will be owed besides
            approved bills
        :return: ``{matter id: (left, to ask for)}``, in the client account's currency
        :rtype: dict
        """
        today = fields.Date.context_today(self)
        awaited = self._get_awaited_client_money()
        result = {}
        for matter in self:
            target = matter.client_account_currency_id
            left = matter.client_account_balance
            for amount, currency in (
                (matter.unpaid_amount, matter.billing_currency_id),
                taken.get(matter.id, (0.0, target)),
            ):
                currency = currency or matter.company_id.currency_id
                left -= currency._convert(amount, target, matter.company_id, today)
            left = target.round(left)
            ask = engine.retainer_ask(
                to_decimal(target.round(left + awaited.get(matter.id, 0.0))),
                to_decimal(matter.retainer_minimum),
                to_decimal(max(matter.retainer_target, matter.retainer_minimum)),
                to_decimal(matter.company_id.legal_retainer_step),
            )
            result[matter.id] = left, target.round(float(ask))
        return result

    def _get_awaited_client_money(self):
        """Hook: what these matters' clients were asked for already, and have not paid.

        :return: ``{matter id: amount}``, in the client account's currency
        :rtype: dict
        """
        return {}

    @api.model
    def _search_retainer_ask_amount(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "=", "!=", "in", "not in"):
            return NotImplemented
        held = self.with_context(active_test=False).search(
            Domain("is_matter", "=", True)
            & (Domain("retainer_target", ">", 0) | Domain("retainer_minimum", ">", 0))
        )
        sums = {m.id: m.retainer_ask_amount for m in held if m.retainer_ask_amount}
        return self._get_amount_search_domain(sums, operator, value)

    @api.constrains("retainer_minimum", "retainer_target")
    def _check_retainer(self):
        """
        :raise MatterOptionError: for a target below the minimum, naming the matters
        """
        wrong = self.filtered(
            lambda matter: (
                not is_amount(matter.retainer_minimum)
                or not is_amount(matter.retainer_target)
                or 0 < matter.retainer_target < matter.retainer_minimum
            )
        )
        if wrong:
            raise MatterOptionError(
                self.env._(
                    "%(matters)s: a retainer is filled up to at least its minimum, "
                    "and neither can be negative.",
                    matters=", ".join(wrong.mapped("display_name")),
                )
            )

    @api.model
    def _get_client_account_fields(self):
        """What follows from the matter's ledgers.

        :rtype: list[str]
        """
        return [
            "trust_balance_ids",
            "client_account_currency_id",
            "client_account_balance",
            "client_account_available",
            "client_account_warning",
        ]

    def _get_delivered_unpaid(self):
        """What client money could pay: open amounts of delivered bills, less what is
        disputed; of a bill over several matters the matter's own part.

        :return: ``{(matter id, currency id): amount}``
        :rtype: dict
        """
        bills_sudo = self.env["account.move"].sudo()  # figures of the own matters
        bills_sudo = bills_sudo.search_fetch(
            self._get_delivered_unpaid_domain(),
            ["matter_ids", "currency_id", "amount_residual", "disputed_amount"],
        )
        result = {}
        for (bill_id, matter_id), amount in bills_sudo._get_payable_of(self).items():
            key = matter_id, bills_sudo.browse(bill_id).currency_id.id
            result[key] = result.get(key, 0.0) + amount
        return result

    def _get_delivered_unpaid_domain(self):
        """Bills of these matters that client money may pay, or its matter's part.

        :rtype: odoo.fields.Domain
        """
        return Domain("matter_ids", "in", self.ids) & self._get_payable_domain()

    @api.model
    def _get_payable_domain(self):
        """Bills that client money of their matter may pay.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("move_type", "=", "out_invoice")
            & Domain("state", "=", "posted")
            & Domain("delivered_on", "!=", False)
            & Domain("amount_residual", ">", 0)
        )

    def _get_open_items(self):
        """Besides: client money."""
        company_currency = self.company_id.currency_id
        amount = self.client_account_balance
        return [
            *super()._get_open_items(),
            (
                "client_money",
                self.env._("Client money"),
                format_amount(self.env, amount, company_currency),
                not company_currency.is_zero(amount),
            ),
        ]

    @api.model
    def _get_open_item_fields(self):
        return [*super()._get_open_item_fields(), "client_account_balance"]

    # --- guards

    def write(self, vals):
        """Only those in charge of client money retain it, and what is held for a client
        in a company stays there.

        :raise RoleError: for others
        :raise TrustError: naming matters with client money
        """
        if {"client_account_retained", "client_account_authorisation"} & vals.keys():
            self._check_client_account_role()
        if "company_id" in vals or vals.get("is_matter") is False:
            self._check_holds_no_ledger(vals)
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        """Looks at the matters that were made, not at what was given: a default counts,
        too.

        :raise RoleError: for rules of client money without the officer's role
        """
        matters = super().create(vals_list)
        if any(
            matter.client_account_retained or matter.client_account_authorisation
            for matter in matters
        ):
            self._check_client_account_role()
        return matters

    @api.ondelete(at_uninstall=False)
    def _unlink_except_client_ledger(self):
        self._check_holds_no_ledger({})

    def _check_client_account_role(self):
        """
        :raise RoleError: without the client-account officer's role
        """
        try:
            self._check_role("client_account_officer", "manager")
        except RoleError as error:
            raise RoleError(
                self.env._(
                    "What is retained of client money, and the client's authority: "
                    "%(reason)s",
                    reason=error,
                )
            ) from error

    def _check_holds_no_ledger(self, vals):
        lines = self.env["legal.trust.line"].sudo()  # of all users
        changing = self.filtered(
            lambda m: "company_id" not in vals or m.company_id.id != vals["company_id"]
        )
        used = lines._read_group([("matter_id", "in", changing.ids)], ["matter_id"])
        if used:
            raise TrustError(
                self.env._(
                    "%(matters)s has a ledger of client money, which stays with its "
                    "matter and its company.",
                    matters=", ".join(matter.display_name for (matter,) in used),
                )
            )

    def _check_client_change(self):
        """Client money ties a matter to its client, as the bills do that the room below
        looks at.

        :raise MatterOptionError: naming the matters that hold some
        """
        result = super()._check_client_change()
        holding = self.filtered("client_account_balance")
        if holding:
            raise MatterOptionError(
                self.env._(
                    "The client cannot change while the matter holds client money: "
                    "%(names)s. Refund it, or move it to a matter of the new client.",
                    names=", ".join(holding.mapped("display_name")),
                )
            )
        return result

    # --- actions

    def action_retain_client_money(self, amount):
        """Keep so much of the matter's client money from being used.

        :param float amount: 0: nothing
        :return: True
        :raise RoleError: without the client-account officer's role
        """
        self._check_client_account_role()
        self.check_access("read")
        # sudo: officers do not change matters otherwise
        self.sudo().client_account_retained = amount
        return True

    def action_open_client_ledger(self):
        """The client ledger of these matters.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_trust_line_action"
        )
        return action | {
            "domain": [("matter_id", "in", self.ids)],
            "context": {"search_default_matter_id": False},
        }

    def action_deposit_client_money(self):
        """Open a new deposit for this matter.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deposit"),
            "res_model": "legal.trust.transaction",
            "view_mode": "form",
            "context": {"default_kind": "deposit", "default_matter_id": self.id},
        }

    def action_transfer_client_money(self):
        """Open a payment of this matter's delivered, unpaid bills from its client
        money; it is prepared, not posted.

        :rtype: dict
        :raise RoleError: without the client-account officer's role
        """
        self.ensure_one()
        self._check_client_account_role()
        bills = self.env["account.move"].search(self._get_delivered_unpaid_domain())
        payment = self.env["legal.payment"].create(
            {
                "source": "client_account",
                "company_id": self.company_id.id,
                "client_journal_id": self.sudo().trust_balance_ids.journal_id[:1].id,
                "matter_id": self.id,
                "received_from_id": self.partner_id.commercial_partner_id.id,
                "currency_id": self.client_account_currency_id.id,
                "amount": self.client_account_currency_id.round(
                    min(
                        self.client_account_available,
                        sum(bills._get_payable_of(self).values()),
                    )
                ),
                "allocation_ids": [
                    Command.create({"bill_id": bill.id, "sequence": sequence})
                    for sequence, bill in enumerate(bills, start=1)
                ],
            }
        )
        return payment._get_form_action()
