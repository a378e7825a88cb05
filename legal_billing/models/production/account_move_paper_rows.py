import re
import textwrap

from odoo import fields, models

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
    subtotals and the lines below them to the net, net and tax to the total. An entry is
    printed at its own rate and value, or without an amount; no rate is ever worked out
    from an amount. Where the fees differ from what the entries come to,

    * the entries have their amounts, when the difference is a line of its own
      (discount, shown adjustment);
    * else they were *agreed*: the line of the fees says so, and the entries above it
      are listed without amounts, or at their own rates, as the template says.

    With an instalment the work it covers is listed without amounts: the instalment is
    the price.
    """

    _inherit = "account.move"

    # --- the itemised list

    def _get_itemised_rows(self, at_own_rates=False):
        """The rows of the bill's entries that are printed, oldest first.

        From the entries, or from what was kept of them when they went back to WIP.
        Entries to hide are left out, no-charge entries have the amount 0.

        :param bool at_own_rates: show what entries come to under an agreed fee, too
        :return: dicts with ``kind`` (``time``, ``disbursement``), ``date``,
            ``timekeeper``, ``grade``, ``narrative``, ``quantity``, ``rate``,
            ``rate_currency`` (where it is another than the bill's), ``behavior``,
            ``exempt``, ``matter``, ``amount`` (``None``: an instalment or an agreed fee
            is the price), ``agreed`` (the price is a line below)
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
        matter_id = self.env.context.get("legal_billing_paper_matter")
        if matter_id is not None:
            rows = [row for row in rows if row["matter_id"] == matter_id]
        for kind in ("time", "disbursement"):
            own = [row for row in rows if row["kind"] == kind]
            bill_sudo._price_rows(own, kind, at_own_rates)
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
            "rate": entry.bill_rate,
            **self._prepare_row_value(entry.wip_amount, entry.wip_currency_id),
            "behavior": entry.bill_behavior or "bill",
            "exempt": entry.wip_type == "disbursement" and product._is_exempt(company),
            "matter": entry.matter_id.display_name or "",
            "matter_id": entry.matter_id.id,
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
            **self._prepare_row_value(
                values["standard"],
                self.env["res.currency"].browse(values.get("currency_id")),
            ),
            # kept before currencies were
            **({} if "currency_id" in values else {"rate_currency": None}),
            "behavior": values["behavior"] or "bill",
            "exempt": values.get("exempt", False),
            "matter": values.get("matter", ""),
            "matter_id": values.get("matter_id", False),
            "billed": values["amount"],
        }

    def _prepare_row_value(self, amount, currency):
        """What an entry comes to at its own rate, in the bill's currency at the rate of
        the bill's date, as it was priced.

        :param res.currency currency: of the amount; none: the bill's
        :rtype: dict
        """
        if not currency or currency == self.currency_id:
            return {"standard": amount, "rate_currency": False}
        day = self.invoice_date or fields.Date.context_today(self)
        return {
            "standard": currency._convert(
                amount, self.currency_id, self.company_id, day
            ),
            "rate_currency": currency.name,
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

    def _price_rows(self, rows, kind, at_own_rates=False):
        """Give rows their amounts, so that they add up to the lines they stand for, or
        none where another line is the price.

        :param list rows: of one kind, changed in place
        :param str kind: ``time`` or ``disbursement``
        :param bool at_own_rates: show what entries come to under an agreed fee, too
        """
        lines = self._get_carrier_lines(kind)
        covered = not lines and any(
            line.legal_line_kind in ("instalment", "subscription")
            for line in self._get_paper_lines()
        )
        for row in rows:
            row["amount"] = None if covered else 0.0
            row["agreed"] = False
        charged = [row for row in rows if row["behavior"] == "bill"]
        if covered or not charged or not lines:
            return
        own = [row["standard"] for row in charged]
        is_carried, _rest = self._get_row_source(charged, lines)
        total = sum(lines.mapped("price_subtotal"))
        arrangement = kind == "time" and self.currency_id.is_zero(self.agreed_effect)
        arrangement = arrangement and self._get_paper_arrangement()
        hours = sum(row["quantity"] for row in charged)
        if arrangement == "blended" and hours:
            own = self._spread_over_rows(total, charged, "quantity")
            for row in charged:  # the rate that was agreed
                row["rate"] = self.currency_id.round(total / hours)
                row["rate_currency"] = False
        elif arrangement == "subscription":
            own = [row["billed"] for row in charged]
        elif is_carried:
            pass
        elif self._is_agreed(charged):
            for row in rows:
                row["agreed"] = True
                # disbursements are what they cost: a share of them is nobody's price
                if kind == "disbursement" or not at_own_rates:
                    row["amount"] = None
            if charged[0]["amount"] is None:
                own = [None] * len(charged)
        else:
            own = self._spread_over_rows(total, charged)
        for row, amount in zip(charged, own, strict=True):
            row["amount"] = amount
            if arrangement == "subscription":
                self._tell_included(row)
            elif arrangement != "blended" and not self._is_own_rate(row):
                row["rate"] = 0.0

    def _get_paper_lines(self):
        """Lines that the paper lists: those of the bill; where several payers share the
        work, the whole of it, with the bill's own first. What is deducted on account is
        said below, with the totals.

        :rtype: account.move.line
        """
        lines = self.invoice_line_ids
        if self.is_split:
            others = self._get_split_set().sudo() - self  # the same matter
            lines |= others.invoice_line_ids.filtered("legal_line_kind").sudo(
                self.env.su
            )
        matter_id = self.env.context.get("legal_billing_paper_matter")
        if matter_id is not None:
            lines = lines.filtered(lambda line: line.matter_id.id == matter_id)
        return lines.filtered(lambda line: not line._is_deduction())

    def _is_agreed(self, charged):
        """Whether fees that differ from these rows were agreed. Rows in another currency
        may differ because its rate was corrected after the bill was made.

        :param list charged: rows
        :rtype: bool
        """
        is_foreign = all(row["rate_currency"] is not False for row in charged)
        return not is_foreign or not all(
            self.currency_id.is_zero(effect)
            for effect in (self.quote_effect, self.agreed_effect)
        )

    def _is_own_rate(self, row):
        """Whether the rate of a row says how it comes to its amount.

        :rtype: bool
        """
        if row["amount"] is None or row["rate_currency"]:
            return True
        difference = row["quantity"] * row["rate"] - row["amount"]
        # time is valued by whole minutes
        return abs(difference) <= self.currency_id.rounding + abs(row["rate"]) / 10000

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
        """Whether the rows add up to the lines, or to one of them (the others are then
        printed by themselves).

        :return: whether they do, and the lines left over
        :rtype: tuple
        """
        own = sum(row["standard"] for row in charged)
        for carrier in [lines, *(lines if len(lines) > 1 else ())]:
            total = sum(carrier.mapped("price_subtotal"))
            if self.currency_id.compare_amounts(own, total) == 0:
                return True, lines - carrier
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
        if not row["rate"]:
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
