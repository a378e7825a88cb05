from datetime import timedelta

from odoo import api, fields, models

from ...exceptions import (
    BillingRunError,
)
from ...tools import given_values
from .operations import OPERATIONS

#: Written by billing's own actions alone.
PROTECTED = {
    "operation",
    "user_id",
    "started_on",
    "finished_on",
    "is_paused",
    "print_file_ids",
    "reason",
    "selection_name",
}
#: What every bill of a run has in common: settled with the first of them.
SETTLED = ("invoice_date", "cutoff_date", "company_id")
#: A worker takes up a run within a minute.
PATIENCE = timedelta(minutes=5)
#: Seconds that the page of a run has for it, before the workers look whether rows are
#: left: the page may have been closed.
WATCHED_FOR = 30
#: Each can work on a server of its own.
WORKER_CRONS = (
    "legal_billing.ir_cron_billing_run",
    "legal_billing.ir_cron_billing_run_second",
)


class LegalBillingRun(models.Model):
    """A bulk operation on matters or bills: making drafts, approving, producing,
    reverting, deleting. Its rows are worked off in chunks, in place when few, else in
    the background; what failed stays with its reason and can be tried again."""

    _name = "legal.billing.run"
    _description = "Billing Run"
    _order = "id desc"
    _inherit = [
        "mail.thread",
        "legal.own.company",
        "legal.billing.scope",
        "legal.billing.guard",
    ]
    _check_company_auto = True

    name = fields.Char(
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: self._default_name(),
    )
    operation = fields.Selection(
        [(key, operation.label) for key, operation in OPERATIONS.items()],
        required=True,
        default="bill",
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, readonly=True
    )
    invoice_date = fields.Date(
        string="Bill date",
        required=True,
        default=fields.Date.context_today,
        help="Receivable date of the bills: due dates count from it, later entries "
        "stay out.",
    )
    cutoff_date = fields.Date(
        string="Work up to",
        help="Later entries stay out. Empty: the bill date.",
    )
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
        help="Empty: as each matter says.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        check_company=True,
        help="Empty: as each matter says.",
        string="Payment terms",
    )
    filter_domain = fields.Char(
        default="[]",
        help="Only matters that fit are loaded. Empty: all.",
        string="Filter domain",
    )
    is_paused = fields.Boolean(readonly=True, string="Stopped")
    line_ids = fields.One2many("legal.billing.run.line", "run_id")
    bill_ids = fields.One2many("account.move", "billing_run_id", string="Bills")
    state = fields.Selection(
        [
            ("review", "In review"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("done", "Done"),
        ],
        compute="_compute_progress",
    )
    line_count = fields.Integer(compute="_compute_progress")
    ready_count = fields.Integer(compute="_compute_progress")
    ready_amount = fields.Monetary(compute="_compute_progress")
    excluded_count = fields.Integer(compute="_compute_progress", string="Held back")
    excluded_amount = fields.Monetary(compute="_compute_progress")
    queued_count = fields.Integer(compute="_compute_progress", string="Left")
    done_count = fields.Integer(compute="_compute_progress", string="Done")
    done_amount = fields.Monetary(compute="_compute_progress", string="Done amount")
    failed_count = fields.Integer(compute="_compute_progress", string="Failed")
    progress = fields.Float(compute="_compute_progress")
    wait_note = fields.Char(compute="_compute_wait_note")
    reason = fields.Char(readonly=True, copy=False)
    started_on = fields.Datetime(readonly=True, copy=False, string="Started on")
    finished_on = fields.Datetime(readonly=True, copy=False, string="Finished on")
    print_file_ids = fields.Many2many(
        "ir.attachment",
        "legal_run_print_file_rel",
        "run_id",
        "attachment_id",
        string="Print files",
        readonly=True,
        copy=False,
    )

    _number_unique = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "Two runs of a company cannot have one number.",
    )

    # --- defaults and computes

    def _default_name(self):
        return self._get_next_name(self.env.company)

    @api.model
    def _get_next_name(self, company):
        """
        :param res.company company: of the run
        :rtype: str
        """
        return company._next_legal_number("legal.billing.run", self._name) or "/"

    @api.depends("line_ids.state", "line_ids.company_amount", "is_paused")
    def _compute_progress(self):
        groups = self.env["legal.billing.run.line"]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "state"],
            ["__count", "company_amount:sum"],
        )
        figures = {}
        for run, state, count, amount in groups:
            figures.setdefault(run.id, {})[state] = count, amount
        for run in self:
            row = figures.get(run.id, {})

            def figure(*states, index=0, row=row):
                return sum(row.get(state, (0, 0.0))[index] for state in states)

            run.line_count = figure(*row)
            run.ready_count = figure("ready")
            run.ready_amount = figure("ready", index=1)
            run.excluded_count = figure("excluded")
            run.excluded_amount = figure("excluded", index=1)
            run.queued_count = figure("queued")
            run.done_count = figure("done")
            run.done_amount = figure("done", index=1)
            run.failed_count = figure("failed", "skipped")
            worked = run.done_count + run.failed_count
            total = worked + run.queued_count
            run.progress = 100 * worked / total if total else 0.0
            if run.queued_count:
                run.state = "stopped" if run.is_paused else "running"
            else:
                run.state = "done" if worked else "review"

    @api.depends("state", "progress", "started_on")
    def _compute_wait_note(self):
        """Where the server runs no scheduled actions, a run would wait without a word."""
        for run in self:
            waited = fields.Datetime.now() - (run.started_on or fields.Datetime.now())
            waits = run.state == "running" and not run.progress
            run.wait_note = (
                waits
                and waited > PATIENCE
                and self.env._(
                    "Nothing has happened on this run for %(minutes)s minutes. Ask an "
                    "administrator to check that the server runs scheduled actions "
                    "(max_cron_threads is not 0) and that those named Legal Billing "
                    "are active.",
                    minutes=int(waited.total_seconds() // 60),
                )
            )

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """Runs of bills are made by the bill's own actions only."""
        for vals in vals_list:
            self._check_protected_run_vals(given_values(self.env, vals))
        return super().create([self._number_vals(vals) for vals in vals_list])

    def _number_vals(self, vals):
        """Runs are numbered by their own company, whichever the user works in.

        :param dict vals: of a new run
        :rtype: dict
        """
        if vals.get("name") or not vals.get("company_id"):
            return vals
        company = self.env["res.company"].browse(vals["company_id"])
        return {**vals, "name": self._get_next_name(company)}

    def write(self, vals):
        """What a run does, for whom and what became of it is written by billing alone.

        :raise ProtectedFieldError: for such a value that would change
        :raise BillingRunError: for other dates of a run that was worked on
        """
        if not self.env.su:
            changed = self._get_changed(self._protected_fields(), vals)
            self._check_protected({name: vals[name] for name in changed})
            self._check_settled_vals(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_worked(self):
        """What was done stays on record."""
        rows_sudo = self.env["legal.billing.run.line"].sudo()  # behind walls too
        rows_sudo = rows_sudo.search(
            [("run_id", "in", self.ids), ("state", "not in", ("ready", "excluded"))]
        )
        worked = self.filtered(
            lambda run: run.started_on or run.id in rows_sudo.run_id.ids
        )
        if worked:
            raise BillingRunError(
                self.env._(
                    "%(runs)s has been worked on and stays in the history.",
                    runs=", ".join(worked.mapped("name")),
                )
            )

    @api.model
    def _check_protected_run_vals(self, vals):
        """Refuse values of a new run that would run an operation in another's name.

        :raise ProtectedFieldError:
        """
        if self.env.su:
            return
        own = {"operation": "bill", "user_id": self.env.uid}
        self._check_protected(
            {name: value for name, value in vals.items() if value != own.get(name)}
        )

    def _get_changed(self, names, vals):
        """Those of the fields that the values would change on one of these runs.

        :param names: names of fields
        :param dict vals: for ``write``
        :rtype: set
        """

        def is_changed(run, name):
            field = self._fields[name]
            if field.type == "many2many":
                return bool(vals[name] or run[name])
            cached = field.convert_to_cache(vals[name], run)
            return field.convert_to_record(cached, run) != run[name]

        return {
            name
            for name in names
            if name in vals and any(is_changed(run, name) for run in self)
        }

    def _check_settled_vals(self, vals):
        """:raise BillingRunError: for other dates of a run that was worked on"""
        for run in self.filtered("started_on"):
            if run._get_changed(SETTLED, vals):
                raise BillingRunError(
                    self.env._(
                        "%(run)s has made bills already: its dates stay. Start a new "
                        "mass billing for other dates.",
                        run=run.name,
                    )
                )

    @api.model
    def _protected_fields(self):
        """Fields that the run alone writes."""
        return super()._protected_fields() | PROTECTED

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s of a run is set by Approve, Produce, Revert and Delete on the "
            "bills themselves.",
            fields=labels,
        )

    def _check_operation_role(self):
        """Refuse to work for a user who may not do the run's operation himself,
        however the run came about.

        :raise RoleError: naming the user and the role
        """
        for run in self:
            roles = OPERATIONS[run.operation].roles
            self._check_role(*roles)
            # su off: the groups of the person decide, not those of the worker
            run.with_user(run.user_id)._check_role(*roles)

    def _get_operation(self):
        """What this run does.

        :rtype: odoo.addons.legal_billing.models.run.operations.operation.Operation
        """
        self.ensure_one()
        return OPERATIONS[self.operation](self)

    # --- dates

    def _get_effective_cutoff(self):
        """Last day whose entries are billed: the earlier of invoice date and cut-off.

        :rtype: date
        """
        self.ensure_one()
        return min(self.invoice_date, self.cutoff_date or self.invoice_date)

    # --- actions

    def action_bill_all(self):
        """Bill every ready row of the run.

        :return: the page to show next
        :rtype: dict
        """
        self.ensure_one()
        ready = self.line_ids.filtered(lambda line: line.state == "ready")
        # the run's rows, not those of a list that was open before
        return ready.with_context(active_domain=False).action_bill_selected()

    def action_stop(self):
        """Stop after the chunk that is being worked on.

        :return: True
        """
        self._check_retry()
        self.sudo().is_paused = True  # after the role was checked
        return True

    def action_continue(self):
        """Go on with a stopped run.

        :return: the page to show next
        :rtype: dict
        """
        self._check_retry()
        self.sudo().is_paused = False  # after the role was checked
        return self._start()

    def action_open_lines(self):
        """Open the rows of the run as their own list.

        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_billing_run_line_action"
        )
        context = {
            "default_run_id": self.id,
            "legal_billing_run_id": self.id,
            "search_default_ready": self.state == "review" and self.operation == "bill",
        }
        return action | {
            "domain": [("run_id", "=", self.id)],
            "context": context,
            "display_name": self._get_list_title(),
        }

    def _get_list_title(self):
        """What the list of rows is called: the number of a run means nothing before
        something was billed.

        :rtype: str
        """
        self.ensure_one()
        label = self._get_operation_label()
        if self.operation == "bill" and self.state == "review":
            return label
        return f"{label} {self.name}"

    def action_open_bills(self):
        """Open the drafts that the run made, else the bills it worked on.

        :rtype: dict
        """
        self.ensure_one()
        if self.operation == "bill":
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "legal_billing.draft_bill_action"
            )
            if self.bill_ids and all(b.state != "draft" for b in self.bill_ids):
                action = self.env["ir.actions.act_window"]._for_xml_id(
                    "legal_billing.bill_action"
                )
            return action | {"domain": [("billing_run_id", "=", self.id)]}
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        return action | {"domain": [("id", "in", self.line_ids.bill_id.ids)]}

    # --- processing

    def _start(self):
        """Work off small runs in place, hand big ones to the cron. Where a window of the
        client started it, what takes longer than a moment is left to the run's own page:
        the run is committed when this call ends, and the page shows life.

        :return: the page to show next
        :rtype: dict
        """
        self.ensure_one()
        run_sudo = self.sudo()  # after the role was checked by the action
        if not run_sudo.started_on:
            run_sudo.started_on = fields.Datetime.now()
        if run_sudo.finished_on and self.queued_count:  # another batch has its own end
            run_sudo.finished_on = False
        is_small = self.queued_count <= self.company_id.legal_small_run
        takes_time = self.queued_count > OPERATIONS[self.operation].step
        is_watched = self.env.context.get("legal_billing_watch") and takes_time
        if is_small and not is_watched:
            self.process()
            return self._get_result_action()
        run_sudo._wake_workers(after=WATCHED_FOR if self._is_for_page() else 0)
        return self._get_progress_action()

    def _is_for_page(self):
        """Whether the run is so small that its page works it off.

        :rtype: bool
        """
        self.ensure_one()
        rows = self.queued_count + self.done_count + self.failed_count
        return rows <= self.company_id.legal_small_run

    def _wake_workers(self, after=0):
        """Have the queued rows worked off in the background, by as many workers as
        have more than a moment to do and crons. The crons may run on several servers.

        :param int after: seconds from now
        """
        moments = -(-self.queued_count // OPERATIONS[self.operation].step)
        at = fields.Datetime.now() + timedelta(seconds=after) if after else None
        for xmlid in WORKER_CRONS[:moments]:
            cron = self.env.ref(xmlid, raise_if_not_found=False)
            if cron:
                cron._trigger(at)

    def _raise_if_all_failed(self):
        """A request whose every row failed changes nothing: the reasons are raised.

        :raise LegalBillingError: of the operation's kind, naming all rows
        """
        self.ensure_one()
        if self.queued_count or not self.failed_count or self.done_count:
            return
        error = OPERATIONS[self.operation].error
        raise error("\n".join(dict.fromkeys(map(self._get_failure, self.line_ids))))

    def _get_failure(self, line):
        """Why a row failed, with its bill or matter named.

        :rtype: str
        """
        name = line.bill_id._get_short_name() if line.bill_id else ""
        name = name or line.matter_id.display_name
        message = line.message or ""
        return message if name in message else f"{name}: {message}"

    def _get_result_action(self):
        """Where a person goes when the run is done.

        :rtype: dict
        """
        self.ensure_one()
        if self.failed_count or self.print_file_ids:
            return self._get_progress_action()
        return self.env["ir.actions.act_window"]._for_xml_id(
            OPERATIONS[self.operation].page
        )

    @api.model
    def _get_operation_labels(self):
        """What runs do, in the user's language.

        :return: ``{key of OPERATIONS: label}``
        :rtype: dict
        """
        return dict(self._fields["operation"]._description_selection(self.env))

    def _get_operation_label(self):
        """What the run does, in the user's language.

        :rtype: str
        """
        return self._get_operation_labels()[self.operation]

    def _get_progress_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    def _check_retry(self):
        """Only who may do the operation may try it again.

        :raise RoleError:
        """
        for operation in set(self.mapped("operation")):
            self._check_role(*OPERATIONS[operation].roles)

    def _check_biller(self):
        self._check_role("biller", "manager")
