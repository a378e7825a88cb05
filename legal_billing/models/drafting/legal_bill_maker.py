from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

from odoo import api, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ... import engine
from ...exceptions import BillingRunError


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
    #: on one bill with others that have this and all else in common
    together: bool = False
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
            "standard_amount",
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

    # --- making

    @api.model
    def _make_bills(self, jobs):
        """Create drafts, link their entries and instalments, touch their matters, all
        in this transaction.

        :param list jobs: priced ``BillJob``s, of one company
        :return: of each job its draft, in order; of a matter with several payers the
            one that holds the entries; jobs that go together have the same one
        :rtype: account.move
        :raise BillingRunError: if an entry was taken by another bill meanwhile
        """
        if not jobs:
            return self.env["account.move"]
        company = jobs[0].matter.company_id
        maker = self.sudo().with_company(company)
        maker._complete_instalments(jobs)
        splits = maker._get_splits(jobs)
        moves = maker._make_sets(jobs, splits, maker._prepare_bill_vals_list(jobs))
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
            [
                (move, job.matter, job.priced)
                for job, move in zip(jobs, moves, strict=True)
            ]
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
        vals_list = [
            self._prepare_bill_vals(job, positions[job.matter.billing_partner_id])
            for job in jobs
        ]
        self._distribute(
            [
                (job.matter, line)
                for job, vals in zip(jobs, vals_list, strict=True)
                for _command, _id, line in vals["invoice_line_ids"]
            ]
        )
        return vals_list

    @api.model
    def _prepare_bill_vals(self, job, fiscal_position):
        """Values of one draft.

        :rtype: dict
        """
        matter, priced = job.matter, job.priced
        currency = matter.billing_currency_id or matter.company_id.currency_id
        term = job.payment_term or matter.bill_payment_term_id
        report = job.report or matter.bill_report_id
        payer = matter.billing_partner_id.commercial_partner_id
        # archived ones too: the bill says so, rather than go to the others alone
        recipients = matter._get_bill_recipients()
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
            # without terms it is due at once: core would say the day it is made
            **({} if term else {"invoice_date_due": job.invoice_date}),
            "invoice_user_id": matter.responsible_id.id,
            "invoice_origin": matter.matter_number,
            "ref": matter.client_reference,
            "matter_ids": [Command.set(matter.ids)],
            "billing_run_id": job.run.id if job.run else False,
            "cutoff_date": job.cutoff_date,
            "bill_report_id": report.id,
            "bill_email_template_id": matter.bill_email_template_id.id,
            "recipient_ids": [Command.set(recipients.ids)],
            "print_copies": matter.bill_print_copies or "0",
            "bill_channel_ids": [Command.set(matter.bill_channel_ids.ids)],
            "bill_discount_type": matter.discount_type or "none",
            "bill_discount_value": matter.discount_value,
            "invoice_line_ids": [
                Command.create(vals | {"partner_id": payer.id})
                for vals in self._prepare_line_vals_list(
                    matter,
                    priced,
                    currency,
                    fiscal_position,
                    job.invoice_date,
                    job.rows,
                )
            ],
            **self._prepare_summary_vals(matter, priced),
            **job.extra_vals,
        }

    @api.model
    def _prepare_summary_vals(self, matter, priced):
        """What a bill keeps of its price.

        :rtype: dict
        """
        lang = matter.billing_partner_id.lang
        maker = self.with_context(lang=lang) if lang else self
        return {
            "bill_arrangement": matter.billing_arrangement or "hourly",
            "arrangement_text": maker._get_arrangement_text(matter, priced),
            "subscription_periods": self._as_stored_periods(matter, priced),
            "standard_fees": float(priced.standard_fees),
            "edit_effect": float(priced.value_fees - priced.standard_fees),
            "quote_effect": float(priced.quote_effect),
            "discount_effect": float(priced.discount),
            "agreed_effect": float(priced.agreed_effect),
            "fees_amount": float(priced.fees),
            "disbursements_amount": float(priced.disbursements),
        }

    # --- entries, matter and log

    @api.model
    def _complete_instalments(self, jobs):
        """Make the rows of the periods that repeating instalments were due for beside
        the first, and let the bills' lines name them.

        :param list jobs: priced ``BillJob``s; changed in place
        """
        rows = self.env["legal.fee.instalment"].union(
            *(job.instalments for job in jobs if job.instalments)
        )
        if not rows:
            return
        cutoffs = {row: job.cutoff_date for job in jobs for row in job.instalments}
        chains = rows._make_due_periods(cutoffs)
        for job in jobs:
            if not job.instalments:
                continue
            job.instalments = rows.browse().concat(
                *(chains[row] for row in job.instalments)
            )
            ids = iter(job.instalments.ids)
            job.priced = replace(
                job.priced,
                lines=tuple(
                    replace(line, instalment_id=next(ids))
                    if line.kind == "instalment"
                    else line
                    for line in job.priced.lines
                ),
            )

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

        :param list priced_bills: ``(bill, matter, engine.PricedBill)``
        """
        log = self.env["legal.bill.adjustment"].sudo()
        labels = {
            "blended": self.env._("Blended rate"),
            "subscription": self.env._("Subscription"),
            "cap": self.env._("Cap applied"),
            "contingency": self.env._("Contingent fee"),
            "quote": self.env._("Quote applied"),
            "instalment": self.env._("Fixed fee"),
            "discount": self.env._("Discount"),
            "abatement": self.env._("Abatement"),
            "agreed": self.env._("Agreed fee"),
        }
        log.create(
            [
                {
                    "bill_id": bill.id,
                    "matter_id": matter.id,
                    "step": adjustment.step,
                    "before_amount": float(adjustment.before),
                    "after_amount": float(adjustment.after),
                    "reason": labels[adjustment.step],
                }
                for bill, matter, priced in priced_bills
                for adjustment in priced.adjustments
            ]
        )

    # --- bills to be looked at

    @api.model
    @contextmanager
    def _preview_draft(self, job):
        """The draft that a job would make, as long as the block lasts.

        Nothing remains of it, and nothing else is written meanwhile: the entries are
        not tied to it but copied, and neither they nor the matter are locked.

        :param BillJob job: priced
        :return: the draft
        :rtype: account.move
        """
        maker = self.sudo().with_company(job.matter.company_id)
        with self.env.cr.savepoint() as savepoint:
            try:
                yield maker._make_look(job)
            finally:
                savepoint.rollback()  # with it what was to be done at the commit

    @api.model
    def _make_look(self, job):
        self._complete_instalments([job])
        splits = self._get_splits([job])
        [vals] = self._prepare_bill_vals_list([job])
        billed = {entry.id: float(entry.billed) for entry in job.priced.entries}
        entries = self.env["account.analytic.line"].browse(billed).sorted("date, id")
        rows = [
            row | {"amount": billed[entry.id]}
            for entry, row in zip(entries, entries._as_snapshot(), strict=True)
        ]
        maker = self.with_context(tracking_disable=True)
        return maker._make_sets([job], splits, [vals | {"entries_snapshot": rows}])
