"""Remittance advices: nothing that looks like an amount is lost, nothing is guessed."""

import datetime
import re
from decimal import Decimal

import pytest
from engine import (
    BillIndex,
    OpenBill,
    Style,
    parse_amount,
    read_remittance,
    split_text,
)
from hypothesis import given
from hypothesis import strategies as st

ENGLISH = Style(".", ",", 2, "GBP")
GERMAN = Style(",", ".", 2, "EUR")
FRENCH = Style(",", "\u202f", 2, "EUR")
SWISS = Style(".", "\u2019", 2, "CHF")
SPANISH = Style(",", ".", 2, "EUR")
STYLES = [ENGLISH, GERMAN, FRENCH, SWISS, SPANISH]
MARKS = [
    "{}",
    "{} ",
    "{code} {}",
    "{}{code}",
    "{} {code}",
    "-{}",
    "\u2212{}",
    "{}-",
    "({})",
    "+{}",
    "{} CR",
    "{}\u00a0{code}",
]
DELIMITERS = ["\t", ";", "|", "   "]
CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)


def _print(amount, style, mark="{}"):
    text = f"{amount:,.2f}"
    text = text.replace(",", "T").replace(".", style.decimal_point)
    return mark.replace("{code}", style.currency).replace(
        "{}", text.replace("T", style.thousands_sep)
    )


def _sign(mark):
    return -1 if any(sign in mark for sign in ("-", "\u2212", "(", "CR")) else 1


def _account(advice):
    """Everything that the advice says of amounts: those read, and the texts unread."""
    read = [value for line in advice.lines for _text, value in line.used]
    unread = [text for line in advice.lines for text in line.unread]
    return read, unread


# --- Σ read + Σ reported unread = Σ of all amount-like cells


@st.composite
def advices(draw):
    """An advice as offices print it, with the value behind every printed amount."""
    style = draw(st.sampled_from(STYLES))
    delimiter = draw(st.sampled_from(DELIMITERS))
    lines, values = [], []
    for number in range(draw(st.integers(1, 6))):
        cells = [f"INV/2026/{number:05}"]
        if draw(st.booleans()):
            cells.append("30/11/2026")
        for _amount in range(draw(st.integers(0, 4))):
            amount, mark = draw(CENTS), draw(st.sampled_from(MARKS))
            text = _print(amount, style, mark)
            cells.append(text)
            values.append((text.strip(), _sign(mark) * amount, mark))
        lines.append(delimiter.join(draw(st.permutations(cells))))
    return style, lines, values


@given(advices(), st.sampled_from(STYLES))
def test_what_is_read_and_what_is_named_unread_is_all_that_was_printed(advice, reader):
    style, lines, values = advice
    reader = Style(reader.decimal_point, reader.thousands_sep, 2, style.currency)
    read, unread = _account(read_remittance("\n".join(lines), reader))
    left = list(values)
    for text in unread:
        found = next((v for v in left if v[0] == text.strip()), None)
        assert found, f"{text!r} was not printed"
        left.remove(found)
    # an advice whose amounts are all marked CR says nothing by it
    is_all_credit = all("CR" in mark for _text, _value, mark in values)
    expected = sorted(abs(v) if is_all_credit else v for _t, v, _m in left)
    assert sorted(read) == expected


@given(advices())
def test_the_amount_of_a_line_is_one_of_its_own(advice):
    style, lines, values = advice
    printed = {abs(value) for _text, value, _mark in values}
    for line in read_remittance("\n".join(lines), style).lines:
        if line.amount is not None:
            assert abs(line.amount) in printed


@given(st.text(alphabet="0123456789.,'’ \t;|\n-()£€CRINV/\u00a0\u202f", max_size=80))
def test_no_text_breaks_it_and_no_amount_with_cents_is_lost(text):
    advice = read_remittance(text, ENGLISH)
    said = " ".join(
        [text for line in advice.lines for text, _value in line.used]
        + [text for line in advice.lines for text in line.unread]
    )
    for cells in split_text(text):
        for cell in cells:
            if re.fullmatch(r"[1-9]\d{0,4}\.\d\d", cell):  # an oracle of its own
                assert cell in said


@given(st.lists(st.text(max_size=30), max_size=5), st.sampled_from(STYLES))
def test_any_cells_are_read_without_an_error(cells, style):
    read_remittance([cells], style)


@given(CENTS, st.sampled_from(STYLES), st.sampled_from(STYLES), st.sampled_from(MARKS))
def test_an_amount_with_cents_is_read_in_every_language(amount, style, reader, mark):
    text = _print(amount, style, mark)
    reader = Style(reader.decimal_point, reader.thousands_sep, 2, style.currency)
    assert parse_amount(text).value(reader) == _sign(mark) * amount


@given(st.integers(1, 10**6), st.sampled_from(STYLES), st.sampled_from(STYLES))
def test_a_thousand_is_never_taken_for_one(amount, style, reader):
    """Without cents the reader's language decides, or a person."""
    text = f"{amount:,}".replace(",", style.thousands_sep)
    reader = Style(reader.decimal_point, reader.thousands_sep, 2)
    found = parse_amount(text).value(reader)
    assert found in (None, amount)


# --- examples


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("£1,000.00", "1000"),
        ("GBP 4,943.42", "4943.42"),
        ("4,943.42 GBP", "4943.42"),
        ("(250.00)", "-250"),
        ("[250.00]", "-250"),
        ("250.00-", "-250"),
        ("250.00 CR", "250"),  # where every amount is CR it says nothing
        ("250.00 DR", "250"),
        ("\u2212250.00", "-250"),
        ("- 250.00", "-250"),
        ("4'943.42", "4943.42"),
        ("4\u2019943.42", "4943.42"),
        ("4\u00a0943.42", "4943.42"),
        ("4\u202f943,42", "4943.42"),
        ("4\u2009943,42", "4943.42"),
        ("4.943,42", "4943.42"),
        ("4943.42", "4943.42"),
        ("1'250.\u2013", "1250"),
        ("50,-", "50"),
        ("*4,943.42", "4943.42"),
        ("4943.42;GBP", "4943.42"),
        ("4,943.42\t30/11/2026", "4943.42"),
        ("30/11/2026\t4,943.42", "4943.42"),
        ("4 943.42", "4943.42"),
        ("1000", "1000"),
    ],
)
def test_an_amount_beside_a_number(text, amount):
    advice = read_remittance(f"INV/2026/00229\t{text}", ENGLISH)
    (line,) = advice.lines
    assert (line.kind, line.numbers) == ("bill", ("INV/2026/00229",))
    assert (line.amount, line.unread) == (Decimal(amount), ())


@pytest.mark.parametrize(
    ("text", "problem", "choices", "unread"),
    [
        ("INV/1\t1.250", "amount", ["1250", "1.25"], ["1.250"]),
        ("INV/1\t100.00\t40.00", "amounts", ["100", "40"], ["100.00", "40.00"]),
        ("INV/1\t-(250.00)", "amount", ["-250", "250"], ["-(250.00)"]),
        ("229 943.42", "amount", ["229943.42", "943.42"], ["229 943.42"]),
        ("INV/1,4943,42", "amount", ["4943.42", "-4943.42"], ["4943,42"]),
        ("INV/1\tUSD 50.00", "currency", ["50"], ["USD 50.00"]),
        ("INV/1\t1,234,56", "amount", [], ["1,234,56"]),
        ("Less charges 5.00", "no_number", ["5"], ["5.00"]),
    ],
)
def test_what_can_mean_two_things_is_asked(text, problem, choices, unread):
    (line,) = read_remittance(text, ENGLISH).lines
    assert line.amount is None
    assert line.problem == problem
    assert sorted(Decimal(choice) for choice in choices) == sorted(line.choices)
    assert line.unread == tuple(unread)


def test_a_credit_among_debits_is_negative():
    advice = read_remittance("INV/1\t100.00\nRINV/1\t40.00 CR\nTotal 60.00", ENGLISH)
    assert [line.amount for line in advice.lines] == [Decimal(100), Decimal(-40), None]
    assert advice.total_read == advice.total == Decimal(60)


def test_the_advice_itself_shows_its_decimal_sign():
    advice = read_remittance("INV/1\t4.943,42\nINV/2\t1.250\nINV/3\t50,00", ENGLISH)
    assert [line.amount for line in advice.lines] == [
        Decimal("4943.42"),
        Decimal(1250),
        Decimal(50),
    ]
    mixed = read_remittance("INV/1\t4.943,42\nINV/2\t1.250\nINV/3\t4,943.42", ENGLISH)
    assert [line.amount for line in mixed.lines] == [
        Decimal("4943.42"),
        None,
        Decimal("4943.42"),
    ]


def test_one_bad_line_leaves_the_others():
    advice = read_remittance("INV/1\t10.00\nINV/2\t1.250\nINV/3\t20.00", ENGLISH)
    assert [line.amount for line in advice.lines] == [Decimal(10), None, Decimal(20)]


def test_headings_say_what_the_columns_are():
    advice = read_remittance(
        "Invoice No\tDate\tGross\tDiscount\tWHT\tNet paid\n"
        "INV/1\t30/11/2026\t100.00\t3.00\t7.00\t90.00\n"
        "INV/2\t1/12/2026\t1000\t0\t0\t1000\n"
        "Total\t\t1,100.00\t3.00\t7.00\t1,090.00",
        ENGLISH,
    )
    heading, first, second, total = advice.lines
    assert heading.kind == "heading"
    assert (first.amount, first.gross) == (Decimal(90), Decimal(100))
    assert (first.discount, first.deduction) == (Decimal(3), Decimal(7))
    assert first.date == datetime.date(2026, 11, 30)
    assert second.amount == Decimal(1000)
    assert (total.kind, advice.total) == ("total", Decimal(1090))
    assert advice.total_read == Decimal(1090)


def test_gross_less_discount_is_what_is_paid():
    (line,) = read_remittance("INV/1 100.00 3.00 97.00", ENGLISH).lines
    assert (line.gross, line.discount, line.amount) == (100, 3, 97)


def test_the_payers_layout_decides():
    text = "INV/1\t100.00\t40.00"
    layout = {"paid": 1}
    (line,) = read_remittance(text, ENGLISH, layout=layout).lines
    assert (line.amount, line.unread) == (Decimal(100), ("40.00",))


def test_figures_of_a_spreadsheet_are_beyond_doubt():
    day = datetime.datetime(2026, 11, 30)
    advice = read_remittance(
        [["Invoice", "Date", "Paid"], ["INV/1", day, 1.25], ["INV/2", day, 1250]],
        GERMAN,
    )
    assert [line.amount for line in advice.lines] == [
        None,
        Decimal("1.25"),
        Decimal(1250),
    ]
    assert advice.lines[1].date == day.date()


def test_no_digit_of_a_known_number_is_money():
    index = BillIndex([OpenBill(1, "INV/2026/00229", ("RF05 INV0 0066 8",))])
    advice = read_remittance("rf05 inv0 0066 8. 12.50", ENGLISH, index.known)
    (line,) = advice.lines
    assert (line.numbers, line.amount) == (("rf05 inv0 0066 8",), Decimal("12.50"))
    dotted = BillIndex([OpenBill(1, "2026.229")])
    assert read_remittance("2026.229", ENGLISH, dotted.known).lines[0].numbers
    plain = BillIndex([OpenBill(1, "600123")])
    (line,) = read_remittance("600124\t6,001.23", ENGLISH, plain.known).lines
    assert line.amount == Decimal("6001.23")  # no bill 600123


def test_two_bills_on_a_line():
    index = BillIndex([OpenBill(1, "INV/1"), OpenBill(2, "INV/2")])
    lines = read_remittance("INV/1 10.00 INV/2 20.00", ENGLISH, index.known).lines
    assert [(line.numbers, line.amount) for line in lines] == [
        (("INV/1",), Decimal(10)),
        (("INV/2",), Decimal(20)),
    ]
    (line,) = read_remittance("INV/1 and INV/2 30.00", ENGLISH, index.known).lines
    assert (line.problem, line.amount, line.unread) == ("numbers", None, ("30.00",))
    assert len(read_remittance("INV/1 INV/2", ENGLISH, index.known).lines) == 2


# --- which bill


BILLS = [
    OpenBill(1, "INV/2026/00229", ("RF05 INV0 0066 8",), ("PO-7788",), frozenset({5})),
    OpenBill(2, "INV/2026/00230", ("+++090/9337/55493+++",), (), frozenset({5})),
    OpenBill(3, "INV/2025/00230", ("210000000003139471430009017",), (), frozenset({6})),
]


@pytest.mark.parametrize(
    ("text", "payer", "number", "why"),
    [
        ("INV/2026/00229", 5, 1, "number"),
        ("inv/2026/00229", 5, 1, "number"),
        ("INV/2026/ 00229", 5, 1, "number"),
        ("\ufeffINV/2026/00229", 5, 1, "number"),
        ("Invoice INV-2026-00229.", 5, 1, "number"),
        ("RF05INV000668", 5, 1, "reference"),
        ("rf05 inv0 0066 8.", 5, 1, "reference"),
        ("+++090/9337/55493+++", 5, 2, "reference"),
        ("090 9337 55493", 5, 2, "reference"),
        ("21 00000 00003 13947 14300 09017", 6, 3, "reference"),
        ("po-7788", 5, 1, "client_reference"),
        ("00229", 5, 1, "digits"),
        ("229", 5, 1, "digits"),
        ("INV229", 5, 1, "digits"),
        ("2026/229", 5, 1, "digits"),
        ("230", 5, 2, "digits"),
        ("230", 6, 3, "digits"),
        ("231", 5, None, ""),
    ],
)
def test_a_number_as_payers_write_it(text, payer, number, why):
    index = BillIndex(BILLS)
    (line,) = read_remittance(text, ENGLISH, index.known).lines
    match = index.match(line, frozenset({payer}))
    assert (match.bill and match.bill.id, match.why) == (number, why)


def test_a_figure_in_a_sentence_is_no_bill():
    index = BillIndex([OpenBill(7, "INV/2026/00007")])
    for text, found in (
        ("Page 7", False),
        ("Supplier 7 LEGAL LLP", False),
        ("7", True),
        ("Invoice 7", True),
        ("Lease 7 £50.00", True),  # asked in the window
    ):
        (line,) = read_remittance(text, ENGLISH, index.known).lines
        assert bool(index.match(line).bill) is found, text
    (line,) = read_remittance("some text\t7", ENGLISH, index.known).lines
    assert (line.problem, line.choices) == ("no_number", (Decimal(7),))


def test_what_is_no_amount_of_money_is_asked():
    (line,) = read_remittance("INV/1\t" + "9" * 400, ENGLISH).lines
    assert (line.amount, line.unread) == (None, ("9" * 400,))


def test_digits_that_two_bills_end_with_are_asked():
    match = BillIndex(BILLS).find(["230"])
    assert match.bill is None
    assert [bill.id for bill in match.candidates] == [2, 3]


def test_a_bill_of_somebody_else_is_told():
    match = BillIndex(BILLS).find(["INV/2025/00230"], frozenset({5}))
    assert match.bill.id == 3
    assert match.is_others
