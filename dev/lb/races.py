"""Two people at the same thing at the same time, many times, in a firm of its own."""

import re
import subprocess

from .paths import CLONE, DEV
from .say import say

PAGE = CLONE / "docs/races.md"


def races(rounds, seed=1, report=False, only=()):
    """Play each race so many times.

    :param int seed: of who goes first, and by how much
    :param bool report: write docs/races.md
    :param only: names of races; default: all
    :return: the exit code
    """
    from .faults.harness import Harness

    with Harness(3, alone=False) as harness:
        code, text = play(harness, rounds, seed, only)
    if report and text:
        PAGE.write_text(text)
    return code


def play(harness, rounds, seed=1, only=()):
    """Run the races' script in Odoo's shell.

    :return: their exit code and their page
    :rtype: tuple
    """
    script, log = DEV / "scripts/races.py", harness.folder / "races.log"
    page = harness.folder / "races.md"
    with open(script) as source:
        done = harness.server.run(
            *("-d", harness.firm, "--no-http", "--logfile", log),
            sub="shell",
            stdin=source,
            env={
                "LB_RACES_ROUNDS": str(rounds),
                "LB_RACES_ONLY": ",".join(only or ()),
                "LB_RACES_SEED": str(seed),
                "LB_RACES_FOLDER": str(script.parent),
                "LB_RACES_PAGE": str(page),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    lines = [line for line in done.stdout.splitlines() if re.match(r" +\w+: ", line)]
    say("\n".join(lines))
    if done.returncode:
        say(log.read_text(errors="replace")[-3000:])
    return done.returncode, page.read_text() if page.exists() else ""
