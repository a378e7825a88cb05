from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...exceptions import TrustError


class ResCompany(models.Model):
    """Client money: its account and the house rules for it."""

    _inherit = "res.company"

    legal_trust_account_id = fields.Many2one(
        "account.account",
        string="Client money",
        check_company=True,
        domain=[
            ("reconcile", "=", False),
            ("account_type", "in", ("liability_current", "liability_non_current")),
        ],
        help="Liability that holds what the firm keeps for clients, by matter. Made on "
        "its first use if empty. Never an account of the firm's own money, such as "
        "unallocated credits.",
    )
    legal_trust_dual_approval = fields.Boolean(
        string="Client money needs two people",
        help="Whoever entered a movement of client money cannot post it.",
    )
    legal_trust_second_signature = fields.Boolean(
        string="Reconciliations need two people",
        help="Whoever prepared the reconciliation of a client account cannot sign it.",
    )
    legal_trust_clearing_days = fields.Integer(
        string="Days until deposits clear",
        help="A deposit can be used once it has cleared: this many days after its "
        "date, unless the deposit says otherwise.",
    )
    legal_trust_demand_authorisation = fields.Boolean(
        string="Ask for the client's authority between clients",
        help="Moving client money to a matter of another client then asks who "
        "authorised it and how.",
    )
    legal_retainer_step = fields.Float(
        string="Round retainers up to",
        digits="Product Price",
        default=0.0,
        help="Money asked for to fill up a retainer is a multiple of this. 0: to the "
        "cent.",
    )

    _legal_retainer_step_not_negative = models.Constraint(
        "CHECK(COALESCE(legal_retainer_step, 0) >= 0)",
        "Retainers are rounded up to a positive amount, or not at all.",
    )
    _legal_trust_clearing_days_not_negative = models.Constraint(
        "CHECK(COALESCE(legal_trust_clearing_days, 0) >= 0)",
        "Deposits cannot clear before they are paid in.",
    )

    def write(self, vals):
        """Refuse another account for client money while the old one holds some.

        :raise TrustError: naming the company
        """
        if "legal_trust_account_id" in vals:
            for company in self:
                account = company.legal_trust_account_id
                if (
                    account
                    and account.id != vals["legal_trust_account_id"]
                    and company._has_client_money_records()
                ):
                    raise TrustError(
                        self.env._(
                            "%(account)s carries the client money of %(company)s; its "
                            "ledgers cannot move to another account.",
                            account=account.display_name,
                            company=company.name,
                        )
                    )
        result = super().write(vals)
        if {"legal_trust_account_id", "legal_unallocated_account_id"} & vals.keys():
            self._check_legal_trust_account()
        return result

    def _check_legal_trust_account(self):
        """Client money and office money never share an account (rule T9).

        :raise ValidationError: naming account and company
        """
        for company in self.sudo():
            account = company.legal_trust_account_id
            if not account:
                continue
            if account == company.legal_unallocated_account_id:
                raise ValidationError(
                    self.env._(
                        "%(account)s cannot hold both client money and unallocated "
                        "credits of %(company)s: credits are the firm's own money. "
                        "Choose two accounts.",
                        account=account.display_name,
                        company=company.name,
                    )
                )
            account._check_fit_for_client_money()

    def _has_client_money_records(self):
        """Whether anything was ever booked as client money here.

        :rtype: bool
        """
        lines = self.env["legal.trust.line"].sudo()  # of all users
        return bool(lines.search_count([("company_id", "in", self.ids)], limit=1))

    def _get_legal_trust_account(self):
        """The company's account of client money, made if there is none yet.

        :rtype: account.account
        :raise ConfigurationError: if the company has no chart of accounts
        """
        return self._get_made_account(
            "legal_trust_account_id",
            lambda company: company._create_legal_trust_account(),
        )

    def _create_legal_trust_account(self):
        return self._create_legal_account(
            "money", "Client money", "liability_current", False
        )

    def _set_up_accounts(self):
        """Also that of client money."""
        result = super()._set_up_accounts()
        if not self.legal_trust_account_id:
            self.legal_trust_account_id = self._create_legal_trust_account()
        return result

    def _get_set_up_accounts(self):
        """Also that of client money."""
        return [*super()._get_set_up_accounts(), self.legal_trust_account_id]

    def _get_client_account_journal(self):
        """The first client account."""
        journals = self.env["account.journal"]
        return super()._get_client_account_journal() or journals.search(
            [
                *journals._check_company_domain(self),
                ("is_client_account", "=", True),
            ],
            limit=1,
        )

    def _get_accounts_of_matters(self):
        """The liability to clients holds money by matter, too."""
        return super()._get_accounts_of_matters() | self.legal_trust_account_id

    @api.model
    def _get_held_money(self):
        held = super()._get_held_money()
        rows_sudo = self.env["legal.trust.balance"].sudo()  # of all companies
        rows_sudo = rows_sudo.search([("balance", "!=", 0)])
        if rows_sudo:
            matters_sudo = rows_sudo.matter_id
            held.append(
                self.env._(
                    "Client money of %(count)s matters: %(matters)s.",
                    count=len(matters_sudo),
                    matters=self._number_matters(matters_sudo),
                )
            )
        return held
