import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ...exceptions import BillingRunError
from ...tools import read_domain
from .legal_billing_run import SETTLED

_logger = logging.getLogger(__name__)


class LegalBillingRun(models.Model):
    """How a mass billing looks at the matters and gets its rows."""

    _inherit = "legal.billing.run"

    # saved selections
    selection_id = fields.Many2one(
        "legal.billing.selection",
        ondelete="set null",
        copy=False,
    )
    selection_name = fields.Char(
        string="Used selection",
        readonly=True,
        copy=False,
        help="What the selection was called when this run used it.",
    )
    scope_text = fields.Char(string="Filters", compute="_compute_scope_text")

    @api.constrains("filter_domain")
    def _check_filter_domain(self):
        """:raise BillingRunError: for a filter that cannot be used"""
        for run in self:
            if run.filter_domain not in (False, "", "[]"):
                run._get_filter()

    @api.model
    def action_new_mass_billing(self):
        """Open Mass Billing: the user's run in review, refreshed, or a new one.

        :rtype: dict
        """
        self._check_biller()
        run = self.search(
            [
                ("operation", "=", "bill"),
                ("user_id", "=", self.env.uid),
                ("company_id", "=", self.env.company.id),
                ("started_on", "=", False),
            ],
            limit=1,
        )
        if not run:
            run = self.create({})
            run._take_rows_over()
            default = self.env["legal.billing.selection"]._get_default(run.company_id)
            if default:
                run.choose_selection(default.id)
                return run.action_open_lines()
        else:
            run._follow_calendar()
        run.action_load()
        return run.action_open_lines()

    def _take_rows_over(self):
        """A new run goes on with the rows that its user's last one did not bill: a page
        or tab that shows them stays good."""
        self.ensure_one()
        last = self.search(
            [
                ("operation", "=", "bill"),
                ("user_id", "=", self.env.uid),
                ("company_id", "=", self.company_id.id),
                ("started_on", "!=", False),
            ],
            limit=1,
        )
        rows = last.line_ids.filtered(lambda line: line.state in ("ready", "excluded"))
        # sudo: rows are written by the run alone; the caller checked the role
        rows.sudo().write({"run_id": self.id})

    def _follow_calendar(self):
        """Date the run today, with the cut-off of its selection, unless a person chose
        its dates: nobody did while it is dated the day it was made."""
        self.ensure_one()
        made = fields.Date.context_today(self, self.create_date)
        today = fields.Date.context_today(self)
        selection_sudo = self.selection_id.sudo()  # what it says of dates alone

        def dates(day):
            cutoff = (
                selection_sudo._prepare_header_vals(day)["cutoff_date"]
                if selection_sudo
                else False
            )
            return {"invoice_date": day, "cutoff_date": cutoff}

        if made < today and not self._get_changed(SETTLED, dates(made)):
            self.write(dates(today))

    # --- loading

    def action_load(self):
        """Fill the rows of a bill run from the matters, anew.

        Every matter that holds WIP or a due instalment is a row, archived ones too;
        those that get no bill are held back with the reason.

        :return: True
        :raise BillingRunError: if the run has been worked on
        """
        self._check_biller()
        for run in self:
            if run.operation != "bill":
                raise BillingRunError(
                    self.env._("%(run)s works on bills, not on matters.", run=run.name)
                )
            # a run can be refreshed until its rows are worked on: those stay
            kept = run.line_ids.filtered(
                lambda line: line.state in ("queued", "done", "failed", "skipped")
            )
            # sudo: rows are written by the run alone; the role was checked
            before = {line.matter_id: line for line in (run.line_ids - kept).sudo()}
            plain, chosen, again, same = [], [], [], []
            for vals in run._prepare_line_vals_list(exclude=kept.matter_id):
                line = before.pop(vals.pop("matter"), None)
                if line is None:
                    (chosen if "unticked_ids" in vals else plain).append(vals)
                elif "unticked_ids" in vals or line._get_nothing_chosen():
                    again.append((line, vals))
                else:
                    same.append((line, vals))
            lines_sudo = self.env["legal.billing.run.line"].sudo()
            lines_sudo.union(*before.values()).unlink()
            for line, vals in again:
                line._take_over(vals)
            lines_sudo._renew(run, same)
            lines_sudo.create(chosen)
            lines_sudo._insert(run, plain)
        return True

    def _get_matter_domain(self):
        """Matters that the run looks at.

        :rtype: odoo.fields.Domain
        """
        self.ensure_one()
        return Domain.AND(
            [
                Domain("is_matter", "=", True),
                Domain("company_id", "=", self.company_id.id),
                self._get_filter(),
                *(domain for domain, _text in self._get_scope_domains()),
            ]
        )

    def _get_filter(self):
        """The run's own filter of matters, fit to search with.

        :rtype: odoo.fields.Domain
        :raise BillingRunError: if it cannot be read, or asks for what matters lack
        """
        self.ensure_one()
        matters = self.env["project.project"]
        try:
            return read_domain(
                matters, safe_eval(self.filter_domain or "[]", {"uid": self.env.uid})
            )
        except (UserError, OperationalError):
            raise
        except Exception as error:
            _logger.info("Filter of %r not understood", self.name, exc_info=True)
            raise BillingRunError(
                self.env._(
                    "%(run)s: its filter of matters %(filter)s cannot be used: "
                    "%(error)s. Write it as a list of conditions on fields of matters, "
                    "such as [('responsible_id', '=', uid)], or empty it to look at all "
                    "matters.",
                    run=self.name,
                    filter=self.filter_domain,
                    error=str(error).splitlines()[0] if str(error) else repr(error),
                )
            ) from error

    def _prepare_line_vals_list(self, matters=None, exclude=None):
        """Values of the rows, set-based.

        :param project.project matters: only these; default: all of the filter
        :param project.project exclude: matters that have a row already
        :return: one dict per matter, with the matter itself under ``matter``
        :rtype: list
        """
        self.ensure_one()
        loader = self.env["legal.billing.loader"]
        if matters is None:
            matters = (
                self.env["project.project"]
                .with_context(active_test=False)
                .search(self._get_matter_domain())
            )
        if exclude:
            matters -= exclude
        choices = self.env["legal.billing.choice"]._get_of(matters)
        rows = loader._load(
            matters,
            self.invoice_date,
            self._get_effective_cutoff(),
            unticked=self.env["legal.billing.choice"]._join_unticked(choices),
        )
        return [
            {
                "run_id": self.id,
                "matter": row.matter,
                "matter_id": row.matter.id,
                **self._apply_scope(row).as_vals(),
                **self._apply_choice(row, choices.get(row.matter.id)),
            }
            for row in rows
        ]

    def _apply_choice(self, row, choice):
        """What was chosen for the matter's next bill, in whichever run.

        :param MatterRow row: as it was found
        :param legal.billing.choice choice: of the matter, or None
        :return: values of the row that are other, or more
        :rtype: dict
        """
        if not choice:
            return {}
        vals = choice._as_row_vals()
        if choice.is_left_out and row.state == "ready":
            code = "left_out"
            text = self.env["legal.billing.run.line"]._get_reason_text(code)
            vals |= {"state": "excluded", "reason_code": code, "message": text}
        return vals

    def _apply_scope(self, row):
        """Hold back a matter that could be billed, but not by this run's header.

        :param MatterRow row: changed in place
        :rtype: MatterRow
        """
        if row.state == "ready":
            code, figures = self._get_scope_obstacle(row)
            if code:
                row.hold_back(
                    code,
                    self.env["legal.billing.run.line"]._get_reason_text(
                        code, **figures
                    ),
                )
        return row

    @api.model
    def _preview_matters(self, matters):
        """What a run of today would make of each matter.

        :return: ``{matter id: values of its row}``; matters without WIP are missing
        :rtype: dict
        """
        result = {}
        today = fields.Date.context_today(self)
        choices = self.env["legal.billing.choice"]._get_of(matters)
        waiting = self.env["legal.billing.choice"]._join_unticked(choices)
        for _company, group in matters.grouped("company_id").items():
            for row in self.env["legal.billing.loader"]._load(
                group, today, today, unticked=waiting
            ):
                vals = row.as_vals() | self._apply_choice(
                    row, choices.get(row.matter.id)
                )
                result[row.matter.id] = vals
        return result

    # --- saved selections

    @api.depends(lambda self: self._get_scope_fields())
    def _compute_scope_text(self):
        for run in self:
            run.scope_text = " · ".join(run._get_scope_text())

    # --- loading

    def _get_scope_sentence(self, matter):
        """Which filter of the header leaves a matter out.

        :rtype: str
        """
        self.ensure_one()
        for domain, text in self._get_scope_domains():
            if not matter.filtered_domain(domain):
                return text
        return self.env._("The filter of this run leaves it out.")

    # --- actions

    def action_open_scope(self):
        """Open the window with the filters of the header.

        :rtype: dict
        """
        self.ensure_one()
        self._check_biller()
        self._check_not_started()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which matters?"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [
                (self.env.ref("legal_billing.legal_billing_run_view_scope").id, "form")
            ],
            "target": "new",
        }

    def action_apply_scope(self):
        """Look at the matters again, with the filters of the window.

        :return: an action that closes the window
        :rtype: dict
        """
        self.ensure_one()
        self._check_not_started()
        self.action_load()
        return {"type": "ir.actions.act_window_close"}

    def choose_selection(self, selection_id):
        """Take a saved selection over into the header, and look at the matters again.

        :param int selection_id: a selection that the user may choose; ``False`` takes
            all filters away
        :return: True
        :raise BillingRunError: if the run has been worked on
        """
        self.ensure_one()
        self._check_biller()
        self.check_access("write")
        self._check_not_started()
        selections = self.env["legal.billing.selection"]
        if selection_id:
            selection = selections._get_choosable(self.company_id).filtered(
                lambda selection: selection.id == selection_id
            )
            if not selection:
                raise BillingRunError(
                    self.env._("That selection is gone, or is not shared with you.")
                )
            vals = selection._prepare_header_vals(self.invoice_date)
        else:
            empty = selections.new({"company_id": self.company_id.id})
            vals = empty._get_scope_vals() | {
                "selection_id": False,
                "selection_name": False,
            }
        self.sudo().write(vals)  # the used name is the run's own; role checked above
        self.action_load()
        return True

    def action_save_selection(self):
        """Open the window that saves the header under a name.

        :rtype: dict
        """
        self.ensure_one()
        self._check_biller()
        last_month = bool(self.cutoff_date) and self.cutoff_date < fields.Date.start_of(
            self.invoice_date, "month"
        )
        values = self._get_scope_vals() | {
            "name": self.selection_name,
            "company_id": self.company_id.id,
            "bill_report_id": self.bill_report_id.id,
            "payment_term_id": self.payment_term_id.id,
            "cutoff_rule": "last_month" if last_month else "invoice_date",
        }
        context = {f"default_{name}": value for name, value in values.items()}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Save this selection"),
            "res_model": "legal.billing.selection",
            "views": [
                (
                    self.env.ref("legal_billing.legal_billing_selection_view_save").id,
                    "form",
                )
            ],
            "target": "new",
            "context": context | {"legal_billing_save_for_run": self.id},
        }

    def _check_not_started(self):
        started = self.filtered("started_on")
        if started:
            raise BillingRunError(
                self.env._(
                    "%(run)s has made bills already: its filters stay. Start a new mass "
                    "billing for other matters.",
                    run=", ".join(started.mapped("name")),
                )
            )

    def _get_selection_strip(self):
        """What the strip above the list says of selections.

        :rtype: dict
        """
        self.ensure_one()
        selections = self.env["legal.billing.selection"]._get_choosable(self.company_id)
        used = self.selection_id
        return {
            "scope": self._get_scope_text(),
            "selection": used.id or False,
            "selection_name": used.name or self.selection_name or False,
            "selection_edited": bool(used) and not self._is_same_scope(used),
            "selections": [
                {
                    "id": selection.id,
                    "name": selection.name,
                    "is_shared": selection.is_shared,
                    "is_default": selection.is_default,
                    "owner": selection.user_id.name,
                }
                for selection in selections
            ],
        }
