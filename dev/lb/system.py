"""System packages, where nothing else serves, and the running of commands."""

import os
import shlex
import shutil
import subprocess
from ctypes.util import find_library

from .say import Failure, say, step

#: Debian package -> is it there? Used by Odoo's own code, its PDFs, its tours.
LIBRARIES = {
    "libxrender1": lambda: find_library("Xrender"),
    "libxext6": lambda: find_library("Xext"),
    "libmagic1": lambda: find_library("magic"),
    "fontconfig": lambda: shutil.which("fc-list"),
    "fonts-dejavu-core": lambda: os.path.isdir("/usr/share/fonts/truetype/dejavu"),
}
#: Pictures and browser tests.
BROWSER = {"chromium": lambda: browser()}
#: npm packages: one script of Odoo's, and Prettier.
NODE = {
    "nodejs": lambda: shutil.which("node"),
    "npm": lambda: shutil.which("npm"),
}


def browser():
    """Return the path of Chromium or Chrome, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def is_root():
    """Tell whether the command runs as root."""
    return os.geteuid() == 0


def need(packages, why):
    """Install the missing system packages as root; else say how to.

    :param packages: mapping of Debian package to its presence check
    :param why: what they are for, shown to the person
    """
    missing = [name for name, present in packages.items() if not present()]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if not is_root() or not shutil.which("apt-get"):
        raise Failure(
            f"These system packages are missing ({why}): {' '.join(missing)}\n"
            f"Install them, then start again:\n"
            f"    sudo apt-get update && sudo {shlex.join(command)}"
        )
    with step(f"System packages ({why}): {' '.join(missing)}"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update"], env=env)
        run(command, env=env)


def run(command, **options):
    """Run a command quietly; on failure show its output and stop."""
    result = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        close_fds=False,  # the lock of `cache.locked` goes along
        **options,
    )
    if result.returncode:
        say(result.stdout)
        raise Failure(f"Failed: {shlex.join(str(part) for part in command)}")
    return result.stdout
