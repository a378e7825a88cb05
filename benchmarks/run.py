"""`make bench`: ours beside Odoo's core in one run; ratios count, not times.

SIZE bills per round (100), ROUNDS rounds (3). Writes `benchmarks/results.md` and, where
matplotlib is there, `benchmarks/results.svg`.
"""

import json
import os
import platform
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ODOO = HERE.parent / "dev/odoo"

DATABASE = "bench"
ROWS = (
    ("draft", "core_draft", "drafts of 10 entries, linked", "`account.move.create`"),
    ("approve", "core_post", "approve", "`action_post`"),
    ("load", None, "loading the run", None),
)


def odoo(*arguments, **options):
    """Run a command of dev/odoo to its end."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env.update(options.pop("env", {}))
    subprocess.run([ODOO, *arguments], check=True, env=env, **options)


def measure():
    """Run the scenarios in a database of their own; return their figures."""
    odoo("db", "drop", DATABASE)
    odoo("db", "create", DATABASE)
    quiet = ("--no-http", "--log-level", "warn")
    try:
        odoo(
            *("server", "--", "-d", DATABASE, "-i", "legal_billing"),
            *("--stop-after-init", *quiet),
        )
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "figures.json"
            with open(HERE / "scenarios.py") as script:
                odoo(
                    *("shell", "--db", DATABASE, "--", *quiet),
                    stdin=script,
                    env={"BENCH_OUTPUT": str(output)},
                )
            return json.loads(output.read_text())
    finally:
        odoo("db", "drop", DATABASE)


def make_table(figures):
    """The figures as a Markdown table."""
    lines = [
        f"{figures['bills']} bills a round, median of {figures['rounds']} rounds, "
        f"{os.cpu_count()} cores, {platform.python_implementation()} "
        f"{platform.python_version()}, Odoo 19.0.",
        "",
        "| per bill | ours | core | ratio | queries, ours | queries, core |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    per_bill = figures["per_bill"]
    for ours, core, name, core_name in ROWS:
        mine = per_bill[ours]
        if core:
            other = per_bill[core]
            lines.append(
                f"| {name} (core: {core_name}) | {mine['ms']:.1f} ms "
                f"| {other['ms']:.1f} ms | {mine['ms'] / other['ms']:.2f} "
                f"| {mine['queries']:.2f} | {other['queries']:.2f} |"
            )
        else:
            lines.append(
                f"| {name} | {mine['ms']:.1f} ms | | | {mine['queries']:.2f} | |"
            )
    return "\n".join(lines) + "\n"


def plot(figures, path):
    """Bars of ours and core's, where matplotlib is there."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("svg")
    from matplotlib import pyplot

    pairs = [row for row in ROWS if row[1]]
    figure, axes = pyplot.subplots(figsize=(6, 3))
    for offset, side, label in ((-0.2, 0, "legal_billing"), (0.2, 1, "core")):
        axes.bar(
            [index + offset for index in range(len(pairs))],
            [figures["per_bill"][row[side]]["ms"] for row in pairs],
            width=0.4,
            label=label,
        )
    axes.set_xticks(range(len(pairs)), [row[2] for row in pairs])
    axes.set_ylabel("ms per bill")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path)


def main():
    """Measure, print, write."""
    figures = measure()
    table = make_table(figures)
    print(table)
    (HERE / "results.md").write_text(f"# Benchmark\n\n{table}")
    plot(figures, HERE / "results.svg")


if __name__ == "__main__":
    main()
