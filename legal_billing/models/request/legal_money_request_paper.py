import base64

from odoo import fields, models
from odoo.tools import format_date

from ...exceptions import RequestError
from ...tools import (
    RELOAD_PAGE,
    format_amount,
    make_file_name,
    notify,
    split_addresses,
)


class LegalMoneyRequest(models.Model):
    """The paper of a request, and how it gets to the client."""

    _inherit = "legal.money.request"

    # --- actions

    def action_send(self):
        """Send these requests, each to its client in the client's language: by e-mail
        with the paper, or, where a client has no address, as one PDF to print. What was
        sent already is sent again.

        :return: the PDF to print, else a message
        :rtype: dict
        :raise RoleError: for those who do not ask clients for money
        :raise RequestError: if one is paid or cancelled
        """
        self._check_asker()
        self._check_waiting()
        self.check_access("write")
        mailed = self.filtered(lambda request: request._has_address())
        printed = self - mailed
        self._internal()._make_papers()
        mailed._internal()._email()
        if printed:
            printed._internal()._note_sent("print")
            return printed._open_papers()
        return notify(
            self.env._("%(count)s requests are on their way.", count=len(mailed))
            if len(mailed) > 1
            else self.env._(
                "%(name)s is on its way to %(client)s.",
                name=mailed.name,
                client=mailed.partner_id.display_name,
            ),
            RELOAD_PAGE,
        )

    def action_print(self):
        """The papers of these requests as one PDF. Nothing is noted.

        :rtype: dict
        """
        self.check_access("read")
        return self._open_papers()

    def _open_papers(self):
        """
        :rtype: dict
        """
        preview = self.env["legal.bill.preview"].create(
            {
                "name": self._get_file_name(),
                "content": base64.b64encode(self._render_papers()),
            }
        )
        return preview._open()

    def _get_list_action(self):
        """These requests, as a list.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_money_request_action"
        )
        return action | {"domain": [("id", "in", self.ids)], "context": {}}

    # --- sending

    def _has_address(self):
        """
        :rtype: bool
        """
        self.ensure_one()
        return bool(split_addresses(self.sudo().partner_id.email))

    def _email(self):
        """Post each request to its client, into the mail queue."""
        without = self.filtered(lambda request: not request.paper_id)
        without._make_papers()
        for request in self:
            email = request._render_email()
            request.with_context(mail_notify_force_send=False).message_post(
                subject=email["subject"],
                body=email["body_html"],
                partner_ids=request.partner_id.ids,
                attachment_ids=request.paper_id.ids,
                subtype_xmlid="mail.mt_comment",
            )
        self._note_sent("email")

    def _render_email(self):
        """Subject and body in the client's language.

        :rtype: dict
        """
        self.ensure_one()
        request = self.with_context(lang=self._get_paper_lang())
        template_sudo = request.env.ref(
            "legal_billing.mail_template_money_request"
        ).sudo()  # rendered for users who may read the request
        fields_ = ("subject", "body_html")
        return template_sudo._generate_template(request.ids, fields_)[request.id]

    def _get_email_addressee(self):
        """The person who is greeted; nobody where the client is a company.

        :rtype: str
        """
        self.ensure_one()
        return not self.partner_id.is_company and self.partner_id.name or ""

    def _note_sent(self, how):
        """
        :param str how: of ``sent_how``
        """
        for request in self:
            request._internal().write(
                {
                    "sent_on": request.sent_on or fields.Datetime.now(),
                    "sent_by_id": self.env.uid,
                    "sent_how": how,
                }
            )

    def _notify_by_email_prepare_rendering_context(self, *args, **kwargs):
        """Below a firm's letter nobody advertises."""
        values = super()._notify_by_email_prepare_rendering_context(*args, **kwargs)
        values["email_notification_allow_footer"] = False
        return values

    # --- with the bill

    def _prepare_enclosures(self):
        """The papers as attachments of another e-mail: copies, which go with it.

        :return: as ``account.move.send`` takes attachments
        :rtype: list[dict]
        """
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": request.paper_id.name,
                    "raw": request.paper_id.raw,
                    "mimetype": "application/pdf",
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                }
                for request in self
            ]
        )
        return [
            {
                "id": attachment.id,
                "name": attachment.name,
                "mimetype": attachment.mimetype,
                "placeholder": False,
            }
            for attachment in attachments
        ]

    # --- the paper

    def _make_papers(self):
        """Make the papers of these requests anew, all in one go, and keep them. Call it
        as billing itself."""
        pdfs = self._render_each_paper()
        old = self.paper_id
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": f"{request._get_file_name()}.pdf",
                    "raw": pdfs[request],
                    "mimetype": "application/pdf",
                    "res_model": request._name,
                    "res_id": request.id,
                }
                for request in self
            ]
        )
        for request, attachment in zip(self, attachments, strict=True):
            request.paper_id = attachment
        # a paper that went out is kept, as the message that carried it holds it
        sent = self.env["mail.message"].search([("attachment_ids", "in", old.ids)])
        (old - sent.attachment_ids).unlink()

    def _render_each_paper(self):
        """
        :return: ``{request: PDF}``
        :rtype: dict
        """
        result = {}
        report = self.env.ref("legal_billing.action_report_money_request")
        for company, requests in self.grouped("company_id").items():
            # sudo: bank accounts of the firm, for whoever may read the request
            reports_sudo = self.env["ir.actions.report"].sudo().with_company(company)
            content, kind = reports_sudo._pre_render_qweb_pdf(
                report.sudo(), res_ids=requests.ids
            )
            by_id = reports_sudo._get_splitted_report(report.sudo(), content, kind)
            for request in requests:
                result[request] = (
                    by_id[request.id]
                    if request.id in by_id
                    else reports_sudo._render_qweb_pdf(report.sudo(), request.ids)[0]
                )
        return result

    def _render_papers(self):
        """
        :return: all papers as one PDF
        :rtype: bytes
        """
        report = self.env.ref("legal_billing.action_report_money_request")
        # sudo: bank accounts of the firm, for whoever may read the request
        reports_sudo = self.env["ir.actions.report"].sudo()
        return reports_sudo._render_qweb_pdf(report.sudo(), self.ids)[0]

    def _get_file_name(self):
        """
        :rtype: str
        """
        if len(self) == 1:
            return make_file_name(self.env._("Request %s", self.name))
        return self.env._("Requests of %s clients", len(self))

    def _get_paper_lang(self):
        """:rtype: str"""
        self.ensure_one()
        return self.partner_id.lang or self.env.lang

    def _get_paper(self):
        """Everything that the template prints. Call it in the client's language.

        :rtype: dict
        """
        self.ensure_one()
        request_sudo = self.sudo()  # matter and bills of the own request
        net, gross = (
            self._split_tax(self.open_amount or self.amount)
            if self.kind == "on_account"
            else (0.0, 0.0)
        )
        asked = self.open_amount or self.amount
        return {
            "title": (
                self.env._("Request for payment on account")
                if self.kind == "on_account"
                else self.env._("Request for money to our client account")
            ),
            "matter": request_sudo.matter_id.name,
            "matter_number": request_sudo.matter_id.matter_number,
            "bill": request_sudo.asked_with_id.name,
            "received": self.amount - asked,
            "asked": asked,
            "tax": gross - net if gross else 0.0,
            "net": net,
            "bank": self._get_bank_rows(),
            "day": lambda day: day and format_date(self.env, day) or "",
            "money": lambda amount: format_amount(self.env, amount, self.currency_id),
        }

    def _get_bank_rows(self):
        """Where to pay: client money to a client account, the firm's own to the firm's
        bank. The reference is the request's number.

        :return: ``(label, text)``
        :rtype: list
        """
        self.ensure_one()
        account = self._get_bank_account()
        bills = self.env["account.move"].with_company(self.company_id)
        rows = bills.sudo()._get_account_rows(account) if account else []
        rows = [*rows, (self.env._("Payment reference"), self.name)]
        return [(label, text) for label, text in rows if text]

    def _get_bank_account(self):
        """
        :rtype: res.partner.bank
        """
        self.ensure_one()
        request_sudo = self.sudo()  # printed by every reader of the request
        company = request_sudo.company_id
        journals = self.env["account.journal"].sudo()
        clients = journals.search(
            [("is_client_account", "=", True), ("company_id", "=", company.id)]
        )
        if request_sudo.kind == "client_money":
            held = request_sudo.matter_id.trust_balance_ids.filtered("balance")
            fitting = (held.journal_id or clients).filtered(
                lambda journal: (
                    (journal.currency_id or company.currency_id)
                    == request_sudo.currency_id
                )
            )
            return fitting.bank_account_id[:1]
        return company.partner_id.bank_ids.filtered(
            lambda bank: (
                bank.company_id.id in (False, company.id)
                and bank not in clients.bank_account_id
            )
        )[:1]

    # --- what came in

    def _check_not_cancelled(self):
        """
        :raise RequestError: naming those that were cancelled
        """
        cancelled = self.filtered(lambda request: request.state == "cancelled")
        if cancelled:
            raise RequestError(
                self.env._(
                    "%(names)s was cancelled: enter the money without a request, or make "
                    "a new one.",
                    names=", ".join(cancelled.mapped("name")),
                )
            )

    def _note_received(self, record):
        """
        :param record: the deposit or payment that was posted
        """
        for request in self:
            request._message_log(
                body=self.env._(
                    "%(record)s: %(amount)s came in.",
                    record=record.display_name,
                    amount=record.currency_id.format_signed(record.amount),
                )
            )

    def _note_taken_back(self, record, reason):
        """
        :param record: the deposit or payment that was reversed
        :param str reason:
        """
        for request in self:
            request._message_log(
                body=self.env._(
                    "%(record)s was taken back: %(reason)s",
                    record=record.display_name,
                    reason=reason,
                )
            )
