from odoo import api, fields, models
from odoo.fields import Domain

#: Whoever writes one of these on a draft prepared it.
SUBSTANCE = {
    "amount",
    "date",
    "journal_id",
    "client_journal_id",
    "source",
    "matter_id",
    "allocation_ids",
    "client_authorisation",
}


class LegalPayment(models.Model):
    """Payments from the client account: who prepared them, whose authority."""

    _inherit = "legal.payment"

    client_authorisation = fields.Char(
        string="Client's authority",
        copy=False,
        help="How the client authorised client money to pay a bill that is addressed "
        "to someone else: who, when and how.",
    )
    client_journal_id = fields.Many2one(domain=[("is_client_account", "=", True)])
    has_third_party_bill = fields.Boolean(compute="_compute_has_third_party_bill")
    client_money_prepared_by_id = fields.Many2one(
        "res.users", string="Entered by", readonly=True, copy=False
    )
    trust_transaction_ids = fields.One2many(
        "legal.trust.transaction",
        "payment_id",
        string="Client money",
        readonly=True,
        copy=False,
    )

    @api.depends(
        "source", "matter_id", "allocation_ids.bill_id", "allocation_ids.is_selected"
    )
    def _compute_has_third_party_bill(self):
        for payment in self:
            # sudo: whether the payer is the client is no secret of those who pay
            bills_sudo = payment.sudo().allocation_ids.filtered("is_selected").bill_id
            payment.has_third_party_bill = payment.source == "client_account" and any(
                bill._is_addressed_to_third_party(payment.sudo().matter_id)
                for bill in bills_sudo
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever enters a slip prepared it, whatever was given: the second person is
        compared with that. The role is asked again when the source is known.

        :raise RoleError:
        """
        if not self._is_internal():
            vals_list = [
                {**vals, "client_money_prepared_by_id": self.env.uid}
                for vals in vals_list
            ]
        payments = super().create(vals_list)
        payments._check_cashier()
        return payments

    def write(self, vals):
        """Whoever changes the substance of a slip prepared it; nobody writes another's
        name there. The rooms below check what may be written."""
        internal = self._is_internal()
        if not internal and (
            SUBSTANCE & vals.keys() or "client_money_prepared_by_id" in vals
        ):
            vals = {**vals, "client_money_prepared_by_id": self.env.uid}
        return super().write(vals)

    def _check_cashier(self, *roles):
        """Payments from the client account are the client-account officer's too."""
        if all(payment.source == "client_account" for payment in self):
            roles = (*roles, "client_account_officer")
        return super()._check_cashier(*roles)

    def _domain_journal_id(self):
        """No client account is offered: see ``_get_journal_domain``."""
        return f"{super()._domain_journal_id()} + [('is_client_account', '=', False)]"

    def _get_journal_domain(self):
        """No payment of the office goes through a client account; money from there is
        another field's journal."""
        return super()._get_journal_domain() & Domain("is_client_account", "=", False)

    def _get_available_amount(self, matter):
        """Client money of the matter, in the account that was chosen."""
        if not self._get_source().is_held:
            return super()._get_available_amount(matter)
        rows_sudo = matter.sudo().trust_balance_ids  # figures of the own matter
        rows_sudo = rows_sudo.filtered(
            lambda row: (
                row.currency_id == self.currency_id
                and row.journal_id == (self.client_journal_id or row.journal_id)
            )
        )
        return sum(rows_sudo._get_available(self.date).values())

    def _get_open_total(self, matter):
        """Client money pays delivered bills only (rule T1), and those of this matter
        alone."""
        if not self._get_source().is_held:
            return super()._get_open_total(matter)
        unpaid = matter._get_delivered_unpaid()
        return unpaid.get((matter.id, self.currency_id.id), 0.0)

    @api.onchange("source", "matter_id", "allocation_ids")
    def _onchange_client_journal_id(self):
        """The client account where the matter's money is, else the company's only one."""
        if not self._get_source().is_held or self.client_journal_id:
            return
        matter = self.matter_id or self.allocation_ids.bill_id.matter_id
        rows_sudo = matter._origin.sudo().trust_balance_ids  # where, not how much
        journals = rows_sudo.filtered("balance").journal_id.with_env(self.env)
        if len(journals) != 1:
            journals = journals.search(
                [
                    ("is_client_account", "=", True),
                    ("company_id", "=", self.company_id.id),
                ]
            )
        if len(journals) == 1:
            self.client_journal_id = journals

    def _get_shown_entries(self):
        """The entries in the client account are shown beside the office's."""
        return super()._get_shown_entries() | self.trust_transaction_ids.move_id

    def _take_client_money(self):
        """The movement to the office, with the checks of client money (rules T1 to T4)."""
        self.env["legal.trust.transaction"]._transfer_to_office(self)

    def _give_client_money_back(self, reason):
        """The movement is reversed with its payment, in the same transaction."""
        result = super()._give_client_money_back(reason)
        self.env["legal.trust.transaction"]._reverse_transfer_to_office(self, reason)
        return result

    def _get_reversal_day(self, entry, day):
        """The office gives back on the day on which the client's ledger gets it: later
        than the payment where a reconciliation was signed since."""
        day = super()._get_reversal_day(entry, day)
        given_back_sudo = self.sudo().trust_transaction_ids.reversal_ids
        return max([day, *given_back_sudo.mapped("date")])

    def _get_matched_bank_lines(self):
        """Items that a transfer run only gathered into one amount are not matched with
        the bank until that amount is."""
        return (
            super()
            ._get_matched_bank_lines()
            .filtered(lambda line: not self._is_only_collected(line))
        )

    def _is_only_collected(self, line):
        others = (
            line.matched_debit_ids.debit_move_id
            | line.matched_credit_ids.credit_move_id
        ).move_id
        runs_sudo = self.env["legal.trust.run"].sudo()  # whoever may see the run
        gathered = runs_sudo.search(
            [("collection_move_ids", "in", others.ids)]
        ).collection_move_ids
        if not others or others - gathered:
            return False
        matches = others.line_ids.matched_debit_ids | others.line_ids.matched_credit_ids
        counterparts = (matches.debit_move_id | matches.credit_move_id).move_id - others
        return all(move.legal_payment_id for move in counterparts)
