from odoo import models
from odoo.tools import plaintext2html

from ...exceptions import BillingRunError


class LegalBillingRun(models.Model):
    """Taking back the drafts of a run, but never what somebody has worked on since."""

    _inherit = "legal.billing.run"

    def action_open_undo(self):
        """Ask before the drafts of the run go back to WIP: which go, which stay.

        :rtype: dict
        :raise BillingRunError: if there is nothing to take back
        """
        self.ensure_one()
        self._check_biller()
        if not self._get_drafts():
            self._raise_no_drafts()
        return self.env["legal.billing.run.undo"]._open(self)

    def action_undo(self):
        """Take back every draft of the run that nobody has touched since it was made.
        The others stay, and the run's log names them with the reason.

        :return: the page to show next
        :rtype: dict
        :raise BillingRunError: if there is nothing to take back
        """
        self.ensure_one()
        self._check_biller()
        drafts = self._get_drafts()
        if not drafts:
            self._raise_no_drafts()
        kept = drafts._get_manual_changes()
        free = drafts.filtered(lambda bill: bill not in kept)
        if not free:
            raise BillingRunError(
                self.env._(
                    "Every draft of %(run)s has been worked on since, so all of them "
                    "stay. Delete them one by one:\n%(bills)s",
                    run=self.name,
                    bills=self._describe_kept(kept),
                )
            )
        self.message_post(body=plaintext2html(self._get_undo_summary(free, kept)))
        return free.action_delete_bills()

    # --- helpers

    def _get_drafts(self):
        """Drafts that this run made and that are still there.

        :rtype: account.move
        """
        self.ensure_one()
        return self.bill_ids.filtered(lambda bill: bill.billing_stage == "draft")

    def _raise_no_drafts(self):
        raise BillingRunError(
            self.env._("%(run)s has no drafts left to take back.", run=self.name)
        )

    def _get_undo_summary(self, free, kept):
        """One paragraph on what an undo takes back and what it leaves.

        :param account.move free: drafts that nobody touched
        :param dict kept: ``{bill: why it stays}``
        :rtype: str
        """
        text = self.env._("Undo: %s drafts taken back.", len(free))
        approved = self.bill_ids - self._get_drafts()
        if approved:
            text += " " + self.env._("%s bills are approved and stay.", len(approved))
        if kept:
            text += "\n" + self.env._(
                "%(count)s drafts were worked on and stay:\n%(bills)s",
                count=len(kept),
                bills=self._describe_kept(kept),
            )
        return text

    def _describe_kept(self, kept, limit=12):
        """:rtype: str"""
        rows = [
            f"{bill._get_short_name()}: {reason}"
            for bill, reason in list(kept.items())[:limit]
        ]
        if len(kept) > limit:
            rows.append(self.env._("and %s more", len(kept) - limit))
        return "\n".join(rows)
