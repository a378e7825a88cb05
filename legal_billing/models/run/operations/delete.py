from odoo.tools import LazyTranslate

from ....exceptions import UndoError
from ...bill.account_move_stage import EVENTS
from .operation import Operation, Question

_lt = LazyTranslate(__name__)


class Delete(Operation):
    """Drafts go back to WIP."""

    key = "delete"
    label = "Delete"
    roles = EVENTS["delete"].roles
    stages = EVENTS["delete"].stages
    error = UndoError
    page = "legal_billing.draft_bill_action"
    is_of_sets = True
    question = Question(
        title=_lt("Delete drafts"),
        button=_lt("Delete drafts"),
        rest=_lt("Delete the other %(count)s"),
        refused=_lt("%(count)s cannot be deleted"),
        is_danger=True,
    )

    @classmethod
    def get_problems(cls, bills, invoice_date=None):
        """What the rooms have against it: those that had a number are cancelled."""
        numbered = bills.filtered("posted_before")
        found = numbered._get_obstacles("cancel") | (bills - numbered)._get_obstacles(
            "delete"
        )
        return bills._spread_over_sets(found)

    def do(self, lines):
        lines.bill_id._delete_bills()
        lines._set_result("done")
