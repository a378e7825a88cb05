from odoo import api, fields, models

from ...exceptions import PaymentError


class ResCompany(models.Model):
    """Accounts and defaults of payments."""

    _inherit = "res.company"

    legal_payment_rule_id = fields.Many2one(
        "legal.payment.rule", string="Payment rule", check_company=True
    )
    legal_unallocated_account_id = fields.Many2one(
        "account.account",
        string="Unallocated credits",
        check_company=True,
        domain=[
            ("reconcile", "=", True),
            ("account_type", "in", ("liability_current", "liability_non_current")),
        ],
        help="Liability that holds what clients paid above their bills, by matter. "
        "Made on its first use if empty. Office money: never an account of client "
        "money.",
    )
    legal_write_off_account_id = fields.Many2one(
        "account.account",
        string="Write-offs of bills",
        check_company=True,
        help="Expense of short payments that are written off.",
    )
    legal_write_off_tax_relief = fields.Boolean(
        string="Relieve tax on write-offs",
        default=True,
        help="The tax in what is written off is taken back, by the taxes of the bill.",
    )
    legal_receipt_share = fields.Selection(
        [
            ("entries", "Timekeepers, by what was billed of each"),
            ("responsible", "The responsible lawyer"),
        ],
        string="Fees received are credited to",
        default="entries",
        required=True,
    )

    def write(self, vals):
        """Refuse another account of credits while the old one holds some.

        :raise PaymentError: naming the company and the balance's place
        """
        if "legal_unallocated_account_id" in vals:
            for company in self:
                account = company.legal_unallocated_account_id
                if not account or account.id == vals["legal_unallocated_account_id"]:
                    continue
                credits = self.env["account.move.line"].sudo()  # all of the company's
                if credits.search_count(
                    [
                        ("account_id", "=", account.id),
                        ("company_id", "=", company.id),
                        ("parent_state", "=", "posted"),
                        ("reconciled", "=", False),
                    ],
                    limit=1,
                ):
                    raise PaymentError(
                        self.env._(
                            "%(account)s still holds unallocated credits of %(company)s. "
                            "Use, refund or move them before you choose another account.",
                            account=account.display_name,
                            company=company.name,
                        )
                    )
        return super().write(vals)

    def _get_legal_unallocated_account(self):
        """The company's account of unallocated credits, made if there is none yet.

        :rtype: account.account
        :raise ConfigurationError: if the company has no chart of accounts
        """
        self.ensure_one()
        # sudo: those who post payments need no right on accounts or settings
        company_sudo = self.sudo()
        if not company_sudo.legal_unallocated_account_id:
            company_sudo.legal_unallocated_account_id = (
                company_sudo._create_legal_unallocated_account()
            )
        return company_sudo.legal_unallocated_account_id.with_env(self.env)

    def _create_legal_unallocated_account(self):
        return self._create_legal_liability_account(
            self.env._("Unallocated credits of matters"), "219000", reconcile=True
        )

    def _get_accounts_of_matters(self):
        """Accounts that hold money by matter, which no plain entry belongs on; rooms
        extend it with theirs.

        :rtype: account.account
        """
        return self.legal_unallocated_account_id

    @api.model
    def _get_held_money(self):
        held = super()._get_held_money()
        items_sudo = self.env["account.move.line"].sudo()  # of all companies
        items_sudo = items_sudo.search(items_sudo._get_open_credit_domain())
        matters_sudo = items_sudo.matter_id
        if matters_sudo:
            held.append(
                self.env._(
                    "Unallocated credits of %(count)s matters: %(matters)s.",
                    count=len(matters_sudo),
                    matters=self._number_matters(matters_sudo),
                )
            )
        return held
