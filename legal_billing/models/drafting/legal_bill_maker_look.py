from contextlib import contextmanager

from odoo import api, models


class LegalBillMaker(models.AbstractModel):
    """Bills that are made to be looked at, and gone afterwards."""

    _inherit = "legal.bill.maker"

    @api.model
    @contextmanager
    def _look_at(self, job):
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
        [vals] = self._prepare_bill_vals_list([job])
        billed = {entry.id: float(entry.billed) for entry in job.priced.entries}
        entries = self.env["account.analytic.line"].browse(billed).sorted("date, id")
        rows = [
            row | {"amount": billed[entry.id]}
            for entry, row in zip(entries, entries._as_snapshot(), strict=True)
        ]
        maker = self.with_context(tracking_disable=True)
        return maker._create_drafts([vals | {"entries_snapshot": rows}])
