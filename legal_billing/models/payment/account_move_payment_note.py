from contextlib import contextmanager

from odoo import models


class AccountMove(models.Model):
    """One note on a bill that a slip pays, instead of a note and core's message."""

    _inherit = "account.move"

    @contextmanager
    def _noting_payment_state(self):
        """While a slip pays these bills, core's message that follows each bill's payment
        state is left out: it takes ten queries a bill, and the slip's note says the
        same. Core prepares it wherever the state is computed, whatever the context of
        the reconciliation. Where a follower asked to be told of paid invoices, core's
        message is sent."""
        key = f"mail.tracking.{self._name}"
        # sudo: who follows a bill is no secret of the bill's payment
        followers_sudo = self.env["mail.followers"].sudo()
        asked = followers_sudo.search_fetch(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("subtype_ids", "in", self.env.ref("account.mt_invoice_paid").ids),
            ],
            ["res_id"],
        )
        quiet = set(self.ids) - set(asked.mapped("res_id"))
        known = self.env.cr.precommit.data.get(key, {})
        quiet = {
            bill_id
            for bill_id in quiet
            if "payment_state" not in (known.get(bill_id) or ())
        }
        yield
        self.mapped("payment_state")  # computed now, not after
        tracked = self.env.cr.precommit.data.get(key, {})
        for bill_id in quiet & tracked.keys():
            if tracked[bill_id]:
                tracked[bill_id].pop("payment_state", None)

    def _note_payment(self, texts):
        """Write one note on each of these bills, all together: what happened, what is
        open, the payment state.

        :param dict texts: ``{bill: what happened}``
        """
        states = dict(self._fields["payment_state"]._description_selection(self.env))
        self._message_log_batch(
            bodies={
                bill.id: self.env._(
                    "%(text)s, %(left)s is open (%(state)s).",
                    text=texts[bill],
                    left=bill.currency_id.format(bill.amount_residual),
                    state=states.get(bill.payment_state),
                )
                for bill in self
            }
        )
