"""What an Odoo log says: tests run, failed, skipped, and every warning."""

import re

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>\w+) \S+ (?P<name>[^:]+): "
    r"(?P<text>.*)$"
)
TOTAL = re.compile(r"^(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
STARTED = re.compile(r"^Starting (\w+\.\w+) \.\.\.")
FAILED = re.compile(r"^(?:FAIL|ERROR): (?:setUpClass \(|Subtest )?(\S+)")
SKIPPED = re.compile(r"^skipped (?:setUpClass \()?(\S+)")

#: Warnings that come from the environment, never from the addon: (logger, text).
ALLOWED = ()
LOUD = {"WARNING", "ERROR", "CRITICAL"}


class OdooLog:
    """Reads a log line by line.

    `findings` are the records that fail the run by themselves: warnings and
    errors that no test announced as its own failure.
    """

    def __init__(self):
        self.started = self.skipped = 0
        self.total = None
        self.failed = []
        self.findings = []
        self._open = None

    def feed(self, line):
        """Take one line; return the test that it starts, if it does."""
        line = line.rstrip("\n")
        record = RECORD.match(line)
        if not record:
            # What follows a record (a traceback) belongs to it.
            if self._open is not None:
                self._open.append(line)
            return None
        self._open = None
        text = record["text"]
        if total := TOTAL.match(text):
            self.total = tuple(int(number) for number in total.groups())
        elif started := STARTED.match(text):
            self.started += 1
            return started[1]
        elif SKIPPED.match(text) and ".tests." in record["name"]:
            self.skipped += 1
        elif record["level"] in LOUD:
            self._loud(record, text)
        return None

    def _loud(self, record, text):
        entry = [f"{record['level']} {record['name']}: {text}"]
        if failed := FAILED.match(text):
            self.failed.append((failed[1].rstrip(")"), entry))
        elif not _is_allowed(record["name"], text):
            self.findings.append(entry)
        self._open = entry

    def counts(self):
        """Return how many passed, failed, and why in words."""
        if self.total is None:
            return 0, max(1, len(self.findings)), "Odoo ended before its tests did"
        failures, errors, run = self.total
        passed = max(0, run - failures - errors - self.skipped)
        failed = failures + errors + self.skipped + len(self.findings)
        words = f"{run} tests: {failures} failures, {errors} errors, "
        words += f"{self.skipped} skipped, {len(self.findings)} warnings in the log"
        return passed, failed, words


def _is_allowed(name, text):
    return any(name == logger and part in text for logger, part in ALLOWED)
