import base64
import io
from datetime import date

from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from ...exceptions import RoleError, StatementError
from ..payment.payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestBillStatement(PaymentCommon):
    """What clients owe, as a paper in their language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_client = cls.env["res.partner"].create(
            {"name": "Second plc", "email": "second@client.example"}
        )
        cls.other = cls._create_matter(name="Patent", partner_id=cls.other_client.id)
        cls.old = cls._create_bill(
            100.0,
            invoice_date=date(2026, 6, 1),
            invoice_date_due=date(2026, 7, 1),
        )
        cls.new = cls._create_bill(200.0, invoice_date_due=date(2026, 11, 30))
        cls.credit = cls._create_credit_note(30.0)
        cls.foreign = cls._create_bill(
            400.0, cls.other, invoice_date_due=date(2026, 10, 20)
        )
        cls.bills = cls.old | cls.new | cls.credit | cls.foreign

    def _open(self, records, role="cashier", **vals):
        action = self._as(records, role).action_open_statement()
        window = self._as(self.env[action["res_model"]], role).browse(action["res_id"])
        window.write({"date": date(2026, 11, 2), **vals})
        return window

    def _read_pdf(self, action):
        preview_id = int(action["url"].split("/")[4])
        content = self.env["legal.bill.preview"].browse(preview_id).content
        reader = PdfFileReader(io.BytesIO(base64.b64decode(content)))
        pages = [reader.getPage(n) for n in range(reader.getNumPages())]
        return [page.extract_text() for page in pages]

    def test_one_statement_per_payer_with_ages(self):
        window = self._open(self.bills)
        rows = {row.partner_id: row for row in window.line_ids}
        self.assertEqual(set(rows), {self.client, self.other_client})
        mine = rows[self.client]
        self.assertEqual(
            (mine.bill_count, mine.amount, mine.overdue_amount), (3, 270.0, 100.0)
        )
        paper = mine._get_paper()
        self.assertEqual(
            [(age["label"], age["amount"]) for age in paper["ages"]],
            [
                ("Not due", 170.0),
                ("1-30 days", 0.0),
                ("31-60 days", 0.0),
                ("61-90 days", 0.0),
                ("Over 90 days", 100.0),
            ],
        )
        self.assertEqual(
            [(row["number"], row["open"], row["days"]) for row in paper["rows"]],
            [
                (self.old.name, 100.0, 124),
                (self.new.name, 200.0, 0),
                (self.credit.name, -30.0, 0),
            ],
        )

    def test_of_a_matter_and_of_a_client(self):
        window = self._open(self.other)
        self.assertEqual(window.line_ids.bill_ids, self.foreign)
        window = self._open(self.client | self.other_client)
        self.assertEqual(window.line_ids.bill_ids, self.bills)

    def test_one_pdf_of_all(self):
        pages = self._read_pdf(self._open(self.bills).action_print())
        self.assertEqual(len(pages), 2)
        text = " ".join(pages)
        for word in (self.old.name, "270.00", "Second plc", "Statement of account"):
            self.assertIn(word, text)

    def test_one_is_composed_in_the_clients_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.client.lang = "fr_FR"
        template = self.env.ref("legal_billing.mail_template_statement")
        template.with_context(lang="fr_FR").subject = "Votre compte"
        window = self._open(self.old | self.new)
        action = window.action_email()
        composer = (
            self._as(self.env["mail.compose.message"], "cashier")
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(composer.subject, "Votre compte")
        self.assertEqual(composer.partner_ids, self.client)
        self.assertIn("Statement", composer.attachment_ids.name)
        composer._action_send_mail()
        message = self.new.message_ids[0]  # cashiers may not write clients
        self.assertEqual(message.subject, "Votre compte")
        self.assertTrue(message.attachment_ids.raw.startswith(b"%PDF"))

    def test_several_are_sent(self):
        window = self._open(self.bills)
        window.action_email()
        for partner in (self.client, self.other_client):
            message = partner.message_ids[0]
            self.assertIn("statement of account", message.subject)
            self.assertEqual(message.partner_ids, partner)
            self.assertTrue(message.attachment_ids)

    def test_refused(self):
        self.other_client.email = False
        window = self._open(self.bills)
        with self.assertRaisesRegex(StatementError, "Second plc: there is no e-mail"):
            window.action_email()
        window.line_ids.is_selected = False
        with self.assertRaisesRegex(StatementError, "Tick the statements"):
            window.action_print()
        with self.assertRaises(RoleError):
            self._as(self.bills, "reviewer").action_open_statement()
        empty = self._create_matter(name="Empty")
        with self.assertRaisesRegex(StatementError, "nothing to state"):
            self._as(empty, "cashier").action_open_statement()

    def test_many_clients_cost_few_queries(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Client {n}"} for n in range(12)]
        )
        for partner in partners:
            matter = self._create_matter(name=partner.name, partner_id=partner.id)
            self._create_bill(50.0, matter)
        counts = []
        for some in (partners[:2], partners[2:4], partners[4:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            window = self._open(some)
            window.line_ids.mapped("overdue_amount")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess((counts[2] - counts[1]) / 6, 4, counts)
