from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from .. import engine
from ..engine.decimals import to_decimal
from .account_move_line import BILL_ELEMENTS

ELEMENT_ORDER = [element for element, _label in BILL_ELEMENTS]


class AccountMove(models.Model):
    """What of each bill is paid and open, by element (rules C-11 and C-18)."""

    _inherit = "account.move"

    element_amounts = fields.Json(
        compute="_compute_element_amounts",
        help="Per element: name, gross amount and what is open of it.",
    )

    @api.depends(
        "amount_total", "amount_residual", "state", "payment_allocation_ids.state"
    )
    def _compute_element_amounts(self):
        labels = dict(
            self.env["account.move.line"]
            ._fields["bill_element"]
            ._description_selection(self.env)
        )
        bills = self._get_bills()
        gross = bills._get_element_gross()
        outstanding = bills._get_element_outstanding()
        for move in self:
            open_amounts = dict(outstanding.get(move.id, ()))
            move.element_amounts = [
                {
                    "element": element,
                    "label": labels[element],
                    "gross": float(amount),
                    "outstanding": float(open_amounts.get(element, 0)),
                }
                for element, amount in gross.get(move.id, ())
            ] or False

    def _get_element_gross(self):
        """Gross amount of each bill's elements, each with its own tax; they add up to
        the bill's total. Negative for credit notes.

        :return: ``{bill id: ((element, amount), …)}``
        :rtype: dict
        """
        bills = self.filtered("id")
        groups = (
            self.env["account.move.line"]
            .sudo()  # figures of bills that the caller may read
            ._read_group(
                [("move_id", "in", bills.ids), ("display_type", "=", "product")],
                ["move_id", "bill_element"],
                ["price_total:sum"],
            )
        )
        lines = defaultdict(list)
        for bill, element, amount in groups:
            lines[bill.id].append((element or "fees", to_decimal(amount)))
        result = {}
        for bill in bills:
            rows = sorted(lines[bill.id], key=lambda row: ELEMENT_ORDER.index(row[0]))
            elements = engine.gross_elements(
                rows or [("fees", to_decimal(bill.amount_total))],
                to_decimal(bill.amount_total),
                to_decimal(bill.currency_id.rounding),
            )
            if bill.move_type == "out_refund":
                elements = tuple((name, -amount) for name, amount in elements)
            result[bill.id] = elements
        return result

    def _get_element_outstanding(self):
        """What is open of each bill's elements; they add up to the residual.

        Payments of ours say what they paid, credit notes by their own lines; what was
        settled otherwise goes by the company's payment rule. Computed, never stored.

        :return: ``{bill id: ((element, amount), …)}``, negative for credit notes
        :rtype: dict
        """
        gross = self._get_element_gross()
        settlements = self._get_element_settlements()
        result = {}
        for company, bills in self.filtered("id").grouped("company_id").items():
            rule = self.env["legal.payment.rule"].sudo()._get_default_rule(company)
            order = rule._get_element_order()
            for bill in bills:
                sign = -1 if bill.move_type == "out_refund" else 1
                is_open = bill.state == "posted"
                result[bill.id] = engine.element_outstanding(
                    gross[bill.id],
                    to_decimal(
                        sign * (bill.amount_residual if is_open else bill.amount_total)
                    ),
                    settlements[bill.id] if is_open else (),
                    mode=rule.mode or "bill",
                    element_order=order,
                    rounding=to_decimal(bill.currency_id.rounding),
                )
        return result

    def _get_element_settlements(self):
        """What posted payments and credit notes took of these bills.

        :return: ``{bill id: [engine.Settlement, …]}``
        :rtype: dict
        """
        result = defaultdict(list)
        allocations = self.env["legal.payment.allocation"].sudo()  # figures only
        for row in allocations.search(
            [("bill_id", "in", self.ids), ("state", "=", "posted")]
        ):
            elements = tuple(
                (element, abs(to_decimal(amount)))
                for element, amount in row._get_elements().items()
            )
            result[row.bill_id.id].append(
                engine.Settlement(
                    sum(amount for _name, amount in elements),
                    elements,
                    row.payment_id.date,
                )
            )
        for bill_id, credit_note, amount in self._get_matched_credit_notes():
            bill = self.browse(bill_id)
            gross = credit_note._get_element_gross()[credit_note.id]
            amount = to_decimal(bill.currency_id.round(amount))
            weights = [abs(value) for _name, value in gross]
            if not sum(weights):
                continue
            parts = engine.largest_remainder(
                amount, weights, to_decimal(bill.currency_id.rounding)
            )
            result[bill_id].append(
                engine.Settlement(
                    amount,
                    tuple(
                        (name, part)
                        for (name, _value), part in zip(gross, parts, strict=True)
                    ),
                    credit_note.date,
                )
            )
        return result

    def _get_matched_credit_notes(self):
        """What credit notes took of these bills.

        :return: ``[(bill id, credit note, amount in the bill's currency), …]``
        :rtype: list
        """
        if not self.ids:
            return []
        self.env["account.partial.reconcile"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT bill_line.move_id, credit_note.id,
                       SUM(part.debit_amount_currency)
                  FROM account_partial_reconcile part
                  JOIN account_move_line bill_line ON bill_line.id = part.debit_move_id
                  JOIN account_move_line other ON other.id = part.credit_move_id
                  JOIN account_move credit_note ON credit_note.id = other.move_id
                 WHERE bill_line.move_id IN %s
                   AND credit_note.move_type = 'out_refund'
              GROUP BY bill_line.move_id, credit_note.id
              ORDER BY credit_note.id
                """,
                tuple(self.ids),
            )
        )
        notes = self.sudo().browse(row[1] for row in rows)
        return [
            (bill_id, notes.browse(note_id), amount)
            for bill_id, note_id, amount in rows
        ]
