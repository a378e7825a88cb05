from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .payment_common import PaymentCommon


@tagged("post_install", "-at_install", "legal_billing_tour")
class TestPaymentTours(PaymentCommon, HttpCase):
    """The slip and the client account in a real browser."""

    def _tour(self, name, role):
        self.start_tour(
            "/odoo", f"legal_billing_{name}", login=getattr(self, role).login
        )
        self.env.invalidate_all()

    def test_a_slip_from_payer_to_posted(self):
        a = self._create_bill({"fees": 470}, invoice_date_due=date(2026, 10, 10))
        b = self._create_bill({"fees": 540}, invoice_date_due=date(2026, 10, 20))
        self._tour("payment_slip", "cashier")
        slip = self.env["legal.payment"].search(
            [("received_from_id", "=", self.client.id)]
        )
        self.assertEqual(slip.state, "posted")
        self.assertEqual(slip.create_uid, self.cashier)
        self.assertEqual((a + b).mapped("amount_residual"), [0.0, 0.0])
        self.assertEqual(slip.move_id.ref, f"{a.name}: {b.name}")
        self.assertEqual(self.matter.unallocated_credit_balance, 90.0)

    def test_a_slip_of_many_bills_page_by_page(self):
        """A page shows forty rows; what stands below them is of all."""
        bills = self.env["account.move"].union(
            *(self._create_bill(10.0) for _number in range(45))
        )
        slip = self._create_payment(bills, 450.0)
        slip.action_apply_rule()
        self._tour("payment_pages", "cashier")
        rows = slip.allocation_ids
        self.assertEqual(
            rows.filtered(lambda row: not row.is_selected), rows[0] + rows[41]
        )
        self.assertEqual(slip.allocated_amount, 430.0)
        self.assertEqual(slip.allocation_totals["outstanding_amount"], 450.0)
        self.assertEqual(slip.allocation_totals["amount"], 430.0)

    def test_the_bank_takes_a_payment_back(self):
        bills = self._create_bill(100.0) + self._create_bill(50.0)
        slip = self._pay(bills, 150.0)
        self.assertEqual(bills.mapped("amount_residual"), [0.0, 0.0])
        charge = self.env["account.account"].create(
            {
                "name": "Bank Fees of Tours",
                "code": "690015",
                "account_type": "expense",
                "company_ids": [Command.link(self.company.id)],
            }
        )
        self._tour("payment_dishonour", "cashier")
        self.assertEqual(slip.state, "reversed")
        self.assertEqual(bills.mapped("amount_residual"), [100.0, 50.0])
        items = self.env["account.move.line"].search([("account_id", "=", charge.id)])
        self.assertRecordValues(items, [{"debit": 15.0, "credit": 0.0}])
        self.assertIn("No funds", str(slip.message_ids.mapped("body")))

    def test_client_money_to_the_office(self):
        client_bank = self.env["account.journal"].create(
            {
                "name": "Client bank",
                "type": "bank",
                "code": "CLB",
                "company_id": self.company.id,
                "is_client_account": True,
            }
        )
        movements = self._as(
            self.env["legal.trust.transaction"], "client_account_officer"
        )
        movements.create(
            {
                "kind": "deposit",
                "matter_id": self.matter.id,
                "amount": 1000,
                "date": date(2026, 1, 5),
                "journal_id": client_bank.id,
            }
        ).action_post()
        returned, delivered = (
            self._create_bill(
                amount, invoice_date=date(2026, 1, 6), date=date(2026, 1, 6)
            )
            for amount in (200, 300)
        )
        (returned + delivered)._internal().write(
            {
                "produced_on": datetime(2026, 1, 7, 10),
                "delivered_on": datetime(2026, 1, 7, 10),
            }
        )
        self._as(self.env["legal.payment"], "client_account_officer").create(
            {
                "source": "client_account",
                "client_journal_id": client_bank.id,
                "journal_id": self.bank.id,
                "amount": 200,
                "date": date(2026, 1, 8),
                "allocation_ids": [
                    Command.create({"bill_id": returned.id, "amount": 200})
                ],
            }
        ).action_post()
        returned._internal().write({"delivered_on": False, "delivery_error": "bounced"})
        self._tour("client_account", "client_account_officer")
        self.assertEqual(delivered.amount_residual, 0.0)
        self.assertEqual(self.matter.client_account_balance, 500.0)
