"""A mail server that can be told to fail: `python -m lb.faults.sink FOLDER PORT`.

The file `FOLDER/mode` says how it is: `ok`; `refuse` (no connection is taken);
`drop` (the message is taken and kept, then the line is cut before the answer).
"""

import asyncio
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP

from ..mailsink import Keep


class Failing(Keep):
    """Keeps messages; cuts the line when told to."""

    def mode(self):
        """Return how the server is now."""
        path = self.folder / "mode"
        return path.read_text().strip() if path.exists() else "ok"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        """Refuse, or go on."""
        if self.mode() == "refuse":
            server.transport.abort()
            return ["421 Not now"]
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):
        """Keep the message; answer, or cut the line."""
        answer = await super().handle_DATA(server, session, envelope)
        if self.mode() == "drop":
            server.transport.abort()
        return answer


async def serve(folder, port):
    """Listen until a signal says stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    keep = Failing(folder)
    server = await loop.create_server(
        lambda: SMTP(keep, enable_SMTPUTF8=True), host="127.0.0.1", port=port
    )
    print("ready", flush=True)
    async with server:
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
