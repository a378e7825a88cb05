from ....exceptions import ApprovalError
from ...bill.account_move_stage import EVENTS
from .operation import Operation


class Approve(Operation):
    """Drafts are posted; who approved them and when is noted by posting."""

    key = "approve"
    label = "Approve"
    roles = EVENTS["approve"].roles
    stages = EVENTS["approve"].stages
    error = ApprovalError
    page = "legal_billing.production_action"

    def do(self, lines):
        bills = lines.bill_id
        stale = bills.filtered(lambda bill: bill.billing_stage != "draft")
        lines.filtered(lambda line: line.bill_id in stale)._set_result(
            "skipped", "wrong_stage"
        )
        lines = lines.filtered(lambda line: line.bill_id not in stale)
        bills = lines.bill_id
        # core looks at the analytic accounts one by one: read them together before
        bills.matter_ids.account_id.mapped("plan_id")
        # one note per bill, written together, says what core's tracking would say in
        # as many messages of seven queries each
        bills.with_context(mail_notrack=True)._post(soft=False)
        bills._check_arrived("approve")
        bills._message_log_batch(
            bodies={
                bill.id: self.env._("Approved as %(bill)s.", bill=bill.name)
                for bill in bills
            }
        )
        lines._set_result("done")
