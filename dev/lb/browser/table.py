"""Medians of the rounds, held against the goals, as a page."""

import os
import platform
import time
from statistics import median

from .pages import QUICK, get_acts, get_edits

#: Bytes that our part of the web client's files may have, as it is served.
BUNDLE = 150_000

HEAD = """# In the browser

Written by `make browser` on {day}: medians of {rounds} rounds on a firm of {size} rows.
{machine}. One database, one server, one headless Chromium of 1440 × 900; each round
opens every page once, ours and Odoo's own in turns, from a small list of Odoo's, and does
its edits there. Files and views were loaded once before.

**ms** is from the click until the page is at rest: to the frame that shows its last
change, or to the last answer of the server if that changed nothing, after which nothing
happened for 150 ms.
**calls** are what the server was asked, **kB** what it sent for it (bodies and headers,
not compressed: a proxy in front compresses them).

Goals: a page of ours is never slower than Odoo's own beside it, within the {noise} % by
which a page differs from itself between two halves of the rounds; an edit takes no longer
than {quick} ms; our part of the web client's files is at most {bundle} kB.
"""
COLUMNS = """
| {title} | ms | calls | kB | beside | its ms | its kB | goal | |
| --- | ---: | ---: | ---: | --- | ---: | ---: | --- | --- |
"""
#: What two halves of the rounds of one page may differ in without a reason.
NOISE = 5


def get_middle(rounds):
    """
    :param list rounds: ``{"ms": …, "bytes": …, "calls": […]}`` each
    :return: their medians, the calls counted
    :rtype: dict
    """
    return {
        "ms": median(found["ms"] for found in rounds),
        "kb": median(found["bytes"] for found in rounds) / 1000,
        "calls": round(median(len(found["calls"]) for found in rounds)),
    }


def is_met(key, middles, beside):
    """Whether an act meets its goal: an edit is quick, a page no slower than the other.

    :param str key: of the act
    :param dict middles: ``get_middle`` by key
    :param str beside: key of Odoo's own
    :rtype: bool
    """
    if key in get_edits():
        return middles[key]["ms"] <= QUICK
    return middles[key]["ms"] <= (1 + NOISE / 100) * middles[beside]["ms"]


def describe():
    """Cores, memory and system; no name of the machine."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{os.cpu_count()} cores, {round(pages / 2**30)} GiB, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def make_page(found, firm, rounds, machine):
    """
    :param dict found: rounds by key of act
    :param dict firm: what the firm's scenario gave
    :param int rounds: how many
    :param str machine: what it ran on
    :return: the text of docs/browser.md
    :rtype: str
    """
    middles = {key: get_middle(each) for key, each in found.items()}
    about = firm["browser"]
    text = HEAD.format(
        day=time.strftime("%Y-%m-%d"),
        rounds=rounds,
        size=f"{about['size']:,}",
        machine=machine,
        noise=NOISE,
        quick=QUICK,
        bundle=BUNDLE // 1000,
    )
    acts = [act for act in get_acts().values() if act.key in middles]
    ours = [act for act in acts if act.beside in middles]
    for title, edits in (("opened", False), ("done", True)):
        rows = [
            _make_row(act, middles) for act in ours if (act.key in get_edits()) == edits
        ]
        if rows:
            text += COLUMNS.format(title=title) + "\n".join(rows) + "\n"
    text += _make_bundle(about["bundle"])
    text += _make_calls(acts, found)
    return text


def _make_row(act, middles):
    own, other = middles[act.key], middles[act.beside]
    goal = f"≤ {QUICK}" if act.key in get_edits() else "≤ beside"
    verdict = "met" if is_met(act.key, middles, act.beside) else "**missed**"
    return (
        f"| {act.name} | {own['ms']:.0f} | {own['calls']} | {own['kb']:.0f} "
        f"| {get_acts()[act.beside].name} | {other['ms']:.0f} | {other['kb']:.0f} "
        f"| {goal} | {verdict} |"
    )


def _make_bundle(sizes):
    """Our part of the web client's files, as a table."""
    total = sum(sizes["backend"].values())
    verdict = "met" if total <= BUNDLE else "**missed**"
    parts = "\n".join(
        f"| {name} | {size / 1000:.1f} |" for name, size in sizes["backend"].items()
    )
    lazy = sum(sizes["lazy"].values()) / 1000
    return f"""
## Our part of the web client's files

Minified, as they are served in `web.assets_backend`, which every page loads once.

| part | kB |
| --- | ---: |
{parts}
| all: goal ≤ {BUNDLE // 1000}, {verdict} | {total / 1000:.1f} |
| compressed | {sizes["compressed"] / 1000:.1f} |
| of all addons together | {sizes["all"] / 1000:.0f} |
| loaded when it is needed only | {lazy:.1f} |
"""


def _make_calls(acts, found):
    """What the server was asked for each, of the round in the middle."""
    lines = []
    for act in acts:
        rounds = sorted(found[act.key], key=lambda each: each["ms"])
        calls = rounds[len(rounds) // 2]["calls"]
        asked = ", ".join(
            f"`{name}` {milliseconds}" for name, milliseconds, _size in calls
        )
        lines.append(f"- {act.name}: {asked or 'nothing'}")
    return (
        "\n## What the server was asked\n\n"
        "In the round in the middle, with the milliseconds until its answer was there; "
        "calls of\none page run side by side.\n\n" + "\n".join(lines) + "\n"
    )
