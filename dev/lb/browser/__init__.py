"""How long pages take in the browser, ours and Odoo's own in turns.

One database with a firm of many rows, one server, one headless Chromium. Each round opens
every page once and does its edits on it; medians of the rounds and what the server sent
are written to docs/browser.md, beside the size of our part of the web client's files.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

from .. import demo, postgres
from ..database import Databases
from ..paths import CLONE, DEV, STATE, ensure
from ..say import Failure, say, step
from ..server import Server, free_port
from ..system import BROWSER
from ..system import browser as chromium
from . import table

PAGE = CLONE / "docs/browser.md"
BENCHMARKS = CLONE / "benchmarks"


def browser(rounds, size, database=None, report=False, only=()):
    """Measure, print, and write the page.

    :param int rounds: of which the medians are taken
    :param int size: rows of the firm's lists
    :param str database: to use as it is, or to make and keep; default: one for this run
    :param bool report: write docs/browser.md
    :param only: keys of pages, which join what was found before; default: all
    :return: the exit code
    """
    server = Server(BROWSER)
    databases = Databases(server)
    name = database or f"browser_{os.getpid()}"
    known = ensure(STATE / "browser") / f"{name}.json"
    try:
        if not databases.exists(name) or not known.exists():
            databases.drop(name)
            _make(server, databases, name, size, known)
        firm = json.loads(known.read_text())
        found = _measure(server, name, firm, rounds, only)
    finally:
        if not database:
            databases.drop(name)
            known.unlink(missing_ok=True)
    text = table.make_page(found, firm, rounds, table.describe())
    say(text)
    if report:
        PAGE.write_text(text)
    return 0


def _make(server, databases, name, size, known):
    """The database, the addon, a firm of so many rows; what it has goes to a file."""
    databases.create(name)
    log = ensure(STATE / "logs") / "browser.log"
    with step("The addon"), open(log, "w") as output:
        options = ["-d", name, "-i", "legal_billing", "--stop-after-init"]
        done = server.run(*options, "--no-http", stdout=output, stderr=output)
    if done.returncode:
        raise Failure(f"The addon was not installed: {log}")
    with step(f"A firm of {size} rows"):
        script = BENCHMARKS / "scenarios.py"
        with open(script) as source:
            done = server.run(
                *("-d", name, "--no-http", "--logfile", log),
                sub="shell",
                stdin=source,
                env={
                    "BENCH_OUTPUT": str(known),
                    "BENCH_FOLDER": str(BENCHMARKS),
                    "BENCH_ONLY": "browser",
                    "SIZE": str(size),
                    "ROUNDS": "1",
                },
            )
        if done.returncode or not known.exists():
            raise Failure(f"The firm was not made: {log}")
        postgres.analyze(server.connection, name)


@contextmanager
def _serve(server, name):
    """A server on the database that does nothing else; its address."""
    port = free_port()
    log = ensure(STATE / "logs") / "browser-server.log"
    with open(log, "w") as output:
        process = subprocess.Popen(
            server.command(
                *("-d", name, "--db-filter", f"^{name}$"),
                *("--http-port", port, "--max-cron-threads", "0"),
            ),
            env=server.environment(),
            cwd=CLONE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            if not demo.wait_for_answer(process, port):
                raise Failure(f"The server did not start: {log}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _measure(server, name, firm, rounds, only):
    """What the rounds found, by key of page or edit; of a database that is kept, some
    pages are measured again beside what was found of the others."""
    output = ensure(STATE / "browser") / f"{name}-found.json"
    earlier = json.loads(output.read_text()) if only and output.exists() else {}
    output.unlink(missing_ok=True)
    with _serve(server, name) as url, step(f"{rounds} rounds"):
        command = [server.python, "-m", "lb.browser.rounds", chromium(), url, name]
        done = subprocess.run(
            [*map(str, command), str(rounds), str(output), ",".join(only or ())],
            env={**os.environ, "PYTHONPATH": str(DEV)},
            input=json.dumps(firm["browser"]["records"]),
            text=True,
            stdout=sys.stdout,
        )
    if done.returncode:
        raise Failure("A page was not measured.")
    found = earlier | json.loads(output.read_text())
    output.write_text(json.dumps(found))
    return found
