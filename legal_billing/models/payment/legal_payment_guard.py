from datetime import timedelta

from odoo import api, fields, models

from ...exceptions import PaymentError, PaymentGuardError
from ...tools import BY_RULE, Obstacles

#: Written by posting and reversing only.
PROTECTED_FIELDS = {
    "state",
    "name",
    "account_payment_id",
    "move_id",
    "write_off_move_id",
    "reversal_move_ids",
    "posted_by_id",
    "posted_on",
    "reversed_by_id",
    "reversed_on",
    "reversal_kind",
    "reversal_reason",
}
#: What may still change once a payment is posted.
OPEN_FIELDS = {"message_main_attachment_id", "activity_ids", "message_follower_ids"}


class LegalPayment(models.Model):
    """Who may change a slip, and until when."""

    _inherit = "legal.payment"

    @api.model_create_multi
    def create(self, vals_list):
        """New slips; where an amount is given and no row's amount, the rule is applied
        at once."""
        self._check_cashier()
        for vals in vals_list:
            self._check_protected(vals)
        payments = super().create(vals_list)
        for payment in payments:
            payment._complete_payer()
            if any(payment.allocation_ids.mapped("amount")):
                payment._note_applied()
        payments._apply_at_once()
        return payments

    def write(self, vals):
        """A draft whose rows have no amounts yet is spread at once when its amount or
        rows come. Rows written through the slip count as typed, unless the form sent
        what the rule gave (``apply_count``).

        :raise ProtectedFieldError:
        :raise PaymentError: naming slips that are posted
        """
        self._check_protected(vals)
        if self._is_internal():
            return super().write(vals)
        self._check_frozen(vals)
        fresh = self.filtered(lambda p: not any(p.allocation_ids.mapped("amount")))
        payments = self.with_context(
            legal_billing_applied_rule=BY_RULE if "apply_count" in vals else False
        )
        result = super(LegalPayment, payments).write(vals)
        if vals.keys() & {"amount", "allocation_ids"}:
            fresh._apply_at_once()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        """Posted payments are reversed, never deleted."""
        self._check_is_draft()

    @api.autovacuum
    def _gc_empty_drafts(self):
        """Drafts that nobody typed anything into."""
        self.search(
            [
                ("state", "=", "draft"),
                ("amount", "=", 0),
                ("write_date", "<", fields.Datetime.now() - timedelta(days=1)),
            ]
        ).filtered(lambda p: not any(p.allocation_ids.mapped("amount"))).unlink()

    @api.model
    def _check_cashier(self, *roles):
        """Refuse users who may not work on payments.

        :raise RoleError:
        """
        self._check_role("cashier", *roles, "manager")

    @api.model
    def _protected_fields(self):
        """Fields that posting and reversing alone writes."""
        return super()._protected_fields() | PROTECTED_FIELDS

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._("%(fields)s is set by Post and Reverse.", fields=labels)

    @api.model
    def _frozen_fields(self):
        return self._fields.keys() - OPEN_FIELDS

    def _get_frozen(self):
        return self.filtered(lambda payment: payment.state != "draft")

    def _get_frozen_refusal(self):
        return PaymentError(
            self.env._(
                "%(names)s is posted and cannot be changed. Reverse it, with a "
                "reason, and make a new one.",
                names=", ".join(self.mapped("display_name")),
            )
        )

    def _check_is_draft(self):
        """Refuse changes of posted and reversed payments, whoever asks.

        :raise PaymentError: naming them
        """
        if closed := self._get_frozen():
            raise closed._get_frozen_refusal()

    @api.model
    def _refuse_changes_of(self, records):
        """What a slip posted is undone by the slip.

        :param records: entries or payments
        :raise PaymentGuardError: naming them and their slips
        """
        self._get_slip_obstacles(records).raise_if_any()

    @api.model
    def _get_slip_obstacles(self, records):
        """
        :param records: entries or payments
        :return: naming those that a slip posted, and the slips
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        if self._is_internal():
            return Obstacles()
        mine = records.filtered("legal_payment_id")
        return Obstacles().add(
            mine,
            self.env._(
                "%(records)s: posted by %(slips)s, which says what each bill got. "
                "Reverse it there, and enter it again if need be.",
                records=", ".join(mine.mapped("display_name")),
                # sudo: an accountant without a role is told the slip's name
                slips=", ".join(mine.legal_payment_id.sudo().mapped("display_name")),
            ),
            PaymentGuardError,
        )

    def _complete_payer(self):
        """Without a payer, the one who is billed, if it is one: of the bills, else of
        the matter whose credit is made or refunded."""
        partners = self.allocation_ids.bill_id.commercial_partner_id
        if not partners:
            partners = self.env["res.partner"].union(
                *(
                    matter.billing_partner_id or matter.partner_id
                    for matter in self.allocation_ids.matter_id | self.matter_id
                )
            )
            partners = partners.commercial_partner_id
        if not self.received_from_id and len(partners) == 1:
            self.received_from_id = partners
