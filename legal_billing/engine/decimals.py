"""The bridge from floats: how a caller's numbers become exact."""

from decimal import Decimal

#: Digits of a float that are kept: below them is binary noise, not money or time.
FLOAT_DIGITS = 10


def to_decimal(value: Decimal | float | int | str | bool | None) -> Decimal:
    """Return the exact decimal that a person would read in ``value``.

    A float loses its binary noise (33.349999999999994 is 33.35, 8.3 is 8.3);
    ``None`` and ``False`` (an empty field) are 0.

    :raises ValueError: for not-a-number and infinity
    """
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, float):
        number = Decimal(repr(round(value, FLOAT_DIGITS)))
    elif not value:
        return Decimal(0)
    else:
        number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"not an amount: {value!r}")
    return number
