"""Fee arrangements that change what the work is worth, before any quote (C-35)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from .money import round_steps, spread, to_steps
from .types import ZERO, Period, Subscription
from .worksheet import Worksheet


def apply_blended_rate(sheet: Worksheet, rate: Decimal) -> None:
    """Make the fees billable hours × rate, over the time entries by value.

    Without any value they are spread by hours, and what has neither is on no
    entry.
    """
    hours = [sheet.entries[index].hours for index in sheet.fees]
    wip = sheet.sum_of(sheet.value, sheet.fees)
    target = round_steps(sum(hours, ZERO) * rate / sheet.rounding)
    weights = [sheet.value[index] for index in sheet.fees]
    if sum(weights) <= 0:
        weights = _whole_numbers(hours)
    if sum(weights) > 0:
        for index, part in zip(sheet.fees, spread(target, weights), strict=True):
            sheet.arranged[index] = sheet.quoted[index] = part
    else:
        for index in sheet.fees:
            sheet.arranged[index] = sheet.quoted[index] = 0
        sheet.extra = sheet.extra_billed = target
    sheet.log("blended", wip, target)
    sheet.reasons.append(sheet.warning("blended_applied", wip=wip, billed=target))


def _whole_numbers(numbers: Sequence[Decimal]) -> list[int]:
    """Return numbers in the same proportion without decimals."""
    scale = min((number.as_tuple().exponent for number in numbers), default=0)
    return [int(number.scaleb(-scale)) for number in numbers]


def apply_subscription(sheet: Worksheet, subscription: Subscription) -> None:
    """Bill the due periods, and the work above their hours by the hour.

    Each entry takes hours of the period of its date, oldest first; work from before the
    first period takes those of the first. Entries that are included in full belong to
    the fee, the others are billed for the hours above.
    """
    periods = list(subscription.periods)
    wip = sheet.sum_of(sheet.value, sheet.fees)
    taken = [ZERO] * len(periods)
    included = []
    oldest_first = sorted(
        sheet.fees,
        key=lambda i: (sheet.entries[i].date or date.max, sheet.entries[i].id),
    )
    for index in oldest_first if periods else ():
        entry = sheet.entries[index]
        place = _period_of(periods, entry.date)
        free = _hours_left(periods, taken, place, subscription.carry_over)
        used = periods[place].used + taken[place]
        hours = min(entry.hours, free) if entry.hours > 0 else max(entry.hours, -used)
        if not hours:
            continue
        taken[place] += hours
        value = round_steps(sheet.value[index] * (entry.hours - hours) / entry.hours)
        sheet.arranged[index] = sheet.quoted[index] = value
        if hours == entry.hours:
            included.append(index)
    due = [period for period in periods if period.is_due]
    above = sheet.sum_of(sheet.arranged, sheet.fees)
    fee = to_steps(subscription.amount, sheet.rounding) * len(due)
    sheet.extra = sheet.extra_billed = fee
    sheet.extra_bears = True
    if due:
        sheet.covered = frozenset(included)
    sheet.periods = tuple(
        replace(period, used=hours)
        for period, hours in zip(periods, taken, strict=True)
        if period.is_due or hours
    )
    sheet.log("subscription", wip, fee + above)
    sheet.reasons.append(
        sheet.warning(
            "subscription_applied", fee=fee, included=wip - above, above=above
        )
    )


def _period_of(periods: Sequence[Period], day: date | None) -> int:
    """Return the place of the last period that began until ``day``, else of the first."""
    begun = [
        place
        for place, period in enumerate(periods)
        if day is None or period.start <= day
    ]
    return begun[-1] if begun else 0


def _hours_left(
    periods: Sequence[Period],
    taken: Sequence[Decimal],
    place: int,
    carry_over: bool,
) -> Decimal:
    """Return the hours that work of a period may still take.

    Carried over, an hour that a later period took already is not there any more: what
    is left is the smallest sum up to this or any later period.
    """
    left = [
        period.hours - period.used - hours
        for period, hours in zip(periods, taken, strict=True)
    ]
    if not carry_over:
        return max(ZERO, left[place])
    sums, total = [], ZERO
    for hours in left:
        total += hours
        sums.append(total)
    return max(ZERO, min(sums[place:]))
