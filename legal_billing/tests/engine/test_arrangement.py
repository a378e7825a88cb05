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
from engine.periods import period_of

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


def test_a_blended_rate_goes_by_parts_of_hours_where_time_has_no_rate():
    entries = [time(1, "1.25", 0), time(2, "0.5", 0), time(3, "-0.25", 0)]
    priced = price(entries, blended_rate=d(200))
    assert billed(priced) == ["250.00", "100.00", "-50.00"]


def test_a_blended_correction_is_on_no_entry():
    priced = price([time(1, -2, -600)], blended_rate=d(250))
    assert (billed(priced), priced.unattributed, priced.net) == (["0.00"], -500, -500)
    priced = price([time(1, 0, 0)], blended_rate=d(250), force=True)
    assert (billed(priced), priced.unattributed, priced.net) == (["0.00"], 0, 0)


def test_a_blended_rate_is_rounded_once_on_the_total():
    entries = [time(1, "0.1", 20), time(2, "0.1", 20), time(3, "0.1", 20)]
    priced = price(entries, blended_rate=d("200.05"))
    # 0.3 h × 200.05 = 60.015; entry by entry it would be 3 × 20.01
    assert (priced.net, billed(priced)) == (d("60.02"), ["20.01", "20.01", "20.00"])


def test_a_blended_rate_goes_by_value_though_it_be_a_cent():
    entries = [time(1, 1, "0.01"), time(2, 3, 0)]
    assert billed(price(entries, blended_rate=d(200))) == ["800.00", "0.00"]


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
    assert [line.group for line in priced.lines] == [FEES, FEES]
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


def test_carried_hours_that_a_later_period_took_are_gone_in_between():
    """September has 5 left, October 1, November took 4 more than its own: 2 are there
    in all, and no more than 2 of September's 5 may be taken."""
    periods = [
        Period(date(2026, 9, 1), date(2026, 9, 30), False, d(5), d(0)),
        Period(OCTOBER.start, OCTOBER.end, False, d(5), d(4)),
        Period(date(2026, 11, 1), date(2026, 11, 30), False, d(5), d(9)),
    ]
    carried = subscription(*periods, carry_over=True)
    assert price([time(1, 5, 1000, month=9)], subscription=carried).net == 600
    # of November nothing is left, although September and October have some
    assert price([time(1, 3, 600, month=11)], subscription=carried).net == 200
    # not carried over, each has its own
    own = subscription(*periods)
    assert price([time(1, 5, 1000, month=9)], subscription=own, force=True).net == 0
    assert price([time(1, 5, 1000, month=10)], subscription=own).net == 800
    assert price([time(1, 5, 1000, month=11)], subscription=own).net == 1000


def test_only_periods_that_are_due_or_used_are_told():
    september = Period(date(2026, 9, 1), date(2026, 9, 30), False, d(5), d(3))
    november = Period(date(2026, 11, 1), date(2026, 11, 30), True, d(5), d(1))
    plan = subscription(september, OCTOBER, november)
    priced = price([time(1, 2, 400)], subscription=plan)
    assert [(p.start.month, p.is_due, p.used) for p in priced.periods] == [
        (10, True, 2),
        (11, True, 0),
    ]
    priced = price([time(1, 1, 200, month=9)], subscription=plan)
    assert [(p.start.month, p.used) for p in priced.periods] == [
        (9, 1),
        (10, 0),
        (11, 0),
    ]
    assert [line.period for line in priced.lines] == [OCTOBER, november]


def test_work_before_the_first_period_and_without_a_date():
    november = Period(date(2026, 11, 1), date(2026, 11, 30), True, d(1))
    plan = subscription(OCTOBER, november)
    undated = Entry(3, "time", d(600), FEES, hours=d(3))
    priced = price([undated, time(1, 1, 200, month=8)], subscription=plan)
    assert billed(priced) == ["0.00", "400.00"]
    assert [p.used for p in priced.periods] == [1, 1]


def test_work_that_finds_no_hours_takes_none_of_a_later_period():
    november = Period(date(2026, 11, 1), date(2026, 11, 30), True, d(5))
    entries = [time(1, 5, 1000), time(2, 1, 200), time(3, 2, 400, month=11)]
    priced = price(entries, subscription=subscription(OCTOBER, november))
    assert billed(priced) == ["0.00", "200.00", "0.00"]
    assert priced.lines[1].entry_ids == (1, 3)


def test_a_period_begins_with_its_first_day():
    november = Period(date(2026, 11, 1), date(2026, 11, 30), True, d(5))
    plan = subscription(OCTOBER, november)
    priced = price([time(1, 2, 400, day=1, month=11)], subscription=plan)
    assert [p.used for p in priced.periods] == [0, 2]


def test_of_one_day_the_lower_number_is_included_first():
    entries = [time(2, 5, 1000), time(1, 5, 1000)]
    priced = price(entries, subscription=subscription(OCTOBER))
    assert billed(priced) == ["0.00", "1000.00"]


def test_the_hours_above_are_rounded_by_entry():
    priced = price([time(1, 7, "1000.01")], subscription=subscription(OCTOBER))
    assert billed(priced) == ["285.72"]


def test_a_correction_gives_back_no_more_than_was_taken():
    used = Period(OCTOBER.start, OCTOBER.end, True, d(5), d(1))
    entries = [time(1, -3, -600, day=1), time(2, 7, 1400, day=2)]
    priced = price(entries, subscription=subscription(used))
    # 1 of the 3 hours was taken before; then 5 are free
    assert billed(priced) == ["-400.00", "400.00"]
    assert [p.used for p in priced.periods] == [4]


def test_a_subscription_without_a_period_bills_the_work():
    priced = price([time(1, 2, 400)], subscription=subscription())
    assert (billed(priced), priced.net, priced.periods) == (["400.00"], 400, ())


def test_a_discount_on_a_subscription_is_shared_with_the_work_above():
    priced = price(
        [time(1, "6.5", 1300)],
        subscription=subscription(OCTOBER),
        discount_type="percent",
        discount_value=d(10),
    )
    assert (billed(priced), priced.unattributed, priced.net) == (["270.00"], 810, 1080)


def test_an_agreed_fee_is_shared_by_fee_and_standard_value():
    priced = price(
        [time(1, "6.5", 1300)], subscription=subscription(OCTOBER), fee_override=d(1100)
    )
    assert (billed(priced), priced.unattributed) == (["650.00"], 450)
    assert lines(priced) == [("fee", "650.00"), ("subscription", "450.00")]


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
        # the last day of a period is a day of it
        (
            "month",
            date(2026, 12, 31),
            [],
            date(2026, 10, 31),
            ["2026-10-01", "2026-11-01", "2026-12-01"],
        ),
        # a day in common with one that was charged
        (
            "month",
            date(2026, 11, 30),
            [Period(date(2026, 10, 31), date(2026, 10, 31), False)],
            date(2026, 9, 1),
            ["2026-09-01", "2026-11-01"],
        ),
        (
            "month",
            date(2026, 11, 30),
            [Period(date(2026, 9, 15), date(2026, 10, 1), False)],
            date(2026, 10, 1),
            ["2026-11-01"],
        ),
        (
            "month",
            date(2026, 2, 28),
            [Period(date(2025, 12, 1), date(2025, 12, 31), False)],
            None,
            ["2026-01-01", "2026-02-01"],
        ),
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


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("month", date(2028, 2, 1), date(2028, 2, 1), date(2028, 2, 29)),
        ("quarter", date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
        ("quarter", date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 30)),
        ("quarter", date(2026, 12, 1), date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 7, 4), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_calendar_period(kind, day, first, last):
    assert period_of(day, kind) == (first, last)


def test_a_period_that_is_owed_again_keeps_its_hours():
    owed = Period(OCTOBER.start, OCTOBER.end, True, d(5), d(2))
    found = list_periods("month", date(2026, 11, 30), d(6), [owed])
    assert [(p.end, p.is_due, p.hours, p.used) for p in found] == [
        (date(2026, 10, 31), True, 6, 2),
        (date(2026, 11, 30), True, 6, 0),
    ]


def test_a_slip_of_the_pen_is_no_bill_of_a_century():
    found = list_periods("month", date(2026, 10, 31), d(5), first=date(1926, 1, 1))
    assert (len(found), found[-1].start) == (120, OCTOBER.start)


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
