from datetime import timedelta

from odoo import fields, models

from ...exceptions import (
    TrustBalanceError,
    TrustError,
    TrustLockedError,
)
from ...tools import format_amount, read_date, read_reason


class LegalTrustTransaction(models.Model):
    """Undoing movements of client money: by movements of the other side, once, with a reason."""

    _inherit = "legal.trust.transaction"

    def action_reverse(self, reason, date=None):
        """Undo posted movements by movements of the other side; they stay on record.

        Dated as the movement where that period is open and not signed, else today.

        :param str reason: why; demanded
        :param date date: of the reversals, default as above
        :return: True
        :raise TrustError: without a reason, or where the date is none
        :raise TrustLockedError: if one is not posted, was reversed, or is a reversal
        :raise TrustBalanceError: if the money was used meanwhile
        """
        self._check_trust_role()
        if self.filtered(lambda m: m.kind == "office_transfer"):
            raise TrustLockedError(
                self.env._(
                    "%(names)s paid bills: reverse its payment, which gives the money "
                    "back to the matter.",
                    names=", ".join(self.mapped("display_name")),
                )
            )
        error = TrustError(self.env._("Enter the day of the reversal as a date."))
        self._reverse_movements(reason, read_date(date, error))
        return True

    def _reverse_movements(self, reason, date=None):
        """The reversals of these movements, posted. The role was checked.

        :param str reason:
        :param date date:
        :rtype: legal.trust.transaction
        """
        reason = read_reason(reason)
        if not reason:
            raise TrustError(self.env._("Say why the movement is reversed."))
        self._check_can_reverse()
        with self.env.cr.savepoint():  # all or none, even if the caller goes on
            return self._make_reversals(reason, date)

    def _make_reversals(self, reason, date):
        originals = self._internal()
        reversals = originals.create(
            [original._prepare_reversal_vals(reason, date) for original in originals]
        )
        originals.write({"state": "reversed"})
        reversals._post_movements()
        reversals._check_reversal_covered()
        for original, reversal in zip(originals, reversals, strict=True):
            original._net_outstanding(reversal)
            original.message_post(
                body=self.env._(
                    "Reversed by %(user)s with %(name)s: %(reason)s",
                    user=self.env.user.name,
                    name=reversal.name,
                    reason=reason,
                )
            )
        return reversals

    def _check_can_reverse(self):
        for movement in self:
            if movement.reversed_id:
                raise TrustLockedError(
                    self.env._(
                        "%(name)s is a reversal and cannot be reversed. Enter the "
                        "movement again.",
                        name=movement.display_name,
                    )
                )
            if movement.state == "reversed":
                raise TrustLockedError(
                    self.env._(
                        "%(name)s was reversed already, by %(reversal)s.",
                        name=movement.display_name,
                        reversal=movement.reversal_ids.name,
                    )
                )
            if movement.state != "posted":
                raise TrustLockedError(
                    self.env._(
                        "%(name)s is not posted. Delete or change the draft.",
                        name=movement.display_name,
                    )
                )

    def _prepare_reversal_vals(self, reason, date=None):
        self.ensure_one()
        locks = self.company_id._get_violated_lock_dates(
            self.date, False, self.journal_id
        )
        day = date or self._get_reversal_day(bool(locks))
        cleared = self.cleared_on if self.kind == "deposit" else day
        return {
            "kind": self.kind,
            "matter_id": self.matter_id.id,
            "to_matter_id": self.to_matter_id.id,
            "journal_id": self.journal_id.id,
            "amount": self.amount,
            "date": max(day, self.date),
            "cleared_on": cleared and max(cleared, day),
            "is_uncleared": self.is_uncleared,
            "partner_id": self.partner_id.id,
            "reference": self.reference,
            "memo": self.memo,
            "authorisation": self.authorisation,
            "reversed_id": self.id,
            "reversal_reason": reason,
            "prepared_by_id": self.env.uid,
        }

    def _get_reversal_day(self, is_locked):
        """On the movement's day, or today where its period is closed; after what was
        signed in any case.

        :param bool is_locked: whether a lock date closes it
        :rtype: date
        """
        self.ensure_one()
        day = self.date
        today = fields.Date.context_today(self)
        if is_locked:
            day = max(day, today)
        signed = self.env["legal.trust.reconciliation"]._get_signed_days(
            self.journal_id
        )
        last = signed.get(self.journal_id)
        if last and day <= last:
            day = max(today, last + timedelta(days=1))
        return day

    def _check_reversal_covered(self):
        """What a reversal takes back was not used: no cleared balance below zero.

        :raise TrustBalanceError: naming matter and way out
        """
        balances = self.env["legal.trust.balance"]
        for movement in self:
            losing = movement.line_ids.filtered(lambda line: line.amount < 0)
            for line in losing.filtered("cleared_on"):
                row = balances._get_rows([(line.matter_id, line.journal_id)])
                lowest = row._get_lowest(line.date)[row.id]
                if row.currency_id.compare_amounts(lowest, 0.0) < 0:
                    raise TrustBalanceError(
                        self.env._(
                            "%(name)s cannot be reversed: %(matter)s has used the money; "
                            "%(missing)s would be missing. Pay the firm's own money in "
                            "as a deposit of the matter first.",
                            name=movement.reversed_id.name,
                            matter=line.matter_id.display_name,
                            missing=format_amount(self.env, -lowest, row.currency_id),
                        )
                    )

    def _net_outstanding(self, reversal):
        """Neither waits for the bank any more if the movement never got there."""
        lines = (self.move_id | reversal.move_id).line_ids.filtered(
            lambda line: line.account_id.reconcile
        )
        if lines and not any(lines.mapped("reconciled")):
            lines.reconcile()
