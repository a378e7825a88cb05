from odoo import api, fields, models
from odoo.fields import Command

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import PaymentError
from ...tools import open_window


class LegalPaymentCombination(models.TransientModel):
    """Bills of the slip that make the amount exactly (rule C-21)."""

    _name = "legal.payment.combination"
    _inherit = ["legal.window.guard"]
    _description = "Find Combination"

    payment_id = fields.Many2one("legal.payment", required=True)
    line_ids = fields.One2many("legal.payment.combination.line", "combination_id")
    message = fields.Char(readonly=True)

    @api.model
    def _find(self, payment):
        """Search and show.

        :param legal.payment payment:
        :return: the window
        :rtype: dict
        :raise PaymentError: without an amount or bills
        """
        rows = payment.allocation_ids.filtered(
            lambda row: row.kind == "bill" and row.payable_amount > 0
        )
        if not rows or not payment.amount:
            raise PaymentError(
                self.env._("Type the amount and add the bills first, then search.")
            )
        result = engine.apportion(
            to_decimal(payment.amount),
            payment._get_engine_bills(rows),
            payment._get_engine_rule(match_exact_first=True),
            today=payment.date,
        )
        if result.exact:
            solutions = (tuple(row.bill_id for row in result.allocations),)
        else:
            solutions = result.solutions
        wizard = self.create(
            {
                "payment_id": payment.id,
                "message": self._get_message(len(rows), result, solutions),
                "line_ids": [
                    Command.create({"bill_ids": [Command.set(solution)]})
                    for solution in solutions
                ],
            }
        )
        return open_window(wizard, self.env._("Combinations that make the amount"))

    def _get_message(self, count, result, solutions):
        if not solutions:
            if count > 25:
                return self.env._(
                    "No simple match. With more than 25 bills combinations are looked "
                    "for among the 25 oldest only."
                )
            return self.env._("No combination of these bills makes the amount.")
        if result.solution_count > len(solutions):
            return self.env._(
                "%(count)s combinations make the amount; the first %(shown)s:",
                count=result.solution_count,
                shown=len(solutions),
            )
        return self.env._("Choose which bills the payer means.")


class LegalPaymentCombinationLine(models.TransientModel):
    _name = "legal.payment.combination.line"
    _description = "Combination of Bills"

    combination_id = fields.Many2one(
        "legal.payment.combination", required=True, ondelete="cascade"
    )
    bill_ids = fields.Many2many("account.move")
    bill_numbers = fields.Char(string="Bills", compute="_compute_bill_numbers")

    @api.depends("bill_ids")
    def _compute_bill_numbers(self):
        for line in self:
            rows = line.combination_id.payment_id.allocation_ids
            line.bill_numbers = " + ".join(
                f"{row.bill_id.name} ({row.currency_id.format(row.payable_amount)})"
                for row in rows
                if row.bill_id in line.bill_ids and row.kind == "bill"
            )

    def action_use(self):
        """Pay exactly these bills.

        :rtype: dict
        """
        self.ensure_one()
        payment = self.combination_id.payment_id
        payment._check_cashier("client_account_officer")
        payment.action_clear()
        for row in payment.allocation_ids.filtered(lambda r: r.kind == "bill"):
            if row.bill_id in self.bill_ids:
                row.amount = row.payable_amount
            else:
                row.is_selected = False
        payment._note_applied()
        return {"type": "ir.actions.act_window_close"}
