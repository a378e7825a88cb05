"""Rows and words of a paper: what stays together on a line, and on a page."""

import re

from markupsafe import Markup, escape

#: A number of something: M-1013, INV/2026/00195, 2026-11-30. Longer words may break.
NUMBER_LENGTH = 30
NUMBERS = re.compile(r"\S*[-/]\S*")
#: How many rows stay with the sum below them.
LAST_ROWS = 2
#: A list of so many rows is kept on one page, with what follows it.
SHORT_ROWS = 8


def keep_numbers(text):
    """Text whose numbers are not broken between lines.

    :param str text: plain
    :return: markup, or the text itself where there is nothing to keep
    :rtype: str
    """
    if not text or isinstance(text, Markup) or not ("-" in text or "/" in text):
        return text
    parts, start = [], 0
    for match in NUMBERS.finditer(text):
        word = match[0]
        if len(word) <= NUMBER_LENGTH and any(char.isdigit() for char in word):
            parts += [
                escape(text[start : match.start()]),
                Markup('<span class="whole">%s</span>') % word,
            ]
            start = match.end()
    return Markup("").join([*parts, escape(text[start:])]) if parts else text


def split_rows(rows):
    """The rows that may be on any page, and the last ones, which stay with what follows;
    none of these is taller than a part of a page.

    :param list rows:
    :rtype: tuple
    """
    count = 0
    while count < LAST_ROWS and count < len(rows) and not rows[-1 - count]["more"]:
        count += 1
    return rows[: len(rows) - count], rows[len(rows) - count :]


def is_short(rows):
    """Whether a list is kept on one page.

    :param list rows:
    :rtype: bool
    """
    return sum(1 + len(row.get("more", ())) for row in rows) <= SHORT_ROWS
