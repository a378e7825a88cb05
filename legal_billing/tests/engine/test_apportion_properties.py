"""What holds for any amount over any bills by any rule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from engine import apportion, payable_of, sort_bills, split_in_bill
from engine.exact import MAX_SOLUTIONS, find_combinations
from hypothesis import given
from hypothesis import strategies as st
from strategies import payments

TODAY = date(2025, 3, 15)


@given(payments())
def test_allocations_and_surplus_add_up_to_the_amount(payment):
    amount, bills, rule = payment
    result = apportion(amount, bills, rule, TODAY)
    assert result.allocated + result.surplus == amount
    assert result.surplus >= 0


@given(payments())
def test_no_bill_gets_more_than_is_payable(payment):
    amount, bills, rule = payment
    result = apportion(amount, bills, rule, TODAY)
    by_id = {bill.id: bill for bill in bills}
    for row in result.allocations:
        bill = by_id[row.bill_id]
        cap = payable_of(bill, rule)
        if bill.outstanding < 0:
            assert row.amount == cap
        else:
            assert 0 < row.amount <= cap
            assert cap <= bill.outstanding - bill.disputed - bill.reserved


@given(payments())
def test_elements_add_up_and_stay_within_what_is_outstanding(payment):
    amount, bills, rule = payment
    by_id = {bill.id: bill for bill in bills}
    for row in apportion(amount, bills, rule, TODAY).allocations:
        open_elements = by_id[row.bill_id].elements
        assert [name for name, _ in row.elements] == [name for name, _ in open_elements]
        if row.elements:
            assert sum(paid for _name, paid in row.elements) == row.amount
        for (_name, paid), (_same, left) in zip(
            row.elements, open_elements, strict=True
        ):
            assert 0 <= abs(paid) <= abs(left)
            assert paid * left >= 0


@given(payments())
def test_everything_is_a_multiple_of_the_currency_step(payment):
    amount, bills, rule = payment
    for row in apportion(amount, bills, rule, TODAY).allocations:
        assert row.amount % rule.rounding == 0
        assert all(paid % rule.rounding == 0 for _name, paid in row.elements)


@given(payments(), st.randoms(use_true_random=False))
def test_the_order_of_the_bills_does_not_matter(payment, random):
    amount, bills, rule = payment
    shuffled = random.sample(bills, len(bills))
    assert apportion(amount, shuffled, rule, TODAY) == apportion(
        amount, bills, rule, TODAY
    )


@given(payments(allow_partial=True))
def test_nothing_is_left_while_something_is_payable(payment):
    amount, bills, rule = payment
    result = apportion(amount, bills, rule, TODAY)
    if result.surplus:
        for bill in bills:
            assert result.amount_of(bill.id) == payable_of(bill, rule)


@given(payments())
def test_a_credit_needs_permission_and_everything_paid(payment):
    amount, bills, rule = payment
    result = apportion(amount, bills, rule, TODAY)
    assert result.credit in (0, result.surplus)
    if result.credit:
        assert rule.allow_overpayment
        assert all(result.amount_of(b.id) == payable_of(b, rule) for b in bills)
    matters = {bill.matter for bill in bills}
    if result.credit_matter is not None:
        assert result.credit
        assert matters == {result.credit_matter}


@given(payments(mode="bill", match_exact_first=False, with_credits=False))
def test_only_the_last_bill_of_mode_bill_is_paid_in_part(payment):
    amount, bills, rule = payment
    result = apportion(amount, bills, rule)
    in_order = [bill for bill in sort_bills(bills, rule) if payable_of(bill, rule)]
    paid = [row.bill_id for row in result.allocations]
    assert paid == [bill.id for bill in in_order[: len(paid)]]
    for bill in in_order[: len(paid)][:-1]:
        assert result.amount_of(bill.id) == payable_of(bill, rule)
    if paid and not rule.allow_partial:
        last = in_order[len(paid) - 1]
        assert result.amount_of(last.id) == payable_of(last, rule)


@given(payments(mode="proportional", match_exact_first=False, with_credits=False))
def test_proportional_is_less_than_a_step_off_the_exact_share(payment):
    amount, bills, rule = payment
    result = apportion(amount, bills, rule)
    total = sum(payable_of(bill, rule) for bill in bills)
    if amount < total:
        for bill in bills:
            share = amount * payable_of(bill, rule) / total
            assert abs(result.amount_of(bill.id) - share) < rule.rounding


@given(payments(match_exact_first=True))
def test_an_exact_match_pays_bills_in_full_and_leaves_nothing(payment):
    amount, bills, rule = payment
    result = apportion(amount, bills, rule, TODAY)
    if result.exact:
        assert result.surplus == 0
        for bill in bills:
            assert result.amount_of(bill.id) in (0, payable_of(bill, rule))


@given(payments(with_credits=False), st.data())
def test_an_amount_typed_on_a_bill_is_split_into_its_elements(payment, data):
    _amount, bills, rule = payment
    for bill in bills:
        steps = int(bill.outstanding / rule.rounding)
        amount = data.draw(st.integers(0, steps)) * rule.rounding
        elements = split_in_bill(amount, bill, rule)
        if bill.elements:
            assert sum(paid for _name, paid in elements) == amount


@given(payments(with_credits=False, match_exact_first=False))
def test_paying_what_is_payable_pays_every_bill_in_every_mode(payment):
    _amount, bills, rule = payment
    total = sum((payable_of(bill, rule) for bill in bills), Decimal(0))
    for mode in ("bill", "element", "proportional"):
        result = apportion(total, bills, replace(rule, mode=mode))
        assert result.surplus == 0
        assert all(result.amount_of(b.id) == payable_of(b, rule) for b in bills)


@given(st.lists(st.integers(1, 30), max_size=9), st.integers(1, 90))
def test_combinations_are_those_that_trying_all_finds(amounts, target):
    expected = [
        mask
        for mask in range(1, 2 ** len(amounts))
        if sum(a for i, a in enumerate(amounts) if mask >> i & 1) == target
    ]
    result = find_combinations(amounts, target)
    assert result.count == len(expected)
    assert len(result.found) == min(len(expected), MAX_SOLUTIONS)
    assert all(sum(amounts[i] for i in found) == target for found in result.found)
