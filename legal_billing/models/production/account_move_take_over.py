from odoo import api, fields, models
from odoo.tools import format_date

from ...exceptions import BillStageError


class AccountMove(models.Model):
    """Opening bills: made in the system before, and delivered from there. They are taken
    over as delivered on their day, and nothing is sent."""

    _inherit = "account.move"

    taken_over_on = fields.Date(
        string="Delivered before the take-over",
        copy=False,
        help="For bills from the previous "
        "system: the day on which the client got it. Once "
        "approved, the bill is finalised as delivered on that day; nothing is sent.",
    )

    @api.constrains("taken_over_on")
    def _check_taken_over(self):
        """
        :raise BillStageError: for a day to come, and for bills of entries
        """
        today = fields.Date.context_today(self)
        told = self.filtered("taken_over_on")
        if future := told.filtered(lambda bill: bill.taken_over_on > today):
            raise BillStageError(
                self.env._(
                    "%(bills)s: the day on which the client got it is still to come.",
                    bills=", ".join(bill._get_short_name() for bill in future),
                )
            )
        told._check_is_opening()

    def _check_is_opening(self):
        """
        :raise BillStageError: naming the bills that were made here
        """
        made_sudo = self.sudo().filtered("wip_line_ids")  # whoever may see the entries
        if made_sudo:
            raise BillStageError(
                self.env._(
                    "%(bills)s is made from entries of this system, so nobody has had "
                    "it before. Produce it, or use Produce without sending.",
                    bills=", ".join(bill._get_short_name() for bill in made_sudo),
                )
            )

    def _check_protected(self, vals):
        """Besides, the day of an opening bill is the manager's: client money may be
        paid on what was delivered.

        :raise RoleError:
        """
        result = super()._check_protected(vals)
        if vals.get("taken_over_on") and not self._is_internal():
            self._check_role("manager")
        return result

    @api.model
    def _frozen_fields(self):
        """Besides, the day on which the client got an opening bill."""
        return super()._frozen_fields() | {"taken_over_on"}

    def _after_approval(self):
        """Opening bills that say when the client got them are finalized at once."""
        result = super()._after_approval()
        self.filtered("taken_over_on")._take_over()
        return result

    def action_take_over_as_delivered(self):
        """Finalize opening bills as delivered on their own date, without sending: those
        ticked, or all of the list's filter that are in production.

        :return: True
        :raise RoleError: without the manager's role
        :raise BillStageError: if there is none, or for bills made from entries
        """
        self._check_role("manager")
        selection = self.env["legal.bulk.selection"]._select(self)
        bills = selection.filtered(lambda bill: bill.billing_stage == "production")
        if not bills:
            self._raise_wrong_stage(selection, "produce")
        bills._check_is_opening()
        bills._take_over()
        return True

    def _take_over(self):
        """Note that the clients have these bills since their day. Call only after the
        role was checked.

        A day is written once for all bills that have it.
        """
        texts = {}
        for day, bills in self.grouped(
            lambda bill: bill.taken_over_on or bill.invoice_date
        ).items():
            bills._internal().write(
                self._prepare_produced_vals()
                | {
                    "delivered_on": fields.Datetime.to_datetime(day),
                    "delivered_day": day,
                    "delivery_method": "before",
                }
            )
            text = self.env._(
                "Taken over from the previous "
                "system: delivered on %s, nothing was sent.",
                format_date(self.env, day),
            )
            texts |= dict.fromkeys(bills.ids, text)
        if texts:
            self._message_log_batch(bodies=texts)
