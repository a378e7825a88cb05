from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...exceptions import BillStageError, ProduceError
from ...tools import Sign
from ..common.legal_bill_channel import NONE, OURS
from .emails_together import EmailsTogether

#: Channels that do not carry a bill by a network, and are known by other fields.
SENT = [code for code in OURS if code != NONE]


class AccountMove(models.Model):
    """Producing bills: PDFs, e-mail, print; produced is not delivered."""

    _inherit = "account.move"

    production_plan = fields.Char(
        string="What will happen",
        compute="_compute_production_plan",
        help="What producing this bill will do.",
    )
    is_unsent = fields.Boolean(
        string="Reaches nobody",
        compute="_compute_production_plan",
        search="_search_is_unsent",
        help="The bill will be neither e-mailed nor printed, or an address is not "
        "usable.",
    )
    replaces_sent_on = fields.Datetime(
        copy=False,
        readonly=True,
        help="When the version that this bill replaces had been delivered.",
        string="Replaces sent on",
    )
    replaces_sent_day = fields.Date(
        copy=False, readonly=True, string="Replaces sent day"
    )

    @api.depends(
        "recipient_ids.email",
        "recipient_ids.active",
        "bill_channel_ids",
        "network_results",
        "sending_data",
        "print_copies",
        "billing_stage",
        "delivery_message_ids",
    )
    def _compute_production_plan(self):
        self._read_recipients()
        for bill in self:
            bill.production_plan = bill.billing_stage and bill._get_production_plan()
            bill.is_unsent = (
                bill.billing_stage in ("draft", "production") and bill._goes_nowhere()
            )

    @api.model
    def _search_is_unsent(self, operator, value):
        """Bills that did not go out yet: those with neither recipient nor copy nor
        network, and those with a network, or a recipient whose address looks odd, that
        is not usable: only these are looked at one by one, never the firm's bills of all
        years. That nothing is to be sent may be chosen."""
        if operator != "in":
            return NotImplemented
        anybody = Domain("active", "in", (True, False))
        odd = anybody & (
            Domain("active", "=", False)
            | Domain("email_normalized", "=", False)
            | Domain("email", "like", "%@%@%")
            | Domain("email", "like", ",")
            | Domain("email", "like", ";")
        )
        bills = self._get_stage_domain("draft", "production") & Domain(
            "matter_ids", "!=", False
        )
        networked = Domain("bill_channel_ids.code", "not in", OURS) & Domain(
            "delivered_on", "=", False
        )
        doubtful = self.search(
            bills
            & (
                Domain("recipient_ids", "any", odd)
                | self._get_copies_domain(Domain("recipient_ids", "any", odd))
                | networked
            )
        )
        doubtful._read_recipients()
        domain = bills & (
            Domain("id", "in", doubtful.filtered("is_unsent").ids)
            | Domain("print_copies", "in", ("0", False))
            & ~Domain("recipient_ids", "any", anybody)
            & ~self._get_copies_domain(
                Domain("recipient_ids", "any", anybody)
                | Domain("print_copies", "in", ("1", "2"))
            )
            & Domain("bill_channel_ids", "not any", Domain("code", "not in", SENT))
        )
        return domain if True in value else ~domain

    def _read_recipients(self):
        """Read together what the answers on each of these bills look at."""
        self._get_recipients().fetch(["name", "email", "email_normalized", "active"])
        self.sudo().delivery_message_ids.notification_ids.fetch()
        shares_sudo = self.filtered("is_shared").sudo().payer_share_ids
        if shares_sudo:
            shares_sudo.with_context(active_test=False).recipient_ids.fetch(
                ["name", "email", "email_normalized", "active"]
            )
        self._read_shares()

    def _goes_nowhere(self):
        """Whether producing this bill fails for an address, or sends nothing.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self._get_address_problem()
            or not (
                self._get_recipients()
                or self._count_prints()
                or self._get_copy_recipients()
                or self._get_networks()
                or self.bill_channel_ids._has(NONE)
            )
        )

    def _get_nowhere_reason(self):
        """Why this bill would reach nobody.

        :rtype: str
        """
        self.ensure_one()
        return self._get_address_problem() or self.env._("nobody to send it to")

    def _get_production_plan(self):
        """What producing this bill will do, in words.

        :rtype: str
        """
        self.ensure_one()
        problem = self._get_address_problem()
        if problem:
            return self.env._("fails: %s", problem)
        steps = []
        if self._get_pending_recipients():
            steps.append(self.env._("e-mail"))
        if copies := self._get_pending_copies():
            steps.append(
                self.env._(
                    "e-mail to %s",
                    ", ".join(share.partner_id.display_name for share in copies),
                )
            )
        steps += self._get_pending_networks().mapped("name")
        copies = self._count_prints()
        if copies == 1:
            steps.append(self.env._("1 copy"))
        elif copies:
            steps.append(self.env._("%s copies", copies))
        if not steps and self._get_networks():
            return self.env._("nothing: sent already")
        if not steps and self.recipient_ids:
            return self.env._("nothing: e-mailed already")
        if not steps and self.bill_channel_ids._has(NONE):
            return self.env._("nothing, as chosen")
        return " + ".join(steps) or self.env._("nothing: no address")

    def _get_copies(self):
        """How often the bill is printed.

        :rtype: int
        """
        return int(self.print_copies or 0)

    def _count_prints(self):
        """How many papers of the bill are printed, copies for its payers included.

        :rtype: int
        """
        shares = self._get_copies_to_send()
        return self._get_copies() + sum(share._get_copies() for share in shares)

    # --- actions

    def action_open_produce(self):
        """Ask before producing: what goes out which way, and what cannot.

        :rtype: dict
        :raise BillStageError: if none of the bills can be produced
        """
        self._check_event_role("produce")
        return self.env["legal.bill.produce"]._open(self._get_producible())

    def action_open_produce_without_sending(self):
        """Ask before finalizing without sending.

        :rtype: dict
        :raise BillStageError: if none of the bills can be produced
        """
        self._check_event_role("produce")
        return self.env["legal.bill.produce"]._open(self._get_producible(), "quiet")

    def _get_producible(self):
        """The selected bills that are in production or were not delivered.

        :rtype: account.move
        :raise BillStageError: if there is none
        """
        selection = self.env["legal.bulk.selection"]._select(self)
        bills = selection.filtered(
            lambda bill: bill.billing_stage == "production" or bill._needs_redelivery()
        )
        if not bills:
            self._raise_wrong_stage(selection, "produce")
        # what was selected is settled: the list's filter may not widen it again
        context = {
            key: value
            for key, value in self.env.context.items()
            if key != "active_domain"
        }
        return bills.with_context(context)  # pylint: disable=context-overridden

    def action_produce_without_sending(self, note=None, sent_on=None, method=None):
        """Finalize approved bills without making or sending anything.

        It does not by itself mean that the client has the bill: give the day it was
        sent, and how, if it was.

        :param str note: why, or how the bill went out
        :param date sent_on: when the client got it; default: not known to be delivered
        :param str method: key of ``delivery_method``; default ``hand``
        :return: True
        :raise BillStageError: if none of the bills is in production
        :raise ProduceError: if that day is still to come
        """
        self._check_event_role("produce")
        sent_on = fields.Date.to_date(sent_on)
        if sent_on and sent_on > fields.Date.context_today(self):
            raise ProduceError(
                self.env._(
                    "%(day)s is still to come: enter the day on which the clients "
                    "received the bills. If they have not gone out yet, leave it "
                    "empty, and note them as posted once they have.",
                    day=format_date(self.env, sent_on),
                )
            )
        selection = self.env["legal.bulk.selection"]._select(self)
        bills = selection.filtered(lambda bill: bill.billing_stage == "production")
        if not bills:
            self._raise_wrong_stage(selection, "produce")
        bills._internal()._check_event("produce")  # the button of one with the role
        vals = self._prepare_produced_vals() | {"delivery_note": note or False}
        if sent_on:
            vals |= {
                "delivered_on": fields.Datetime.to_datetime(sent_on),
                "delivered_day": sent_on,
                "delivery_method": method or "hand",
            }
        bills._internal().write(vals)
        text = self.env._("Produced without sending.")
        if note:
            text = self.env._("Produced without sending: %(note)s", note=note)
        bills._message_log_batch(bodies=dict.fromkeys(bills.ids, text))
        return True

    def action_confirm_posted(self):
        """Note that the printed bills were posted: the client has them.

        Ticked bills are taken at the person's word, printed here or not. Of a whole
        list only those are that a print file has: nobody looked at each of the others.

        :return: True
        :raise BillStageError: if none of the bills was produced and is undelivered
        """
        self._check_role("biller", "manager")
        selection = self.env["legal.bulk.selection"]._select(self)
        bills = selection.filtered(
            lambda bill: bill.billing_stage == "finalized" and not bill.delivered_on
        )
        if not bills:
            raise BillStageError(
                self.env._(
                    "None of these bills waits to be posted: they are not produced "
                    "yet, or delivered already. %(bills)s",
                    bills=", ".join(b._get_short_name() for b in selection[:10]),
                )
            )
        if not selection <= self:
            unprinted, bills = bills, bills._get_printed()
            if not bills:
                raise BillStageError(
                    self.env._(
                        "No undelivered bill of this list is in a print file. Tick "
                        "those that you printed and posted yourself. %(bills)s",
                        bills=", ".join(b._get_short_name() for b in unprinted[:10]),
                    )
                )
        bills._internal().write(
            {
                "delivered_on": fields.Datetime.now(),
                "delivery_method": "post",
                "delivery_error": False,
            }
        )
        bills._message_log_batch(
            bodies=dict.fromkeys(
                bills.ids,
                self.env._("Printed and posted, says %s.", self.env.user.name),
            )
        )
        return True

    def action_email_bill(self):
        """Open Odoo's own window for sending this bill, or these.

        :rtype: dict
        :raise BillStageError: naming the bills that are not approved
        """
        self._check_role("biller", "manager")
        self._check_is_approved(self.env._("E-mail"))
        action = self.action_send_and_print()
        action["context"]["allow_partners_without_mail"] = True
        return action

    # --- work on a chunk

    def _prepare_produced_vals(self):
        """:rtype: dict"""
        return {
            "produced_by_id": self.env.uid,
            "produced_on": fields.Datetime.now(),
            "delivery_error": False,
        }

    def _produce(self):
        """Produce these bills: PDFs in one go, then the e-mails; networks last.

        The e-mails are in Odoo's mail queue, and the bills for networks in its queue of
        sending, when the caller's transaction commits,
        and not before: a crash sends nothing, or what is queued, once.

        :return: ``{bill: ProduceError}`` of the bills that stay as they were; the
            others are finalized
        :rtype: dict
        :raise RoleError: if nobody with the role stands behind it
        :raise Exception: when the PDFs could not be made (the caller halves the chunk)
        """
        self._check_event("produce")
        self._read_for_papers()
        errors, emails, copies = {}, {}, {}
        together = Sign("together", EmailsTogether(self))
        for bill in self:
            try:
                mailed = bill.with_context(legal_billing_together=together)
                emails[bill] = mailed._prepare_bill_email()
                copies[bill] = bill._prepare_copy_emails()
            except ProduceError as error:
                errors[bill] = error
        bills = self.filtered(lambda bill: bill not in errors)
        bills._make_pdfs()
        mailed = bills.filtered(emails.get)
        errors |= mailed.with_context(
            legal_billing_together=together
        )._queue_bill_emails(emails)
        produced = bills.filtered(lambda bill: bill not in errors)
        produced.filtered(copies.get)._queue_copies(copies)
        networked = produced._queue_networks()
        mailed = produced.filtered(
            lambda bill: (emails[bill] or copies[bill]) and bill not in networked
        )
        vals = self._prepare_produced_vals()
        mailed._internal().write(vals | {"delivery_method": "email"})
        (produced - mailed)._internal().write(vals)
        for bill in networked:
            bill._internal().write({"delivery_method": bill._get_automatic_method()})
        for bill, error in errors.items():
            # shown beside the bill's number, which the message begins with
            problem = str(error).removeprefix(f"{bill._get_short_name()}: ")
            bill._internal().write({"delivery_error": problem})
        return errors

    def _read_for_papers(self):
        """Read together what papers and e-mails of these bills look at one by one."""
        self._read_recipients()
        self.line_ids.fetch(["tax_ids", "tax_tag_ids"])
        for bill in self:
            bill._portal_ensure_token()

    def _make_pdfs(self):
        """Make and store the PDFs that are missing, with each bill's own template."""
        missing = self.filtered(lambda bill: not bill.invoice_pdf_report_id)
        if missing:
            self.env["account.move.send"]._generate_and_send_invoices(
                missing, sending_methods=["manual"], extra_edis=set()
            )

    # --- hooks for the room of runs, which makes the print files

    def _get_printed(self):
        """Those of these bills that are in a print file.

        :rtype: account.move
        """
        return self.browse()

    def _forget_print_files(self):
        """A bill that goes back is printed anew when it is produced again."""
