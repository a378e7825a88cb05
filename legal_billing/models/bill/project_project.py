from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...exceptions import MatterOptionError
from ...tools import format_amount, open_window

#: Options that say what the matter's bills are held to.
QUOTE_OPTIONS = (
    "billing_arrangement",
    "quoted_amount",
    "quote_scope",
    "quote_basis",
    "cap_amount",
    "contingency_percent",
    "contingency_basis_amount",
)


class ProjectProject(models.Model):
    """What money a matter holds, and what the next run would do with it."""

    _inherit = "project.project"

    bill_ids = fields.Many2many(
        "account.move",
        "legal_bill_matter_rel",
        "matter_id",
        "bill_id",
        string="Bills",
        readonly=True,
        copy=False,
    )
    draft_bill_count = fields.Integer(compute="_compute_bills")
    open_bill_count = fields.Integer(
        compute="_compute_bills",
        help="Bills in draft, or approved and not paid in full.",
    )
    bill_count = fields.Integer(compute="_compute_bills")
    draft_bill_amount = fields.Monetary(
        compute="_compute_bills",
        currency_field="billing_currency_id",
        string="Draft bill amount",
    )
    unpaid_amount = fields.Monetary(
        compute="_compute_bills",
        currency_field="billing_currency_id",
        string="Unpaid",
    )
    on_account_balance = fields.Monetary(
        compute="_compute_on_account_balance",
        search="_search_on_account_balance",
        currency_field="billing_currency_id",
        string="On account",
        help="Billed on account and approved, net of tax, and not deducted from a bill "
        "yet.",
    )
    quote_billed_amount = fields.Monetary(
        compute="_compute_quote_progress", currency_field="billing_currency_id"
    )
    quote_left_amount = fields.Monetary(
        compute="_compute_quote_progress", currency_field="billing_currency_id"
    )
    quote_progress = fields.Float(compute="_compute_quote_progress")
    # pictures
    has_history = fields.Boolean(
        compute="_compute_has_history",
        help="Entries or bills are there: a new client is asked from which day.",
    )
    quote_bar = fields.Json(compute="_compute_quote_bar")
    timekeeper_hours = fields.Json(compute="_compute_timekeeper_hours")

    # --- computes

    @api.depends(
        "bill_ids.state", "bill_ids.amount_residual", "bill_ids.amount_untaxed"
    )
    def _compute_bills(self):
        # Money of the matter is not hidden from its lawyers: sudo, figures only.
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("matter_id", "in", self.ids),
                    ("move_id.move_type", "in", ("out_invoice", "out_refund")),
                    ("parent_state", "!=", "cancel"),
                    ("display_type", "=", "product"),
                ],
                ["matter_id", "move_id"],
                ["price_subtotal:sum"],
            )
        )
        for matter in self:
            matter.draft_bill_count = 0
            matter.open_bill_count = 0
            matter.bill_count = 0
            matter.draft_bill_amount = 0.0
            matter.unpaid_amount = 0.0
        today = fields.Date.context_today(self)
        moves_sudo = self.env["account.move"].sudo().union(*(row[1] for row in groups))
        parts = moves_sudo.filtered(
            lambda move: (
                move.state == "posted"
                and not move.currency_id.is_zero(move.amount_residual)
            )
        )._get_open_of_matters()
        for matter_, move, net in groups:
            matter = self.browse(matter_.id)
            target = matter.billing_currency_id or matter.company_id.currency_id

            def convert(amount, move=move, target=target):
                return move.currency_id._convert(
                    amount, target, move.company_id, today, round=False
                )

            sign = -1 if move.move_type == "out_refund" else 1
            matter.bill_count += 1
            if move.state == "draft":
                matter.draft_bill_amount += sign * convert(net)
                if move.move_type == "out_invoice":
                    matter.draft_bill_count += 1
                    matter.open_bill_count += 1
            elif not move.currency_id.is_zero(move.amount_residual):
                matter.open_bill_count += 1
                part = (
                    float(abs(parts[move.id].get(matter_, 0)))
                    if move.id in parts
                    else move.amount_residual
                )
                matter.unpaid_amount += sign * convert(part)

    @api.depends("bill_ids.state", "bill_ids.amount_untaxed", "billing_currency_id")
    def _compute_on_account_balance(self):
        found = self._get_on_account_balances(self.ids)
        for matter in self:
            matter.on_account_balance = found.get(matter._origin.id, 0.0)

    @api.model
    def _search_on_account_balance(self, operator, value):
        if operator not in ("in", "<", ">", "<=", ">="):
            return NotImplemented
        compare = {
            "in": lambda amount: any(
                abs(amount - (other or 0.0)) < 0.005 for other in value
            ),
            "<": lambda amount: amount < value,
            ">": lambda amount: amount > value,
            "<=": lambda amount: amount <= value,
            ">=": lambda amount: amount >= value,
        }[operator]
        found = self._get_on_account_balances()
        if compare(0.0):
            wrong = [key for key, amount in found.items() if not compare(amount)]
            return Domain("id", "not in", wrong)
        return Domain("id", "in", [key for key, left in found.items() if compare(left)])

    @api.model
    def _get_on_account_balances(self, ids=None):
        """What is left of approved bills on account, in the billing currency of their
        matter; those in another one at the rate of their date.

        :param list ids: of matters; default: all
        :rtype: dict
        """
        # Money of the matter is not hidden from its lawyers: sudo, figures only.
        lines_sudo = self.env["account.move.line"].sudo()
        domain = SQL("bill.state = 'posted' AND bill.move_type = 'out_invoice'")
        if ids is not None:
            domain = SQL("%s AND advance.matter_id = ANY(%s)", domain, ids)
        maker_sudo = self.env["legal.bill.maker"].sudo()
        result = {}
        for line_id, (own, used) in maker_sudo._get_advance_balances(domain).items():
            line = lines_sudo.browse(line_id)
            matter = line.matter_id
            amount = line.currency_id._convert(
                float(own - used),
                matter.billing_currency_id or matter.company_id.currency_id,
                line.company_id,
                line.move_id.invoice_date,
            )
            result[matter.id] = result.get(matter.id, 0.0) + amount
        return result

    @api.depends(
        *QUOTE_OPTIONS,
        "billing_currency_id",
        "bill_ids.state",
        "bill_ids.amount_untaxed",
    )
    def _compute_quote_progress(self):
        quoted = self.filtered(lambda matter: matter._get_quote().amount)
        billed = self.env["legal.bill.maker"]._get_quote_billed(quoted)
        for matter in self:
            amount = matter._get_quote().amount
            matter.quote_billed_amount = billed.get(matter._origin.id, 0.0)
            matter.quote_left_amount = max(0.0, amount - matter.quote_billed_amount)
            matter.quote_progress = (
                100 * matter.quote_billed_amount / amount if amount else 0.0
            )

    def _get_open_items(self):
        """Besides: draft bills, unpaid bills."""
        currency = self.billing_currency_id or self.company_id.currency_id
        return [
            *super()._get_open_items(),
            (
                "drafts",
                self.env._("Draft bills"),
                str(self.draft_bill_count),
                bool(self.draft_bill_count),
            ),
            (
                "unpaid",
                self.env._("Unpaid bills"),
                format_amount(self.env, self.unpaid_amount, currency),
                not currency.is_zero(self.unpaid_amount),
            ),
            (
                "on_account",
                self.env._("Billed on account, not deducted"),
                format_amount(self.env, self.on_account_balance, currency),
                not currency.is_zero(self.on_account_balance),
            ),
        ]

    @api.model
    def _get_open_item_fields(self):
        return [
            *super()._get_open_item_fields(),
            "draft_bill_count",
            "unpaid_amount",
            "on_account_balance",
        ]

    # --- actions

    def action_bill_on_account(self):
        """Ask what of this matter is billed before the work is done.

        :return: the window
        :rtype: dict
        :raise RoleError: for users who do not bill
        :raise MatterOptionError: if the matter is not billed at all
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        self.check_access("read")
        self._check_can_be_billed()
        payer = self.payer_ids.sorted("sequence")[-1:].partner_id
        payer &= self._get_bill_payers()
        window = self.env["legal.on.account.bill"].create(
            {
                "matter_id": self.id,
                "partner_id": (payer or self.billing_partner_id).id,
            }
        )
        return open_window(
            window, self.env._("Bill %(matter)s on account", matter=self.display_name)
        )

    def action_open_on_account(self):
        """Open the bills on account of these matters.

        :rtype: dict
        """
        return self._get_bills_action([("billing_kind", "=", "on_account")])

    def action_open_bills(self):
        """Open the bills of these matters, in all stages.

        :rtype: dict
        :raise RoleError: for those who see the figure, but no bills
        """
        self.env["account.move"]._check_reads_bills()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        return action | {"domain": [("matter_ids", "in", self.ids)], "context": {}}

    # --- pictures

    @api.depends("bill_count", "unbilled_count", "partner_id")
    def _compute_has_history(self):
        for matter in self:
            matter.has_history = bool(
                matter.partner_id and (matter.bill_count or matter.unbilled_count)
            )

    @api.depends(*QUOTE_OPTIONS, "unbilled_amount")
    def _compute_quote_bar(self):
        """Billed, unbilled and left of quote, cap or outcome, as shares and in words."""
        inside = self._get_wip_inside_quote()
        for matter in self:
            quote = matter._get_quote()
            if not quote.amount:
                matter.quote_bar = False
                continue
            per_bill = not quote.is_for_life
            matter.quote_bar = matter._prepare_quote_bar(
                0.0 if per_bill else matter.quote_billed_amount,
                inside.get(matter._origin.id, 0.0),
                per_bill,
            )

    def _prepare_quote_bar(self, billed, wip, per_bill):
        """
        :param float billed: what bills took of the quote
        :param float wip: unbilled entries that the quote covers, at value
        :param bool per_bill: the quote holds for each bill
        :rtype: dict
        """
        self.ensure_one()
        name, quote, *_rest = self._get_quote()
        currency = self.billing_currency_id or self.company_id.currency_id
        left = quote - billed - wip
        whole = max(quote, billed + wip)

        def money(amount):
            return format_amount(self.env, amount, currency)

        return {
            "name_text": {
                "quote": self.env._("Quote"),
                "cap": self.env._("Cap"),
                "contingency": self.env._("Contingent fee"),
            }[name],
            "per_bill": per_bill,
            "billed": 100 * max(billed, 0.0) / whole,
            "wip": 100 * max(wip, 0.0) / whole,
            "limit": 100 * quote / whole,
            "percent": round(100 * (billed + wip) / quote),
            "over": currency.compare_amounts(left, 0.0) < 0,
            "quote_text": money(quote),
            "billed_text": money(billed),
            "wip_text": money(wip),
            "left_text": money(abs(left)),
        }

    def _get_wip_inside_quote(self):
        """Unbilled entries that are charged and that the quote covers, at value.

        :return: ``{matter id: amount}``
        :rtype: dict
        """
        # typed on the form: the entries are those of the record behind it
        quotes = {matter._origin.id: matter._get_quote() for matter in self}
        quoted = self.filtered(lambda matter: quotes[matter._origin.id].amount)
        if not quoted:
            return {}
        entries = self.env["account.analytic.line"]
        kinds = {
            "fees": ("time",),
            "disbursements": ("disbursement",),
            "both": ("time", "disbursement"),
        }
        totals = {}
        for matter, kind, amount in entries._read_group(
            entries._get_unbilled_domain()
            & Domain("matter_id", "in", quoted.ids)
            & Domain("bill_behavior", "=", "bill"),
            ["matter_id", "wip_type"],
            ["wip_amount:sum"],
        ):
            if kind in kinds[quotes[matter.id].scope]:
                totals[matter.id] = totals.get(matter.id, 0.0) + amount
        return totals

    @api.depends("wip_entry_ids.standard_amount", "wip_entry_ids.bill_id")
    def _compute_timekeeper_hours(self):
        """Hours on the matter by timekeeper, billed and unbilled, the most first."""
        entries = self.env["account.analytic.line"]
        rows = {}
        for matter, employee, bill, hours, standard, billed in entries._read_group(
            Domain("matter_id", "in", self.ids)
            & Domain("wip_type", "=", "time")
            & Domain("written_off_on", "=", False),
            ["matter_id", "employee_id", "bill_id"],
            ["bill_quantity:sum", "standard_amount:sum", "billed_amount:sum"],
        ):
            # sudo: who worked on the matter is no secret of those who see it
            row = rows.setdefault(matter.id, {}).setdefault(
                employee.id,
                {
                    "name": employee.sudo().name or "",
                    "billed": 0.0,
                    "open": 0.0,
                    "standard": 0.0,
                    "charged": 0.0,
                },
            )
            row["billed" if bill else "open"] += hours
            if bill:
                row["standard"] += standard
                row["charged"] += billed
        for matter in self:
            found = sorted(
                rows.get(matter.id, {}).values(),
                key=lambda row: -(row["billed"] + row["open"]),
            )
            most = max((row["billed"] + row["open"] for row in found), default=0.0)
            currency = matter.billing_currency_id or matter.company_id.currency_id
            matter.timekeeper_hours = [
                {
                    **row,
                    "share_billed": 100 * row["billed"] / most if most else 0,
                    "share_open": 100 * row["open"] / most if most else 0,
                    "standard_text": format_amount(self.env, row["standard"], currency),
                    "charged_text": format_amount(self.env, row["charged"], currency),
                }
                for row in found[:8]
            ] or False

    # --- what the figures are made of

    def action_open_drafts(self):
        """Open the drafts of these matters.

        :rtype: dict
        """
        return self._get_bills_action([("billing_stage", "=", "draft")])

    def action_open_unpaid(self):
        """Open the unpaid bills of these matters.

        :rtype: dict
        """
        return self._get_bills_action(
            [("state", "=", "posted"), ("amount_residual", "!=", 0)]
        )

    def _get_bills_action(self, domain):
        action = self.action_open_bills()
        return action | {
            "domain": [*domain, ("matter_ids", "in", self.ids)],
            "context": {},
        }

    # --- quotes that bills took from

    def _check_currency_change(self, vals):
        """A quote stays in its currency, unless it is given anew together with another
        one; drafts are looked at by the room below."""
        result = super()._check_currency_change(vals)
        if (
            not {"quoted_amount", "cap_amount", "contingency_basis_amount"}
            & vals.keys()
        ):
            self._check_quote_currency()
        return result

    def _check_quote_currency(self):
        """A quote that bills have taken from was agreed in its currency: whoever
        changes that says what the quote is in the new one.

        :raise MatterOptionError: naming the matters, quote and what is billed of it
        """
        quoted = self.filtered(
            lambda m: m._get_quote().amount and m._get_quote().is_for_life and m.ids
        )
        if not quoted:
            return
        billed = self.env["legal.bill.maker"]._get_quote_billed(quoted)
        blocked = [
            self.env._(
                "%(matter)s: %(billed)s of %(quote)s",
                matter=matter.display_name,
                billed=matter.billing_currency_id.format_signed(billed[matter.id]),
                quote=matter.billing_currency_id.format_signed(
                    matter._get_quote().amount
                ),
            )
            for matter in quoted
            if not matter.billing_currency_id.is_zero(billed.get(matter.id, 0.0))
        ]
        if blocked:
            raise MatterOptionError(
                self.env._(
                    "The billing currency cannot change alone while bills count against "
                    "the quote: %(matters)s. Change both together: enter the quote in "
                    "the new currency; what was billed counts at the rate of each "
                    "bill's date.",
                    matters="; ".join(blocked),
                )
            )
