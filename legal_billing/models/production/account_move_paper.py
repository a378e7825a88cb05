import re
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare, format_date, formatLang, is_html_empty

from ...tools import (
    DEFAULT_ELEMENT,
    DISBURSEMENT_ELEMENTS,
    FEE_ELEMENTS,
    format_amount,
    is_short,
    keep_numbers,
    split_rows,
)

#: Countries whose law asks for the words "tax invoice" on a bill with tax.
TAX_INVOICE_COUNTRIES = frozenset(
    ("AE", "AU", "BH", "IN", "NZ", "OM", "SA", "SG", "TH", "ZA", "ZM")
)

#: Arrangements of a matter by which fees are agreed that differ from its entries.
AGREED = ("capped", "blended", "subscription", "contingency")
#: From so many entries on, rows are small and people's names initials.
DENSE_ROWS = 80


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
            "rate": self._format_paper_rate,
            "day": lambda day: day and format_date(self.env, day) or "",
            "is_empty": is_html_empty,
            "words": keep_numbers,
            "split": split_rows,
            "is_short": is_short,
        }
        paper.update(self._get_paper_sections(options))
        paper["matters"] = self._get_paper_matters(options)
        paper.update(self._get_paper_totals(paper))
        paper["last"] = lambda *names: self._get_last_section(paper, names)
        return paper

    @api.model
    def _get_last_section(self, paper, names):
        """The last part of a layout that there is: it ends with what is to be paid, so
        that the totals never stand alone on a page.

        :param names: of the parts, in the layout's order
        :return: one of the names, or ``False``
        :rtype: str | bool
        """
        is_there = {
            "time": paper["time"],
            "fees": paper["fee_lines"] or self.arrangement_text,
            "disbursements": paper["disbursements"] or paper["disbursement_lines"],
            "other": paper["other_lines"],
            "summary": paper["timekeepers"] and paper["options"]["show_summary"],
        }
        return next((name for name in reversed(names) if is_there[name]), False)

    def _format_paper_money(self, amount, with_symbol=False):
        """An amount in the bill's currency, as the reader's language writes it.

        :rtype: str
        """
        if with_symbol:
            return format_amount(self.env, amount or 0.0, self.currency_id)
        return formatLang(
            self.env,
            self.currency_id.round(amount or 0.0) + 0.0,
            digits=self.currency_id.decimal_places,
        )

    def _format_paper_rate(self, row):
        """The rate of a row, with the decimals that it has.

        :param dict row: of an entry or a timekeeper
        :rtype: str
        """
        rate, digits = row["rate"], self.currency_id.decimal_places
        if not rate:
            return ""
        if float_compare(rate, round(rate, digits), precision_digits=4):
            digits = 4
        text = formatLang(self.env, rate, digits=digits)
        return f"{row['rate_currency']} {text}" if row["rate_currency"] else text

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
        """What the paper is called: by the firm's template once it is a bill, else as
        the country and its stage ask, as core calls invoices there.

        :rtype: str
        """
        is_tax_invoice = self._is_tax_invoice()
        is_bill = self.state not in ("draft", "cancel")
        if self.move_type == "out_invoice" and is_bill and options["title"]:
            return options["title"]
        titles = {
            ("out_invoice", "draft", False): self.env._("Draft bill"),
            ("out_invoice", "draft", True): self.env._("Draft tax invoice"),
            ("out_invoice", "cancel", False): self.env._("Cancelled bill"),
            ("out_invoice", "cancel", True): self.env._("Cancelled tax invoice"),
            ("out_invoice", "posted", False): self.env._("Bill"),
            ("out_invoice", "posted", True): self.env._("Tax invoice"),
            ("out_refund", "draft", False): self.env._("Draft credit note"),
            ("out_refund", "draft", True): self.env._("Draft tax credit note"),
            ("out_refund", "cancel", False): self.env._("Cancelled credit note"),
            ("out_refund", "cancel", True): self.env._("Cancelled tax credit note"),
            ("out_refund", "posted", False): self.env._("Credit note"),
            ("out_refund", "posted", True): self.env._("Tax credit note"),
        }
        kind = "out_refund" if self.move_type == "out_refund" else "out_invoice"
        return titles[kind, self.state, is_tax_invoice]

    def _is_tax_invoice(self):
        """Whether the firm's country asks for that name on this bill: the firm is
        registered, and there is tax on the bill.

        :rtype: bool
        """
        company_sudo = self.company_id.sudo()  # printed by every reader of the bill
        country = company_sudo.account_fiscal_country_id or company_sudo.country_id
        # what is passed on as agent is no supply of the firm's
        supplies = self.invoice_line_ids.filtered(
            lambda line: line.product_id.disbursement_treatment != "agent"
        )
        return bool(
            country.code in TAX_INVOICE_COUNTRIES
            and company_sudo.vat
            and supplies.tax_ids
            # a field of the localisation
            and (
                country.code != "AU"
                or "l10n_au_is_gst_registered" not in company_sudo
                or company_sudo["l10n_au_is_gst_registered"]
            )
        )

    def _get_paper_references(self):
        """What the bill is about, as ``(label, text)``; texts are markup.

        :rtype: list
        """
        matters_sudo = self.sudo().matter_ids
        names = Markup(", ").join(
            Markup('%s <span class="whole">(%s)</span>')
            % (self._clean_text(matter.name), matter.matter_number)
            if matter.matter_number
            else self._clean_text(matter.name)
            for matter in matters_sudo
        )
        own = ", ".join(filter(None, matters_sudo.mapped("client_reference")))
        bill = (
            self.move_type == "out_refund" and self.sudo().reversed_entry_id
        ) or self
        copy_sudo = bill._get_copy_share()
        if bill.is_split or bill.is_shared:  # each payer has a reference of his own
            own = copy_sudo.reference if copy_sudo else bill.ref
        lawyers = ", ".join(matters_sudo.responsible_id.mapped("name"))
        client = self.client_id if self.client_id != self.partner_id else False
        origin = self.reversed_entry_id if self.move_type == "out_refund" else False
        billed_to = bool(copy_sudo) and self.sudo().partner_id.display_name
        references = [
            (self.env._("Matter"), names),
            (self.env._("Billed to"), billed_to),
            (self.env._("Client"), client and client.name),
            (self.env._("Your reference"), own),
            (self.env._("Responsible lawyer"), lawyers),
            (self.env._("Credit of"), origin and origin.name),
        ]
        return [
            (
                label,
                text
                if isinstance(text, Markup)
                else keep_numbers(self._clean_text(text)),
            )
            for label, text in references
            if text
        ]

    def _get_paper_sections(self, options):
        """Rows and lines in the order of the paper.

        Every product line of the invoice is in exactly one place: behind the rows that
        it carries, or by itself in ``fee_lines``, ``disbursement_lines`` or
        ``other_lines``; what is deducted on account is with the totals.

        :param dict options: of the template
        :rtype: dict
        """
        rows = self._get_itemised_rows(options["agreed_fees"] == "standard")
        time = [row for row in rows if row["kind"] == "time"]
        disbursements = [row for row in rows if row["kind"] == "disbursement"]
        groups = self._group_disbursements(disbursements)
        is_dense = len(rows) > DENSE_ROWS
        has_summary = options["show_summary"] and options["show_timekeeper"]
        self._set_initials(time, is_dense and has_summary)
        self._set_headings(time, groups)
        is_agreed = any(row["agreed"] for row in time)
        is_covered = any(row["amount"] is None for row in time)
        timekeepers = self._summarise_timekeepers(
            time,
            # of hours that a subscription includes there is no rate
            by_rate=options["show_rates"]
            and not is_covered
            and self._get_paper_arrangement() != "subscription",
        )
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
            "is_covered": is_covered,
            "is_agreed": is_agreed,
            "is_dense": is_dense,
            "fee_lines": self._prepare_line_rows(fees, is_agreed),
            # one agreed fee alone is its own sum
            "has_fees_total": not is_agreed or len(fees) > 1,
            "fees_total": self._sum_section([] if is_agreed else time, fees),
            "disbursements": [row for _heading, group in groups for row in group],
            "disbursement_lines": self._prepare_line_rows(costs),
            "disbursements_total": self._sum_section(disbursements, costs),
            "other_lines": self._prepare_line_rows(other),
            "other_total": self._sum_section([], other),
            "timekeepers": timekeepers,
        }

    def _get_paper_matters(self, options):
        """The sections of a bill over several matters, each with what it comes to; they
        add up to the net.

        :param dict options: of the template
        :return: of each matter what `_get_paper_sections` gives, and ``heading``,
            ``fees``, ``costs``, ``others`` and ``subtotal``; nothing for other bills
        :rtype: list
        """
        bill = self.reversed_entry_id if self.move_type == "out_refund" else self
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        by_matter = lines.grouped(lambda line: line.sudo().matter_id)
        if not bill.is_together or len(by_matter) < 2:
            return []
        parts = []
        for matter_sudo in sorted(
            by_matter, key=lambda matter: (not matter, matter.matter_number or "")
        ):
            move = self.with_context(legal_billing_paper_matter=matter_sudo.id)
            part = move._get_paper_sections(options)
            own = by_matter[matter_sudo]
            fees, costs = (
                sum(
                    line.price_subtotal
                    for line in own
                    if (line.bill_element or DEFAULT_ELEMENT) in elements
                    and not line._is_deduction()
                )
                for elements in (FEE_ELEMENTS, DISBURSEMENT_ELEMENTS)
            )
            deducted = sum(line.price_subtotal for line in own if line._is_deduction())
            subtotal = sum(own.mapped("price_subtotal"))
            parts.append(
                part
                | {
                    "heading": self._clean_text(
                        matter_sudo.name or self.env._("Other")
                    ),
                    "matter_number": matter_sudo.matter_number or "",
                    "fees": fees,
                    "costs": costs,
                    "deducted": deducted,
                    "subtotal": subtotal,
                }
            )
        return parts

    def _get_paper_arrangement(self):
        """The arrangement by which what is printed was priced: of the bill, or of the
        matter whose section it is.

        :rtype: str
        """
        matter_id = self.env.context.get("legal_billing_paper_matter")
        if not matter_id:
            return self.bill_arrangement
        return self.sudo().matter_ids.browse(matter_id).billing_arrangement

    def _set_initials(self, rows, is_short):
        """Where there are hundreds of rows, people are in them by their initials, which
        the summary explains.

        :param list rows: of time, changed
        """
        known = {}
        for row in rows:
            row["initials"] = ""
            name = row["timekeeper"]
            if is_short and name and name not in known:
                letters = "".join(part[0] for part in name.split())[:3].upper()
                same = sum(
                    letters == other.rstrip("123456789") for other in known.values()
                )
                known[name] = f"{letters}{same + 1}" if same else letters
        for row in rows:
            row["initials"] = known.get(row["timekeeper"], "")

    def _set_headings(self, time, groups):
        """Say above which rows a heading is printed: a matter, where there are several; a
        group of disbursements, where there are several.

        :param list time: rows, changed
        :param list groups: of ``_group_disbursements``, their rows changed
        """
        matter = False
        for row in time:
            is_other = len(self.matter_ids) > 1 and row["matter"] != matter
            # a section of its own has the matter above it
            is_other = is_other and not self.env.context.get(
                "legal_billing_paper_matter"
            )
            row["heading"] = is_other and row["matter"]
            matter = row["matter"]
        for heading, rows in groups:
            for number, row in enumerate(rows):
                row["heading"] = heading if not number else False

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
            if carriers and charged and not charged[0]["agreed"]:
                _source, rest = self._get_row_source(charged, carriers)
                lines -= carriers - rest
        return lines

    def _prepare_line_rows(self, lines, is_agreed=False):
        """Lines that are printed by themselves; what payers share is one row again.

        :param bool is_agreed: lines of fees say that these were agreed
        :rtype: list
        """
        if self.is_split:
            rows = self._join_line_rows(lines)
        else:
            rows = [
                {
                    "text": self._clean_text(line.name or line.product_id.display_name),
                    "amount": line.price_subtotal,
                    "kind": line.legal_line_kind,
                }
                for line in lines
            ]
        for row in rows:
            row["is_agreed"] = is_agreed and row["kind"] == "fee"
            if row["is_agreed"]:
                row["text"] = self._get_agreed_text()
        return rows

    def _get_agreed_text(self):
        """What the line of fees says that stand instead of the entries.

        :rtype: str
        """
        if self.is_fee_overridden or self._get_paper_arrangement() in AGREED:
            return self.env._("Fees agreed")
        return self.env._("Fees as quoted")

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

    def _summarise_timekeepers(self, rows, by_rate=True):
        """Hours and money by timekeeper, most money first; no-charge hours apart.

        :param bool by_rate: who worked at several rates has a row for each, so that
            hours × rate is the amount; else the rate is 0
        :rtype: list
        """
        totals = defaultdict(lambda: [0.0, 0.0, 0.0])
        people = defaultdict(float)
        initials = {row["timekeeper"]: row["initials"] for row in rows}
        for row in rows:
            rate = (row["rate"], row["rate_currency"]) if by_rate else (0.0, False)
            person = row["timekeeper"], row["grade"]
            figures = totals[person, rate]
            charged = row["behavior"] == "bill"
            figures[0 if charged else 1] += row["quantity"]
            figures[2] += row["amount"] or 0.0
            people[person] += row["amount"] or 0.0
        return sorted(
            (
                {
                    "name": person[0],
                    "grade": person[1],
                    "hours": hours,
                    "free_hours": free,
                    "rate": rate[0],
                    "rate_currency": rate[1],
                    "initials": initials.get(person[0], ""),
                    "amount": amount,
                    "all": people[person],
                }
                for (person, rate), (hours, free, amount) in totals.items()
            ),
            key=lambda row: (-row["all"], row["name"], -row["amount"]),
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
        balance = self.amount_residual if payments else self.amount_total
        return {
            **self._get_paper_share(),
            **self._get_paper_who_pays(balance),
            **self._get_paper_deductions(),
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
            "company_rate": self._get_company_rate(),
            "bank": self._get_paper_bank(),
            "reference": self._get_paper_reference(),
            "standing": self._get_paper_standing(paper["options"]),
            "notice": self._get_paper_notice(),
            "rounding": totals.get("cash_rounding_base_amount_currency", 0.0),
            "total": self.amount_total,
            "payments": payments,
            "balance": balance,
            "terms": self._get_paper_terms(),
        }

    def _get_paper_deductions(self):
        """What was billed on account and is taken off.

        :return: ``deductions``, rows, and ``net_before`` them
        :rtype: dict
        """
        lines = self.invoice_line_ids.filtered(lambda line: line._is_deduction())
        rows = {}
        for line in lines:
            text = self._clean_text(line.name)
            rows[text] = rows.get(text, 0.0) + line.price_subtotal
        return {
            "deductions": [
                {"text": text, "amount": amount} for text, amount in rows.items()
            ],
            "net_before": self.amount_untaxed - sum(lines.mapped("price_subtotal")),
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
            return format_amount(self.env, amount or 0.0, currency)

        return [
            {
                "name": group["group_name"],
                "base": in_words(group["base_amount"]),
                "amount": in_words(group["tax_amount"]),
            }
            for subtotal in totals["subtotals"]
            for group in subtotal["tax_groups"]
        ]

    def _get_company_rate(self):
        """The exchange rate by which a bill in a foreign currency is booked.

        :return: in words; empty in the company's currency
        :rtype: str
        """
        if self.currency_id == self.company_currency_id:
            return ""
        return self.env._(
            "%(company)s 1 = %(currency)s %(rate)s",
            company=self.company_currency_id.name,
            currency=self.currency_id.name,
            rate=formatLang(self.env, self.invoice_currency_rate, digits=6),
        )

    def _get_paper_payments(self):
        """Money and credits received on the bill.

        :return: dicts with ``text`` and ``amount``
        :rtype: list
        """
        if self.state != "posted" or self.payment_state == "not_paid":
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

    def _get_paper_account(self):
        """The account that the bill is to be paid to: its own, else the firm's first;
        drafts are older than an account that the firm added since.

        :rtype: res.partner.bank
        """
        bill_sudo = self.sudo()  # printed by every reader of the bill
        if bill_sudo.partner_bank_id:
            return bill_sudo.partner_bank_id
        return bill_sudo.company_id.partner_id.bank_ids.filtered(
            lambda bank: bank.company_id.id in (False, bill_sudo.company_id.id)
        )[:1]

    def _get_without_account(self):
        """Bills that ask for money and cannot say where to: the firm has no account.

        :rtype: account.move
        """
        return self.filtered(
            lambda bill: not bill._get_paper_account() and bill._asks_for_payment()
        )

    def _get_approval_looks(self):
        """Besides, those that cannot say where to pay."""
        looks = super()._get_approval_looks()
        without = self._get_without_account()
        if without:
            phrase = self.env._(
                "that do not say where to pay: the firm has no bank account"
            )
            looks.append((phrase, without))
        return looks

    def _asks_for_payment(self):
        """Whether the bill says how to pay it.

        :rtype: bool
        """
        self.ensure_one()
        options = self._get_bill_layout()._get_options(self.env.lang)
        return self.move_type == "out_invoice" and options["show_payment"]

    def _get_paper_bank(self):
        """Where to pay, as ``(label, text)``: the parts of a British account by
        themselves, for that is what people type into their bank's form.

        :rtype: list
        """
        account = self._get_paper_account()
        rows = self._get_account_rows(account) if account else []
        rows.append((self.env._("Payment reference"), self._get_paper_reference()))
        return [(label, text) for label, text in rows if text]

    def _get_paper_reference(self):
        """What people give as the reference of their payment.

        :rtype: str
        """
        number = self.name if self.name and self.name != "/" else ""
        return self.payment_reference or number

    def _get_account_rows(self, account):
        """
        :param res.partner.bank account:
        :return: ``(label, text)``, some without a text
        :rtype: list
        """
        number = account.acc_number or ""
        digits = (account.sanitized_acc_number or "").upper()
        country = (account.company_id or self.company_id).sudo().country_id.code
        is_british = re.fullmatch(r"GB\d\d[A-Z]{4}\d{14}", digits)
        clearing = account.clearing_number
        rows = [
            (self.env._("Account holder"), account.acc_holder_name),
            (self.env._("Bank"), account.bank_id.name),
        ]
        if is_british:
            sort = clearing or "-".join(re.findall("..", digits[8:14]))
            rows += [
                (self.env._("Sort code"), sort),
                (self.env._("Account number"), digits[14:]),
                ("IBAN", " ".join(re.findall(".{1,4}", digits))),
            ]
        else:
            labels = {
                "GB": self.env._("Sort code"),
                "IE": self.env._("Sort code"),
                "AU": "BSB",
                "US": self.env._("Routing number"),
                "IN": "IFSC",
            }
            clearing_label = labels.get(country, self.env._("Clearing number"))
            is_iban = account.acc_type == "iban"
            rows += [
                (clearing_label, clearing),
                ("IBAN" if is_iban else self.env._("Account number"), number),
            ]
        return [*rows, ("BIC", account.bank_bic)]

    def _get_paper_standing(self, options):
        """How the matter stands besides this bill, as the template asks.

        :param dict options: of the template
        :return: ``(text, amount in words)``
        :rtype: list
        """
        if self.move_type != "out_invoice":
            return []
        rows = self._get_paper_unpaid() if options["show_unpaid"] else []
        if options["show_client_money"]:
            rows += self._get_paper_client_money()
        return [
            (text, format_amount(self.env, amount, currency))
            for text, amount, currency in rows
        ]

    def _get_paper_unpaid(self):
        """What who is billed owes on other bills of these matters, credits taken off.

        :return: ``(text, amount, currency)``, one for each currency
        :rtype: list
        """
        unpaid = (
            Domain("matter_ids", "in", self.matter_ids.ids)
            & Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "=", "posted")
            & Domain("payment_state", "in", ("not_paid", "partial", "in_payment"))
            & Domain("id", "!=", self.id)
        )
        groups = self.sudo()._read_group(  # a figure of the bill's own matters
            unpaid & Domain("is_shared", "=", False),
            ["currency_id", "move_type"],
            ["amount_residual:sum"],
        )
        sums = defaultdict(float)
        # of bills that name their payers the own share
        for bill in self.sudo().search(unpaid & Domain("is_shared", "=", True)):
            sums[bill.currency_id] += bill._get_open_share(self.partner_id) or 0.0
        for currency, move_type, amount in groups:
            sums[currency] += -amount if move_type == "out_refund" else amount
        day = format_date(self.env, fields.Date.context_today(self))
        text = self.env._("Other bills of this matter, unpaid on %s", day)
        return [
            (text, amount, currency)
            for currency, amount in sums.items()
            if not currency.is_zero(amount)
        ]

    def _get_paper_client_money(self):
        """What is held for these matters. The room of client money knows.

        :return: ``(text, amount, currency)``, one for each currency
        :rtype: list
        """
        return []

    def _get_paper_notice(self):
        """What the firm must tell its clients on a bill.

        :rtype: str
        """
        if self.move_type != "out_invoice":
            return ""
        company_sudo = self.company_id.sudo()  # printed by every reader of the bill
        return company_sudo.with_context(lang=self.env.lang).legal_bill_notice or ""

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
