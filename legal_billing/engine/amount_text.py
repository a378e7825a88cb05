"""Amounts as people print them: 1,250.00 or 1.250,00, and those nobody can be sure of."""

import re
from decimal import Decimal

#: Signs that group digits and are no decimal sign anywhere.
_GROUPING = re.compile("[ '\u2019\u00a0\u202f]")
#: What a thousands separator may stand behind: no leading zero, one to three digits.
_BEFORE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}")
#: Groups of digits, in thousands or as in India.
_GROUPS = re.compile(r"-?\d{1,3}([.,]\d{2,3})*[.,]\d{3}")


def read_amount(
    text: str, decimal_point: str = ".", thousands_sep: str = ",", decimals: int = 2
) -> Decimal | None:
    """Return the amount, or ``None`` for one that can be read in two ways.

    Of two signs the last one is the decimal sign, and one that is repeated groups
    thousands. A single sign before other than three digits is the decimal sign. Before
    three digits the reader's language decides: its thousands separator groups them; its
    decimal sign is one where the currency has so many decimals or nothing else is
    possible. The rest is left to the person.

    :param decimals: of the currency; an amount that does not fit them is ``None`` too

    >>> read_amount("1,250.00"), read_amount("1.250,00"), read_amount("50,00")
    (Decimal('1250.00'), Decimal('1250.00'), Decimal('50.00'))
    >>> read_amount("1,250"), read_amount("1.250"), read_amount("0.500")
    (Decimal('1250'), None, Decimal('0.500'))
    >>> read_amount("1.250", ",", "."), read_amount("0.500", ",", ".")
    (Decimal('1250'), None)
    """
    text = _GROUPING.sub("", text)
    found = re.findall("[.,]", text)
    if len(found) > 1 and len(set(found)) == 1:
        if not _GROUPS.fullmatch(text):
            return None
        number = text.replace(found[0], "")
    elif found:
        if found.count(found[-1]) > 1:  # 1,234.567,89 groups and parts by one sign
            return None
        whole, digits = text.rsplit(found[-1], 1)
        number = f"{re.sub('[.,]', '', whole)}.{digits}"
        if len(found) == 1 and len(digits) == 3:
            is_thousands = bool(_BEFORE_THOUSANDS.fullmatch(whole))
            if found[0] == thousands_sep:
                if not is_thousands:
                    return None
                number = whole + digits
            elif is_thousands and not (found[0] == decimal_point and decimals >= 3):
                return None
    else:
        number = text
    amount = Decimal(number)
    return amount if amount == round(amount, decimals) else None
