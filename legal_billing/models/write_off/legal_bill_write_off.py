from odoo import api, fields, models

from ...engine.decimals import to_decimal
from ...exceptions import ProtectedFieldError, RoleError, WriteOffError

TREATMENTS = [
    ("credit_note", "Credit note: the tax in it is taken back"),
    ("entry_relief", "Entry: the tax in it is taken back, no credit note"),
    ("entry", "Entry: no tax is taken back"),
]


class LegalBillWriteOff(models.Model):
    """A balance, or a part of one, that the firm gave up: which bill, how much, why,
    who, how the tax was treated. Posted when it is made, taken back once, with a
    reason; never edited."""

    _name = "legal.bill.write.off"
    _description = "Write-off of a Bill"
    _inherit = ["legal.billing.guard"]
    _order = "date desc, id desc"
    _rec_name = "bill_id"
    _check_company_auto = True

    bill_id = fields.Many2one(
        "account.move",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    matter_id = fields.Many2one(related="bill_id.matter_id", store=True, index=True)
    client_id = fields.Many2one(related="bill_id.client_id", store=True)
    responsible_id = fields.Many2one(related="bill_id.responsible_id", store=True)
    company_id = fields.Many2one(related="bill_id.company_id", store=True)
    currency_id = fields.Many2one(related="bill_id.currency_id", store=True)
    amount = fields.Monetary(required=True, readonly=True)
    tax_amount = fields.Monetary(
        string="Tax taken back",
        readonly=True,
        help="The part of the amount that Odoo's taxes gave back.",
    )
    date = fields.Date(required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    treatment = fields.Selection(TREATMENTS, required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Written off by", readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Posted as", readonly=True, ondelete="restrict"
    )
    element_amounts = fields.Json(
        readonly=True,
        help="How much of each element was written off.",
        string="Element amounts",
    )
    state = fields.Selection(
        [("posted", "Written off"), ("reversed", "Taken back")],
        default="posted",
        required=True,
        readonly=True,
    )
    reversed_by_id = fields.Many2one("res.users", string="Taken back by", readonly=True)
    reversed_on = fields.Date(string="Taken back on", readonly=True)
    reversal_reason = fields.Char(readonly=True, string="Reversal reason")

    _check_amount = models.Constraint(
        "CHECK (amount > 0)", "A write-off must be more than zero."
    )

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """A write-off comes with what it posts, from code that has checked role and
        limit.

        :raise ProtectedFieldError: for all but billing itself
        """
        if not self._is_internal():
            raise self._get_frozen_refusal()
        return super().create(vals_list)

    def write(self, vals):
        """A write-off is taken back, never edited.

        :raise ProtectedFieldError: for all but billing itself
        """
        self._check_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """A write-off is taken back, never deleted."""
        self._check_frozen()

    def _get_frozen(self):
        return self

    def _get_frozen_refusal(self):
        return ProtectedFieldError(
            self.env._(
                "Write-offs are made by Write off on the bills and undone by Take "
                "back. They are not edited or deleted."
            )
        )

    # --- actions

    def action_take_back(self, reason=None):
        """Undo write-offs; their bills are open again by the amount. Dated as the
        write-off, or today where that period is locked. Without a reason, from a
        button, asks for it.

        :param str reason: demanded
        :return: True, or the window that asks
        :rtype: bool | dict
        :raise RoleError: without the approver's role
        :raise WriteOffError: without a reason, or for the second time
        """
        self._check_role("approver", "manager")
        self.check_access("read")
        if reason is None:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Take back a write-off"),
                "res_model": "legal.bill.write.off.undo",
                "views": [(False, "form")],
                "target": "new",
                "context": {"default_write_off_ids": self.ids},
            }
        reason = reason.strip()
        if not reason:
            raise WriteOffError(self.env._("Say why the write-off is taken back."))
        if undone := self.filtered(lambda row: row.state == "reversed"):
            raise WriteOffError(
                self.env._(
                    "The write-off of %(bills)s was taken back before.",
                    bills=", ".join(undone.bill_id.mapped("display_name")),
                )
            )
        self._internal()._take_back(reason)
        return True

    def action_open_move(self):
        """Open what the write-off was posted as.

        :rtype: dict
        :raise RoleError: for those who may not see the journal entry
        """
        self.ensure_one()
        if not self.move_id.has_access("read"):
            raise RoleError(
                self.env._(
                    "The journal entry of this write-off is open to those who keep the "
                    "books. What it did stands on the bill."
                )
            )
        return self.move_id.get_formview_action()

    # --- helpers

    def _get_elements(self):
        """What it took of the bill's elements, for their residuals (rule C-18).

        :return: ``((element, amount), …)``
        :rtype: tuple
        """
        return tuple(
            (name, to_decimal(amount))
            for name, amount in (self.element_amounts or {}).items()
        )
