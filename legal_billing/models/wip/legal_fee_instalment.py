from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...exceptions import EntryLockedError, MatterOptionError
from ...tools import given_values

#: Months from one period to the next.
PERIODS = {"month": 1, "quarter": 3}


class LegalFeeInstalment(models.Model):
    """A part of a matter's fixed fee, due on a date, at a milestone, or when both
    are reached. Billed once; a repeating one makes its successor when billed, and the
    periods that it is behind with come on the same bill."""

    _name = "legal.fee.instalment"
    _description = "Fee Instalment"
    _inherit = ["legal.own.company", "legal.billing.guard"]
    _order = "due_date, id"

    matter_id = fields.Many2one(
        "project.project",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_matter", "=", True)],
    )
    company_id = fields.Many2one(related="matter_id.company_id", store=True)
    currency_id = fields.Many2one(related="matter_id.billing_currency_id")
    name = fields.Char(string="Text on the bill")
    amount = fields.Monetary(required=True, help="Net of tax.")
    due_date = fields.Date(string="Due date")
    milestone_id = fields.Many2one(
        "project.milestone", domain="[('project_id', '=', matter_id)]"
    )
    repeat = fields.Selection(
        [
            ("no", "Once"),
            ("run", "Each run"),
            ("month", "Every month"),
            ("quarter", "Every quarter"),
        ],
        default="no",
        required=True,
    )
    bill_id = fields.Many2one(
        "account.move", readonly=True, copy=False, index="btree_not_null"
    )
    anchor_day = fields.Integer(
        compute="_compute_anchor_day",
        store=True,
        readonly=False,
        help="Day of the month that a repeating instalment is due on: after a shorter "
        "month it is the 31st again.",
        string="Anchor day",
    )
    successor_id = fields.Many2one(
        "legal.fee.instalment", readonly=True, copy=False, ondelete="set null"
    )
    state = fields.Selection(
        [("open", "Open"), ("due", "Due"), ("billed", "Billed")],
        compute="_compute_state",
    )

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "An instalment must be more than zero."
    )

    @api.depends("bill_id", "due_date", "milestone_id.is_reached")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for instalment in self:
            if instalment.bill_id:
                instalment.state = "billed"
            else:
                due = instalment._is_due(today)
                instalment.state = "due" if due else "open"

    @api.depends("due_date")
    def _compute_anchor_day(self):
        for instalment in self:
            instalment.anchor_day = instalment.due_date and instalment.due_date.day

    @api.depends("name", "amount", "due_date")
    def _compute_display_name(self):
        for instalment in self:
            instalment.display_name = instalment.name or self.env._(
                "Instalment of %(amount).2f", amount=instalment.amount
            )

    @api.constrains("matter_id", "milestone_id")
    def _check_milestone_of_matter(self):
        """Another matter's progress makes no fee of this one due."""
        for instalment in self:
            milestone_sudo = instalment.milestone_id.sudo()
            if milestone_sudo and milestone_sudo.project_id != instalment.matter_id:
                raise MatterOptionError(
                    self.env._(
                        "The milestone %(milestone)s is of %(other)s, the instalment "
                        "of %(matter)s. Choose one of the matter's own milestones.",
                        milestone=milestone_sudo.name,
                        other=milestone_sudo.project_id.display_name,
                        matter=instalment.matter_id.display_name,
                    )
                )

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """Instalments make their matter one of fixed fee: else no run would look at
        them.

        :raise ProtectedFieldError:
        """
        for vals in vals_list:
            self._check_protected(given_values(self.env, vals))
        instalments = super().create(vals_list)
        if not self._is_internal():
            instalments.matter_id._make_fixed()
        return instalments

    def write(self, vals):
        """Billed instalments stay, and the tie to the bill is written by billing alone.

        :raise EntryLockedError: for billed ones
        :raise ProtectedFieldError: for the tie of others
        """
        self._check_frozen()
        self._check_protected(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        if billed := self._get_frozen():
            raise billed._get_frozen_refusal()

    @api.model
    def _protected_fields(self):
        """Fields that billing alone writes."""
        return super()._protected_fields() | {"bill_id", "successor_id"}

    @api.model
    def _get_protected_refusal(self, _labels):
        return self.env._(
            "An instalment is tied to its bill by billing alone. Use Bill."
        )

    def _get_frozen(self):
        return self.filtered("bill_id")

    def _get_frozen_refusal(self):
        billed = self._get_frozen()
        return EntryLockedError(
            self.env._(
                "Billed instalments stay as they were billed: %(names)s. Delete or "
                "credit the bill to make them due again.",
                names=", ".join(
                    f"{line.display_name} ({line.bill_id.display_name})"
                    for line in billed
                ),
            )
        )

    # --- business

    @api.model
    def _get_unbilled_domain(self, matters):
        """Instalments of the matters that no bill holds.

        :rtype: odoo.fields.Domain
        """
        return Domain("matter_id", "in", matters.ids) & Domain("bill_id", "=", False)

    def _is_due(self, cutoff):
        """Whether the instalment is due: by its date, its milestone, or both when
        both are given; one with neither is due at once.

        :param date cutoff: the effective cut-off of the run
        :rtype: bool
        """
        self.ensure_one()
        return (not self.due_date or self.due_date <= cutoff) and (
            not self.milestone_id or self.milestone_id.is_reached
        )

    def _get_due_dates(self, cutoff=None):
        """The periods that the instalment stands for on a bill: a repeating one that
        was not billed for some time is due several times.

        :param date cutoff: the effective cut-off; without one, the row's own period
        :return: due dates, the row's own first (it may have none)
        :rtype: list
        """
        self.ensure_one()
        dates = [self.due_date]
        if (
            not cutoff
            or not self.due_date
            or self.repeat not in PERIODS
            or self.bill_id
            or self.successor_id
        ):
            return dates
        while (day := self._get_next_date(dates[-1])) <= cutoff:
            dates.append(day)
        return dates

    def _get_next_date(self, day):
        """The due date that follows one: on the same day of the month, a period later, or
        on the month's last.

        :param date day: a due date of this repeating instalment
        :rtype: date
        """
        return day + relativedelta(
            months=PERIODS[self.repeat], day=self.anchor_day or day.day
        )

    def _get_bill_text(self):
        """What the line of the bill says.

        :rtype: str
        """
        self.ensure_one()
        text = self.name or self.env._("Fixed fee")
        if self.repeat in PERIODS and self.due_date:
            day = format_date(self.env, self.due_date)
            return self.env._("%(text)s, %(day)s", text=text, day=day)
        return text

    def _make_due_periods(self, cutoffs):
        """Make the rows of the further periods that these instalments are due for, each
        the successor of the one before.

        :param dict cutoffs: effective cut-off by instalment
        :return: ``{instalment: instalments of all its periods}``
        :rtype: dict
        """
        vals_by_row = {
            row: [
                row._prepare_period_vals(day)
                for day in row._get_due_dates(cutoffs[row])[1:]
            ]
            for row in self
        }
        made = iter(
            self._internal().create(
                [vals for vals_list in vals_by_row.values() for vals in vals_list]
            )
        )
        chains = {}
        for row, vals_list in vals_by_row.items():
            chain = last = row
            for _vals in vals_list:
                period = next(made)
                last._internal().successor_id = period
                chain += period
                last = period
            chains[row] = chain
        return chains

    def _mark_billed(self, bill_by_instalment):
        """Tie instalments to their bills and make the next one of repeating rows.

        :param dict bill_by_instalment: ``{instalment: bill}``
        """
        successors = []
        for instalment, bill in bill_by_instalment.items():
            if instalment.bill_id:
                raise instalment._get_frozen_refusal()
            instalment._internal().bill_id = bill
            vals = instalment._prepare_successor_vals()
            if vals:
                successors.append((instalment, vals))
        created = self._internal().create([vals for _instalment, vals in successors])
        for (instalment, _vals), successor in zip(successors, created, strict=True):
            instalment._internal().successor_id = successor

    def _prepare_successor_vals(self):
        self.ensure_one()
        if self.repeat == "no" or self.successor_id:
            return {}
        billed_on = self.bill_id.invoice_date or fields.Date.context_today(self)
        if self.repeat in PERIODS:
            due = self._get_next_date(self.due_date or billed_on)
        else:
            # due on the next run, but not on a second one of the same day
            due = billed_on + relativedelta(days=1)
        return self._prepare_period_vals(due)

    def _prepare_period_vals(self, day):
        """Values of the instalment of a later period.

        :param date day: when it is due
        :rtype: dict
        """
        return {
            "matter_id": self.matter_id.id,
            "name": self.name,
            "amount": self.amount,
            "due_date": day,
            "anchor_day": self.anchor_day or day.day,
            "repeat": self.repeat,
        }

    def _release(self):
        """Make instalments due again after their bill was deleted, cancelled or
        credited in full; an unbilled successor that they made goes away."""
        instalments_sudo = self._internal()
        instalments_sudo.successor_id.filtered(lambda row: not row.bill_id).unlink()
        # a successor that is billed stays one: the chain must not fork
        instalments_sudo.write({"bill_id": False})
