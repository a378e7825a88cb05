"""Calendar periods: which of them a subscription owes, and which it has billed."""

import datetime
from collections.abc import Sequence
from decimal import Decimal

from .types import Period, PeriodKind

#: Months of each kind of period.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
#: Due periods on one bill at the most: a date of long ago is a slip of the pen.
MOST = 120


def period_of(
    day: datetime.date, kind: PeriodKind
) -> tuple[datetime.date, datetime.date]:
    """Return first and last day of the calendar period of ``day``.

    >>> [str(day) for day in period_of(datetime.date(2026, 11, 30), "quarter")]
    ['2026-10-01', '2026-12-31']
    """
    months = MONTHS[kind]
    start = datetime.date(day.year, (day.month - 1) // months * months + 1, 1)
    last = start.month + months - 1
    after = datetime.date(start.year + last // 12, last % 12 + 1, 1)
    return start, after - datetime.timedelta(days=1)


def list_periods(
    kind: PeriodKind,
    until: datetime.date,
    hours: Decimal,
    known: Sequence[Period] = (),
    first: datetime.date | None = None,
) -> tuple[Period, ...]:
    """Return the periods of a subscription up to a day, oldest first.

    They are those that bills have charged, with what is left of their hours, and the
    due ones: every calendar period from the first until that of ``until`` that no bill
    has charged. Where the kind of period has changed, one that overlaps a charged one
    is not due.

    >>> charged = Period(datetime.date(2026, 9, 1), datetime.date(2026, 9, 30), False)
    >>> [(str(p.start), p.is_due) for p in list_periods(
    ...     "month", datetime.date(2026, 11, 5), Decimal(5), [charged])]
    [('2026-09-01', False), ('2026-10-01', True), ('2026-11-01', True)]

    :param hours: that the fee of a due period includes
    :param known: periods of other bills; ``is_due`` where the fee was given back, so
        that it is owed again
    :param first: a day of the first period; default: the first known one, else that of
        ``until``
    """
    charged = [period for period in known if not period.is_due]
    owed = {period.start: period for period in known if period.is_due}
    if first is None:
        first = min((period.start for period in known), default=until)
    due = []
    start, end = period_of(until, kind)
    while end >= first and len(due) < MOST:
        if not any(p.start <= end and start <= p.end for p in charged):
            used = owed[start].used if start in owed else Decimal(0)
            due.append(Period(start, end, True, hours, used))
        start, end = period_of(start - datetime.timedelta(days=1), kind)
    return tuple(
        sorted(
            [*charged, *due],
            key=lambda period: (period.start, period.is_due),
        )
    )
