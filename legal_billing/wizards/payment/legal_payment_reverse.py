from odoo import api, fields, models


class LegalPaymentReverse(models.TransientModel):
    """Asks how and why a payment is reversed."""

    _name = "legal.payment.reverse"
    _inherit = ["legal.window.guard"]
    _description = "Reverse Payment"

    payment_id = fields.Many2one("legal.payment", required=True)
    company_id = fields.Many2one(related="payment_id.company_id")
    currency_id = fields.Many2one(related="payment_id.company_id.currency_id")
    kind = fields.Selection(
        [
            ("correction", "Correction: it was entered wrongly"),
            ("dishonour", "Dishonoured: the bank took it back"),
        ],
        required=True,
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
    )
    reason = fields.Char(required=True)
    date = fields.Date(
        string="Date of the bounce", default=lambda self: self._default_date()
    )
    fee_amount = fields.Monetary(string="Charge of the bank")
    fee_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain=[("internal_group", "in", ("income", "expense"))],
        string="Fee account",
    )
    bill_count = fields.Integer(related="payment_id.bill_count")
    warning = fields.Char(compute="_compute_warning")

    def _default_date(self):
        return fields.Date.context_today(self)

    @api.depends("payment_id")
    def _compute_kind(self):
        for wizard in self:
            matched = wizard.payment_id._get_matched_bank_lines()
            can_bounce = wizard.payment_id._get_source().is_handed_over
            wizard.kind = "dishonour" if matched and can_bounce else "correction"

    @api.depends("payment_id", "kind")
    def _compute_warning(self):
        for wizard in self:
            locks = (
                wizard.payment_id.move_id
                and wizard.payment_id.sudo().move_id._get_violated_lock_dates(
                    wizard.payment_id.date, False
                )
            )
            wizard.warning = (
                self.env._(
                    "%(date)s is in a locked period: the reversal will be dated today.",
                    date=wizard.payment_id.date,
                )
                if locks and wizard.kind == "correction"
                else False
            )

    def action_reverse(self):
        """Reverse the payment.

        :rtype: dict
        """
        self.ensure_one()
        fee = None
        if self.fee_amount:
            fee = {"amount": self.fee_amount, "account": self.fee_account_id}
        self.payment_id.action_reverse(self.reason, self.kind, date=self.date, fee=fee)
        return {"type": "ir.actions.act_window_close"}
