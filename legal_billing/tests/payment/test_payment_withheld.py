from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...exceptions import PaymentError, RoleError
from .payment_common import ExamplePaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentWithheld(ExamplePaymentCommon):
    """Tax that a client withheld: a row of the slip, with its account, in one entry."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.claim = cls.env["account.account"].create(
            {
                "name": "Tax withheld by clients",
                "code": "199010",
                "account_type": "asset_current",
            }
        )

    def _withhold(self, slip, bill, amount, **vals):
        return self._as(self.env["legal.payment.allocation"], "cashier").create(
            {
                "payment_id": slip.id,
                "kind": "withheld",
                "bill_id": bill.id,
                "amount": amount,
                "account_id": self.claim.id,
                **vals,
            }
        )

    def _create_slip(self, paid, withheld, bill=None, **vals):
        """A slip of one bill: money, and tax that the client withheld.

        :rtype: legal.payment
        """
        bill = bill or self.a
        slip = self._create_payment(bill.browse(), paid, **vals)
        slip.allocation_ids = [
            Command.create({"bill_id": bill.id, "amount": paid}),
        ]
        self._withhold(slip, bill, withheld)
        slip.action_keep_amounts()
        return slip

    def assertClaimed(self, move, bank, claim, paid):
        """The entry has money, claim, and one item of the bill for each."""
        text = f"{self.a.name}: cheque 7"
        name = f"{move.legal_payment_id.name}: {text}"
        self.assertLines(
            move,
            [
                (self.outstanding, self.client, self.none, name, bank, 0.0),
                (
                    self.claim,
                    self.client,
                    self.matter,
                    f"Tax withheld of {self.a.name}",
                    claim,
                    0.0,
                ),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, paid),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, claim),
            ],
        )

    def test_one_entry_settles_the_bill_by_money_and_by_tax(self):
        slip = self._create_slip(423, 47)
        self.assertEqual(
            (slip.allocated_amount, slip.difference_amount, slip.withheld_amount),
            (423.0, 0.0, 47.0),
        )
        slip.action_post()
        self.assertClaimed(slip.move_id, 423.0, 47.0, 423.0)
        self.assertEqual(self.a.payment_state, "paid")
        self.assertEqual(self.a.amount_residual, 0.0)
        self.assertFalse(slip.write_off_move_id)
        self.assertEqual({row["outstanding"] for row in self.a.element_amounts}, {0.0})

    def test_a_part_leaves_its_rest_open(self):
        slip = self._create_slip(100, 20.5)
        slip.action_post()
        self.assertClaimed(slip.move_id, 100.0, 20.5, 100.0)
        self.assertEqual(self.a.amount_residual, 349.5)
        self.assertEqual(self.a.payment_state, "partial")
        # the order of the rule goes on where the money stopped
        self.assertEqual(
            {row["element"]: row["outstanding"] for row in self.a.element_amounts},
            {
                "disbursement_exempt": 0.0,
                "disbursement_taxable": 49.5,
                "anticipated_taxable": 60.0,
                "fees": 240.0,
            },
        )

    def test_a_certificate_that_comes_later_needs_no_money(self):
        self._pay(self.a, 423)
        slip = self._create_payment(self.a.browse(), 0)
        self._withhold(slip, self.a, 47)
        slip.action_post()
        self.assertEqual(self.a.payment_state, "paid")
        self.assertLines(
            slip.move_id,
            [
                (
                    self.claim,
                    self.client,
                    self.matter,
                    f"Tax withheld of {self.a.name}",
                    47.0,
                    0.0,
                ),
                (self.receivable, self.client, self.matter, self.a.name, 0.0, 47.0),
            ],
        )

    def test_reversing_takes_back_money_and_claim(self):
        slip = self._create_slip(423, 47)
        slip.action_post()
        slip.action_reverse("wrong client", "correction")
        self.assertEqual(self.a.amount_residual, 470.0)
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.claim.id), ("parent_state", "=", "posted")]
        )
        self.assertEqual(sorted(items.mapped("balance")), [-47.0, 47.0])

    def test_a_foreign_bill_is_settled_in_both_currencies(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 3.0)])
        bill = self._create_bill(300, currency_id=currency.id)
        slip = self._create_slip(270, 30, bill=bill, currency_id=currency.id)
        slip.bank_amount = 90.0
        slip.action_post()
        self.assertEqual(bill.payment_state, "paid")
        claim = slip.move_id.line_ids.filtered(lambda i: i.account_id == self.claim)
        self.assertRecordValues(claim, [{"amount_currency": 30.0, "balance": 10.0}])
        self.assertEqual(sum(slip.move_id.line_ids.mapped("balance")), 0.0)

    def test_the_rest_is_withheld_in_one_click(self):
        self._create_slip(423, 47).action_post()  # names the account
        slip = self._create_payment(self.b, 500)
        slip.allocation_ids.action_withhold_rest()
        rest = slip.allocation_ids.filtered(lambda row: row.kind == "withheld")
        self.assertEqual((rest.amount, rest.account_id), (40.0, self.claim))
        # the two kinds share what is left
        slip.allocation_ids.filtered(lambda r: r.kind == "bill").amount = 490
        slip.amount = 490
        slip.action_keep_amounts()
        slip.allocation_ids.filtered(lambda r: r.kind == "bill").action_write_off_rest()
        given_up = slip.allocation_ids.filtered(lambda row: row.kind == "write_off")
        self.assertEqual(given_up.amount, 10.0)
        given_up.reason = "too small"
        slip.action_post()
        self.assertEqual(self.b.payment_state, "paid")

    def test_the_rule_leaves_room_for_what_was_withheld(self):
        slip = self._create_payment(self.a + self.b, 900)
        self._withhold(slip, self.a, 47)
        slip.action_apply_rule()
        amounts = {
            row.bill_id: row.amount for row in slip.allocation_ids if row.kind == "bill"
        }
        self.assertEqual(amounts, {self.a: 423.0, self.b: 477.0})

    def test_the_page_offers_it(self):
        form = Form(self._as(self.env["legal.payment"], "cashier"))
        form.received_from_id = self.client
        form.amount = 423
        with form.allocation_ids.new() as row:
            row.bill_id = self.a
        slip = form.save()
        slip.allocation_ids.action_withhold_rest()
        form = Form(slip)
        with form.allocation_ids.edit(1) as row:
            self.assertFalse(row.account_id)
            row.account_id = self.claim
        slip = form.save()
        slip.action_post()
        self.assertEqual(self.a.payment_state, "paid")

    def test_what_is_refused(self):
        bank_account = self.bank.default_account_id
        income = self.company_data["default_account_revenue"]
        for vals, message in (
            ({"account_id": False}, "choose the account"),
            ({"account_id": bank_account.id}, "cannot be claimed on"),
            ({"account_id": income.id}, "cannot be claimed on"),
            ({"account_id": self.credit_account.id}, "cannot be claimed on"),
        ):
            slip = self._create_payment(self.a.browse(), 400)
            slip.allocation_ids = [
                Command.create({"bill_id": self.a.id, "amount": 400})
            ]
            self._withhold(slip, self.a, 47, **vals)
            slip.action_keep_amounts()
            with (
                self.subTest(message=message, **vals),
                self.assertRaisesRegex(PaymentError, message),
                self.env.cr.savepoint(),
            ):
                slip.action_post()
        self.assertEqual(self.a.amount_residual, 470.0)

    def test_money_and_tax_are_not_more_than_the_bill(self):
        slip = self._create_slip(450, 47)
        with (
            self.assertRaisesRegex(PaymentError, "above the outstanding"),
            self.env.cr.savepoint(),
        ):
            slip.action_post()

    def test_credits_are_used_without_it(self):
        self._create_credit(self.matter, 423)
        slip = self._create_slip(423, 47, source="unallocated", date=date(2026, 11, 3))
        with (
            self.assertRaisesRegex(PaymentError, "make another payment for it"),
            self.env.cr.savepoint(),
        ):
            slip.action_post()

    def test_a_posted_row_keeps_its_account(self):
        slip = self._create_slip(423, 47)
        slip.action_post()
        row = slip.allocation_ids.filtered(lambda r: r.kind == "withheld")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            row.account_id = self.nominal_account
        self.assertEqual(row.account_id, self.claim)

    @property
    def nominal_account(self):
        return self.company_data["default_account_assets"]

    def test_a_biller_withholds_nothing(self):
        slip = self._create_payment(self.a, 423)
        row = slip.allocation_ids.with_user(self.biller)
        with self.assertRaises(RoleError), self.env.cr.savepoint():
            row.action_withhold_rest()

    # --- read from an advice

    def _read(self, slip, *lines, **vals):
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": slip.id, "text": "\n".join(lines), **vals}
        )
        window.action_read()
        return window

    def _get_advice(self):
        """Both bills, of which the client withheld a tenth."""
        return (
            "Invoice\tGross\tWithholding tax\tPaid",
            f"{self.a.name}\t470.00\t47.00\t423.00",
            f"{self.b.name}\t540.00\t54.00\t486.00",
        )

    def test_a_deduction_is_asked_the_first_time(self):
        slip = self._create_payment(self.env["account.move"], 0)
        window = self._read(slip, *self._get_advice())
        self.assertEqual(window.deducted_amount, 101.0)
        self.assertFalse(window.deductions_as)
        with self.assertRaisesRegex(PaymentError, "101.00"), self.env.cr.savepoint():
            window.action_apply()
        self.assertFalse(slip.allocation_ids)
        window.deductions_as = "open"
        window.action_apply()
        self.assertEqual(
            [(row.kind, row.amount) for row in slip.allocation_ids],
            [("bill", 423.0), ("bill", 486.0)],
        )
        slip.action_post()
        self.assertEqual((self.a + self.b).mapped("amount_residual"), [47.0, 54.0])

    def test_a_deduction_of_who_withheld_before_is_withheld_again(self):
        before = self._create_bill(100)
        first = self._create_slip(90, 10, before)
        first.action_post()
        slip = self._create_payment(self.env["account.move"], 0)
        window = self._read(slip, *self._get_advice())
        self.assertEqual(window.deductions_as, "withheld")
        window.action_apply()
        self.assertEqual(
            [(row.kind, row.amount, row.account_id) for row in slip.allocation_ids],
            [
                ("bill", 423.0, self.env["account.account"]),
                ("bill", 486.0, self.env["account.account"]),
                ("withheld", 47.0, self.claim),
                ("withheld", 54.0, self.claim),
            ],
        )
        self.assertEqual(slip.amount, 909.0)
        slip.action_post()
        self.assertEqual((self.a + self.b).mapped("amount_residual"), [0.0, 0.0])
        self.assertLines(
            slip.move_id,
            [
                (account, self.client, matter, name, debit, credit)
                for account, matter, name, debit, credit in (
                    (
                        self.outstanding,
                        self.none,
                        f"{slip.name}: {self.a.name}: {self.b.name}: cheque 7",
                        909.0,
                        0.0,
                    ),
                    (self.receivable, self.matter, self.a.name, 0.0, 423.0),
                    (self.receivable, self.matter, self.a.name, 0.0, 47.0),
                    (
                        self.claim,
                        self.matter,
                        f"Tax withheld of {self.a.name}",
                        47.0,
                        0.0,
                    ),
                    (self.receivable, self.matter, self.b.name, 0.0, 486.0),
                    (self.receivable, self.matter, self.b.name, 0.0, 54.0),
                    (
                        self.claim,
                        self.matter,
                        f"Tax withheld of {self.b.name}",
                        54.0,
                        0.0,
                    ),
                )
            ],
        )

    def test_no_more_is_withheld_than_the_payment_leaves(self):
        slip = self._create_payment(self.env["account.move"], 0)
        self._pay(self.a, 30)
        window = self._read(slip, *self._get_advice()[:2], deductions_as="withheld")
        window.action_apply()
        self.assertEqual(
            [(row.kind, row.amount) for row in slip.allocation_ids],
            [("bill", 423.0), ("withheld", 17.0)],
        )
