from odoo import api, models

from ...exceptions import PaymentError
from ...tools import BY_RULE, LARGEST_AMOUNT, given_values, is_amount
from .legal_payment_allocation import ELEMENT_FIELDS, WITHOUT_MONEY

#: Written by posting only; the state follows the slip.
FROZEN_FIELDS = {
    "state",
    "final_outstanding",
    "final_payable",
    "final_overpayment",
    "final_discount",
    "final_note",
    "final_elements",
}
#: What a row pays.
SUBSTANCE = {
    "amount",
    "is_selected",
    "bill_id",
    "matter_id",
    "kind",
    "account_id",
    "payment_id",
    *ELEMENT_FIELDS.values(),
}


class LegalPaymentAllocation(models.Model):
    """Typing amounts, ticking rows, and what follows for the elements."""

    _inherit = "legal.payment.allocation"

    @api.onchange("is_selected")
    def _onchange_is_selected(self):
        if not self.is_selected:
            self._assign(0.0)
            self.is_manual = False
        elif self.bill_id and not self.amount:
            left = self.payment_id.difference_amount
            amount = self.payable_amount
            self._assign(min(amount, max(left, 0.0)) if amount > 0 else amount)

    @api.onchange("amount")
    def _onchange_amount(self):
        if not self.amount and not self._origin:
            return None  # a new row, nobody typed yet
        self.is_manual = True
        self.is_selected = self.is_selected or bool(self.amount)
        self._assign(self.amount)
        currency = self.currency_id or self.env.company.currency_id
        above = abs(self.amount) - abs(self.outstanding_amount)
        if self.bill_id and currency.compare_amounts(above, 0.0) > 0:
            return {
                "warning": {
                    "title": self.env._("Above the bill"),
                    "message": self.env._(
                        "%(bill)s: %(outstanding)s is outstanding. Post refuses more: "
                        "type that, and put %(above)s on a credit row of the matter.",
                        bill=self.bill_id.name,
                        outstanding=currency.format_signed(self.outstanding_amount),
                        above=currency.format_signed(above),
                    ),
                    "type": "notification",
                }
            }
        return None

    @api.onchange(*ELEMENT_FIELDS.values())
    def _onchange_elements(self):
        total = self.currency_id.round(sum(self._get_elements().values()))
        if self.currency_id.compare_amounts(
            total, self.amount - self.overpayment_amount
        ):
            self.is_manual = True
            self.amount = total

    @api.model_create_multi
    def create(self, vals_list):
        """A row whose amount was given, but not by element, is split here; it counts as
        typed by hand unless the giver says otherwise. The slip must be a draft, whoever
        makes the row.

        :raise PaymentError: naming slips that are posted
        :raise ProtectedFieldError:
        """
        typed = []
        for vals in vals_list:
            vals.setdefault("is_manual", bool(vals.get("amount")))
            typed.append(
                bool(vals.get("amount"))
                and not any(vals.get(name) for name in ELEMENT_FIELDS.values())
            )
        for vals in vals_list:
            self._check_protected(given_values(self.env, vals))
            self._check_amounts(vals)
        rows = super().create(vals_list)
        rows.payment_id._check_is_draft()
        rows._note_preparer()
        rows.browse(
            row.id for row, split in zip(rows, typed, strict=True) if split
        )._split_again()
        return rows

    def write(self, vals):
        """The amount of a row and its elements always add up: whichever of the two is
        written, the other follows here, after core. Only the rule writes amounts that
        do not count as typed.

        :raise PaymentError: naming slips that are posted, also one that rows would move
            to
        :raise ProtectedFieldError:
        """
        if not self._is_internal():
            self._check_amounts(vals)
            self.payment_id._check_is_draft()
            self._check_protected(vals)
            if "payment_id" in vals:
                self.payment_id.browse(vals["payment_id"])._check_is_draft()
            if vals.keys() & SUBSTANCE:
                self._note_preparer()
            if "is_manual" not in vals and "amount" in vals:
                is_rule = self.env.context.get("legal_billing_applied_rule") is BY_RULE
                vals = {**vals, "is_manual": not is_rule}
        if vals.get("is_selected") is False:
            vals = {**vals, "amount": 0.0, "is_manual": False}
        elements = vals.keys() & set(ELEMENT_FIELDS.values())
        result = super().write(vals)
        if "amount" in vals and not elements:
            self._split_again()
        elif elements and "amount" not in vals:
            for row in self:
                total = row.currency_id.round(sum(row._get_elements().values()))
                super(LegalPaymentAllocation, row).write(
                    {"amount": total, "is_manual": True, "is_selected": bool(total)}
                )
        return result

    @api.model
    def _check_amounts(self, vals):
        """Refuse what is no amount of money; credit notes are negative.

        :param dict vals: for ``create`` or ``write``
        :raise PaymentError: naming the fields
        """
        names = {"amount", *ELEMENT_FIELDS.values()} & vals.keys()
        if wrong := {
            name for name in names if not is_amount(vals[name], -LARGEST_AMOUNT)
        }:
            raise PaymentError(
                self.env._(
                    "%(fields)s: enter an amount of money, below %(limit)s.",
                    fields=self._get_labels(wrong),
                    limit=f"{LARGEST_AMOUNT:,.0f}",
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        """Rows of posted payments stay."""
        if not self._is_internal():
            self.payment_id._check_is_draft()
            self._note_preparer()

    @api.model
    def _protected_fields(self):
        """Fields that posting the payment alone writes."""
        return super()._protected_fields() | FROZEN_FIELDS

    @api.model
    def _get_protected_refusal(self, labels):
        return self.env._("%(fields)s is set by posting the payment.", fields=labels)

    def _note_preparer(self):
        """Rows are made, changed or taken away: rooms that ask who prepared a slip
        extend this. Called for what the rule or billing itself does, too."""

    def action_typed(self):
        """Give typed amounts back to the rule.

        :return: True
        """
        self.payment_id._check_cashier("client_account_officer")
        self.write({"is_manual": False})
        return True

    def action_use_bill(self):
        """Spread the slip's amount bill by bill.

        :rtype: dict
        """
        return self._use_mode("bill")

    def action_use_element(self):
        """Spread the slip's amount element by element.

        :rtype: dict
        """
        return self._use_mode("element")

    def action_use_proportional(self):
        """Spread the slip's amount in proportion.

        :rtype: dict
        """
        return self._use_mode("proportional")

    def _use_mode(self, mode):
        payment = self.payment_id or self.env["legal.payment"].browse(
            self.env.context.get("default_payment_id")
        )
        if len(payment) != 1:
            raise PaymentError(
                self.env._(
                    "A payment rule spreads one payment. Open the payment, and choose "
                    "there how it is spread."
                )
            )
        payment._use_mode(mode)
        return payment._get_form_action()

    def action_write_off_rest(self):
        """Add a row that writes off what this bill's row leaves of it; why is typed
        there.

        :return: True
        """
        return self._settle_rest("write_off")

    def action_withhold_rest(self):
        """Add a row for the tax that the client withheld: what this bill's row leaves.

        :return: True
        """
        return self._settle_rest("withheld")

    def _settle_rest(self, kind):
        """Have one row of this kind that settles what the other rows leave of the bill.

        :param str kind: one of `WITHOUT_MONEY`
        :return: True
        """
        self.ensure_one()
        payment = self.payment_id
        payment._check_cashier("client_account_officer")
        payment._check_is_draft()
        settling = payment.allocation_ids.filtered(
            lambda row: row.kind in WITHOUT_MONEY and row.bill_id == self.bill_id
        )
        own = settling.filtered(lambda row: row.kind == kind)
        others = sum((settling - own).mapped("amount"))
        rest = self.currency_id.round(self.payable_amount - self.amount - others)
        if own:
            own.amount = rest
        else:
            self.create(
                {
                    "payment_id": payment.id,
                    "kind": kind,
                    "bill_id": self.bill_id.id,
                    "amount": rest,
                    "sequence": 9998,
                }
            )
        return True

    def _get_elements(self):
        """What this row pays of each element, elements without an amount left out.

        :rtype: dict
        """
        self.ensure_one()
        return {
            element: self[name]
            for element, name in ELEMENT_FIELDS.items()
            if self[name]
        }

    @api.model
    def _prepare_element_vals(self, elements):
        """Values of the element fields.

        :param elements: ``(element, amount)`` pairs
        :rtype: dict
        """
        amounts = dict(elements)
        return {
            name: float(amounts.get(element, 0))
            for element, name in ELEMENT_FIELDS.items()
        }

    def _assign(self, amount, elements=None):
        """Set amount and elements of one row, saved or not.

        :param float amount:
        :param elements: ``(element, amount)`` pairs; else by the payment's rule
        """
        self.ensure_one()
        if elements is None and self.bill_id and self.kind != "withheld":
            paid = (
                amount - max(0.0, amount - self.payable_amount)
                if amount > 0
                else amount
            )
            elements = self.payment_id._split_bill_amount(self, paid)
        vals = {"amount": amount, **self._prepare_element_vals(elements or ())}
        changed = {name: value for name, value in vals.items() if self[name] != value}
        if self._origin == self and changed:
            self.write({"amount": amount, **self._prepare_kept_elements(), **changed})
        else:
            self.update(changed)

    def _assign_typed(self, amounts):
        """Set amounts that a person gave, of many rows together, and spread each over
        the elements of its bill.

        :param dict amounts: ``{row: amount}``, none above what is outstanding
        """
        self._note_preparer()
        self._assign_by_rule(
            {
                row: (
                    amount,
                    row.payment_id._split_bill_amount(
                        row, min(amount, row.payable_amount) if amount > 0 else amount
                    ),
                )
                for row, amount in amounts.items()
            },
            is_manual=True,
        )

    def _assign_by_rule(self, amounts, is_manual=False):
        """Set amounts and elements of rows as the rule says, saved or not; those that
        are saved all together.

        :param dict amounts: ``{row: (amount, ((element, amount), …))}``
        :param bool is_manual: a person gave them
        """
        saved = self.filtered(lambda row: row._origin == row)
        if saved:
            saved.check_access("write")
            saved.payment_id._check_is_draft()
        names = ["amount", "is_manual", *ELEMENT_FIELDS.values()]
        # protected: what follows from them is marked once, below
        with self.env.protecting([self._fields[name] for name in names], saved):
            for row, (amount, elements) in amounts.items():
                vals = {"amount": amount, "is_manual": is_manual}
                vals |= self._prepare_element_vals(elements)
                for name, value in vals.items():
                    if row[name] != value:
                        row[name] = value
        saved.modified(names)
        saved._note_amounts()

    def _note_amounts(self):
        """After amounts changed, by the rule too; the room of the client account notes
        who prepared a payment from client money."""

    def _prepare_kept_elements(self):
        return {name: self[name] for name in ELEMENT_FIELDS.values()}

    def _split_again(self):
        """Spread typed amounts over the elements of their bills. What was withheld goes
        by the rule over what the payment leaves of them."""
        rows = self.filtered(lambda row: row.bill_id and row.kind != "withheld")
        nil = rows.filtered(lambda row: not row.amount)
        for is_manual, group in nil.grouped("is_manual").items():
            group.write(
                {
                    **group._prepare_element_vals(()),
                    "amount": 0.0,
                    "is_manual": is_manual,
                }
            )
        for row in rows - nil:
            paid = row.amount - row.overpayment_amount
            elements = row.payment_id._split_bill_amount(row, paid)
            row.write(
                {
                    **row._prepare_element_vals(elements),
                    "amount": row.amount,
                    "is_manual": row.is_manual,
                }
            )
