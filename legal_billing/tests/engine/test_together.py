"""Bills over several matters: what is open of each matter's part (C-31, C-32)."""

from decimal import Decimal

from engine import gross_elements, spread_over_matters
from hypothesis import given
from hypothesis import strategies as st
from strategies import roundings


def d(text):
    return Decimal(text)


def texts(elements):
    return [(name, str(amount)) for name, amount in elements]


def test_c_31():
    """Elements by matter add up to the total, by largest remainder."""
    lines = [("A", d("120.00")), ("B", d("300.60")), ("C", d("0.08"))]
    assert texts(gross_elements(lines, d("420.68"))) == [
        ("A", "120.00"),
        ("B", "300.60"),
        ("C", "0.08"),
    ]
    assert texts(gross_elements(lines, d("420.69"))) == [
        ("A", "120.00"),
        ("B", "300.61"),
        ("C", "0.08"),
    ]


def test_c_32():
    """What was paid for the whole bill is taken off both; a credit note off its own."""
    gross = (("A", d("120.00")), ("B", d("300.60")))
    assert texts(spread_over_matters(gross, d("210.30"))) == [
        ("A", "60.00"),
        ("B", "150.30"),
    ]
    credited = (("A", d("20.00")),)
    assert texts(spread_over_matters(gross, d("400.60"), credited)) == [
        ("A", "100.00"),
        ("B", "300.60"),
    ]
    assert texts(spread_over_matters(gross, d("0.00"), credited)) == [
        ("A", "0.00"),
        ("B", "0.00"),
    ]
    # unmatched by hand: the credit note counts no more
    assert texts(spread_over_matters(gross, d("420.60"), credited)) == texts(gross)


def test_c_32_credit_notes_are_added_up_and_none_gives_more_than_its_part():
    gross = (("A", d("120.00")), ("B", d("300.60")))
    twice = (("A", d("15.00")), ("A", d("5.00")))
    assert texts(spread_over_matters(gross, d("400.60"), twice)) == [
        ("A", "100.00"),
        ("B", "300.60"),
    ]
    # a debit of a matter is no credit, and none takes more than there is
    beyond = (("A", d("-50.00")), ("B", d("400.00")))
    assert texts(spread_over_matters(gross, d("60.00"), beyond)) == [
        ("A", "60.00"),
        ("B", "0.00"),
    ]


def test_c_32_a_refund_of_one_matter_is_not_open():
    gross = (("A", d("-10.00")), ("B", d("110.00")))
    assert texts(spread_over_matters(gross, d("100.00"))) == [
        ("A", "0.00"),
        ("B", "100.00"),
    ]
    assert texts(spread_over_matters(gross, d("110.01"))) == [
        ("A", "0.00"),
        ("B", "110.01"),
    ]


def test_c_32_a_credit_notes_element_is_negative_in_every_matter():
    gross = (("A", d("-30.00")), ("B", d("-70.00")))
    assert texts(spread_over_matters(gross, d("-50.00"))) == [
        ("A", "-15.00"),
        ("B", "-35.00"),
    ]
    nothing = (("A", d("0.00")), ("B", d("0.00")))
    assert texts(spread_over_matters(nothing, d("0.00"))) == texts(nothing)


@st.composite
def parts(draw):
    """Parts of an element, what is open of it, and what was credited."""
    rounding = draw(roundings)
    steps = draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=6))
    gross = tuple((number, step * rounding) for number, step in enumerate(steps))
    credited = tuple(
        (number, draw(st.integers(0, step)) * rounding)
        for number, step in enumerate(steps)
    )
    rest = sum(steps) - sum(int(amount / rounding) for _name, amount in credited)
    return gross, draw(st.integers(0, rest)) * rounding, credited, rounding


@given(parts())
def test_parts_add_up_and_none_pays_for_another(case):
    """The parts are what is open, exactly; none is negative, or above what its matter
    owes less what was credited of it."""
    gross, outstanding, credited, rounding = case
    left = spread_over_matters(gross, outstanding, credited, rounding)
    assert sum(amount for _name, amount in left) == outstanding
    for (name, amount), (_same, part), (_again, given_back) in zip(
        left, gross, credited, strict=True
    ):
        assert 0 <= amount <= part - given_back, name
