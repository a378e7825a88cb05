import base64
import io

from odoo import models
from odoo.tools.pdf import PdfFileReader, PdfFileWriter, merge_pdf

from ...exceptions import BillStageError, ProduceError
from ...tools import make_file_name

#: A preview is made while the person waits.
PREVIEW_LIMIT = 200

#: The paper on the screen: a sheet without the running header of further pages.
SCREEN_STYLE = """
<style>
    html { background: #fff; zoom: 0.8; }
    body { box-sizing: border-box; padding: 9mm 10mm; max-width: 190mm; margin: auto; }
    .header { display: none; }
    .footer { margin-top: 12mm; }
    .footer .end { display: none; }
    .bill::before {
        content: "%(mark)s"; position: fixed; top: 38%%; left: 0; right: 0;
        text-align: center; font: bold 90pt Arial, sans-serif; color: #99191922;
        transform: rotate(-40deg); pointer-events: none;
    }
</style>
</head>
"""


class AccountMove(models.Model):
    """Looking at bills before they go out."""

    _inherit = "account.move"

    def action_preview_bills(self):
        """One PDF of the ticked bills, else of all of the list's filter, each in its
        own template; drafts are marked as such on every page. Nothing is stored with
        the bills.

        :return: an action that opens the PDF
        :rtype: dict
        :raise BillStageError: if there is no bill among the records
        :raise ProduceError: if there are too many to wait for
        """
        bills = self.env["legal.bulk.selection"]._select(self)._get_bills()
        if not bills:
            raise BillStageError(self.env._("There is no bill to preview."))
        bills.check_access("read")
        if len(bills) > PREVIEW_LIMIT:
            raise ProduceError(
                self.env._(
                    "A preview takes up to %(limit)s bills; these are %(count)s. Tick "
                    "fewer, or filter the list.",
                    limit=PREVIEW_LIMIT,
                    count=len(bills),
                )
            )
        preview = self.env["legal.bill.preview"].create(
            {
                "name": bills._get_preview_name(),
                "content": base64.b64encode(bills._make_preview()),
            }
        )
        return preview._open()

    def _get_preview_name(self):
        if len(self) == 1:
            return make_file_name(self.env._("Preview %s", self._get_short_name()))
        return self.env._("Preview of %s bills", len(self))

    def _make_preview(self):
        """The bills as one PDF, in the order of the records.

        :rtype: bytes
        """
        stored = {
            bill: bill.sudo().invoice_pdf_report_id.raw
            for bill in self
            if bill.state == "posted" and bill.sudo().invoice_pdf_report_id
        }
        pdfs = stored | self.filtered(lambda b: b not in stored)._render_bill_pdfs()
        return merge_pdf(
            [
                self._stamp(pdfs[bill]) if bill.state == "draft" else pdfs[bill]
                for bill in self
            ]
        )

    def _render_bill_pdfs(self):
        """The papers of these bills, rendered anew.

        :return: ``{bill: PDF}``
        :rtype: dict
        """
        pdfs = {}
        for (company, report), bills in self.grouped(
            lambda bill: (bill.company_id, bill._get_bill_report())
        ).items():
            # sudo: printing needs records that readers of the bill may not see
            reports_sudo = self.env["ir.actions.report"].sudo().with_company(company)
            content, kind = reports_sudo._pre_render_qweb_pdf(report, res_ids=bills.ids)
            by_id = reports_sudo._get_splitted_report(report, content, kind)
            for bill in bills:
                if bill.id in by_id:
                    pdfs[bill] = by_id[bill.id]
                else:
                    # a layout that cannot be split by its headings
                    pdfs[bill] = reports_sudo._render_qweb_pdf(report, bill.ids)[0]
        return pdfs

    def _stamp(self, pdf):
        """Mark every page of a PDF as a draft.

        :param bytes pdf:
        :rtype: bytes
        """
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        writer = PdfFileWriter()
        marks = {}
        for number in range(reader.getNumPages()):
            page = reader.getPage(number)
            size = float(page.mediaBox.getWidth()), float(page.mediaBox.getHeight())
            if size not in marks:
                marks[size] = self._make_stamp(*size)
            writer.addPage(page)
            writer.getPage(number).mergePage(marks[size])
        with io.BytesIO() as result:
            writer.write(result)
            return result.getvalue()

    def _make_stamp(self, width, height):
        # reportlab comes with Odoo, but loads slowly: only when it is needed
        from reportlab.lib.colors import Color
        from reportlab.pdfgen.canvas import Canvas

        text = self.env._("DRAFT")
        if not text.isascii():
            text = "DRAFT"  # the font on hand has Latin letters only
        size = 1.1 * width / max(len(text), 5)
        packet = io.BytesIO()
        canvas = Canvas(packet, pagesize=(width, height))
        canvas.translate(width / 2, height / 2)
        canvas.rotate(52)
        canvas.setFillColor(Color(0.6, 0.1, 0.1, alpha=0.13))
        canvas.setFont("Helvetica-Bold", size)
        canvas.drawCentredString(0, -size / 3, text)
        canvas.save()
        return PdfFileReader(packet, strict=False).getPage(0)

    # --- the paper beside the form

    def get_paper_html(self):
        """The bill as it would be printed now, as a page of its own: the same template
        and figures as the PDF, in the client's language.

        :return: a whole HTML document
        :rtype: str
        """
        self.ensure_one()
        self.check_access("read")
        report = self._get_bill_report()
        # sudo: printing needs records that readers of the bill may not see
        reports_sudo = (
            self.env["ir.actions.report"].sudo().with_company(self.company_id)
        )
        content, _kind = reports_sudo._render_qweb_html(report, self.ids)
        style = SCREEN_STYLE % {
            "mark": self.env._("DRAFT") if self.state == "draft" else ""
        }
        return content.decode().replace("</head>", style, 1)
