from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, split_every

from ...tools import DELIVERY_LATER

#: First key of the locks that say which e-mail is being sent now.
SENDING_LOCK = 0x1EB1
#: E-mails after which it is noted together which bills were delivered.
NOTED_TOGETHER = 20
#: After this the cron notes what a mail queue that died could not.
CATCH_UP = timedelta(minutes=10)


class MailMail(models.Model):
    """E-mails that carry bills: none is ever sent twice unasked.

    That an e-mail is on its way to the mail server is committed before, and a lock of
    the connection says that its sender lives. Found without that lock, it is unknown
    whether the mail server took it: the bill says so, and a person decides.
    """

    _inherit = "mail.mail"

    legal_sending_since = fields.Datetime(
        readonly=True,
        help="When the hand-over of this bill's e-mail to the mail server began.",
        string="Legal sending since",
    )

    def write(self, vals):
        """An e-mail that is put in the queue again was decided to be sent again: it is
        not taken for one whose sender died on the way."""
        if vals.get("state") == "outgoing":
            # somebody decided to send it again
            vals = {**vals, "legal_sending_since": False}
        return super().write(vals)

    def _send(self, auto_commit=False, **kwargs):
        """E-mails that carry bills go one by one, each under the lock of its sender, so
        that two queues, or a queue that dies, never send one twice. All others are
        core's, in one call. With ``auto_commit`` core commits after each; without it
        nothing here does."""
        if self.env["ir.mail_server"]._disable_send():
            return super()._send(auto_commit=auto_commit, **kwargs)
        with_bill = self._get_mails_with_bill()
        result = super(MailMail, self - with_bill)._send(
            auto_commit=auto_commit, **kwargs
        )
        if with_bill and auto_commit:
            cron = self.env.ref("legal_billing.ir_cron_delivery").sudo()
            cron._trigger(at=fields.Datetime.now() + CATCH_UP)
        for ids in split_every(NOTED_TOGETHER, with_bill.ids):
            mails = self.browse(ids)
            # before: the e-mails are deleted when they are sent
            bills = mails.mail_message_id._get_delivered_bills()
            try:
                mails._send_one_by_one(
                    lambda mail: super()._send(auto_commit=auto_commit, **kwargs),
                    auto_commit,
                )
            except Exception:
                if auto_commit:  # those before the one that failed were sent
                    bills._refresh_delivery_safely(auto_commit)
                raise
            bills._refresh_delivery_safely(auto_commit)
        return result

    def _send_one_by_one(self, send, auto_commit):
        """Send these e-mails, each under its lock. Whether their bills are delivered is
        noted by the caller.

        :param callable send: core's way, for one e-mail
        :param bool auto_commit: whether transactions are committed mail by mail
        """
        for mail in self.with_context(legal_billing_delivery=DELIVERY_LATER):
            if not mail._try_sending_lock():
                continue  # another process is sending it
            try:
                if mail._is_fit_to_send(auto_commit):
                    send(mail)
            except Exception:
                if auto_commit:
                    # what was sent before is committed; the lock must go
                    self.env.cr.rollback()
                    mail._release_sending_lock()
                raise
            mail._release_sending_lock()

    def _get_mails_with_bill(self):
        """Those of these e-mails that carry a bill to its recipients.

        :rtype: mail.mail
        """
        messages = self.mail_message_id
        carrying = (
            messages._get_delivered_bills().delivery_message_ids & messages.sudo()
        )
        return self.filtered(lambda mail: mail.mail_message_id in carrying)

    def _try_sending_lock(self):
        """Lock this e-mail for this connection; the lock ends with the process.

        :return: whether nobody else has it
        :rtype: bool
        """
        return self.env.execute_query(
            SQL("SELECT pg_try_advisory_lock(%s, %s)", SENDING_LOCK, self.id)
        )[0][0]

    def _release_sending_lock(self):
        self.env.execute_query(
            SQL("SELECT pg_advisory_unlock(%s, %s)", SENDING_LOCK, self.id)
        )

    def _is_fit_to_send(self, auto_commit):
        """Note that this e-mail is being sent, so that it is known even if the process
        ends now.

        :param bool auto_commit: whether transactions are committed mail by mail
        :return: whether it may be sent; if not, its bill says why
        :rtype: bool
        """
        # the lock shows the present, the transaction may be older
        self.invalidate_recordset(["legal_sending_since", "state"])
        if self.state != "outgoing":
            return False
        if self.legal_sending_since:
            self._give_up_sending()
            return False
        self.legal_sending_since = fields.Datetime.now()
        self.flush_recordset()  # conflicts with whoever sent it meanwhile
        if auto_commit:
            # the point of it: known before the mail server is
            self.env.cr.commit()  # pylint: disable=invalid-commit
        return True

    def _give_up_sending(self):
        """It is unknown whether this e-mail was sent: leave that to a person."""
        reason = self.env._(
            "unknown: Odoo stopped at %(time)s UTC while it was handing over this "
            "e-mail. "
            "Ask the recipient, or look into the mail server's log; then confirm the "
            "delivery or produce the bill again.",
            time=self.legal_sending_since,
        )
        self.write(
            {"state": "exception", "failure_type": "unknown", "failure_reason": reason}
        )
        self._postprocess_sent_message(
            success_pids=[],
            success_emails=[],
            failure_reason=reason,
            failure_type="unknown",
        )

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """A mail server took or refused mails: the bills among them know it."""
        if self.env.context.get("legal_billing_delivery") is DELIVERY_LATER:
            return super()._postprocess_sent_message(
                success_pids,
                success_emails,
                failure_reason=failure_reason,
                failure_type=failure_type,
            )
        # before: the mails, and some messages, are deleted when they are sent
        bills = self.mail_message_id._get_delivered_bills()
        result = super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
        bills._refresh_delivery_safely()
        return result
