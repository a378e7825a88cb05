"""What an amount pays exactly, position by position (C-21)."""

import pytest
from engine.exact import (
    MAX_BILLS,
    MAX_SOLUTIONS,
    NO_MATCH,
    Match,
    find_combinations,
    match_exactly,
)


@pytest.mark.parametrize(
    ("target", "past_due", "expected"),
    [
        # one bill, although all others make it too
        (250, set(), Match("bill", frozenset({3}))),
        # all of them: not the one that takes nothing
        (650, set(), Match("all", frozenset({0, 2, 3}))),
        (400, {0, 1, 2}, Match("past_due", frozenset({0, 2}))),
        # no date: the combination alone says so
        (400, set(), Match("combination", frozenset({0, 2}), count=1)),
        (123, {0}, NO_MATCH),
    ],
)
def test_what_is_chosen(target, past_due, expected):
    caps = [100, 0, 300, 250]
    assert match_exactly(target, caps, [3, 2, 1, 0], past_due) == expected


def test_several_combinations_choose_nothing_and_are_shown():
    found = match_exactly(400, [100, 300, 300], [2, 1, 0], set())
    assert found == Match(solutions=((2, 0), (1, 0)), count=2)


def test_as_many_as_are_allowed_are_searched():
    assert find_combinations([1] * MAX_BILLS, MAX_BILLS).count == 1
    with pytest.raises(ValueError, match=f"^more than {MAX_BILLS} amounts$"):
        find_combinations([1] * (MAX_BILLS + 1), 1)


@pytest.mark.parametrize("bills", [5, 6])
def test_no_more_solutions_are_listed_than_agreed_but_all_are_counted(bills):
    found = find_combinations([1] * bills, bills // 2)
    assert found.count == {5: 10, 6: 20}[bills]
    assert len(found.found) == MAX_SOLUTIONS
    assert all(len(positions) == bills // 2 for positions in found.found)


def test_fewest_bills_first_then_by_position():
    assert find_combinations([3, 1, 2, 1, 2, 3], 3).found == (
        (0,),
        (5,),
        (1, 2),
        (1, 4),
        (2, 3),
        (3, 4),
    )
