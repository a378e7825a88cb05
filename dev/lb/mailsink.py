"""A real SMTP server on loopback that keeps every message as a file.

Runs in the virtual environment: `python -m lb.mailsink FOLDER`. Its first line
on standard output is the port it listens on.
"""

import itertools
import re
import signal
import sys
from pathlib import Path

from aiosmtpd.controller import Controller


class Keep:
    """Writes each message to `‹number›-‹recipient›.eml`."""

    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.numbers = itertools.count(len(list(folder.glob("*.eml"))) + 1)

    async def handle_DATA(self, server, session, envelope):
        """Keep the message, accept it."""
        name = re.sub(r"[^\w.@+-]", "_", ",".join(envelope.rcpt_tos))[:80]
        path = self.folder / f"{next(self.numbers):04d}-{name}.eml"
        path.write_bytes(envelope.original_content or envelope.content)
        return "250 Message accepted for delivery"


def main():
    """Listen on a free port until a signal says stop."""
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    controller = Controller(Keep(Path(sys.argv[1])), hostname="127.0.0.1", port=0)
    # The controller asks for the port that it was given; 0 has no answer to check.
    controller._trigger_server = lambda: None
    controller.start()
    print(controller.server.sockets[0].getsockname()[1], flush=True)
    signal.sigwait(signals)
    controller.stop()


if __name__ == "__main__":
    main()
