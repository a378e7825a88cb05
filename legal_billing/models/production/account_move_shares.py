from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, plaintext2html

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import BILL_EMAIL


class AccountMove(models.Model):
    """The paper of a bill that names its payers: the whole of it, who pays what, and
    what the reader pays. Who is billed gets the bill, each of the others a copy that is
    addressed to him."""

    _inherit = "account.move"

    is_printed = fields.Boolean(
        compute="_compute_ways",
        search="_search_is_printed",
        help="The bill is printed, or a copy of it for one of its payers.",
    )
    is_emailed = fields.Boolean(
        compute="_compute_ways",
        search="_search_is_emailed",
        help="The bill is e-mailed, or a copy of it to one of its payers.",
    )

    # --- how it goes out

    @api.depends("print_copies", "recipient_ids", "is_shared")
    def _compute_ways(self):
        for move in self:
            move.is_printed = bool(move._count_prints())
            move.is_emailed = bool(move._get_recipients() | move._get_copy_recipients())

    @api.model
    def _search_is_printed(self, operator, value):
        if operator != "in":
            return NotImplemented
        printed = Domain("print_copies", "in", ("1", "2"))
        domain = printed | self._get_copies_domain(printed)
        return domain if True in value else ~domain

    @api.model
    def _search_is_emailed(self, operator, value):
        if operator != "in":
            return NotImplemented
        emailed = Domain("recipient_ids", "!=", False)
        domain = emailed | self._get_copies_domain(emailed)
        return domain if True in value else ~domain

    @api.model
    def _get_copies_domain(self, domain):
        """Bills of which a copy is such.

        :param odoo.fields.Domain domain: of ``legal.bill.share``
        :rtype: odoo.fields.Domain
        """
        # sudo: who gets copies; the caller's own search sees the bills that he may read
        query = self.sudo()._search(
            Domain("is_shared", "=", True) & Domain("payer_share_ids", "any", domain)
        )
        return Domain("id", "in", query)

    # --- whose paper it is

    def _for_shares(self, shares):
        """The bills as the copies of their payers say them.

        :param legal.bill.share shares: no more than one of each bill
        :rtype: account.move
        """
        return self.with_context(legal_billing_paper_shares=tuple(shares.ids))

    def _get_copy_share(self):
        """Of the copy of another payer, his share.

        :rtype: legal.bill.share
        """
        wanted = self.env.context.get("legal_billing_paper_shares")
        if not wanted or not self.is_shared:
            return self.env["legal.bill.share"].sudo()
        shares_sudo = self.sudo().payer_share_ids  # whoever prints the bill
        return shares_sudo.filtered(lambda share: share.id in wanted)[:1]

    def _get_reader_share(self):
        """What the reader of the paper owes: the payer of a copy, else who is billed.

        :rtype: legal.bill.share
        """
        return self._get_copy_share() or self._get_own_share()

    def _get_copies_to_send(self):
        """Shares of those who get a copy: all but who is billed.

        :rtype: legal.bill.share
        """
        self.ensure_one()
        if not self.is_shared or self.move_type != "out_invoice":
            return self.env["legal.bill.share"].sudo()
        shares_sudo = self.sudo().payer_share_ids  # by everybody who produces
        return shares_sudo.filtered(
            lambda share: share.shared_amount and not share.is_addressee
        )

    def _get_paper_lang(self):
        """A copy is in the language of its reader."""
        share_sudo = self._get_copy_share()
        return share_sudo.partner_id.lang or super()._get_paper_lang()

    # --- what the paper says

    def _get_paper_who_pays(self, balance):
        """Who owes what of a bill that names its payers, and what the reader pays.

        :param float balance: what is open of the bill
        :return: ``shares``, rows; ``due``, what the reader is to pay; ``copy``, the share
            of the reader of a copy; ``is_share``, whether that is a part;
            ``has_paid_own``, whether some of it is paid
        :rtype: dict
        """
        own_sudo = self._get_reader_share()
        copy_sudo = self._get_copy_share()
        shares_sudo = self.sudo().payer_share_ids if self.is_shared else own_sudo
        owed = (own_sudo.amount - own_sudo.paid_amount) if own_sudo else balance
        return {
            "shares": [
                {
                    "name": share.partner_id.display_name,
                    "reference": share.reference or "",
                    "amount": share.amount,
                    "paid": share.paid_amount,
                    "is_own": share == own_sudo,
                }
                for share in shares_sudo
                if share.amount or share == own_sudo
            ],
            "has_paid_shares": any(shares_sudo.mapped("paid_amount")),
            "due": self.currency_id.round(owed),
            "is_share": bool(own_sudo),
            "has_paid_own": bool(own_sudo.paid_amount),
            "copy": copy_sudo,
        }

    def _get_paper_terms(self):
        """Of several dates each says what of the reader's share is due then."""
        terms = super()._get_paper_terms()
        share_sudo = self._get_reader_share()
        if not terms or not share_sudo:
            return terms
        parts = engine.largest_remainder(
            to_decimal(share_sudo.amount),
            [to_decimal(term["amount"]) for term in terms],
            to_decimal(self.currency_id.rounding),
        )
        return [
            term | {"amount": float(part)}
            for term, part in zip(terms, parts, strict=True)
        ]

    def _get_paper_standing(self, options):
        """What the client owes besides, and has with the firm, is no matter of those who
        get a copy."""
        if self._get_copy_share():
            return []
        return super()._get_paper_standing(options)

    def _get_paper_salutation(self):
        """A copy greets its reader."""
        share_sudo = self._get_copy_share()
        if not share_sudo:
            return super()._get_paper_salutation()
        if share_sudo.partner_id.is_company:
            return self.env._("Dear Sir or Madam,")
        return self.env._("Dear %(name)s,", name=share_sudo.partner_id.name or "")

    def _get_paper_title(self, options):
        """A copy says that it is one."""
        title = super()._get_paper_title(options)
        if self._get_copy_share():
            return self.env._("Copy of %(title)s", title=title)
        return title

    def _generate_qr_code(self, silent_errors=False):
        """The code asks for what the reader pays."""
        code = super()._generate_qr_code(silent_errors=silent_errors)
        share_sudo = self._get_reader_share()
        if not code or not share_sudo:
            return code
        banks = self.env["res.partner.bank"]
        methods = [self.qr_code_method] if self.qr_code_method else []
        methods += [name for name, _x in banks.get_available_qr_methods_in_sequence()]
        account = self.partner_bank_id
        method = next(
            (
                name
                for name in methods
                if not account._get_error_messages_for_qr(
                    name, self.partner_id, self.currency_id
                )
            ),
            None,
        )
        left = self.currency_id.round(share_sudo.amount - share_sudo.paid_amount)
        return left and account.build_qr_code_base64(
            left,
            self.ref or self.name,
            self.payment_reference,
            self.currency_id,
            self.partner_id,
            method,
            silent_errors=silent_errors,
        )

    # --- e-mail

    def _get_email_share_text(self):
        """What the e-mail says that its reader pays of the bill.

        :return: empty where he pays all of it
        :rtype: str
        """
        self.ensure_one()
        share_sudo = self._get_reader_share()
        if not share_sudo:
            return ""
        amount = format_amount(
            self.env, share_sudo.amount - share_sudo.paid_amount, self.currency_id
        )
        if self._get_copy_share():
            return self.env._(
                "This is a copy of a bill to %(client)s. Your share of it, and all that "
                "we ask you to pay, is %(amount)s.",
                client=self.partner_id.display_name,
                amount=amount,
            )
        return self.env._(
            "Several pay this bill. Your share of it, and all that we ask you to pay, is "
            "%(amount)s.",
            amount=amount,
        )

    def _get_email_addressee(self):
        """A copy greets its payer."""
        share_sudo = self._get_copy_share()
        if not share_sudo:
            return super()._get_email_addressee()
        recipients_sudo = share_sudo.with_context(active_test=False).recipient_ids
        for partners_sudo in (recipients_sudo, share_sudo.partner_id):
            if len(partners_sudo) == 1 and not partners_sudo.is_company:
                return partners_sudo.name or ""
        return ""

    def _render_bill_email(self, partners):
        """The e-mail says what its reader pays, whatever the firm's template says of the
        bill; that of a copy is in the language of its payer."""
        email = super()._render_bill_email(partners)
        share_sudo = self._get_copy_share()
        if share_sudo:
            sender = self.env["account.move.send"]
            template = email["mail_template"].with_context(
                legal_billing_paper_shares=share_sudo.ids
            )
            lang = share_sudo.partner_id.lang or email["mail_lang"]
            email |= {
                "mail_lang": lang,
                "mail_subject": sender._get_default_mail_subject(self, template, lang),
                "mail_body": sender._get_default_mail_body(self, template, lang),
            }
        text = self.with_context(lang=email["mail_lang"])._get_email_share_text()
        if text and text not in (email["mail_body"] or ""):
            body = plaintext2html(text) + (email["mail_body"] or Markup())
            email["mail_body"] = body
        return email

    def _get_copy_recipients(self):
        """Who gets copies by e-mail.

        :rtype: res.partner
        """
        return self.env["res.partner"].union(
            *(share._get_recipients() for share in self._get_copies_to_send())
        )

    def _get_pending_copies(self):
        """Copies that wait to be e-mailed.

        :return: ``{share: partners}`` whom no e-mail with it has reached
        :rtype: dict
        """
        self.ensure_one()
        copies = {}
        shares_sudo = self._get_copies_to_send()
        statuses = self._get_delivery_statuses() if shares_sudo else {}
        for share in shares_sudo:
            partners = share._get_recipients().filtered(
                lambda partner: self._is_pending(statuses, partner)
            )
            if partners:
                copies[share] = partners
        return copies

    def _prepare_copy_emails(self):
        """The e-mails of copies, rendered, before anything is made or written.

        :return: ``{share: data}``
        :rtype: dict
        :raise ProduceError: if the template cannot be rendered
        """
        self.ensure_one()
        return {
            share: self._for_shares(share)._render_email_or_raise(partners)
            for share, partners in self._get_pending_copies().items()
        }

    def _queue_copies(self, emails):
        """Put the e-mails of copies into the mail queue, each with its own paper.

        :param dict emails: ``{bill: data}`` of ``_prepare_copy_emails``
        """
        pdfs = self._render_copies(
            [(bill, share) for bill in self for share in emails[bill]]
        )
        subtype = self.env.ref("mail.mt_comment")
        for bill in self:
            for share, email in emails[bill].items():
                template = email["mail_template"]
                bill._for_shares(share).with_context(
                    legal_billing_bill_email=BILL_EMAIL,
                    mail_notify_force_send=False,
                    email_notification_allow_footer=True,
                    disable_attachment_import=True,
                    no_document=True,
                ).message_post(
                    message_type="comment",
                    subtype_id=subtype.id,
                    subject=email["mail_subject"],
                    body=email["mail_body"],
                    partner_ids=email["mail_partner_ids"],
                    attachments=[(share._get_paper_name(), pdfs[bill.id, share.id])],
                    email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
                    email_add_signature=not template,
                    mail_auto_delete=template.auto_delete,
                )

    def _render_copies(self, copies):
        """Papers for payers of shares, those of one template laid out together.

        :param list copies: ``(bill, share)`` pairs
        :return: ``{(bill id, share id): PDF}``
        :rtype: dict
        """
        pdfs = {}
        rounds = []  # a bill once in each
        for bill, share in copies:
            place = next((found for found in rounds if bill not in found), None)
            if place is None:
                place = {}
                rounds.append(place)
            place[bill] = share
        for found in rounds:
            bills = self.browse().concat(*found)
            shares = self.env["legal.bill.share"].concat(*found.values())
            for bill, pdf in bills._for_shares(shares)._render_bill_pdfs().items():
                pdfs[bill.id, found[bill].id] = pdf
        return pdfs
