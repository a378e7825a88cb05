import base64
from datetime import datetime

from odoo import api, fields, models
from odoo.tools.misc import get_lang

from ... import engine
from ...engine.decimals import to_decimal
from ...exceptions import PaymentError
from ...tools import UnreadableFile, open_window, read_file

#: Columns that a person may name, and what the reader calls them.
COLUMNS = {
    "number_column": "number",
    "paid_column": "paid",
    "discount_column": "discount",
    "deduction_column": "deduction",
}


class LegalRemittance(models.TransientModel):
    """Reads a remittance advice, shows what each line means, and adds its bills.

    Reading (``action_read``) changes nothing on the slip: it makes the lines of the
    preview. Adding (``action_apply``) puts the ticked ones on the slip and leaves those
    that nobody could place in the window.
    """

    _name = "legal.remittance"
    _inherit = ["legal.window.guard"]
    _description = "Remittance Advice"

    payment_id = fields.Many2one("legal.payment", required=True)
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        help="Of the slip; an empty slip takes that of the bills.",
    )
    company_id = fields.Many2one(related="payment_id.company_id")
    payer_id = fields.Many2one(related="payment_id.received_from_id")
    text = fields.Text(
        help="As copied from an e-mail, a spreadsheet or a PDF. A bill's number, its "
        "payment reference or its last digits may stand anywhere on the line.",
    )
    file = fields.Binary(
        attachment=False, help="CSV, XLSX, ODS, PDF with text, or the bank's camt.054."
    )
    file_name = fields.Char(string="File name")
    unknown = fields.Text(readonly=True)
    passed_over = fields.Text(
        readonly=True, help="Lines without a bill and without an amount."
    )
    line_ids = fields.One2many("legal.remittance.line", "remittance_id")

    # columns
    column_count = fields.Integer(readonly=True)
    number_column = fields.Integer(string="Bill in column")
    paid_column = fields.Integer(string="Paid in column")
    discount_column = fields.Integer(string="Discount in column")
    deduction_column = fields.Integer(string="Deduction in column")
    column_note = fields.Char(readonly=True)

    # what the payer took off
    deducted_amount = fields.Monetary(string="Deducted", compute="_compute_totals")
    deductions_as = fields.Selection(
        [("withheld", "Tax withheld"), ("open", "Left open on the bills")],
        string="Deductions are",
        help="Tax withheld settles the bill and is claimed on the account of the "
        "payer's last withheld tax; what is left open is still owed.",
    )

    # what adds up
    named_amount = fields.Monetary(string="Advice says", readonly=True)
    has_named_amount = fields.Boolean(readonly=True)
    read_amount = fields.Monetary(string="Read", compute="_compute_totals")
    included_amount = fields.Monetary(string="To add", compute="_compute_totals")
    slip_amount = fields.Monetary(related="payment_id.amount", string="Slip")
    included_count = fields.Integer(compute="_compute_totals")
    open_count = fields.Integer(compute="_compute_totals")
    total_note = fields.Char(compute="_compute_totals")

    @api.depends("payment_id")
    def _compute_currency_id(self):
        for window in self:
            window.currency_id = window.payment_id.currency_id

    @api.depends("line_ids.amount", "line_ids.is_included", "line_ids.bill_id")
    def _compute_totals(self):
        for window in self:
            currency = window.currency_id or self.env.company.currency_id
            lines = window.line_ids
            added = lines._get_added()
            window.read_amount = currency.round(sum(lines.mapped("amount")))
            window.included_amount = currency.round(sum(added.mapped("amount")))
            window.included_count = len(added)
            window.deducted_amount = currency.round(
                sum(added.mapped("deduction_amount"))
            )
            window.open_count = len(
                (lines - added).filtered(lambda line: line.status in ASKED)
            )
            window.total_note = window._get_total_note(currency)

    def _get_total_note(self, currency):
        """Where what was read is not what the advice or the slip says.

        :rtype: str
        """
        notes = []
        read, named = self.read_amount, self.named_amount
        if self.has_named_amount and currency.compare_amounts(read, named):
            notes.append(
                self.env._(
                    "%(read)s read, advice says %(named)s: %(difference)s apart.",
                    read=currency.format_signed(read),
                    named=currency.format_signed(named),
                    difference=currency.format_signed(abs(named - read)),
                )
            )
        added, slip = self.included_amount, self.slip_amount
        if slip and added and currency.compare_amounts(added, slip):
            notes.append(
                self.env._(
                    "%(added)s to add, slip has %(slip)s: %(difference)s apart.",
                    added=currency.format_signed(added),
                    slip=currency.format_signed(slip),
                    difference=currency.format_signed(abs(slip - added)),
                )
            )
        return " ".join(notes)

    # --- actions

    def action_read(self):
        """Read the advice and show its lines; nothing is added yet.

        :return: the window
        :rtype: dict
        :raise PaymentError: if there is nothing to read, or the file cannot be read
        """
        self.ensure_one()
        self.payment_id._check_cashier("client_account_officer")
        self.payment_id._check_is_draft()
        self._read()
        return self._open(self.env._("Remittance"))

    def action_apply(self):
        """Add the ticked lines to the slip. What could not be placed stays.

        :return: the window again, or closes it
        :rtype: dict
        """
        self.ensure_one()
        self.payment_id._check_cashier("client_account_officer")
        self.payment_id._check_is_draft()
        if not self.line_ids:
            self._read()
        lines = self.line_ids._get_added()
        self._check_deductions()
        self._add(lines)
        self._remember_columns()
        rest = self.line_ids.filtered(lambda line: line.status in ASKED) - lines
        (self.line_ids - rest).unlink()
        if not rest:
            return {"type": "ir.actions.act_window_close"}
        self.unknown = self.text = "\n".join(rest.mapped("raw"))
        self.write({"file": False, "file_name": False, "has_named_amount": False})
        return self._open(self.env._("Not added"))

    def action_restart(self):
        """Go back to the text.

        :rtype: dict
        """
        self.ensure_one()
        self.line_ids.unlink()
        return self._open(self.env._("Remittance"))

    def _open(self, title):
        action = open_window(self, title)
        action["context"] |= {"dialog_size": "extra-large"}
        return action

    # --- reading

    def _read(self):
        """Make the lines of the preview."""
        rows = self._get_rows()
        index = engine.BillIndex(self._get_open_bills())
        payer = self._get_payer()
        advice, lines, matches = self._match(rows, index, payer)
        if other := self._get_other_currency(matches):
            self.currency_id = other
            advice, lines, matches = self._match(rows, index, payer)
        closed = self._find_closed(lines, matches)
        # the others are the text around the table: no bill, no amount
        shown = [
            (line, match)
            for line, match in zip(lines, matches, strict=True)
            if match.bill
            or match.candidates
            or line.used
            or line.unread
            or self._get_closed(line, closed)
            or line.is_bare
        ]
        if not shown:
            raise PaymentError(
                self.env._(
                    "No bill and no amount was found. Paste at least one bill number."
                )
            )
        rows_shown = {line.row for line, _match in shown}
        self.line_ids.unlink()
        self.write(
            {
                "passed_over": "\n".join(
                    line.text
                    for line in advice.lines
                    if line.row not in rows_shown and line.kind != "total"
                ),
                "column_count": advice.width,
                "has_named_amount": advice.total is not None,
                "named_amount": float(advice.total or 0),
                "column_note": self._get_column_note(dict(advice.columns), rows),
                "deductions_as": self.deductions_as or self._get_usual_deductions(),
                **{
                    name: dict(advice.columns).get(role, -1) + 1
                    for name, role in COLUMNS.items()
                },
            }
        )
        made = self.env["legal.remittance.line"].create(
            [
                self._prepare_line(line, match, self._get_closed(line, closed))
                for line, match in shown
            ]
        )
        ticked = made.filtered("is_included")
        if blocked := ticked.filtered(lambda line: line.status in BLOCKED):
            blocked.is_included = False

    def _match(self, rows, index, payer):
        """Read the advice, and find the bill of each line.

        :return: the advice, its lines with a number or an amount, their matches
        :rtype: tuple
        """
        style, chosen = self._get_style(), self._get_chosen_columns()
        advice = engine.read_remittance(rows, style, index.known, chosen)
        if "paid" not in dict(advice.columns) and (
            layout := self._get_remembered(payer, advice.width)
        ):
            advice = engine.read_remittance(rows, style, index.known, layout | chosen)
        payers = frozenset(payer.ids)
        lines = [line for line in advice.lines if line.kind in ("bill", "loose")]
        return advice, lines, [index.match(line, payers) for line in lines]

    def _get_other_currency(self, matches):
        """The one currency of the bills, where an empty slip has another.

        :param list matches: of ``engine.Match``
        :rtype: res.currency
        """
        payment = self.payment_id
        ids = [match.bill.id for match in matches if match.bill]
        currency = self.env["account.move"].browse(ids).currency_id
        is_free = not (payment.amount or payment.allocation_ids.bill_id)
        if is_free and len(currency) == 1 and currency != self.currency_id:
            return currency
        return currency.browse()

    def _get_rows(self):
        """The advice's text, or the cells of its file.

        :raise PaymentError:
        """
        if self.file:
            try:
                return read_file(base64.b64decode(self.file))
            except UnreadableFile as error:
                raise PaymentError(self._get_file_refusal(error.args[0])) from error
        if not (self.text or "").strip():
            raise PaymentError(
                self.env._("Paste at least one bill number, or choose a file.")
            )
        return self.text

    def _get_file_refusal(self, reason):
        name = self.file_name or self.env._("The file")
        if reason == "large":
            return self.env._(
                "%(file)s is too large for an advice. Paste the part with the bills.",
                file=name,
            )
        if reason == "empty":
            return self.env._(
                "%(file)s has no text: it may be a scanned picture. Type the numbers, "
                "or ask the payer for a file with text.",
                file=name,
            )
        return self.env._(
            "%(file)s cannot be read. CSV, XLSX, ODS, PDF with text and the bank's "
            "camt.054 can; save it as one of these, or paste its text.",
            file=name,
        )

    def _get_style(self):
        """How the user's language writes amounts and dates.

        :rtype: engine.Style
        """
        lang = get_lang(self.env)
        currency = self.currency_id
        first = lang.date_format.replace("%", "")[:1]
        return engine.Style(
            lang.decimal_point,
            lang.thousands_sep,
            currency.decimal_places,
            currency.name,
            first != "m",
        )

    def _get_payer(self):
        return self.payment_id.received_from_id.commercial_partner_id

    def _get_open_bills(self):
        """All open bills that a slip of this company may take.

        :return: of ``engine.OpenBill``
        :rtype: list
        """
        payment = self.payment_id
        bills = self.env["account.move"].search_fetch(
            payment._get_open_bills_domain(payment.company_id, with_credits=True),
            [
                "name",
                "payment_reference",
                "ref",
                "commercial_partner_id",
                "client_id",
                "amount_residual",
                "currency_id",
            ],
        )
        clients = self.env["res.partner"].browse(bills.client_id.ids)
        # sudo: who may pay for whom
        parents = {c.id: c.commercial_partner_id.id for c in clients.sudo()}
        owing, _settled = bills._get_share_bills(self._get_payer())
        (owing & bills)._read_shares()
        shares = {
            bill.id: bill._get_open_share(self._get_payer()) for bill in owing & bills
        }
        payer_id = self._get_payer().id
        return [
            engine.OpenBill(
                bill.id,
                bill.name or "",
                (bill.payment_reference,) if bill.payment_reference else (),
                (bill.ref,) if bill.ref else (),
                frozenset(
                    {
                        bill.commercial_partner_id.id,
                        parents.get(bill.client_id.id, bill.commercial_partner_id.id),
                    }
                    | ({payer_id} if bill.id in shares else set())
                ),
                to_decimal(shares.get(bill.id, bill.amount_residual)),
            )
            for bill in bills
        ]

    def _find_closed(self, lines, matches):
        """Bills with nothing open, for lines that no open one fits.

        :return: ``{number or reference in capitals: bill}``
        :rtype: dict
        """
        numbers = set()
        for line, match in zip(lines, matches, strict=True):
            if not match.bill and not match.candidates:
                numbers |= engine.spellings(line.numbers[:8])
        if not numbers:
            return {}
        payment = self.payment_id
        names = list(numbers)
        domain = [
            ("company_id", "=", payment.company_id.id),
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("matter_ids", "!=", False),
        ]
        bills = self.env["account.move"].search_fetch(
            [*domain, "|", ("name", "in", names), ("payment_reference", "in", names)],
            ["name", "payment_reference"],
        )
        found = {}
        for bill in bills:
            for text in (bill.name, bill.payment_reference):
                if text:
                    found[text.upper()] = bill
        return found

    @api.model
    def _get_closed(self, line, closed):
        if not closed:
            return self.env["account.move"]
        keys = engine.spellings(line.numbers[:8]) & closed.keys()
        return next((closed[key] for key in sorted(keys)), self.env["account.move"])

    def _prepare_line(self, line, match, closed):
        """Values of a preview line. Pure.

        :rtype: dict
        """
        bill_id = match.bill.id if match.bill else closed.id
        is_doubtful = match.why == "digits" and (match.is_others or not line.is_bare)
        return {
            "remittance_id": self.id,
            "row": line.row,
            "raw": line.text,
            "bill_id": bill_id,
            "match_reason": (match.why or ("number" if closed else False)),
            "candidate_note": ", ".join(bill.number for bill in match.candidates[:5]),
            "amount": float(line.amount or 0),
            "date": line.date,
            "reference": line.reference,
            "gross_amount": float(line.gross or 0),
            "discount_amount": float(line.discount or 0),
            "deduction_amount": float(line.deduction or 0),
            "problem": line.problem,
            "choices": " / ".join(
                self.currency_id.format_signed(float(choice)) for choice in line.choices
            ),
            "unread": "  ".join(line.unread),
            "is_doubtful": is_doubtful,
            # an amount that can mean two things is asked first
            "is_included": bool(match.bill) and not (is_doubtful or line.problem),
        }

    # --- columns

    def _get_chosen_columns(self):
        """What a person said of the columns after a first reading.

        :rtype: dict
        """
        if not self.column_count:
            return {}
        return {
            role: self[name] - 1
            for name, role in COLUMNS.items()
            if 0 < self[name] <= self.column_count
        }

    def _get_remembered(self, payer, width):
        """The columns of the payer's last advice, if this one has as many.

        :rtype: dict
        """
        layout = payer.remittance_layout or {}
        if layout.get("width") != width:
            return {}
        return {role: layout[role] for role in COLUMNS.values() if role in layout}

    def _remember_columns(self):
        """Keep the columns of this payer's advices for the next time."""
        payer = self._get_payer()
        columns = self._get_chosen_columns()
        if not payer or "paid" not in columns or self.column_count < 2:
            return
        layout = {"width": self.column_count, **columns}
        if payer.remittance_layout != layout:
            # sudo: cashiers do not write contacts; this says nothing of the contact
            payer.sudo().remittance_layout = layout

    def _get_column_note(self, columns, rows):
        """What stands in each column, by the first full row.

        :rtype: str
        """
        table = engine.split_text(rows) if isinstance(rows, str) else rows
        width = max((len(cells) for cells in table), default=0)
        row = next((cells for cells in table if len(cells) == width), [])
        if width < 2:
            return False
        return "  ·  ".join(
            f"{number}: {str(cell)[:20]}"
            for number, cell in enumerate(row[:12], start=1)
            if cell not in (None, "")
        )

    # --- deductions

    def _get_usual_deductions(self):
        """What the payer's deductions are, where tax of his was withheld before.

        :rtype: str
        """
        payer = self._get_payer()
        rows_sudo = self.env["legal.payment.allocation"].sudo()  # whether there is one
        was_withheld = payer and rows_sudo.search_count(
            [
                ("kind", "=", "withheld"),
                ("state", "=", "posted"),
                ("company_id", "=", self.payment_id.company_id.id),
                ("payment_id.received_from_id", "child_of", payer.ids),
            ],
            limit=1,
        )
        return "withheld" if was_withheld else False

    def _check_deductions(self):
        """What a payer takes off is tax or still owed: a person says which.

        :raise PaymentError: naming the amount
        """
        if self.deducted_amount and not self.deductions_as:
            raise PaymentError(
                self.env._(
                    "The payer deducted %(amount)s. Say what this is, beside Deducted: "
                    "tax that was withheld, or an amount that stays open on the bills.",
                    amount=self.currency_id.format_signed(self.deducted_amount),
                )
            )

    def _withhold(self, lines):
        """Have a row of withheld tax for each bill that the payer deducted it from, up
        to what his payment leaves of the bill.

        :param legal.remittance.line lines: that are added
        """
        payment, currency = self.payment_id, self.currency_id
        rows = payment.allocation_ids.filtered("bill_id")
        paid, withheld = {}, {}
        for row in rows:
            if row.kind == "withheld":
                withheld[row.bill_id] = row
            else:
                paid[row.bill_id] = paid.get(row.bill_id, 0.0) + row.amount
        deducted = {}
        for line in lines.filtered(lambda line: line.deduction_amount > 0):
            bill = line.bill_id
            deducted[bill] = deducted.get(bill, 0.0) + line.deduction_amount
        vals_list = []
        for bill, amount in deducted.items():
            left = bill.amount_residual
            if any(line.amount for line in lines if line.bill_id == bill):
                left -= paid.get(bill, 0.0)
            amount = currency.round(min(amount, left))
            if bill.move_type != "out_invoice" or amount <= 0:
                continue
            if bill in withheld:
                withheld[bill].amount = amount
                continue
            vals_list.append(
                {
                    "payment_id": payment.id,
                    "kind": "withheld",
                    "bill_id": bill.id,
                    "amount": amount,
                    "sequence": 9998,
                }
            )
        self.env["legal.payment.allocation"].create(vals_list)
        is_by_rule = payment.amount and payment.payment_rule_id
        if vals_list and is_by_rule and any(not line.amount for line in lines):
            payment._apply_rule()

    # --- adding

    def _add(self, lines):
        """Put lines on the slip. Of a bill that is listed several times the amounts are
        added up; what is above a bill stays on the slip, to be made a credit.

        :param legal.remittance.line lines:
        """
        payment = self.payment_id
        totals = {}
        for line in lines:
            bill = line.bill_id
            known = totals.get(bill)
            totals[bill] = (
                known
                if not line.amount
                else bill.currency_id.round((known or 0.0) + line.amount)
            )
        bills = self.env["account.move"].union(*totals)
        amounts = {}
        for bill, amount in totals.items():
            if amount is not None:
                limit = abs(bill.amount_residual)
                amounts[bill] = max(-limit, min(amount, limit))
        payment._add_bills(bills, amounts=amounts)
        if self.deductions_as == "withheld":
            self._withhold(lines)
        if not payment.amount and lines and all(lines.mapped("amount")):
            total = payment.currency_id.round(sum(lines.mapped("amount")))
            if total > 0:
                payment.amount = total
                payment._note_applied()
        if lines:
            payment.message_post(body=self._get_message(lines))

    def _get_message(self, lines):
        """What the advice said, for the slip's log."""
        currency = self.currency_id
        parts = [
            self.env._(
                "Remittance of %(day)s: %(count)s lines added, %(amount)s.",
                day=fields.Date.to_string(
                    max(
                        (d for d in lines.mapped("date") if d), default=datetime.today()
                    )
                ),
                count=len(lines),
                amount=currency.format_signed(sum(lines.mapped("amount"))),
            )
        ]
        for amount, label in (
            (sum(lines.mapped("discount_amount")), self.env._("discount")),
            (sum(lines.mapped("deduction_amount")), self.env._("deductions")),
            (sum(lines.mapped("above_amount")), self.env._("above outstanding")),
        ):
            if amount:
                parts.append(f"{label} {currency.format_signed(amount)}.")
        return " ".join(parts)


#: What cannot be added as it is, and what a person must look at besides.
BLOCKED = ("closed", "not_found", "unreadable", "several", "currency")
ASKED = (*BLOCKED, "other_digits")
STATUS = [
    ("ok", "OK"),
    ("above", "Above outstanding"),
    ("twice", "Twice"),
    ("other", "Another client"),
    ("other_digits", "This bill?"),
    ("closed", "Closed"),
    ("several", "Which bill?"),
    ("currency", "Another currency"),
    ("not_found", "Not found"),
    ("unreadable", "Unreadable"),
]


class LegalRemittanceLine(models.TransientModel):
    """One line of the advice: what was read, which bill it means, and why."""

    _name = "legal.remittance.line"
    _inherit = ["legal.window.guard"]
    _description = "Line of a Remittance Advice"
    _order = "row, id"

    remittance_id = fields.Many2one(
        "legal.remittance", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="remittance_id.currency_id")
    row = fields.Integer(string="Line", readonly=True)
    raw = fields.Char(string="As printed", readonly=True)
    is_included = fields.Boolean(string="Add")
    bill_id = fields.Many2one(
        "account.move",
        domain=lambda self: self.env["legal.payment.allocation"]._domain_bill_id(),
    )
    match_reason = fields.Selection(
        [
            ("number", "Number"),
            ("reference", "Payment reference"),
            ("client_reference", "Client's reference"),
            ("digits", "Last digits"),
            ("hand", "By hand"),
        ],
        string="By",
        readonly=True,
    )
    candidate_note = fields.Char(readonly=True)
    partner_id = fields.Many2one(related="bill_id.partner_id", string="Billed to")
    amount = fields.Monetary()
    outstanding_amount = fields.Monetary(
        string="Outstanding", compute="_compute_status"
    )
    above_amount = fields.Monetary(string="Above", compute="_compute_status")
    date = fields.Date(readonly=True)
    reference = fields.Char(readonly=True)
    gross_amount = fields.Monetary(string="Gross", readonly=True)
    discount_amount = fields.Monetary(string="Discount", readonly=True)
    deduction_amount = fields.Monetary(string="Deduction", readonly=True)
    problem = fields.Char(readonly=True)
    is_doubtful = fields.Boolean(
        readonly=True, help="Only the last digits fit, and other words are there too."
    )
    choices = fields.Char(readonly=True)
    unread = fields.Char(string="Not read", readonly=True)
    status = fields.Selection(STATUS, compute="_compute_status")
    note = fields.Char(string="Remark", compute="_compute_status")

    @api.depends("bill_id", "amount", "match_reason", "remittance_id.line_ids.bill_id")
    def _compute_status(self):
        count, total = {}, {}
        for line in self.remittance_id.line_ids:
            bill = line.bill_id._origin.id or line.bill_id.id
            if bill:
                count[bill] = count.get(bill, 0) + 1
                total[bill] = total.get(bill, 0.0) + line.amount
        for line in self:
            bill = line.bill_id._origin or line.bill_id
            line.outstanding_amount = line._get_outstanding(bill)
            line.status, line.note, line.above_amount = line._get_status(
                bill, count.get(bill.id, 1), total.get(bill.id, line.amount)
            )

    def _get_added(self):
        """Lines that go on the slip: ticked, with a bill that takes them.

        :rtype: legal.remittance.line
        """
        return self.filtered(
            lambda line: (
                line.is_included and line.bill_id and line.status not in BLOCKED
            )
        )

    def _get_outstanding(self, bill):
        """What is open of a bill, in the sign of the slip."""
        if bill.state != "posted":
            return 0.0
        is_out = self.remittance_id.payment_id.direction == "out"
        is_credit = bill.move_type == "out_refund"
        return bill.amount_residual * (-1 if is_credit != is_out else 1)

    def _get_status(self, bill, count, total):
        """What becomes of this line, and what a person should know.

        :param account.move bill:
        :param int count: lines of this bill
        :param float total: that they pay together
        :return: status, remark, what is above outstanding
        :rtype: tuple
        """
        currency = self.currency_id or self.env.company.currency_id
        payment = self.remittance_id.payment_id
        if self.problem and not self.amount:
            return "unreadable", self._get_problem_note(), 0.0
        if not bill:
            if self.candidate_note:
                return (
                    "several",
                    self.env._("may be %(bills)s", bills=self.candidate_note),
                    0.0,
                )
            return "not_found", self.env._("no open bill has this number"), 0.0
        outstanding = self.outstanding_amount
        if currency.is_zero(outstanding):
            return "closed", self.env._("nothing is open"), self.amount
        if bill.currency_id != currency:
            return (
                "currency",
                self.env._("the bill is in %(name)s", name=bill.currency_id.name),
                0.0,
            )
        if self.amount * outstanding < 0:
            return (
                "unreadable",
                self.env._("the amount and the bill have opposite signs"),
                0.0,
            )
        notes, status = [], "ok"
        above = 0.0
        if self._is_of_others(bill, payment):
            status = "other"
            notes.append(
                self.env._("billed to %(name)s", name=bill.partner_id.display_name)
            )
        if self.is_doubtful and self.match_reason == "digits":
            status = "other_digits"
            notes.append(self.env._("only its last digits fit"))
        if currency.compare_amounts(abs(total), abs(outstanding)) > 0:
            above = currency.round(abs(total) - abs(outstanding))
            status = "above" if status == "ok" else status
            notes.append(
                self.env._(
                    "%(amount)s above outstanding: it stays on the slip to be made a "
                    "credit",
                    amount=currency.format_signed(above),
                )
            )
        if count > 1:
            status = "twice" if status in ("ok", "above") else status
            notes.append(
                self.env._(
                    "on %(count)s lines, together %(amount)s",
                    count=count,
                    amount=currency.format_signed(total),
                )
            )
        if not self.amount:
            notes.append(self.env._("no amount: the payment rule decides"))
        if self.unread and not self.problem:
            notes.append(self.env._("not used: %(amounts)s", amounts=self.unread))
        return status, ", ".join(notes), above

    def _get_problem_note(self):
        """What is asked of the person."""
        if self.problem == "no_number":
            return self.env._(
                "%(amount)s has no bill beside it: choose the bill", amount=self.unread
            )
        if self.problem == "currency":
            return self.env._(
                "%(amount)s is in another currency: type the amount", amount=self.unread
            )
        if self.problem == "numbers":
            return self.env._(
                "%(amount)s is for several bills: %(text)s. Add them one by one",
                amount=self.unread,
                text=self.candidate_note or self.raw,
            )
        if self.problem == "amounts":
            return self.env._(
                "which amount is paid: %(choices)s? Type it, or say which column",
                choices=self.choices,
            )
        return self.env._(
            "%(amount)s can mean %(choices)s: type it",
            amount=self.unread,
            choices=self.choices or self.env._("nothing we know"),
        )

    @api.model
    def _is_of_others(self, bill, payment):
        """Whether the bill is neither billed to who pays nor of a client of his."""
        payer = payment.received_from_id.commercial_partner_id
        parties = (bill.commercial_partner_id | bill.client_id).commercial_partner_id
        if bill.is_shared:
            shares_sudo = bill.sudo().payer_share_ids  # of a bill that the user reads
            parties |= shares_sudo.partner_id.commercial_partner_id.sudo(False)
        return bool(payer) and payer not in parties

    @api.onchange("bill_id")
    def _onchange_bill_id(self):
        """A bill that a person chose is added."""
        self.match_reason = "hand" if self.bill_id else False
        self.is_included = bool(self.bill_id) and bool(self.amount or not self.problem)

    @api.onchange("amount")
    def _onchange_amount(self):
        """An amount that a person typed answers what was asked."""
        if self.amount and self.bill_id:
            self.is_included = True
