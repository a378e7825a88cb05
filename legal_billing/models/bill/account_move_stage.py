from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, LazyTranslate, format_date

from ...exceptions import ApprovalError, BillStageError, UndoError
from ...tools import CREDITING, DROPPING, WHOLE_BILL, Obstacles, format_amount

_lt = LazyTranslate(__name__)


class Event(NamedTuple):
    """A way that a bill goes."""

    label: str  #: what people call it
    stages: tuple  #: from these
    after: str  #: to this one; empty: the bill is gone
    roles: tuple  #: who may; the first is named in the refusal


#: Every way of a bill: the stages it starts from, the stage after, the roles.
EVENTS = {
    "approve": Event(_lt("Approve"), ("draft",), "production", ("approver", "manager")),
    "produce": Event(
        _lt("Produce"), ("production",), "finalized", ("biller", "manager")
    ),
    "revert": Event(
        _lt("Revert"),
        ("production", "finalized"),
        "draft",
        ("biller", "approver", "manager"),
    ),
    "delete": Event(_lt("Delete"), ("draft",), "", ("biller", "manager")),
    "cancel": Event(
        _lt("Cancel"), ("draft",), "cancelled", ("biller", "approver", "manager")
    ),
    "credit": Event(
        _lt("Credit"),
        ("production", "finalized"),
        "finalized",
        ("biller", "approver", "manager"),
    ),
    "credit_in_full": Event(
        _lt("Credit"),
        ("production", "finalized"),
        "finalized",
        ("biller", "approver", "manager"),
    ),
    "rebill": Event(
        _lt("Credit and rebill"),
        ("production", "finalized"),
        "finalized",
        ("approver", "manager"),
    ),
}
#: Steps of the log of adjustments that only a person takes.
HAND_STEPS = ("entry", "removed", "added", "line")


class AccountMove(models.Model):
    """The ways of a bill: approve, delete, revert, credit.

    ``EVENTS`` says from which stage each way goes, to which, and who may. What stands
    against it is said by `_get_obstacles`, which every room extends. Both are asked in
    the core methods that every way ends in (``_post``, ``button_draft``,
    ``button_cancel``, ``unlink``, ``_reverse_moves``), each overridden here and, for
    bills, nowhere else: core's buttons and RPC obey the same rules. After core has
    answered, the state is looked at: what follows, follows for bills that arrived.
    """

    _inherit = "account.move"

    entries_snapshot = fields.Json(
        copy=False,
        readonly=True,
        help="What the itemised list said, kept when the entries went back to WIP.",
    )

    is_action_approve_allowed = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_produce_allowed = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_revert_allowed = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_delete_allowed = fields.Boolean(compute="_compute_is_action_allowed")
    is_action_rebill_allowed = fields.Boolean(compute="_compute_is_action_allowed")

    # --- actions

    def action_credit_and_rebill(self):
        """Credit approved bills in full; their entries and instalments are WIP again.

        :return: the page of the credit note, or of all of them
        :rtype: dict
        :raise BillStageError: naming the bills that are not approved
        :raise UndoError: if money is on a bill or it was credited before
        """
        self._check_event_role("rebill")
        self._check_is_approved(self.env._("Credit and rebill"))
        self = self._get_split_set("posted").filtered(
            lambda bill: bill in self or not bill._is_fully_credited()
        )
        self._check_event("rebill")
        today = fields.Date.context_today(self)
        credit_notes = self._internal()._reverse_moves(
            [
                {
                    "invoice_date": today,
                    "date": today,
                    "ref": bill.with_context(
                        lang=bill.partner_id.lang or self.env.lang
                    ).env._("Credit of %(bill)s", bill=bill.name),
                    "invoice_origin": bill.invoice_origin,
                }
                for bill in self
            ],
            cancel=True,
        )
        if len(credit_notes) == 1:
            return credit_notes.get_formview_action()
        return credit_notes._get_records_action(name=self.env._("Credit notes"))

    def _check_is_approved(self, operation):
        """Refuse bills that are neither in production nor finalized.

        :param str operation: what was to be done
        :raise BillStageError: naming them, or if there is no bill
        """
        wrong = self.filtered(
            lambda bill: bill.billing_stage not in ("production", "finalized")
        )
        if wrong or not self:
            self._raise_wrong_stage(wrong, operation)

    def _raise_wrong_stage(self, bills, operation):
        """
        :param account.move bills: that are in another stage
        :param str operation: of ``EVENTS``, or what was to be done in words
        :raise BillStageError: naming them, their stages, and what can be done there
        """
        stages = dict(self._fields["billing_stage"]._description_selection(self.env))
        names = ", ".join(
            f"{bill.display_name} ({stages.get(bill.billing_stage, bill.state)})"
            for bill in bills[:10]
        )
        ways = {
            "draft": self.env._("A draft is approved or deleted."),
            "production": self.env._("A bill in production is produced or reverted."),
            "finalized": self.env._(
                "A finalised bill is reverted, or credited and rebilled once the client "
                "has it."
            ),
            "cancelled": self.env._(
                "A cancelled bill is closed: its entries are billed again."
            ),
        }
        found = set(bills.mapped("billing_stage"))
        event = EVENTS.get(operation)
        raise BillStageError(
            self.env._(
                "%(operation)s: none of these bills is in the stage for it: %(names)s. "
                "Look at the list again: somebody may have been faster. %(ways)s",
                operation=self.env._(event.label) if event else operation,
                names=names or self.env._("nothing selected"),
                ways=" ".join(text for stage, text in ways.items() if stage in found),
            ).strip()
        )

    # --- what stands against it

    def _check_event_role(self, event):
        """
        :param str event: of ``EVENTS``
        :raise RoleError: for users who may not do that to any bill
        """
        self._check_role(*EVENTS[event].roles)

    def _check_event(self, event):
        """Refuse an event for all of these moves as soon as something stands against it
        for one. The role is asked for bills only: without a matter, core decides.

        :param str event: of ``EVENTS``
        :raise RoleError:
        :raise LegalBillingError: one, naming all moves and all that stands against it
        """
        if self.env.context.get("legal_billing_dropping") is DROPPING:
            pass  # whoever edits the draft was asked before it was split anew
        elif self._get_bills():
            self._check_person_role(*EVENTS[event].roles)
        self._get_obstacles(event).raise_if_any(
            {ApprovalError: self.env._("These bills cannot be approved:")}
        )

    def _get_obstacles(self, event):
        """What stands against an event, for this user, besides role and stage. Rooms
        extend it: ``return super()._get_obstacles(event) | found``. ``self`` holds
        entries and invoices without a matter too.

        :param str event: of ``EVENTS``
        :return: ``{move: sentences}``; moves that are fine are missing
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        obstacles = super()._get_obstacles(event)
        bills = self._get_bills()
        if not bills:
            return obstacles
        if event == "approve":
            found = bills._get_approval_problems()
            obstacles |= bills._get_split_obstacles()
            return obstacles | Obstacles().add_each(found, ApprovalError)
        if event == "revert":
            obstacles |= bills._get_released_obstacles()
            bills = bills.filtered(lambda bill: bill.state == "posted")
            obstacles |= bills._get_secured_obstacles()
            obstacles |= bills._get_delivered_obstacles()
        elif event == "delete":
            obstacles |= bills._get_numbered_obstacles()
        elif event in ("credit", "credit_in_full"):
            obstacles |= bills._get_not_approved_obstacles()
        if event in ("revert", "cancel", "delete", "credit_in_full", "rebill"):
            obstacles |= bills._get_paid_obstacles()
        return obstacles | bills._get_advance_obstacles(event)

    @api.depends("billing_stage")
    @api.depends_context("uid")
    def _compute_is_action_allowed(self):
        """Stage and role, as the table says, for the buttons of the screens; what else
        stands against it is said when a button is pressed."""
        allowed = {
            event: rule.stages if self._has_role(*rule.roles) else ()
            for event, rule in EVENTS.items()
        }
        for move in self:
            stage = move.billing_stage
            move.is_action_approve_allowed = stage in allowed["approve"]
            move.is_action_produce_allowed = stage in allowed["produce"]
            move.is_action_revert_allowed = stage in allowed["revert"]
            move.is_action_delete_allowed = stage in allowed["delete"]
            move.is_action_rebill_allowed = stage in allowed["rebill"]

    # --- approving

    def _post(self, soft=True):
        """Approving is posting: the approver's role, limit and period are asked, and who
        approved is noted on the bills that core did post."""
        self = self._get_split_set("draft")
        bills = self._get_bills()
        bills._refresh_shares()
        self._check_event("approve")
        posted = super(AccountMove, self._changing_state())._post(soft)
        posted = posted.with_env(self.env)
        approved = (bills & posted).filtered(lambda bill: bill.state == "posted")
        if approved:
            # skip_invoice_sync: nothing here moves an amount
            approved._internal().with_context(skip_invoice_sync=True).write(
                {
                    "approved_by_id": self.env.uid,
                    "approved_on": fields.Datetime.now(),
                }
            )
            approved._release_fully_credited()
            approved.filtered("review_state")._close_review_activities()
            approved._after_approval()
        return posted

    def _after_approval(self):
        """Hook: after core posted these bills and who approved them was noted."""

    def _get_approval_problems(self, invoice_date=None):
        """What stands against approving these bills, for this user.

        :param date invoice_date: the date they would get; default: their own
        :return: ``{bill: sentences}``; bills that are fine are missing
        :rtype: dict
        """
        problems = defaultdict(list, self._get_credit_problems())
        for found in (self._get_analytic_problems(), self._get_deduction_problems()):
            for bill, text in found.items():
                problems[bill].append(text)
        limit = self.env.user.sudo().legal_approval_limit
        for bill in self:
            total = abs(bill.amount_total_signed)
            if limit and bill.company_currency_id.compare_amounts(total, limit) > 0:
                problems[bill].append(
                    self.env._(
                        "%(bill)s: %(total)s is over your limit of %(limit)s",
                        bill=bill._get_short_name(),
                        total=format_amount(self.env, total, bill.company_currency_id),
                        limit=format_amount(self.env, limit, bill.company_currency_id),
                    )
                )
            if bill.move_type == "out_invoice" and not bill.partner_id.active:
                problems[bill].append(
                    self.env._(
                        "%(bill)s: its payer %(payer)s is archived; unarchive the "
                        "contact, or choose another payer on the draft",
                        bill=bill._get_short_name(),
                        payer=bill.partner_id.display_name,
                    )
                )
            if bill._is_below_nothing():
                problems[bill].append(
                    self.env._(
                        "%(bill)s: its net is %(net)s, below zero; take entries off, "
                        "or issue a credit note",
                        bill=bill._get_short_name(),
                        net=bill.currency_id.format_signed(bill.amount_untaxed),
                    )
                )
            day = invoice_date or bill.invoice_date or fields.Date.context_today(bill)
            if problem := bill._get_number_problem(day):
                problems[bill].append(problem)
            locks = bill._get_violated_lock_dates(day, bool(bill.line_ids.tax_ids))
            if locks:
                problems[bill].append(
                    self.env._(
                        "%(bill)s: its date %(date)s is in a locked period (until "
                        "%(lock)s); give it a later date",
                        bill=bill._get_short_name(),
                        date=day,
                        lock=max(lock[0] for lock in locks),
                    )
                )
        return problems

    def _is_below_nothing(self):
        """Whether the client would be paid by this bill.

        :rtype: bool
        """
        self.ensure_one()
        return self.move_type == "out_invoice" and (
            self.currency_id.compare_amounts(self.amount_untaxed, 0.0) < 0
        )

    def _get_analytic_problems(self):
        """Lines of these bills that core's own validation of analytic distributions
        refuses; asked once for lines that it cannot tell apart.

        :return: ``{bill: sentence}``
        :rtype: dict
        """
        models = self.env["account.analytic.distribution.model"]
        if not models._has_mandatory_plans(self.company_id):
            return {}
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        roots = {
            account.id: account.root_plan_id.id
            # sudo: only of which plans they are
            for account in lines.sudo().distribution_analytic_account_ids
        }
        answers, missing = {}, defaultdict(dict)
        for line in lines:
            shares = defaultdict(float)
            for key, percent in (line.analytic_distribution or {}).items():
                for account in key.split(","):
                    shares[roots.get(int(account))] += percent
            kwargs = {
                "company_id": line.company_id.id,
                "product": line.product_id.id,
                "account": line.account_id.id,
                "business_domain": "invoice",
            }
            key = (*kwargs.values(), *sorted(shares.items(), key=str))
            if key not in answers:
                answers[key] = line.sudo()._get_analytic_refusal(kwargs)
            for text in answers[key]:
                missing[line.move_id][text] = True
        return {
            bill: self.env._(
                "%(bill)s: Odoo asks for an account of %(plans)s on each line; choose it "
                "on the matter, or on the lines of the draft",
                bill=bill._get_short_name(),
                plans=", ".join(texts),
            )
            for bill, texts in missing.items()
        }

    def _get_short_name(self):
        """Number, or matter and total of a draft.

        :rtype: str
        """
        self.ensure_one()
        if self.name and self.name != "/":
            return self.name
        matters = ", ".join(self.sudo().matter_ids.mapped("display_name"))
        return self.env._("Draft of %(matters)s", matters=matters)

    # --- undo

    def _delete_bills(self):
        """Delete never-posted drafts, cancel those that have a number.

        :raise UndoError: if one of them is no draft or has money on it
        """
        bills = self._get_split_set("draft")._as_whole_set()
        numbered = bills.filtered("posted_before")
        if numbered:
            numbered.button_cancel()
            numbered._check_arrived("cancel")
        (bills - numbered).unlink()

    def _revert_bills(self):
        """Send approved bills back to draft.

        :raise UndoError: if one of them may not go back, or did not
        """
        self.button_draft()
        self._check_arrived("revert")

    def _check_arrived(self, event):
        """After core's answer: another addon may have asked a question instead of doing
        it, and core may have left a move aside.

        :param str event: of ``EVENTS``
        :raise BillStageError: naming the bills that are not in the stage after it
        """
        after = {EVENTS[event].after}
        if event == "approve":  # an opening bill goes on at once
            after.add("finalized")
        self.invalidate_recordset(["billing_stage"])
        if left := self.filtered(lambda bill: bill.billing_stage not in after):
            raise BillStageError(
                self.env._(
                    "%(operation)s was not done: %(bills)s. Another addon may ask "
                    "something first: do it on the bill itself.",
                    operation=self.env._(EVENTS[event].label),
                    bills=", ".join(bill._get_short_name() for bill in left),
                )
            )

    def button_draft(self):
        """Reverting is resetting. Rooms say what they do before and after in
        `_before_reset` and `_after_reset`."""
        self = self._get_split_set("posted")
        bills = self._get_bills()
        self._check_event("revert")
        memo = bills._before_reset()
        result = super(AccountMove, self._changing_state()).button_draft()
        reset = bills.filtered(lambda bill: bill.state == "draft")
        if reset:
            reset._internal().write(reset._prepare_reset_vals())
            reset._after_reset(memo)
        return result

    def _before_reset(self):
        """Before bills go back to draft, after all checks; extend to do more.

        :return: what `_after_reset` wants to know of the bills as they were
        :rtype: dict
        """
        return {
            "delivered": {
                bill: bill.delivered_day for bill in self if bill.delivered_on
            }
        }

    def _after_reset(self, memo):
        """After core reset these bills and they forgot who approved and delivered them;
        extend to do more.

        :param dict memo: of `_before_reset`
        """
        reason = self.env.context.get("legal_billing_reason")
        for bill in self & self.browse().union(*memo["delivered"]):
            bill.message_post(
                body=self.env._(
                    "Reverted although delivered on %(date)s: %(reason)s",
                    date=format_date(self.env, memo["delivered"][bill]),
                    reason=reason,
                )
            )

    def _get_secured_obstacles(self):
        """Core's seal on a posted entry is for good; what it refuses is possible by a
        credit note.

        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        sealed = self.filtered("inalterable_hash")
        return Obstacles().add(
            sealed,
            self.env._(
                "%(bills)s is secured, as its journal "
                "requires, and is never changed. Use "
                "Credit and rebill: a credit note cancels it, delivered or not, and its "
                "entries are work in progress again.",
                bills=", ".join(bill._get_short_name() for bill in sealed),
            ),
            UndoError,
        )

    def _get_released_obstacles(self):
        """A bill whose entries are WIP again never comes back: they would be billed
        twice. That holds for the credit note that freed them, too.

        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        dead = self.filtered(
            lambda bill: (
                bill.move_type == "out_invoice"
                and (bill.state == "cancel" or bill._is_fully_credited())
                and bill._is_released()
            )
        )
        dead |= self.filtered(
            lambda note: (
                note.move_type == "out_refund"
                and note.state == "posted"
                and note.reversed_entry_id
                and note.reversed_entry_id._is_fully_credited()
                and note.reversed_entry_id._is_released()
            )
        )
        return Obstacles().add(
            dead,
            self.env._(
                "%(bills)s cannot be taken back: the entries are work in progress "
                "again and would be billed twice. Bill the matter again.",
                bills=", ".join(bill._get_short_name() for bill in dead),
            ),
            UndoError,
        )

    def _prepare_reset_vals(self):
        """What a bill that goes back to draft forgets.

        :rtype: dict
        """
        return {
            "is_move_sent": False,
            "approved_by_id": False,
            "approved_on": False,
            "produced_by_id": False,
            "produced_on": False,
            "delivered_on": False,
            "delivery_method": False,
            "delivery_note": False,
            "delivery_error": False,
        }

    def button_cancel(self):
        """A numbered draft that is deleted is cancelled: its entries are WIP again."""
        self = self._get_split_set("draft")
        closed = self._get_bills().filtered(lambda bill: bill.state == "cancel")
        bills = self._get_bills() - closed
        (self - closed)._check_event("cancel")
        result = super(AccountMove, self._changing_state()).button_cancel()
        cancelled = bills.filtered(lambda bill: bill.state == "cancel")
        if cancelled:
            cancelled._release_wip()
        return result

    def unlink(self):
        """Never-posted drafts are deleted, and their entries are WIP again."""
        self = self._get_split_set("draft")
        self._check_event("delete")
        bills = self._get_bills()
        if bills:
            bills._release_wip()
            self = self.with_context(legal_billing_whole_bill=WHOLE_BILL)
        return super().unlink()

    def _get_numbered_obstacles(self):
        """Numbers are not used twice: a bill that had one is cancelled, not deleted.

        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        numbered = self.filtered("posted_before")
        return Obstacles().add(
            numbered,
            self.env._(
                "%(bills)s had a number, which may not be used again: cancel "
                "instead of deleting.",
                bills=", ".join(numbered.mapped("display_name")),
            ),
            UndoError,
        )

    def _get_paid_obstacles(self):
        """Bills with money or credit on them. Looks at the matched items, never at
        ``payment_state``.

        :return: naming bills and payments
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        bills_sudo = self.sudo()  # matches of payments that the user may not see
        if not bills_sudo._get_settlement_partials():  # read together
            return Obstacles()
        problems, notes = {}, {}
        for bill_sudo in bills_sudo:
            partials = bill_sudo._get_settlement_partials()
            if not partials:
                continue
            others = (
                partials.debit_move_id.move_id | partials.credit_move_id.move_id
            ) - bill_sudo
            bill, names = bill_sudo.with_env(self.env), others.mapped("display_name")
            if bill.move_type == "out_refund":
                notes[bill] = self.env._(
                    "%(note)s is set against %(bills)s",
                    note=bill_sudo._get_short_name(),
                    bills=", ".join(names),
                )
            else:
                problems[bill] = self.env._(
                    "%(bill)s has %(payments)s on it",
                    bill=bill_sudo._get_short_name(),
                    payments=", ".join(names),
                )
        return (
            Obstacles()
            .add(
                problems,
                self.env._(
                    "%(problems)s. Reverse the payment or the credit note first.",
                    problems="; ".join(problems.values()),
                ),
                UndoError,
            )
            .add(
                notes,
                self.env._(
                    "%(notes)s: a credit note that is used stays. Bill the matter again "
                    "instead.",
                    notes="; ".join(notes.values()),
                ),
                UndoError,
            )
        )

    def _get_settlement_partials(self):
        """Matches of the bills' receivable lines: payments, credits, entries.

        :rtype: account.partial.reconcile
        """
        lines = self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return lines.matched_debit_ids | lines.matched_credit_ids

    def _get_delivered_obstacles(self):
        """Only a manager, with a reason, reverts what the client has.

        :return: naming the delivered bills
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        delivered = self.filtered("delivered_on")
        names = ", ".join(delivered.mapped("display_name"))
        if any(delivered.company_id.mapped("legal_forbid_revert_delivered")):
            sentence = self.env._(
                "%(bills)s: delivered bills are never taken back in this company. "
                "Use Credit and rebill.",
                bills=names,
            )
        elif self._has_manager_reason():
            return Obstacles()
        else:
            sentence = self.env._(
                "%(bills)s: the client has this bill. Use Credit and rebill; a "
                "manager may revert it and must say why.",
                bills=names,
            )
        return Obstacles().add(delivered, sentence, UndoError)

    def _has_manager_reason(self):
        """Whether a manager says why.

        :rtype: bool
        """
        is_manager = self.env.user.has_group(
            "legal_billing.legal_billing_group_manager"
        )
        return bool(is_manager and self.env.context.get("legal_billing_reason"))

    def _get_not_approved_obstacles(self):
        """
        :rtype: odoo.addons.legal_billing.tools.Obstacles
        """
        not_posted = self.filtered(lambda bill: bill.state != "posted")
        return Obstacles().add(
            not_posted,
            self.env._(
                "%(bills)s: only an approved bill is credited. Delete the draft "
                "instead; its entries are work in progress again.",
                bills=", ".join(bill._get_short_name() for bill in not_posted),
            ),
            UndoError,
        )

    # --- releasing

    def _release_wip(self):
        """Entries and instalments of these bills are free again."""
        bills_sudo = self._internal()
        for bill in bills_sudo.filtered(
            lambda b: b.state != "draft" or b.posted_before
        ):
            if not bill.entries_snapshot and bill.wip_line_ids:
                bill.entries_snapshot = bill.wip_line_ids._as_snapshot()
        bills_sudo._free_entries(bills_sudo.wip_line_ids)
        bills_sudo.instalment_ids._release()
        bills_sudo._release_periods()
        bills_sudo.env["legal.bill.maker"]._touch_matters(bills_sudo.matter_ids)

    def _release_periods(self):
        """Periods that these bills charged are owed again, with all their hours. They
        stay known: a later bill does not begin the subscription."""
        for bill in self.filtered("subscription_periods"):
            bill.subscription_periods = [
                period | {"is_charged": False, "used": 0.0}
                for period in bill.subscription_periods
            ]

    def _free_entries(self, entries):
        """Untie entries from their bills, written as one statement.

        :param account.analytic.line entries:
        """
        if not entries:
            return
        entries.flush_recordset()
        self.env.execute_query(
            SQL(
                "UPDATE account_analytic_line SET bill_id = NULL, billed_amount = NULL, "
                "write_uid = %s, write_date = %s WHERE id = ANY(%s) RETURNING id",
                self.env.uid,
                self.env.cr.now(),
                entries.ids,
            )
        )
        entries.invalidate_recordset(["bill_id", "billed_amount", "wip_status"])
        entries.modified(["bill_id", "billed_amount"])
        self.invalidate_recordset(["wip_line_ids"])

    def _release_fully_credited(self):
        """A credit note that brings its bill to nothing frees the bill's entries and
        stops its e-mail; a partial one never does (rule C-25)."""
        credited = self.filtered(
            lambda move: move.move_type == "out_refund"
        ).reversed_entry_id._get_bills()
        for bill in credited:
            if bill._is_fully_credited():
                if bill._is_released():  # with every other bill of its set
                    bill._get_split_heads()._release_wip()
                bill._after_full_credit()

    def _after_full_credit(self):
        """After a bill was credited in full; extend to do more. The user's role was
        checked."""

    def _get_posted_credit_notes(self):
        """Posted credit notes of the bill, with the right to read their figures.

        :rtype: account.move
        """
        return self.sudo().reversal_move_ids.filtered(
            lambda move: (
                move.state == "posted"
                and move.move_type == "out_refund"
                and not move.legal_write_off_id  # a bad debt was billed all the same
            )
        )

    def _is_fully_credited(self):
        """Whether posted credit notes bring every element of the bill to nothing.

        :rtype: bool
        """
        self.ensure_one()
        totals = defaultdict(float)
        credit_notes = self._get_posted_credit_notes()
        for sign, moves in ((1, self.sudo()), (-1, credit_notes)):
            for line in moves.line_ids:
                if line.display_type == "product":
                    # what was deducted on account is to be given back as well
                    key = line.bill_element or "other", line.on_account_line_id
                    totals[key] += sign * line.price_total
        return bool(credit_notes) and all(
            self.currency_id.is_zero(total) for total in totals.values()
        )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Crediting is reversing: the credit note is of the bill's client and goes where
        the bill goes."""
        bills = self._get_bills()
        self._check_event("credit_in_full" if cancel else "credit")
        moves = self.with_context(legal_billing_crediting=CREDITING) if bills else self
        reverses = super(AccountMove, moves)._reverse_moves(default_values_list, cancel)
        reverses = reverses.with_env(self.env)
        for bill, reverse in zip(self, reverses, strict=True):
            if bill in bills:
                reverse._internal().write(
                    {
                        "billing_kind": bill.billing_kind,
                        "client_id": bill.client_id.id,
                        "bill_report_id": bill.bill_report_id.id,
                        "bill_email_template_id": bill.bill_email_template_id.id,
                        "recipient_ids": [Command.set(bill._get_recipients().ids)],
                        "print_copies": bill.print_copies,
                        "bill_channel_ids": [Command.set(bill.bill_channel_ids.ids)],
                    }
                )
        return reverses

    # --- what was done by hand

    def _get_manual_changes(self):
        """What was done by hand to these drafts since they were made.

        :return: ``{bill: sentence}`` of those that were touched
        :rtype: dict
        """
        log = self.env["legal.bill.adjustment"]
        groups = log.sudo()._read_group(  # names of who edited
            [("bill_id", "in", self.ids), ("step", "in", HAND_STEPS)],
            ["bill_id"],
            ["user_id:recordset"],
        )
        edits = dict(groups)
        touches = {}
        for bill in self:
            reasons = bill._get_manual_change_reasons(edits.get(bill))
            if reasons:
                touches[bill] = ", ".join(reasons)
        split = self.filtered("is_split")
        split._get_split_set()  # read together
        for bill in split:
            if bill not in touches and any(
                other in touches for other in bill._get_split_set()
            ):
                touches[bill] = self.env._("another bill of its payers was changed")
        return touches

    def _get_manual_change_reasons(self, editors):
        """Why one draft is not as the run made it; extend to add reasons.

        :param res.users editors: who changed, added or removed entries
        :rtype: list
        """
        self.ensure_one()
        reasons = []
        if self.posted_before:
            reasons.append(self.env._("it was approved and reverted"))
        if self.is_fee_overridden:
            reasons.append(self.env._("its fees are set to an agreed amount"))
        if any(
            line.display_type == "product" and not line.legal_line_kind
            for line in self.invoice_line_ids
        ):
            reasons.append(self.env._("it has lines made by hand"))
        if editors:
            names = ", ".join(editors.mapped("name"))
            reasons.append(self.env._("its entries were changed by %s", names))
        if self.bill_text:
            reasons.append(self.env._("it has a text of its own"))
        if reasons:
            return reasons
        entries_sudo = self.sudo().wip_line_ids  # only when and by whom
        edited = entries_sudo.filtered(lambda e: e.write_date > self.create_date)
        if edited:
            names = ", ".join(edited.write_uid.mapped("name"))
            reasons.append(self.env._("its entries were edited by %s", names))
        elif self.write_date > self.create_date:
            reasons.append(
                self.env._(
                    "it was edited by %(user)s on %(date)s",
                    user=self.sudo().write_uid.name,
                    date=fields.Date.to_string(
                        fields.Datetime.context_timestamp(self, self.write_date).date()
                    ),
                )
            )
        return reasons

    # --- duplicating

    def copy(self, default=None):
        """A copy of a bill made from entries would charge the same work again, without
        an entry behind it. Bills made by hand can be copied; reversals are copies that
        core makes itself, and a debit note without the bill's lines charges nothing
        yet.

        :raise BillStageError: naming the bills and the way out
        """
        lines = (default or {}).get("line_ids")
        is_empty = bool(lines) and all(row[0] == Command.CLEAR for row in lines)
        if not is_empty and "move_reverse_cancel" not in self.env.context:
            made = self._get_bills().filtered(
                lambda bill: (
                    bill.wip_line_ids
                    or bill.entries_snapshot
                    or bill.invoice_line_ids.filtered("legal_line_kind")
                )
            )
            if made:
                raise BillStageError(
                    self.env._(
                        "%(bills)s is made from entries: a copy would charge the same "
                        "work twice. Use Credit and rebill to bill it again, or Bill on "
                        "the matter for work that is not billed yet; a debit note is "
                        "made without copying the lines.",
                        bills=", ".join(bill._get_short_name() for bill in made),
                    )
                )
        return super().copy(default)
