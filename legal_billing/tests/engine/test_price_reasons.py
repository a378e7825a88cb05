"""What a priced bill says of itself: warnings with their figures, steps, refusals."""

from datetime import date
from decimal import Decimal

import pytest
from engine import (
    Abatement,
    Entry,
    Instalment,
    Period,
    Quote,
    Subscription,
    Terms,
    price_bill,
)

D = Decimal
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31), True, D(5))
TEN_OFF = {"discount_type": "percent", "discount_value": D(10)}


def time(amount, hours=0, id_=1, **values):
    return Entry(
        id_, "time", D(amount), "fees", date=date(2026, 10, 5), hours=D(hours), **values
    )


def price(*entries, **values):
    return price_bill(entries, Terms(fee_group="fees", **values))


def told(priced):
    """Each reason: code, whether it stops the bill, figures."""
    return [
        (reason.code, reason.blocking, {name: str(v) for name, v in reason.values})
        for reason in priced.reasons
    ]


def steps(priced):
    return [(a.step, str(a.before), str(a.after)) for a in priced.adjustments]


QUOTE = {"quote": "5000.00", "left": "2000.00", "wip": "3000.00", "billed": "2000.00"}


@pytest.mark.parametrize(
    ("entries", "terms", "code", "figures", "step"),
    [
        (
            [time(3000)],
            {"quote": Quote(D(5000), "lower", already_billed=D(3000))},
            "quote_applied",
            QUOTE,
            ("quote", "3000.00", "2000.00"),
        ),
        (
            [time(3000)],
            {"quote": Quote(D(5000), "lower", "fees", D(3000), "cap")},
            "cap_applied",
            QUOTE,
            ("cap", "3000.00", "2000.00"),
        ),
        (
            [time(600, 2), time(600, 3, 2)],
            {"blended_rate": D(250)},
            "blended_applied",
            {"wip": "1200.00", "billed": "1250.00"},
            ("blended", "1200.00", "1250.00"),
        ),
        (
            [time(1300, "6.5")],
            {"subscription": Subscription(D(900), (OCTOBER,))},
            "subscription_applied",
            {"fee": "900.00", "included": "1000.00", "above": "300.00"},
            ("subscription", "1300.00", "1200.00"),
        ),
        (
            [time(900)],
            {"instalments": (Instalment(7, D(1000)), Instalment(8, D(500)))},
            "instalments_applied",
            {"instalments": "1500.00", "wip": "900.00"},
            ("instalment", "900.00", "1500.00"),
        ),
        (
            [time(800)],
            TEN_OFF,
            "discount_applied",
            {"discount": "80.00", "fees": "800.00"},
            ("discount", "800.00", "720.00"),
        ),
        (
            [time(2000)],
            {"abatement": Abatement(D(10), D(10000), D(9500))},
            "abatement_applied",
            {"abatement": "150.00", "above": "1500.00"},
            ("abatement", "2000.00", "1850.00"),
        ),
        (
            [time(600)],
            {"fee_override": D(400)},
            "agreed_applied",
            {"agreed": "400.00", "before": "600.00"},
            ("agreed", "600.00", "400.00"),
        ),
    ],
)
def test_what_changes_the_bill_is_told_with_its_figures(
    entries, terms, code, figures, step
):
    priced = price(*entries, **terms)
    assert told(priced) == [(code, False, figures)]
    assert steps(priced) == [step]
    assert priced.adjustments[0].amount == D(step[2]) - D(step[1])


def test_what_changes_nothing_is_not_told():
    for terms in (
        {"quote": Quote(D(500), "quote")},
        {"fee_override": D(500)},
        {**TEN_OFF, "discount_value": D(0)},
        {"discount_value": D(10)},
        {**TEN_OFF, "discount_value": D("0.0009")},
        {"abatement": Abatement(D(10), D(500))},
        {"abatement": Abatement(D("0.0009"))},
    ):
        priced = price(time(500), **terms)
        assert (told(priced), steps(priced), priced.net) == ([], [], 500)


def test_a_smallest_cent_of_discount_or_abatement_is_told():
    for terms in (
        {"discount_type": "fixed", "discount_value": D("0.01")},
        {"abatement": Abatement(D(10), D("499.90"))},
    ):
        priced = price(time(500), **terms)
        assert [reason.blocking for reason in priced.reasons] == [False]
        assert priced.net == D("499.99")


def test_an_agreed_fee_is_told_in_the_place_of_discount_and_abatement():
    priced = price(
        time(2000), fee_override=D(1700), abatement=Abatement(D(10)), **TEN_OFF
    )
    assert told(priced) == [
        ("agreed_applied", False, {"agreed": "1700.00", "before": "1620.00"})
    ]
    assert steps(priced) == [
        ("discount", "2000.00", "1800.00"),
        ("abatement", "1800.00", "1620.00"),
        ("agreed", "1620.00", "1700.00"),
    ]
    assert (priced.discount, priced.abatement, priced.agreed_effect) == (380, 180, 80)


# --- bills that are made by hand only


def test_what_stops_a_bill_and_what_forcing_makes_of_it():
    used_up = {"quote": Quote(D(500), "lower", already_billed=D(500))}
    figures = {"quote": "500.00", "above": "800.00"}
    assert told(price(time(800), **used_up)) == [("quote_used_up", True, figures)]
    assert told(price(time(800), **used_up, force=True)) == [
        ("quote_used_up", False, figures),
        ("zero", False, {}),
    ]


def test_a_quote_of_nothing_is_not_used_up():
    """Nothing was billed of it: that it is 0 is what was agreed."""
    priced = price(time(800), quote=Quote(D(0), "lower"))
    assert [reason[0] for reason in told(priced)] == ["quote_applied", "zero"]
    # used up without work above it: there is nothing to tell
    priced = price(
        time(-50), quote=Quote(D(500), "quote", already_billed=D(500)), force=True
    )
    assert [reason[0] for reason in told(priced)] == ["quote_applied", "zero"]


def test_the_minimum_asks_for_no_more_where_a_fee_is_owed():
    outcome = Quote(D(90), "quote", name="contingency")
    owed = Subscription(D(90), (OCTOBER,))
    for terms in (
        {"quote": outcome},
        {"subscription": owed},
        {"instalments": (Instalment(1, D(90)),)},
    ):
        priced = price(minimum=D(100), **terms)
        assert (priced.has_fee, priced.is_billable, priced.net) == (True, True, 90)
    # the same amounts, but nothing is owed whatever the work
    billed_already = Period(OCTOBER.start, OCTOBER.end, False, D(5))
    for terms in (
        {"quote": Quote(D(90), "quote")},
        {"subscription": Subscription(D(90), (billed_already,))},
    ):
        priced = price(time(90), minimum=D(100), **terms)
        assert not priced.has_fee
        assert priced.blocking_reason.code == "below_minimum"


def test_an_outcome_that_was_billed_is_not_owed_again():
    outcome = Quote(D(90), "quote", already_billed=D(90), name="contingency")
    priced = price(quote=outcome)
    assert (priced.has_fee, priced.blocking_reason.code) == (False, "nothing_to_bill")


def test_a_cent_is_enough():
    outcome = Quote(D(90), "quote", already_billed=D("89.99"), name="contingency")
    assert (price(quote=outcome).has_fee, price(quote=outcome).net) == (True, D("0.01"))
    off = {"discount_type": "percent", "discount_value": D(100)}
    assert price(time("0.01"), **off).discount == D("0.01")
    priced = price(time(2000), abatement=Abatement(D(100), D("1999.99")))
    assert priced.abatement == D("0.01")


def test_an_agreed_fee_of_nothing_is_no_bill_without_work():
    assert told(price(fee_override=D(0))) == [("nothing_to_bill", True, {})]


def test_waiting_comes_before_all_else():
    assert told(price(time(80), waits="waits_for_outcome")) == [
        ("waits_for_outcome", True, {})
    ]
    assert told(price(waits="waits_for_outcome")) == [("waits_for_outcome", True, {})]


def test_one_reason_stops_a_bill_although_its_net_would_too():
    quote = Quote(D(10), "quote", "both")
    court = Entry(2, "disbursement", D(50), "court", exempt=True)
    priced = price(time(20), court, quote=quote, minimum=D(100))
    assert [reason[:2] for reason in told(priced)] == [
        ("quote_applied", False),
        ("quote_below_disbursements", True),
    ]


def test_hours_within_a_subscription_are_no_zero_bill():
    charged = Period(OCTOBER.start, OCTOBER.end, False, D(5))
    plan = Subscription(D(900), (charged,))
    assert told(price(time(400, 2), subscription=plan))[-1] == ("included", True, {})
    # without hours it is a bill of nothing
    assert told(price(time(0), subscription=plan))[-1] == ("zero", True, {})
    forced = price(time(400, 2), subscription=plan, force=True)
    assert told(forced)[-1] == ("included", False, {})


def test_a_cap_that_is_used_up_stops_no_bill_of_disbursements_alone():
    cap = Quote(D(500), "lower", "fees", D(500), "cap")
    priced = price(Entry(1, "disbursement", D(50), "travel"), quote=cap)
    assert [reason[:2] for reason in told(priced)] == [("cap_applied", False)]
    assert (priced.is_billable, priced.net) == (True, 50)
    # but a cent of work above it
    assert told(price(time("0.01"), quote=cap)) == [
        ("cap_used_up", True, {"quote": "500.00", "above": "0.01"})
    ]


# --- refusals


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rounding": D(0)}, "the currency's rounding must be positive"),
        ({"quote": Quote(D(-1))}, "the quote must not be negative: -1"),
        ({"discount_value": D(-1)}, "the discount must not be negative: -1"),
        ({"fee_override": D(-1)}, "the agreed fee must not be negative: -1"),
        ({"minimum": D(-1)}, "the minimum must not be negative: -1"),
        ({"interim": D(-1)}, "the interim amount must not be negative: -1"),
        ({"blended_rate": D(-1)}, "the blended rate must not be negative: -1"),
        (
            {"subscription": Subscription(D(-1), (OCTOBER,))},
            "the subscription must not be negative: -1",
        ),
        ({"abatement": Abatement(D(-1))}, "the abatement must not be negative: -1"),
        (
            {"instalments": (Instalment(1, D(5)), Instalment(2, D(-1)))},
            "the instalment must not be negative: -1",
        ),
        ({"quote": Quote(D(1), "best")}, "unknown quote rule 'best'"),
    ],
)
def test_a_refusal_names_what_is_refused(values, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        price(time(100), **values)


def test_amounts_of_nothing_are_no_refusal():
    priced = price(
        time(100),
        quote=Quote(D(0), "wip"),
        discount_value=D(0),
        minimum=D(0),
        abatement=Abatement(D(0)),
    )
    assert (priced.net, told(priced)) == (100, [])
    assert price(time(100), interim=D(0)).net == 0
    assert price(time(100, 1), blended_rate=D(0)).net == 0
    nothing = Subscription(D(0), (OCTOBER,))
    assert price(time(100, 1), subscription=nothing).net == 0
    assert price(time(100), instalments=(Instalment(1, D(0)),)).net == 0
