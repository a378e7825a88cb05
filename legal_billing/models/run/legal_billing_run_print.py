import io
import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL
from odoo.tools.pdf import PdfFileReader, PdfFileWriter, PdfReadError

from ...exceptions import BillStageError, ProduceError
from ...tools import make_file_name
from ..common.legal_bill_channel import OURS

_logger = logging.getLogger(__name__)

#: Bills in one print file: what a printer's queue and a mail room can handle.
PRINT_PART = 500

#: Rows of bills that a run produced, those to be printed, and those that are printed and
#: not posted yet.
PRODUCED = Domain("run_id.operation", "=", "produce") & Domain("state", "=", "done")
TO_PRINT = Domain("bill_id.is_printed", "=", True)
TO_POST = (
    TO_PRINT
    & Domain("print_file_id", "!=", False)
    & Domain("bill_id.delivered_on", "=", False)
)
#: Icons of the ways of a bill to its client.
LANES = {
    "pdf": "fa-file-pdf-o",
    "mail": "fa-envelope-o",
    "network": "fa-share-alt",
    "print": "fa-print",
}


class LegalBillingRun(models.Model):
    """How a run produces bills, and what it leaves to print."""

    _inherit = "legal.billing.run"

    print_order = fields.Selection(
        [
            ("number", "Bill number"),
            ("payer", "Addressee"),
            ("matter", "Matter number"),
        ],
        default="number",
        required=True,
        help="Order of the bills in the print file.",
        string="Print order",
    )
    email_count = fields.Integer(compute="_compute_delivery", string="By e-mail")
    print_count = fields.Integer(compute="_compute_delivery", string="To print")
    delivered_count = fields.Integer(compute="_compute_delivery", string="Delivered")
    to_post_count = fields.Integer(
        compute="_compute_delivery",
        string="To be posted",
        help="Printed bills that nobody confirmed as posted.",
    )
    unprinted_count = fields.Integer(
        compute="_compute_unprinted_count",
        help="Bills to print that no print file has: it could not be made.",
    )

    # how far a production is
    lanes = fields.Json(compute="_compute_lanes")
    is_mailing = fields.Boolean(
        compute="_compute_lanes", help="E-mails of the run wait in the mail queue."
    )

    def _compute_delivery(self):
        """Counted by the database: a page that shows the last run does not read its
        thousands of bills."""
        counts = {
            name: self._count_produced(domain)
            for name, domain in {
                "email_count": Domain("bill_id.delivery_message_ids", "!=", False),
                "print_count": TO_PRINT,
                "delivered_count": Domain("bill_id.delivered_on", "!=", False),
                "to_post_count": TO_POST,
            }.items()
        }
        for run in self:
            for name, found in counts.items():
                run[name] = found.get(run.id, 0)

    def _count_produced(self, domain):
        """How many of the bills that these runs produced are such.

        :param odoo.fields.Domain domain: of rows
        :return: ``{run id: count}``
        :rtype: dict
        """
        rows = self.env["legal.billing.run.line"]._read_group(
            Domain("run_id", "in", self.ids) & PRODUCED & domain,
            ["run_id"],
            ["__count"],
        )
        return {run.id: count for run, count in rows}

    @api.depends("finished_on", "line_ids.print_file_id")
    def _compute_unprinted_count(self):
        for run in self:
            ended = run.operation == "produce" and run.finished_on
            run.unprinted_count = ended and len(run._get_unprinted_lines())

    def _get_bills_to_post(self):
        """Bills that are in a print file, and of which nobody said they were posted.

        :rtype: account.move
        """
        self.ensure_one()
        rows = self.env["legal.billing.run.line"].search(
            Domain("run_id", "=", self.id) & PRODUCED & TO_POST
        )
        return rows.bill_id

    def action_confirm_posted(self):
        """Note that the run's printed bills were posted.

        :return: True
        :raise BillStageError: if none of them waits for it
        """
        self.ensure_one()
        self._check_biller()
        bills = self._get_bills_to_post()
        if not bills:
            raise BillStageError(
                self.env._(
                    "%(run)s: no printed bill waits to be posted.", run=self.name
                )
            )
        return bills.action_confirm_posted()

    # --- producing

    # --- printing

    def action_make_print_files(self):
        """Make the print files that could not be made at the end of the run.

        :return: True
        :raise BillStageError: if every bill to print is in one
        :raise ProduceError: naming what is in the way still
        """
        self.ensure_one()
        self._check_biller()
        if not self.unprinted_count:
            raise BillStageError(
                self.env._(
                    "%(run)s: every bill to print is in a print file, or went back to "
                    "draft. Produce a bill again to print it again.",
                    run=self.name,
                )
            )
        try:
            # sudo: the run's print files are guarded; the role was checked
            self.sudo()._make_print_files()
        except OSError as error:
            raise ProduceError(self._get_disk_problem(error)) from error
        return True

    def _get_disk_problem(self, error):
        """
        :param OSError error: what the system says
        :rtype: str
        """
        return self.env._(
            "%(run)s: the print file could not be written (%(error)s). Make room on "
            "the server's disk, then press Make print file.",
            run=self.name,
            error=error.strerror or type(error).__name__,
        )

    def _make_print_files_safely(self):
        """Make the print files at the end of a run. What is in the way, a broken PDF or a
        full disk, is noted on the run, which has a button then: in the background it
        must not keep the other runs waiting.

        :raise ProduceError: in a request, if a stored PDF is missing or broken
        """
        try:
            with self.env.cr.savepoint():
                self._make_print_files()
        except ProduceError as error:
            if not self._is_in_cron():
                raise
            self.message_post(body=self.env._("No print file was made. %s", error))
        except OSError as error:
            # the bills are produced, their e-mails queued: that stands
            _logger.warning("No print file of %s", self.name, exc_info=True)
            self.message_post(body=self._get_disk_problem(error))

    def _make_print_files(self):
        """Merge the stored PDFs of the bills to print, with their copies, into files of
        ``PRINT_PART`` bills. Bills that are in a file already (before a retry) stay
        there.

        :return: the new files
        :rtype: ir.attachment
        :raise ProduceError: if a stored PDF is missing or broken
        """
        self.ensure_one()
        lines = self._get_unprinted_lines()
        lines = (lines - self._note_printed(lines)).sorted(self._get_print_key)
        files = self.env["ir.attachment"]
        for part, owner in self._split_print_lines(lines):
            file = self.env["ir.attachment"].create(
                {
                    "name": self._get_print_name(len(self.print_file_ids) + len(files)),
                    "raw": self._merge_bills(part.bill_id),
                    "mimetype": "application/pdf",
                    "res_model": owner._name,
                    "res_id": owner.id,
                    "legal_is_paper": True,
                }
            )
            part.print_file_id = file
            files += file
        if files:
            self.print_file_ids = [Command.link(file.id) for file in files]
        return files

    def _get_unprinted_lines(self):
        """Rows of produced bills that are to be printed and in no file.

        :rtype: legal.billing.run.line
        """
        return self.env["legal.billing.run.line"].search(
            Domain("run_id", "in", self.ids)
            & PRODUCED
            & TO_PRINT
            & Domain("print_file_id", "=", False)
            & Domain("bill_id.billing_stage", "=", "finalized")
        )

    def _split_print_lines(self, lines):
        """The files to be made, in the order of the lines.

        Bills of a matter behind an information barrier get a file of their own that
        belongs to the first of these bills: who may see the bill may print it.

        :return: pairs of a file's lines and the record that it belongs to
        :rtype: list
        """
        groups = defaultdict(lines.browse)
        for line in lines:
            groups[line.bill_id.sudo().matter_ids.filtered("is_walled")] |= line
        return [
            (part, part.bill_id[:1] if walled else self)
            for walled, group in groups.items()
            for part in (
                group[start : start + PRINT_PART]
                for start in range(0, len(group), PRINT_PART)
            )
        ]

    def _note_printed(self, lines):
        """Bills whose e-mail is sent again are in the file of an earlier run: they are
        not printed twice.

        :param legal.billing.run.line lines: to print
        :return: those that are printed already
        :rtype: legal.billing.run.line
        """
        earlier = self.env["legal.billing.run.line"].search(
            [
                ("bill_id", "in", lines.bill_id.ids),
                ("print_file_id", "!=", False),
                ("run_id", "!=", self.id),
            ]
        )
        files = {row.bill_id: row.print_file_id for row in earlier}
        printed = lines.filtered(lambda line: line.bill_id in files)
        for line in printed:
            line.print_file_id = files[line.bill_id]
        return printed

    def _get_print_key(self, line):
        bill = line.bill_id
        number = (bill.sequence_prefix or "", bill.sequence_number, bill.id)
        if self.print_order == "payer":
            return (bill.partner_id.display_name or "", *number)
        if self.print_order == "matter":
            return (line.matter_number or "", *number)
        return number

    def _get_print_name(self, index):
        name = make_file_name(self.name.replace("/", "-"))
        return self.env._("%(run)s print %(part)s.pdf", run=name, part=index + 1)

    def _merge_bills(self, bills):
        """The bills' stored PDFs in a row, each as often as it is to be printed. For a
        printer that uses both sides every bill starts on a new sheet.

        :param account.move bills: in the order of the file
        :rtype: bytes
        :raise ProduceError: naming the bill whose PDF is missing or broken
        """
        writer = PdfFileWriter()
        duplex = self.company_id.legal_print_duplex
        of_shares = bills._render_copies(
            [
                (bill, share)
                for bill in bills
                for share in bill._get_copies_to_send()
                if share._get_copies()
            ]
        )
        for bill in bills:
            try:
                pages = self._read_pages(bill.invoice_pdf_report_id.raw)
            except (PdfReadError, ValueError, OSError) as error:
                raise ProduceError(
                    self.env._(
                        "The stored PDF of %(bill)s cannot be read. Revert the bill and "
                        "produce it again.",
                        bill=bill.display_name,
                    )
                ) from error
            papers = [pages] * bill._get_copies()
            for share in bill._get_copies_to_send():
                if copies := share._get_copies():
                    papers += [self._read_pages(of_shares[bill.id, share.id])] * copies
            for paper in papers:
                for page in paper:
                    writer.addPage(page)
                if duplex and len(paper) % 2:
                    writer.addBlankPage()
        with io.BytesIO() as result:
            writer.write(result)
            return result.getvalue()

    @api.model
    def _read_pages(self, pdf):
        """
        :param bytes pdf:
        :rtype: list
        """
        reader = PdfFileReader(io.BytesIO(pdf or b""), strict=False)
        return [reader.getPage(number) for number in range(reader.getNumPages())]

    # --- how far a production is

    def _compute_lanes(self):
        """The lanes that the run has, of ``{key, label, icon, total, done, failed, waiting, text}``."""
        self.lanes = False
        self.is_mailing = False
        runs = self.filtered(lambda run: run.operation == "produce")
        if not runs:
            return
        figures = {row["run_id"]: row for row in runs._get_channel_figures()}
        for run in runs:
            row = figures.get(run.id)
            if row:
                run.lanes = run._make_channels(row)
                run.is_mailing = any(
                    lane["key"] == "mail" and lane["waiting"] for lane in run.lanes
                )

    def _get_channel_figures(self):
        """Counts of all lanes of these runs, by one statement.

        :rtype: list
        """
        for model in ("legal.billing.run.line", "account.move", "ir.attachment"):
            self.env[model].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT row.run_id,
                       COUNT(*) AS total,
                       COUNT(*) FILTER (WHERE pdf.made) AS pdf_done,
                       COUNT(*) FILTER (
                           WHERE row.state IN ('failed', 'skipped') AND NOT pdf.made
                       ) AS pdf_failed,
                       COUNT(*) FILTER (WHERE mail.wanted) AS mail_total,
                       COUNT(*) FILTER (
                           WHERE mail.wanted AND bill.delivered_on IS NOT NULL
                       ) AS mail_done,
                       COUNT(*) FILTER (
                           WHERE mail.wanted AND bill.delivery_error IS NOT NULL
                       ) AS mail_failed,
                       COUNT(*) FILTER (WHERE network.wanted) AS network_total,
                       COUNT(*) FILTER (
                           WHERE network.wanted AND bill.delivered_on IS NOT NULL
                       ) AS network_done,
                       COUNT(*) FILTER (
                           WHERE network.wanted AND bill.delivery_error IS NOT NULL
                       ) AS network_failed,
                       COUNT(*) FILTER (WHERE paper.wanted) AS print_total,
                       COUNT(*) FILTER (
                           WHERE paper.wanted AND row.print_file_id IS NOT NULL
                       ) AS print_done,
                       COUNT(*) FILTER (
                           WHERE paper.wanted AND bill.delivered_on IS NULL
                             AND row.print_file_id IS NOT NULL
                       ) AS to_post
                  FROM legal_billing_run_line row
                  JOIN account_move bill ON bill.id = row.bill_id
             LEFT JOIN LATERAL (
                    SELECT EXISTS (
                        SELECT 1 FROM ir_attachment file
                         WHERE file.res_model = 'account.move'
                           AND file.res_id = bill.id
                           AND file.res_field = 'invoice_pdf_report_file'
                    ) AS made
                ) pdf ON TRUE
             LEFT JOIN LATERAL (
                    SELECT EXISTS (
                        SELECT 1 FROM legal_bill_recipient_rel recipient
                         WHERE recipient.bill_id = bill.id
                    ) OR EXISTS (
                        SELECT 1 FROM legal_bill_share share
                          JOIN legal_bill_share_recipient_rel recipient
                            ON recipient.share_id = share.id
                         WHERE share.bill_id = bill.id
                    ) AS asked
                ) recipients ON TRUE
             LEFT JOIN LATERAL (
                    SELECT recipients.asked AND row.state != 'skipped' AS wanted
                ) mail ON TRUE
             LEFT JOIN LATERAL (
                    SELECT EXISTS (
                        SELECT 1 FROM legal_bill_channel_rel way
                          JOIN legal_bill_channel channel
                            ON channel.id = way.channel_id
                         WHERE way.bill_id = bill.id AND channel.code != ALL(%s)
                    ) AND row.state != 'skipped' AS wanted
                ) network ON TRUE
             LEFT JOIN LATERAL (
                    SELECT row.state != 'skipped' AND (
                           bill.print_copies IN ('1', '2') OR EXISTS (
                               SELECT 1 FROM legal_bill_share share
                                WHERE share.bill_id = bill.id
                                  AND share.print_copies IN ('1', '2')
                           )) AS wanted
                ) paper ON TRUE
                 WHERE row.run_id = ANY(%s)
              GROUP BY row.run_id
                """,
                list(OURS),
                self.ids,
            )
        )

    def _make_channels(self, row):
        """:rtype: list"""
        lanes = []
        labels = {
            "pdf": self.env._("PDF made"),
            "mail": self.env._("E-mailed"),
            "network": self.env._("By network or letter"),
            "print": self.env._("In the print file"),
        }
        totals = {"pdf": row["total"], "mail": row["mail_total"]}
        totals["network"] = row["network_total"]
        totals["print"] = row["print_total"]
        for key, icon in LANES.items():
            total = totals[key]
            if not total:
                continue
            failed = row.get(f"{key}_failed", 0)
            done = row[f"{key}_done"]
            waiting = max(0, total - done - failed)
            text = ""
            if failed:
                text = self.env._("%s failed", failed)
            elif waiting:
                text = self.env._("%s to go", waiting)
            elif key == "print" and row["to_post"]:
                text = self.env._("%s to be posted", row["to_post"])
            lanes.append(
                {
                    "key": key,
                    "label": labels[key],
                    "icon": icon,
                    "total": total,
                    "done": done,
                    "failed": failed,
                    "waiting": waiting,
                    "text": text,
                }
            )
        return lanes

    def action_open_lane(self, key):
        """Open the bills of a lane.

        :param str key: ``pdf``, ``mail``, ``network`` or ``print``
        :rtype: dict
        """
        self.ensure_one()
        domains = {
            "pdf": Domain.TRUE,
            "mail": Domain("is_emailed", "=", True),
            "network": Domain("bill_channel_ids.code", "not in", OURS),
            "print": Domain("is_printed", "=", True),
        }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        bills = self.line_ids.bill_id
        return action | {"domain": list(Domain("id", "in", bills.ids) & domains[key])}
