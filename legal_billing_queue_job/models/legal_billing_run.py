from odoo import models

from odoo.addons.legal_billing.models.run.legal_billing_run_process import CHUNK_SIZE


class LegalBillingRun(models.Model):
    _inherit = "legal.billing.run"

    def _wake_workers(self, after=0):
        """One job per chunk instead of the crons."""
        for run in self:
            for number in range(-(-run.queued_count // CHUNK_SIZE)):
                run.with_delay(
                    eta=after or None, description=f"{run.name}, chunk {number + 1}"
                )._work_one_chunk()
