import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import ProduceError, UndoError
from ...tools import BILL_EMAIL, day_of, split_addresses
from .account_move_channel import AUTOMATIC

_logger = logging.getLogger(__name__)

#: Conflicts of transactions are not failures of the e-mail.
FAILED_STATES = ("exception", "bounce", "canceled")


class AccountMove(models.Model):
    """E-mailing bills and knowing whether they arrived.

    ``delivery_message_ids`` are the bill's e-mails since it was approved. What their
    notifications say (accepted by the mail server, refused, bounced) decides whether
    the bill is delivered; nobody gets the same bill twice because another recipient's
    address failed.
    """

    _inherit = "account.move"

    delivery_message_ids = fields.Many2many(
        "mail.message",
        "legal_bill_delivery_message_rel",
        "bill_id",
        "message_id",
        string="Sent e-mails",
        copy=False,
        readonly=True,
    )

    # --- templates and recipients

    def _get_bill_report(self):
        """The bill's template: its own, else the company's, else the itemised one.

        :rtype: ir.actions.report
        """
        self.ensure_one()
        report = (
            self._get_copy_share().bill_report_id
            or self.bill_report_id
            or self.company_id.legal_bill_report_id
        )
        if not report:
            # not env.ref, which asks the database for every bill
            report = report.browse(
                self.env["ir.model.data"]._xmlid_to_res_id(
                    "legal_billing.action_report_bill_itemised"
                )
            )
        return report.sudo()  # every reader of a bill may print it

    def _get_bill_layout(self):
        """What the bill's template shows.

        :rtype: legal.bill.layout
        """
        return self._get_bill_report().legal_layout_ids[:1]

    def _get_bill_email_template(self):
        """The bill's e-mail template: its own, else the company's, else ours.

        :rtype: mail.template
        """
        self.ensure_one()
        template = self.bill_email_template_id
        if template or (template := self.company_id.legal_bill_email_template_id):
            return template
        number = self.env["ir.model.data"]._xmlid_to_res_id(  # as `ref`, from its cache
            "legal_billing.mail_template_bill", raise_if_not_found=True
        )
        return template.browse(number)

    def _get_email_addressee(self):
        """Whom the e-mail of a bill greets: who is billed, or the one person at a client
        that it goes to.

        :return: a name; empty where it goes to a firm, or to several people
        :rtype: str
        """
        self.ensure_one()
        recipients_sudo = self.sudo()._get_recipients()  # by every sender of the bill
        for partners_sudo in (recipients_sudo, self.sudo().partner_id):
            if len(partners_sudo) == 1 and not partners_sudo.is_company:
                return partners_sudo.name or ""
        return ""

    def _get_name_invoice_report(self):
        """Core renders an invoice by the template of this name, in the partner's
        language; a bill has its own, where its report is one of ours."""
        if self._get_bills() and self._get_bill_report().legal_light_layout:
            return "legal_billing.bill_itemised"
        return super()._get_name_invoice_report()

    def _get_address_problem(self):
        """Why the bill cannot be e-mailed to those it should, or handed to the networks
        that it should go by.

        :return: a phrase, or ``False``
        :rtype: str | bool
        """
        self.ensure_one()
        problems = self._get_network_problems()
        without, wrong, archived = [], [], []
        waiting = self._get_pending_recipients().union(
            *self._get_pending_copies().values()
        )
        for partner in waiting:
            if not partner.active:
                archived.append(partner.name)
            elif not partner.email:
                without.append(partner.name)
            elif not split_addresses(partner.email):
                wrong.append(f"{partner.name} ({partner.email})")
        if without:
            problems.append(self.env._("%s has no e-mail address", ", ".join(without)))
        if wrong:
            problems.append(
                self.env._("the e-mail address of %s is wrong", ", ".join(wrong))
            )
        if archived:
            problems.append(self.env._("%s is archived", ", ".join(archived)))
        return "; ".join(problems) or False

    def _get_pending_recipients(self):
        """Recipients whom no e-mail with this bill has reached, or is on its way to.

        :rtype: res.partner
        """
        self.ensure_one()
        statuses = self._get_delivery_statuses()
        return self._get_recipients().filtered(
            lambda partner: self._is_pending(statuses, partner)
        )

    @api.model
    def _is_pending(self, statuses, partner):
        """
        :param dict statuses: of `_get_delivery_statuses`
        :rtype: bool
        """
        return statuses.get(partner, ("canceled",))[0] in FAILED_STATES

    def _get_delivery_statuses(self):
        """How the newest e-mail of the bill to each partner ended.

        :return: ``{partner: (status, reason)}``
        :rtype: dict
        """
        self.ensure_one()
        notifications_sudo = self.sudo().delivery_message_ids.notification_ids
        statuses = {}
        for notification in notifications_sudo.sorted(lambda n: n.mail_message_id.id):
            if notification.notification_type == "snail":
                continue  # a letter, not an e-mail
            status = notification.notification_status
            if notification.notification_type == "inbox":
                status = "sent"
            reason = (
                notification.format_failure_reason() if status in FAILED_STATES else ""
            )
            statuses[notification.res_partner_id.sudo(False)] = status, reason
        return statuses

    def _needs_redelivery(self):
        """Whether the bill was produced, but an e-mail of it failed.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.billing_stage == "finalized"
            and self.delivery_error
            and not self.delivered_on
        )

    # --- e-mailing

    def _prepare_bill_email(self):
        """The e-mail of this bill, rendered, before anything is made or written.

        :return: data as ``account.move.send`` wants it, empty if there is nobody to
            send it to
        :rtype: dict
        :raise ProduceError: if an address is missing or the template cannot be rendered
        """
        self.ensure_one()
        problem = self._get_address_problem()
        if problem:
            raise ProduceError(
                self.env._(
                    "%(bill)s: %(problem)s. Correct the address or the bill's recipients, "
                    "then produce again.",
                    bill=self._get_short_name(),
                    problem=problem,
                )
            )
        partners = self._get_pending_recipients()
        return self._render_email_or_raise(partners) if partners else {}

    def _render_email_or_raise(self, partners):
        """
        :param res.partner partners: who gets it
        :rtype: dict
        :raise ProduceError: if the template cannot be rendered
        """
        try:
            # a template may run queries: what it breaks must not break the others
            with self.env.cr.savepoint(flush=False):
                return self._render_bill_email(partners)
        except OperationalError:
            raise
        except Exception as error:
            _logger.info("E-mail of %r not rendered", self.name, exc_info=True)
            raise ProduceError(
                self.env._(
                    "%(bill)s: the e-mail template %(template)s cannot be filled in: "
                    "%(error)s. Correct it, or choose another for the bill.",
                    bill=self._get_short_name(),
                    template=self._get_bill_email_template().display_name,
                    error=str(error).splitlines()[0] if str(error) else error,
                )
            ) from error

    def _render_bill_email(self, partners):
        sender = self.env["account.move.send"]
        template = self._get_bill_email_template()
        lang = sender._get_default_mail_lang(self, template)
        return {
            "sending_methods": ["email"],
            "author_user_id": self.env.uid,
            "author_partner_id": self.env.user.partner_id.id,
            "mail_template": template,
            "mail_lang": lang,
            "mail_subject": sender._get_default_mail_subject(self, template, lang),
            "mail_body": sender._get_default_mail_body(self, template, lang),
            "mail_partner_ids": partners.ids,
            "mail_attachments_widget": sender._get_mail_template_attachments_data(
                template
            ),
        }

    def _queue_bill_emails(self, emails):
        """Put these bills' e-mails into the mail queue: all at once, and where Odoo
        refuses one, each by itself.

        :param dict emails: ``{bill: data}`` of ``_prepare_bill_email``
        :return: ``{bill: ProduceError}`` of those that Odoo refuses
        :rtype: dict
        """
        try:
            with self.env.cr.savepoint():
                # into the mail queue, which is worked off after the commit
                bills = self.with_context(mail_notify_force_send=False)
                self.env["account.move.send"]._send_mails(
                    {bill: emails[bill] for bill in bills}
                )
        except OperationalError:
            raise
        except Exception as error:
            if len(self) > 1:
                errors = {}
                for bill in self:
                    errors |= bill._queue_bill_emails(emails)
                return errors
            _logger.info("E-mail of %r not queued", self.name, exc_info=True)
            refused = ProduceError(
                self.env._(
                    "%(bill)s: the e-mail could not be made: %(error)s",
                    bill=self._get_short_name(),
                    error=error,
                )
            )
            refused.__cause__ = error
            return {self: refused}
        return {}

    def _send_test_email(self):
        """E-mail the bill to the user, as its recipients would get it. Nothing is
        noted on the bill.

        :return: the user's partner
        :rtype: res.partner
        :raise ProduceError: if the user has no address or the template is broken
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        me = self.env.user.partner_id
        if not split_addresses(me.email):
            raise ProduceError(
                self.env._("You have no e-mail address: enter it in your preferences.")
            )
        email = self._render_email_or_raise(me)
        pdf = self._render_bill_pdfs()[self]
        mail_sudo = self.env["mail.mail"].sudo()  # billers may not write mails
        mail_sudo.create(
            {
                "subject": self.env._("Test: %s", email["mail_subject"]),
                "body_html": email["mail_body"],
                "email_from": self.env.user.email_formatted,
                "email_to": me.email_formatted,
                "auto_delete": True,
                "attachment_ids": [
                    Command.create(
                        {
                            "name": self._get_invoice_report_filename(
                                report=self._get_bill_report()
                            ),
                            "raw": pdf,
                            "mimetype": "application/pdf",
                            "res_model": "mail.message",
                        }
                    )
                ],
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return me

    def message_post(self, **kwargs):
        """The message that carries a bill to its recipients is remembered: what becomes
        of its e-mails says whether the bill is delivered. A context from outside cannot
        say that a message is one."""
        message = super().message_post(**kwargs)
        if (
            self.env.context.get("legal_billing_bill_email") is BILL_EMAIL
            and self._get_bills()
        ):
            self._note_emailed(message)
        elif kwargs.get("message_type") == "snailmail" and self._get_bills():
            self._note_letter(message)
        return message

    def _note_emailed(self, message):
        """Remember an e-mail that carries this bill to its recipients.

        :param mail.message message:
        """
        self._internal().write({"delivery_message_ids": [Command.link(message.id)]})
        self.sudo()._refresh_delivery()  # it may have been sent already

    def _get_model_description(self, model_name):
        """A bill is called so, in the buttons of e-mails too."""
        if self._get_bills():
            return self._get_email_word()
        return super()._get_model_description(model_name)

    def _get_email_word(self):
        """What an e-mail calls it.

        :rtype: str
        """
        if self[:1].move_type == "out_refund":
            return self.env._("credit note")
        return self.env._("bill")

    def _notify_by_email_prepare_rendering_context(self, *args, **kwargs):
        """Below a firm's bill nobody advertises."""
        values = super()._notify_by_email_prepare_rendering_context(*args, **kwargs)
        if self._get_bills():
            values["email_notification_allow_footer"] = False
        return values

    # --- how it ended

    def _refresh_delivery(self):
        """Set whether these bills are delivered from what became of their e-mails.

        Delivered: the mail server took the e-mail to every recipient of the bill, and
        each of its networks delivered it. A refusal or bounce of one of them flags the
        bill and takes back a delivery that Odoo noted. While mails or networks wait
        nothing changes. E-mails to others, a colleague or
        somebody who is a recipient no more, say nothing about the client.
        """
        for bill in self._get_bills():
            if bill.state != "posted":
                continue
            statuses = bill._get_addressee_statuses()
            failures = [
                f"{partner.sudo().email_formatted or partner.sudo().name}: {reason}"
                for partner, (status, reason) in statuses.items()
                if status in FAILED_STATES
            ]
            networks = bill._get_network_statuses()
            failures += [
                f"{channel.name}: {reason}"
                for channel, (state, reason) in networks.items()
                if state == "failed"
            ]
            vals = {}
            if failures:
                vals["delivery_error"] = self.env._(
                    "Not delivered to %(who)s", who="; ".join(failures)
                )
                if bill.delivery_method in AUTOMATIC:
                    vals["delivered_on"] = False
            elif bill._has_reached_all(statuses, networks):
                vals["delivery_error"] = False
                if not bill.delivered_on:
                    vals["delivered_on"] = fields.Datetime.now()
                    vals["delivered_day"] = bill._get_firm_day(vals["delivered_on"])
                    vals["delivery_method"] = bill._get_automatic_method()
            vals = {name: value for name, value in vals.items() if bill[name] != value}
            if vals:
                bill._internal().write(vals)
            if vals.get("delivery_error"):
                bill._note_failed_delivery(vals["delivery_error"])

    def _get_firm_day(self, moment):
        """The day on which the firm's e-mail went out: in the company's zone, else in
        that of whoever produced the bill. Who works off the mail queue is nobody.

        :param datetime moment:
        :rtype: date
        """
        self.ensure_one()
        bill_sudo = self.sudo()  # zones of people and companies
        return day_of(
            moment, bill_sudo.company_id.partner_id.tz, bill_sudo.produced_by_id.tz
        )

    def _get_addressee_statuses(self):
        """How the newest e-mail ended, to those alone who stand for the client: the
        bill's recipients; on a bill without any whoever it was sent to by hand, but
        for the firm's own people.

        :return: ``{partner: (status, reason)}``
        :rtype: dict
        """
        self.ensure_one()
        recipients = self._get_recipients() | self._get_copy_recipients()
        return {
            partner: status
            for partner, status in self._get_delivery_statuses().items()
            if (partner in recipients if recipients else partner.sudo().partner_share)
        }

    def _has_reached_all(self, statuses, networks):
        """Whether the mail server took the bill for everybody who is to have it, and
        every network delivered it.

        :param dict statuses: of ``_get_addressee_statuses``
        :param dict networks: of ``_get_network_statuses``
        :rtype: bool
        """
        self.ensure_one()
        if not statuses and not networks:
            return False
        if len(statuses) < len(self._get_recipients() | self._get_copy_recipients()):
            return False
        return all(status == "sent" for status, _reason in statuses.values()) and all(
            state == "sent" for state, _reason in networks.values()
        )

    def _get_automatic_method(self):
        """How the bill was delivered, where Odoo noted it: by its network, else e-mail.

        :return: key of ``delivery_method``
        :rtype: str
        """
        self.ensure_one()
        codes = self._get_networks().mapped("code")
        if not codes:
            return "email"
        known = dict(self._fields["delivery_method"].selection)
        return next((code for code in codes if code in known), "network")

    def _refresh_delivery_safely(self, auto_commit=False):
        """Set whether these bills are delivered, from within the mail queue: what a mail
        server accepted is never rolled back, and so sent again, because somebody else
        is writing the bill. The cron catches up with what could not be written now.

        :param bool auto_commit: whether the mail queue commits as it goes
        """
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._refresh_delivery()
        except OperationalError:
            self.env.invalidate_all(flush=False)
            _logger.info("Delivery of %s noted later", self.ids)
            self.env.ref("legal_billing.ir_cron_delivery")._trigger()
        if auto_commit:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _cron_refresh_delivery(self):
        """Body of the cron: bills whose e-mails ended and do not know it."""
        self.search(
            [
                ("delivery_message_ids", "!=", False),
                ("delivered_on", "=", False),
                ("delivery_error", "=", False),
                ("state", "=", "posted"),
            ],
            limit=1000,
        )._refresh_delivery()

    # --- stopping e-mails

    def _note_accepted(self):
        """What a mail server took a moment ago is noted before it is asked whether these
        bills were delivered."""
        bills_sudo = self._get_bills().sudo()  # their e-mails
        bills_sudo.filtered(
            lambda bill: not bill.delivered_on and bill.delivery_message_ids
        )._refresh_delivery()

    def _before_reset(self):
        """A bill that is taken back is not sent any more. What was on its way is handed
        on, for the bill forgets it in between."""
        memo = super()._before_reset()
        memo["messages"] = self.sudo().delivery_message_ids
        memo["replaced"] = {
            bill: (bill.delivered_on, bill.delivered_day)
            for bill in self
            if bill.delivered_on
        }
        posted = self.filtered(lambda bill: bill.state == "posted")
        posted._stop_emails()
        posted._stop_networks()
        return memo

    def _after_reset(self, memo):
        """The next bill under the number says that it replaces one that the client has,
        and is printed anew."""
        result = super()._after_reset(memo)
        # after the bills forgot them: for these it is no failed delivery
        self._cancel_notifications(memo["messages"])
        for bill, (moment, day) in memo["replaced"].items():
            if bill in self:
                bill._internal().write(
                    {"replaces_sent_on": moment, "replaces_sent_day": day}
                )
        self._forget_print_files()
        return result

    def _cancel_notifications(self, messages_sudo):
        """Nothing of these e-mails waits to be sent any more.

        :param mail.message messages_sudo:
        """
        if messages_sudo:
            messages_sudo.env["mail.notification"].search(
                [
                    ("mail_message_id", "in", messages_sudo.ids),
                    ("notification_status", "=", "ready"),
                ]
            ).notification_status = "canceled"

    def _after_full_credit(self):
        """What was credited in full is not sent afterwards."""
        result = super()._after_full_credit()
        self._withdraw_emails()
        return result

    def _withdraw_emails(self):
        """Bills that were credited in full are not sent afterwards, nor sent again
        where that failed. An e-mail that is being handed to the mail server went out
        before. Call only after the user's role has been checked."""
        stopped_sudo = self._stop_emails(is_refused=False)
        self._stop_networks()
        undelivered = self.filtered(lambda bill: not bill.delivered_on)
        failed_sudo = undelivered.sudo().delivery_message_ids.filtered(
            lambda message: any(
                notification.notification_status in FAILED_STATES
                for notification in message.notification_ids
            )
        )
        forgotten_sudo = stopped_sudo | failed_sudo
        if forgotten_sudo:
            self._internal().write(
                {
                    "delivery_message_ids": [
                        Command.unlink(message.id) for message in forgotten_sudo
                    ]
                }
            )
            undelivered._internal().delivery_error = False
            self._cancel_notifications(forgotten_sudo)

    def _stop_emails(self, is_refused=True):
        """Take the e-mails of these bills that wait in the mail queue out of it, and
        note it. Call only after the user's role has been checked.

        :param bool is_refused: whether one that is being sent right now stands against it
        :return: messages that were to go out, and do not
        :rtype: mail.message
        :raise UndoError: naming the bills of which an e-mail is being sent right now
        """
        messages_sudo = self.sudo().delivery_message_ids
        if not messages_sudo:
            return messages_sudo
        mails_sudo = self.env["mail.mail"].sudo()  # billers may not see mails
        mails_sudo = mails_sudo.search(
            [
                ("mail_message_id", "in", messages_sudo.ids),
                ("state", "in", ("outgoing", "exception")),
            ]
        )
        queued = mails_sudo.filtered(lambda mail: mail.state == "outgoing")
        being_sent = queued.filtered("legal_sending_since")
        under_way = being_sent.mail_message_id
        if under_way and is_refused:
            raise UndoError(
                self.env._(
                    "%(bills)s: the e-mail is being handed to the mail server at this "
                    "moment. Wait a minute and check whether it was "
                    "delivered: if so, use "
                    "Credit and rebill, or have a manager revert it; if not, revert it.",
                    bills=", ".join(
                        bill._get_short_name()
                        for bill in self
                        if bill.sudo().delivery_message_ids & under_way
                    ),
                )
            )
        # a refused one could be sent again from Odoo's list of e-mails
        (mails_sudo - being_sent).cancel()
        messages_sudo = (queued - being_sent).mail_message_id
        names = {
            message: message.notification_ids.res_partner_id.mapped("name")
            for message in messages_sudo
        }
        stopped = {
            bill.id: self.env._(
                "The e-mail to %(who)s was still in the mail queue. It was stopped and "
                "does not go out.",
                who=", ".join(name for message in found for name in names[message]),
            )
            for bill in self
            if (found := bill.sudo().delivery_message_ids & messages_sudo)
        }
        if stopped:
            self.browse(stopped)._message_log_batch(bodies=stopped)
        return messages_sudo

    def _prepare_reset_vals(self):
        """The e-mails of a bill that is taken back say nothing of the next one."""
        return super()._prepare_reset_vals() | {
            "delivery_message_ids": [Command.clear()],
            "network_results": False,
        }
