from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import PaymentError
from ...tools import BY_RULE
from .legal_payment_allocation import WITHOUT_MONEY


class LegalPayment(models.Model):
    """Choosing bills and spreading the amount over them."""

    _inherit = "legal.payment"

    # --- actions

    @api.model
    def _start(self, bills, vals):
        """Open a new slip with these bills.

        :param account.move bills:
        :param dict vals: of the slip
        :return: the slip's page
        :rtype: dict
        """
        self._check_cashier()
        bills = bills.sorted(lambda bill: (bill.invoice_date_due, bill.id))
        payment = self.create(
            {
                **vals,
                "allocation_ids": [
                    Command.create({"bill_id": bill.id, "sequence": sequence})
                    for sequence, bill in enumerate(bills, start=1)
                ],
            }
        )
        return payment._get_form_action()

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_apply_rule(self):
        """Spread the amount over the ticked bills by the payment rule. Typed amounts
        stay; pressed a second time in a row, they are overwritten.

        :return: True
        :raise PaymentError: without an amount, a bill or a rule
        """
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        for payment in self:
            if not payment.payment_rule_id:
                raise PaymentError(
                    self.env._(
                        "%(payment)s has no payment rule. Choose one, or set the "
                        "company's in the settings.",
                        payment=payment.display_name,
                    )
                )
            payment._apply_rule(overwrite=payment.keeps_manual)
        return True

    def action_keep_amounts(self):
        """Leave the amounts as they are although amount or rule changed.

        :return: True
        """
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        for payment in self:
            payment._note_applied()
        return True

    def action_clear(self):
        """Take all amounts off; the bills stay.

        :return: True
        """
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        for payment in self:
            payment.allocation_ids.filtered(
                lambda row: row.kind == "credit" and not row.is_manual
            ).unlink()
            payment.allocation_ids.write(
                {"amount": 0.0, "is_manual": False, "is_selected": True}
            )
            payment.apply_note = False
        return True

    def action_add_bills(self):
        """Add all open bills of the matter, else of the payer or client.

        :return: True
        :raise PaymentError: if neither is given
        """
        self.ensure_one()
        self._check_cashier("client_account_officer")
        if not (self.matter_id or self.received_from_id):
            raise PaymentError(
                self.env._(
                    "Choose who pays, or a matter, or paste bill numbers: there is "
                    "nothing to look for."
                )
            )
        self._add_bills(
            self.env["account.move"].search(
                self._get_open_bills_domain(
                    self.company_id, self.received_from_id, self.matter_id
                )
            )
        )
        return True

    def action_open_holding(self):
        """Open the other drafts that hold something of these bills.

        :rtype: dict
        """
        self.ensure_one()
        slips = self._get_holding_slips()
        if len(slips) == 1:
            return slips._get_form_action()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Drafts with these bills"),
            "res_model": self._name,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", slips.ids)],
        }

    def action_take_over(self):
        """Take these bills off the other drafts, which say so in their log, and spread
        the amount anew.

        :return: True
        """
        self.ensure_one()
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        bills = self._get_rows().filtered("held_amount").bill_id
        for slip in self._get_holding_slips():
            slip._check_cashier("client_account_officer")
            rows = slip.allocation_ids.filtered(
                lambda row: row.bill_id in bills and row.kind == "bill"
            )
            rows.write({"is_selected": False})
            slip.message_post(
                body=self.env._(
                    "%(bills)s taken over by %(slip)s.",
                    bills=", ".join(rows.bill_id.mapped("name")),
                    slip=self.display_name,
                )
            )
        if self.payment_rule_id:
            self._apply_rule()
        return True

    def action_credit_held(self):
        """Let what other drafts hold become a credit of the bills' matter, because a
        person says so.

        :return: True
        :raise PaymentError: over bills of several matters
        """
        self.ensure_one()
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        amount = self.held_amount
        rows = self._get_rows().filtered("held_amount")
        matters = rows.bill_id.matter_ids
        if len(matters) != 1:
            raise PaymentError(
                self.env._(
                    "What is held is of several matters (%(matters)s): put %(amount)s on "
                    "credit rows of them.",
                    matters=", ".join(matters.mapped("display_name")),
                    amount=self.currency_id.format_signed(amount),
                )
            )
        for row in rows.filtered("overpayment_amount"):
            row.amount -= min(row.overpayment_amount, row.held_amount)
        self.allocation_ids = [
            Command.create(
                {
                    "kind": "credit",
                    "matter_id": matters.id,
                    "amount": amount,
                    "sequence": 9999,
                }
            )
        ]
        self._note_applied()
        return True

    def action_find_combination(self):
        """Look for bills of the slip that make the amount exactly.

        :return: the window to choose from
        :rtype: dict
        :raise PaymentError: without an amount or bills
        """
        self.ensure_one()
        self._check_cashier("client_account_officer")
        self._check_is_draft()
        return self.env["legal.payment.combination"]._find(self)

    def action_paste(self):
        """Open the window that takes a pasted remittance advice.

        :rtype: dict
        :raise RoleError: for those who do not enter payments
        """
        self.ensure_one()
        self._check_cashier("client_account_officer")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Paste remittance"),
            "res_model": "legal.remittance",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_payment_id": self.id, "dialog_size": "extra-large"},
        }

    def _add_bills(self, bills, amounts=None):
        """Add bills that are not on the slip yet; those that are get their amount.

        :param account.move bills:
        :param dict amounts: ``{bill: typed amount}``
        """
        amounts = amounts or {}
        rows = self.allocation_ids.filtered(
            lambda row: row.kind == "bill" and row.bill_id in amounts
        )
        rows.filtered(lambda row: not row.is_selected).write({"is_selected": True})
        bills -= self.allocation_ids.bill_id
        if currency := self.allocation_ids.bill_id.currency_id:
            bills = bills.filtered(lambda bill: bill.currency_id == currency[0])
        elif bills:
            preferred = self.currency_id if self.amount else bills.currency_id[:1]
            same = bills.filtered(lambda bill: bill.currency_id == preferred)
            bills = same or bills.filtered(
                lambda bill: bill.currency_id == bills.currency_id[0]
            )
        first = max(self.allocation_ids.mapped("sequence"), default=0) + 1
        ordered = bills.sorted(lambda bill: (bill.invoice_date_due, bill.id))
        rows |= self.env["legal.payment.allocation"].create(
            [
                {"payment_id": self.id, "bill_id": bill.id, "sequence": sequence}
                for sequence, bill in enumerate(ordered, start=first)
            ]
        )
        if typed := rows.filtered(lambda row: row.bill_id in amounts):
            typed._assign_typed({row: amounts[row.bill_id] for row in typed})
            self._note_applied()  # what the advice says is no change of the slip
        else:
            self._apply_at_once()

    # --- the rule

    def _apply_at_once(self):
        """Spread the amounts of slips that have none on their rows."""
        for payment in self:
            if (
                payment.amount
                and payment.allocation_ids
                and not any(payment.allocation_ids.mapped("amount"))
            ):
                payment._apply_rule()

    def _note_applied(self):
        self.applied_amount = self.amount
        self.applied_rule_id = self.payment_rule_id

    # --- the payment rule

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
            and self._get_source().may_overpay
            and self.payment_rule_id.allow_overpayment
        )

    def _get_engine_bills(self, rows):
        """Rows as the engine sees them. What this slip settles of a bill without money
        is not payable any more.

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
        settled = defaultdict(float)
        for row in self._get_rows():
            if row.kind in WITHOUT_MONEY:
                settled[row.bill_id._origin] += row.amount
        result = []
        for row in rows:
            bill = row.bill_id._origin
            payable = to_decimal(row.payable_amount)
            if payable > 0:
                payable -= to_decimal(settled.get(bill, 0.0))
            result.append(
                engine.Bill(
                    id=bill.id,
                    outstanding=to_decimal(row.outstanding_amount),
                    payable=max(payable, 0) if row.payable_amount >= 0 else payable,
                    matter=row.bill_id.matter_id.id
                    or row._get_part_matter().id
                    or ("several", bill.id),
                    number=bill.name or "",
                    due=due_dates.get(bill.id),
                    date=bill.invoice_date,
                    elements=self._get_engine_elements(row),
                )
            )
        return result

    @api.model
    def _get_engine_elements(self, row):
        """What is outstanding of a row's elements, in the row's sign: nothing of a bill
        that is no longer approved, or paid meanwhile.

        :rtype: tuple
        """
        if not row.outstanding_amount:
            return ()
        elements = row.element_outstanding or {}
        total = sum(elements.values())
        sign = -1 if total * row.outstanding_amount < 0 else 1
        return tuple(
            (name, sign * to_decimal(amount)) for name, amount in elements.items()
        )

    def _get_apportionment(self, rows, amount, settling=None, **options):
        """What the rule makes of an amount.

        :param legal.payment.allocation rows: ticked rows of bills
        :param float amount:
        :param dict settling: ``{bill id: amount}`` that settles each, where it is less
        :rtype: engine.Apportionment
        """
        bills = self._get_engine_bills(rows)
        if settling:
            bills = [replace(bill, payable=settling[bill.id]) for bill in bills]
        return engine.apportion(
            max(to_decimal(amount), to_decimal(0)),
            bills,
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
        typed = rows.filtered(lambda r: r.is_manual and r.kind not in WITHOUT_MONEY)
        if overwrite:
            typed = typed.filtered(lambda r: not r.bill_id)
        automatic = rows.filtered(lambda r: r.kind == "bill") - typed
        amount = self.amount - sum(typed.mapped("amount"))
        settling = self._get_settling_amounts(automatic, amount)
        result = self._get_apportionment(automatic, amount, settling=settling)
        by_bill = {
            allocation.bill_id: (float(allocation.amount), allocation.elements)
            for allocation in result.allocations
        }
        # what other drafts hold may still be paid: it is asked, never made a credit;
        # read before the rows change, which would have it worked out anew
        held = sum(automatic.mapped("held_amount"))
        automatic._assign_by_rule(
            {row: by_bill.get(row.bill_id._origin.id, (0.0, ())) for row in automatic}
        )
        credit = max(float(result.credit) - held, 0.0) if amount > 0 else 0.0
        self._set_credit_row(self.currency_id.round(credit))
        self.keeps_manual = bool(typed.filtered("bill_id"))
        self.apply_count += 1
        self.apply_note = (
            self.env._("The amount pays all bills exactly, early discounts taken.")
            if settling
            else self._get_apply_note(result)
        )
        self._note_applied()

    def _get_settling_amounts(self, rows, amount):
        """What settles each bill, early discounts taken, if that is what is paid.

        :param legal.payment.allocation rows: of bills
        :param float amount:
        :return: ``{bill id: amount}``, empty if it is not
        :rtype: dict
        """
        discounts = self._get_row_discounts(rows)
        if not discounts:
            return {}
        settling = {
            row.bill_id._origin.id: to_decimal(
                row.payable_amount - discounts.get(row, 0.0)
            )
            for row in rows
        }
        total = float(sum(settling.values()))
        return {} if self.currency_id.compare_amounts(total, amount) else settling

    @api.model
    def _get_row_discounts(self, rows):
        """Early discounts of bills that are payable in full.

        :param legal.payment.allocation rows: of bills
        :return: ``{row: discount}``
        :rtype: dict
        """
        found = {}
        for row in rows:
            if row.payable_amount == row.outstanding_amount:
                discount = row._get_early_discount()
                if discount:
                    found[row] = discount
        return found

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
        if not matters and not several and self.received_from_id:
            matters = self._get_matters_of_payer()
        vals = {
            "kind": "credit",
            "matter_id": matters.id if len(matters) == 1 and not several else False,
            "amount": amount,
            "is_manual": False,
            "sequence": 9999,
        }
        self.allocation_ids = [Command.create(vals)]

    def _get_matters_of_payer(self):
        """Open matters of who pays: two at most, to see whether there is one.

        :rtype: project.project
        """
        payer = self.received_from_id.commercial_partner_id
        return self.env["project.project"].search(
            Domain("is_matter", "=", True)
            & Domain("company_id", "=", self.company_id.id)
            & (
                Domain("partner_id", "child_of", payer.ids)
                | Domain("billing_partner_id", "child_of", payer.ids)
            ),
            limit=2,
        )

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
