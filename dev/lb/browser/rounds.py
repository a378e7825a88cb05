"""Drives Chromium through the rounds; runs in the virtual environment.

The records of the firm come in as JSON, the figures go out to a file.
"""

import json
import sys
import time
from pathlib import Path

from ..screenshot import Browser, session
from .pages import NEUTRAL, PAGES

READY = (
    "!!(window.odoo && odoo.__WOWL_DEBUG__ && odoo.__WOWL_DEBUG__.root"
    " && document.querySelector('.o_action_manager > *'))"
)
#: Seconds after which the last answers' sizes are known.
TOLD = 0.03


class Watched(Browser):
    """A browser that notes what the server was asked and what it sent."""

    def __init__(self, *args):
        self.asked, self.sizes = {}, {}
        super().__init__(*args)

    def take(self, message):
        """Note events of the network, too."""
        super().take(message)
        params = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.asked[params["requestId"]] = (
                params["request"]["url"],
                params["timestamp"],
            )
        elif message.get("method") == "Network.loadingFinished":
            self.sizes[params["requestId"]] = (
                params["encodedDataLength"],
                params["timestamp"],
            )

    def forget(self):
        """Begin to count."""
        self.asked, self.sizes = {}, {}

    def get_traffic(self):
        """Bytes since the count began, and each call of the server with its time."""
        calls = []
        for number, (url, asked) in self.asked.items():
            size, answered = self.sizes.get(number, (0, asked))
            _host, _slash, path = url.partition("//")[2].partition("/")
            if path.startswith(("web/dataset/", "web/action/", "mail/", "web/view")):
                name = path.partition("?")[0].removeprefix("web/dataset/call_kw/")
                calls.append([name, round(1000 * (answered - asked)), size])
        size = sum(
            length
            for number, (length, _t) in self.sizes.items()
            if number in self.asked
        )
        return {"bytes": round(size), "calls": calls}

    def do(self, script, record, number, timed=True):
        """Carry out a script on the page.

        :return: milliseconds to the last paint, or None if it was not to be timed
        """
        act = f"async () => {{const id = {json.dumps(record)}, n = {number}; {script}}}"
        call = "time" if timed else "settle"
        answer = self.send(
            "Runtime.evaluate",
            expression=f"lb.{call}({act})",
            returnByValue=True,
            awaitPromise=True,
        )
        if details := answer.get("exceptionDetails"):
            text = details.get("exception", {}).get("description") or details["text"]
            raise SystemExit(f"{script}\n{text}")
        return answer["result"].get("value")


def measure(browser, act, record, number):
    """Time one act.

    :return: ``{"ms": …, "bytes": …, "calls": [[name, ms, bytes]]}``
    """
    browser.do("", record, number, timed=False)
    browser.forget()
    milliseconds = browser.do(f"await {act.script};", record, number)
    time.sleep(TOLD)
    browser.evaluate("1")
    return {"ms": milliseconds, **browser.get_traffic()}


def play(browser, page, records, number):
    """Open a page and do its edits, once.

    :return: ``{key: figures}``
    """
    record = records.get(page.record, 0)
    found = {}
    browser.do(f"await lb.discard(); await {NEUTRAL};", record, number, timed=False)
    if page.before:
        browser.do(f"await {page.before};", record, number, timed=False)
    for act in (page.opened, *page.edits):
        found[act.key] = measure(browser, act, record, number)
    browser.do(
        "await lb.discard(); document.querySelector('.modal .btn-close')?.click();",
        record,
        number,
        timed=False,
    )
    return found


def main():
    """Entry point inside the virtual environment."""
    executable, url, database, rounds, output, only = sys.argv[1:]
    records = json.load(sys.stdin)
    wanted = set(filter(None, only.split(",")))
    pages = [page for page in PAGES if not wanted or page.opened.key in wanted]
    browser = Watched(executable, 1440, 900)
    browser.socket.settimeout(150)
    found = {}
    try:
        value = session(url, database, "admin", "admin")
        browser.send("Network.setCookie", name="session_id", value=value, url=url)
        script = Path(__file__).with_name("page.js").read_text()
        # fields open when they are entered, which a tab without focus does not tell
        browser.send("Emulation.setFocusEmulationEnabled", enabled=True)
        browser.send("Page.addScriptToEvaluateOnNewDocument", source=script)
        browser.send("Page.navigate", url=f"{url}/odoo")
        if not browser.wait(READY, 120):
            raise SystemExit("The web client never showed a page.")
        # the first round makes files, views and caches warm
        for number in range(int(rounds) + 1):
            for page in pages:
                for key, figures in play(browser, page, records, number).items():
                    if number:
                        found.setdefault(key, []).append(figures)
            print(f"   round {number} of {rounds}", flush=True)
    finally:
        browser.close()
    Path(output).write_text(json.dumps(found))
    for error in browser.errors:
        print(f"error in the page: {error}")


if __name__ == "__main__":
    main()
