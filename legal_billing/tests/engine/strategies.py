"""What hypothesis may throw at the engine: any currency, any entries, any terms."""

from datetime import date, timedelta
from decimal import Decimal

from engine import Entry, Instalment, Quote, Terms
from hypothesis import strategies as st

ROUNDINGS = [Decimal(text) for text in ("0.01", "0.05", "1", "0.001")]
FEE_GROUPS = ["fees 20 %", "fees 0 %"]
DISBURSEMENT_GROUPS = ["travel", "court"]

roundings = st.sampled_from(ROUNDINGS)
scopes = st.sampled_from(["fees", "disbursements", "both"])
rules = st.sampled_from(["wip", "quote", "lower", "higher", "sum"])


def amounts(rounding, low=0, high=200_000):
    """Multiples of the currency's step, as the records hold them."""
    return st.integers(low, high).map(lambda steps: steps * rounding)


@st.composite
def entry_lists(draw, rounding, signed=False, min_size=0, max_size=12):
    count = draw(st.integers(min_size, max_size))
    ids = draw(st.permutations(range(1, count + 1)))
    value = amounts(rounding, low=-20_000 if signed else 0)
    result = []
    for entry_id in ids:
        kind = draw(st.sampled_from(["time", "time", "disbursement"]))
        groups = FEE_GROUPS if kind == "time" else DISBURSEMENT_GROUPS
        group = draw(st.sampled_from(groups))
        result.append(
            Entry(
                id=entry_id,
                kind=kind,
                amount=draw(value),
                group=group,
                behavior=draw(st.sampled_from(["bill"] * 5 + ["no_charge", "hide"])),
                exempt=group == "court",
                date=date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 5))),
            )
        )
    return result


@st.composite
def quotes(draw, rounding):
    return Quote(
        amount=draw(amounts(rounding, high=500_000)),
        rule=draw(rules),
        scope=draw(scopes),
        already_billed=draw(st.just(Decimal(0)) | amounts(rounding, low=-1000)),
    )


@st.composite
def terms_for(draw, rounding, **fixed):
    values = {
        "rounding": rounding,
        "fee_group": draw(st.sampled_from([*FEE_GROUPS, "fees 5 %"])),
        "quote": draw(st.none() | quotes(rounding)),
        "instalments": draw(
            st.just(())
            | st.lists(amounts(rounding), min_size=1, max_size=3).map(
                lambda found: tuple(Instalment(i, a) for i, a in enumerate(found))
            )
        ),
        "instalment_scope": draw(scopes),
        "discount_type": draw(st.sampled_from(["none", "percent", "fixed"])),
        "discount_value": draw(
            st.integers(0, 12_000).map(lambda value: Decimal(value) / 100)
        ),
        "fee_override": draw(st.none() | amounts(rounding)),
        "adjustment_display": draw(st.sampled_from(["discount", "hidden"])),
        "minimum": draw(st.none() | amounts(rounding)),
        "force": draw(st.booleans()),
        "interim": draw(st.none() | st.none() | amounts(rounding)),
    }
    return Terms(**{**values, **fixed})


@st.composite
def bills(draw, signed=True, **fixed):
    """A currency's entries with terms: the whole input of ``price_bill``."""
    rounding = draw(roundings)
    entries = draw(entry_lists(rounding, signed=signed))
    return entries, draw(terms_for(rounding, **fixed))
