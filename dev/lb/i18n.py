"""The terms to translate: each addon's template, for translators."""

import os
import subprocess

from .database import Databases
from .paths import ADDONS, CLONE, STATE, ensure
from .say import Failure, step
from .server import Server


def i18n():
    """Write `i18n/ADDON.pot` of the addons, from a database of its own."""
    server = Server()
    databases = Databases(server)
    name = f"i18n_{os.getpid()}"
    log = ensure(STATE / "logs") / "i18n.log"
    databases.create(name)
    try:
        with step("The terms to translate"), open(log, "w") as output:
            names = ",".join(addon.name for addon in ADDONS)
            options = ["-d", name, "-i", names, "--stop-after-init"]
            _run(server.command(*options, "--no-http"), server, output)
            for addon in ADDONS:
                path = ensure(addon / "i18n") / f"{addon.name}.pot"
                options = ["-c", server.conf, "-d", name, "-o", path, addon.name]
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
