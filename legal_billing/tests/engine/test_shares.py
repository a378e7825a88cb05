"""One bill that several owe: figures of C-30, and what always holds."""

from decimal import Decimal

import pytest
from engine import Payer, settle_shares, share_bill
from hypothesis import given
from hypothesis import strategies as st
from strategies import amounts, roundings

D = Decimal
REST = Payer("remainder")


def share(lines, *payers, **options):
    found = [(D(str(net)), section, D(str(tax))) for net, section, tax in lines]
    total = sum(net + tax for net, _section, tax in found)
    options = {"total": total - options.get("ahead", 0)} | options
    return [str(row.amount) for row in share_bill(found, payers, **options)]


# --- figures


def test_the_insured_owes_excess_and_tax():
    lines = [(2000, "fees", 400)]
    excess = Payer("amount", D(250))
    assert share(lines, excess, REST, tax_bearer=0) == ["650.00", "1750.00"]
    # along with the shares
    assert share(lines, excess, REST) == ["300.00", "2100.00"]


def test_tax_goes_with_the_lines():
    lines = [(1000, "fees", 200), (100, "disbursements", 0)]
    fees = Payer("percent", D(100), "fees")
    assert share(lines, fees, REST) == ["1200.00", "100.00"]
    assert share(lines, REST) == ["1300.00"]


def test_cap_is_net():
    capped = Payer("percent", D(70), cap_left=D(500))
    lines = [(1000, "fees", 200)]
    assert share(lines, capped, REST) == ["600.00", "600.00"]
    assert share(lines, capped, REST, tax_bearer=1) == ["500.00", "700.00"]


def test_a_cent_of_tax_goes_to_the_larger_part():
    assert share([(100, "fees", 0.01)], Payer("percent", D(40)), REST) == [
        "40.00",
        "60.01",
    ]


def test_paid_ahead_is_off_the_share_of_the_addressee():
    lines = [(1000, "fees", 200)]
    half = Payer("percent", D(50))
    assert share(lines, half, REST, ahead=D(120), addressee=0) == ["480.00", "600.00"]
    # more than he owes is off the others, last first
    assert share(lines, half, REST, ahead=D(720), addressee=0) == ["0.00", "480.00"]
    assert share(lines, half, REST, ahead=D(120)) == ["600.00", "480.00"]


def test_a_discount_leaves_nobody_below_nothing():
    lines = [(100, "fees", 0), (-150, "fees", 0), (200, "disbursements", 0)]
    costs = Payer("percent", D(100), "disbursements")
    assert share(lines, costs, REST) == ["150.00", "0.00"]


def test_what_one_cannot_bear_the_larger_shares_bear_first():
    """Tax withheld by the first of three is more than he owes: off the largest share,
    then off the next."""
    payers = [Payer("amount", D(10)), Payer("amount", D(30)), REST]
    lines = [(100, "fees", -80)]
    assert share(lines, *payers, tax_bearer=0) == ["0.00", "20.00", "0.00"]
    lines = [(100, "fees", -50)]
    assert share(lines, *payers, tax_bearer=0) == ["0.00", "30.00", "20.00"]
    # of a credit note all is turned
    lines = [(-100, "fees", 50)]
    assert share(lines, Payer("percent", D(10)), REST, tax_bearer=0) == [
        "0.00",
        "-50.00",
    ]


def test_exactly_one_remainder():
    with pytest.raises(ValueError, match="remainder"):
        share([(1, "fees", 0)], Payer("percent", D(50)))


def settle(owed, credited, *paid):
    return [
        (str(amount), str(part))
        for amount, part in settle_shares(
            [D(x) for x in owed], D(credited), [(i, D(x)) for i, x in paid]
        )
    ]


def test_money_pays_its_own_share_first():
    assert settle([650, 1750], 0, (1, 1000)) == [
        ("650.00", "0.00"),
        ("1750.00", "1000.00"),
    ]
    # more than his own: the others in order; whoever came first
    both = [("650.00", "650.00"), ("1750.00", "1100.00")]
    assert settle([650, 1750], 0, (0, 750), (1, 1000)) == both
    assert settle([650, 1750], 0, (1, 1000), (0, 750)) == both
    # of nobody on the bill
    assert settle([650, 1750], 0, (None, 700)) == [
        ("650.00", "650.00"),
        ("1750.00", "50.00"),
    ]


def test_what_exceeds_all_shares_is_the_last_payers():
    found = settle_shares([D(100), D(200)], D(0), [(0, D(150)), (1, D(200))])
    assert [(str(a), str(b)) for a, b in found] == [
        ("100.00", "100.00"),
        ("200.00", "250.00"),
    ]


def test_a_credit_lowers_all_shares():
    assert settle([650, 1750], 240) == [("585.00", "0.00"), ("1575.00", "0.00")]
    assert settle([650, 1750], 2400) == [("0.00", "0.00"), ("0.00", "0.00")]
    # paid in full before: the rest of that money is the others'
    assert settle([650, 1750], 240, (0, 650)) == [
        ("585.00", "585.00"),
        ("1575.00", "65.00"),
    ]


# --- what always holds


@st.composite
def bills(draw):
    rounding = draw(roundings)
    line = st.tuples(
        amounts(rounding, -20_000),
        st.sampled_from(["fees", "disbursements"]),
        st.sampled_from([D(0), D("0.2"), D("0.077")]),
    )
    lines = [
        (net, section, (net * rate).quantize(D("0.0001")))
        for net, section, rate in draw(st.lists(line, max_size=6))
    ]
    limited = st.none() | amounts(rounding, -500)
    scope = st.sampled_from(["all", "fees", "disbursements"])
    payer = st.builds(
        Payer, st.just("percent"), st.decimals(0, 100, places=2), scope, limited
    ) | st.builds(Payer, st.just("amount"), amounts(rounding), scope, limited)
    payers = [*draw(st.lists(payer, max_size=4)), REST]
    gross = sum((net + tax for net, _section, tax in lines), D(0))
    whole = max(D(0), (gross / rounding).to_integral_value() * rounding)
    ahead = draw(st.integers(0, int(whole / rounding))) * rounding
    index = st.none() | st.integers(0, len(payers) - 1)
    options = {
        "total": whole - ahead,
        "ahead": ahead,
        "tax_bearer": draw(index),
        "addressee": draw(index),
        "rounding": rounding,
    }
    return lines, payers, options


@given(bills())
def test_shares_add_up_to_the_bill(case):
    lines, payers, options = case
    shares = share_bill(lines, payers, **options)
    assert sum(row.amount for row in shares) == options["total"]
    assert sum(row.net for row in shares) == sum(net for net, _section, _tax in lines)


@given(bills())
def test_nobody_owes_less_than_nothing(case):
    lines, payers, options = case
    assert all(row.amount >= 0 for row in share_bill(lines, payers, **options))


@given(bills())
def test_caps_and_amounts_are_net(case):
    lines, payers, options = case
    for payer, row in zip(payers, share_bill(lines, payers, **options), strict=True):
        if payer.cap_left is not None:
            assert row.net <= max(payer.cap_left, D(0))
        if payer.share_type == "amount":
            assert row.net <= payer.value


@given(bills())
def test_the_rest_takes_what_others_leave(case):
    lines, _payers, options = case
    [alone] = share_bill(
        lines, [REST], **options | {"tax_bearer": None, "addressee": 0}
    )
    assert alone.amount == options["total"]


@given(bills())
def test_amounts_are_steps_of_the_currency(case):
    lines, payers, options = case
    for row in share_bill(lines, payers, **options):
        assert row.amount % options["rounding"] == 0


@st.composite
def settlements(draw):
    owed = draw(st.lists(amounts(D("0.01")), min_size=1, max_size=5))
    credited = D(draw(st.integers(0, int(sum(owed) * 100)))) / 100
    left, paid = sum(owed) - credited, []
    for index in draw(st.lists(st.none() | st.integers(0, len(owed) - 1), max_size=4)):
        amount = D(draw(st.integers(0, int(left * 100)))) / 100
        paid.append((index, amount))
        left -= amount
    return owed, credited, paid


@given(settlements(), st.randoms())
def test_what_is_paid_adds_up_and_no_share_is_overpaid(case, random):
    owed, credited, paid = case
    rows = settle_shares(owed, credited, paid)
    assert sum(amount for amount, _part in rows) == sum(owed) - credited
    assert sum(part for _amount, part in rows) == sum(amount for _i, amount in paid)
    assert all(0 <= part <= amount for amount, part in rows)
    random.shuffle(paid)
    assert settle_shares(owed, credited, paid) == rows


@given(settlements())
def test_own_money_pays_the_own_share(case):
    owed, credited, paid = case
    rows = settle_shares(owed, credited, paid)
    for index, (amount, part) in enumerate(rows):
        own = sum(given for i, given in paid if i == index)
        assert part >= min(own, amount)
