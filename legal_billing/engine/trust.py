"""Client money that may be used: never more than is there, now and later (C-24)."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .types import ZERO


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of one matter's client money, positive when it comes in.

    :param date: day of the movement; money going out counts from it
    :param cleared: day from which money coming in may be used; ``None``: ``date``
    :param pending: money coming in that has not cleared: it does not count
    """

    amount: Decimal
    date: datetime.date
    cleared: datetime.date | None = None
    pending: bool = False

    @property
    def counts_from(self) -> datetime.date:
        if self.amount > 0 and self.cleared:
            return max(self.cleared, self.date)
        return self.date


def running_balances(
    movements: Iterable[Movement],
) -> list[tuple[datetime.date, Decimal]]:
    """Return the cleared balance at the end of every day with a movement."""
    days: dict[datetime.date, Decimal] = {}
    for movement in movements:
        if not (movement.pending and movement.amount > 0):
            day = movement.counts_from
            days[day] = days.get(day, ZERO) + movement.amount
    balance, result = ZERO, []
    for day in sorted(days):
        balance += days[day]
        result.append((day, balance))
    return result


def lowest_balance(movements: Iterable[Movement], on: datetime.date) -> Decimal:
    """Return the lowest cleared balance at the day and at every later day."""
    at_day, later = ZERO, []
    for day, balance in running_balances(movements):
        if day <= on:
            at_day = balance
        else:
            later.append(balance)
    return min([at_day, *later])


def available_client_money(
    movements: Sequence[Movement], on: datetime.date, retained: Decimal = ZERO
) -> Decimal:
    """Return what may leave a matter's client money on a day, never below zero.

    The lowest cleared balance at that day *and at every later day*: what is already
    posted for later is not available now, and a movement dated back cannot make a
    later balance negative.

    :param movements: all of the matter's movements, posted for whatever day
    :param retained: what stays, for example for an expected disbursement
    """
    return max(ZERO, lowest_balance(movements, on) - retained)


def transfer_limit(payable: Decimal, available: Decimal) -> Decimal:
    """Return the most that a transfer to office may pay of a bill."""
    return max(ZERO, min(payable, available))


def retainer_ask(
    after: Decimal, minimum: Decimal, target: Decimal, step: Decimal = ZERO
) -> Decimal:
    """Return how much money a matter asks for, so that its client money is at the target
    again (C-34).

    >>> str(retainer_ask(Decimal(2500), Decimal(3000), Decimal(5000)))
    '2500'
    >>> str(retainer_ask(Decimal(2490), Decimal(3000), Decimal(5000), Decimal(100)))
    '2600'

    :param after: what is left once all that is open, and this bill, is paid from it
    :param minimum: nothing is asked for unless less than this is left
    :param step: it is rounded up to a multiple of this; 0: it is not
    """
    if after >= minimum or after >= target:
        return ZERO
    ask = target - after
    if step > 0 and ask % step:
        ask += step - ask % step
    return ask
