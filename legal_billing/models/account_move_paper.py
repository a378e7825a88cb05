import re
import textwrap
from collections import defaultdict

from odoo import api, models
from odoo.tools import format_date, formatLang, is_html_empty

from .. import engine
from ..engine.decimals import to_decimal
from .legal_bill_maker import DISBURSEMENT_ELEMENTS

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
        if bill_sudo.wip_line_ids:
            rows = [
                bill_sudo._prepare_row(entry)
                for entry in bill_sudo.wip_line_ids.sorted(lambda e: (e.date, e.id))
                if entry.bill_behavior != "hide"
            ]
        else:
            rows = [
                bill_sudo._prepare_snapshot_row(values)
                for values in bill_sudo.entries_snapshot or []
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
            "exempt": entry.wip_type == "disbursement"
            and self.env["legal.bill.maker"]._is_exempt(product, company),
            "matter": entry.matter_id.display_name or "",
            "standard": entry.wip_amount,
            "billed": entry.billed_amount,
        }

    def _prepare_snapshot_row(self, values):
        """The same of an entry that went back to WIP.

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
            line.legal_line_kind == "instalment" for line in self.invoice_line_ids
        )
        for row in rows:
            row["amount"] = None if covered else 0.0
        charged = [row for row in rows if row["behavior"] == "bill"]
        if covered or not charged or not lines:
            return
        source, _rest = self._get_row_source(charged, lines)
        if source:
            amounts = [row[source] for row in charged]
        else:
            amounts = self._spread_over_rows(
                sum(lines.mapped("price_subtotal")), charged
            )
        for row, amount in zip(charged, amounts, strict=True):
            row["amount"] = amount
            self._fit_rate(row)

    def _get_carrier_lines(self, kind):
        """Generated lines whose amount is that of entries.

        :param str kind: ``time`` or ``disbursement``
        :rtype: account.move.line
        """
        line_kind = "fee" if kind == "time" else "disbursement"
        return self.invoice_line_ids.filtered(
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

    def _spread_over_rows(self, total, rows):
        weights = [to_decimal(row["standard"]) for row in rows]
        if not sum(weights):
            weights = [to_decimal(1)] * len(rows)
        return [
            float(part)
            for part in engine.largest_remainder(
                to_decimal(total), weights, to_decimal(self.currency_id.rounding)
            )
        ]

    def _fit_rate(self, row):
        """A row whose amount is not hours × rate shows the rate that it comes to."""
        if row["kind"] != "time" or not row["quantity"]:
            return
        value = row["quantity"] * row["rate"]
        if abs(value - row["amount"]) > self.currency_id.rounding:
            row["rate"] = row["amount"] / row["quantity"]

    # --- the whole paper

    def _get_paper(self):
        """Everything that the templates print. Call it in the language of the paper.

        :return: see ``_get_paper_sections``, ``_get_paper_totals``,
            ``_get_paper_references``; and ``money``, ``hours``, ``rate``, ``day``:
            functions that format a value
        :rtype: dict
        """
        self.ensure_one()
        paper = {
            "title": self._get_paper_title(),
            "number": self.name if self.name and self.name != "/" else "",
            "is_credit_note": self.move_type == "out_refund",
            "running_matter": self._get_running_matter(),
            "salutation": self._get_paper_salutation(),
            "signatory": self.sudo().matter_ids.responsible_id[:1].name or "",
            "references": self._get_paper_references(),
            "money": self._format_paper_money,
            "total_money": lambda amount: self._format_paper_money(amount, True),
            "hours": lambda hours: formatLang(self.env, hours or 0.0, digits=2),
            "rate": lambda rate: self._format_paper_money(rate) if rate else "",
            "day": lambda day: day and format_date(self.env, day) or "",
            "is_empty": is_html_empty,
        }
        paper.update(self._get_paper_sections())
        paper.update(self._get_paper_totals(paper))
        return paper

    def _format_paper_money(self, amount, with_symbol=False):
        """An amount in the bill's currency, as the reader's language writes it.

        :rtype: str
        """
        return formatLang(
            self.env,
            self.currency_id.round(amount or 0.0) + 0.0,
            digits=self.currency_id.decimal_places,
            currency_obj=self.currency_id if with_symbol else None,
        )

    @api.model
    def _get_company_colour(self, company):
        """The company's own colour, as far as it is a plain colour.

        :param res.company company:
        :rtype: str
        """
        colour = company.primary_color or ""
        return colour if re.fullmatch(r"#[0-9a-fA-F]{3,8}", colour) else "#26374a"

    def _get_paper_lang(self):
        """Language of the paper: that of who is billed.

        :rtype: str
        """
        self.ensure_one()
        return self.partner_id.lang or self.env.lang

    def _get_running_matter(self):
        """What the running header and the letter call the matter.

        :rtype: str
        """
        names = self.sudo().matter_ids.mapped("name")
        return self._clean_text(", ".join(names))[:90]

    def _get_paper_salutation(self):
        """:rtype: str"""
        if self.partner_id.is_company:
            return self.env._("Dear Sir or Madam,")
        return self.env._("Dear %(name)s,", name=self.partner_id.name or "")

    def _get_paper_title(self):
        """:rtype: str"""
        if self.move_type == "out_refund":
            return self.env._("Credit note")
        return self.env._("Draft bill") if self.state == "draft" else self.env._("Bill")

    def _get_paper_references(self):
        """What the bill is about, as ``(label, text)``.

        :rtype: list
        """
        _ = self.env._
        matters_sudo = self.sudo().matter_ids
        names = ", ".join(
            f"{matter.name} ({matter.matter_number})"
            if matter.matter_number
            else matter.name
            for matter in matters_sudo
        )
        own = ", ".join(filter(None, matters_sudo.mapped("client_reference")))
        lawyers = ", ".join(matters_sudo.responsible_id.mapped("name"))
        client = self.client_id if self.client_id != self.partner_id else False
        origin = self.reversed_entry_id if self.move_type == "out_refund" else False
        references = [
            (_("Matter"), names),
            (_("Client"), client and client.name),
            (_("Your reference"), own),
            (_("Responsible lawyer"), lawyers),
            (_("Credit of"), origin and origin.name),
        ]
        return [(label, self._clean_text(text)) for label, text in references if text]

    def _get_paper_sections(self):
        """Rows and lines in the order of the paper.

        Every product line of the invoice is in exactly one place: behind the rows that
        it carries, or by itself in ``fee_lines``, ``disbursement_lines`` or
        ``other_lines``.

        :rtype: dict
        """
        rows = self._get_itemised_rows()
        time = [row for row in rows if row["kind"] == "time"]
        disbursements = [row for row in rows if row["kind"] == "disbursement"]
        loose = self._get_loose_lines(time, disbursements)
        fees, costs, other = [], [], []
        for line in loose:
            element = line.bill_element or ""
            if element == "fees" or line.legal_line_kind in ("fee", "quote"):
                fees.append(line)
            elif element in DISBURSEMENT_ELEMENTS:
                costs.append(line)
            else:
                other.append(line)
        return {
            "time": time,
            "time_total": sum(row["amount"] or 0.0 for row in time),
            "time_hours": sum(row["quantity"] for row in time),
            "is_covered": any(row["amount"] is None for row in time),
            "fee_lines": self._prepare_line_rows(fees),
            "fees_total": self._sum_section(time, fees),
            "disbursement_groups": self._group_disbursements(disbursements),
            "disbursement_lines": self._prepare_line_rows(costs),
            "disbursements_total": self._sum_section(disbursements, costs),
            "other_lines": self._prepare_line_rows(other),
            "other_total": self._sum_section([], other),
            "timekeepers": self._summarise_timekeepers(time),
            "has_several_matters": len(self.matter_ids) > 1,
        }

    def _get_loose_lines(self, time, disbursements):
        """Lines of the invoice that no row carries.

        :rtype: account.move.line
        """
        lines = self.invoice_line_ids.filtered(lambda x: x.display_type == "product")
        for kind, rows in (("time", time), ("disbursement", disbursements)):
            carriers = self._get_carrier_lines(kind)
            charged = [row for row in rows if row["behavior"] == "bill"]
            if carriers and charged:
                _source, rest = self._get_row_source(charged, carriers)
                lines -= carriers - rest
        return lines

    def _prepare_line_rows(self, lines):
        return [
            {
                "text": self._clean_text(line.name or line.product_id.display_name),
                "amount": line.price_subtotal,
                "kind": line.legal_line_kind,
            }
            for line in lines
        ]

    def _sum_section(self, rows, lines):
        return sum(row["amount"] or 0.0 for row in rows) + sum(
            line.price_subtotal for line in lines
        )

    def _group_disbursements(self, rows):
        """Disbursements without tax apart from those with tax, where there are both.

        :return: ``(heading or False, rows)``
        :rtype: list
        """
        groups = [
            (
                self.env._("Paid on your behalf, no tax"),
                [r for r in rows if r["exempt"]],
            ),
            (self.env._("Subject to tax"), [r for r in rows if not r["exempt"]]),
        ]
        groups = [group for group in groups if group[1]]
        return groups if len(groups) > 1 else [(False, rows)] if rows else []

    def _summarise_timekeepers(self, rows):
        """Hours and money by timekeeper, most money first; no-charge hours apart.

        :rtype: list
        """
        totals = defaultdict(lambda: [0.0, 0.0, 0.0])
        for row in rows:
            figures = totals[row["timekeeper"], row["grade"]]
            charged = row["behavior"] == "bill"
            figures[0 if charged else 1] += row["quantity"]
            figures[2] += row["amount"] or 0.0
        return sorted(
            (
                {
                    "name": name,
                    "grade": grade,
                    "hours": hours,
                    "free_hours": free,
                    "rate": amount / hours if hours else 0.0,
                    "amount": amount,
                }
                for (name, grade), (hours, free, amount) in totals.items()
            ),
            key=lambda row: (-row["amount"], row["name"]),
        )

    def _get_paper_totals(self, paper):
        """Net, tax by group, total, payments and balance.

        :param dict paper: with the sections
        :rtype: dict
        """
        totals = self.tax_totals or {}
        groups = [
            group
            for subtotal in totals.get("subtotals", ())
            for group in subtotal["tax_groups"]
        ]
        several = not totals.get("same_tax_base", True)
        payments = self._get_paper_payments()
        return {
            "net": self.amount_untaxed,
            "taxes": [
                {
                    "name": group["group_name"],
                    "base": several and group["display_base_amount_currency"] or False,
                    "amount": group["tax_amount_currency"],
                }
                for group in groups
            ],
            "rounding": totals.get("cash_rounding_base_amount_currency", 0.0),
            "total": self.amount_total,
            "payments": payments,
            "balance": self.amount_residual if payments else self.amount_total,
            "terms": self._get_paper_terms(),
        }

    def _get_paper_payments(self):
        """Money and credits received on the bill.

        :return: dicts with ``text`` and ``amount``
        :rtype: list
        """
        if self.state != "posted":
            return []
        widget = self.sudo().invoice_payments_widget  # bills' readers see its payments
        _ = self.env._
        return [
            {
                "text": (
                    _("Credited on %s") if row["is_refund"] else _("Received on %s")
                )
                % format_date(self.env, row["date"]),
                "amount": row["amount"],
            }
            for row in (widget or {}).get("content", ())
            if not row["is_exchange"]
        ]

    def _get_paper_terms(self):
        """When how much is to be paid, where there are several dates.

        :return: dicts with ``date`` and ``amount``
        :rtype: list
        """
        lines = self.line_ids.filtered(lambda x: x.display_type == "payment_term")
        if len(lines) < 2:
            return []
        return [
            {"date": line.date_maturity, "amount": abs(line.amount_currency)}
            for line in lines.sorted("date_maturity")
        ]
