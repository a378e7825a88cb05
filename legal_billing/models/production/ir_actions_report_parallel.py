import os
from collections import OrderedDict, deque
from contextlib import ExitStack
from functools import partial

from odoo import api, models

from odoo.addons.base.models.ir_actions_report import _wkhtml

from .ir_actions_report import BILL_PAPER
from .layout_process import LayoutProcess, LayoutTimeoutError

#: Documents per process: below, starting it costs more than it gains.
SLICE = 12
PROCESSES_PARAMETER = "legal_billing.pdf_processes"
DEFAULT_PROCESSES = 2
#: Where the context carries what is rendered already.
LAYOUT = "legal_billing_layout"


class IrActionsReport(models.Model):
    """Many bills are rendered slice by slice: while Python makes the HTML of one, and
    cuts up the PDF of another, wkhtmltopdf processes lay out those between."""

    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Core's print of invoices gives each bill the paper that it goes out with:
        whoever is called after this one sees the report that is printed, who was called
        before sees core's.

        Core renders all documents, then cuts up one PDF. Here that is done slice by
        slice, each by core's own method, which finds the work done in
        `_render_qweb_html`, `_prepare_html` and `_run_wkhtmltopdf`. The streams are
        core's, in core's order; where core could not tell the documents apart, core
        does all of it again."""
        papers = self._group_by_paper(report_ref, res_ids)
        if len(papers) > 1 or report_ref not in papers:
            return self._collect_papers(
                partial(IrActionsReport._render_qweb_pdf_prepare_streams, self),
                papers,
                data,
                res_ids,
            )
        layout = self.env.context.get(LAYOUT)
        if layout:
            if list(res_ids or []) == layout.ids:
                return super()._render_qweb_pdf_prepare_streams(
                    report_ref, data, res_ids=res_ids
                )
            self = self.with_context(**{LAYOUT: None})  # core tries them one by one
        self = self._mark_bill_paper(report_ref, res_ids)
        slices = self._get_slices(report_ref, res_ids)
        if len(slices) < 2:
            return super()._render_qweb_pdf_prepare_streams(
                report_ref, data, res_ids=res_ids
            )
        streams = OrderedDict()

        def collect(layout):
            report = self.with_context(**{LAYOUT: layout})
            streams.update(
                super(IrActionsReport, report)._render_qweb_pdf_prepare_streams(
                    report_ref, dict(data or {}), res_ids=layout.ids
                )
            )
            layout.close()

        running = deque()
        with ExitStack() as stack:
            for ids in slices:
                layout = stack.enter_context(self._render_slice(report_ref, data, ids))
                while len(running) >= self._get_pdf_processes():
                    collect(running.popleft())
                layout.start(self._get_layout_command(report_ref, layout))
                running.append(layout)
            while running:
                collect(running.popleft())
        if False in streams:  # core could not tell the documents apart
            return super()._render_qweb_pdf_prepare_streams(
                report_ref, data, res_ids=res_ids
            )
        return streams

    @api.model
    def _collect_papers(self, prepare, papers, data, res_ids):
        """Streams of documents that have papers of several reports.

        :param prepare: makes the streams of one report: ``(report, data, ids)``
        :param dict papers: of ``_group_by_paper``
        :return: the streams, in the order of the ids
        :rtype: OrderedDict
        """
        streams = {}
        for report, ids in papers.items():
            part = prepare(report, dict(data or {}), ids)
            if False in part and len(ids) > 1:  # they could not be told apart
                part = {}
                for res_id in ids:
                    part.update(prepare(report, dict(data or {}), [res_id]))
            streams.update(part)
        return OrderedDict(
            (res_id, streams[res_id]) for res_id in dict.fromkeys(res_ids)
        )

    # --- what a slice brings along

    def _render_qweb_html(self, report_ref, docids, data=None):
        """The HTML of a slice that was rendered already; else core's, by the report that
        all of these bills go out with, where core's own print is asked for."""
        layout = self.env.context.get(LAYOUT)
        if layout:
            return layout.html, "html"
        papers = self._group_by_paper(report_ref, docids)
        if len(papers) == 1:
            [report_ref] = papers
        return super()._render_qweb_html(report_ref, docids, data=data)

    def _prepare_html(self, html, report_model=False):
        """The parts of a slice that were cut already; else core's."""
        layout = self.env.context.get(LAYOUT)
        if layout:
            return layout.prepared
        prepared = super()._prepare_html(html, report_model=report_model)
        if self.legal_light_layout or self.env.context.get(BILL_PAPER):
            return self._keep_data_only(prepared)
        return prepared

    @api.model
    def _run_wkhtmltopdf(self, bodies, report_ref=False, **kwargs):
        """The PDF of a slice whose process has run since; else core's, which also says
        what was wrong where the process failed."""
        layout = self.env.context.get(LAYOUT)
        content = None
        if layout:
            try:
                content = layout.get_pdf()
            except LayoutTimeoutError:
                return self._finish_layout(layout)
        # where its process failed, it is tried again, and said what is wrong
        return content or super()._run_wkhtmltopdf(
            bodies, report_ref=report_ref, **kwargs
        )

    # --- slices

    @api.model
    def _get_slices(self, report_ref, res_ids):
        """Ids of documents that are laid out together, in order; about equally many.

        :return: lists of ids; none or one where there is nothing to gain
        :rtype: list
        """
        ids = list(res_ids or [])
        if (
            len(set(ids)) != len(ids)
            or len(ids) < SLICE
            or not self._is_light(report_ref)
            or self._get_report(report_ref).attachment
            or self.get_wkhtmltopdf_state() != "ok"
            or self._get_pdf_processes() < 1
        ):
            return []
        count = max(2, round(len(ids) / SLICE))
        edges = [len(ids) * index // count for index in range(count + 1)]
        return [ids[start:end] for start, end in zip(edges, edges[1:], strict=False)]

    @api.model
    def _get_pdf_processes(self):
        """How many wkhtmltopdf processes run at once for one print: the parameter
        ``legal_billing.pdf_processes``, 0 for core's way; two by default, one on a
        machine with one core.

        :rtype: int
        """
        # sudo: a setting of the machine
        value = self.env["ir.config_parameter"].sudo().get_param(PROCESSES_PARAMETER)
        if value and value.isdigit():
            return int(value)
        return min(DEFAULT_PROCESSES, os.cpu_count() or 1)

    @api.model
    def _render_slice(self, report_ref, data, ids):
        """HTML of some documents, as core would render it.

        :rtype: LayoutProcess
        """
        data = {"report_type": "pdf", "debug": False} | (data or {})
        report = self.with_context(debug=False)
        html = report._render_qweb_html(report_ref, ids, data=data)[0]
        # sudo: as core, the template is rendered as the user, the report is nobody's
        report_sudo = report._get_report(report_ref)
        return LayoutProcess(
            ids,
            html,
            report_sudo._prepare_html(html, report_model=report_sudo.model),
            self._get_pdf_seconds(ids),
        )

    @api.model
    def _get_layout_command(self, report_ref, layout):
        """Program and options, as core would give them.

        :rtype: list
        """
        report = self.with_context(legal_billing_light_layout=True)
        return [
            _wkhtml().bin,
            *report._build_wkhtmltopdf_args(
                report._get_report(report_ref).get_paperformat(),
                self.env.context.get("landscape"),
                specific_paperformat_args=layout.prepared[-1],
                set_viewport_size=self.env.context.get("set_viewport_size"),
            ),
        ]
