"""What holds for the price of any bill, whatever the entries, currency and terms."""

from dataclasses import replace
from decimal import Decimal

from engine import Terms, price_bill
from hypothesis import given
from hypothesis import strategies as st
from strategies import bills, entry_lists, roundings

ZERO = Decimal(0)
plain = {"quote": None, "instalments": (), "fee_override": None, "interim": None}


def by_id(priced):
    return {entry.id: entry for entry in priced.entries}


def codes(priced, blocking=None):
    return [
        reason.code
        for reason in priced.reasons
        if blocking is None or reason.blocking == blocking
    ]


# --- sums


@given(bills())
def test_the_lines_add_up_to_the_net(bill):
    priced = price_bill(*bill)
    if set(codes(priced)) & {"nothing_to_bill", "nothing_chargeable"}:
        assert priced.lines == ()
    assert sum(line.amount for line in priced.lines) == priced.net


@given(bills())
def test_the_entries_and_the_unattributed_part_add_up_to_the_net(bill):
    priced = price_bill(*bill)
    billed = sum(entry.billed for entry in priced.entries)
    assert billed + priced.unattributed == priced.net


@given(bills())
def test_the_strip_adds_up(bill):
    priced = price_bill(*bill)
    assert priced.net == (
        priced.standard_fees
        + priced.standard_disbursements
        + priced.edit_effect
        + priced.quote_effect
        - priced.discount
        + priced.agreed_effect
    )
    assert priced.write_down == -(
        priced.edit_effect
        + priced.quote_effect
        - priced.discount
        + priced.agreed_effect
    )


@given(bills(interim=None), st.data())
def test_the_standard_is_what_was_recorded_whatever_was_edited(bill, data):
    entries, terms = bill
    steps = st.integers(-500, 500).map(lambda n: n * terms.rounding)
    recorded = [replace(entry, standard=data.draw(steps)) for entry in entries]
    priced = price_bill(recorded, terms)
    for kind, standard in (
        ("time", priced.standard_fees),
        ("disbursement", priced.standard_disbursements),
    ):
        assert standard == sum(e.standard for e in recorded if e.kind == kind)
    as_recorded = price_bill(entries, terms)
    own = {"standard_fees": ZERO, "standard_disbursements": ZERO}
    assert replace(priced, **own) == replace(as_recorded, **own)


@given(bills())
def test_the_logged_adjustments_explain_the_strip(bill):
    priced = price_bill(*bill)
    logged = {change.step: change.amount for change in priced.adjustments}
    assert len(logged) == len(priced.adjustments)
    assert -logged.get("discount", ZERO) == priced.discount
    assert logged.get("agreed", ZERO) == priced.agreed_effect
    if "quote_below_disbursements" not in codes(priced):
        effect = logged.get("quote", logged.get("instalment", ZERO))
        assert effect == priced.quote_effect


@given(bills())
def test_everything_is_a_multiple_of_the_currency_step(bill):
    rounding = bill[1].rounding
    priced = price_bill(*bill)
    for line in priced.lines:
        assert line.amount % rounding == 0
    for entry in priced.entries:
        assert entry.quoted % rounding == entry.billed % rounding == 0


@given(bills(fee_override=None))
def test_each_group_of_lines_is_the_sum_of_its_entries(bill):
    """So the tax of a line is the tax of the work that is in it (C-6)."""
    entries, terms = bill
    priced = price_bill(entries, replace(terms, instalments=()))
    groups = {entry.id: entry.group for entry in entries}
    of_lines, of_entries = {}, {terms.fee_group: priced.unattributed}
    for line in priced.lines:
        of_lines[line.group] = of_lines.get(line.group, 0) + line.amount
    for entry in priced.entries:
        group = groups[entry.id]
        of_entries[group] = of_entries.get(group, 0) + entry.billed
    assert {g: a for g, a in of_lines.items() if a} == {
        g: a for g, a in of_entries.items() if a
    }


@given(bills())
def test_every_chargeable_entry_is_in_exactly_one_line(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    taken = by_id(priced)
    expected = sorted(e.id for e in entries if e.id in taken and e.behavior == "bill")
    found = sorted(i for line in priced.lines for i in line.entry_ids)
    assert found == (expected if priced.lines else [])


# --- signs and bounds


@given(bills(signed=False))
def test_nothing_is_negative_but_discounts_and_shown_reductions(bill):
    priced = price_bill(*bill)
    assert "negative" not in codes(priced)
    for entry in priced.entries:
        assert entry.quoted >= 0
        assert entry.billed >= 0
        assert entry.split_off >= 0
    for line in priced.lines:
        assert (line.amount < 0) == (line.kind in ("discount", "adjustment")) or (
            line.amount == 0
        )
    assert priced.discount >= 0


@given(bills())
def test_an_entry_keeps_its_sign(bill):
    for entry in price_bill(*bill).entries:
        assert entry.quoted * entry.value >= 0
        assert entry.billed * entry.value >= 0


@given(bills())
def test_exempt_disbursements_are_never_changed(bill):
    entries, terms = bill
    priced = by_id(price_bill(entries, terms))
    for entry in entries:
        if entry.exempt and entry.behavior == "bill":
            assert priced[entry.id].billed == entry.amount


@given(bills())
def test_disbursements_are_never_raised(bill):
    entries, terms = bill
    priced = by_id(price_bill(entries, terms))
    for entry in entries:
        if entry.kind == "disbursement" and entry.behavior == "bill":
            assert abs(priced[entry.id].billed) <= abs(entry.amount)


@given(bills())
def test_no_charge_and_hidden_entries_are_consumed_at_nothing(bill):
    entries, terms = bill
    priced = by_id(price_bill(entries, terms))
    for entry in entries:
        if entry.behavior != "bill" and entry.id in priced:
            assert priced[entry.id].billed == priced[entry.id].quoted == 0
            assert priced[entry.id].value == entry.amount


@given(bills(fee_override=None))
def test_a_discount_never_exceeds_the_fees(bill):
    priced = price_bill(*bill)
    assert priced.discount == 0 or priced.fees >= 0


@given(bills())
def test_there_is_at_most_one_blocking_reason(bill):
    priced = price_bill(*bill)
    assert len(codes(priced, blocking=True)) <= 1
    assert priced.is_billable == (priced.blocking_reason is None)


@given(bills())
def test_no_bill_is_zero_negative_or_too_small_unless_excused(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    if priced.is_billable:
        assert priced.net > 0 or (priced.net == 0 and terms.force)
        assert (
            terms.force
            or terms.instalments
            or terms.minimum is None
            or priced.net >= terms.minimum
        )


# --- sameness


@given(bills(), st.randoms(use_true_random=False))
def test_the_order_of_the_entries_does_not_matter(bill, random):
    entries, terms = bill
    shuffled = random.sample(entries, len(entries))
    assert price_bill(shuffled, terms) == price_bill(entries, terms)


@given(bills())
def test_pricing_twice_gives_the_same(bill):
    assert price_bill(*bill) == price_bill(*bill)


@given(bills(interim=None, instalments=()), st.data())
def test_agreeing_on_the_standard_fee_gives_the_entries_back(bill, data):
    """Whatever quote and discount were, and whatever was agreed in between."""
    entries, terms = bill
    plain_bill = price_bill(entries, replace(terms, quote=None))
    fees = plain_bill.value_fees
    if fees >= 0:
        back = price_bill(entries, replace(terms, fee_override=fees))
        times = {e.id for e in entries if e.kind == "time" and e.behavior == "bill"}
        for entry in back.entries:
            if entry.id in times:
                assert entry.billed == entry.value
        assert back.fees == fees


@given(bills(discount_type="none", **plain))
def test_without_terms_every_entry_is_billed_at_value(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    for entry in priced.entries:
        assert entry.billed in (entry.value, 0)
    assert priced.net == sum(e.amount for e in entries if e.behavior == "bill")
    assert not priced.adjustments


@given(bills(interim=None, instalments=(), fee_override=None))
def test_a_quote_of_exactly_the_wip_changes_nothing(bill):
    entries, terms = bill
    if terms.quote and terms.quote.rule != "sum":
        scope = {"fees": ["time"], "disbursements": ["disbursement"]}.get(
            terms.quote.scope, ["time", "disbursement"]
        )
        wip = sum(e.amount for e in entries if e.behavior == "bill" and e.kind in scope)
        if wip >= 0:
            quote = replace(terms.quote, amount=wip, already_billed=ZERO)
            assert price_bill(entries, replace(terms, quote=quote)) == price_bill(
                entries, replace(terms, quote=None)
            )


@given(bills())
def test_the_display_changes_the_lines_only(bill):
    entries, terms = bill
    hidden = price_bill(entries, replace(terms, adjustment_display="hidden"))
    shown = price_bill(entries, replace(terms, adjustment_display="discount"))
    assert replace(hidden, lines=()) == replace(shown, lines=())
    assert not any(line.kind == "adjustment" for line in hidden.lines)


# --- targets


@given(bills(interim=None, instalments=(), fee_override=None, discount_type="none"))
def test_the_quote_rule_is_met_to_the_cent(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    if terms.quote is None or not priced.lines:
        return
    if "quote_below_disbursements" in codes(priced):
        return
    quote = terms.quote
    left = max(ZERO, quote.amount - max(ZERO, quote.already_billed))
    in_scope = {
        "fees": priced.value_fees,
        "disbursements": priced.value_disbursements,
        "both": priced.value_fees + priced.value_disbursements,
    }[quote.scope]
    target = {
        "wip": in_scope,
        "quote": left,
        "lower": min(in_scope, left),
        "higher": max(in_scope, left),
        "sum": in_scope + left,
    }[quote.rule]
    assert priced.quote_effect == target - in_scope


@given(roundings.flatmap(lambda r: st.tuples(st.just(r), entry_lists(r))), st.data())
def test_an_interim_bill_and_the_rest_add_up_to_the_wip(found, data):
    rounding, entries = found
    fees = sum(e.amount for e in entries if e.kind == "time" and e.behavior == "bill")
    interim = data.draw(st.integers(0, int(fees / rounding) + 10)) * rounding
    priced = price_bill(entries, Terms(rounding=rounding, interim=interim))
    assert priced.value_fees == min(interim, fees)
    left = {e.id: e.amount for e in entries}
    for entry in priced.entries:
        left[entry.id] -= entry.value
        assert left[entry.id] == entry.split_off
        assert entry.split_off == 0 or entry.value > 0
    assert sum(1 for entry in priced.entries if entry.split_off) <= 1
    assert all(left[e.id] == 0 for e in entries if e.kind == "disbursement")


@given(bills(fee_override=None, interim=None, discount_type="none"))
def test_instalments_are_billed_in_full_each_on_its_line(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    if terms.instalments and priced.is_billable:
        amounts = {
            line.instalment_id: line.amount
            for line in priced.lines
            if line.kind == "instalment"
        }
        assert amounts == {i.id: i.amount for i in terms.instalments}


@given(bills())
def test_an_agreed_fee_is_the_fee(bill):
    entries, terms = bill
    priced = price_bill(entries, terms)
    if terms.fee_override is not None and priced.lines:
        assert priced.fees == terms.fee_override
        assert not any(line.kind == "discount" for line in priced.lines)
