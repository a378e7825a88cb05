from odoo import models

from ...exceptions import BillingRunError


class LegalBillingRunLine(models.Model):
    """The paper beside the pre-bill."""

    _inherit = "legal.billing.run.line"

    def get_paper_html(self):
        """The bill as it would be made and printed now, marked as a draft; once it was
        made, the bill itself. No draft is left behind.

        :return: a whole HTML document
        :rtype: str
        :raise RoleError: for users who do not bill
        :raise BillingRunError: if no bill would be made, saying why
        """
        self.ensure_one()
        self.check_access("read")
        if self.bill_id:
            return self.bill_id.get_paper_html()
        self.run_id._check_biller()
        job = self._prepare_look()
        with self.env["legal.bill.maker"]._look_at(job) as bill:
            return bill.get_paper_html()

    def _prepare_look(self):
        """The bill that would be made of this row now.

        :rtype: BillJob
        """
        run = (
            self.run_id.with_company(self.company_id)
            .with_context(allowed_company_ids=self.company_id.ids)
            .sudo()  # the role was checked by the caller
        )
        line = self.with_env(run.env)
        rows = run.env["legal.billing.loader"]._load(
            line.matter_id,
            run.invoice_date,
            run._get_effective_cutoff(),
            detailed=True,
            unticked=line.unticked_ids,
        )
        row = rows[0] if rows else None
        if row is None or row.state != "ready":
            raise BillingRunError(
                self.env._(
                    "No bill of %(matter)s would be made now: %(reason)s",
                    matter=self.matter_id.display_name,
                    reason=row
                    and row.message
                    or self._get_reason_text("nothing_to_bill"),
                )
            )
        job = run._prepare_job(line, row, changed=False)
        job.run = None  # its figures are not touched either
        return job
