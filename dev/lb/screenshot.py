"""Take a picture of a page of a running Odoo, logged in.

Runs in the virtual environment (websocket-client); drives headless Chromium
through its DevTools protocol.
"""

import base64
import contextlib
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import websocket

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-default-browser-check",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
]
#: The web client has drawn its action and nothing is loading any more.
READY = (
    "document.querySelector({selector}) !== null"
    " && !document.querySelector('.o_loading_indicator, .o_blockUI')"
    " && document.fonts.status === 'loaded'"
)
ANY_PAGE = ".o_action_manager .o_view_controller, .o_content, main, body:not(:has(.o_web_client))"


class Browser:
    """One headless Chromium with one tab."""

    def __init__(self, executable, width, height, scale=1):
        self.profile = tempfile.mkdtemp(prefix="lb-chromium-")
        size = f"--window-size={width},{height}"
        profile = f"--user-data-dir={self.profile}"
        self.process = subprocess.Popen(
            [executable, *FLAGS, size, profile, "about:blank"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.ids = itertools.count(1)
        self.errors = []
        self.socket = websocket.create_connection(self._tab(), timeout=60)
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")
        self.resize(width, height, scale)

    def _tab(self):
        """Return the address of the only tab, once Chromium listens."""
        for line in self.process.stderr:
            if match := re.search(r"DevTools listening on ws://([^/]+)/", line):
                break
        else:
            raise SystemExit("Chromium did not start.")
        with urllib.request.urlopen(f"http://{match[1]}/json/list") as answer:
            tabs = json.load(answer)
        return next(t for t in tabs if t["type"] == "page")["webSocketDebuggerUrl"]

    def send(self, method, **params):
        """Send one command, return its result; take what comes in meanwhile."""
        number = next(self.ids)
        message = {"id": number, "method": method, "params": params}
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            self.take(answer)
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def take(self, message):
        """Look at a message that comes in; errors of the page are kept."""
        if message.get("method") == "Runtime.exceptionThrown":
            details = message["params"]["exceptionDetails"]
            text = details.get("exception", {}).get("description")
            self.errors.append(text or details["text"])

    def resize(self, width, height, scale=1):
        """Set the size of the page."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def evaluate(self, expression):
        """Return the value of a JavaScript expression."""
        answer = self.send(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
        )
        if "exceptionDetails" in answer:
            self.errors.append(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, expression, seconds):
        """Wait until a JavaScript expression is true; tell whether it became so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.evaluate(expression):
                return True
            time.sleep(0.1)
        return False

    def picture(self, path, full=False):
        """Write the page as a PNG."""
        options = {"captureBeyondViewport": True} if full else {}
        if full:
            size = self.send("Page.getLayoutMetrics")["cssContentSize"]
            options["clip"] = {**size, "scale": 1}
        data = self.send("Page.captureScreenshot", format="png", **options)["data"]
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        """End Chromium and delete its profile."""
        with contextlib.suppress(Exception):
            self.send("Browser.close")
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)


def session(url, database, login, password):
    """Log in; return the session's cookie."""
    parts = urlsplit(url)
    params = {"db": database, "login": login, "password": password}
    request = urllib.request.Request(
        f"{parts.scheme}://{parts.netloc}/web/session/authenticate",
        data=json.dumps({"jsonrpc": "2.0", "params": params}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        body, cookies = json.load(answer), answer.headers.get_all("Set-Cookie") or []
    if "error" in body:
        raise SystemExit(f"Log-in failed: {body['error']['data']['message']}")
    cookie = next(c for c in cookies if c.startswith("session_id="))
    return cookie.split(";")[0].partition("=")[2]


def shoot(args, executable):
    """Take the picture that the command line asks for; return the exit code."""
    browser = Browser(executable, args.width, args.height, args.scale)
    try:
        if args.login:
            value = session(args.url, args.db, args.login, args.password)
            parts = urlsplit(args.url)
            origin = f"{parts.scheme}://{parts.netloc}/"
            browser.send(
                "Network.setCookie", name="session_id", value=value, url=origin
            )
        browser.send("Page.navigate", url=args.url)
        selector = json.dumps(args.wait or ANY_PAGE)
        ready = READY.format(selector=selector)
        found = browser.wait(ready, args.timeout)
        for action in args.do:
            browser.evaluate(action)
            time.sleep(args.settle)
            browser.wait(ready, args.timeout)
        time.sleep(args.settle)
        browser.picture(args.out, args.full)
    finally:
        browser.close()
    for error in browser.errors:
        print(f"error in the page: {error}")
    if not found:
        print(f"The page never showed {args.wait or 'its content'}.")
    return 0 if found and not browser.errors else 1


def add_arguments(parser):
    """Describe the command line."""
    parser.add_argument("url")
    parser.add_argument("out", help="PNG file to write")
    parser.add_argument("--login", default="admin", help="'' to stay logged out")
    parser.add_argument("--password", help="default: the same as the login")
    parser.add_argument("--db", default="dev")
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--full", action="store_true", help="the whole page")
    parser.add_argument("--wait", metavar="SELECTOR", help="element to wait for")
    parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--settle", type=float, default=0.7, metavar="SECONDS")
    parser.add_argument(
        "--do",
        action="append",
        default=[],
        metavar="JS",
        help="JavaScript to run before the picture; may be given several times",
    )


def main():
    """Entry point inside the virtual environment."""
    import argparse
    import sys

    parser = argparse.ArgumentParser()
    parser.add_argument("--browser", required=True)
    add_arguments(parser)
    args = parser.parse_args()
    args.password = args.password or args.login
    sys.exit(shoot(args, args.browser))


if __name__ == "__main__":
    main()
