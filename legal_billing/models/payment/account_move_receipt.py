from collections import defaultdict

from odoo import fields, models

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import FEE_ELEMENTS

#: What one row of the log is about.
KEY = ("bill_id", "move_id", "kind", "employee_id", "matter_id")


def sum_fees(elements):
    """Fees among amounts per element.

    :param elements: ``[(element, Decimal), …]``
    :rtype: Decimal
    """
    amounts = (amount for element, amount in elements if element in FEE_ELEMENTS)
    return sum(amounts, to_decimal(0))


class AccountMove(models.Model):
    """Who earned what was received for fees (rule C-26): the log follows the matches of
    the bills, whoever made or removed them."""

    _inherit = "account.move"

    def _record_fee_receipts(self):
        """Bring the log of receipts by timekeeper up to date with what settled these
        bills now. What was taken back is mirrored, nothing is changed."""
        bills_sudo = self.sudo()._get_bills()  # a log that nobody writes
        bills_sudo = bills_sudo.filtered(lambda bill: bill.move_type == "out_invoice")
        if not bills_sudo:
            return
        log_sudo = self.env["legal.timekeeper.receipt"].sudo()
        recorded = bills_sudo._get_recorded_receipts()
        vals_list = []
        for key, (amount, company_amount, day) in bills_sudo._get_due_receipts(
            recorded
        ).items():
            known, known_company, _day = recorded.get(key, (0.0, 0.0, None))
            bill = bills_sudo.browse(key[0])
            change = bill.currency_id.round(amount - known)
            if change:
                vals_list.append(
                    bill._prepare_receipt_vals(key)
                    | {
                        "date": day,
                        "amount": change,
                        "company_amount": bill.company_currency_id.round(
                            company_amount - known_company
                        ),
                        "is_reversal": bool(known) and change * known < 0,
                    }
                )
        log_sudo.create(vals_list)

    def _prepare_receipt_vals(self, key):
        """What a row of the log is about.

        :param tuple key: values of ``KEY``
        :rtype: dict
        """
        values = dict(zip(KEY, key, strict=True))
        move = self.browse(values["move_id"])
        employee = self.env["hr.employee"].sudo().browse(values["employee_id"])
        return values | {
            "user_id": (employee.user_id or self.responsible_id).id,
            "payment_id": move.legal_payment_id.id,
            "source_name": move.name,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }

    def _get_recorded_receipts(self):
        """
        :return: ``{key: (amount, in company currency, None)}``
        :rtype: dict
        """
        log_sudo = self.env["legal.timekeeper.receipt"].sudo()
        return {
            tuple(part if isinstance(part, str) else part.id for part in row[:-2]): (
                *row[-2:],
                None,
            )
            for row in log_sudo._read_group(
                [("bill_id", "in", self.ids)], KEY, ["amount:sum", "company_amount:sum"]
            )
        }

    def _get_due_receipts(self, recorded):
        """What the log should say.

        :param dict recorded: what it says; keys that are not due any more are zero
        :return: ``{key: (amount, in company currency, date)}``
        :rtype: dict
        """
        result = {}
        entries = self._get_billed_time()
        fees = self._get_split_set()._get_fee_totals()
        for bill, events in self._get_fee_events().items():
            given = defaultdict(lambda: to_decimal(0))
            gross, net_total = fees[bill.id]
            # what the entries are worth together is on all bills of a set
            work = sum(fees[other.id][1] for other in bill._get_split_set())
            received = to_decimal(0)
            for settlement, amount in events:
                received += amount
                net = engine.fee_receipt_net(
                    received,
                    gross,
                    gross - net_total,
                    rounding=to_decimal(bill.currency_id.rounding),
                )
                shares = bill._share_fees(net, work, entries[bill.id])
                for owner in shares.keys() | given.keys():
                    change = shares.get(owner, to_decimal(0)) - given[owner]
                    given[owner] += change
                    if change:
                        key = (bill.id, settlement.move.id, settlement.kind, *owner)
                        result[key] = bill._value_receipt(
                            float(change), settlement.date
                        )
        for key in recorded.keys() - result.keys():
            move = self.browse(key[1])
            day = move.legal_payment_id.reversed_on or fields.Date.context_today(self)
            result[key] = (0.0, 0.0, day)
        return result

    def _value_receipt(self, amount, day):
        return (
            amount,
            self.currency_id._convert(
                amount, self.company_currency_id, self.company_id, day
            ),
            day,
        )

    def _get_fee_events(self):
        """What each settlement took of the fees of these bills, tax included.

        :return: ``{bill: [(BillSettlement, amount), …]}``
        :rtype: dict
        """
        gross = self._get_element_gross()
        settlements = self._get_settlements()
        result = {}
        for company, bills in self.grouped("company_id").items():
            rule = self.env["legal.payment.rule"].sudo()._get_default_rule(company)
            options = {
                "mode": rule.mode or "bill",
                "element_order": rule._get_element_order(),
            }
            for bill in bills:
                result[bill] = bill._get_fee_steps(
                    gross[bill.id], settlements[bill.id], options
                )
        return result

    def _get_fee_steps(self, gross, settlements, options):
        """
        :param tuple gross: elements of the bill
        :param list settlements: oldest first
        :param dict options: of the company's rule
        :return: ``[(BillSettlement, what it took of the fees), …]``
        :rtype: list
        """
        rounding = to_decimal(self.currency_id.rounding)
        left = sum(amount for _name, amount in gross)
        fees = sum_fees(gross)
        result = []
        for count, settlement in enumerate(settlements, start=1):
            left = max(left - settlement.amount, to_decimal(0))
            elements = engine.element_outstanding(
                gross,
                left,
                [row.as_engine() for row in settlements[:count]],
                rounding=rounding,
                **options,
            )
            rest = sum_fees(elements)
            result.append((settlement, fees - rest))
            fees = rest
        return result

    def _get_fee_totals(self):
        """Gross and net fees of these bills.

        :return: ``{bill id: (gross, net)}``
        :rtype: dict
        """
        gross = self._get_element_gross()
        lines_sudo = self.env["account.move.line"].sudo()
        groups = lines_sudo._read_group(
            [
                ("move_id", "in", self.ids),
                ("display_type", "=", "product"),
                ("bill_element", "in", [*FEE_ELEMENTS, False]),
            ],
            ["move_id"],
            ["price_subtotal:sum"],
        )
        net = {bill.id: to_decimal(amount) for bill, amount in groups}
        zero = to_decimal(0)
        return {
            bill_id: (sum_fees(elements), net.get(bill_id, zero))
            for bill_id, elements in gross.items()
        }

    def _get_billed_time(self):
        """Time on these bills; of those that are split, all of the set's.

        :return: ``{bill id: {entry id: (billed amount, employee, matter)}}``
        :rtype: dict
        """
        result = defaultdict(dict)
        entries = self.env["account.analytic.line"].sudo()  # also behind walls
        for entry in entries.search_fetch(
            [
                ("bill_id", "in", self._get_split_heads().ids),
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
        for bill in self.filtered("split_of_id"):
            result[bill.id] = result[bill.split_of_id.id]
        return result

    def _share_fees(self, net, net_total, entries):
        """Share what was received of this bill's fees so far.

        :param Decimal net: received
        :param Decimal net_total: net fees of the bill, of all payers where it is split
        :param dict entries: see ``_get_billed_time``
        :return: ``{(employee id, matter id): amount}``
        :rtype: dict
        """
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
                employee, matter = self._get_responsible_employee(), self.matter_id
            else:
                _billed, employee, matter = entries[entry_id]
            totals[employee.id, matter.id] += share
        return totals

    def _get_responsible_employee(self):
        return self.responsible_id.sudo().employee_ids.filtered(
            lambda employee: employee.company_id == self.company_id
        )[:1]
