from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...exceptions import BillStageError, ProtectedFieldError, RoleError
from ...tools import RELOAD_PAGE, notify

#: What the responsible lawyer may change on a draft of an own matter.
REVIEW_FIELDS = {
    "wip_line_ids",
    "fee_override",
    "bill_discount_type",
    "bill_discount_value",
    "bill_text",
}

REVIEW_STATES = [
    ("review", "With the reviewer"),
    ("ready", "Ready to approve"),
    ("returned", "Returned to billing"),
]


class AccountMove(models.Model):
    """Lawyers who review drafts of their own matters, without any accounting right."""

    _inherit = "account.move"

    # asking for a review
    reviewer_id = fields.Many2one(
        "res.users",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="Who looks at the draft: the responsible lawyer, or who was asked.",
    )
    review_state = fields.Selection(
        REVIEW_STATES, string="Review", copy=False, readonly=True
    )
    review_since = fields.Datetime(string="Since", copy=False, readonly=True)
    review_days = fields.Integer(
        string="Days in review", compute="_compute_review_days"
    )
    review_requested_by_id = fields.Many2one(
        "res.users", string="Review asked by", copy=False, readonly=True
    )
    review_note = fields.Char(copy=False, readonly=True, string="Review note")
    is_changed_since_ready = fields.Boolean(
        string="Changed after the review",
        copy=False,
        readonly=True,
        help="The draft was edited after its reviewer called it ready.",
    )

    def _write_as_reviewer(self, vals):
        """What a lawyer without any accounting right writes to drafts of own matters.

        :param dict vals: for ``write``
        :raise ProtectedFieldError: for anything besides entries, fees, discount, text
        """
        self.check_access("write")
        self._check_can_edit_draft()
        vals = dict(vals)
        other = vals.keys() - REVIEW_FIELDS
        if other:
            raise ProtectedFieldError(
                self.env._(
                    "A reviewer changes the entries, the fees, the discount and the "
                    "text of a draft, not: %(fields)s. Ask a biller.",
                    fields=self._get_labels(other),
                )
            )
        self._review_entries(vals.pop("wip_line_ids", []))
        # sudo: the role, the matter and the fields were checked above
        return self.sudo().write(vals) if vals else True

    def _is_written_by_reviewer(self):
        """Whether the user has the right to review and none to write invoices.

        :rtype: bool
        """
        user = self.env.user
        return (
            not self.env.su
            and user.has_group("legal_billing.legal_billing_group_reviewer")
            and not user.has_group("account.group_account_invoice")
        )

    def _review_entries(self, commands):
        """Write what was edited in the list of entries.

        :param list commands: of ``wip_line_ids``; only updates are made
        :raise ProtectedFieldError: for entries of other bills
        """
        for command in commands:
            if command[0] != Command.UPDATE:
                continue
            entry = self.wip_line_ids.browse(command[1])
            if entry not in self.wip_line_ids:
                raise ProtectedFieldError(
                    self.env._(
                        "%(entry)s is not on this draft.", entry=entry.display_name
                    )
                )
            entry.write(command[2])

    # --- asking for a review

    @api.depends("review_since", "review_state")
    def _compute_review_days(self):
        now = fields.Datetime.now()
        for move in self:
            move.review_days = (
                (now - move.review_since).days
                if move.review_since and move.review_state == "review"
                else 0
            )

    # --- actions

    def action_open_review(self):
        """Ask to whom the ticked drafts, else all of the filter, go for review.

        :return: the window
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise BillStageError: if none of them is a draft
        """
        self._check_role("biller", "approver", "manager")
        drafts = self._get_bill_selection("draft")
        drafts._check_drafts()
        return self.env["legal.bill.review"]._open("send", drafts)

    def action_open_return(self):
        """Ask for the note with which drafts go back to billing.

        :return: the window
        :rtype: dict
        """
        drafts = self._get_bill_selection("draft")
        drafts._check_drafts()
        drafts._check_is_reviewer()
        return self.env["legal.bill.review"]._open("return", drafts)

    def action_review_ready(self):
        """The reviewer is done: these drafts, else all of the filter that are with the
        user, are ready to approve.

        :return: a notification
        :rtype: dict
        :raise RoleError: for users who are not the reviewer and do not bill
        :raise BillStageError: if none of them is a draft
        """
        drafts = self._get_bill_selection("draft")
        drafts._check_drafts()
        drafts._check_is_reviewer()
        drafts._end_review("ready", self.env._("Reviewed: ready to approve"))
        return notify(
            self.env._("%(count)s drafts are ready to approve.", count=len(drafts)),
            RELOAD_PAGE,
        )

    # --- helpers

    def _check_drafts(self):
        """:raise BillStageError: if there is none, or one is no draft"""
        if not self or self.filtered(lambda bill: bill.billing_stage != "draft"):
            raise BillStageError(
                self.env._("Only drafts are reviewed; none of these bills is one.")
            )

    def _check_is_reviewer(self):
        """Billing, the responsible lawyers and those who were asked may answer.

        :raise RoleError: naming the drafts
        """
        if self._has_role("biller", "approver", "manager"):
            return
        others = self.sudo().filtered(  # who reviews what is no secret of the bill
            lambda bill: (
                self.env.user
                not in (bill.reviewer_id, bill.matter_ids.responsible_id)  # of all
            )
        )
        if others:
            raise RoleError(
                self.env._(
                    "%(bills)s: you are neither the responsible lawyer nor the reviewer.",
                    bills=", ".join(bill._get_short_name() for bill in others),
                )
            )

    def _send_for_review(self, reviewer=None, note=None, deadline=None):
        """Ask for the review of these drafts, one activity each.

        :param res.users reviewer: default: each draft's responsible lawyer
        :param str note: for the reviewer
        :param date deadline: of the activity; default today
        :raise RoleError: without the biller's role
        :raise BillStageError: naming drafts without a lawyer to ask
        """
        self._check_role("biller", "approver", "manager")
        self._check_drafts()
        targets = {bill: reviewer or bill.responsible_id for bill in self}
        nobody = [bill for bill, user in targets.items() if not user]
        if nobody:
            raise BillStageError(
                self.env._(
                    "%(bills)s: the matter has no responsible lawyer. Choose a reviewer.",
                    bills=", ".join(bill._get_short_name() for bill in nobody[:10]),
                )
            )
        self._close_review_activities()
        by_user = defaultdict(self.browse)
        for bill, user in targets.items():
            by_user[user] |= bill
        for user, bills in by_user.items():
            bills._internal().write(
                {
                    "reviewer_id": user.id,
                    "review_state": "review",
                    "review_since": fields.Datetime.now(),
                    "review_requested_by_id": self.env.uid,
                    "review_note": note or False,
                    "is_changed_since_ready": False,
                }
            )
        self._schedule_review(
            targets,
            self.env._("Review the draft bill"),
            note,
            deadline or fields.Date.context_today(self),
        )

    def _return_review(self, note):
        """Give drafts back to billing.

        :param str note: what is to be changed; demanded
        :raise RoleError: for users who are not the reviewer and do not bill
        :raise BillStageError: without a note
        """
        self._check_drafts()
        self._check_is_reviewer()
        note = (note or "").strip()
        if not note:
            raise BillStageError(self.env._("Say what is to be changed."))
        self._end_review(
            "returned",
            self.env._("Returned to billing: %(note)s", note=note),
            review_note=note,
        )
        self._schedule_review(
            {
                bill: bill.review_requested_by_id or bill.sudo().create_uid
                for bill in self
            },
            self.env._("Change the draft bill"),
            note,
            fields.Date.context_today(self),
        )

    def _end_review(self, state, body, **vals):
        """
        :param str state: of ``REVIEW_STATES``
        :param str body: noted on the drafts
        """
        self._close_review_activities()
        self._internal().write(
            {
                "review_state": state,
                "review_since": fields.Datetime.now(),
                "is_changed_since_ready": False,
                **vals,
            }
        )
        for bill in self.filtered(lambda bill: not bill.reviewer_id):
            bill._internal().reviewer_id = self.env.user
        # sudo: reviewers have no right to write messages on invoices
        self.sudo()._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    def _schedule_review(self, targets, summary, note, deadline):
        """One activity per draft, made together.

        :param dict targets: ``{bill: user}``
        """
        activity_type = self.env.ref("legal_billing.mail_activity_type_review")
        model = self.env["ir.model"]._get_id("account.move")
        # sudo: the asked lawyer sees the draft by the rules of bills
        self.env["mail.activity"].sudo().create(
            [
                {
                    "res_model_id": model,
                    "res_id": bill.id,
                    "activity_type_id": activity_type.id,
                    "summary": summary,
                    "note": note or False,
                    "date_deadline": deadline,
                    "user_id": user.id,
                }
                for bill, user in targets.items()
                if user.active
            ]
        )

    def _close_review_activities(self):
        """What was asked before is done."""
        activity_type = self.env.ref("legal_billing.mail_activity_type_review")
        activities_sudo = self.env["mail.activity"].sudo()
        activities_sudo.search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", activity_type.id),
            ]
        ).unlink()

    def _reprice(self):
        """A draft that a reviewer found ready, and that is priced again, says so to
        whoever approves it."""
        result = super()._reprice()
        changed = self.filtered(lambda bill: bill.review_state == "ready")
        if changed:
            changed._internal().write({"is_changed_since_ready": True})
        return result

    @api.model
    def _get_review_domain(self):
        """Drafts that wait for the user's review.

        :rtype: odoo.fields.Domain
        """
        return Domain("review_state", "=", "review") & Domain(
            "reviewer_id", "=", self.env.uid
        )
