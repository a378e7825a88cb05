from ....exceptions import UndoError
from ...bill.account_move_stage import EVENTS
from .operation import Operation


class Delete(Operation):
    """Drafts go back to WIP."""

    key = "delete"
    label = "Delete"
    roles = EVENTS["delete"].roles
    stages = EVENTS["delete"].stages
    error = UndoError
    page = "legal_billing.draft_bill_action"

    def do(self, lines):
        lines.bill_id._delete_bills()
        lines._set_result("done")
