from odoo import models


class MailNotification(models.Model):
    _inherit = "mail.notification"

    def write(self, vals):
        """A bounce, or a notification that is withdrawn, changes whether the bill is
        delivered; that is asked of all its notifications once core has written
        these."""
        result = super().write(vals)
        if vals.get("notification_status") in ("bounce", "canceled"):
            # sent and refused mails are seen in mail.mail, once for all recipients
            messages_sudo = self.sudo().mail_message_id
            messages_sudo._get_delivered_bills()._refresh_delivery()
        return result
