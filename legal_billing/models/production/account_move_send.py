from odoo import api, models

from ...tools import BILL_EMAIL


class AccountMoveSend(models.AbstractModel):
    """Odoo's own sending of a matter's bill: the bill's template, recipients and
    e-mail. Invoices without a matter are sent as ever."""

    _inherit = "account.move.send"

    @api.model
    def _get_default_sending_methods(self, move):
        """A bill goes by e-mail to its recipients; without one it is printed. The
        customer's own setting is for other invoices."""
        if move._get_bills():
            return {"email"} if move._get_recipients() else {"manual"}
        return super()._get_default_sending_methods(move)

    @api.model
    def _get_default_pdf_report_id(self, move):
        """A bill has its own template, chosen on bill, run or matter."""
        if move._get_bills():
            return move._get_bill_report()
        return super()._get_default_pdf_report_id(move)

    @api.model
    def _get_default_mail_template_id(self, move):
        """A bill has its own e-mail template, chosen on bill or matter."""
        if move._get_bills():
            return move._get_bill_email_template()
        return super()._get_default_mail_template_id(move)

    @api.model
    def _get_default_mail_partner_ids(self, move, mail_template, mail_lang):
        """A bill goes to its recipients, not to the customer. As in core, those without
        an address are left out unless the context wants them named."""
        if move._get_bills() and (recipients := move._get_recipients()):
            if self.env.context.get("allow_partners_without_mail"):
                return recipients
            return recipients.filtered("email")
        return super()._get_default_mail_partner_ids(move, mail_template, mail_lang)

    @api.model
    def _generate_and_send_invoices(self, moves, **kwargs):
        """Sending is producing: whoever sends a bill, by core's window or cron too, has
        the biller's role.

        :raise RoleError:
        """
        bills = moves._get_bills()
        if bills:
            bills._check_role("biller", "manager")
        return super()._generate_and_send_invoices(moves, **kwargs)

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        """The message that core posts next is known as the one that carries the bill;
        see `account.move.message_post`."""
        if move._get_bills():
            move = move.with_context(legal_billing_bill_email=BILL_EMAIL)
        return super()._send_mail(move, mail_template, **kwargs)
