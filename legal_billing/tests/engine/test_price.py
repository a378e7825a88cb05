"""The figures of the pricing rules, one by one."""

from datetime import date
from decimal import Decimal

import pytest
from engine import Entry, Instalment, Quote, Terms, price_bill

FEES, FEES_0, TRAVEL, COURT = "fees", "fees 0 %", "travel", "court"
TEN_OFF = {"discount_type": "percent", "discount_value": Decimal(10)}


def d(text):
    return Decimal(text)


def times(*amounts, group=FEES, first=1, **values):
    return [
        Entry(first + i, "time", Decimal(amount), group, **values)
        for i, amount in enumerate(amounts)
    ]


def disbursements(*amounts, group=TRAVEL, first=101, **values):
    return [
        Entry(first + i, "disbursement", Decimal(amount), group, **values)
        for i, amount in enumerate(amounts)
    ]


def court_fees(*amounts, first=201):
    return disbursements(*amounts, group=COURT, first=first, exempt=True)


def quote(amount, rule="lower", scope="fees", already_billed="0"):
    return Quote(Decimal(amount), rule, scope, Decimal(already_billed))


def price(entries, **values):
    values.setdefault("fee_group", FEES)
    return price_bill(entries, Terms(**values))


def billed(priced):
    return [str(entry.billed) for entry in priced.entries]


def lines(priced):
    return [(line.kind, line.group, str(line.amount)) for line in priced.lines]


def blocking(priced):
    """The blocking reason as (code, figures)."""
    reason = priced.blocking_reason
    return reason and (reason.code, {name: str(v) for name, v in reason.values})


def warnings(priced):
    return [reason.code for reason in priced.reasons if not reason.blocking]


# --- C-1 quote rules


def test_c1_the_first_month_stays_below_the_quote():
    priced = price(times("3000"), quote=quote("5000"))
    assert priced.net == 3000
    assert warnings(priced) == []


def test_c1_the_second_month_bills_what_is_left_of_the_quote():
    priced = price(times("3000"), quote=quote("5000", already_billed="3000"))
    assert priced.net == 2000
    assert priced.write_down == 1000
    assert warnings(priced) == ["quote_applied"]


def test_c1_a_quote_per_bill_starts_anew():
    assert price(times("6000"), quote=quote("5000")).net == 5000


@pytest.mark.parametrize(
    ("rule", "net"),
    [("wip", 800), ("quote", 500), ("lower", 500), ("higher", 800), ("sum", 1300)],
)
def test_c1_each_rule_with_work_above_the_quote(rule, net):
    assert price(times("800"), quote=quote("500", rule)).net == net


@pytest.mark.parametrize(
    ("rule", "net"),
    [("wip", 300), ("quote", 500), ("lower", 300), ("higher", 500), ("sum", 800)],
)
def test_c1_each_rule_with_work_below_the_quote(rule, net):
    assert price(times("300"), quote=quote("500", rule)).net == net


def test_c1_disbursements_out_of_scope_are_billed_at_value():
    priced = price(
        times("800") + disbursements("90.10"), quote=quote("500", scope="fees")
    )
    assert (priced.fees, priced.disbursements) == (500, d("90.10"))


def test_c1_a_quote_used_up_stops_the_bill_with_both_figures():
    priced = price(times("800"), quote=quote("5000", already_billed="5000"))
    assert blocking(priced) == (
        "quote_used_up",
        {"quote": "5000.00", "above": "800.00"},
    )


def test_c1_a_used_up_quote_writes_the_work_down_when_forced():
    priced = price(
        times("800") + disbursements("50"),
        quote=quote("5000", already_billed="5200"),
        force=True,
    )
    assert priced.is_billable
    assert (priced.fees, priced.disbursements) == (0, 50)
    assert "quote_used_up" in warnings(priced)


@pytest.mark.parametrize("rule", ["higher", "sum", "wip"])
def test_c1_a_used_up_quote_does_not_stop_rules_that_bill_the_work(rule):
    priced = price(times("800"), quote=quote("5000", rule, already_billed="5000"))
    assert priced.is_billable
    assert priced.net == 800


def test_c1_credits_beyond_the_bills_do_not_raise_the_quote():
    priced = price(times("800"), quote=quote("500", already_billed="-100"))
    assert priced.net == 500


def test_c1_a_fee_quote_is_billed_beside_disbursements_alone():
    priced = price(disbursements("50"), quote=quote("500", "quote"))
    assert lines(priced) == [("fee", FEES, "500.00"), ("disbursement", TRAVEL, "50.00")]


# --- C-2 who bears the adjustment


def test_c2_fees_bear_a_reduction_first():
    priced = price(
        times("600", "400") + disbursements("200", "100"),
        quote=quote("1150", "quote", "both"),
    )
    assert billed(priced) == ["510.00", "340.00", "200.00", "100.00"]


def test_c2_what_the_fees_cannot_bear_hits_taxable_disbursements():
    priced = price(
        times("100") + disbursements("200", "100") + court_fees("50"),
        quote=quote("200", "quote", "both"),
    )
    assert billed(priced) == ["0.00", "100.00", "50.00", "50.00"]


def test_c2_exempt_disbursements_are_never_reduced():
    priced = price(
        times("100") + disbursements("30") + court_fees("500"),
        quote=quote("400", "lower", "both"),
    )
    assert blocking(priced) == (
        "quote_below_disbursements",
        {"quote": "400.00", "disbursements": "500.00", "short": "100.00"},
    )
    assert billed(priced) == ["0.00", "0.00", "500.00"]


def test_c2_negative_fees_bear_nothing():
    priced = price(
        times("-50") + disbursements("300"), quote=quote("200", "quote", "both")
    )
    assert billed(priced) == ["-50.00", "250.00"]


def test_c2_a_refund_among_taxable_disbursements_bears_nothing():
    priced = price(
        times("100") + disbursements("-50") + court_fees("100"),
        quote=quote("20", "quote", "both"),
    )
    assert billed(priced) == ["0.00", "-50.00", "100.00"]
    assert blocking(priced) == (
        "quote_below_disbursements",
        {"quote": "20.00", "disbursements": "100.00", "short": "30.00"},
    )


def test_c2_fees_and_taxable_disbursements_bear_to_the_last_cent():
    entries = times("100") + disbursements("200") + court_fees("50")
    priced = price(entries, quote=quote("50", "quote", "both"))
    assert billed(priced) == ["0.00", "0.00", "50.00"]
    assert blocking(priced) is None
    priced = price(entries, quote=quote("49.99", "quote", "both"))
    assert blocking(priced)[1]["short"] == "0.01"


def test_c2_an_increase_is_always_fees():
    priced = price(
        times("600", "400") + disbursements("300"),
        quote=quote("1500", "quote", "both"),
    )
    assert billed(priced) == ["720.00", "480.00", "300.00"]


def test_c2_an_increase_is_on_the_work_though_it_be_a_cent():
    priced = price(times("0.01"), quote=quote("5", "quote"))
    assert (billed(priced), priced.unattributed) == (["5.00"], 0)


def test_c2_an_increase_of_a_disbursement_quote_is_a_fee_of_no_entry():
    priced = price(
        times("600") + disbursements("300"),
        quote=quote("400", "quote", "disbursements"),
    )
    assert billed(priced) == ["600.00", "300.00"]
    assert priced.unattributed == 100


# --- C-3 distribution, interim


def test_c3_cents_go_to_the_largest_remainder():
    priced = price(times("333.33", "333.33", "333.34"), quote=quote("850"))
    assert billed(priced) == ["283.33", "283.33", "283.34"]


def test_c3_without_value_the_quote_is_a_line_without_entry():
    priced = price(times("0", "0"), quote=quote("500", "quote"))
    assert billed(priced) == ["0.00", "0.00"]
    assert priced.unattributed == priced.net == 500
    assert lines(priced) == [("fee", FEES, "0.00"), ("fee", FEES, "500.00")]


def test_c3_a_sum_quote_is_its_own_line_and_entries_stay_at_value():
    priced = price(times("300", "20"), quote=quote("500", "sum"))
    assert billed(priced) == ["300.00", "20.00"]
    assert lines(priced) == [("fee", FEES, "320.00"), ("quote", FEES, "500.00")]
    assert blocking(priced) is None


def test_c3_interim_takes_the_oldest_and_splits_the_last():
    entries = [
        Entry(3, "time", d("400"), FEES, date=date(2025, 1, 3)),
        Entry(1, "time", d("300"), FEES, date=date(2025, 2, 1)),
        Entry(2, "time", d("200"), FEES, date=date(2025, 1, 9)),
    ]
    priced = price(entries + disbursements("50"), interim=d("750"))
    found = {e.id: (str(e.billed), str(e.split_off)) for e in priced.entries}
    assert found == {
        3: ("400.00", "0"),
        2: ("200.00", "0"),
        1: ("150.00", "150.00"),
        101: ("50.00", "0"),
    }
    assert (priced.fees, priced.disbursements) == (750, 50)
    assert dict(priced.reasons[0].values) == {"interim": 750, "left": 150}


def test_c3_interim_leaves_entries_beyond_the_amount_as_wip():
    priced = price(times("400", "300", "200"), interim=d("400"))
    assert [entry.id for entry in priced.entries] == [1]
    assert dict(priced.reasons[0].values) == {"interim": 400, "left": 500}
    assert (priced.entries[0].split_off, priced.standard_fees) == (0, 400)


def test_c3_interim_takes_what_is_not_charged_as_it_comes_and_undated_work_last():
    entries = [
        Entry(1, "time", d("70"), FEES),
        Entry(2, "time", d("300"), FEES, date=date(2025, 1, 1)),
        Entry(3, "time", d("500"), FEES, "no_charge", date=date(2025, 1, 2)),
        Entry(4, "time", d("200"), FEES, date=date(2025, 1, 3)),
        Entry(5, "time", d("100"), FEES, "no_charge", date=date(2025, 1, 4)),
    ]
    priced = price(entries, interim=d("400"))
    assert {e.id: (str(e.billed), str(e.split_off)) for e in priced.entries} == {
        2: ("300.00", "0"),
        3: ("0.00", "0"),
        4: ("100.00", "100.00"),
    }
    assert dict(priced.reasons[0].values) == {"interim": 400, "left": 170}
    assert (priced.no_charge, priced.standard_fees) == (500, 900)


def test_c3_interim_of_two_entries_of_one_day_takes_the_lower_number():
    entries = times("200", "300", date=date(2025, 1, 1))[::-1]
    priced = price(entries, interim=d("200"))
    assert [entry.id for entry in priced.entries] == [1]


def test_c3_a_correction_within_the_interim_makes_room_for_more():
    priced = price(times("300", "-100", "300"), interim=d("250"))
    # the first fills it
    assert [(e.id, str(e.billed)) for e in priced.entries] == [(1, "250.00")]
    priced = price(times("200", "-100", "300"), interim=d("250"))
    assert [(e.id, str(e.billed), e.split_off) for e in priced.entries] == [
        (1, "200.00", 0),
        (2, "-100.00", 0),
        (3, "150.00", 150),
    ]


def test_c3_interim_of_no_fees_bills_the_disbursements():
    priced = price(times("400") + disbursements("50"), interim=d("0"))
    assert [entry.id for entry in priced.entries] == [101]
    assert priced.net == 50


def test_c3_interim_stands_instead_of_the_quote():
    priced = price(times("400"), interim=d("300"), quote=quote("200"))
    assert priced.net == 300


# --- C-4 mixed signs


def test_c4_signs_are_kept():
    priced = price(times("500", "-100"), quote=quote("300"))
    assert billed(priced) == ["375.00", "-75.00"]


def test_c4_without_a_base_the_adjustment_is_on_no_entry():
    priced = price(times("500", "-500"), quote=quote("300", "quote"))
    assert billed(priced) == ["500.00", "-500.00"]
    assert priced.unattributed == priced.net == 300


def test_c4_a_negative_base_never_turns_signs():
    priced = price(times("-50"), quote=quote("300", "quote"))
    assert billed(priced) == ["-50.00"]
    assert priced.unattributed == 350


# --- C-5, C-6 discount


def test_c5_percent_is_rounded_on_the_total():
    priced = price(
        times(*["33.35"] * 7), discount_type="percent", discount_value=d("10")
    )
    assert priced.discount == d("23.35")
    assert priced.net == d("210.10")


def test_c5_a_discount_is_capped_at_the_fees():
    priced = price(
        times("80") + disbursements("50"),
        discount_type="fixed",
        discount_value=d("100"),
    )
    assert (priced.discount, priced.fees, priced.net) == (80, 0, 50)


def test_c5_a_discount_comes_after_the_quote():
    priced = price(
        times("800"),
        quote=quote("500"),
        discount_type="percent",
        discount_value=d("10"),
    )
    assert priced.net == 450


def test_c5_there_is_no_discount_on_disbursements():
    priced = price(disbursements("50"), discount_type="percent", discount_value=d("10"))
    assert (priced.discount, priced.net) == (0, 50)


def test_c6_a_fixed_discount_is_split_over_the_tax_sets():
    priced = price(
        times("1000") + times("500", group=FEES_0, first=2),
        discount_type="fixed",
        discount_value=d("100"),
    )
    assert lines(priced) == [
        ("fee", FEES, "1000.00"),
        ("fee", FEES_0, "500.00"),
        ("discount", FEES, "-66.67"),
        ("discount", FEES_0, "-33.33"),
    ]
    tax = (d("1000") - d("66.67")) * d("0.2")
    assert round(tax, 2) == d("186.67")
    assert priced.net + round(tax, 2) == d("1586.67")


def test_c6_a_group_without_money_bears_nothing_wherever_it_stands():
    entries = times("0", group=FEES_0) + times("100", first=2) + times("0", first=3)
    priced = price(entries, discount_type="fixed", discount_value=d("30"))
    assert lines(priced) == [
        ("fee", FEES_0, "0.00"),
        ("fee", FEES, "100.00"),
        ("discount", FEES, "-30.00"),
    ]
    assert billed(priced) == ["0.00", "70.00", "0.00"]


def test_c6_what_no_entry_carries_bears_its_part_in_the_group_of_the_fees():
    priced = price(times("300", group=FEES_0), quote=quote("500", "sum"), **TEN_OFF)
    assert lines(priced) == [
        ("fee", FEES_0, "300.00"),
        ("quote", FEES, "500.00"),
        ("discount", FEES_0, "-30.00"),
        ("discount", FEES, "-50.00"),
    ]
    assert (billed(priced), priced.unattributed) == (["270.00"], 450)


def test_c5_there_is_no_discount_on_fees_below_zero():
    priced = price(
        times("-50") + disbursements("80"),
        discount_type="percent",
        discount_value=d("10"),
    )
    assert (priced.discount, priced.net) == (0, 30)


def test_an_entry_says_what_each_step_made_of_it():
    priced = price(times("600", "200"), quote=quote("500"), **TEN_OFF)
    assert [
        (e.id, str(e.value), str(e.quoted), str(e.billed)) for e in priced.entries
    ] == [(1, "600.00", "375.00", "337.50"), (2, "200.00", "125.00", "112.50")]


# --- C-7 minimum


def test_c7_the_minimum_compares_the_net_after_the_discount():
    priced = price(times("100"), minimum=d("100"), **TEN_OFF)
    assert blocking(priced) == (
        "below_minimum",
        {"amount": "90.00", "minimum": "100.00"},
    )


def test_c7_exactly_the_minimum_is_billed():
    assert price(times("100"), minimum=d("100")).is_billable


def test_c7_disbursements_count():
    priced = price(times("60") + disbursements("40"), minimum=d("100"))
    assert priced.is_billable


def test_c7_a_forced_row_has_no_minimum():
    assert price(times("90"), minimum=d("100"), force=True).is_billable


def test_c7_an_instalment_has_no_minimum():
    priced = price([], minimum=d("100"), instalments=(Instalment(1, d("50")),))
    assert priced.is_billable


# --- C-8 no charge, hidden; C-17 nothing, zero, negative


def test_c8_no_charge_and_hidden_are_consumed_at_nothing():
    entries = (
        times("100")
        + times("50", first=2, behavior="no_charge")
        + times("30", first=3, behavior="hide")
    )
    priced = price(entries)
    assert billed(priced) == ["100.00", "0.00", "0.00"]
    assert (priced.net, priced.no_charge, priced.write_down) == (100, 80, 80)
    assert (priced.standard_fees, priced.value_fees, priced.edit_effect) == (
        180,
        100,
        -80,
    )
    assert lines(priced) == [("fee", FEES, "100.00")]


def test_edits_leave_the_standard_value_alone():
    entries = times("240", standard=d("300")) + disbursements(
        "120", first=2, standard=d("100")
    )
    priced = price(entries, discount_type="percent", discount_value=d("10"))
    assert (priced.standard_fees, priced.standard_disbursements) == (300, 100)
    assert (priced.value_fees, priced.value_disbursements) == (240, 120)
    assert (priced.edit_effect, priced.discount, priced.net) == (-40, 24, 336)
    assert priced.write_down == 64


def test_an_interim_bill_takes_its_part_of_the_standard_value():
    priced = price(times("240", standard=d("300")), interim=d("80"))
    assert (priced.value_fees, priced.standard_fees) == (80, 100)


def test_c8_only_such_entries_make_no_bill():
    priced = price(
        times("50", behavior="no_charge") + times("30", first=2, behavior="hide"),
        quote=quote("500", "quote"),
    )
    assert blocking(priced) == ("nothing_chargeable", {})
    assert [entry.id for entry in priced.entries] == [1, 2]
    assert priced.lines == ()


def test_c8_they_are_outside_the_quote():
    entries = times("800") + times("500", first=2, behavior="no_charge")
    assert price(entries, quote=quote("900")).net == 800


def test_c17_nothing_to_bill():
    assert blocking(price([])) == ("nothing_to_bill", {})


def test_c17_a_refund_alone_wants_a_credit_note():
    priced = price(disbursements("-75"))
    assert blocking(priced) == ("negative", {"amount": "-75.00"})


def test_c17_a_negative_bill_cannot_be_forced():
    assert not price(disbursements("-75"), force=True).is_billable


def test_c17_a_credit_against_a_charge_is_a_zero_bill_by_hand_only():
    entries = times("100", "-100")
    assert blocking(price(entries)) == ("zero", {})
    assert price(entries, force=True).is_billable


# --- C-10 and the display of differences


def test_c10_one_line_per_group():
    priced = price(
        times("33.31", "10")
        + times("5", group=FEES_0, first=3)
        + disbursements("7", "8")
        + court_fees("9")
    )
    assert lines(priced) == [
        ("fee", FEES, "43.31"),
        ("fee", FEES_0, "5.00"),
        ("disbursement", TRAVEL, "15.00"),
        ("disbursement", COURT, "9.00"),
    ]
    assert [line.entry_ids for line in priced.lines] == [
        (1, 2),
        (3,),
        (101, 102),
        (201,),
    ]


def test_a_reduction_is_hidden_in_the_fee_line():
    priced = price(times("800"), quote=quote("500"))
    assert lines(priced) == [("fee", FEES, "500.00")]


def test_a_reduction_is_shown_per_group_when_asked():
    priced = price(
        times("600") + times("200", group=FEES_0, first=2),
        quote=quote("500"),
        adjustment_display="discount",
    )
    assert lines(priced) == [
        ("fee", FEES, "600.00"),
        ("fee", FEES_0, "200.00"),
        ("adjustment", FEES, "-225.00"),
        ("adjustment", FEES_0, "-75.00"),
    ]


def test_a_shown_reduction_stands_beside_the_discount():
    priced = price(
        times("600"),
        quote=quote("500"),
        adjustment_display="discount",
        **TEN_OFF,
    )
    assert lines(priced) == [
        ("fee", FEES, "600.00"),
        ("adjustment", FEES, "-100.00"),
        ("discount", FEES, "-50.00"),
    ]


def test_a_cent_less_is_shown_when_asked():
    priced = price(times("800"), quote=quote("799.99"), adjustment_display="discount")
    assert lines(priced) == [("fee", FEES, "800.00"), ("adjustment", FEES, "-0.01")]


def test_an_increase_is_never_shown():
    priced = price(
        times("300"), quote=quote("500", "quote"), adjustment_display="discount"
    )
    assert lines(priced) == [("fee", FEES, "500.00")]


def test_a_reduced_disbursement_is_shown_in_its_own_group():
    priced = price(
        disbursements("300"),
        quote=quote("200", "lower", "disbursements"),
        adjustment_display="discount",
    )
    assert lines(priced) == [
        ("disbursement", TRAVEL, "300.00"),
        ("adjustment", TRAVEL, "-100.00"),
    ]
    # where that is not asked for, the line says what is billed
    priced = price(disbursements("300"), quote=quote("200", "lower", "disbursements"))
    assert lines(priced) == [("disbursement", TRAVEL, "200.00")]


# --- agreed fee


def test_an_agreed_fee_replaces_quote_and_discount():
    priced = price(
        times("600", "200") + disbursements("50"),
        quote=quote("500"),
        fee_override=d("400"),
        **TEN_OFF,
    )
    assert billed(priced) == ["300.00", "100.00", "50.00"]
    assert lines(priced) == [
        ("fee", FEES, "400.00"),
        ("disbursement", TRAVEL, "50.00"),
    ]
    assert (priced.quote_effect, priced.discount) == (-300, 50)
    assert (priced.agreed_effect, priced.net) == (-50, 450)
    assert [(a.step, a.before, a.after) for a in priced.adjustments] == [
        ("quote", 800, 500),
        ("discount", 500, 450),
        ("agreed", 450, 400),
    ]


def test_an_agreed_fee_below_standard_is_shown_as_an_adjustment():
    priced = price(
        times("600", "200"), fee_override=d("700"), adjustment_display="discount"
    )
    assert lines(priced) == [("fee", FEES, "800.00"), ("adjustment", FEES, "-100.00")]


def test_an_agreed_fee_above_standard_is_in_the_fees():
    priced = price(times("600"), fee_override=d("700"), adjustment_display="discount")
    assert lines(priced) == [("fee", FEES, "700.00")]
    assert priced.write_down == -100


def test_an_agreed_fee_without_work_is_a_line_without_entry():
    priced = price([], fee_override=d("250"))
    assert lines(priced) == [("fee", FEES, "250.00")]
    assert priced.unattributed == 250


def test_an_agreed_fee_takes_the_place_of_a_sum_quote():
    priced = price(times("300"), quote=quote("500", "sum"), fee_override=d("600"))
    assert lines(priced) == [("fee", FEES, "600.00")]
    assert billed(priced) == ["600.00"]


def test_agreeing_on_the_standard_value_gives_every_entry_back():
    entries = times("333.33", "333.33", "333.34")
    priced = price(entries, quote=quote("850"), fee_override=d("1000"))
    assert billed(priced) == ["333.33", "333.33", "333.34"]


def test_an_agreed_fee_above_negative_work_is_on_no_entry():
    priced = price(times("-50"), fee_override=d("100"))
    assert (billed(priced), priced.unattributed) == (["-50.00"], 150)
    priced = price(times("0.01"), fee_override=d("5"))
    assert (billed(priced), priced.unattributed) == (["5.00"], 0)


# --- instalments

TWO = (Instalment(7, Decimal(1000)), Instalment(8, Decimal(500)))


def test_an_instalment_consumes_the_fees_pro_rata():
    priced = price(times("900", "300"), instalments=TWO[:1])
    assert billed(priced) == ["750.00", "250.00"]
    assert lines(priced) == [("instalment", FEES, "1000.00")]
    assert priced.lines[0].entry_ids == (1, 2)
    assert priced.write_down == 200


def test_two_overdue_instalments_are_two_lines_of_one_bill():
    priced = price(times("1500"), instalments=TWO)
    assert [(line.instalment_id, line.amount) for line in priced.lines] == [
        (7, 1000),
        (8, 500),
    ]
    # the first one holds the entries
    assert [line.entry_ids for line in priced.lines] == [(1,), ()]


def test_an_instalment_without_work_is_on_no_entry():
    priced = price([], instalments=TWO[:1])
    assert (priced.net, priced.unattributed) == (1000, 1000)


def test_disbursements_outside_the_scope_are_billed_beside_the_instalment():
    priced = price(times("900") + disbursements("80"), instalments=TWO[:1])
    assert lines(priced) == [
        ("instalment", FEES, "1000.00"),
        ("disbursement", TRAVEL, "80.00"),
    ]


def test_an_instalment_for_both_holds_the_disbursements():
    priced = price(
        times("900") + disbursements("80") + court_fees("120"),
        instalments=TWO[:1],
        instalment_scope="both",
    )
    assert billed(priced) == ["800.00", "80.00", "120.00"]
    assert lines(priced) == [("instalment", FEES, "1000.00")]


def test_an_instalment_below_disbursements_paid_for_the_client_is_stopped():
    priced = price(court_fees("1200"), instalments=TWO[:1], instalment_scope="both")
    assert blocking(priced)[0] == "quote_below_disbursements"


def test_a_discount_on_an_instalment_is_its_own_line():
    priced = price(times("900"), instalments=TWO[:1], **TEN_OFF)
    assert lines(priced) == [
        ("instalment", FEES, "1000.00"),
        ("discount", FEES, "-100.00"),
    ]
    assert billed(priced) == ["900.00"]


def test_a_discount_on_an_instalment_has_the_tax_of_its_line_not_of_the_work():
    priced = price(times("900", group=FEES_0), instalments=TWO[:1], **TEN_OFF)
    assert lines(priced) == [
        ("instalment", FEES, "1000.00"),
        ("discount", FEES, "-100.00"),
    ]


def test_an_agreed_fee_scales_the_instalments():
    priced = price(times("900"), instalments=TWO, fee_override=d("1200"))
    assert lines(priced) == [
        ("instalment", FEES, "800.00"),
        ("instalment", FEES, "400.00"),
    ]
    assert billed(priced) == ["1200.00"]


def test_an_agreed_fee_is_shared_with_an_instalment_for_disbursements():
    priced = price(
        times("500", group=FEES_0) + disbursements("300"),
        instalments=TWO[:1],
        instalment_scope="disbursements",
        fee_override=d("960"),
        adjustment_display="discount",
    )
    assert lines(priced) == [
        ("fee", FEES_0, "500.00"),
        ("instalment", FEES, "1000.00"),
        ("adjustment", FEES_0, "-100.00"),
        ("adjustment", FEES, "-140.00"),
    ]
    assert (priced.fees, priced.disbursements) == (960, 300)


def test_an_instalment_below_its_disbursements_shows_no_increase():
    priced = price(
        times("20") + court_fees("10"),
        instalments=(Instalment(7, d("0")),),
        instalment_scope="disbursements",
        fee_override=d("0"),
        adjustment_display="discount",
    )
    assert blocking(priced)[0] == "quote_below_disbursements"
    assert lines(priced) == [
        ("fee", FEES, "20.00"),
        ("instalment", FEES, "10.00"),
        ("adjustment", FEES, "-20.00"),
    ]


# --- currency steps (C-23) and refusals


def test_c23_a_currency_without_cents():
    priced = price(times("100", "100", "100"), quote=quote("200"), rounding=d("1"))
    assert billed(priced) == ["67", "67", "66"]


def test_c23_a_currency_of_five_cent_steps():
    priced = price(
        times("10.05"),
        rounding=d("0.05"),
        discount_type="percent",
        discount_value=d("1"),
    )
    assert priced.discount == d("0.10")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rounding": Decimal(0)}, "rounding"),
        ({"quote": Quote(Decimal(-1))}, "quote"),
        ({"discount_value": Decimal(-1)}, "discount"),
        ({"fee_override": Decimal(-1)}, "agreed fee"),
        ({"minimum": Decimal(-1)}, "minimum"),
        ({"interim": Decimal(-1)}, "interim"),
        ({"instalments": (Instalment(1, Decimal(-1)),)}, "instalment"),
        ({"quote": Quote(Decimal(1), "best")}, "rule"),
    ],
)
def test_terms_that_no_bill_can_have_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        price(times("100"), **values)
