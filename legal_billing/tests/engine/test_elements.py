"""Elements of a bill, gross and outstanding: C-11, C-18."""

from datetime import date
from decimal import Decimal

import pytest
from engine import Settlement, element_outstanding, gross_elements
from hypothesis import given
from hypothesis import strategies as st
from strategies import ELEMENTS, amounts, roundings

NAMES = st.sampled_from(ELEMENTS)


def d(text):
    return Decimal(text)


def amounts_of(elements):
    return {name: str(amount) for name, amount in elements}


@st.composite
def settled_bills(draw):
    """A bill's elements, its residual and settlements that need not fit it."""
    rounding = draw(roundings)
    gross = tuple(
        (name, draw(amounts(rounding, low=-3000, high=30_000))) for name in ELEMENTS
    )
    total = sum(amount for _name, amount in gross)
    residual = draw(st.integers(0, abs(int(total / rounding)))) * rounding
    part = st.tuples(NAMES, amounts(rounding, high=20_000))
    settlements = draw(
        st.lists(
            st.builds(
                Settlement,
                amounts(rounding, high=30_000),
                st.lists(part, max_size=3).map(tuple),
                st.none() | st.integers(1, 28).map(lambda n: date(2025, 1, n)),
            ),
            max_size=4,
        )
    )
    mode = draw(st.sampled_from(["bill", "element", "proportional"]))
    order = draw(st.permutations(ELEMENTS))
    sign = -1 if total < 0 else 1
    return gross, sign * residual, settlements, mode, order, rounding


@given(settled_bills())
def test_what_is_outstanding_adds_up_to_the_residual(found):
    gross, residual, *_rest = found
    left = element_outstanding(*found)
    assert sum(amount for _name, amount in left) == residual
    assert [name for name, _amount in left] == [name for name, _amount in gross]


@given(settled_bills())
def test_no_element_is_overpaid_or_more_than_its_gross(found):
    gross, residual, *_rest = found
    sign = -1 if sum(amount for _name, amount in gross) < 0 else 1
    for (_name, amount), (_same, left) in zip(
        gross, element_outstanding(*found), strict=True
    ):
        assert 0 <= sign * left <= max(sign * amount, 0)


@given(st.data(), roundings)
def test_gross_elements_add_up_to_the_total(data, rounding):
    lines = data.draw(
        st.lists(
            st.tuples(NAMES, amounts(rounding, low=-5000, high=90_000)), min_size=1
        )
    )
    total = sum(amount for _name, amount in lines)
    total += data.draw(st.integers(-3, 3)) * rounding
    elements = gross_elements(lines, total, rounding)
    assert sum(amount for _name, amount in elements) == total


@given(st.data(), roundings)
def test_gross_elements_are_their_lines_where_these_are_the_total(data, rounding):
    lines = data.draw(
        st.lists(st.tuples(NAMES, amounts(rounding, high=90_000)), min_size=1)
    )
    total = sum(amount for _name, amount in lines)
    for name, amount in gross_elements(lines, total, rounding):
        assert amount == sum(a for n, a in lines if n == name)


def test_c11_a_cent_of_rounding_goes_to_an_element():
    lines = [("fees", d("66.01")), ("taxable", d("66.01"))]
    elements = gross_elements(lines, d("132.01"))
    assert amounts_of(elements) == {"fees": "66.01", "taxable": "66.00"}


def test_c11_elements_that_cancel_out_still_reach_the_total():
    elements = gross_elements([("fees", d("10")), ("taxable", d("-10"))], d("0.01"))
    assert amounts_of(elements) == {"fees": "10.01", "taxable": "-10.00"}
    # the largest of them, not the first
    lines = [("a", d("4")), ("fees", d("6")), ("taxable", d("-10"))]
    elements = gross_elements(lines, d("0.02"))
    assert amounts_of(elements) == {"a": "4.00", "fees": "6.00", "taxable": "-9.98"}
    elements = gross_elements([("fees", d("10")), ("taxable", d("-10"))], d("0"))
    assert amounts_of(elements) == {"fees": "10.00", "taxable": "-10.00"}
    assert gross_elements([], d("0")) == ()


BILL = (("costs", Decimal(400)), ("fees", Decimal(590)))


def test_c18_a_payment_made_outside_goes_to_the_first_element():
    left = element_outstanding(BILL, d("590"))
    assert amounts_of(left) == {"costs": "0.00", "fees": "590.00"}


def test_c18_an_allocation_takes_what_it_says():
    settlement = Settlement(d("100"), (("fees", d("100")),))
    left = element_outstanding(BILL, d("890"), [settlement])
    assert amounts_of(left) == {"costs": "400.00", "fees": "490.00"}


def test_c18_an_element_below_zero_passes_on_to_the_next():
    settlements = [
        Settlement(d("400"), date=date(2025, 1, 1)),
        Settlement(d("150"), (("costs", d("150")),), date(2025, 2, 1)),
    ]
    left = element_outstanding(BILL, d("440"), settlements)
    assert amounts_of(left) == {"costs": "0.00", "fees": "440.00"}


def test_c18_an_excess_passes_to_the_next_and_not_to_the_first():
    bill = (("a", d("10")), ("b", d("10")), ("c", d("10")))
    left = element_outstanding(bill, d("15"), [Settlement(d("15"), (("b", d("15")),))])
    assert amounts_of(left) == {"a": "10.00", "b": "0.00", "c": "5.00"}


def test_c18_after_the_last_element_the_first_is_next():
    bill = (("a", d("10")), ("b", d("10")))
    left = element_outstanding(bill, d("5"), [Settlement(d("15"), (("b", d("15")),))])
    assert amounts_of(left) == {"a": "5.00", "b": "0.00"}


def test_c18_settlements_count_by_their_dates_and_undated_ones_last():
    first = Settlement(d("400"), date=date(2025, 1, 1))
    second = Settlement(d("150"), (("costs", d("150")),), date(2025, 2, 1))
    third = Settlement(d("60"), (("fees", d("60")),))
    for found in ([first, second, third], [third, second, first]):
        left = element_outstanding(BILL, d("380"), found)
        assert amounts_of(left) == {"costs": "0.00", "fees": "380.00"}
    # the other way round the first would find 250 of the costs only
    bill = (("a", d("100")), ("b", d("100")), ("c", d("100")))
    early = Settlement(d("100"), (("b", d("100")),), date(2025, 1, 1))
    late = Settlement(d("150"), date=date(2025, 2, 1))
    for found in ([early, late], [late, early]):
        left = element_outstanding(bill, d("50"), found)
        assert amounts_of(left) == {"a": "0.00", "b": "0.00", "c": "50.00"}


def test_c18_what_a_settlement_does_not_name_goes_by_the_default_rule():
    part = Settlement(d("100"), (("fees", d("40")),))
    left = element_outstanding(BILL, d("890"), [part])
    assert amounts_of(left) == {"costs": "340.00", "fees": "550.00"}
    # of an element that the bill has not
    other = Settlement(d("50"), (("stamps", d("50")),))
    left = element_outstanding(BILL, d("940"), [other])
    assert amounts_of(left) == {"costs": "350.00", "fees": "590.00"}
    # twice the same, and pro rata of what the named part leaves
    twice = Settlement(d("290"), (("fees", d("90")), ("fees", d("100"))))
    left = element_outstanding(BILL, d("700"), [twice], mode="proportional")
    assert amounts_of(left) == {"costs": "350.00", "fees": "350.00"}


def test_c18_more_than_the_bill_was_settled_leaves_nothing():
    left = element_outstanding(BILL, d("0"), [Settlement(d("2000"))])
    assert amounts_of(left) == {"costs": "0.00", "fees": "0.00"}


def test_c18_nothing_settled_leaves_all():
    assert element_outstanding(BILL, d("990")) == BILL


def test_c18_what_is_open_again_is_given_back_to_the_last_element_first():
    bill = (("a", d("10")), ("b", d("10")), ("c", d("10")))
    left = element_outstanding(bill, d("15"), [Settlement(d("30"))])
    assert amounts_of(left) == {"a": "0.00", "b": "5.00", "c": "10.00"}
    # no element gets more than its gross
    left = element_outstanding(bill, d("15"), [Settlement(d("25"))])
    assert amounts_of(left) == {"a": "0.00", "b": "5.00", "c": "10.00"}


def test_c18_a_cent_that_was_paid_outside_counts():
    left = element_outstanding(BILL, d("989.99"))
    assert amounts_of(left) == {"costs": "399.99", "fees": "590.00"}


def test_c18_two_refunds_are_set_off_one_after_the_other():
    bill = (("a", d("-5")), ("b", d("10")), ("c", d("-20")), ("d", d("40")))
    left = element_outstanding(bill, d("25"))
    assert amounts_of(left) == {"a": "0.00", "b": "5.00", "c": "0.00", "d": "20.00"}


def test_c18_the_default_rule_may_be_proportional():
    left = element_outstanding(BILL, d("495"), mode="proportional")
    assert amounts_of(left) == {"costs": "200.00", "fees": "295.00"}


def test_c18_the_default_rule_has_its_own_order():
    left = element_outstanding(BILL, d("400"), element_order=["fees"])
    assert amounts_of(left) == {"costs": "400.00", "fees": "0.00"}


def test_c18_a_payment_unmatched_by_hand_opens_the_bill_again():
    settlement = Settlement(d("990"), (("costs", d("400")), ("fees", d("590"))))
    left = element_outstanding(BILL, d("600"), [settlement])
    assert amounts_of(left) == {"costs": "10.00", "fees": "590.00"}


def test_c18_a_refunded_disbursement_is_set_off():
    bill = (("costs", d("-50")), ("fees", d("590")))
    left = element_outstanding(bill, d("540"))
    assert amounts_of(left) == {"costs": "0.00", "fees": "540.00"}


def test_c18_a_credit_note_is_outstanding_with_its_sign():
    note = (("costs", d("-40")), ("fees", d("-60")))
    left = element_outstanding(note, d("-70"))
    assert amounts_of(left) == {"costs": "-10.00", "fees": "-60.00"}
    left = element_outstanding(note, d("-70"), mode="proportional")
    assert amounts_of(left) == {"costs": "-28.00", "fees": "-42.00"}


def test_c18_a_residual_outside_the_bill_is_refused():
    for residual in ("990.01", "-0.01"):
        message = f"^a residual of {residual} is not within the bill's total$"
        with pytest.raises(ValueError, match=message):
            element_outstanding(BILL, d(residual))
