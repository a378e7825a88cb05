from datetime import date

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...exceptions import CreditError, PaymentGuardError, ReversalError, RoleError
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentUndoMatters(PaymentCommon):
    """Reversing what several matters have their share in: the mirror of an item meets
    that item, whatever the other amounts are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls.matter + cls._create_matter(name="Sale of a house")
        cls.matters += cls._create_matter(name="Will")
        cls.bills = cls.env["account.move"]
        for matter, amount in zip(cls.matters, (990, 810, 270), strict=True):
            cls.bills += cls._create_bill(amount, matter)

    def _get_partners_of(self, lines):
        """What each item is matched with."""
        return {
            line: line.matched_debit_ids.debit_move_id
            | line.matched_credit_ids.credit_move_id
            for line in lines
        }

    def test_a_payment_over_bills_of_several_matters_is_reversed(self):
        payment = self._pay(self.bills, 1900)
        self.assertEqual(self.bills.mapped("amount_residual"), [0.0, 0.0, 170.0])
        with self.assertRaises(RoleError):
            self._as(payment, "biller").action_reverse("typed twice", "correction")
        payment.action_reverse("typed twice", "correction")
        mirror = payment.reversal_move_ids
        self.assertLines(
            mirror,
            [
                (
                    self.outstanding,
                    self.client,
                    self.env["project.project"],
                    f"{payment.name}: {payment.move_id.ref}",
                    0.0,
                    1900.0,
                ),
                *(
                    (
                        self.receivable,
                        self.client,
                        bill.matter_id,
                        bill.name,
                        amount,
                        0.0,
                    )
                    for bill, amount in zip(self.bills, (990, 810, 100), strict=True)
                ),
            ],
        )
        matched = self._get_partners_of(
            mirror.line_ids.filtered(lambda line: line.account_id == self.receivable)
        )
        for line, others in matched.items():
            self.assertEqual(others.matter_id, line.matter_id)
            self.assertEqual(others.move_id, payment.move_id)
        self.assertEqual(self.bills.mapped("amount_residual"), [990.0, 810.0, 270.0])
        self.assertEqual(self.bills.mapped("payment_state"), ["not_paid"] * 3)
        with self.assertRaisesRegex(ReversalError, "was reversed on"):
            payment.action_reverse("again", "correction")
        again = self._pay(self.bills, 2070)
        self.assertEqual(self.bills.mapped("amount_residual"), [0.0, 0.0, 0.0])
        self.assertEqual(again.state, "posted")

    def test_credits_of_several_matters_are_taken_back(self):
        payment = self._pay(
            self.env["account.move"],
            500,
            allocation_ids=[
                Command.create(
                    {"kind": "credit", "matter_id": matter.id, "amount": amount}
                )
                for matter, amount in zip(self.matters, (300, 150, 50), strict=True)
            ],
        )
        self.assertEqual(
            self.matters.mapped("unallocated_credit_balance"), [300.0, 150.0, 50.0]
        )
        payment.action_reverse("wrong client", "correction")
        self.assertEqual(
            self.matters.mapped("unallocated_credit_balance"), [0.0, 0.0, 0.0]
        )

    def test_a_bounce_that_no_statement_knows_yet_waits_for_both(self):
        payment = self._pay(self.bills, 1900)
        payment.action_reverse("bounced", "dishonour", date=date(2026, 11, 9))
        bank_items = (payment.move_id + payment.reversal_move_ids).line_ids.filtered(
            lambda line: line.account_id == self.outstanding
        )
        self.assertEqual(
            sorted(bank_items.mapped("amount_residual")), [-1900.0, 1900.0]
        )
        self.assertEqual(self.bills.mapped("amount_residual"), [990.0, 810.0, 270.0])

    def test_an_entry_of_several_matters_is_reversed_by_core(self):
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": DAY,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                            "matter_id": matter.id,
                        }
                    )
                    for matter, balance in zip(
                        self.matters + self.matters,
                        (100, 70, 20, -30, -140, -20),
                        strict=True,
                    )
                ],
            }
        )
        entry.action_post()
        with self.assertRaises(CreditError):
            (entry.line_ids[0] + entry.line_ids[3 + 1]).reconcile()
        mirror = entry._reverse_moves(cancel=True)
        self.assertEqual(mirror.state, "posted")
        lines = (entry + mirror).line_ids
        self.assertFalse(lines.filtered(lambda line: not line.reconciled))
        for line, others in self._get_partners_of(lines).items():
            self.assertEqual(others.matter_id, line.matter_id)

    def test_an_accountant_without_a_role_is_told_which_slip_stands_against_it(self):
        payment = self._pay(self.bills, 1900)
        accountant = new_test_user(
            self.env,
            "plain_accountant",
            groups="base.group_user,account.group_account_manager",
            company_id=self.company.id,
        )
        entry = payment.move_id.with_user(accountant)
        for attempt in (
            entry.line_ids.remove_move_reconcile,
            entry.button_draft,
            entry.unlink,
        ):
            self.env.invalidate_all()
            with self.assertRaisesRegex(PaymentGuardError, payment.name):
                attempt()
