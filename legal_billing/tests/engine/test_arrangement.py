"""The figures of the fee arrangements (C-35), one by one."""

from datetime import date
from decimal import Decimal

import pytest
from engine import (
    Abatement,
    Entry,
    Period,
    Quote,
    Subscription,
    Terms,
    list_periods,
    price_bill,
)

FEES = "fees"
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31), True, Decimal(5))


def d(text):
    return Decimal(text)


def time(id_, hours, amount, day=5, month=10, **values):
    return Entry(
        id_,
        "time",
        Decimal(amount),
        FEES,
        date=date(2026, month, day),
        hours=Decimal(hours),
        **values,
    )


def price(entries, **values):
    return price_bill(entries, Terms(fee_group=FEES, **values))


def lines(priced):
    return [(line.kind, str(line.amount)) for line in priced.lines]


def billed(priced):
    return [str(entry.billed) for entry in priced.entries]


def codes(priced):
    return [reason.code for reason in priced.reasons]


# --- capped


def cap(amount, already_billed="0", scope="fees"):
    return Quote(d(amount), "lower", scope, d(already_billed), "cap")


def test_a_cap_holds_over_the_life_of_the_matter():
    first = price([time(1, 10, 3000)], quote=cap(5000))
    assert (first.net, codes(first)) == (3000, ["cap_applied"])
    second = price([time(1, 10, 3000)], quote=cap(5000, 3000))
    assert (second.net, second.quote_effect) == (2000, -1000)
    assert codes(second) == ["cap_applied"]
    assert [a.step for a in second.adjustments] == ["cap"]
    third = price([time(1, 10, 3000)], quote=cap(5000, 5000))
    assert third.blocking_reason.code == "cap_used_up"
    assert dict(third.blocking_reason.values) == {"quote": 5000, "above": 3000}


def test_a_part_of_the_work_is_capped_too():
    priced = price([time(1, 10, 3000)], quote=cap(5000, 4000), interim=d(2000))
    assert priced.net == 1000
    # a quote stands aside, as it always did
    quote = Quote(d(5000), "lower", already_billed=d(4000))
    assert price([time(1, 10, 3000)], quote=quote, interim=d(2000)).net == 2000


# --- blended


def test_a_blended_rate_is_spread_by_standard_value():
    entries = [time(1, 2, 600), time(2, 3, 600)]
    priced = price(entries, blended_rate=d(250))
    assert (priced.net, billed(priced)) == (1250, ["625.00", "625.00"])
    assert lines(priced) == [("fee", "1250.00")]
    assert priced.quote_effect == 50
    # what the client agreed on is no adjustment, however adjustments are shown
    shown = price(entries, blended_rate=d(250), adjustment_display="discount")
    assert lines(shown) == [("fee", "1250.00")]


def test_a_blended_rate_leaves_free_hours_and_disbursements_alone():
    entries = [
        time(1, 2, 600),
        time(2, 5, 1500, behavior="no_charge"),
        Entry(3, "disbursement", d(80), "travel"),
    ]
    assert price(entries, blended_rate=d("199.99")).net == d("479.98")


def test_a_blended_rate_prices_time_without_a_rate():
    assert billed(price([time(1, 1, 0), time(2, 3, 0)], blended_rate=d(200))) == [
        "200.00",
        "600.00",
    ]


def test_a_quote_looks_at_the_blended_fees():
    quote = Quote(d(1000), "lower")
    priced = price([time(1, 10, 900)], blended_rate=d(150), quote=quote)
    assert (priced.net, [a.step for a in priced.adjustments]) == (
        1000,
        ["blended", "quote"],
    )


# --- abatement


def test_fees_above_the_threshold_are_abated():
    abatement = Abatement(d(10), d(10000), d(9500))
    priced = price([time(1, 10, 2000)], abatement=abatement)
    assert lines(priced) == [("fee", "2000.00"), ("abatement", "-150.00")]
    assert (priced.net, priced.discount, priced.abatement) == (1850, 150, 150)


@pytest.mark.parametrize(
    ("before", "off"), [(0, 0), (7999, 0), (8001, "0.10"), (20000, 200), (-500, 0)]
)
def test_only_what_is_above_counts(before, off):
    abatement = Abatement(d(10), d(10000), d(before))
    assert price([time(1, 10, 2000)], abatement=abatement).abatement == d(off)


def test_the_discount_comes_first():
    priced = price(
        [time(1, 10, 2000)],
        discount_type="percent",
        discount_value=d(10),
        abatement=Abatement(d(10)),
    )
    assert lines(priced) == [
        ("fee", "2000.00"),
        ("discount", "-200.00"),
        ("abatement", "-180.00"),
    ]
    assert (priced.net, priced.discount) == (1620, 380)


def test_an_agreed_fee_stands_for_the_abatement_too():
    priced = price(
        [time(1, 10, 2000)], abatement=Abatement(d(10)), fee_override=d(1900)
    )
    assert lines(priced) == [("fee", "1900.00")]


# --- subscription


def subscription(*periods, carry_over=False):
    return Subscription(d(900), periods, carry_over)


def test_a_subscription_bills_its_fee_and_the_hours_above():
    priced = price([time(1, "6.5", 1300)], subscription=subscription(OCTOBER))
    assert lines(priced) == [("fee", "300.00"), ("subscription", "900.00")]
    assert (priced.net, billed(priced), priced.unattributed) == (1200, ["300.00"], 900)
    assert [(p.start, p.used) for p in priced.periods] == [(OCTOBER.start, 5)]


def test_the_oldest_hours_are_included():
    entries = [time(1, 4, 800, day=9), time(2, 3, 900, day=2)]
    priced = price(entries, subscription=subscription(OCTOBER))
    # 3 h of the 2nd, 2 of the 4 h of the 9th
    assert billed(priced) == ["400.00", "0.00"]
    assert priced.lines[-1].entry_ids == (2,)


def test_a_fee_is_billed_without_work():
    priced = price([], subscription=subscription(OCTOBER), minimum=d(5000))
    assert (priced.net, priced.is_billable) == (900, True)


def test_work_within_the_hours_of_a_billed_period_waits():
    october = Period(OCTOBER.start, OCTOBER.end, False, d(5), d(3))
    priced = price([time(1, 2, 400)], subscription=subscription(october))
    assert priced.blocking_reason.code == "included"
    priced = price([time(1, 3, 600)], subscription=subscription(october))
    assert (priced.net, lines(priced)) == (200, [("fee", "200.00")])


def test_hours_left_are_carried_over_only_if_said():
    september = Period(date(2026, 9, 1), date(2026, 9, 30), False, d(5), d(3))
    entries = [time(1, "6.5", 1300)]
    assert price(entries, subscription=subscription(september, OCTOBER)).net == 1200
    carried = subscription(september, OCTOBER, carry_over=True)
    assert price(entries, subscription=carried).net == 900


def test_hours_are_not_carried_over_twice():
    """October took what September had left; a late entry of September finds none."""
    september = Period(date(2026, 9, 1), date(2026, 9, 30), False, d(5), d(3))
    october = Period(OCTOBER.start, OCTOBER.end, False, d(5), d(7))
    carried = subscription(september, october, carry_over=True)
    assert price([time(1, 1, 200, month=9)], subscription=carried).net == 200


def test_each_period_includes_its_own_hours():
    november = Period(date(2026, 11, 1), date(2026, 11, 30), True, d(5))
    entries = [time(1, 8, 1600), time(2, 2, 400, month=11)]
    priced = price(entries, subscription=subscription(OCTOBER, november))
    assert lines(priced) == [
        ("fee", "600.00"),
        ("subscription", "900.00"),
        ("subscription", "900.00"),
    ]


def test_a_correction_gives_included_hours_back():
    entries = [time(1, 5, 1000), time(2, -1, -200, day=6), time(3, 2, 400, day=7)]
    priced = price(entries, subscription=subscription(OCTOBER))
    assert billed(priced) == ["0.00", "0.00", "200.00"]


@pytest.mark.parametrize(
    ("kind", "until", "known", "first", "due"),
    [
        ("month", date(2026, 10, 31), [], None, ["2026-10-01"]),
        ("month", date(2026, 10, 31), [OCTOBER], None, ["2026-10-01"]),
        (
            "quarter",
            date(2026, 11, 30),
            [],
            date(2026, 8, 9),
            ["2026-07-01", "2026-10-01"],
        ),
        ("year", date(2026, 11, 30), [], None, ["2026-01-01"]),
    ],
)
def test_due_periods(kind, until, known, first, due):
    found = list_periods(kind, until, d(5), known, first)
    assert [str(p.start) for p in found if p.is_due] == due


def test_a_charged_period_is_not_due_again_and_its_hours_stay():
    charged = Period(OCTOBER.start, OCTOBER.end, False, d(5), d(2))
    assert list_periods("month", date(2026, 10, 31), d(5), [charged]) == (charged,)
    assert not any(
        p.is_due for p in list_periods("quarter", date(2026, 12, 31), d(9), [charged])
    )


# --- contingency


def outcome(percent_of, already_billed="0"):
    return Quote(d(percent_of), "quote", "fees", d(already_billed), "contingency")


def test_nothing_is_billed_before_the_outcome():
    entries = [time(1, 10, 3000), Entry(2, "disbursement", d(80), "court", exempt=True)]
    priced = price(entries, waits="waits_for_outcome")
    assert (priced.blocking_reason.code, priced.lines) == ("waits_for_outcome", ())
    forced = price(entries, waits="waits_for_outcome", force=True)
    assert not forced.is_billable


def test_the_outcome_is_one_fee_spread_by_standard_value():
    entries = [time(1, 10, 3000), time(2, 10, 1000)]
    priced = price(entries, quote=outcome(20000))
    assert (billed(priced), lines(priced)) == (
        ["15000.00", "5000.00"],
        [("fee", "20000.00")],
    )
    assert price([], quote=outcome(20000)).net == 20000
    again = price(entries, quote=outcome(20000, 20000))
    assert again.blocking_reason.code == "contingency_used_up"
