"""The figures as a table and a plot."""

import json
import os
import platform

#: scenario, ratio in it, goal, what it says
GOALS = (
    (
        "bills",
        "draft",
        0.22,
        "draft and link 10 entries : `sale_timesheet._create_invoices`, one line",
    ),
    ("bills", "approve", 0.3, "approve : `action_post`"),
    ("scale", "growth", 1.15, "ms per bill of {matters} matters : of 100 matters"),
    ("scale", "memory", 600, "peak memory of a run of {matters} matters, MiB"),
    (
        "scale",
        "load",
        1.8,
        "loading {matters} matters, {entries} entries : bare SQL sums",
    ),
    (
        "mixed",
        "load",
        3,
        "the same where three matters in ten have a quote, cap, discount, another "
        "currency or instalments : bare SQL sums",
    ),
    ("pdf", "pdf_one", 0.2, "PDF, one process after the other : core's layout"),
    ("pdf", "pdf_two", 0.17, "PDF, two processes at once : core's layout"),
    (
        "payments",
        "many",
        0.25,
        "one payment, many clients : `account.payment.register`",
    ),
    ("payments", "single", 0.5, "one payment, one client : `account.payment.register`"),
    ("split", "split_draft", 1.3, "draft, two payers, per bill made : a plain one"),
    ("split", "split_approve", 1.3, "approve, two payers, per bill : a plain one"),
    ("split", "carried_draft", 1.3, "draft less what was on account : a plain one"),
    ("split", "carried_approve", 1.3, "approve less on account : a plain one"),
    (
        "split",
        "together_draft",
        1.3,
        "draft over two matters : a plain one of as many lines",
    ),
    (
        "split",
        "together_approve",
        1.3,
        "approve over two matters : a plain one of as many lines",
    ),
    (
        "evening",
        "evening_one",
        0.25,
        "work to sent e-mails, one process, {lines} entries a bill : core's *Send*",
    ),
    (
        "evening",
        "evening_two",
        0.15,
        "the same, worked off by two servers : core's *Send*",
    ),
    ("evening", "evening_growth", 1.1, "the same, ms a bill of {many} : of {bills}"),
    ("evening", "evening_memory", 400, "memory of it, MiB"),
    ("lists", "lists", 30, "most queries to open a list of {size} rows"),
    (
        "reports",
        "report_growth",
        1.5,
        "most that a row of a report or window costs among {largest} : among 100, in ms",
    ),
    (
        "reports",
        "report_queries",
        0.02,
        "most queries that a report or window asks more per row",
    ),
    (
        "growth",
        "most",
        0.2,
        "most queries that loading, billing, approving costs more per bill, 10 to 1000",
    ),
    (
        "growth",
        "rise",
        1.1,
        "queries of a bill produced, reverted, deleted: of 100 to 1000 : of 10 to 100",
    ),
)


def describe_machine():
    """Cores, memory and versions; no name of the machine."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def get_measured(figures, scenario, name):
    """The figure of a goal, or None when its scenario was left out."""
    value = figures.get(scenario, {}).get(name)
    return value["ratio"] if isinstance(value, dict) else value


def get_sentence(figures, scenario, text):
    """A goal's sentence with the size that was really measured."""
    return text.format_map(
        figures[scenario] | {"size": figures[scenario]["run"]["size"]}
    )


def get_full(scenario):
    """Size that a goal speaks of; smaller ones prove nothing."""
    return 10000 if scenario in ("scale", "mixed", "lists") else 0


def make_goals(figures):
    """What was measured beside what was aimed at."""
    lines = ["| | measured | goal | |", "| --- | ---: | ---: | --- |"]
    for scenario, name, goal, text in GOALS:
        value = get_measured(figures, scenario, name)
        if value is not None:
            shown = f"{value:.0f}" if goal >= 30 else f"{value:.2f}"
            verdict = "met" if value <= goal else "**missed**"
            if value <= goal and figures[scenario]["run"]["size"] < get_full(scenario):
                verdict = "met at this size"
            sentence = get_sentence(figures, scenario, text)
            lines.append(f"| {sentence} | {shown} | ≤ {goal} | {verdict} |")
    return lines


def make_origin(figures):
    """Which run each part is from: one run, or which parts were measured again."""
    runs = {}
    for name, part in figures.items():
        runs.setdefault(json.dumps(part["run"], sort_keys=True), []).append(name)
    lines = []
    for text, names in runs.items():
        run = json.loads(text)
        part = "All of it" if len(runs) == 1 else ", ".join(sorted(names))
        lines.append(
            f"- {part}: one run of {run['started']}, SIZE={run['size']}, medians of "
            f"{run['rounds']} rounds, {run['minutes']:.0f} minutes; {run['cores']} "
            f"cores, {run['memory_gib']} GiB, {run['system']}, load of the machine "
            f"{run['load_before']} before and {run['load']} after; Odoo {run['odoo']}, "
            f"Python {run['python']}, PostgreSQL {run['postgresql']}, wkhtmltopdf "
            f"{run['wkhtmltopdf']}."
        )
    return lines


def make_times(figures):
    """Time and queries per bill, of both."""
    lines = [
        "| per bill | ours | core | queries, ours | queries, core |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    per_bill = figures.get("bills", {}).get("per_bill", {})
    for ours, core, text in (
        ("draft", "sale_draft", "draft, 10 entries (core: `_create_invoices`)"),
        ("draft", "core_draft", "draft, 10 entries (core: `account.move.create`)"),
        ("approve", "core_post", "approve (core: `action_post`)"),
    ):
        if ours in per_bill:
            mine, other = per_bill[ours], per_bill[core]
            lines.append(
                f"| {text} | {mine['ms']:.1f} ms | {other['ms']:.1f} ms "
                f"| {mine['queries']:.1f} | {other['queries']:.1f} |"
            )
    payments = figures.get("payments", {})
    for name in ("many", "single"):
        if name in payments:
            row = payments[name]
            lines.append(
                f"| pay {payments['bills']} bills of {row['clients']} clients "
                f"| {row['ours']:.1f} ms | {row['core']:.1f} ms "
                f"| {row['queries']:.1f} | {row['core_queries']:.1f} |"
            )
    if "pdf" in figures:
        pdf = figures["pdf"]
        lines.append(f"| PDF | {pdf['one']:.0f} ms | {pdf['core']:.0f} ms | | |")
        lines.append(f"| PDF, two processes at once | {pdf['two']:.0f} ms | | | |")
    return lines


def get_evening_names(part):
    """What the rows of the evening are called."""
    return {
        "ours": f"ours, one process, {part['bills']} bills",
        "ours_two": f"ours, two servers, {part['bills']} bills",
        "large": f"ours, two servers, {part['many']} bills",
        "core": f"core, {part['bills']} bills",
    }


def make_evening(figures):
    """Where the time of the whole evening goes."""
    part = figures.get("evening", {})
    if not part:
        return []
    names = get_evening_names(part)
    steps = list(part["ms"]["ours"])
    return [
        "",
        f"ms a bill from recorded work to sent e-mails, {part['bills']} bills of "
        f"{part['lines']} entries:",
        "",
        f"| | {' | '.join(steps)} | all |",
        f"| --- |{' ---: |' * (len(steps) + 1)}",
        *(
            f"| {label} | "
            + " | ".join(f"{part['ms'][name][step]:.1f}" for step in steps)
            + f" | {sum(part['ms'][name].values()):.1f} |"
            for name, label in names.items()
        ),
    ]


def make_notes(figures):
    """What needs a sentence."""
    lines = []
    if "scale" in figures:
        row = figures["scale"]
        lines.append(
            f"- Big run: {row['matters']} matters billed and approved in chunks of 100, "
            f"each committed: {row['big_ms']:.1f} ms a bill (100 matters: "
            f"{row['small_ms']:.1f} ms); memory {row['memory_before']:.0f} MiB before, "
            f"{row['memory']:.0f} MiB at most."
        )
        lines.append(
            f"- Loading {row['matters']} matters with {row['entries']} entries: "
            f"{row['load_s']:.1f} s, {row['load_queries']} queries; the bare sums: "
            f"{row['aggregate_s']:.1f} s."
        )
    if "mixed" in figures:
        row = figures["mixed"]
        lines.append(
            f"- Loading as many of which three in ten are not plain ({row['matters']} "
            f"matters, {row['entries']} entries): {row['load_s']:.1f} s, "
            f"{row['load_queries']} queries; the bare sums: {row['aggregate_s']:.1f} s."
        )
    if "payments" in figures:
        parts = [
            f"{row['bare_ratio']:.2f} of `account.payment.register` with {row['clients']} "
            f"clients ({row['bare']:.1f} ms a bill, {row['bare_queries']:.1f} queries)"
            for row in (figures["payments"][name] for name in ("many", "single"))
        ]
        lines.append(
            "- The least that core's own parts cost, an entry made by hand with an item "
            "per bill, posted and matched, without slip, rule, notes and receipts: "
            + ", ".join(parts)
            + "."
        )
    if "wait" in figures:
        row = figures["wait"]
        lines.append(
            f"- Somebody else who posts in the same journal meanwhile waits "
            f"{row['median_ms']:.0f} ms (median of {row['posted']}), "
            f"{row['longest_ms']:.0f} ms at most; alone it takes "
            f"{row['alone_ms']:.0f} ms, a chunk of 100 takes {row['chunk_ms']:.0f} ms."
        )
    return lines


def make_lists(figures):
    """Queries to open each list."""
    rows = figures.get("lists", {}).get("rows", [])
    if not rows:
        return []
    return [
        "",
        "| list | rows | queries | ms |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {row['list']} | {row['rows']} | {row['queries']} | {row['ms']:.0f} |"
            for row in rows
        ),
    ]


def make_growth(figures):
    """Queries of chunks of different sizes."""
    part = figures.get("growth", {})
    if not part:
        return []
    sizes = part["sizes"]
    return [
        "",
        "Queries of one chunk, by the number of its bills:",
        "",
        f"| step | {' | '.join(str(size) for size in sizes)} | more per bill |",
        f"| --- |{' ---: |' * (len(sizes) + 1)}",
        *(
            f"| {row['step']} | {' | '.join(str(n) for n in row['queries'])} "
            f"| {row['slope']:.2f} |"
            for row in part["rows"]
        ),
    ]


def make_reports(figures):
    """Time and queries of reports and windows of different sizes."""
    part = figures.get("reports", {})
    if not part:
        return []
    sizes = part["sizes"]
    return [
        "",
        "Reports, windows and strips, ms (queries) by the number of matters or bills:",
        "",
        f"| | {' | '.join(f'{size:,}' for size in sizes)} | a row of the most : of 100 |",
        f"| --- |{' ---: |' * (len(sizes) + 1)}",
        *(
            f"| {row['what']} | "
            + " | ".join(
                f"{cell['ms']:.0f} ({cell['queries']})" for cell in row["cells"]
            )
            + f" | {row['growth']:.2f} |"
            for row in part["rows"]
        ),
    ]


def make_explain(figures):
    """Indexes that statements use."""
    rows = figures.get("explain", {}).get("rows", [])
    if not rows:
        return []
    return [
        "",
        f"Plans at {figures['explain']['entries']} entries:",
        "",
        "| statement | index | ms |",
        "| --- | --- | ---: |",
        *(f"| {row['name']} | {row['how']} | {row['ms']:.1f} |" for row in rows),
    ]


def make_report(figures):
    """Everything as Markdown."""
    return "\n".join(
        [
            "# Benchmark",
            "",
            "Ours and core in turns in one database; ratios count, not times.",
            "",
            *make_origin(figures),
            "",
            *make_goals(figures),
            "",
            *make_times(figures),
            "",
            *make_notes(figures),
            *make_evening(figures),
            *make_lists(figures),
            *make_growth(figures),
            *make_reports(figures),
            *make_explain(figures),
            "",
        ]
    )
