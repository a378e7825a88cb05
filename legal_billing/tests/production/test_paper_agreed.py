from datetime import date

from odoo.tests import tagged

from .test_bill_report import PaperCommon


@tagged("post_install", "-at_install")
class TestPaperAgreed(PaperCommon):
    """No rate on a bill is worked out from an amount."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.layout = cls.env.ref("legal_billing.legal_bill_layout_itemised")

    def _get_rates(self, bill):
        paper = bill._get_paper()
        return [
            paper["rate"](row)
            for name in ("time", "timekeepers")
            for row in paper[name]
            if not paper["is_covered"]
        ]

    def _bill_agreed(self, amount, hours=(0.1,), **vals):
        matter = self._create_matter(**vals)
        for number in hours:
            self._create_time(matter, number)
        bill = self._bill(matter)
        bill.fee_override = amount
        return bill

    def test_an_agreed_fee_is_a_line_below_the_entries(self):
        bill = self._bill_agreed(500.0)
        paper = self.assertTiesOut(bill)
        self.assertEqual([row["amount"] for row in paper["time"]], [None])
        self.assertEqual(
            [(line["text"], line["amount"]) for line in paper["fee_lines"]],
            [("Fees agreed", 500.0)],
        )
        text = " ".join(self._print(bill)[0])
        self.assertIn("Advice 0.10 included", text)
        self.assertIn("Fees agreed 500.00", text)
        self.assertNotIn("5,000.00", text)

    def test_entries_at_their_own_rates_above_an_agreed_fee(self):
        self.layout.agreed_fees = "standard"
        bill = self._bill_agreed(500.0, (0.1, 1.5))
        paper = bill._get_paper()
        self.assertEqual(self._get_rates(bill), ["300.00"] * 3)
        self.assertEqual([row["amount"] for row in paper["time"]], [30.0, 450.0])
        self.assertEqual(paper["fees_total"], 500.0)
        self.assertEqual(paper["net"], 500.0)
        text = " ".join(self._print(bill)[0])
        self.assertRegex(text, r"at these rates 1\.60 480\.00 Fees agreed 500\.00")

    def test_a_quote_in_place_of_the_entries_has_no_rates_either(self):
        for base in ("itemised", "timekeeper"):
            matter = self._create_matter(quoted_amount=700, quote_rule="quote")
            self._create_time(matter, 1.1)
            bill = self._bill(matter)
            text = " ".join(self._print(bill, base)[0])
            self.assertIn("Fees as quoted 700.00", text)
            self.assertNotIn("636.36", text)
            self.assertNotIn("Rate", text)

    def test_the_letter_says_what_was_agreed(self):
        text = " ".join(self._print(self._bill_agreed(500.0), "letter")[0])
        self.assertIn("Fees agreed 500.00", text)

    def test_a_difference_that_is_shown_leaves_the_entries_as_they_are(self):
        bill = self._bill_agreed(100.0, (1.0,), adjustment_display="discount")
        paper = self.assertTiesOut(bill)
        self.assertEqual([row["amount"] for row in paper["time"]], [300.0])
        self.assertEqual([line["amount"] for line in paper["fee_lines"]], [-200.0])
        self.assertEqual(self._get_rates(bill), ["300.00"] * 2)

    def test_agreeing_on_the_value_of_the_entries_changes_nothing(self):
        bill = self._bill_agreed(330.0, (0.1, 1.0))
        paper = self.assertTiesOut(bill)
        self.assertEqual([row["amount"] for row in paper["time"]], [30.0, 300.0])
        self.assertFalse(paper["fee_lines"])

    def test_the_paper_of_a_row_and_of_freed_entries_say_the_same(self):
        bill = self._approve(self._bill_agreed(500.0, (0.1, 1.5)))
        before = self._print(bill)[0]
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertFalse(bill.wip_line_ids)
        paper = self.assertTiesOut(bill)
        self.assertEqual([row["amount"] for row in paper["time"]], [None, None])
        self.assertIn("Fees agreed 500.00", " ".join(before))

    def test_reduced_disbursements_are_not_printed_at_a_share(self):
        matter = self._create_matter(
            quoted_amount=150, quote_rule="quote", quote_scope="both"
        )
        self._create_disbursement(
            matter, 120.0, name="Counsel", product_id=self.taxed_type.id
        )
        self._create_disbursement(
            matter, 80.0, name="Expert", product_id=self.taxed_type.id
        )
        bill = self._bill(matter)
        paper = self.assertTiesOut(bill)
        rows = paper["disbursements"]
        self.assertEqual([row["amount"] for row in rows], [None, None])
        self.assertEqual(
            [line["amount"] for line in paper["disbursement_lines"]], [150.0]
        )

    # --- rates

    def test_who_worked_at_two_rates_has_two_rows(self):
        matter = self._create_matter()
        self._create_time(matter, 0.3)
        self._create_time(matter, 0.7)
        self._create_time(matter, 2.0).bill_rate = 156.2049
        bill = self._bill(matter)
        paper = self.assertTiesOut(bill)
        self.assertEqual(
            [
                (row["hours"], paper["rate"](row), row["amount"])
                for row in paper["timekeepers"]
            ],
            [(2.0, "156.2049", 312.41), (1.0, "300.00", 300.0)],
        )

    def test_a_rate_is_the_same_in_list_and_summary(self):
        """Tenths of hours at odd rates: amounts are rounded, rates are not worked out."""
        matter = self._create_matter()
        for hours in (0.3, 0.7, 1.1):
            self._create_time(matter, hours).bill_rate = 156.21
        bill = self._bill(matter)
        self.assertTiesOut(bill)
        self.assertEqual(set(self._get_rates(bill)), {"156.21"})

    def test_entries_in_another_currency_say_their_own_rate(self):
        usd = self.env.ref("base.EUR")
        usd.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "company_id": self.company.id,
                "name": date(2026, 1, 1),
                "rate": 0.8,
            }
        )
        matter = self._create_matter()
        self._create_time(matter, 0.3)
        matter.billing_currency_id = usd
        bill = self._bill(matter)
        self.assertEqual(bill.currency_id, usd)
        paper = self.assertTiesOut(bill)
        [row] = paper["time"]
        code = self.company.currency_id.name
        self.assertEqual((row["amount"], paper["rate"](row)), (72.0, f"{code} 300.00"))
        bill.fee_override = 100.0
        [row] = self.assertTiesOut(bill)["time"]
        self.assertIsNone(row["amount"])
