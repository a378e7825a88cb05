from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, format_date

from ...exceptions import TrustApprovalError, TrustError, TrustLockedError

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

#: A signed day holds the ledgers up to it. The lock on the journal's row lets a
#: signature that comes at the same time be seen: one of the two tries again.
LINE_TRIGGER = """
CREATE OR REPLACE FUNCTION legal_trust_keep_signed() RETURNS trigger AS $$
BEGIN
    PERFORM 1 FROM account_journal WHERE id = NEW.journal_id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM legal_trust_reconciliation
         WHERE journal_id = NEW.journal_id AND state = 'signed' AND date >= NEW.date
    ) THEN
        RAISE EXCEPTION 'The client account is reconciled and signed for %.', NEW.date
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'legal_trust_signed_month';
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_trust_signed_month ON legal_trust_line;
CREATE TRIGGER legal_trust_signed_month
    BEFORE INSERT ON legal_trust_line
    FOR EACH ROW EXECUTE FUNCTION legal_trust_keep_signed();
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
    _inherit = ["mail.thread", "legal.own.company", "legal.billing.guard"]
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
        "res.users", readonly=True, copy=False, ondelete="restrict", string="Signed by"
    )
    signed_on = fields.Datetime(readonly=True, copy=False, string="Signed on")

    def init(self):
        """What was signed stays, in the database too."""
        result = super().init()
        self.env.cr.execute(TRIGGER)
        self.env.cr.execute(LINE_TRIGGER)
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
        """New reconciliations are drafts of whoever makes them, with the figures of the
        books, whatever was given.

        :raise TrustLockedError: for figures that were given
        """
        if not self._is_internal():
            for vals in vals_list:
                self._check_figures(vals)
            own = {"state": "draft", "prepared_by_id": self.env.uid}
            vals_list = [vals | own for vals in vals_list]
        records = super().create(vals_list)
        records._refresh()
        return records

    def write(self, vals):
        """The figures are those of the books; another date, account or balance of the
        bank looks them up again and makes the writer the preparer. Signing is internal.

        :raise TrustLockedError: for figures, and for what is signed
        """
        if self._is_internal():
            return super().write(vals)
        self._check_figures(vals)
        self._check_frozen()
        looks = {"journal_id", "date", "statement_balance"} & vals.keys()
        if looks:
            vals = {**vals, "prepared_by_id": self.env.uid}
        result = super().write(vals)
        if looks:
            self._refresh()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_frozen()

    def _check_figures(self, vals):
        if FIGURES & vals.keys():
            raise TrustLockedError(
                self.env._(
                    "The figures of a reconciliation come from the books. Enter the "
                    "date and the bank's balance, then sign."
                )
            )

    def _get_frozen(self):
        return self.filtered(lambda record: record.state == "signed")

    def _get_frozen_refusal(self):
        return TrustLockedError(
            self.env._(
                "%(names)s is signed and stays. Make a new reconciliation.",
                names=", ".join(self.mapped("display_name")),
            )
        )

    # --- the three figures, and signing them

    def action_refresh(self):
        """Look at the books again.

        :return: True
        """
        self._check_officer()
        self._check_frozen()
        self._refresh()
        return True

    def action_sign(self):
        """Sign off what the books say now; the record stays from then on.

        :return: True
        :raise TrustError: if the three do not agree, and the user is no manager or
            gives no explanation
        :raise TrustApprovalError: if a second person has to sign
        """
        self._check_officer()
        self._check_frozen()
        self._check_not_ahead()
        self._hold_ledgers()
        self._refresh()
        for record in self:
            company_sudo = record.company_id.sudo()  # settings
            if (
                company_sudo.legal_trust_dual_approval
                or company_sudo.legal_trust_second_signature
            ) and record.prepared_by_id == self.env.user:
                raise TrustApprovalError(
                    self.env._(
                        "%(name)s was prepared by %(user)s: another client-account "
                        "officer signs it.",
                        name=record.display_name,
                        user=self.env.user.name,
                    )
                )
            if not record.is_level:
                record._check_may_sign_difference()
        self._internal().write(
            {
                "state": "signed",
                "signed_by_id": self.env.uid,
                "signed_on": fields.Datetime.now(),
            }
        )
        return True

    def _check_not_ahead(self):
        """What is still to come cannot be signed: it would hold the days until then.

        :raise TrustError: naming them
        """
        ahead = self.filtered(lambda r: r.date > fields.Date.context_today(r))
        if ahead:
            raise TrustError(
                self.env._(
                    "%(names)s is for a day that is still to come. Sign it when the day "
                    "is over, or choose an earlier one.",
                    names=", ".join(ahead.mapped("display_name")),
                )
            )

    def _hold_ledgers(self):
        """Whoever moves money in these accounts at the same time writes the same rows:
        one of the two tries again, and sees what the other did."""
        self.env.flush_all()
        journal_ids = self.journal_id.ids
        for table, column in (
            ("account_journal", "id"),
            ("legal_trust_balance", "journal_id"),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = write_date WHERE %s = ANY(%s)",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    journal_ids,
                )
            )

    @api.model
    def _get_signed_days(self, journals):
        """The last day of each client account that was signed.

        :param account.journal journals:
        :return: ``{journal: date}``; those without are missing
        :rtype: dict
        """
        groups = self.sudo()._read_group(  # whoever books, also for others' reading
            [("journal_id", "in", journals.ids), ("state", "=", "signed")],
            ["journal_id"],
            ["date:max"],
        )
        return {journals.browse(journal.id): day for journal, day in groups}

    def _check_may_sign_difference(self):
        is_manager = self.env.user.has_group(
            "legal_billing.legal_billing_group_manager"
        )
        if not is_manager or not (self.note or "").strip():
            raise TrustError(
                self.env._(
                    "%(name)s is not level: bank less cash book %(bank)s, cash book less "
                    "ledgers %(ledger)s. Find the difference; a manager may sign with an "
                    "explanation.",
                    name=self.display_name,
                    bank=self.currency_id.format_signed(self.bank_difference),
                    ledger=self.currency_id.format_signed(self.ledger_difference),
                )
            )

    def _check_officer(self):
        self._check_role("client_account_officer", "manager")

    def _refresh(self):
        """Read the figures of the date from bank, cash book and ledgers."""
        for record in self._internal():
            record.write(record._prepare_figures())

    def _prepare_figures(self):
        """Figures and balances of the date.

        :rtype: dict
        """
        journal = self.journal_id
        receipts = journal.inbound_payment_method_line_ids.payment_account_id
        payments = journal.outbound_payment_method_line_ids.payment_account_id
        suspense = journal.suspense_account_id
        incoming = self._sum_items(receipts)
        outgoing = self._sum_items(payments - receipts)
        unidentified = self._sum_items(suspense)
        book = self._sum_items(journal._get_cash_book_accounts())
        balances = self._get_ledger_balances()
        return {
            "outstanding_in_amount": incoming,
            "outstanding_out_amount": outgoing,
            "unidentified_amount": -unidentified,
            "bank_amount": self.statement_balance + incoming + outgoing + unidentified,
            "book_amount": book,
            "ledger_amount": sum(balances.values()),
            "liability_amount": -self._sum_items(
                self.company_id.legal_trust_account_id
            ),
            "line_ids": [
                Command.clear(),
                *(
                    Command.create({"matter_id": matter_id, "amount": amount})
                    for matter_id, amount in balances.items()
                    if not self.currency_id.is_zero(amount)
                ),
            ],
        }

    def _sum_items(self, accounts):
        """Posted items of the journal on these accounts until the date.

        :rtype: float
        """
        if not self.journal_id:
            return 0.0
        return self.journal_id._sum_client_items(accounts, self.date)

    def _get_ledger_balances(self):
        return self.env["legal.trust.line"]._get_balances_at(
            self.date, journals=self.journal_id
        )


class LegalTrustReconciliationLine(models.Model):
    """What a matter held when the client account was reconciled."""

    _name = "legal.trust.reconciliation.line"
    _description = "Balance on a Reconciliation"
    _order = "reconciliation_id, matter_id"
    _rec_name = "matter_id"

    reconciliation_id = fields.Many2one(
        "legal.trust.reconciliation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="reconciliation_id.company_id", store=True)
    matter_id = fields.Many2one(
        "project.project", required=True, readonly=True, ondelete="restrict"
    )
    client_id = fields.Many2one(related="matter_id.partner_id", string="Client")
    currency_id = fields.Many2one(related="reconciliation_id.currency_id")
    amount = fields.Monetary(readonly=True, string="Balance")
