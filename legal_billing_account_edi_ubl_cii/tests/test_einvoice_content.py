from datetime import date

from lxml import etree

from odoo.fields import Command
from odoo.tests import tagged

from .einvoice_common import FORMATS, NAMESPACES, EinvoiceCommon


@tagged("post_install", "-at_install")
class TestEinvoiceContent(EinvoiceCommon):
    """What e-invoices of bills say, and what is told before one is approved."""

    def _read(self, bill, kind, path):
        """Texts of the nodes of a rendered e-invoice.

        :rtype: list
        """
        xml, _errors = self._render(bill, kind)
        nodes = etree.fromstring(xml).xpath(path, namespaces=NAMESPACES)
        return [getattr(node, "text", node) for node in nodes]

    # --- references

    def test_the_client_reads_its_reference_the_matter_and_the_days(self):
        bill = self._approve(self._make())
        number = bill.matter_id.matter_number
        self.assertEqual(bill.ref, "PO-4711")
        for path, expected in (
            ("/*/cbc:BuyerReference", "PO-4711"),
            ("/*/cac:OrderReference/cbc:ID", "PO-4711"),
            ("/*/cac:ContractDocumentReference/cbc:ID", number),
            ("/*/cac:ProjectReference/cbc:ID", number),
            ("/*/cac:InvoicePeriod/cbc:StartDate", "2026-10-05"),
            ("/*/cac:InvoicePeriod/cbc:EndDate", "2026-10-06"),
        ):
            with self.subTest(path=path):
                self.assertEqual(self._read(bill, "bis3", path), [expected])
                self.assertEqual(self._read(bill, "xrechnung", path), [expected])
        period = "//ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod"
        for path, expected in (
            ("//ram:BuyerReference", "PO-4711"),
            ("//ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", "PO-4711"),
            ("//ram:ContractReferencedDocument/ram:IssuerAssignedID", number),
            ("//ram:SpecifiedProcuringProject/ram:ID", number),
            (f"{period}/ram:StartDateTime/udt:DateTimeString", "20261005"),
            (f"{period}/ram:EndDateTime/udt:DateTimeString", "20261006"),
        ):
            with self.subTest(path=path):
                self.assertEqual(self._read(bill, "facturx", path), [expected])

    def test_a_bill_over_several_matters_names_none(self):
        """BT-11 and BT-12 are of one matter; the reference that all have in common, and
        the days of all, are said. The twin, with one of them taken out, names the other."""
        paths = {
            "bis3": (
                "/*/cac:ContractDocumentReference/cbc:ID",
                "/*/cac:ProjectReference/cbc:ID",
            ),
            "facturx": (
                "//ram:ContractReferencedDocument/ram:IssuerAssignedID",
                "//ram:SpecifiedProcuringProject/ram:ID",
            ),
        }
        paths["xrechnung"] = paths["bis3"]
        bill = self._make_together()
        self.assertEqual(len(bill.matter_ids), 2)
        for kind, found in paths.items():
            for path in found:
                self.assertEqual(self._read(bill, kind, path), [], (kind, path))
        for path in ("/*/cbc:BuyerReference", "/*/cac:OrderReference/cbc:ID"):
            self.assertEqual(self._read(bill, "bis3", path), ["PO-4711"])
        self.assertEqual(
            self._read(bill, "bis3", "/*/cac:InvoicePeriod/cbc:StartDate"),
            ["2026-10-05"],
        )
        first, second = bill.matter_ids.sorted("matter_number")
        self._as(bill, "biller").action_remove_matters(second)
        for kind, found in paths.items():
            for path in found:
                self.assertEqual(
                    self._read(bill, kind, path), [first.matter_number], (kind, path)
                )

    def test_a_credit_note_over_several_matters_says_the_reference(self):
        bill = self._approve(self._make_together())
        self._as(bill, "manager").action_credit_and_rebill()
        credit = bill.reversal_move_ids
        path = "/*/cac:OrderReference/cbc:ID"
        self.assertEqual(self._read(credit, "bis3", path), ["PO-4711"])
        path = "/*/cac:ContractDocumentReference/cbc:ID"
        self.assertEqual(self._read(credit, "bis3", path), [])

    def test_a_public_body_keeps_its_identifier(self):
        self.client.ref = "991-12345-06"
        bill = self._make()
        path = "/*/cbc:BuyerReference"
        self.assertEqual(self._read(bill, "xrechnung", path), ["991-12345-06"])
        self.client.ref = "C-0042"  # the firm's own number of the client
        self.assertEqual(self._read(bill, "xrechnung", path), ["PO-4711"])

    def test_a_credit_note_names_its_bill(self):
        bill = self._approve(self._make())
        self._as(bill, "manager").action_credit_and_rebill()
        credit = bill.reversal_move_ids
        path = "/*/cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"
        self.assertEqual(self._read(credit, "bis3", path), [bill.name])
        path = "//ram:InvoiceReferencedDocument/ram:IssuerAssignedID"
        self.assertEqual(self._read(credit, "facturx", path), [bill.name])
        path = "/*/cac:OrderReference/cbc:ID"
        self.assertEqual(self._read(credit, "bis3", path), ["PO-4711"])
        path = "/*/cac:InvoicePeriod/cbc:StartDate"
        self.assertEqual(self._read(credit, "bis3", path), ["2026-10-05"])

    def test_an_invoice_without_a_matter_is_core_s(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.fee_product.id, "price_unit": 5})
                ],
            }
        )
        invoice.action_post()
        self.assertFalse(self._read(invoice, "bis3", "/*/cac:ProjectReference"))
        self.assertFalse(
            self._read(invoice, "facturx", "//ram:SpecifiedProcuringProject")
        )

    # --- lines

    def test_each_client_reads_its_own_language(self):
        """Whoever made the bill and whoever exports it: names in the client's, amounts
        and days as machines write them."""
        for lang in ("de_DE", "fr_FR", "en_AU"):
            self.env["res.lang"]._activate_lang(lang)
            self.fee_product.with_context(lang=lang).name = f"Fees {lang}"
            self.exempt_type.with_context(lang=lang).name = f"Court {lang}"
        for lang in ("de_DE", "fr_FR", "en_AU"):
            for detail in ("bill", "timekeeper"):
                self.client.lang = lang
                bill = self._approve(
                    self._make_with(self.exempt_type, bill_line_detail=detail)
                )
                for kind in FORMATS:
                    with self.subTest(lang=lang, kind=kind, detail=detail):
                        for reader in ("en_US", "fr_FR"):
                            text = self._render(bill.with_context(lang=reader), kind)[
                                0
                            ].decode()
                            self.assertIn(f"Fees {lang}", text)
                            self.assertIn(f"Court {lang}", text)
                            self.assertNotIn(">Fees<", text)
                            self.assertIn("120.5", text)
                            self.assertRegex(text, "2026-10-31|20261031")

    def test_a_discount_is_called_so(self):
        bill = self._make(discount_type="percent", discount_value=10)
        names = self._read(bill, "bis3", "//cac:Item/cbc:Name")
        self.assertEqual(names, ["Fees", "Discount on fees"])
        names = self._read(bill, "facturx", "//ram:SpecifiedTradeProduct/ram:Name")
        self.assertEqual(names, ["Fees", "Discount on fees"])

    def test_a_line_by_hand_is_called_what_it_says(self):
        bill = self._make()
        self._as(bill, "biller").invoice_line_ids = [
            Command.create(
                {
                    "name": "Copies",
                    "price_unit": 10.0,
                    "tax_ids": [Command.set(self.tax_20.ids)],
                    "account_id": bill.invoice_line_ids.account_id.id,
                }
            )
        ]
        for kind, path in (
            ("bis3", "//cac:Item/cbc:Name"),
            ("facturx", "//ram:SpecifiedTradeProduct/ram:Name"),
        ):
            self.assertEqual(self._read(bill, kind, path), ["Fees", "Copies"])

    def test_hours_and_rates_add_up_to_the_bill(self):
        line = "//*[self::cac:InvoiceLine or self::cac:CreditNoteLine]"
        for name, amounts in (
            ("hours by timekeeper", [600.0, 700.0]),
            ("hours, agreed fee", [461.54, 538.47]),
        ):
            bill = self._make_bills(name)[name]
            with self.subTest(name=name):
                xml, errors = self._render(bill, "bis3")
                self.assertFalse(errors)
                self.assertNotIn(b"Advice", xml)  # narratives are on the paper
                found = self._read(bill, "bis3", f"{line}/cbc:LineExtensionAmount")
                self.assertEqual([float(amount) for amount in found], amounts)
                self.assertAlmostEqual(sum(amounts), bill.amount_untaxed, 2)
                self.assertEqual(
                    self._read(bill, "bis3", f"{line}/cbc:InvoicedQuantity/@unitCode"),
                    ["HUR", "HUR"],
                )
                quantities = self._read(bill, "bis3", f"{line}/cbc:InvoicedQuantity")
                self.assertEqual([float(q) for q in quantities], [2.0, 3.5])
                self.assertEqual(
                    self._read(bill, "bis3", "//cac:Item/cbc:Name"),
                    ["Fees: Ada Partner", "Fees: Ben Associate"],
                )
                found = self._read(bill, "facturx", "//ram:LineTotalAmount")
                self.assertEqual([float(f) for f in found[:2]], amounts)
                self.assertEqual(
                    self._read(bill, "facturx", "//ram:BilledQuantity/@unitCode"),
                    ["HUR", "HUR"],
                )
                # the books have one line
                self.assertEqual(len(bill.invoice_line_ids), 1)

    def test_vat_is_said_in_the_firm_s_currency_too(self):
        bill = self._make_bills("foreign currency")["foreign currency"]
        self.assertEqual(bill.amount_tax, 325.0)  # dollars
        path = "/*/cac:TaxTotal/cbc:TaxAmount[@currencyID='EUR']"
        self.assertEqual(self._read(bill, "bis3", path), ["260.00"])
        path = "//ram:TaxTotalAmount[@currencyID='EUR']"
        self.assertEqual(self._read(bill, "facturx", path), ["260.00"])
        self.assertEqual(self._read(bill, "facturx", "//ram:TaxCurrencyCode"), ["EUR"])

    # --- before approval

    def test_what_would_be_refused_is_told_before(self):
        client = self.client.with_company(self.company)
        client.invoice_edi_format = "xrechnung"
        matter = self._create_matter()
        self._create_time(matter, 1.0)
        run = self._create_run(filter_domain=str([("id", "=", matter.id)]))
        row = self._as(self._get_row(run, matter), "biller")
        self.assertNotIn("e-invoice", [flag["text"] for flag in row.row_flags])
        self.company.partner_id.phone = False  # XRechnung asks for it
        row.invalidate_recordset(["row_flags"])
        texts = {flag["text"]: flag["help"] for flag in row.row_flags}
        self.assertRegex(texts["e-invoice"], "Phone")
        run.action_bill_all()
        bill = self._as(run.bill_ids, "approver")
        texts = {flag["text"]: flag["help"] for flag in bill.bill_flags}
        self.assertRegex(texts["e-invoice"], "Phone")
        action = bill.action_open_approve()
        window = self._as(self.env[action["res_model"]], "approver")
        window = window.browse(action["res_id"])
        self.assertEqual(window.einvoice_count, 1)
        self.assertRegex(window.einvoice_text, "Phone")
        self.assertFalse(window.problem_count)  # told, not forbidden
        self.company.partner_id.phone = "+49 221 123456"
        window.invalidate_recordset(["einvoice_count"])
        self.assertFalse(window.einvoice_count)

    def test_clients_without_e_invoices_cost_nothing(self):
        matters = self.env["project.project"]
        for number in range(6):
            matter = self._create_matter(name=f"Matter {number}")
            self._create_time(matter, 1.0, day=date(2026, 10, 5))
            matters |= matter
        bills = self._bill(matters)
        bills._get_einvoice_problems()
        with self.assertQueryCount(0):
            self.assertFalse(bills._get_einvoice_problems())
        self.client.with_company(self.company).invoice_edi_format = "xrechnung"
        counts = []
        for some in (bills[:2], bills):
            self.env.invalidate_all()
            some.mapped("invoice_line_ids.tax_ids.name")
            before = self.env.cr.sql_log_count
            some._get_einvoice_problems()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
