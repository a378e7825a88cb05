"""What a person sees: steps with their time, and failures without a traceback."""

import sys
import time
from contextlib import contextmanager


class Failure(Exception):
    """The command cannot go on; the message says why and what to do."""


def say(text):
    """Print one line at once, even when the output is a pipe."""
    print(text, flush=True)


@contextmanager
def step(text):
    """Announce a step, and say how long it took when it is done."""
    say(f"-> {text}")
    start = time.monotonic()
    yield
    say(f"   done in {time.monotonic() - start:.1f} s")


class Progress:
    """A percentage on one terminal line; silent when the output is a pipe."""

    def __init__(self, total, label):
        self.total, self.label, self.shown = total, label, None
        self.live = sys.stdout.isatty()

    def __call__(self, done):
        """Show that so many are done."""
        percent = min(100, 100 * done // self.total) if self.total else 100
        if self.live and percent != self.shown:
            self.shown = percent
            end = "\n" if percent == 100 else ""
            print(f"\r   {self.label} {percent} %", end=end, flush=True)
