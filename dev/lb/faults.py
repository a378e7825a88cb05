"""Break things while a server bills, and see that nothing is lost or done twice.

Each round takes a fresh copy of a firm, starts a real server, runs one cycle (bill,
approve, produce) in the background and lets one or two faults happen at random
moments, seeded: `kill -9` of Odoo, a stop of PostgreSQL (a cluster of the harness's
own), a mail server that refuses or cuts the line, a wkhtmltopdf that crashes, a full
disk. The server is started again, the cycle is finished, and the invariants of
`faults_check` are looked at after each fault and at the end.
"""

import contextlib
import http.client
import http.cookiejar
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from . import faults_check, postgres, python
from .database import Databases
from .paths import CLONE, DEV, STATE, ensure
from .say import Failure, say, step
from .server import Server, free_port

FAULTS = ("kill", "postgres", "smtp_refuse", "smtp_drop", "pdf", "disk")
STAGES = ("bill", "approve", "produce", "mail")
REPORT = CLONE / "docs/faults.md"
RACES = CLONE / "docs/races.md"
RACES_PAGE = """# Races

Written by `make races`: {rounds} rounds of each race, two connections, each transaction
replayed on conflicts as a request is, both having looked before either writes. What
each of the two said, and how often; after each round the invariants are looked at in
the database (`dev/scripts/races.py`). Client money in parallel is
`test_trust_race.py::TestTrustRace.test_two_takers_one_gets_it`, 20 rounds.

```
{lines}
```
"""
#: Rounds of `short`: fault by stage.
SHORT = ({"bill": "kill", "mail": "smtp_drop"}, {"produce": "kill"})
#: Bytes that a file may have while the disk is "full": less than any PDF.
DISK = 6000
WRAPPER = """#!/bin/sh
[ -e "{flag}" ] && kill -SEGV $$
exec "{program}" "$@"
"""


@dataclass
class Round:
    """What happened in one round."""

    seed: int
    faults: list = field(default_factory=list)
    violations: list = field(default_factory=list)
    flagged: int = 0
    retried: int = 0
    seconds: float = 0.0

    def line(self):
        """Return the round as one line."""
        what = ", ".join(f"{name} in {stage}" for name, stage in self.faults) or "none"
        end = "; ".join(self.violations) or "all holds"
        return (
            f"seed {self.seed}: {what}: {end} ({self.retried} rows tried again, "
            f"{self.flagged} e-mails for a person to decide, {self.seconds:.0f} s)"
        )


def faults(rounds, size, seed, only=(), report=False):
    """Run so many rounds; return the exit code.

    :param int rounds: how many
    :param int size: matters of the firm
    :param int seed: of the first round; the next ones count on
    :param only: kinds of faults, of FAULTS; default: all
    :param bool report: write docs/faults.md
    """
    results = []
    with _Harness(size) as harness:
        for number in range(rounds):
            result = harness.play(seed + number, tuple(only or FAULTS))
            results.append(result)
            say(f"   {number + 1}/{rounds} {result.line()}")
            if report:  # as far as it came, should it be interrupted
                REPORT.parent.mkdir(exist_ok=True)
                REPORT.write_text(_page(results, size))
    bad = [result for result in results if result.violations]
    counts = Counter(name for result in results for name, _stage in result.faults)
    say(
        f"{len(results)} rounds of {size} matters, "
        + ", ".join(f"{counts[name]} {name}" for name in FAULTS)
        + f": {len(bad)} with something broken"
    )
    return 1 if bad or not results else 0


def races(rounds, report=False):
    """Play each race so many times in a firm of its own.

    :param bool report: write docs/races.md
    :return: the exit code
    """
    with _Harness(3, alone=False) as harness:
        code, lines = harness.race(rounds)
    if report:
        RACES.write_text(RACES_PAGE.format(rounds=rounds, lines="\n".join(lines)))
    return code


def short():
    """A few faults and races in a small firm, for `dev/odoo test`.

    :return: how many rounds passed and failed
    :rtype: tuple
    """
    with _Harness(4, alone=False) as harness:
        results = [harness.play(0, (), plan) for plan in SHORT]
        code, _lines = harness.race(2)
    for result in results:
        say(f"   {result.line()}")
    failed = sum(bool(result.violations) for result in results) + bool(code)
    return len(results) + 1 - failed, failed


class _Harness:
    """A PostgreSQL, a mail server and an Odoo of its own.

    :param int size: matters of the firm
    :param bool alone: with a PostgreSQL of its own, which can be stopped
    """

    def __init__(self, size, alone=True):
        self.size, self.alone = size, alone
        self.firm, self.round = (
            f"faults_{what}_{os.getpid()}" for what in ("firm", "round")
        )
        self.folder = ensure(STATE / f"faults-{os.getpid()}")
        self.flag = self.folder / "pdf_crashes"

    def __enter__(self):
        if self.alone:
            self.cluster = postgres.Cluster(f"faults-{os.getpid()}")
            self.cluster.start()
            self.server = Server(connection=self.cluster.connection(), name="faults")
        else:
            self.server = Server()
        self.databases = Databases(self.server)
        self._make_wrapper()
        self._make_firm()
        return self

    def __exit__(self, *_):
        for database in (self.firm, self.round):
            self.databases.drop(database)
        if self.alone:
            self.cluster.remove()
        _remove(self.folder)

    def _make_wrapper(self):
        wrapper = ensure(self.folder / "bin") / "wkhtmltopdf"
        program = self.server.wkhtmltopdf / "wkhtmltopdf"
        wrapper.write_text(WRAPPER.format(flag=self.flag, program=program))
        wrapper.chmod(0o755)
        self.environment = self.server.environment()
        self.environment["PATH"] = f"{wrapper.parent}:{self.environment['PATH']}"

    def _make_firm(self):
        self.databases.create(self.firm)
        log = self.folder / "firm.log"
        options = ["-d", self.firm, "-i", "legal_billing", "--stop-after-init"]
        with step("The addon"), open(log, "w") as output:
            done = self.server.run(*options, "--no-http", stdout=output, stderr=output)
        if done.returncode:
            raise Failure(f"The addon was not installed:\n{log.read_text()[-2000:]}")
        script = DEV / "scripts/faults_firm.py"
        with step(f"A firm of {self.size} matters"), open(script) as source:
            done = self.server.run(
                *("-d", self.firm, "--no-http", "--logfile", log),
                sub="shell",
                stdin=source,
                env={"LB_FAULTS_SIZE": str(self.size)},
            )
        if done.returncode:
            raise Failure(f"The firm was not made:\n{log.read_text()[-2000:]}")
        postgres.analyze(self.server.connection, self.firm)

    # --- a round

    def play(self, seed, kinds, plan=None):
        """Run one round.

        :param dict plan: fault by stage; default: drawn from the kinds
        :rtype: Round
        """
        result, chance = Round(seed), random.Random(seed)
        start = time.monotonic()
        self.databases.drop(self.round)
        self.databases.create(self.round, self.firm)
        self.mails = self.folder / f"mails-{seed}"
        shutil.rmtree(self.mails, ignore_errors=True)
        self.smtp_port = free_port()
        sink = self._start_sink()
        self.odoo = _Odoo(self)
        try:
            before = faults_check.facts(self.server.connection, self.round)
            self.odoo.start()
            plan = plan or _plan(chance, kinds)
            for stage in STAGES:
                self._run_stage(stage, plan.get(stage), chance, result, before)
            self._check(result, before, finished=True)
            now = faults_check.facts(self.server.connection, self.round)
            result.flagged = sum(bool(bill["error"]) for bill in now["bills"])
        except Exception as error:
            result.violations.append(f"{type(error).__name__}: {error}")
        finally:
            self.odoo.kill()
            sink.terminate()
            sink.wait(10)
        if result.violations:
            copy = ensure(STATE / "logs") / f"faults-{seed}.log"
            copy.write_text(self.odoo.log.read_text(errors="replace"))
        result.seconds = time.monotonic() - start
        return result

    def race(self, rounds):
        """Run the races; return their exit code and what they said."""
        script, log = DEV / "scripts/races.py", self.folder / "races.log"
        with open(script) as source:
            done = self.server.run(
                *("-d", self.firm, "--no-http", "--logfile", log),
                sub="shell",
                stdin=source,
                env={"LB_RACES_ROUNDS": str(rounds)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        said = [line.strip() for line in done.stdout.splitlines() if ": " in line]
        lines = [line for line in said if re.match(r"\w+: ", line)]
        say("\n".join(f"   {line}" for line in lines))
        if done.returncode:
            say(log.read_text(errors="replace")[-3000:])
        return done.returncode, lines

    def _start_sink(self):
        command = [str(python.python()), "-m", "lb.faults_sink", str(self.mails)]
        process = subprocess.Popen(
            [*command, str(self.smtp_port)],
            env={**os.environ, "PYTHONPATH": str(DEV)},
            stdout=subprocess.PIPE,
            text=True,
        )
        if process.stdout.readline().strip() != "ready":
            raise Failure("The mail server of the harness did not start.")
        return process

    def _run_stage(self, stage, fault, chance, result, before):
        """Start a stage, let the fault happen in it, finish it."""
        if fault:
            delay = chance.uniform(0.0, 1.5 if stage != "produce" else 6.0)
            self._break_before(fault)
            self.odoo.begin(stage)
            time.sleep(delay)
            self._break(fault)
            result.faults.append((fault, stage))
            self._check(result, before, finished=False)
            self._mend(fault)
        else:
            self.odoo.begin(stage)
        result.retried += self.odoo.finish(stage)

    def _break_before(self, fault):
        """Faults that are a state of the world, not a moment."""
        if fault == "pdf":
            self.flag.touch()
        elif fault == "disk":
            self.odoo.limit_files(DISK)
        elif fault.startswith("smtp_"):
            (self.mails / "mode").write_text(fault.removeprefix("smtp_"))

    def _break(self, fault):
        if fault == "kill":
            self.odoo.kill()
        elif fault == "postgres":
            self.cluster.stop("immediate")
            time.sleep(0.5)
            self.cluster.start()

    def _mend(self, fault):
        if fault == "kill":
            self.odoo.start()
        elif fault == "disk":
            self.odoo.limit_files(resource.RLIM_INFINITY)
        self.flag.unlink(missing_ok=True)
        (self.mails / "mode").write_text("ok")

    def _check(self, result, before, finished):
        now = faults_check.facts(self.server.connection, self.round)
        mails = faults_check.count_mails(self.mails)
        result.violations += [
            text
            for text in faults_check.violations(now, before, mails, finished)
            if text not in result.violations
        ]


class _Odoo:
    """A server process, and a person in front of it."""

    def __init__(self, harness):
        self.harness = harness
        self.log = harness.folder / "odoo.log"
        self.log.unlink(missing_ok=True)
        self.process = None
        self.waited = {}

    def start(self):
        """Start the server, wait until it answers, log in."""
        self.port = free_port()
        harness = self.harness
        options = ["-d", harness.round, "--db-filter", f"^{harness.round}$"]
        options += ["--http-port", str(self.port), "--max-cron-threads", "1"]
        options += ["--smtp", "127.0.0.1", "--smtp-port", str(harness.smtp_port)]
        with open(self.log, "a") as output:
            self.process = subprocess.Popen(
                harness.server.command(*options),
                env=harness.environment,
                cwd=CLONE,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        cookies = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(cookies)
        )
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failure(f"Odoo ended: {self.log.read_text()[-1500:]}")
            try:
                self._post(
                    "/web/session/authenticate",
                    {"db": harness.round, "login": "admin", "password": "admin"},
                )
                return
            except OSError:
                time.sleep(0.3)
        raise Failure("Odoo does not answer.")

    def kill(self):
        """End the server and all that it started, at once."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def limit_files(self, size):
        """Let the server, and what it starts, write files up to this size only."""
        if self.process.poll() is None:
            # its log is larger already; what it says meanwhile is lost
            resource.prlimit(
                self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY)
            )

    # --- the person

    def _post(self, path, params):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        with self.browser.open(request, timeout=120) as response:
            answer = json.load(response)
        if "error" in answer:
            raise Failure(answer["error"]["data"]["message"])
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        """Call a method as the person who is logged in."""
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def begin(self, stage):
        """Press the stage's button; everything is done in the background.

        A server that is gone, or whose database is, did not hear it: it is pressed
        again by `finish`. The mail queue is worked off while the caller waits, so
        it is pressed by somebody else."""
        if stage == "mail":
            threading.Thread(target=self._try_to_press, args=(stage,)).start()
        else:
            self._try_to_press(stage)

    def _try_to_press(self, stage):
        with contextlib.suppress(OSError, Failure, http.client.HTTPException):
            self._press(stage)

    def _press(self, stage):
        if stage == "mail":
            self._trigger("mail.ir_cron_mail_scheduler_action")
            return
        if stage == "bill":
            runs = self.call(
                "legal.billing.run", "search", [["operation", "=", "bill"]]
            )
            if not runs:
                runs = [
                    self.call(
                        "legal.billing.run", "create", {"invoice_date": "2026-10-31"}
                    )
                ]
            self.call("legal.billing.run", "action_load", runs)
            self.call("legal.billing.run", "action_bill_all", runs)
            return
        domain = {
            "approve": [["billing_stage", "=", "draft"]],
            "produce": [["billing_stage", "=", "production"]],
        }[stage]
        bills = self.call("account.move", "search", domain)
        if bills:
            self.call("account.move", f"action_{stage}_bills", bills)

    def _trigger(self, xmlid):
        _model, cron = self.call(
            "ir.model.data",
            "check_object_reference",
            *xmlid.split("."),
        )
        self.call("ir.cron", "method_direct_trigger", [cron])

    def finish(self, stage):
        """Wait until the stage has come to its end, pressing again what failed.

        :return: how many rows were tried again
        :rtype: int
        """
        retried, end, last = 0, time.monotonic() + 300, None
        moved = time.monotonic()
        while time.monotonic() < end:
            now = self._facts()
            if self._is_done(stage, now):
                return retried
            state = (now["queued"], now["waiting"], now["unbilled"], str(now["bills"]))
            if state != last:
                last, moved = state, time.monotonic()
            # nothing happens any more: a person presses the button again
            if time.monotonic() - moved > 5 or not now["queued"]:
                retried += self._try_again(stage, now)
                moved = time.monotonic()
            time.sleep(0.4)
        raise Failure(f"{stage} does not come to its end")

    def _facts(self):
        return faults_check.facts(self.harness.server.connection, self.harness.round)

    @staticmethod
    def _is_done(stage, now):
        stages = Counter(bill["stage"] for bill in now["bills"])
        if now["queued"]:
            return False
        if stage == "bill":
            return not now["unbilled"]
        if stage == "approve":
            return not stages["draft"]
        if stage == "produce":
            return not stages["production"] and not now["rows"]
        return not now["waiting"]

    def _try_again(self, stage, now):
        try:
            if now["queued"]:
                self._trigger("legal_billing.ir_cron_billing_run")
                return 0
            failed = self.call(
                "legal.billing.run.line", "search", [["state", "=", "failed"]]
            )
            if failed:
                self.call("legal.billing.run.line", "action_retry", failed)
                return len(failed)
            self._press(stage)
        except (OSError, Failure, http.client.HTTPException):
            if self.process.poll() is not None:
                self.start()
        return 0


def _plan(chance, kinds):
    """One or two faults, each in a stage where it can hurt.

    :return: fault by stage
    :rtype: dict
    """
    plan = {}
    for kind in chance.sample(kinds, min(len(kinds), chance.choice((1, 2)))):
        stages = {
            "pdf": ("produce",),
            "disk": ("produce",),
            "smtp_refuse": ("mail",),
            "smtp_drop": ("mail",),
        }.get(kind, STAGES)
        plan[chance.choice(stages)] = kind
    return plan


def _remove(path):
    subprocess.run(["rm", "-rf", str(Path(path))], check=False)


def _page(results, size):
    counts = Counter(name for result in results for name, _stage in result.faults)
    rows = "\n".join(
        f"| {r.seed} | {', '.join(f'{n} in {s}' for n, s in r.faults)} | {r.retried} | "
        f"{r.flagged} | {'; '.join(r.violations) or 'all holds'} |"
        for r in results
    )
    totals = "\n".join(f"| {name} | {counts[name]} |" for name in FAULTS)
    bad = sum(bool(r.violations) for r in results)
    return f"""# Faults

Written by `make faults`: {len(results)} rounds of a firm of {size} matters. Each round
bills, approves, produces and e-mails all of it in a real server's background, with one
or two faults at random moments; then the invariants are looked at: no entry in two
bills, none lost, the sum of WIP and billed constant, every bill in one stage and tied
to its entries, numbers without gap or double, every produced bill with its PDF and in
one print file, every e-mail sent at most once, or flagged for a person to decide.

**{bad} of {len(results)} rounds broke an invariant.**

| fault | times |
| --- | ---: |
{totals}

`kill`: SIGKILL of Odoo; `postgres`: immediate stop and start of the database server;
`smtp_refuse`: no connection; `smtp_drop`: the message is taken, the line cut before the
answer; `pdf`: wkhtmltopdf crashes; `disk`: no file can grow beyond {DISK} bytes.

| seed | faults | rows tried again | e-mails for a person | invariants |
| --- | --- | ---: | ---: | --- |
{rows}
"""
