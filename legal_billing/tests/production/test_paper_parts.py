from datetime import date

from odoo.tests import tagged

from .test_bill_report import PaperCommon

IBAN = "GB33BUKB20201555555555"


@tagged("post_install", "-at_install")
class TestPaperParts(PaperCommon):
    """Where to pay, how the matter stands, who signs, what the law asks for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.layout = cls.env.ref("legal_billing.legal_bill_layout_itemised")
        cls.matter = cls._create_matter(name="Lease")
        cls._create_time(cls.matter, 1.0)

    def _create_account(self, number, **vals):
        return self.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
                **vals,
            }
        )

    # --- where to pay

    def test_a_british_account_is_said_as_people_type_it(self):
        bill = self._bill(self.matter)
        self.assertFalse(bill._get_paper()["bank"])
        self._create_account(IBAN, acc_holder_name="Firm LLP", bank_bic="BUKBGB22")
        # the draft is older than the account
        self.assertFalse(bill.partner_bank_id)
        self._approve(bill)
        self.assertEqual(
            bill._get_paper()["bank"],
            [
                ("Account holder", "Firm LLP"),
                ("Sort code", "20-20-15"),
                ("Account number", "55555555"),
                ("IBAN", "GB33 BUKB 2020 1555 5555 55"),
                ("BIC", "BUKBGB22"),
                ("Payment reference", bill.payment_reference),
            ],
        )
        text = " ".join(self._print(bill)[0])
        self.assertIn("Sort code 20-20-15", text)
        self.assertNotIn("Remittance slip", text)

    def test_another_account_has_the_words_of_its_country(self):
        account = self._create_account("123456789", clearing_number="021000021")
        bill = self._approve(self._bill(self.matter))
        self.assertEqual(bill.partner_bank_id, account)
        self.assertEqual(
            [row for row in bill._get_paper()["bank"] if row[0] != "Account holder"],
            [
                ("Routing number", "021000021"),
                ("Account number", "123456789"),
                ("Payment reference", bill.payment_reference),
            ],
        )

    def test_a_firm_without_an_account_is_told_so_and_may_go_on(self):
        bill = self._bill(self.matter)
        action = self._as(bill, "approver").action_open_approve()
        window = self._as(self.env[action["res_model"]], "approver").browse(
            action["res_id"]
        )
        self.assertIn("<b>1</b> that do not say where to pay", window.look_html)
        self.assertFalse(window.problem_count)
        window.action_do()
        self.assertEqual(bill.billing_stage, "production")
        action = self._as(bill, "biller").action_open_produce()
        window = self._as(self.env[action["res_model"]], "biller").browse(
            action["res_id"]
        )
        self.assertEqual((window.no_account_count, window.problem_count), (1, 0))
        self.layout.show_payment = False
        self.assertFalse(bill._get_without_account(), "nothing is said of payment")
        self.layout.show_payment = True
        self._create_account(IBAN)
        window.invalidate_recordset()
        bill.invalidate_recordset()
        self.assertEqual(window.no_account_count, 0)

    def test_asking_many_bills_for_their_account_is_flat_in_queries(self):
        matters = self.env["project.project"]
        for number in range(12):
            matters |= self._create_matter(name=f"Matter {number}")
        for matter in matters:
            self._create_time(matter, 1.0)
        bills = self.env["account.move"].browse(self._bill(matters).ids)
        counts = []
        for some in (bills[:2], bills):
            self.env.invalidate_all()
            queries = self.env.cr.sql_log_count
            self.assertEqual(some._get_without_account(), some)
            counts.append(self.env.cr.sql_log_count - queries)
        self.assertLessEqual(counts[1], counts[0])

    def test_slip_to_be_cut_off(self):
        self.layout.has_slip = True
        bill = self._approve(self._bill(self.matter))
        for base in ("itemised", "timekeeper", "letter"):
            report = self.env.ref(f"legal_billing.action_report_bill_{base}")
            report.legal_layout_ids.has_slip = True
            text = " ".join(self._print(bill, base)[0])
            self.assertRegex(
                text, rf"Remittance slip .*From Client Ltd Bill {bill.name}"
            )
            self.assertRegex(text, r"Amount due \$ ?360\.00 Amount enclosed")
        self._as(bill, "approver").action_credit_and_rebill()
        text = " ".join(self._print(bill.reversal_move_ids)[0])
        self.assertNotIn("Remittance slip", text)

    # --- how the matter stands

    def test_other_unpaid_bills_of_the_matter(self):
        old = self._approve(self._bill(self.matter))
        other = self._create_matter(name="Other")
        self._create_time(other, 7.0)
        self._approve(self._bill(other))
        self._create_time(self.matter, 2.0)
        bill = self._approve(self._bill(self.matter))
        self.assertFalse(bill._get_paper()["standing"], "the template does not ask")
        self.layout.show_unpaid = True
        [(text, amount)] = bill._get_paper()["standing"]
        self.assertRegex(text, "^Other bills of this matter, unpaid on")
        self.assertRegex(amount, r"^\$.360\.00$")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=old.ids
        ).create(
            {"amount": 100.0, "payment_date": date(2026, 11, 2)}
        )._create_payments()
        [(text, amount)] = bill._get_paper()["standing"]
        self.assertRegex(amount, r"^\$.260\.00$")
        self.assertIn("260.00", " ".join(self._print(bill)[0]))

    # --- who signs

    def test_the_responsible_lawyer_signs(self):
        self.matter.responsible_id.name = "Rosalind Merrow"
        bill = self._approve(self._bill(self.matter))
        signed = f"Rosalind Merrow for {self.company.name}"
        self.assertIn(signed, " ".join(self._print(bill)[0]))
        self.layout.show_signature = False
        self.assertNotIn(signed, " ".join(self._print(bill)[0]))

    # --- what the law asks for

    def test_a_british_firm_begins_with_a_text_on_complaints(self):
        firms = self.env["res.company"].sudo()
        british, french = firms.create(
            [
                {"name": name, "country_id": self.env.ref(f"base.{code}").id}
                for name, code in (("British LLP", "uk"), ("French", "fr"))
            ]
        )
        for firm in british | french:
            self.env["account.chart.template"].sudo().try_loading("generic_coa", firm)
            firm.account_fiscal_country_id = firm.country_id
            firm._set_up_bill_notice()
        self.assertIn("Legal Ombudsman", british.legal_bill_notice)
        self.assertFalse(french.legal_bill_notice)
        british.legal_bill_notice = "Own words"
        british._set_up_bill_notice()
        self.assertEqual(british.legal_bill_notice, "Own words")

    def test_the_firms_legal_text_in_the_clients_language(self):
        bill = self._approve(self._bill(self.matter))
        self.assertFalse(bill._get_paper()["notice"])
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.legal_bill_notice = "Complaints go to the ombudsman"
        self.company.with_context(lang="fr_FR").legal_bill_notice = "Des plaintes"
        self.assertIn("Complaints go to", " ".join(self._print(bill)[0]))
        self.client.lang = "fr_FR"
        self.assertIn("Des plaintes", " ".join(self._print(bill)[0]))
        self._as(bill, "approver").action_credit_and_rebill()
        self.assertFalse(bill.reversal_move_ids._get_paper()["notice"])
