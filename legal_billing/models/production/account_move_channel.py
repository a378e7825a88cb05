from odoo import api, fields, models
from odoo.fields import Command

from ...exceptions import UndoError
from ..common.legal_bill_channel import OURS

#: Ways of delivery that Odoo notes by itself, and takes back when they fail.
AUTOMATIC = (False, "email", "peppol", "snailmail", "network")
#: States of Peppol, of `account_peppol`.
TAKEN = ("processing", "done")
#: How a letter's notification ended.
LETTERS = {
    "sent": "sent",
    "ready": "waiting",
    "process": "waiting",
    "pending": "waiting",
    "exception": "failed",
    "bounce": "failed",
}


class AccountMove(models.Model):
    """Networks and postal services that carry bills, besides e-mail and print: handed to
    Odoo's own queue of sending (`account.move.send`), and followed until they arrived.

    What a network says is read where its addon keeps it: Peppol's state on the bill, the
    notifications of a letter; of any other, ``network_results`` says what Odoo's sending
    answered. No network's addon needs to be installed.
    """

    _inherit = "account.move"

    network_results = fields.Json(
        copy=False,
        readonly=True,
        help="What sending answered, by sending method: sent or failed, and why.",
        string="Network results",
    )

    @api.model
    def _protected_fields(self):
        return super()._protected_fields() | {"network_results"}

    # --- which, and how far

    def _get_networks(self):
        """Channels of this bill that Odoo's own sending serves.

        :rtype: legal.bill.channel
        """
        self.ensure_one()
        return self.bill_channel_ids.filtered(lambda channel: channel.code not in OURS)

    def _get_network_statuses(self):
        """How far each network of this bill is.

        :return: ``{channel: (state, reason)}``; ``open``: not sent, ``waiting``: it is
            on its way, ``sent``: the network delivered it, ``failed``
        :rtype: dict
        """
        self.ensure_one()
        return {
            channel: self._get_network_status(channel.code)
            for channel in self._get_networks()
        }

    def _get_network_status(self, code):
        """:rtype: tuple"""
        result = (self.network_results or {}).get(code, {})
        state = result.get("state", "open")
        reason = result.get("reason", "")
        if code == "peppol" and "peppol_move_state" in self._fields:
            peppol = self.peppol_move_state
            if peppol == "done":
                return "sent", ""
            if peppol == "processing":
                return "waiting", ""
            if peppol in ("error", "skipped"):
                state = "failed"
                reason = reason or self.env._("the network refused it; see the notes")
        elif code == "snailmail":
            state, reason = self._get_letter_status() or (state, reason)
        if code in self._get_queued_networks():
            return "waiting", ""
        return state, reason

    def _get_letter_status(self):
        """How the newest letter of this bill ended.

        :return: state and reason, or nothing
        :rtype: tuple
        """
        letters_sudo = (
            self.sudo()
            .delivery_message_ids.notification_ids.filtered(
                lambda notification: notification.notification_type == "snail"
            )
            .sorted(lambda notification: notification.mail_message_id.id)
        )
        if not letters_sudo:
            return None
        letter = letters_sudo[-1]
        state = LETTERS.get(letter.notification_status, "open")
        if state == "failed":
            reason = letter.format_failure_reason() or letter.failure_reason
            return state, reason or self.env._("the letter was refused")
        return state, ""

    def _get_queued_networks(self):
        """Sending methods for which this bill waits in Odoo's queue.

        :rtype: list
        """
        self.ensure_one()
        return (self.sending_data or {}).get("legal_networks") or []

    def _get_pending_networks(self):
        """Networks that this bill is still to be handed to.

        :rtype: legal.bill.channel
        """
        self.ensure_one()
        return self.env["legal.bill.channel"].concat(
            *(
                channel
                for channel, (state, _reason) in self._get_network_statuses().items()
                if state in ("open", "failed")
            )
        )

    # --- what stands against it

    def _get_network_problems(self):
        """Why networks of this bill cannot take it, as far as is known here: nobody is
        asked over the internet.

        :return: phrases
        :rtype: list
        """
        self.ensure_one()
        available = self.env["legal.bill.channel"]._get_available_codes()
        problems = []
        for channel in self._get_pending_networks():
            if channel.code not in available:
                problems.append(
                    self.env._(
                        "nothing that sends by %s is installed: choose another channel",
                        channel.name,
                    )
                )
            elif channel.code == "peppol":
                problems.append(self._get_peppol_problem())
            elif channel.code == "snailmail":
                problems.append(self._get_letter_problem())
            elif not self.env["account.move.send"]._is_applicable_to_company(
                channel.code, self.company_id
            ):
                problems.append(
                    self.env._(
                        "%(company)s cannot send by %(channel)s",
                        company=self.company_id.name,
                        channel=channel.name,
                    )
                )
        return [problem for problem in problems if problem]

    def _get_peppol_problem(self):
        company = self.company_id
        payer = self.commercial_partner_id.with_company(company)
        if not company.peppol_can_send:
            return self.env._(
                "%s is not registered on Peppol: register it in the settings",
                company.name,
            )
        if not (payer.peppol_eas and payer.peppol_endpoint):
            return self.env._(
                "%s has no Peppol address: enter it on the contact, page Accounting",
                payer.name,
            )
        if payer.peppol_verification_state in ("not_valid", "not_valid_format"):
            return self.env._(
                "%s cannot receive bills by Peppol: choose another channel", payer.name
            )
        return ""

    def _get_letter_problem(self):
        payer = self.partner_id
        missing = [
            payer._fields[name]._description_string(self.env)
            for name in ("street", "city", "zip", "country_id")
            if not payer[name]
        ]
        if not missing:
            return ""
        return self.env._(
            "the address of %(partner)s is not complete for a letter: %(missing)s",
            partner=payer.name,
            missing=", ".join(missing),
        )

    # --- handing over

    def _get_sending_methods(self):
        """Sending methods of Odoo's by which this bill is to go now.

        :rtype: set
        """
        self.ensure_one()
        if codes := self._get_queued_networks():
            return set(codes)
        methods = set(self._get_pending_networks().mapped("code"))
        if self._get_recipients():
            methods.add("email")
        return methods or {"manual"}

    def _get_queued_methods(self, settings):
        """Sending methods of a bill that waits in the queue, where the caller says none.

        :param dict settings: of the caller
        :return: sorted; empty for those of the caller, or the bill's default
        :rtype: tuple
        """
        if "sending_methods" in settings or not self.sending_data:
            return ()
        return tuple(sorted(self._get_sending_methods()))

    def _note_handed_over(self, methods):
        """Odoo's sending went through: networks that say nothing afterwards are taken to
        have delivered it.

        :param methods: sending methods
        """
        silent = set(methods) - {"email", "manual", "peppol", "snailmail"}
        if silent:
            self._note_network_results(silent, "sent")

    def _queue_networks(self):
        """Put these bills into Odoo's queue of sending, for the networks that they are
        still to be handed to. It is worked off after the commit, by Odoo's own job.

        :return: the bills that were
        :rtype: account.move
        """
        queued = self.browse()
        for bill in self:
            channels = bill._get_pending_networks()
            if not channels:
                continue
            queued |= bill
            results = dict(bill.network_results or {})
            vals = {
                "sending_data": {
                    "author_user_id": self.env.uid,
                    "author_partner_id": self.env.user.partner_id.id,
                    "legal_networks": channels.mapped("code"),
                },
                "network_results": {
                    code: result
                    for code, result in results.items()
                    if code not in channels.mapped("code")
                },
            }
            if channels._has("peppol") and "peppol_move_state" in bill._fields:
                vals["peppol_move_state"] = "to_send"  # as Odoo's own window does
            bill._internal().write(vals)
        if queued:
            # sudo: whoever may produce may have it sent
            self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()
        return queued

    def _note_network_results(self, codes, state, reason=""):
        """Note how sending ended, and look at the delivery again.

        :param codes: sending methods
        :param str state: ``sent`` or ``failed``
        """
        for bill in self:
            found = {
                channel.code
                for channel in bill._get_networks()
                if channel.code in codes
            }
            if found:
                results = dict(bill.network_results or {})
                results.update(
                    {code: {"state": state, "reason": reason} for code in found}
                )
                bill._internal().write({"network_results": results})
        self.sudo()._refresh_delivery()

    def _note_untaken(self, codes):
        """After sending: what a network silently left is a failure, with its reason.

        :param codes: sending methods that were asked for
        """
        for bill in self:
            for channel in bill._get_pending_networks():
                state, _reason = bill._get_network_status(channel.code)
                if channel.code not in codes or state != "open":
                    continue
                problems = bill._get_network_problems()
                bill._note_network_results(
                    [channel.code],
                    "failed",
                    "; ".join(problems)
                    or self.env._("%s did not take it", channel.name),
                )

    def _follow_network(self, vals):
        """A network's addon wrote what became of a bill.

        :param dict vals: that were written
        """
        if vals.get("peppol_move_state") in ("done", "error", "skipped", "processing"):
            self._get_bills().sudo()._refresh_delivery()

    def _message_log(self, **kwargs):
        """Peppol says why in the note that follows on its state: the bill's remark says
        it too."""
        message = super()._message_log(**kwargs)
        if len(self) == 1 and self._is_refused_by_peppol():
            self._complete_refusal(kwargs.get("body"))
        return message

    def _is_refused_by_peppol(self):
        return bool(
            "peppol_move_state" in self._fields
            and self.peppol_move_state == "error"
            and self.matter_ids
            and self.delivery_error
            and not (self.network_results or {}).get("peppol", {}).get("reason")
        )

    def _complete_refusal(self, body):
        if body and self._get_bills():
            reason = str(body).strip()
            self._note_network_results(["peppol"], "failed", reason)

    # --- hook for the room of runs, whose rows say what failed

    def _note_failed_delivery(self, reason):
        """The network or post refused this bill after it was produced; extend to do
        more.

        :param str reason:
        """

    # --- taking back

    def _get_obstacles(self, event):
        """What a network has taken stays: the client's books have it under its number."""
        if event == "revert":
            self._note_accepted()
        obstacles = super()._get_obstacles(event)
        if event != "revert" or "peppol_move_state" not in self._fields:
            return obstacles
        taken = self._get_bills().filtered(
            lambda bill: bill.state == "posted" and bill.peppol_move_state in TAKEN
        )
        return obstacles | type(obstacles)().add(
            taken,
            self.env._(
                "%(bills)s: Peppol has it, and the client's books take a number once. Use "
                "Credit and rebill.",
                bills=", ".join(bill._get_short_name() for bill in taken),
            ),
            UndoError,
        )

    def _stop_networks(self):
        """Take these bills out of Odoo's queue of sending, and their letters that wait
        out of that of the post. Call only after the user's role has been checked."""
        queued = self.filtered("sending_data")
        if queued:
            queued._internal().write({"sending_data": False})
            if "peppol_move_state" in self._fields:
                waiting = queued.filtered(
                    lambda bill: bill.peppol_move_state == "to_send"
                )
                waiting._internal().write({"peppol_move_state": "ready"})
        messages_sudo = self.sudo().delivery_message_ids
        if messages_sudo and "snailmail.letter" in self.env:
            # sudo: billers may not see letters
            self.env["snailmail.letter"].sudo().search(
                [
                    ("message_id", "in", messages_sudo.ids),
                    ("state", "in", ("pending", "error")),
                ]
            ).cancel()

    def _note_letter(self, message):
        """Remember a letter that carries this bill.

        :param mail.message message: of the postal service
        """
        self._internal().write({"delivery_message_ids": [Command.link(message.id)]})
