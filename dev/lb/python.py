"""The virtual environment, made from the lock file with hashes."""

import os
import shutil
import subprocess
import sys

from . import cache
from .paths import DEV
from .say import Failure, step
from .system import is_root, need, run

LOCK = DEV / "requirements.txt"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
#: Odoo 19.0 runs on these.
VERSIONS = ((3, 13), (3, 12), (3, 11), (3, 10))


def interpreter():
    """Return the path and version of a Python that Odoo 19.0 runs on."""
    if sys.version_info[:2] in VERSIONS:
        # The same one whether this runs in a virtual environment or not.
        own = getattr(sys, "_base_executable", None) or sys.executable
        return os.path.realpath(own), sys.version_info[:2]
    for version in VERSIONS:
        path = shutil.which("python{}.{}".format(*version))
        # A version manager may hold the name of a version that is not there.
        if path and not subprocess.run([path, "-c", ""], **QUIET).returncode:
            return path, version
    raise Failure(
        "Odoo 19.0 needs Python 3.10 to 3.13. This is Python "
        f"{sys.version_info.major}.{sys.version_info.minor}; install one of those "
        "(python3.13, say) beside it."
    )


def _entry():
    path, version = interpreter()
    return path, f"venv-{cache.digest(LOCK.read_bytes(), path, version)}"


def venv():
    """Return the folder of the virtual environment, making it if needed."""
    path, name = _entry()
    return cache.entry(name, lambda folder: _build(path, folder), in_place=True)


def needed_packages():
    """Return the system packages that making the environment needs."""
    path, name = _entry()
    if cache.complete(name):
        return {}
    check = [path, "-c", "import venv, ensurepip"]
    return {"python3-venv": lambda: not subprocess.run(check, **QUIET).returncode}


def _build(python, folder):
    need(needed_packages(), "virtual environments")
    with step("Python packages, from dev/requirements.txt (about half a minute)"):
        install(python, folder, LOCK)


def install(python, folder, lock):
    """Make a virtual environment with the packages of a lock file."""
    run([python, "-m", "venv", folder])
    pip = [folder / "bin/python", "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "install", "--no-input", "--require-hashes", "-r", lock], env=_env())


def _env():
    """Let pip work as root without its warning."""
    return {**os.environ, **({"PIP_ROOT_USER_ACTION": "ignore"} if is_root() else {})}


def python():
    """Return the path of the environment's Python."""
    return venv() / "bin/python"


def site_packages():
    """Return the folder of installed packages."""
    return next((venv() / "lib").glob("python3.*/site-packages"))
