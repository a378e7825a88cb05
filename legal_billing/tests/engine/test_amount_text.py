"""Printed amounts: the sign that two countries use the other way round."""

from decimal import Decimal

import pytest
from engine import read_amount
from hypothesis import given
from hypothesis import strategies as st

ENGLISH, GERMAN, FRENCH, SWISS = (
    (".", ","),
    (",", "."),
    (",", "\u202f"),
    (".", "\u2019"),
)
LANGUAGES = [ENGLISH, GERMAN, FRENCH, SWISS]


def _print(amount, decimal_point, thousands_sep):
    text = f"{amount:,}"
    return (
        text.replace(",", "T").replace(".", decimal_point).replace("T", thousands_sep)
    )


@given(st.integers(-(10**12), 10**12), st.sampled_from(LANGUAGES))
def test_what_a_language_prints_is_read_in_that_language(cents, language):
    amount = Decimal(cents) / 100
    for value in (amount.quantize(Decimal("0.01")), Decimal(cents)):
        assert read_amount(_print(value, *language), *language) == value


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(LANGUAGES),
    st.sampled_from(LANGUAGES),
)
def test_with_cents_it_is_read_in_every_language(cents, printed, read):
    amount = (Decimal(cents) / 100).quantize(Decimal("0.01"))
    assert read_amount(_print(amount, *printed), *read) == amount


@given(
    st.integers(-(10**7), 10**7),
    st.sampled_from(LANGUAGES),
    st.sampled_from(LANGUAGES),
    st.sampled_from([0, 2, 3]),
)
def test_nothing_becomes_a_thousand_times_more_unless_the_language_says_so(
    thousandths, printed, read, decimals
):
    amount = (Decimal(thousandths) / 1000).quantize(Decimal("0.001"))
    text = _print(amount, *printed)
    found = read_amount(text, *read, decimals)
    if found != amount and found is not None:
        assert read[1] == printed[0] and abs(amount) < 1000


@pytest.mark.parametrize(
    ("text", "language", "decimals", "amount"),
    [
        ("0.500", ENGLISH, 2, "0.5"),
        ("0.500", GERMAN, 2, None),
        ("0.500", FRENCH, 2, "0.5"),
        ("0,500", ENGLISH, 2, None),
        ("0,500", GERMAN, 2, "0.5"),
        ("1.250", ENGLISH, 2, None),
        ("1.250", ENGLISH, 3, "1.25"),
        ("1.250", GERMAN, 3, "1250"),
        ("1,250", ENGLISH, 2, "1250"),
        ("1.250", FRENCH, 2, None),
        ("-1.250", SWISS, 2, None),
        ("1250.000", ENGLISH, 2, "1250"),
        ("1.2345", ENGLISH, 2, None),
        ("12.5", ENGLISH, 0, None),
        ("1,234,567", GERMAN, 2, "1234567"),
        ("1,234,56", ENGLISH, 2, None),
        ("1,234.567,89", ENGLISH, 2, None),
        ("1.234,567.89", GERMAN, 2, None),
        ("1..5", ENGLISH, 2, None),
        ("12,34,567.50", ENGLISH, 2, "1234567.5"),
        ("1'250.00", SWISS, 2, "1250"),
        (".500", ENGLISH, 2, "0.5"),
    ],
)
def test_a_sign_before_three_digits(text, language, decimals, amount):
    found = read_amount(text, *language, decimals)
    assert found == (amount if amount is None else Decimal(amount))


def test_without_a_language_it_is_english():
    assert read_amount("1.250", decimals=3) == Decimal("1.25")
    assert read_amount("1,250") == Decimal(1250)
    assert read_amount("5.001") is None
