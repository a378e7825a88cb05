from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import BillingRunError, ConfigurationError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestArithmetic(LegalBillingCommon):
    """The figures of the billing rules C-1 to C-13, C-17, C-23, C-25 and C-27 on real
    bills, where the books take part. Others of them are beside the feature they
    belong to."""

    def _create_quoted(self, amount, rule="quote", **vals):
        vals = {"quote_scope": "fees", "quote_basis": "bill"} | vals
        return self._create_matter(quoted_amount=amount, quote_rule=rule, **vals)

    def _create_times(self, matter, *values):
        entries = self.env["account.analytic.line"]
        for value in values:
            entries += self._create_time(matter, 1.0, bill_rate=value)
        return entries

    def assertBilled(self, entries, *amounts):
        self.assertEqual(entries.mapped("billed_amount"), list(amounts))

    def _create_included_tax(self, **vals):
        return self.env["account.tax"].create(
            {
                "name": "VAT 20% incl.",
                "amount": 20.0,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                **vals,
            }
        )

    def _open_window(self, matter, **vals):
        action = self._as(matter, "biller").action_bill_matter()
        windows = self._as(self.env["legal.matter.bill"], "biller")
        window = windows.browse(action["res_id"])
        window.write(
            {"invoice_date": "2026-10-31", "cutoff_date": "2026-10-31", **vals}
        )
        return window

    # --- C-1 to C-4: quotes

    def test_c1_a_credit_gives_the_quote_back(self):
        matter = self._create_quoted(5000.0, "lower", quote_basis="matter")
        self._create_times(matter, 3000.0)
        first = self._approve(self._bill(matter))
        self.assertEqual(matter.quote_left_amount, 2000.0)
        self._as(first, "approver").action_credit_and_rebill()
        matter.invalidate_recordset()
        self.assertEqual(matter.quote_left_amount, 5000.0)
        self._create_times(matter, 3000.0)
        bill = self._bill(matter, invoice_date=date(2026, 11, 30))
        self.assertEqual((bill.amount_untaxed, bill.quote_effect), (5000.0, -1000.0))

    def test_c2_fees_bear_it_and_exempt_disbursements_never(self):
        matter = self._create_quoted(1150.0, quote_scope="both")
        fees = self._create_times(matter, 600.0, 400.0)
        costs = self._create_disbursement(
            matter, 200.0, product_id=self.taxed_type.id
        ) + self._create_disbursement(matter, 100.0)
        bill = self._bill(matter)
        self.assertBilled(fees, 510.0, 340.0)
        self.assertBilled(costs, 200.0, 100.0)
        # 850 + 200 at 20 %, 100 exempt
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (1150.0, 210.0))
        revenue = self.company_data["default_account_revenue"]
        self.assertItems(
            bill,
            [
                (revenue, 0.0, 850.0),
                (revenue, 0.0, 200.0),
                (revenue, 0.0, 100.0),
                (revenue, 0.0, 210.0),
                (self.company_data["default_account_receivable"], 1360.0, 0.0),
            ],
        )
        low = self._create_quoted(250.0, quote_scope="both")
        self._create_disbursement(low, 300.0)
        run = self._create_run()
        self.assertRow(run, low, "excluded", "quote_below_disbursements")
        self.assertIn("300.00", self._get_row(run, low).message)

    def test_c3_the_cents_of_a_quote(self):
        matter = self._create_quoted(850.0)
        entries = self._create_times(matter, 333.33, 333.33, 333.34)
        self._bill(matter)
        self.assertBilled(entries, 283.33, 283.33, 283.34)

    def test_c3_the_sum_is_a_line_of_its_own(self):
        matter = self._create_quoted(850.0)
        entries = self._create_times(matter, 400.0)
        window = self._open_window(matter, choice="sum")
        bill = self.env["account.move"].browse(window.action_bill()["res_id"])
        self.assertEqual(bill.amount_untaxed, 1250.0)
        self.assertBilled(entries, 400.0)
        self.assertEqual(
            bill.invoice_line_ids.mapped("legal_line_kind"), ["fee", "quote"]
        )

    def test_c4_signs_are_kept(self):
        matter = self._create_quoted(300.0)
        entries = self._create_times(matter, 500.0, -100.0)
        bill = self._bill(matter)
        self.assertBilled(entries, 375.0, -75.0)
        self.assertEqual(bill.amount_untaxed, 300.0)

    # --- C-10 to C-13: lines and taxes

    def test_c10_a_line_is_one_times_the_amount(self):
        matter = self._create_matter()
        self._create_time(matter, 7 / 60, bill_rate=285.5)
        line = self._bill(matter).invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit), (1.0, 33.31))

    def test_c11_elements_add_up_to_the_bill_whatever_the_rounding(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        matter = self._create_matter()
        self._create_times(matter, 10.02)
        for amount in (50.02, 30.02):
            kind = self._create_service("Kind", self.tax_20, legal_use="disbursement")
            self._create_disbursement(matter, amount, product_id=kind.id)
        bill = self._bill(matter)
        # three taxes of x.xx4, rounded apart and together
        lines = sum(line.price_total for line in bill.invoice_line_ids)
        self.assertEqual((round(lines, 2), bill.amount_total), (108.06, 108.07))
        elements = bill._get_element_gross()[bill.id]
        self.assertEqual(
            round(float(sum(amount for _name, amount in elements)), 2),
            bill.amount_total,
        )

    def test_c12_included_taxes_are_refused_wherever_they_come_from(self):
        included = self._create_included_tax()
        for refused in (self.fee_product, self.taxed_type):
            with (
                self.assertRaisesRegex(ConfigurationError, "included in the price"),
                self.env.cr.savepoint(),
            ):
                refused.taxes_id = included
        self.assertEqual(self.fee_product.taxes_id, self.tax_20)
        position = self.env["account.fiscal.position"].create({"name": "Shops"})
        included.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.tax_20.ids)],
            }
        )
        matter = self._create_matter(name="Retail")
        self.client.property_account_position_id = position
        self._create_times(matter, 1000.0)
        run = self._create_run()
        run.action_bill_all()
        row = self._get_row(run, matter)
        self.assertEqual(row.state, "failed")
        self.assertRegex(row.message, "Retail.*VAT 20% incl")
        self.assertFalse(matter.bill_count)
        included.original_tax_ids = False
        run.line_ids.action_retry()
        self.assertEqual((row.state, row.message), ("done", False))
        bill = row.bill_id
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (1000.0, 200.0))

    def test_c13_a_foreign_client_does_not_make_it_exempt(self):
        zero = self.env["account.tax"].create(
            {"name": "Export", "amount": 0.0, "type_tax_use": "sale"}
        )
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        zero.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.tax_20.ids)],
            }
        )
        self.client.property_account_position_id = position
        matter = self._create_quoted(250.0, quote_scope="both")
        self._create_disbursement(matter, 300.0, product_id=self.taxed_type.id)
        bill = self._bill(matter)
        self.assertEqual(bill.invoice_line_ids.bill_element, "disbursement_taxable")
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (250.0, 0.0))

    # --- C-17: nothing, and less

    def test_c17_a_refund_alone_wants_a_credit_note(self):
        matter = self._create_matter()
        self._create_times(matter, -75.0)
        run = self._create_run()
        self.assertRow(run, matter, "excluded", "negative")
        self.assertIn("issue a credit note", self._get_row(run, matter).message)
        with self.assertRaisesRegex(BillingRunError, "issue a credit note"):
            self._open_window(matter).action_bill()

    def test_c17_a_zero_bill_is_made_by_hand_only(self):
        matter = self._create_matter()
        entries = self._create_times(matter, 75.0, -75.0)
        self.assertRow(self._create_run(), matter, "excluded", "zero")
        action = self._open_window(matter).action_bill()
        bill = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(bill.wip_line_ids, entries)
        self._approve(bill)
        self.assertEqual((bill.amount_total, bill.payment_state), (0.0, "paid"))
        self.assertEqual(matter.unbilled_amount, 0.0)

    # --- C-23: currencies

    def test_c23_a_currency_of_five_cent_steps(self):
        francs = self.setup_other_currency(
            "CHF", rates=[("2026-01-01", 2.0)], rounding=0.05
        )
        matter = self._create_matter(
            billing_currency_id=francs.id, discount_type="percent", discount_value=1.0
        )
        entries = self._create_times(matter, 10.05, 20.0, 0.05)
        bill = self._bill(matter)
        # 30.10 less 0.301, in steps of five cents
        self.assertEqual((bill.discount_effect, bill.amount_untaxed), (0.3, 29.8))
        for amount in entries.mapped("billed_amount"):
            self.assertEqual(round(amount / 0.05, 6) % 1, 0.0)
        self.assertEqual(round(sum(entries.mapped("billed_amount")), 2), 29.8)
        self.assertEqual(bill.amount_untaxed_signed, 14.9)

    def test_costs_become_wip_in_the_currency_of_the_matter(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        matter = self._create_matter(billing_currency_id=euro.id)
        vendor_bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-10-07",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.taxed_type.id,
                            "price_unit": 100.0,
                            "tax_ids": [Command.clear()],
                            "analytic_distribution": {str(matter.account_id.id): 100},
                        }
                    )
                ],
            }
        )
        vendor_bill.action_post()
        entry = vendor_bill.line_ids.analytic_line_ids
        self.assertEqual((entry.wip_amount, entry.wip_currency_id), (200.0, euro))
        bill = self._bill(matter)
        self.assertEqual((bill.amount_untaxed, bill.amount_untaxed_signed), (200, 100))

    # --- C-25: credit notes

    def test_c25_reversed_is_no_full_credit(self):
        matter = self._create_matter()
        self.tax_20.amount = 0.0
        entries = self._create_times(matter, 1000.0)
        bill = self._approve(self._bill(matter))
        note = bill._reverse_moves([{"invoice_date": "2026-11-01"}])
        line = note.invoice_line_ids[0]
        line.move_id._internal().write(
            {"invoice_line_ids": [Command.update(line.id, {"price_unit": 100.0})]}
        )
        self._approve(note)
        receivable = self.company_data["default_account_receivable"]
        payment = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-11-02",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": self.client.id,
                            "balance": -900.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "balance": 900.0,
                        }
                    ),
                ],
            }
        )
        payment.action_post()
        moves = bill + note + payment
        moves.line_ids.filtered(lambda line: line.account_id == receivable).reconcile()
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertEqual(entries.bill_id, bill)
        self.assertEqual(matter.unbilled_amount, 0.0)

    # --- drafts: the same again, and back

    def test_pricing_a_draft_twice_gives_the_same(self):
        matter = self._create_quoted(
            850.0,
            discount_type="percent",
            discount_value=7.0,
            adjustment_display="discount",
        )
        entries = self._create_times(matter, 333.33, 333.33, 333.34)
        self._create_disbursement(matter, 12.34)
        bill = self._bill(matter)
        first = self._get_picture(bill, entries)
        for _turn in range(2):
            bill._reprice()
            self.assertEqual(self._get_picture(bill, entries), first)

    def test_adjusting_back_gives_the_original(self):
        matter = self._create_matter(discount_type="percent", discount_value=7.0)
        entries = self._create_times(matter, 333.33, 333.33, 333.34)
        cost = self._create_disbursement(matter, 12.34)
        bill = self._bill(matter)
        first = self._get_picture(bill, entries + cost)
        biller = self._as(bill, "biller")
        for there, back in (
            ({"fee_override": 500.0}, {"fee_override": False}),
            ({"bill_discount_value": 33.0}, {"bill_discount_value": 7.0}),
            (
                {"bill_adjustment_display": "discount"},
                {"bill_adjustment_display": False},
            ),
        ):
            biller.write(there)
            biller.write(back)
            self.assertEqual(self._get_picture(bill, entries + cost), first)
        entry = self._as(entries[0], "biller")
        for there, back in (
            ({"bill_quantity": 2.0}, {"bill_quantity": 1.0}),
            ({"bill_behavior": "no_charge"}, {"bill_behavior": "bill"}),
        ):
            entry.write(there)
            self.assertNotEqual(self._get_picture(bill, entries + cost), first)
            entry.write(back)
            self.assertEqual(self._get_picture(bill, entries + cost), first)
        biller.action_remove_entries(entry)
        biller.action_add_entries(entry)
        self.assertEqual(self._get_picture(bill, entries + cost), first)

    def _get_picture(self, bill, entries):
        """All that the pricing of a draft makes."""
        return (
            [
                (line.name, line.price_unit, line.tax_ids.ids, line.bill_element)
                for line in bill.invoice_line_ids
            ],
            entries.mapped("billed_amount"),
            (bill.amount_untaxed, bill.amount_tax, bill.amount_total),
            sorted(
                (line.account_id.code, line.debit, line.credit)
                for line in bill.line_ids
            ),
        )

    def test_nothing_on_a_bill_is_below_nothing(self):
        matter = self._create_matter(discount_type="fixed", discount_value=9999.0)
        entries = self._create_times(matter, 100.0, 50.0)
        self._create_disbursement(matter, 30.0)
        bill = self._bill(matter)
        self.assertEqual(bill.amount_untaxed, 30.0)
        self.assertBilled(entries, 0.0, 0.0)
        self.assertEqual(bill.discount_effect, 150.0)
