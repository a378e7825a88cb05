"""Client money, receipts by timekeeper, disbursements: C-24, C-26, C-27."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from engine import (
    Movement,
    available_client_money,
    cost_shares,
    disbursement_value,
    fee_receipt_net,
    lowest_balance,
    retainer_ask,
    round_money,
    running_balances,
    share_receipt,
    transfer_limit,
    vendor_gross,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import amounts, roundings

CENT = Decimal("0.01")


def d(text):
    return Decimal(text)


def november(day):
    return date(2025, 11, day)


days = st.integers(0, 30).map(lambda n: november(1) + timedelta(days=n))
movements = st.lists(
    st.builds(
        Movement,
        amounts(CENT, low=-50_000, high=50_000),
        days,
        st.none() | days,
        st.booleans(),
    ),
    max_size=10,
)


# --- C-24 client money


@given(movements, days)
def test_taking_what_is_available_leaves_no_later_day_below_zero(found, on):
    free = available_client_money(found, on)
    assert free >= 0
    if free:
        assert lowest_balance([*found, Movement(-free, on)], on) == 0


@given(movements, days, st.integers(0, 10_000))
def test_what_is_retained_stays(found, on, steps):
    retained = steps * CENT
    free = available_client_money(found, on, retained)
    if free:
        assert lowest_balance(found, on) - free == retained


@given(movements, days, st.randoms(use_true_random=False))
def test_the_order_of_the_movements_does_not_matter(found, on, random):
    shuffled = random.sample(found, len(found))
    assert available_client_money(shuffled, on) == available_client_money(found, on)


def test_c24_what_is_posted_for_later_is_not_available_now():
    found = [Movement(d("2000"), november(1)), Movement(d("-1500"), november(20))]
    assert available_client_money(found, november(5)) == 500


def test_c24_money_is_not_there_before_its_deposit():
    assert available_client_money([Movement(d("2000"), november(6))], november(5)) == 0


def test_c24_a_deposit_counts_from_its_clearing():
    found = [Movement(d("2000"), november(1), cleared=november(4))]
    assert available_client_money(found, november(3)) == 0
    assert available_client_money(found, november(4)) == 2000
    cents = [Movement(d("0.50"), november(1), cleared=november(4))]
    assert available_client_money(cents, november(3)) == 0


def test_c24_an_uncleared_deposit_does_not_count_but_an_uncleared_payment_does():
    found = [
        Movement(d("2000"), november(1)),
        Movement(d("900"), november(2), pending=True),
        Movement(d("-300"), november(3), pending=True),
    ]
    assert available_client_money(found, november(5)) == 1700


def test_c24_money_counts_from_the_later_of_its_two_days():
    found = [Movement(d("2000"), november(4), cleared=november(1))]
    assert available_client_money(found, november(3)) == 0
    # money going out counts from its own day, whenever it clears
    out = Movement(d("-300"), november(2), cleared=november(9))
    assert running_balances([Movement(d("2000"), november(1)), out]) == [
        (november(1), 2000),
        (november(2), 1700),
    ]


def test_c24_the_movements_of_a_day_are_one_balance():
    found = [
        Movement(d("500"), november(3)),
        Movement(d("2000"), november(1)),
        Movement(d("-700"), november(3)),
        Movement(d("1"), november(2), pending=True),
    ]
    assert running_balances(found) == [(november(1), 2000), (november(3), 1800)]
    assert lowest_balance(found, november(2)) == 1800
    assert lowest_balance([], november(2)) == 0


def test_c24_what_is_retained_is_not_available():
    found = [Movement(d("2000"), november(1))]
    assert available_client_money(found, november(5), d("1800")) == 200
    assert available_client_money(found, november(5), d("2100")) == 0


def test_c24_a_transfer_takes_no_more_than_bill_and_balance():
    assert transfer_limit(d("800"), d("500")) == 500
    assert transfer_limit(d("300"), d("500")) == 300
    assert transfer_limit(d("300"), d("-1")) == 0
    assert transfer_limit(d("-300"), d("500")) == 0


# --- C-26 receipts by timekeeper


@given(st.data(), roundings)
def test_shares_of_a_receipt_add_up(data, rounding):
    net = data.draw(amounts(rounding))
    billed = data.draw(
        st.lists(
            st.tuples(st.none() | st.integers(1, 99), amounts(rounding)),
            unique_by=lambda row: row[0],
        )
    )
    shares = share_receipt(net, billed, rounding=rounding)
    assert sum(share for _id, share in shares) == net
    assert all(share > 0 for _id, share in shares)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=6), st.data())
def test_the_receipts_of_a_bill_paid_in_full_are_its_net_fees(parts, data):
    gross = sum(parts) * CENT
    tax = data.draw(st.integers(0, sum(parts))) * CENT
    before, nets = Decimal(0), Decimal(0)
    for part in parts:
        nets += fee_receipt_net(part * CENT, gross, tax, before)
        before += part * CENT
    assert nets == gross - tax


def test_c26_net_of_tax_shared_by_what_was_billed():
    net = fee_receipt_net(d("90"), d("90"), d("15"))
    assert net == 75
    assert share_receipt(net, [(1, d("600")), (2, d("400"))]) == ((1, 45), (2, 30))


def test_c26_or_all_to_the_responsible_lawyer():
    shares = share_receipt(d("75"), [(1, d("600")), (2, d("400"))], to_responsible=True)
    assert shares == ((None, 75),)


def test_c26_what_no_entry_carries_is_the_responsible_lawyers():
    assert share_receipt(d("75"), []) == ((None, 75),)
    assert share_receipt(d("75"), [(1, d("50")), (None, d("100"))]) == (
        (1, 25),
        (None, 50),
    )


def test_c26_a_cent_goes_to_the_lower_id_and_to_no_entry_last():
    assert share_receipt(d("0.01"), [(9, d("5")), (2, d("5"))]) == ((2, d("0.01")),)
    billed = [(None, d("5")), (3, d("5"))]
    assert share_receipt(d("0.01"), billed) == ((3, d("0.01")),)
    assert share_receipt(d("10"), billed) == ((3, 5), (None, 5))


def test_c26_without_anything_billed_it_is_the_responsible_lawyers():
    for billed in ([(1, d("0"))], [(1, d("-5"))], [(1, d("5")), (2, d("-5"))]):
        assert share_receipt(d("75"), billed) == ((None, 75),)
    assert share_receipt(d("75"), [(1, d("0.01"))]) == ((1, 75),)
    assert share_receipt(d("0"), [(1, d("5"))], to_responsible=True) == ()


def test_c26_is_in_steps_of_the_currency():
    assert fee_receipt_net(d("50"), d("120"), d("20"), rounding=d("1")) == 42
    assert fee_receipt_net(d("50"), d("120"), d("20"), d("50"), d("1")) == 41
    assert share_receipt(d("10"), [(1, d("2")), (2, d("1"))], rounding=d("1")) == (
        (1, 7),
        (2, 3),
    )


def test_c26_no_fees_no_receipt():
    assert fee_receipt_net(d("0"), d("0"), d("0")) == 0


# --- C-27 disbursements


def test_c27_an_agent_passes_on_the_gross():
    assert disbursement_value("agent", d("100"), d("20")) == 120


def test_c27_a_principal_charges_the_net():
    assert disbursement_value("principal", d("100"), d("20")) == 100


def test_c27_there_is_a_markup_on_principal_only():
    assert disbursement_value("principal", d("100"), d("20"), d("7.5")) == d("107.50")
    assert disbursement_value("agent", d("100"), d("20"), d("7.5")) == 120


def test_c27_a_refund_is_negative():
    assert disbursement_value("agent", d("-100"), d("-20")) == -120


def test_c27_another_treatment_is_refused():
    with pytest.raises(ValueError, match="^unknown treatment 'gift'$"):
        disbursement_value("gift", d("100"))


def test_c27_is_in_steps_of_the_currency():
    assert disbursement_value("agent", d("9.60"), d("1"), rounding=d("1")) == 11
    assert disbursement_value("principal", d("9.60"), rounding=d("1")) == 10
    assert disbursement_value("agent", d("9.601")) == d("9.60")
    assert disbursement_value("principal", d("100"), markup_percent=d("12.345")) == d(
        "112.35"
    )
    assert vendor_gross([d("5"), d("5")], [(d("1"), [d("1"), d("1")])], d("1")) == [
        6,
        5,
    ]
    nothing = [(d("1.4"), [d("0"), d("0")])]
    assert vendor_gross([d("5"), d("5")], nothing, d("1")) == [6, 5]
    assert cost_shares(d("5"), [d("50"), d("50")], rounding=d("1")) == [3, 2]


def test_c27_shares_of_a_cost_add_up_to_it():
    assert cost_shares(d("182.25"), [d("98"), d("2")]) == [d("178.61"), d("3.64")]
    thirds = [d("33.33"), d("33.33"), d("33.34")]
    assert cost_shares(d("120"), thirds) == [d("40.00"), d("39.99"), d("40.01")]
    assert sum(cost_shares(d("119.99"), [d("14.29")] * 6 + [d("14.26")])) == d("119.99")


def test_c27_a_part_of_a_cost_may_be_nobodys():
    assert cost_shares(d("100"), [d("60")]) == [60]
    assert cost_shares(d("100"), [], d("0")) == []
    # too small a share to be booked: the others bear it
    assert cost_shares(d("1"), [d("99.6")], d("100")) == [1]
    assert cost_shares(d("100"), [d("99.5")], d("100")) == [100]
    assert cost_shares(d("5"), [d("0"), d("0")], d("100")) == [5, 0]
    # more than all of it is asked for: all of it is shared, and no more
    assert cost_shares(d("100"), [d("60"), d("60")]) == [60, 60]
    assert cost_shares(d("100"), [d("99.5")]) == [d("99.5")]


def test_c27_lines_have_the_tax_as_the_vendor_rounded_it():
    lines = [d("0.33")] * 7
    gross = vendor_gross(lines, [(d("0.46"), [d("0.066")] * 7)])
    assert sum(gross) == d("2.77")
    assert set(gross) == {d("0.39"), d("0.40")}
    # a tax of one line only leaves the other as it is
    assert vendor_gross(
        [d("100"), d("50")], [(d("20.01"), [d("20"), d("0")]), (d("0"), [d("0")] * 2)]
    ) == [d("120.01"), d("50")]
    # nothing says whose the tax is
    assert vendor_gross([d("1"), d("1")], [(d("0.20"), [d("0")] * 2)]) == [
        d("1.20"),
        d("1"),
    ]


@st.composite
def vendor_bills(draw):
    """A currency's step, lines, a tax that was rounded by line or once, and shares of
    each line."""
    step = draw(roundings)
    sign = draw(st.sampled_from([1, -1]))
    nets = draw(
        st.lists(amounts(step, 1).map(lambda a: sign * a), min_size=1, max_size=6)
    )
    rate = draw(st.sampled_from([d("0.05"), d("0.20"), d("0.077")]))
    raw = [net * rate for net in nets]
    by_line = draw(st.booleans())
    tax = (
        sum(round_money(part, step) for part in raw)
        if by_line
        else round_money(sum(raw), step)
    )
    cuts = sorted(draw(st.lists(st.integers(1, 9999), max_size=7, unique=True)))
    edges = [0, *cuts, 10000]
    percents = [d(b - a) / 100 for a, b in itertools.pairwise(edges)]
    return step, nets, raw, tax, percents


@given(vendor_bills())
def test_c27_what_was_paid_is_what_is_passed_on(vendor_bill):
    step, nets, raw, tax, percents = vendor_bill
    gross = vendor_gross(nets, [(tax, raw)], step)
    assert sum(gross) == sum(nets) + tax
    total = 0
    for line in gross:
        parts = cost_shares(line, percents, rounding=step)
        assert sum(parts) == line
        for part, percent in zip(parts, percents, strict=True):
            assert abs(part - line * percent / 100) < step
        total += sum(parts)
    assert total == sum(nets) + tax


# --- retainers (C-34)


@pytest.mark.parametrize(
    ("after", "minimum", "target", "step", "ask"),
    [
        ("2500", "3000", "5000", "0", "2500"),
        ("3000", "3000", "5000", "0", "0"),
        ("2999.99", "3000", "5000", "0", "2000.01"),
        ("2999.99", "3000", "5000", "100", "2100"),
        ("2999.98", "3000", "5000", "0.05", "2000.05"),
        ("3000", "4000", "5000", "100", "2000"),
        ("-700", "0", "0", "0", "700"),
        ("0", "0", "0", "50", "0"),
        ("4000", "5000", "3000", "0", "0"),
    ],
)
def test_a_retainer_is_filled_up(after, minimum, target, step, ask):
    numbers = map(Decimal, (after, minimum, target, step))
    assert retainer_ask(*numbers) == Decimal(ask)
