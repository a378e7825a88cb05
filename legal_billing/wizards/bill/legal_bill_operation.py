from itertools import chain

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ...exceptions import ApprovalError, UndoError
from ...models.run.operations import OPERATIONS
from ...tools import open_window

#: Bills that are named of what is worth a look.
NAMES = 4


class LegalBillOperation(models.TransientModel):
    """Asks before bills are approved, deleted or reverted, and says what stands
    against it. Which operations ask, and their words, is said by ``OPERATIONS``."""

    _name = "legal.bill.operation"
    _inherit = ["legal.window.guard"]
    _description = "Work on Bills"

    operation = fields.Selection(
        [(key, kind.label) for key, kind in OPERATIONS.items() if kind.question],
        required=True,
        default="approve",
        readonly=True,
    )
    bill_ids = fields.Many2many(
        "account.move", "legal_bill_operation_rel", "operation_id", "bill_id"
    )
    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    count = fields.Integer(compute="_compute_figures", string="Bills")
    total = fields.Monetary(compute="_compute_figures", string="Total with tax")
    first_date = fields.Date(compute="_compute_figures")
    last_date = fields.Date(compute="_compute_figures")
    numbered_count = fields.Integer(compute="_compute_figures")
    delivered_count = fields.Integer(compute="_compute_figures")
    unsent_count = fields.Integer(compute="_compute_figures")
    zero_count = fields.Integer(compute="_compute_figures")
    new_wip_count = fields.Integer(compute="_compute_figures")
    in_review_count = fields.Integer(compute="_compute_figures")
    dates_text = fields.Char(compute="_compute_figures", string="Bill dates")
    look_html = fields.Html(compute="_compute_looks", sanitize=False)
    einvoice_count = fields.Integer(compute="_compute_einvoice")
    einvoice_text = fields.Text(compute="_compute_einvoice")
    date_mode = fields.Selection(
        [("keep", "Keep each bill's date"), ("set", "Set all to")],
        default="keep",
        required=True,
    )
    invoice_date = fields.Date(
        string="New date", default=lambda self: fields.Date.context_today(self)
    )
    problem_count = fields.Integer(compute="_compute_problems")
    problem_title = fields.Char(compute="_compute_problems")
    problem_text = fields.Text(compute="_compute_problems")
    fine_count = fields.Integer(compute="_compute_problems")
    do_label = fields.Char(compute="_compute_problems")
    do_fine_label = fields.Char(compute="_compute_problems")
    is_danger = fields.Boolean(compute="_compute_problems")
    reason = fields.Char()

    @api.model
    def _open(self, operation, bills):
        """Show the window for these bills.

        :param str operation: key of ``OPERATIONS``
        :param account.move bills: ticked ones; none: all of the list's filter
        :rtype: dict
        :raise RoleError: for users who may not do it
        :raise BillStageError: if none of the bills is in a stage for it
        """
        kind = OPERATIONS[operation]
        bills._check_role(*kind.roles)
        selection = self.env["legal.bulk.selection"]._select(bills)
        chosen = selection.filtered(lambda bill: bill.billing_stage in kind.stages)
        if not chosen:
            labels = dict(self._fields["operation"]._description_selection(self.env))
            selection._raise_wrong_stage(selection, labels[operation])
        if kind.is_of_sets:
            chosen = chosen._get_split_set().filtered(
                lambda bill: bill.billing_stage in kind.stages
            )
        wizard = self.create(
            {
                "operation": operation,
                "company_id": chosen[:1].company_id.id,
                "bill_ids": [fields.Command.set(chosen.ids)],
            }
        )
        return open_window(wizard, self.env._(kind.question.title))

    @api.depends("bill_ids")
    def _compute_figures(self):
        for wizard in self:
            bills = wizard.bill_ids
            dates = [bill.invoice_date for bill in bills if bill.invoice_date]
            wizard.count = len(bills)
            wizard.total = sum(bills.mapped("amount_total_signed"))
            wizard.first_date = min(dates, default=False)
            wizard.last_date = max(dates, default=False)
            wizard.dates_text = " – ".join(
                format_date(self.env, day)
                for day in dict.fromkeys((wizard.first_date, wizard.last_date))
                if day
            )
            wizard.numbered_count = len(
                bills.filtered(lambda b: b.state == "draft" and b.posted_before)
            )
            wizard.delivered_count = len(bills.filtered("delivered_on"))
            wizard.unsent_count = len(bills.filtered("is_unsent"))
            wizard.zero_count = len(
                bills.filtered(lambda b: b.currency_id.is_zero(b.amount_total))
            )
            wizard.new_wip_count = len(bills.filtered("new_wip_count"))
            wizard.in_review_count = len(
                bills.filtered(lambda b: b.review_state in ("review", "returned"))
            )

    @api.depends("bill_ids", "operation")
    def _compute_looks(self):
        """What is worth a look before bills are approved: how many, and which."""
        for wizard in self:
            looks = []
            if wizard.operation == "approve":
                looks = wizard.bill_ids._get_approval_looks()
            rows = Markup().join(
                Markup("<li><b>%(count)s</b> %(phrase)s: %(names)s</li>")
                % {
                    "count": len(bills),
                    "phrase": phrase,
                    "names": ", ".join(
                        [bill._get_short_name() for bill in bills[:NAMES]]
                        + ["…"] * (len(bills) > NAMES)
                    ),
                }
                for phrase, bills in looks
            )
            wizard.look_html = rows and Markup('<ul class="mb-0 ps-3">%s</ul>') % rows

    @api.depends("bill_ids", "operation")
    def _compute_einvoice(self):
        for wizard in self:
            problems = {}
            if wizard.operation == "approve":
                problems = wizard.bill_ids._get_einvoice_problems()
            # alike for most bills of a client: each sentence once, with its bills
            bills_of = {}
            for bill, sentences in problems.items():
                for sentence in sentences:
                    bills_of.setdefault(sentence, []).append(bill._get_short_name())
            texts = [
                f"{', '.join(names[:3])}{' …' if names[3:] else ''}: {sentence}"
                for sentence, names in bills_of.items()
            ]
            wizard.einvoice_count = len(problems)
            wizard.einvoice_text = "\n".join(texts[:12])

    @api.depends("bill_ids", "operation", "date_mode", "invoice_date")
    def _compute_problems(self):
        for wizard in self:
            problems = wizard._get_problems()
            # a sentence that names several bills is said once
            texts = list(dict.fromkeys(chain.from_iterable(problems.values())))
            shown = texts[:12]
            if len(texts) > len(shown):
                shown.append(
                    self.env._("and %(count)s more", count=len(texts) - len(shown))
                )
            wizard.problem_count = len(problems)
            wizard.problem_text = "\n".join(shown)
            wizard.fine_count = len(wizard.bill_ids) - len(problems)
            question = OPERATIONS[wizard.operation].question
            wizard.do_label = self.env._(question.button)
            rest, refused = self.env._(question.rest), self.env._(question.refused)
            wizard.do_fine_label = rest % {"count": wizard.fine_count}
            wizard.problem_title = refused % {"count": wizard.problem_count}
            wizard.is_danger = question.is_danger

    def _get_problems(self):
        """What stands against the operation.

        :return: ``{bill: sentences}``
        :rtype: dict
        """
        self.ensure_one()
        day = self.date_mode == "set" and self.invoice_date
        return OPERATIONS[self.operation].get_problems(self.bill_ids, day or None)

    def action_do(self):
        """Do it with all bills.

        :return: the page to show next
        :rtype: dict
        :raise BillStageError: if none of them is left
        """
        self.ensure_one()
        return self._do(self.bill_ids)

    def action_do_fine(self):
        """Do it with the bills that nothing stands against.

        :return: the page to show next
        :rtype: dict
        :raise ApprovalError: if there is none
        :raise BillStageError: if none of the bills is left
        """
        self.ensure_one()
        bills = self.env["legal.bulk.selection"]._settle(self.bill_ids)
        fine = bills - self.env["account.move"].union(*self._get_problems())
        if not fine:
            raise ApprovalError(
                self.env._("None of these bills can be done: see why above.")
            )
        return self._do(fine)

    def _do(self, bills):
        bills = self.env["legal.bulk.selection"]._settle(bills)
        answers = self._get_answers()
        if self.operation == "approve" and self.date_mode == "set":
            # sudo: who may approve may choose the date at which to approve
            bills.sudo().filtered(
                lambda bill: (
                    bill.billing_stage == "draft"  # some may be approved meanwhile
                    and bill.invoice_date != self.invoice_date
                )
            ).write({"invoice_date": self.invoice_date, "date": self.invoice_date})
        return getattr(bills, f"action_{self.operation}_bills")(**answers)

    def _get_answers(self):
        """What was asked, as arguments of ``action_<operation>_bills``.

        :rtype: dict
        :raise UndoError: without a reason to revert
        """
        if self.operation != "revert":
            return {}
        if not (self.reason or "").strip():
            raise UndoError(self.env._("Say why these bills go back to draft."))
        return {"reason": self.reason.strip()}
