import re
from collections import defaultdict

from odoo import api, models
from odoo.tools import format_date, formatLang, is_html_empty

from ...tools import DISBURSEMENT_ELEMENTS, FEE_ELEMENTS

#: Countries whose law asks for the words "tax invoice" on a bill with tax.
TAX_INVOICE_COUNTRIES = frozenset(
    ("AE", "AU", "BH", "IN", "NZ", "OM", "SA", "SG", "TH", "ZA", "ZM")
)


class AccountMove(models.Model):
    """A bill's paper, as plain values for the templates: sections that add up to the
    net, tax, total, payments and terms."""

    _inherit = "account.move"

    # --- the whole paper

    def _get_paper(self, layout=None):
        """Everything that the templates print. Call it in the language of the paper.

        :param legal.bill.layout layout: what the template shows; default: the layout of
            the bill's template
        :return: see ``_get_paper_sections``, ``_get_paper_totals``,
            ``_get_paper_references``; and ``money``, ``hours``, ``rate``, ``day``:
            functions that format a value
        :rtype: dict
        """
        self.ensure_one()
        options = (layout or self._get_bill_layout())._get_options(self.env.lang)
        paper = {
            "options": options,
            "title": self._get_paper_title(options),
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

    def _get_paper_title(self, options):
        """What the paper is called: by the firm's template, else as the country asks.

        :rtype: str
        """
        is_tax_invoice = self._is_tax_invoice()
        if self.move_type == "out_refund":
            if is_tax_invoice:
                return self.env._("Tax credit note")
            return self.env._("Credit note")
        if self.state == "draft":
            return self.env._("Draft bill")
        if options["title"]:
            return options["title"]
        return self.env._("Tax invoice") if is_tax_invoice else self.env._("Bill")

    def _is_tax_invoice(self):
        """Whether the firm's country asks for that name on this bill: the firm is
        registered, and there is tax on the bill.

        :rtype: bool
        """
        company_sudo = self.company_id.sudo()  # printed by every reader of the bill
        country = company_sudo.account_fiscal_country_id or company_sudo.country_id
        return bool(
            country.code in TAX_INVOICE_COUNTRIES
            and company_sudo.vat
            and self.invoice_line_ids.tax_ids
            # a field of the localisation
            and (
                country.code != "AU"
                or "l10n_au_is_gst_registered" not in company_sudo
                or company_sudo["l10n_au_is_gst_registered"]
            )
        )

    def _get_paper_references(self):
        """What the bill is about, as ``(label, text)``.

        :rtype: list
        """
        matters_sudo = self.sudo().matter_ids
        names = ", ".join(
            f"{matter.name} ({matter.matter_number})"
            if matter.matter_number
            else matter.name
            for matter in matters_sudo
        )
        own = ", ".join(filter(None, matters_sudo.mapped("client_reference")))
        bill = (
            self.move_type == "out_refund" and self.sudo().reversed_entry_id
        ) or self
        if bill.is_split:  # each payer has a reference of his own
            own = bill.ref
        lawyers = ", ".join(matters_sudo.responsible_id.mapped("name"))
        client = self.client_id if self.client_id != self.partner_id else False
        origin = self.reversed_entry_id if self.move_type == "out_refund" else False
        references = [
            (self.env._("Matter"), names),
            (self.env._("Client"), client and client.name),
            (self.env._("Your reference"), own),
            (self.env._("Responsible lawyer"), lawyers),
            (self.env._("Credit of"), origin and origin.name),
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
            if element in FEE_ELEMENTS or line.legal_line_kind in ("fee", "quote"):
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
        lines = self._get_paper_lines().filtered(
            lambda line: line.display_type == "product"
        )
        for kind, rows in (("time", time), ("disbursement", disbursements)):
            carriers = self._get_carrier_lines(kind)
            charged = [row for row in rows if row["behavior"] == "bill"]
            if carriers and charged:
                _source, rest = self._get_row_source(charged, carriers)
                lines -= carriers - rest
        return lines

    def _prepare_line_rows(self, lines):
        """Lines as rows; what payers share is one row again.

        :rtype: list
        """
        if self.is_split:
            return self._join_line_rows(lines)
        return [
            {
                "text": self._clean_text(line.name or line.product_id.display_name),
                "amount": line.price_subtotal,
                "kind": line.legal_line_kind,
            }
            for line in lines
        ]

    def _join_line_rows(self, lines):
        """
        :param account.move.line lines: of all bills of a set, the bill's own first
        :rtype: list
        """
        rows = {}
        for line in lines:
            key = (
                (
                    line.legal_line_kind,
                    line.sequence,
                    line.product_id,
                    line.bill_element,
                )
                if line.legal_line_kind
                else line
            )
            text = line.name or line.product_id.display_name or ""
            row = rows.setdefault(
                key,
                {
                    # what follows says whose share it is
                    "text": self._clean_text(text.partition("\n")[0]),
                    "amount": 0.0,
                    "kind": line.legal_line_kind,
                },
            )
            row["amount"] += line.price_subtotal
        return list(rows.values())

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
                    # of hours that a subscription includes there is no rate
                    "rate": (
                        amount / hours
                        if hours and self.bill_arrangement != "subscription"
                        else 0.0
                    ),
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
            **self._get_paper_share(),
            "net": self.amount_untaxed,
            "taxes": [
                {
                    "name": group["group_name"],
                    "base": several and group["display_base_amount_currency"] or False,
                    "amount": group["tax_amount_currency"],
                }
                for group in groups
            ],
            "company_taxes": self._get_company_taxes(totals),
            "rounding": totals.get("cash_rounding_base_amount_currency", 0.0),
            "total": self.amount_total,
            "payments": payments,
            "balance": self.amount_residual if payments else self.amount_total,
            "terms": self._get_paper_terms(),
        }

    def _get_paper_share(self):
        """The whole of the work, and what this payer bears of it.

        :return: ``whole_net``, False where one pays all; ``share_text`` in words
        :rtype: dict
        """
        if not self.is_split:
            return {"whole_net": False, "share_text": ""}
        # sudo: who may print the bill prints what it says of itself
        shares_sudo = self._get_split_heads().sudo().payer_share_ids
        own = shares_sudo.filtered(lambda share: share.share_bill_id == self)
        text = ""
        if own.share_type == "percent":
            text = own._describe_share_of_work()
        lines = self._get_paper_lines().filtered(
            lambda line: line.display_type == "product"
        )
        return {
            "whole_net": sum(lines.mapped("price_subtotal")),
            "share_text": text,
        }

    def _get_company_taxes(self, totals):
        """Tax of a bill in a foreign currency in that of the company, which the tax
        authority is paid in; core's setting of the company says whether it is printed.

        :param dict totals: core's ``tax_totals``
        :return: dicts with ``name``, ``base`` and ``amount``, in words
        :rtype: list
        """
        if not totals.get("display_in_company_currency"):
            return []
        currency = self.company_currency_id

        def in_words(amount):
            return formatLang(
                self.env,
                currency.round(amount or 0.0) + 0.0,
                digits=currency.decimal_places,
                currency_obj=currency,
            )

        return [
            {
                "name": group["group_name"],
                "base": in_words(group["base_amount"]),
                "amount": in_words(group["tax_amount"]),
            }
            for subtotal in totals["subtotals"]
            for group in subtotal["tax_groups"]
        ]

    def _get_paper_payments(self):
        """Money and credits received on the bill.

        :return: dicts with ``text`` and ``amount``
        :rtype: list
        """
        if self.state != "posted":
            return []
        widget = self.sudo().invoice_payments_widget  # bills' readers see its payments
        return [
            {
                "text": (
                    self.env._("Credited on %s")
                    if row["is_refund"]
                    else self.env._("Received on %s")
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
