"""Races for the stage of a bill."""

from .track import Race

STATE = """
SELECT m.state, m.billing_stage, m.amount_untaxed = coalesce((SELECT sum(billed_amount)
  FROM account_analytic_line e WHERE e.bill_id = m.id), 0), (SELECT count(*)
  FROM account_analytic_line e WHERE e.matter_id = %s AND wip_type IS NOT NULL
  AND e.bill_id IS NULL), m.approved_by_id
FROM account_move m WHERE m.id = %s
"""
BUSY = "working on it|changed|at the same time"


class BillRace(Race):
    """Two people and one bill."""

    approved = False

    def make(self, env):
        """A bill."""
        bill = self.office.make_bill(env, approved=self.approved)
        return {"bill": bill.id, "matter": bill.matter_id.id}

    def state(self, look, ids):
        """State, stage, whether it is tied to its entries, free entries, approver."""
        return look(STATE, ids["matter"], ids["bill"])

    @staticmethod
    def _bill(env, ids):
        return env["account.move"].browse(ids["bill"])


class ApproveAndEdit(BillRace):
    """Approving against a change of the draft: what is posted is what its entries say."""

    people = ("approver", "editor")
    refusals = (f"Race.*({BUSY})", f"(Race|INV/).*(In production|{BUSY})")
    may_both = True  # edited, then approved

    def users(self):
        """An approver and a biller."""
        return self.office.approver, self.office.biller

    def first(self, env, ids):
        """Approve."""
        self._bill(env, ids).action_approve_bills()

    def second(self, env, ids):
        """Take an entry off."""
        bill = self._bill(env, ids)
        bill.action_remove_entries(bill.wip_line_ids[:1])

    def holds(self, look, ids, won):
        """Posted if approved, an entry free if edited, tied in any case."""
        state, _stage, tied, free, _who = self.state(look, ids)
        approved, edited = won
        return tied and (state == "posted") == approved and free == int(edited)


class TwoApprovers(BillRace):
    """Two approvers of one draft: approved once, by one of them."""

    people = ("approver", "other approver")
    refusals = (f"(Race|INV/).*(In production|{BUSY})",) * 2

    def users(self):
        """Two approvers."""
        return self.office.approver, self.office.second_approver

    def first(self, env, ids):
        """Approve."""
        self._bill(env, ids).action_approve_bills()

    second = first

    def holds(self, look, ids, won):
        """Posted, and the winner's name is on it."""
        state, _stage, tied, free, who = self.state(look, ids)
        return (state, tied, free, who) == (
            "posted",
            True,
            0,
            self.users()[won.index(True)],
        )


class DeleteAndApprove(BillRace):
    """Deleting a draft against approving it."""

    people = ("deleter", "approver")
    refusals = (
        f"(Race|INV/).*(In production|{BUSY})",
        f"(Race|INV/).*({BUSY})|deleted.*again",
    )

    def users(self):
        """A biller and an approver."""
        return self.office.biller, self.office.approver

    def first(self, env, ids):
        """Delete."""
        self._bill(env, ids).action_delete_bills()

    def second(self, env, ids):
        """Approve."""
        self._bill(env, ids).action_approve_bills()

    def holds(self, look, ids, won):
        """No bill and all entries free, or a posted bill with all entries."""
        found = self.state(look, ids)
        if won[1]:
            return bool(found) and found[:1] + found[2:4] == ("posted", True, 0)
        free = look(
            """SELECT count(*) FROM account_analytic_line
               WHERE matter_id = %s AND wip_type IS NOT NULL AND bill_id IS NULL""",
            ids["matter"],
        )
        return not found and free == (2,)


class ProduceAndRevert(BillRace):
    """Producing a bill against sending it back to draft.

    Who reverts after the production reverts a produced bill, which is allowed as long
    as the client does not have it."""

    approved = True
    people = ("producer", "reverter")
    refusals = (f"(Race|INV/).*(draft|Draft|{BUSY})", f"(Race|INV/).*({BUSY})")
    may_both = True  # produced, then reverted

    def users(self):
        """Two billers."""
        return self.office.biller, self.office.second_biller

    def make(self, env):
        """A bill that is printed, not e-mailed."""
        ids = super().make(env)
        bill = self._bill(env, ids)
        bill.write({"recipient_ids": False, "print_copies": "1"})
        return ids

    def first(self, env, ids):
        """Produce."""
        self._bill(env, ids).action_produce_bills()

    def second(self, env, ids):
        """Revert."""
        self._bill(env, ids).action_revert_bills()

    def holds(self, look, ids, won):
        """Draft without PDF and print file, or finalized with both."""
        state, stage, tied, free, _who = self.state(look, ids)
        pdfs, prints = look(
            """SELECT (SELECT count(*) FROM ir_attachment WHERE res_id = %s AND
                 res_model = 'account.move' AND res_field = 'invoice_pdf_report_file'),
               (SELECT count(print_file_id) FROM legal_billing_run_line
                 WHERE bill_id = %s)""",
            ids["bill"],
            ids["bill"],
        )
        if won[1]:
            return (state, stage, tied, free, pdfs, prints) == (
                *("draft", "draft", True, 0),
                *(0, 0),
            )
        return (stage, tied, free, pdfs, prints) == ("finalized", True, 0, 1, 1)


RACES = (ApproveAndEdit, TwoApprovers, DeleteAndApprove, ProduceAndRevert)
