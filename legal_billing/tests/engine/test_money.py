"""Rounding and splits: C-3, C-4, C-23."""

from decimal import Decimal

import pytest
from engine import largest_remainder, round_money, to_decimal
from engine.money import spread, spread_or_equal, to_steps
from hypothesis import given
from hypothesis import strategies as st
from strategies import roundings

weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=20).filter(sum)
signed_weights = st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=20).filter(
    sum
)
totals = st.integers(-(10**8), 10**8)


def decimals(*texts):
    return [Decimal(text) for text in texts]


# --- properties


@given(totals, signed_weights)
def test_parts_always_add_up_to_the_total(total, parts):
    assert sum(spread(total, parts)) == total


@given(totals, signed_weights)
def test_no_part_is_a_step_off_its_exact_share(total, parts):
    base = sum(parts)
    for weight, part in zip(parts, spread(total, parts), strict=True):
        assert abs(part * base - total * weight) < abs(base)


@given(st.integers(0, 10**8), weights)
def test_a_positive_total_gives_no_negative_part(total, parts):
    assert min(spread(total, parts)) >= 0


@given(totals, signed_weights)
def test_turning_every_weight_leaves_the_parts(total, parts):
    assert spread(total, [-weight for weight in parts]) == spread(total, parts)


@given(totals, signed_weights)
def test_turning_the_total_turns_the_parts(total, parts):
    assert spread(-total, parts) == [-part for part in spread(total, parts)]


@given(signed_weights)
def test_a_split_of_the_sum_gives_the_weights_back(parts):
    assert spread(sum(parts), parts) == parts


@given(st.integers(0, 10**8), weights)
def test_a_larger_weight_never_gets_less(total, parts):
    pairs = sorted(zip(parts, spread(total, parts), strict=True))
    for (weight, part), (next_weight, next_part) in zip(pairs, pairs[1:], strict=False):
        assert part <= next_part or weight == next_weight


@given(st.data(), roundings)
def test_every_part_is_a_multiple_of_the_currency_step(data, rounding):
    total = data.draw(totals) * rounding
    shares = [Decimal(weight) / 100 for weight in data.draw(weights)]
    parts = largest_remainder(total, shares, rounding)
    assert sum(parts) == total
    assert all(part % rounding == 0 for part in parts)


@given(st.data())
def test_ids_decide_and_not_the_position(data):
    total, shares = data.draw(totals), data.draw(weights)
    ids = data.draw(st.permutations(range(len(shares))))
    by_id = dict(
        zip(
            ids,
            largest_remainder(Decimal(total), list(map(Decimal, shares)), ids=ids),
            strict=True,
        )
    )
    order = sorted(range(len(ids)), key=ids.__getitem__)
    again = largest_remainder(
        Decimal(total), [Decimal(shares[i]) for i in order], ids=sorted(ids)
    )
    assert again == [by_id[i] for i in sorted(ids)]


# --- figures


@pytest.mark.parametrize(
    ("amount", "rounding", "expected"),
    [
        ("23.345", "0.01", "23.35"),
        ("-23.345", "0.01", "-23.35"),
        ("2.675", "0.01", "2.68"),
        ("0.125", "0.05", "0.15"),
        ("0.12", "0.05", "0.10"),
        ("2.5", "1", "3"),
        ("-2.5", "1", "-3"),
        ("0.0005", "0.001", "0.001"),
    ],
)
def test_rounding_is_half_up_away_from_zero(amount, rounding, expected):
    assert round_money(Decimal(amount), Decimal(rounding)) == Decimal(expected)


def test_c3_850_over_three_near_equal_entries():
    parts = largest_remainder(Decimal(850), decimals("333.33", "333.33", "333.34"))
    assert parts == decimals("283.33", "283.33", "283.34")


def test_c4_signs_are_kept():
    parts = largest_remainder(Decimal(300), decimals("500", "-100"))
    assert parts == decimals("375", "-75")


def test_c23_a_hundred_over_three_equal_bills():
    parts = largest_remainder(Decimal(100), decimals("200", "200", "200"))
    assert parts == decimals("33.34", "33.33", "33.33")


def test_c23_a_currency_of_five_cent_steps():
    parts = largest_remainder(Decimal(100), [Decimal(200)] * 3, Decimal("0.05"))
    assert parts == decimals("33.35", "33.35", "33.30")


def test_a_tie_goes_to_the_larger_weight_then_to_the_lower_index():
    assert spread(2, [1, 3]) == [0, 2]
    assert spread(1, [5, 5]) == [1, 0]


def test_a_tie_goes_to_the_lower_id():
    parts = largest_remainder(Decimal("0.01"), decimals("5", "5"), ids=[9, 2])
    assert parts == decimals("0", "0.01")


def test_weights_without_a_sum_are_refused():
    for weights_of in ([5, -5], []):
        with pytest.raises(ValueError, match="^weights add up to zero$"):
            spread(100, weights_of)
        with pytest.raises(ValueError, match="^weights add up to zero$"):
            largest_remainder(Decimal(1), list(map(Decimal, weights_of)))


def test_a_tie_may_go_by_the_index_alone():
    assert spread(2, [1, 3], ties_by_weight=False) == [1, 1]


def test_the_total_is_rounded_to_the_step_and_weights_are_not():
    assert largest_remainder(Decimal("0.105"), decimals("1", "1.2")) == decimals(
        "0.05", "0.06"
    )
    assert largest_remainder(Decimal(1), decimals("0.004", "0.006")) == decimals(
        "0.40", "0.60"
    )


def test_weights_without_a_sum_may_be_split_equally():
    assert spread_or_equal(5, [0, 0]) == [3, 2]
    assert spread_or_equal(5, [4, 1]) == [4, 1]


def test_steps_are_rounded_half_up():
    assert to_steps(Decimal("10.125"), Decimal("0.01")) == 1013


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (33.349999999999994, "33.35"),
        (8.3, "8.3"),
        (0.1 + 0.2, "0.3"),
        (1e-05, "0.00001"),
        (7, "7"),
        ("285.50", "285.50"),
        (None, "0"),
        (False, "0"),
    ],
)
def test_a_callers_number_becomes_exact(value, expected):
    assert to_decimal(value) == Decimal(expected)


def test_no_number_is_refused():
    for value in (float("nan"), Decimal("Infinity"), "NaN"):
        with pytest.raises(
            ValueError,
            match=f"^not an amount: {value!r}$".replace("(", r"\(").replace(")", r"\)"),
        ):
            to_decimal(value)
