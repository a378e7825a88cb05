from collections import defaultdict

from odoo.fields import Command

from ....exceptions import BillingRunError
from ...drafting.legal_bill_maker import BillJob
from ..reasons import REASONS
from .operation import Operation


class Bill(Operation):
    """Matters become drafts."""

    key = "bill"
    label = "Mass billing"
    error = BillingRunError
    page = "legal_billing.draft_bill_action"
    subject = "matter_id"

    def do(self, lines):
        """Make the drafts of these rows, priced anew on what the database holds now.

        :param legal.billing.run.line lines: rows of one company
        """
        loader = self.env["legal.billing.loader"]
        rows = {
            row.matter: row
            for row in loader._load(
                lines.matter_id,
                self.run.invoice_date,
                self.run._get_effective_cutoff(),
                detailed=True,
                unticked=lines.unticked_ids,
            )
        }
        jobs, job_lines = [], []
        for line in lines:
            row = rows.get(line.matter_id)
            if row is None or row.state != "ready":
                code = row.reason_code if row else "nothing_to_bill"
                state = "failed" if REASONS[code].mendable else "skipped"
                line._set_result(state, code, row.message if row else "")
                continue
            changed = bool(line.fingerprint) and (
                row.fingerprint != line.fingerprint
                or row.currency.compare_amounts(row.amount, line.amount) != 0
            )
            if changed and self.run.company_id.legal_hold_changed_rows:
                line.write(row.as_vals() | {"state": "skipped"})
                line._set_result("skipped", "changed")
                continue
            jobs.append(self._prepare_job(line, row, changed))
            job_lines.append(line)
        bills = self.env["legal.bill.maker"]._make_bills(jobs)
        bills._get_split_set()  # read together
        nets = self._get_company_nets(bills.filtered("is_together"))
        if jobs:
            billed = lines.browse(line.id for line in job_lines).matter_id
            self.env["legal.billing.choice"]._forget(billed)
        for line, bill, job in zip(job_lines, bills, jobs, strict=True):
            line.write(
                {
                    "bill_id": bill.id,
                    "state": "done",
                    "reason_code": False,
                    "message": False,
                    "amount": float(job.priced.net),
                    "company_amount": nets[bill, line.matter_id]
                    if bill.is_together
                    else sum(bill._get_split_set().mapped("amount_untaxed_signed")),
                    "attempts": line.attempts + 1,
                }
            )

    def _get_company_nets(self, bills):
        """What each matter has of bills over several, net, in the company's currency.

        :rtype: dict
        """
        nets = defaultdict(float)
        for line in bills.invoice_line_ids:
            nets[line.move_id, line.matter_id] -= line.balance
        return nets

    def _prepare_job(self, line, row, changed):
        """The bill to be made of a row: its own template and terms, else the run's,
        else the matter's.

        :rtype: BillJob
        """
        difference = row.amount - line.amount
        extra = {}
        unticked = line.unticked_ids.filtered(lambda entry: not entry.bill_id)
        if unticked:
            extra["left_out_ids"] = [Command.set(unticked.ids)]
        if changed:
            extra |= {
                "is_changed_since_review": True,
                "review_difference": difference,
            }
        return BillJob(
            matter=line.matter_id,
            rows=row.rows,
            instalments=row.instalments,
            invoice_date=self.run.invoice_date,
            cutoff_date=self.run._get_effective_cutoff(),
            report=line.bill_report_id or self.run.bill_report_id,
            payment_term=line.payment_term_id or self.run.payment_term_id,
            run=self.run,
            priced=row.priced,
            extra_vals=extra,
            together=line.bill_together,
        )
