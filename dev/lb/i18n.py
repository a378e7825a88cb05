"""The terms to translate: each addon's template, for translators."""

import os
import subprocess

from .database import Databases
from .paths import CLONE, STATE, ensure
from .say import Failure, step
from .server import Server

#: Addons whose dependencies are in every database of the template.
ADDONS = ("legal_billing",)


def i18n():
    """Write `i18n/ADDON.pot` of the addons, from a database of its own."""
    server = Server()
    databases = Databases(server)
    name = f"i18n_{os.getpid()}"
    log = ensure(STATE / "logs") / "i18n.log"
    databases.create(name)
    try:
        with step("The terms to translate"), open(log, "w") as output:
            options = ["-d", name, "-i", ",".join(ADDONS), "--stop-after-init"]
            _run(server.command(*options, "--no-http"), server, output)
            for addon in ADDONS:
                path = ensure(CLONE / addon / "i18n") / f"{addon}.pot"
                options = ["-c", server.conf, "-d", name, "-o", path, addon]
                command = [server.python, server.odoo.command, "i18n", "export"]
                _run([*command, *options], server, output)
    finally:
        databases.drop(name)


def _run(command, server, output):
    done = subprocess.run(
        [str(part) for part in command],
        env=server.environment(),
        cwd=CLONE,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise Failure(f"The terms were not written: {output.name}")
