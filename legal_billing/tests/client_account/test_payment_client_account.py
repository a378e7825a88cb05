from datetime import datetime

from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ...exceptions import TrustApprovalError
from ...tools import INTERNAL
from ..payment.payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentClientAccount(PaymentCommon):
    """Client money pays bills in two entries that never mix."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client_bank = cls.env["account.journal"].create(
            {
                "name": "Client bank",
                "code": "CLB",
                "type": "bank",
                "is_client_account": True,
            }
        )
        cls.bill = cls._create_bill(300)
        cls.bill.sudo().with_context(legal_billing_internal=INTERNAL).write(
            {"delivered_on": datetime(2026, 10, 2, 12), "delivery_method": "post"}
        )

    def _deposit(self, amount):
        deposit = self._as(
            self.env["legal.trust.transaction"], "client_account_officer"
        ).create(
            {
                "kind": "deposit",
                "matter_id": self.matter.id,
                "amount": amount,
                "date": DAY,
                "journal_id": self.client_bank.id,
            }
        )
        deposit.action_post()
        return deposit

    def test_the_ledger_names_each_bill_once(self):
        self._deposit(300)
        slip = self._pay(
            self.bill,
            300,
            source="client_account",
            client_journal_id=self.client_bank.id,
            role="client_account_officer",
        )
        movement = slip.trust_transaction_ids
        self.assertEqual(
            movement.description, f"Transfer to office: {self.bill.name}: cheque 7"
        )

    def test_a_transfer_makes_an_office_and_a_client_entry(self):
        self._deposit(500)
        payment = self._create_payment(
            self.bill,
            300,
            role="client_account_officer",
            source="client_account",
            client_journal_id=self.client_bank.id,
        )
        payment.action_post()
        self.assertLines(
            payment.move_id,
            [
                (
                    self.outstanding,
                    self.client,
                    self.env["project.project"],
                    f"{payment.name}: {self.bill.name}: cheque 7",
                    300.0,
                    0.0,
                ),
                (
                    self.receivable,
                    self.client,
                    self.matter,
                    self.bill.name,
                    0.0,
                    300.0,
                ),
            ],
        )
        client_entry = payment.trust_transaction_ids.move_id
        self.assertEqual(len(client_entry), 1)
        self.assertEqual(client_entry.journal_id, self.client_bank)
        trust_account = self.company.legal_trust_account_id
        self.assertEqual(
            [
                (line.debit, line.matter_id)
                for line in client_entry.line_ids
                if line.account_id == trust_account
            ],
            [(300.0, self.matter)],
        )
        self.assertRecordValues(
            self.bill, [{"amount_residual": 0.0, "payment_state": "paid"}]
        )
        self.assertEqual(self.matter.client_account_balance, 200.0)

    def test_a_reversal_gives_the_money_back_to_the_matter(self):
        self._deposit(500)
        payment = self._create_payment(
            self.bill,
            300,
            role="manager",
            source="client_account",
            client_journal_id=self.client_bank.id,
        )
        payment.action_post()
        payment.action_reverse("wrong bill", "correction")
        self.assertEqual(self.bill.amount_residual, 300.0)
        self.matter.invalidate_recordset()
        self.assertEqual(self.matter.client_account_balance, 500.0)

    def test_who_changes_a_row_prepared_the_payment(self):
        """A second person who edits the row behind the slip's back is the first."""
        self.company.legal_trust_dual_approval = True
        self._deposit_by_two(500)
        payment = self._create_payment(
            self.bill,
            200,
            role="client_account_officer",
            source="client_account",
            client_journal_id=self.client_bank.id,
        )
        second = self._as(payment, "manager")
        second.allocation_ids.amount = 200.0
        self.assertEqual(payment.client_money_prepared_by_id, self.manager)
        with self.assertRaisesRegex(TrustApprovalError, "needs two people"):
            second.action_post()

    def _deposit_by_two(self, amount):
        deposit = self._as(
            self.env["legal.trust.transaction"], "client_account_officer"
        ).create(
            {
                "kind": "deposit",
                "matter_id": self.matter.id,
                "amount": amount,
                "date": DAY,
                "journal_id": self.client_bank.id,
            }
        )
        deposit.action_submit()
        self._as(deposit, "manager").action_post()

    def test_what_client_money_may_pay_is_proposed(self):
        """Only delivered bills, less what is disputed; from the account it is in."""
        self._deposit(500)
        later = self._create_bill(200)  # not delivered
        office = self._as(self.env["account.journal"], "client_account_officer")
        form = Form(self._as(self.env["legal.payment"], "client_account_officer"))
        form.source = "client_account"
        domain = safe_eval(
            form._view["fields"]["client_journal_id"]["domain"],
            form._get_eval_context(),
        )
        self.assertEqual(office.search(domain), self.client_bank)
        form.matter_id = self.matter
        self.assertEqual(form.client_journal_id, self.client_bank)
        open_amount = self.bill.amount_residual
        self.assertEqual(
            (form.available_amount, form.amount), (500.0, min(500.0, open_amount))
        )
        slip = form.save()
        slip.action_add_bills()
        slip.allocation_ids.filtered(lambda row: row.bill_id == later).unlink()
        slip.action_apply_rule()
        slip.action_post()
        self.assertEqual(self.bill.amount_residual, open_amount - slip.amount)
        self.assertEqual(later.amount_residual, 200.0)
