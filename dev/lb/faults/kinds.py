"""The kinds of faults: what breaks, and how it is mended.

A fault gets the round that is being played; `happen` breaks, `mend` repairs what does
not come back by itself. Between the two lies the time that the harness looks at the
database in its broken state.
"""

import contextlib
import errno
import os
import resource
import subprocess
import time

from .. import postgres
from ..say import Failure

STAGES = ("bill", "approve", "produce", "mail")
#: Rows of a chunk: what is done is seen so many at a time.
CHUNK = 100
#: Bytes that a file may have where no disk can be mounted: less than any PDF.
SMALL = 6000
#: A worker of Odoo in the middle of what it writes.
WORKERS = """
SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()
AND application_name LIKE 'odoo-%' AND backend_xid IS NOT NULL ORDER BY xact_start
"""


class Fault:
    """One kind of fault.

    :cvar tuple stages: where it can hurt
    :cvar int nodes: servers that it needs
    :cvar float hold: seconds that it lasts at most
    """

    stages = STAGES
    nodes = 1
    hold = 0.0

    def __init__(self, chance):
        """Draw what is random about it."""
        self.chance = chance

    def happen(self, play):
        """Break something now."""
        raise NotImplementedError

    def mend(self, play):
        """Repair it."""


class Kill(Fault):
    """SIGKILL of Odoo and all that it started; it is started again."""

    def happen(self, play):
        """Kill every server."""
        for node in play.nodes:
            node.kill()

    def mend(self, play):
        """Start them again."""
        for node in play.nodes:
            node.start()


class Node(Fault):
    """SIGKILL of one of two servers; the other goes on and ends the stage alone."""

    nodes = 2

    def happen(self, play):
        """Kill one of them."""
        self.chance.choice(play.nodes).kill()


class Postgres(Fault):
    """The database server stops at once, without a checkpoint, and starts again."""

    def happen(self, play):
        """Stop and start it."""
        play.harness.cluster.stop("immediate")
        time.sleep(0.5)
        play.harness.cluster.start()


class Backend(Fault):
    """One worker's connection to the database is cut in the middle of its writing."""

    def happen(self, play):
        """Wait for a worker that writes, cut its connection."""
        connection = play.harness.server.connection
        end = time.monotonic() + 4
        while time.monotonic() < end:
            sql = WORKERS.format(database=play.database)
            if pids := postgres.query(connection, sql).split():
                postgres.query(connection, f"SELECT pg_terminate_backend({pids[0]})")
                return
            time.sleep(0.05)
        play.result.notes.append("no worker was writing")


class Smtp(Fault):
    """The mail server refuses, or cuts the line after it has taken the message."""

    stages = ("mail",)
    hold = 4.0
    mode = ""

    def happen(self, play):
        """Tell the mail server how to be."""
        (play.mails / "mode").write_text(self.mode)

    def mend(self, play):
        """Tell it to be well."""
        (play.mails / "mode").write_text("ok")


class SmtpRefuse(Smtp):
    """No connection is taken."""

    mode = "refuse"


class SmtpDrop(Smtp):
    """The message is taken, then the line is cut before the answer."""

    mode = "drop"


class Pdf(Fault):
    """wkhtmltopdf crashes."""

    stages = ("produce",)
    hold = 6.0

    def happen(self, play):
        """Every wkhtmltopdf that starts from now on crashes."""
        play.harness.flag.touch()

    def mend(self, play):
        """They work again."""
        play.harness.flag.unlink(missing_ok=True)


class Disk(Fault):
    """The disk of the attachments, and of wkhtmltopdf's files, is full."""

    stages = ("produce",)
    hold = 6.0

    def happen(self, play):
        """Leave room for a few PDFs at most."""
        self._fill(play, round(self.chance.uniform(0, 5) * play.harness.pdf_size))

    def _fill(self, play, room):
        if play.harness.disk:
            play.harness.disk.leave(room)
        else:
            play.limit_files(SMALL)

    def mend(self, play):
        """Give room again."""
        if play.harness.disk:
            play.harness.disk.free()
        else:
            play.limit_files(resource.RLIM_INFINITY)


class PrintDisk(Disk):
    """The disk has room for the PDFs, and is full when the print file is written."""

    def happen(self, play):
        """Leave room for the PDFs that are still to come and half of the print file."""
        harness = play.harness
        left = play.progress.left("produce")
        self._fill(play, round((left + 0.5 * harness.size) * harness.pdf_size))


KINDS = {
    "kill": Kill,
    "node": Node,
    "postgres": Postgres,
    "backend": Backend,
    "smtp_refuse": SmtpRefuse,
    "smtp_drop": SmtpDrop,
    "pdf": Pdf,
    "disk": Disk,
    "print_disk": PrintDisk,
}


class Volume:
    """A file system in memory that can be made full, seen by this process and those it
    starts only: it is gone with them.

    :param Path folder: where it is mounted
    :param int size: bytes
    """

    def __init__(self, folder, size):
        self.folder, self.size = folder, size
        _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder))

    def leave(self, room):
        """Shrink it until so many bytes are free."""
        for _try in range(5):  # what is written meanwhile makes it too small
            state = os.statvfs(self.folder)
            used = (state.f_blocks - state.f_bfree) * state.f_frsize
            with contextlib.suppress(Failure):
                return self._resize(min(used + max(room, 4096), self.size))
        raise Failure("The disk of the harness cannot be made full.")

    def free(self):
        """Give it its size back."""
        self._resize(self.size)

    def remove(self):
        """Take it away with all that is in it."""
        subprocess.run(["umount", "-l", str(self.folder)], check=False)

    def _resize(self, size):
        _mount("-o", f"remount,size={size}", str(self.folder))


def volume(folder, size):
    """Mount a Volume in a view of the file systems of our own.

    :return: nothing where this user may not mount
    :rtype: Volume
    """
    import ctypes

    new_view = 0x00020000  # CLONE_NEWNS
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(new_view):
        if ctypes.get_errno() not in {errno.EPERM, errno.ENOSYS, errno.EINVAL}:
            raise OSError(ctypes.get_errno(), "unshare")
        return None
    try:
        _mount("--make-rprivate", "/")
        return Volume(folder, size)
    except Failure:
        return None


def _mount(*args):
    done = subprocess.run(["mount", *args], capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"mount {' '.join(args)}: {done.stderr.strip()}")
