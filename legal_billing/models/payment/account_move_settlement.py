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
    about the bill's elements, empty where it says nothing. ``matter`` is whose money it
    is, of a bill over several matters; None: it pays all.
    """

    move: models.Model
    date: date
    kind: str
    amount: Decimal
    elements: tuple = ()
    matter: models.Model | None = None

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
        """This settlement for the engine: amount, elements, date and matter.

        :rtype: engine.Settlement
        """
        return engine.Settlement(self.amount, self.elements, self.date, self.matter)


class AccountMove(models.Model):
    """What settled each bill: slips, payments made outside, statement lines, credit
    notes, write-offs, entries by hand. Read from the matches, so nothing is missed."""

    _inherit = "account.move"

    # elements paid and open
    element_amounts = fields.Json(
        compute="_compute_element_amounts",
        help="Per element: name, gross amount and what is open of it.",
        string="Element amounts",
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

    # parts of bills over several matters
    matter_parts = fields.Json(
        compute="_compute_matter_parts",
        store=True,
        copy=False,
        help="Of an approved bill over several matters: gross amount of each, by the "
        "matter's number in the database, which holds client money to it.",
    )

    def _get_settlements(self):
        """What settled these bills, oldest first; of bills over several matters in the
        order in which it was matched, apart for each matter. The amounts of one bill add
        up to its total less its residual.

        :return: ``{bill id: [BillSettlement, …]}``
        :rtype: dict
        """
        result = defaultdict(list)
        rows = self._get_settling_moves()
        moves = self.sudo().browse({row[1] for row in rows})
        said = self._get_slip_elements(moves)
        given_up = self._get_slip_discounts(moves) | self._get_payment_write_offs(moves)
        notes = moves.filtered(lambda move: move.move_type == "out_refund")
        parts = notes._get_matter_gross()
        several = self._get_bills_of_several()
        for bill_id, move_id, matter_id, amount in rows:
            bill = self.browse(bill_id).with_prefetch(self._prefetch_ids)
            move = moves.browse(move_id).with_prefetch(moves._prefetch_ids)
            currency = bill.currency_id
            amount = to_decimal(currency.round(amount))
            if not amount:
                continue
            elements = said.get((bill_id, move_id), ())
            if bill in several and (
                move in notes or sum(part for _name, part in elements) > amount
            ):
                elements = ()  # it says more itself, or of another item of the entry
            settlement = BillSettlement(
                move=move,
                date=move.date,
                kind=move._get_settlement_kind(),
                amount=amount,
                elements=elements,
                matter=self.env["project.project"].sudo().browse(matter_id)
                if matter_id and bill in several
                else None,
            )
            if move in notes and not elements:
                result[bill_id] += self._split_credit_note(
                    settlement,
                    parts[move_id],
                    to_decimal(currency.rounding),
                    by_matter=bill in several,
                )
            else:
                result[bill_id] += settlement.split(given_up.get((bill_id, move_id)))
        for bill_id in result.keys() - set(several.ids):
            result[bill_id].sort(key=lambda row: (row.date, row.move.id))
        return result

    def _get_settling_moves(self):
        """What these bills are matched with, in the order of matching; whose money an
        entry is told for bills over several matters alone.

        :return: ``[(bill id, id of the other entry, matter id or None, amount in the
            bill's currency)]``
        :rtype: list
        """
        if not self.ids:
            return []
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model(["matter_id", "move_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT bill_id, move_id, matter_id, SUM(amount)
                  FROM (SELECT bill_line.move_id AS bill_id, other.move_id,
                               part.debit_amount_currency AS amount, part.id,
                               CASE WHEN bill_line.move_id IN %(several)s
                                    THEN other.matter_id END AS matter_id
                          FROM account_partial_reconcile part
                          JOIN account_move_line bill_line
                               ON bill_line.id = part.debit_move_id
                          JOIN account_move_line other ON other.id = part.credit_move_id
                         WHERE bill_line.move_id IN %(bills)s
                         UNION ALL
                        SELECT bill_line.move_id, other.move_id,
                               part.credit_amount_currency, part.id,
                               CASE WHEN bill_line.move_id IN %(several)s
                                    THEN other.matter_id END
                          FROM account_partial_reconcile part
                          JOIN account_move_line bill_line
                               ON bill_line.id = part.credit_move_id
                          JOIN account_move_line other ON other.id = part.debit_move_id
                         WHERE bill_line.move_id IN %(bills)s) AS parts
              GROUP BY bill_id, move_id, matter_id
              ORDER BY MIN(id)
                """,
                bills=tuple(self.ids),
                several=tuple(self._get_bills_of_several().ids) or (0,),
            )
        )

    def _get_bills_of_several(self):
        """Those of these bills that are over several matters.

        :rtype: account.move
        """
        return self.filtered(
            lambda bill: (
                bill.id and not bill.matter_id and len(bill.sudo().matter_ids) > 1
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
    def _split_credit_note(settlement, parts, rounding, by_matter):
        """What a credit note took of each element, and matter: by its own lines.

        :param BillSettlement settlement: all that it took
        :param tuple parts: of the note, see `_get_matter_gross`
        :param bool by_matter: whether the bill is over several matters
        :return: settlements
        :rtype: list
        """
        weights = [abs(value) for _key, value in parts]
        if not sum(weights):
            return [settlement]
        shares = engine.largest_remainder(settlement.amount, weights, rounding)
        found = defaultdict(dict)
        for ((element, matter), _value), share in zip(parts, shares, strict=True):
            elements = found[matter if by_matter and matter else None]
            elements[element] = elements.get(element, 0) + share
        return [
            replace(
                settlement,
                amount=sum(elements.values()),
                elements=tuple(elements.items()),
                matter=matter,
            )
            for matter, elements in found.items()
        ]

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

    # --- bills that name their payers

    def _get_settled_shares(self):
        """Who paid is read from what settled the bill, whichever window did it: the
        slip's payer, else whom the bank statement or Odoo's payment names. Credit notes
        lower all shares."""
        result = super()._get_settled_shares()
        bills = self.filtered(lambda bill: bill.is_shared and bill.state == "posted")
        settlements = bills._get_settlements() if bills else {}
        for bill in bills:
            shares = bill.payer_share_ids.sorted(lambda row: (row.sequence, row.id))
            order = shares.ids
            credited, paid = to_decimal(0), []
            for row in settlements.get(bill.id, ()):
                if row.kind == "credit_note":
                    credited += row.amount
                    continue
                own = shares._get_of(row.move._get_settling_payer())
                paid.append((order.index(own[0].id) if own else None, row.amount))
            settled = engine.settle_shares(
                [to_decimal(share.shared_amount) for share in shares],
                credited,
                paid,
                rounding=to_decimal(bill.currency_id.rounding),
            )
            result |= dict(zip(order, settled, strict=True))
        return result

    def _get_settling_payer(self):
        """Whose money this entry, which settled something, is.

        :rtype: res.partner
        """
        self.ensure_one()
        slip = self.legal_payment_id
        if slip:
            return slip._get_share_payer()
        return self.statement_line_id.partner_id or self.origin_payment_id.partner_id

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
        gross = bills._get_matter_gross()
        several = bills._get_bills_of_several()
        parts = several._get_part_outstanding()
        outstanding = (bills - several)._get_element_outstanding()
        for move in self:
            rows = gross.get(move.id, ())
            if move in several:
                left = dict(parts[move.id])
                move.element_amounts = [
                    {
                        "element": element,
                        "matter_id": matter.id,
                        "label": f"{matter.matter_number or matter.name or '–'}: "
                        f"{labels[element]}",
                        "gross": float(amount),
                        "outstanding": float(left[element, matter]),
                    }
                    for (element, matter), amount in sorted(
                        rows,
                        key=lambda row: (
                            row[0][1].matter_number or "",
                            row[0][1].id or 0,
                        ),
                    )
                ] or False
                continue
            left = dict(outstanding.get(move.id, ()))
            move.element_amounts = [
                {
                    "element": element,
                    "matter_id": move.matter_id.id,
                    "label": labels[element],
                    "gross": float(amount),
                    "outstanding": float(left.get(element, 0)),
                }
                for element, amount in self._sum_elements(rows)
            ] or False

    # --- parts of bills over several matters

    @api.model
    def _protected_fields(self):
        """Besides: the parts of the matters, which follow from the lines."""
        return super()._protected_fields() | {"matter_parts"}

    @api.depends("state")
    def _compute_matter_parts(self):
        posted = self.filtered(lambda move: move.state == "posted")
        several = posted._get_bills_of_several()
        gross = several._get_matter_gross()
        for move in self:
            parts = self._sum_matters(gross[move.id]) if move in several else {}
            move.matter_parts = {
                str(matter.id): float(amount) for matter, amount in parts.items()
            } or False

    def _get_part_outstanding(self):
        """What is open of each matter's elements of bills over several; they add up to
        the residual (C-32).

        Money and credit notes of one matter took of its own part; whatever else settled
        the bill is spread over all. Computed, never stored.

        :return: ``{bill id: (((element, matter), amount), …)}``, negative for credit
            notes
        :rtype: dict
        """
        result = {}
        if not self:
            return result
        gross = self._get_matter_gross()
        for bill, settlements, options in self._get_settled_by_rule():
            result[bill.id] = engine.part_outstanding(
                gross[bill.id], bill._get_open_decimal(), settlements, **options
            )
        return result

    def _get_open_of_matters(self):
        """Each matter's elements, less what was paid of them."""
        several = self._get_bills_of_several()
        return super()._get_open_of_matters() | {
            bill_id: self._sum_matters(parts)
            for bill_id, parts in several._get_part_outstanding().items()
        }

    @api.model
    def _sum_matters(self, parts):
        """
        :param tuple parts: amounts by element and matter
        :rtype: dict
        """
        result = {}
        for (_element, matter), amount in parts:
            result[matter] = result.get(matter, 0) + amount
        return result

    @api.model
    def _sum_elements(self, parts):
        """
        :param tuple parts: amounts by element and matter
        :rtype: tuple
        """
        result = {}
        for (element, _matter), amount in parts:
            result[element] = result.get(element, 0) + amount
        return tuple(result.items())

    def _get_payable_of(self, matters, any_share=False):
        """What money of these matters may pay of these bills: what is open and not
        disputed, of a bill over several matters up to the matter's own part (C-32).

        :param project.project matters:
        :param bool any_share: of bills that name their payers, not the client's alone
        :return: ``{(bill id, matter id): amount}``, where there is any
        :rtype: dict
        """
        parts = self._get_open_of_matters()
        self._read_shares()
        result = {}
        for bill in self:
            free = max(0.0, bill.amount_residual - bill.disputed_amount)
            if not any_share:
                free = bill._get_payable_by_client()
            own = bill.sudo().matter_ids & matters
            for matter in own:
                part = (
                    float(parts[bill.id].get(matter, 0)) if bill.id in parts else free
                )
                amount = bill.currency_id.round(min(free, part))
                if amount > 0:
                    result[bill.id, matter.id] = amount
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
        return {
            bill_id: self._sum_elements(parts)
            for bill_id, parts in self._get_matter_gross().items()
        }

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
        several = self.filtered("id")._get_bills_of_several()
        result = {
            bill_id: self._sum_elements(parts)
            for bill_id, parts in several._get_part_outstanding().items()
        }
        plain = self.filtered("id") - several
        gross = plain._get_element_gross()
        for bill, settlements, options in plain._get_settled_by_rule():
            result[bill.id] = engine.element_outstanding(
                gross[bill.id], bill._get_open_decimal(), settlements, **options
            )
        return result

    def _get_open_decimal(self):
        """What is open of this bill, all of it before it is approved; negative of a
        credit note.

        :rtype: Decimal
        """
        sign = -1 if self.move_type == "out_refund" else 1
        return to_decimal(
            sign
            * (self.amount_residual if self.state == "posted" else self.amount_total)
        )

    def _get_settled_by_rule(self):
        """What settled each of these bills, for the engine, and the company's rule for
        what says nothing of elements.

        :return: ``(bill, [engine.Settlement, …], options)``
        """
        settlements = self._get_settlements()
        for company, bills in self.filtered("id").grouped("company_id").items():
            rule = self.env["legal.payment.rule"].sudo()._get_default_rule(company)
            order = rule._get_element_order()
            for bill in bills:
                yield (
                    bill,
                    [row.as_engine() for row in settlements[bill.id]]
                    if bill.state == "posted"
                    else [],
                    {
                        "mode": rule.mode or "bill",
                        "element_order": order,
                        "rounding": to_decimal(bill.currency_id.rounding),
                    },
                )
