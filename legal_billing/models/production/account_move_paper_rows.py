import re
import textwrap

from odoo import models

from ... import engine
from ...engine.decimals import to_decimal

#: Longest part of a narrative in one row, in characters.
PIECE_LENGTH = 600
#: Characters that no paper can show and some renderers stumble over; tab and new line
#: stay. The second range are the lone halves of characters.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class AccountMove(models.Model):
    """What a bill says on paper, as plain values for the templates.

    Every figure printed adds up: the rows of the itemised list to their subtotal, the
    subtotals and the lines below them to the net, net and tax to the total. Where a
    bill's fees differ from the standard value of its entries, the rows show

    * the *standard* amounts, when the difference is a line of its own (discount, shown
      adjustment);
    * the amounts *billed*, when the difference is hidden in the entries and there is no
      discount line;
    * else the fee line spread over the standard values by largest remainder, which is
      what the pricing did before it took the discount off (rule C-3).

    With an instalment the work it covers is listed without amounts: the instalment is
    the price.
    """

    _inherit = "account.move"

    # --- the itemised list

    def _get_itemised_rows(self):
        """The rows of the bill's entries that are printed, oldest first.

        From the entries, or from what was kept of them when they went back to WIP.
        Entries to hide are left out, no-charge entries have the amount 0.

        :return: dicts with ``kind`` (``time``, ``disbursement``), ``date``,
            ``timekeeper``, ``grade``, ``narrative``, ``quantity``, ``rate``,
            ``behavior``, ``exempt``, ``matter``, ``amount`` (``None``: covered by an
            instalment)
        :rtype: list
        """
        self.ensure_one()
        self.check_access("read")
        bill_sudo = self.sudo()  # names of timekeepers, whoever may print the bill
        holder_sudo = self._get_split_heads().sudo()
        if holder_sudo.wip_line_ids:
            rows = [
                bill_sudo._prepare_row(entry)
                for entry in holder_sudo.wip_line_ids.sorted(lambda e: (e.date, e.id))
                if entry.bill_behavior != "hide"
            ]
        else:
            rows = [
                bill_sudo._prepare_snapshot_row(values)
                for values in holder_sudo.entries_snapshot or []
                if values["behavior"] != "hide"
            ]
        for kind in ("time", "disbursement"):
            bill_sudo._price_rows([row for row in rows if row["kind"] == kind], kind)
        return rows

    def _prepare_row(self, entry):
        """What the paper says of an entry, before its amount.

        :param account.analytic.line entry:
        :rtype: dict
        """
        company = self.company_id
        product = entry.product_id or company.legal_disbursement_product_id
        grades = dict(
            entry.employee_id._fields["legal_grade"]._description_selection(self.env)
        )
        return {
            "kind": entry.wip_type,
            "date": entry.date,
            "timekeeper": entry.employee_id.name or entry.user_id.name or "",
            "grade": grades.get(entry.employee_id.legal_grade, ""),
            **self._split_text(entry.bill_narrative or entry.name),
            "product": product.display_name or "",
            "quantity": entry.bill_quantity,
            "rate": entry.bill_rate if entry.wip_currency_id == self.currency_id else 0,
            "behavior": entry.bill_behavior or "bill",
            "exempt": entry.wip_type == "disbursement" and product._is_exempt(company),
            "matter": entry.matter_id.display_name or "",
            "standard": entry.wip_amount,
            "billed": entry.billed_amount,
        }

    def _prepare_snapshot_row(self, values):
        """What the paper says of an entry that went back to WIP, before its amount.

        :param dict values: of ``entries_snapshot``
        :rtype: dict
        """
        grades = dict(
            self.env["hr.employee"]
            ._fields["legal_grade"]
            ._description_selection(self.env)
        )
        return {
            "kind": values["wip_type"],
            "date": self._fields["date"].to_date(values["date"]),
            "timekeeper": values["timekeeper"],
            "grade": grades.get(values.get("grade"), ""),
            **self._split_text(values["narrative"]),
            "product": values["product"],
            "quantity": values["quantity"],
            "rate": values["rate"],
            "behavior": values["behavior"] or "bill",
            "exempt": values.get("exempt", False),
            "matter": values.get("matter", ""),
            "standard": values["standard"],
            "billed": values["amount"],
        }

    def _clean_text(self, text):
        """Text without characters that cannot be printed.

        :rtype: str
        """
        return UNPRINTABLE.sub("", (text or "").replace("\r\n", "\n").strip())

    def _split_text(self, text):
        """A narrative in pieces that fit on a page: a row of the list is never split,
        and could otherwise be taller than the paper.

        :return: ``narrative``, the first piece, and ``more``, the others
        :rtype: dict
        """
        pieces = [""]
        for line in self._clean_text(text).split("\n"):
            parts = textwrap.wrap(line, PIECE_LENGTH, drop_whitespace=False) or [""]
            for number, part in enumerate(parts):
                full = len(pieces[-1]) + len(part) > PIECE_LENGTH
                if full or pieces[-1].count("\n") > PIECE_LENGTH // 40:
                    pieces.append(part)
                elif number or not pieces[-1]:
                    pieces[-1] += part
                else:
                    pieces[-1] += "\n" + part
        return {"narrative": pieces[0], "more": pieces[1:]}

    def _price_rows(self, rows, kind):
        """Give rows their amounts, so that they add up to the lines they stand for.

        :param list rows: of one kind, changed in place
        :param str kind: ``time`` or ``disbursement``
        """
        lines = self._get_carrier_lines(kind)
        covered = not lines and any(
            line.legal_line_kind in ("instalment", "subscription")
            for line in self._get_paper_lines()
        )
        for row in rows:
            row["amount"] = None if covered else 0.0
        charged = [row for row in rows if row["behavior"] == "bill"]
        if covered or not charged or not lines:
            return
        source, _rest = self._get_row_source(charged, lines)
        if kind == "time" and self.bill_arrangement == "blended":
            amounts = self._spread_over_rows(
                sum(lines.mapped("price_subtotal")), charged, "quantity"
            )
        elif source:
            amounts = [row[source] for row in charged]
        else:
            amounts = self._spread_over_rows(
                sum(lines.mapped("price_subtotal")), charged
            )
        for row, amount in zip(charged, amounts, strict=True):
            row["amount"] = amount
            if kind == "time" and self.bill_arrangement == "subscription":
                self._tell_included(row)
            else:
                self._fit_rate(row)

    def _get_paper_lines(self):
        """Lines that the paper shows: those of the bill; where several payers share the
        work, the whole of it, with the bill's own first.

        :rtype: account.move.line
        """
        lines = self.invoice_line_ids
        if self.is_split:
            others = self._get_split_set().sudo() - self  # the same matter
            lines |= others.invoice_line_ids.filtered("legal_line_kind").sudo(
                self.env.su
            )
        return lines

    def _get_carrier_lines(self, kind):
        """Generated lines whose amount is that of entries.

        :param str kind: ``time`` or ``disbursement``
        :rtype: account.move.line
        """
        line_kind = "fee" if kind == "time" else "disbursement"
        return self._get_paper_lines().filtered(
            lambda line: (
                line.display_type == "product" and line.legal_line_kind == line_kind
            )
        )

    def _get_row_source(self, charged, lines):
        """Which stored amount of the rows adds up to the lines, or to one of them (the
        others are then printed by themselves).

        :return: ``billed``, ``standard`` or ``False``, and the lines left over
        :rtype: tuple
        """
        for carrier in [lines, *(lines if len(lines) > 1 else ())]:
            total = sum(carrier.mapped("price_subtotal"))
            for source in ("billed", "standard"):
                own = sum(row[source] for row in charged)
                if self.currency_id.compare_amounts(own, total) == 0:
                    return source, lines - carrier
        return False, lines.browse()

    def _spread_over_rows(self, total, rows, by="standard"):
        weights = [to_decimal(row[by]) for row in rows]
        if not sum(weights):
            weights = [to_decimal(1)] * len(rows)
        return [
            float(part)
            for part in engine.largest_remainder(
                to_decimal(total), weights, to_decimal(self.currency_id.rounding)
            )
        ]

    def _tell_included(self, row):
        """Say behind the narrative how much of the time the subscription includes."""
        if not row["rate"] or self.agreed_effect:
            self._fit_rate(row)
            return
        hours = round(row["quantity"] - row["amount"] / row["rate"], 2)
        if hours <= 0:
            return
        if row["amount"]:
            text = self.env._("(%s h of it included)", f"{hours:g}")
        else:
            text = self.env._("(included)")
        if row["more"]:
            row["more"][-1] += f" {text}"
        else:
            row["narrative"] += f" {text}"

    def _fit_rate(self, row):
        """A row whose amount is not hours × rate shows the rate that it comes to."""
        if row["kind"] != "time" or not row["quantity"]:
            return
        value = row["quantity"] * row["rate"]
        if abs(value - row["amount"]) > self.currency_id.rounding:
            row["rate"] = row["amount"] / row["quantity"]
