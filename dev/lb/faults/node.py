"""A server process of the harness, and how it is spoken to."""

import http.client
import http.cookiejar
import json
import os
import re
import resource
import signal
import subprocess
import time
import urllib.error
import urllib.request

from ..paths import CLONE
from ..say import Failure
from ..server import free_port

#: A server that is gone, or whose database is, or that says no.
TROUBLE = (OSError, Failure, http.client.HTTPException, ValueError)

#: What a server says when it has worked off something.
WORK = re.compile("A chunk of billing runs is done|Mail .* successfully sent")


class Node:
    """One Odoo server on the round's database.

    :param play: the round
    :param str name: tells its log apart
    """

    def __init__(self, play, name):
        self.play = play
        self.log = play.harness.folder / f"odoo-{name}.log"
        self.log.unlink(missing_ok=True)
        self.process = None

    def alive(self):
        """Tell whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def start(self):
        """Start the server unless it runs, wait until it answers, log in."""
        if self.alive():
            return
        play, self.port = self.play, free_port()
        harness = play.harness
        options = ["-d", play.database, "--db-filter", f"^{play.database}$"]
        options += ["--http-port", str(self.port), "--max-cron-threads", "1"]
        options += ["--smtp", "127.0.0.1", "--smtp-port", str(play.smtp_port)]
        with open(self.log, "a") as output:
            self.process = subprocess.Popen(
                harness.server.command(*options),
                env=harness.environment,
                cwd=CLONE,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        cookies = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(cookies)
        )
        login = {"db": play.database, "login": "admin", "password": "admin"}
        end = time.monotonic() + 180
        while time.monotonic() < end:
            if not self.alive():
                raise Failure(f"Odoo ended: {self.log.read_text()[-1500:]}")
            try:
                self.post("/web/session/authenticate", login)
                return
            except TROUBLE:
                time.sleep(0.3)
        raise Failure("Odoo does not answer.")

    def kill(self):
        """End the server and all that it started, at once."""
        if self.alive():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def count_chunks(self):
        """Return how many chunks of runs, and e-mails, it has worked off so far."""
        if not self.log.exists():
            return 0
        return len(WORK.findall(self.log.read_text(errors="replace")))

    def limit_files(self, size):
        """Let the server, and what it starts, write files up to this size only."""
        if self.alive():
            # its log is larger already; what it says meanwhile is lost
            resource.prlimit(
                self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY)
            )

    def post(self, path, params):
        """Send a request as the person who is logged in; return the answer.

        :raise Failure: with what the server says
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        with self.browser.open(request, timeout=300) as response:
            answer = json.load(response)
        if "error" in answer:
            raise Failure(answer["error"]["data"]["message"])
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        """Call a method as the person who is logged in."""
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )
