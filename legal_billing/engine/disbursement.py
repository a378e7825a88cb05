"""What a disbursement is charged at (C-27)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from .money import CENT, largest_remainder, round_money
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


def vendor_gross(
    nets: Sequence[Decimal],
    taxes: Sequence[tuple[Decimal, Sequence[Decimal]]],
    rounding: Decimal = CENT,
) -> list[Decimal]:
    """Return what each line of a vendor's bill cost with its tax: they add up to what
    was paid, however the vendor rounded his tax.

    >>> thirds = [Decimal("0.33")] * 3
    >>> [str(part) for part in vendor_gross(thirds, [(Decimal("0.20"), thirds)])]
    ['0.40', '0.40', '0.39']

    :param nets: of the lines, signed
    :param taxes: one pair for each tax: its amount on the bill as a whole, and how much
        of it each line brings, before any rounding; 0 where the line does not carry it
    :param rounding: of the bill's currency
    """
    gross = list(nets)
    for amount, weights in taxes:
        for index, part in enumerate(_share_out(amount, weights, rounding)):
            gross[index] += part
    return gross


def cost_shares(
    total: Decimal,
    percents: Sequence[Decimal],
    whole: Decimal | None = None,
    rounding: Decimal = CENT,
) -> list[Decimal]:
    """Split a line's cost over those who share it, by largest remainder. What is below
    100 percent in all is shared by nobody.

    >>> [str(part) for part in cost_shares(Decimal("182.25"), [Decimal(98), Decimal(2)])]
    ['178.61', '3.64']

    :param total: of the line
    :param percents: of the shares that are wanted
    :param whole: of all shares, also of those too small to be wanted, whose cost the
        others bear; default: the sum of ``percents``
    """
    if not percents:
        return []
    whole = sum(percents, ZERO) if whole is None else whole
    nobody = max(100 - whole, ZERO)
    parts = _share_out(total * (whole + nobody) / 100, [*percents, nobody], rounding)
    return parts[: len(percents)]


def _share_out(
    amount: Decimal, weights: Sequence[Decimal], rounding: Decimal
) -> list[Decimal]:
    """Split by largest remainder; where there is no proportion the first takes it."""
    if sum(weights, ZERO):
        return largest_remainder(amount, weights, rounding)
    return [round_money(amount, rounding), *[ZERO] * (len(weights) - 1)]
