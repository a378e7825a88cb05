from datetime import date

from odoo.tests import tagged

from ...exceptions import BillingRunError, MatterOptionError
from ..common import LegalBillingCommon

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 30)


@tagged("post_install", "-at_install")
class TestArrangement(LegalBillingCommon):
    """Fee arrangements in mass billing and by hand (rule C-35): rows, drafts, items."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_account = cls.company_data["default_account_tax_sale"]
        lines = cls.tax_20.invoice_repartition_line_ids
        lines |= cls.tax_20.refund_repartition_line_ids
        lines.filtered(
            lambda line: line.repartition_type == "tax"
        ).account_id = cls.tax_account
        cls.revenue = cls.company_data["default_account_revenue"]
        cls.receivable = cls.company_data["default_account_receivable"]

    def _get_lines(self, bill):
        return [
            (line.legal_line_kind, line.price_subtotal)
            for line in bill.invoice_line_ids.sorted("sequence, id")
        ]

    def _assert_booked(self, bill, *fees):
        """The bill is posted with these net lines, 20 % and the sum of both."""
        self._approve(bill)
        net = sum(fees)
        self.assertItems(
            bill,
            [
                *((self.revenue, max(-fee, 0.0), max(fee, 0.0)) for fee in fees),
                (self.tax_account, 0.0, round(net * 0.2, 2)),
                (self.receivable, round(net * 1.2, 2), 0.0),
            ],
        )

    # --- capped

    def test_capped_fee(self):
        matter = self._create_matter(billing_arrangement="capped", cap_amount=5000.0)
        self._create_time(matter, 10.0)
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=3000.0)
        self.assertEqual(self._get_row(run, matter).cap_used, 60)
        self._assert_booked(self._bill(matter), 3000.0)
        self._create_time(matter, 10.0)
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=2000.0)
        row = self._get_row(run, matter)
        self.assertEqual((row.quote_amount, row.quote_effect), (2000.0, -1000.0))
        self.assertEqual(row.cap_used, 100)
        self.assertIn("5,000.00", row.arrangement_text)
        [flag] = [f for f in row.row_flags if f["help"] == row.arrangement_text]
        self.assertEqual((flag["text"], flag["tone"]), ("cap 100 %", "warning"))
        bill = self._bill(matter)
        self._assert_booked(bill, 2000.0)
        self.assertEqual(bill.arrangement_text, row.arrangement_text)
        self.assertEqual(bill.adjustment_ids.mapped("step"), ["cap"])
        self._create_time(matter, 1.0)
        run = self._create_run()
        self.assertRow(run, matter, "excluded", "cap_used_up")
        self.assertEqual(self._get_row(run, matter).reason_group, "quote_used_up")

    def test_a_cap_is_raised_or_billed_over(self):
        matter = self._create_matter(billing_arrangement="capped", cap_amount=3000.0)
        self._create_time(matter, 10.0)
        self._approve(self._bill(matter))
        self._create_time(matter, 2.0)
        row = self._get_row(self._create_run(), matter)
        action = self._as(row, "biller").action_cure()
        window = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        self.assertIn("The cap of", window.message)
        self.assertEqual((window.quoted_amount, window.above_amount), (3000.0, 600.0))
        window.action_bill_anyway()
        bill = row.bill_id
        self.assertEqual(bill.amount_untaxed, 600.0)
        bill.sudo()._reprice()
        self.assertEqual(bill.amount_untaxed, 600.0)
        self._as(bill, "biller").action_delete_bills()
        row = self._get_row(self._create_run(), matter)
        action = self._as(row, "biller").action_cure()
        window = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        window.new_amount = 3400.0
        window.action_raise_quote()
        self.assertEqual((matter.cap_amount, matter.quoted_amount), (3400.0, 0.0))
        self.assertRow(row.run_id, matter, "ready", amount=400.0)

    def test_by_hand_a_cap_holds_whatever_the_firm_prefers(self):
        self.company.legal_bill_choice = "wip"
        matter = self._create_matter(billing_arrangement="capped", cap_amount=1000.0)
        self._create_time(matter, 10.0)
        window = self._as(self.env["legal.matter.bill"], "biller").create(
            {
                "matter_id": matter.id,
                "invoice_date": OCTOBER,
                "cutoff_date": OCTOBER,
            }
        )
        self.assertEqual((window.choice, window.bill_amount), ("options", 1000.0))
        window.choice = "interim"
        window.amount = 2000.0
        self.assertEqual(window.bill_amount, 1000.0)

    # --- blended

    def test_blended_rate(self):
        matter = self._create_matter(
            billing_arrangement="blended",
            blended_rate=250.0,
            adjustment_display="discount",
        )
        first = self._create_time(matter, 2.0)
        second = self._create_time(matter, 3.0, employee_id=self.associate.id)
        free = self._create_time(matter, 4.0, bill_behavior="no_charge")
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=1250.0)
        self.assertEqual(self._get_row(run, matter).quote_effect, 50.0)
        bill = self._bill(matter)
        self.assertEqual(self._get_lines(bill), [("fee", 1250.0)])
        self.assertEqual(
            [entry.billed_amount for entry in first | second | free],
            [625.0, 625.0, 0.0],
        )
        self._as(second, "biller").write({"bill_quantity": 4.0})
        self.assertEqual(bill.amount_untaxed, 1500.0)
        self._assert_booked(bill, 1500.0)

    def test_blended_rate_on_paper(self):
        """The client reads the rate that was agreed."""
        matter = self._create_matter(billing_arrangement="blended", blended_rate=250.0)
        self._create_time(matter, 2.0)
        self._create_time(matter, 3.0, employee_id=self.associate.id)
        bill = self._bill(matter)
        rows = bill._get_itemised_rows()
        self.assertEqual(
            [(row["quantity"], row["rate"], row["amount"]) for row in rows],
            [(2.0, 250.0, 500.0), (3.0, 250.0, 750.0)],
        )

    def test_time_without_a_rate_has_the_blended_one(self):
        matter = self._create_matter(billing_arrangement="blended", blended_rate=250.0)
        self._create_time(matter, 2.0, bill_rate=0.0)
        self.assertRow(self._create_run(), matter, "ready", amount=500.0)

    # --- abatement

    def test_abatement(self):
        matter = self._create_matter(abatement_percent=10.0, abatement_from=10000.0)
        self._create_time(matter, 10.0, bill_rate=950.0)
        first = self._bill(matter)
        self.assertEqual(self._get_lines(first), [("fee", 9500.0)])
        self._approve(first)
        self._create_time(matter, 10.0, bill_rate=200.0)
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=1850.0)
        self.assertEqual(self._get_row(run, matter).discount_amount, 150.0)
        bill = self._bill(matter)
        self.assertEqual(self._get_lines(bill), [("fee", 2000.0), ("discount", -150.0)])
        self.assertIn("Abatement of 10 %", bill.invoice_line_ids[1].name)
        self.assertEqual(bill.discount_effect, 150.0)
        self._assert_booked(bill, 2000.0, -150.0)

    # --- subscription

    def _create_subscription(self, **vals):
        return self._create_matter(
            billing_arrangement="subscription",
            subscription_amount=900.0,
            subscription_hours=5.0,
            **vals,
        )

    def test_subscription(self):
        matter = self._create_subscription()
        entry = self._create_time(matter, 6.5, employee_id=self.associate.id)
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=1200.0)
        bill = self._bill(matter)
        self.assertEqual(
            sorted(self._get_lines(bill)), [("fee", 300.0), ("subscription", 900.0)]
        )
        self.assertEqual(entry.billed_amount, 300.0)
        self.assertIn(
            "Professional fees above the subscription, 1.5 hours",
            bill.invoice_line_ids.mapped("name"),
        )
        self.assertIn("5 of 5 hours", bill.arrangement_text)
        self._assert_booked(bill, 300.0, 900.0)

    def test_a_subscription_is_billed_without_work_each_period_once(self):
        matter = self._create_subscription()
        run = self._create_run()
        self.assertRow(run, matter, "ready", amount=900.0)
        bill = self._bill(matter)
        self.assertEqual(self._get_lines(bill), [("subscription", 900.0)])
        self._approve(bill)
        run = self._create_run()
        self.assertFalse(self._get_row(run, matter))
        run = self._create_run(invoice_date=NOVEMBER)
        self.assertRow(run, matter, "ready", amount=900.0)

    def test_hours_left_serve_a_second_bill_of_the_period(self):
        matter = self._create_subscription()
        self._create_time(matter, 3.0)
        self._approve(self._bill(matter))
        self._create_time(matter, 1.0)
        run = self._create_run()
        self.assertRow(run, matter, "excluded", "included")
        self._create_time(matter, 2.0)
        bill = self._bill(matter)
        self.assertEqual(self._get_lines(bill), [("fee", 300.0)])

    def test_unused_hours_are_carried_over_only_if_said(self):
        for carried, amount in ((False, 1500.0), (True, 900.0)):
            matter = self._create_subscription(subscription_carry_over=carried)
            self._create_time(matter, 3.0)
            self._approve(self._bill(matter))
            self._create_time(matter, 7.0, day=date(2026, 11, 5))
            run = self._create_run(invoice_date=NOVEMBER)
            self.assertRow(run, matter, "ready", amount=amount)

    def test_missed_periods_are_billed_together(self):
        matter = self._create_subscription(subscription_from="2026-08-15")
        bill = self._bill(matter)
        self.assertEqual(self._get_lines(bill), [("subscription", 900.0)] * 3)

    def test_subscription_on_paper(self):
        matter = self._create_subscription()
        self._create_time(matter, 4.0, employee_id=self.associate.id)
        self._create_time(
            matter, 2.5, day=date(2026, 10, 7), employee_id=self.associate.id
        )
        rows = self._bill(matter)._get_itemised_rows()
        self.assertEqual(
            [(row["narrative"], row["amount"]) for row in rows],
            [
                ("Advice (included)", 0.0),
                ("Advice (1 h of it included)", 300.0),
            ],
        )

    # --- contingency

    def test_nothing_is_billed_before_the_outcome(self):
        matter = self._create_matter(
            billing_arrangement="contingency", contingency_percent=30.0
        )
        entry = self._create_time(matter, 10.0)
        self._create_disbursement(matter, 100.0)
        run = self._create_run()
        self.assertRow(run, matter, "excluded", "waits_for_outcome")
        window = self._as(self.env["legal.matter.bill"], "biller").create(
            {"matter_id": matter.id, "invoice_date": OCTOBER, "cutoff_date": OCTOBER}
        )
        with self.assertRaisesRegex(BillingRunError, "waits for the outcome"):
            window.action_bill()
        self._as(matter, "biller").contingency_basis_amount = 40000.0
        bill = self._bill(matter)
        self.assertEqual(
            self._get_lines(bill), [("fee", 12000.0), ("disbursement", 100.0)]
        )
        self.assertEqual(entry.billed_amount, 12000.0)
        self._approve(bill)
        self._create_time(matter, 1.0)
        self.assertRow(self._create_run(), matter, "excluded", "contingency_used_up")

    def test_the_outcome_is_billed_without_work(self):
        matter = self._create_matter(
            billing_arrangement="contingency",
            contingency_percent=100.0,
            contingency_basis_amount=7500.0,
        )
        self._assert_booked(self._bill(matter), 7500.0)
        self.assertFalse(self._get_row(self._create_run(), matter))

    # --- options

    def test_an_arrangement_without_amount_waits(self):
        for arrangement in ("capped", "blended", "subscription"):
            matter = self._create_matter(billing_arrangement=arrangement)
            self._create_time(matter)
            self.assertRow(
                self._create_run(), matter, "excluded", "arrangement_incomplete"
            )

    def test_amounts_that_are_none_are_refused(self):
        matter = self._create_matter()
        for vals, text in (
            ({"cap_amount": -1.0}, "cannot be negative"),
            ({"abatement_percent": 101.0}, "cannot exceed 100"),
            (
                {"billing_arrangement": "capped", "quoted_amount": 5.0},
                "cannot be combined",
            ),
        ):
            with (
                self.assertRaisesRegex(MatterOptionError, text),
                self.env.cr.savepoint(),
            ):
                self._as(matter, "biller").write(vals)
        self._as(matter, "biller").write({"cap_amount": 1.0})

    def test_a_copy_takes_the_arrangement_not_the_outcome(self):
        matter = self._create_matter(
            billing_arrangement="contingency",
            contingency_percent=30.0,
            contingency_basis_amount=500.0,
            abatement_percent=5.0,
        )
        copy = matter.copy()
        self.assertEqual(
            (copy.billing_arrangement, copy.contingency_percent), ("contingency", 30.0)
        )
        self.assertEqual(
            (copy.contingency_basis_amount, copy.abatement_percent), (0, 5)
        )

    def test_the_page_shows_how_much_of_a_cap_is_used(self):
        matter = self._create_matter(billing_arrangement="capped", cap_amount=1000.0)
        self._create_time(matter, 2.0)
        bar = matter.quote_bar
        self.assertEqual((bar["name_text"], bar["percent"]), ("Cap", 60))
        self.assertFalse(self._create_matter().quote_bar)
