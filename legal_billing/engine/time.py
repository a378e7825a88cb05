"""Time to money: rounding of worked time, once, in whole minutes (C-9)."""

from decimal import Decimal
from typing import Literal

from .decimals import to_decimal
from .money import CENT, round_money, round_steps

Direction = Literal["up", "half", "down"]


def billable_units(
    hours: float | Decimal,
    unit_minutes: int,
    direction: Direction = "up",
    minimum_units: int = 0,
) -> int:
    """Return the billable units of one entry: worked hours in whole billing units.

    Minutes first, as an integer: 8.3 hours as a float are 498.00000000000006 minutes,
    and rounding *that* up in steps of six makes 8.4 hours of them. Called once, when
    the entry is made; billing and splitting keep the units.

    >>> billable_units(8.3, 6)
    83
    >>> billable_units(0.02, 6, minimum_units=2)
    2

    :param hours: worked hours; negative for a correction, which mirrors the positive
    :param unit_minutes: length of a unit (6: tenths of an hour)
    :param direction: up to the next unit, half up, or down to the unit begun
    :param minimum_units: least units of an entry; no time at all stays nothing
    :raises ValueError: for a unit below one minute, a negative minimum or another
        direction
    """
    if unit_minutes < 1 or minimum_units < 0:
        raise ValueError("a unit is at least one minute, a minimum not negative")
    worked = to_decimal(hours)
    if worked < 0:
        return -billable_units(-worked, unit_minutes, direction, minimum_units)
    minutes = round_steps(worked * 60)
    if direction == "up":
        units = -(-minutes // unit_minutes)
    elif direction == "half":
        units = (2 * minutes + unit_minutes) // (2 * unit_minutes)
    elif direction == "down":
        units = minutes // unit_minutes
    else:
        raise ValueError(f"unknown direction {direction!r}")
    return max(units, minimum_units) if worked else 0


def units_to_hours(units: int, unit_minutes: int) -> Decimal:
    """Return units as hours, to show them (83 units of 6 minutes: 8.3)."""
    return Decimal(units * unit_minutes) / 60


def time_value(
    rate: Decimal, units: int, unit_minutes: int, rounding: Decimal = CENT
) -> Decimal:
    """Return the value of units at an hourly rate, rounded once to the currency step.

    >>> time_value(Decimal("285.50"), 7, 1)
    Decimal('33.31')

    :param rate: per hour, in the currency of ``rounding``
    """
    return round_money(rate * (units * unit_minutes) / 60, rounding)
