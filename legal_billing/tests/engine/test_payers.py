"""A bill among several payers: figures of C-28 to C-30, and what always holds."""

from decimal import Decimal

import pytest
from engine import Payer, hold_taxes, split_among_payers
from hypothesis import given
from hypothesis import strategies as st
from strategies import amounts, roundings

D = Decimal
REST = Payer("remainder")


def split(lines, *payers):
    shares = split_among_payers([(D(str(a)), s) for a, s in lines], payers)
    return [[str(part) for part in parts] for parts in shares]


# --- figures


def test_percent_of_each_line():
    assert split(
        [(1000, "fees"), (100.01, "disbursements")], Payer("percent", D(60)), REST
    ) == [["600.00", "60.01"], ["400.00", "40.00"]]


@pytest.mark.parametrize(
    ("net", "left", "expected"),
    [(1000, 1500, ["700.00", "300.00"]), (1500, 800, ["800.00", "700.00"])],
)
def test_cap_over_life(net, left, expected):
    capped = Payer("percent", D(70), cap_left=D(left))
    assert sum(split([(net, "fees")], capped, REST), []) == expected


def test_cap_used_up_leaves_all_to_the_remainder():
    capped = Payer("percent", D(70), cap_left=D(0))
    assert sum(split([(900, "fees")], capped, REST), []) == ["0.00", "900.00"]
    overdrawn = Payer("percent", D(70), cap_left=D(-5))
    assert sum(split([(900, "fees")], overdrawn, REST), []) == ["0.00", "900.00"]


def test_excess_first():
    client = Payer("amount", D("208.33"))
    assert sum(split([(2000, "fees")], client, REST), []) == ["208.33", "1791.67"]
    # a bill below the excess is the client's alone
    assert sum(split([(100, "fees")], client, REST), []) == ["100.00", "0.00"]


def test_scopes():
    lines = [(1000, "fees"), (200, "disbursements")]
    assert split(lines, Payer("percent", D(100), "fees"), REST) == [
        ["1000.00", "0.00"],
        ["0.00", "200.00"],
    ]
    assert split(lines, Payer("amount", D(300), "disbursements"), REST) == [
        ["0.00", "200.00"],
        ["1000.00", "0.00"],
    ]


def test_ties_go_to_the_lower_sequence():
    lines = [(0.10, "fees")]
    assert split(lines, Payer("percent", D(25)), REST) == [["0.03"], ["0.07"]]
    assert split(lines, Payer("percent", D(75)), REST) == [["0.08"], ["0.02"]]


def test_amounts_before_percents():
    assert split(
        [(1000, "fees")], Payer("percent", D(80)), Payer("amount", D(500)), REST
    ) == [["500.00"], ["500.00"], ["0.00"]]


def test_a_discount_is_shared_too():
    assert split([(1000, "fees"), (-100, "fees")], Payer("amount", D(450)), REST) == [
        ["500.00", "-50.00"],
        ["500.00", "-50.00"],
    ]


def test_who_bears_the_rest_has_no_cap():
    rest = Payer("remainder", cap_left=D(5))
    assert split([(100, "fees")], Payer("percent", D(50)), rest) == [["50.00"]] * 2


def test_a_cap_that_is_just_reached_leaves_the_cents_where_they_are():
    lines = [(0.01, "fees")] * 3 + [(0.09, "fees")]
    half = Payer("percent", D(50), cap_left=D("0.08"))
    assert split(lines, half, REST)[0] == ["0.01", "0.01", "0.01", "0.05"]


def test_a_cent_and_less_than_a_percent_are_borne():
    assert split([(1000, "fees")], Payer("amount", D("0.01")), REST)[0] == ["0.01"]
    assert split([(1000, "fees")], Payer("percent", D("0.5")), REST)[0] == ["5.00"]


def test_exactly_one_remainder():
    for payers in ([Payer("percent", D(50))], [REST, REST]):
        with pytest.raises(ValueError, match="^exactly one payer bears the remainder$"):
            split([(1, "fees")], *payers)


# --- what always holds


@st.composite
def splits(draw):
    rounding = draw(roundings)
    line = st.tuples(
        amounts(rounding, -20_000), st.sampled_from(["fees", "disbursements"])
    )
    limited = st.none() | amounts(rounding, -500)
    scope = st.sampled_from(["all", "fees", "disbursements"])
    percent = st.decimals(0, 100, places=2)
    payer = st.builds(Payer, st.just("percent"), percent, scope, limited) | st.builds(
        Payer, st.just("amount"), amounts(rounding), scope, limited
    )
    others = draw(st.lists(payer, max_size=4))
    return draw(st.lists(line, max_size=6)), [*others, REST], rounding


@given(splits())
def test_shares_add_up_to_the_line(case):
    lines, payers, rounding = case
    shares = split_among_payers(lines, payers, rounding=rounding)
    for number, (amount, _section) in enumerate(lines):
        assert sum(parts[number] for parts in shares) == amount


@given(splits())
def test_no_share_is_of_the_other_sign(case):
    lines, payers, rounding = case
    for parts in split_among_payers(lines, payers, rounding=rounding):
        for part, (amount, _section) in zip(parts, lines, strict=True):
            assert part * amount >= 0
            assert abs(part) <= abs(amount)


@given(splits())
def test_nobody_bears_more_than_his_cap_or_amount(case):
    lines, payers, rounding = case
    shares = split_among_payers(lines, payers, rounding=rounding)
    for payer, parts in zip(payers, shares, strict=True):
        if payer.cap_left is not None:
            assert sum(parts) <= max(payer.cap_left, D(0))
        if payer.share_type == "amount":
            assert sum(parts) <= payer.value


@given(splits())
def test_nobody_bears_what_is_out_of_scope(case):
    lines, payers, rounding = case
    shares = split_among_payers(lines, payers, rounding=rounding)
    for payer, parts in zip(payers[:-1], shares, strict=False):
        for part, (_amount, section) in zip(parts, lines, strict=True):
            assert not part or payer.scope in ("all", section)


@given(splits())
def test_steps_of_the_currency(case):
    lines, payers, rounding = case
    for parts in split_among_payers(lines, payers, rounding=rounding):
        assert all(part % rounding == 0 for part in parts)


@given(
    st.dictionaries(st.sampled_from("abc"), amounts(D("0.01")), min_size=1),
    st.lists(st.dictionaries(st.sampled_from("abc"), amounts(D("0.01"))), max_size=4),
)
def test_held_taxes_add_up(whole, parts):
    held = hold_taxes(whole, parts)
    for key in whole:
        if any(key in part for part in parts):
            assert sum(part.get(key, 0) for part in held) == whole[key]
