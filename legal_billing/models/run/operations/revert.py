from odoo.tools import LazyTranslate

from ....exceptions import UndoError
from ...bill.account_move_stage import EVENTS
from .operation import Operation, Question

_lt = LazyTranslate(__name__)


class Revert(Operation):
    """Approved bills go back to draft, under the same number."""

    key = "revert"
    label = "Revert"
    roles = EVENTS["revert"].roles
    stages = EVENTS["revert"].stages
    error = UndoError
    page = "legal_billing.draft_bill_action"
    is_of_sets = True
    question = Question(
        title=_lt("Revert bills to draft"),
        button=_lt("Revert to draft"),
        rest=_lt("Revert the other %(count)s"),
        refused=_lt("%(count)s cannot be reverted"),
    )

    @classmethod
    def get_problems(cls, bills, invoice_date=None):
        """What the rooms have against reverting them; for the reason, which delivered
        ones need of a manager, the window asks."""
        bills = bills.with_context(legal_billing_reason="-")
        return bills._spread_over_sets(bills._get_obstacles("revert"))

    def do(self, lines):
        # known by their ids alone: core forgets meanwhile what rows they were read from
        bills = self.env["account.move"].browse(lines.bill_id.ids)
        bills.with_context(legal_billing_reason=self.run.reason)._revert_bills()
        lines._set_result("done")
