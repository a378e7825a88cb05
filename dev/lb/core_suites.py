"""Odoo's own suites, with the addon installed and without it.

Some of them fail here without any addon (newer libraries, no network), so the
question is not whether all pass but whether the addon makes another one fail.
The run without the addon depends on Odoo and the libraries alone: its result
is kept in the user's cache.

Odoo runs the `at_install` tests of a module before it loads those that build on it:
on installing it, before the addon exists. In a database that has the addon its rules
and columns would be there then and its code not, which happens in no other moment, so
these tests are left out.
"""

import json
import os
import subprocess
import time
from dataclasses import asdict, dataclass, field

from . import cache, postgres
from .database import Databases
from .odoo_log import FAILED, RECORD, STARTED, TOTAL
from .paths import CLONE, STATE, ensure
from .python import LOCK
from .say import Failure, say, step
from .server import Server, free_port
from .system import BROWSER

SUITES = (
    "account",
    "analytic",
    "project",
    "project_account",
    "hr_timesheet",
    "sale_timesheet",
)
REPORT = CLONE / "docs/core_suites.md"


@dataclass
class Outcome:
    """What one run of the suites said."""

    suites: list
    seconds: int = 0
    run: int = 0
    started: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)


def core_tests(suites=(), fresh=False, only=None):
    """Run the suites both ways, compare by name; return the exit code.

    :param suites: modules whose tests run; empty: all of SUITES
    :param bool fresh: run the baseline again although it is in the cache
    :param str only: `baseline` to stop after the run without the addon
    """
    suites = sorted(suites or SUITES)
    runner = _Runner(Server(BROWSER))
    before = runner.baseline(suites, fresh)
    if only == "baseline":
        return 0
    after = runner.with_addon(suites)
    new = sorted(set(after.failed) - set(before.failed))
    lost = sorted(set(before.started) - set(after.started) - set(after.failed))
    for name in new:
        say(f"\n   --- {name}\n" + "\n".join(after.failed[name][-15:]))
    for name in lost:
        say(f"   not run with the addon: {name}")
    if suites == sorted(SUITES):
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(report(before, after, new, lost))
        say(f"   the comparison is in {REPORT.relative_to(CLONE)}")
    say(
        f"without the addon {len(before.failed)} of {before.run} fail, with it "
        f"{len(after.failed)} of {after.run}: {len(new)} new, {len(lost)} not run"
    )
    return 1 if new or lost or not after.run else 0


class _Runner:
    """Makes the databases of the two runs, and runs."""

    def __init__(self, server):
        self.server = server
        self.databases = Databases(server)
        self.key = self.databases.key

    def baseline(self, suites, fresh):
        """Return the outcome without the addon, from the cache if it is there."""
        key = cache.digest(self.key, LOCK.read_bytes(), "post", *suites)
        path = ensure(cache.CACHE) / f"core_suites-{key}.json"
        if path.exists() and not fresh:
            say(f"   without the addon: from the cache ({path.name})")
            return Outcome(**json.loads(path.read_text()))
        name = f"core_{os.getpid()}"
        self._create(name, "sale_timesheet")
        try:
            outcome = self._run(name, suites, "without the addon")
        finally:
            self.databases.drop(name)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(outcome), indent=1))
        part.replace(path)
        return outcome

    def with_addon(self, suites):
        """Return the outcome with the addon beside sale_timesheet."""
        name = f"core_lb_{os.getpid()}"
        self._create(name, "sale_timesheet,legal_billing")
        try:
            return self._run(name, suites, "with the addon")
        finally:
            self.databases.drop(name)

    def _create(self, name, modules):
        self.databases.create(name)
        log = ensure(STATE / "logs") / f"{name}-install.log"
        options = ["-d", name, "-i", modules, "--stop-after-init", "--no-http"]
        options += ["--max-cron-threads", "0"]
        with step(f"Database {name} with {modules}"), open(log, "w") as output:
            done = self.server.run(*options, stdout=output, stderr=subprocess.STDOUT)
        if done.returncode:
            self.databases.drop(name)
            raise Failure(f"The installation failed: {log}")
        postgres.analyze(self.server.connection, name)

    def _run(self, name, suites, words):
        path = ensure(STATE / "logs") / f"{name}.log"
        options = ["-d", name, "--db-filter", f"^{name}$", "--stop-after-init"]
        tags = [*(f"/{module}" for module in suites), "-at_install"]
        options += ["--test-tags", ",".join(tags)]
        options += ["--http-port", str(free_port()), "--max-cron-threads", "0"]
        options += ["--screenshots", str(ensure(STATE / "screenshots"))]
        start = time.monotonic()
        say(f"   the log: {path.relative_to(CLONE)}")
        with step(f"{', '.join(suites)} {words}"), open(path, "w") as output:
            self.server.run(*options, stdout=output, stderr=subprocess.STDOUT)
        outcome = read_log(path.read_text(errors="replace").splitlines(), suites)
        outcome.seconds = round(time.monotonic() - start)
        if not outcome.run:
            raise Failure(f"The suites did not come to their end: {path}")
        return outcome


def read_log(lines, suites):
    """Return what the log of a run says, test by test."""
    outcome, name, started = Outcome(list(suites)), None, set()
    for line in lines:
        record = RECORD.match(line)
        if not record:
            if name:
                outcome.failed[name].append(line)
            continue
        name = None
        place = record["name"].removeprefix("odoo.addons.")
        text = record["text"]
        if total := TOTAL.match(text):
            outcome.run = int(total[3])
        elif begun := STARTED.match(text):
            started.add(f"{place}: {begun[1]}")
        elif record["level"] in {"ERROR", "CRITICAL"} and (bad := FAILED.match(text)):
            name = f"{place}: {bad[1].rstrip(')')}"
            outcome.failed.setdefault(name, []).append(text)
    outcome.started = sorted(started)
    return outcome


def report(before, after, new, lost):
    """Return the comparison as a page of Markdown."""

    def count(outcome, module):
        run = sum(name.startswith(f"{module}.") for name in outcome.started)
        bad = sum(name.startswith(f"{module}.") for name in outcome.failed)
        return f"{run} | {bad}"

    rows = "\n".join(
        f"| {module} | {count(before, module)} | {count(after, module)} |"
        for module in before.suites
    )
    both = sorted(set(before.failed) & set(after.failed))
    cured = sorted(set(before.failed) - set(after.failed))

    def listed(names):
        return "\n".join(f"- `{name}`" for name in names) or "None."

    return f"""# Odoo's own suites with the addon installed

`make core-tests` runs the suites of {", ".join(before.suites)} on two databases: one
without the addon, one with it (`sale_timesheet` beside it in both), and compares them
by the name of the test. Tests tagged `at_install` are left out: Odoo runs them on
installing their module, before the addon exists.

| suite | tests without | failing | tests with | failing |
| --- | ---: | ---: | ---: | ---: |
{rows}
| all, as Odoo counts | {before.run} | {len(before.failed)} | {after.run} | {
        len(after.failed)
    } |

The first run took {before.seconds // 60} minutes, the second {after.seconds // 60}.

## Failing with the addon only

{listed(new)}

## Not run with the addon

{listed(lost)}

## Failing both ways

They need the network, or older libraries than those of `dev/requirements.txt`.

{listed(both)}

## Failing without the addon only

{listed(cured)}
"""
