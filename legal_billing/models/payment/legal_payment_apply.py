from odoo import api, models
from odoo.fields import Command

from ...exceptions import PaymentError


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
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Paste remittance"),
            "res_model": "legal.payment.paste",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_payment_id": self.id},
        }

    def _add_bills(self, bills, amounts=None):
        """Add bills that are not on the slip yet; those that are get their amount.

        :param account.move bills:
        :param dict amounts: ``{bill: typed amount}``
        """
        amounts = amounts or {}
        for row in self.allocation_ids.filtered(lambda row: row.kind == "bill"):
            if row.bill_id in amounts:
                row.write({"amount": amounts[row.bill_id], "is_selected": True})
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
        self.write(
            {
                "allocation_ids": [
                    Command.create(
                        {
                            "bill_id": bill.id,
                            "sequence": sequence,
                            "amount": amounts.get(bill, 0.0),
                        }
                    )
                    for sequence, bill in enumerate(ordered, start=first)
                ]
            }
        )

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
