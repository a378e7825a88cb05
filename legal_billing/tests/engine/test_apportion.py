"""The figures of the payment rules, one by one."""

import time
from datetime import date
from decimal import Decimal

import pytest
from engine import (
    Bill,
    Rule,
    apportion,
    parse_number,
    payable,
    sort_bills,
    split_in_bill,
    split_overpayment,
)
from engine.exact import find_combinations

NAMES = ("exempt", "taxable", "anticipated", "costs")


def d(text):
    return Decimal(text)


def bill(bill_id, *parts, **values):
    amounts = [Decimal(part) for part in parts]
    names = NAMES if len(parts) == len(NAMES) else ("costs",)
    values.setdefault("elements", tuple(zip(names, amounts, strict=True)))
    return Bill(bill_id, sum(amounts), **values)


def bills_of(*amounts, **values):
    return [bill(i, amount, **values) for i, amount in enumerate(amounts, start=1)]


def paid(result):
    return {row.bill_id: str(row.amount) for row in result.allocations}


def elements(result, bill_id):
    row = next(row for row in result.allocations if row.bill_id == bill_id)
    return [str(amount) for _name, amount in row.elements]


A = bill(1, 50, 120, 60, 240)
B = bill(2, 0, 60, 0, 480)


# --- C-14 to C-16: the worked example


def test_c14_each_bill_in_full():
    result = apportion(d("350"), [A, B], Rule("bill"))
    assert paid(result) == {1: "350.00"}
    assert elements(result, 1) == ["50.00", "120.00", "60.00", "120.00"]


def test_c15_each_element_in_full():
    result = apportion(d("350"), [A, B], Rule("element"))
    assert paid(result) == {1: "290.00", 2: "60.00"}
    assert elements(result, 1) == ["50.00", "120.00", "60.00", "60.00"]
    assert elements(result, 2) == ["0.00", "60.00", "0.00", "0.00"]
    # a second element that comes to its end in the middle of the second bill
    result = apportion(d("200"), [A, B], Rule("element"))
    assert elements(result, 1) == ["50.00", "120.00", "0.00", "0.00"]
    assert elements(result, 2) == ["0.00", "30.00", "0.00", "0.00"]


def test_c16_proportionally():
    result = apportion(d("350"), [A, B], Rule("proportional"))
    assert paid(result) == {1: "162.87", 2: "187.13"}


def test_c16_two_stages_and_not_one_matrix():
    bills = [
        bill(1, "11.00", "46.62", "5.16", "20.89"),
        bill(2, "9.65", "40.58", "36.82", "38.68"),
        bill(3, "31.09", "17.19", "7.68", "39.96"),
    ]
    assert [b.outstanding for b in bills] == [d("83.67"), d("125.73"), d("95.92")]
    result = apportion(d("39.69"), bills, Rule("proportional"))
    assert paid(result) == {1: "10.88", 2: "16.34", 3: "12.47"}
    assert elements(result, 1) == ["1.43", "6.06", "0.67", "2.72"]


def test_c14_a_bill_that_cannot_be_paid_in_full_stops_where_parts_are_not_allowed():
    rule = Rule("bill", allow_partial=False)
    result = apportion(d("350"), bills_of("200", "300", "100"), rule)
    assert paid(result) == {1: "200.00"}
    assert result.surplus == 150


def test_c14_the_order_of_elements_is_the_rules():
    rule = Rule("bill", element_order=("costs", "anticipated"))
    result = apportion(d("350"), [A], rule)
    assert elements(result, 1) == ["50.00", "0.00", "60.00", "240.00"]


def test_c15_an_element_is_capped_by_what_is_payable_of_its_bill():
    disputed = bill(1, 50, 120, 60, 240, disputed=d("370"))
    result = apportion(d("350"), [disputed, B], Rule("element"))
    assert elements(result, 1) == ["50.00", "50.00", "0.00", "0.00"]
    assert paid(result) == {1: "100.00", 2: "250.00"}


def test_c15_bills_without_elements_are_paid_last():
    result = apportion(
        d("300"), [Bill(3, d("100")), A, B], Rule("element", bill_order="number")
    )
    assert 3 not in paid(result)
    result = apportion(
        d("150"), [Bill(3, d("100")), Bill(4, d("100"))], Rule("element")
    )
    assert paid(result) == {3: "100.00", 4: "50.00"}


def test_c15_elements_that_the_rule_does_not_name_go_as_the_first_bill_has_them():
    first = Bill(1, d("20"), elements=(("a", d("10")), ("b", d("10"))))
    second = Bill(2, d("20"), elements=(("b", d("10")), ("a", d("10"))))
    result = apportion(d("25"), [first, second], Rule("element"))
    assert elements(result, 1) == ["10.00", "5.00"]
    assert elements(result, 2) == ["0.00", "10.00"]


def test_a_cent_is_enough():
    cent = Bill(1, d("0.01"), matter="M-1")
    result = apportion(d("0.01"), [cent], EXACT)
    assert (result.exact, paid(result)) == ("bill", {1: "0.01"})
    result = apportion(d("0.02"), [cent], Rule(allow_overpayment=True))
    assert (result.credit, result.credit_matter) == (d("0.01"), "M-1")
    given = Bill(1, d("0.50"), payable=d("0.20"))
    assert paid(apportion(d("1"), [given], Rule())) == {1: "0.20"}


def test_c23_splits_are_in_steps_of_the_currency():
    result = apportion(d("100"), bills_of("200", "200", "200"), Rule("proportional"))
    assert paid(result) == {1: "33.34", 2: "33.33", 3: "33.33"}


# --- C-19 payable, blocked


def test_c19_another_draft_reserves():
    assert payable(d("3600"), reserved=d("1200")) == 2400


def test_c19_half_a_unit_is_payable():
    assert payable(d("0.50")) == d("0.50")
    assert payable(d("0")) == 0


def test_c19_never_below_zero():
    assert payable(d("100"), disputed=d("80"), reserved=d("30")) == 0


def test_c19_a_blocked_bill_takes_nothing_unless_included():
    blocked = bill(1, 50, 120, 60, 240, blocked=True)
    assert paid(apportion(d("350"), [blocked, B], Rule())) == {2: "350.00"}
    rule = Rule(include_blocked=True)
    assert paid(apportion(d("350"), [blocked, B], rule)) == {1: "350.00"}


def test_c19_a_payable_amount_that_is_given_counts():
    given = bill(1, 50, 120, 60, 240, payable=d("100"))
    assert paid(apportion(d("350"), [given], Rule())) == {1: "100.00"}


# --- C-20 overpayment, credit notes


def test_c20_above_all_bills_becomes_a_credit_of_the_only_matter():
    bills = [bill(1, "470", matter="M-1042"), bill(2, "540", matter="M-1042")]
    result = apportion(d("1100"), bills, Rule(allow_overpayment=True))
    assert (result.credit, result.credit_matter) == (90, "M-1042")
    assert result.allocated + result.credit == 1100


def test_c20_with_several_matters_a_person_must_choose():
    bills = [bill(1, "470", matter="M-1"), bill(2, "540", matter="M-2")]
    result = apportion(d("1100"), bills, Rule(allow_overpayment=True))
    assert (result.credit, result.credit_matter) == (90, None)


def test_c20_where_the_rule_forbids_it_the_surplus_is_left():
    result = apportion(d("1100"), [A, B], Rule())
    assert (result.credit, result.surplus) == (0, 90)


def test_c20_no_credit_while_a_bill_is_open():
    rule = Rule(allow_partial=False, allow_overpayment=True)
    result = apportion(d("350"), [A], rule)
    assert (result.credit, result.surplus) == (0, 350)


def test_c20_an_amount_typed_above_what_is_payable():
    assert split_overpayment(d("470"), d("400")) == (400, 70)
    assert split_overpayment(d("300"), d("400")) == (300, 0)


def test_an_amount_typed_on_a_bill_pays_its_elements():
    assert split_in_bill(d("200"), A, Rule()) == (
        ("exempt", 50),
        ("taxable", 120),
        ("anticipated", 30),
        ("costs", 0),
    )


def test_an_amount_typed_above_the_bill_is_refused():
    message = "^{} is more than is outstanding, {}$"
    with pytest.raises(ValueError, match=message.format("470.01", "470")):
        split_in_bill(d("470.01"), A, Rule())
    with pytest.raises(ValueError, match=message.format("-1", "470")):
        split_in_bill(d("-1"), A, Rule())
    note = bill(3, 0, 0, 0, "-100")
    with pytest.raises(ValueError, match=message.format("-100.01", "-100")):
        split_in_bill(d("-100.01"), note, Rule())


def test_an_amount_typed_may_be_all_or_nothing_of_the_bill():
    assert [a for _name, a in split_in_bill(d("470"), A, Rule())] == [50, 120, 60, 240]
    assert [a for _name, a in split_in_bill(d("0"), A, Rule())] == [0, 0, 0, 0]
    note = bill(3, "-20", 0, 0, "-80")
    assert [a for _n, a in split_in_bill(d("-100"), note, Rule())] == [-20, 0, 0, -80]
    assert [a for _n, a in split_in_bill(d("-30"), note, Rule())] == [-20, 0, 0, -10]
    half = split_in_bill(d("-50"), note, Rule("proportional"))
    assert [a for _name, a in half] == [-10, 0, 0, -40]


def test_a_typed_amount_is_split_proportionally_where_that_is_the_mode():
    parts = split_in_bill(d("235"), A, Rule("proportional"))
    assert [a for _name, a in parts] == [25, 60, 30, 120]
    # nothing is open: there is no proportion
    paid_up = bill(5, 0, 0, 0, 0)
    parts = split_in_bill(d("0"), paid_up, Rule("proportional"))
    assert [a for _name, a in parts] == [0, 0, 0, 0]


def test_a_bill_without_elements_has_none_to_split_into():
    assert split_in_bill(d("5"), Bill(1, d("10")), Rule()) == ()


def test_a_credit_note_is_used_up_and_adds_to_the_amount():
    note = bill(3, 0, 0, 0, "-100")
    result = apportion(d("370"), [A, note], Rule())
    assert paid(result) == {1: "470.00", 3: "-100.00"}
    assert elements(result, 3) == ["0.00", "0.00", "0.00", "-100.00"]


def test_a_credit_note_is_used_once_even_by_two_drafts():
    note = bill(3, 0, 0, 0, "-100", reserved=d("-100"))
    assert paid(apportion(d("370"), [A, note], Rule())) == {1: "370.00"}


def test_what_is_given_as_payable_of_a_credit_note_counts():
    note = bill(3, 0, 0, 0, "-100", payable=d("-30"))
    assert paid(apportion(d("370"), [A, note], Rule())) == {1: "400.00", 3: "-30.00"}


def test_what_is_given_as_payable_is_held_by_what_is_outstanding_and_its_sign():
    note = bill(3, 0, 0, 0, "-100", payable=d("-130"))
    assert paid(apportion(d("0"), [A, note], Rule())) == {1: "100.00", 3: "-100.00"}
    turned = bill(3, 0, 0, 0, "-100", payable=d("30"))
    assert paid(apportion(d("10"), [A, turned], Rule())) == {1: "10.00"}
    for payable_ in ("999", "-5"):
        given = bill(1, 50, 120, 60, 240, payable=d(payable_))
        expected = {} if payable_ == "-5" else {1: "470.00"}
        assert paid(apportion(d("470"), [given], Rule())) == expected


def test_what_is_given_as_payable_knows_of_disputes_and_other_drafts():
    given = bill(1, "470", payable=d("300"), disputed=d("200"), reserved=d("200"))
    assert paid(apportion(d("470"), [given], Rule())) == {1: "300.00"}
    blocked = bill(1, "470", payable=d("300"), blocked=True)
    assert paid(apportion(d("470"), [blocked], Rule())) == {}
    rule = Rule(include_blocked=True)
    assert paid(apportion(d("470"), [blocked], rule)) == {1: "300.00"}


@pytest.mark.parametrize(
    ("held", "left"),
    [
        ({"reserved": d("30")}, -70),
        ({"reserved": d("-30")}, -70),
        ({"disputed": d("30")}, -70),
        ({"disputed": d("-30"), "reserved": d("20")}, -50),
        ({"reserved": d("150")}, 0),
        ({"blocked": True}, 0),
        ({"blocked": True, "include_blocked": True}, -100),
    ],
)
def test_c19_what_may_be_used_up_of_a_credit_note(held, left):
    assert payable(d("-100"), **held) == left


# --- C-21 exact match

EXACT = Rule(match_exact_first=True)


def test_c21_one_bill_of_that_amount():
    result = apportion(d("300"), bills_of("200", "300", "300"), EXACT)
    assert (result.exact, paid(result)) == ("bill", {2: "300.00"})


def test_c21_a_tie_of_bills_goes_by_their_order():
    bills = [
        bill(1, "300", due=date(2025, 5, 1)),
        bill(2, "300", due=date(2025, 4, 1)),
    ]
    assert paid(apportion(d("300"), bills, EXACT)) == {2: "300.00"}


def test_c21_all_bills():
    result = apportion(d("1010"), [A, B], EXACT)
    assert result.exact == "all"


def test_c21_all_past_due():
    bills = [
        bill(1, "100", due=date(2025, 3, 1)),
        bill(2, "150", due=date(2025, 3, 2)),
        bill(3, "150", due=date(2025, 4, 1)),
    ]
    result = apportion(d("250"), bills, EXACT, date(2025, 3, 10))
    assert (result.exact, paid(result)) == ("past_due", {1: "100.00", 2: "150.00"})
    # whatever the order would pay, and without those that have no date
    rule = Rule(match_exact_first=True, bill_order="amount")
    result = apportion(d("250"), [*bills, bill(4, "20")], rule, date(2025, 3, 10))
    assert (result.exact, paid(result)) == ("past_due", {1: "100.00", 2: "150.00"})


def test_c21_a_bill_due_today_is_not_past_due():
    bills = [
        bill(1, "100", due=date(2025, 3, 1)),
        bill(2, "150", due=date(2025, 3, 10)),
        bill(3, "150", due=date(2025, 4, 1)),
    ]
    result = apportion(d("250"), bills, EXACT, date(2025, 3, 10))
    assert (result.exact, result.solution_count) == (None, 2)


def test_c21_the_only_combination():
    result = apportion(d("460.49"), bills_of("340.50", "220.25", "120", "99.99"), EXACT)
    assert result.exact is None
    result = apportion(d("460.50"), bills_of("340.50", "220.25", "120", "99.99"), EXACT)
    assert (result.exact, paid(result)) == (
        "combination",
        {1: "340.50", 3: "120.00"},
    )
    assert (result.solution_count, result.solutions) == (1, ())


def test_c21_nothing_is_matched_by_nothing():
    for bills in ([A], [], [bill(1, 0)]):
        result = apportion(d("0"), bills, EXACT)
        assert (result.exact, result.allocations) == (None, ())


def test_c21_the_oldest_are_those_due_first_then_dated_first():
    older = [bill(i, "100", due=date(2025, 1, i)) for i in range(1, 25)]
    same_day = [
        bill(25, "30", due=date(2025, 2, 1), date=date(2025, 1, 20)),
        bill(26, "7", due=date(2025, 2, 1), date=date(2025, 1, 10)),
        bill(27, "9"),
    ]
    rule = Rule(match_exact_first=True, bill_order="bill_date")
    result = apportion(d("2407"), older + same_day, rule)
    assert (result.exact, paid(result)[26]) == ("combination", "7.00")
    for beyond in ("2430", "2409"):
        assert apportion(d(beyond), older + same_day, rule).exact is None


def test_c21_several_combinations_are_shown_and_the_mode_decides():
    amounts = ("120.00", "340.50", "220.25", "560.75", "99.99", "120.00")
    result = apportion(d("680.75"), bills_of(*amounts), EXACT)
    assert (result.exact, result.solution_count) == (None, 4)
    assert result.solutions == ((1, 4), (4, 6), (1, 2, 3), (2, 3, 6))
    assert paid(result) == {1: "120.00", 2: "340.50", 3: "220.25"}


def test_c21_only_the_25_oldest_are_searched():
    bills = [bill(i, "100", due=date(2025, 1, i)) for i in range(1, 26)] + [
        bill(26, "7", due=date(2025, 2, 1))
    ]
    result = apportion(d("107"), bills, EXACT)
    assert (result.exact, result.solution_count) == (None, 0)


def test_c21_millions_of_combinations_are_counted_not_listed():
    started = time.process_time()
    result = find_combinations([100] * 25, 1200)
    assert result.count == 5_200_300
    assert len(result.found) == 10
    assert time.process_time() - started < 2


def test_c21_no_search_beyond_25():
    with pytest.raises(ValueError, match="more than 25"):
        find_combinations([1] * 26, 3)


def test_c21_the_mode_alone_decides_without_the_option():
    result = apportion(d("300"), bills_of("200", "300"), Rule())
    assert paid(result) == {1: "200.00", 2: "100.00"}


# --- C-22 order


def ids(bills, order):
    return [bill.id for bill in sort_bills(bills, Rule(bill_order=order))]


def test_c22_numbers_are_not_text():
    bills = [bill(1, "1", number="INV/10"), bill(2, "1", number="INV/9")]
    assert ids(bills, "number") == [2, 1]
    # and go before dates
    bills = [
        bill(1, "1", number="INV/10", date=date(2025, 1, 1)),
        bill(2, "1", number="INV/9", date=date(2025, 2, 1)),
    ]
    assert ids(bills, "number") == [2, 1]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("INV/2025/00010", ("INV/2025/", 10)),
        ("600123", ("", 600123)),
        ("INV/9-A", ("INV/", 9)),
        ("draft", ("draft", 0)),
        ("", ("", 0)),
        (None, ("", 0)),
    ],
)
def test_c22_prefix_and_number(number, expected):
    assert parse_number(number) == expected


def test_c22_bills_without_a_due_date_come_last():
    bills = [bill(1, "1"), bill(2, "1", due=date(2025, 1, 1))]
    assert ids(bills, "due_date") == [2, 1]


def test_c22_the_smallest_payable_amount_first():
    bills = [bill(1, "300"), bill(2, "500", disputed=d("400"))]
    assert ids(bills, "amount") == [2, 1]


def test_c22_by_bill_date():
    bills = [bill(1, "1", date=date(2025, 2, 1)), bill(2, "1", date=date(2025, 1, 1))]
    assert ids(bills, "bill_date") == [2, 1]


def test_c22_ties_go_by_bill_date_then_number_then_id():
    day = date(2025, 1, 1)
    bills = [
        bill(1, "1", due=day, date=date(2025, 1, 2), number="INV/1"),
        bill(4, "1", due=day, date=day, number="INV/3"),
        bill(3, "1", due=day, date=day, number="INV/3"),
        bill(2, "1", due=day, date=day, number="INV/20"),
    ]
    assert ids(bills, "due_date") == [3, 4, 2, 1]


# --- refusals and speed


def test_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="^the amount must not be negative: -1$"):
        apportion(d("-1"), [A], Rule())


def test_a_bill_given_twice_is_refused():
    with pytest.raises(ValueError, match="^the same bill is given twice$"):
        apportion(d("1"), [A, A], Rule())


def test_elements_that_are_not_the_bill_are_refused():
    message = "^the elements of bill 1 are not its outstanding$"
    for found in ([("costs", d("9"))], [("costs", d("15")), ("fees", d("-5"))]):
        with pytest.raises(ValueError, match=message):
            apportion(d("1"), [Bill(1, d("10"), elements=tuple(found))], Rule())


@pytest.mark.parametrize("rule", [Rule("oldest"), Rule(bill_order="random")])
def test_an_unknown_rule_is_refused(rule):
    with pytest.raises(ValueError, match="^unknown mode or order: '(oldest|bill)', "):
        apportion(d("1"), [A], rule)


def test_no_bills_leave_all_of_the_amount():
    result = apportion(d("10"), [], Rule("proportional", allow_overpayment=True))
    assert (result.surplus, result.credit, result.credit_matter) == (10, 10, None)
    result = apportion(d("0"), [], Rule("proportional", allow_overpayment=True))
    assert (result.surplus, result.credit) == (0, 0)


def test_a_credit_of_nothing_names_no_matter():
    found = bill(1, "470", matter="M-1")
    result = apportion(d("470"), [found], Rule(allow_overpayment=True))
    assert (result.surplus, result.credit, result.credit_matter) == (0, 0, None)
    # nor is there one where the rule forbids it
    result = apportion(d("480"), [found], Rule())
    assert (result.surplus, result.credit, result.credit_matter) == (10, 0, None)


def test_three_hundred_bills_are_quick():
    bills = [bill(i, 50, 120, 60, 240 + i) for i in range(300)]
    started = time.process_time()
    for mode in ("bill", "element", "proportional"):
        apportion(d("70000"), bills, Rule(mode, match_exact_first=True))
    assert time.process_time() - started < 1.5
