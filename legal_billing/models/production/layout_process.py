"""A wkhtmltopdf process that lays pages out while Python renders the next ones."""

import subprocess
import tempfile
import time
from pathlib import Path

from lxml import html as lxml_html

from odoo.addons.base.models.ir_actions_report import _split_table

#: Tables of bodies that are larger are cut up, as core does.
LARGEST_BODY = 4 * 1024 * 1024
TABLE_ROWS = 500


class LayoutTimeoutError(Exception):
    """The process took longer than it may."""


class LayoutProcess:
    """Documents rendered to HTML and the process that makes one PDF of them.

    Usage::

        with LayoutProcess(ids, html, prepared) as layout:
            layout.start(arguments)
            ...                          # other work
            content = layout.get_pdf()   # waits; None where the process failed,
                                         # which ``code`` and ``message`` tell

    :param list ids: records of the documents, in order
    :param str html: all of them, as QWeb made it
    :param tuple prepared: ``(bodies, html ids, header, footer, paper arguments)``, as
        core's ``_prepare_html`` gives it
    :param float seconds: that the process may take; None: as long as it wants
    """

    def __init__(self, ids, html, prepared, seconds=None):
        self.ids, self.html, self.prepared = ids, html, prepared
        self.seconds = seconds
        self.code = self.message = None
        self._folder = self._process = self._deadline = None

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def start(self, arguments):
        """Start the process.

        :param list arguments: program and options, without files
        """
        bodies, _ids, header, footer, _arguments = self.prepared
        self._folder = tempfile.TemporaryDirectory(prefix="report.layout.")
        files = []
        for option, content in (("--header-html", header), ("--footer-html", footer)):
            if content:
                files += [option, self._write(f"{option.strip('-')}.html", content)]
        files += [
            self._write(f"body.{index}.html", body) for index, body in enumerate(bodies)
        ]
        with Path(self._get_path("errors")).open("wb") as errors:
            self._process = subprocess.Popen(
                [*arguments, *files, self._get_path("report.pdf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        self._deadline = self.seconds and time.monotonic() + self.seconds

    def get_pdf(self):
        """Wait for the process.

        :return: the PDF, or None if the process failed
        :rtype: bytes
        :raise LayoutTimeoutError: if its time is over; it is ended then
        """
        if not self._process:
            return None
        left = self._deadline and max(0.0, self._deadline - time.monotonic())
        try:
            self.code = self._process.wait(left)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise LayoutTimeoutError from error
        errors = Path(self._get_path("errors")).read_bytes()
        self.message = errors.decode(errors="replace")[-1000:].strip()
        if self.code not in (0, 1):  # 1: made, with something missing on the page
            return None
        if self.code == 1 and len(self.prepared[0]) > 1:
            return None  # a program that takes one document only
        return self._read_result()

    def _read_result(self):
        path = Path(self._get_path("report.pdf"))
        return (path.exists() and path.read_bytes()) or None

    def close(self):
        """End the process if it still runs, and delete its files."""
        if self._process:
            self._process.kill()
            self._process.wait()
        if self._folder:
            self._folder.cleanup()
        self._process = self._folder = None

    def _get_path(self, name):
        return str(Path(self._folder.name) / name)

    def _write(self, name, content):
        path = self._get_path(name)
        if len(content) >= LARGEST_BODY:
            tree = lxml_html.fromstring(content)
            _split_table(tree, TABLE_ROWS)
            content = lxml_html.tostring(tree, encoding="unicode")
        Path(path).write_text(content)
        return path
