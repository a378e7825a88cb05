from odoo import api, fields, models
from odoo.tools import format_date

from ...exceptions import TrustLockedError
from ...tools import INTERNAL

TRIGGER = """
CREATE OR REPLACE FUNCTION legal_trust_keep_reconciliation() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'Reconciliation % is signed and stays as it is.', OLD.id
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'legal_trust_reconciliation_stays';
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_reconciliation_stays ON legal_trust_reconciliation;
CREATE TRIGGER legal_trust_reconciliation_stays
    BEFORE UPDATE OF state, date, journal_id, statement_balance, bank_amount,
        book_amount, ledger_amount, signed_by_id, signed_on OR DELETE
    ON legal_trust_reconciliation FOR EACH ROW WHEN (OLD.state = 'signed')
    EXECUTE FUNCTION legal_trust_keep_reconciliation();
"""

#: Written by looking at the books, not by hand.
FIGURES = {
    "bank_amount",
    "book_amount",
    "ledger_amount",
    "liability_amount",
    "outstanding_in_amount",
    "outstanding_out_amount",
    "unidentified_amount",
    "state",
    "signed_by_id",
    "signed_on",
    "prepared_by_id",
    "line_ids",
}


class LegalTrustReconciliation(models.Model):
    """Three-way reconciliation of a client account at a date: what the bank says, what
    the cash book says, and what the matters' ledgers add up to. Signed, it stays."""

    _name = "legal.trust.reconciliation"
    _description = "Reconciliation of a Client Account"
    _inherit = ["mail.thread", "legal.own.company"]
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(related="journal_id.company_id", store=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Client account",
        required=True,
        domain=[("is_client_account", "=", True)],
        default=lambda self: self.env["legal.trust.run"]._default_client_journal_id(),
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("draft", "Draft"), ("signed", "Signed")],
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    statement_balance = fields.Monetary(
        string="Balance on the bank statement",
        compute="_compute_statement_balance",
        store=True,
        readonly=False,
        tracking=True,
        help="As the bank's paper says on that day. Proposed from the statement lines.",
    )
    outstanding_in_amount = fields.Monetary(
        readonly=True,
        copy=False,
        string="Deposits not on the statement yet",
    )
    outstanding_out_amount = fields.Monetary(
        readonly=True,
        copy=False,
        string="Payments not on the statement yet",
    )
    unidentified_amount = fields.Monetary(
        readonly=True,
        copy=False,
        string="Less: on the statement, not booked yet",
    )
    bank_amount = fields.Monetary(readonly=True, copy=False, string="Bank, adjusted")
    book_amount = fields.Monetary(readonly=True, copy=False, string="Cash book")
    ledger_amount = fields.Monetary(
        readonly=True, copy=False, string="Matters' ledgers"
    )
    liability_amount = fields.Monetary(
        readonly=True, copy=False, string="Client money in the general ledger"
    )
    bank_difference = fields.Monetary(
        compute="_compute_differences", string="Bank less cash book"
    )
    ledger_difference = fields.Monetary(
        compute="_compute_differences", string="Cash book less ledgers"
    )
    liability_difference = fields.Monetary(
        compute="_compute_differences", string="General ledger less ledgers"
    )
    is_level = fields.Boolean(compute="_compute_differences")
    bars = fields.Json(compute="_compute_differences")
    line_ids = fields.One2many(
        "legal.trust.reconciliation.line",
        "reconciliation_id",
        readonly=True,
        copy=False,
        string="Balances of matters",
    )
    note = fields.Text(help="Explains a difference, and what is done about it.")
    prepared_by_id = fields.Many2one(
        "res.users",
        string="Prepared by",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    signed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    signed_on = fields.Datetime(readonly=True, copy=False)

    def init(self):
        """What was signed stays, in the database too."""
        result = super().init()
        self.env.cr.execute(TRIGGER)
        return result

    # --- computes

    @api.depends("journal_id", "date")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._(
                "%(journal)s at %(day)s",
                journal=record.journal_id.name,
                day=format_date(record.env, record.date),
            )

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for record in self:
            journal = record.journal_id
            record.currency_id = journal.currency_id or journal.company_id.currency_id

    @api.depends("journal_id", "date")
    def _compute_statement_balance(self):
        for record in self:
            if record.state != "signed":
                accounts = record.journal_id.sudo().default_account_id
                record.statement_balance = record._sum_items(accounts)

    @api.depends("bank_amount", "book_amount", "ledger_amount", "liability_amount")
    def _compute_differences(self):
        for record in self:
            currency = record.currency_id or self.env.company.currency_id
            record.bank_difference = currency.round(
                record.bank_amount - record.book_amount
            )
            record.ledger_difference = currency.round(
                record.book_amount - record.ledger_amount
            )
            record.liability_difference = currency.round(
                record.liability_amount - record.ledger_amount
            )
            record.is_level = not (
                record.bank_difference
                or record.ledger_difference
                or record.liability_difference
            )
            record.bars = record._get_bars()

    def _get_bars(self):
        """The three amounts with their share of the largest, for the picture.

        :rtype: list[dict]
        """
        amounts = [self.bank_amount, self.book_amount, self.ledger_amount]
        labels = [
            self.env._("Bank, adjusted"),
            self.env._("Cash book"),
            self.env._("Matters' ledgers"),
        ]
        highest = max(map(abs, amounts)) or 1.0
        return [
            {
                "label": label,
                "amount": amount,
                "share": round(100 * amount / highest, 2),
            }
            for label, amount in zip(labels, amounts, strict=True)
        ]

    # --- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_internal():
            for vals in vals_list:
                self._check_figures(vals)
            own = {"state": "draft", "prepared_by_id": self.env.uid}
            vals_list = [vals | own for vals in vals_list]
        records = super().create(vals_list)
        records._refresh()
        return records

    def write(self, vals):
        if self._is_internal():
            return super().write(vals)
        self._check_figures(vals)
        self._check_not_signed()
        looks = {"journal_id", "date", "statement_balance"} & vals.keys()
        if looks:
            vals = {**vals, "prepared_by_id": self.env.uid}
        result = super().write(vals)
        if looks:
            self._refresh()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_not_signed()

    @api.model
    def _is_internal(self):
        return self.env["account.move"]._is_billing_internal()

    def _internal(self):
        return self.sudo().with_context(legal_billing_internal=INTERNAL)

    def _check_figures(self, vals):
        if FIGURES & vals.keys():
            raise TrustLockedError(
                self.env._(
                    "The figures of a reconciliation come from the books. Enter the "
                    "date and the bank's balance, then sign."
                )
            )

    def _check_not_signed(self):
        signed = self.filtered(lambda record: record.state == "signed")
        if signed:
            raise TrustLockedError(
                self.env._(
                    "%(names)s is signed and stays. Make a new reconciliation.",
                    names=", ".join(signed.mapped("display_name")),
                )
            )
