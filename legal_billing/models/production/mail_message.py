from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_delivered_bills(self):
        """The bills that these messages carry to their recipients.

        :rtype: account.move
        """
        messages = self.filtered(lambda message: message.model == "account.move")
        bills_sudo = self.env["account.move"].sudo()  # runs in the mail queue
        if not messages:
            return bills_sudo
        return bills_sudo.search([("delivery_message_ids", "in", messages.ids)])
