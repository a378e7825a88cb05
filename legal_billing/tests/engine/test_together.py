"""Bills over several matters: what is open of each matter's part (C-31, C-32)."""

from decimal import Decimal

import pytest
from engine import Settlement, element_outstanding, gross_elements, part_outstanding
from hypothesis import given
from hypothesis import strategies as st
from strategies import ELEMENTS, roundings


def d(text):
    return Decimal(text)


def texts(elements):
    return [(name, str(amount)) for name, amount in elements]


def test_c_31():
    """Elements by matter add up to the total, by largest remainder."""
    lines = [("A", d("120.00")), ("B", d("300.60")), ("C", d("0.08"))]
    assert texts(gross_elements(lines, d("420.68"))) == [
        ("A", "120.00"),
        ("B", "300.60"),
        ("C", "0.08"),
    ]
    assert texts(gross_elements(lines, d("420.69"))) == [
        ("A", "120.00"),
        ("B", "300.61"),
        ("C", "0.08"),
    ]


PARTS = ((("fees", "A"), d("120.00")), (("fees", "B"), d("300.60")))


def open_parts(residual, *settlements, parts=PARTS, **options):
    left = part_outstanding(parts, d(residual), settlements, **options)
    return [(*key, str(amount)) for key, amount in left]


def test_c_32():
    """What was paid for the whole bill is taken off both; what is of one matter off its
    own, in the order in which it came."""
    whole, own = Settlement(d("210.30")), Settlement(d("60.00"), matter="A")
    assert open_parts("210.30", whole) == [
        ("fees", "A", "60.00"),
        ("fees", "B", "150.30"),
    ]
    assert open_parts("150.30", whole, own) == [
        ("fees", "A", "0.00"),
        ("fees", "B", "150.30"),
    ]
    # the other way round the matter had paid half of its part before
    assert open_parts("150.30", own, whole) == [
        ("fees", "A", "25.01"),
        ("fees", "B", "125.29"),
    ]
    # unmatched by hand: it counts no more
    assert open_parts("420.60") == [("fees", "A", "120.00"), ("fees", "B", "300.60")]


def test_a_matter_pays_its_own_elements():
    """By rule or as said, never the same element of another matter."""
    parts = (
        (("costs", "B"), d("200.00")),
        (("fees", "A"), d("100.00")),
        (("fees", "B"), d("50.00")),
    )
    own = Settlement(d("70.00"), matter="A")
    assert open_parts("280.00", own, parts=parts, element_order=["costs", "fees"]) == [
        ("costs", "B", "200.00"),
        ("fees", "A", "30.00"),
        ("fees", "B", "50.00"),
    ]
    said = Settlement(d("40.00"), (("fees", d("40.00")),), matter="B")
    assert open_parts("310.00", said, parts=parts) == [
        ("costs", "B", "200.00"),
        ("fees", "A", "100.00"),
        ("fees", "B", "10.00"),
    ]


def test_a_negative_part_is_set_off_within_its_matter():
    """A refunded cost of a matter lowers what that matter owes, first of all."""
    parts = (
        (("costs", "A"), d("-20.00")),
        (("costs", "B"), d("30.00")),
        (("fees", "A"), d("100.00")),
    )
    assert open_parts("110.00", parts=parts) == [
        ("costs", "A", "0.00"),
        ("costs", "B", "30.00"),
        ("fees", "A", "80.00"),
    ]
    # and of a credit note all is turned
    turned = tuple((key, -amount) for key, amount in parts)
    assert [str(amount) for _key, amount in part_outstanding(turned, d("-110"))] == [
        "0.00",
        "-30.00",
        "-80.00",
    ]


FOUR = (
    (("fees", "A"), d("100.00")),
    (("fees", "B"), d("100.00")),
    (("costs", "A"), d("50.00")),
    (("costs", "B"), d("150.00")),
)


def test_less_was_paid_than_settlements_say():
    """What is open is what the books say: the element that was paid last is open again
    first, in each matter as much as was taken of it."""
    said = Settlement(d("300.00"))
    options = {"parts": FOUR, "element_order": ["costs", "fees"]}
    for residual, fees, costs in (
        ("150.00", ("75.00", "75.00"), ("0.00", "0.00")),
        ("250.00", ("100.00", "100.00"), ("12.50", "37.50")),
    ):
        left = open_parts(residual, said, **options)
        assert [amount for *_key, amount in left] == [*fees, *costs]


def test_in_proportion_means_all_elements():
    """Also for what no settlement explains, and for what a matter cannot take."""
    options = {"parts": FOUR, "mode": "proportional"}
    left = open_parts("200.00", **options)
    assert [amount for *_key, amount in left] == ["50.00", "50.00", "25.00", "75.00"]
    left = open_parts("150.00", Settlement(d("250.00"), matter="A"), **options)
    assert [amount for *_key, amount in left] == ["0.00", "60.00", "0.00", "90.00"]


def test_credit_notes_are_in_steps_of_their_currency():
    parts = ((("fees", "A"), d("-100")), (("fees", "B"), d("-101")))
    left = open_parts("-101", Settlement(d("100")), parts=parts, rounding=d("1"))
    assert [amount for *_key, amount in left] == ["-50", "-51"]


MATTERS = "ABC"


def test_c_32_what_is_of_a_matter_twice_counts_twice():
    twice = Settlement(d("15.00"), matter="A"), Settlement(d("5.00"), matter="A")
    assert open_parts("400.60", *twice) == [
        ("fees", "A", "100.00"),
        ("fees", "B", "300.60"),
    ]
    # none takes more than there is: what is beyond was paid for the others
    beyond = Settlement(d("400.00"), matter="B")
    assert open_parts("20.60", beyond) == [
        ("fees", "A", "20.60"),
        ("fees", "B", "0.00"),
    ]


def test_c_32_a_refund_of_one_matter_is_not_open():
    parts = ((("fees", "A"), d("-10.00")), (("fees", "B"), d("110.00")))
    assert open_parts("100.00", parts=parts) == [
        ("fees", "A", "0.00"),
        ("fees", "B", "100.00"),
    ]
    with pytest.raises(ValueError, match=r"110\.01 is not within the bill's total"):
        open_parts("110.01", parts=parts)


def test_c_32_a_credit_notes_element_is_negative_in_every_matter():
    parts = ((("fees", "A"), d("-30.00")), (("fees", "B"), d("-70.00")))
    assert open_parts("-50.00", parts=parts) == [
        ("fees", "A", "-15.00"),
        ("fees", "B", "-35.00"),
    ]
    nothing = ((("fees", "A"), d("0.00")), (("fees", "B"), d("0.00")))
    assert open_parts("0.00", parts=nothing) == [
        ("fees", "A", "0.00"),
        ("fees", "B", "0.00"),
    ]


@st.composite
def bills(draw):
    """Parts of a bill over several matters, and what settled it, in order: money of
    one matter up to its own open part, or of nobody in particular."""
    rounding = draw(roundings)
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(ELEMENTS), st.sampled_from(MATTERS)),
            min_size=1,
            unique=True,
        )
    )
    keys.sort(key=lambda key: (ELEMENTS.index(key[0]), key[1]))
    parts = tuple((key, draw(st.integers(0, 10**6)) * rounding) for key in keys)
    options = {
        "mode": draw(st.sampled_from(["bill", "element", "proportional"])),
        "element_order": draw(st.permutations(ELEMENTS)),
        "rounding": rounding,
    }
    settlements, residual = [], sum(amount for _key, amount in parts)
    for matter in draw(st.lists(st.sampled_from([None, *MATTERS]), max_size=6)):
        left = part_outstanding(parts, residual, settlements, **options)
        most = sum(amount for (_e, m), amount in left if matter in (None, m))
        amount = draw(st.integers(0, int(most / rounding))) * rounding
        settlements.append(Settlement(amount, matter=matter))
        residual -= amount
    return parts, residual, settlements, options


@given(bills())
def test_parts_add_up_and_none_pays_for_another(case):
    """The parts are what is open, exactly; none is negative or above what it was; what
    is of one matter took nothing of another's."""
    parts, residual, settlements, options = case
    left = part_outstanding(parts, residual, settlements, **options)
    assert [key for key, _amount in left] == [key for key, _amount in parts]
    assert sum(amount for _key, amount in left) == residual
    for (key, amount), (_same, gross) in zip(left, parts, strict=True):
        assert 0 <= amount <= gross, key
    if settlements and settlements[-1].matter:
        last = settlements[-1]
        before = part_outstanding(
            parts, residual + last.amount, settlements[:-1], **options
        )
        for (key, amount), (_same, earlier) in zip(left, before, strict=True):
            assert amount == earlier or key[1] == last.matter, key


@given(bills())
def test_elements_are_those_of_the_bill(case):
    """Where nothing is of a matter, the parts of an element add up to what the bill's
    own arithmetic says of it."""
    parts, _residual, settlements, options = case
    whole = [Settlement(row.amount) for row in settlements]
    residual = sum(amount for _key, amount in parts) - sum(r.amount for r in whole)
    elements = {}
    for (element, _matter), amount in parts:
        elements[element] = elements.get(element, 0) + amount
    expected = element_outstanding(tuple(elements.items()), residual, whole, **options)
    found = {}
    for (element, _matter), amount in part_outstanding(
        parts, residual, whole, **options
    ):
        found[element] = found.get(element, 0) + amount
    assert tuple(found.items()) == expected
