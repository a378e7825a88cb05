from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import PaymentError, StatementError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestPaymentShares(LegalBillingCommon):
    """Who pays what of one bill that names its payers, whichever window did it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer = cls.env["res.partner"].create(
            {"name": "Insurer", "is_company": True}
        )
        cls.matter = cls._create_matter(
            split_mode="shares",
            payer_ids=[
                Command.create(
                    {
                        "partner_id": cls.client.id,
                        "share_type": "amount",
                        "value": 250,
                        "bears_tax": True,
                    }
                ),
                Command.create(
                    {"partner_id": cls.insurer.id, "share_type": "remainder"}
                ),
            ],
        )
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.bank = cls.company_data["default_journal_bank"]

    def setUp(self):
        super().setUp()
        self.bill = self._approve(self._make_bill())

    def _make_bill(self):
        self._create_time(self.matter, 10, employee_id=self.associate.id)
        return self._bill(self.matter)

    def _slip(self, partner, amount, **vals):
        """A slip of this payer with the bills that are found for him.

        :rtype: legal.payment
        """
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {
                "received_from_id": partner.id,
                "amount": amount,
                "date": "2026-11-02",
                **vals,
            }
        )
        slip.action_add_bills()
        return slip

    def assertPaid(self, *expected, bill=None):
        """What is paid of the shares; they add up to what is paid of the bill."""
        bill = bill or self.bill
        bill.payer_share_ids.invalidate_recordset()
        self.assertEqual(
            [round(row.paid_amount, 2) for row in bill.payer_share_ids], list(expected)
        )
        owed = sum(bill.payer_share_ids.mapped("amount"))
        self.assertEqual(
            bill.currency_id.compare_amounts(
                owed - sum(expected), bill.amount_residual
            ),
            0,
        )

    def test_insurer_pays_its_share(self):
        """The slip finds the bill by the insurer, and offers the share."""
        slip = self._slip(self.insurer, 1750)
        row = slip.allocation_ids
        self.assertEqual(row.bill_id, self.bill)
        self.assertEqual(row.outstanding_amount, 2400)
        self.assertEqual(row.payable_amount, 1750)
        self.assertIn("share of Insurer", row.payable_note)
        self.assertEqual(row.amount, 1750)
        slip.action_post()
        self.assertPaid(0, 1750)
        self.assertEqual(self.bill.amount_residual, 650)
        outstanding = slip.account_payment_id.outstanding_account_id
        self.assertItems(
            slip.move_id, [(outstanding, 1750.0, 0), (self.receivable, 0, 1750.0)]
        )
        own = self.bill.line_ids.filtered(lambda x: x.account_id == self.receivable)
        self.assertEqual((own.partner_id, own.amount_residual), (self.client, 650))
        # nothing is left of the insurer's: the bill is not offered again
        again = self._as(self.env["legal.payment"], "cashier").create(
            {"received_from_id": self.insurer.id, "amount": 10}
        )
        again.action_add_bills()
        self.assertFalse(again.allocation_ids)
        # the rest is the client's
        self._slip(self.client, 650).action_post()
        self.assertPaid(650, 1750)
        self.assertEqual(self.bill.payment_state, "paid")

    def test_more_than_the_share_is_a_credit(self):
        """By the rule nobody pays more than the own share; a typed surplus becomes a
        credit of the matter, or is refused where the rule makes no credits."""
        slip = self._slip(self.client, 1000)
        self.assertEqual(slip.allocation_ids[0].amount, 650)
        slip.payment_rule_id = slip.payment_rule_id.sudo().copy(
            {"allow_overpayment": False}
        )
        slip.action_clear()
        slip.allocation_ids.filtered("bill_id").amount = 1000
        slip.action_keep_amounts()
        with (
            self.assertRaisesRegex(PaymentError, "share of Client"),
            self.env.cr.savepoint(),
        ):
            slip.action_post()
        slip.payment_rule_id.sudo().allow_overpayment = True
        slip.action_post()
        self.assertPaid(650, 0)
        self.assertEqual(self.matter.unallocated_credit_balance, 350)
        # the credit of the matter may pay the others, because somebody says so
        slip = self.env["legal.payment"].browse(
            self._as(self.matter, "cashier").action_use_credits()["res_id"]
        )
        self._as(slip, "cashier").action_apply_rule()
        self._as(slip, "cashier").action_post()
        self.assertPaid(650, 350)

    def test_undone_by_effect(self):
        """A slip that is reversed, and a match that is removed by hand, give back."""
        slip = self._slip(self.insurer, 1000)
        slip.action_post()
        self.assertPaid(0, 1000)
        self._as(slip, "manager").action_reverse("Sent by mistake", "correction")
        self.assertPaid(0, 0)
        self.assertEqual(
            self._slip(self.insurer, 5).allocation_ids.payable_amount, 1750
        )

    def test_core_payment_counts_for_who_paid(self):
        """Odoo's own payment of the client pays the client's share, and what exceeds it
        the insurer's; removing the match gives back."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.bill.ids
        ).create({"amount": 1000, "journal_id": self.bank.id})._create_payments()
        self.assertPaid(650, 350)
        line = self.bill.line_ids.filtered(lambda x: x.account_id == self.receivable)
        line.remove_move_reconcile()
        self.assertPaid(0, 0)

    def test_statement_line_counts_for_whom_it_names(self):
        """A transfer of the insurer, matched with the bill in core's way."""
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "payment_ref": self.bill.name,
                "partner_id": self.insurer.id,
                "amount": 500,
                "date": "2026-11-02",
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = self.receivable
        bill_line = self.bill.line_ids.filtered(
            lambda x: x.account_id == self.receivable
        )
        (suspense | bill_line).reconcile()
        self.assertPaid(0, 500)

    def test_credits_lower_all_shares(self):
        """In part in proportion, in full to nothing."""
        action = self._as(self.bill, "approver").action_open_credit()
        window = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        window.write({"reason": "Goodwill", "date": "2026-11-02"})
        window.line_ids[0].amount = 200
        window.action_credit()
        self.bill.payer_share_ids.invalidate_recordset()
        self.assertEqual(self.bill.payer_share_ids.mapped("amount"), [585, 1575])
        self.assertPaid(0, 0)
        bill = self._approve(self._make_bill())
        self._as(bill, "approver").action_credit_and_rebill()
        bill.payer_share_ids.invalidate_recordset()
        self.assertEqual(bill.payer_share_ids.mapped("amount"), [0, 0])
        self.assertPaid(0, 0, bill=bill)

    def test_drafts_of_both_payers_hold_their_own(self):
        """What the client's draft holds is not the insurer's."""
        self._slip(self.client, 650)
        slip = self._slip(self.insurer, 1750)
        self.assertEqual(slip.allocation_ids.amount, 1750)
        other = self._slip(self.insurer, 1750)
        self.assertEqual(other.allocation_ids.payable_amount, 0)

    def test_button_of_the_bill_proposes_the_clients_share(self):
        slip = self.env["legal.payment"].browse(
            self._as(self.bill, "cashier").action_create_payment()["res_id"]
        )
        self.assertEqual((slip.received_from_id, slip.amount), (self.client, 650))

    def test_advice_of_the_insurer(self):
        """A remittance advice lists the bill with the share."""
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {"received_from_id": self.insurer.id, "amount": 1750}
        )
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": slip.id, "text": f"{self.bill.name}\t1750.00"}
        )
        window.action_read()
        self.assertEqual(window.line_ids.bill_id, self.bill)
        self.assertEqual(window.line_ids.status, "ok")
        window.action_apply()
        self.assertEqual(slip.allocation_ids.amount, 1750)

    # --- what each of them owes

    def _get_statements(self, records):
        action = self._as(records, "cashier").action_open_statement()
        window = self._as(self.env[action["res_model"]], "cashier").browse(
            action["res_id"]
        )
        return {
            line.partner_id: [(row["open"], row["total"]) for row in line._get_rows()]
            for line in window.line_ids
        }

    def test_statements_say_the_own_share(self):
        """Of ticked bills one statement for each payer; of a payer his own alone, and
        none of what he has paid."""
        self.assertEqual(
            self._get_statements(self.bill),
            {self.client: [(650, 650)], self.insurer: [(1750, 1750)]},
        )
        self.assertEqual(
            self._get_statements(self.insurer), {self.insurer: [(1750, 1750)]}
        )
        self.assertEqual(self._get_statements(self.client), {self.client: [(650, 650)]})
        self.assertTrue(self.insurer.has_open_bills)
        self._slip(self.insurer, 1000).action_post()
        self.assertEqual(
            self._get_statements(self.bill),
            {self.client: [(650, 650)], self.insurer: [(750, 1750)]},
        )
        self._slip(self.client, 650).action_post()
        self.assertEqual(self._get_statements(self.bill), {self.insurer: [(750, 1750)]})
        with (
            self.assertRaisesRegex(StatementError, "nothing to state"),
            self.env.cr.savepoint(),
        ):
            self._get_statements(self.client)

    def test_client_money_pays_the_clients_share(self):
        self._as(self.bill, "biller").action_produce_without_sending(
            sent_on="2026-11-01"
        )
        unpaid = self.matter._get_delivered_unpaid()
        self.assertEqual(list(unpaid.values()), [650])

    def test_of_a_firm_and_its_people(self):
        """A claims handler of the insurer pays the insurer's share."""
        handler = self.env["res.partner"].create(
            {"name": "Handler", "parent_id": self.insurer.id}
        )
        slip = self._slip(handler, 1750)
        self.assertEqual(slip.allocation_ids.payable_amount, 1750)
        slip.action_post()
        self.assertPaid(0, 1750)

    def test_few_queries_for_many(self):
        """As many queries for the shares of ten bills as of two."""
        found = {}
        for count in (1, 2, 10):
            bills = self.env["account.move"].union(
                *(self._approve(self._make_bill()) for _number in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bills.payer_share_ids.mapped("open_amount")
            shown = self.env.cr.sql_log_count - before
            slip = self._slip(self.insurer, 1)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            slip.allocation_ids.mapped("payable_amount")
            found[count] = shown, self.env.cr.sql_log_count - before
        self.assertEqual(found[2], found[10])
