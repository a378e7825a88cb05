from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import (
    CreditError,
    PaymentError,
    RoleError,
    TrustBillError,
    UndoError,
)
from .trust_common import TrustCommon

PAY = (
    "INSERT INTO legal_trust_bill (transaction_id, bill_id, amount, company_id) "
    "VALUES (%s, %s, %s, %s)"
)


@tagged("post_install", "-at_install")
class TestTrustTogether(TrustCommon):
    """Client money of a matter pays that matter's own open part of a bill over several,
    and not a cent more (C-32): by slips, by runs, in the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.legal_bill_together = True
        (cls.matter | cls.matter_b).bill_together = True
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.outstanding = (
            cls.office_bank.inbound_payment_method_line_ids.payment_account_id
        )

    def setUp(self):
        super().setUp()
        self._book("deposit", 500.0)
        self.bill = self._make_joint_bill()

    def _make_joint_bill(self):
        """360.00 of the one matter, 720.00 of the other, delivered."""
        self._create_time(self.matter, hours=1.0)
        self._create_time(self.matter_b, hours=2.0)
        bill = self._approve(
            self._bill(self.matter | self.matter_b, invoice_date="2026-10-31")
        )
        self._deliver(bill)
        return bill

    def _open_parts(self):
        parts = self.bill._get_open_of_matters()[self.bill.id]
        return tuple(float(parts[m]) for m in (self.matter, self.matter_b))

    def _make_run(self):
        run = self._as(self.env["legal.trust.run"], "client_account_officer").create(
            {
                "client_journal_id": self.client_bank.id,
                "office_journal_id": self.office_bank.id,
                "date": "2026-11-10",
            }
        )
        run.action_load()
        return run

    def test_a_slip_pays_the_part(self):
        """Every item of both entries; reversed, it is the matter's money again, and pays
        again."""
        self.assertTrue(self.bill.is_together)
        self.assertEqual(
            self.bill.matter_parts,
            {str(self.matter.id): 360.0, str(self.matter_b.id): 720.0},
        )
        for _round in range(2):
            slip = self._pay({self.bill: 360.0}, matter_id=self.matter.id)
            self.assertEqual(slip.allocation_ids.matter_id, self.matter)
            self.assertEqual(slip.allocation_ids.outstanding_amount, 360.0)
            slip.action_post()
            self.assertItems(
                slip.move_id,
                [(self.outstanding, 360.0, 0), (self.receivable, 0, 360.0)],
            )
            movement = slip.trust_transaction_ids
            self.assertItems(
                movement.move_id,
                [(self.liability, 360.0, 0), (self.payments, 0, 360.0)],
            )
            self.assertEqual(movement.matter_id, self.matter)
            self.assertHeld(140.0)
            self.assertEqual(self._open_parts(), (0.0, 720.0))
            self.assertEqual(self.matter_b.unpaid_amount, 720.0)
            with self.assertRefused("client money", UndoError):
                self._as(self.bill, "manager").action_revert_bills()
            slip.action_reverse("By mistake", "correction")
            self.assertHeld(500.0)
            self.assertEqual(self._open_parts(), (360.0, 720.0))

    def test_the_button_proposes_the_part(self):
        """*Transfer* on the matter; its money and its part, whichever is less."""
        action = self._as(self.matter, "client_account_officer")
        action = action.action_transfer_client_money()
        slip = self.env["legal.payment"].browse(action["res_id"])
        self.assertEqual((slip.amount, slip.allocation_ids.amount), (360.0, 360.0))
        balance = self.matter.trust_balance_ids
        self.assertEqual(
            (balance.unpaid_amount, balance.transferable_amount), (360, 360)
        )

    def test_totals_are_those_of_the_rows(self):
        """The strip above the balances adds up what their rows say."""
        self.env.flush_all()
        balances = self._as(self.env["legal.trust.balance"], "client_account_officer")
        strip = balances.get_trust_strip([("matter_id", "=", self.matter.id)])
        self.assertRegex(strip["available_amount"], r"500\.00")
        self.assertRegex(strip["transferable_amount"], r"360\.00")

    def test_a_cent_more_is_refused(self):
        """The refusal names the matter, what is open of its part, and the way out; a slip
        that names no matter, or pays another's part, is refused as well."""
        with self.assertRefused(
            "360.00 that is open of the part of.*Sale", PaymentError
        ):
            self._pay({self.bill: 360.01}, matter_id=self.matter.id)
        with self.assertRefused("of the matter that the payment names", CreditError):
            self._pay({self.bill: 360.0}).action_post()
        foreign = self._pay({self.bill: 100.0}, matter_id=self.matter.id)
        foreign.allocation_ids.matter_id = self.matter_b
        with self.assertRefused("belongs to one matter", CreditError):
            foreign.action_post()
        with self.assertRefused("Client money cannot pay", TrustBillError):
            foreign._internal()._take_client_money()
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            self._as(self.matter, "cashier").action_transfer_client_money()
        self.assertEqual(self.bill.amount_residual, 1080.0)
        self.assertHeld(500.0)

    def test_disputed_money_stays(self):
        """What is disputed of the bill is paid by nobody's client money."""
        self.bill.disputed_amount = 800.0
        with self.assertRefused(
            "280.00 that .* has to pay|280.00 is payable", Exception
        ):
            self._pay({self.bill: 280.01}, matter_id=self.matter.id).action_post()
        self._pay({self.bill: 280.0}, matter_id=self.matter.id).action_post()
        self.assertEqual(self._open_parts(), (80.0, 720.0))

    def test_a_run_pays_the_parts(self):
        """Of each matter that holds money, one payment each; the bill is paid by both."""
        self._book("deposit", 1000.0, matter_id=self.matter_b.id)
        run = self._make_run()
        self.assertEqual(
            {line.matter_id: line.amount for line in run.line_ids},
            {self.matter: 360.0, self.matter_b: 720.0},
        )
        self.assertEqual(run.line_ids.bill_id, self.bill)
        run.action_post()
        self.assertEqual(set(run.line_ids.mapped("state")), {"done"})
        self.assertEqual(self.bill.amount_residual, 0.0)
        self.assertHeld(140.0)
        self.assertHeld(280.0, self.matter_b)

    def test_a_run_leaves_what_drafts_hold(self):
        """A draft for one matter's part holds nothing of the other's."""
        self._book("deposit", 1000.0, matter_id=self.matter_b.id)
        self._pay({self.bill: 300.0}, matter_id=self.matter.id)
        run = self._make_run()
        self.assertEqual(
            {line.matter_id: line.amount for line in run.line_ids},
            {self.matter: 60.0, self.matter_b: 720.0},
        )

    def test_a_payer_who_is_not_the_client(self):
        """Each matter's own client is asked: a group's head pays, its daughter's money
        is used on the daughter's authority only."""
        head = self.env["res.partner"].create(
            {"name": "Head of the group", "legal_bill_together": True}
        )
        matters = self.matter | self.matter_other
        matters.write(
            {
                "billing_partner_id": head.id,
                "bill_recipient_ids": [Command.set(head.ids)],
                "bill_together": True,
            }
        )
        self._create_time(self.matter, hours=1.0)
        self._create_time(self.matter_other, hours=1.0)
        bill = self._approve(self._bill(matters, invoice_date="2026-10-31"))
        self.assertTrue(bill.is_together)
        self._deliver(bill)
        slip = self._pay({bill: 100.0}, matter_id=self.matter.id)
        self.assertTrue(slip.has_third_party_bill)
        with self.assertRefused("addressed to Head of the group", TrustBillError):
            slip.action_post()
        slip.client_authorisation = "Letter of 1 November"
        slip.action_post()
        self.assertHeld(400.0)

    def test_the_database_holds_it(self):
        """By SQL, too: another matter's bill, a cent above the part, a cent after it was
        paid; the part itself passes."""
        bill, other = self._make_joint_bill(), self._make_joint_bill()
        self._book("deposit", 1000.0)
        slip = self._pay({self.bill: 360.0}, matter_id=self.matter.id)
        slip.action_post()
        movement = slip.trust_transaction_ids
        company = self.company.id
        refused = "the part of matter .* is 360"
        self.assertSqlRefused(PAY, refused, movement.id, bill.id, 360.01, company)
        self.env.flush_all()
        self.env.cr.execute(PAY, (movement.id, bill.id, 360.0, company))
        foreign = self._make_bill(self.matter_b)
        self.assertSqlRefused(
            PAY, "is not of matter", movement.id, foreign.id, 1.0, company
        )
        # by a second movement, after the first has paid all of it
        second = self._pay({other: 100.0}, matter_id=self.matter.id)
        second.action_post()
        second = second.trust_transaction_ids
        self.assertSqlRefused(
            PAY, "of which 360.* is paid", second.id, self.bill.id, 0.01, company
        )
        # a credit note of the matter counts as well
        rows = {row["matter"]: row["key"] for row in bill._get_credit_rows()}
        third = self._make_joint_bill()
        rows = {row["matter"]: row["key"] for row in third._get_credit_rows()}
        self._as(third, "approver")._credit_parts(
            {rows[self.matter]: 100.0}, "Goodwill", date(2026, 11, 5)
        )
        self.assertSqlRefused(
            PAY, "of which 120.* is paid", second.id, third.id, 240.01, company
        )
        self.env.flush_all()
        self.env.cr.execute(PAY, (second.id, third.id, 240.0, company))

    def test_nobody_writes_the_parts(self):
        """They are those of the approved bill, and gone when it is a draft again."""
        with self.assertRefused("set by the billing actions|not allowed"):
            self._as(self.bill, "biller").write({"matter_parts": {"1": 9999.0}})
        self.bill._internal().write({"delivered_on": False, "produced_on": False})
        self._as(self.bill, "manager").action_revert_bills()
        self.assertFalse(self.bill.matter_parts)

    def test_query_counts(self):
        """What a run proposes takes as many queries for 100 bills as for 10."""
        counts = []
        self._book("deposit", 90000.0)
        for number in (10, 90):
            self._make_hand_bills(number)
            self.env.invalidate_all()
            run = self._as(self.env["legal.trust.run"], "client_account_officer").new(
                {
                    "client_journal_id": self.client_bank.id,
                    "office_journal_id": self.office_bank.id,
                    "date": date(2026, 11, 10),
                }
            )
            run._prepare_line_vals_list()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = run._prepare_line_vals_list()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(found), 101)
        self.assertLessEqual(counts[1], counts[0])

    def _make_hand_bills(self, number):
        bills = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.client.id,
                    "invoice_date": date(2026, 10, 1),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Advice",
                                "quantity": 1,
                                "price_unit": 100.0,
                                "tax_ids": [Command.clear()],
                                "matter_id": matter.id,
                                "bill_element": "fees",
                            }
                        )
                        for matter in (self.matter, self.matter_b)
                    ],
                }
                for _number in range(number)
            ]
        )
        bills.action_post()
        self._deliver(bills)
        return bills
