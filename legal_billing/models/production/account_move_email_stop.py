from odoo import models
from odoo.fields import Command

from ...exceptions import UndoError
from .account_move_delivery import FAILED_STATES


class AccountMove(models.Model):
    """Bills that are taken back, or credited in full, before their e-mail left: it is
    stopped in the mail queue."""

    _inherit = "account.move"

    def button_draft(self):
        messages_sudo = self._get_bills().sudo().delivery_message_ids
        result = super().button_draft()
        # after the bills forgot them: for these it is no failed delivery
        self._cancel_notifications(messages_sudo)
        return result

    def _cancel_notifications(self, messages_sudo):
        """Nothing of these e-mails waits to be sent any more.

        :param mail.message messages_sudo:
        """
        if messages_sudo:
            messages_sudo.env["mail.notification"].search(
                [
                    ("mail_message_id", "in", messages_sudo.ids),
                    ("notification_status", "=", "ready"),
                ]
            ).notification_status = "canceled"

    def _withdraw_emails(self):
        """Bills that were credited in full are not sent afterwards, nor sent again
        where that failed. An e-mail that is being handed to the mail server went out
        before. Call only after the user's role has been checked."""
        stopped_sudo = self._stop_emails(is_refused=False)
        undelivered = self.filtered(lambda bill: not bill.delivered_on)
        failed_sudo = undelivered.sudo().delivery_message_ids.filtered(
            lambda message: any(
                notification.notification_status in FAILED_STATES
                for notification in message.notification_ids
            )
        )
        forgotten_sudo = stopped_sudo | failed_sudo
        if forgotten_sudo:
            self._internal().write(
                {
                    "delivery_message_ids": [
                        Command.unlink(message.id) for message in forgotten_sudo
                    ]
                }
            )
            undelivered._internal().delivery_error = False
            self._cancel_notifications(forgotten_sudo)

    def _stop_emails(self, is_refused=True):
        """Take the e-mails of these bills that wait in the mail queue out of it, and
        note it. Call only after the user's role has been checked.

        :param bool is_refused: whether one that is being sent right now stands against it
        :return: messages that were to go out, and do not
        :rtype: mail.message
        :raise UndoError: naming the bills of which an e-mail is being sent right now
        """
        messages_sudo = self.sudo().delivery_message_ids
        if not messages_sudo:
            return messages_sudo
        mails_sudo = self.env["mail.mail"].sudo()  # billers may not see mails
        mails_sudo = mails_sudo.search(
            [
                ("mail_message_id", "in", messages_sudo.ids),
                ("state", "in", ("outgoing", "exception")),
            ]
        )
        queued = mails_sudo.filtered(lambda mail: mail.state == "outgoing")
        being_sent = queued.filtered("legal_sending_since")
        under_way = being_sent.mail_message_id
        if under_way and is_refused:
            raise UndoError(
                self.env._(
                    "%(bills)s: the e-mail is being handed to the mail server at this "
                    "moment. Wait a minute and look whether it was delivered: if so, use "
                    "Credit and rebill, or have a manager revert it; if not, revert it.",
                    bills=", ".join(
                        bill._get_short_name()
                        for bill in self
                        if bill.sudo().delivery_message_ids & under_way
                    ),
                )
            )
        # a refused one could be sent again from Odoo's list of e-mails
        (mails_sudo - being_sent).cancel()
        messages_sudo = (queued - being_sent).mail_message_id
        names = {
            message: message.notification_ids.res_partner_id.mapped("name")
            for message in messages_sudo
        }
        stopped = {
            bill.id: self.env._(
                "The e-mail to %(who)s was still in the mail queue. It was stopped and "
                "does not go out.",
                who=", ".join(name for message in found for name in names[message]),
            )
            for bill in self
            if (found := bill.sudo().delivery_message_ids & messages_sudo)
        }
        if stopped:
            self.browse(stopped)._message_log_batch(bodies=stopped)
        return messages_sudo

    def _prepare_reset_vals(self):
        return super()._prepare_reset_vals() | {
            "delivery_message_ids": [Command.clear()]
        }
