from collections import defaultdict

from odoo import models

from .. import engine
from ..engine.decimals import to_decimal


class LegalPaymentAllocation(models.Model):
    """Who earned what is received for fees."""

    _inherit = "legal.payment.allocation"

    def _record_receipts(self):
        """Share the net fees in these posted rows among timekeepers."""
        rows = self.filtered(
            lambda row: (
                row.kind == "bill"
                and row.element_fees
                and row.bill_id.move_type == "out_invoice"
            )
        )
        if not rows:
            return
        before = rows._get_fees_received_before()
        taxes = rows._get_fee_totals()
        billed = rows._get_billed_by_entry()
        vals_list = []
        for row in rows:
            gross, net_total = taxes[row.bill_id.id]
            net = engine.fee_receipt_net(
                to_decimal(row.element_fees),
                gross,
                gross - net_total,
                before[row.bill_id.id],
                to_decimal(row.currency_id.rounding),
            )
            vals_list += row._prepare_receipt_vals(net, net_total, billed)
        # sudo: a log that nobody writes
        self.env["legal.timekeeper.receipt"].sudo().create(vals_list)

    def _get_fees_received_before(self):
        """Gross fees that other posted payments brought for these rows' bills.

        :return: ``{bill id: amount}``
        :rtype: dict
        """
        result = defaultdict(lambda: to_decimal(0))
        for bill, amount in self.sudo()._read_group(
            [
                ("bill_id", "in", self.bill_id.ids),
                ("state", "=", "posted"),
                ("kind", "=", "bill"),
                ("id", "not in", self.ids),
            ],
            ["bill_id"],
            ["element_fees:sum"],
        ):
            result[bill.id] = to_decimal(amount)
        return result

    def _get_fee_totals(self):
        """Gross and net fees of these rows' bills.

        :return: ``{bill id: (gross, net)}``
        :rtype: dict
        """
        gross = self.bill_id._get_element_gross()
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("move_id", "in", self.bill_id.ids),
                    ("display_type", "=", "product"),
                    ("bill_element", "in", ("fees", False)),
                ],
                ["move_id"],
                ["price_subtotal:sum"],
            )
        )
        net = {bill.id: to_decimal(amount) for bill, amount in groups}
        return {
            bill_id: (dict(elements).get("fees", to_decimal(0)), net.get(bill_id, 0))
            for bill_id, elements in gross.items()
        }

    def _get_billed_by_entry(self):
        """Time on these rows' bills.

        :return: ``{bill id: {entry id: (billed amount, employee, matter)}}``
        :rtype: dict
        """
        result = defaultdict(dict)
        entries = self.env["account.analytic.line"].sudo()  # also behind walls
        for entry in entries.search_fetch(
            [
                ("bill_id", "in", self.bill_id.ids),
                ("wip_type", "=", "time"),
                ("billed_amount", "!=", 0),
            ],
            ["bill_id", "billed_amount", "employee_id", "matter_id"],
        ):
            result[entry.bill_id.id][entry.id] = (
                to_decimal(entry.billed_amount),
                entry.employee_id,
                entry.matter_id,
            )
        return result

    def _prepare_receipt_vals(self, net, net_total, billed):
        """Values of one row's receipts.

        :param Decimal net: received
        :param Decimal net_total: net fees of the bill
        :param dict billed: see ``_get_billed_by_entry``
        :rtype: list
        """
        bill = self.bill_id
        entries = billed[bill.id]
        shares = [(entry_id, row[0]) for entry_id, row in entries.items()]
        unattributed = net_total - sum(amount for _id, amount in shares)
        if unattributed:
            shares.append((None, unattributed))
        totals = defaultdict(lambda: to_decimal(0))
        for entry_id, share in engine.share_receipt(
            net,
            shares,
            to_responsible=self.company_id.legal_receipt_share == "responsible",
            rounding=to_decimal(self.currency_id.rounding),
        ):
            if entry_id is None:
                key = (self._get_responsible_employee(), self.matter_id)
            else:
                key = entries[entry_id][1:]
            totals[key] += share
        payment = self.payment_id
        return [
            {
                "payment_id": payment.id,
                "bill_id": bill.id,
                "matter_id": matter.id,
                "employee_id": employee.id,
                "user_id": employee.user_id.id or bill.responsible_id.id,
                "company_id": self.company_id.id,
                "date": payment.date,
                "currency_id": self.currency_id.id,
                "amount": float(share),
                "company_amount": payment._convert_to_company(
                    float(share), self.currency_id
                ),
            }
            for (employee, matter), share in totals.items()
            if share
        ]

    def _get_responsible_employee(self):
        return self.bill_id.responsible_id.sudo().employee_ids.filtered(
            lambda employee: employee.company_id == self.company_id
        )[:1]


class LegalPayment(models.Model):
    _inherit = "legal.payment"

    def _take_back_receipts(self):
        """Mirror the receipts of reversed payments."""
        receipts = self.env["legal.timekeeper.receipt"].sudo()  # a log
        found = receipts.search(
            [("payment_id", "in", self.ids), ("is_reversal", "=", False)]
        )
        receipts.create(
            [
                {
                    **{
                        name: receipt[name].id
                        for name in (
                            "payment_id",
                            "bill_id",
                            "matter_id",
                            "employee_id",
                            "user_id",
                            "company_id",
                            "currency_id",
                        )
                    },
                    "date": receipt.payment_id.reversed_on,
                    "amount": -receipt.amount,
                    "company_amount": -receipt.company_amount,
                    "is_reversal": True,
                }
                for receipt in found
            ]
        )
