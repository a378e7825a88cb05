from odoo import api, fields, models

from ...exceptions import ApprovalError, UndoError
from ...tools import open_window


class LegalBillOperation(models.TransientModel):
    """Asks before bills are approved, deleted or reverted, and says what stands
    against it."""

    _name = "legal.bill.operation"
    _inherit = ["legal.window.guard"]
    _description = "Work on Bills"

    operation = fields.Selection(
        [("approve", "Approve"), ("delete", "Delete"), ("revert", "Revert")],
        required=True,
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
    date_mode = fields.Selection(
        [("keep", "Keep each bill's date"), ("set", "Set all to")],
        default="keep",
        required=True,
    )
    invoice_date = fields.Date(
        string="New date", default=lambda self: fields.Date.context_today(self)
    )
    problem_count = fields.Integer(compute="_compute_problems")
    problem_text = fields.Text(compute="_compute_problems")
    fine_count = fields.Integer(compute="_compute_problems")
    reason = fields.Char()

    @api.model
    def _open(self, operation, bills, *stages):
        """Show the window for these bills.

        :param str operation: what is asked
        :param account.move bills: ticked ones; none: all of the list's filter
        :param str stages: the stages it is for
        :rtype: dict
        :raise BillStageError: if none of the bills is in such a stage
        """
        selection = self.env["legal.bulk.selection"]._select(bills)
        chosen = selection.filtered(lambda bill: bill.billing_stage in stages)
        if not chosen:
            selection._raise_wrong_stage(selection, operation)
        wizard = self.create(
            {
                "operation": operation,
                "company_id": chosen[:1].company_id.id,
                "bill_ids": [fields.Command.set(chosen.ids)],
            }
        )
        titles = {
            "approve": self.env._("Approve bills"),
            "delete": self.env._("Delete drafts"),
            "revert": self.env._("Revert bills to draft"),
        }
        return open_window(wizard, titles[operation])

    @api.depends("bill_ids")
    def _compute_figures(self):
        for wizard in self:
            bills = wizard.bill_ids
            dates = [bill.invoice_date for bill in bills if bill.invoice_date]
            wizard.count = len(bills)
            wizard.total = sum(bills.mapped("amount_total_signed"))
            wizard.first_date = min(dates, default=False)
            wizard.last_date = max(dates, default=False)
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

    @api.depends("bill_ids", "operation", "date_mode", "invoice_date")
    def _compute_problems(self):
        for wizard in self:
            problems = wizard._get_problems()
            texts = [text for lines in problems.values() for text in lines]
            shown = texts[:12]
            if len(texts) > len(shown):
                shown.append(
                    self.env._("and %(count)s more", count=len(texts) - len(shown))
                )
            wizard.problem_count = len(problems)
            wizard.problem_text = "\n".join(shown)
            wizard.fine_count = len(wizard.bill_ids) - len(problems)

    def _get_problems(self):
        """What stands against the operation.

        :return: ``{bill: sentences}``
        :rtype: dict
        """
        self.ensure_one()
        if self.operation == "approve":
            day = self.date_mode == "set" and self.invoice_date
            return self.bill_ids._get_approval_problems(day or None)
        return {
            bill: [
                self.env._(
                    "%(bill)s is a credit note that is set against its bill: it stays",
                    bill=bill._get_short_name(),
                )
                if bill.move_type == "out_refund"
                else self.env._(
                    "%(bill)s has a payment or a credit note on it: reverse that first",
                    bill=bill._get_short_name(),
                )
            ]
            for bill in self.bill_ids
            if bill.sudo()._get_settlement_partials()
        }

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
            raise ApprovalError(self.env._("None of these bills is fine."))
        return self._do(fine)

    def _do(self, bills):
        bills = self.env["legal.bulk.selection"]._settle(bills)
        if self.operation == "revert":
            if not (self.reason or "").strip():
                raise UndoError(self.env._("Say why these bills go back to draft."))
            return bills.action_revert_bills(reason=self.reason.strip())
        if self.operation == "approve" and self.date_mode == "set":
            # sudo: who may approve may choose the date at which to approve
            bills.sudo().filtered(
                lambda bill: (
                    bill.billing_stage == "draft"  # some may be approved meanwhile
                    and bill.invoice_date != self.invoice_date
                )
            ).write({"invoice_date": self.invoice_date, "date": self.invoice_date})
        return getattr(bills, f"action_{self.operation}_bills")()
