from datetime import date

from odoo.tests import freeze_time, tagged

from .trust_common import TrustCommon


@freeze_time("2026-11-15")
@tagged("post_install", "-at_install")
class TestTrustBalanceToday(TrustCommon):
    """The list of client money is as at today."""

    def test_a_deposit_of_next_year_is_not_there_today(self):
        self._book("deposit", 100.0)
        self._book("deposit", 40.0, day=date(2027, 3, 1))
        row = self.matter.trust_balance_ids
        self.assertEqual((row.balance_today, row.balance), (100.0, 140.0))
