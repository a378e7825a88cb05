"""Odoo's own suites, with the addon installed and without it.

Some of them fail here without any addon (newer libraries, no network), so the
question is not whether all pass but whether the addon makes another one fail.

The suites are run in parts of some test files each, and what a part said is kept: the
run without the addon, which depends on Odoo and the libraries alone, in the user's
cache; the run with it in this clone, as long as neither Odoo nor the addon change. An
interruption loses the part that was running, and `--jobs 2` runs two at once, each in
a database of its own.

Odoo runs the `at_install` tests of a module before it loads those that build on it:
on installing it, before the addon exists. In a database that has the addon its rules
and columns would be there then and its code not, which happens in no other moment, so
these tests are left out.
"""

import json
import os
import queue
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import cache, postgres
from .core_suites_page import page
from .database import Databases
from .odoo_log import FAILED, RECORD, STARTED, TOTAL
from .paths import ADDON, CLONE, STATE, ensure
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
#: Test files of a part: some minutes.
FILES = 8
#: Further runs, on both sides, of a test that failed with the addon only: some of
#: core's tours do not wait for the page.
AGAIN = 4
#: Before the names of classes that could not be set up.
ADDONS = "odoo.addons."
REPORT = CLONE / "docs/core_suites.md"
#: What of the addon does not change what core's suites say.
ASIDE = {"tests", "description", "__pycache__", "README.md"}


@dataclass
class Outcome:
    """What one run of the suites, or a part of it, said."""

    suites: list
    seconds: int = 0
    run: int = 0
    started: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)

    def add(self, other):
        """Take in what another part said."""
        self.seconds += other.seconds
        self.run += other.run
        self.started = sorted({*self.started, *other.started})
        self.failed.update(other.failed)


def _tag(name):
    """Return Odoo's tag of a test by its name in the log, or of a class that could not
    be set up."""
    place, test = name.split(": ")
    if test.startswith(ADDONS):
        place, test = test.removeprefix(ADDONS).rsplit(".", 1)
    return f"/{place.replace('.', '/')}.py:{test}"


def core_tests(suites=(), fresh=False, only=None, jobs=1):
    """Run the suites both ways, compare by name; return the exit code.

    :param suites: modules whose tests run; empty: all of SUITES
    :param bool fresh: run all again although it is kept
    :param str only: `baseline` or `addon`: this run alone, nothing is compared;
        `compare`: nothing is run, what is known of both is compared
    :param int jobs: parts that run at once
    """
    suites = sorted(suites or SUITES)
    runner = _Runner(Server(BROWSER), suites, fresh and only != "compare", jobs)
    sides = (runner.baseline(), runner.addon())
    if only in ("baseline", "addon"):
        runner.run(sides[only == "addon"])
        return 0
    if only != "compare":
        for side in sides:
            runner.run(side)
    known = [part for part in runner.parts if all(side.knows(part) for side in sides)]
    before, after = (side.outcome(suites, known) for side in sides)
    missing = {
        part: ", ".join(side.words_on(part) for side in sides if side.knows(part))
        for part in runner.parts
        if part not in known
    }
    new = sorted(set(after.failed) - set(before.failed))
    unsteady = runner.find_unsteady(sides, new, only != "compare")
    new = [name for name in new if name not in unsteady]
    lost = sorted(set(before.started) - set(after.started) - set(after.failed))
    for name in new:
        say(f"\n   --- {name}\n" + "\n".join(after.failed[name][-15:]))
    for name in lost:
        say(f"   not run with the addon: {name}")
    if suites == sorted(SUITES):
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(page(before, after, new, unsteady, lost, missing))
        say(f"   the comparison is in {REPORT.relative_to(CLONE)}")
    say(
        f"without the addon {len(before.failed)} of {before.run} fail, with it "
        f"{len(after.failed)} of {after.run}: {len(new)} new, {len(unsteady)} unsteady, "
        f"{len(lost)} not run, "
        f"{len(missing)} of {len(runner.parts)} parts not compared"
    )
    return 1 if new or lost or missing or not after.run else 0


@dataclass
class _Side:
    """One of the two runs: its database, and where what its parts said is kept."""

    name: str
    modules: str
    folder: Path
    words: str

    def path(self, part):
        """Return the file of a part."""
        return self.folder / f"{cache.digest(part)}.json"

    def knows(self, part):
        """Tell whether the part has run."""
        return self.path(part).exists()

    def keep(self, part, outcome):
        """Keep what the part said."""
        work = self.path(part).with_suffix(".part")
        work.write_text(json.dumps(asdict(outcome), indent=1))
        work.replace(self.path(part))

    def failures(self, name):
        """Return how often a test failed when it was run again; None: it was not."""
        path = self.folder / f"again-{cache.digest(name)}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def keep_failures(self, name, count):
        """Keep how often a test failed when it was run again."""
        (self.folder / f"again-{cache.digest(name)}.json").write_text(str(count))

    def words_on(self, part):
        """Return in words what a part said."""
        outcome = self.outcome((), [part])
        names = ", ".join(f"`{name}`" for name in sorted(outcome.failed))
        return (
            f"{outcome.run} tests {self.words}, "
            f"{len(outcome.failed) or 'none'} failing{names and ': '}{names}"
        )

    def outcome(self, suites, parts):
        """Return what these parts said together."""
        outcome = Outcome(list(suites))
        for part in parts:
            outcome.add(Outcome(**json.loads(self.path(part).read_text())))
        return outcome


class _Runner:
    """Makes the databases of the two runs, and runs what is not known yet."""

    def __init__(self, server, suites, fresh, jobs):
        self.server, self.suites, self.fresh, self.jobs = server, suites, fresh, jobs
        self.databases = Databases(server)
        self.running = set()
        self.parts = [part for suite in suites for part in self._parts(suite)]

    def _parts(self, suite):
        """The tags of each part of a suite."""
        odoo = self.server.odoo
        files = sorted(
            file.name
            for addons in (*odoo.addons, odoo.lib_path / "odoo/addons")
            for file in (addons / suite / "tests").glob("test_*.py")
        )
        for start in range(0, len(files), FILES):
            names = files[start : start + FILES]
            yield ",".join(f"/{suite}/tests/{name}" for name in names)

    def baseline(self):
        """Return the side without the addon."""
        key = cache.digest(self.databases.key, LOCK.read_bytes(), "post")
        folder = ensure(cache.CACHE / f"core_suites-{key}")
        return _Side(f"core_{key}", "sale_timesheet", folder, "without the addon")

    def addon(self):
        """Return the side with the addon beside sale_timesheet."""
        sources = [
            part
            for addon in sorted(CLONE.glob("legal_billing*"))
            for path in sorted(addon.rglob("*"))
            if path.is_file() and not ASIDE & set(path.relative_to(addon).parts)
            for part in (path.relative_to(CLONE), path.read_bytes())
        ]
        key = cache.digest(self.databases.key, LOCK.read_bytes(), "post", *sources)
        folder = ensure(STATE / f"core_suites-{key}")
        modules = f"sale_timesheet,{ADDON.name}"
        return _Side(f"core_lb_{key}", modules, folder, "with the addon")

    def run(self, side):
        """Run the parts that are not known."""
        if self.fresh:
            for part in self.parts:
                side.path(part).unlink(missing_ok=True)
        left = [part for part in self.parts if not side.knows(part)]
        known = len(self.parts) - len(left)
        say(f"   {side.words}: {known} of {len(self.parts)} parts are known")
        if left:
            self._install(side.name, side.modules)
            self._run_parts(side, left)
            self.databases.drop(side.name)

    def find_unsteady(self, sides, names, may_run):
        """Run tests alone, on both sides, that failed with the addon only.

        :param tuple sides: without the addon, with it
        :param list names: of the tests, as the log has them
        :param bool may_run: else only what is known counts
        :return: how often each failed in so many runs on each side, for those that
            the addon does not explain: they passed each time, or fail without it too
        :rtype: dict
        """
        known = [self._run_again(side, names, may_run) for side in sides]
        found = {}
        for name in names:
            without, with_ = (side.get(name) for side in known)
            if None not in (without, with_) and (without or not with_):
                found[name] = (without, with_)
        return found

    def _run_again(self, side, names, may_run):
        """Return how often each test fails in AGAIN runs; unknown ones are missing."""
        left = [name for name in names if side.failures(name) is None]
        if left and may_run:
            self._install(side.name, side.modules)
            copy = f"{side.name}_{os.getpid()}_again"
            self.databases.drop(copy)
            self.databases.create(copy, side.name)
            try:
                for name in left:
                    title = f"again {side.words}, {name}"
                    outcomes = [
                        self._run(copy, _tag(name), title) for _number in range(AGAIN)
                    ]
                    side.keep_failures(name, sum(bool(o.failed) for o in outcomes))
            finally:
                for database in (copy, side.name):
                    self.databases.drop(database)
        return {
            name: count for name in names if (count := side.failures(name)) is not None
        }

    def _run_parts(self, side, left):
        """Run each part in one of the databases that are free."""
        copies = queue.SimpleQueue()
        jobs = min(self.jobs, len(left))
        names = [f"{side.name}_{os.getpid()}_{number}" for number in range(jobs)]
        for copy in names:
            self.databases.drop(copy)
            self.databases.create(copy, side.name)
            copies.put(copy)

        def run(number, part):
            copy = copies.get()
            try:
                title = f"part {number} of {len(left)} {side.words}"
                side.keep(part, self._run(copy, part, title))
            finally:
                copies.put(copy)

        pool = ThreadPoolExecutor(len(names))
        try:
            done = [pool.submit(run, *pair) for pair in enumerate(left, 1)]
            for future in done:
                future.result()
        finally:
            # interrupted: no other part begins, and those that run end now
            pool.shutdown(wait=False, cancel_futures=True)
            for process in self.running:
                process.kill()
            pool.shutdown()
            for copy in names:
                self.databases.drop(copy)

    def _install(self, name, modules):
        """Make the database that is copied, unless an earlier command made it."""
        if self.databases.exists(name):
            return
        work = f"{name}_making"
        self.databases.drop(work)
        self.databases.create(work)
        log = ensure(STATE / "logs") / f"{name}-install.log"
        options = ["-d", work, "-i", modules, "--stop-after-init", "--no-http"]
        options += ["--max-cron-threads", "0"]
        with step(f"Database {name} with {modules}"), open(log, "w") as output:
            done = self.server.run(*options, stdout=output, stderr=subprocess.STDOUT)
        if done.returncode:
            self.databases.drop(work)
            raise Failure(f"The installation failed: {log}")
        postgres.analyze(self.server.connection, work)
        self.databases.rename(work, name)

    def _run(self, name, part, title):
        path = ensure(STATE / "logs") / f"{name}-{cache.digest(part)}.log"
        options = ["-d", name, "--db-filter", f"^{name}$", "--stop-after-init"]
        options += ["--test-tags", f"{part},-at_install"]
        options += ["--http-port", str(free_port()), "--max-cron-threads", "0"]
        options += ["--screenshots", str(ensure(STATE / "screenshots"))]
        start = time.monotonic()
        with (
            open(path, "w") as output,
            subprocess.Popen(
                self.server.command(*options),
                env=self.server.environment(),
                cwd=CLONE,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            self.running.add(process)
            process.wait()
        self.running.discard(process)
        outcome = read_log(path.read_text(errors="replace").splitlines())
        outcome.seconds = round(time.monotonic() - start)
        if outcome.run is None:
            raise Failure(f"The suites did not come to their end: {path}")
        say(
            f"   {title}: {outcome.run} tests, {len(outcome.failed)} failing, "
            f"{outcome.seconds} s"
        )
        return outcome


def read_log(lines):
    """Return what the log of a part says, test by test.

    The number of tests is empty where Odoo did not come to the end of them."""
    outcome, name, started = Outcome([], run=None), None, set()
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
