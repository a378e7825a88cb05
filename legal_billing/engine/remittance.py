"""Reading a remittance advice: which bills are paid, and with what amounts."""

import datetime
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .remittance_amount import (
    Printed,
    Style,
    guess_style,
    is_known,
    may_be_date,
    may_be_part,
    number_key,
    parse_amount,
    parse_date,
)
from .remittance_table import (
    LABEL,
    STARTS_TOTAL,
    TOTAL,
    read_heading,
    split_text,
    tokens,
)
from .types import ZERO

#: Words of a number at most: the reference of a Swiss bill has six groups, an RF seven.
LONGEST_NUMBER = 8
#: Amounts of a line that are asked about at most.
CHOICES = 6


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a line.

    :param kind: ``amount``, ``number``, ``date`` or ``word``
    :param column: of its cell
    :param is_own: alone in its cell
    """

    kind: str
    text: str
    column: int
    is_own: bool = False
    is_known: bool = False
    amount: Printed | None = None
    date: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class RemittanceLine:
    """One line of an advice, as read.

    :param row: its place in the advice, from 1
    :param text: all of it, as printed
    :param kind: ``bill`` for a line that pays one; ``loose`` for amounts without a
        number; ``total``; ``heading``; ``text``
    :param numbers: what may be a bill's number, as printed, in order
    :param amount: what is paid; ``None`` if there is none, or a person must say
    :param choices: what the amount could be, where a person must say
    :param problem: ``amount`` (can be read in two ways), ``amounts`` (several, and
        nothing says which), ``currency``, ``numbers`` (several bills share an amount),
        ``no_number`` (an amount beside no bill)
    :param is_bare: nothing but numbers, dates, amounts and words such as *invoice*
    :param used: the amounts that were read, as printed, with their values
    :param unread: what looks like an amount and was not used
    """

    row: int
    text: str
    kind: str
    numbers: tuple[str, ...] = ()
    amount: Decimal | None = None
    gross: Decimal | None = None
    discount: Decimal | None = None
    deduction: Decimal | None = None
    date: datetime.date | None = None
    reference: str = ""
    choices: tuple[Decimal, ...] = ()
    problem: str = ""
    is_bare: bool = True
    used: tuple[tuple[str, Decimal], ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remittance:
    """An advice as read.

    :param total: that the advice names
    :param columns: role → column, from 0, as headings or the payer's layout say
    :param width: columns at most
    """

    lines: tuple[RemittanceLine, ...]
    total: Decimal | None = None
    columns: tuple[tuple[str, int], ...] = ()
    width: int = 1
    style: Style = Style()

    @property
    def total_read(self) -> Decimal:
        """What the lines of bills pay in all."""
        return sum((line.amount or ZERO for line in self.lines), ZERO)


def read_remittance(
    rows: str | Sequence[Sequence],
    style: Style | None = None,
    known: Mapping[str, set[str]] | None = None,
    layout: Mapping[str, int] | None = None,
) -> Remittance:
    """Read an advice.

    Nothing is guessed and nothing is lost: whatever looks like an amount is either read
    (``used``) or named (``unread``), and of an amount that can mean two things the
    meanings are given (``choices``).

    >>> advice = read_remittance("INV/2026/00174\\t£1,000.00\\nTotal £1,000.00")
    >>> advice.lines[0].numbers, advice.lines[0].amount, advice.total
    (('INV/2026/00174',), Decimal('1000.00'), Decimal('1000.00'))

    How it works:

    * A line is split into cells (``split_text``), and cells into numbers, amounts, dates
      and words. Numbers of known bills come first, so that no digit of theirs is taken
      for money.
    * The decimal sign is what the advice itself shows, else the language's.
    * Of several amounts the one in the column of what is paid counts: by the payer's
      layout, by headings, or because gross less discount makes it. Otherwise a person
      says which.

    :param rows: text, or rows of cells: text, numbers, dates
    :param style: of the reader's language and the slip's currency
    :param known: keys of numbers of open bills, each with its texts in capitals
    :param layout: role → column, from 0, of this payer: ``paid``, ``number``, ``gross``,
        ``discount``, ``deduction``
    """
    table = split_text(rows) if isinstance(rows, str) else [list(row) for row in rows]
    style, known = style or Style(), known or {}
    heading, columns = {}, {}
    scanned = []
    for cells in table:
        found = read_heading(cells)
        if found:
            heading = heading or found
            scanned.append((cells, None))
            continue
        scanned.append((cells, _scan(cells, known, style.day_first)))
    columns = heading | dict(layout or {})
    width = max((len(cells) for cells, _items in scanned), default=1)
    reader = _Reader(style, columns, width, scanned)
    lines = []
    for row, (cells, items) in enumerate(scanned, start=1):
        text = "  ".join(_print(cell) for cell in cells if _print(cell))
        if items is None:
            lines.append(RemittanceLine(row, text, "heading"))
        elif items:
            lines += reader.read_row(row, text, cells, items)
    lines, total = _find_total(lines)
    return Remittance(
        tuple(lines), total, tuple(sorted(columns.items())), width, reader.style
    )


def _print(cell) -> str:
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell == int(cell):
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


# --- from cells to things


def _scan(
    cells: Sequence, known: Mapping[str, set[str]], day_first: bool
) -> list[Item]:
    items = []
    is_only = len([cell for cell in cells if cell not in (None, "")]) == 1
    for column, cell in enumerate(cells):
        if cell is None or cell == "" or isinstance(cell, bool):
            continue
        if isinstance(cell, (datetime.date, datetime.datetime)):
            day = cell.date() if isinstance(cell, datetime.datetime) else cell
            items.append(Item("date", str(day), column, True, date=day))
        elif isinstance(cell, (int, float, Decimal)):
            items.append(_scan_figure(cell, column, known))
        else:
            items += _scan_text(str(cell), column, known, day_first, is_only)
    return items


def _scan_figure(cell, column: int, known: Mapping[str, set[str]]) -> Item:
    """A figure of a spreadsheet: its value is beyond doubt."""
    value = Decimal(str(cell))
    if isinstance(cell, float):
        value = round(value, 6)
    value = value.quantize(Decimal(1)) if value == int(value) else value.normalize()
    text = f"{value:f}"
    if text in known:
        return Item("number", text, column, True, is_known=True)
    printed = Printed(
        text,
        f"{abs(value):f}",
        -1 if value < 0 else 1,
        is_plain=value == int(value) and value >= 0,
        is_sure=True,
    )
    return Item("amount", text, column, True, amount=printed)


def _scan_text(
    cell: str, column: int, known, day_first: bool, is_only: bool = False
) -> list[Item]:
    """Things of a text.

    :param bool day_first: 03/04 is the third of April
    :param bool is_only: nothing else is on its line, so that a space may part cells
    """
    cell = cell.strip(" \t")
    is_open = cell.endswith("?") and re.fullmatch(r"[0-9.,]+\?", cell)
    if is_open:  # commas that part cells, or cents: see split_commas
        text = cell[:-1]
        printed = Printed(text, text, twice=True)
        return [Item("amount", text, column, True, amount=printed)]
    if is_known(cell, known, known):
        return [Item("number", cell, column, True, is_known=True)]
    if date := parse_date(cell, day_first):
        day = None if date is True else date
        return [Item("date", cell, column, True, date=day)]
    printed = parse_amount(cell)
    if printed and not (is_only and printed.is_spaced):
        printed = replace(printed, is_spaced=False)
        return [Item("amount", cell, column, True, amount=printed)]
    return _scan_words(tokens(cell), column, known, day_first)


def _scan_words(words: list[str], column: int, known, day_first: bool) -> list[Item]:
    items, position = [], 0
    parts = [may_be_part(word.rstrip(";:")) for word in words]
    keys = [number_key(word) for word in words]
    while position < len(words):
        count, item = (
            _find_number(words, keys, position, column, known)
            or _find_date(words, position, column, day_first)
            or _find_amount(words, parts, position, column)
            or (1, None)
        )
        if item is None:
            items += _scan_word(words[position], column, known, day_first)
        else:
            items.append(item)
        position += count
    return items


def _find_number(words, keys, position, column, known):
    """A known number, its groups parted or not."""
    last = min(len(words), position + LONGEST_NUMBER)
    for end in range(last, position, -1):
        if "".join(keys[position:end]) not in known:
            continue
        text = " ".join(words[position:end]).strip("()[]{}<>\"'.,;:#*")
        if is_known(text, known, known):
            return end - position, Item("number", text, column, is_known=True)
    return None


def _find_date(words, position, column, day_first):
    if not may_be_date(words[position]):
        return None
    for count in (5, 4, 3, 2, 1):
        taken = words[position : position + count]
        if len(taken) < count:
            continue
        date = parse_date(" ".join(taken).strip("()[],;:"), day_first)
        if date:
            day = None if date is True else date
            return count, Item("date", " ".join(taken), column, date=day)
    return None


def _find_amount(words, parts, position, column):
    end = position
    while end < len(words) and end - position < LONGEST_NUMBER and parts[end]:
        end += 1
    while end > position:
        text = " ".join(words[position:end])
        follows = words[end] if end < len(words) else ""
        printed = parse_amount(text) or parse_amount(text.rstrip(",;:."))
        if printed and follows != "%" and not (printed.is_plain and end > position + 1):
            is_joined = printed.is_spaced
            if not is_joined or printed.currency or re.search(r"[.,]\d", printed.body):
                return end - position, Item("amount", text, column, amount=printed)
        end -= 1
    return None


def _scan_word(word: str, column: int, known, day_first: bool) -> list[Item]:
    """A word that is neither amount nor known number: perhaps several, parted by
    commas; a number if it has a digit."""
    pieces = [piece for piece in re.split(r"[,;=]|:(?=\D|$)", word) if piece]
    if len(pieces) > 1 and re.search("[0-9]", word):
        items = []
        for piece in pieces:
            items += _scan_text(piece, column, known, day_first)
        amounts = [item for item in items if item.kind == "amount"]
        if len(amounts) > 1 and re.search(r"[0-9],[0-9]", word):
            # commas that part cells, or cents
            rest = word[word.index(",") + 1 :]
            printed = Printed(rest, rest, twice=True)
            items = [item for item in items if item.kind != "amount"]
            items.append(Item("amount", rest, column, amount=printed))
        return [replace(item, is_own=False) for item in items]
    bare = word.strip("()[]{}<>\"'.,;:#*")
    if "%" in word or not re.search("[0-9]", bare):
        return [Item("word", word, column)]
    return [Item("number", bare, column)]


# --- from things to lines


def _is_structured(text: str) -> bool:
    """Whether a number has letters or signs, so that it is no figure."""
    return not text.isdigit()


class _Reader:
    """Reads rows by what the whole advice shows."""

    def __init__(self, style: Style, columns: dict, width: int, scanned: list):
        self.columns = columns
        self.width = width
        amounts = [
            item.amount
            for _cells, items in scanned
            for item in items or ()
            if item.kind == "amount" and not item.amount.is_plain
        ]
        self.hint = style
        self.style = guess_style(amounts, style)
        self.is_mixed = not self.style.decimal_point
        marks = Counter(amount.mark for amount in amounts)
        # where every amount is marked CR it says nothing of its sign
        self.ignores_credit = bool(amounts) and marks["CR"] == len(amounts)
        self.groups_by_sign = any(
            re.search(r"\d[.,]\d{3}[.,]\d", amount.body)
            or re.match(r"[0-9]{4,}", amount.body)
            for amount in amounts
        )
        self.money_columns = {
            item.column
            for cells, items in scanned
            for item in items or ()
            if item.kind == "amount"
            and item.is_own
            and len(cells) > 1
            and not item.amount.is_plain
        } - {columns.get("number")}
        for role in ("paid", "gross", "discount", "deduction"):
            if role in columns:
                self.money_columns.add(columns[role])
        self.positions = self._find_positions(scanned)

    @staticmethod
    def _find_positions(scanned: list) -> bool:
        """Whether the lines are counted: 1, 2, 3 …"""
        firsts = [
            items[0].text.rstrip(".")
            for _cells, items in scanned
            if items
            and items[0].kind in ("amount", "number")
            and items[0].text.rstrip(".").isdigit()
            and len([i for i in items if i.kind in ("amount", "number")]) > 1
        ]
        return len(firsts) > 1 and firsts == [
            str(int(firsts[0]) + n) for n in range(len(firsts))
        ]

    def read_row(self, row, text, cells, items) -> list[RemittanceLine]:
        """One row as lines: one for each bill that it pays."""
        if (
            self.positions
            and items[0].text.rstrip(".").isdigit()
            and len([i for i in items if i.kind in ("amount", "number")]) > 1
        ):
            items = items[1:]
        items = self._tell_figures(items, len(cells))
        parts = self._split_row(items)
        return [self._read_line(row, text, len(cells), part) for part in parts]

    def _tell_figures(self, items: list[Item], width: int) -> list[Item]:
        """Say of plain figures whether they are amounts or numbers."""
        numbers = [item for item in items if item.kind == "number"]
        plain = [i for i in items if i.kind == "amount" and i.amount.is_plain]
        amounts = [i for i in items if i.kind == "amount" and not i.amount.is_plain]
        if not plain:
            return items
        money = {
            item
            for item in plain
            if item.is_own
            and width > 1
            and item.column in self.money_columns
            and (item.amount.is_sure or item.text == "0" or item.text[0] != "0")
            and (width == self.width or item.amount.is_sure)
        }
        if not (money or amounts) and not any(
            i for i in items if i.kind == "word" and TOTAL.search(i.text)
        ):
            last = plain[-1]
            others = [i for i in (*numbers, *plain) if i is not last]
            structured = [i for i in others if i.is_known or _is_structured(i.text)]
            words = [i.text for i in items if i.kind == "word"]
            if (
                not others
                and width > 1
                and items[-1] is last
                and not all(LABEL.fullmatch(word) for word in words)
            ):
                money = {last}  # some text, and what it costs
            is_last = items[-1] is last or items[-1].kind in ("date", "word")
            if (
                is_last
                and len(others) == 1
                and not last.text.startswith("0")
                and (structured or width > 1)
            ):
                money = {last}
            elif is_last and len(others) == 1 and not last.text.startswith("0"):
                doubtful = replace(last.amount, twice=True)
                items = [replace(i, amount=doubtful) if i is last else i for i in items]
                last = items[
                    items.index(next(i for i in items if i.amount is doubtful))
                ]
                money = {last}
        return [
            replace(item, kind="number")
            if item.kind == "amount" and item.amount.is_plain and item not in money
            else item
            for item in items
        ]

    def _split_row(self, items: list[Item]) -> list[list[Item]]:
        """Lines of one row: several known bills, or a mere list of numbers."""
        known = [n for n, item in enumerate(items) if item.is_known]
        amounts = [n for n, item in enumerate(items) if item.kind == "amount"]
        if len({number_key(items[n].text) for n in known}) > 1:
            ends = [*known[1:], len(items)]
            if not amounts or all(
                any(start < n < end for n in amounts)
                for start, end in zip(known, ends, strict=True)
            ):
                starts = [0, *known[1:]]
                return [
                    [
                        item
                        for item in items[start:end]
                        if item.kind != "number" or item.is_known
                    ]
                    for start, end in zip(starts, ends, strict=True)
                ]
        if {item.kind for item in items} == {"number"} and items[0].column == (
            items[-1].column
        ):
            return [[item] for item in items]
        return [items]

    def _read_line(self, row, text, width, items) -> RemittanceLine:
        numbers = tuple(item.text for item in items if item.kind == "number")
        amounts = [item for item in items if item.kind == "amount"]
        if not numbers and len(amounts) == 1 and amounts[0].amount.is_spaced:
            numbers = (amounts[0].amount.body.split(" ")[0],)  # 229 943.42
        has_number = any(
            item.is_known or _is_structured(item.text)
            for item in items
            if item.kind == "number"
        )
        is_total = (
            bool(amounts)
            and not any(item.is_known for item in items)
            and bool(TOTAL.search(text))
            and not (has_number and (width > 1 or not STARTS_TOTAL.match(text)))
        )
        if is_total:
            kind = "total"
        elif numbers:
            kind = "bill"
        elif amounts:
            kind = "loose"
        else:
            kind = "text"
        style = self.style
        if self.is_mixed:
            style = guess_style([item.amount for item in amounts], style)
        line = RemittanceLine(
            row,
            text,
            kind,
            numbers,
            is_bare=all(LABEL.fullmatch(i.text) for i in items if i.kind == "word"),
            date=next((i.date for i in items if i.date), None),
            reference=next(
                (
                    item.text
                    for item in items
                    if item.kind == "number"
                    and item.column == self.columns.get("reference")
                ),
                "",
            ),
        )
        if not amounts:
            return line
        known = {number_key(item.text) for item in items if item.is_known}
        return self._read_amounts(
            line, amounts, width, style, has_number or bool(known), len(known) > 1
        )

    def _read_amounts(self, line, items, width, style, has_number, is_shared):
        values = [self._get_value(item.amount, style, has_number) for item in items]
        roles = self._get_roles(items, values, width)
        used, unread, found = [], [], {}
        for item, value, role in zip(items, values, roles, strict=True):
            if role and value is not None:
                found[role] = value
                used.append((item.amount.text, value))
            else:
                unread.append(item.amount.text)
        paid_item = next(
            (i for i, role in zip(items, roles, strict=True) if role == "paid"), None
        )
        problem, choices = "", ()
        if "paid" not in found or is_shared:
            candidates = [paid_item] if paid_item else items
            others = [
                value
                for item, value in zip(items, values, strict=True)
                if item in candidates and value
            ]
            for item in candidates:
                others += self._get_meanings(item.amount, style)
            choices = tuple(dict.fromkeys(others))[:CHOICES]
            problem = self._get_problem(candidates, values, style)
        if line.kind == "loose" and not problem:
            problem, choices = "no_number", (found.pop("paid"),)
            unread += [text for text, value in used if value == choices[0]][-1:]
            used = [pair for pair in used if pair[0] not in unread]
        if is_shared:
            problem = "numbers"
            unread += [text for text, value in used if value == found.get("paid")][:1]
            used = [pair for pair in used if pair[0] not in unread]
            found.pop("paid", None)
        return replace(
            line,
            amount=found.get("paid"),
            gross=found.get("gross"),
            discount=found.get("discount"),
            deduction=found.get("deduction"),
            choices=choices,
            problem=problem,
            used=tuple(used),
            unread=tuple(unread),
        )

    def _get_value(self, printed: Printed, style: Style, has_number: bool):
        """The amount, or ``None`` where a person must say."""
        if printed.is_spaced and (not has_number or self.groups_by_sign):
            return None
        value = printed.value(style)
        if value is not None and printed.mark == "CR" and self.ignores_credit:
            value = abs(value)
        return value

    def _get_roles(self, items, values, width) -> list[str]:
        """What each amount of a line is."""
        reliable = width > 1 and width == self.width
        by_column = {
            column: role
            for role, column in self.columns.items()
            if role in ("paid", "gross", "discount", "deduction")
        }
        if reliable and "paid" in self.columns:
            return [by_column.get(item.column, "") for item in items]
        if len(items) == 1:
            return ["paid"]
        if None in values:
            return [""] * len(items)
        nonzero = [n for n, value in enumerate(values) if value]
        if len(nonzero) == 1:
            return ["paid" if n == nonzero[0] else "" for n in range(len(values))]
        return self._explain(values)

    @staticmethod
    def _explain(values: list[Decimal]) -> list[str]:
        """Gross less discount less deduction is what is paid; nothing else is taken for
        an explanation.

        >>> _Reader._explain([Decimal(100), Decimal(3), Decimal(97)])
        ['gross', 'discount', 'paid']
        >>> _Reader._explain([Decimal(100), Decimal(40)])
        ['', '']
        """
        count = len(values)
        if count == 2 and values[0] == values[1]:
            return ["gross", "paid"]
        less = [abs(value) for value in values[1:-1]]
        if count == 3 and abs(values[0]) - less[0] == abs(values[2]):
            return ["gross", "discount", "paid"]
        if count == 4 and abs(values[0]) - sum(less) == abs(values[3]):
            return ["gross", "discount", "deduction", "paid"]
        return [""] * count

    def _get_problem(self, items, values, style) -> str:
        if any(
            item.amount.currency
            and style.currency
            and style.currency not in item.amount.currency
            for item in items
        ):
            return "currency"
        return "amounts" if len(items) > 1 and None not in values else "amount"

    def _get_meanings(self, printed: Printed, style: Style) -> list[Decimal]:
        """What an amount can mean, in every way of writing."""
        found = []
        for body in (printed.body, *printed.body.rsplit(" ", 1)[1:]):
            plain = replace(printed, body=body, twice=False, currency=(), sign=1)
            for point, group in ((".", ","), (",", ".")):
                value = plain.value(
                    replace(style, decimal_point=point, thousands_sep=group)
                )
                if value is None and re.fullmatch(r"\d+[.,]\d{3}", body):
                    value = Decimal(body.replace(",", "."))
                    if value != round(value, style.decimals):
                        value = None
                if value is not None:
                    found.append(printed.sign * value)
        if printed.twice and found:
            found += [-value for value in found]
        return found


# --- the total


def _find_total(lines: list[RemittanceLine]):
    """The total that the advice names. Of several the one that the lines make; else the
    last one, and the others are named as unread."""
    read = sum((line.amount or ZERO for line in lines if line.kind == "bill"), ZERO)
    loose = [line for line in lines if line.problem == "no_number"]
    if loose and read and loose[-1].choices == (read,):
        # what stands alone and is the sum of the lines
        lines = [
            replace(
                line,
                kind="total",
                amount=read,
                problem="",
                choices=(),
                used=tuple((text, read) for text in line.unread),
                unread=(),
            )
            if line is loose[-1]
            else line
            for line in lines
        ]
    totals = [line for line in lines if line.kind == "total"]
    named = [line.amount for line in totals if line.amount is not None]
    meant = {choice for line in totals for choice in line.choices}
    total = read if read in {*named, *meant} else named[-1] if named else None
    # a total is no payment: its amount is kept apart, so that sums of lines are right
    return [
        replace(line, amount=None, gross=line.amount) if line.kind == "total" else line
        for line in lines
    ], total
