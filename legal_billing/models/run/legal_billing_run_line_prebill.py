from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...exceptions import BillingRunError, ProtectedFieldError

#: What of an entry is edited in the pre-bill itself.
ENTRY_FIELDS = {"bill_narrative", "bill_quantity", "bill_rate", "bill_behavior"}


class LegalBillingRunLine(models.Model):
    """The pre-bill of a row: the entries of the matter, to untick, hold, re-narrate
    and write down before the bill is made; and whether they changed since."""

    _inherit = "legal.billing.run.line"

    entry_ids = fields.Many2many(
        "account.analytic.line",
        string="WIP",
        compute="_compute_entry_ids",
        readonly=False,
    )
    unticked_ids = fields.Many2many(
        "account.analytic.line",
        "legal_run_line_unticked_rel",
        "line_id",
        "entry_id",
        string="Unticked entries",
        help="They stay work in progress this time.",
    )
    unticked_count = fields.Integer(string="Unticked", readonly=True)
    cutoff_date = fields.Date(string="Entries up to", compute="_compute_cutoff_date")
    last_amounts = fields.Json(
        string="Last three bills", readonly=True, help="Net, oldest first."
    )
    has_late_entries = fields.Boolean(
        string="Late entries",
        readonly=True,
        help="Entries from before the last bill that were not on it.",
    )
    shown_on = fields.Datetime(
        readonly=True,
        default=lambda self: self._default_shown_on(),
        help="When the figures of the row were taken.",
        string="Shown on",
    )
    is_changed = fields.Boolean(
        string="Changed since shown",
        compute="_compute_is_changed",
        search="_search_is_changed",
        help="Entries of the matter were added, edited, moved or billed since.",
    )

    # --- computes

    def _default_shown_on(self):
        return self.env.cr.now()

    @api.depends("run_id.invoice_date", "run_id.cutoff_date")
    def _compute_cutoff_date(self):
        for line in self:
            line.cutoff_date = line.run_id._get_effective_cutoff()

    def _compute_entry_ids(self):
        """Unbilled entries of the matter, held and later ones included."""
        entries = self.env["account.analytic.line"]
        for line in self:
            line.entry_ids = line.matter_id and entries.search(
                entries._get_unbilled_domain()
                & Domain("matter_id", "=", line.matter_id.id),
                order="date, id",
                limit=1000,
            )

    def _compute_is_changed(self):
        changed = self._get_changed_ids(Domain("id", "in", self.ids))
        for line in self:
            line.is_changed = line.id in changed

    @api.model
    def _search_is_changed(self, operator, value):
        if operator != "in":
            return NotImplemented
        run = self.env.context.get("legal_billing_run_id")
        scope = Domain("run_id", "=", run) if run else Domain("state", "=", "ready")
        return Domain("id", "in", self._get_changed_ids(scope))

    @api.model
    def _get_changed_ids(self, domain):
        """Rows whose entries are not what they were when the row was made: added,
        edited, moved away, billed by somebody else.

        :param odoo.fields.Domain domain: of the rows to look at
        :return: ids of rows
        :rtype: set
        """
        rows = self.sudo().search_fetch(  # ids of rows that the caller may see anyway
            domain
            & Domain("matter_id", "!=", False)
            & Domain("fingerprint", "!=", False)
            & Domain("state", "in", ("ready", "excluded", "failed", "skipped")),
            ["run_id", "matter_id", "fingerprint"],
        )
        loader = self.env["legal.billing.loader"]
        empty = loader._get_fingerprint([])
        changed = set()
        for run, lines in rows.grouped("run_id").items():
            now = loader._get_fingerprints(
                lines.matter_id, run._get_effective_cutoff(), lines.unticked_ids
            )
            changed |= {
                line.id
                for line in lines
                if now.get(line.matter_id.id, empty) != line.fingerprint
            }
        return changed

    # --- writing

    def _write_entries(self, commands):
        """Write what was edited in the pre-bill's list, then look at the row again.

        :param list commands: of ``entry_ids``; only updates are made
        :raise ProtectedFieldError: for entries of other matters, or other fields
        """
        self.ensure_one()
        edited = [command for command in commands if command[0] == Command.UPDATE]
        for _code, entry_id, values in edited:
            entry = self.env["account.analytic.line"].browse(entry_id)
            other = values.keys() - ENTRY_FIELDS
            if other or entry.matter_id != self.matter_id or entry.bill_id:
                raise ProtectedFieldError(
                    self.env._(
                        "In the pre-bill of %(matter)s the narrative, hours, rate and "
                        "charge of its own unbilled entries are edited, nothing else.",
                        matter=self.matter_id.display_name,
                    )
                )
            entry.write(values)
        if edited and self.state in ("ready", "excluded"):
            self._refresh()

    # --- ticks

    @api.private
    def action_toggle_entry(self, entry):
        """Take an entry off the bill that is to be made, or put it back. It stays
        work in progress until somebody ticks it again or the matter is billed without
        it.

        :param account.analytic.line entry: of the matter, unbilled
        :return: True
        """
        self.ensure_one()
        self.run_id._check_biller()
        if entry.matter_id != self.matter_id:
            raise ProtectedFieldError(
                self.env._(
                    "%(entry)s is not an entry of %(matter)s.",
                    entry=entry.display_name,
                    matter=self.matter_id.display_name,
                )
            )
        code = Command.UNLINK if entry in self.unticked_ids else Command.LINK
        # sudo: the role was checked
        self.sudo().unticked_ids = [(code, entry.id, 0)]
        if self.state in ("ready", "excluded"):
            self._refresh()
        return True

    # --- the paper beside the pre-bill

    def get_paper_html(self):
        """The bill as it would be made and printed now, marked as a draft; once it was
        made, the bill itself. No draft is left behind.

        :return: a whole HTML document
        :rtype: str
        :raise RoleError: for users who do not bill
        :raise BillingRunError: if no bill would be made, saying why
        """
        self.ensure_one()
        self.check_access("read")
        if self.bill_id:
            return self.bill_id.get_paper_html()
        self.run_id._check_biller()
        job = self._prepare_look()
        with self.env["legal.bill.maker"]._preview_draft(job) as bill:
            return bill.get_paper_html()

    def _prepare_look(self):
        """The bill that would be made of this row now.

        :rtype: BillJob
        """
        run = (
            self.run_id.with_company(self.company_id)
            .with_context(allowed_company_ids=self.company_id.ids)
            .sudo()  # the role was checked by the caller
        )
        line = self.with_env(run.env)
        rows = run.env["legal.billing.loader"]._load(
            line.matter_id,
            run.invoice_date,
            run._get_effective_cutoff(),
            detailed=True,
            unticked=line.unticked_ids,
        )
        row = rows[0] if rows else None
        if row is None or row.state != "ready":
            raise BillingRunError(
                self.env._(
                    "No bill of %(matter)s would be made now: %(reason)s",
                    matter=self.matter_id.display_name,
                    reason=row
                    and row.message
                    or self._get_reason_text("nothing_to_bill"),
                )
            )
        job = run._get_operation()._prepare_job(line, row, changed=False)
        job.run = None  # its figures are not touched either
        return job
