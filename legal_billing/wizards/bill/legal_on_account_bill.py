from odoo import api, fields, models

from ...exceptions import BillStageError
from ...tools import is_amount


class LegalOnAccountBill(models.TransientModel):
    """Asks what of a matter is billed before the work is done."""

    _name = "legal.on.account.bill"
    _inherit = ["legal.window.guard", "legal.billing.guard"]
    _description = "Bill on Account"

    matter_id = fields.Many2one("project.project", required=True, readonly=True)
    company_id = fields.Many2one(related="matter_id.company_id")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    payer_ids = fields.Many2many(
        "res.partner",
        compute="_compute_payer_ids",
        context={"active_test": False},
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Billed to",
        required=True,
        domain="[('id', 'in', payer_ids)]",
    )
    amount = fields.Monetary(string="Amount, net", help="Without tax.")
    tax_ids = fields.Many2many("account.tax", compute="_compute_total")
    total = fields.Monetary(compute="_compute_total", string="With tax")
    on_account_balance = fields.Monetary(
        related="matter_id.on_account_balance", string="Not deducted yet"
    )
    date = fields.Date(
        string="Bill date",
        required=True,
        default=lambda self: fields.Date.context_today(self),
    )
    narrative = fields.Text(
        string="Text", help="What the bill says. Empty: as the company says it."
    )

    @api.depends("matter_id")
    def _compute_currency_id(self):
        for window in self:
            matter = window.matter_id
            window.currency_id = (
                matter.billing_currency_id or matter.company_id.currency_id
            )

    @api.depends("matter_id")
    def _compute_payer_ids(self):
        for window in self:
            window.payer_ids = window.matter_id._get_bill_payers()

    @api.depends("matter_id", "partner_id", "amount")
    def _compute_total(self):
        # sudo: accounts and taxes of the own matter's fees
        maker_sudo = self.env["legal.bill.maker"].sudo()
        for window in self:
            taxes = maker_sudo._get_on_account_taxes(
                window.matter_id, window.partner_id
            )
            window.tax_ids = taxes.sudo(False)
            window.total = taxes.compute_all(
                window.amount, currency=window.currency_id, partner=window.partner_id
            )["total_included"]

    def action_bill(self):
        """Make the draft.

        :return: its page
        :rtype: dict
        :raise RoleError: for users who do not bill
        :raise BillStageError: without an amount, or for somebody who is no payer
        :raise MatterOptionError: if the matter is not billed at all
        """
        self.ensure_one()
        self._check_role("biller", "manager")
        matter = self.matter_id
        matter._check_can_be_billed()
        if (
            not is_amount(self.amount)
            or self.currency_id.compare_amounts(self.amount, 0.0) <= 0
        ):
            raise BillStageError(
                self.env._(
                    "Enter what %(matter)s is billed on account, net of tax and above "
                    "nothing.",
                    matter=matter.display_name,
                )
            )
        if self.partner_id not in self.payer_ids:
            raise BillStageError(
                self.env._(
                    "%(partner)s pays no bills of %(matter)s: what is billed on account is "
                    "deducted from the bills of the same payer.",
                    partner=self.partner_id.display_name,
                    matter=matter.display_name,
                )
            )
        maker = self.env["legal.bill.maker"]
        bill = maker._make_on_account(
            matter, self.amount, self.date, self.narrative, self.partner_id
        )
        return bill.get_formview_action()
