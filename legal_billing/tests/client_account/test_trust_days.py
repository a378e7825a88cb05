from datetime import date

from odoo.tests import tagged

from ...exceptions import TrustBillError
from .trust_common import TrustCommon

#: West of Greenwich, there, and east of it.
ZONES = ("America/New_York", "Europe/London", "Pacific/Auckland")


@tagged("post_install", "-at_install")
class TestTrustDays(TrustCommon):
    """Rule T1 by the day: client money on the day before the delivery is refused, on
    the day itself it is not, wherever officer and biller are."""

    def test_client_money_waits_for_the_day(self):
        self._book("deposit", 2000.0)
        for zone in ZONES:
            with self.subTest(zone):
                self.biller.tz = self.client_account_officer.tz = zone
                bill = self._make_bill(delivered=None)
                self._as(bill, "biller").action_produce_without_sending(
                    sent_on=date(2026, 11, 16)
                )
                with self.assertRefused("delivered on 11/16/2026", TrustBillError):
                    self._pay({bill: 360.0}, date(2026, 11, 15)).action_post()
                self._pay({bill: 360.0}, date(2026, 11, 16)).action_post()
                self.assertEqual(bill.amount_residual, 0.0)

    def test_a_transfer_run_takes_bills_by_the_day(self):
        self._book("deposit", 2000.0)
        for zone in ZONES:
            with self.subTest(zone):
                self.biller.tz = self.client_account_officer.tz = zone
                bill = self._make_bill(delivered=None)
                self._as(bill, "biller").action_produce_without_sending(
                    sent_on=date(2026, 11, 16)
                )
                for day, found in ((15, False), (16, True)):
                    run = self._as(
                        self.env["legal.trust.run"], "client_account_officer"
                    ).create(
                        {
                            "client_journal_id": self.client_bank.id,
                            "office_journal_id": self.office_bank.id,
                            "date": date(2026, 11, day),
                        }
                    )
                    run.action_load()
                    self.assertEqual(bill in run.line_ids.bill_id, found)
                    run.unlink()

    def test_the_database_knows_the_day(self):
        self._book("deposit", 1000.0)
        bill = self._make_bill(delivered=date(2026, 11, 16))
        payment = self._pay({bill: 360.0}, date(2026, 11, 16))
        payment.action_post()
        # the moment alone says nothing: a day of slack is none any more
        other = self._make_bill(delivered=date(2026, 11, 17))
        self.assertSqlRefused(
            "INSERT INTO legal_trust_bill (transaction_id, bill_id, amount) "
            "VALUES (%s, %s, 1)",
            "was not delivered",
            payment.trust_transaction_ids.id,
            other.id,
        )

    def test_each_ledger_moved_last_on_its_own_day(self):
        deposits = self._move("deposit", 100.0, date(2026, 1, 5)) | self._move(
            "deposit", 100.0, date(2026, 11, 20), matter_id=self.matter_other.id
        )
        deposits.action_post()
        rows = self.env["legal.trust.balance"].search(
            [("journal_id", "=", self.client_bank.id)]
        )
        self.assertEqual(
            {row.matter_id: row.last_movement_on for row in rows},
            {self.matter: date(2026, 1, 5), self.matter_other: date(2026, 11, 20)},
        )
        # clearing one and another together moves neither
        waiting = self._book(
            "deposit", 10.0, date(2026, 2, 1), is_uncleared=True
        ) | self._book(
            "deposit",
            10.0,
            date(2026, 11, 21),
            matter_id=self.matter_b.id,
            is_uncleared=True,
        )
        waiting.action_clear(date(2026, 11, 24))
        rows.invalidate_recordset()
        self.assertEqual(
            rows.filtered(lambda r: r.matter_id == self.matter).last_movement_on,
            date(2026, 2, 1),
        )
