from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import (
    BILL_ELEMENTS,
    DEFAULT_ELEMENT,
    ELEMENT_ORDER,
    SECTIONS,
    get_section_elements,
)


@dataclass(frozen=True)
class BillSettlement:
    """What one entry settled of one bill, whoever made it.

    ``kind`` is as in ``legal.timekeeper.receipt``; ``elements`` is what the entry says
    about the bill's elements, empty where it says nothing.
    """

    move: models.Model
    date: date
    kind: str
    amount: Decimal
    elements: tuple = ()

    def split(self, discount):
        """An early payment discount, or a difference written off with the payment, was
        given up, not received.

        :param Decimal discount: in the amount, or None
        :return: this settlement, or what was received and what was given up
        :rtype: list
        """
        if not discount:
            return [self]
        return [
            replace(self, amount=self.amount - discount),
            replace(self, kind="write_off", amount=discount, elements=()),
        ]

    def as_engine(self):
        """This settlement for the engine, which knows no records: amount, elements and
        date.

        :rtype: engine.Settlement
        """
        return engine.Settlement(self.amount, self.elements, self.date)


class AccountMove(models.Model):
    """What settled each bill: slips, payments made outside, statement lines, credit
    notes, write-offs, entries by hand. Read from the matches, so nothing is missed."""

    _inherit = "account.move"

    # elements paid and open
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
    open_section = fields.Selection(
        SECTIONS,
        store=False,
        search="_search_open_section",
        help="To search by: bills on which an element of this section is not paid in "
        "full.",
    )

    def _get_settlements(self):
        """What settled these bills, oldest first; the amounts of one bill add up to its
        total less its residual.

        :return: ``{bill id: [BillSettlement, …]}``
        :rtype: dict
        """
        result = defaultdict(list)
        rows = self._get_settling_moves()
        moves = self.sudo().browse({move_id for _bill, move_id, _amount in rows})
        said = self._get_slip_elements(moves)
        given_up = self._get_slip_discounts(moves) | self._get_payment_write_offs(moves)
        notes = moves.filtered(lambda move: move.move_type == "out_refund")
        gross = notes._get_element_gross()
        for bill_id, move_id, amount in rows:
            bill = self.browse(bill_id).with_prefetch(self._prefetch_ids)
            move = moves.browse(move_id).with_prefetch(moves._prefetch_ids)
            currency = bill.currency_id
            amount = to_decimal(currency.round(amount))
            if not amount:
                continue
            elements = said.get((bill_id, move_id), ())
            if move in notes and not elements:
                elements = self._spread_credit_note(
                    amount, gross[move_id], to_decimal(currency.rounding)
                )
            settlement = BillSettlement(
                move=move,
                date=move.date,
                kind=move._get_settlement_kind(),
                amount=amount,
                elements=elements,
            )
            result[bill_id] += settlement.split(given_up.get((bill_id, move_id)))
        for settlements in result.values():
            settlements.sort(key=lambda row: (row.date, row.move.id))
        return result

    def _get_settling_moves(self):
        """
        :return: ``[(bill id, id of the other entry, amount in the bill's currency)]``
        :rtype: list
        """
        if not self.ids:
            return []
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model(["move_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT bill_id, move_id, SUM(amount)
                  FROM (SELECT bill_line.move_id AS bill_id, other.move_id,
                               part.debit_amount_currency AS amount
                          FROM account_partial_reconcile part
                          JOIN account_move_line bill_line
                               ON bill_line.id = part.debit_move_id
                          JOIN account_move_line other ON other.id = part.credit_move_id
                         WHERE bill_line.move_id IN %(bills)s
                         UNION ALL
                        SELECT bill_line.move_id, other.move_id,
                               part.credit_amount_currency
                          FROM account_partial_reconcile part
                          JOIN account_move_line bill_line
                               ON bill_line.id = part.credit_move_id
                          JOIN account_move_line other ON other.id = part.debit_move_id
                         WHERE bill_line.move_id IN %(bills)s) AS parts
              GROUP BY bill_id, move_id
                """,
                bills=tuple(self.ids),
            )
        )

    def _get_slip_elements(self, moves):
        """What slips say about the elements of these bills.

        :param account.move moves: that settled them
        :return: ``{(bill id, move id): ((element, amount), …)}``
        :rtype: dict
        """
        slips = moves.legal_payment_id
        result = defaultdict(tuple)
        rows = self.env["legal.payment.allocation"].sudo()  # figures only
        for row in rows.search(
            [
                ("bill_id", "in", self.ids),
                ("payment_id", "in", slips.ids),
                ("kind", "!=", "credit"),
            ]
        ):
            slip = row.payment_id
            is_write_off = row.kind == "write_off"
            move = slip.write_off_move_id if is_write_off else slip.move_id
            result[row.bill_id.id, move.id] += tuple(
                (element, abs(to_decimal(amount)))
                for element, amount in row._get_elements().items()
            )
        return result

    def _get_slip_discounts(self, moves):
        """Early payment discounts that slips gave on these bills.

        :param account.move moves: that settled them
        :return: ``{(bill id, move id): amount}``
        :rtype: dict
        """
        rows = self.env["legal.payment.allocation"].sudo()  # figures only
        return {
            (row.bill_id.id, row.payment_id.move_id.id): to_decimal(row.final_discount)
            for row in rows.search(
                [
                    ("bill_id", "in", self.ids),
                    ("payment_id", "in", moves.legal_payment_id.ids),
                    ("final_discount", "!=", 0),
                ]
            )
        }

    def _get_payment_write_offs(self, moves):
        """What Odoo's own Pay button wrote off with a payment of these bills: an early
        payment discount, or a difference.

        :param account.move moves: that settled them
        :return: ``{(bill id, move id): amount}``
        :rtype: dict
        """
        payments = moves.filtered(lambda m: not m.legal_payment_id).origin_payment_id
        # what the loop reads of each payment's matches, for all of them
        lines = payments.move_id.line_ids
        settled = lines.matched_debit_ids.debit_move_id
        settled |= lines.matched_credit_ids.credit_move_id
        settled.fetch(
            [
                "amount_currency",
                "currency_id",
                "discount_amount_currency",
                "discount_date",
                "move_id",
            ]
        )
        return {
            (bill.id, payment.move_id.id): amount
            for payment in payments
            for bill, amount in payment._get_write_off_shares().items()
            if amount
        }

    @staticmethod
    def _spread_credit_note(amount, gross, rounding):
        """What a credit note took of each element: by its own lines.

        :rtype: tuple
        """
        weights = [abs(value) for _name, value in gross]
        if not sum(weights):
            return ()
        parts = engine.largest_remainder(amount, weights, rounding)
        return tuple(
            (name, part) for (name, _value), part in zip(gross, parts, strict=True)
        )

    def _get_settlement_kind(self):
        """What this entry is to the bill that it settled.

        :rtype: str
        """
        self.ensure_one()
        if self.move_type in ("out_refund", "out_invoice"):
            return "credit_note"
        slip = self.legal_payment_id
        if slip:
            return "write_off" if slip.write_off_move_id == self else "received"
        return "received" if self._is_receipt_of_money() else "entry"

    def _is_receipt_of_money(self):
        return bool(
            self.origin_payment_id
            or self.statement_line_id
            or self.journal_id.type in ("bank", "cash", "credit")
        )

    # --- elements paid and open

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
        several = bills.filtered(lambda bill: len(bill.matter_ids) > 1)
        parts = several._get_matter_amounts(outstanding)
        for move in self:
            if move in several:
                move.element_amounts = [
                    {
                        "element": element,
                        "matter_id": matter.id,
                        "label": f"{matter.matter_number or matter.name or '–'}: "
                        f"{labels[element]}",
                        "gross": float(amount),
                        "outstanding": float(left),
                    }
                    for matter, element, amount, left in parts[move.id]
                ] or False
                continue
            open_amounts = dict(outstanding.get(move.id, ()))
            move.element_amounts = [
                {
                    "element": element,
                    "matter_id": move.matter_id.id,
                    "label": labels[element],
                    "gross": float(amount),
                    "outstanding": float(open_amounts.get(element, 0)),
                }
                for element, amount in gross.get(move.id, ())
            ] or False

    def _get_matter_amounts(self, outstanding):
        """What each matter has of bills over several, by element; of each element the
        matters add up to the bill's.

        :param dict outstanding: of the elements, as `_get_element_outstanding` gives it
        :return: ``{bill id: [(matter, element, gross, open)]}``, the matters in the order
            of their numbers
        :rtype: dict
        """
        if not self:
            return {}
        gross = self._get_matter_gross()
        settlements = self._get_settlements()
        notes = self.env["account.move"].union(
            *(
                row.move
                for rows in settlements.values()
                for row in rows
                if row.move.move_type == "out_refund"
            )
        )
        of_notes = notes._get_matter_gross()
        result = {}
        for bill in self:
            rounding = to_decimal(bill.currency_id.rounding)
            credited = defaultdict(list)
            for row in settlements[bill.id]:
                weights = of_notes.get(row.move.id)
                if row.kind != "credit_note" or not weights:
                    continue
                shares = engine.largest_remainder(
                    row.amount, [abs(part) for _key, part in weights], rounding
                )
                for ((element, matter), _part), share in zip(
                    weights, shares, strict=True
                ):
                    credited[element].append((matter, share))
            by_element = defaultdict(list)
            for (element, matter), amount in gross[bill.id]:
                by_element[element].append((matter, amount))
            left = {}
            for element, amount in outstanding.get(bill.id, ()):
                for matter, part in engine.spread_over_matters(
                    by_element[element], amount, credited[element], rounding
                ):
                    left[element, matter] = part
            result[bill.id] = sorted(
                (
                    (matter, element, amount, left.get((element, matter), 0))
                    for (element, matter), amount in gross[bill.id]
                ),
                key=lambda row: (row[0].matter_number or "", row[0].id),
            )
        return result

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
            found = {name or DEFAULT_ELEMENT for name in names}
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

    @api.model
    def _search_open_section(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_open_element(operator, get_section_elements(*value))

    def _get_element_gross(self):
        """Gross amount of each bill's elements, each with its own tax; they add up to
        the bill's total. Negative for credit notes.

        :return: ``{bill id: ((element, amount), …)}``
        :rtype: dict
        """
        result = {}
        for bill_id, parts in self._get_matter_gross().items():
            elements = {}
            for (element, _matter), amount in parts:
                elements[element] = elements.get(element, 0) + amount
            result[bill_id] = tuple(elements.items())
        return result

    def _get_matter_gross(self):
        """Gross amount of each matter's elements of these bills, each with its own tax;
        they add up to the bill's total (C-11, C-31). Negative for credit notes. A bill of
        one matter has it for all that its lines are of.

        :return: ``{bill id: (((element, matter), amount), …)}``
        :rtype: dict
        """
        bills = self.filtered("id")
        groups = (
            self.env["account.move.line"]
            .sudo()  # figures of bills that the caller may read
            ._read_group(
                [("move_id", "in", bills.ids), ("display_type", "=", "product")],
                ["move_id", "bill_element", "matter_id"],
                ["price_total:sum"],
            )
        )
        lines = defaultdict(list)
        for bill, element, matter, amount in groups:
            lines[bill.id].append(
                ((element or DEFAULT_ELEMENT, matter), to_decimal(amount))
            )
        result = {}
        for bill in bills:
            matters = bill.sudo().matter_ids
            if len(matters) > 1:
                rows = sorted(
                    lines[bill.id],
                    key=lambda row: (
                        ELEMENT_ORDER.index(row[0][0]),
                        row[0][1].matter_number or "",
                        row[0][1].id or 0,
                    ),
                )
            else:
                rows = sorted(
                    (
                        ((name, matters), amount)
                        for (name, _m), amount in lines[bill.id]
                    ),
                    key=lambda row: ELEMENT_ORDER.index(row[0][0]),
                )
            elements = engine.gross_elements(
                rows
                or [((DEFAULT_ELEMENT, matters[:1]), to_decimal(bill.amount_total))],
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
