import csv
import io
from unittest.mock import patch

import openpyxl

from odoo.tests import freeze_time, tagged

from odoo.addons.web.controllers import export as http_export

from ...controllers.export import LegalCSVExport, LegalExcelExport, _as_text_groups
from ..client_account.trust_common import TrustCommon


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestInjection(TrustCommon):
    """What people type, paste and import is text wherever it comes out."""

    def test_html(self):
        """What a lawyer types is text, on screen and on paper."""
        evil = "<img src=x onerror=alert(1)>"
        matter = self._create_matter(name=evil)
        entry = self._create_time(matter, 1.0, name=evil)
        entry.bill_narrative = evil
        bill = self._bill(matter)
        bill.bill_text = evil
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "legal_billing.action_report_bill_itemised", bill.ids
        )
        self.assertNotIn(b"<img src=x", html)
        self.assertIn(b"&lt;img src=x", html)
        self._as(entry, "biller").action_remove_from_bill()
        self._as(entry, "biller").action_write_off(evil)
        notes = bill.message_ids + matter.message_ids
        for body in notes.mapped("body"):
            self.assertNotIn("<img src=x", body)
        template = self.env.ref("legal_billing.mail_template_bill")
        mail = template._render_field("body_html", bill.ids)[bill.id]
        self.assertNotIn("<img src=x", mail)

    def test_formulas(self):
        """A spreadsheet shows what begins with = + - @ as text."""
        texts = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "plain")
        for text in texts:
            self._create_time(self.matter, 1.0, name=text)
        entries = self.env["account.analytic.line"].search(
            [("matter_id", "=", self.matter.id)], order="id"
        )
        rows = entries.export_data(["name", "unit_amount"])["datas"]
        content = LegalCSVExport().from_data([], ["Name", "Hours"], rows)
        cells = list(csv.reader(io.StringIO(content)))[1:]
        self.assertEqual(
            [cell for cell, _hours in cells], [*(f"'{t}" for t in texts[:-1]), "plain"]
        )
        fields = [{"name": "name", "type": "char"}, {"name": "h", "type": "float"}]
        with patch.object(http_export, "request", self):
            content = LegalExcelExport().from_data(fields, ["Name", "Hours"], rows)
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        for (cell, hours), text in zip(sheet.iter_rows(min_row=2), texts, strict=True):
            self.assertEqual(cell.data_type, "s", text)
            self.assertEqual(hours.value, 1.0)
        tree = http_export.GroupsTreeNode(entries, ["name"], ["name"], [])
        tree.child("=1+1").data = [["=1+1"], ["plain"]]
        _as_text_groups(tree)
        self.assertEqual(tree.children["'=1+1"].data, [["'=1+1"], ["plain"]])

    def test_paths(self):
        """Names of files have no path in them."""
        run = self._create_run()
        run.sudo().name = "../../etc/passwd"
        self.assertNotIn("/", run._get_print_name(0))
        matter = self._create_matter(name="../../etc/passwd")
        self._create_time(matter)
        bill = self._bill(matter)
        self.assertNotIn("/", bill._get_invoice_report_filename())
