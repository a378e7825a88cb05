import re

from odoo.fields import Command
from odoo.tests import tagged

from .smtp import smtp_server
from .test_bill_report import PaperCommon


@tagged("post_install", "-at_install")
class TestClientLanguage(PaperCommon):
    """What the client reads is in the client's language, and as the country asks,
    whoever made the bill."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        for product, name in (
            (cls.exempt_type, "Frais de greffe"),
            (cls.taxed_type, "Avocat"),
        ):
            product.with_context(lang="fr_FR").name = name
        cls.client.lang = "fr_FR"
        cls.matter = cls._create_matter(name="Bail")
        cls._create_time(cls.matter, 12.5)
        cls._create_disbursement(cls.matter, 50.0)

    def _get_texts(self, bill):
        return bill.invoice_line_ids.sorted("sequence").mapped("name")

    # --- language

    def test_lines_speak_the_payer_s_language(self):
        self.assertNotEqual(self.biller.lang, "fr_FR")
        bill = self._bill(self.matter)
        self.assertEqual(
            self._get_texts(bill),
            ["Professional fees, 12,5 hours", "Frais de greffe"],
        )
        # an edit makes them anew
        entry = bill.wip_line_ids.filtered(lambda e: e.wip_type == "time")
        self._as(entry, "biller").bill_quantity = 7.25
        self.assertEqual(
            self._get_texts(bill),
            ["Professional fees, 7,25 hours", "Frais de greffe"],
        )

    def test_lines_of_an_english_payer_stay_english(self):
        """The user's language says nothing about the client's."""
        self.biller.lang = "fr_FR"
        self.client.lang = "en_US"
        bill = self._bill(self.matter)
        self.assertEqual(
            self._get_texts(bill), ["Professional fees, 12.5 hours", "Court fee"]
        )

    def test_a_credit_of_a_part_speaks_it_too(self):
        bill = self._approve(self._bill(self.matter))
        [row] = [r for r in bill._get_credit_rows() if r["element"] != "fees"]
        note = self._as(bill, "approver")._credit_parts({row["key"]: 20.0}, "geste")
        self.assertEqual(self._get_texts(note), ["Frais de greffe"])
        self.assertEqual((note.amount_untaxed, note.amount_tax), (20.0, 0.0))

    def test_numbers_and_days_on_paper_are_the_client_s(self):
        bill = self._approve(self._bill(self.matter))
        [pages] = self._print(bill)
        text = " ".join(pages)
        self.assertRegex(text, r"12,50")
        self.assertIn("31/10/2026", text)

    def test_each_client_reads_its_own(self):
        """German, French and Australian clients, all billed in one run by an English
        biller: lines, paper and e-mail."""
        cases = {
            "de_DE": ("1.234,50", "12,50", "31.10.2026", "30. November 2026"),
            "fr_FR": ("1 234,50", "12,50", "31/10/2026", "30 novembre 2026"),
            "en_AU": ("1,234.50", "12.50", "31/10/2026", "30 November 2026"),
        }
        self.company.email = "office@firm.example"
        matters = {}
        for lang in cases:
            self.env["res.lang"]._activate_lang(lang)
            self.fee_product.with_context(lang=lang).name = f"Fees in {lang}"
            self.exempt_type.with_context(lang=lang).name = f"Court in {lang}"
            client = self.env["res.partner"].create(
                {"name": lang, "email": f"{lang}@client.example", "lang": lang}
            )
            matter = self._create_matter(name=lang, partner_id=client.id)
            self._create_time(matter, 12.5)
            self._create_disbursement(matter, 1234.5)
            matters[lang] = matter
        bills = self._bill(self.env["project.project"].union(*matters.values()))
        bills.write({"invoice_payment_term_id": self._thirty_days().id})
        self._approve(bills)
        with smtp_server(self.env) as mailbox:
            self._as(bills, "biller").action_produce_bills()
            self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
        for lang, (money, hours, day, long_day) in cases.items():
            with self.subTest(lang):
                [bill] = [one for one in bills if one.matter_ids == matters[lang]]
                first, second = self._get_texts(bill)
                self.assertIn(hours.rstrip("0"), first)
                self.assertEqual(second, f"Court in {lang}")
                pages = self._read(bill.invoice_pdf_report_id.raw)
                text = re.sub(r"[\u202f\xa0]", " ", " ".join(pages))
                for piece in (money, hours, day):
                    self.assertIn(piece, text)
                [mail] = [
                    message
                    for recipients, message in mailbox.messages
                    if f"{lang}@client.example".lower() in map(str.lower, recipients)
                ]
                body = mail.get_body(("html", "plain")).get_content()
                self.assertIn(long_day, body)

    def _thirty_days(self):
        return self.env["account.payment.term"].create(
            {
                "name": "30 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )

    # --- what the country asks for

    def _set_country(self, code, vat):
        self.company.account_fiscal_country_id = self.env.ref(f"base.{code}")
        self.company.partner_id.with_context(no_vat_validation=True).vat = vat

    def test_a_tax_invoice_is_called_so(self):
        home = self.company.account_fiscal_country_id
        bill = self._bill(self.matter)
        titles = {}
        for code in ("au", "nz", "za", "uk"):
            self._set_country(code, "83 914 571 673")
            titles[code] = bill._get_paper()["title"]
        self.assertEqual(
            titles,
            {
                "au": "Draft tax invoice",
                "nz": "Draft tax invoice",
                "za": "Draft tax invoice",
                "uk": "Draft bill",
            },
        )
        self.company.account_fiscal_country_id = home  # of the taxes
        self._approve(bill)
        note = bill._reverse_moves([{"invoice_date": bill.invoice_date}])
        for code in ("au", "nz", "za", "uk"):
            self._set_country(code, "83 914 571 673")
            titles[code] = bill._get_paper()["title"]
        self.assertEqual(
            titles,
            {
                "au": "Tax invoice",
                "nz": "Tax invoice",
                "za": "Tax invoice",
                "uk": "Bill",
            },
        )
        self._set_country("nz", False)
        self.assertEqual(bill._get_paper()["title"], "Bill", "not registered")
        self._set_country("nz", "49-091-850")
        self.assertEqual(note._get_paper()["title"], "Draft tax credit note")
        layout = self.env.ref("legal_billing.action_report_bill_itemised")
        layout.legal_layout_ids.title = "Fee note"
        self.assertEqual(bill._get_paper()["title"], "Fee note", "the firm's own word")

    def test_each_stage_has_its_title(self):
        """A draft that is printed, or goes out as pro forma, is never called a bill, nor
        is one that was cancelled, whatever the firm calls its bills."""
        layout = self.env.ref("legal_billing.action_report_bill_itemised")
        for own, title in ((False, "Bill"), ("Fee note", "Fee note")):
            layout.legal_layout_ids.title = own
            bill = self._bill(self._create_worked(own or "plain"))
            self.assertEqual(bill._get_paper()["title"], "Draft bill")
            for report in ("account.account_invoices", layout.report_name):
                [pages] = self._print_with(report, bill)
                self.assertIn("Draft bill", pages[0])
            self._approve(bill)
            self.assertEqual(bill._get_paper()["title"], title)
            note = bill._reverse_moves([{"invoice_date": bill.invoice_date}])
            self.assertEqual(note._get_paper()["title"], "Draft credit note")
            note.action_post()
            self.assertEqual(note._get_paper()["title"], "Credit note")
            other = self._bill(self._create_worked("gone"))
            self._approve(other)
            self._as(other, "manager").action_revert_bills("typed twice")
            self._as(other, "biller").action_delete_bills()
            self.assertEqual(other.state, "cancel")
            self.assertEqual(other._get_paper()["title"], "Cancelled bill")

    def _create_worked(self, name):
        matter = self._create_matter(name=name)
        self._create_time(matter, 1.0)
        return matter

    def _print_with(self, report, bill):
        pdf = self.env["ir.actions.report"]._render_qweb_pdf(
            report, bill.ids, data={"proforma": True}
        )[0]
        return [self._read(pdf)]

    def test_a_bill_without_tax_is_no_tax_invoice(self):
        self._set_country("nz", "49-091-850")
        matter = self._create_matter(name="Fees of court")
        self._create_disbursement(matter, 50.0)
        self.assertEqual(
            self._approve(self._bill(matter))._get_paper()["title"], "Bill"
        )

    def test_tax_of_a_foreign_bill_is_said_in_the_company_s_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self.client.lang = "en_US"
        matter = self._create_matter(name="Foreign", billing_currency_id=euro.id)
        self._create_time(matter, 1.0)
        bill = self._approve(self._bill(matter))
        # 300 USD an hour are 600 EUR; 120 EUR of tax are 60 USD
        self.assertEqual((bill.amount_untaxed, bill.amount_tax), (600.0, 120.0))
        [row] = bill._get_paper()["company_taxes"]
        self.assertEqual((row["base"], row["amount"]), ("$\xa0300.00", "$\xa060.00"))
        [pages] = self._print(bill)
        self.assertRegex(
            " ".join(pages), r"on \$ ?300\.00 .*\$ ?60\.00 USD 1 = EUR 2\.000000"
        )
        self.company.display_invoice_tax_company_currency = False
        bill.invalidate_recordset(["tax_totals"])
        self.assertEqual(bill._get_paper()["company_taxes"], [])

    def test_a_bill_in_the_company_s_currency_says_it_once(self):
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill._get_paper()["company_taxes"], [])
