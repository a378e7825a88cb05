from odoo import api, fields, models
from odoo.fields import Command

from ...tools import open_window


class LegalBillReview(models.TransientModel):
    """Asks who reviews drafts, or why they go back to billing."""

    _name = "legal.bill.review"
    _inherit = ["legal.window.guard"]
    _description = "Review of Drafts"

    mode = fields.Selection(
        [("send", "Send for review"), ("return", "Return to billing")], required=True
    )
    bill_ids = fields.Many2many(
        "account.move", "legal_bill_review_rel", "window_id", "bill_id"
    )
    count = fields.Integer(compute="_compute_figures", string="Drafts")
    lawyers = fields.Char(compute="_compute_figures", string="Goes to")
    reviewer_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('id', 'in', allowed_reviewer_ids)]",
        help="Empty: the responsible lawyer of each matter.",
    )
    allowed_reviewer_ids = fields.Many2many(
        "res.users", compute="_compute_allowed_reviewer_ids"
    )
    deadline = fields.Date(default=lambda self: fields.Date.context_today(self))
    note = fields.Char()

    @api.depends("bill_ids", "reviewer_id")
    def _compute_figures(self):
        for window in self:
            window.count = len(window.bill_ids)
            users = window.reviewer_id or window.bill_ids.responsible_id
            window.lawyers = ", ".join(users.mapped("name"))

    def _compute_allowed_reviewer_ids(self):
        group = self.env.ref("legal_billing.legal_billing_group_reviewer")
        for window in self:
            window.allowed_reviewer_ids = group.sudo().all_user_ids

    @api.model
    def _open(self, mode, drafts):
        """
        :param str mode: ``send`` or ``return``
        :param account.move drafts:
        :rtype: dict
        """
        window = self.create({"mode": mode, "bill_ids": [Command.set(drafts.ids)]})
        return open_window(
            window, dict(self._fields["mode"]._description_selection(self.env))[mode]
        )

    def action_do(self):
        """Send the drafts for review, or return them.

        :rtype: dict
        :raise BillStageError: if none of them is left
        """
        self.ensure_one()
        drafts = self.env["legal.bulk.selection"]._settle(self.bill_ids)
        if self.mode == "send":
            drafts._send_for_review(self.reviewer_id, self.note, self.deadline)
        else:
            drafts._return_review(self.note)
        return {"type": "ir.actions.act_window_close"}
