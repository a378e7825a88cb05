from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Command

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import BY_RULE
from .legal_payment import OVERPAYING_SOURCES


class LegalPayment(models.Model):
    """The payment rule: bills for the engine, amounts for the rows."""

    _inherit = "legal.payment"

    def _get_engine_rule(self, **options):
        """The slip's rule for the engine.

        :param options: values that replace the rule's
        :rtype: engine.Rule
        """
        rule = self.payment_rule_id
        currency = self.currency_id or self.company_id.currency_id
        return replace(
            engine.Rule(
                mode=rule.mode or "bill",
                bill_order=rule.bill_order or "due_date",
                element_order=rule._get_element_order(),
                match_exact_first=rule.match_exact_first,
                allow_partial=rule.allow_partial or not rule,
                allow_overpayment=self._may_overpay(),
                include_blocked=True,  # the rows' payable amounts say it already
                rounding=to_decimal(currency.rounding),
            ),
            **options,
        )

    def _may_overpay(self):
        """Whether a surplus may become a credit.

        :rtype: bool
        """
        return (
            self.direction == "in"
            and self.source in OVERPAYING_SOURCES
            and self.payment_rule_id.allow_overpayment
        )

    def _get_engine_bills(self, rows):
        """Rows as the engine sees them. What this slip writes off of a bill is not
        payable any more.

        :param legal.payment.allocation rows: of bills
        :rtype: list
        """
        bills = rows.bill_id._origin
        due_dates = {
            bill.id: due
            for bill, due in self.env["account.move.line"]
            .sudo()  # dates of bills that the user reads
            ._read_group(
                [
                    ("move_id", "in", bills.ids),
                    ("display_type", "=", "payment_term"),
                    ("reconciled", "=", False),
                ],
                ["move_id"],
                ["date_maturity:min"],
            )
        }
        written_off = {
            row.bill_id._origin: row.amount
            for row in self._get_rows()
            if row.kind == "write_off"
        }
        result = []
        for row in rows:
            bill = row.bill_id._origin
            payable = to_decimal(row.payable_amount)
            if payable > 0:
                payable -= to_decimal(written_off.get(bill, 0.0))
            result.append(
                engine.Bill(
                    id=bill.id,
                    outstanding=to_decimal(row.outstanding_amount),
                    payable=max(payable, 0) if row.payable_amount >= 0 else payable,
                    matter=bill.matter_id.id or ("several", bill.id),
                    number=bill.name or "",
                    due=due_dates.get(bill.id),
                    date=bill.invoice_date,
                    elements=self._get_engine_elements(row),
                )
            )
        return result

    @api.model
    def _get_engine_elements(self, row):
        """What is outstanding of a row's elements, in the row's sign.

        :rtype: tuple
        """
        elements = row.element_outstanding or {}
        total = sum(elements.values())
        sign = -1 if total * row.outstanding_amount < 0 else 1
        return tuple(
            (name, sign * to_decimal(amount)) for name, amount in elements.items()
        )

    def _get_apportionment(self, rows, amount, **options):
        """What the rule makes of an amount.

        :param legal.payment.allocation rows: ticked rows of bills
        :param float amount:
        :rtype: engine.Apportionment
        """
        return engine.apportion(
            max(to_decimal(amount), to_decimal(0)),
            self._get_engine_bills(rows),
            self._get_engine_rule(**options),
            today=self.date or fields.Date.context_today(self),
        )

    def _split_bill_amount(self, row, amount):
        """Spread what one bill gets over its elements.

        :param legal.payment.allocation row:
        :param float amount: not above the bill's outstanding amount
        :return: ``(element, amount)`` pairs
        :rtype: tuple
        """
        if not row.bill_id or not amount or not row.outstanding_amount:
            return ()
        outstanding = to_decimal(row.outstanding_amount)
        amount = to_decimal(amount)
        if amount * outstanding < 0:
            return ()
        sign = -1 if outstanding < 0 else 1
        bill = engine.Bill(
            id=1, outstanding=outstanding, elements=self._get_engine_elements(row)
        )
        return engine.split_in_bill(
            sign * min(abs(amount), abs(outstanding)), bill, self._get_engine_rule()
        )

    def _apply_rule(self, overwrite=False):
        """Set the rows' amounts by the rule.

        :param bool overwrite: typed amounts too
        """
        self.ensure_one()
        rows = self._get_rows()
        typed = rows.filtered(lambda r: r.is_manual and r.kind != "write_off")
        if overwrite:
            typed = typed.filtered(lambda r: not r.bill_id)
        automatic = rows.filtered(lambda r: r.kind == "bill") - typed
        amount = self.amount - sum(typed.mapped("amount"))
        result = self._get_apportionment(automatic, amount)
        by_bill = {
            allocation.bill_id: (float(allocation.amount), allocation.elements)
            for allocation in result.allocations
        }
        automatic._assign_by_rule(
            {row: by_bill.get(row.bill_id._origin.id, (0.0, ())) for row in automatic}
        )
        self._set_credit_row(float(result.credit) if amount > 0 else 0.0)
        self.keeps_manual = bool(typed.filtered("bill_id"))
        self.apply_count += 1
        self.apply_note = self._get_apply_note(result)
        self._note_applied()

    def _set_credit_row(self, amount):
        """Have one automatic credit row of this amount, or none.

        :param float amount: what no bill takes
        """
        credit_rows = self.allocation_ids.filtered(
            lambda row: row.kind == "credit" and not row.is_manual
        )
        if self.currency_id.is_zero(amount):
            if credit_rows:  # an assignment, even of the same rows, calls for the rule
                self.allocation_ids -= credit_rows
            return
        if credit_rows:
            credit_rows[0].with_context(
                legal_billing_applied_rule=BY_RULE
            ).amount = amount
            return
        matters = self.matter_id or self._get_rows().filtered("bill_id").matter_id
        several = self._get_rows().bill_id.filtered(lambda bill: not bill.matter_id)
        vals = {
            "kind": "credit",
            "matter_id": matters.id if len(matters) == 1 and not several else False,
            "amount": amount,
            "is_manual": False,
            "sequence": 9999,
        }
        self.allocation_ids = [Command.create(vals)]

    def _get_apply_note(self, result):
        """What the exact match found, for the reader.

        :param engine.Apportionment result:
        :rtype: str
        """
        if result.solution_count > 1:
            return self.env._(
                "%(count)s combinations of bills make this amount: see Find combination.",
                count=result.solution_count,
            )
        return {
            "bill": self.env._("Exactly one bill has this amount."),
            "all": self.env._("The amount pays all bills exactly."),
            "past_due": self.env._("The amount pays all overdue bills exactly."),
            "combination": self.env._("Exactly one combination makes this amount."),
        }.get(result.exact, False)

    def _preview_mode(self, mode):
        """What the ticked bills would get by another mode.

        :param str mode:
        :return: ``{bill: amount}``
        :rtype: dict
        """
        rows = self._get_rows().filtered(lambda row: row.kind == "bill")
        if self.state != "draft" or not rows or not self.amount:
            return {}
        result = self._get_apportionment(
            rows, self.amount, mode=mode, match_exact_first=False
        )
        amounts = {row.bill_id: float(row.amount) for row in result.allocations}
        return {row.bill_id: amounts.get(row.bill_id._origin.id, 0.0) for row in rows}
