from datetime import date, timedelta

from odoo import fields
from odoo.fields import Command, Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ...exceptions import CreditError, PaymentError, RoleError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentCredit(PaymentCommon):
    """Unallocated credits: where they are seen, in which currency, where they go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_matter(name="Second matter")
        cls.euro = cls.setup_other_currency(
            "EUR", rates=[("2026-10-01", 2.0), ("2026-11-01", 4.0)]
        )

    def _create_euro_credit(self, matter, amount):
        return self._create_credit(matter, amount, currency_id=self.euro.id)

    def test_figures_of_matter_and_client_convert_each_currency(self):
        """100.00 $ and 40.00 € at 4 € to the dollar are 110.00 $: not what the credit
        was booked at, and never the sum of two currencies."""
        self._create_credit(self.matter, 100)
        self._create_euro_credit(self.second, 40)
        today = fields.Date.context_today(self.client)
        rate = self.env["res.currency"]._get_conversion_rate(
            self.euro, self.company.currency_id, self.company, today
        )
        euros = self.company.currency_id.round(40 * rate)
        client = self.client.with_company(self.company)
        self.assertEqual(client.unallocated_credit_balance, 100.0 + euros)
        self.assertEqual(self.matter.unallocated_credit_balance, 100.0)
        self.assertEqual(self.second.unallocated_credit_balance, euros)

    def test_a_credit_is_used_and_refunded_in_its_own_currency(self):
        self._create_euro_credit(self.second, 40)
        bill = self._create_bill({"fees": 100}, self.second, currency_id=self.euro.id)
        action = self._as(self.second, "cashier").action_use_credits()
        slip = self.env["legal.payment"].browse(action["res_id"])
        self.assertEqual((slip.currency_id, slip.amount), (self.euro, 40.0))
        slip.allocation_ids.write({"amount": 15})
        slip.amount = 15
        slip.action_post()
        self.assertEqual(bill.amount_residual, 85.0)
        wizard = (
            self._as(self.env["legal.payment.credit"], "cashier")
            .with_context(active_model="project.project", active_ids=self.second.ids)
            .create({"reason": "end of the matter", "journal_id": self.bank.id})
        )
        self.assertEqual((wizard.currency_id, wizard.amount), (self.euro, 25.0))
        refund = self.env["legal.payment"].browse(wizard.action_confirm()["res_id"])
        items = refund.move_id.line_ids.filtered(
            lambda line: line.account_id == self.credit_account
        )
        self.assertEqual(items.amount_currency, 25.0)
        self.assertFalse(self.second._get_open_credits(self.euro))

    def test_a_credit_is_refunded_at_the_rate_of_the_day(self):
        """100.00 € came in at 4.0 and go out at 1.25: the credit is used up, and the
        loss is Odoo's own entry."""
        self.euro.rate_ids = [
            Command.create(
                {"name": "2026-11-10", "rate": 1.25, "company_id": self.company.id}
            )
        ]
        slip = self._create_euro_credit(self.second, 100)
        made = slip.move_id.line_ids.filtered(
            lambda line: line.account_id == self.credit_account
        )
        refund = self._create_payment(
            self.env["account.move"],
            100,
            direction="out",
            currency_id=self.euro.id,
            date=date(2026, 11, 12),
            allocation_ids=[self._create_row(self.second, 100)],
        )
        refund.action_post()
        paid_from = self.bank.outbound_payment_method_line_ids.payment_account_id
        self.assertItems(
            refund.move_id, [(self.credit_account, 80.0, 0.0), (paid_from, 0.0, 80.0)]
        )
        self.assertItems(
            made.matched_debit_ids.exchange_move_id,
            [
                (self.credit_account, 0.0, 55.0),
                (self.company.expense_currency_exchange_account_id, 55.0, 0.0),
            ],
        )
        self.assertTrue(made.reconciled)
        self.assertFalse(self.second._get_open_credits(self.euro))

    def _create_row(self, matter, amount):
        return Command.create(
            {"kind": "credit", "matter_id": matter.id, "amount": amount}
        )

    def test_a_credit_is_not_refunded_twice_by_two_rows(self):
        self._create_credit(self.matter, 100)
        refund = self._create_payment(
            self.env["account.move"],
            160,
            direction="out",
            allocation_ids=[self._create_row(self.matter, 80) for _row in range(2)],
        )
        with self.assertRaisesRegex(PaymentError, "has 2 credit rows"):
            refund.action_post()
        self.assertEqual(self.matter.unallocated_credit_balance, 100.0)

    def test_a_credit_row_with_a_bill_is_refused(self):
        bill = self._create_bill({"fees": 100})
        slip = self._create_payment(
            self.env["account.move"],
            100,
            allocation_ids=[self._create_row(self.matter, 100)],
        )
        slip.allocation_ids.write({"bill_id": bill.id, "kind": "credit"})
        with self.assertRaisesRegex(PaymentError, "of a matter, not of a bill"):
            slip.action_post()
        self.assertEqual(bill.amount_residual, 100.0)

    def test_the_list_tells_age_matter_client_and_maker(self):
        slip = self._create_credit(self.matter, 100)
        self._create_credit(self.second, 50)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.unallocated_credit_action"
        )
        action["domain"] = safe_eval(action["domain"])
        lines = self._as(self.env["account.move.line"], "cashier")
        credits = lines.search(action["domain"])
        self.assertEqual(len(credits), 2)
        self.assertEqual(set(credits.mapped("is_open_credit")), {True})
        others = lines.search([("is_open_credit", "=", False)])
        self.assertNotIn(True, others.mapped("is_open_credit"))
        self.assertEqual(len(credits) + len(others), lines.search_count([]))
        row = credits.filtered(lambda line: line.matter_id == self.matter)
        today = fields.Date.context_today(row)
        self.assertEqual(row.credit_age, (today - DAY).days)
        self.assertEqual(row.credit_open_amount, 100.0)
        self.assertEqual(row.credit_client_id, self.client)
        self.assertEqual(row.legal_payment_id, slip)
        groups = credits.formatted_read_group(
            Domain(action["domain"]), ["credit_client_id"], ["__count"]
        )
        self.assertEqual([group["__count"] for group in groups], [2])
        old = Domain(action["domain"]) & Domain("date", "<", today - timedelta(days=90))
        self.assertFalse(credits.search(old) if today == DAY else credits.browse())
        # a lawyer of the matter gets a page, too, and nothing that he may not read
        page = self._as(self.matter, "reviewer").action_open_unallocated_credits()
        items = self._as(self.env["account.move.line"], "reviewer")
        items.search(page["domain"]).read(["display_name"])
        of_matter = self._as(self.matter, "cashier").action_open_unallocated_credits()
        self.assertEqual(credits.search(of_matter["domain"]), row)
        of_client = self._as(self.client, "cashier").action_open_unallocated_credits()
        self.assertEqual(credits.search(of_client["domain"]), credits)

    def test_a_credit_moves_to_the_client_account(self):
        client_bank = self.env["account.journal"].create(
            {
                "name": "Client bank",
                "type": "bank",
                "code": "CLB",
                "company_id": self.company.id,
                "is_client_account": True,
            }
        )
        self._create_credit(self.matter, 100)
        vals = {
            "matter_id": self.matter.id,
            "currency_id": self.company.currency_id.id,
            "operation": "client_account",
            "amount": 60,
            "journal_id": self.bank.id,
            "client_journal_id": client_bank.id,
            "reason": "costs on account",
        }
        wizard = self._as(self.env["legal.payment.credit"], "cashier").create(vals)
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            wizard.action_confirm()
        self.assertEqual(self.matter.unallocated_credit_balance, 100.0)
        self.cashier.group_ids += self.env.ref(
            "legal_billing.legal_billing_group_client_account_officer"
        )
        wizard = self._as(self.env["legal.payment.credit"], "cashier").create(vals)
        slip = self.env["legal.payment"].browse(wizard.action_confirm()["res_id"])
        paid_from = self.bank.outbound_payment_method_line_ids.payment_account_id
        self.assertItems(
            slip.move_id, [(self.credit_account, 60.0, 0.0), (paid_from, 0.0, 60.0)]
        )
        deposit = self.env["legal.trust.transaction"].search(
            [("matter_id", "=", self.matter.id)]
        )
        self.assertItems(
            deposit.move_id,
            [
                (client_bank._get_client_outstanding_account("inbound"), 60.0, 0.0),
                (self.company._get_legal_trust_account(), 0.0, 60.0),
            ],
        )
        self.assertIn(slip.name, deposit.memo)
        self.matter.invalidate_recordset()
        self.assertEqual(self.matter.unallocated_credit_balance, 40.0)
        self.assertEqual(self.matter.client_account_balance, 60.0)

    def test_a_credit_moves_to_a_client_account_of_its_currency_only(self):
        client_bank = self.env["account.journal"].create(
            {
                "name": "Client bank",
                "type": "bank",
                "code": "CLB",
                "company_id": self.company.id,
                "is_client_account": True,
            }
        )
        self._create_euro_credit(self.matter, 100)
        self.cashier.group_ids += self.env.ref(
            "legal_billing.legal_billing_group_client_account_officer"
        )
        window = self._as(self.env["legal.payment.credit"], "cashier").create(
            {
                "matter_id": self.matter.id,
                "currency_id": self.euro.id,
                "operation": "client_account",
                "amount": 100,
                "journal_id": self.bank.id,
                "client_journal_id": client_bank.id,
                "reason": "held for the client",
            }
        )
        with self.assertRaisesRegex(CreditError, "is in EUR and Client bank in USD"):
            window.action_confirm()
        self.assertEqual(len(self.matter._get_open_credits(self.euro)), 1)
        self.assertFalse(self.matter.client_account_balance)

    def test_credits_of_two_matters_are_not_refunded_as_one(self):
        self._create_credit(self.matter, 100)
        self._create_credit(self.second, 50)
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.credit_account.id), ("reconciled", "=", False)]
        )
        wizards = self._as(self.env["legal.payment.credit"], "cashier")
        with self.assertRaisesRegex(CreditError, "one matter and one currency"):
            wizards.with_context(
                active_model="account.move.line", active_ids=lines.ids
            ).create({"reason": "x"})

    def test_a_credit_is_not_used_above_what_is_open_by_rpc_either(self):
        self._create_credit(self.matter, 100)
        bill = self._create_bill({"fees": 300})
        slip = self._create_payment(
            bill, 150, source="unallocated", matter_id=self.matter.id
        )
        with self.assertRaisesRegex(CreditError, "150.00 cannot be taken"):
            slip.action_post()
        self.assertEqual(bill.amount_residual, 300.0)

    def test_without_a_payer_it_is_the_one_who_is_billed_for_the_matter(self):
        self._create_credit(self.matter, 100, received_from_id=False)
        payment = self.env["legal.payment"].search([], order="id desc", limit=1)
        self.assertEqual(payment.received_from_id, self.client)
        refund = self._create_refund(self.matter)
        refund.action_post()
        self.assertEqual(refund.received_from_id, self.client)
        self.assertRecordValues(
            refund.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.bank.outbound_payment_method_line_ids[
                        :1
                    ].payment_account_id.id,
                    "partner_id": self.client.id,
                    "matter_id": False,
                    "balance": -40.0,
                },
                {
                    "account_id": self.credit_account.id,
                    "partner_id": self.client.id,
                    "matter_id": self.matter.id,
                    "balance": 40.0,
                },
            ],
        )

    def test_nobody_to_refund_is_told(self):
        self._create_credit(self.matter, 100)
        homeless = self._create_matter(name="No client", partner_id=False)
        refund = self._create_refund(homeless)
        with self.assertRaisesRegex(PaymentError, "choose who the money goes to"):
            refund.action_post()

    def _create_refund(self, matter):
        return self._create_payment(
            self.env["account.move"],
            40,
            direction="out",
            received_from_id=False,
            matter_id=matter.id,
            allocation_ids=[
                Command.create({"kind": "credit", "matter_id": matter.id, "amount": 40})
            ],
        )
