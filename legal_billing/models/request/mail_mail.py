from odoo import models


class MailMail(models.Model):
    """E-mails that carry requests for money."""

    _inherit = "mail.mail"

    def _get_mails_with_bill(self):
        """Besides: those of requests for money, so that no client is asked twice because
        a server died on the way."""
        requests = self.filtered(lambda mail: mail.model == "legal.money.request")
        return super()._get_mails_with_bill() | requests
