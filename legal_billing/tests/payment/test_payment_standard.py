from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.account_payment.models.payment_transaction import PaymentTransaction

from ...exceptions import CreditError, PaymentGuardError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentStandard(PaymentCommon):
    """What accountants do in Odoo itself works on bills of matters and on payments of
    ours (rule: an accountant never has to learn our pages)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a = cls._create_bill({"disbursement_exempt": 100, "fees": 370})
        cls.b = cls._create_bill({"fees": 540})
        cls.other_matter = cls._create_matter(name="Divorce")
        cls.c = cls._create_bill({"fees": 90}, cls.other_matter)

    def _register(self, bills, **vals):
        return (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=bills.ids)
            .create({"payment_date": DAY, **vals})
            ._create_payments()
        )

    def _receivables(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_id == self.receivable)

    def _open_elements(self, bill):
        return {row["element"]: row["outstanding"] for row in bill.element_amounts}

    # --- Register Payment

    def test_register_payment_on_one_bill(self):
        payment = self._register(self.a, amount=170)
        self.assertRecordValues(
            self.a, [{"amount_residual": 300.0, "payment_state": "partial"}]
        )
        self.assertItems(
            payment.move_id,
            [(self.outstanding, 170.0, 0.0), (self.receivable, 0.0, 170.0)],
        )
        self.assertEqual(
            self._open_elements(self.a), {"disbursement_exempt": 0.0, "fees": 300.0}
        )
        slip = self._pay(self.a, 300)
        self.assertEqual(self.a.payment_state, self.a._get_invoice_in_payment_state())
        self.assertEqual(slip.allocation_ids.final_outstanding, 300.0)

    def test_register_one_payment_on_many_bills_of_two_matters(self):
        payment = self._register(self.a + self.b + self.c, group_payment=True)
        self.assertEqual(payment.amount, 1100.0)
        self.assertEqual(
            (self.a + self.b + self.c).mapped("amount_residual"), [0.0] * 3
        )
        self.assertEqual(payment.reconciled_invoices_count, 3)

    def test_register_payment_writes_a_difference_off(self):
        payment = self._register(
            self.a,
            amount=450,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(self.a.amount_residual, 0.0)
        self.assertItems(
            payment.move_id,
            [
                (self.outstanding, 450.0, 0.0),
                (self.company_data["default_account_expense"], 20.0, 0.0),
                (self.receivable, 0.0, 470.0),
            ],
        )

    def test_register_payment_cannot_take_a_matters_credit(self):
        """A credit of one matter is not matched with another's bill by the accountant's
        own list of journal items either."""
        self._create_credit(self.other_matter, 50)
        self._create_credit(self.matter, 50)
        credit = self.env["account.move.line"].search(
            [
                ("matter_id", "=", self.other_matter.id),
                ("balance", "<", 0),
                ("account_id", "=", self.credit_account.id),
            ]
        )
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": DAY,
                "ref": "Credit used by hand",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.credit_account.id,
                            "partner_id": self.client.id,
                            "matter_id": self.matter.id,
                            "debit": 50,
                        }
                    ),
                    Command.create({"account_id": self.receivable.id, "credit": 50}),
                ],
            }
        )
        entry.action_post()
        with self.assertRaisesRegex(CreditError, "does not pay another"):
            (entry.line_ids[0] + credit).reconcile()

    # --- portal

    def _create_transaction(self, bills, amount):
        """An online payment that the provider has confirmed, and that core pays: what
        makes slips of them is an addon of its own."""
        self.patch(
            self.registry["payment.transaction"],
            "_create_payment",
            PaymentTransaction._create_payment,
        )
        provider = self.env["payment.provider"].create(
            {
                "name": "Card",
                "code": "none",
                "state": "test",
                "is_published": True,
                "company_id": self.company.id,
                "payment_method_ids": [
                    Command.create(
                        {
                            "name": "Card",
                            "code": "legal_card",
                            "active": True,
                        }
                    )
                ],
            }
        )
        method_line = self.env["account.payment.method.line"].create(
            {
                "name": "Card",
                "payment_method_id": self.env.ref(
                    "account.account_payment_method_manual_in"
                ).id,
                "journal_id": self.bank.id,
                "payment_account_id": self.outstanding.id,
            }
        )
        method_line.payment_provider_id = provider
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids.id,
                "reference": "portal-1",
                "amount": amount,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.client.id,
                "operation": "online_direct",
                "invoice_ids": [Command.set(bills.ids)],
            }
        )

    def test_a_bill_paid_online_from_the_portal(self):
        transaction = self._create_transaction(self.a, 470.0)
        transaction._set_done()
        transaction._post_process()
        payment = transaction.payment_id
        self.assertEqual(payment.amount, 470.0)
        self.assertEqual(self.a.amount_residual, 0.0)
        self.assertEqual(
            self._open_elements(self.a), {"disbursement_exempt": 0.0, "fees": 0.0}
        )
        self.assertFalse(payment.legal_payment_id)

    def test_a_provider_is_an_agent_of_the_firm(self):
        """Nobody with a role is there when the provider's answer comes in: the bill
        says who settled it, and what is above it is its matter's."""
        self._register(self.a, amount=100)
        transaction = self._create_transaction(self.a, 470.0)
        transaction._set_done()
        visitor = self.env.ref("base.public_user")
        transaction.with_user(visitor).sudo()._post_process()
        self.assertEqual(self.a.amount_residual, 0.0)
        notes = " ".join(str(body) for body in self.a.message_ids.mapped("body"))
        self.assertIn("payment provider Card (portal-1)", notes)
        item = self._receivables(transaction.payment_id.move_id)
        self.assertEqual(item.matter_id, self.a.matter_id)
        self.assertEqual(item.amount_residual, -100.0)

    def test_a_provider_pays_bills_of_two_matters(self):
        transaction = self._create_transaction(self.a + self.c, 560.0)
        transaction._set_done()
        visitor = self.env.ref("base.public_user")
        transaction.with_user(visitor).sudo()._post_process()
        self.assertEqual((self.a + self.c).mapped("amount_residual"), [0.0, 0.0])
        item = self._receivables(transaction.payment_id.move_id)
        self.assertFalse(item.matter_id)

    # --- the bank

    def test_a_statement_line_matches_a_slip(self):
        slip = self._pay(self.a + self.b + self.c, 1100)
        self.assertEqual(slip.bank_status, "open")
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": DAY,
                "payment_ref": "cheque 7",
                "amount": 1100.0,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = self.outstanding
        bank_item = slip.move_id.line_ids.filtered(
            lambda line: line.account_id == self.outstanding
        )
        (suspense + bank_item).reconcile()
        self.assertTrue(statement_line.is_reconciled)
        self.assertTrue(slip.account_payment_id.is_matched)
        self.assertEqual(slip.account_payment_id.state, "paid")
        slip.invalidate_recordset(["bank_status"])
        self.assertEqual(slip.bank_status, "matched")
        self.assertEqual(
            set((self.a + self.b + self.c).mapped("payment_state")), {"paid"}
        )

    # --- the ledgers

    def test_the_partner_ledger_adds_up_bill_by_bill(self):
        """Receivable of the client in the books = open bills less nothing else: each
        bill's payment is on its own line, under its own number."""
        slip = self._pay(self.a + self.b, 600)
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.receivable.id),
                ("partner_id", "=", self.client.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(sum(lines.mapped("balance")), 500.0)
        self.assertEqual(
            sum((self.a + self.b + self.c).mapped("amount_residual")), 500.0
        )
        self.assertEqual(sum(lines.mapped("amount_residual")), 500.0)
        paid = lines.filtered(lambda line: line.move_id == slip.move_id)
        self.assertEqual(
            sorted((line.name, line.credit) for line in paid),
            sorted([(self.a.name, 470.0), (self.b.name, 130.0)]),
        )
        self.assertEqual(slip.move_id.ref, f"{self.a.name}: {self.b.name}: cheque 7")
        self.client.invalidate_recordset(["credit"])
        self.assertEqual(self.client.with_company(self.company).credit, 500.0)

    def test_the_receipt_names_every_bill_and_its_amount(self):
        slip = self._pay(self.a + self.b + self.c, 1100)
        text = (
            self.env["ir.actions.report"]
            ._render_qweb_text(
                "account.report_payment_receipt", slip.account_payment_id.ids
            )[0]
            .decode()
        )
        for bill in self.a + self.b + self.c:
            self.assertIn(bill.name, text)
            self.assertIn(f"{bill.amount_total:,.2f}", text)

    # --- core's widget on the bill

    def test_the_widget_takes_a_payment_of_odoos_own_off_again(self):
        self._register(self.a)
        widget = self.a.invoice_payments_widget["content"]
        self.assertEqual([row["amount"] for row in widget], [470.0])
        self.a.js_remove_outstanding_partial(widget[0]["partial_id"])
        self.assertRecordValues(
            self.a, [{"amount_residual": 470.0, "payment_state": "not_paid"}]
        )

    def test_the_widget_does_not_take_a_slip_off(self):
        slip = self._pay(self.a + self.b, 1010)
        widget = self.a.invoice_payments_widget["content"]
        self.assertEqual([row["amount"] for row in widget], [470.0])
        with self.assertRaisesRegex(PaymentGuardError, slip.name):
            self.a.js_remove_outstanding_partial(widget[0]["partial_id"])
        self.assertEqual((self.a + self.b).mapped("amount_residual"), [0.0, 0.0])

    def test_the_widget_assigns_what_the_client_paid_on_account(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 200,
                "journal_id": self.bank.id,
                "date": DAY,
            }
        )
        payment.action_post()
        content = self.a.invoice_outstanding_credits_debits_widget["content"]
        self.assertEqual([row["amount"] for row in content], [200.0])
        self.a.js_assign_outstanding_line(content[0]["id"])
        self.assertEqual(self.a.amount_residual, 270.0)

    # --- what stays refused

    def test_a_draft_slip_is_not_overtaken_silently(self):
        """Whoever pays in Odoo what a slip had planned: the slip says so at posting."""
        slip = self._create_payment(self.a, 470)
        self._register(self.a, amount=470)
        with self.assertRaisesRegex(UserError, self.a.name):
            slip.action_post()
        self.assertEqual(slip.state, "draft")


@tagged("post_install", "-at_install")
class TestPaymentPortal(PaymentCommon, HttpCase):
    """The client's own page of a bill."""

    def test_the_portal_page_offers_the_bill_for_payment(self):
        bill = self._create_bill({"fees": 470})
        link = (
            self.env["payment.link.wizard"]
            .with_context(active_model="account.move", active_id=bill.id)
            .create({})
        )
        self.assertEqual(link.amount_max, 470.0)
        page = self.url_open(bill.get_portal_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn(bill.name, page.text)
        self.assertIn("470.00", page.text)
        self._pay(bill, 470)
        page = self.url_open(bill.get_portal_url())
        self.assertIn("There is no amount to be paid", page.text)
