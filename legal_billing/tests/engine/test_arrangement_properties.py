"""What holds under any fee arrangement, whatever the entries, currency and terms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from engine import Abatement, Period, Quote, Subscription, price_bill
from hypothesis import given
from hypothesis import strategies as st
from strategies import amounts, bills

ZERO = Decimal(0)
hours = st.integers(0, 90).map(lambda n: Decimal(n) / 10)
MONTHS = [
    (date(2024, 12, 1), date(2024, 12, 31)),
    (date(2025, 1, 1), date(2025, 1, 31)),
]


@st.composite
def arranged_bills(draw, signed=False):
    """Entries with hours, and terms with one arrangement, perhaps an abatement."""
    entries, terms = draw(bills(signed, interim=None, instalments=()))
    amount = amounts(terms.rounding)
    entries = [
        replace(
            entry,
            hours=draw(hours) * (-1 if entry.amount < 0 else 1)
            if entry.kind == "time"
            else ZERO,
        )
        for entry in entries
    ]
    kind = draw(st.sampled_from(["cap", "blended", "subscription", "contingency", ""]))
    values = {"quote": None}
    if kind in ("cap", "contingency"):
        rule = "lower" if kind == "cap" else "quote"
        values["quote"] = Quote(draw(amount), rule, "fees", draw(amount), kind)
    elif kind == "blended":
        values["blended_rate"] = draw(amount)
    elif kind == "subscription":
        periods = tuple(
            Period(start, end, draw(st.booleans()), allowed, min(allowed, draw(hours)))
            for start, end in MONTHS
            for allowed in [draw(hours)]
        )
        values["subscription"] = Subscription(
            draw(amount), periods, draw(st.booleans())
        )
    if draw(st.booleans()):
        values["abatement"] = Abatement(
            Decimal(draw(st.integers(0, 100))), draw(amount), draw(amount)
        )
    return entries, replace(terms, **values)


@given(arranged_bills(signed=True))
def test_lines_entries_and_strip_add_up_to_the_net(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    net = priced.net
    assert sum(line.amount for line in priced.lines) == (net if priced.lines else 0)
    assert sum(e.billed for e in priced.entries) + priced.unattributed == net
    value = priced.value_fees + priced.value_disbursements
    assert net == (value + priced.quote_effect - priced.discount + priced.agreed_effect)
    for line in priced.lines:
        assert line.amount % terms.rounding == 0


@given(arranged_bills(signed=True))
def test_every_chargeable_entry_is_in_exactly_one_line(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    found = sorted(i for line in priced.lines for i in line.entry_ids)
    expected = sorted(e.id for e in entries if e.behavior == "bill")
    assert found == (expected if priced.lines else [])


@given(arranged_bills())
def test_nothing_is_negative(bill):
    priced = price_bill(*bill)
    assert priced.net >= 0
    assert 0 <= priced.abatement <= priced.discount
    assert all(entry.billed >= 0 for entry in priced.entries)
    for line in priced.lines:
        reduces = line.kind in ("discount", "abatement", "adjustment")
        assert line.amount >= 0 or reduces


@given(arranged_bills())
def test_no_more_hours_are_taken_than_there_are(bill):
    entries, terms = bill
    if not terms.subscription:
        return
    priced = price_bill(entries, terms)
    before = {p.start: p for p in terms.subscription.periods}
    taken = {p.start: p.used for p in priced.periods}
    left = {
        start: p.hours - p.used - taken.get(start, ZERO) for start, p in before.items()
    }
    assert sum(left.values()) >= 0
    if not terms.subscription.carry_over:
        assert all(value >= 0 for value in left.values())
    charged = [e for e in entries if e.kind == "time" and e.behavior == "bill"]
    assert sum(taken.values(), ZERO) <= sum((e.hours for e in charged), ZERO)


@given(arranged_bills())
def test_a_cap_is_never_exceeded(bill):
    entries, terms = bill
    quote = terms.quote
    if quote and quote.name == "cap" and terms.fee_override is None:
        fees = price_bill(entries, terms).fees
        assert fees <= max(ZERO, quote.amount - quote.already_billed)


@given(arranged_bills(), st.randoms(use_true_random=False))
def test_the_order_of_the_entries_does_not_matter(bill, random):
    entries, terms = bill
    shuffled = random.sample(entries, len(entries))
    assert price_bill(shuffled, terms) == price_bill(entries, terms)


@given(arranged_bills(), st.integers(1, 99))
def test_two_bills_are_abated_as_one_but_for_rounding(bill, share):
    """What the life-time sum is for: no gain from billing in two."""
    entries, terms = bill
    fees = [e for e in entries if e.kind == "time" and e.behavior == "bill"]
    cut = len(fees) * share // 100
    plain = replace(
        terms,
        quote=None,
        blended_rate=None,
        subscription=None,
        discount_type="none",
        fee_override=None,
        abatement=Abatement(Decimal(50), Decimal(100)),
    )
    whole = price_bill(fees, plain).abatement
    first = price_bill(fees[:cut], plain)
    then = replace(plain.abatement, already_billed=first.fees)
    second = price_bill(fees[cut:], replace(plain, abatement=then))
    parts = first.abatement + second.abatement
    assert abs(parts - whole) <= 2 * terms.rounding
