from odoo import api, models
from odoo.fields import Command, Domain

from ...exceptions import BillStageError
from ...tools import INTERNAL


class AccountMove(models.Model):
    """The entries of drafts: added, removed, edited, and priced again."""

    _inherit = "account.move"

    # --- actions

    @api.private
    def action_add_entries(self, entries):
        """Put unbilled entries of the bill's matter on this draft.

        :param account.analytic.line entries:
        :return: True
        :raise BillStageError: if the bill is no draft
        """
        self.ensure_one()
        self._check_can_edit_draft()
        matter = self._get_priced_matter()
        if entries.filtered(
            lambda e: (
                e.matter_id != matter or e.bill_id or e.written_off_on or not e.wip_type
            )
        ):
            raise BillStageError(
                self.env._(
                    "Only unbilled entries of the same matter can be added to %(bill)s.",
                    bill=self.display_name,
                )
            )
        maker = self._internal().env["legal.bill.maker"]
        maker._link_entries([(entry.id, self.id, 0.0) for entry in entries])
        self._log_entries(entries, "added", {})
        self._note_left_out(entries, False)
        self._reprice()
        return True

    @api.private
    def action_remove_entries(self, entries):
        """Take entries off this draft; they are unbilled again, and not offered to it
        as new.

        :param account.analytic.line entries:
        :return: True
        """
        self.ensure_one()
        self._check_can_edit_draft()
        taken = entries & self.wip_line_ids
        before = {entry.id: entry.billed_amount for entry in taken}
        self._log_entries(taken, "removed", before)
        self._free_entries(taken)
        self._note_left_out(taken, True)
        self._reprice()
        return True

    def action_add_new_wip(self):
        """Put on each of these drafts what was recorded since, up to its cut-off; what
        a person left out stays out.

        :return: True
        """
        maker = self.env["legal.bill.maker"]
        entries = self.env["account.analytic.line"].sudo()  # right checked per bill
        for bill in self.filtered(lambda b: b.billing_stage == "draft"):
            matter = bill._get_priced_matter()
            new = entries.search(
                maker._get_billable_domain(
                    matter, bill.cutoff_date or bill.invoice_date
                )
                & maker._get_not_waiting_domain(matter, bill.instalment_ids)
                & Domain("id", "not in", bill.sudo().left_out_ids.ids)
            )
            if new:
                bill.action_add_entries(new)
        return True

    # --- helpers

    def _check_can_edit_draft(self):
        """Right and stage for a change of a draft's entries.

        :raise RoleError: for users who neither bill nor review this matter
        :raise BillStageError: if the bill is no draft
        """
        self.check_access("read")  # what follows is done with billing's own rights
        reviewer = self.env.user.has_group("legal_billing.legal_billing_group_reviewer")
        if not (reviewer and self._is_reviewed_by_user()):
            self._check_role("biller", "manager")
        closed = self.filtered(lambda bill: bill.state != "draft")
        if closed:
            self._raise_wrong_stage(closed, self.env._("Edit"))

    def _is_reviewed_by_user(self):
        """Whether the user is the responsible lawyer, or was asked to review.

        :rtype: bool
        """
        user = self.env.user
        return all(
            bill.matter_ids.responsible_id == user or bill.reviewer_id == user
            for bill in self.sudo()  # who is responsible, behind walls too
        )

    def _on_entries_edited(self, entries, before):
        """Entries of drafts were edited: log it, price the drafts again.

        :param account.analytic.line entries: those that changed
        :param dict before: ``{entry id: value before}``
        """
        self._check_can_edit_draft()
        held = entries.sudo().filtered("is_on_hold")
        for bill_sudo in self.sudo():
            mine = entries.sudo() & bill_sudo.wip_line_ids
            bill_sudo._log_entries(mine, "entry", before)
            bill_sudo._free_entries(mine & held)
            bill_sudo._reprice()

    def _log_entries(self, entries, step, before):
        log = self.env["legal.bill.adjustment"].sudo()  # a log that nobody writes
        log.create(
            [
                {
                    "bill_id": self.id,
                    "matter_id": entry.matter_id.id,
                    "entry_id": entry.id,
                    "step": step,
                    "before_amount": before.get(entry.id, 0.0),
                    "after_amount": 0.0 if step == "removed" else entry.wip_amount,
                    "reason": entry.name,
                    "user_id": self.env.uid,
                }
                for entry in entries
                if step != "entry" or before.get(entry.id) != entry.wip_amount
            ]
        )

    def _get_priced_matter(self):
        """The matter whose entries the bill charges; lines made by hand may be of
        others.

        :raise BillStageError: if the entries are of several matters
        :rtype: project.project
        """
        self.ensure_one()
        generated = self.invoice_line_ids.filtered("legal_line_kind")
        matters = (
            self.wip_line_ids.matter_id
            | self.instalment_ids.matter_id
            | generated.matter_id
        )
        if len(matters) > 1:
            raise BillStageError(
                self.env._(
                    "%(bill)s has entries of several matters: %(matters)s. Bill them one "
                    "by one.",
                    bill=self._get_short_name(),
                    matters=", ".join(matters.mapped("display_name")),
                )
            )
        return matters or self.matter_id

    def _reprice(self):
        """Price drafts again by the order of operations and make their generated lines
        anew. Lines made by hand stay."""
        for bill in self._internal():
            matter = bill._get_priced_matter()
            if bill.state != "draft" or not matter or bill.move_type != "out_invoice":
                continue
            maker = bill.env["legal.bill.maker"].with_company(bill.company_id)
            rows = maker._load_rows(Domain("bill_id", "=", bill.id)).get(matter.id, [])
            billed = maker._get_quote_billed(matter, exclude=bill)
            priced = maker._price(
                matter,
                rows,
                bill.instalment_ids,
                billed.get(matter.id, 0.0),
                bill.invoice_date,
                bill=bill,
            )
            lines = maker._prepare_line_vals_list(
                matter,
                priced,
                bill.currency_id,
                bill.fiscal_position_id,
                bill.invoice_date,
                rows,
            )
            by_hand = bill.invoice_line_ids.filtered(lambda x: not x.legal_line_kind)
            if not lines and (not by_hand or by_hand.matter_id != matter):
                # nothing is charged any more: it stays a bill of its matter
                lines = maker._prepare_nil_line_vals_list(
                    matter, priced, bill.currency_id, bill.fiscal_position_id, rows
                )
            bill.with_context(legal_billing_internal=INTERNAL).write(
                {
                    "invoice_line_ids": [
                        *(
                            Command.delete(line.id)
                            for line in bill.invoice_line_ids
                            if line.legal_line_kind
                        ),
                        *(Command.create(vals) for vals in lines),
                    ],
                    **maker._prepare_summary_vals(priced),
                }
            )
            maker._link_entries(
                [(entry.id, bill.id, entry.billed) for entry in priced.entries]
            )
            bill.adjustment_ids.filtered(
                lambda row: row.step in ("quote", "instalment", "discount", "agreed")
            ).unlink()
            maker._log_adjustments([(bill, priced)])
