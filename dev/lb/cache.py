"""Folders in the user's cache that are either complete or not there.

An entry is built under another name and renamed when it is done, so an
interrupted build never looks like a finished one. A lock per entry lets two
commands (of two clones) ask for the same entry at the same time.
"""

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager

from .paths import CACHE, ensure
from .say import say

MARKER = ".complete"


def digest(*parts):
    """Return a short key for the contents that the parts describe."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else str(part).encode())
        sha.update(b"\0")
    return sha.hexdigest()[:12]


@contextmanager
def locked(name):
    """Hold a lock that the system drops when the process ends.

    The programs that the process runs hold it too (`system.run` hands it on):
    what an interrupted set-up left running ends before the next one begins.
    """
    with open(ensure(CACHE / "locks") / name, "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"-> Another command is making {name}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        os.set_inheritable(handle.fileno(), True)
        yield


def complete(name):
    """Return the folder of a finished entry, or None."""
    folder = CACHE / name
    return folder if (folder / MARKER).exists() else None


def entry(name, build, in_place=False):
    """Return the cached folder `name`, building it if it is not complete.

    :param name: folder name, made of a title and the key of its content
    :param build: function that fills the folder that it is given
    :param in_place: build under the final name, for content that knows its
        own path (a virtual environment); completeness is the marker alone
    """
    if found := complete(name):
        return found
    with locked(name):
        if found := complete(name):
            return found
        final = CACHE / name
        work = final if in_place else CACHE / f"{name}.part"
        for leftover in {work, final}:
            if leftover.exists():
                shutil.rmtree(leftover)
        ensure(work)
        build(work)
        (work / MARKER).touch()
        if not in_place:
            work.rename(final)
    return final
