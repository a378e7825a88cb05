from odoo import api, fields, models
from odoo.fields import Domain


class ProjectProject(models.Model):
    """What money a matter holds, and what the next run would do with it."""

    _inherit = "project.project"

    wip_entry_ids = fields.One2many(
        "account.analytic.line", "matter_id", string="Entries"
    )
    bill_ids = fields.Many2many(
        "account.move",
        "legal_bill_matter_rel",
        "matter_id",
        "bill_id",
        string="Bills",
        readonly=True,
        copy=False,
    )
    unbilled_amount = fields.Monetary(
        compute="_compute_unbilled",
        search="_search_unbilled_amount",
        currency_field="billing_currency_id",
        string="WIP",
        help="Standard value of the entries that no bill holds, held ones included.",
    )
    unbilled_count = fields.Integer(compute="_compute_unbilled")
    unbilled_hours = fields.Float(compute="_compute_unbilled")
    held_amount = fields.Monetary(
        compute="_compute_unbilled", currency_field="billing_currency_id"
    )
    draft_bill_count = fields.Integer(compute="_compute_bills")
    open_bill_count = fields.Integer(
        compute="_compute_bills",
        help="Bills in draft, or approved and not paid in full.",
    )
    bill_count = fields.Integer(compute="_compute_bills")
    draft_bill_amount = fields.Monetary(
        compute="_compute_bills", currency_field="billing_currency_id"
    )
    unpaid_amount = fields.Monetary(
        compute="_compute_bills",
        currency_field="billing_currency_id",
        string="Unpaid",
    )
    quote_billed_amount = fields.Monetary(
        compute="_compute_quote_progress", currency_field="billing_currency_id"
    )
    quote_left_amount = fields.Monetary(
        compute="_compute_quote_progress", currency_field="billing_currency_id"
    )
    quote_progress = fields.Float(compute="_compute_quote_progress")
    next_run_amount = fields.Monetary(
        compute="_compute_next_run", currency_field="billing_currency_id"
    )
    next_run_reason = fields.Char(compute="_compute_next_run")
    is_in_next_run = fields.Boolean(compute="_compute_next_run")

    # --- computes

    @api.depends(
        "wip_entry_ids.wip_type",
        "wip_entry_ids.wip_amount",
        "wip_entry_ids.bill_id",
        "wip_entry_ids.is_on_hold",
        "wip_entry_ids.written_off_on",
    )
    def _compute_unbilled(self):
        entries = self.env["account.analytic.line"]
        groups = entries._read_group(
            entries._get_unbilled_domain() & Domain("matter_id", "in", self.ids),
            ["matter_id", "is_on_hold"],
            ["__count", "wip_amount:sum"],
        )
        hours = dict(
            entries._read_group(
                entries._get_unbilled_domain()
                & Domain("matter_id", "in", self.ids)
                & Domain("wip_type", "=", "time"),
                ["matter_id"],
                ["bill_quantity:sum"],
            )
        )
        totals = {}
        for matter, held, count, amount in groups:
            row = totals.setdefault(matter.id, [0, 0.0, 0.0])
            row[0] += count
            row[1] += amount
            row[2] += amount if held else 0.0
        for matter in self:
            count, amount, held = totals.get(matter.id, (0, 0.0, 0.0))
            matter.unbilled_count = count
            matter.unbilled_amount = amount
            matter.held_amount = held
            matter.unbilled_hours = hours.get(matter, 0.0)

    @api.model
    def _search_unbilled_amount(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "=", "!=", "in", "not in"):
            return NotImplemented
        entries = self.env["account.analytic.line"]
        sums = {
            matter.id: amount
            for matter, amount in entries._read_group(
                entries._get_unbilled_domain() & Domain("matter_id", "!=", False),
                ["matter_id"],
                ["wip_amount:sum"],
            )
        }
        return self._get_amount_search_domain(sums, operator, value)

    @api.model
    def _get_amount_search_domain(self, sums, operator, value):
        """Domain of the matters whose amount compares to the value; those that are not
        in ``sums`` have 0.00.

        :param dict sums: ``{matter id: amount}``
        :rtype: odoo.fields.Domain
        """
        compare = {
            "<": lambda a: a < value,
            "<=": lambda a: a <= value,
            ">": lambda a: a > value,
            ">=": lambda a: a >= value,
            "=": lambda a: a == value,
            "!=": lambda a: a != value,
            "in": lambda a: any(a == (v or 0.0) for v in value),
            "not in": lambda a: all(a != (v or 0.0) for v in value),
        }[operator]
        sums = {matter: round(amount, 6) for matter, amount in sums.items()}
        if compare(0.0):
            return Domain(
                "id", "not in", [m for m, amount in sums.items() if not compare(amount)]
            )
        return Domain("id", "in", [m for m, amount in sums.items() if compare(amount)])

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
                share = (
                    net / move.amount_untaxed
                    if len(move.matter_ids) > 1 and move.amount_untaxed
                    else 1.0
                )
                matter.unpaid_amount += sign * convert(move.amount_residual * share)

    @api.depends(
        "quoted_amount",
        "quote_scope",
        "quote_basis",
        "billing_currency_id",
        "bill_ids.state",
        "bill_ids.amount_untaxed",
    )
    def _compute_quote_progress(self):
        quoted = self.filtered("quoted_amount")
        billed = self.env["legal.bill.maker"]._get_quote_billed(quoted)
        for matter in self:
            matter.quote_billed_amount = billed.get(matter.id, 0.0)
            matter.quote_left_amount = max(
                0.0, matter.quoted_amount - matter.quote_billed_amount
            )
            matter.quote_progress = (
                100 * matter.quote_billed_amount / matter.quoted_amount
                if matter.quoted_amount
                else 0.0
            )

    def _compute_next_run(self):
        """What a run of today would do with the matter, in the run's own words."""
        rows = self.env["legal.billing.run"]._preview_matters(
            self.filtered("is_matter")
        )
        for matter in self:
            row = rows.get(matter.id)
            matter.is_in_next_run = bool(row and row["state"] == "ready")
            matter.is_quote_used_up = bool(
                row and row["reason_code"] == "quote_used_up"
            )
            matter.next_run_amount = row["amount"] if row else 0.0
            matter.next_run_reason = (
                row["message"] if row else self.env._("There is nothing to bill.")
            )

    # --- actions

    def action_open_unbilled(self):
        """Open the unbilled entries of these matters.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.wip_action"
        )
        return action | {"domain": [("matter_id", "in", self.ids)]}

    def action_open_bills(self):
        """Open the bills of these matters, in all stages.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        return action | {"domain": [("matter_ids", "in", self.ids)], "context": {}}
