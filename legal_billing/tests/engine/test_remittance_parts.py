"""What a remittance advice is read by: amounts, dates, cells, headings, numbers."""

import datetime
from decimal import Decimal

import pytest
from engine import (
    BillIndex,
    OpenBill,
    Style,
    number_key,
    parse_amount,
    read_remittance,
    spellings,
    split_text,
)
from engine.remittance import Item, _scan
from engine.remittance_amount import (
    Printed,
    guess_style,
    is_known,
    may_be_date,
    parse_date,
)
from engine.remittance_table import read_heading

D = Decimal
ENGLISH = Style(".", ",", 2, "GBP")
GERMAN = Style(",", ".", 2, "EUR")


# --- one amount


@pytest.mark.parametrize(
    ("text", "body", "sign", "mark", "currency"),
    [
        ("229", "229", 1, "", ()),
        ("GBP 4,943.42", "4,943.42", 1, "", ("GBP",)),
        ("4,943.42eur", "4,943.42", 1, "", ("EUR",)),
        ("€ 5.00 EUR", "5.00", 1, "", ("EUR",)),
        ("$5.00 USD", "5.00", 1, "", ("USD",)),
        ("¥5 CNY", "5", 1, "", ("CNY",)),
        ("US$ 5.00", "5.00", 1, "", ("USD",)),
        ("Rs. 5.00", "5.00", 1, "", ("INR", "PKR")),
        ("+229", "229", 1, "", ()),
        ("(250.00)", "250.00", -1, "", ()),
        ("[ 250.00 ]", "250.00", -1, "", ()),
        ("£ -250.00", "250.00", -1, "", ("GBP",)),
        ("250.00 cr.", "250.00", -1, "CR", ()),
        ("CR 250.00", "250.00", -1, "CR", ()),
        ("250,00 H", "250,00", -1, "CR", ()),
        ("250,00 S", "250,00", 1, "DR", ()),
        ("DR 250.00", "250.00", 1, "DR", ()),
        ("50,-", "50", 1, "", ()),
        ("1'250.--", "1'250", 1, "", ()),
        ("\t= *50.00*", "50.00", 1, "", ()),
        ("\u00a050.00\u202f", "50.00", 1, "", ()),
        (".50", ".50", 1, "", ()),
    ],
)
def test_what_an_amount_shows(text, body, sign, mark, currency):
    found = parse_amount(text)
    assert (found.body, found.sign, found.mark) == (body, sign, mark)
    assert found.currency == currency
    assert found.text == text.strip()
    assert found.is_plain == (text == "229")
    assert (found.is_spaced, found.is_sure, found.twice) == (False, False, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "3 %",
        "INV/1",
        "€5 USD",
        "CR 5.00 DR",
        "(5.00",
        "1 25.00",
        "20 7946 0958",
        "5.00 5.00",
        "5.",
        "GBP",
    ],
)
def test_what_is_no_amount(text):
    assert parse_amount(text) is None


def test_what_may_be_two_figures_is_told():
    found = parse_amount("229 943.42")
    assert (found.is_spaced, found.is_plain, found.body) == (True, False, "229 943.42")
    assert parse_amount("229 943.42 GBP").is_spaced
    # a space that does not break is no doubt
    assert not parse_amount("229\u00a0943.42").is_spaced


def test_what_says_twice_that_it_is_negative_is_told():
    assert parse_amount("-(250.00)").twice
    assert parse_amount("(250.00 CR)").twice
    assert not parse_amount("-250.00").twice
    assert parse_amount("-(250.00)").value(ENGLISH) is None


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("£5.00", ENGLISH, "5.00"),
        ("€5.00", ENGLISH, None),
        ("€5.00", Style(), "5.00"),
        ("$5.00", Style(currency="USD"), "5.00"),
        ("1'250.00", ENGLISH, "1250.00"),
        ("12'50.00", ENGLISH, None),
        ("0'250.00", ENGLISH, None),
        ("5.001", Style(decimals=3), "5.001"),
        ("5.0001", Style(decimals=3), None),
        ("9" * 17 + ".00", ENGLISH, "9" * 17 + ".00"),
        ("9" * 18 + ".00", ENGLISH, None),
        ("-1.250", GERMAN, "-1250"),
    ],
)
def test_the_value_of_an_amount(text, style, value):
    found = parse_amount(text).value(style)
    assert found == (value if value is None else D(value))


@pytest.mark.parametrize(
    ("texts", "style", "point", "thousands"),
    [
        ([], ENGLISH, ".", ","),
        (["1250"], GERMAN, ",", "."),
        (["1.250"], ENGLISH, ".", ","),
        (["1.000,00"], ENGLISH, ",", "."),
        (["1,000.00"], GERMAN, ".", ","),
        (["1.234.567"], ENGLISH, ",", "."),
        (["1,234,567"], GERMAN, ".", ","),
        (["50,00"], ENGLISH, ",", "."),
        (["50,5"], ENGLISH, ",", "."),
        (["50.00"], GERMAN, ".", ","),
        (["50.00"], Style(",", "\u202f"), ".", "\u202f"),
        (["1'250,00"], Style(".", "\u2019"), ",", "\u2019"),
        (["1.250", "50,00", "1.000,00"], ENGLISH, ",", "."),
        (["50,00", "50.00"], ENGLISH, "", ""),
        (["1.000,00", "1,000.00"], ENGLISH, "", ""),
        (["1.234.567", "1,234,567"], ENGLISH, "", ""),
        (["1.234.567", "50.00"], ENGLISH, "", ""),
    ],
)
def test_how_an_advice_writes_its_amounts(texts, style, point, thousands):
    style = Style(style.decimal_point, style.thousands_sep, 3, "CHF", day_first=False)
    found = guess_style([parse_amount(text) for text in texts], style)
    assert found == Style(point, thousands, 3, "CHF", day_first=False)


# --- dates

MARCH_4, APRIL_3 = datetime.date(2026, 3, 4), datetime.date(2026, 4, 3)
LAST = datetime.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-30", LAST),
        ("2026/11/30T10:15:00", LAST),
        ("2026.11.30 10:15", LAST),
        ("30/11/2026", LAST),
        ("30-11-26", LAST),
        ("11/30/2026", LAST),
        (" 30.11.2026;", LAST),
        ("30.11.", True),
        ("30/11/", False),
        ("03/04/2026", APRIL_3),
        ("12/12/2026", datetime.date(2026, 12, 12)),
        ("31/12/2026", datetime.date(2026, 12, 31)),
        ("12/31/2026", datetime.date(2026, 12, 31)),
        ("1/1/26", datetime.date(2026, 1, 1)),
        ("13/13/2026", False),
        ("32/1/2026", False),
        ("1/32/2026", False),
        ("0/1/2026", False),
        ("1/0/2026", False),
        ("31/02/2026", False),
        ("2026-13-01", False),
        ("30 November 2026", LAST),
        ("30th of Nov. 26", LAST),
        ("30 de noviembre de 2026", LAST),
        ("30. NOV", True),
        ("30 Smith 2026", False),
        ("31 Feb 2026", False),
        ("November 30, 2026", LAST),
        ("Nov. 30th 2026", LAST),
        ("Smith 30, 2026", False),
        ("(30/11/2026", False),
        ("", False),
        ("4,943.42", False),
    ],
)
def test_a_date_as_it_is_printed(text, day):
    assert parse_date(text) is day or parse_date(text) == day
    assert isinstance(parse_date(text), type(day))


def test_the_language_says_which_of_two_figures_is_the_day():
    assert parse_date("03/04/2026", day_first=False) == MARCH_4
    # what can be one thing only is that
    for text in ("30/11/2026", "11/30/2026"):
        assert parse_date(text, day_first=False) == LAST


@pytest.mark.parametrize(("day_first", "day"), [(True, APRIL_3), (False, MARCH_4)])
@pytest.mark.parametrize(
    "text",
    [
        "INV/1\t03/04/2026\t50.00",
        "INV/1 03/04/2026 50.00",
        "INV/1 (03/04/2026), 50.00",
        "INV/1;03/04/2026;50.00",
        "Dated,03/04/2026=INV/1 50.00",
    ],
)
def test_the_readers_language_says_it_of_a_whole_advice(text, day_first, day):
    style = Style(".", ",", 2, "USD", day_first)
    (line,) = read_remittance(text, style).lines
    assert (line.date, line.amount) == (day, 50)


def test_what_may_begin_a_date():
    for word in ("3", "[30", "Sept.", "ene"):
        assert may_be_date(word)
    for word in ("", "(", "Invoice", "x3"):
        assert not may_be_date(word)


# --- cells and headings


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("INV/1\t5.00", [["INV/1", "5.00"]]),
        ("INV/1;5,00; EUR", [["INV/1", "5,00", "EUR"]]),
        ("INV/1|5.00", [["INV/1", "5.00"]]),
        ("INV/1\t5;00|x", [["INV/1", "5;00|x"]]),
        ("INV/1  5.00   GBP", [["INV/1", "5.00", "GBP"]]),
        ("INV/1 5.00", [["INV/1 5.00"]]),
        ('"INV/1 5.00"', [["INV/1 5.00"]]),
        ('"INV/1","5,000.00"', [["INV/1", "5,000.00"]]),
        ('INV/1 , "5,000.00"', [["INV/1", "5,000.00"]]),
        ("a\r\nb\rc\nd", [["a"], ["b"], ["c"], ["d"]]),
        ("\ufeffa\x00\ufeff", [["a"]]),
        ("", [[]]),
        ("x" * 2001 + "\ty", [["x" * 2000]]),
        ("INV/1,4943.42,30/11/2026", [["INV/1", "4943.42", "30/11/2026"]]),
        ("INV/1,,5.00x", [["INV/1", "5.00x"]]),
        ("INV/1,1,234", [["INV/1", "1,234?"]]),
        ("INV,x", [["INV,x"]]),
        ("INV/1,", [["INV/1,"]]),
        ("4,943.42", [["4,943.42"]]),
        ("229,943.42", [["229,943.42"]]),
        ("00229,943.42", [["00229", "943.42"]]),
        ("229,943,42", [["229,943,42"]]),
        ("1,234,567.00", [["1,234,567.00"]]),
        # a heading parts its rows by commas
        (
            "Bill,Paid,Note\nINV/1,5.00,x\n\nINV/2,6.00,",
            [
                ["Bill", "Paid", "Note"],
                ["INV/1", "5.00", "x"],
                [],
                ["INV/2", "6.00", ""],
            ],
        ),
        ("Bill,Paid\nINV/1,5,00", [["Bill,Paid"], ["INV/1", "5,00?"]]),
        ("Bill,Paid 26\na b,5 c", [["Bill,Paid 26"], ["a b,5 c"]]),
        ("Bill,Paid\na b,5 c", [["Bill", "Paid"], ["a b", "5 c"]]),
        ("Bill,Paid\na b,5 c|d", [["Bill,Paid"], ["a b,5 c", "d"]]),
    ],
)
def test_the_cells_of_a_text(text, rows):
    assert split_text(text) == rows


@pytest.mark.parametrize(
    ("cells", "roles"),
    [
        (["Invoice", "Paid"], {"number": 0, "paid": 1}),
        (["Reference", "Amount"], {"reference": 0, "paid": 1}),
        (["Invoice"], {}),
        (["Paid", "Amount"], {}),
        (["Invoice", "Date"], {}),
        (["Invoice", 5], {}),
        (["Invoice 26", "Paid"], {}),
        (["Invoice 2", "Paid"], {"number": 0, "paid": 1}),
        (["Invoice", "Balance"], {"number": 0}),
        (["Invoice", "Gross", "VAT", "Net"], {"number": 0, "paid": 1}),
        (["Invoice", "Gross", "Net"], {"number": 0, "gross": 1, "paid": 2}),
        (["Invoice", "Amount", "Net"], {"number": 0, "gross": 1, "paid": 2}),
        (["Invoice", "Amount", "Discount"], {"number": 0, "discount": 2, "paid": 1}),
        (
            ["Invoice", "Amount", "Amount", "Paid"],
            {"number": 0, "paid": 3},
        ),
        (["Invoice", "Paid", "Paid"], {"number": 0}),
        (["Invoice", "Doc", "Paid"], {"paid": 2}),
        (["Invoice", "Gross", "x"], {"number": 0, "paid": 1}),
        (
            ["Ref", "Bill", "Date", "Gross", "Skonto", "WHT", "Paid", "Amount"],
            {
                "number": 1,
                "date": 2,
                "reference": 0,
                "gross": 3,
                "discount": 4,
                "deduction": 5,
                "paid": 6,
            },
        ),
    ],
)
def test_what_headings_say(cells, roles):
    assert read_heading(cells) == roles


# --- numbers


def test_a_number_that_looks_like_an_amount_is_known_sign_by_sign():
    printed = {"2026229": {"2026.229"}, "229": {"229"}, "INV1": {"INV/1"}}
    assert is_known("2026.229", printed, printed)
    assert is_known(" 2026.229 ", printed, printed)
    assert not is_known("2,026,229", printed, printed)
    assert is_known("229", printed, printed)
    assert is_known("inv-1", printed, printed)
    assert not is_known("inv-2", printed, printed)
    assert number_key("RF05 inv_0 0066/8") == "RF05INV000668"


def test_how_numbers_of_a_line_may_be_stored():
    assert spellings([" inv/1 ", "a", "b"]) == {
        "INV/1",
        "INV/1A",
        "INV/1 A",
        "INV/1AB",
        "INV/1 A B",
        "A",
        "AB",
        "A B",
        "B",
    }
    assert spellings([]) == set()
    long = spellings("abcdefghij")
    assert "ABCDEFGH" in long and "ABCDEFGHI" not in long and "CDEFGHIJ" in long


INDEX = BillIndex(
    [
        OpenBill(1, "INV/2026/00229", ("RF05 INV0 0066 8",), parties=frozenset({5})),
        OpenBill(2, "INV/2026/00230", ("CLIENT-77",), ("PO-9",), frozenset({5})),
        OpenBill(3, "INV/2025/00230", ("CLIENT-77",), ("12.50",), frozenset({6})),
        OpenBill(4, "DRAFT", ("no figure",), ("ab1",), frozenset({6})),
        OpenBill(5, "", (), ("4711",), frozenset({7})),
    ]
)


@pytest.mark.parametrize(
    ("numbers", "payer", "found", "why"),
    [
        (["INV/2026/00229"], None, [1], "number"),
        (["INV/2026/00229"], 6, [1], "number"),
        # a number goes before a reference
        (["CLIENT-77", "inv/2026/00229"], None, [1], "number"),
        (["CLIENT-77"], None, [2, 3], "reference"),
        (["CLIENT-77"], 6, [3], "reference"),
        (["CLIENT-77"], 9, [2, 3], "reference"),
        # too short, an amount, without a figure: they tell nothing
        (["PO-9"], None, [], ""),
        (["12.50"], None, [], ""),
        (["ab1"], None, [], ""),
        (["no figure"], None, [], ""),
        (["DRAFT"], None, [], ""),
        (["4711"], None, [5], "client_reference"),
        # last digits
        (["230"], None, [2, 3], "digits"),
        (["230"], 6, [3], "digits"),
        (["230"], 9, [2, 3], "digits"),
        (["2025230"], None, [3], "digits"),
        (["2025/00230"], None, [3], "digits"),
        (["202500230"], None, [3], "digits"),
        (["INV00229"], None, [1], "digits"),
        (["INV/2026/00229", "INV/2026/00230"], None, [1, 2], "number"),
        (["x", "229"], None, [1], "digits"),
        ([], None, [], ""),
    ],
)
def test_which_bill_numbers_mean(numbers, payer, found, why):
    match = INDEX.find(numbers, frozenset({payer} if payer else ()))
    bills = [match.bill] if match.bill else list(match.candidates)
    assert ([bill.id for bill in bills], match.why) == (found, why)
    if len(found) == 1:
        assert match.candidates == ()
        assert match.is_others == bool(payer and payer not in match.bill.parties)
    else:
        assert match.bill is None
        assert not match.is_others


def test_one_digit_among_others_counts_copies():
    index = BillIndex([OpenBill(1, "INV/2026/00007")])
    assert index.find(["7"]).bill.id == 1
    assert index.find(["7", "12"]).bill is None
    assert index.find(["07", "12"]).bill is None
    assert index.find(["00007", "12"]).bill.id == 1


def test_what_is_known_is_kept_as_it_is_printed():
    assert INDEX.known["RF05INV000668"] == {"RF05 INV0 0066 8"}
    assert INDEX.known["CLIENT77"] == {"CLIENT-77"}
    assert "DRAFT" not in INDEX.known and "PO9" not in INDEX.known
    twice = BillIndex([OpenBill(1, "2026.1", ("20261", "2026.1"))])
    assert twice.known == {"20261": {"2026.1", "20261"}}
    assert twice.find(["2026.1"]).why == "number"


# --- from cells to things

KNOWN = BillIndex(
    [
        OpenBill(1, "INV/1"),
        OpenBill(2, "600123"),
        OpenBill(3, "", ("RF05 INV0 0066 8",)),
    ]
).known


def things(*cells):
    """Everything on a line, without the first cell if that is an ``x``."""
    return [item for item in _scan(cells, KNOWN, True) if item.text != "x"]


def own(kind, text, column=0, **values):
    return Item(kind, text, column, True, **values)


def word(text, kind="word", **values):
    return Item(kind, text, 1, **values)


def money(text, body=None, **values):
    return Item("amount", text, 1, amount=Printed(text, body or text, **values))


def test_cells_of_a_spreadsheet():
    day = datetime.datetime(2026, 11, 30, 9)
    assert things(None, "", True, day, day.date()) == [
        own("date", "2026-11-30", 3, date=LAST),
        own("date", "2026-11-30", 4, date=LAST),
    ]
    assert things(600123, 600123.0) == [
        own("number", "600123", 0, is_known=True),
        own("number", "600123", 1, is_known=True),
    ]


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (1.25, "1.25"),
        (0.5, "0.5"),
        (-40, "-40"),
        (-0.25, "-0.25"),
        (0.1 + 0.2, "0.3"),
        (0.12345678, "0.123457"),
        (D("10.50"), "10.5"),
        (0, "0"),
        (1, "1"),
        (1000, "1000"),
        (1250.0, "1250"),
        (D("1000.00"), "1000"),
    ],
)
def test_a_figure_of_a_spreadsheet(figure, text):
    is_plain = text in ("0", "1", "1000", "1250")
    sign = -1 if text[0] == "-" else 1
    printed = Printed(text, text.lstrip("-"), sign, is_plain=is_plain, is_sure=True)
    assert things("x", figure) == [own("amount", text, 1, amount=printed)]
    assert printed.value(GERMAN) == D(text)


def test_what_is_alone_in_its_cell():
    assert things("x", "4943,42?") == [
        own("amount", "4943,42", 1, amount=Printed("4943,42", "4943,42", twice=True))
    ]
    assert things("x", " INV/1\t") == [own("number", "INV/1", 1, is_known=True)]
    assert things("30.11.", "03/04/2026") == [
        own("date", "30.11."),
        own("date", "03/04/2026", 1, date=APRIL_3),
    ]
    # a space groups digits beside other cells; alone it may part two figures
    spaced = Printed("1 250.00", "1 250.00")
    assert things("1 250.00", "x") == [own("amount", "1 250.00", amount=spaced)]
    doubtful = Printed("1 250.00", "1 250.00", is_spaced=True)
    assert things("1 250.00") == [Item("amount", "1 250.00", 0, amount=doubtful)]
    assert things("\u00a05.00\u00a0") == [
        own("amount", "\u00a05.00\u00a0", amount=Printed("5.00", "5.00"))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Invoice (INV/9), 30 Nov 2026: £5.00, 3 % 7 %",
            [
                word("Invoice"),
                word("INV/9", "number"),
                word("30 Nov 2026:", "date", date=LAST),
                Item("amount", "£5.00,", 1, amount=parse_amount("£5.00")),
                word("3", "number"),
                word("%"),
                word("7", "number"),
                word("%"),
            ],
        ),
        (
            "see rf05 inv0 0066 8. and (INV/1), on 30. November 2026, GBP 5.00; 10.00:",
            [
                word("see"),
                word("rf05 inv0 0066 8", "number", is_known=True),
                word("and"),
                word("INV/1", "number", is_known=True),
                word("on"),
                word("30. November 2026,", "date", date=LAST),
                Item("amount", "GBP 5.00;", 1, amount=parse_amount("GBP 5.00")),
                Item("amount", "10.00:", 1, amount=parse_amount("10.00")),
            ],
        ),
        # commas that part cells, or cents
        (
            "paid INV/1,4943,42 today",
            [
                word("paid"),
                word("INV/1", "number", is_known=True),
                money("4943,42", twice=True),
                word("today"),
            ],
        ),
        (
            "INV/9,4943.42 a,b7 x=5.00 k:9 k:ab2",
            [
                word("INV/9", "number"),
                money("4943.42"),
                word("a"),
                word("b7", "number"),
                money("5.00"),
                word("k:9", "number"),
                word("k"),
                word("ab2", "number"),
            ],
        ),
        (
            "on 30.11. of 30 de noviembre de 2026 5",
            [
                word("on"),
                word("30.11.", "date"),
                word("of"),
                word("30 de noviembre de 2026", "date", date=LAST),
                money("5", is_plain=True),
            ],
        ),
        (
            "1 2 3 and 1 250.00 £ 5 6.00%",
            [
                money("1", is_plain=True),
                money("2", is_plain=True),
                money("3", is_plain=True),
                word("and"),
                Item("amount", "1 250.00 £", 1, amount=parse_amount("1 250.00 £")),
                money("5", is_plain=True),
                word("6.00%"),
            ],
        ),
        ("20 7946 0958", [money(n, is_plain=True) for n in ("20", "7946", "0958")]),
        ("5.00 % off", [word("5.00", "number"), word("%"), word("off")]),
    ],
)
def test_things_of_a_sentence(text, expected):
    assert things("x", text) == expected


# --- lines and totals


def read(text, style=ENGLISH, **options):
    return read_remittance(text, style, **options)


def kinds(advice):
    return [(line.kind, line.problem) for line in advice.lines]


def test_a_row_is_told_with_its_place_and_text():
    advice = read("INV/1\t 5.00 \t\n\nThank you")
    assert [(line.row, line.text, line.kind) for line in advice.lines] == [
        (1, "INV/1  5.00", "bill"),
        (3, "Thank you", "text"),
    ]
    day = datetime.datetime(2026, 11, 30, 12)
    advice = read([[None, "INV/1", day, 5.0, 2.5, True, ""]])
    assert advice.lines[0].text == "INV/1  2026-11-30  5  2.5  True"
    assert (advice.lines[0].date, advice.width) == (LAST, 7)


def test_an_advice_says_what_it_was_read_by():
    advice = read("Bill\tPaid\nINV/1\t4.943,42", layout={"number": 0})
    assert advice.columns == (("number", 0), ("paid", 1))
    assert (advice.width, advice.style.decimal_point) == (2, ",")
    empty = read([])
    assert (empty.lines, empty.total, empty.columns, empty.width) == ((), None, (), 1)
    assert empty.style == ENGLISH
    assert (advice.lines[0].row, advice.lines[0].text) == (1, "Bill  Paid")
    # only the first heading counts
    advice = read("Bill\tPaid\nINV/1\t5.00\nPaid\tBill\n6.00\tINV/2")
    assert advice.columns == (("number", 0), ("paid", 1))
    assert kinds(advice)[2][0] == "heading"


def test_lines_that_are_counted():
    advice = read("1. INV/1 5.00\n2. INV/2 6.00\n3. INV/3 7.00")
    assert [(line.numbers, line.amount) for line in advice.lines] == [
        (("INV/1",), 5),
        (("INV/2",), 6),
        (("INV/3",), 7),
    ]
    # from any number on, but one after the other
    advice = read("7 INV/1 5.00\n8 INV/2 6.00")
    assert [line.numbers for line in advice.lines] == [("INV/1",), ("INV/2",)]
    advice = read("7 INV/1 5.00\n9 INV/2 6.00")
    assert [line.numbers for line in advice.lines] == [("7", "INV/1"), ("9", "INV/2")]


@pytest.mark.parametrize(
    ("text", "total", "expected"),
    [
        ("INV/1\t5.00\nTotal\t5.00", 5, [("bill", ""), ("total", "")]),
        ("INV/1\t5.00\nINV/2\t6.00\n11.00", 11, [("bill", "")] * 2 + [("total", "")]),
        ("INV/1\t5.00\n9.00", None, [("bill", ""), ("loose", "no_number")]),
        ("INV/1\t5.00\nSubtotal 4.00\nTotal 6.00", 6, None),
        ("INV/1\t5.00\nTotal 5.00\nTotal 6.00", 5, None),
        ("5.00", None, [("loose", "no_number")]),
        ("Total INV/1 5.00", 5, [("total", "")]),
        ("Thank you", None, [("text", "")]),
    ],
)
def test_the_total_of_an_advice(text, total, expected):
    advice = read(text)
    assert advice.total == total
    if expected:
        assert kinds(advice) == expected
    for line in advice.lines:
        if line.kind == "total":
            assert line.amount is None
            assert line.gross == line.used[0][1]


def test_what_stands_alone_and_is_the_sum_is_the_total():
    *_bills, line = read("INV/1\t5.00\nINV/2\t6.00\n11.00").lines
    assert (line.used, line.unread, line.choices) == ((("11.00", D(11)),), (), ())


@pytest.mark.parametrize(
    ("text", "gross", "discount", "deduction", "amount"),
    [
        ("INV/1 5.00", None, None, None, 5),
        ("INV/1 5.00 5.00", 5, None, None, 5),
        ("INV/1 0.00 5.00", None, None, None, 5),
        ("INV/1\t100.00\t-3.00\t97.00", 100, -3, None, 97),
        ("INV/1 100.00 3.00 7.00 90.00", 100, 3, 7, 90),
        ("INV/1 100.00 3.00 96.99", None, None, None, None),
        ("INV/1 100.00 3.00 7.00 90.01", None, None, None, None),
        ("INV/1 97.00 3.00 100.00", None, None, None, None),
    ],
)
def test_what_the_amounts_of_a_line_are(text, gross, discount, deduction, amount):
    (line,) = read(text).lines
    assert (line.gross, line.discount, line.deduction, line.amount) == (
        gross,
        discount,
        deduction,
        amount,
    )
    assert line.problem == ("" if amount else "amounts")


def test_a_person_may_choose_among_six_amounts():
    text = " ".join(f"{n}.00" for n in range(11, 19))
    (line,) = read(f"INV/1 {text}").lines
    assert line.choices == tuple(map(D, range(11, 17)))
    assert len(line.unread) == 8


def test_a_row_that_is_shorter_than_the_others_goes_by_no_column():
    advice = read("Bill\tGross\tPaid\nINV/1\t7.00\t5.00\nINV/2\t6.00")
    assert [line.amount for line in advice.lines] == [None, 5, 6]
    assert [line.gross for line in advice.lines] == [None, 7, None]


def test_the_reference_has_its_column():
    advice = read("Bill\tRef\tPaid\nINV/1\tPO-7\t5.00")
    assert (advice.lines[1].reference, advice.lines[1].numbers) == (
        "PO-7",
        ("INV/1", "PO-7"),
    )
    assert read("INV/1\t5.00").lines[0].reference == ""


def test_plain_figures_are_numbers_or_money():
    def found(text):
        lines = read(text).lines
        numbers = tuple(number for line in lines for number in line.numbers)
        return numbers, lines[0].amount, lines[0].problem

    assert found("INV/1 250") == (("INV/1",), 250, "")
    assert found("INV/1 00250") == (("INV/1", "00250"), None, "")
    assert found("600123\t250") == (("600123",), 250, "")
    assert found("600123 250") == (("600123",), None, "amount")
    assert found("250 INV/1") == (("250", "INV/1"), None, "")
    assert found("INV/1 250 30.11.2026") == (("INV/1",), 250, "")
    assert found("600123 4711 250") == (("600123", "4711", "250"), None, "")
    assert found("INV/1 250 5.00") == (("INV/1", "250"), 5, "")
    assert found("250") == (("250",), None, "")
    assert found("Invoice\t250") == (("250",), None, "")
    assert found("Legal fees\t250") == ((), None, "no_number")


def test_a_line_of_known_numbers_is_a_line_each():
    index = BillIndex([OpenBill(1, "INV/1"), OpenBill(2, "INV/2")])

    def found(text):
        return [
            (line.numbers, line.amount) for line in read(text, known=index.known).lines
        ]

    assert found("INV/1 x9 5.00 INV/2 6.00") == [(("INV/1",), 5), (("INV/2",), 6)]
    assert found("INV/1, INV/2") == [(("INV/1",), None), (("INV/2",), None)]
    assert found("INV/1 5.00 inv-1 5.00") == [(("INV/1", "inv-1"), 5)]
    # amounts of one only: a person says whose
    (line,) = read("INV/1 5.00 INV/2", known=index.known).lines
    assert (line.problem, line.amount, line.choices) == ("numbers", None, (5,))
    assert (line.used, line.unread) == ((), ("5.00",))


def test_a_label_beside_a_number_says_nothing_else():
    for text, is_bare in (
        ("Your invoice no. INV/1 5.00", True),
        ("INV/1 5.00", True),
        ("Rent INV/1 5.00", False),
    ):
        assert read(text).lines[0].is_bare is is_bare, text
