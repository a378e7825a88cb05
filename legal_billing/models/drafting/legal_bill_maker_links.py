from dataclasses import replace

from odoo import api, models
from odoo.tools import SQL

from ...exceptions import BillingRunError


class LegalBillMaker(models.AbstractModel):
    """What ties a bill to its entries and its matter, and logs its price."""

    _inherit = "legal.bill.maker"

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
