from collections import defaultdict
from dataclasses import replace

from odoo import models

from ...exceptions import PaymentError
from ...tools import get_element_labels
from .legal_payment_entry import PostingItem


class LegalPaymentAllocation(models.Model):
    """What one row posts."""

    _inherit = "legal.payment.allocation"

    # --- checks

    def _get_posting_problems(self):
        """What stands against posting these rows.

        :return: sentences
        :rtype: list
        """
        totals = defaultdict(float)
        for row in self:
            totals[row.bill_id] += abs(row.amount)
        return [
            problem
            for row in self
            for problem in row._get_row_problems(totals[row.bill_id])
        ]

    def _get_row_problems(self, total):
        """What stands against posting this row.

        :param float total: that the payment's rows take of the same bill
        :return: sentences
        :rtype: list
        """
        self.ensure_one()
        currency, problems = self.currency_id, []
        if self.kind == "credit":
            return self._get_credit_problems()
        if not self.bill_id:
            return [
                self.env._(
                    "a row of %(amount)s names no bill: choose it, or take the row off",
                    amount=currency.format_signed(self.amount),
                )
            ]
        name = self.bill_id._get_short_name()
        residual = self.outstanding_amount
        if self._get_part_matter():
            residual = self.bill_id.amount_residual
            if (
                currency.compare_amounts(abs(self.amount), abs(self.outstanding_amount))
                > 0
            ):
                return [self._get_above_text(name, self.amount)]
        if currency.compare_amounts(total, abs(residual)) > 0:
            problems.append(self._get_too_much_problem(name, total))
        if self._is_of_another_matter():
            problems.append(
                self.env._(
                    "%(bill)s is of %(own)s, its row of %(matter)s: choose the bill's "
                    "matter on the row",
                    bill=name,
                    own=", ".join(self.bill_id.matter_ids.mapped("display_name")),
                    matter=self.matter_id.display_name or self.env._("no matter"),
                )
            )
        if self.kind == "write_off":
            if self.payment_id._get_source().is_of_one_matter and not self.matter_id:
                problems.append(
                    self.env._(
                        "%(bill)s is of several matters, and what is given up is taken off "
                        "all of them: write it off on the bill, or credit the part of the "
                        "one matter",
                        bill=name,
                    )
                )
            return problems + self._get_write_off_problems(name)
        if self.kind == "withheld":
            return problems + self._get_withheld_problems(name)
        if self.overpayment_amount:
            problems += self._get_overpayment_problems(name)
        if not problems:  # of a bill that is paid each element is, too
            problems = self._get_element_problems(name)
        elements = sum(self._get_elements().values())
        paid = self.amount - self.overpayment_amount
        if not problems and currency.compare_amounts(elements, paid):
            problems.append(
                self.env._(
                    "%(bill)s: its elements add up to %(elements)s, not %(amount)s",
                    bill=name,
                    elements=currency.format_signed(elements),
                    amount=currency.format_signed(paid),
                )
            )
        return problems

    def _get_withheld_problems(self, name):
        """What stands against settling a part of the bill by tax that was withheld.

        :param str name: of the bill
        :return: sentences
        :rtype: list
        """
        payment, source = self.payment_id, self.payment_id._get_source()
        problems = []
        if source.is_held or source.debits == "credits" or payment.direction == "out":
            problems.append(
                self.env._(
                    "%(bill)s: tax is withheld from what a client pays to the office; "
                    "make another payment for it",
                    bill=name,
                )
            )
        if self.amount < 0 or self.bill_id.move_type != "out_invoice":
            problems.append(
                self.env._(
                    "%(bill)s: withheld tax is positive, and of a bill", bill=name
                )
            )
        if not self.account_id:
            problems.append(
                self.env._(
                    "%(bill)s: choose the account on which the withheld tax is claimed",
                    bill=name,
                )
            )
        elif not payment._is_withheld_account(self.account_id):
            problems.append(
                self.env._(
                    "%(bill)s: withheld tax cannot be claimed on %(account)s",
                    bill=name,
                    account=self.account_id.display_name,
                )
            )
        return problems

    def _is_of_another_matter(self):
        """Whether somebody gave the row a matter that its bill is not of.

        :rtype: bool
        """
        bill = self.bill_id
        if bill.matter_id:
            return self.matter_id != bill.matter_id
        return bool(self.matter_id - bill.matter_ids)

    def _get_element_problems(self, name):
        """Elements that would get more than is open of them, or a wrong sign.

        :param str name: of the bill
        :return: sentences
        :rtype: list
        """
        if not self.element_outstanding:
            return []
        left = {
            element: float(amount)
            for element, amount in self.payment_id._get_engine_elements(self)
        }
        labels = get_element_labels(self.env)
        currency = self.currency_id
        return [
            self.env._(
                "%(bill)s: %(element)s gets %(amount)s, and %(left)s of it is open. Type "
                "the bill's amount again, and it is spread again",
                bill=name,
                element=labels[element],
                amount=currency.format_signed(amount),
                left=currency.format_signed(left.get(element, 0.0)),
            )
            for element, amount in self._get_elements().items()
            if amount * left.get(element, 0.0) < 0
            or currency.compare_amounts(abs(amount), abs(left.get(element, 0.0))) > 0
        ]

    def _renew_elements(self):
        """Spread amounts of the rule again where another payment settled the element
        meanwhile; what was typed is the cashier's to correct. Call with the right to
        write the rows."""
        self.filtered(
            lambda row: (
                row.kind == "bill"
                and not row.is_manual
                and row._get_element_problems(row.bill_id.name)
            )
        )._split_again()

    def _get_too_much_problem(self, name, total):
        """The amount is above what is open, and who took it; or the bill is no bill any
        more.

        :rtype: str
        """
        if self.bill_id.state != "posted":
            return self.env._(
                "%(bill)s is not approved any more: take it off this payment, or have it "
                "approved again",
                bill=name,
            )
        text = self.env._(
            "%(bill)s: %(amount)s is above the outstanding %(outstanding)s",
            bill=name,
            amount=self.currency_id.format_signed(total),
            outstanding=self.currency_id.format_signed(self.outstanding_amount),
        )
        rows_sudo = self.sudo().search(  # names of slips only
            [("bill_id", "=", self.bill_id.id), ("state", "=", "posted")], order="id"
        )
        if not rows_sudo:
            return text
        return self.env._(
            "%(text)s (paid by %(slips)s)",
            text=text,
            slips=", ".join(rows_sudo.payment_id.mapped("display_name")),
        )

    def _get_overpayment_problems(self, name):
        if not self.payment_id._may_overpay():
            return [
                self.env._(
                    "%(bill)s: %(amount)s is payable (%(note)s); this source and payment "
                    "rule do not allow more",
                    bill=name,
                    amount=self.currency_id.format_signed(self.payable_amount),
                    note=self.payable_note or self.env._("all of it"),
                )
            ]
        if not self.matter_id:
            return [
                self.env._(
                    "%(bill)s is of several matters: put %(amount)s on a credit row",
                    bill=name,
                    amount=self.currency_id.format_signed(self.overpayment_amount),
                )
            ]
        return []

    def _get_credit_problems(self):
        payment = self.payment_id
        problems = []
        if not self.matter_id:
            problems.append(
                self.env._(
                    "choose the matter of the credit of %(amount)s",
                    amount=self.currency_id.format_signed(self.amount),
                )
            )
        if self.amount < 0:
            problems.append(self.env._("a credit row is positive"))
        problems += self._get_owner_problems()
        if self.bill_id:
            problems.append(
                self.env._(
                    "%(bill)s: a credit row is of a matter, not of a bill; take the bill "
                    "off the row",
                    bill=self.bill_id.name,
                )
            )
        twins = payment._get_posting_rows().filtered(
            lambda row: row.kind == "credit" and row.matter_id == self.matter_id
        )
        if payment.direction == "out" and self == twins[1:2]:
            problems.append(
                self.env._(
                    "%(matter)s has %(count)s credit rows: put what is refunded on one",
                    matter=self.matter_id.display_name,
                    count=len(twins),
                )
            )
        if (
            payment.direction == "in"
            and payment._get_source().debits != "credits"
            and not payment._may_overpay()
        ):
            problems.append(
                self.env._(
                    "this source and payment rule do not allow a credit of %(amount)s",
                    amount=self.currency_id.format_signed(self.amount),
                )
            )
        return problems

    def _get_owner_problems(self):
        """A surplus is a credit of the bills' matters or the payer's; of another by a
        manager who says why.

        :rtype: list
        """
        payment = self.payment_id
        if (
            not self.matter_id
            or payment.direction == "out"
            or payment._get_source().debits == "credits"
            or payment._may_be_credited(self.matter_id)
        ):
            return []
        if payment._has_own_role("manager") and (self.reason or "").strip():
            return []
        return [
            self.env._(
                "%(matter)s is neither of a bill on this payment nor of %(payer)s: a "
                "manager may make the surplus its credit, with the reason on the row",
                matter=self.matter_id.display_name,
                payer=payment.received_from_id.display_name or self.env._("the payer"),
            )
        ]

    # --- posting

    def _freeze(self):
        """Keep what the rows were based on: posted rows do not move with the bills.
        Call with the right to write them."""
        # protected: nothing depends on these fields, so that they are kept in memory
        # and written together
        names = [name for name in self._fields if name.startswith("final_")]
        with self.env.protecting([self._fields[name] for name in names], self):
            for row in self:
                row.final_outstanding = row.outstanding_amount
                row.final_payable = row.payable_amount
                row.final_overpayment = row.overpayment_amount
                row.final_discount = row._get_taken_discount()
                row.final_note = row.payable_note
                row.final_elements = row.element_outstanding

    def _prepare_posting_items(self):
        """Journal items of one row, bank or cash apart.

        :return: of ``PostingItem``
        :rtype: list
        """
        self.ensure_one()
        payment = self.payment_id
        sign = 1 if payment.direction == "in" else -1
        if self.kind == "credit":
            if payment.direction == "out":
                # what the rate has changed is core's entry, as for any open item
                return [
                    replace(item, balance=None)
                    for item in payment._take_credits(self.matter_id, self.amount)
                ]
            return [self._prepare_credit_item(self.amount)]
        items = self._prepare_withheld_items()
        to_bill = self.amount - self.final_overpayment
        if not self.currency_id.is_zero(to_bill):
            lines = self._get_open_receivables()
            items.append(
                PostingItem(
                    amount=sign * to_bill + self.final_discount,
                    name=self.bill_id.name,
                    account=lines.account_id,
                    partner=self.bill_id.commercial_partner_id,
                    matter=self.matter_id,
                    targets=lines,
                )
            )
        if self.final_discount:
            items += self._prepare_discount_items()
        if not self.currency_id.is_zero(self.final_overpayment):
            items.append(self._prepare_credit_item(self.final_overpayment))
        return items

    def _prepare_withheld_items(self):
        """The claim on the tax office, where this row is of withheld tax.

        :return: of ``PostingItem``
        :rtype: list
        """
        if self.kind != "withheld":
            return []
        return [
            PostingItem(
                amount=-self.amount,
                name=self.env._("Tax withheld of %(bill)s", bill=self.bill_id.name),
                account=self.account_id,
                partner=self.bill_id.commercial_partner_id,
                matter=self.matter_id,
                targets=self.env["account.move.line"],
            )
        ]

    def _get_taken_discount(self):
        """The early payment discount, where the amount is exactly what settles the
        bill with it, and none of it becomes a credit while the bill stays open.

        :rtype: float
        """
        discount = self._get_early_discount() if self.kind == "bill" else 0.0
        settles = (
            discount
            and self.currency_id.is_zero(self.overpayment_amount)
            and not self.currency_id.compare_amounts(
                self.amount, self.outstanding_amount - discount
            )
        )
        return discount if settles and self.payment_id.direction == "in" else 0.0

    def _prepare_discount_items(self):
        """Odoo's own items of an early payment discount, tax included.

        :return: of ``PostingItem``
        :rtype: list
        """
        payment = self.payment_id
        values = [
            {
                "aml": line,
                "amount_currency": -line.amount_residual_currency,
                "balance": -payment._convert_to_company(
                    line.amount_residual_currency, line.currency_id
                ),
            }
            for line in self._get_open_receivables()
        ]
        open_balance = payment._convert_to_company(
            self.final_discount, self.currency_id
        )
        groups = self.env[
            "account.move"
        ]._get_invoice_counterpart_amls_for_early_payment_discount(values, open_balance)
        return [
            PostingItem(
                amount=-vals["amount_currency"],
                name=vals.get("name") or self.bill_id.name,
                account=self.env["account.account"].browse(vals["account_id"]),
                partner=self.bill_id.commercial_partner_id,
                matter=self.matter_id,
                targets=self.env["account.move.line"],
                balance=-vals["balance"],
                extra_vals=vals,
            )
            for group in groups.values()
            for vals in group
        ]

    def _get_open_receivables(self):
        """Open items of the bill, one per instalment.

        :rtype: account.move.line
        :raise PaymentError: if there is none, or they are on several accounts
        """
        lines = self.bill_id._get_open_receivable_lines()
        if len(lines.account_id) != 1:
            raise PaymentError(
                self.env._(
                    "%(bill)s has no open receivable of its own any more. Refresh the "
                    "payment.",
                    bill=self.bill_id.name,
                )
            )
        return lines

    def _prepare_credit_item(self, amount):
        """A credit of the row's matter.

        :rtype: PostingItem
        """
        matter = self.matter_id
        owner = (
            self.bill_id.partner_id or matter.billing_partner_id or matter.partner_id
        )
        return PostingItem(
            amount=amount,
            name=self.env._(
                "Unallocated credit %(matter)s", matter=matter.matter_number or ""
            ),
            account=self.company_id._get_legal_unallocated_account(),
            partner=owner.commercial_partner_id,
            matter=matter,
            targets=self.env["account.move.line"],
        )

    # --- hooks for the room of write-offs

    def _get_write_off_problems(self, _name):
        """What stands against writing this row's amount off.

        :param str _name: of the bill
        :return: sentences
        :rtype: list
        """
        return []

    def _post_write_offs(self):
        """Give up what these rows write off.

        :return: the posted entry
        :rtype: account.move
        """
        return self.env["account.move"]
