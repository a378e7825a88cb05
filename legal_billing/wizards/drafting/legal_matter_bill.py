from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import BillingRunError
from ...models.drafting.legal_bill_maker import BillJob
from ...tools import INTERNAL, format_amount

CHOICES = [
    ("options", "As the billing options say"),
    ("wip", "The WIP"),
    ("quote", "The quote"),
    ("sum", "The sum of quote and WIP"),
    ("other", "Another amount for the fees"),
    ("interim", "Only a part, the rest stays WIP"),
]


class LegalMatterBill(models.TransientModel):
    """Bill one matter: what is on it and at how much."""

    _name = "legal.matter.bill"
    _inherit = ["legal.window.guard"]
    _description = "Bill a Matter"

    matter_id = fields.Many2one("project.project", required=True)
    company_id = fields.Many2one(related="matter_id.company_id")
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    invoice_date = fields.Date(
        string="Bill date", required=True, default=fields.Date.context_today
    )
    cutoff_date = fields.Date(
        string="Work up to", required=True, default=fields.Date.context_today
    )
    entry_ids = fields.Many2many(
        "account.analytic.line",
        compute="_compute_entry_ids",
        store=True,
        readonly=False,
        string="Entries",
        domain="[('matter_id', '=', matter_id), ('wip_type', '!=', False), "
        "('bill_id', '=', False), ('written_off_on', '=', False), "
        "('date', '<=', cutoff_date)]",
    )
    instalment_ids = fields.Many2many(
        "legal.fee.instalment",
        compute="_compute_entry_ids",
        store=True,
        readonly=False,
        domain="[('matter_id', '=', matter_id), ('bill_id', '=', False)]",
    )
    choice = fields.Selection(
        CHOICES,
        required=True,
        compute="_compute_choice",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        help="Fees of the bill, net, for a part or another amount."
    )
    adjustment_display = fields.Selection(
        [
            ("discount", "Show a separate line"),
            ("hidden", "Hide it in the entries"),
        ],
        string="Difference to the standard value",
        compute="_compute_adjustment_display",
        store=True,
        readonly=False,
    )
    increase_amount = fields.Monetary(
        compute="_compute_preview", string="Fees above the work"
    )
    increase_display = fields.Selection(
        [
            ("hidden", "Hide it in the entries"),
            ("time", "A time entry of the responsible lawyer"),
        ],
        string="Show it as",
        required=True,
        default="hidden",
        help="A time entry is work in progress like any other: it stays if the draft "
        "is deleted.",
    )
    wip_amount = fields.Monetary(compute="_compute_preview", string="WIP")
    quote_amount = fields.Monetary(compute="_compute_preview", string="Quote left")
    is_quote_different = fields.Boolean(compute="_compute_preview")
    discount_amount = fields.Monetary(compute="_compute_preview", string="Discount")
    bill_amount = fields.Monetary(compute="_compute_preview", string="To bill")
    message = fields.Char(compute="_compute_preview")

    # --- computes

    @api.depends("matter_id", "cutoff_date", "invoice_date")
    def _compute_entry_ids(self):
        maker = self.env["legal.bill.maker"]
        for wizard in self:
            cutoff = wizard._get_cutoff()
            matter = wizard.matter_id
            due = maker._get_due_instalments(matter, cutoff).get(matter)
            wizard.instalment_ids = due
            choices = self.env["legal.billing.choice"]._get_of(matter)
            waiting = self.env["legal.billing.choice"]._join_unticked(choices)
            offered = wizard._get_offered_entries(due)
            wizard.entry_ids = offered.filtered(lambda e, w=waiting: e.id not in w.ids)

    def _get_offered_entries(self, instalments):
        """What the bill would take if nobody unticked any of it.

        :param legal.fee.instalment instalments: those on the bill
        :rtype: account.analytic.line
        """
        maker = self.env["legal.bill.maker"]
        return self.env["account.analytic.line"].search(
            maker._get_billable_domain(self.matter_id, self._get_cutoff())
            & maker._get_not_waiting_domain(self.matter_id, instalments)
        )

    @api.depends("matter_id")
    def _compute_choice(self):
        for wizard in self:
            company_sudo = wizard.matter_id.sudo().company_id  # the firm's habit
            quote = wizard.matter_id._get_quote()
            habit = company_sudo.legal_bill_choice if quote.name == "quote" else False
            wizard.choice = habit or "options"

    @api.depends("matter_id")
    def _compute_adjustment_display(self):
        for wizard in self:
            wizard.adjustment_display = wizard.matter_id.adjustment_display

    @api.depends(
        "entry_ids",
        "instalment_ids",
        "choice",
        "amount",
        "adjustment_display",
        "invoice_date",
    )
    def _compute_preview(self):
        for wizard in self:
            _rows, terms, priced = wizard._price()
            wizard.wip_amount = float(priced.value_fees + priced.value_disbursements)
            wizard.discount_amount = float(priced.discount)
            wizard.bill_amount = float(priced.net)
            wizard.increase_amount = wizard._get_increase(priced)
            quote = terms.quote
            left = max(quote.amount - quote.already_billed, 0) if quote else 0
            wizard.quote_amount = float(left)
            wizard.is_quote_different = bool(quote) and bool(
                wizard.currency_id.compare_amounts(float(left), wizard.wip_amount)
            )
            told = [
                reason
                for reason in priced.reasons
                if reason.blocking or reason.code.endswith("_used_up")
            ]
            wizard.message = wizard._get_reason_text(told[0]) if told else False

    # --- actions

    def action_bill(self):
        """Make the draft.

        :return: the draft's page
        :rtype: dict
        :raise BillingRunError: if there is nothing to bill, or a draft is open
        """
        bill = self._make_bill()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": bill.id,
            "views": [
                (self.env.ref("legal_billing.bill_view_form").id, "form"),
            ],
        }

    # --- helpers

    def _make_bill(self, **job_vals):
        """Make the draft.

        :param job_vals: fields of ``BillJob`` that the window has no say in
        :rtype: account.move
        :raise BillingRunError: if there is nothing to bill, or a draft is open
        """
        self.ensure_one()
        matter = self.matter_id
        self.env["legal.billing.guard"]._check_role("biller", "manager")
        matter._check_can_be_billed()
        if not matter.try_lock_for_update(allow_referencing=True):
            raise BillingRunError(
                self.env._(
                    "Somebody else is billing %(matter)s right now. Try again in a "
                    "moment.",
                    matter=matter.display_name,
                )
            )
        if self.amount < 0:
            raise BillingRunError(self.env._("The amount cannot be negative."))
        # sudo: whether there is a draft, as the run finds it
        if self.env["legal.billing.loader"].sudo()._get_matters_with_draft(matter):
            raise BillingRunError(
                self.env._(
                    "%(matter)s has a draft bill already: add the entries there, or "
                    "delete it first.",
                    matter=matter.display_name,
                )
            )
        rows, _terms, priced = self._price()
        blocking = [reason for reason in priced.reasons if reason.blocking]
        if blocking:
            raise BillingRunError(self._get_reason_text(blocking[0]))
        if self.choice == "interim":
            rows, priced = self._split_off(rows, priced)
        elif self.increase_display == "time" and self._get_increase(priced):
            rows, priced = self._add_time(self._get_increase(priced))
        job = replace(self._prepare_job(rows, priced), **job_vals)
        bill = self.env["legal.bill.maker"]._make_bills([job])
        self.env["legal.billing.choice"]._forget(matter)
        return bill

    def _get_open_instalments(self):
        """The chosen instalments that are still to be billed, of this matter alone.

        :rtype: legal.fee.instalment
        """
        return self.instalment_ids.sudo().filtered(  # biller's role: checked on open
            lambda row: not row.bill_id and row.matter_id == self.matter_id
        )

    def _get_cutoff(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        day = self.invoice_date or today
        return min(day, self.cutoff_date or day)

    def _price(self):
        """Price what is ticked at what is chosen.

        :return: entry rows, engine terms and the priced bill
        :rtype: tuple
        """
        self.ensure_one()
        maker = self.env["legal.bill.maker"].sudo()  # biller's role: checked on open
        matter = self.matter_id.sudo()
        rows = maker._load_rows(
            Domain("id", "in", self.entry_ids.ids)
            & self.env["account.analytic.line"]._get_unbilled_domain()
        ).get(matter.id, [])
        before = maker._get_billed_before(matter)[matter.id]
        terms = maker._make_terms(
            matter,
            self._get_open_instalments(),
            before,
            force=True,
            cutoff=self._get_cutoff(),
        )
        amount = to_decimal(max(self.amount, 0.0))
        terms = replace(
            terms,
            adjustment_display=self.adjustment_display or "hidden",
            interim=amount if self.choice == "interim" else None,
            fee_override=amount if self.choice == "other" else None,
        )
        rules = ("wip", "quote", "sum")
        if terms.quote and terms.quote.name != "quote":
            rules = ("wip",)  # a cap or an outcome is kept, or billed over
        if terms.quote and self.choice in rules:
            terms = replace(terms, quote=replace(terms.quote, rule=self.choice))
        entries = maker._make_entries(matter, rows, self.invoice_date)
        return rows, terms, engine.price_bill(entries, terms)

    def _split_off(self, rows, priced):
        """Cut the entry that an interim bill takes only a part of, for good.

        :return: the rows that are billed, and the bill priced on them
        :rtype: tuple
        """
        taken = {entry.id: entry for entry in priced.entries}
        entries = self.env["account.analytic.line"].browse(taken)
        for entry in entries:
            rest = taken[entry.id].split_off
            if rest:
                entry.action_split(float(rest))
        self.entry_ids = [Command.set(entries.ids)]
        self.choice = "wip"
        rows, _terms, priced = self._price()
        return rows, priced

    def _get_increase(self, priced):
        """How much the fees are above the work, where they are.

        :param engine.PricedBill priced:
        :rtype: float
        """
        if self.choice == "sum":  # the quote is a line of its own
            return 0.0
        if self.choice == "other":
            return max(0.0, float(priced.fees - priced.value_fees))
        return max(0.0, float(priced.quote_effect))

    def _add_time(self, amount):
        """Record what the fees are above the work as time of the responsible lawyer.

        :param float amount:
        :return: the rows that are billed, and the bill priced on them
        :rtype: tuple
        :raise BillingRunError: if the lawyer keeps no time
        """
        matter = self.matter_id.sudo()  # biller's role: checked by the caller
        lawyer = matter.responsible_id
        employee = lawyer.with_company(matter.company_id).employee_id
        if not employee:
            raise BillingRunError(
                self.env._(
                    "The fees above the work cannot become time of %(lawyer)s, who is "
                    "not an "
                    "employee. Hide them in the entries, or choose another responsible "
                    "lawyer.",
                    lawyer=lawyer.name or self.env._("nobody"),
                )
            )
        rate = self.env["legal.rate"]._resolve([(matter, employee, self.invoice_date)])[
            0
        ]
        price = rate and rate._get_price_in(self.currency_id, self.invoice_date) or 0.0
        entry = (
            self.env["account.analytic.line"]
            .sudo()
            .with_context(legal_billing_internal=INTERNAL)
            .create(
                {
                    "project_id": matter.id,
                    "employee_id": employee.id,
                    "date": self._get_cutoff(),
                    "name": self.env._("Fees as agreed"),
                    "unit_amount": 0.0,
                    "bill_quantity": amount / price if price else 0.0,
                    "bill_rate": price,
                    "wip_amount": amount,
                    "bill_behavior": "bill",
                }
            )
        )
        entry._log_on_matters(self.env._("Fees above the work recorded as time"))
        self.entry_ids = [Command.link(entry.id)]
        rows, _terms, priced = self._price()
        return rows, priced

    def _prepare_job(self, rows, priced):
        """
        :rtype: BillJob
        """
        extra = {"bill_adjustment_display": self.adjustment_display}
        if self.choice == "other":
            extra |= {"fee_override": self.amount, "is_fee_overridden": True}
        elif self.choice in ("wip", "quote", "sum"):
            extra["bill_quote_rule"] = self.choice
        left_out = self._get_offered_entries(self._get_open_instalments())
        extra["left_out_ids"] = [Command.set((left_out - self.entry_ids).ids)]
        return BillJob(
            matter=self.matter_id.sudo(),
            rows=rows,
            instalments=self._get_open_instalments(),
            invoice_date=self.invoice_date,
            cutoff_date=self._get_cutoff(),
            force=True,
            priced=priced,
            extra_vals=extra,
        )

    def _get_reason_text(self, reason):
        figures = {
            name: format_amount(self.env, float(value), self.currency_id)
            for name, value in reason.values
        }
        return self.env["legal.billing.run.line"]._get_reason_text(
            reason.code, **figures
        )
