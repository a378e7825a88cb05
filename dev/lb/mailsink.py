"""A real SMTP server on loopback that keeps every message as a file.

Runs in the virtual environment: `python -m lb.mailsink FOLDER`. Its first line
on standard output is the port it listens on.
"""

import asyncio
import itertools
import re
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP


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


async def serve(folder):
    """Listen on a free port until a signal says stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keep = Keep(folder)
    server = await loop.create_server(
        lambda: SMTP(keep, enable_SMTPUTF8=True), host="127.0.0.1", port=0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
