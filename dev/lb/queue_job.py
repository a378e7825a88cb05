"""The glue addon on OCA's job queue, which is fetched when this is asked for."""

import os
import subprocess
import sys

from .database import Databases
from .odoo_log import OdooLog
from .paths import CLONE, STATE, ensure
from .say import say, step
from .server import Server, free_port

GLUE = "legal_billing_queue_job"
#: The addon names a distribution that its index does not have: no dependencies.
PACKAGES = (
    "odoo-addon-queue-job==19.0.2.4.0.1",
    "openupgradelib==3.13.7",
    "looseversion==1.3.0",
)


def queue():
    """Install both addons on a new database, run the glue's tests; return how many
    passed and failed."""
    server = Server()
    databases = Databases(server)
    name = f"queue_{os.getpid()}"
    library = _fetch()
    addons = [*server.odoo.addons, CLONE, library / "odoo/addons"]
    log = OdooLog()
    databases.create(name)
    try:
        with step(f"odoo -i {GLUE}"):
            # queue_job imports the libraries beside it
            os.environ["PYTHONPATH"] = str(library / "libraries")
            done = server.run(
                *("-d", name, "-i", f"queue_job,{GLUE}", "--stop-after-init"),
                *("--addons-path", ",".join(map(str, addons))),
                *("--test-tags", f"/{GLUE}", "--http-port", str(free_port())),
                *("--max-cron-threads", "0"),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
    finally:
        os.environ.pop("PYTHONPATH", None)
        databases.drop(name)
    for line in done.stdout.splitlines():
        log.feed(line)
    (ensure(STATE / "logs") / f"{name}.log").write_text(done.stdout)
    passed, failed, words = log.counts()
    say(f"   {words}")
    for lines in [*log.findings, *(lines for _name, lines in log.failed)]:
        say("   " + "\n   ".join(lines[-3:]))
    if not passed and not failed:
        failed = 1
    return passed, failed


def _fetch():
    """Fetch the packages once; return their folder."""
    folder = STATE / "queue_job"
    done = folder / "done"
    if not done.exists() or done.read_text() != "\n".join(PACKAGES):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade"]
        pip += ["--no-deps", "--root-user-action", "ignore", "--target"]
        with step("OCA's queue_job"):
            subprocess.run([*pip, str(folder), PACKAGES[0]], check=True)
            libraries = str(folder / "libraries")
            subprocess.run([*pip, libraries, *PACKAGES[1:]], check=True)
        done.write_text("\n".join(PACKAGES))
    return folder
