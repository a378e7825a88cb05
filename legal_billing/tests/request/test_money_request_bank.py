from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ...exceptions import PaymentError, TrustError
from .request_common import DAY, RequestCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestMoneyRequestBank(RequestCommon):
    """A bank line that answers a request is matched with what the money became: client
    money with a deposit, the firm's own with a payment, and neither with the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_time(cls.matter, 4.0, bill_rate=250.0)

    def _bank_line(self, journal, amount, text):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": DAY,
                "payment_ref": text,
                "amount": amount,
            }
        )

    def _match(self, line, item):
        """As core's windows do: the open side takes the item's account, and both are
        matched."""
        suspense = line._seek_for_lines()[1]
        suspense.write(
            {"account_id": item.account_id.id, "partner_id": item.partner_id.id}
        )
        (suspense | item).reconcile()

    def _get_receivable(self, bill):
        return bill.line_ids.filtered(lambda item: item.account_id == self.receivable)

    def test_client_money(self):
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.amount_residual, 1200.0)
        request = self._ask(amount=1200.0)
        line = self._bank_line(self.client_bank, 1200.0, request.name)
        with self.assertRefused("never set off", TrustError):
            self._match(line, self._get_receivable(bill))
        deposit = self._deposit(request)
        deposit.action_post()
        [item] = deposit.move_id.line_ids.filtered(
            lambda item: item.account_id == self.receipts
        )
        self._match(line, item)
        self.assertTrue(line.is_reconciled)
        self.assertItems(
            line.move_id,
            [
                (self.client_bank.default_account_id, 1200.0, 0.0),
                (self.receipts, 0.0, 1200.0),
            ],
        )
        self.assertHeld(1200.0)
        self.assertEqual(request.state, "paid")
        self.assertEqual(bill.amount_residual, 1200.0)
        self.assertFalse(request.payment_ids)

    def test_the_firm_s_own(self):
        request = self._ask("on_account", 1200.0)
        line = self._bank_line(self.office_bank, 1200.0, request.name)
        deposit = self._book("deposit", 1200.0)
        for account in (self.liability, self.receipts):
            items = deposit.move_id.line_ids.filtered(
                lambda item, account=account: item.account_id == account
            )
            with self.assertRefused("", TrustError):
                self._match(line, items)
        payment = self._receive(request)
        self.assertEqual(payment.reference, request.name)
        [item] = payment.account_payment_id._seek_for_lines()[0]
        self._match(line, item)
        self.assertTrue(line.is_reconciled)
        self.assertItems(
            line.move_id,
            [
                (self.office_bank.default_account_id, 1200.0, 0.0),
                (item.account_id, 0.0, 1200.0),
            ],
        )
        self.assertEqual(request.state, "paid")
        self.assertHeld(1200.0)  # the deposit alone
        self.assertFalse(request.deposit_ids)
        bill = self._approve(request.bill_ids)
        self.assertEqual(bill.payment_state, "paid")

    def test_client_money_in_the_firm_s_bank_pays_no_bill(self):
        """The client paid to the wrong account: it is client money all the same."""
        bill = self._approve(self._bill(self.matter))
        request = self._ask(amount=1200.0)
        own = self._ask("on_account", 600.0)
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "journal_id": self.office_bank.id,
                "received_from_id": self.client.id,
                "amount": 1200.0,
                "date": date(2026, 11, 21),
                "allocation_ids": [
                    Command.create({"bill_id": bill.id, "amount": 1200.0})
                ],
            }
        )
        for text in (request.name, f"sepa {request.name.replace('/', '').lower()} x"):
            line = self._bank_line(self.office_bank, 1200.0, text)
            with self.assertRefused(request.name, TrustError):
                self._match(line, self._get_receivable(bill))
            slip.reference = text
            with self.assertRefused("asks for client money", PaymentError):
                slip.action_post()
        self.assertEqual(bill.amount_residual, 1200.0)
        # nor by a slip that does not say so, once the bank does
        slip.reference = "Cheque 4711"
        slip.action_post()
        self.assertEqual(bill.amount_residual, 0.0)
        [item] = slip.account_payment_id._seek_for_lines()[0]
        with self.assertRefused(request.name, TrustError):
            self._match(line, item)
        # what names no request for client money is matched as ever
        for text in ("Cheque 4711", f"Cheque 4711, and {own.name}"):
            line = self._bank_line(self.office_bank, 1200.0, text)
            with self.env.cr.savepoint() as savepoint:
                self._match(line, item)
                self.assertTrue(line.is_reconciled)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_cancelled_request_names_nothing(self):
        bill = self._approve(self._bill(self.matter))
        request = self._ask(amount=1200.0)
        line = self._bank_line(self.office_bank, 1200.0, request.name)
        self._as(request, "biller").action_cancel("it was the bill that was meant")
        self._match(line, self._get_receivable(bill))
        self.assertEqual(bill.amount_residual, 0.0)
