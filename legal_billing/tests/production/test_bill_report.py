import base64
import io
import re
import time
from datetime import date
from unittest.mock import patch

from pypdf import PdfReader

from odoo.fields import Command
from odoo.tests import tagged

from ...exceptions import ProduceError
from ...models.production import account_move_preview
from ..common import LegalBillingCommon


class PaperCommon(LegalBillingCommon):
    """Reads papers back."""

    def _print(self, bills, report="itemised", role="biller"):
        """Text of each page of each bill's PDF, blanks evened out.

        :return: one list of pages per bill
        :rtype: list
        """
        action = self.env.ref(f"legal_billing.action_report_bill_{report}")
        bills.bill_report_id = action
        pdfs = self._as(bills, role)._render_bill_pdfs()
        return [self._read(pdfs[bill]) for bill in self._as(bills, role)]

    def _read(self, pdf):
        pages = PdfReader(io.BytesIO(pdf)).pages
        return [
            re.sub(r"\s+", " ", page.extract_text()).replace(" ,", ",")
            for page in pages
        ]

    def assertTiesOut(self, bill):
        """What is printed adds up, from the rows to the total."""
        paper = bill._get_paper()
        rows = paper["disbursements"]

        def add(items):
            return sum(item["amount"] or 0.0 for item in items)

        self.assertAlmostEqual(add(paper["time"]), paper["time_total"], 2)
        self.assertAlmostEqual(
            add(paper["time"]) + add(paper["fee_lines"]), paper["fees_total"], 2
        )
        self.assertAlmostEqual(
            add(rows) + add(paper["disbursement_lines"]),
            paper["disbursements_total"],
            2,
        )
        self.assertAlmostEqual(add(paper["timekeepers"]), paper["time_total"], 2)
        self.assertAlmostEqual(
            paper["fees_total"] + paper["disbursements_total"] + paper["other_total"],
            bill.amount_untaxed,
            2,
        )
        self.assertAlmostEqual(paper["net"] + add(paper["taxes"]), paper["total"], 2)
        return paper


@tagged("post_install", "-at_install")
class TestBillReport(PaperCommon):
    # --- what it says

    def test_itemised_bill_says_everything(self):
        matter = self._create_matter(
            name="Smith v Jones", client_reference="SJ/17", matter_number="M-77"
        )
        self._create_time(matter, 1.5, name="Advice on the lease")
        self._create_time(
            matter, 0.5, name="Filing", employee_id=self.associate.id
        ).bill_behavior = "no_charge"
        self._create_time(matter, 4.0, name="Secret study").bill_behavior = "hide"
        self._create_disbursement(matter, 120.0, name="Court fee, claim")
        self._create_disbursement(
            matter, 300.0, name="Counsel", product_id=self.taxed_type.id
        )
        bill = self._approve(self._bill(matter))
        bill.bill_text = "With thanks for your instructions"
        (pages,) = self._print(bill)
        text = " ".join(pages)
        for expected in (
            "Client Ltd",
            f"Bill {bill.name}",
            "Smith v Jones (M-77)",
            "SJ/17",
            "With thanks for your instructions",
            "10/05/2026 Ada Partner Advice on the lease 1.50 300.00 450.00",
            "Ben Associate Filing 0.50 200.00 0.00 no charge",
            "Paid on your behalf, no tax 10/06/2026 Court fee, claim 120.00",
            "Subject to tax 10/06/2026 Counsel 300.00",
            "Ada Partner, Partner 1.50 300.00 450.00",
            "Total before tax 870.00",
            "on 750.00 150.00",
            "1,020.00",
            f"Payment reference {bill.payment_reference}",
            "Page 1 of",
        ):
            self.assertIn(expected, text)
        self.assertNotIn("Secret study", text)
        self.assertTiesOut(bill)

    def test_payments_and_balance_are_printed(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        bill = self._approve(self._bill(matter))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create(
            {"amount": 100.0, "payment_date": date(2026, 11, 2)}
        )._create_payments()
        (pages,) = self._print(bill)
        text = " ".join(pages)
        self.assertIn("Received on 11/02/2026 -100.00", text)
        self.assertRegex(text, r"Balance due \S* ?260\.00")

    def test_credit_note_is_called_so(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        bill = self._approve(self._bill(matter))
        self._as(bill, "approver").action_credit_and_rebill()
        (pages,) = self._print(bill.reversal_move_ids)
        text = " ".join(pages)
        self.assertIn(f"Credit note {bill.reversal_move_ids.name}", text)
        self.assertIn(f"Credit of {bill.name}", text)
        self.assertNotIn("Payable by", text)

    def test_released_entries_are_still_printed(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0, name="Kept narrative")
        bill = self._approve(self._bill(matter))
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertFalse(bill.wip_line_ids)
        (pages,) = self._print(bill)
        self.assertIn("Kept narrative 1.00 300.00 300.00", " ".join(pages))
        self.assertTiesOut(bill)

    def test_third_party_payer_is_addressed_and_the_client_named(self):
        insurer = self.env["res.partner"].create({"name": "Insurer SA"})
        matter = self._create_matter(billing_partner_id=insurer.id)
        self._create_time(matter, 1.0)
        (pages,) = self._print(self._bill(matter))
        self.assertRegex(pages[0], r"Insurer SA.*Client Client Ltd")

    def test_bill_is_in_the_language_of_the_payer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.client.lang = "de_DE"
        matter = self._create_matter()
        self._create_time(matter, 10.0)
        (pages,) = self._print(self._bill(matter))
        self.assertIn("05.10.2026", pages[0])
        self.assertIn("3.000,00", pages[0])

    # --- what adds up

    def test_printed_rows_add_up_whatever_the_terms(self):
        terms = {
            "hidden quote": {"quoted_amount": 700, "quote_rule": "quote"},
            "hidden quote and discount": {
                "quoted_amount": 700,
                "quote_rule": "quote",
                "discount_type": "percent",
                "discount_value": 7,
            },
            "shown quote and discount": {
                "quoted_amount": 500,
                "quote_rule": "lower",
                "adjustment_display": "discount",
                "discount_type": "fixed",
                "discount_value": 33.33,
            },
            "discount": {"discount_type": "percent", "discount_value": 12.5},
        }
        for name, vals in terms.items():
            matter = self._create_matter(name=name, **vals)
            for hours in (0.7, 1.1, 0.3):
                self._create_time(matter, hours)
            self._create_disbursement(matter, 99.99)
            bill = self._bill(matter)
            with self.subTest(terms=name):
                self.assertTiesOut(bill)
                rows = bill._get_itemised_rows()
                if name == "shown quote and discount":
                    self.assertEqual(
                        [row["amount"] for row in rows if row["kind"] == "time"],
                        [210.0, 330.0, 90.0],
                    )
                if name == "hidden quote":
                    self.assertEqual(
                        {row["amount"] for row in rows if row["kind"] == "time"}, {None}
                    )

    def test_agreed_fee_and_lines_by_hand_add_up(self):
        matter = self._create_matter(discount_type="percent", discount_value=10)
        self._create_time(matter, 1.0)
        self._create_time(matter, 2.0)
        bill = self._bill(matter)
        bill.fee_override = 777.77
        bill.invoice_line_ids = [
            Command.create(
                {
                    "name": "Storage of files",
                    "price_unit": 12.0,
                    "tax_ids": [Command.clear()],
                }
            ),
            Command.create(
                {
                    "name": "Success fee",
                    "price_unit": 50.0,
                    "bill_element": "fees",
                    "tax_ids": [Command.clear()],
                }
            ),
        ]
        paper = self.assertTiesOut(bill)
        self.assertEqual(paper["fees_total"], 839.77)
        # a line by hand on an income account is a fee
        self.assertEqual(
            sorted((line["text"], line["amount"]) for line in paper["fee_lines"]),
            [
                ("Fees agreed", 777.77),
                ("Storage of files", 12.0),
                ("Success fee", 50.0),
            ],
        )
        self.assertEqual(paper["other_total"], 0.0)
        (pages,) = self._print(bill)
        self.assertIn("Storage of files 12.00", " ".join(pages))

    def test_instalment_is_the_price_of_the_work_it_covers(self):
        matter = self._create_matter(billing_arrangement="fixed")
        self.env["legal.fee.instalment"].create(
            {
                "matter_id": matter.id,
                "name": "Stage one",
                "amount": 1000.0,
                "due_date": date(2026, 10, 1),
            }
        )
        self._create_time(matter, 3.0)
        self._create_disbursement(matter, 80.0)
        bill = self._bill(matter)
        paper = self.assertTiesOut(bill)
        self.assertEqual([row["amount"] for row in paper["time"]], [None])
        self.assertEqual(paper["fees_total"], 1000.0)
        (pages,) = self._print(bill)
        self.assertIn("Advice 3.00 included", pages[0])
        self.assertIn("Stage one 1,000.00", pages[0])

    # --- other layouts

    def test_layout_by_timekeeper_has_no_narratives(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0, name="Private advice")
        self._create_disbursement(matter, 80.0, name="Stamp duty")
        (pages,) = self._print(self._bill(matter), "timekeeper")
        text = " ".join(pages)
        self.assertIn("Ada Partner, Partner 1.00 300.00 300.00", text)
        self.assertIn("Stamp duty 80.00", text)
        self.assertNotIn("Private advice", text)

    def test_letter_says_what_was_agreed(self):
        matter = self._create_matter(name="Lease", billing_arrangement="fixed")
        self.env["legal.fee.instalment"].create(
            {
                "matter_id": matter.id,
                "name": "Stage one",
                "amount": 1000.0,
                "due_date": date(2026, 10, 1),
            }
        )
        self._create_time(matter, 3.0, name="Private advice")
        (pages,) = self._print(self._bill(matter), "letter")
        text = " ".join(pages)
        self.assertRegex(text, r"in the matter ?Lease ?up to 10/31/2026")
        self.assertIn("Stage one 1,000.00", text)
        self.assertNotIn("Private advice", text)

    # --- pages

    def test_three_hundred_entries_have_headers_and_page_numbers(self):
        matter = self._create_matter(name="Long matter")
        self.env["account.analytic.line"].create(
            [
                {
                    "project_id": matter.id,
                    "employee_id": self.lawyer.id,
                    "name": f"Entry {number:03} of a long list, with some more words",
                    "date": date(2026, 10, 1 + number % 28),
                    "unit_amount": 0.5,
                }
                for number in range(300)
            ]
        )
        bill = self._approve(self._bill(matter))
        (pages,) = self._print(bill)
        self.assertGreater(len(pages), 4)
        for number, page in enumerate(pages, start=1):
            self.assertIn(f"Page {number} of {len(pages)}", page)
            running = f"Bill {bill.name} · Long matter"
            self.assertEqual(running in page, number > 1)
            if "Entry" in page:
                self.assertIn("Date By Description Hours Rate Amount", page)
        text = " ".join(pages)
        entries = re.findall(r"Entry (\d{3}) of a long list", text)
        self.assertEqual(sorted(entries), [f"{number:03}" for number in range(300)])
        self.assertIn("45,000.00", text)

    def test_a_batch_is_split_by_bill(self):
        bills = self.env["account.move"]
        for hours, count in ((1.0, 1), (2.0, 60), (3.0, 2)):
            matter = self._create_matter(name=f"Matter {hours:g}")
            for _number in range(count):
                self._create_time(matter, hours)
            bills |= self._bill(matter)
        printed = self._print(bills)
        self.assertEqual(len(printed), 3)
        for bill, pages in zip(bills, printed, strict=True):
            self.assertIn(f"{bill.matter_id.name} ({bill.invoice_origin})", pages[0])
            self.assertIn(f"Page 1 of {len(pages)}", pages[0])
            self.assertIn(f"Page {len(pages)} of {len(pages)}", pages[-1])

    def test_hostile_narratives_stay_text(self):
        matter = self._create_matter()
        html = (
            "<b>x</b><script>document.body.innerHTML=''</script></td></table><h1>E</h1>"
        )
        narratives = [
            html,
            "\u202eabc\u202c מכתב לבית המשפט",
            "Emoji \U0001f389\u2696 end",
            "W" * 4000,
            "line\n" * 200 + "last line",
            "control \x0b\x1f\x7f characters, {{ 7*7 }} ${7*7}",
        ]
        for narrative in narratives:
            self._create_time(matter, 1.0, name=narrative)
        bill = self._approve(self._bill(matter))
        (pages,) = self._print(bill)
        text = " ".join(pages)
        squeezed = text.replace(" ", "")
        self.assertIn(html.replace(" ", ""), squeezed)
        # \u202e may turn the words it stands in, never the figures beside them
        self.assertEqual(len(re.findall(r"1\.00 300\.00 300\.00", text)), 6)
        self.assertGreaterEqual(squeezed.count("W"), 4000)
        self.assertIn("lastline", squeezed)
        self.assertIn("{{7*7}}${7*7}", squeezed)
        self.assertIn("1,800.00", text)
        for number, page in enumerate(pages, start=1):
            self.assertIn(f"Page {number} of {len(pages)}", page)

    def test_paper_is_letter_where_the_company_prints_letter(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        bill = self._as(self._bill(matter), "biller")
        sizes = []
        for name in ("base.paperformat_euro", "base.paperformat_us"):
            self.company.paperformat_id = self.env.ref(name)
            page = PdfReader(io.BytesIO(bill._render_bill_pdfs()[bill])).pages[0]
            sizes.append((round(page.mediabox.width), round(page.mediabox.height)))
        self.assertEqual(sizes, [(595, 842), (612, 792)])

    def test_layout_links_to_nothing(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        bill = self._bill(matter)
        report = self.env.ref("legal_billing.action_report_bill_itemised")
        html = self.env["ir.actions.report"]._render_qweb_html(
            report, bill.ids, data={"report_type": "pdf"}
        )[0]
        bodies, _ids, header, footer, _args = report._prepare_html(
            html, report_model="account.move"
        )
        for part in (html.decode(), *bodies, header, footer):
            self.assertNotRegex(part, r"(?:href|src)=[\"']?(?:http|/)")
            self.assertNotIn("/web/assets", part)
            self.assertLess(len(part), 20_000)
            self.assertEqual(part.count("<h1"), part.count('class="article"'))

    def test_core_print_of_a_matter_bill_shows_the_itemised_list(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0, name="Advice on core paper")
        bill = self._bill(matter)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "account.account_invoices", bill.ids
        )[0]
        self.assertIn(b"Advice on core paper", html)

    def test_core_print_of_another_invoice_stays_cores(self):
        invoice = self.init_invoice("out_invoice", amounts=[100.0], post=True)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "account.account_invoices", invoice.ids
        )[0]
        self.assertNotIn(b'class="bill"', html)
        self.assertNotIn(
            self.env.ref("legal_billing.action_report_bill_itemised"),
            invoice._get_available_action_reports(),
        )

    # --- preview

    def test_preview_marks_drafts_on_every_page(self):
        draft_matter = self._create_matter(name="Draft matter")
        for _number in range(60):
            self._create_time(draft_matter, 1.0)
        approved_matter = self._create_matter(name="Approved matter")
        self._create_time(approved_matter, 1.0)
        draft = self._bill(draft_matter)
        approved = self._approve(self._bill(approved_matter))
        action = self._as(draft | approved, "biller").action_preview_bills()
        self.assertEqual(action["type"], "ir.actions.act_url")
        preview = (
            self.env["legal.bill.preview"].sudo().search([], order="id desc", limit=1)
        )
        self.assertEqual(preview.create_uid, self.biller)
        self.assertIn(f"/legal.bill.preview/{preview.id}/content/", action["url"])
        pages = self._read(base64.b64decode(preview.sudo().content))
        self.assertGreater(len(pages), 2)
        for page in pages:
            self.assertEqual("DRAFT" in page, "Approved matter" not in page)
        self.assertFalse(approved.invoice_pdf_report_id)

    def test_preview_works_for_a_reviewer_and_is_his_own(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        bill = self._bill(matter)
        self._as(bill, "reviewer").action_preview_bills()
        preview = (
            self.env["legal.bill.preview"].sudo().search([], order="id desc", limit=1)
        )
        self.assertFalse(
            self._as(self.env["legal.bill.preview"], "biller").search(
                [("id", "=", preview.id)]
            )
        )

    def test_preview_of_too_many_bills_is_refused(self):
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        bill = self._bill(matter)
        with (
            patch.object(account_move_preview, "PREVIEW_LIMIT", 0),
            self.assertRaisesRegex(ProduceError, "takes up to 0 bills; these are 1"),
        ):
            self._as(bill, "biller").action_preview_bills()

    # --- cost

    def test_rendering_costs_few_queries_and_little_time(self):
        matters = self.env["project.project"]
        for number in range(20):
            matter = self._create_matter(name=f"Matter {number}")
            self._create_time(matter, 1.0)
            self._create_time(matter, 2.0, employee_id=self.associate.id)
            matters |= matter
        bills = self._as(self._approve(self._bill(matters)), "biller")
        bills[0]._render_bill_pdfs()
        self.env.invalidate_all()
        queries = self.env.cr.sql_log_count
        start = time.perf_counter()
        bills._render_bill_pdfs()
        seconds = time.perf_counter() - start
        self.assertLess((self.env.cr.sql_log_count - queries) / 20, 8.5)
        self.assertLess(seconds / 20, 0.5)
