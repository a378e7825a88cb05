from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import BillingRunError, ProtectedFieldError
from ...tools import FROM_CHOICE
from .reasons import REASONS


class LegalBillingRunLine(models.Model):
    """A matter, or a bill, in a run: what will be done with it, or why not."""

    _name = "legal.billing.run.line"
    _inherit = ["legal.matter.mirror", "legal.billing.guard"]
    _description = "Billing Run Row"
    _order = "run_id desc, matter_number, id"
    _rec_name = "matter_id"

    run_id = fields.Many2one(
        "legal.billing.run", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    operation = fields.Selection(related="run_id.operation")
    matter_id = fields.Many2one("project.project", index=True, ondelete="cascade")
    bill_id = fields.Many2one(
        "account.move", index="btree_not_null", ondelete="set null"
    )
    state = fields.Selection(
        [
            ("ready", "Ready"),
            ("excluded", "Held back"),
            ("queued", "Queued"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("failed", "Failed"),
        ],
        required=True,
        default="ready",
        index=True,
        readonly=True,
    )
    reason_code = fields.Char(
        readonly=True, index="btree_not_null", string="Reason code"
    )
    message = fields.Char(string="Reason", readonly=True)
    attempts = fields.Integer(readonly=True)
    fingerprint = fields.Char(readonly=True)
    bill_report_id = fields.Many2one(
        "ir.actions.report",
        string="Bill template",
        domain=[("is_invoice_report", "=", True), ("model", "=", "account.move")],
        help="Empty: the run's, else the matter's.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        help="Empty: the run's, else the matter's.",
        string="Payment terms",
    )
    bill_together = fields.Boolean(
        string="Together",
        compute="_compute_bill_together",
        store=True,
        readonly=False,
        help="On one bill with the other rows of the same payer that have this, where "
        "currency, journal, template, terms, reference and recipients are the same.",
    )

    # the matter, for columns, search and grouping
    matter_number = fields.Char(related="matter_id.matter_number", store=True)
    payer_id = fields.Many2one(
        "res.partner", compute="_compute_payer_id", store=True, string="Billed to"
    )
    responsible_id = fields.Many2one(related="matter_id.responsible_id", store=True)
    practice_area_id = fields.Many2one(related="matter_id.practice_area_id", store=True)
    billing_arrangement = fields.Selection(related="matter_id.billing_arrangement")

    # figures, as shown to the person who decides
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    entry_count = fields.Integer(string="Entries", readonly=True)
    held_count = fields.Integer(string="Held entries", readonly=True)
    held_amount = fields.Monetary(string="On hold", readonly=True)
    oldest_date = fields.Date(string="Oldest entry", readonly=True)
    age = fields.Integer(string="Days", readonly=True, aggregator="max")
    hours = fields.Float(readonly=True)
    fees_amount = fields.Monetary(string="Fees", readonly=True)
    disbursement_amount = fields.Monetary(string="Disbursements", readonly=True)
    edit_effect = fields.Monetary(
        string="Edited",
        readonly=True,
        help="What edited hours and rates, and work that is not charged, make of the "
        "standard value.",
    )
    standard_amount = fields.Monetary(
        string="Value (company currency)",
        currency_field="company_currency_id",
        readonly=True,
    )
    retainer_after_amount = fields.Monetary(
        string="Left of the retainer",
        readonly=True,
        currency_field="company_currency_id",
        help="Client money of the matter once this bill, before tax, and its unpaid bills "
        "are paid.",
    )
    retainer_ask_amount = fields.Monetary(
        string="To ask for",
        readonly=True,
        currency_field="company_currency_id",
        help="What fills the matter's retainer up again after this bill.",
    )
    arrangement_text = fields.Char(string="Effect of the arrangement", readonly=True)
    cap_used = fields.Integer(
        string="Cap used (%)",
        readonly=True,
        help="How much of the cap is used with this bill.",
    )
    quote_amount = fields.Monetary(string="Quote", readonly=True)
    quote_effect = fields.Monetary(string="Quote effect", readonly=True)
    discount_amount = fields.Monetary(string="Discount", readonly=True)
    amount = fields.Monetary(string="To bill", readonly=True)
    company_amount = fields.Monetary(
        string="To bill (company currency)",
        currency_field="company_currency_id",
        readonly=True,
    )
    last_bill_date = fields.Date(string="Last bill", readonly=True)
    is_first_bill = fields.Boolean(readonly=True)
    is_off_usual = fields.Boolean(
        string="Unusual amount",
        readonly=True,
        help="More than 25 % above the largest of the last three bills, or below the "
        "smallest. A shorter time than between those bills is not compared.",
    )
    warnings = fields.Char(readonly=True)

    _matter_once = models.UniqueIndex(
        "(run_id, matter_id) WHERE bill_id IS NULL AND matter_id IS NOT NULL",
        "A matter is in a run once.",
    )
    _queue_index = models.Index("(run_id, attempts, id) WHERE state = 'queued'")
    _together_index = models.Index(
        "(run_id, payer_id, id) WHERE state = 'queued' AND bill_together"
    )

    # production
    print_file_id = fields.Many2one(
        "ir.attachment",
        string="Print file",
        readonly=True,
        copy=False,
        help="The merged file that this bill is printed with.",
    )

    # --- CRUD and guards

    def write(self, vals):
        """A person may choose template and terms of a row, and edit the entries of its
        pre-bill; all else is the run's."""
        if "fingerprint" in vals and "shown_on" not in vals:
            vals = {**vals, "shown_on": self.env.cr.now()}
        commands = vals.get("entry_ids")
        if commands is not None:
            vals = {name: value for name, value in vals.items() if name != "entry_ids"}
            result = self.write(vals) if vals else True
            self._write_entries(commands)
            return result
        own = vals.keys() - self._get_editable_fields()
        if own and not self.env.su:
            raise ProtectedFieldError(
                self._get_protected_refusal(self._get_labels(own))
            )
        result = super().write(vals)
        chosen = self._get_chosen_fields() & vals.keys()
        if chosen and self.env.context.get("legal_from_choice") is not FROM_CHOICE:
            self._keep_choices()
        return result

    def _get_chosen_fields(self):
        """Fields of a row that are choices for the matter's next bill.

        :rtype: set
        """
        return {"bill_report_id", "payment_term_id", "note", "unticked_ids"}

    def _take_over(self, vals):
        """Write what the run found, and what was chosen for the matter before."""
        row = self.with_context(legal_from_choice=FROM_CHOICE)
        return row.write(self._get_nothing_chosen() | vals)

    def _get_nothing_chosen(self):
        """Values of a row for whose matter nothing is chosen.

        :rtype: dict
        """
        return {
            name: [Command.clear()] if self._fields[name].type == "many2many" else False
            for name in self._get_chosen_fields()
            if self[name]
        }

    def _keep_choices(self, is_left_out=None):
        """Note what was chosen on rows that are not worked on, for whichever run bills
        the matter.

        :param bool is_left_out: whether they are left out now; default: as before
        """
        rows = self.filtered(
            lambda line: (
                line.matter_id
                and not line.bill_id
                and line.operation == "bill"
                and line.state not in ("queued", "done")
            )
        )
        self.env["legal.billing.choice"]._keep(rows, is_left_out)

    @api.depends("matter_id")
    def _compute_payer_id(self):
        for line in self:
            line.payer_id = line.matter_id.billing_partner_id

    @api.depends("matter_id")
    def _compute_bill_together(self):
        for line in self:
            line.bill_together = line.matter_id.bill_together

    @api.model
    def _get_mirrored(self):
        """Rows are grouped and searched by payer, too."""
        return super()._get_mirrored() | {"billing_partner_id": "payer_id"}

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s of a row is written by the run. Template, terms and whether it is "
            "billed together can be chosen.",
            fields=labels,
        )

    @api.model
    def _get_editable_fields(self):
        """Fields of a row that a person may write.

        :rtype: set
        """
        return {"bill_report_id", "payment_term_id", "bill_together"}

    # --- actions

    def action_bill_selected(self):
        """Queue these rows (nothing ticked: all ready rows of the filter) and start.

        :return: the page to show next
        :rtype: dict
        :raise BillingRunError: if no row can be billed
        """
        lines = self._get_selection()
        runs = lines.run_id
        runs._check_biller()
        ready = lines.filtered(lambda line: line.state == "ready")
        if not ready:
            raise BillingRunError(
                self.env._(
                    "None of these matters is ready to be billed. Held-back rows say "
                    "why; cure them and press Refresh."
                )
            )
        if len(runs) > 1:
            raise BillingRunError(self.env._("Bill the matters of one run at a time."))
        ready._check_choices()
        ready._queue()
        return runs._start()

    def _check_choices(self):
        """Somebody else may have left entries or matters out since these rows were
        shown.

        :raise BillingRunError: naming the matters
        """
        choices = self.env["legal.billing.choice"]._get_of(self.matter_id)
        other = self.filtered(
            lambda line: (
                (choice := choices.get(line.matter_id.id))
                and (
                    choice.is_left_out
                    or choice._get_waiting()
                    != line.sudo().unticked_ids.filtered(lambda e: not e.bill_id)
                )
            )
        )
        if other:
            raise BillingRunError(
                self.env._(
                    "%(matters)s: somebody left the matter, or entries of it, out since "
                    "this list was made. Press Refresh and look at the rows again.",
                    matters=", ".join(other.matter_id.mapped("display_name")),
                )
            )

    def action_retry(self):
        """Queue failed and skipped rows again and start their runs.

        :return: the page of the last run to show next
        :rtype: dict
        :raise BillingRunError: if none of the rows failed
        """
        lines = self._get_selection()
        lines.run_id._check_retry()
        failed = lines.filtered(lambda line: line.state in ("failed", "skipped"))
        if not failed:
            raise BillingRunError(
                self.env._("None of these rows failed: there is nothing to try again.")
            )
        failed.sudo().write({"fingerprint": False})  # role checked above
        failed._queue()
        return [run._start() for run in failed.run_id][-1]

    def action_take_back(self):
        """Undo what was billed of these rows: a matter that is on a draft with others is
        taken out of it alone; else the draft is deleted. Their work is unbilled again.

        :return: True
        :raise RoleError: without the biller's role
        :raise BillingRunError: if a row has no draft
        """
        lines = self  # never all of a filter
        lines.run_id._check_biller()
        wrong = lines.filtered(
            lambda line: (
                line.operation != "bill" or line.bill_id.billing_stage != "draft"
            )
        )
        if wrong or not lines:
            raise BillingRunError(
                self.env._(
                    "%(matters)s: there is no draft to take back.",
                    matters=", ".join(wrong.matter_id.mapped("display_name"))
                    or self.env._("Nothing selected"),
                )
            )
        for bill, rows in lines.grouped("bill_id").items():
            matters = rows.matter_id
            if bill.is_together and not bill._is_of_matters(matters):
                bill.action_remove_matters(matters)
            else:
                bill.action_delete_bills()
        return True

    def action_open_matter(self):
        """Open the matter's billing options.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "project.project",
            "res_id": self.matter_id.id,
            "views": [
                (self.env.ref("legal_billing.matter_view_form").id, "form"),
            ],
        }

    def action_open_bill(self):
        """Open the bill of the row.

        :rtype: dict
        """
        self.ensure_one()
        return self.bill_id.get_formview_action()

    def action_open_entries(self):
        """Open the entries that the row stands for.

        :rtype: dict
        """
        self.ensure_one()
        return self.matter_id.action_open_unbilled()

    def _cure_archived(self):
        self.matter_id.active = True
        return self._refresh()

    def _cure_excluded(self):
        self.matter_id.exclude_from_mass_billing = False
        return self._refresh()

    def _release_entries(self):
        """Release the matter's held entries. A cost that may be an anticipated
        disbursement, charged already, stays held: the window asks which it is.

        :return: the window, or True
        """
        entries = self.env["account.analytic.line"].with_context(active_domain=False)
        held = entries.search(
            entries._get_unbilled_domain()
            & fields.Domain("matter_id", "=", self.matter_id.id)
            & fields.Domain("is_on_hold", "=", True)
        )
        proposed = held.filtered("match_proposal_id")
        (held - proposed).action_release()
        if not proposed:
            return self._refresh()
        action = proposed.with_context(
            legal_billing_run_line_id=self.id
        ).action_open_match()
        self._refresh()
        return action

    def _open_draft(self):
        draft = self.env["account.move"].search(
            self.env["account.move"]._get_stage_domain("draft")
            & fields.Domain("matter_ids", "in", self.matter_id.ids),
            limit=1,
        )
        return draft.get_formview_action()

    def _refresh(self):
        """Look at the matters of these rows again."""
        for run, lines in self.grouped("run_id").items():
            rows = {
                vals["matter"]: vals
                for vals in run._prepare_line_vals_list(lines.matter_id)
            }
            for line in lines.sudo():  # figures of the row; role checked by the action
                vals = dict(rows.get(line.matter_id) or {})
                if not vals:
                    line.unlink()
                    continue
                vals.pop("matter")
                vals.pop("run_id")
                line._take_over(vals)
        return True

    # --- states

    def _get_selection(self):
        """The ticked rows; nothing ticked: all of the current filter.

        :rtype: legal.billing.run.line
        """
        return self.env["legal.bulk.selection"]._select(self)

    def _queue(self):
        self.sudo().write(  # after the role was checked by the action
            {"state": "queued", "reason_code": False, "message": False}
        )

    def _set_result(self, state, code=False, message=""):
        """Write how the rows ended.

        :param str state: ``done``, ``skipped`` or ``failed``
        :param str code: key of ``REASONS``
        :param str message: default: the sentence of the code
        """
        for line in self:
            line.attempts += 1
        self.write(
            {
                "state": state,
                "reason_code": code,
                "message": message or self._get_reason_text(code),
            }
        )

    @api.model
    def _get_reason_text(self, code, **figures):
        """The sentence of a reason.

        :param figures: formatted amounts and counts
        :rtype: str
        """
        if not code:
            return False
        text = self._get_reasons().get(code, code)
        return text % figures if figures else text

    @api.model
    def _get_reasons(self):
        """Sentences by code, in the user's language; extend to add reasons.

        :rtype: dict
        """
        return {
            code: self.env._(reason.sentence)
            for code, reason in REASONS.items()
            if reason.sentence
        }

    # --- cures

    def action_cure(self):
        """Do, or open, what makes this row billable.

        :return: an action, or True when it is done
        """
        self.ensure_one()
        self.run_id._check_biller()
        for code in (self.reason_code, self.reason_group):
            reason = REASONS.get(code)
            if reason and reason.cure:
                return getattr(self, reason.cure)()
        return self.action_open_matter()

    def _open_quote_excess(self):
        """Choose what becomes of the work above the quote.

        :rtype: dict
        """
        return self.env["legal.quote.excess"]._open(
            self.matter_id,
            self.run_id.invoice_date,
            self.run_id._get_effective_cutoff(),
            self,
        )

    def _tick_all(self):
        self.sudo().unticked_ids = False  # the role was checked by the action
        return self._refresh()

    def _put_back(self):
        """Take *not this time* back."""
        self._keep_choices(is_left_out=False)
        return self._refresh()

    # --- records of the books

    def _open(self, record):
        """Open a record in its form; the user's rights on it decide what he may do.

        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    def _open_currency(self):
        matter = self.matter_id.sudo()  # its own options
        return self._open(matter.billing_currency_id or self.currency_id)

    def _open_journal(self):
        maker = self.env["legal.bill.maker"]
        return self._open(maker._get_own_journal(self.matter_id.sudo()))

    def _open_payer(self):
        return self._open(self.payer_id)

    def _get_problem_product(self):
        """The product whose account or tax is to be mended.

        :rtype: product.product
        """
        check = self.env["legal.billing.check"].sudo()
        maker = self.env["legal.bill.maker"].sudo()
        matter = self.matter_id.sudo()  # names of products and accounts
        products = maker._get_fee_product(matter) | self.entry_ids.sudo().product_id
        products |= matter.company_id.legal_disbursement_product_id
        return products.filtered(lambda p: check._check_product((matter, p))[0])[:1]

    def _open_product(self):
        return self._open(self._get_problem_product().product_tmpl_id)

    def _open_income_account(self):
        maker = self.env["legal.bill.maker"].sudo()
        account = maker._get_account(
            self.matter_id.sudo(),
            self._get_problem_product(),
            maker.env["account.fiscal.position"],
            raising=False,
        )
        return self._open(account)

    def _get_taxes(self):
        product = self._get_problem_product().with_context(active_test=False)
        return product.taxes_id._filter_taxes_by_company(self.company_id)

    def _open_tax(self):
        return self._open(self._get_taxes().filtered(lambda tax: not tax.active)[:1])

    def _open_tax_account(self):
        lines = self._get_taxes().flatten_taxes_hierarchy().invoice_repartition_line_ids
        dead = lines.account_id.filtered(lambda account: not account.active)
        return self._open(dead[:1])

    def _open_receivable(self):
        payer_sudo = self.payer_id.sudo().with_company(self.company_id)
        return self._open(payer_sudo.property_account_receivable_id)
