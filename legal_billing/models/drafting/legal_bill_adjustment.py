from odoo import api, fields, models

from ...exceptions import ProtectedFieldError

#: Steps that pricing writes, and writes anew.
COMPUTED_STEPS = (
    "blended",
    "subscription",
    "cap",
    "contingency",
    "quote",
    "instalment",
    "discount",
    "abatement",
    "agreed",
)


class LegalBillAdjustment(models.Model):
    """Log of every change of an amount between standard value and bill: before, after,
    what, who. Written by billing, never edited; why is said by a person."""

    _name = "legal.bill.adjustment"
    _description = "Bill Adjustment"
    _inherit = ["legal.billing.guard"]
    _order = "id desc"
    _rec_name = "reason"

    bill_id = fields.Many2one(
        "account.move", required=True, index=True, ondelete="cascade"
    )
    matter_id = fields.Many2one("project.project", index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bill_id.company_id", store=True)
    entry_id = fields.Many2one("account.analytic.line", ondelete="set null")
    step = fields.Selection(
        [
            ("blended", "Blended rate"),
            ("subscription", "Subscription"),
            ("cap", "Cap"),
            ("contingency", "Contingent fee"),
            ("quote", "Quote"),
            ("instalment", "Instalment"),
            ("discount", "Discount"),
            ("abatement", "Abatement"),
            ("agreed", "Agreed fee"),
            ("entry", "Entry edited"),
            ("removed", "Entry removed"),
            ("added", "Entry added"),
            ("line", "Line by hand"),
        ],
        required=True,
    )
    currency_id = fields.Many2one(related="bill_id.currency_id")
    before_amount = fields.Monetary(string="Before")
    after_amount = fields.Monetary(string="After")
    amount = fields.Monetary(string="Change", compute="_compute_amount", store=True)
    reason = fields.Char(string="What")
    typed_reason = fields.Char(
        string="Why",
        help="In the words of whoever made the change; typed as long as the bill is a "
        "draft.",
    )
    user_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self._default_user_id()
    )

    def _default_user_id(self):
        return self.env.user

    @api.depends("before_amount", "after_amount")
    def _compute_amount(self):
        for adjustment in self:
            adjustment.amount = adjustment.after_amount - adjustment.before_amount

    def write(self, vals):
        """The log is written once, when an amount changes.

        :raise ProtectedFieldError: for all but billing itself
        """
        if not self._is_internal():
            raise ProtectedFieldError(
                self.env._("The log of changes of amount cannot be changed.")
            )
        return super().write(vals)
