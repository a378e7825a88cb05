"""What hypothesis may throw at the engine: any currency, any entries, any terms.

Strategies are made once per currency: making them is what takes time.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from engine import Bill, Entry, Instalment, Quote, Rule, Terms
from hypothesis import strategies as st

ROUNDINGS = [Decimal(text) for text in ("0.01", "0.05", "1", "0.001")]
FEE_GROUPS = ["fees 20 %", "fees 0 %"]
DISBURSEMENT_GROUPS = ["travel", "court"]
ELEMENTS = ["exempt", "taxable", "anticipated", "fees"]

roundings = st.sampled_from(ROUNDINGS)
nothing = st.just(Decimal(0))


@cache
def amounts(rounding, low=0, high=200_000):
    """Multiples of the currency's step, as the records hold them."""
    return st.integers(low, high).map(lambda steps: steps * rounding)


# --- bills to price


@cache
def entry_lists(rounding, signed=False):
    """Entries with ids from 1; those of the group "court" are exempt."""
    kinds = [("time", group) for group in FEE_GROUPS * 2]
    kinds += [("disbursement", group) for group in DISBURSEMENT_GROUPS]
    entry = st.builds(
        lambda kind, amount, behavior, day: Entry(
            0, kind[0], amount, kind[1], behavior, kind[1] == "court", day
        ),
        st.sampled_from(kinds),
        amounts(rounding, -20_000 if signed else 0),
        st.sampled_from(["bill"] * 5 + ["no_charge", "hide"]),
        st.sampled_from([date(2025, 1, day) for day in range(1, 7)]),
    )
    return st.lists(entry, max_size=12).map(
        lambda found: [replace(e, id=n) for n, e in enumerate(found, start=1)]
    )


@cache
def term_fields(rounding):
    amount = amounts(rounding)
    scopes = st.sampled_from(["fees", "disbursements", "both"])
    quote = st.builds(
        Quote,
        amounts(rounding, high=500_000),
        st.sampled_from(["wip", "quote", "lower", "higher", "sum"]),
        scopes,
        nothing | amounts(rounding, low=-1000),
    )
    instalments = st.lists(amount, min_size=1, max_size=3).map(
        lambda found: tuple(Instalment(n, a) for n, a in enumerate(found))
    )
    return {
        "rounding": st.just(rounding),
        "fee_group": st.sampled_from([*FEE_GROUPS, "fees 5 %"]),
        "quote": st.none() | quote,
        "instalments": st.just(()) | instalments,
        "instalment_scope": scopes,
        "discount_type": st.sampled_from(["none", "percent", "fixed"]),
        "discount_value": st.integers(0, 12_000).map(lambda n: Decimal(n) / 100),
        "fee_override": st.none() | amount,
        "adjustment_display": st.sampled_from(["discount", "hidden"]),
        "minimum": st.none() | amount,
        "force": st.booleans(),
        "interim": st.none() | st.none() | amount,
    }


def bills(signed=True, **fixed):
    """A currency's entries with terms: the whole input of ``price_bill``."""
    given = {name: st.just(value) for name, value in fixed.items()}
    return st.one_of(
        st.tuples(
            entry_lists(rounding, signed),
            st.builds(Terms, **{**term_fields(rounding), **given}),
        )
        for rounding in ROUNDINGS
    )


# --- bills to pay


@cache
def open_bills(rounding, with_credits=True):
    """Bills with elements that add up, some disputed, reserved, blocked, credited."""
    days = st.none() | st.sampled_from([date(2025, 3, day) for day in range(1, 29)])
    held = nothing | amounts(rounding, high=30_000)
    numbers = st.sampled_from(["INV/9", "INV/10", "INV/2025/7", ""])

    def make(parts, sign, with_elements, matter, number, due, day, held, blocked):
        named = tuple((n, sign * p) for n, p in zip(ELEMENTS, parts, strict=True))
        return Bill(
            id=0,
            outstanding=sign * sum(parts),
            matter=matter,
            number=number,
            due=due,
            date=day,
            elements=named if with_elements else (),
            disputed=held[0],
            reserved=held[1],
            blocked=blocked,
        )

    bill = st.builds(
        make,
        st.tuples(*[amounts(rounding, high=50_000)] * len(ELEMENTS)),
        st.sampled_from([1, 1, 1, 1, 1, -1] if with_credits else [1]),
        st.sampled_from([True, True, False]),
        st.sampled_from(["M-1", "M-2"]),
        numbers,
        days,
        days,
        st.tuples(held, held),
        st.sampled_from([False] * 5 + [True]),
    )
    return st.lists(bill, max_size=8).map(
        lambda found: [replace(b, id=n) for n, b in enumerate(found, start=1)]
    )


@cache
def rule_fields(rounding):
    orders = st.permutations(ELEMENTS).map(tuple)
    return {
        "rounding": st.just(rounding),
        "mode": st.sampled_from(["bill", "element", "proportional"]),
        "bill_order": st.sampled_from(["due_date", "bill_date", "number", "amount"]),
        "element_order": orders | orders.map(lambda names: names[:2]) | st.just(()),
        "match_exact_first": st.booleans(),
        "allow_partial": st.booleans(),
        "allow_overpayment": st.booleans(),
        "include_blocked": st.booleans(),
    }


@st.composite
def payments_in(draw, rounding, with_credits, **fixed):
    found = draw(open_bills(rounding, with_credits))
    amount = draw(amounts(rounding, high=600_000))
    if found and draw(st.booleans()):
        chosen = draw(st.sets(st.sampled_from(range(len(found)))))
        amount = max(sum((found[i].outstanding for i in chosen), Decimal(0)), 0)
    rule = draw(st.builds(Rule, **{**rule_fields(rounding), **fixed}))
    return Decimal(amount), found, rule


def payments(with_credits=True, **fixed):
    """An amount, bills and a rule: the whole input of ``apportion``."""
    given = {name: st.just(value) for name, value in fixed.items()}
    return st.one_of(
        payments_in(rounding, with_credits, **given) for rounding in ROUNDINGS
    )
