"""Break things while servers bill, and see that nothing is lost or done twice.

Each round takes a fresh copy of a firm, starts one or two real servers, runs one cycle
(bill, approve, produce, e-mail) in the background and lets one or two faults of `kinds`
happen at random moments, seeded. What is broken is mended, the cycle is finished, and
the invariants of `check` are looked at after each fault and at the end.
"""

from collections import Counter

from .. import races
from ..say import say
from .harness import Harness
from .kinds import KINDS
from .page import load, save
from .play import Play

#: The round of `short`: fault by stage.
SHORT = {"bill": "kill", "approve": "backend", "produce": "kill", "mail": "smtp_drop"}


def faults(rounds, size, seed, only=(), report=False, add=False):
    """Run so many rounds; return the exit code.

    :param int rounds: how many
    :param int size: matters of the firm
    :param int seed: of the first round; the next ones count on
    :param only: kinds of faults, of KINDS; default: all
    :param bool report: write docs/faults.md
    :param bool add: to the rounds that the page is made of already
    """
    kept = load() if add else {}
    results = []
    with Harness(size) as harness:
        for number in range(rounds):
            result = Play(harness, seed + number, tuple(only or KINDS)).run()
            results.append(result)
            say(f"   {number + 1}/{rounds} {result.line()}")
            if report:  # as far as it came, should it be interrupted
                others = [
                    earlier
                    for earlier in kept.get(size, ())
                    if earlier.seed != result.seed
                ]
                kept[size] = sorted([*others, result], key=lambda r: r.seed)
                save(kept, harness.disk is not None)
    bad = [result for result in results if result.violations]
    counts = Counter(fault[0] for result in results for fault in result.faults)
    say(
        f"{len(results)} rounds of {size} matters, "
        + ", ".join(f"{counts[name]} {name}" for name in KINDS)
        + f": {len(bad)} with something broken"
    )
    return 1 if bad or not results else 0


def nodes(size):
    """Two servers work off one cycle together, undisturbed; return the exit code.

    :param int size: matters; both have chunks to do from 200 on
    """
    with Harness(size) as harness:
        result = Play(harness, 1, plan={}, servers=2).run()
    shares = {
        stage: " and ".join(map(str, counts)) for stage, counts in result.chunks.items()
    }
    say(
        f"   {size} matters: chunks of the drafts {shares.get('bill')}, of the approval "
        f"{shares.get('approve')}, of the production {shares.get('produce')} "
        "(with the e-mails sent meanwhile)"
    )
    say(f"   {result.line()}")
    both = all(all(result.chunks.get(stage, [0])) for stage in ("bill", "produce"))
    return 0 if both and not result.violations else 1


def short():
    """A round with a fault in each stage and one of each race, in a small firm, for
    `dev/odoo test`.

    :return: how many passed and failed
    :rtype: tuple
    """
    with Harness(4, alone=False) as harness:
        result = Play(harness, 0, plan=SHORT).run()
        say(f"   {result.line()}")
        code, _page = races.play(harness, 1)
    failed = bool(result.violations) + bool(code)
    return 2 - failed, failed
