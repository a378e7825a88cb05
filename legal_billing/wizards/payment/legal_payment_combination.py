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
        solutions, is_discounted = self._get_solutions(result), False
        discounts = payment._get_row_discounts(rows)
        if not solutions and discounts:  # the payer took his early discounts
            result = payment._get_apportionment(
                rows,
                payment.amount,
                settling={
                    row.bill_id.id: to_decimal(
                        row.payable_amount - discounts.get(row, 0.0)
                    )
                    for row in rows
                },
                match_exact_first=True,
            )
            solutions, is_discounted = self._get_solutions(result), True
        wizard = self.create(
            {
                "payment_id": payment.id,
                "message": self._get_message(len(rows), result, solutions),
                "line_ids": [
                    Command.create(
                        {
                            "bill_ids": [Command.set(solution)],
                            "is_discounted": is_discounted,
                        }
                    )
                    for solution in solutions
                ],
            }
        )
        return open_window(wizard, self.env._("Combinations that make the amount"))

    @api.model
    def _get_solutions(self, result):
        if result.exact:
            return (tuple(row.bill_id for row in result.allocations),)
        return result.solutions

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
    is_discounted = fields.Boolean(help="Each bill is paid less its early discount.")
    bill_numbers = fields.Char(string="Bills", compute="_compute_bill_numbers")

    @api.depends("bill_ids", "is_discounted")
    def _compute_bill_numbers(self):
        for line in self:
            rows = line.combination_id.payment_id.allocation_ids
            line.bill_numbers = " + ".join(
                f"{row.bill_id.name} ({row.currency_id.format_signed(line._get_amount(row))})"
                for row in rows
                if row.bill_id in line.bill_ids and row.kind == "bill"
            )

    def _get_amount(self, row):
        """What a row gets.

        :rtype: float
        """
        discount = row._get_early_discount() if self.is_discounted else 0.0
        return row.currency_id.round(row.payable_amount - discount)

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
                row.amount = self._get_amount(row)
            else:
                row.is_selected = False
        payment._note_applied()
        return {"type": "ir.actions.act_window_close"}
