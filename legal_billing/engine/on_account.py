"""What was billed on account, taken off the next bills, net per set of taxes."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Advance:
    """What is left of a bill on account, net, and its set of taxes."""

    left: Decimal
    taxes: Hashable


@dataclass(frozen=True)
class Deduction:
    """A part of a bill that is deducted: of which advance, from which element."""

    advance: int
    element: str
    amount: Decimal


def deduct_on_account(
    lines: Sequence[tuple[Decimal, Hashable, str]],
    advances: Sequence[Advance],
    *,
    fees: str = "fees",
) -> list[Deduction]:
    """Deduct advances from a bill, as far as it goes (C-33).

    An advance is taken off what has the same taxes: off the fees first, then off the
    other elements in the order of their lines. What has no fees under these taxes has
    nothing deducted. Neither the bill, nor what is under one set of taxes, nor an element
    of it gets below nothing; what is left of an advance stays for the next bill.

    >>> [str(part.amount) for part in deduct_on_account(
    ...     [(Decimal(1000), "19 %", "fees")], [Advance(Decimal(400), "19 %")])]
    ['400']
    >>> [str(part.amount) for part in deduct_on_account(
    ...     [(Decimal(1000), "19 %", "fees")], [Advance(Decimal(1500), "19 %")])]
    ['1000']

    :param lines: ``(net, taxes, element)`` of the bill before anything is deducted
    :param advances: the oldest first
    :param fees: the element that must be on the bill
    :return: deductions above nothing, in the order of the advances
    """
    nets: dict[Hashable, dict[str, Decimal]] = defaultdict(dict)
    for net, taxes, element in lines:
        found = nets[taxes]
        found[element] = found.get(element, Decimal(0)) + net
    result = []
    room = {
        taxes: max(Decimal(0), sum(found.values())) for taxes, found in nets.items()
    }
    whole = sum(sum(found.values()) for found in nets.values())
    has_fees = {taxes for taxes, found in nets.items() if found.get(fees, 0) > 0}
    for number, advance in enumerate(advances):
        taxes, left = advance.taxes, advance.left
        if taxes not in has_fees:
            continue
        found = nets[taxes]
        for element in sorted(found, key=lambda name: name != fees):
            amount = min(left, whole, room[taxes], found[element])
            if amount > 0:
                result.append(Deduction(number, element, amount))
                found[element] -= amount
                room[taxes] -= amount
                whole -= amount
                left -= amount
    return result
