from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

from ...exceptions import EntryLockedError, MatterOptionError
from ...tools import given_values, is_internal
from ..common.legal_billing_defaults import BEHAVIORS
from .account_analytic_line_effect import TEXT_FIELDS
from .account_analytic_line_guard import DRAFT_FIELDS
from .triggers import ENTRY_TRIGGERS


class AccountAnalyticLine(models.Model):
    """Time and disbursements as work in progress (WIP)."""

    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "legal.billing.guard"]

    matter_id = fields.Many2one(
        "project.project",
        compute="_compute_matter_id",
        store=True,
        readonly=False,
        domain=[("is_matter", "=", True)],
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    client_id = fields.Many2one(
        related="matter_id.partner_id",
        string="Client",
        help="Of the matter; the partner of a cost is the vendor.",
    )
    wip_type = fields.Selection(
        [("time", "Time"), ("disbursement", "Disbursement")],
        compute="_compute_wip_type",
        store=True,
        readonly=False,
        help="Empty: not work in progress.",
        string="WIP type",
    )
    bill_behavior = fields.Selection(
        BEHAVIORS,
        string="Charge",
        compute="_compute_bill_behavior",
        store=True,
        readonly=False,
    )
    is_on_hold = fields.Boolean(string="On hold", help="Stays WIP until released.")
    hold_until = fields.Date(
        help="Released by itself from this day on.", string="Hold until"
    )
    is_anticipated = fields.Boolean(
        string="Anticipated", help="Billed before it is paid."
    )
    agent_amount = fields.Monetary(
        readonly=True,
        help="Gross cost of what was bought as the client's agent, signed as the cost.",
        string="Agent amount",
    )
    billed_amount = fields.Monetary(
        string="Billed",
        currency_field="wip_currency_id",
        copy=False,
        readonly=True,
        help="What the bill charges after quote, discount and write-down.",
    )
    bill_narrative = fields.Text(
        string="Narrative on the bill",
        help="Starts as the description; may be edited for the client.",
    )
    bill_id = fields.Many2one(
        "account.move",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    written_off_on = fields.Date(copy=False, readonly=True, string="Written off on")
    written_off_by_id = fields.Many2one(
        "res.users", copy=False, readonly=True, string="Written off by"
    )
    write_off_reason = fields.Char(copy=False, readonly=True, string="Write-off reason")

    _unbilled_index = models.Index(
        "(matter_id, date) WHERE wip_type IS NOT NULL AND bill_id IS NULL "
        "AND written_off_on IS NULL"
    )

    def init(self):
        """A disbursement has a cost of a client behind it, in the database too."""
        result = super().init()
        self.env.cr.execute(ENTRY_TRIGGERS)
        return result

    # --- computes

    @api.depends("project_id", "account_id", "project_id.is_matter")
    def _compute_matter_id(self):
        accounts = self.filtered(
            lambda line: not line.project_id and not line.matter_id
        ).account_id
        by_account = self.env["project.project"]._get_matters_of_accounts(accounts)
        for line in self:
            if line.bill_id:
                line.matter_id = line.matter_id  # it stays as it was billed
            elif line.project_id:
                project_sudo = line.project_id.sudo()
                line.matter_id = line.project_id if project_sudo.is_matter else False
            elif not line.matter_id:
                matter = by_account.get(line.account_id.id)
                line.matter_id = matter.id if matter else False

    @api.depends("project_id.partner_id", "task_id.partner_id", "matter_id.partner_id")
    def _compute_partner_id(self):
        """A billed entry keeps its client when the matter changes hands."""
        unbilled = self.filtered(lambda line: not line.bill_id)
        result = super(AccountAnalyticLine, unbilled)._compute_partner_id()
        for line in unbilled:
            if line.matter_id and not line.project_id and not line.move_line_id:
                line.partner_id = line.matter_id.sudo().partner_id
        return result

    @api.depends("matter_id", "project_id", "move_line_id")
    def _compute_wip_type(self):
        for line in self:
            line.wip_type = line._get_wip_kind()

    @api.depends("matter_id", "wip_type")
    def _compute_bill_behavior(self):
        for line in self:
            if not line.wip_type:
                line.bill_behavior = line.bill_behavior or False
            elif not line.bill_behavior:
                line.bill_behavior = (
                    line.matter_id.sudo().default_bill_behavior or "bill"
                )

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """What the values of an entry of a matter leave open is added before core makes
        it. What it is worth is looked at after: only then have the rates said so.

        :raise ProtectedFieldError:
        :raise LegalBillingError: for what is no number
        :raise RoleError: for what is not recorded by the user, or not at the rates
        """
        projects = set()
        for vals in vals_list:
            given = given_values(self.env, vals)
            if not self._is_own_doing():
                self._check_protected(given)
            self._check_numbers(given)
            projects.add(given.get("project_id"))
            if vals.get("matter_id") or vals.get("project_id"):
                self._complete_wip_vals(vals)
            self._complete_price(vals)
        self._check_no_template(projects - {None, False})
        if self._is_own_doing() or not vals_list:
            entries = super().create(vals_list)
        else:
            with self._undone_if_refused():
                entries = super().create(vals_list)
                entries._check_effect({})
        entries.filtered("wip_type")._complete_costs()
        return entries

    def write(self, vals):
        """What is on a bill stays; what is on a draft changes, and the draft follows in
        `_on_entries_edited`, after core has written. The narrative follows the
        description until somebody writes it. Billing's own code goes straight to core
        and tells the drafts itself.

        :raise ProtectedFieldError:
        :raise RoleError: for the value of time without a role
        :raise EntryLockedError: naming entries and bills
        """
        if vals.get("matter_id") and all(
            line.matter_id.id == vals["matter_id"]
            for line in self.sudo()  # compared
        ):
            # no move: the value keeps the currency that it was recorded in
            vals = {name: value for name, value in vals.items() if name != "matter_id"}
        if is_internal(self.env) or not self:  # core writes on none while it posts
            return super().write(vals)
        if not vals.keys() - TEXT_FIELDS or self._is_own_doing():
            return self._write_with_drafts(vals)
        effect = self._take_effect()
        with self._undone_if_refused():
            result = self._write_with_drafts(vals)
            self._check_effect(effect)
        return result

    def _write_with_drafts(self, vals):
        """Write what is given, as far as bills allow it; drafts follow.

        :param dict vals: for ``write``
        :return: True
        """
        self._check_protected(vals)
        self._check_numbers(vals)
        drafts = self._check_not_locked(vals)
        before = {}
        if drafts:
            before = {entry.id: entry._get_charged_values() for entry in self.sudo()}
        narrated = self.browse()
        if "name" in vals and "bill_narrative" not in vals:
            narrated = self.filtered(
                lambda line: not line.bill_id and line.bill_narrative == line.name
            )
        entries = self
        if (
            self
            and vals.keys() <= DRAFT_FIELDS
            and not self.env.su
            and self._can_edit_billing()
        ):
            # A reviewer edits what the bill says of another's entry, never the
            # entry itself: sudo after the check of the role.
            entries = self._as_editable()
        if "product_id" in vals:
            # another type charges another part of the cost
            entries.filtered(
                lambda line: (
                    line.charge_currency_id and line.product_id.id != vals["product_id"]
                )
            )._internal().write({"charge_currency_id": False, "charge_amount": 0.0})
        result = super(AccountAnalyticLine, entries).write(vals)  # pylint: disable=super-method-mismatch
        if narrated:
            super(AccountAnalyticLine, narrated).write(  # pylint: disable=super-method-mismatch
                {"bill_narrative": vals["name"]}
            )
        if drafts:
            drafts._on_entries_edited(self, before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        """Billed entries stay, and so does what stands for a vendor's line: it would be
        made anew as unbilled."""
        internal = is_internal(self.env)
        billed = self.filtered("bill_id")
        if billed:
            raise EntryLockedError(
                self.env._(
                    "These entries are on a bill and cannot be deleted: %(entries)s. "
                    "Delete or credit the bill first.",
                    entries=billed._describe_with_bill(),
                )
            )
        matched = self.filtered("matched_on")
        if matched and not internal:
            raise EntryLockedError(
                self.env._(
                    "These disbursements are matched with a vendor's bill and cannot be "
                    "deleted: %(entries)s. Take the match back first.",
                    entries=", ".join(matched.mapped("name")),
                )
            )

    # --- helpers of creation

    def _complete_costs(self):
        """Costs that a vendor bill made come without a narrative, and with its date in
        the books instead of its own."""
        for entry in self._internal():  # what the books say, whoever posts them
            if entry.name and not entry.bill_narrative:
                entry.bill_narrative = entry._get_cost_narrative()
            day = entry.move_line_id.move_id.invoice_date
            if day and entry.date != day:
                entry.with_context(skip_analytic_sync=True).date = day

    def _get_cost_narrative(self):
        """What the bill says of a cost from the books. Core puts the employee's name
        before an expense; the client reads what it was for.

        :rtype: str
        """
        self.ensure_one()
        item = self.move_line_id
        if "expense_id" in item._fields and item.expense_id.name:  # with hr_expense
            return item.expense_id.name
        return self.name

    @api.model
    def _check_no_template(self, project_ids):
        """
        :param set project_ids: of new entries
        :raise MatterOptionError: for time on a template that matters are made from
        """
        projects_sudo = self.env["project.project"].sudo().browse(project_ids)
        if templates_sudo := projects_sudo.filtered("makes_matters"):
            raise MatterOptionError(
                self.env._(
                    "%(names)s is a template of matters: nobody is billed for time on "
                    "it. Record it on a matter.",
                    names=", ".join(templates_sudo.mapped("display_name")),
                )
            )

    @api.model
    def _complete_wip_vals(self, vals):
        """Add what the values of a new entry leave open.

        :param dict vals: changed in place
        """
        matter_sudo = self.env["project.project"].sudo().browse(vals.get("matter_id"))
        if matter_sudo and not vals.get("project_id"):
            for name, account_id in self._get_matter_accounts(matter_sudo).items():
                vals.setdefault(name, account_id)
            vals.setdefault("company_id", matter_sudo.company_id.id)
            if vals.get("wip_type", "disbursement") == "disbursement":
                self._complete_disbursement_vals(vals, matter_sudo)
        if vals.get("name") and "bill_narrative" not in vals:
            vals["bill_narrative"] = vals["name"]

    @api.model
    def _get_matter_accounts(self, matter):
        """Analytic accounts of a matter, in all plans, as values of an entry.

        :param project.project matter:
        :rtype: dict
        """
        matter_sudo = matter.sudo()  # which account costs go to, whoever records them
        return {name: matter_sudo[name].id for name in self._get_plan_fnames()}

    @api.model
    def _complete_disbursement_vals(self, vals, matter_sudo):
        if not vals.get("product_id") and not vals.get("move_line_id"):
            vals["product_id"] = matter_sudo.company_id.legal_disbursement_product_id.id
        quantity = vals.get("unit_amount") or vals.get("bill_quantity") or 1.0
        vals["unit_amount"] = vals.get("unit_amount") or quantity
        if "wip_amount" in vals and "bill_rate" not in vals:
            vals["bill_rate"] = vals["wip_amount"] / quantity
        if not vals.get("amount") and vals.get("bill_rate"):
            vals["amount"] = -quantity * vals["bill_rate"]

    @api.model
    def _complete_price(self, vals):
        """A new disbursement without price and cost has the price of its type. What is
        given, 0.00 too, is a price.

        :param dict vals: changed in place
        """
        has_price = {"bill_rate", "wip_amount"} & vals.keys()
        has_cost = any(
            vals.get(name)
            for name in ("amount", "move_line_id", "project_id", "task_id")
        )
        if vals.get("product_id") and not has_price and not has_cost:
            product = self.env["product.product"].browse(vals["product_id"])
            vals["bill_rate"] = product.sudo().lst_price  # whoever sees the type

    # --- helpers

    def _as_editable(self):
        """The same entries, for a write of what the bill says of them; to be called
        after the role was checked. Time that was validated (timesheet_grid) is refused
        to all but approvers of time by the user's name, whatever the rights: what was
        worked stays validated, what is billed of it is decided here.

        :rtype: account.analytic.line
        """
        return self.with_user(SUPERUSER_ID) if self._is_validated() else self.sudo()

    def _is_validated(self):
        """Whether some of this time was validated, where there is such a thing.

        :rtype: bool
        """
        return "validated" in self._fields and any(self.sudo().mapped("validated"))

    @api.model
    def _timesheet_get_portal_domain(self):
        """The client sees what bills say, not the time behind them: no entries of
        matters in the portal, whoever follows them."""
        domain = super()._timesheet_get_portal_domain()
        if self.env.user.share:
            domain = Domain(domain) & Domain("matter_id", "=", False)
        return domain

    @api.model
    def _count_unbilled(self, field, records):
        """How many unbilled entries are of each record.

        :param str field: that names the records
        :param records:
        :return: ``{record: number}``
        :rtype: dict
        """
        return dict(
            self._read_group(
                self._get_unbilled_domain() & Domain(field, "in", records.ids),
                [field],
                ["__count"],
            )
        )

    @api.model
    def _get_unbilled_domain(self):
        """Entries that no bill holds and nobody wrote off, held ones included.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("wip_type", "!=", False)
            & Domain("bill_id", "=", False)
            & Domain("written_off_on", "=", False)
        )

    def _get_wip_kind(self):
        """What recording makes of the entry: its type of WIP, by matter, project and
        the journal item behind it.

        :return: ``time``, ``disbursement`` or False
        """
        self.ensure_one()
        if not self.matter_id:
            return False
        if self.project_id:
            return "time"
        item_sudo = self.move_line_id.sudo()  # what the books say, whoever looks
        if item_sudo and not item_sudo._is_cost_of_client():
            return False
        return "disbursement"
