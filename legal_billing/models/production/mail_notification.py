from odoo import models


class MailNotification(models.Model):
    _inherit = "mail.notification"

    def write(self, vals):
        """A bounce, a letter that was sent or refused, or a notification that is
        withdrawn, changes whether the bill is delivered; that is asked of all its notifications once core has written
        these."""
        result = super().write(vals)
        status = vals.get("notification_status")
        # sent and refused mails are seen in mail.mail, once for all recipients
        changed_sudo = self.sudo().filtered(
            lambda notification: (
                status in ("bounce", "canceled")
                or (status and notification.notification_type == "snail")
            )
        )
        if changed_sudo:
            messages_sudo = changed_sudo.mail_message_id
            messages_sudo._get_delivered_bills()._refresh_delivery()
        return result
