from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...exceptions import PaymentError
from ...tools import is_amount


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
    legal_write_off_tolerance = fields.Monetary(
        string="Write-off on a slip, up to",
        default=5.0,
        help="What a short payment may leave to be written off of a bill by the cashier, "
        "in company currency. More is written off on the bill, by an approver.",
    )
    legal_write_off_tolerance_percent = fields.Float(
        string="Write-off on a slip, up to (%)",
        default=1.0,
        help="The same as a percentage of the bill; the lesser of the two applies.",
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

    @api.constrains("legal_write_off_tolerance", "legal_write_off_tolerance_percent")
    def _check_legal_write_off_tolerance(self):
        """What a slip may write off is money, and a share of the bill."""
        for company in self:
            if not (
                is_amount(company.legal_write_off_tolerance)
                and is_amount(company.legal_write_off_tolerance_percent, most=100)
            ):
                raise ValidationError(
                    self.env._(
                        "%(company)s: a slip may write off an amount of 0 or more, and 0 "
                        "to 100 per cent of the bill.",
                        company=company.name,
                    )
                )

    def _get_write_off_tolerance(self, bill):
        """What slips may write off of a bill, all together.

        :param account.move bill:
        :return: amount in company currency
        :rtype: float
        """
        self.ensure_one()
        company_sudo = self.sudo()  # settings that cashiers do not read
        share = abs(bill.amount_total_signed)
        share *= company_sudo.legal_write_off_tolerance_percent / 100
        return self.currency_id.round(
            min(company_sudo.legal_write_off_tolerance, share)
        )

    def write(self, vals):
        """Refuse another account of credits while the old one holds some, and one that
        holds what is no matter's.

        :raise PaymentError: naming the company and the balance's place
        """
        tolerances = {
            "legal_write_off_tolerance",
            "legal_write_off_tolerance_percent",
        } & vals.keys()
        if not all(is_amount(vals[name]) for name in tolerances):
            raise ValidationError(
                self.env._("What a slip may write off is an amount of money.")
            )
        if vals.get("legal_unallocated_account_id"):
            self._check_new_credit_account(vals["legal_unallocated_account_id"])
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

    def _check_new_credit_account(self, account_id):
        """An account becomes that of credits only while everything open on it is of a
        matter.

        :param int account_id:
        :raise PaymentError: naming the account and the first entries
        """
        companies = self.filtered(
            lambda company: company.legal_unallocated_account_id.id != account_id
        )
        lines_sudo = self.env["account.move.line"].sudo()  # all of the companies'
        lines_sudo = lines_sudo.search(
            [
                ("account_id", "=", account_id),
                ("company_id", "child_of", companies.ids),
                ("parent_state", "=", "posted"),
                ("matter_id", "=", False),
                ("reconciled", "=", False),
            ],
            limit=5,
        )
        if lines_sudo:
            raise PaymentError(
                self.env._(
                    "%(account)s holds items of no matter (%(moves)s) and cannot hold "
                    "unallocated credits. Choose an account that is used for nothing "
                    "else, or leave it empty: one is made when it is first needed.",
                    account=lines_sudo.account_id.display_name,
                    moves=", ".join(lines_sudo.move_id.mapped("display_name")),
                )
            )

    def _get_legal_unallocated_account(self):
        """The company's account of unallocated credits, made if there is none yet.

        :rtype: account.account
        :raise ConfigurationError: if the company has no chart of accounts
        """
        return self._get_made_account(
            "legal_unallocated_account_id",
            lambda company: company._create_legal_unallocated_account(),
        )

    def _create_legal_unallocated_account(self):
        return self._create_legal_account(
            "credits", "Unallocated credits of matters", "liability_current", True
        )

    def _set_up_accounts(self):
        """Also those of credits and write-offs."""
        result = super()._set_up_accounts()
        if not self.legal_unallocated_account_id:
            self.legal_unallocated_account_id = self._create_legal_unallocated_account()
        if not self.legal_write_off_account_id:
            self.legal_write_off_account_id = self._ref_chart(
                self._get_chart().write_off_account
            )
        return result

    def _get_set_up_accounts(self):
        """Also that of credits."""
        return [*super()._get_set_up_accounts(), self.legal_unallocated_account_id]

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
