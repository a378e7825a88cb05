"""Bill numbers as people read them: INV/9 comes before INV/10 (C-22)."""

import re

_LAST_DIGITS = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)


def parse_number(number: str | None) -> tuple[str, int]:
    """Return a number's prefix and its numeric part, the last run of digits.

    >>> parse_number("INV/2025/00010"), parse_number("600123"), parse_number("draft")
    (('INV/2025/', 10), ('', 600123), ('draft', 0))
    """
    match = _LAST_DIGITS.match(number or "")
    if not match:
        return (number or "", 0)
    return (match[1], int(match[2]))
