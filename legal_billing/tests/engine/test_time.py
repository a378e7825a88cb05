"""Time rounding and value: C-9, C-10."""

from decimal import Decimal

import pytest
from engine import billable_units, time_value
from engine.time import units_to_hours
from hypothesis import given
from hypothesis import strategies as st

minutes = st.integers(0, 24 * 60)
units = st.sampled_from([1, 5, 6, 10, 15, 30, 60])


@given(minutes, units)
def test_whole_units_stay_as_they_are_in_every_direction(count, unit):
    hours = count * unit / 60
    for direction in ("up", "half", "down"):
        assert billable_units(hours, unit, direction) == count


@given(minutes, units)
def test_the_directions_are_in_order_and_less_than_a_unit_apart(worked, unit):
    down, half, up = (
        billable_units(worked / 60, unit, direction)
        for direction in ("down", "half", "up")
    )
    assert down * unit <= worked <= up * unit
    assert down <= half <= up <= down + 1
    assert abs(half * unit - worked) * 2 <= unit


@given(minutes, units, st.sampled_from(["up", "half", "down"]), st.integers(0, 3))
def test_a_correction_mirrors_its_entry(worked, unit, direction, minimum):
    hours = worked / 60
    assert billable_units(-hours, unit, direction, minimum) == -billable_units(
        hours, unit, direction, minimum
    )


@given(minutes, units)
def test_rounded_time_is_not_rounded_again(worked, unit):
    once = billable_units(worked / 60, unit)
    assert billable_units(units_to_hours(once, unit), unit) == once


def test_c9_a_float_does_not_add_a_unit():
    assert 8.3 * 60 > 498
    assert billable_units(8.3, 6, "up") == 83
    assert units_to_hours(83, 6) == Decimal("8.3")


@pytest.mark.parametrize(
    ("direction", "expected"), [("up", 2), ("half", 1), ("down", 1)]
)
def test_c9_eight_minutes_in_tenths_of_an_hour(direction, expected):
    assert billable_units(8 / 60, 6, direction) == expected


def test_c9_half_a_unit_goes_up():
    assert billable_units(Decimal("0.15"), 6, "half") == 2


def test_c9_the_minimum_is_per_entry():
    assert billable_units(1 / 60, 6, "up", 3) == 3
    assert billable_units(1 / 60, 6, "down", 3) == 3


def test_c9_no_time_is_no_units_whatever_the_minimum():
    assert billable_units(0.0, 6, "up", 3) == 0


def test_c10_seven_minutes_at_285_50():
    assert time_value(Decimal("285.50"), 7, 1) == Decimal("33.31")


def test_c9_the_value_is_in_steps_of_the_currency():
    assert time_value(Decimal(250), 1, 6, Decimal(1)) == 25
    assert time_value(Decimal("33.33"), 1, 6, Decimal("0.05")) == Decimal("3.35")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1.0, 0), "a unit is at least one minute, a minimum not negative"),
        ((1.0, 6, "up", -1), "a unit is at least one minute, a minimum not negative"),
        ((1.0, 6, "sideways"), "unknown direction 'sideways'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(values, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        billable_units(*values)


def test_c9_a_correction_has_the_unit_direction_and_minimum_of_its_entry():
    assert billable_units(-8 / 60, 6, "down") == -1
    assert billable_units(-8 / 60, 5, "up") == -2
    assert billable_units(-1 / 60, 6, "up", 3) == -3


def test_c9_seconds_are_no_minute():
    assert billable_units(Decimal("0.008"), 1, "up") == 0
    assert billable_units(Decimal("0.009"), 1, "down") == 1
