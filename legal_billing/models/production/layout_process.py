"""A wkhtmltopdf process that lays pages out while Python renders the next ones."""

import subprocess
import tempfile
from pathlib import Path

#: Core cuts up tables of bodies that are larger, which is left to it.
LARGEST_BODY = 4 * 1024 * 1024


class LayoutProcess:
    """Documents rendered to HTML and the process that makes one PDF of them.

    Usage::

        with LayoutProcess(ids, html, prepared) as layout:
            layout.start(arguments)
            ...                          # other work
            content = layout.get_pdf()   # waits; None where the process failed

    :param list ids: records of the documents, in order
    :param str html: all of them, as QWeb made it
    :param tuple prepared: ``(bodies, html ids, header, footer, paper arguments)``, as
        core's ``_prepare_html`` gives it
    """

    def __init__(self, ids, html, prepared):
        self.ids, self.html, self.prepared = ids, html, prepared
        self._folder = self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def start(self, arguments):
        """Start the process, unless a body needs core's own treatment.

        :param list arguments: program and options, without files
        """
        bodies, _ids, header, footer, _arguments = self.prepared
        if any(len(body) >= LARGEST_BODY for body in bodies):
            return
        self._folder = tempfile.TemporaryDirectory(prefix="report.layout.")
        files = []
        for option, content in (("--header-html", header), ("--footer-html", footer)):
            if content:
                files += [option, self._write(f"{option.strip('-')}.html", content)]
        files += [
            self._write(f"body.{index}.html", body) for index, body in enumerate(bodies)
        ]
        self._process = subprocess.Popen(
            [*arguments, *files, self._get_path("report.pdf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def get_pdf(self):
        """Wait for the process.

        :return: the PDF, or None if there is none: then core has to make it, or to say
            what is wrong
        :rtype: bytes
        """
        if not self._process or self._process.wait():
            return None
        return Path(self._get_path("report.pdf")).read_bytes() or None

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
        Path(path).write_text(content)
        return path
