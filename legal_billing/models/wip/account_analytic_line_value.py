from odoo import api, fields, models

from ... import engine
from ...engine.decimals import to_decimal


class AccountAnalyticLine(models.Model):
    """What an entry is worth: quantity, rate, currency, value."""

    _inherit = "account.analytic.line"

    bill_quantity = fields.Float(
        string="Hours to bill",
        compute="_compute_bill_quantity",
        store=True,
        readonly=False,
        digits=(16, 4),
        help="Hours rounded to the firm's time unit; the worked hours stay as they "
        "are. For disbursements the quantity.",
    )
    bill_rate = fields.Float(
        string="Rate",
        compute="_compute_bill_rate",
        store=True,
        readonly=False,
        digits=(16, 4),
        help="Net price of an hour, or of one piece, in the matter's currency.",
    )
    wip_currency_id = fields.Many2one(
        "res.currency",
        string="Billing currency",
        compute="_compute_wip_currency_id",
        store=True,
        readonly=False,
    )
    wip_amount = fields.Monetary(
        string="Value",
        compute="_compute_wip_amount",
        store=True,
        readonly=False,
        currency_field="wip_currency_id",
        help="Standard value, net of tax.",
    )

    @api.depends("unit_amount", "wip_type")
    def _compute_bill_quantity(self):
        for line in self:
            if line.bill_id:
                continue
            if line.wip_type == "time":
                line.bill_quantity = line._round_time(line.unit_amount)
            elif line.wip_type:
                line.bill_quantity = line.unit_amount or 1.0
            else:
                line.bill_quantity = 0.0

    @api.depends("matter_id", "employee_id", "date", "wip_type", "product_id")
    def _compute_bill_rate(self):
        time_lines = self.filtered(
            lambda line: line.wip_type == "time" and line.matter_id and not line.bill_id
        )
        rates = self.env["legal.rate"]._resolve(
            [
                (
                    line.matter_id,
                    line.employee_id,
                    line.date or fields.Date.context_today(line),
                )
                for line in time_lines
            ]
        )
        for line, rate in zip(time_lines, rates, strict=True):
            currency = line.matter_id.sudo().billing_currency_id
            line.bill_rate = rate and rate._get_price_in(currency, line.date) or 0.0
        for line in self - time_lines:
            if line.bill_id:
                continue
            line.bill_rate = (
                line._get_disbursement_price()
                if line.wip_type == "disbursement"
                else 0.0
            )

    @api.depends("matter_id")
    def _compute_wip_currency_id(self):
        for line in self:
            if line.matter_id and not line.bill_id:
                line.wip_currency_id = line.matter_id.sudo().billing_currency_id
            else:
                line.wip_currency_id = line.wip_currency_id or line.currency_id

    @api.depends("bill_quantity", "bill_rate", "wip_type")
    def _compute_wip_amount(self):
        for line in self:
            currency = line.wip_currency_id or line.currency_id
            if line.wip_type == "time":
                line.wip_amount = line._get_time_value(currency)
            elif line.wip_type:
                line.wip_amount = currency.round(line.bill_quantity * line.bill_rate)
            else:
                line.wip_amount = 0.0

    def _round_time(self, hours):
        """Billable hours of worked hours, in the client's units, else the firm's (rule
        C-9). Asked when an entry is made, never again when it is billed or split.

        :param float hours: worked
        :return: hours
        :rtype: float
        """
        source = self.matter_id.sudo().partner_id  # what was agreed with the client
        if not source.legal_time_unit:
            source = self.company_id
        unit = source.legal_time_unit or 1
        units = engine.billable_units(
            hours,
            unit,
            source.legal_time_rounding or "up",
            source.legal_time_minimum_units,
        )
        return units * unit / 60

    def _get_time_value(self, currency):
        """Rate × time, from whole minutes (rules C-9, C-10)."""
        self.ensure_one()
        minutes = round(self.bill_quantity * 60)
        return float(
            engine.time_value(
                to_decimal(self.bill_rate), minutes, 1, to_decimal(currency.rounding)
            )
        )

    def _get_disbursement_price(self):
        """Net price of one piece: what the entry cost, in the billing currency, with
        the markup of its type when charged as principal (rule C-27)."""
        self.ensure_one()
        quantity = self.bill_quantity or self.unit_amount or 1.0
        if not self.amount:
            if self.move_line_id:
                return 0.0  # it cost nothing: a share of a cost that is below a cent
            return self.bill_rate or self.product_id.lst_price
        cost = -(self.agent_amount or self.amount)
        if self.product_id.disbursement_treatment != "agent":
            cost *= 1 + self.product_id.disbursement_markup / 100
        currency = self.matter_id.sudo().billing_currency_id
        if currency and currency != self.currency_id:
            cost = self.currency_id._convert(
                cost, currency, self.company_id, self.date, round=False
            )
        return cost / quantity
