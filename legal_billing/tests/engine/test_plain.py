"""The short way prices as the general one does, or leaves it to that."""

from dataclasses import replace
from decimal import Decimal

from engine import Terms, price_bill, price_plain
from hypothesis import given
from hypothesis import strategies as st
from strategies import bills


@given(bills(), st.none() | st.integers(0, 500), st.data())
def test_a_plain_bill_has_the_figures_of_the_general_way(bill, steps, data):
    entries, terms = bill
    recorded = st.integers(-500, 500).map(lambda n: n * terms.rounding)
    entries = [replace(entry, standard=data.draw(recorded)) for entry in entries]
    minimum = None if steps is None else steps * terms.rounding
    terms = Terms(rounding=terms.rounding, minimum=minimum)
    general = price_bill(entries, terms)
    plain = price_plain(
        [
            (entry.kind, entry.behavior, entry.amount, entry.standard)
            for entry in entries
        ],
        terms.rounding,
        minimum,
    )
    assert (plain is not None) == general.is_billable
    if plain:
        assert plain == replace(general, entries=(), lines=(), reasons=())


def test_the_minimum_is_reached_by_the_equal_amount():
    charged, hidden = Decimal("90.00"), Decimal("50.00")
    amounts = [("time", "bill", charged, charged), ("time", "hide", hidden, hidden)]
    step = Decimal("0.01")
    assert price_plain(amounts, step, Decimal("90.01")) is None
    assert price_plain(amounts, step, Decimal("90.00")).no_charge == Decimal("50.00")


def test_a_cent_is_a_bill():
    cent, step = Decimal("0.01"), Decimal("0.01")
    assert price_plain([("time", "bill", cent, cent)], step).net == cent
