"""What hypothesis may throw at the engine: any currency, any entries, any terms."""

from datetime import date, timedelta
from decimal import Decimal

from engine import Bill, Entry, Instalment, Quote, Rule, Terms
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


ELEMENTS = ["exempt", "taxable", "anticipated", "fees"]


@st.composite
def open_bills(draw, rounding, with_credits=True, max_size=8):
    """Bills with elements that add up, some disputed, reserved, blocked, credited."""
    result = []
    for bill_id in draw(st.permutations(range(1, draw(st.integers(0, max_size)) + 1))):
        parts = [draw(amounts(rounding, high=50_000)) for _name in ELEMENTS]
        is_credit = with_credits and draw(st.integers(0, 6)) == 0
        sign = -1 if is_credit else 1
        named = tuple(
            (name, sign * part) for name, part in zip(ELEMENTS, parts, strict=True)
        )
        day = st.none() | st.integers(1, 28).map(lambda n: date(2025, 3, n))
        result.append(
            Bill(
                id=bill_id,
                outstanding=sign * sum(parts),
                matter=draw(st.sampled_from(["M-1", "M-2"])),
                number=draw(st.sampled_from(["INV/9", "INV/10", "INV/2025/7", ""])),
                due=draw(day),
                date=draw(day),
                elements=draw(st.sampled_from([named, named, ()])),
                disputed=draw(st.just(Decimal(0)) | amounts(rounding, high=30_000)),
                reserved=draw(st.just(Decimal(0)) | amounts(rounding, high=30_000)),
                blocked=draw(st.integers(0, 5)) == 0,
            )
        )
    return result


@st.composite
def payment_rules(draw, rounding, **fixed):
    values = {
        "mode": draw(st.sampled_from(["bill", "element", "proportional"])),
        "bill_order": draw(
            st.sampled_from(["due_date", "bill_date", "number", "amount"])
        ),
        "element_order": tuple(draw(st.permutations(ELEMENTS)))[
            : draw(st.integers(0, 4))
        ],
        "match_exact_first": draw(st.booleans()),
        "allow_partial": draw(st.booleans()),
        "allow_overpayment": draw(st.booleans()),
        "include_blocked": draw(st.booleans()),
        "rounding": rounding,
    }
    return Rule(**{**values, **fixed})


@st.composite
def payments(draw, with_credits=True, **fixed):
    """An amount, bills and a rule: the whole input of ``apportion``."""
    rounding = draw(roundings)
    bills_ = draw(open_bills(rounding, with_credits))
    amount = draw(amounts(rounding, high=600_000))
    if bills_ and draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(bills_), unique_by=lambda b: b.id))
        amount = max(Decimal(0), sum((b.outstanding for b in chosen), Decimal(0)))
    return amount, bills_, draw(payment_rules(rounding, **fixed))
