import io
import re

from pypdf import PdfReader

from odoo.tests import HttpCase, new_test_user, tagged

from ..common import LegalBillingCommon

NARRATIVE = "Advice on the lease of the mill"


@tagged("post_install", "-at_install")
class TestCorePrint(LegalBillingCommon, HttpCase):
    """Core's print, its pro forma and its portal give a bill's own paper, before it is
    produced and after; by the real converter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user = new_test_user(
            cls.env,
            login="client_of_firm",
            groups="base.group_portal",
            partner_id=cls.client.id,
            company_id=cls.company.id,
        )

    def _make_bill(self, name="Mill", report="itemised"):
        matter = self._create_matter(
            name=name,
            bill_report_id=self.env.ref(
                f"legal_billing.action_report_bill_{report}"
            ).id,
        )
        self._create_time(matter, 1.0, name=NARRATIVE)
        return self._approve(self._bill(matter))

    def _read(self, pdf):
        self.assertTrue(pdf.startswith(b"%PDF"), pdf[:200])
        pages = PdfReader(io.BytesIO(pdf)).pages
        return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))

    def _print(self, bills, report="account.account_invoices", role="biller"):
        reports = self._as(self.env["ir.actions.report"], role)
        content, kind = reports._render_qweb_pdf(report, bills.ids)
        self.assertEqual(kind, "pdf")
        return self._read(content)

    def _download(self, bill, login="client_of_firm", **options):
        self.authenticate(login, login)
        query = "&".join(f"{name}={value}" for name, value in options.items())
        answer = self.url_open(f"/my/invoices/{bill.id}?{query}", timeout=60)
        self.assertEqual(answer.status_code, 200)
        return answer.content

    def test_core_s_print_is_the_bill_s_paper(self):
        bill = self._make_bill()
        for report in (
            "account.account_invoices",
            "account.account_invoices_without_payment",
        ):
            text = self._print(bill, report)
            self.assertIn(NARRATIVE, text)
            self.assertIn(bill.name, text)

    def test_core_s_print_takes_the_bill_s_own_template(self):
        letter = self._make_bill(report="letter")
        text = self._print(letter)
        self.assertIn("we charge as agreed", text)
        self.assertNotIn(NARRATIVE, text)

    def test_core_s_print_of_several_gives_each_its_own(self):
        itemised = self._make_bill("Mill")
        letter = self._make_bill("Barn", report="letter")
        text = self._print(letter | itemised)
        self.assertLess(
            text.index("we charge as agreed"),
            text.index(NARRATIVE),
            "their order stays",
        )
        self.assertEqual(text.count(NARRATIVE), 1)

    def test_pro_forma_is_the_bill_s_paper(self):
        bill = self._make_bill()
        [document] = self._as(bill, "biller")._get_invoice_legal_documents_all(
            allow_fallback=True
        )
        self.assertIn(NARRATIVE, self._read(document["content"]))

    def test_the_client_reads_the_bill_in_the_portal(self):
        bill = self._make_bill()
        for options in (
            {"report_type": "pdf"},
            {"report_type": "pdf", "download": "true"},
        ):
            self.assertIn(NARRATIVE, self._read(self._download(bill, **options)))
        page = self._download(bill, report_type="html").decode()
        self.assertIn(NARRATIVE, page)
        self.assertIn('id="wrapwrap"', page)
        self.assertNotIn("file://", page)
        # after: produced without being sent
        self._as(bill, "biller").action_produce_without_sending()
        self.assertEqual(bill.billing_stage, "finalized")
        for options in (
            {"report_type": "pdf"},
            {"report_type": "pdf", "download": "true"},
        ):
            self.assertIn(NARRATIVE, self._read(self._download(bill, **options)))

    def test_another_client_does_not(self):
        bill = self._make_bill()
        new_test_user(self.env, login="somebody_else", groups="base.group_portal")
        page = self._download(bill, login="somebody_else", report_type="pdf")
        self.assertFalse(page.startswith(b"%PDF"))

    def test_fonts_are_data_where_another_s_page_holds_the_bill(self):
        """A report of another addon that renders core's invoice has another
        converter, which reads no files."""
        bill = self._make_bill()
        html = self.env["ir.qweb"]._render(
            "account.report_invoice", {"docs": bill, "doc_ids": bill.ids}
        )
        self.assertIn("data:font/ttf;base64,", html)
        self.assertNotIn("file://", html)
        self.assertIn(NARRATIVE, html)
