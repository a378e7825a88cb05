from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import CreditError, PaymentError, RoleError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentTogether(PaymentCommon):
    """Bills over several matters: paid as a whole from bank and cash, credited by matter;
    money of one matter pays that matter's own open part (C-32)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.legal_bill_together = True
        cls.company.tax_calculation_rounding_method = "round_globally"
        cls.first = cls._create_matter(name="First", matter_number="G-1")
        cls.second = cls._create_matter(name="Second", matter_number="G-2")
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        lines = (
            cls.tax_20.invoice_repartition_line_ids
            | cls.tax_20.refund_repartition_line_ids
        )
        lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.tax_account

    def setUp(self):
        super().setUp()
        for matter, amount in ((self.first, 100.0), (self.second, 250.5)):
            self._create_disbursement(matter, amount, product_id=self.taxed_type.id)
        self.bill = self._approve(self._bill(self.first | self.second))
        self.assertEqual(self.bill.amount_total, 420.6)

    def _open_parts(self):
        return {
            row["matter_id"]: round(row["outstanding"], 2)
            for row in self.bill.element_amounts
        }

    def test_parts_of_the_matters(self):
        """C-32: 120.00 and 300.60, and what is paid is taken off both."""
        self.assertEqual(
            self._open_parts(), {self.first.id: 120.0, self.second.id: 300.6}
        )
        payment = self._pay(self.bill, 210.3)
        self.assertEqual(self.bill.amount_residual, 210.3)
        self.assertEqual(
            self._open_parts(), {self.first.id: 60.0, self.second.id: 150.3}
        )
        self.assertItems(
            payment.move_id,
            [(self.outstanding, 210.3, 0), (self.receivable, 0, 210.3)],
        )
        self._pay(self.bill, 210.3)
        self.assertIn(self.bill.payment_state, ("paid", "in_payment"))
        self.assertEqual(set(self._open_parts().values()), {0.0})

    def test_a_part_of_one_matter_is_credited(self):
        """A partial credit is of the matter whose part it is, and taken off it alone."""
        action = self._as(self.bill, "approver").action_open_credit()
        window = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        window.write({"reason": "Goodwill", "date": DAY})
        self.assertEqual(
            window.line_ids.mapped("name"), ["G-1: Counsel", "G-2: Counsel"]
        )
        for row in window.line_ids:
            row.amount = 50.0 if row.name == "G-1: Counsel" else 0.0
        note = self.env["account.move"].browse(window.action_credit()["res_id"])
        self.assertEqual(note.matter_id, self.first)
        self.assertItems(
            note,
            [
                (self.receivable, 0, 60.0),
                (self.company_data["default_account_revenue"], 50.0, 0),
                (self.tax_account, 10.0, 0),
            ],
        )
        self.assertEqual(self.bill.amount_residual, 360.6)
        self.assertEqual(
            self._open_parts(), {self.first.id: 60.0, self.second.id: 300.6}
        )

    def test_a_credit_pays_the_part_of_its_matter(self):
        """Up to the matter's own open part, by the button: 120.00 of 420.60. Reversed,
        it is the matter's again, and pays again."""
        self._create_credit(self.first, 200.0)
        for _round in range(2):
            action = self._as(self.first, "cashier").action_use_credits()
            slip = self._as(self.env["legal.payment"], "cashier").browse(
                action["res_id"]
            )
            row = slip.allocation_ids
            self.assertEqual((slip.amount, row.bill_id), (120.0, self.bill))
            self.assertEqual((row.matter_id, row.amount), (self.first, 120.0))
            self.assertEqual(
                (row.outstanding_amount, row.payable_amount), (120.0, 120.0)
            )
            self.assertIn("part of", row.payable_note)
            slip.action_post()
            self.assertItems(
                slip.move_id,
                [(self.credit_account, 120.0, 0), (self.receivable, 0, 120.0)],
            )
            self.assertEqual(slip.move_id.line_ids.matter_id, self.first)
            self.assertEqual(self.bill.amount_residual, 300.6)
            self.assertEqual(
                self._open_parts(), {self.first.id: 0.0, self.second.id: 300.6}
            )
            self.first.invalidate_recordset()
            self.assertEqual(self.first.unallocated_credit_balance, 80.0)
            self.assertEqual(
                (self.first.unpaid_amount, self.second.unpaid_amount), (0, 300.6)
            )
            action = self._as(self.first, "cashier").action_use_credits()
            spent = self.env["legal.payment"].browse(action["res_id"])
            self.assertFalse(spent.allocation_ids, "its part is paid")
            spent.unlink()
            slip.action_reverse("By mistake", "correction")
            self.assertEqual(
                self._open_parts(), {self.first.id: 120.0, self.second.id: 300.6}
            )
            self.assertItems(
                slip.move_id.reversal_move_ids,
                [(self.credit_account, 0, 120.0), (self.receivable, 120.0, 0)],
            )
            self.first.invalidate_recordset()
            self.assertEqual(self.first.unallocated_credit_balance, 200.0)

    def _use(self, matter, amount, **vals):
        """A draft slip over credits of a matter, all of it for the bill."""
        return self._create_payment(
            self.bill.browse(),
            amount,
            source="unallocated",
            matter_id=matter.id,
            allocation_ids=[
                Command.create({"bill_id": self.bill.id, "amount": amount})
            ],
            **vals,
        )

    def test_a_cent_more_is_refused(self):
        """Naming the matter, what is open of its part, and the way out; also where the
        part got smaller since, where the slip names no matter, or another's part."""
        self._create_credit(self.first, 400.0)
        with (
            self.assertRaisesRegex(
                PaymentError, "120.00 that is open of the part of.*First"
            ),
            self.env.cr.savepoint(),
        ):
            self._use(self.first, 120.01)
        late = self._use(self.first, 120.0, ignore_reservations=True)
        nobody = self._use(self.first, 60.0, ignore_reservations=True)
        foreign = self._use(self.first, 60.0, ignore_reservations=True)
        self._pay(self.bill, 210.3, ignore_reservations=True)
        with (
            self.assertRaisesRegex(
                PaymentError, "60.00 that is open of the part of.*First"
            ),
            self.env.cr.savepoint(),
        ):
            late.action_post()
        nobody.matter_id = False
        with (
            self.assertRaisesRegex(
                CreditError, "the part of the matter that the payment"
            ),
            self.env.cr.savepoint(),
        ):
            nobody.action_post()
        foreign.allocation_ids.matter_id = self.second
        with (
            self.assertRaisesRegex(CreditError, "belongs to one matter"),
            self.env.cr.savepoint(),
        ):
            foreign.action_post()
        self.assertEqual(self.bill.amount_residual, 210.3)
        # the twin: what is left of its part
        late.allocation_ids.amount = late.amount = 60.0
        late.action_post()
        self.assertEqual(
            self._open_parts(), {self.first.id: 0.0, self.second.id: 150.3}
        )

    def test_roles(self):
        """A cashier uses credits; a biller does not."""
        self._create_credit(self.first, 200.0)
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            self._as(self.first, "biller").action_use_credits()
        slip = self._use(self.first, 120.0)
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            self._as(slip, "biller").action_post()
        self._as(slip, "cashier").action_post()
        self.assertEqual(self.bill.amount_residual, 300.6)

    def test_money_pays_the_elements_of_its_matter(self):
        """By a rule that starts with disbursements, credits of a matter with fees pay
        its fees; what they earned is of its lawyers."""
        self.first.bill_together = self.second.bill_together = True
        self._create_time(self.first, hours=1.0)
        self._create_disbursement(self.second, 50.0, product_id=self.taxed_type.id)
        self._create_time(self.second, hours=2.0)
        bill = self._approve(self._bill(self.first | self.second))
        self.assertEqual(bill.amount_total, 360.0 + 60.0 + 720.0)
        self._create_credit(self.first, 300.0)
        slip = self._create_payment(
            bill,
            300.0,
            source="unallocated",
            matter_id=self.first.id,
            payment_rule_id=self.rule_element.id,
        )
        self.assertEqual(slip.allocation_ids.element_fees, 300.0)
        slip.action_post()
        self.assertEqual(
            {
                (row["matter_id"], row["element"]): round(row["outstanding"], 2)
                for row in bill.element_amounts
            },
            {
                (self.first.id, "fees"): 60.0,
                (self.second.id, "disbursement_taxable"): 60.0,
                (self.second.id, "fees"): 720.0,
            },
        )
        log = self.env["legal.timekeeper.receipt"].search([("bill_id", "=", bill.id)])
        self.assertEqual(log.matter_id, self.first)
        self.assertEqual(sum(log.mapped("amount")), 250.0)
        # from bank, of both, and all of it in the end
        self._pay(bill, 840.0)
        log = self.env["legal.timekeeper.receipt"].search([("bill_id", "=", bill.id)])
        received = {}
        for row in log:
            received[row.matter_id] = received.get(row.matter_id, 0.0) + row.amount
        self.assertEqual(received, {self.first: 300.0, self.second: 600.0})
        self.assertEqual(bill.amount_residual, 0.0)

    def _receivables(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_id == self.receivable)

    def _make_entry(self, *amounts, matter=None, day=DAY):
        """A posted entry of receivables against the bank.

        :param amounts: credited
        """
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    *(
                        Command.create(
                            {
                                "account_id": self.receivable.id,
                                "partner_id": self.client.id,
                                "credit": max(amount, 0.0),
                                "debit": max(-amount, 0.0),
                                "matter_id": matter and matter.id,
                            }
                        )
                        for amount in amounts
                    ),
                    *(
                        [
                            Command.create(
                                {
                                    "account_id": self.bank.default_account_id.id,
                                    "debit": sum(amounts),
                                }
                            )
                        ]
                        if sum(amounts)
                        else []
                    ),
                ],
            }
        )
        entry.action_post()
        return entry

    def test_money_of_a_matter_is_matched_up_to_its_part(self):
        """Another bill's credit note, or an entry of the matter, whoever matches the
        items: up to the part, and not a cent more."""
        note = self._create_credit_note(50.0, self.first)
        widget = self.bill.invoice_outstanding_credits_debits_widget
        self.assertEqual([row["amount"] for row in widget["content"]], [50.0])
        self._receivables(note | self.bill).reconcile()
        self.assertEqual(
            self._open_parts(), {self.first.id: 70.0, self.second.id: 300.6}
        )
        big = self._create_credit_note(70.01, self.first)
        self.bill.invalidate_recordset()
        widget = self.bill.invoice_outstanding_credits_debits_widget
        self.assertFalse(widget and widget["content"], "nor is it offered")
        with (
            self.assertRaisesRegex(CreditError, "First.*70.00. The money of a matter"),
            self.env.cr.savepoint(),
        ):
            self._receivables(big | self.bill).reconcile()
        # both at a time: of what is nobody's the matter has its share before
        cash = self._make_entry(37.06, day=date(2026, 11, 1))
        own = self._make_entry(63.01, matter=self.first)
        with (
            self.assertRaisesRegex(CreditError, "First.*63.00. The money of a matter"),
            self.env.cr.savepoint(),
        ):
            self._receivables(cash | own | self.bill).reconcile()
        own = self._make_entry(63.0, matter=self.first)
        self._receivables(cash | own | self.bill).reconcile()
        self.assertEqual(
            self._open_parts(), {self.first.id: 0.0, self.second.id: 270.54}
        )
        rest = self._make_entry(270.54, matter=self.first)
        with (
            self.assertRaisesRegex(CreditError, "First.*0.00. The money of a matter"),
            self.env.cr.savepoint(),
        ):
            self._receivables(rest | self.bill).reconcile()
        rest = self._make_entry(270.54, matter=self.second)
        self._receivables(rest | self.bill).reconcile()
        self.assertEqual(self.bill.amount_residual, 0.0)

    def test_no_entry_carries_it_across(self):
        """By way of an entry that names no matter, the money of one would pay the part
        of all."""
        entry = self._make_entry(50.0, -50.0)
        debit, credit = (
            self._receivables(entry).filtered(
                lambda line, sign=sign: line.balance * sign > 0
            )
            for sign in (1, -1)
        )
        (credit | self._receivables(self.bill)).reconcile()
        note = self._create_credit_note(50.0, self.first)
        with (
            self.assertRaisesRegex(CreditError, "by way of several"),
            self.env.cr.savepoint(),
        ):
            (debit | self._receivables(note)).reconcile()

    def test_a_slip_sets_a_credit_note_off(self):
        """Where its row names the matter; else it could pay what the others owe."""
        note = self._create_credit_note(50.0, self.first)
        slip = self._create_payment(
            self.bill.browse(),
            0.0,
            allocation_ids=[
                Command.create({"bill_id": bill.id, "amount": amount})
                for bill, amount in ((note, -50.0), (self.bill, 50.0))
            ],
        )
        with (
            self.assertRaisesRegex(CreditError, "a credit of one matter"),
            self.env.cr.savepoint(),
        ):
            slip.action_post()
        row = slip.allocation_ids.filtered(lambda row: row.bill_id == self.bill)
        row.matter_id = self.first
        slip.action_post()
        self.assertItems(
            slip.move_id, [(self.receivable, 50.0, 0), (self.receivable, 0, 50.0)]
        )
        self.assertEqual(
            self._open_parts(), {self.first.id: 70.0, self.second.id: 300.6}
        )

    def test_a_credit_note_of_a_matter_that_has_paid_stays_open(self):
        """It is the matter's; the others owe what they owed."""
        self._create_credit(self.first, 120.0)
        self._use(self.first, 120.0).action_post()
        rows = {row["name"]: row["key"] for row in self.bill._get_credit_rows()}
        bill = self._as(self.bill, "approver")
        note = bill._credit_parts({rows["G-1: Counsel"]: 50.0}, "Goodwill", DAY)
        self.assertEqual((note.state, note.amount_residual), ("posted", 60.0))
        self.assertEqual(self.bill.amount_residual, 300.6)
        self.assertIn("not set off", note.message_ids[0].body)
        # the twin, of the matter that has not
        note = bill._credit_parts({rows["G-2: Counsel"]: 50.0}, "Goodwill", DAY)
        self.assertEqual((note.state, note.amount_residual), ("posted", 0.0))
        self.assertEqual(
            self._open_parts(), {self.first.id: 0.0, self.second.id: 240.6}
        )

    def test_what_is_given_up_is_of_what_is_open(self):
        """After one matter has paid, the write-off of the rest is the other's."""
        self._create_credit(self.first, 120.0)
        self._use(self.first, 120.0).action_post()
        write_off = self._as(self.env["legal.bill.write.off"], "manager")._write_off(
            {self.bill: 300.6}, "Gone", DAY, "credit_note"
        )
        self.assertEqual(self.bill.amount_residual, 0.0)
        self.assertEqual(write_off.move_id.invoice_line_ids.matter_id, self.second)

    def test_query_counts(self):
        """What the matters have open takes as many queries for 100 bills as for 10."""
        bills = self._make_bills(100)

        def count(found):
            self.env.invalidate_all()
            found = self._as(found, "cashier")
            before = self.env.cr.sql_log_count
            found._get_payable_of(self.first)
            return self.env.cr.sql_log_count - before

        count(bills[:2])
        self.assertEqual(count(bills[:10]), count(bills))
        self.assertEqual(set(bills._get_payable_of(self.first).values()), {120.0})

    def _make_bills(self, number):
        """Bills by hand over both matters, 120.00 and 300.60."""
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
                                "price_unit": amount,
                                "tax_ids": [Command.set(self.tax_20.ids)],
                                "matter_id": matter.id,
                                "bill_element": "fees",
                            }
                        )
                        for matter, amount in (
                            (self.first, 100.0),
                            (self.second, 250.5),
                        )
                    ],
                }
                for _number in range(number)
            ]
        )
        bills.action_post()
        return bills
