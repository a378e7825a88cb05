"""The tests: linters, engine, Odoo, browser tours, added up in one line."""

import os
import subprocess
import time
import xml.etree.ElementTree as ET

from . import faults, lifecycle, lint, neighbours, odoo_tests, python, queue_job
from .paths import CLONE, DEV, ENGINE_TESTS, STATE, ensure
from .say import say
from .system import BROWSER, LIBRARIES, NODE, need

PARTS = ("lint", "engine", "odoo", "tours", "faults")
#: Only when asked for by name.
MORE = ("lifecycle", "queue", "neighbours")
#: Of what is in dev/; they need no Odoo either.
DEV_TESTS = DEV / "tests"


def test(parts=(), tags=None, database=None, keep=False):
    """Run the parts (all by default); print the sum; return the exit code.

    :param str tags: Odoo's own tags, instead of those of the parts
    :param str database: an existing database to upgrade and use, or the name
        of the one to make
    :param bool keep: keep the database that was made
    """
    parts = set(parts or PARTS)
    if tags:
        parts = {"odoo"}
    need(
        {**LIBRARIES, **NODE, **BROWSER, **python.needed_packages()},
        "Odoo, its PDFs and tests",
    )
    passed = failed = 0
    for name, run in (
        ("Lint", lint.lint if "lint" in parts else None),
        ("Engine tests", engine if "engine" in parts else None),
        ("Lifecycle", lifecycle.lifecycle if "lifecycle" in parts else None),
        ("Job queue", queue_job.queue if "queue" in parts else None),
        ("Neighbours", neighbours.neighbours if "neighbours" in parts else None),
        ("Faults and races", faults.short if "faults" in parts else None),
        (
            "Odoo tests",
            (lambda: odoo_tests.run(parts, tags, database, keep))
            if parts & {"odoo", "tours"}
            else None,
        ),
    ):
        if not run:
            continue
        say(f"== {name}")
        start = time.monotonic()
        good, bad = run()
        passed, failed = passed + good, failed + bad
        say(f"   {good} passed, {bad} failed in {time.monotonic() - start:.0f} s\n")
    if not passed and not failed:
        failed = 1
        say("No test ran.")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def engine():
    """Run the engine's tests, and dev's own, with pytest, without Odoo on the path."""
    # one by one: each folder is the root of its run, what is above it is not collected
    counts = [_pytest(folder) for folder in (ENGINE_TESTS, DEV_TESTS)]
    return tuple(map(sum, zip(*counts, strict=True)))


def _pytest(folder):
    """Run the tests of a folder; return how many passed and failed."""
    report = ensure(STATE / "logs") / f"{folder.name}-{os.getpid()}.xml"
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [python.python(), "-m", "pytest", "-q", f"--junit-xml={report}", folder]
    subprocess.run([str(part) for part in command], env=env, cwd=CLONE)
    if not report.exists():
        return 0, 1
    suites = ET.parse(report).getroot().iter("testsuite")
    counts = [{k: int(s.get(k)) for k in COUNTS} for s in suites]
    report.unlink()
    run, failures, errors, skipped = (sum(c[k] for c in counts) for k in COUNTS)
    failed = failures + errors + skipped
    return run - failed, failed if run else 1


COUNTS = ("tests", "failures", "errors", "skipped")
