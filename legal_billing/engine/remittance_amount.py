"""What is printed on a remittance advice: amounts with their marks, dates, numbers."""

import datetime
import re
from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal

from .amount_text import read_amount

#: Codes and signs of currencies as they stand beside amounts.
CODES = frozenset(
    "AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS "
    "INR ISK JOD JPY KES KRW KWD MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON "
    "RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND ZAR".split()
)
SIGNS = {
    "£": ("GBP",),
    "€": ("EUR",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "₽": ("RUB",),
    "₪": ("ILS",),
    "฿": ("THB",),
    "₫": ("VND",),
    "₴": ("UAH",),
    "₱": ("PHP",),
    "₦": ("NGN",),
    "US$": ("USD",),
    "A$": ("AUD",),
    "C$": ("CAD",),
    "HK$": ("HKD",),
    "NZ$": ("NZD",),
    "S$": ("SGD",),
    "R$": ("BRL",),
    "$": ("AUD", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD", "USD", "ARS"),
    "SFR": ("CHF",),
    "SFR.": ("CHF",),
    "FR.": ("CHF",),
    "KR": ("DKK", "ISK", "NOK", "SEK"),
    "KR.": ("DKK", "ISK", "NOK", "SEK"),
    "ZŁ": ("PLN",),
    "KČ": ("CZK",),
    "FT": ("HUF",),
    "LEI": ("RON",),
    "RS": ("INR", "PKR"),
    "RS.": ("INR", "PKR"),
    "EURO": ("EUR",),
}
#: More digits and signs are no amount of money.
LONGEST_AMOUNT = 20
_WORDS = "|".join(re.escape(sign) for sign in sorted({*SIGNS, *CODES}, key=len)[::-1])
_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_MINUS = "[-\u2212\u2013\u2014\u2010\u2011\ufe63\uff0d]"
_LEAD = re.compile(
    rf"{_SPACE}*(?:(?P<minus>{_MINUS})|(?P<plus>\+)|(?P<mark>CR|DR)\b\.?"
    rf"|(?P<currency>{_WORDS})(?![A-Z]))",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"(?:(?P<minus>{_MINUS})|(?P<mark>(?<![A-Z])(?:CR|DR)\.?|(?<=[0-9 ])[HS])"
    rf"|(?P<currency>(?<![A-Z])(?:{_WORDS})|(?<=[0-9])(?:{_WORDS})))$",
    re.IGNORECASE,
)
#: Whole amounts that end as ``50,-`` or ``1'250.–``.
_WHOLE = re.compile(rf"(?<=[0-9])[.,]{_MINUS}{{1,2}}$")
_BODY = re.compile(
    "(?:[0-9]+(?:[.,'\u2019\u02bc`\u00b4 \u00a0\u2007\u2009\u202f]+[0-9]+)*|[.,][0-9]+)"
)
_GROUPING = re.compile("['\u2019\u02bc`\u00b4 \u00a0\u2007\u2009\u202f]")
#: Digits grouped by spaces or apostrophes: thousands, or as in India.
_SPACED = re.compile(
    "[1-9][0-9]{0,2}(?:['\u2019\u02bc`\u00b4 \u00a0\u2007\u2009\u202f][0-9]{3})+"
    "(?:[.,][0-9]+)?"
)
#: One quick look before the careful one: what may begin, go on, or end an amount.
_PART = re.compile(
    rf"[\[(]?(?:{_MINUS}|\+|(?:{_WORDS}))*[\[(]?{_MINUS}?"
    r"(?:[0-9.,'’ʼ`´\u00a0\u2007\u2009\u202f]*)"
    rf"(?:{_MINUS}|[)\]]|(?:{_WORDS})|CR\.?|DR\.?|H|S)*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Style:
    """How amounts are written, as far as is known.

    :param decimal_point: of the reader's language, or as the advice itself shows
    :param thousands_sep: the sign that groups digits
    :param decimals: of the currency
    :param currency: its code; an amount that names another one is not read
    :param day_first: 03/04 is the third of April
    """

    decimal_point: str = "."
    thousands_sep: str = ","
    decimals: int = 2
    currency: str = ""
    day_first: bool = True


@dataclass(frozen=True, slots=True)
class Printed:
    """Something that looks like an amount.

    :param text: as printed
    :param body: its digits and the signs between them
    :param sign: -1 for a minus, brackets or CR
    :param mark: ``CR`` or ``DR``
    :param currency: codes that its currency may be; empty where it names none
    :param is_plain: only digits: may be a number of a bill as well
    :param is_spaced: groups its digits by spaces that may as well part two figures
    :param is_sure: a figure of a spreadsheet, or otherwise beyond doubt
    :param twice: says twice that it is negative, which may be once or not at all
    """

    text: str
    body: str
    sign: int = 1
    mark: str = ""
    currency: tuple[str, ...] = ()
    is_plain: bool = False
    is_spaced: bool = False
    is_sure: bool = False
    twice: bool = False

    def value(self, style: Style) -> Decimal | None:
        """Return the amount, or ``None`` where it can mean two things.

        >>> parse_amount("£1,000.00").value(Style())
        Decimal('1000.00')
        >>> [str(parse_amount(text).value(Style())) for text in
        ...     ("(250.00)", "250.00-", "250.00 CR", "−250.00", "1'250.–")]
        ['-250.00', '-250.00', '-250.00', '-250.00', '1250']
        >>> parse_amount("1.250").value(Style()) is None
        True
        """
        if self.twice or (
            self.currency and style.currency and style.currency not in self.currency
        ):
            return None
        if len(self.body) > LONGEST_AMOUNT:
            return None
        if self.is_sure:
            return self.sign * Decimal(self.body)
        body = _GROUPING.sub("", self.body)
        if not body:
            return None
        if _GROUPING.search(self.body) and not _SPACED.fullmatch(self.body):
            return None
        found = read_amount(
            body, style.decimal_point, style.thousands_sep, style.decimals
        )
        return None if found is None else self.sign * found


def parse_amount(text: str) -> Printed | None:
    """Return what a text shows if it looks like an amount, else ``None``.

    It does if nothing but digits, the signs between them, and marks of currency and
    sign stand there. Whether it can be read is another question (``Printed.value``).

    >>> parse_amount("GBP 4,943.42").currency, parse_amount("INV/2026/00229")
    (('GBP',), None)
    >>> parse_amount("229").is_plain, parse_amount("3 %")
    (True, None)
    """
    rest = text.strip(" \u00a0\u2007\u2009\u202f\t*=")
    if not re.search("[0-9]", rest) or "%" in rest:
        return None
    negatives, mark, currency, has_marks = 0, "", (), False
    if _WHOLE.search(rest):
        rest, has_marks = _WHOLE.sub("", rest), True
    while True:
        if rest[:1] + rest[-1:] in ("()", "[]"):
            rest, negatives, has_marks = rest[1:-1].strip(), negatives + 1, True
            continue
        found = _LEAD.match(rest)
        if found:
            rest = rest[found.end() :].lstrip(" \u00a0\u202f")
        else:
            found = _TAIL.search(rest)
            if not found:
                break
            rest = rest[: found.start()].rstrip(" \u00a0\u202f")
        has_marks = True
        parts = found.groupdict()
        if parts.get("minus"):
            negatives += 1
        elif parts.get("mark"):
            if mark:
                return None
            mark = {"C": "CR", "H": "CR", "D": "DR", "S": "DR"}[
                parts["mark"][0].upper()
            ]
            negatives += mark == "CR"
        elif parts.get("currency"):
            word = parts["currency"].upper()
            named = SIGNS.get(word) or (word,)
            if currency and not set(currency) & set(named):
                return None
            currency = tuple(c for c in named if not currency or c in currency)
    rest = rest.strip()
    if not _BODY.fullmatch(rest):
        return None
    spaces = _GROUPING.search(rest)
    if spaces and not _SPACED.fullmatch(rest) and not has_marks and " " in rest:
        return None  # two figures, or a telephone number
    is_plain = not has_marks and rest.isdigit()
    return Printed(
        text=text.strip(),
        body=rest,
        sign=-1 if negatives else 1,
        mark=mark,
        currency=currency,
        is_plain=is_plain,
        is_spaced=" " in rest,
        twice=negatives > 1,
    )


def may_be_part(token: str) -> bool:
    """Whether a word may stand inside an amount.

    >>> [may_be_part(word) for word in ("£", "4", "943.42", "CR", "Invoice")]
    [True, True, True, True, False]
    """
    return bool(_PART.fullmatch(token))


# --- how the advice writes its amounts


def guess_style(amounts: list[Printed], style: Style) -> Style:
    """Return how these amounts are written: what they show goes before the language.

    Two signs in one amount, or a repeated one, say which is the decimal sign; so does a
    single sign before one or two digits at the end. Where the amounts contradict each
    other, only what each shows by itself is read: no sign groups thousands.

    >>> guess_style([parse_amount("1.000,00")], Style()).decimal_point
    ','
    """
    points, groups = set(), set()
    for amount in amounts:
        if amount.is_sure:
            continue
        body = _GROUPING.sub("", amount.body)
        found = re.findall("[.,]", body)
        if len(set(found)) == 2:
            points.add(found[-1])
            groups.add(found[0])
        elif len(found) > 1:
            groups.add(found[0])
        elif found and re.search(r"[.,]\d{1,2}$", body):
            points.add(found[0])
    if len(points) > 1 or len(groups) > 1 or points & groups:
        return Style("", "", style.decimals, style.currency, style.day_first)
    if points:
        point = points.pop()
    elif groups:
        point = "," if "." in groups else "."
    else:
        return style
    other = "," if point == "." else "."
    thousands = style.thousands_sep
    if groups:
        thousands = groups.pop()
    elif thousands == point or thousands in ".,":
        thousands = other
    return Style(point, thousands, style.decimals, style.currency, style.day_first)


# --- dates

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan january januar janv janvier ene enero gen gennaio januari",
            "feb february februar févr fév février fevrier febrero febbraio februari",
            "mar march mär märz mrz mars marzo maart mrt",
            "apr april avr avril abr abril aprile",
            "may mai mayo mag maggio mei",
            "jun june juni juin junio giu giugno",
            "jul july juli juil juillet julio lug luglio",
            "aug august août aout ago agosto augustus",
            "sep sept september septembre septiembre set settembre",
            "oct october okt oktober octobre octubre ott ottobre",
            "nov november novembre noviembre",
            "dec december dez dezember déc décembre decembre dic diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMERIC_DATE = re.compile(
    r"(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})?"
)
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d\d:\d\d.*)?")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[ -]?(?:de |of )?([^\W\d]{3,10})\.?,?[ -]?(?:de )?"
    r"(\d{4}|\d{2})?"
)
_MONTH_DAY = re.compile(r"([^\W\d]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


_MONTH_STARTS = frozenset(name[:3] for name in _MONTHS)


def may_be_date(word: str) -> bool:
    """Whether a word may begin a date.

    >>> [may_be_date(word) for word in ("30", "(30/11/2026)", "November", "Invoice")]
    [True, True, True, False]
    """
    word = word.lstrip("([")
    return word[:1].isdigit() or word[:3].lower() in _MONTH_STARTS


def parse_date(text: str, day_first: bool = True) -> datetime.date | bool:
    """Return the date, ``True`` for one that cannot be told for sure, else ``False``.

    >>> parse_date("30/11/2026"), parse_date("30. Nov 2026"), parse_date("30.11.")
    (datetime.date(2026, 11, 30), datetime.date(2026, 11, 30), True)
    >>> parse_date("4,943.42")
    False
    """
    text = text.strip(" ,;\u00a0")
    if not text[:1].isdigit() and not text[:1].isalpha():
        return False
    if found := _ISO_DATE.fullmatch(text):
        return _make_date(*(int(part) for part in found.groups()))
    if found := _NUMERIC_DATE.fullmatch(text):
        a, b, year = int(found["a"]), int(found["b"]), found["y"]
        if not (1 <= a <= 31 and 1 <= b <= 31) or min(a, b) > 12:
            return False
        if year is None:
            return found["sep"] == "."
        day, month = (a, b) if (day_first and b <= 12) or a > 12 else (b, a)
        return _make_date(_full_year(year), month, day)
    if found := _DAY_MONTH.fullmatch(text.lower()):
        month = _MONTHS.get(found[2])
        if month:
            return (
                _make_date(_full_year(found[3]), month, int(found[1]))
                if found[3]
                else True
            )
    if found := _MONTH_DAY.fullmatch(text.lower()):
        month = _MONTHS.get(found[1])
        if month:
            return _make_date(int(found[3]), month, int(found[2]))
    return False


def _full_year(year: str) -> int:
    return int(year) + (2000 if len(year) == 2 else 0)


def _make_date(year: int, month: int, day: int) -> datetime.date | bool:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return False


# --- numbers


def number_key(text: str) -> str:
    """Return a number as it is compared: capitals and digits alone.

    >>> number_key("inv/2026/ 00229."), number_key("RF05 INV0 0066 8")
    ('INV202600229', 'RF05INV000668')
    """
    return re.sub(r"[\W_]", "", text).upper()


def is_known(text: str, known: Container[str], printed: dict[str, set[str]]) -> bool:
    """Whether a text is a bill's number: where it looks like an amount as well, sign by
    sign."""
    key = number_key(text)
    if key not in known:
        return False
    amount = parse_amount(text)
    if amount and not amount.is_plain:
        return text.strip().upper() in printed.get(key, ())
    return True
