from ....exceptions import UndoError
from ...bill.account_move_stage import EVENTS
from .operation import Operation


class Revert(Operation):
    """Approved bills go back to draft, under the same number."""

    key = "revert"
    label = "Revert"
    roles = EVENTS["revert"].roles
    stages = EVENTS["revert"].stages
    error = UndoError
    page = "legal_billing.draft_bill_action"

    def do(self, lines):
        # known by their ids alone: core forgets meanwhile what rows they were read from
        bills = self.env["account.move"].browse(lines.bill_id.ids)
        bills.with_context(legal_billing_reason=self.run.reason)._revert_bills()
        lines._set_result("done")
