"""Which bills does an amount pay exactly? A search in whole currency steps (C-21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: Bills that the search for a combination looks at, oldest first.
MAX_BILLS = 25
#: Combinations that are listed when there are several.
MAX_SOLUTIONS = 10


@dataclass(frozen=True, slots=True)
class Match:
    """Positions that are paid exactly, or the candidates if there are several."""

    kind: Literal["bill", "all", "past_due", "combination"] | None = None
    chosen: frozenset[int] | None = None
    solutions: tuple[tuple[int, ...], ...] = ()
    count: int = 0


NO_MATCH = Match()


@dataclass(frozen=True, slots=True)
class Combinations:
    """Combinations of positions that add up to a target: ``count`` in all, the first
    few in ``found``, fewest bills first."""

    count: int
    found: tuple[tuple[int, ...], ...]


def match_exactly(
    target: int, caps: Sequence[int], ages: Sequence[int], past_due: set[int]
) -> Match:
    """Return what ``target`` pays exactly: the first bill of that amount, all bills,
    all past due, or the only combination of the oldest.

    :param caps: payable steps by position, in the order of payment; 0: not payable
    :param ages: the positions, oldest first
    """
    for position, cap in enumerate(caps):
        if cap == target:
            return Match("bill", frozenset([position]))
    if sum(caps) == target:
        return Match("all", frozenset(i for i, cap in enumerate(caps) if cap))
    if sum(caps[position] for position in past_due) == target:
        return Match("past_due", frozenset(i for i in past_due if caps[i]))
    oldest = [position for position in ages if caps[position]][:MAX_BILLS]
    result = find_combinations([caps[position] for position in oldest], target)
    solutions = tuple(tuple(oldest[i] for i in found) for found in result.found)
    if result.count == 1:
        return Match("combination", frozenset(solutions[0]), count=1)
    return Match(solutions=solutions, count=result.count)


def find_combinations(amounts: Sequence[int], target: int) -> Combinations:
    """Find the sets of positions whose amounts add up to ``target``.

    Meet in the middle: all sums of the first half are met by those of the second, so
    25 bills cost 2 × 2^13 sums and not 2^25. The sets are counted without being
    written out; 25 equal amounts have millions.

    :param amounts: positive, at most :data:`MAX_BILLS`
    :param target: positive
    :raises ValueError: for more amounts than that
    """
    if len(amounts) > MAX_BILLS:
        raise ValueError(f"more than {MAX_BILLS} amounts")
    half = len(amounts) // 2
    first = _sums(amounts[:half])
    second: dict[int, list[int]] = {}
    for mask, value in enumerate(_sums(amounts[half:])):
        second.setdefault(value, []).append(mask)
    count, found = 0, []
    for mask, value in enumerate(first):
        matches = second.get(target - value, ())
        count += len(matches)
        room = max(0, MAX_SOLUTIONS - len(found))
        found += [mask | other << half for other in matches[:room]]
    sets = [tuple(i for i in range(len(amounts)) if m >> i & 1) for m in found]
    return Combinations(count, tuple(sorted(sets, key=lambda s: (len(s), s))))


def _sums(amounts: Sequence[int]) -> list[int]:
    """Return the sum of every subset; bit i of the index is amount i."""
    sums = [0]
    for amount in amounts:
        sums += [value + amount for value in sums]
    return sums
