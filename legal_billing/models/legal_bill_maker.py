from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo import api, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, clean_context

from .. import engine
from ..engine.decimals import to_decimal
from ..exceptions import BillingRunError, ConfigurationError

FEE_ELEMENTS = ("fees",)
DISBURSEMENT_ELEMENTS = (
    "disbursement_exempt",
    "disbursement_taxable",
    "anticipated_exempt",
    "anticipated_taxable",
)
SCOPE_ELEMENTS = {
    "fees": FEE_ELEMENTS,
    "disbursements": DISBURSEMENT_ELEMENTS,
    "both": FEE_ELEMENTS + DISBURSEMENT_ELEMENTS,
}


@dataclass
class BillJob:
    """One bill to be made: what it is of, when, and how it is priced."""

    matter: models.Model
    rows: list
    instalments: models.Model
    invoice_date: date
    cutoff_date: date
    report: models.Model = None
    payment_term: models.Model = None
    run: models.Model = None
    force: bool = False
    priced: engine.PricedBill = None
    journal: models.Model = None
    extra_vals: dict = field(default_factory=dict)


class LegalBillMaker(models.AbstractModel):
    """Turns WIP into priced bills, for many matters at a time.

    The run, the single-matter bill, the re-pricing of a draft and the preview all go
    through here, so that they cannot differ. Callers check the user's role; the work
    itself runs as superuser.
    """

    _name = "legal.bill.maker"
    _description = "Bill Maker"

    # --- loading

    @api.model
    def _load_rows(self, domain):
        """Entries as plain rows.

        :param odoo.fields.Domain domain: of the entries
        :return: ``{matter id: rows}``, oldest first
        :rtype: dict
        """
        names = [
            "matter_id",
            "wip_type",
            "wip_amount",
            "wip_currency_id",
            "bill_behavior",
            "bill_quantity",
            "product_id",
            "is_anticipated",
            "date",
        ]
        entries_sudo = self.env["account.analytic.line"].sudo()
        query = entries_sudo._search(domain, order="date, id")
        entries_sudo.flush_model(names)
        columns = SQL(", ").join(
            SQL.identifier(entries_sudo._table, name) for name in ["id", *names]
        )
        rows_by_matter = defaultdict(list)
        for row in self.env.execute_query_dict(query.select(columns)):
            rows_by_matter[row["matter_id"]].append(row)
        return rows_by_matter

    @api.model
    def _get_billable_domain(self, matters, cutoff):
        """Entries that a bill up to the cut-off takes.

        :param project.project matters:
        :param date cutoff: the effective cut-off
        :rtype: odoo.fields.Domain
        """
        return (
            self.env["account.analytic.line"]._get_unbilled_domain()
            & Domain("matter_id", "in", matters.ids)
            & Domain("is_on_hold", "=", False)
            & Domain("date", "<=", cutoff)
        )

    @api.model
    def _get_quote_billed(self, matters, exclude=None):
        """Net amount that bills took of each matter's quote, credits taken off.

        :param project.project matters: matters with a quote
        :param account.move exclude: the bill that is being priced
        :return: ``{matter id: amount}`` in the currency of the matter's bills
        :rtype: dict
        """
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                Domain("matter_id", "in", matters.ids)
                & (
                    Domain("parent_state", "=", "posted")
                    | Domain("parent_state", "=", "draft")
                    & Domain("move_id.move_type", "=", "out_invoice")
                )
                & Domain("move_id", "not in", exclude.ids if exclude else [])
                & Domain("move_id.move_type", "in", ("out_invoice", "out_refund"))
                & Domain("display_type", "=", "product")
                & Domain("bill_element", "!=", False),
                ["matter_id", "bill_element", "move_type"],
                ["price_subtotal:sum"],
            )
        )
        # by the stored matter: options may be looked at before they are saved
        scopes = {m._origin.id: m.quote_scope or "fees" for m in matters}
        billed = defaultdict(float)
        for matter, element, move_type, amount in groups:
            if element in SCOPE_ELEMENTS[scopes[matter.id]]:
                billed[matter.id] += -amount if move_type == "out_refund" else amount
        return billed

    @api.model
    def _get_not_waiting_domain(self, matter, instalments):
        """Entries that the matter's fixed fee does not keep waiting.

        :param legal.fee.instalment instalments: those on the bill
        :rtype: odoo.fields.Domain
        """
        kinds = {
            row["wip_type"]
            for row in self._split_fixed_rows(
                matter,
                [{"wip_type": "time"}, {"wip_type": "disbursement"}],
                instalments,
            )
        }
        return Domain("wip_type", "in", list(kinds))

    @api.model
    def _get_due_instalments(self, matters, cutoff):
        """Unbilled instalments that are due.

        :return: ``{matter: instalments}``
        :rtype: dict
        """
        instalments_sudo = self.env["legal.fee.instalment"].sudo()
        fixed = matters.filtered(lambda m: m.billing_arrangement == "fixed")
        due = instalments_sudo.search(
            instalments_sudo._get_unbilled_domain(fixed)
        ).filtered(lambda row: row._is_due(cutoff))
        return due.grouped("matter_id")

    # --- pricing

    @api.model
    def _get_fee_product(self, matter):
        """Product that gives account and tax of the matter's fees.

        :rtype: product.product
        """
        return (
            matter.fee_product_id
            or matter.practice_area_id.fee_product_id
            or matter.company_id.legal_fee_product_id
        )

    @api.model
    def _is_exempt(self, product, company):
        """Whether disbursements of this type carry no tax of ours (rule C-13): decided
        by the type's own taxes, before any fiscal position."""
        if product.disbursement_treatment == "agent":
            return True
        taxes = product.taxes_id._filter_taxes_by_company(company)
        return not any(tax.amount for tax in taxes)

    @api.model
    def _make_entries(self, matter, rows, day):
        """Rows as engine entries, in the matter's billing currency.

        :rtype: list
        """
        fee_product = self._get_fee_product(matter)
        default_type = matter.company_id.legal_disbursement_product_id
        currency = matter.billing_currency_id or matter.company_id.currency_id
        products = self.env["product.product"]
        entries = []
        for row in rows:
            amount = row["wip_amount"] or 0
            if row["wip_currency_id"] and row["wip_currency_id"] != currency.id:
                source = self.env["res.currency"].browse(row["wip_currency_id"])
                amount = source._convert(amount, currency, matter.company_id, day)
            is_time = row["wip_type"] == "time"
            product = (
                fee_product
                if is_time
                else products.browse(row["product_id"]) or default_type
            )
            entries.append(
                engine.Entry(
                    id=row["id"],
                    kind=row["wip_type"],
                    amount=to_decimal(amount),
                    group=(product.id, bool(row["is_anticipated"] and not is_time)),
                    behavior=row["bill_behavior"] or "bill",
                    exempt=not is_time and self._is_exempt(product, matter.company_id),
                    date=row["date"],
                )
            )
        return entries

    @api.model
    def _make_terms(self, matter, instalments, quote_billed, bill=None, force=False):
        """The matter's options, or those of its draft, as engine terms.

        :param legal.fee.instalment instalments: due on this bill
        :param float quote_billed: what other bills took of the quote
        :param account.move bill: the draft that is priced again
        :rtype: engine.Terms
        """
        currency = matter.billing_currency_id or matter.company_id.currency_id
        fixed = matter.billing_arrangement == "fixed"
        quote = None
        if matter.quoted_amount and not instalments:
            quote = engine.Quote(
                amount=to_decimal(matter.quoted_amount),
                rule=(bill and bill.bill_quote_rule) or matter.quote_rule or "lower",
                scope=matter.quote_scope or "fees",
                already_billed=to_decimal(
                    quote_billed if matter.quote_basis != "bill" else 0.0
                ),
            )
        discount = bill or matter
        prefix = "bill_discount" if bill else "discount"
        return engine.Terms(
            rounding=to_decimal(currency.rounding),
            fee_group=(self._get_fee_product(matter).id, False),
            quote=quote,
            instalments=tuple(
                engine.Instalment(row.id, to_decimal(row.amount)) for row in instalments
            ),
            instalment_scope=(matter.quote_scope or "fees") if fixed else "fees",
            discount_type=discount[f"{prefix}_type"] or "none",
            discount_value=to_decimal(discount[f"{prefix}_value"]),
            fee_override=(
                to_decimal(bill.fee_override)
                if bill and bill.is_fee_overridden
                else None
            ),
            adjustment_display=(bill and bill.bill_adjustment_display)
            or matter.adjustment_display
            or "hidden",
            minimum=(
                to_decimal(matter.minimum_bill_amount)
                if matter.minimum_bill_amount and not bill
                else None
            ),
            force=force or bool(bill),
        )

    @api.model
    def _split_fixed_rows(self, matter, rows, instalments):
        """A fixed-fee matter's in-scope entries wait for an instalment; the others are
        billed at value beside it, also between instalments.

        :return: the rows that are billed now
        :rtype: list
        """
        if matter.billing_arrangement != "fixed" or instalments or matter.quoted_amount:
            return rows
        scope = matter.quote_scope or "fees"
        waiting = {
            "fees": {"time"},
            "disbursements": {"disbursement"},
            "both": {"time", "disbursement"},
        }[scope]
        return [row for row in rows if row["wip_type"] not in waiting]

    @api.model
    def _price(
        self, matter, rows, instalments, quote_billed, day, bill=None, force=False
    ):
        """Price one bill.

        :return: all of the bill's money before tax
        :rtype: engine.PricedBill
        """
        return engine.price_bill(
            self._make_entries(matter, rows, day),
            self._make_terms(matter, instalments, quote_billed, bill, force),
        )

    # --- making

    @api.model
    def _make_bills(self, jobs):
        """Create drafts, link their entries and instalments, touch their matters, all
        in this transaction.

        :param list jobs: priced ``BillJob``s, of one company
        :return: one draft per job, in order
        :rtype: account.move
        :raise BillingRunError: if an entry was taken by another bill meanwhile
        """
        if not jobs:
            return self.env["account.move"]
        company = jobs[0].matter.company_id
        maker = self.sudo().with_company(company)
        moves = (
            maker.env["account.move"]
            .with_context(
                clean_context(self.env.context),
                legal_billing_internal=True,
                mail_create_nolog=True,
                mail_create_nosubscribe=True,
            )
            .create(maker._prepare_bill_vals_list(jobs))
        )
        maker._link_entries(
            [
                (entry.id, move.id, entry.billed)
                for job, move in zip(jobs, moves, strict=True)
                for entry in job.priced.entries
            ]
        )
        maker.env["legal.fee.instalment"]._mark_billed(
            {
                instalment: move
                for job, move in zip(jobs, moves, strict=True)
                for instalment in job.instalments
            }
        )
        maker._log_adjustments(
            [(move, job.priced) for job, move in zip(jobs, moves, strict=True)]
        )
        maker._touch_matters(
            self.env["project.project"].union(*(job.matter for job in jobs))
        )
        return moves.with_env(self.env)

    @api.model
    def _prepare_bill_vals_list(self, jobs):
        """Values of the drafts, every one explicit: what core would compute line by
        line it is given.

        :rtype: list
        """
        partners = self.env["res.partner"].union(
            *(job.matter.billing_partner_id for job in jobs)
        )
        positions = {
            partner: self.env["account.fiscal.position"]._get_fiscal_position(partner)
            for partner in partners
        }
        default = None
        for job in jobs:
            job.journal = self._get_own_journal(job.matter) or default
            if not job.journal:
                job.journal = default = self._get_journal(job.matter)
        return [
            self._prepare_bill_vals(job, positions[job.matter.billing_partner_id])
            for job in jobs
        ]

    @api.model
    def _prepare_bill_vals(self, job, fiscal_position):
        """Values of one draft.

        :rtype: dict
        """
        matter, priced = job.matter, job.priced
        currency = matter.billing_currency_id or matter.company_id.currency_id
        term = job.payment_term or matter.bill_payment_term_id
        report = job.report or matter.bill_report_id
        return {
            "move_type": "out_invoice",
            "company_id": matter.company_id.id,
            "journal_id": job.journal.id,
            "partner_id": matter.billing_partner_id.id,
            "client_id": matter.partner_id.id,
            "currency_id": currency.id,
            "fiscal_position_id": fiscal_position.id,
            "invoice_date": job.invoice_date,
            "date": job.invoice_date,
            "invoice_payment_term_id": term.id,
            "invoice_user_id": matter.responsible_id.id,
            "invoice_origin": matter.matter_number,
            "matter_ids": [Command.set(matter.ids)],
            "billing_run_id": job.run.id if job.run else False,
            "cutoff_date": job.cutoff_date,
            "bill_report_id": report.id,
            "bill_email_template_id": matter.bill_email_template_id.id,
            "recipient_ids": [Command.set(matter.bill_recipient_ids.ids)],
            "print_copies": matter.bill_print_copies or "0",
            "bill_discount_type": matter.discount_type or "none",
            "bill_discount_value": matter.discount_value,
            "invoice_line_ids": [
                Command.create(vals)
                for vals in self._prepare_line_vals_list(
                    matter,
                    priced,
                    currency,
                    fiscal_position,
                    job.invoice_date,
                    job.rows,
                )
            ],
            **self._prepare_summary_vals(priced),
            **job.extra_vals,
        }

    @api.model
    def _prepare_summary_vals(self, priced):
        return {
            "standard_fees": float(priced.standard_fees),
            "quote_effect": float(priced.quote_effect),
            "discount_effect": float(priced.discount),
            "agreed_effect": float(priced.agreed_effect),
            "fees_amount": float(priced.fees),
            "disbursements_amount": float(priced.disbursements),
        }

    @api.model
    def _prepare_line_vals_list(
        self, matter, priced, currency, fiscal_position, day, rows
    ):
        """Values of the generated lines: quantity 1 × amount (rule C-10).

        :rtype: list
        """
        hours = sum(row["bill_quantity"] for row in rows if row["wip_type"] == "time")
        result = []
        cost_groups = set()
        for sequence, line in enumerate(priced.lines, start=1):
            product_id, anticipated = line.group
            if line.kind == "disbursement":
                cost_groups.add(line.group)
            # a shown reduction comes after the disbursements that it reduces
            is_cost = line.kind == "disbursement" or (
                line.kind == "adjustment" and line.group in cost_groups
            )
            product = self.env["product.product"].browse(product_id)
            agent = is_cost and product.disbursement_treatment == "agent"
            taxes = self.env["account.tax"]
            if not agent:
                taxes = fiscal_position.map_tax(
                    product.taxes_id._filter_taxes_by_company(matter.company_id)
                )
            amount = float(line.amount)
            balance = amount
            if currency != matter.company_id.currency_id:
                balance = currency._convert(
                    amount, matter.company_id.currency_id, matter.company_id, day
                )
            result.append(
                {
                    "sequence": sequence,
                    "product_id": product.id,
                    "name": self._get_line_text(matter, line, product, hours, rows),
                    "account_id": self._get_account(
                        matter, product, fiscal_position
                    ).id,
                    "quantity": 1.0,
                    "price_unit": amount,
                    "tax_ids": [Command.set(taxes.ids)],
                    "tax_tag_ids": [Command.set(taxes.get_tax_tags(False, "base").ids)],
                    "product_uom_id": product.uom_id.id,
                    "balance": -balance,
                    "amount_currency": -amount,
                    "analytic_distribution": {str(matter.account_id.id): 100},
                    "matter_id": matter.id,
                    "bill_element": self._get_element(
                        is_cost, product, anticipated, matter.company_id
                    ),
                    "legal_line_kind": line.kind,
                }
            )
        return result

    @api.model
    def _get_element(self, is_cost, product, anticipated, company):
        if not is_cost:
            return "fees"
        kind = "anticipated" if anticipated else "disbursement"
        exempt = self._is_exempt(product, company)
        return f"{kind}_{'exempt' if exempt else 'taxable'}"

    @api.model
    def _get_line_text(self, matter, line, product, hours, rows):
        """What the invoice line says; the itemised list is printed from the entries.

        :rtype: str
        """
        if line.kind == "fee":
            return self.env._("Professional fees, %(hours)s hours", hours=f"{hours:g}")
        if line.kind == "instalment":
            instalment = self.env["legal.fee.instalment"].browse(line.instalment_id)
            return instalment.name or self.env._("Fixed fee")
        if line.kind == "quote":
            return self.env._("Fees as quoted")
        if line.kind == "adjustment":
            return self.env._("Adjustment to the standard value")
        if line.kind == "discount":
            discount = matter.company_id.legal_discount_product_id
            return discount.display_name or self.env._("Discount on fees")
        return product.display_name or self.env._("Disbursements")

    @api.model
    def _get_own_journal(self, matter):
        return matter.bill_journal_id or matter.company_id.legal_bill_journal_id

    @api.model
    def _get_journal(self, matter):
        """Journal of the matter's bills: its own, the company's, or the first one.

        :raise ConfigurationError: if the company has no sales journal
        :rtype: account.journal
        """
        journal = self._get_own_journal(matter) or self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(matter.company_id),
                ("type", "=", "sale"),
            ],
            limit=1,
        )
        if not journal:
            raise ConfigurationError(
                self.env._(
                    "%(company)s has no sales journal for the bill of %(matter)s. "
                    "Create one, or choose a bill journal in the settings.",
                    company=matter.company_id.name,
                    matter=matter.display_name,
                )
            )
        return journal

    @api.model
    def _get_account(self, matter, product, fiscal_position, raising=True):
        """Income account of a generated line, from the product through the fiscal
        position, else the journal's.

        :raise ConfigurationError: when there is none and ``raising``
        :rtype: account.account
        """
        account = product.product_tmpl_id.with_company(
            matter.company_id
        ).get_product_accounts(fiscal_position)["income"]
        if (
            not account
            or account.company_ids
            and not (
                matter.company_id in account.company_ids
                or matter.company_id.root_id in account.company_ids
            )
        ):
            account = self._get_journal(matter).default_account_id
        if not account and raising:
            raise ConfigurationError(
                self.env._(
                    "%(product)s has no income account for the bill of %(matter)s. Set "
                    "it on the product or its category.",
                    product=product.display_name or self.env._("The fee product"),
                    matter=matter.display_name,
                )
            )
        return account

    # --- links

    @api.model
    def _link_entries(self, links):
        """Tie entries to their bills, once.

        Writes the same rows that any other bill of these entries would, so two
        transactions that take the same entry conflict.

        :param list links: ``(entry id, bill id, billed amount)``
        :raise BillingRunError: if an entry is on a bill or written off already
        """
        if not links:
            return
        entries = self.env["account.analytic.line"].browse(link[0] for link in links)
        entries.flush_recordset()
        linked = self.env.execute_query(
            SQL(
                """
                UPDATE account_analytic_line entry
                   SET bill_id = link.bill_id, billed_amount = link.amount,
                       write_uid = %s, write_date = %s
                  FROM unnest(%s::int[], %s::int[], %s::numeric[])
                       AS link(id, bill_id, amount)
                 WHERE entry.id = link.id AND entry.written_off_on IS NULL
                   AND (entry.bill_id IS NULL OR entry.bill_id = link.bill_id)
             RETURNING entry.id
                """,
                self.env.uid,
                self.env.cr.now(),
                [link[0] for link in links],
                [link[1] for link in links],
                [link[2] for link in links],
            )
        )
        entries.invalidate_recordset()
        entries.modified(["bill_id", "billed_amount"])
        self.env["account.move"].browse(
            {link[1] for link in links}
        ).invalidate_recordset(["wip_line_ids"])
        if len(linked) != len(links):
            raise BillingRunError(
                self.env._(
                    "%(count)s of the entries went to another bill meanwhile. Refresh "
                    "and try again.",
                    count=len(links) - len(linked),
                )
            )

    @api.model
    def _touch_matters(self, matters):
        """Write the matter rows, so that transactions which bill the same matter
        without a common entry conflict too."""
        if matters:
            self.env.execute_query(
                SQL(
                    "UPDATE project_project SET billing_sequence = "
                    "COALESCE(billing_sequence, 0) + 1 WHERE id IN %s RETURNING id",
                    tuple(matters.ids),
                )
            )
            matters.invalidate_recordset(["billing_sequence"])

    @api.model
    def _log_adjustments(self, priced_bills):
        """Replace the log of computed adjustments of these bills.

        :param list priced_bills: ``(bill, engine.PricedBill)``
        """
        log = self.env["legal.bill.adjustment"].sudo()
        labels = {
            "quote": self.env._("Quote applied"),
            "instalment": self.env._("Fixed fee"),
            "discount": self.env._("Discount"),
            "agreed": self.env._("Agreed fee"),
        }
        log.create(
            [
                {
                    "bill_id": bill.id,
                    "matter_id": bill.matter_id.id,
                    "step": adjustment.step,
                    "before_amount": float(adjustment.before),
                    "after_amount": float(adjustment.after),
                    "reason": labels[adjustment.step],
                }
                for bill, priced in priced_bills
                for adjustment in priced.adjustments
            ]
        )
