from odoo import fields
from odoo.tools import LazyTranslate

from ....exceptions import ApprovalError
from ...bill.account_move_stage import EVENTS
from .operation import Operation, Question

_lt = LazyTranslate(__name__)


class Approve(Operation):
    """Drafts are posted; who approved them and when is noted by posting."""

    key = "approve"
    label = "Approve"
    roles = EVENTS["approve"].roles
    stages = EVENTS["approve"].stages
    error = ApprovalError
    page = "legal_billing.production_action"
    is_of_sets = True
    question = Question(
        title=_lt("Approve bills"),
        button=_lt("Approve"),
        rest=_lt("Approve the other %(count)s"),
        refused=_lt("%(count)s cannot be approved"),
    )

    @classmethod
    def get_problems(cls, bills, invoice_date=None):
        """What the rooms have against approving them, at this date."""
        whole = bills._get_split_set("draft")
        found = whole._get_approval_problems(invoice_date)
        for bill, texts in whole._get_split_obstacles().items():
            found[bill] = [*found.get(bill, ()), *texts]
        return bills._spread_over_sets(found)

    @classmethod
    def sort(cls, bills):
        """Numbers follow dates."""
        today = fields.Date.context_today(bills)
        return bills.sorted(lambda bill: (bill.invoice_date or today, bill.id))

    def do(self, lines):
        lines = self._skip_stale(lines)
        bills = lines.bill_id._get_split_set("draft")
        # core looks at the analytic accounts one by one: read them together before
        bills.matter_ids.account_id.mapped("plan_id")
        # one note per bill, written together, says what core's tracking would say in
        # as many messages of seven queries each; by the button, which other addons extend
        bills.with_context(mail_notrack=True).action_post()
        bills._check_arrived("approve")
        bills._message_log_batch(
            bodies={
                bill.id: self.env._("Approved as %(bill)s.", bill=bill.name)
                for bill in bills
            }
        )
        lines._set_result("done")
