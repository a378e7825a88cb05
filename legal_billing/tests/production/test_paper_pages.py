from datetime import date

from odoo.tests import tagged

from ...tools import keep_numbers, split_rows
from .test_bill_report import PaperCommon

NARRATIVES = (
    "Preparing the inheritance tax account and supporting schedules",
    "Considering the nil-rate band and advising the trustees",
    "Telephone call with a beneficiary about the timing of distributions",
    "Meeting the client to take instructions on the guardianship of the children",
)


@tagged("post_install", "-at_install")
class TestPaperPages(PaperCommon):
    """What stays together on a line and on a page."""

    def _create_entries(self, matter, count):
        people = self.lawyer, self.associate
        return self.env["account.analytic.line"].create(
            [
                {
                    "project_id": matter.id,
                    "employee_id": people[number % 2].id,
                    "name": f"{NARRATIVES[number % 4]} {number:03}",
                    "date": date(2026, 10, 1 + number % 28),
                    "unit_amount": 0.5,
                }
                for number in range(count)
            ]
        )

    def test_five_hundred_entries_fit_on_nine_pages(self):
        matter = self._create_matter(name="Estate")
        self._create_entries(matter, 500)
        for _number in range(20):
            self._create_disbursement(matter, 10.0)
        bill = self._bill(matter)
        paper = self.assertTiesOut(bill)
        self.assertTrue(paper["is_dense"])
        (pages,) = self._print(bill)
        self.assertLessEqual(len(pages), 9)
        text = " ".join(pages)
        self.assertEqual(
            [f"{n:03}" for n in range(500) if f" {n:03} 0.50 " not in text], []
        )
        # people by their initials, which the summary explains
        self.assertIn("Date By Description Hours Rate Amount", pages[0])
        self.assertIn("Ada Partner, Partner (AP) 125.00", text)
        self.assertIn(" BA ", pages[0])

    def test_people_with_the_same_initials_are_told_apart(self):
        matter = self._create_matter()
        self._create_entries(matter, 100)
        self.associate.name = "Abe Porter"
        bill = self._bill(matter)
        paper = bill._get_paper()
        self.assertEqual({row["initials"] for row in paper["time"]}, {"AP", "AP2"})
        self.env.ref("legal_billing.legal_bill_layout_itemised").show_summary = False
        paper = bill._get_paper()
        self.assertEqual({row["initials"] for row in paper["time"]}, {""})

    def test_totals_are_never_alone_on_a_page(self):
        """Whatever the list before them, and wherever the page ends."""
        layout = self.env.ref("legal_billing.legal_bill_layout_itemised")
        bills = self.env["account.move"]
        for count in range(9, 21, 2):
            matter = self._create_matter(name=f"Matter {count}")
            self._create_entries(matter, count)
            bills |= self._bill(matter)
            matter = self._create_matter(name=f"Costs {count}")
            for number in range(count):
                self._create_disbursement(matter, 10.0, name=f"Fee {number}")
            bills |= self._bill(matter)
        for has_summary in (True, False):
            layout.show_summary = has_summary
            for bill, pages in zip(bills, self._print(bills), strict=True):
                [page] = [page for page in pages if "Total before tax" in page]
                self.assertRegex(
                    page, r"0\.50 \d+\.00|Fee \d+ 10\.00|Summary by", bill.name
                )
                for page in pages:
                    if "Time recorded" in page:
                        self.assertRegex(page, r"\d{3} 0\.50")

    def test_numbers_are_not_broken(self):
        kept = keep_numbers("Registry fee, M-1013 <b> and/or 2026-11-30")
        self.assertEqual(
            kept,
            'Registry fee, <span class="whole">M-1013</span> &lt;b&gt; and/or '
            '<span class="whole">2026-11-30</span>',
        )
        long = "1-" * 40
        self.assertEqual(keep_numbers(long), long, "wider than a column")
        self.assertEqual(keep_numbers("<i>well-known</i>"), "<i>well-known</i>")
        matter = self._create_matter(name="Sale of the house", matter_number="M-77")
        self._create_time(matter, 1.0)
        [reference, *_others] = self._bill(matter)._get_paper()["references"]
        self.assertEqual(
            reference[1], 'Sale of the house <span class="whole">(M-77)</span>'
        )

    def test_a_long_row_may_go_to_another_page(self):
        short, tall = {"more": []}, {"more": ["and so on"]}
        self.assertEqual(split_rows([tall, short]), ([tall], [short]))
        self.assertEqual(split_rows([short, tall]), ([short, tall], []))
        self.assertEqual(split_rows([short] * 5), ([short] * 3, [short] * 2))
        self.assertEqual(split_rows([]), ([], []))

    def test_summary_first_and_the_entries_as_a_schedule(self):
        layout = self.env.ref("legal_billing.legal_bill_layout_itemised")
        layout.has_schedule = True
        matter = self._create_matter(discount_type="percent", discount_value=10)
        self._create_entries(matter, 5)
        self._create_disbursement(matter, 99.0, name="Stamp duty")
        bill = self._approve(self._bill(matter))
        self.assertTiesOut(bill)
        first, second = self._print(bill)[0]
        for words in ("Summary by timekeeper", "Discount", "Total before tax", "Pay"):
            self.assertIn(words, first)
            self.assertNotIn(words, second)
        for words in (f"Schedule to Bill {bill.name}", NARRATIVES[0], "Stamp duty"):
            self.assertNotIn(words, first)
            self.assertIn(words, second)
