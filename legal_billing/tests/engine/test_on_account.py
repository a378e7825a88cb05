"""What was billed on account is taken off: figures of C-33, and what always holds."""

from collections import defaultdict
from decimal import Decimal

import pytest
from engine import Advance, deduct_on_account
from hypothesis import given
from hypothesis import strategies as st
from strategies import amounts, roundings

D = Decimal


def deduct(lines, *advances):
    return [
        (part.advance, part.element, str(part.amount))
        for part in deduct_on_account(
            [(D(str(net)), taxes, element) for net, taxes, element in lines],
            [Advance(D(str(left)), taxes) for left, taxes in advances],
        )
    ]


# --- figures


@pytest.mark.parametrize(("left", "amount"), [(400, "400"), (1500, "1000")])
def test_as_far_as_the_bill_goes(left, amount):
    assert deduct([(1000, "19", "fees")], (left, "19")) == [(0, "fees", amount)]


def test_the_oldest_first():
    assert deduct([(1000, "19", "fees")], (400, "19"), (900, "19")) == [
        (0, "fees", "400"),
        (1, "fees", "600"),
    ]


def test_what_is_taxed_otherwise_is_not_deducted():
    lines = [(1000, "19", "fees"), (500, "0", "costs")]
    assert deduct(lines, (300, "0"), (300, "7")) == []
    assert deduct(lines, (1200, "19")) == [(0, "fees", "1000")]
    assert deduct(lines, (300, "0"), (400, "19")) == [(1, "fees", "400")]


def test_the_element_that_must_be_there_is_the_callers():
    lines = [(D(500), "0", "costs"), (D(200), "0", "fees")]
    parts = deduct_on_account(lines, [Advance(D(600), "0")], fees="costs")
    assert [(part.element, part.amount) for part in parts] == [
        ("costs", 500),
        ("fees", 100),
    ]
    only_costs = [(D(500), "0", "costs")]
    assert deduct_on_account(only_costs, [Advance(D(600), "0")]) == []


def test_after_the_fees_what_is_taxed_as_they_are():
    lines = [(200, "19", "costs"), (1000, "19", "fees"), (-100, "19", "fees")]
    assert deduct(lines, (1000, "19")) == [(0, "fees", "900"), (0, "costs", "100")]


def test_never_below_nothing():
    lines = [(1000, "19", "fees"), (-900, "0", "fees")]
    assert deduct(lines, (1000, "19")) == [(0, "fees", "100")]
    assert deduct([(100, "19", "fees"), (-100, "19", "costs")], (50, "19")) == []
    assert deduct([(100, "19", "fees")], (-50, "19"), (0, "19")) == []


def test_three_limits_that_two_advances_use_up_together():
    lines = [(100, "19", "fees"), (300, "19", "costs"), (500, "0", "fees")]
    assert deduct(lines, (60, "19"), (100, "19")) == [
        (0, "fees", "60"),
        (1, "fees", "40"),
        (1, "costs", "60"),
    ]
    # what is under one set of taxes
    lines = [(300, "19", "fees"), (-200, "19", "costs"), (500, "0", "fees")]
    assert deduct(lines, (60, "19"), (60, "19")) == [
        (0, "fees", "60"),
        (1, "fees", "40"),
    ]
    nothing = [(100, "19", "fees"), (-100, "19", "costs"), (500, "0", "fees")]
    assert deduct(nothing, (50, "19")) == []
    # the whole bill
    lines = [(300, "19", "fees"), (-200, "0", "fees")]
    assert deduct(lines, (60, "19"), (60, "19")) == [
        (0, "fees", "60"),
        (1, "fees", "40"),
    ]


def test_a_cent_is_deducted_too():
    assert deduct([("0.50", "19", "fees")], ("0.01", "19")) == [(0, "fees", "0.01")]


# --- what always holds


@st.composite
def cases(draw):
    rounding = draw(roundings)
    taxes = st.sampled_from(["19 %", "7 %", ""])
    element = st.sampled_from(["fees", "taxable", "exempt"])
    line = st.tuples(amounts(rounding, -20_000), taxes, element)
    advance = st.builds(Advance, amounts(rounding, -500), taxes)
    return draw(st.lists(line, max_size=7)), draw(st.lists(advance, max_size=5))


@given(cases())
def test_no_more_than_there_is(case):
    lines, advances = case
    taken = defaultdict(D)
    for part in deduct_on_account(lines, advances):
        assert part.amount > 0
        taken[part.advance] += part.amount
    for number, amount in taken.items():
        assert amount <= advances[number].left


@given(cases())
def test_nothing_gets_below_nothing(case):
    lines, advances = case
    whole, sets, elements = D(0), defaultdict(D), defaultdict(D)
    for net, taxes, element in lines:
        whole += net
        sets[taxes] += net
        elements[taxes, element] += net
    for part in deduct_on_account(lines, advances):
        taxes = advances[part.advance].taxes
        whole -= part.amount
        sets[taxes] -= part.amount
        elements[taxes, part.element] -= part.amount
        assert whole >= 0
        assert sets[taxes] >= 0
        assert elements[taxes, part.element] >= 0


@given(cases())
def test_the_newer_waits_for_the_older(case):
    lines, advances = case
    taken = defaultdict(D)
    for part in deduct_on_account(lines, advances):
        for number in range(part.advance):
            older = advances[number]
            if older.taxes == advances[part.advance].taxes and older.left > 0:
                assert taken[number] == older.left
        taken[part.advance] += part.amount


@given(cases())
def test_as_far_as_it_goes(case):
    """What is left over finds no room: one more of it would be deducted of nothing."""
    lines, advances = case
    parts = deduct_on_account(lines, advances)
    rest = [*lines]
    left = [advance.left for advance in advances]
    for part in parts:
        left[part.advance] -= part.amount
        rest.append((-part.amount, advances[part.advance].taxes, part.element))
    again = [Advance(amount, a.taxes) for amount, a in zip(left, advances, strict=True)]
    assert not deduct_on_account(rest, again)
