from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import RoleError
from ..common import LegalBillingCommon

DAY = date(2026, 11, 2)


@tagged("post_install", "-at_install")
class TestFixedTaxes(LegalBillingCommon):
    """What is owed per piece is owed whatever the price: no discount, adjustment, part
    of a credit or write-off changes it (rule C-36)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        cls.stamp_account = cls.tax_account.copy({"code": "251777", "name": "Stamps"})
        cls.stamp = cls._create_tax("Stamp", 2.0, cls.stamp_account)
        cls._book_on(cls.tax_20, cls.tax_account)
        cls.fee_product.sudo().taxes_id = [Command.set((cls.tax_20 | cls.stamp).ids)]
        cls.eco = cls._create_tax("Eco", 0.5, cls.stamp_account)
        cls.taxed_type.sudo().taxes_id = [Command.set((cls.tax_20 | cls.eco).ids)]
        cls.revenue = cls.company_data["default_account_revenue"]
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.loss = cls.company_data["default_account_expense"]
        cls.company.legal_write_off_account_id = cls.loss
        cls.matter = cls._create_matter()
        cls.env["legal.rate"].create(
            {"price": 100.0, "matter_id": cls.matter.id, "company_id": cls.company.id}
        )
        cls.entry = cls._create_time(cls.matter, 3.0)

    @classmethod
    def _create_tax(cls, name, amount, account):
        tax = cls.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "amount_type": "fixed",
                "type_tax_use": "sale",
            }
        )
        cls._book_on(tax, account)
        return tax

    @classmethod
    def _book_on(cls, tax, account):
        lines = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
        lines.filtered(lambda x: x.repartition_type == "tax").account_id = account

    def _get_tax(self, move, account=None):
        """What a move books on the account of stamps, as a credit."""
        account = account or self.stamp_account
        lines = move.line_ids.filtered(lambda line: line.account_id == account)
        return -sum(lines.mapped("balance"))

    def _credit(self, bill, role="approver", **amounts):
        """Credit parts of a bill through the window."""
        action = self._as(bill, role).action_open_credit()
        window = self._as(self.env[action["res_model"]], role).browse(action["res_id"])
        window.write({"reason": "Goodwill", "date": DAY})
        for row in window.line_ids:
            row.amount = amounts.get(row.bill_element, 0.0)
        total = window.total
        note = self.env["account.move"].browse(window.action_credit()["res_id"])
        self.assertAlmostEqual(note.amount_total, total, 2)  # as the window said
        return note

    def _write_off(self, bill, amount, treatment):
        return (
            self._as(self.env["legal.bill.write.off"], "approver")
            ._write_off({bill: amount}, "Insolvent", DAY, treatment)
            .sudo()
            .move_id
        )

    # --- discounts and adjustments

    def test_no_reduction_changes_the_stamp(self):
        cases = [
            ({}, 362.0),
            ({"discount_type": "percent", "discount_value": 10.0}, 326.0),
            ({"discount_type": "fixed", "discount_value": 30.0}, 326.0),
        ]
        for options, total in cases:
            with self.subTest(**options):
                self.matter.write({"discount_type": "none", **options})
                bill = self._bill(self.matter)
                self.assertEqual(bill.amount_total, total)
                self.assertEqual(self._get_tax(bill), 2.0)
                self._as(bill, "biller").action_delete_bills()

    def test_an_agreed_fee_shown_as_adjustment(self):
        self.matter.adjustment_display = "discount"
        bill = self._bill(self.matter)
        self._as(bill, "biller").fee_override = 250.0
        self.assertEqual(bill.amount_total, 302.0)
        self._approve(bill)
        self.assertItems(
            bill,
            [
                (self.revenue, 0.0, 300.0),
                (self.revenue, 50.0, 0.0),
                (self.tax_account, 0.0, 50.0),
                (self.stamp_account, 0.0, 2.0),
                (self.receivable, 302.0, 0.0),
            ],
        )

    def test_a_group_of_taxes_is_opened(self):
        group = self.env["account.tax"].create(
            {
                "name": "VAT and stamp",
                "amount_type": "group",
                "type_tax_use": "sale",
                "children_tax_ids": [Command.set((self.tax_20 | self.stamp).ids)],
            }
        )
        self.fee_product.sudo().taxes_id = group
        self.matter.write({"discount_type": "percent", "discount_value": 10.0})
        bill = self._bill(self.matter)
        self.assertEqual((bill.amount_total, self._get_tax(bill)), (326.0, 2.0))

    def test_a_stamp_that_is_taxed_itself(self):
        self.stamp.write({"include_base_amount": True, "sequence": 0})
        self.matter.write({"discount_type": "percent", "discount_value": 10.0})
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.amount_total, 326.4)  # 270 + 2 and a fifth of both
        move = self._write_off(bill, 326.4, "credit_note")
        self.assertEqual(-self._get_tax(move, self.tax_account), 54.4)
        self.assertEqual(self._get_tax(move), 0.0)

    def test_a_reduced_disbursement_keeps_its_eco_tax(self):
        self._create_disbursement(self.matter, 100.0, product_id=self.taxed_type.id)
        self.matter.write(
            {
                "quoted_amount": 350.0,
                "quote_rule": "lower",
                "quote_scope": "both",
                "adjustment_display": "discount",
            }
        )
        bill = self._bill(self.matter)
        self.assertEqual(bill.amount_untaxed, 350.0)
        self.assertEqual(bill.amount_total, 422.5)  # 350 + 70 + 2 + 0.50

    def test_each_line_of_fees_has_its_stamp(self):
        """As core does: instalments are pieces."""
        self.matter.write(
            {
                "billing_arrangement": "fixed",
                "instalment_ids": [
                    Command.create(
                        {"name": name, "amount": 100.0, "due_date": "2026-10-01"}
                    )
                    for name in ("First", "Second")
                ],
            }
        )
        bill = self._bill(self.matter)
        self.assertEqual((bill.amount_total, self._get_tax(bill)), (244.0, 4.0))

    def test_a_draft_of_nothing_owes_nothing(self):
        bill = self._bill(self.matter)
        self._as(self.entry, "biller").is_on_hold = True
        self.assertEqual((bill.amount_untaxed, bill.amount_total), (0.0, 0.0))

    # --- credits

    def test_a_part_leaves_the_stamp_and_the_rest_gives_it_back(self):
        self.matter.write({"discount_type": "percent", "discount_value": 10.0})
        bill = self._approve(self._bill(self.matter))
        action = self._as(bill, "approver").action_open_credit()
        window = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(window.line_ids.open_amount, 270.0)
        with self.assertRaises(RoleError):
            self._as(bill, "cashier").action_open_credit()
        note = self._credit(bill, fees=100.0)
        self.assertItems(
            note,
            [
                (self.revenue, 100.0, 0.0),
                (self.tax_account, 20.0, 0.0),
                (self.receivable, 0.0, 120.0),
            ],
        )
        self.assertEqual(self.entry.bill_id, bill)
        note = self._credit(bill, fees=170.0)
        self.assertItems(
            note,
            [
                (self.revenue, 170.0, 0.0),
                (self.tax_account, 34.0, 0.0),
                (self.stamp_account, 2.0, 0.0),
                (self.receivable, 0.0, 206.0),
            ],
        )
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertFalse(self.entry.bill_id)

    def test_the_rest_of_two_lines_gives_two_stamps_back(self):
        self.matter.write(
            {
                "billing_arrangement": "fixed",
                "instalment_ids": [
                    Command.create(
                        {"name": name, "amount": 100.0, "due_date": "2026-10-01"}
                    )
                    for name in ("First", "Second")
                ],
            }
        )
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(self._credit(bill, fees=99.99).amount_total, 119.99)
        note = self._credit(bill, fees=100.01)
        self.assertEqual((note.amount_total, -self._get_tax(note)), (124.01, 4.0))
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertFalse(bill.wip_line_ids)

    def test_all_at_once(self):
        bill = self._approve(self._bill(self.matter))
        action = self._as(bill, "approver").action_credit_and_rebill()
        note = self.env["account.move"].browse(action["res_id"])
        self.assertEqual((note.amount_total, -self._get_tax(note)), (362.0, 2.0))

    # --- write-offs

    def test_a_write_off_takes_no_stamp_back(self):
        for treatment in ("credit_note", "entry_relief"):
            with self.subTest(treatment):
                entry = self._create_time(self.matter, 3.0)
                self._as(self.entry, "biller").is_on_hold = True
                bill = self._approve(self._bill(self.matter))
                self.assertEqual(bill.amount_total, 362.0)
                part = self._write_off(bill, 181.0, treatment)
                rest = self._write_off(bill, 181.0, treatment)
                for move in part | rest:
                    self.assertEqual(self._get_tax(move), 0.0)
                    self.assertEqual(-self._get_tax(move, self.tax_account), 30.0)
                    losses = move.line_ids.filtered(
                        lambda line: line.account_id == self.loss
                    )
                    self.assertEqual(sum(losses.mapped("balance")), 151.0)
                self.assertEqual(bill.amount_residual, 0.0)
                self.assertEqual(entry.bill_id, bill)


@tagged("post_install", "-at_install", "-standard", "legal_billing_formula_taxes")
class TestFormulaTaxes(LegalBillingCommon):
    """A tax by formula beside a fixed one, with Odoo's own addon for formulas: core says
    that no discount has it, so it is owed per piece, whatever the formula reads. By its
    tag, in a database with `account_tax_python`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        taxes = cls.env["account.tax"]
        cls.duty, cls.stamp = taxes.create(
            [
                {
                    "name": "Duty",
                    "amount_type": "code",
                    "formula": "min(base * 0.01, 3.0) * (quantity > 0 and 1 or -1)",
                    "type_tax_use": "sale",
                },
                {
                    "name": "Stamp",
                    "amount_type": "fixed",
                    "amount": 2.0,
                    "type_tax_use": "sale",
                },
            ]
        )
        cls.fee_product.sudo().taxes_id = [
            Command.set((cls.tax_20 | cls.stamp | cls.duty).ids)
        ]
        cls.matter = cls._create_matter()
        cls._create_time(cls.matter, 2.0)

    def _get_taxes(self, move):
        """What a move has of VAT, stamp and duty."""
        items = move.line_ids.filtered("tax_line_id").grouped("tax_line_id")
        return [
            round(abs(sum(items[tax].mapped("balance"))), 2) if tax in items else 0.0
            for tax in (self.tax_20, self.stamp, self.duty)
        ]

    def _credit(self, bill, amount):
        [row] = bill._get_credit_rows()
        return self._as(bill, "approver")._credit_parts(
            {row["key"]: amount}, "why", DAY
        )

    def test_it_adds_something(self):
        self.assertFalse(self.duty._is_of_no_amount())

    def test_no_reduction_changes_it(self):
        """600.00 with 20 %, a stamp of 2.00 and 1 %, at most 3.00."""
        cases = [
            ({}, {}, 600.0, [120.0, 2.0, 3.0]),
            (
                {"discount_type": "percent", "discount_value": 60.0},
                {},
                240.0,
                [48.0, 2.0, 3.0],
            ),
            (
                {"discount_type": "fixed", "discount_value": 500.0},
                {},
                100.0,
                [20.0, 2.0, 3.0],
            ),
            (
                {"adjustment_display": "discount"},
                {"fee_override": 100.0},
                100.0,
                [20.0, 2.0, 3.0],
            ),
        ]
        for options, draft_vals, net, taxes in cases:
            with self.subTest(**options, **draft_vals):
                self.matter.write({"discount_type": "none", **options})
                bill = self._bill(self.matter)
                self._as(bill, "biller").write(draft_vals)
                self.assertEqual(bill.amount_untaxed, net)
                self.assertEqual(self._get_taxes(bill), taxes)
                self._as(bill, "biller").action_delete_bills()

    def test_a_part_leaves_it_and_the_rest_gives_it_back(self):
        bill = self._approve(self._bill(self.matter))
        note = self._credit(bill, 590.0)
        self.assertEqual(self._get_taxes(note), [118.0, 0.0, 0.0])
        note = self._credit(bill, 10.0)
        self.assertEqual(self._get_taxes(note), [2.0, 2.0, 3.0])
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertEqual(bill.payment_state, "reversed")
        self.assertFalse(bill.wip_line_ids)

    def test_the_window_says_what_the_rest_comes_to(self):
        bill = self._approve(self._bill(self.matter))
        self._credit(bill, 590.0)
        [row] = bill._get_credit_rows()
        self.assertAlmostEqual(bill._get_credit_gross(row, 10.0), 17.0, 2)
        self.assertAlmostEqual(bill._get_credit_gross(row, 9.0), 10.8, 2)
