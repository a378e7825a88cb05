from odoo.tests import tagged

from ...exceptions import CreditError
from .trust_common import TrustCommon


@tagged("post_install", "-at_install")
class TestTrustTogether(TrustCommon):
    """Client money of a matter pays nothing of a bill over several (C-32): no way leads
    there, and the ways say what to do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.legal_bill_together = True
        (cls.matter | cls.matter_b).bill_together = True

    def setUp(self):
        super().setUp()
        self._book("deposit", 500.0)
        self._create_time(self.matter, hours=1.0)
        self._create_time(self.matter_b, hours=1.0)
        self.bill = self._approve(
            self._bill(self.matter | self.matter_b, invoice_date="2026-10-31")
        )
        self._deliver(self.bill)

    def test_client_money_does_not_pay_it(self):
        """Neither by a slip, nor by a run; the money stays where it is."""
        self.assertTrue(self.bill.is_together)
        slip = self._pay({self.bill: 100.0}, matter_id=self.matter.id)
        with self.assertRefused("paid from bank or cash", CreditError):
            slip.action_post()
        run = self._as(self.env["legal.trust.run"], "client_account_officer").create(
            {
                "client_journal_id": self.client_bank.id,
                "office_journal_id": self.office_bank.id,
                "date": "2026-11-10",
            }
        )
        run.action_load()
        self.assertFalse(run.line_ids)
        self.assertEqual(self.bill.amount_residual, 720.0)
        self.assertHeld(500.0)

    def test_it_pays_a_bill_of_the_matter_alone(self):
        """The twin: the same money, a bill of its matter."""
        self.matter.bill_together = False
        bill = self._make_bill(hours=1.0)
        self._pay({bill: 360.0}).action_post()
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertHeld(140.0)
