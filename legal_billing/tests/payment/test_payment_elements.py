from datetime import date

from lxml import etree

from odoo.tests import tagged

from ...tools import ELEMENT_ORDER
from .payment_common import DAY, PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentElements(PaymentCommon):
    """What is open of each element of a bill, and the receipts of timekeepers."""

    # --- elements

    def test_elements_add_up_to_the_residual_after_any_payment(self):
        bill = self._create_bill({"disbursement_exempt": 400, "fees": 590})
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"amount": 100, "payment_date": DAY})._create_payments()
        self.assertEqual(
            {row["element"]: row["outstanding"] for row in bill.element_amounts},
            {"disbursement_exempt": 300.0, "fees": 590.0},
        )
        payment = self._create_payment(bill, 200)
        payment.allocation_ids.write(
            {"element_fees": 150, "element_disbursement_exempt": 50}
        )
        payment.action_post()
        self.assertEqual(
            {row["element"]: row["outstanding"] for row in bill.element_amounts},
            {"disbursement_exempt": 250.0, "fees": 440.0},
        )
        self.assertEqual(bill.amount_residual, 690.0)

    def test_bills_are_found_by_the_element_that_is_open(self):
        untouched = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        fees_left = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        costs_left = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        only_fees = self._create_bill({"fees": 60})
        paid = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        self._pay(fees_left, 40)
        payment = self._create_payment(costs_left, 60)
        payment.allocation_ids.write(
            {"element_fees": 60, "element_disbursement_exempt": 0}
        )
        payment.action_post()
        self._pay(paid, 100)
        bills = untouched | fees_left | costs_left | only_fees | paid
        found = {
            element: self._as(bills, "cashier").search(
                [("id", "in", bills.ids), ("open_element", "=", element)]
            )
            for element in ("fees", "disbursement_exempt", "disbursement_taxable")
        }
        self.assertEqual(set(found["fees"]), set(untouched | fees_left | only_fees))
        self.assertEqual(set(found["disbursement_exempt"]), set(untouched | costs_left))
        self.assertFalse(found["disbursement_taxable"])
        for bill in bills:
            open_elements = {
                row["element"]
                for row in bill.element_amounts
                if bill.currency_id.compare_amounts(row["outstanding"], 0) > 0
            }
            self.assertEqual(
                {element for element, those in found.items() if bill in those},
                open_elements,
            )

    def test_bills_are_found_by_the_section_that_is_open(self):
        untouched = self._create_bill({"anticipated_taxable": 40, "fees": 60})
        costs = self._create_bill({"disbursement_exempt": 40, "anticipated_exempt": 5})
        fees_left = self._create_bill({"disbursement_exempt": 40, "fees": 60})
        self._pay(fees_left, 40)
        bills = untouched | costs | fees_left
        expected = {"fees": untouched | fees_left, "disbursements": untouched | costs}
        for section, found in expected.items():
            search = self._as(bills, "cashier").search(
                [("id", "in", bills.ids), ("open_section", "=", section)]
            )
            self.assertEqual(set(search), set(found), section)

    def test_a_slip_shows_every_element(self):
        """In its list of rows and in a row's form, in the order of payment."""
        form = self._as(self.env["legal.payment"], "cashier").get_view(
            self.env.ref("legal_billing.legal_payment_view_form").id, "form"
        )
        arch = etree.fromstring(form["arch"])
        shown = [node.get("name") for node in arch.xpath("//list/field")]
        elements = [f"element_{key}" for key in ELEMENT_ORDER]
        self.assertEqual([name for name in shown if name in elements], elements)
        shown = [node.get("name") for node in arch.xpath("//form//form//field")]
        self.assertEqual([name for name in shown if name in elements], elements)

    def test_every_segment_of_a_bar_has_its_colour(self):
        bill = self._create_bill({"anticipated_taxable": 40, "fees": 60})
        bars = (
            bill.element_bar,
            self._create_payment(bill, 20).allocation_ids.element_bar,
        )
        for bar in bars:
            self.assertEqual(
                [(part["element"], part["tone"]) for part in bar],
                [("anticipated_taxable", "info"), ("fees", "success")],
            )

    def test_finding_by_the_open_element_is_flat_in_queries(self):
        """Bills of fees alone need no working out; the others cost the same few
        statements, however many."""

        def count(bills, amounts):
            for amount in amounts:
                bills |= self._create_bill(amount)
            for bill in bills:
                self._pay(bill, 10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self._as(bills, "cashier").search([("open_element", "=", "fees")])
            queries = self.env.cr.sql_log_count - before
            self.assertLessEqual(set(bills.ids), set(found.ids))
            return queries

        none = self.env["account.move"]
        two = {"disbursement_exempt": 40, "fees": 60}
        count(none, [two])  # warms up
        few = count(none, [two])
        self.assertLessEqual(count(none, [two] * 10), few)

    def test_element_totals_follow_rounding_of_the_whole_document(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        bill = self._create_bill(
            {"disbursement_taxable": 55.33, "fees": 54.68}, taxes=self.tax_20
        )
        gross = sum(row["gross"] for row in bill.element_amounts)
        self.assertAlmostEqual(gross, bill.amount_total, 2)

    # --- receipts

    def test_fees_received_are_shared_by_what_was_billed(self):
        matter = self._create_matter()
        self._create_time(matter, 2.0)
        self._create_time(matter, 2.0, employee_id=self.associate.id)
        bill = self._approve(self._bill(matter))
        self.assertEqual(bill.amount_total, 1200.0)
        payment = self._pay(bill, 120, date=date(2026, 11, 2))
        receipts = self.env["legal.timekeeper.receipt"].search(
            [("payment_id", "=", payment.id)]
        )
        self.assertEqual(
            {row.employee_id: row.amount for row in receipts},
            {self.lawyer: 60.0, self.associate: 40.0},
        )
        payment.action_reverse("wrong", "correction")
        total = self.env["legal.timekeeper.receipt"]._read_group(
            [("payment_id", "=", payment.id)], [], ["amount:sum"]
        )[0][0]
        self.assertEqual(total, 0.0)
