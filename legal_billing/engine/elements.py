"""What a bill is made of: fees, disbursements …, gross and still outstanding.

Elements are named by the caller; the order in which they come is the order of payment.
They never drive tax: each is a gross amount with its own tax inside.
"""

import datetime
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import CENT, from_steps, spread, to_steps
from .types import ZERO
from .types_payment import Elements, Mode, Parts


@dataclass(frozen=True, slots=True)
class Settlement:
    """Something that took from a bill: a payment or a credit note.

    :param amount: what it took, positive
    :param elements: what it took of each element; empty: nobody said (a payment made
        outside), so the default rule decides
    :param date: settlements count in the order of their dates, undated ones last
    :param matter: whose money it is, of a bill over several matters; None: it pays all
    """

    amount: Decimal
    elements: Elements = ()
    date: datetime.date | None = None
    matter: Hashable | None = None


def gross_elements(
    lines: Iterable[tuple[str, Decimal]],
    amount_total: Decimal,
    rounding: Decimal = CENT,
) -> Elements:
    """Return each element's gross so that they add up to the bill's total (C-11).

    With taxes rounded per document the line totals do not add up to it by a cent or
    two, so the total is spread over the elements by largest remainder.

    :param lines: element name and line total with tax, one per bill line
    :param amount_total: the bill's total with tax
    :return: elements in order of first appearance
    """
    totals: dict[str, int] = {}
    for name, amount in lines:
        totals[name] = totals.get(name, 0) + to_steps(amount, rounding)
    names, weights = list(totals), list(totals.values())
    total = to_steps(amount_total, rounding)
    if sum(weights):
        weights = spread(total, weights)
    elif total:
        largest = max(range(len(weights)), key=lambda i: (abs(weights[i]), -i))
        weights[largest] += total
    return _named(names, weights, rounding)


def element_outstanding(
    gross: Elements,
    residual: Decimal,
    settlements: Sequence[Settlement] = (),
    mode: Mode = "bill",
    element_order: Sequence[str] = (),
    rounding: Decimal = CENT,
) -> Elements:
    """Return what is outstanding of each element; they add up to the residual (C-18).

    Settlements are taken off in date order: as they say, or by the company's default
    rule where they say nothing. What the residual shows to be settled beyond the given
    settlements was settled outside and goes by the default rule, last; what it shows
    to be open again (a payment unmatched by hand) is given back, last element first.
    An element that would fall below zero passes the excess on to the next in order.

    >>> bill = (("costs", Decimal(400)), ("fees", Decimal(590)))
    >>> [(name, int(left)) for name, left in element_outstanding(bill, Decimal(590))]
    [('costs', 0), ('fees', 590)]

    :param gross: :func:`gross_elements` of the bill
    :param settlements: allocations of posted payments, credit notes by their own
        lines, and dated payments made outside
    :param mode: default rule: ``proportional``, or in the order of the elements
    :return: elements in the order of ``gross``; of a credit note they are negative
    :raises ValueError: if the residual is not between 0 and the total
    """
    if sum(amount for _name, amount in gross) < 0:
        turned = element_outstanding(
            _turned(gross), -residual, settlements, mode, element_order, rounding
        )
        return _turned(turned)
    names = [name for name, _amount in gross]
    steps = [to_steps(amount, rounding) for _name, amount in gross]
    open_steps = to_steps(residual, rounding)
    if not 0 <= open_steps <= sum(steps):
        raise ValueError(f"a residual of {residual} is not within the bill's total")
    order = ordered(names, element_order)
    ceiling = _without_negatives(steps, order)
    left = list(ceiling)
    for settlement in sorted(settlements, key=lambda s: s.date or datetime.date.max):
        shares = _shares(settlement, names, left, order, mode, rounding)
        _take(left, order, shares)
    change = sum(left) - open_steps
    if change > 0:
        _take(left, order, _by_rule(change, left, order, mode))
    for index in reversed(order):
        back = min(max(-change, 0), ceiling[index] - left[index])
        left[index] += back
        change += back
    return _named(names, left, rounding)


def part_outstanding(
    gross: Parts,
    residual: Decimal,
    settlements: Sequence[Settlement] = (),
    mode: Mode = "bill",
    element_order: Sequence[str] = (),
    rounding: Decimal = CENT,
) -> Parts:
    """Return what is outstanding of each matter's elements of a bill over several
    matters; they add up to the residual, and within an element to what
    :func:`element_outstanding` says of it where no settlement is of a matter (C-32).

    Settlements are taken off in the order given, which is that in which they were
    matched: what was paid for one matter stays paid for it, whatever comes later. One of
    a matter is taken off its own elements, as it says, else by the rule; any other off
    the elements of all, inside each in proportion to what is open of the matters, by
    largest remainder. What a matter's own cannot take passes to the others.

    >>> parts = ((("fees", "A"), Decimal(120)), (("fees", "B"), Decimal("300.60")))
    >>> paid = [Settlement(Decimal("210.30")), Settlement(Decimal(60), matter="A")]
    >>> left = part_outstanding(parts, Decimal("150.30"), paid)
    >>> [(matter, str(amount)) for (_element, matter), amount in left]
    [('A', '0.00'), ('B', '150.30')]

    :param gross: amount of each ``(element, matter)``
    :param settlements: see :func:`element_outstanding`
    :return: in the order of ``gross``; of a credit note they are negative
    :raises ValueError: if the residual is not between 0 and the total
    """
    if sum(amount for _key, amount in gross) < 0:
        turned = part_outstanding(
            tuple((key, -amount) for key, amount in gross),
            -residual,
            settlements,
            mode,
            element_order,
            rounding,
        )
        return tuple((key, -amount) for key, amount in turned)
    keys = [key for key, _amount in gross]
    steps = [to_steps(amount, rounding) for _key, amount in gross]
    open_steps = to_steps(residual, rounding)
    if not 0 <= open_steps <= sum(steps):
        raise ValueError(f"a residual of {residual} is not within the bill's total")
    names = list(dict.fromkeys(element for element, _matter in keys))
    order = ordered(names, element_order)

    def cells(matter=None):
        """Indexes of the keys of each element, of one matter or of all."""
        return [
            [
                index
                for index, (element, owner) in enumerate(keys)
                if element == name and (matter is None or owner == matter)
            ]
            for name in names
        ]

    ceiling = [max(step, 0) for step in steps]
    for matter in dict.fromkeys(owner for _element, owner in keys):
        owed = -sum(
            min(step, 0)
            for step, (_element, owner) in zip(steps, keys, strict=True)
            if owner == matter
        )
        owed = _take_parts(ceiling, cells(matter), order, _first(owed, order))
        _take_parts(ceiling, cells(), order, _first(owed, order))
    left = list(ceiling)
    for settlement in settlements:
        own = cells(settlement.matter)
        sums = [sum(left[index] for index in cell) for cell in own]
        shares = _shares(settlement, names, sums, order, mode, rounding)
        excess = _take_parts(left, own, order, shares)
        if excess and settlement.matter is not None:
            _take_whole(left, cells(), order, mode, excess)
    change = sum(left) - open_steps
    if change > 0:
        _take_whole(left, cells(), order, mode, change)
    for position in reversed(order):
        cell = cells()[position]
        room = [ceiling[index] - left[index] for index in cell]
        back = min(max(-change, 0), sum(room))
        if back:
            for index, part in zip(cell, spread(back, room), strict=True):
                left[index] += part
            change += back
    return tuple(
        (key, from_steps(value, rounding))
        for key, value in zip(keys, left, strict=True)
    )


def payable(
    outstanding: Decimal,
    disputed: Decimal = ZERO,
    reserved: Decimal = ZERO,
    blocked: bool = False,
    include_blocked: bool = False,
) -> Decimal:
    """Return what a payment may take of a bill (C-19).

    Of a credit note (negative outstanding) it is what a slip may use up, negative.

    >>> payable(Decimal(3600), reserved=Decimal(1200))
    Decimal('2400')

    :param disputed: amount of the bill that the client contests
    :param reserved: amount that *other* drafts of payments already hold of it, of a
        credit note with either sign
    """
    if blocked and not include_blocked:
        return ZERO
    if outstanding < 0:
        return min(ZERO, outstanding + abs(disputed) + abs(reserved))
    return max(ZERO, outstanding - disputed - reserved)


def ordered(names: Sequence[str], element_order: Sequence[str]) -> list[int]:
    """Return indexes of ``names`` in the order of payment; unnamed ones follow."""
    rank = {name: position for position, name in enumerate(element_order)}
    return sorted(range(len(names)), key=lambda i: (rank.get(names[i], len(rank)), i))


# --- steps


def _named(names: Sequence[str], steps: Sequence[int], rounding: Decimal) -> Elements:
    return tuple(
        (name, from_steps(value, rounding))
        for name, value in zip(names, steps, strict=True)
    )


def _turned(elements: Elements) -> Elements:
    return tuple((name, -amount) for name, amount in elements)


def _without_negatives(left: Sequence[int], order: Sequence[int]) -> list[int]:
    """Set a negative element (a refunded disbursement) off against the others."""
    positive = [max(value, 0) for value in left]
    _take(positive, order, [max(-value, 0) for value in left])
    return positive


def _shares(
    settlement: Settlement,
    names: Sequence[str],
    left: Sequence[int],
    order: Sequence[int],
    mode: Mode,
    rounding: Decimal,
) -> list[int]:
    """Return what a settlement takes of each element; what it names no element for,
    and elements that the bill has not, go by the rule."""
    said = dict.fromkeys(names, 0)
    for name, amount in settlement.elements:
        if name in said:
            said[name] += to_steps(amount, rounding)
    shares = [said[name] for name in names]
    unsaid = to_steps(settlement.amount, rounding) - sum(shares)
    if unsaid > 0:
        rest = [max(0, a - b) for a, b in zip(left, shares, strict=True)]
        extra = _by_rule(unsaid, rest, order, mode)
        shares = [a + b for a, b in zip(shares, extra, strict=True)]
    return shares


def _by_rule(
    amount: int, left: Sequence[int], order: Sequence[int], mode: Mode
) -> list[int]:
    """Return what the default rule takes: pro rata, or all of the first element, from
    where :func:`_take` passes it on."""
    if mode == "proportional" and sum(left):
        return spread(amount, left)
    return _first(amount, order)


def _take(left: list[int], order: Sequence[int], shares: Sequence[int]) -> int:
    """Take the shares off ``left``, in place. An excess passes to the next in order,
    after the last one to the first; return what exceeds all of it and is not taken."""
    excess = 0
    for index in order:
        excess = _cut(left, index, shares[index] + excess)
    for index in order:
        excess = _cut(left, index, excess)
    return excess


def _take_parts(
    left: list[int],
    cells: Sequence[Sequence[int]],
    order: Sequence[int],
    shares: Sequence[int],
) -> int:
    """Take the shares of elements off their cells, in place, inside an element in
    proportion to what is left there; return what is not taken."""
    before = [sum(left[index] for index in cell) for cell in cells]
    after = list(before)
    excess = _take(after, order, shares)
    for cell, whole, rest in zip(cells, before, after, strict=True):
        if whole > rest:
            parts = spread(whole - rest, [left[index] for index in cell])
            for index, part in zip(cell, parts, strict=True):
                left[index] -= part
    return excess


def _take_whole(
    left: list[int],
    cells: Sequence[Sequence[int]],
    order: Sequence[int],
    mode: Mode,
    amount: int,
) -> None:
    """Take an amount off all elements by the default rule, in place."""
    sums = [sum(left[index] for index in cell) for cell in cells]
    _take_parts(left, cells, order, _by_rule(amount, sums, order, mode))


def _first(amount: int, order: Sequence[int]) -> list[int]:
    """Return all of an amount as the first element's share, from where it passes on."""
    shares = [0] * len(order)
    if order:
        shares[order[0]] = amount
    return shares


def _cut(left: list[int], index: int, amount: int) -> int:
    """Take ``amount`` off one element, down to zero, and return the excess."""
    cut = min(amount, left[index])
    left[index] -= cut
    return amount - cut
