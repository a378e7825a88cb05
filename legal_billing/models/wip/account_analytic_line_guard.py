from odoo import api, models

from ...exceptions import EntryLockedError

#: Written by billing itself and by nothing else.
PROTECTED_FIELDS = {
    "bill_id",
    "billed_amount",
    "standard_amount",
    "written_off_on",
    "written_off_by_id",
    "write_off_reason",
    "write_off_move_id",
    "carried_account_id",
    "carried_amount",
    "matched_on",
    "matched_by_id",
    "estimated_amount",
    "estimated_cost",
    "match_proposal_id",
    "split_from_id",
    "vendor_move_id",
    "vendor_line_id",
    "charge_amount",
    "charge_currency_id",
}
#: May change while the entry is on a draft; the draft is priced again.
DRAFT_FIELDS = {
    "bill_narrative",
    "bill_quantity",
    "bill_rate",
    "wip_amount",
    "bill_behavior",
    "is_anticipated",
    "is_on_hold",
    "hold_until",
}
#: May not change once the entry is on any bill.
LOCKED_FIELDS = DRAFT_FIELDS | {
    "project_id",
    "task_id",
    "matter_id",
    "account_id",
    "employee_id",
    "date",
    "unit_amount",
    "product_id",
    "company_id",
    "wip_type",
    "wip_currency_id",
    "agent_amount",
}


class AccountAnalyticLine(models.Model):
    """Who may change what of an entry, and what a bill locks."""

    _inherit = "account.analytic.line"

    @api.model
    def _protected_fields(self):
        """Fields that billing alone writes."""
        return super()._protected_fields() | PROTECTED_FIELDS

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._(
            "%(fields)s of an entry is written by billing itself. Use Bill, Add to the "
            "draft, Remove or Write off.",
            fields=labels,
        )

    def _check_not_locked(self, vals):
        """Refuse changes of billed entries.

        :param dict vals: the values to be written
        :return: the drafts that the change makes stale
        :rtype: account.move
        :raise EntryLockedError: naming entries and bills
        """
        touched = LOCKED_FIELDS & vals.keys()
        if not touched:
            return self.env["account.move"]
        billed_sudo = self.sudo().filtered("bill_id")
        if not billed_sudo:
            return self.env["account.move"]
        # project_id is given again by computes of the task: no change, no lock
        changed = billed_sudo.filtered(lambda line: line._has_changes(vals, touched))
        drafts = changed.bill_id.filtered(lambda bill: bill.state == "draft")
        locked = (
            changed
            if touched - DRAFT_FIELDS
            else changed.filtered(lambda line: line.bill_id.state != "draft")
        )
        if locked:
            raise EntryLockedError(
                self.env._(
                    "These entries are on a bill and stay as they were billed: "
                    "%(entries)s. On a draft, edit what the bill says of them; a bill "
                    "that is approved is reverted or credited first.",
                    entries=locked._describe_with_bill(),
                )
            )
        return drafts

    def _has_changes(self, vals, names):
        self.ensure_one()
        for name in names:
            field = self._fields[name]
            new = field.convert_to_cache(vals[name], self, validate=False)
            if field.convert_to_cache(self[name], self, validate=False) != new:
                return True
        return False

    def _can_edit_billing(self):
        """Whether the user may change billing values of these entries.

        :rtype: bool
        """
        user = self.env.user
        if user.has_group("legal_billing.legal_billing_group_biller"):
            self.check_access("read")
            return True
        return user.has_group("legal_billing.legal_billing_group_reviewer") and all(
            line.matter_id.responsible_id == user for line in self.sudo()
        )

    def _describe_with_bill(self, limit=10):
        """Names of entries and their bills, for messages.

        :rtype: str
        """
        shown = [
            f"{line.date} {(line.name or '')[:40]} ({line.bill_id.display_name})"
            for line in self.sudo()[:limit]
        ]
        if len(self) > limit:
            shown.append(self.env._("%(count)s more", count=len(self) - limit))
        return "; ".join(shown)

    # --- core's own ways

    def _compute_project_id(self):
        """A billed entry stays with its matter when its task moves to another one; of
        the others, own time follows, and other people's by the biller's move alone.

        :raise RoleError: naming the people
        """
        unbilled = self.filtered(lambda line: not line.bill_id)
        before = {line: line.project_id for line in unbilled if line._origin == line}
        result = super(AccountAnalyticLine, unbilled)._compute_project_id()
        left = {
            line.id: project
            for line, project in before.items()
            if project and project != line.project_id
        }
        self.browse(left)._check_may_follow_task(left)
        return result

    def _is_readonly(self):
        """Core's views of time sheets show what is billed as read-only."""
        # sudo: whether an entry is billed is no secret of the bill
        return super()._is_readonly() or bool(self.sudo().bill_id)
