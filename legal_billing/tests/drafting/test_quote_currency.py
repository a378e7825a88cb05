from datetime import date

from odoo.tests import freeze_time, tagged

from ...exceptions import MatterOptionError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestQuoteCurrency(LegalBillingCommon):
    """A quote of 5,000.00 dollars of which 3,000.00 are billed, and a client who wants
    to be billed in euro: 1 dollar is 2 euro until November, 4 from then on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-11-01", 4.0)]
        )
        cls.matter = cls._create_matter(
            name="Quoted", quoted_amount=5000.0, quote_rule="lower", quote_scope="fees"
        )
        cls._create_time(cls.matter, 10.0)

    def _change(self, **vals):
        self._as(self.matter, "biller").write(
            {"billing_currency_id": self.euro.id, **vals}
        )

    def test_refused_while_bills_count_against_the_quote(self):
        self._approve(self._bill(self.matter))
        with self.assertRaisesRegex(
            MatterOptionError,
            r"Quoted: .*3,000\.00 of .*5,000\.00\. .*enter the quote in the new",
        ):
            self._change()
        self.assertEqual(self.matter.billing_currency_id, self.company.currency_id)

    def test_allowed_before_the_first_bill_and_for_quotes_per_bill(self):
        self._change()
        self.assertEqual(self.matter.billing_currency_id, self.euro)
        per_bill = self._create_matter(
            name="Per bill", quoted_amount=100.0, quote_basis="bill"
        )
        self._create_time(per_bill)
        self._approve(self._bill(per_bill))
        per_bill.billing_currency_id = self.euro
        self.assertEqual(per_bill.billing_currency_id, self.euro)

    def test_with_the_quote_in_the_new_currency_bills_count_at_their_date(self):
        self._approve(self._bill(self.matter))
        self._change(quoted_amount=10000.0)
        maker = self.env["legal.bill.maker"]
        self.assertEqual(maker._get_quote_billed(self.matter), {self.matter.id: 6000})
        # 4,000.00 euro are left: 20 hours of 300.00 dollars are 24,000.00 in November
        self._create_time(self.matter, 20.0, day=date(2026, 11, 2))
        bill = self._bill(self.matter, invoice_date=date(2026, 11, 30))
        self.assertRecordValues(
            bill, [{"currency_id": self.euro.id, "amount_untaxed": 4000.0}]
        )
        self._approve(bill)
        self.assertEqual(maker._get_quote_billed(self.matter), {self.matter.id: 10000})
        self.assertEqual(
            maker._get_quote_billed(self.matter, exclude=bill), {self.matter.id: 6000}
        )

    def test_what_is_unpaid_is_told_in_the_new_currency(self):
        bill = self._approve(self._bill(self.matter))
        self.assertEqual((bill.amount_total, self.matter.unpaid_amount), (3600, 3600))
        with freeze_time("2026-10-31"):
            self._change(quoted_amount=10000.0)
            self.matter.invalidate_recordset()
            self.assertEqual(self.matter.unpaid_amount, 7200.0)
            self.assertEqual(self.matter.quote_left_amount, 4000.0)

    def test_a_credit_gives_back_at_the_date_of_its_bill(self):
        bill = self._approve(self._bill(self.matter))
        self._change(quoted_amount=10000.0)
        note = self._as(bill, "approver")._credit_parts(
            {bill._get_credit_rows()[0]["key"]: 1000.0}, "Agreed", date(2026, 11, 5)
        )
        self.assertEqual(note.state, "posted")
        maker = self.env["legal.bill.maker"]
        self.assertEqual(maker._get_quote_billed(self.matter), {self.matter.id: 4000})
