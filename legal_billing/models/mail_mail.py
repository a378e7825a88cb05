from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """A mail server took or refused mails: the bills among them know it."""
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
