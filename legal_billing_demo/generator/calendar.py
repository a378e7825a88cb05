"""The days of the firm's last six months."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

#: Days that have passed since the last billing at least, so that there is WIP.
FRESH_DAYS = 14


@dataclass(frozen=True)
class Calendar:
    """Six months up to ``today``, billed at the ends of months."""

    today: date
    start: date
    billing_days: tuple

    @classmethod
    def until(cls, today):
        """The calendar that ends today.

        :param date today:
        :rtype: Calendar
        """
        start = today - relativedelta(months=6)
        days = []
        day = start + relativedelta(day=31)
        while day <= today - timedelta(days=FRESH_DAYS):
            if day >= start + timedelta(days=20):
                days.append(day)
            day += relativedelta(months=1, day=31)
        return cls(today, start, tuple(days))

    @property
    def last_billing(self):
        return self.billing_days[-1]

    def get_first_billed(self, months):
        """The first day of the first month that is billed.

        :param int months: how many months back bills were made; 0: none
        :rtype: date
        """
        if not months:
            return self.last_billing + timedelta(days=1)
        return self.billing_days[-months:][0].replace(day=1)

    def make_workday(self, rng, first, last):
        """A random workday of the span; the first day if there is none.

        :rtype: date
        """
        span = (last - first).days
        for _attempt in range(10):
            day = first + timedelta(days=rng.randint(0, max(span, 0)))
            if day.weekday() < 5:
                return day
        return first
