"""docs/faults.md, written from the rounds that were played."""

import json
from collections import Counter
from textwrap import fill

from ..paths import CLONE, STATE
from .kinds import KINDS
from .play import Result

PAGE = CLONE / "docs/faults.md"
#: The rounds that the page is made of; a new command with `--add` goes on with them.
KEPT = STATE / "faults.json"


def load():
    """Return the rounds of earlier commands, by the size of the firm."""
    if not KEPT.exists():
        return {}
    return {
        int(size): [Result(**values) for values in rounds]
        for size, rounds in json.loads(KEPT.read_text()).items()
    }


def save(rounds, real_disk):
    """Keep the rounds, write the page of them.

    :param dict rounds: list of Result by the size of the firm
    :param bool real_disk: whether the full disk was a file system that was full
    """
    KEPT.write_text(
        json.dumps({size: [vars(r) for r in found] for size, found in rounds.items()})
    )
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(rounds, real_disk))


def page(rounds, real_disk):
    """Return the page in Markdown."""
    every = [result for found in rounds.values() for result in found]
    counts = Counter(fault[0] for result in every for fault in result.faults)
    hit = Counter(
        fault[0] for result in every for fault in result.faults if fault[2] < fault[3]
    )
    totals = "\n".join(
        f"| `{name}` | {_first_line(kind)} | {counts[name]} | {hit[name]} |"
        for name, kind in KINDS.items()
    )
    bad = sum(bool(result.violations) for result in every)
    sizes = ", ".join(
        f"{len(found)} of a firm of {size:,} matters"
        for size, found in sorted(rounds.items(), reverse=True)
    )
    disk = "a file system of its own that is full"
    if not real_disk:
        disk = "a limit on the size of files (nothing could be mounted here)"
    tables = "\n".join(
        _table(size, found) for size, found in sorted(rounds.items(), reverse=True)
    )
    words = f"""Written by `make faults`: {len(every)} rounds, {sizes}. Each round bills,
        approves, produces and e-mails all of it in a real server's background (a third
        of the bills by e-mail, a third on paper, a third both ways), with one or two
        faults at random moments; then the invariants are looked at: no entry in two
        bills, none lost, the sum of WIP and billed constant, every bill in one stage and
        tied to its entries, numbers without gap or double, every produced bill with its
        PDF whole on the disk, every printed one in one print file with all its pages,
        every e-mail sent at most once, with the PDF, or flagged for a person to decide.
        """
    return f"""# Faults

{fill(" ".join(words.split()), 88)}

`make faults N=8 SIZE=1000 SEED=1001` plays other rounds; `dev/odoo faults --help` says
more.

**{bad} of {len(every)} rounds broke an invariant.**

| fault | what happens | times | before the stage was through |
| --- | --- | ---: | ---: |
{totals}

The disk is {disk}.

*Tried again*: rows that failed with their reason and were retried by the person.
*Pressed*: times that nothing moved any more and the person pressed the button again.
{tables}"""


def _first_line(kind):
    return kind.__doc__.splitlines()[0].rstrip(".")


def _table(size, results):
    rows = "\n".join(
        f"| {r.seed} | {r.words()} | {r.retried} | {r.pressed} | {r.flagged} | "
        f"{sum(r.seconds.values()):.0f} | "
        f"{'; '.join([*(r.violations or ['all holds']), *r.notes])} |"
        for r in results
    )
    return f"""
## {size:,} matters

| seed | faults | tried again | pressed | e-mails for a person | s | invariants |
| --- | --- | ---: | ---: | ---: | ---: | --- |
{rows}
"""
