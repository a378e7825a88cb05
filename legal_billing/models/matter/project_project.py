from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...exceptions import MatterOptionError, ProtectedFieldError
from ...tools import PAYERS_TOGETHER, given_values
from ..common.legal_billing_defaults import (
    ARRANGEMENTS,
    BEHAVIORS,
    COPIES,
    DISCOUNTS,
    DISPLAYS,
    LINE_DETAILS,
    QUOTE_BASES,
    QUOTE_RULES,
    QUOTE_SCOPES,
    SUBSCRIPTION_PERIODS,
)


class MatterQuote(NamedTuple):
    """An amount that the bills of a matter are held to."""

    name: str  #: ``quote``, ``cap`` or ``contingency``
    amount: float
    scope: str = "fees"
    rule: str = "lower"
    is_for_life: bool = True  #: of the whole matter, not of each bill


class ProjectProject(models.Model):
    """A matter: a project with a client, a number and billing options."""

    _name = "project.project"
    _inherit = ["project.project", "legal.billing.guard", "legal.bill.channels"]
    _rec_names_search = ["name", "matter_number"]

    is_matter = fields.Boolean(string="Is a matter", index="btree_not_null")
    makes_matters = fields.Boolean(
        string="Template of matters",
        readonly=True,
        help="A project template that matters are made from; not a matter itself.",
    )
    matter_number = fields.Char(
        copy=False, index=True, tracking=True, string="Matter number"
    )
    responsible_id = fields.Many2one(
        "res.users",
        string="Responsible lawyer",
        default=lambda self: self._default_responsible_id(),
        index="btree_not_null",
        tracking=True,
    )
    practice_area_id = fields.Many2one(
        "legal.practice.area",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        string="Practice area",
    )
    client_reference = fields.Char(
        help="The client's own reference; printed on bills.", string="Client reference"
    )
    is_walled = fields.Boolean(
        string="Information barrier",
        tracking=True,
        help="Only the people named may see this matter, its WIP and its bills.",
    )
    wall_user_ids = fields.Many2many(
        "res.users",
        "legal_matter_wall_rel",
        "matter_id",
        "user_id",
        string="Team",
        context={"active_test": False},
    )

    # billing options: who and how
    is_billable = fields.Boolean(default=True, tracking=True)
    billing_status = fields.Selection(
        [("active", "Active"), ("closed", "Closed for billing")],
        default="active",
        tracking=True,
        help="A closed matter still takes payments, credits and write-offs.",
        string="Billing status",
    )
    exclude_from_mass_billing = fields.Boolean(
        string="Bill by hand only", tracking=True
    )
    bill_together = fields.Boolean(
        string="Bill together",
        tracking=True,
        help="In mass billing, on one bill with the other matters of the same payer that "
        "are billed together: same journal, currency, terms, template, reference and "
        "recipients. A matter with several payers has bills of its own.",
    )
    mass_billing_status = fields.Selection(
        [
            ("mass", "In mass billing"),
            ("manual", "By hand only"),
            ("closed", "Closed"),
            ("not_billable", "Not billable"),
        ],
        compute="_compute_mass_billing_status",
        inverse="_inverse_mass_billing_status",
        search="_search_mass_billing_status",
        string="Billing",
    )
    billing_partner_id = fields.Many2one(
        "res.partner",
        string="Bill to",
        index="btree_not_null",
        tracking=True,
        help="Who is billed: the client, or a third party who pays.",
    )
    payer_ids = fields.One2many(
        "legal.matter.payer",
        "matter_id",
        string="Payers",
        help="Several who pay together. None: who is billed pays all.",
    )
    split_mode = fields.Selection(
        [
            ("bills", "One bill for each payer"),
            ("shares", "One bill, on which the others are named"),
        ],
        default="bills",
        required=True,
        tracking=True,
        help="How several payers are billed: each by a bill of their own; or who is "
        "billed by the whole bill, which says what of it each of them owes.",
        string="Split mode",
    )
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
        tracking=True,
    )
    bill_payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment terms",
        check_company=True,
        tracking=True,
    )
    billing_currency_id = fields.Many2one(
        "res.currency", tracking=True, string="Billing currency"
    )
    bill_journal_id = fields.Many2one(
        "account.journal",
        string="Bill journal",
        domain=[("type", "=", "sale")],
        check_company=True,
        tracking=True,
    )

    # delivery
    bill_channel_ids = fields.Many2many(
        "legal.bill.channel",
        "legal_matter_bill_channel_rel",
        "matter_id",
        "channel_id",
        string="Bills go by",
        domain=[("is_available", "=", True)],
        tracking=True,
        help="E-mail goes to the recipients, print makes the copies; networks and "
        "letters go to who is billed.",
    )
    bill_recipient_ids = fields.Many2many(
        "res.partner",
        "legal_matter_bill_recipient_rel",
        "matter_id",
        "partner_id",
        string="E-mail bills to",
        tracking=True,
        help="Empty: bills are not e-mailed.",
        context={"active_test": False},
    )
    bill_email_template_id = fields.Many2one(
        "mail.template",
        string="E-mail template",
        domain=[("model", "=", "account.move")],
        tracking=True,
    )
    bill_print_copies = fields.Selection(
        COPIES, string="Print", default="0", tracking=True
    )

    # arrangement
    billing_arrangement = fields.Selection(
        ARRANGEMENTS, string="Arrangement", default="hourly", tracking=True
    )
    cap_amount = fields.Monetary(
        string="Cap",
        currency_field="billing_currency_id",
        tracking=True,
        help="The most that is billed over the matter's life, net of tax.",
    )
    blended_rate = fields.Monetary(
        currency_field="billing_currency_id",
        tracking=True,
        help="Price of an hour, whoever works.",
        string="Blended rate",
    )
    subscription_amount = fields.Monetary(
        string="Fee per period", currency_field="billing_currency_id", tracking=True
    )
    subscription_hours = fields.Float(
        string="Hours included",
        tracking=True,
        help="Hours of a period that its fee includes, the oldest first. More is billed "
        "by the hour.",
    )
    subscription_period = fields.Selection(
        SUBSCRIPTION_PERIODS, string="Period", default="month", tracking=True
    )
    subscription_from = fields.Date(
        string="First period",
        copy=False,
        tracking=True,
        help="A day of the first period that is charged. Empty: that of the first bill.",
    )
    subscription_carry_over = fields.Boolean(
        string="Carry unused hours over",
        tracking=True,
        help="Hours that a period leaves are included in later ones.",
    )
    contingency_percent = fields.Float(
        string="Percentage of the outcome",
        tracking=True,
        help="Share of what is recovered that is the fee. For an agreed fee: 100.",
    )
    contingency_basis_amount = fields.Monetary(
        string="Outcome",
        currency_field="billing_currency_id",
        copy=False,
        tracking=True,
        help="What was recovered, or the fee as agreed. Nothing is billed until it is "
        "known.",
    )
    abatement_percent = fields.Float(
        string="Abatement (%)",
        tracking=True,
        help="Percentage off the fees that are above the threshold. 0: none.",
    )
    abatement_from = fields.Monetary(
        string="Abatement above",
        currency_field="billing_currency_id",
        tracking=True,
        help="Fees over the matter's life, net, from which the abatement counts.",
    )
    quoted_amount = fields.Monetary(
        currency_field="billing_currency_id",
        tracking=True,
        help="Net of tax. 0: no quote.",
        string="Quoted amount",
    )
    quote_scope = fields.Selection(
        QUOTE_SCOPES, string="Quote covers", default="fees", tracking=True
    )
    quote_rule = fields.Selection(
        QUOTE_RULES,
        string="When quote and WIP differ",
        default="lower",
        tracking=True,
        help="Mass billing applies this without asking.",
    )
    quote_basis = fields.Selection(
        QUOTE_BASES,
        string="Quote holds for",
        default="matter",
        tracking=True,
    )
    instalment_ids = fields.One2many("legal.fee.instalment", "matter_id")
    former_account_ids = fields.Many2many(
        "account.analytic.account",
        "legal_matter_former_account_rel",
        "matter_id",
        "account_id",
        string="Former analytic accounts",
        copy=False,
        readonly=True,
        help="Costs that are booked on one of them are still the matter's.",
    )
    minimum_bill_amount = fields.Monetary(
        currency_field="billing_currency_id",
        tracking=True,
        string="Minimum bill amount",
    )
    discount_type = fields.Selection(
        DISCOUNTS, default="none", tracking=True, string="Discount type"
    )
    discount_value = fields.Float(
        digits="Product Price", tracking=True, string="Discount value"
    )
    adjustment_display = fields.Selection(
        DISPLAYS,
        string="Difference to the standard value",
        default="hidden",
        tracking=True,
    )
    bill_line_detail = fields.Selection(
        LINE_DETAILS,
        string="E-invoice lines",
        default="bill",
        tracking=True,
        help="What an electronic invoice says of fees by the hour. The bill, its paper "
        "and the books are the same.",
    )
    fee_product_id = fields.Many2one(
        "product.product",
        string="Fee product",
        domain=[("type", "=", "service")],
        check_company=True,
        tracking=True,
        help="Account and tax of this matter's fees. Empty: the practice area's, else "
        "the company's.",
    )
    default_bill_behavior = fields.Selection(
        BEHAVIORS, string="Charging of new entries", default="bill", tracking=True
    )
    rate_ids = fields.One2many("legal.rate", "matter_id", string="Rates")

    #: Written with each bill, so that two transactions that bill the same matter
    #: conflict even when they share no entry (REPEATABLE READ).
    billing_sequence = fields.Integer(
        readonly=True, copy=False, default=0, string="Billing sequence"
    )

    _matter_number_unique = models.UniqueIndex(
        "(company_id, matter_number) WHERE matter_number IS NOT NULL",
        "Another matter of this company has that number.",
    )
    _matter_values_not_negative = models.Constraint(
        "CHECK(COALESCE(quoted_amount, 0) >= 0 AND COALESCE(minimum_bill_amount, 0) "
        ">= 0 AND COALESCE(discount_value, 0) >= 0)",
        "Quote, minimum bill and discount cannot be negative.",
    )

    # --- defaults and computes

    def _default_responsible_id(self):
        return self.env.user if self.env.context.get("default_is_matter") else False

    @api.depends("is_matter", "matter_number", "name")
    def _compute_display_name(self):
        """A matter is known by its number and name. Core's compute goes first: other
        projects keep what it says."""
        result = super()._compute_display_name()
        for matter in self.filtered(lambda p: p.is_matter and p.matter_number):
            matter.display_name = f"{matter.matter_number} {matter.name}"
        return result

    @api.model
    def _search_display_name(self, operator, value):
        """A matter is found by its whole name as it is shown, too: "M-1042 Lease"."""
        domain = Domain(super()._search_display_name(operator, value))
        texts = [value] if isinstance(value, str) else value
        if operator in ("in", "=", "ilike", "like", "=ilike") and texts:
            for text in texts:
                number, _space, name = str(text or "").strip().partition(" ")
                if name:
                    match = "=" if operator == "in" else operator
                    domain |= Domain("matter_number", "=ilike", number) & Domain(
                        "name", match, name
                    )
        return domain

    @api.depends("is_billable", "billing_status", "exclude_from_mass_billing")
    def _compute_mass_billing_status(self):
        for matter in self:
            if not matter.is_billable:
                matter.mass_billing_status = "not_billable"
            elif matter.billing_status == "closed":
                matter.mass_billing_status = "closed"
            elif matter.exclude_from_mass_billing:
                matter.mass_billing_status = "manual"
            else:
                matter.mass_billing_status = "mass"

    def _inverse_mass_billing_status(self):
        for status, matters in self.grouped("mass_billing_status").items():
            if status == "closed":
                matters._check_can_close()
            matters.write(
                {
                    "is_billable": status != "not_billable",
                    "billing_status": "closed" if status == "closed" else "active",
                    "exclude_from_mass_billing": status == "manual",
                }
            )

    @api.model
    def _search_mass_billing_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        active = Domain("is_billable", "=", True) & Domain(
            "billing_status", "!=", "closed"
        )
        domains = {
            "not_billable": Domain("is_billable", "=", False),
            "closed": Domain("is_billable", "=", True)
            & Domain("billing_status", "=", "closed"),
            "manual": active & Domain("exclude_from_mass_billing", "=", True),
            "mass": active & Domain("exclude_from_mass_billing", "=", False),
        }
        return Domain.OR(domains[status] for status in value if status in domains)

    # --- constraints and onchanges

    @api.constrains("fee_product_id")
    def _check_fee_product_net_of_tax(self):
        """Rule C-12, where the product is chosen."""
        self.fee_product_id.product_tmpl_id._check_net_of_tax()

    @api.constrains("is_matter", "company_id", "account_id")
    def _check_matter_complete(self):
        """A matter has its company and an analytic account of its own."""
        matters = self.filtered("is_matter")
        if without := matters.filtered(lambda m: not m.company_id):
            raise MatterOptionError(
                self.env._(
                    "A matter belongs to one company: %(names)s. Choose the company.",
                    names=", ".join(without.mapped("display_name")),
                )
            )
        shared = self.sudo()._read_group(
            [
                ("is_matter", "=", True),
                ("account_id", "in", matters.account_id.ids),
                ("active", "in", [True, False]),
            ],
            ["account_id"],
            ["__count"],
            having=[("__count", ">", 1)],
        )
        if shared:
            raise MatterOptionError(
                self.env._(
                    "Each matter has an analytic account of its own; several matters "
                    "share %(names)s.",
                    names=", ".join(account.display_name for account, _count in shared),
                )
            )

    @api.onchange("partner_id", "company_id")
    def _onchange_matter_client(self):
        """Show a new matter's defaults before it is saved."""
        if self.is_matter and not self._origin.id:
            company = self.company_id or self.env.company
            for field, (value, _origin) in self._get_option_defaults(
                self.partner_id, company
            ).items():
                self[field] = value

    def _get_quote(self):
        """What the matter's bills are held to: the cap or the outcome of its
        arrangement, else its quote.

        :return: with an amount of 0.0 if it is held to nothing
        :rtype: MatterQuote
        """
        if self.billing_arrangement == "capped":
            return MatterQuote("cap", self.cap_amount, self.quote_scope or "fees")
        if self.billing_arrangement == "contingency":
            fee = self.contingency_basis_amount * self.contingency_percent / 100
            currency = self.billing_currency_id or self.company_id.currency_id
            fee = currency.round(fee) if currency else fee
            return MatterQuote("contingency", fee, "fees", "quote")
        return MatterQuote(
            "quote",
            self.quoted_amount,
            self.quote_scope or "fees",
            self.quote_rule or "lower",
            self.quote_basis != "bill",
        )

    @api.model
    def _get_wall_domain(self):
        """Matters that an information barrier hides from the user: for figures that
        are added up with more rights than the user's.

        :rtype: odoo.fields.Domain
        """
        return self.env["legal.wall"]._get_matter_domain()

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Complete new matters: company, number, options and analytic account."""
        of_matters = []
        for vals in vals_list:
            self._check_protected(given_values(self.env, vals))
            self._tell_template_from_matter(vals)
            if vals.get("is_matter"):
                self._complete_matter_vals(vals)
                of_matters.append(vals)
        self._give_analytic_accounts(of_matters)
        projects = super().create(vals_list)
        projects._ensure_analytic_account()
        return projects

    def write(self, vals):
        """A project that becomes a matter gets a company before and the rest of a
        matter after core has written it. Records that show the client or payer in a
        stored column are refreshed last, from what was written.

        :raise ProtectedFieldError:
        """
        self._check_protected(vals)
        if "active" in vals and not vals["active"]:
            self.filtered("active")._check_can_put_away()
        if vals.get("is_matter") and "company_id" not in vals:
            self._ensure_company()
        if vals.get("makes_matters") and not self._is_internal():
            raise ProtectedFieldError(
                self.env._(
                    "A template of matters is made by Create template, or by converting "
                    "a matter without time to a template."
                )
            )
        accounts = {}
        if "account_id" in vals:
            accounts = {m: m.account_id for m in self.filtered("is_matter")}
        if vals.get("is_template"):
            self.filtered("is_matter")._become_templates()
        if "payer_ids" in vals:  # complete when all rows are written
            self = self.with_context(legal_billing_payers=PAYERS_TOGETHER)
        result = super().write(vals)
        if "payer_ids" in vals:
            self.env["legal.matter.payer"]._check_complete(self)
        for matter, account in accounts.items():
            if account and account != matter.account_id:
                matter._internal().former_account_ids = [Command.link(account.id)]
        if vals.get("is_matter"):
            for matter in self:
                matter._adopt_as_matter()
        if "is_template" in vals and not vals["is_template"]:
            for matter in self.filtered("makes_matters"):
                matter.write({"is_matter": True, "makes_matters": False})
        mirrored = {"partner_id", "billing_partner_id"} & vals.keys()
        if mirrored and (matters := self.filtered("is_matter")):
            self.env["legal.matter.mirror"]._refresh_all(matters, mirrored)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_matter_with_wip(self):
        """A matter with billed or unbilled entries stays, and one with money."""
        entries = self.env["account.analytic.line"].sudo()
        used = entries._read_group(
            [("matter_id", "in", self.ids), ("wip_type", "!=", False)], ["matter_id"]
        )
        if used:
            raise MatterOptionError(
                self.env._(
                    "These matters hold time or disbursements and cannot be deleted: "
                    "%(names)s. Close or archive them instead.",
                    names=", ".join(matter.display_name for (matter,) in used),
                )
            )
        self._check_can_put_away()

    @api.model
    def _get_matters_of_accounts(self, accounts):
        """Matters that costs on these analytic accounts belong to: those that have the
        account, or had it before.

        :param account.analytic.account accounts:
        :return: ``{id of the account: matter}``
        :rtype: dict
        """
        if not accounts:
            return {}
        # sudo: which matter an account belongs to is no secret of the matter
        matters_sudo = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                Domain("is_matter", "=", True)
                & (
                    Domain("account_id", "in", accounts.ids)
                    | Domain("former_account_ids", "in", accounts.ids)
                ),
                ["account_id", "former_account_ids"],
            )
        )
        result = {
            account.id: matter
            for matter in matters_sudo
            for account in matter.former_account_ids
        }
        return result | {matter.account_id.id: matter for matter in matters_sudo}

    # --- templates

    @api.model
    def _tell_template_from_matter(self, vals):
        """A template is no matter: it has no number, no time and no bills. What is made
        from one of matters is a matter.

        :param dict vals: of a new project, changed in place
        """
        given = given_values(self.env, vals)
        if given.get("is_matter") or given.get("makes_matters"):
            is_template = bool(given.get("is_template"))
            vals.update(is_matter=not is_template, makes_matters=is_template)

    def _get_template_from_project_undo_callbacks(self):
        """Core archives a project that a template is made from. A matter goes on being
        worked on, and billed."""
        if self.is_matter:
            return {}
        return super()._get_template_from_project_undo_callbacks()

    def _become_templates(self):
        """A matter that is made a template gives its number up.

        :raise MatterOptionError: for a matter with time, money or bills, naming them
        """
        if not self:
            return
        # sudo: whoever recorded them
        entries_sudo = self.env["account.analytic.line"].sudo()
        used = entries_sudo._read_group([("matter_id", "in", self.ids)], ["matter_id"])
        if used:
            raise MatterOptionError(
                self.env._(
                    "These matters hold time or disbursements, so they cannot be "
                    "templates: %(names)s. Use Create template, which copies them.",
                    names=", ".join(matter.display_name for (matter,) in used),
                )
            )
        self._check_can_put_away()
        self.check_access("write")
        self._internal().write(
            {"is_matter": False, "makes_matters": True, "matter_number": False}
        )

    # --- completing a matter

    @api.model
    def _complete_matter_vals(self, vals):
        """Add to the values of a new matter what was not given.

        :param dict vals: changed in place
        """
        given = given_values(self.env, vals)
        company = self.env["res.company"].browse(given.get("company_id"))
        company = company or self.env.company
        vals["company_id"] = company.id
        vals["is_matter"] = True
        vals.setdefault("allow_timesheets", True)
        vals.setdefault("privacy_visibility", "employees")
        if not vals.get("matter_number"):
            vals["matter_number"] = company._next_legal_number(
                "legal.matter", "project.project", "matter_number"
            )
        client = self.env["res.partner"].browse(given.get("partner_id"))
        for field, (value, _origin) in self._get_option_defaults(
            client, company
        ).items():
            if field not in given:
                vals[field] = self._fields[field].convert_to_write(value, self)

    def _ensure_company(self):
        """A project may be of all companies, a matter is of one: of its analytic
        account's, else of the user's at the time."""
        for project in self.filtered(lambda project: not project.company_id):
            project.company_id = project.account_id.company_id or self.env.company

    def _adopt_as_matter(self):
        """Make an existing project a complete matter."""
        self.ensure_one()
        given = {
            field: self[field]
            for field in ("company_id", "matter_number", "partner_id")
            if self[field]
        }
        vals = {
            field: self._fields[field].convert_to_write(value, self)
            for field, value in given.items()
        }
        self._complete_matter_vals(vals)
        del vals["is_matter"]
        self.write(vals)
        self._ensure_analytic_account()

    @api.model
    def _give_analytic_accounts(self, vals_list):
        """Make the analytic accounts of new matters. Who may open a matter need not
        have a right on analytic accounts.

        :param list vals_list: values of matters, changed in place
        """
        without = [vals for vals in vals_list if not vals.get("account_id")]
        if not without:
            return
        self.check_access("create")
        # sudo: after the right to open a matter was checked
        accounts_sudo = (
            self.env["account.analytic.account"]
            .sudo()
            .create(self._get_values_analytic_account_batch(without))
        )
        for vals, account in zip(without, accounts_sudo, strict=True):
            vals["account_id"] = account.id

    def _ensure_analytic_account(self):
        missing = self.filtered(
            lambda project: project.is_matter and not project.account_id
        )
        if missing:
            missing.check_access("write")
            missing.sudo()._create_analytic_account()  # after the check above

    @api.model
    def _protected_fields(self):
        """Fields that billing alone writes."""
        return super()._protected_fields() | {
            "bill_ids",
            "billing_sequence",
            "former_account_ids",
        }

    def _check_protected(self, vals):
        """Bills belong to a matter by their lines, not by a list on the matter; a form
        that sends back an empty list says nothing."""
        return super()._check_protected(
            {name: value for name, value in vals.items() if value}
        )

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s of a matter follows from its bills and its costs.",
            fields=labels,
        )

    # --- opening matters

    def get_formview_id(self, access_uid=None):
        """Matters open in billing's own form, from wherever they are opened."""
        if self.is_matter:
            return self.env.ref("legal_billing.matter_view_form").id
        return super().get_formview_id(access_uid)

    def action_open_matter_form(self):
        """Open the matter.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("legal_billing.matter_view_form").id, "form")],
        }

    def _get_bill_payers(self):
        """Who gets bills of this matter.

        :rtype: res.partner
        """
        self.ensure_one()
        if self.split_mode == "shares":
            return self.billing_partner_id
        return self.payer_ids.partner_id or self.billing_partner_id

    def _get_bill_recipients(self):
        """Who gets the matter's bills by e-mail, archived partners included.

        :rtype: res.partner
        """
        return self.with_context(active_test=False).bill_recipient_ids

    @api.model
    def _channel_fields(self):
        return ("bill_channel_ids", "bill_recipient_ids", "bill_print_copies")

    def _get_email_default(self):
        """As a new matter of this client and payer has it."""
        return (
            self._get_client_default(
                self.partner_id, self.company_id, "legal_bill_recipient_ids"
            )
            or self.billing_partner_id
            or self.partner_id
        )

    def _check_can_close(self):
        """Before matters are closed by one click; rooms extend it with what is still
        open of theirs.

        :raise MatterOptionError: naming the matters
        """

    # --- what is still open

    def _get_open_items(self):
        """What must be nothing before a matter is closed or put away; rooms extend it
        with what is theirs.

        :return: ``(code, name, value in words, whether it is open)``
        :rtype: list
        """
        self.ensure_one()
        return []

    @api.model
    def _get_open_item_fields(self):
        """Figures that `_get_open_items` reads.

        :rtype: list[str]
        """
        return []

    def _check_can_put_away(self):
        """An archived or deleted matter is out of sight: what it still holds would be
        as well. Refused as closing is.

        :raise MatterOptionError: naming matters, and what they still have
        """
        if self._is_internal():
            return
        # sudo: whoever sees the money of the matter
        matters_sudo = self.sudo().filtered("is_matter")
        found = {}
        for matter, _code, _name, text in matters_sudo._list_open_items():
            found.setdefault(matter.display_name, []).append(text)
        if found:
            raise MatterOptionError(
                self.env._(
                    "%(matters)s. Clear these first: the button Close shows what is open "
                    "and where to clear it.",
                    matters=". ".join(
                        self.env._(
                            "%(matter)s still has: %(open)s",
                            matter=matter,
                            open="; ".join(rows),
                        )
                        for matter, rows in found.items()
                    ),
                )
            )

    def _list_open_items(self):
        """What is open of these matters, but for instalments that wait: a plan, no
        money. To be called with the rights to see the figures.

        :return: ``(matter, code, name, name and value)``
        :rtype: list
        """
        matters = self.with_context(allowed_company_ids=self.company_id.ids)
        names = self._get_open_item_fields()
        # figures that are kept may have been worked out for somebody who sees less
        matters.invalidate_recordset(names)
        found = [
            (matter, code, name, f"{name} {value}")
            for matter in matters
            for code, name, value, is_open in matter._get_open_items()
            if is_open and code != "instalments"
        ]
        matters.invalidate_recordset(names)
        return found
