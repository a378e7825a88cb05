from odoo import fields, models
from odoo.tools import SQL

#: Icons of the three ways of a bill to its client.
LANES = {"pdf": "fa-file-pdf-o", "mail": "fa-envelope-o", "print": "fa-print"}


class LegalBillingRun(models.Model):
    """How far a production is: PDFs made, e-mails accepted, copies printed."""

    _inherit = "legal.billing.run"

    lanes = fields.Json(compute="_compute_lanes")
    is_mailing = fields.Boolean(
        compute="_compute_lanes", help="E-mails of the run wait in the mail queue."
    )

    def _compute_lanes(self):
        """Three lanes of ``{key, label, icon, total, done, failed, waiting, text}``."""
        self.lanes = False
        self.is_mailing = False
        runs = self.filtered(lambda run: run.operation == "produce")
        if not runs:
            return
        figures = {row["run_id"]: row for row in runs._get_lane_figures()}
        for run in runs:
            row = figures.get(run.id)
            if row:
                run.lanes = run._make_lanes(row)
                run.is_mailing = any(
                    lane["key"] == "mail" and lane["waiting"] for lane in run.lanes
                )

    def _get_lane_figures(self):
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
                    ) AND row.state != 'skipped' AS wanted
                ) mail ON TRUE
             LEFT JOIN LATERAL (
                    SELECT bill.print_copies IN ('1', '2') AND row.state != 'skipped'
                           AS wanted
                ) paper ON TRUE
                 WHERE row.run_id = ANY(%s)
              GROUP BY row.run_id
                """,
                self.ids,
            )
        )

    def _make_lanes(self, row):
        """:rtype: list"""
        lanes = []
        labels = {
            "pdf": self.env._("PDF made"),
            "mail": self.env._("E-mailed"),
            "print": self.env._("In the print file"),
        }
        totals = {"pdf": row["total"], "mail": row["mail_total"]}
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

        :param str key: ``pdf``, ``mail`` or ``print``
        :rtype: dict
        """
        self.ensure_one()
        domains = {
            "pdf": [],
            "mail": [("recipient_ids", "!=", False)],
            "print": [("print_copies", "in", ("1", "2"))],
        }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.bill_action"
        )
        bills = self.line_ids.bill_id
        return action | {"domain": [("id", "in", bills.ids), *domains[key]]}
