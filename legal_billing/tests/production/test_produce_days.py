from datetime import date, datetime

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools import day_of
from .produce_common import MAIL_LOGGER, ProduceCommon
from .smtp import smtp_server

#: West of Greenwich, there, and east of it: at 03:00 UTC of the 17th it is the 16th in
#: the first, at 13:00 UTC the 18th in the last.
ZONES = ("America/New_York", "Europe/London", "Pacific/Auckland")


@tagged("post_install", "-at_install")
class TestDays(ProduceCommon):
    """A day is a day, whatever the zone of those who enter it and those who read it."""

    def _live_in(self, zone, *users):
        for user in users or (self.biller, self.approver):
            user.tz = zone

    def test_the_day_of_a_moment(self):
        moment = datetime(2026, 11, 17, 3, 0)
        for zones, day in (
            (("America/New_York",), date(2026, 11, 16)),
            ((False, "Pacific/Auckland"), date(2026, 11, 17)),
            ((), date(2026, 11, 17)),
        ):
            self.assertEqual(day_of(moment, *zones), day)
        self.assertEqual(
            day_of("2026-11-17 13:00:00", "Pacific/Auckland"), date(2026, 11, 18)
        )
        self.assertFalse(day_of(False, "Europe/London"))

    @freeze_time("2026-11-25 12:00:00")
    def test_the_typed_day_is_the_day_in_every_zone(self):
        for zone in ZONES:
            with self.subTest(zone):
                self._live_in(zone)
                bill = self._make_bill()
                self._as(bill, "biller").action_produce_without_sending(
                    sent_on=date(2026, 11, 16)
                )
                self.assertEqual(bill.delivered_day, date(2026, 11, 16))
                self.assertEqual(bill.delivered_on, datetime(2026, 11, 16))
                for other in ZONES:
                    self.biller.tz = other
                    seen = self._as(bill, "biller")
                    seen.invalidate_recordset()
                    self.assertIn("2026-11-16", seen.delivery_icon["title"])

    def test_approved_and_posted_are_of_the_persons_day(self):
        for zone, now, day in (
            ("America/New_York", "2026-11-17 03:00:00", date(2026, 11, 16)),
            ("Europe/London", "2026-11-17 00:30:00", date(2026, 11, 17)),
            ("Pacific/Auckland", "2026-11-17 13:00:00", date(2026, 11, 18)),
        ):
            with self.subTest(zone), freeze_time(now):
                self._live_in(zone)
                bill = self._make_bill(bill_recipient_ids=[Command.clear()])
                self.assertEqual(bill.approved_day, day)
                self._produce(bill)
                self._as(bill, "biller").action_confirm_posted()
                self.assertEqual(bill.delivered_day, day)
                self.assertEqual(
                    bill.search_count(
                        [("id", "=", bill.id), ("delivered_day", "=", day)]
                    ),
                    1,
                )

    @mute_logger(MAIL_LOGGER)
    def test_an_email_goes_out_where_the_firm_is(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        self._live_in("America/New_York")
        with freeze_time("2026-11-17 13:00:00"), smtp_server(self.env):
            bill = self._make_bill()
            self._produce(bill)
            self._send_queue()
        self.assertEqual(bill.delivered_day, date(2026, 11, 18))
        # where nobody said where the firm is, where the person is that produced it
        self.company.partner_id.tz = False
        with freeze_time("2026-11-17 03:00:00"), smtp_server(self.env):
            other = self._make_bill()
            self._produce(other)
            self._send_queue()
        self.assertEqual(other.delivered_day, date(2026, 11, 16))

    @freeze_time("2026-11-25 12:00:00")
    def test_what_goes_back_forgets_the_day_and_remembers_it_on_the_next_paper(self):
        self._live_in("America/New_York", self.biller, self.manager)
        bill = self._make_bill()
        self._as(bill, "biller").action_produce_without_sending(
            sent_on=date(2026, 11, 16)
        )
        self._as(bill, "manager").action_revert_bills("A wrong rate")
        self.assertFalse(bill.delivered_day)
        self.assertFalse(bill.approved_day)
        self.assertEqual(bill.replaces_sent_day, date(2026, 11, 16))
        notes = " ".join(bill.message_ids.mapped("body"))
        self.assertIn("Reverted although delivered on 11/16/2026", notes)
