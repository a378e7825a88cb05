"""One round: a fresh copy of the firm, one cycle, one or two faults in it."""

import os
import random
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from .. import python
from ..paths import DEV, STATE, ensure
from ..say import Failure
from ..server import free_port
from . import check
from .kinds import CHUNK, KINDS, STAGES
from .node import Node
from .person import Person, Progress

#: Seconds of each stage per matter, until a round has measured them.
PACE = {"bill": 0.08, "approve": 0.04, "produce": 0.25, "mail": 0.1}


@dataclass
class Result:
    """What happened in one round."""

    seed: int
    faults: list = field(default_factory=list)
    violations: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    flagged: int = 0
    retried: int = 0
    pressed: int = 0
    nodes: int = 1
    seconds: dict = field(default_factory=dict)
    chunks: dict = field(default_factory=dict)

    def words(self):
        """Return the faults in words."""
        return ", ".join(
            f"{name} in {stage} at {done} of {size}"
            for name, stage, done, size in self.faults
        )

    def line(self):
        """Return the round as one line."""
        took = ", ".join(f"{stage} {time:.0f}" for stage, time in self.seconds.items())
        return (
            f"seed {self.seed}: {self.words() or 'no fault'}: "
            f"{'; '.join(self.violations) or 'all holds'} ({self.retried} rows tried "
            f"again, {self.pressed} times pressed again, {self.flagged} e-mails for a "
            f"person; {'; '.join([took, *self.notes])})"
        )


class Play:
    """Plays one round.

    :param Harness harness: what all rounds share
    :param int seed: of all that is random in it
    :param kinds: names of the faults to draw from
    :param dict plan: fault by stage, instead of drawing; empty: none
    :param int servers: how many at least
    """

    def __init__(self, harness, seed, kinds=(), plan=None, servers=1):
        self.harness, self.seed = harness, seed
        self.chance = random.Random(seed)
        self.plan = draw(self.chance, kinds) if plan is None else plan
        self.servers = max(
            [servers, *(KINDS[kind].nodes for kind in self.plan.values())]
        )
        self.database = harness.round
        self.result = Result(seed)
        self.mails = harness.folder / f"mails-{seed}"
        self.progress, self.person = Progress(self), Person(self)
        self.nodes, self.left_dead = [], []

    def run(self):
        """Play the round to its end, and look at it.

        :rtype: Result
        """
        self._prepare()
        sink = self._start_sink()
        result, connection = self.result, self.harness.server.connection
        try:
            self.before = check.facts(connection, self.database)
            for node in self.nodes:
                node.start()
            for stage in STAGES:
                start = time.monotonic()
                chunks = [node.count_chunks() for node in self.nodes]
                self._run_stage(stage)
                result.seconds[stage] = time.monotonic() - start
                result.chunks[stage] = [
                    node.count_chunks() - before
                    for node, before in zip(self.nodes, chunks, strict=True)
                ]
            now = self._check(finished=True)
            result.flagged = sum(bool(bill["error"]) for bill in now["bills"])
            if now["print_failed"]:
                result.notes.append("a print file failed, and was made when pressed")
            self.harness.pdf_size = now["pdf_size"] or self.harness.pdf_size
        except Exception as error:
            result.violations.append(f"{type(error).__name__}: {error}")
        finally:
            for node in self.nodes:
                node.kill()
            sink.terminate()
            sink.wait(10)
        if result.violations:
            self._keep_logs()
        shutil.rmtree(self.mails, ignore_errors=True)
        return result

    def limit_files(self, size):
        """Let no server write a file beyond this size."""
        for node in self.nodes:
            node.limit_files(size)

    def _prepare(self):
        databases = self.harness.databases
        databases.drop(self.database)
        databases.create(self.database, self.harness.firm)
        shutil.rmtree(self.mails, ignore_errors=True)
        self.smtp_port = free_port()
        self.result.nodes = self.servers
        self.nodes = [Node(self, number) for number in range(self.servers)]

    def _start_sink(self):
        command = [str(python.python()), "-m", "lb.faults.sink", str(self.mails)]
        process = subprocess.Popen(
            [*command, str(self.smtp_port)],
            env={**os.environ, "PYTHONPATH": str(DEV)},
            stdout=subprocess.PIPE,
            text=True,
        )
        if process.stdout.readline().strip() != "ready":
            raise Failure("The mail server of the harness did not start.")
        return process

    def _run_stage(self, stage):
        """Start a stage, let its fault happen in it, finish it."""
        kind = self.plan.get(stage)
        if kind:
            fault = KINDS[kind](self.chance)
            self.person.begin(stage)
            total, left = self._wait_for_moment(stage)
            self.result.faults.append((kind, stage, total - left, total))
            fault.happen(self)
            try:
                time.sleep(self.chance.uniform(0, fault.hold))
                self._check(finished=False)
            finally:
                fault.mend(self)
            self.left_dead = [node for node in self.nodes if not node.alive()]
        else:
            self.person.begin(stage)
        self.person.finish(stage)
        for node in self.left_dead:
            node.start()
        self.left_dead = []

    def _wait_for_moment(self, stage):
        """Wait until a random share of the stage is done, and then for a part of the
        chunk that is at work.

        :return: how many there were to do, how many are left to do
        :rtype: tuple
        """
        share, part = self.chance.random(), self.chance.random()
        left = total = self.progress.left(stage)
        step = 1 if stage == "mail" else CHUNK
        target = total - int(share * total / step) * step
        moved = time.monotonic()
        while left > target and time.monotonic() < moved + 120:
            time.sleep(0.2)
            before, left = left, self.progress.left(stage)
            if left != before:
                moved = time.monotonic()
        if left:
            time.sleep(part * PACE[stage] * min(total, step))
        return total, self.progress.left(stage)

    def _check(self, finished):
        connection = self.harness.server.connection
        now = check.facts(connection, self.database)
        mails, broken = check.count_mails(self.mails)
        found = check.violations(now, self.before, mails, finished) + broken
        if finished:
            files = self.harness.server.filestore(self.database)
            found += check.papers(connection, self.database, files)
        violations = self.result.violations
        violations += [text for text in found if text not in violations]
        return now

    def _keep_logs(self):
        for node in self.nodes:
            copy = ensure(STATE / "logs") / f"faults-{self.seed}-{node.log.name}"
            copy.write_text(node.log.read_text(errors="replace"))


def draw(chance, kinds):
    """Draw one or two faults, each in a stage where it can hurt.

    :return: fault by stage
    :rtype: dict
    """
    plan = {}
    for kind in chance.sample(kinds, min(len(kinds), chance.choice((1, 2)))):
        plan[chance.choice(KINDS[kind].stages)] = kind
    return plan
