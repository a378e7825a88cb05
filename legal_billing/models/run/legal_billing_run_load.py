import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ...exceptions import BillingRunError
from .legal_billing_run import SETTLED

_logger = logging.getLogger(__name__)


class LegalBillingRun(models.Model):
    """How a mass billing looks at the matters and gets its rows."""

    _inherit = "legal.billing.run"

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
            default = self.env["legal.billing.selection"]._get_default(run.company_id)
            if default:
                run.choose_selection(default.id)
                return run.action_open_lines()
        else:
            run._follow_calendar()
        run.action_load()
        return run.action_open_lines()

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
            overrides = {
                line.matter_id: line._get_overrides()
                for line in run.line_ids - kept
                if line._is_overridden()
            }
            plain, chosen = [], []
            for vals in run._prepare_line_vals_list(exclude=kept.matter_id):
                choice = overrides.get(vals.pop("matter"))
                if choice:
                    chosen.append(vals | choice)
                else:
                    plain.append(vals)
            # sudo: rows are written by the run alone; the role was checked
            (run.line_ids - kept).sudo().unlink()
            lines_sudo = self.env["legal.billing.run.line"].sudo()
            lines_sudo.create(chosen)
            lines_sudo._insert(run, plain)
        return True

    def _get_matter_domain(self):
        """Matters that the run looks at.

        :rtype: odoo.fields.Domain
        """
        self.ensure_one()
        return (
            Domain("is_matter", "=", True)
            & Domain("company_id", "=", self.company_id.id)
            & self._get_filter()
        )

    def _get_filter(self):
        """The run's own filter of matters, fit to search with.

        :rtype: odoo.fields.Domain
        :raise BillingRunError: if it cannot be read, or asks for what matters lack
        """
        self.ensure_one()
        matters = self.env["project.project"]
        try:
            domain = Domain(
                safe_eval(self.filter_domain or "[]", {"uid": self.env.uid})
            )
            matters._search(domain)  # the statement alone: fields, operators, values
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
        return domain

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
        rows = loader._load(
            matters,
            self.invoice_date,
            self._get_effective_cutoff(),
            unticked=self.line_ids.unticked_ids,
        )
        return [
            {
                "run_id": self.id,
                "matter": row.matter,
                "matter_id": row.matter.id,
                **self._apply_scope(row).as_vals(),
            }
            for row in rows
        ]

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
        for _company, group in matters.grouped("company_id").items():
            for row in self.env["legal.billing.loader"]._load(group, today, today):
                result[row.matter.id] = row.as_vals()
        return result
