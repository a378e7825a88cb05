from odoo.tests import tagged

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
        self.assertEqual(set(titles.values()), {"Draft bill"})
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
        self.assertEqual(note._get_paper()["title"], "Tax credit note")
        layout = self.env.ref("legal_billing.action_report_bill_itemised")
        layout.legal_layout_ids.title = "Fee note"
        self.assertEqual(bill._get_paper()["title"], "Fee note", "the firm's own word")

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
