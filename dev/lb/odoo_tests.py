"""Odoo's tests of the addons: one process of them, or two at once."""

import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from .database import Databases
from .odoo_log import OdooLog
from .paths import ADDON, ADDONS, CLONE, DEV, ENGINE_TESTS, STATE, ensure
from .say import say
from .server import Server, free_port
from .system import BROWSER

#: Tests that drive a browser carry this tag beside `post_install`.
TOUR_TAG = "legal_billing_tour"
#: Processes that share the tests, each with a database of its own: as many as the
#: smallest machine has processors.
LANES = 2
#: About how many seconds files of tests take that take long; the others by what they
#: hold. Only their proportion counts, and that not much.
LONG = {
    "test_access": 80,
    "test_bill_report": 40,
    "test_bill_tours": 45,
    "test_bulk_growth": 30,
    "test_demo": 45,
    "test_effects": 150,
    "test_mass_billing_tours": 55,
    "test_payment_bulk": 60,
    "test_payment_equal": 40,
    "test_payment_tours": 40,
    "test_produce": 35,
    "test_produce_email": 35,
    "test_produce_parallel": 35,
    "test_tours": 35,
    "test_trust_run": 50,
    "test_walk": 35,
    "test_walls": 35,
}
SECONDS_OF_CLASS, SECONDS_OF_TEST = 5, 0.7
SCRIPT = DEV / "scripts/test_company.py"
QUIET = ("--no-http", "--log-level", "warn")
NAMES = ",".join(addon.name for addon in ADDONS)


def run(parts, tags, database, keep):
    """Run the addons' tests in a database that has them; return the counts.

    :param set parts: which of "odoo" and "tours"
    :param str tags: Odoo's own tags, instead of those of the parts
    :param str database: to upgrade and use, or the name of the one to make
    :param bool keep: keep the database that was made
    """
    server = Server(BROWSER)
    databases = Databases(server)
    if tags or database or keep or "odoo" not in parts:
        return _run_alone(server, databases, tags or _tags(parts), database, keep)
    return _run_lanes(server, databases, "tours" in parts)


def _run_alone(server, databases, tags, database, keep):
    """Install or upgrade the addons and test them, in one process."""
    name = database or f"test_{os.getpid()}"
    mode = "-u"
    if not databases.exists(name):
        databases.create(name)
        mode = "-i"
    try:
        options = ["--test-tags", tags]
        if mode == "-u":
            options = [mode, NAMES, *options]
        else:
            log, code = _install(server, name)
            if log.findings or code:
                return tell(log, code)
        return tell(*run_odoo(server, name, options, "tests"))
    finally:
        if mode == "-i" and not keep:
            databases.drop(name)


def _tags(parts):
    if "odoo" not in parts:
        return f"{TOUR_TAG}/{ADDON.name}"
    tags = [f"/{addon.name}" for addon in ADDONS]
    return ",".join(tags if "tours" in parts else [*tags, f"-{TOUR_TAG}"])


def _run_lanes(server, databases, with_tours):
    """Install the addons once, and test them in copies of the database at once."""
    names = [f"test_{os.getpid()}_{number}" for number in range(LANES)]
    first = names[0]
    try:
        databases.create(first)
        log, code = _install(server, first)
        if log.findings or code:
            return tell(log, code)
        for name in names[1:]:
            databases.create(name, first)
        with ThreadPoolExecutor(LANES) as pool:
            lanes = [
                pool.submit(
                    run_odoo, server, name, ["--test-tags", tags], f"lane {number}"
                )
                for number, (name, tags) in enumerate(
                    zip(names, _share_files(with_tours), strict=True), 1
                )
            ]
        counts = [tell(*lane.result()) for lane in lanes]
        return tuple(sum(column) for column in zip(*counts, strict=True))
    finally:
        for name in names:
            databases.drop(name)


def _install(server, name):
    """Install the addons, and make the company that most tests work in.

    :return: what the log says, and the exit code
    :rtype: tuple
    """
    log, code = run_odoo(server, name, ["-i", NAMES], "installation")
    if log.findings or code:
        return log, code
    with open(SCRIPT) as script:
        done = server.run("-d", name, *QUIET, sub="shell", stdin=script)
    return log, done.returncode


def _share_files(with_tours):
    """Share the test files out so that each lane takes as long as the others.

    :return: the tags of each lane
    :rtype: list
    """
    lanes = [[0.0, []] for _number in range(LANES)]
    files = {f"/{path.relative_to(CLONE)}": _estimate(path) for path in _files()}
    for name in sorted(files, key=lambda name: (-files[name], name)):
        lane = min(lanes, key=lambda lane: lane[0])
        lane[0] += files[name]
        lane[1].append(name)
    without = [] if with_tours else [f"-{TOUR_TAG}"]
    return [",".join([*sorted(names), *without]) for _seconds, names in lanes]


def _files():
    """Return the files of Odoo tests; those of the engine are pytest's."""
    found = (path for addon in ADDONS for path in addon.glob("tests/**/test_*.py"))
    return [path for path in found if ENGINE_TESTS not in path.parents]


def _estimate(path):
    """About how many seconds a file of tests takes."""
    if path.stem in LONG:
        return LONG[path.stem]
    text = path.read_text()
    return SECONDS_OF_CLASS * len(
        re.findall(r"^class ", text, re.MULTILINE)
    ) + SECONDS_OF_TEST * len(re.findall(r"^    def test_", text, re.MULTILINE))


def run_odoo(server, name, options, words):
    """Run Odoo to its end, reading its log.

    :param list options: besides those of every run
    :param str words: what this is, for people
    :return: what the log says, and the exit code
    :rtype: tuple
    """
    path = ensure(STATE / "logs") / f"{name}-{words.replace(' ', '_')}.log"
    say(f"   {words}: database {name}, log {path.relative_to(CLONE)}")
    options = ["-d", name, "--db-filter", f"^{name}$", *options, "--stop-after-init"]
    options += ["--log-level", "info", "--max-cron-threads", "0"]
    options += ["--http-port", str(free_port())]
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
            _follow(process.stdout, copy, log, words)
            process.wait()
        finally:
            # Interrupted: the database is dropped next, nobody may use it.
            process.kill()
            process.wait()
    if log.total is None and "--test-tags" in options:
        say("\n".join(path.read_text(errors="replace").splitlines()[-15:]))
    return log, process.returncode


def _follow(lines, copy, log, words):
    """Read the log as it is written; say now and then where the tests are."""
    last = time.monotonic()
    for line in lines:
        copy.write(line)
        started = log.feed(line)
        if started and time.monotonic() - last > 15:
            last = time.monotonic()
            say(f"   ... {words}, test {log.started}: {started}")


def tell(log, code):
    """Say what a run found; return how many tests passed and failed."""
    for title, lines in [*log.failed, *(("log", f) for f in log.findings)]:
        say(f"\n   --- {title}\n" + "\n".join(f"   {line}" for line in lines))
    passed, failed, words = log.counts()
    if not failed and code:
        failed, words = 1, f"{words}; Odoo exited with {code}"
    if not passed and not failed:
        failed, words = (
            1,
            (
                "no Odoo test ran: look at the tags, and whether the __init__.py beside the "
                "test imports it"
            ),
        )
    say(f"   {words}")
    return passed, failed
