from collections import defaultdict

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import SQL, format_amount

from ...exceptions import ApprovalError, BillStageError, UndoError
from ...tools import WHOLE_BILL

#: Steps of the log of adjustments that only a person takes.
HAND_STEPS = ("entry", "removed", "added")


class AccountMove(models.Model):
    """The ways of a bill: approve, delete, revert, credit. The rules sit in the core
    methods that every way ends in (``_post``, ``button_draft``, ``button_cancel``,
    ``unlink``, ``_reverse_moves``), so that core's buttons and RPC obey them too."""

    _inherit = "account.move"

    entries_snapshot = fields.Json(
        copy=False,
        readonly=True,
        help="What the itemised list said, kept when the entries went back to WIP.",
    )

    # --- actions

    def action_approve_bills(self):
        """Post drafts, note who approved them and when, and put them into production.

        :return: the page to show next
        :rtype: dict
        :raise RoleError: without the approver's role
        :raise BillStageError: if none of the bills is a draft
        :raise ApprovalError: if none of them can be approved
        """
        self._check_role("approver", "manager")
        return self._run_operation("approve", ("draft",))

    def action_delete_bills(self):
        """Take drafts back: entries and instalments are free again. A draft that was
        posted before is cancelled, so that its number stays accounted for.

        :return: the page to show next
        :rtype: dict
        """
        self._check_role("biller", "manager")
        return self._run_operation("delete", ("draft",))

    def action_revert_bills(self, reason=None):
        """Send approved bills back to draft, under the same number.

        :param str reason: demanded for a bill that was delivered
        :return: the page to show next
        :rtype: dict
        :raise UndoError: if money is on a bill, it was credited, or it was delivered
            and the user is no manager or gives no reason
        """
        self._check_role("biller", "approver", "manager")
        return self._run_operation("revert", ("production", "finalized"), reason=reason)

    def action_credit_and_rebill(self):
        """Credit approved bills in full; their entries and instalments are WIP again.

        :return: the page of the credit note, or of all of them
        :rtype: dict
        :raise BillStageError: naming the bills that are not approved
        :raise UndoError: if money is on a bill or it was credited before
        """
        self._check_role("approver", "manager")
        self._check_is_approved(self.env._("Credit and rebill"))
        self._check_nothing_paid()
        today = fields.Date.context_today(self)
        credit_notes = self._internal()._reverse_moves(
            [
                {
                    "invoice_date": today,
                    "date": today,
                    "ref": self.env._("Credit of %(bill)s", bill=bill.name),
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

    # --- bulk

    def _run_operation(self, operation, stages, **run_vals):
        """Work the bills off through the queue: at once when few, else in the
        background.

        :param str operation: of ``legal.billing.run``
        :param tuple stages: the stages it is for
        :return: the page to show next
        :rtype: dict
        """
        selection = self.env["legal.bulk.selection"]._select(self)
        bills = selection.filtered(lambda bill: bill.billing_stage in stages)
        if not bills:
            self._raise_wrong_stage(selection, operation)
        actions = []
        for company, group in bills.grouped("company_id").items():
            # sudo: the role was checked by the action
            run = (
                self.env["legal.billing.run"]
                .sudo()
                .create(
                    {
                        "operation": operation,
                        "company_id": company.id,
                        "user_id": self.env.uid,
                        **run_vals,
                    }
                )
            )
            self.env["legal.billing.run.line"].sudo().create(
                [
                    {
                        "run_id": run.id,
                        "bill_id": bill.id,
                        "matter_id": bill.matter_id.id,
                        "state": "queued",
                        "currency_id": bill.currency_id.id,
                        "amount": bill.amount_untaxed,
                        "company_amount": bill.amount_untaxed_signed,
                    }
                    for bill in group
                ]
            )
            actions.append(run.sudo(False)._start())
            run._raise_if_all_failed()
        return actions[-1]

    def _raise_wrong_stage(self, bills, operation):
        stages = dict(self._fields["billing_stage"]._description_selection(self.env))
        operations = dict(
            self.env["legal.billing.run"]
            ._fields["operation"]
            ._description_selection(self.env)
        )
        names = ", ".join(
            f"{bill.display_name} ({stages.get(bill.billing_stage, bill.state)})"
            for bill in bills[:10]
        )
        ways = {
            "draft": self.env._("A draft is approved or deleted."),
            "production": self.env._("A bill in production is produced or reverted."),
            "finalized": self.env._(
                "A finalized bill is reverted, or credited and rebilled once the client "
                "has it."
            ),
            "cancelled": self.env._(
                "A cancelled bill is closed: its entries are billed anew."
            ),
        }
        found = set(bills.mapped("billing_stage"))
        raise BillStageError(
            self.env._(
                "%(operation)s: none of these bills is in the stage for it: %(names)s. "
                "Look at the list again: somebody may have been faster. %(ways)s",
                operation=operations.get(operation, operation),
                names=names or self.env._("nothing selected"),
                ways=" ".join(text for stage, text in ways.items() if stage in found),
            ).strip()
        )

    # --- approving

    def _post(self, soft=True):
        bills = self._get_bills()
        if bills:
            bills._check_can_approve()
        posted = super()._post(soft)
        approved = bills & posted
        if approved:
            # skip_invoice_sync: nothing here moves an amount
            approved._internal().with_context(skip_invoice_sync=True).write(
                {
                    "approved_by_id": self.env.uid,
                    "approved_on": fields.Datetime.now(),
                }
            )
            approved._release_fully_credited()
        return posted

    def _check_can_approve(self):
        """Right, limit and period, before anything is posted.

        :raise RoleError: without the approver's role
        :raise ApprovalError: naming all bills and what stands against them
        """
        self._check_role("approver", "manager")
        problems = self._get_approval_problems()
        if problems:
            raise ApprovalError(
                self.env._(
                    "These bills cannot be approved:\n%(problems)s",
                    problems="\n".join(
                        text for texts in problems.values() for text in texts
                    ),
                )
            )

    def _get_approval_problems(self, invoice_date=None):
        """What stands against approving these bills, for this user.

        :param date invoice_date: the date they would get; default: their own
        :return: ``{bill: sentences}``; bills that are fine are missing
        :rtype: dict
        """
        problems = defaultdict(list, self._get_credit_problems())
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
            day = invoice_date or bill.invoice_date or fields.Date.context_today(bill)
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
        self._check_nothing_paid()
        numbered = self.filtered("posted_before")
        if numbered:
            numbered.button_cancel()
        (self - numbered).unlink()

    def _revert_bills(self):
        self.button_draft()

    def button_draft(self):
        bills = self._get_bills()
        if bills:
            bills._check_role("biller", "approver", "manager")
            bills._check_wip_not_released()
            posted = bills.filtered(lambda bill: bill.state == "posted")
            posted._check_nothing_paid()
            posted._check_may_revert_delivered()
            posted._stop_emails()
        result = super().button_draft()
        if bills:
            bills._internal().write(self._prepare_reset_vals())
        return result

    def _check_wip_not_released(self):
        """A bill whose entries are WIP again never comes back: they would be billed
        twice. That holds for the credit note that freed them, too.

        :raise UndoError: naming the bills
        """
        dead = self.filtered(
            lambda bill: (
                bill.move_type == "out_invoice"
                and (bill.state == "cancel" or bill._is_fully_credited())
            )
        )
        dead |= self.filtered(
            lambda note: (
                note.move_type == "out_refund"
                and note.state == "posted"
                and note.reversed_entry_id
                and note.reversed_entry_id._is_fully_credited()
            )
        )
        if dead:
            raise UndoError(
                self.env._(
                    "%(bills)s cannot be taken back: the entries are work in progress "
                    "again and would be billed twice. Bill the matter anew.",
                    bills=", ".join(bill._get_short_name() for bill in dead),
                )
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
        bills = self._get_bills().filtered(lambda bill: bill.state != "cancel")
        if bills:
            bills._check_role("biller", "approver", "manager")
        result = super().button_cancel()
        if bills:
            bills._release_wip()
        return result

    def unlink(self):
        bills = self._get_bills()
        if bills:
            bills._check_role("biller", "manager")
            bills._check_never_posted()
            bills._release_wip()
            self = self.with_context(legal_billing_whole_bill=WHOLE_BILL)
        return super().unlink()

    def _check_never_posted(self):
        """Numbers are not used twice: a bill that had one is cancelled, not deleted.

        :raise UndoError: naming the bills
        """
        numbered = self.filtered("posted_before")
        if numbered:
            raise UndoError(
                self.env._(
                    "%(bills)s had a number, which may not be used again: cancel "
                    "instead of deleting.",
                    bills=", ".join(numbered.mapped("display_name")),
                )
            )

    def _check_nothing_paid(self):
        """Refuse bills with money or credit on them. Looks at the matched items, never
        at ``payment_state``.

        :raise UndoError: naming bills and payments
        """
        bills_sudo = self.sudo()  # matches of payments that the user may not see
        if not bills_sudo._get_settlement_partials():  # read together
            return
        problems = []
        for bill_sudo in bills_sudo:
            partials = bill_sudo._get_settlement_partials()
            if not partials:
                continue
            others = (
                partials.debit_move_id.move_id | partials.credit_move_id.move_id
            ) - bill_sudo
            problems.append(
                self.env._(
                    "%(bill)s has %(payments)s on it",
                    bill=bill_sudo._get_short_name(),
                    payments=", ".join(others.mapped("display_name")),
                )
            )
        if problems:
            raise UndoError(
                self.env._(
                    "%(problems)s. Reverse the payment or the credit note first.",
                    problems="; ".join(problems),
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

    def _check_may_revert_delivered(self):
        """Only a manager, with a reason, reverts what the client has.

        :raise UndoError: naming the delivered bills
        """
        delivered = self.filtered("delivered_on")
        if not delivered:
            return
        names = ", ".join(delivered.mapped("display_name"))
        if any(delivered.company_id.mapped("legal_forbid_revert_delivered")):
            raise UndoError(
                self.env._(
                    "%(bills)s: delivered bills are never taken back in this company. "
                    "Use Credit and rebill.",
                    bills=names,
                )
            )
        is_manager = self.env.user.has_group(
            "legal_billing.legal_billing_group_manager"
        )
        reason = self.env.context.get("legal_billing_reason")
        if not is_manager or not reason:
            raise UndoError(
                self.env._(
                    "%(bills)s: the client has this bill. Use Credit and rebill; a "
                    "manager may revert it and must say why.",
                    bills=names,
                )
            )
        for bill in delivered:
            bill.message_post(
                body=self.env._(
                    "Reverted although delivered on %(date)s: %(reason)s",
                    date=bill.delivered_on,
                    reason=reason,
                )
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
        bills_sudo.env["legal.bill.maker"]._touch_matters(bills_sudo.matter_ids)

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
                bill._release_wip()
                bill._withdraw_emails()

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
                    totals[line.bill_element or "other"] += sign * line.price_total
        return bool(credit_notes) and all(
            self.currency_id.is_zero(total) for total in totals.values()
        )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        bills = self._get_bills()
        if bills:
            bills._check_role("biller", "approver", "manager")
            if not_posted := bills.filtered(lambda bill: bill.state != "posted"):
                raise UndoError(
                    self.env._(
                        "%(bills)s: only an approved bill is credited. Delete the draft "
                        "instead; its entries are work in progress again.",
                        bills=", ".join(bill._get_short_name() for bill in not_posted),
                    )
                )
            if cancel:
                bills._check_nothing_paid()
        reverses = super()._reverse_moves(default_values_list, cancel)
        for bill, reverse in zip(self, reverses, strict=True):
            if bill in bills:
                reverse._internal().write(
                    {
                        "client_id": bill.client_id.id,
                        "bill_report_id": bill.bill_report_id.id,
                        "bill_email_template_id": bill.bill_email_template_id.id,
                        "recipient_ids": [Command.set(bill._get_recipients().ids)],
                        "print_copies": bill.print_copies,
                    }
                )
        return reverses

    # --- what was done by hand

    def _get_touches(self):
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
            reasons = bill._get_touch_reasons(edits.get(bill))
            if reasons:
                touches[bill] = ", ".join(reasons)
        return touches

    def _get_touch_reasons(self, editors):
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
                    date=fields.Date.to_string(self.write_date.date()),
                )
            )
        return reasons

    # --- duplicating

    def copy(self, default=None):
        """A copy of a bill made from entries would charge the same work again, without
        an entry behind it. Bills made by hand can be copied; reversals are copies that
        core makes itself.

        :raise BillStageError: naming the bills and the way out
        """
        if "move_reverse_cancel" not in self.env.context:
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
                        "work twice. Use Credit and rebill to bill it anew, or Bill on "
                        "the matter for work that is not billed yet.",
                        bills=", ".join(bill._get_short_name() for bill in made),
                    )
                )
        return super().copy(default)
