from odoo import api, fields, models

from ... import engine
from ...engine.decimals import to_decimal

#: Below the decimals of rates.
RATE_ROUNDING = 0.000051


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
        help="What is to be charged, net of tax.",
    )
    standard_amount = fields.Monetary(
        string="Standard",
        compute="_compute_standard_amount",
        store=True,
        readonly=False,
        copy=False,
        currency_field="wip_currency_id",
        help="Recorded hours at the rate that applies on the day of the work; for a "
        "disbursement what it was recorded at. Stays whatever is edited on a "
        "draft: what is billed more or less is a write-up or a write-down.",
    )
    # what a vendor's bill says
    charge_amount = fields.Monetary(
        currency_field="charge_currency_id",
        copy=False,
        readonly=True,
        help="What is charged of the cost, to the cent: the share of what the vendor was "
        "paid, or of its net with the markup.",
        string="Charge amount",
    )
    charge_currency_id = fields.Many2one(
        "res.currency",
        copy=False,
        readonly=True,
        help="Set where the amount to charge comes from a vendor's bill.",
        string="Charge currency",
    )

    @api.depends("unit_amount", "wip_type", "product_uom_id")
    def _compute_bill_quantity(self):
        for line in self:
            if line.bill_id:
                continue
            if line.wip_type == "time":
                line.bill_quantity = line._round_time(line._get_hours())
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
                line.wip_amount = line._get_disbursement_value(currency)
            else:
                line.wip_amount = 0.0

    @api.depends(
        "wip_type",
        "matter_id",
        "employee_id",
        "date",
        "unit_amount",
        "product_uom_id",
        "wip_amount",
    )
    def _compute_standard_amount(self):
        """What was recorded, whatever is edited for a bill: time by the ladder of rates,
        where it knows one; else the value until a bill holds the entry."""
        unbilled = self.filtered(lambda line: not line.bill_id)
        time_lines = unbilled.filtered(
            lambda line: line.wip_type == "time" and line.matter_id
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
        rated = {
            line: rate for line, rate in zip(time_lines, rates, strict=True) if rate
        }
        for line in unbilled:
            hours = line in rated and line._get_recorded_hours()
            if not hours:
                line.standard_amount = line.wip_amount
                continue
            currency = line.matter_id.sudo().billing_currency_id
            price = rated[line]._get_price_in(currency, line.date)
            line.standard_amount = line._price_time(
                price, hours, line.wip_currency_id or currency
            )

    def _get_charged_values(self):
        """What a draft charges of this entry, and how; kept, to be compared with what an
        edit made of it.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "amount": self.wip_amount if self.bill_behavior == "bill" else 0.0,
            "bill_quantity": self.bill_quantity,
            "bill_rate": self.bill_rate,
            "bill_behavior": self.bill_behavior,
        }

    def _describe_edit(self, before):
        """What was edited, in words: figures before and after.

        :param dict before: as ``_get_charged_values`` gave it
        :rtype: str
        """
        self.ensure_one()
        names = {
            "bill_quantity": self.env._("Hours")
            if self.wip_type == "time"
            else self.env._("Quantity"),
            "bill_rate": self.env._("Rate"),
        }
        parts = [
            f"{name} {before[field]:.2f} → {self[field]:.2f}"
            for field, name in names.items()
            if before[field] != self[field]
        ]
        if before["bill_behavior"] != self.bill_behavior:
            words = dict(self._fields["bill_behavior"]._description_selection(self.env))
            parts.append(
                f"{words.get(before['bill_behavior'], '')} → "
                f"{words.get(self.bill_behavior, '')}"
            )
        return ", ".join(parts)

    def _get_recorded_hours(self):
        """Hours as they were recorded, in the units that are billed. A part of an entry
        keeps its share: it is not rounded again (C-9).

        :rtype: float
        """
        self.ensure_one()
        hours = self._get_hours()
        if hours and (self.split_from_id or self.split_ids):
            return self.bill_quantity
        return self._round_time(hours)

    def _get_hours(self):
        """Worked hours, also where time is recorded in another unit, such as days.

        :rtype: float
        """
        self.ensure_one()
        # by its id, which is cached: a reference is looked up for each entry
        data = self.env["ir.model.data"]
        hour = data._xmlid_to_res_id("uom.product_uom_hour", raise_if_not_found=True)
        hour = self.env["uom.uom"].browse(hour)
        unit = self.product_uom_id
        if not unit or unit == hour or not unit._has_common_reference(hour):
            return self.unit_amount
        return unit._compute_quantity(self.unit_amount, hour, round=False)

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
        return self._price_time(self.bill_rate, self.bill_quantity, currency)

    @api.model
    def _price_time(self, rate, hours, currency):
        """
        :param float rate: of an hour
        :param float hours: as they are billed
        :param res.currency currency: of the value
        :rtype: float
        """
        return float(
            engine.time_value(
                to_decimal(rate), round(hours * 60), 1, to_decimal(currency.rounding)
            )
        )

    def _get_disbursement_value(self, currency):
        """Quantity × rate; as long as the rate is that of a vendor's bill, the amount to
        charge itself: a rate has four decimals.

        :param res.currency currency: of the value
        :rtype: float
        """
        self.ensure_one()
        charge = self._get_charge()
        if charge is not None:
            quantity = self.bill_quantity or 1.0
            rate = self.bill_rate
            if abs(rate - charge / quantity) <= RATE_ROUNDING:
                return currency.round(charge)
        return currency.round(self.bill_quantity * self.bill_rate)

    def _get_disbursement_price(self):
        """Net price of one piece: what is charged of a cost, or the price that it has;
        0.00 is a price (rule C-27)."""
        self.ensure_one()
        charge = self._get_charge()
        if charge is not None:
            return charge / (self.bill_quantity or self.unit_amount or 1.0)
        if self._origin.id:
            return self.bill_rate
        return self.bill_rate or self.product_id.lst_price

    def _get_charge(self):
        """What is charged of the cost of this disbursement, in the billing currency.

        :return: None without a cost: it has a price
        :rtype: float | None
        """
        self.ensure_one()
        amount, source = self.charge_amount, self.charge_currency_id
        if not source:
            if not self.amount and not self.move_line_id:
                return None
            amount, source = self._get_charge_of_type(), self.currency_id
        currency = self.matter_id.sudo().billing_currency_id
        if currency and source and currency != source:
            amount = source._convert(
                amount, currency, self.company_id, self.date, round=False
            )
        return amount

    def _get_charge_of_type(self):
        """What the type of this disbursement charges of its cost: gross or net.

        :rtype: float
        """
        self.ensure_one()
        if self.product_id.disbursement_treatment == "agent":
            has_gross = self.charge_currency_id or self.agent_amount
            return -(self.agent_amount if has_gross else self.amount)
        return -self.amount * (1 + self.product_id.disbursement_markup / 100)
