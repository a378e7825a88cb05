from datetime import date

from odoo.fields import Command

from ..common import LegalBillingCommon

DAY = date(2026, 11, 2)


class PaymentCommon(LegalBillingCommon):
    """Approved bills with known elements, and short ways to pay them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.cash = cls.company_data["default_journal_cash"]
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.outstanding = cls.bank.inbound_payment_method_line_ids.payment_account_id
        cls.credit_account = cls.company._get_legal_unallocated_account()
        cls.rule_bill = cls.env.ref("legal_billing.legal_payment_rule_bill")
        cls.rule_element = cls.env.ref("legal_billing.legal_payment_rule_element")
        cls.rule_proportional = cls.env.ref(
            "legal_billing.legal_payment_rule_proportional"
        )
        # what a slip may write off has tests of its own
        cls.company.write(
            {
                "legal_write_off_tolerance": 1000.0,
                "legal_write_off_tolerance_percent": 100.0,
            }
        )
        cls.matter = cls._create_matter(name="Lease")
        cls.insurer = cls.env["res.partner"].create({"name": "Insurer plc"})

    @classmethod
    def _create_bill(cls, amounts, matter=None, **vals):
        """A posted bill.

        :param dict amounts: ``{element: amount}`` without tax, or one amount of fees
        """
        matter = matter or cls.matter
        if not isinstance(amounts, dict):
            amounts = {"fees": amounts}
        taxes = vals.pop("taxes", cls.env["account.tax"])
        bill = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (matter.billing_partner_id or matter.partner_id).id,
                "invoice_date": date(2026, 10, 1),
                "date": vals.get("invoice_date", date(2026, 10, 1)),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": element,
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.set(taxes.ids)],
                            "account_id": cls.company_data[
                                "default_account_revenue"
                            ].id,
                            "matter_id": matter.id,
                            "bill_element": element,
                        }
                    )
                    for element, amount in amounts.items()
                    if amount
                ],
                **vals,
            }
        )
        bill.action_post()
        return bill

    @classmethod
    def _create_credit_note(cls, amounts, matter=None):
        """A posted credit note that no bill is matched with."""
        return cls._create_bill(
            amounts, matter, move_type="out_refund", invoice_date=DAY
        )

    @classmethod
    def _create_example(cls):
        """The worked example: A 50/120/60/240 and B 0/60/0/480, A older."""
        elements = (
            "disbursement_exempt",
            "disbursement_taxable",
            "anticipated_taxable",
            "fees",
        )
        return tuple(
            cls._create_bill(
                dict(zip(elements, amounts, strict=True)), invoice_date_due=due
            )
            for amounts, due in (
                ((50, 120, 60, 240), date(2026, 10, 10)),
                ((0, 60, 0, 480), date(2026, 10, 20)),
            )
        )

    @classmethod
    def _create_term(cls):
        """Three per cent off for paying within 60 days."""
        return cls.env["account.payment.term"].create(
            {
                "name": "3 % within 60 days",
                "early_discount": True,
                "discount_percentage": 3,
                "discount_days": 60,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 90}
                    )
                ],
            }
        )

    def _create_payment(self, bills, amount, role="cashier", **vals):
        """A slip of the cashier's; the rule is applied."""
        return self._as(self.env["legal.payment"], role).create(
            {
                "source": "bank",
                "received_from_id": self.client.id,
                "amount": amount,
                "date": DAY,
                "memo": "cheque 7",
                "allocation_ids": [
                    Command.create({"bill_id": bill.id}) for bill in bills
                ],
                **vals,
            }
        )

    def _pay(self, bills, amount, **vals):
        payment = self._create_payment(bills, amount, **vals)
        payment.action_post()
        return payment

    def _create_credit(self, matter, amount, **vals):
        """An unallocated credit of the matter, paid in at the bank."""
        return self._pay(
            self.env["account.move"],
            amount,
            allocation_ids=[
                Command.create(
                    {"kind": "credit", "matter_id": matter.id, "amount": amount}
                )
            ],
            **vals,
        )

    def _amounts(self, payment):
        """Amounts of the rows by bill; credit rows under their matter."""
        return {
            row.bill_id or row.matter_id: row.amount for row in payment.allocation_ids
        }

    def assertLines(self, move, expected):
        """All journal items as ``(account, partner, matter, name, debit, credit)``."""
        found = sorted(
            (
                line.account_id.code,
                line.partner_id.name,
                line.matter_id.id,
                line.name,
                round(line.debit, 2),
                round(line.credit, 2),
            )
            for line in move.line_ids
        )
        self.assertEqual(
            found,
            sorted(
                (account.code, partner.name, matter.id, name, debit, credit)
                for account, partner, matter, name, debit, credit in expected
            ),
        )


class ExamplePaymentCommon(PaymentCommon):
    """The two bills of the example."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a, cls.b = cls._create_example()
        cls.none = cls.env["project.project"]
