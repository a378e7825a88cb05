import base64
import logging
import threading
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import psutil

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import file_path

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ...exceptions import ProduceError
from ...tools import keep_data_only
from .layout_process import LayoutProcess, LayoutTimeoutError

_logger = logging.getLogger(__name__)

SECONDS_PARAMETER = "legal_billing.pdf_seconds"
DEFAULT_SECONDS = 60
#: A proxy that is not there.
NO_NETWORK = "http://127.0.0.1:9"
#: Core's reports of invoices, by the templates that render them.
CORE_PAPERS = ("account.report_invoice", "account.report_invoice_with_payments")
#: Where the context says that papers of bills are printed.
BILL_PAPER = "legal_billing_bill_paper"
#: Where it names the process that core starts.
PROCESS_MARK = "legal_billing_process_mark"

#: Fonts that Odoo brings along, by the company's choice: regular and bold.
FONT_FILES = {
    "Lato": ("lato/Lato-Reg-webfont.ttf", "lato/Lato-Bol-webfont.ttf"),
    "Open_Sans": (
        "google/Open_Sans/Open_Sans-Regular.ttf",
        "google/Open_Sans/Open_Sans-Bold.ttf",
    ),
    "Raleway": (
        "google/Raleway/Raleway-Regular.ttf",
        "google/Raleway/Raleway-Bold.ttf",
    ),
    "Roboto": ("google/Roboto/Roboto-Regular.ttf", "google/Roboto/Roboto-Bold.ttf"),
    "Montserrat": (
        "google/Montserrat/Montserrat-Regular.ttf",
        "google/Montserrat/Montserrat-Bold.ttf",
    ),
    "Tajawal": (
        "google/Tajawal/Tajawal-Regular.ttf",
        "google/Tajawal/Tajawal-Bold.ttf",
    ),
}
FONT_FOLDER = "web/static/fonts"


@lru_cache(maxsize=len(FONT_FILES) * 2)
def _read_font(path):
    """A font as an address that holds it.

    :rtype: str
    """
    content = base64.b64encode(Path(path).read_bytes()).decode()
    return f"data:font/ttf;base64,{content}"


class IrActionsReport(models.Model):
    """Bills have a layout of their own: a few kB of style inside the page instead of
    the 400 kB that core's layouts link to, nothing fetched over HTTP, no waiting for
    scripts. A page costs a quarter of one in core's layout."""

    _inherit = "ir.actions.report"

    legal_light_layout = fields.Boolean(
        string="Light layout of Legal Billing",
        copy=True,
        help="For templates that bring their own style and link to nothing.",
    )

    legal_layout_ids = fields.One2many(
        "legal.bill.layout", "report_id", string="Layouts of Legal Billing"
    )

    def _get_rendering_context(self, report, docids, data):
        """Bills are printed as the layout of the report at hand says, whichever the
        bill's own is."""
        values = super()._get_rendering_context(report, docids, data)
        if report.sudo().legal_layout_ids:
            values["bill_layout"] = report.sudo().legal_layout_ids[:1]
        return values

    def _give_own_view(self, name):
        """A view of its own for a copied report, so that printing by its name finds it;
        it shows the same page.

        :param str name: of the report that was copied
        """
        self.ensure_one()
        key = f"legal_billing.bill_layout_{self.id}"
        view = self.env["ir.ui.view"].search([("key", "=", name)], limit=1)
        view.copy({"name": self.name, "key": key})
        self.write({"report_name": key, "report_file": key})

    def _filter_own_views(self):
        """The copies among these reports.

        :rtype: ir.actions.report
        """
        return self.filtered(
            lambda report: (
                report.report_name == f"legal_billing.bill_layout_{report.id}"
            )
        )

    def _unlink_own_views(self):
        """Take the views of copied reports away."""
        own = [f"legal_billing.bill_layout_{report.id}" for report in self]
        self.env["ir.ui.view"].search([("key", "in", own)]).unlink()

    def _is_light(self, report_ref):
        return bool(report_ref) and self._get_report(report_ref).legal_light_layout

    @api.model
    def _group_by_paper(self, report_ref, res_ids):
        """The report that each document is printed with. Core's print of invoices, its
        portal and its pro forma ask for core's report whatever they print; a bill whose
        paper is one of ours is printed with that.

        :param report_ref: as core's methods take it
        :param res_ids: ids, or one
        :return: ``{report: ids}``, one report where it is not core's print
        :rtype: dict
        """
        ids = [res_ids] if isinstance(res_ids, int) else res_ids
        if not ids or self._get_report(report_ref).report_name not in CORE_PAPERS:
            return {report_ref: res_ids}
        papers = {}
        # sudo: which of them are bills; who may print them core's report decides
        for move in self.env["account.move"].sudo().browse(ids):
            own = move._get_bills() and move._get_bill_report()
            is_ours = own and own.legal_light_layout
            papers.setdefault(own if is_ours else report_ref, []).append(move.id)
        return papers

    def _get_layout(self):
        """Bills have a page of their own instead of core's, which loads the web
        client's styles."""
        if self and self[:1].sudo().legal_light_layout:
            return self.env.ref("legal_billing.bill_page_layout")
        return super()._get_layout()

    def get_paperformat(self):
        """Bills take the company's paper size with margins of their own, unless the
        report names a paper format."""
        if self and self.legal_light_layout and not self.paperformat_id:
            size = self.env.company.paperformat_id.format
            name = "letter" if size == "Letter" else "a4"
            return self.env.ref(f"legal_billing.paperformat_bill_{name}")
        return super().get_paperformat()

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """A PDF of a bill is a PDF in tests, too."""
        papers = self._group_by_paper(report_ref, res_ids)
        if any(self._is_light(paper) for paper in papers):
            # Core prints no PDF in tests since its layouts fetch from the very server
            # that is under test. This one fetches nothing.
            self = self.with_context(force_report_rendering=True)
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    @api.model
    def _run_wkhtmltopdf(
        self,
        bodies,
        report_ref=False,
        header=None,
        footer=None,
        landscape=False,
        specific_paperformat_args=None,
        set_viewport_size=False,
    ):
        """What is of bills is converted by a process that has a time limit, and, in our
        own layouts, no network. Everything else is left to core.

        :raise ProduceError: if the process fails, or its time is over
        """
        options = {
            "header": header,
            "footer": footer,
            "landscape": landscape,
            "specific_paperformat_args": specific_paperformat_args,
            "set_viewport_size": set_viewport_size,
        }
        bodies = list(bodies)
        if self._is_light(report_ref):
            return self._convert_light(bodies, report_ref, **options)
        if not self.env.context.get(BILL_PAPER):
            return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, **options)
        with self._time_limit(self._get_pdf_seconds(bodies)) as mark:
            self = self.with_context(**{PROCESS_MARK: mark})
            return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, **options)

    @api.model
    def _convert_light(
        self,
        bodies,
        report_ref,
        header,
        footer,
        landscape,
        specific_paperformat_args,
        set_viewport_size,
    ):
        """Convert pages that link to nothing: they need neither server nor session.

        :rtype: bytes
        """
        report = self.with_context(legal_billing_light_layout=True)
        arguments = report._build_wkhtmltopdf_args(
            self._get_report(report_ref).get_paperformat(),
            landscape,
            specific_paperformat_args=specific_paperformat_args,
            set_viewport_size=set_viewport_size,
        )
        prepared = bodies, [], header, footer, specific_paperformat_args
        with LayoutProcess([], "", prepared, self._get_pdf_seconds(bodies)) as layout:
            layout.start([_wkhtml().bin, *arguments])
            return self._finish_layout(layout)

    @api.model
    @contextmanager
    def _time_limit(self, seconds):
        """End the process that core starts meanwhile when its time is over.

        :param float seconds:
        :return: what its command line has to name, see `_build_wkhtmltopdf_args`
        :rtype: str
        :raise ProduceError: if its time was over
        """
        mark = uuid4().hex
        is_over = threading.Event()

        def end():
            is_over.set()
            for child in psutil.Process().children():
                with suppress(psutil.Error):
                    if mark in child.cmdline():
                        child.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield mark
        except UserError as error:
            if is_over.is_set():
                self._raise_too_long(error)
            raise
        finally:
            timer.cancel()

    @api.model
    def _finish_layout(self, layout):
        """Wait for a process that makes a PDF.

        :param LayoutProcess layout: that was started
        :rtype: bytes
        :raise ProduceError: saying that its time is over, or how it failed
        """
        try:
            content = layout.get_pdf()
        except LayoutTimeoutError as error:
            self._raise_too_long(error)
        if content is None:
            _logger.warning("wkhtmltopdf (%s): %s", layout.code, layout.message)
            raise ProduceError(
                self.env._(
                    "The paper could not be laid out: the program that makes PDFs "
                    "failed (%(code)s). Try again; if it fails again, ask your "
                    "administrator. %(message)s",
                    code=layout.code,
                    message=layout.message or "",
                ).strip()
            )
        return content

    @api.model
    def _raise_too_long(self, error):
        """:raise ProduceError: saying that a paper's time is over, and what to do"""
        raise ProduceError(
            self.env._(
                "The paper could not be laid out in the time allowed. Look at what is "
                "printed with it: terms and conditions, notes, pictures, the texts of "
                "the template. Take out what is not plain text and try again. An "
                "administrator can allow more seconds with the system parameter "
                "%(parameter)s.",
                parameter=SECONDS_PARAMETER,
            )
        ) from error

    @api.model
    def _get_pdf_seconds(self, bodies):
        """How long a process may take for these documents: the parameter
        ``legal_billing.pdf_seconds``, and two seconds more for each.

        :param list bodies:
        :rtype: float
        """
        # sudo: a setting of the machine
        value = self.env["ir.config_parameter"].sudo().get_param(SECONDS_PARAMETER)
        seconds = int(value) if value and value.isdigit() else DEFAULT_SECONDS
        return max(1, seconds) + 2 * len(bodies)

    # --- what is printed is data

    @api.model
    def _mark_bill_paper(self, report_ref, res_ids):
        """The same, knowing whether papers of bills are printed. In core's layouts, too,
        which name style sheets of the server.

        :rtype: ir.actions.report
        """
        report = self._get_report(report_ref)
        is_of_bills = (report.report_name or "").startswith("legal_billing.") or (
            report.model == "account.move"
            and bool(
                self.env["account.move"]
                .sudo()  # whether one of them is a bill
                .search_count(
                    [("id", "in", list(res_ids or [])), ("billing_stage", "!=", False)],
                    limit=1,
                )
            )
        )
        if is_of_bills == bool(self.env.context.get(BILL_PAPER)):
            return self
        return self.with_context(**{BILL_PAPER: is_of_bills})

    def _keep_data_only(self, prepared):
        """The one place where whatever is printed of bills passes on its way to the
        converter: no address is left in it but our own fonts, or core's style sheets in
        core's layouts.

        :param tuple prepared: of core's ``_prepare_html``
        :rtype: tuple
        """
        bodies, ids, header, footer, arguments = prepared
        if self.legal_light_layout:
            allowed = [f"file://{folder}/" for folder in self._get_font_folders()]
        else:
            server = self._get_report_url()
            allowed = ["/web/assets/", f"{server}/web/assets/"]
        base = None if self.legal_light_layout else server
        return (
            [keep_data_only(body, allowed, base) for body in bodies],
            ids,
            keep_data_only(header, allowed, base),
            keep_data_only(footer, allowed, base),
            arguments,
        )

    @api.model
    def _build_wkhtmltopdf_args(self, *args, **kwargs):
        """A page that fetches nothing is not waited for; the folders of its fonts may
        be read. The rest of core's arguments stays."""
        command_args = super()._build_wkhtmltopdf_args(*args, **kwargs)
        if mark := self.env.context.get(PROCESS_MARK):
            # whoever ends a process that takes too long knows it by this
            command_args += ["--cookie", "legal_billing_process", mark]
        if self.env.context.get("legal_billing_light_layout"):
            # no script works on the page after it was loaded: do not wait for one
            delay = command_args.index("--javascript-delay")
            command_args[delay + 1] = "0"
            for folder in self._get_font_folders():
                command_args += ["--allow", folder]
            # nothing is fetched: whatever asks for it all the same meets a closed door
            command_args += ["--proxy", NO_NETWORK]
        return command_args

    @api.model
    def _get_font_folders(self):
        """Folders of the fonts that the light layout may read.

        :rtype: list
        """
        return [file_path(FONT_FOLDER)]

    @api.model
    def _get_light_fonts(self, company):
        """Addresses of the company's font: files, which the converter may read.

        :param res.company company:
        :return: ``{"normal": address, "bold": address}``, empty if Odoo does not have it
        :rtype: dict
        """
        return {
            weight: f"file://{path}"
            for weight, path in self._get_font_paths(company).items()
        }

    @api.model
    def _get_inline_fonts(self, company):
        """The same as data, for pages of others, whose converter reads no files, and for
        browsers.

        :param res.company company:
        :return: ``{"normal": address, "bold": address}``
        :rtype: dict
        """
        return {
            weight: _read_font(path)
            for weight, path in self._get_font_paths(company).items()
        }

    @api.model
    def _get_font_paths(self, company):
        """
        :param res.company company:
        :return: ``{"normal": path, "bold": path}``, empty if Odoo does not have it
        :rtype: dict
        """
        files = FONT_FILES.get(company.font or "Lato", FONT_FILES["Lato"])
        try:
            normal, bold = (file_path(f"{FONT_FOLDER}/{name}") for name in files)
        except FileNotFoundError:
            return {}
        return {"normal": normal, "bold": bold}
