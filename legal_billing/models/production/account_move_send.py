from odoo import api, models

from ...tools import BILL_EMAIL
from .emails_together import EmailsTogether


class AccountMoveSend(models.AbstractModel):
    """Odoo's own sending of a matter's bill: the bill's template, recipients and
    e-mail. Invoices without a matter are sent as ever."""

    _inherit = "account.move.send"

    @api.model
    def _get_default_sending_methods(self, move):
        """A bill goes the ways that its channels say: those it was queued for, else
        e-mail to its recipients and the networks that do not have it. The customer's own
        setting gave the matter its channels; here it is for other invoices."""
        if move._get_bills():
            return move._get_sending_methods()
        return super()._get_default_sending_methods(move)

    @api.model
    def _get_default_invoice_edi_format(self, move, **kwargs):
        """A bill that goes by Peppol has a document of that network from the start,
        whichever way is asked for now."""
        partner = move.commercial_partner_id.with_company(move.company_id)
        if (
            move._get_bills()
            and move.bill_channel_ids._has("peppol")
            and "peppol_eas" in partner._fields
        ):
            return partner._get_peppol_edi_format()
        return super()._get_default_invoice_edi_format(move, **kwargs)

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
    def _get_default_mail_lang(self, move, mail_template):
        """Of bills that go out together it is asked once."""
        together = EmailsTogether.of(self.env)
        if together and move in together.bills:
            lang = together.get_lang(move, mail_template)
            if lang is not None:
                return lang
        return super()._get_default_mail_lang(move, mail_template)

    @api.model
    def _get_mail_default_field_value_from_template(
        self, mail_template, lang, move, field, **kwargs
    ):
        """Texts of bills that go out together are made together."""
        together = EmailsTogether.of(self.env)
        if together and mail_template and move in together.bills:
            text = together.get_text(move, mail_template, lang, field, kwargs)
            if text is not None:
                return text
        return super()._get_mail_default_field_value_from_template(
            mail_template, lang, move, field, **kwargs
        )

    @api.model
    def _generate_and_send_invoices(self, moves, **kwargs):
        """Sending is producing: whoever sends a bill by core's window has the biller's
        role. Core's job sends what such a person left to it: `sending_data` of a bill is
        written by those who bill. Bills that wait in the queue are sent by their channels
        and no others; what became of it is noted on each.

        :raise RoleError:
        :raise LegalBillingError: naming all that stands against it
        """
        bills = moves._get_bills()
        if not bills:
            return super()._generate_and_send_invoices(moves, **kwargs)
        bills._check_event_role("produce")
        bills._get_obstacles("produce").raise_if_any()
        attachments = self.env["ir.attachment"]
        for methods, group in moves.grouped(
            lambda move: move._get_queued_methods(kwargs) if move in bills else None
        ).items():
            custom = dict(kwargs)
            if methods:
                custom["sending_methods"] = list(methods)
            attachments += super()._generate_and_send_invoices(group, **custom)
            group._get_bills()._note_untaken(custom.get("sending_methods") or ())
        return attachments

    @api.model
    def _hook_if_errors(self, moves_data, allow_raising=True):
        """Why a bill could not be handed to its networks is noted on it."""
        for move, data in moves_data.items():
            if not allow_raising and move._get_bills():
                reason = self._format_error_text(data["error"]).replace("\n", " ")
                move._note_network_results(data["sending_methods"], "failed", reason)
        return super()._hook_if_errors(moves_data, allow_raising=allow_raising)

    @api.model
    def _hook_if_success(self, moves_data, **kwargs):
        """Networks that keep no state of their own have the bill now."""
        result = super()._hook_if_success(moves_data, **kwargs)
        for move, data in moves_data.items():
            if move._get_bills():
                move._note_handed_over(data["sending_methods"])
        return result

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        """The message that core posts next is known as the one that carries the bill;
        see `account.move.message_post`."""
        if move._get_bills():
            move = move.with_context(legal_billing_bill_email=BILL_EMAIL)
            lang = move.partner_id.lang or self.env.lang
            word = move.with_context(lang=lang)._get_email_word()
            kwargs["model_description"] = word
            together = EmailsTogether.of(self.env)
            if together and move in together.bills:
                kwargs |= together.get_values(
                    move, kwargs["author_id"], kwargs["email_from"]
                )
        return super()._send_mail(move, mail_template, **kwargs)
