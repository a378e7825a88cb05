from odoo import api, fields, models

from ...models.firm.hr_employee import GRADES
from ...models.wip.legal_rate import SCOPES, WHOS


class LegalRateEnquiry(models.TransientModel):
    """Which rate applies, and why: the ladder for one timekeeper, matter and day."""

    _name = "legal.rate.enquiry"
    _inherit = ["legal.window.guard"]
    _description = "Which Rate Applies?"

    employee_id = fields.Many2one("hr.employee", string="Timekeeper")
    matter_id = fields.Many2one("project.project", domain=[("is_matter", "=", True)])
    date = fields.Date(default=fields.Date.context_today)
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    rate_id = fields.Many2one("legal.rate", compute="_compute_rate")
    price = fields.Monetary(compute="_compute_rate")
    explanation = fields.Char(compute="_compute_rate")
    candidate_ids = fields.Many2many(
        "legal.rate", compute="_compute_rate", string="Rates that were looked at"
    )

    @api.depends("employee_id", "matter_id", "date")
    def _compute_rate(self):
        for enquiry in self:
            enquiry.rate_id = False
            enquiry.candidate_ids = False
            enquiry.price = 0.0
            enquiry.explanation = self.env._("Choose a timekeeper, a matter and a day.")
            if enquiry.employee_id and enquiry.matter_id and enquiry.date:
                enquiry._explain()

    def _explain(self):
        """Fill in the rate and the reason in words."""
        self.ensure_one()
        rates = self.env["legal.rate"]
        [rate] = rates._resolve([(self.matter_id, self.employee_id, self.date)])
        self.candidate_ids = self._get_candidates()
        self.rate_id = rate.id
        if not rate:
            self.explanation = self.env._(
                "No rate applies to %(who)s on %(day)s: the entry gets no value and "
                "the matter is held back. Add at least a rate for the firm.",
                who=self.employee_id.name,
                day=self.date,
            )
            return
        self.price = rate._get_price_in(self.currency_id, self.date)
        scopes = dict(rates._fields["scope"]._description_selection(self.env))
        who = self.env._("everybody")
        if rate.employee_id:
            who = rate.employee_id.name
        elif rate.grade:
            who = dict(rates._fields["grade"]._description_selection(self.env))[
                rate.grade
            ]
        self.explanation = self.env._(
            "The rate of the %(scope)s for %(who)s, since %(since)s, is the most "
            "specific of %(count)s that apply on that day.",
            scope=scopes[rate.scope].lower(),
            who=who,
            since=rate.date_from or self.env._("ever"),
            count=len(self.candidate_ids),
        )
        if rate.currency_id != self.currency_id:
            self.explanation += " " + self.env._(
                "%(price).2f %(currency)s, converted at the rate of that day.",
                price=rate.price,
                currency=rate.currency_id.name,
            )

    def _get_candidates(self):
        """Rates that hold on the day, the most specific first.

        :rtype: legal.rate
        """
        rates = self.env["legal.rate"].sudo()  # of a matter that the user chose
        employee_sudo = self.employee_id.sudo()
        held = rates.search(
            rates._get_resolve_domain(self.matter_id.sudo(), employee_sudo)
        ).filtered(
            lambda rate: (
                (not rate.date_from or rate.date_from <= self.date)
                and (not rate.date_to or rate.date_to >= self.date)
                and (not rate.grade or rate.grade == employee_sudo.legal_grade)
            )
        )
        return held.sorted(
            lambda rate: (
                SCOPES.index(rate.scope),
                WHOS.index(rate._get_who_key()[0]),
                -(rate.date_from.toordinal() if rate.date_from else 0),
            )
        ).with_env(self.env)


class LegalRateApply(models.TransientModel):
    """Put new rates on unbilled entries, showing the difference first."""

    _name = "legal.rate.apply"
    _inherit = ["legal.window.guard"]
    _description = "Re-rate Unbilled Entries"

    date_from = fields.Date(
        string="Work done from", required=True, default=fields.Date.context_today
    )
    matter_id = fields.Many2one("project.project", domain=[("is_matter", "=", True)])
    partner_id = fields.Many2one("res.partner", string="Client")
    employee_id = fields.Many2one("hr.employee", string="Timekeeper")
    grade = fields.Selection(GRADES)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    line_ids = fields.One2many(
        "legal.rate.apply.line",
        "apply_id",
        compute="_compute_line_ids",
        store=True,
        precompute=True,
        readonly=False,
    )
    entry_count = fields.Integer(compute="_compute_totals")
    difference = fields.Float(compute="_compute_totals", digits="Product Price")

    @api.depends(
        "date_from", "matter_id", "partner_id", "employee_id", "grade", "company_id"
    )
    def _compute_line_ids(self):
        for apply in self:
            # found with the user's own rights, which a stored figure does not have
            entries = apply.sudo(False)._get_entries().with_env(self.env)
            rates = self.env["legal.rate"]._resolve(
                [(entry.matter_id, entry.employee_id, entry.date) for entry in entries]
            )
            commands = [fields.Command.clear()]
            for entry, rate in zip(entries, rates, strict=True):
                if not rate:
                    continue  # none is no rate; 0.00 is one
                price = rate._get_price_in(entry.wip_currency_id, entry.date)
                if abs(price - entry.bill_rate) > 0.00005:
                    commands.append(
                        fields.Command.create({"entry_id": entry.id, "new_rate": price})
                    )
            apply.line_ids = commands

    @api.depends("line_ids.difference")
    def _compute_totals(self):
        for apply in self:
            apply.entry_count = len(apply.line_ids)
            apply.difference = sum(apply.line_ids.mapped("difference"))

    def action_apply(self):
        """Write the new rates.

        :return: True
        :raise RoleError: without the manager's role
        """
        self.ensure_one()
        self.env["legal.billing.guard"]._check_role("manager")
        self.line_ids.entry_id.check_access("read")
        entries = self.env["account.analytic.line"]
        by_rate = {}
        for line in self.line_ids:
            by_rate.setdefault(line.new_rate, entries.browse())
            by_rate[line.new_rate] |= line.entry_id
        for rate, group in by_rate.items():
            # entries of all timekeepers, after the role was checked
            group._internal().write({"bill_rate": rate})
        # what the work is worth by the ladder, also where the rate was that already
        worth = self._get_entries()._internal()
        self.env.add_to_compute(worth._fields["standard_amount"], worth)
        self.line_ids.entry_id._log_on_matters(
            self.env._("Re-rated from %(day)s", day=self.date_from)
        )
        return {"type": "ir.actions.act_window_close"}

    def _get_entries(self):
        """Unbilled time that the choice covers.

        :rtype: account.analytic.line
        """
        self.ensure_one()
        entries = self.env["account.analytic.line"]
        domain = entries._get_unbilled_domain() & fields.Domain(
            [
                ("wip_type", "=", "time"),
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
            ]
        )
        if self.matter_id:
            domain &= fields.Domain("matter_id", "=", self.matter_id.id)
        if self.partner_id:
            domain &= fields.Domain(
                "matter_id.partner_id", "child_of", self.partner_id.id
            )
        if self.employee_id:
            domain &= fields.Domain("employee_id", "=", self.employee_id.id)
        found = entries.search(domain)
        if self.grade:
            # sudo: grades are HR's, the filter tells no more than the rates do
            found = found.sudo().filtered(
                lambda entry: entry.employee_id.legal_grade == self.grade
            )
        return found.with_env(self.env)


class LegalRateApplyLine(models.TransientModel):
    """An entry that would get another rate."""

    _name = "legal.rate.apply.line"
    _inherit = ["legal.window.guard"]
    _description = "Entry to Re-rate"

    apply_id = fields.Many2one("legal.rate.apply", required=True, ondelete="cascade")
    entry_id = fields.Many2one(
        "account.analytic.line", required=True, ondelete="cascade"
    )
    date = fields.Date(related="entry_id.date")
    matter_id = fields.Many2one(related="entry_id.matter_id")
    name = fields.Char(related="entry_id.name")
    currency_id = fields.Many2one(related="entry_id.wip_currency_id")
    old_rate = fields.Float(related="entry_id.bill_rate", string="Rate now")
    new_rate = fields.Float(string="New rate", digits=(16, 4))
    difference = fields.Monetary(compute="_compute_difference", store=True)

    @api.depends("new_rate", "entry_id.bill_rate", "entry_id.bill_quantity")
    def _compute_difference(self):
        for line in self:
            entry = line.entry_id
            currency = entry.wip_currency_id or entry.currency_id
            line.difference = (
                currency.round(entry.bill_quantity * line.new_rate) - entry.wip_amount
            )
