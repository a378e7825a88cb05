"""What a disbursement is charged at (C-27)."""

from decimal import Decimal
from typing import Literal

from .money import CENT, round_money
from .types import ZERO

Treatment = Literal["agent", "principal"]


def disbursement_value(
    treatment: Treatment,
    net: Decimal,
    tax: Decimal = ZERO,
    markup_percent: Decimal = ZERO,
    rounding: Decimal = CENT,
) -> Decimal:
    """Return the value of a disbursement, before tax of ours, from what it cost.

    As *agent* the client's own cost is passed on: gross, no tax of ours, no markup.
    As *principal* it is our supply: net, with a markup, and our tax on top.

    >>> disbursement_value("agent", Decimal(100), Decimal(20))
    Decimal('120.00')
    >>> disbursement_value("principal", Decimal(100), Decimal(20), Decimal(10))
    Decimal('110.00')

    :param net: the vendor line without tax; negative for a refund
    :param tax: the vendor's tax on it
    :param markup_percent: 10 = 10 %, of no effect as agent
    :raises ValueError: for another treatment
    """
    if treatment == "agent":
        return round_money(net + tax, rounding)
    if treatment == "principal":
        return round_money(net * (100 + markup_percent) / 100, rounding)
    raise ValueError(f"unknown treatment {treatment!r}")
