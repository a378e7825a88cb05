from odoo import api, fields, models
from odoo.fields import Domain

from ...exceptions import WriteOffError
from ...tools import Obstacles, open_window


class AccountMove(models.Model):
    """Bills whose balance the firm gives up."""

    _inherit = "account.move"

    legal_write_off_id = fields.Many2one(
        "legal.bill.write.off",
        string="Write-off",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The write-off that posted this entry or credit note.",
    )
    write_off_ids = fields.One2many(
        "legal.bill.write.off", "bill_id", string="Write-offs", copy=False
    )
    written_off_amount = fields.Monetary(
        string="Written off", compute="_compute_written_off_amount"
    )

    @api.depends("write_off_ids.state", "write_off_ids.amount")
    def _compute_written_off_amount(self):
        sums = dict(
            self.env["legal.bill.write.off"]
            .sudo()  # a figure of bills that the caller may read
            ._read_group(
                [("bill_id", "in", self.ids), ("state", "=", "posted")],
                ["bill_id"],
                ["amount:sum"],
            )
        )
        by_id = {bill.id: amount for bill, amount in sums.items()}
        for move in self:
            move.written_off_amount = by_id.get(move.id, 0.0)

    def _may_bring_costs(self):
        """What is given up of a bill is no cost of its client."""
        return super()._may_bring_costs() and not self.legal_write_off_id

    # --- actions

    def action_open_write_off(self):
        """Ask how much of the ticked bills is written off, why and with which tax.

        :return: the window
        :rtype: dict
        :raise RoleError: without the approver's role
        :raise WriteOffError: if none of them has a balance
        """
        self._check_role("approver", "manager")
        bills = self.env["legal.bulk.selection"]._select(self)
        return bills._open_write_off()

    def _open_write_off(self):
        open_bills = self.filtered_domain(self._get_balance_domain())
        if not open_bills:
            raise WriteOffError(
                self.env._("None of these bills has a balance that is written off.")
            )
        window = self.env["legal.bill.write.off.make"].create(
            {
                "company_id": open_bills[:1].company_id.id,
                "line_ids": [
                    fields.Command.create(
                        {"bill_id": bill.id, "amount": bill.amount_residual}
                    )
                    for bill in open_bills.sorted(
                        lambda bill: (bill.invoice_date_due or bill.date, bill.id)
                    )
                    if bill.company_id == open_bills[:1].company_id
                ],
            }
        )
        return open_window(window, self.env._("Write off"))

    @api.model
    def _get_statement_domain(self):
        """Open bills and credit notes.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("matter_ids", "!=", False)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "=", "posted")
            & Domain("amount_residual", "!=", 0)
        )

    def action_open_statement(self):
        """Statements of the payers of the ticked bills, else of all of the filter.

        :return: the window
        :rtype: dict
        """
        self._check_role("biller", "approver", "cashier", "manager")
        bills = self.env["legal.bulk.selection"]._select(self)
        return self.env["legal.statement"]._open(
            bills.filtered_domain(self._get_statement_domain())
        )

    # --- helpers

    def _get_slip_elements(self, moves):
        """Write-offs by a plain entry say which elements they took; credit notes do
        so by their lines."""
        result = super()._get_slip_elements(moves)
        for row in moves.legal_write_off_id:
            if row.treatment != "credit_note" and row.bill_id in self:
                result[row.bill_id.id, row.move_id.id] = row._get_elements()
        return result

    def _get_settlement_kind(self):
        """A credit note or entry of a write-off is money given up, whatever its type;
        the room below would take the credit note for one."""
        if self.legal_write_off_id:
            return "write_off"
        return super()._get_settlement_kind()

    def _compute_payment_state(self):
        """A bill that was given up as a whole, by credit notes and entries, was not
        paid: core calls it *paid* when an entry closed it."""
        super()._compute_payment_state()
        closed = self._get_bills().filtered(
            lambda bill: (
                bill.move_type == "out_invoice" and bill.payment_state == "paid"
            )
        )
        given_up = closed._get_given_up_by_entry()
        if not given_up:
            return
        credited = closed._get_credited_amounts()
        for bill in closed:
            if bill.id in given_up and not bill.currency_id.compare_amounts(
                given_up[bill.id] + credited.get(bill.id, 0.0), bill.amount_total
            ):
                bill.payment_state = "reversed"

    def _get_given_up_by_entry(self):
        """
        :return: ``{bill id: amount}`` of standing write-offs without a credit note
        :rtype: dict
        """
        rows = self.env["legal.bill.write.off"].sudo()  # figures only
        groups = rows._read_group(
            [
                ("bill_id", "in", self.ids),
                ("state", "=", "posted"),
                ("treatment", "!=", "credit_note"),
            ],
            ["bill_id"],
            ["amount:sum"],
        )
        return {bill.id: amount for bill, amount in groups}

    # --- guards

    def _get_obstacles(self, event):
        """What a write-off posted is taken back on the bill, never changed or deleted
        behind its back."""
        obstacles = super()._get_obstacles(event)
        if event == "approve" or self._is_internal():
            return obstacles
        mine = self.filtered("legal_write_off_id")
        return (
            Obstacles().add(
                mine,
                self.env._(
                    "%(entries)s: posted by the write-off of %(bills)s. Take the "
                    "write-off back on the bill instead.",
                    entries=", ".join(mine.mapped("display_name")),
                    bills=", ".join(
                        mine.legal_write_off_id.bill_id.mapped("display_name")
                    ),
                ),
                WriteOffError,
            )
            | obstacles
        )
