from datetime import timedelta

from odoo import api, fields, models

from ...exceptions import PaymentError, PaymentGuardError, RoleError
from ...tools import BY_RULE, LARGEST_AMOUNT, Obstacles, is_amount

#: Odoo's full accounting right (*Show Full Accounting Features*), which Community gives
#: to no one by itself, and the right of Invoicing's *Administrator*.
ACCOUNTANTS = ("account.group_account_user", "account.group_account_manager")
#: Written by posting and reversing only, or worked out.
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
    "pay_in_slip_id",
    # what the rows add up to
    "allocated_amount",
    "bill_count",
    "credit_amount",
    "difference_amount",
    "needs_reapply",
    "write_off_amount",
}
#: Money that a person types on a slip; never negative.
AMOUNT_FIELDS = {"amount", "bank_amount"}
#: Days after which a draft that nobody touches holds nothing any more.
DAYS_HELD = 7
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
            self._check_amounts(vals)
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
        self._check_amounts(vals)
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

    @api.model
    def _check_amounts(self, vals):
        """Refuse what is no amount of money, before the database would.

        :param dict vals: for ``create`` or ``write``
        :raise PaymentError: naming the fields
        """
        amounts = {name: vals[name] for name in AMOUNT_FIELDS & vals.keys()}
        wrong = {
            name
            for name, value in amounts.items()
            if not is_amount(value, -LARGEST_AMOUNT)
        }
        if wrong:
            raise PaymentError(
                self.env._(
                    "%(fields)s: enter an amount of money, below %(limit)s.",
                    fields=self._get_labels(wrong),
                    limit=f"{LARGEST_AMOUNT:,.0f}",
                )
            )
        if negative := {n for n, value in amounts.items() if float(value or 0) < 0}:
            raise PaymentError(
                self.env._(
                    "%(fields)s of a payment cannot be negative. What goes back to a "
                    "client is a refund: Refund or move, under Unallocated Credits.",
                    fields=self._get_labels(negative),
                )
            )

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
    def _cron_tidy_drafts(self):
        """Drafts that nobody touched for a week hold bills no longer: their amounts come
        off the bills, and their log says so. What was typed of payer, amount and date
        stays."""
        limit = fields.Datetime.now() - timedelta(days=DAYS_HELD)
        rows = self.env["legal.payment.allocation"]
        touched = rows._read_group(
            [("state", "=", "draft"), ("amount", "!=", 0)],
            ["payment_id"],
            ["write_date:max"],
        )
        for payment, last in touched:
            if max(last, payment.write_date) >= limit:
                continue
            held = payment.allocation_ids.filtered("amount")
            names = held.bill_id.mapped("name")
            payment._internal().action_clear()
            payment.message_post(
                body=self.env._(
                    "This draft has not been touched for %(days)s days: %(bills)s are "
                    "free for other payments again. Re-apply the rule to carry on "
                    "with it.",
                    days=DAYS_HELD,
                    bills=", ".join(names) or self.env._("its credits"),
                )
            )

    @api.model
    def _check_cashier(self, *roles):
        """Refuse users who may not work on payments.

        :raise RoleError:
        """
        self._check_role("cashier", *roles, "manager")

    # --- who settles, whichever window it is done in

    @api.model
    def _has_own_role(self, *roles):
        """Whether the user has one of the roles; running as superuser is none.

        :param str roles: names as in ``legal_billing_group_<role>``
        :rtype: bool
        """
        return any(
            self.env.user.has_group(f"legal_billing.legal_billing_group_{role}")
            for role in roles
        )

    @api.model
    def _may_settle(self):
        """Whether this is billing's own code, or the user is a cashier, a manager, or an
        accountant with Odoo's full accounting right.

        :rtype: bool
        """
        return (
            self._is_internal()
            or self._has_own_role("cashier", "manager")
            or any(self.env.user.has_group(group) for group in ACCOUNTANTS)
        )

    @api.model
    def _check_settles(self, moves):
        """Credits of matters are made, used and taken back by cashiers.

        :param account.move moves: with the credits
        :raise RoleError: naming them
        """
        if moves and not self._may_settle():
            raise RoleError(
                self.env._(
                    "%(user)s may not make, use or take back the credits of %(moves)s: "
                    "credits of matters are the cashiers', or an accountant's with "
                    "Odoo's full accounting right. Ask one of them to enter it under "
                    "Payments.",
                    user=self.env.user.name,
                    moves=", ".join(moves.mapped("display_name")),
                )
            )

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
