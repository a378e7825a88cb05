import io

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from ...exceptions import LayoutError, RoleError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBillLayout(LegalBillingCommon):
    """A firm copies a bill template and changes it without code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.standard = cls.env.ref("legal_billing.legal_bill_layout_itemised")
        cls.matter = cls._create_matter(name="Lease")
        cls._create_time(cls.matter, 2.0)
        cls._create_disbursement(cls.matter, 100.0)

    def setUp(self):
        super().setUp()
        action = self._as(self.standard, "manager").action_copy_layout()
        self.layout = self._as(self.env["legal.bill.layout"], "manager").browse(
            action["res_id"]
        )

    def _read(self, bill):
        pdf = bill._render_bill_pdfs()[bill]
        reader = PdfFileReader(io.BytesIO(pdf))
        pages = [reader.getPage(n) for n in range(reader.getNumPages())]
        return " ".join(page.extract_text() for page in pages)

    def test_a_copy_shows_what_the_firm_wants(self):
        self.layout.write(
            {
                "name": "For insurers",
                "title": "Fee note",
                "intro_text": "Under the policy",
                "closing_text": "Claims department only",
                "show_rates": False,
                "show_hours": False,
                "show_summary": False,
                "show_payment": False,
            }
        )
        self.assertEqual(self.layout.report_id.name, "For insurers")
        self.matter.bill_report_id = self.layout.report_id
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.bill_report_id, self.layout.report_id)
        text = self._read(bill)
        for word in ("Fee note", "Under the policy", "Claims department", "700.00"):
            self.assertIn(word, text)
        for word in ("Rate", "Hours", "Summary by timekeeper", "Payment reference"):
            self.assertNotIn(word, text)
        bill.bill_report_id = self.standard.report_id
        text = self._read(bill)
        for word in ("Rate", "Hours", "Summary by timekeeper", "Payment reference"):
            self.assertIn(word, text)
        self.assertNotIn("Under the policy", text)

    def test_without_entries_the_total_stays(self):
        self.layout.write({"show_entries": False, "show_disbursements": False})
        bill = self._bill(self.matter)
        bill.bill_report_id = self.layout.report_id
        text = self._read(bill)
        self.assertNotIn("Advice", text)
        for word in ("Time recorded", "600.00", "100.00", "820.00", "Draft bill"):
            self.assertIn(word, text)

    def test_words_are_in_the_clients_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.layout.intro_text = "For our work"
        self.layout.with_context(lang="fr_FR").intro_text = "Pour nos travaux"
        self.client.lang = "fr_FR"
        bill = self._bill(self.matter)
        bill.bill_report_id = self.layout.report_id
        self.assertIn("Pour nos travaux", self._read(bill))

    def test_printing_by_name_finds_the_copy(self):
        """The print menu calls a report by its name."""
        self.layout.intro_text = "Under the policy"
        report = self.layout.report_id
        self.assertNotEqual(report.report_name, self.standard.report_id.report_name)
        found = self.env["ir.actions.report"]._get_report(report.report_name)
        self.assertEqual(found, report)
        bill = self._bill(self.matter)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            report.report_name, bill.ids
        )
        self.assertIn("Under the policy", html.decode())
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            self.standard.report_id.report_name, bill.ids
        )
        self.assertNotIn("Under the policy", html.decode())

    def test_chosen_for_a_run(self):
        bill = self._bill(self.matter, bill_report_id=self.layout.report_id.id)
        self.assertEqual(bill.bill_report_id, self.layout.report_id)

    def test_roles(self):
        for role in ("biller", "approver", "reviewer"):
            with self.assertRaises(RoleError):
                self._as(self.standard, role).action_copy_layout()
            with self.assertRaises(AccessError):
                self._as(self.layout, role).write({"title": "x"})
        other = self.env.ref("account.account_invoices")
        with self.assertRaisesRegex(LayoutError, "keeps its report"):
            self.layout.write({"report_id": other.id})
        with self.assertRaises(AccessError):
            self.layout.create({"name": "x", "base": "letter", "report_id": other.id})

    def test_deleting(self):
        report = self.layout.report_id
        view = self.env["ir.ui.view"].search([("key", "=", report.report_name)])
        self.assertTrue(view)
        self.matter.bill_report_id = report
        with self.assertRaisesRegex(LayoutError, "is not deleted"):
            self.layout.unlink()
        self.matter.bill_report_id = False
        self.layout.unlink()
        self.assertFalse(report.exists() or view.exists())
        with self.assertRaisesRegex(LayoutError, "standard templates stay"):
            self._as(self.standard, "manager").unlink()

    def test_preview(self):
        self._bill(self.matter)
        action = self.layout.action_preview()
        self.assertEqual(action["type"], "ir.actions.act_url")
