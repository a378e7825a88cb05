"""The tests: linters, engine, Odoo, browser tours, added up in one line."""

import os
import subprocess
import time
import xml.etree.ElementTree as ET

from . import faults, lifecycle, lint, python, queue_job
from .database import Databases
from .odoo_log import OdooLog
from .paths import ADDON, CLONE, STATE, ensure
from .say import say
from .server import Server, free_port
from .system import BROWSER, LIBRARIES, NODE, need

PARTS = ("lint", "engine", "odoo", "tours", "faults")
#: Only when asked for by name.
MORE = ("lifecycle", "queue")
#: Tests that drive a browser carry this tag beside `post_install`.
TOUR_TAG = "legal_billing_tour"
ENGINE_TESTS = ADDON / "tests/engine"


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
        ("Faults and races", faults.short if "faults" in parts else None),
        (
            "Odoo tests",
            (lambda: odoo(parts, tags, database, keep))
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
    """Run the engine's tests with pytest, without Odoo on the path."""
    report = ensure(STATE / "logs") / f"engine-{os.getpid()}.xml"
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [python.python(), "-m", "pytest", "-q", f"--junit-xml={report}"]
    subprocess.run([str(part) for part in [*command, ENGINE_TESTS]], env=env, cwd=CLONE)
    if not report.exists():
        return 0, 1
    suites = ET.parse(report).getroot().iter("testsuite")
    counts = [{k: int(s.get(k)) for k in COUNTS} for s in suites]
    report.unlink()
    run, failures, errors, skipped = (sum(c[k] for c in counts) for k in COUNTS)
    failed = failures + errors + skipped
    return run - failed, failed if run else 1


COUNTS = ("tests", "failures", "errors", "skipped")


def odoo(parts, tags, database, keep):
    """Install (or upgrade) the addon and run its tests; return the counts."""
    server = Server(BROWSER)
    databases = Databases(server)
    name = database or f"test_{os.getpid()}"
    mode = "-u"
    if not databases.exists(name):
        databases.create(name)
        mode = "-i"
    try:
        return _run_odoo(server, name, mode, tags or _tags(parts))
    finally:
        if mode == "-i" and not keep:
            databases.drop(name)


def _tags(parts):
    if "tours" not in parts:
        return f"/legal_billing,-{TOUR_TAG}"
    return "/legal_billing" if "odoo" in parts else f"{TOUR_TAG}/legal_billing"


def _follow(lines, copy, log):
    """Read the log as it is written; say now and then where the tests are."""
    last = time.monotonic()
    for line in lines:
        copy.write(line)
        started = log.feed(line)
        if started and time.monotonic() - last > 15:
            last = time.monotonic()
            say(f"   ... test {log.started}: {started}")


def _run_odoo(server, name, mode, tags):
    path = ensure(STATE / "logs") / f"{name}.log"
    say(f"   database {name}, tags {tags}, log {path.relative_to(CLONE)}")
    options = ["-d", name, "--db-filter", f"^{name}$", mode, "legal_billing"]
    options += ["--test-tags", tags, "--stop-after-init", "--log-level", "info"]
    options += ["--http-port", str(free_port()), "--max-cron-threads", "0"]
    options += ["--screenshots", str(ensure(STATE / "screenshots"))]
    log = OdooLog()
    with open(path, "w", buffering=1) as copy:
        process = subprocess.Popen(
            server.command(*options),
            env=server.environment(),
            cwd=CLONE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            _follow(process.stdout, copy, log)
            process.wait()
        finally:
            # Interrupted: the database is dropped next, nobody may use it.
            process.kill()
            process.wait()
    for title, lines in [*log.failed, *(("log", f) for f in log.findings)]:
        say(f"\n   --- {title}\n" + "\n".join(f"   {line}" for line in lines))
    passed, failed, words = log.counts()
    if not failed and process.returncode:
        failed, words = 1, f"{words}; Odoo exited with {process.returncode}"
    if not passed and not failed:
        failed, words = 1, "no Odoo test ran"
    if log.total is None:
        tail = path.read_text(errors="replace").splitlines()[-15:]
        say("\n".join(tail))
    say(f"   {words}")
    return passed, failed
