"""docs/races.md, written from the tallies."""


def page(tallies, rounds):
    """Return the page in Markdown."""
    rows = "\n".join(_row(tally) for tally in tallies)
    told = "\n".join(line for tally in tallies for line in _told(tally))
    broken = sum(len(tally.broken) for tally in tallies)
    return f"""# Races

Written by `make races`: {rounds} rounds of each race, {len(tallies) * rounds} in all.
Two users with the roles that the acts need, two connections, each transaction replayed
on conflicts as a request is; both have looked at the database before either writes. The
two go first in turns, and the other comes in one of three ways: while the first has
written and not yet committed, after the first's commit with its older view of the
database, or some milliseconds later. After each round the invariants are looked at in
the database, and what the loser was told is held against what it should be
(`dev/scripts/race/`).

**{broken} rounds broke an invariant.**

| race | what holds | won by | won by | both, one after the other |
| --- | --- | ---: | ---: | ---: |
{rows}

## What the losers were told

{told}
"""


def _row(tally):
    first, second = tally.race.people
    title = " ".join(type(tally.race).__doc__.splitlines()[0].split()).rstrip(".")
    return (
        f"| `{tally.name}` | {title} | {first} {tally.wins[0]} | "
        f"{second} {tally.wins[1]} | {tally.wins['both']} |"
    )


def _told(tally):
    for name, said in zip(tally.race.people, tally.said, strict=True):
        for text in said.values():
            yield f"- `{tally.name}`, {name}: {' '.join(text.split())}"
