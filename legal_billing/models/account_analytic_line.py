from odoo import api, fields, models
from odoo.fields import Domain

from .. import engine
from ..engine.decimals import to_decimal
from ..exceptions import EntryLockedError, ProtectedFieldError, RoleError
from ..tools import given_values
from .legal_billing_defaults import BEHAVIORS

#: Written by billing itself and by nothing else.
PROTECTED_FIELDS = {
    "bill_id",
    "billed_amount",
    "written_off_on",
    "written_off_by_id",
    "write_off_reason",
}
#: May change while the entry is on a draft; the draft is priced again.
DRAFT_FIELDS = {
    "bill_narrative",
    "bill_quantity",
    "bill_rate",
    "wip_amount",
    "bill_behavior",
    "is_on_hold",
    "hold_until",
}
#: What time is worth: from the rates, or set by those who bill.
VALUE_FIELDS = {"bill_rate", "wip_amount", "wip_type", "wip_currency_id"}
#: May not change once the entry is on any bill.
LOCKED_FIELDS = DRAFT_FIELDS | {
    "project_id",
    "matter_id",
    "account_id",
    "employee_id",
    "date",
    "unit_amount",
    "product_id",
    "company_id",
    "wip_type",
    "wip_currency_id",
}


class AccountAnalyticLine(models.Model):
    """Time and disbursements as work in progress (WIP)."""

    _inherit = "account.analytic.line"

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
    wip_type = fields.Selection(
        [("time", "Time"), ("disbursement", "Disbursement")],
        compute="_compute_wip_type",
        store=True,
        readonly=False,
        help="Empty: not work in progress.",
    )
    bill_behavior = fields.Selection(
        BEHAVIORS,
        string="Behavior",
        compute="_compute_bill_behavior",
        store=True,
        readonly=False,
    )
    is_on_hold = fields.Boolean(string="On hold", help="Stays WIP until released.")
    hold_until = fields.Date(help="Released by itself from this day on.")
    is_anticipated = fields.Boolean(
        string="Anticipated", help="Billed before it is paid."
    )
    bill_quantity = fields.Float(
        string="Billable",
        compute="_compute_bill_quantity",
        store=True,
        readonly=False,
        digits=(16, 4),
        help="Hours rounded to the firm's time unit; the worked hours stay as they "
        "are. For disbursements the quantity.",
    )
    bill_rate = fields.Float(
        string="Rate",
        compute="_compute_bill_rate",
        store=True,
        readonly=False,
        digits=(16, 4),
        help="Net price of an hour, or of one piece, in the matter's currency.",
    )
    wip_currency_id = fields.Many2one(
        "res.currency",
        string="Billing currency",
        compute="_compute_wip_currency_id",
        store=True,
        readonly=False,
    )
    wip_amount = fields.Monetary(
        string="Value",
        compute="_compute_wip_amount",
        store=True,
        readonly=False,
        currency_field="wip_currency_id",
        help="Standard value, net of tax.",
    )
    agent_amount = fields.Monetary(
        readonly=True,
        help="Gross cost of what was bought as the client's agent, signed as the cost.",
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
    written_off_on = fields.Date(copy=False, readonly=True)
    written_off_by_id = fields.Many2one("res.users", copy=False, readonly=True)
    write_off_reason = fields.Char(copy=False, readonly=True)
    wip_status = fields.Selection(
        [
            ("unbilled", "Unbilled"),
            ("held", "On hold"),
            ("draft", "On a draft"),
            ("billed", "Billed"),
            ("written_off", "Written off"),
        ],
        compute="_compute_wip_status",
        search="_search_wip_status",
        string="Status",
    )
    wip_age = fields.Integer(
        string="Age (days)", compute="_compute_wip_age", search="_search_wip_age"
    )

    _unbilled_index = models.Index(
        "(matter_id, date) WHERE wip_type IS NOT NULL AND bill_id IS NULL "
        "AND written_off_on IS NULL"
    )

    # --- computes

    @api.depends("project_id", "account_id", "project_id.is_matter")
    def _compute_matter_id(self):
        by_account = {}
        accounts = self.filtered(
            lambda line: not line.project_id and not line.matter_id
        ).account_id
        if accounts:
            # sudo: which matter an account belongs to is no secret of the matter
            by_account = {
                matter.account_id.id: matter.id
                for matter in self.env["project.project"]
                .sudo()
                .with_context(active_test=False)
                .search_fetch(
                    [("is_matter", "=", True), ("account_id", "in", accounts.ids)],
                    ["account_id"],
                )
            }
        for line in self:
            if line.project_id:
                project_sudo = line.project_id.sudo()
                line.matter_id = line.project_id if project_sudo.is_matter else False
            elif not line.matter_id:
                line.matter_id = by_account.get(line.account_id.id, False)

    @api.depends("project_id.partner_id", "task_id.partner_id")
    def _compute_partner_id(self):
        """A billed entry keeps its client when the matter changes hands."""
        return super(
            AccountAnalyticLine, self.filtered(lambda line: not line.bill_id)
        )._compute_partner_id()

    @api.depends("matter_id", "project_id", "move_line_id")
    def _compute_wip_type(self):
        for line in self:
            if not line.matter_id:
                line.wip_type = False
            elif line.project_id:
                line.wip_type = "time"
            elif line.move_line_id and not line._is_rechargeable_cost():
                line.wip_type = False
            else:
                line.wip_type = "disbursement"

    @api.depends("matter_id", "wip_type")
    def _compute_bill_behavior(self):
        for line in self:
            if not line.wip_type:
                line.bill_behavior = line.bill_behavior or False
            elif not line.bill_behavior:
                line.bill_behavior = (
                    line.matter_id.sudo().default_bill_behavior or "bill"
                )

    @api.depends("unit_amount", "wip_type")
    def _compute_bill_quantity(self):
        for line in self:
            if line.bill_id:
                continue
            if line.wip_type == "time":
                line.bill_quantity = line._round_time(line.unit_amount)
            elif line.wip_type:
                line.bill_quantity = line.unit_amount or 1.0
            else:
                line.bill_quantity = 0.0

    @api.depends("matter_id", "employee_id", "date", "wip_type", "product_id")
    def _compute_bill_rate(self):
        time_lines = self.filtered(
            lambda line: line.wip_type == "time" and line.matter_id and not line.bill_id
        )
        rates = self.env["legal.rate"]._resolve(
            [
                (
                    line.matter_id,
                    line.employee_id,
                    line.date or fields.Date.context_today(line),
                )
                for line in time_lines
            ]
        )
        for line, rate in zip(time_lines, rates, strict=True):
            currency = line.matter_id.sudo().billing_currency_id
            line.bill_rate = rate and rate._get_price_in(currency, line.date) or 0.0
        for line in self - time_lines:
            if line.bill_id:
                continue
            line.bill_rate = (
                line._get_disbursement_price()
                if line.wip_type == "disbursement"
                else 0.0
            )

    @api.depends("matter_id")
    def _compute_wip_currency_id(self):
        for line in self:
            if line.matter_id and not line.bill_id:
                line.wip_currency_id = line.matter_id.sudo().billing_currency_id
            else:
                line.wip_currency_id = line.wip_currency_id or line.currency_id

    @api.depends("bill_quantity", "bill_rate", "wip_type")
    def _compute_wip_amount(self):
        for line in self:
            currency = line.wip_currency_id or line.currency_id
            if line.wip_type == "time":
                line.wip_amount = line._get_time_value(currency)
            elif line.wip_type:
                line.wip_amount = currency.round(line.bill_quantity * line.bill_rate)
            else:
                line.wip_amount = 0.0

    @api.depends("wip_type", "bill_id.state", "is_on_hold", "written_off_on")
    def _compute_wip_status(self):
        for line in self:
            if not line.wip_type:
                line.wip_status = False
            elif line.written_off_on:
                line.wip_status = "written_off"
            elif line.bill_id:
                # sudo: a lawyer sees the status of his entry, not the bill
                draft = line.bill_id.sudo().state == "draft"
                line.wip_status = "draft" if draft else "billed"
            else:
                line.wip_status = "held" if line.is_on_hold else "unbilled"

    @api.model
    def _search_wip_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        unbilled = self._get_unbilled_domain()
        domains = {
            "unbilled": unbilled & Domain("is_on_hold", "=", False),
            "held": unbilled & Domain("is_on_hold", "=", True),
            "draft": Domain("bill_id.state", "=", "draft"),
            "billed": Domain("bill_id", "!=", False)
            & Domain("bill_id.state", "!=", "draft"),
            "written_off": Domain("written_off_on", "!=", False),
        }
        return Domain.OR(domains[status] for status in value if status in domains)

    @api.depends("date")
    def _compute_wip_age(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.wip_age = (today - line.date).days if line.date else 0

    @api.model
    def _search_wip_age(self, operator, value):
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator)
        if not flipped:
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("date", flipped, fields.Date.subtract(today, days=value))

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("matter_id") or vals.get("project_id"):
                self._complete_wip_vals(vals)
            self._check_protected_vals(given_values(self.env, vals))
        entries = super().create(vals_list)
        for entry in entries:  # costs that a vendor bill made come without one
            if entry.wip_type and entry.name and not entry.bill_narrative:
                entry.bill_narrative = entry.name
        return entries

    def write(self, vals):
        if self.env.context.get("legal_billing_internal") and self.env.su:
            return super().write(vals)
        self._check_protected_vals(vals)
        self._check_may_value(vals)
        drafts = self._check_not_locked(vals)
        before = {}
        if drafts:
            before = {entry.id: entry.wip_amount for entry in self.sudo()}
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
            entries = self.sudo()
        result = super(AccountAnalyticLine, entries).write(vals)
        if narrated:
            super(AccountAnalyticLine, narrated).write({"bill_narrative": vals["name"]})
        if drafts:
            drafts._on_entries_edited(self, before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        """Billed entries stay; this also stops a vendor bill whose cost was billed
        from being reset, which would make the cost anew as unbilled."""
        billed = self.filtered("bill_id")
        if billed:
            raise EntryLockedError(
                self.env._(
                    "These entries are on a bill and cannot be deleted: %(entries)s. "
                    "Delete or credit the bill first.",
                    entries=billed._describe_with_bill(),
                )
            )

    # --- helpers of creation

    @api.model
    def _complete_wip_vals(self, vals):
        """Add what the values of a new entry leave open.

        :param dict vals: changed in place
        """
        matter_sudo = self.env["project.project"].sudo().browse(vals.get("matter_id"))
        if matter_sudo and not vals.get("project_id"):
            vals.setdefault("account_id", matter_sudo.account_id.id)
            vals.setdefault("company_id", matter_sudo.company_id.id)
            if vals.get("wip_type", "disbursement") == "disbursement":
                self._complete_disbursement_vals(vals, matter_sudo)
        if vals.get("name") and "bill_narrative" not in vals:
            vals["bill_narrative"] = vals["name"]

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

    # --- guards

    @api.model
    def _check_protected_vals(self, vals):
        """Refuse values that only billing itself writes, whoever sends them.

        :raise ProtectedFieldError:
        """
        touched = {field for field in PROTECTED_FIELDS & vals.keys() if vals[field]}
        if isinstance(self, models.Model) and self.ids:
            touched = PROTECTED_FIELDS & vals.keys()
        internal = self.env.su and self.env.context.get("legal_billing_internal")
        if touched and not internal:
            labels = [self._fields[name].string or name for name in sorted(touched)]
            raise ProtectedFieldError(
                self.env._(
                    "%(fields)s of an entry is written by billing itself. Use Bill, "
                    "Add to the draft, Remove or Write off.",
                    fields=", ".join(labels),
                )
            )

    def _check_may_value(self, vals):
        """Fee earners record time; what it is worth comes from the rates.

        :raise RoleError: naming the fields
        """
        touched = VALUE_FIELDS & vals.keys()
        user = self.env.user
        if (
            not touched
            or self.env.su
            or not user.has_group("legal_billing.legal_billing_group_fee_earner")
            or self._can_edit_billing()
        ):
            return
        priced = self.filtered(
            lambda line: line.wip_type == "time" and line._has_changes(vals, touched)
        )
        if priced:
            raise RoleError(
                self.env._(
                    "%(fields)s of time comes from the rates. Ask a biller or the "
                    "responsible lawyer.",
                    fields=", ".join(
                        self._fields[name].string for name in sorted(touched)
                    ),
                )
            )

    def _check_not_locked(self, vals):
        """Refuse changes of billed entries.

        :param dict vals: the values to be written
        :return: the drafts that the change makes stale
        :rtype: account.move
        :raise EntryLockedError: naming entries and bills
        """
        touched = LOCKED_FIELDS & vals.keys()
        if not touched:
            return self.env["account.move"]
        billed_sudo = self.sudo().filtered("bill_id")
        if not billed_sudo:
            return self.env["account.move"]
        # project_id is given again by computes of the task: no change, no lock
        changed = billed_sudo.filtered(lambda line: line._has_changes(vals, touched))
        drafts = changed.bill_id.filtered(lambda bill: bill.state == "draft")
        locked = (
            changed
            if touched - DRAFT_FIELDS
            else changed.filtered(lambda line: line.bill_id.state != "draft")
        )
        if locked:
            raise EntryLockedError(
                self.env._(
                    "These entries are on a bill and stay as they were billed: "
                    "%(entries)s. On a draft, edit what the bill says of them; a bill "
                    "that is approved is reverted or credited first.",
                    entries=locked._describe_with_bill(),
                )
            )
        return drafts

    def _has_changes(self, vals, names):
        self.ensure_one()
        for name in names:
            field = self._fields[name]
            new = field.convert_to_cache(vals[name], self, validate=False)
            if field.convert_to_cache(self[name], self, validate=False) != new:
                return True
        return False

    def _can_edit_billing(self):
        """Whether the user may change billing values of these entries.

        :rtype: bool
        """
        user = self.env.user
        if user.has_group("legal_billing.legal_billing_group_biller"):
            self.check_access("read")
            return True
        return user.has_group("legal_billing.legal_billing_group_reviewer") and all(
            line.matter_id.responsible_id == user for line in self.sudo()
        )

    def _describe_with_bill(self, limit=10):
        """Names of entries and their bills, for messages.

        :rtype: str
        """
        shown = [
            f"{line.date} {(line.name or '')[:40]} ({line.bill_id.display_name})"
            for line in self.sudo()[:limit]
        ]
        if len(self) > limit:
            shown.append(self.env._("%(count)s more", count=len(self) - limit))
        return "; ".join(shown)

    # --- helpers

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

    def _is_rechargeable_cost(self):
        """Whether the journal item behind the entry is a cost: a vendor bill's or
        receipt's line or an expense, not our own bill or its taxes."""
        self.ensure_one()
        line_sudo = self.move_line_id.sudo()
        if line_sudo.move_id.is_purchase_document(include_receipts=True):
            return line_sudo.display_type == "product"
        return (
            line_sudo.move_id.move_type == "entry"
            and line_sudo.account_id.internal_group == "expense"
        )

    def _round_time(self, hours):
        """Billable hours of worked hours, in the firm's units (rule C-9).

        :param float hours: worked
        :return: hours
        :rtype: float
        """
        company = self.company_id
        unit = company.legal_time_unit or 1
        units = engine.billable_units(
            hours,
            unit,
            company.legal_time_rounding or "up",
            company.legal_time_minimum_units,
        )
        return units * unit / 60

    def _get_time_value(self, currency):
        """Rate × time, from whole minutes (rules C-9, C-10)."""
        self.ensure_one()
        minutes = round(self.bill_quantity * 60)
        return float(
            engine.time_value(
                to_decimal(self.bill_rate), minutes, 1, to_decimal(currency.rounding)
            )
        )

    def _get_disbursement_price(self):
        """Net price of one piece: what the entry cost, in the billing currency, with
        the markup of its type when charged as principal (rule C-27)."""
        self.ensure_one()
        quantity = self.bill_quantity or self.unit_amount or 1.0
        if not self.amount:
            return self.bill_rate or self.product_id.lst_price
        cost = -(self.agent_amount or self.amount)
        if self.product_id.disbursement_treatment != "agent":
            cost *= 1 + self.product_id.disbursement_markup / 100
        currency = self.matter_id.sudo().billing_currency_id
        if currency and currency != self.currency_id:
            cost = self.currency_id._convert(
                cost, currency, self.company_id, self.date, round=False
            )
        return cost / quantity
