import base64
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date, formatLang

from ...exceptions import StatementError
from ...tools import (
    CLOSE_WINDOW,
    format_amount,
    make_file_name,
    notify,
    open_window,
    split_addresses,
)

#: Upper ends of the ages in days late; the last one is open.
AGES = (0, 30, 60, 90, None)


class LegalStatement(models.TransientModel):
    """Statements of what clients owe, one per payer and currency: printed as one PDF,
    or e-mailed."""

    _name = "legal.statement"
    _description = "Statements"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self)
    )
    line_ids = fields.One2many("legal.statement.line", "statement_id")
    count = fields.Integer(compute="_compute_count", string="Statements")
    unsendable_count = fields.Integer(compute="_compute_count")

    @api.depends("line_ids.is_selected", "line_ids.partner_id")
    def _compute_count(self):
        for statement in self:
            chosen = statement.line_ids.filtered("is_selected")
            statement.count = len(chosen)
            statement.unsendable_count = len(
                chosen.filtered(lambda line: not split_addresses(line.email))
            )

    @api.model
    def _open(self, bills, partners=None):
        """Show the statements of these bills' payers. Of a bill that names its payers
        each of them has his share on his own statement.

        :param account.move bills: open bills and credit notes
        :param res.partner partners: whose statements; default: all of them
        :rtype: dict
        :raise StatementError: if there is none
        """
        if not bills:
            raise StatementError(
                self.env._("There is nothing to state: no approved bill is open here.")
            )
        bills._read_shares()
        statement = self.create({"company_id": bills[:1].company_id.id})
        groups = defaultdict(bills.browse)
        for bill in bills:
            if bill.company_id != statement.company_id:
                continue
            for partner in bill._get_debtors():
                if partners is None or partner in partners:
                    groups[partner, bill.currency_id] |= bill
        self.env["legal.statement.line"].create(
            [
                {
                    "statement_id": statement.id,
                    "partner_id": partner.id,
                    "currency_id": currency.id,
                    "bill_ids": [Command.set(group.ids)],
                }
                for (partner, currency), group in groups.items()
            ]
        )
        return open_window(statement, self.env._("Statements"))

    def _get_chosen(self):
        """:raise StatementError: if no row is ticked"""
        chosen = self.line_ids.filtered("is_selected")
        if not chosen:
            raise StatementError(self.env._("Tick the statements."))
        return chosen

    def action_print(self):
        """All ticked statements as one PDF.

        :rtype: dict
        """
        self.ensure_one()
        chosen = self._get_chosen()
        preview = self.env["legal.bill.preview"].create(
            {
                "name": chosen._get_file_name(),
                "content": chosen._make_pdf_base64(),
            }
        )
        return preview._open()

    def action_email(self):
        """One statement opens Odoo's mail composer; several are sent, each to its
        client in the client's language, and noted there.

        :rtype: dict
        :raise StatementError: naming clients without an address
        """
        self.ensure_one()
        chosen = self._get_chosen()
        missing = chosen.filtered(lambda line: not split_addresses(line.email))
        if missing:
            raise StatementError(
                self.env._(
                    "%(clients)s: there is no e-mail address that can be used. Enter it, "
                    "or untick the row.",
                    clients=", ".join(missing.partner_id.mapped("name")),
                )
            )
        if len(chosen) == 1:
            return chosen._open_composer()
        chosen._send()
        return notify(
            self.env._("%(count)s statements are on their way.", count=len(chosen)),
            CLOSE_WINDOW,
        )


class LegalStatementLine(models.TransientModel):
    """What one payer owes in one currency."""

    _name = "legal.statement.line"
    _inherit = ["legal.window.guard"]
    _description = "Statement"

    statement_id = fields.Many2one(
        "legal.statement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="statement_id.company_id")
    is_selected = fields.Boolean(string="Send", default=True)
    partner_id = fields.Many2one("res.partner", required=True, readonly=True)
    email = fields.Char(related="partner_id.email")
    lang = fields.Selection(related="partner_id.lang")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    bill_ids = fields.Many2many(
        "account.move", "legal_statement_line_bill_rel", "line_id", "bill_id"
    )
    bill_count = fields.Integer(compute="_compute_amounts", string="Bills")
    amount = fields.Monetary(compute="_compute_amounts", string="Outstanding")
    overdue_amount = fields.Monetary(compute="_compute_amounts", string="Overdue")

    @api.depends("bill_ids", "statement_id.date")
    def _compute_amounts(self):
        for line in self:
            rows = line._get_rows()
            line.bill_count = len(rows)
            line.amount = sum(row["open"] for row in rows)
            line.overdue_amount = sum(row["open"] for row in rows if row["days"] > 0)

    # --- what the paper says

    def _get_rows(self):
        """The open bills, oldest first; credit notes are negative.

        :rtype: list
        """
        day = self.statement_id.date or fields.Date.context_today(self)
        rows = []
        for bill in self.bill_ids.sorted(lambda b: (b.invoice_date or b.date, b.id)):
            sign = -1 if bill.move_type == "out_refund" else 1
            due = bill.invoice_date_due or bill.invoice_date or bill.date
            matter = ", ".join(bill.sudo().matter_ids.mapped("name"))
            total, left = bill.amount_total, bill.amount_residual
            if bill.is_shared:
                shares = bill._get_shares_of(self.partner_id)
                matter = self.env._(
                    "%(matter)s (your share of %(total)s)",
                    matter=matter,
                    total=format_amount(self.env, total, bill.currency_id),
                )
                total = sum(shares.mapped("amount"))
                left = sum(shares.mapped("open_amount"))
            rows.append(
                {
                    "bill": bill,
                    "number": bill.name,
                    "date": bill.invoice_date,
                    "due": due,
                    "days": max((day - due).days, 0) if sign > 0 else 0,
                    "matter": matter,
                    "total": sign * total,
                    "open": sign * left,
                    "disputed": min(bill.disputed_amount, left),
                }
            )
        return rows

    def _get_paper(self):
        """Everything that the template prints. Call it in the client's language.

        :rtype: dict
        """
        self.ensure_one()
        rows = self._get_rows()
        labels = (
            self.env._("Not due"),
            self.env._("1-30 days"),
            self.env._("31-60 days"),
            self.env._("61-90 days"),
            self.env._("Over 90 days"),
        )
        ages, after = [], -1
        for label, upto in zip(labels, AGES, strict=True):
            ages.append(
                {
                    "label": label,
                    "amount": sum(
                        row["open"]
                        for row in rows
                        if row["days"] > after and (upto is None or row["days"] <= upto)
                    ),
                }
            )
            after = upto
        return {
            "rows": rows,
            "ages": ages,
            "total": sum(row["open"] for row in rows),
            "overdue": sum(row["open"] for row in rows if row["days"] > 0),
            "has_dispute": any(row["disputed"] for row in rows),
            "day": lambda day: day and format_date(self.env, day) or "",
            "money": self._format_money,
            "total_money": lambda amount: format_amount(
                self.env, amount, self.currency_id
            ),
            "bank": rows and rows[-1]["bill"].partner_bank_id,
        }

    def _format_money(self, amount):
        return formatLang(
            self.env,
            self.currency_id.round(amount) + 0.0,
            digits=self.currency_id.decimal_places,
        )

    def _get_paper_lang(self):
        """:rtype: str"""
        self.ensure_one()
        return self.partner_id.lang or self.env.lang

    # --- printing and sending

    def _get_file_name(self):
        if len(self) == 1:
            return make_file_name(self.env._("Statement %s", self.partner_id.name))
        return self.env._("Statements of %s clients", len(self))

    def _make_pdf(self):
        """:rtype: bytes"""
        # sudo: who may read the bills may print them, timekeepers' names included
        reports_sudo = self.env["ir.actions.report"].sudo()
        report = self.env.ref("legal_billing.action_report_statement")
        return reports_sudo.with_company(self.company_id)._render_qweb_pdf(
            report.sudo(), self.ids
        )[0]

    def _make_pdf_base64(self):
        return base64.b64encode(self._make_pdf())

    def _prepare_email(self):
        """Subject, body and PDF in the client's language.

        :rtype: dict
        """
        self.ensure_one()
        line = self.with_context(lang=self._get_paper_lang())
        template_sudo = line.env.ref(
            "legal_billing.mail_template_statement"
        ).sudo()  # rendered for users who may read the bills
        fields_ = ("subject", "body_html")
        values = template_sudo._generate_template(line.ids, fields_)[line.id]
        attachment = line.env["ir.attachment"].create(
            {
                "name": f"{line._get_file_name()}.pdf",
                "raw": line._make_pdf(),
                "mimetype": "application/pdf",
                "res_model": "mail.compose.message",
                "res_id": 0,
            }
        )
        return {
            "subject": values["subject"],
            "body": values["body_html"],
            "attachment": attachment,
        }

    def _open_composer(self):
        email = self._prepare_email()
        # noted on the client; on the newest bill by those who may not write clients
        record = self.partner_id
        if not record.has_access("write"):
            record = self.bill_ids.sorted("id")[-1:]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("E-mail the statement"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": record._name,
                "default_res_ids": record.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": self.partner_id.ids,
                "default_subject": email["subject"],
                "default_body": email["body"],
                "default_attachment_ids": email["attachment"].ids,
            },
        }

    def _send(self):
        """Post each statement to its client, into the mail queue."""
        for line in self:
            email = line._prepare_email()
            # sudo: the role was checked, and billing has no right to write clients
            client_sudo = line.partner_id.sudo()
            client_sudo.with_context(mail_notify_force_send=False).message_post(
                subject=email["subject"],
                body=email["body"],
                partner_ids=line.partner_id.ids,
                attachment_ids=email["attachment"].ids,
                subtype_xmlid="mail.mt_comment",
            )
