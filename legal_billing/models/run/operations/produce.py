from ....exceptions import ProduceError
from ...bill.account_move_stage import EVENTS
from .operation import Operation


class Produce(Operation):
    """Approved bills get their PDFs, are e-mailed and collected in print files; those
    whose delivery failed are sent again."""

    key = "produce"
    label = "Produce"
    roles = EVENTS["produce"].roles
    stages = ("production", "finalized")  # finalized: to be sent again
    error = ProduceError
    page = "legal_billing.production_action"
    step = 2  # each has a PDF to be laid out

    def do(self, lines):
        """Produce the bills of these rows.

        Bills whose e-mail cannot be made stay in production with the reason; if the
        PDFs of the chunk cannot be made it raises, and the caller halves the chunk.

        :param legal.billing.run.line lines: rows of one company
        """
        stale = lines.filtered(
            lambda line: (
                line.bill_id.billing_stage != "production"
                and not line.bill_id._needs_redelivery()
            )
        )
        stale._set_result("skipped", "wrong_stage")
        lines -= stale
        errors = lines.bill_id._produce()
        for line in lines.filtered(lambda line: line.bill_id in errors):
            line._set_result("failed", "email", str(errors[line.bill_id]))
        done = lines.filtered(lambda line: line.bill_id not in errors)
        done._set_result("done")
        if done.bill_id.delivery_message_ids:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def finish(self):
        self.run._make_print_files_safely()
