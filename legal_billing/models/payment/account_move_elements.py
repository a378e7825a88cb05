from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ... import engine
from ...engine.decimals import to_decimal
from ..bill.account_move_line import BILL_ELEMENTS

ELEMENT_ORDER = [element for element, _label in BILL_ELEMENTS]


class AccountMove(models.Model):
    """What of each bill is paid and open, by element (rules C-11 and C-18)."""

    _inherit = "account.move"

    element_amounts = fields.Json(
        compute="_compute_element_amounts",
        help="Per element: name, gross amount and what is open of it.",
    )
    open_element = fields.Selection(
        BILL_ELEMENTS,
        store=False,
        search="_search_open_element",
        help="To search by: bills on which this element is not paid in full.",
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

    @api.model
    def _search_open_element(self, operator, value):
        """Of a bill on which nothing is paid every element is open, and of one that
        has but these elements one of them is; of the others, if they have one of these
        at all, it is worked out."""
        if operator != "in":
            return NotImplemented
        elements = set(value) & set(ELEMENT_ORDER)
        is_open = (
            Domain("state", "=", "posted")
            & Domain("move_type", "=", "out_invoice")
            & Domain("amount_residual", ">", 0)
        )
        untouched = Domain("payment_state", "=", "not_paid")
        # sudo: figures; the caller's own search sees the bills that he may read
        begun_sudo = self.sudo()._search(
            is_open
            & ~untouched
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain("matter_ids", "!=", False)
        )
        lines_sudo = self.env["account.move.line"].sudo()
        ids, mixed = [], self.sudo().browse()
        for bill, names in lines_sudo._read_group(
            Domain("move_id", "in", begun_sudo)
            & Domain("display_type", "=", "product"),
            ["move_id"],
            ["bill_element:array_agg_distinct"],
        ):
            found = {name or "fees" for name in names}
            if found <= elements:
                ids.append(bill.id)
            elif found & elements:
                mixed |= bill
        ids += [
            bill_id
            for bill_id, amounts in mixed._get_element_outstanding().items()
            if any(name in elements and amount > 0 for name, amount in amounts)
        ]
        return is_open & (
            untouched & Domain("invoice_line_ids.bill_element", "in", list(elements))
            | Domain("id", "in", ids)
        )

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

        Slips say what they paid, credit notes by their own lines; what was settled
        otherwise goes by the company's payment rule. Computed, never stored.

        :return: ``{bill id: ((element, amount), …)}``, negative for credit notes
        :rtype: dict
        """
        gross = self._get_element_gross()
        settlements = self._get_settlements()
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
                    [row.as_engine() for row in settlements[bill.id]]
                    if is_open
                    else (),
                    mode=rule.mode or "bill",
                    element_order=order,
                    rounding=to_decimal(bill.currency_id.rounding),
                )
        return result
