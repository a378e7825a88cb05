from collections import defaultdict

from odoo import api, fields, models

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import FEE_ELEMENTS

#: What one row of the log is about.
KEY = ("bill_id", "move_id", "kind", "employee_id", "matter_id")


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
        for bill, matter, fees, work, entries, events in self._get_fee_streams():
            given = defaultdict(lambda: to_decimal(0))
            gross, net_total = fees
            received = to_decimal(0)
            for settlement, amount in events:
                received += amount
                net = engine.fee_receipt_net(
                    received,
                    gross,
                    gross - net_total,
                    rounding=to_decimal(bill.currency_id.rounding),
                )
                shares = bill._share_fees(net, work, entries, matter)
                for owner in shares.keys() | given.keys():
                    change = shares.get(owner, to_decimal(0)) - given[owner]
                    given[owner] += change
                    if change:
                        key = (bill.id, settlement.move.id, settlement.kind, *owner)
                        before = result.get(key, (0.0, 0.0, None))
                        amounts = bill._value_receipt(float(change), settlement.date)
                        result[key] = (
                            before[0] + amounts[0],
                            before[1] + amounts[1],
                            settlement.date,
                        )
        for key in recorded.keys() - result.keys():
            move = self.browse(key[1])
            day = move.legal_payment_id.reversed_on or fields.Date.context_today(self)
            result[key] = (0.0, 0.0, day)
        return result

    def _value_receipt(self, amount, day):
        """
        :return: the amount, and in company currency
        :rtype: tuple
        """
        return (
            amount,
            self.currency_id._convert(
                amount, self.company_currency_id, self.company_id, day
            ),
        )

    def _get_fee_streams(self):
        """What is shared of these bills: all fees of a bill, or those of each of its
        matters, for what one matter pays was earned in it.

        :return: ``(bill, matter, (gross, net), net worth of the work, entries, events)``;
            the entries as `_get_billed_time`, the events ``(BillSettlement, what it took
            of the fees)``
        """
        entries = self._get_billed_time()
        fees = self._get_split_set()._get_fee_totals()
        for bill, events in self._get_fee_events().items():
            if len(fees[bill.id]) < 2:
                total = self._add_totals(fees[bill.id])
                # what the entries are worth together is on all bills of a set
                work = sum(
                    self._add_totals(fees[other.id])[1]
                    for other in bill._get_split_set()
                )
                events = [(row, sum(taken.values())) for row, taken in events]
                matter = next(iter(fees[bill.id]), bill.matter_id)
                yield bill, matter, total, work, entries[bill.id], events
                continue
            for matter, total in fees[bill.id].items():
                own = {
                    entry_id: row
                    for entry_id, row in entries[bill.id].items()
                    if row[2] == matter
                }
                mine = [(row, taken.get(matter, 0)) for row, taken in events]
                yield bill, matter, total, total[1], own, mine

    @api.model
    def _add_totals(self, totals):
        """
        :param dict totals: ``{matter: (gross, net)}``
        :return: of all
        :rtype: tuple
        """
        zero = to_decimal(0)
        return (
            sum((gross for gross, _net in totals.values()), zero),
            sum((net for _gross, net in totals.values()), zero),
        )

    def _get_fee_events(self):
        """What each settlement took of the fees of these bills, tax included.

        :return: ``{bill: [(BillSettlement, {matter: amount}), …]}``
        :rtype: dict
        """
        gross = self._get_matter_gross()
        settlements = self._get_settlements()
        result = {}
        for bill, _settlements, options in self._get_settled_by_rule():
            result[bill] = bill._get_fee_steps(
                gross[bill.id], settlements[bill.id], options
            )
        return result

    def _get_fee_steps(self, gross, settlements, options):
        """
        :param tuple gross: parts of the bill, by element and matter
        :param list settlements: in their order
        :param dict options: of the company's rule
        :return: ``[(BillSettlement, {matter: what it took of the fees}), …]``
        :rtype: list
        """
        left = sum(amount for _key, amount in gross)
        fees = self._get_fees_of_matters(gross)
        is_several = bool(self._get_bills_of_several())
        result = []
        for count, settlement in enumerate(settlements, start=1):
            left = max(left - settlement.amount, to_decimal(0))
            before = [row.as_engine() for row in settlements[:count]]
            if is_several:
                parts = engine.part_outstanding(gross, left, before, **options)
            else:
                elements = engine.element_outstanding(
                    self._sum_elements(gross), left, before, **options
                )
                parts = [((name, self.matter_id), part) for name, part in elements]
            rest = self._get_fees_of_matters(parts)
            taken = {
                matter: fees.get(matter, 0) - rest.get(matter, 0)
                for matter in fees.keys() | rest.keys()
            }
            result.append((settlement, taken))
            fees = rest
        return result

    @api.model
    def _get_fees_of_matters(self, parts):
        """
        :param parts: amounts by element and matter
        :return: fees of each matter
        :rtype: dict
        """
        return self._sum_matters(row for row in parts if row[0][0] in FEE_ELEMENTS)

    def _get_fee_totals(self):
        """Gross and net fees of each matter of these bills.

        :return: ``{bill id: {matter: (gross, net)}}``
        :rtype: dict
        """
        lines_sudo = self.env["account.move.line"].sudo()
        groups = lines_sudo._read_group(
            [
                ("move_id", "in", self.ids),
                ("display_type", "=", "product"),
                ("bill_element", "in", [*FEE_ELEMENTS, False]),
            ],
            ["move_id", "matter_id"],
            ["price_subtotal:sum"],
        )
        several = self._get_bills_of_several()
        net = defaultdict(lambda: to_decimal(0))
        for bill, matter, amount in groups:
            owner = matter if bill in several else bill.matter_id
            net[bill.id, owner.id] += to_decimal(amount)
        result = {}
        for bill_id, parts in self._get_matter_gross().items():
            result[bill_id] = {
                matter: (gross, net[bill_id, matter.id])
                for matter, gross in self._get_fees_of_matters(parts).items()
            }
        return result

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

    def _share_fees(self, net, net_total, entries, matter):
        """Share what was received of this bill's fees so far.

        :param Decimal net: received
        :param Decimal net_total: net fees of the bill, of all payers where it is split
        :param dict entries: see ``_get_billed_time``
        :param project.project matter: of what no entry stands behind
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
                employee, owner = self._get_responsible_employee(matter), matter
            else:
                _billed, employee, owner = entries[entry_id]
            totals[employee.id, owner.id] += share
        return totals

    def _get_responsible_employee(self, matter):
        lawyer = self.responsible_id or matter.sudo().responsible_id
        return lawyer.sudo().employee_ids.filtered(
            lambda employee: employee.company_id == self.company_id
        )[:1]
