"""What all rounds share: a PostgreSQL that can be stopped, a firm, a disk."""

import os
import shutil

from .. import postgres
from ..database import Databases
from ..paths import DEV, STATE, ensure
from ..say import Failure, step
from ..server import Server
from .kinds import volume

WRAPPER = """#!/bin/sh
[ -e "{flag}" ] && kill -SEGV $$
exec "{program}" "$@"
"""
#: Bytes of a bill's PDF, until a round has measured it.
PDF_SIZE = 25_000


class Harness:
    """A PostgreSQL, a disk and a firm of its own; gone at the end.

    :param int size: matters of the firm
    :param bool alone: with a PostgreSQL of its own, which can be stopped, and a disk
        of its own, which can be full
    """

    def __init__(self, size, alone=True):
        self.size, self.alone = size, alone
        self.firm, self.round = (
            f"faults_{what}_{os.getpid()}" for what in ("firm", "round")
        )
        self.folder = ensure(STATE / f"faults-{os.getpid()}")
        self.flag = self.folder / "pdf_crashes"
        self.pdf_size = PDF_SIZE
        self.disk = None

    def __enter__(self):
        if self.alone:
            self.cluster = postgres.Cluster(f"faults-{os.getpid()}")
            self.cluster.start()
            self.server = Server(
                connection=self.cluster.connection(), name=f"faults{os.getpid()}"
            )
            size = 300_000_000 + 6 * PDF_SIZE * self.size
            self.disk = volume(ensure(self.server.data), size)
        else:
            self.server = Server()
        self.databases = Databases(self.server)
        self._make_environment()
        self._make_firm()
        return self

    def __exit__(self, *_):
        for database in (self.firm, self.round):
            self.databases.drop(database)
        if self.alone:
            self.cluster.remove()
            if self.disk:
                self.disk.remove()
            shutil.rmtree(self.server.data, ignore_errors=True)
            self.server.conf.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_environment(self):
        """wkhtmltopdf that can crash, its files on the disk that can be full."""
        wrapper = ensure(self.folder / "bin") / "wkhtmltopdf"
        program = self.server.wkhtmltopdf / "wkhtmltopdf"
        wrapper.write_text(WRAPPER.format(flag=self.flag, program=program))
        wrapper.chmod(0o755)
        self.environment = self.server.environment()
        self.environment["PATH"] = f"{wrapper.parent}:{self.environment['PATH']}"
        if self.disk:
            self.environment["TMPDIR"] = str(ensure(self.server.data / "tmp"))

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
