from odoo import api, fields, models

from ...exceptions import BillStageError
from ...models.run.legal_billing_run_print import PRINT_PART
from ...tools import notify, open_window

#: Problems that the window lists by name; the others are counted.
SHOWN_PROBLEMS = 12


class LegalBillProduce(models.TransientModel):
    """Asks before bills are produced: how many go out which way, and which cannot.
    The same window finalizes bills that went out by other means."""

    _name = "legal.bill.produce"
    _inherit = ["legal.window.guard"]
    _description = "Produce Bills"

    bill_ids = fields.Many2many(
        "account.move", "legal_bill_produce_rel", "produce_id", "bill_id"
    )
    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    mode = fields.Selection(
        [("send", "Send and print"), ("quiet", "Produce without sending")],
        default="send",
        required=True,
    )
    count = fields.Integer(compute="_compute_plan", string="Bills")
    total = fields.Monetary(compute="_compute_plan", string="Total with tax")
    email_count = fields.Integer(compute="_compute_plan", string="By e-mail")
    network_count = fields.Integer(compute="_compute_plan", string="By network or post")
    print_count = fields.Integer(compute="_compute_plan", string="To print")
    copy_count = fields.Integer(compute="_compute_plan", string="Copies")
    part_count = fields.Integer(compute="_compute_plan", string="Print files")
    nothing_count = fields.Integer(compute="_compute_plan", string="Nothing is sent")
    problem_count = fields.Integer(compute="_compute_plan", string="Cannot be sent")
    problem_text = fields.Text(compute="_compute_plan")
    print_order = fields.Selection(
        lambda self: self.env["legal.billing.run"]._fields["print_order"].selection,
        default="number",
        required=True,
    )
    note = fields.Char(help="Why nothing is sent, or how the bill went out.")
    is_delivered = fields.Boolean(
        string="The clients have these bills",
        help="Producing alone does not mean that the client has the bill.",
    )
    sent_on = fields.Date(
        string="Sent on", default=lambda self: fields.Date.context_today(self)
    )
    method = fields.Selection(
        lambda self: self.env["account.move"]._fields["delivery_method"].selection,
        string="Sent by",
        default="hand",
    )

    @api.depends("bill_ids")
    def _compute_plan(self):
        for wizard in self:
            bills = wizard.bill_ids
            bills._read_recipients()
            problems = {
                bill: problem
                for bill in bills
                if (problem := bill._get_address_problem())
            }
            fine = bills - bills.browse(bill.id for bill in problems)
            mailed = fine.filtered(lambda bill: bill._get_pending_recipients())
            printed = fine.filtered(lambda bill: bill._get_copies())
            wizard.count = len(bills)
            wizard.total = sum(bills.mapped("amount_total_signed"))
            wizard.email_count = len(mailed)
            networked = fine.filtered(lambda bill: bill._get_pending_networks())
            wizard.network_count = len(networked)
            wizard.print_count = len(printed)
            wizard.copy_count = sum(bill._get_copies() for bill in printed)
            wizard.part_count = -(-len(printed) // PRINT_PART)
            wizard.nothing_count = len(fine - mailed - networked - printed)
            wizard.problem_count = len(problems)
            wizard.problem_text = wizard._describe_problems(problems)

    def _describe_problems(self, problems):
        """:rtype: str"""
        lines = [
            f"{bill._get_short_name()}: {problem}"
            for bill, problem in list(problems.items())[:SHOWN_PROBLEMS]
        ]
        if len(problems) > SHOWN_PROBLEMS:
            lines.append(self.env._("and %s more", len(problems) - SHOWN_PROBLEMS))
        return "\n".join(lines)

    @api.model
    def _open(self, bills, mode="send"):
        """Show the window for these bills.

        :param account.move bills: that can be produced
        :param str mode: what is preselected
        :rtype: dict
        """
        wizard = self.create(
            {
                "bill_ids": [fields.Command.set(bills.ids)],
                "company_id": bills[:1].company_id.id,
                "mode": mode,
            }
        )
        return open_window(wizard, self.env._("Produce bills"))

    def action_produce(self):
        """Do what the window says.

        :return: the page to show next
        :rtype: dict
        :raise BillStageError: if none of the bills is left to be produced
        """
        self.ensure_one()
        selection = self.env["legal.bulk.selection"]
        if self.mode == "send":
            bills = selection._settle(self.bill_ids)
            return bills.with_context(
                legal_billing_print_order=self.print_order
            ).action_produce_bills()
        selection._settle(
            self.bill_ids.filtered(lambda bill: bill.billing_stage == "production")
        ).action_produce_without_sending(
            note=self.note,
            sent_on=self.sent_on if self.is_delivered else None,
            method=self.method if self.is_delivered else None,
        )
        return {
            "type": "ir.actions.client",
            "tag": "soft_reload",
        }

    def action_produce_fine(self):
        """Produce the bills that nothing stands against, leave the others.

        :rtype: dict
        :raise BillStageError: if there are none
        """
        self.ensure_one()
        bills = self.env["legal.bulk.selection"]._settle(self.bill_ids)
        fine = bills.filtered(lambda bill: not bill._get_address_problem())
        if not fine:
            raise BillStageError(
                self.env._("None of these bills can be produced: mend the addresses.")
            )
        self.bill_ids = fine
        return self.action_produce()

    def action_test_send(self):
        """E-mail the first of these bills to the person who asks, with its PDF, and
        leave the bill as it is.

        :return: a notification
        :rtype: dict
        :raise BillStageError: if none of them is left
        """
        self.ensure_one()
        bill = self.env["legal.bulk.selection"]._settle(self.bill_ids[:1])
        me = bill._send_test_email()
        return notify(
            self.env._(
                "%(bill)s is on its way to %(address)s.",
                bill=bill._get_short_name(),
                address=me.email,
            ),
        )
