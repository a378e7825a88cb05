import csv
import io
import json

import openpyxl

from odoo import http
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from ...tools import make_file_name
from ..client_account.trust_common import TrustCommon

TAG = "<img src=x onerror=alert(1)>"
#: A formula, a tag, a path, control characters, a template's expression, too long.
EVIL = (
    f"=cmd|' /C calc'!A0 {TAG} ../../etc/passwd \x07\u202e {{{{ 7*7 }}}} " + "y" * 900
)


@freeze_time("2026-11-25 12:00:00")
@tagged("post_install", "-at_install")
class TestImport(TrustCommon):
    """Texts that come in by Import, and every place where they come out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.evil_client = cls.env["res.partner"].create(
            {"name": EVIL, "email": "evil@client.example"}
        )
        [matter_id] = cls._load(
            cls,
            cls.biller,
            "project.project",
            {
                "name": EVIL,
                "is_matter": True,
                "matter_number": "=1+1<b>",
                "partner_id/.id": cls.evil_client.id,
                "company_id/.id": cls.company.id,
                "responsible_id/.id": cls.reviewer.id,
            },
        )
        cls.evil = cls.env["project.project"].browse(matter_id)

    def _load(self, user, model, values):
        """Import one row over RPC.

        :return: ids of the new records, or the messages of the refusal
        """
        answer = call_kw(
            self.env(user=user, context={})[model],
            "load",
            [list(values), [[str(value) for value in values.values()]]],
            {"context": {"allowed_company_ids": self.company.ids}},
        )
        return answer["ids"] or [message["message"] for message in answer["messages"]]

    def _import_entry(self, **values):
        return self._load(
            self.biller,
            "account.analytic.line",
            {
                "name": EVIL,
                "bill_narrative": EVIL,
                "project_id/.id": self.evil.id,
                "employee_id/.id": self.lawyer.id,
                "date": "2026-10-05",
                "unit_amount": 1.0,
                **values,
            },
        )

    def assertText(self, html):
        """The tag is shown, not obeyed."""
        html = html.decode() if isinstance(html, bytes) else str(html)
        self.assertNotIn(TAG, html)
        self.assertIn("&lt;img src=x", html)

    def _render(self, report, records):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            report, records.ids
        )
        return html

    def _import_bill(self):
        self._import_entry()
        bill = self._bill(self.evil)
        bill.bill_text = EVIL
        return bill

    def test_bill_and_email(self):
        bill = self._import_bill()
        for name in ("itemised", "timekeeper", "letter"):
            with self.subTest(name):
                self.assertText(
                    self._render(f"legal_billing.action_report_bill_{name}", bill)
                )
        self.assertText(self._as(bill, "biller").get_paper_html())
        template = self.env.ref("legal_billing.mail_template_bill")
        values = template._generate_template(bill.ids, ("subject", "body_html"))
        self.assertNotIn(TAG, values[bill.id]["body_html"])
        self.assertNotIn("49", values[bill.id]["subject"])
        self._as(bill.wip_line_ids, "biller").action_remove_from_bill()
        self._as(self.evil, "biller").message_post(body=EVIL)
        for body in (bill.message_ids + self.evil.message_ids).mapped("body"):
            self.assertNotIn(TAG, body)

    def test_money_papers(self):
        bill = self._approve(self._import_bill())
        self._deliver(bill)
        [slip_id] = self._load(
            self.cashier,
            "legal.payment",
            {
                "source": "bank",
                "received_from_id/.id": self.evil_client.id,
                "amount": 100.0,
                "date": "2026-11-02",
                "memo": EVIL,
                "reference": EVIL,
                "allocation_ids/bill_id/.id": bill.id,
                "allocation_ids/amount": 100.0,
            },
        )
        slip = self._as(self.env["legal.payment"].browse(slip_id), "cashier")
        slip.action_post()
        self.assertText(
            self._render(
                "account.action_report_payment_receipt", slip.sudo().account_payment_id
            )
        )
        action = self._as(bill, "biller").action_open_statement()
        window = self._as(self.env[action["res_model"]], "biller")
        lines = window.browse(action["res_id"]).line_ids
        self.assertText(self._render("legal_billing.action_report_statement", lines))
        self.assertNotRegex(lines._get_file_name(), r"[/\\\x00-\x1f]")
        self._book("deposit", 50.0, matter_id=self.evil.id, memo=EVIL)
        balance = self.env["legal.trust.balance"].search(
            [("matter_id", "=", self.evil.id)]
        )
        report = self._as(self.env["legal.trust.report"], "client_account_officer")
        report = report.create({"company_id": self.company.id})
        for name, records in (
            ("legal_trust_balances_report", report),
            ("legal_trust_journal_report", report),
            ("legal_trust_ledgers_report", report),
            ("legal_trust_ledger_report", balance),
        ):
            with self.subTest(name):
                self.assertText(self._render(f"legal_billing.{name}", records))
        for record in (slip, bill, self.evil):
            for body in record.sudo().message_ids.mapped("body"):
                self.assertNotIn(TAG, body)

    def test_other_imports(self):
        [instalment] = self._load(
            self.biller,
            "legal.fee.instalment",
            {"matter_id/.id": self.evil.id, "amount": 5.0, "name": EVIL},
        )
        self.assertEqual(self.env["legal.fee.instalment"].browse(instalment).amount, 5)
        [rate] = self._load(
            self.manager, "legal.rate", {"matter_id/.id": self.evil.id, "price": 5.0}
        )
        self.assertEqual(self.env["legal.rate"].browse(rate).price, 5)

    def test_payers(self):
        """Rows of payers come with their matter, shares and limits; what does not bear
        the whole, or is anybody else's to say, is refused."""
        self.evil.payer_ids.unlink()
        matter = {"matter_id/.id": self.evil.id}
        rest = {"partner_id/.id": self.evil_client.id, "share_type": "remainder"}
        share = {"partner_id/.id": self.client.id, "share_type": "percent"}
        [matter_id] = self._load(
            self.biller,
            "project.project",
            {
                "name": "Claim",
                "is_matter": True,
                "partner_id/.id": self.evil_client.id,
                "company_id/.id": self.company.id,
                "payer_ids/partner_id/.id": self.evil_client.id,
                "payer_ids/share_type": "remainder",
            },
        )
        self.assertEqual(
            self.env["project.project"].browse(matter_id).payer_ids.share_type,
            "remainder",
        )
        [text] = self._load(
            self.biller, "legal.matter.payer", matter | share | {"value": 60}
        )
        self.assertIn("rest", str(text))
        [row] = self._load(self.biller, "legal.matter.payer", matter | rest)
        [other] = self._load(
            self.biller,
            "legal.matter.payer",
            matter | share | {"value": 60, "cap_amount": 500, "reference": EVIL},
        )
        payers = self.env["legal.matter.payer"].browse((row, other))
        self.assertEqual(self.evil.payer_ids, payers)
        self.assertEqual(payers[1].cap_amount, 500)
        refused = self._load(
            self.fee_earner, "legal.matter.payer", matter | share | {"value": 10}
        )
        self.assertIsInstance(refused[0], str)
        self.assertEqual(len(self.evil.payer_ids), 2)

    def test_what_billing_writes_is_not_imported(self):
        """Columns that only billing's own actions write, and people without the role."""
        bill = self._approve(self._import_bill())
        count = self.env["account.analytic.line"].search_count([])
        for values in (
            {"bill_id/.id": bill.id},
            {"billed_amount": 5.0},
            {"written_off_on": "2026-11-01"},
        ):
            [message] = self._import_entry(**values)
            self.assertIn("written by billing itself", message)
        for user, model, values, refusal in (
            (
                self.cashier,
                "legal.payment",
                {"source": "bank", "amount": 5.0, "state": "Posted"},
                "set by Post",
            ),
            (
                self.biller,
                "legal.fee.instalment",
                {"matter_id/.id": self.evil.id, "amount": 5, "bill_id/.id": bill.id},
                "by billing alone",
            ),
            (self.biller, "legal.rate", {"price": 5.0}, "may not do this"),
            (
                self.client_account_officer,
                "legal.trust.line",
                {"matter_id/.id": self.evil.id, "amount": 5.0},
                "may not do this|written by posting",
            ),
        ):
            with self.subTest(model):
                messages = self._load_or_refuse(user, model, values)
                self.assertRegex(messages, refusal)
        self.assertEqual(self.env["account.analytic.line"].search_count([]), count)

    def _load_or_refuse(self, user, model, values):
        try:
            with self.env.cr.savepoint():
                answer = self._load(user, model, values)
        except Exception as error:
            return str(error)
        return " ".join(map(str, answer))

    def test_pasted_remittance(self):
        """Long numbers, control characters and digits of other scripts find nothing."""
        bill = self._approve(self._import_bill())
        slip = self._as(self.env["legal.payment"], "cashier").create(
            {"source": "bank", "amount": 100.0, "date": "2026-11-02"}
        )
        text = "\n".join(
            (
                f"{TAG}\t5",
                f"{bill.name}\t{'9' * 400}",
                f"{bill.name}\t\u0661\u0662",
                "=cmd|' /C calc'!A0",
                "../../etc/passwd\x07",
                "n" * 5000,
            )
        )
        window = self._as(self.env["legal.remittance"], "cashier").create(
            {"payment_id": slip.id, "text": text}
        )
        window.action_apply()
        self.assertEqual(slip.allocation_ids.bill_id, bill)
        self.assertLessEqual(slip.allocation_ids.amount, bill.amount_total)
        self.assertIn(TAG, window.unknown)

    def test_names_of_files(self):
        for text in (EVIL, "..", "/", "", "a\nb", "CON?*", "x" * 500):
            name = make_file_name(text)
            self.assertNotRegex(name, r"[/\\\x00-\x1f\u202e:*?\"<>|]|^\.|^-|^$")
            self.assertLessEqual(len(name), 120)
        bill = self._import_bill()
        run = self._create_run()
        run.sudo().name = EVIL
        preview = self.env["legal.bill.preview"].create(
            {"name": EVIL, "content": b"eA=="}
        )
        url = preview._open()["url"]
        self.assertRegex(
            url, r"^/web/content/legal\.bill\.preview/\d+/content/[^/?#]+$"
        )
        for name in (
            run._get_print_name(0),
            bill._get_invoice_report_filename(),
            bill._get_preview_name(),
        ):
            self.assertNotRegex(name, r"[/\\\x00-\x1f]")


@tagged("post_install", "-at_install")
class TestExportHttp(TrustCommon, HttpCase):
    """What a spreadsheet gets through the front door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.evil = cls._create_matter(name="=1+1", responsible_id=cls.biller.id)
        cls.biller.group_ids += cls.env.ref("base.group_allow_export")
        cls._create_time(cls.evil, 1.0, name="@SUM(1)")

    def _post(self, path, data):
        self.authenticate(self.biller.login, self.biller.login)
        data = {"data": json.dumps(data), "csrf_token": http.Request.csrf_token(self)}
        response = self.url_open(path, data=data)
        self.assertEqual(response.status_code, 200, response.text[:500])
        return response.content

    def _get_cells(self, content):
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        return [cell for row in sheet.iter_rows() for cell in row if cell.value]

    def assertNoFormula(self, content):
        cells = self._get_cells(content)
        self.assertNotIn("f", {cell.data_type for cell in cells})
        return [cell.value for cell in cells]

    def _get_export(self, **values):
        names = [("name", "Name"), ("matter_id/name", "Matter")]
        return {
            "model": "account.analytic.line",
            "fields": [{"name": n, "label": t, "type": "char"} for n, t in names],
            "ids": False,
            "domain": [("matter_id", "=", self.evil.id)],
            "groupby": [],
            "import_compat": False,
            "context": {"allowed_company_ids": self.company.ids},
            **values,
        }

    def test_lists(self):
        content = self._post("/web/export/xlsx", self._get_export())
        self.assertIn("'@SUM(1)", self.assertNoFormula(content))
        content = self._post(
            "/web/export/xlsx", self._get_export(groupby=["matter_id", "name"])
        )
        self.assertNoFormula(content)
        content = self._post("/web/export/csv", self._get_export()).decode()
        for row in csv.reader(io.StringIO(content)):
            for cell in row:
                self.assertFalse(cell.startswith(("=", "+", "-", "@")), cell)

    def test_pivot_table(self):
        title = self.evil.name
        content = self._post(
            "/web/pivot/export_xlsx",
            {
                "title": "WIP",
                "model": "account.analytic.line",
                "measure_count": 1,
                "col_group_headers": [[{"title": title, "width": 1, "height": 1}]],
                "measure_headers": [{"title": title, "is_bold": False}],
                "rows": [
                    {
                        "title": title,
                        "indent": 0,
                        "values": [{"value": 5.0}, {"value": title}],
                    }
                ],
            },
        )
        values = self.assertNoFormula(content)
        self.assertEqual(values.count("'=1+1"), 4)
        self.assertIn(5.0, values)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_another_persons_paper(self):
        """Reports and files by number, as the person who may not see them."""
        bill = self._make_bill(self.evil)
        preview = self._as(self.env["legal.bill.preview"], "biller").create(
            {"name": "Preview", "content": b"eA=="}
        )
        self.evil.write(
            {
                "is_walled": True,
                "wall_user_ids": [Command.set((self.biller | self.env.user).ids)],
            }
        )
        report = self._as(self.env["legal.trust.report"], "client_account_officer")
        report = report.create({"company_id": self.company.id})
        self.authenticate(self.manager.login, self.manager.login)
        for path in (
            f"/report/html/legal_billing.report_bill_itemised/{bill.id}",
            f"/report/html/legal_billing.legal_trust_balances_document/{report.id}",
            f"/web/content/legal.bill.preview/{preview.id}/content",
            f"/web/content/account.move/{bill.id}/invoice_pdf_report_file",
            f"/my/invoices/{bill.id}",
            f"/my/invoices/{bill.id}?report_type=html",
        ):
            with self.subTest(path):
                response = self.url_open(path, allow_redirects=False)
                self.assertNotEqual(response.status_code, 200, path)
                self.assertNotIn("@SUM(1)", response.text)
