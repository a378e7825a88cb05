from odoo import api, fields, models

from ...exceptions import ConfigurationError


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "legal.billing.defaults"]

    legal_fee_product_id = fields.Many2one(
        "product.product",
        string="Fee product",
        default=lambda self: self._default_legal_fee_product_id(),
        help="Gives account and taxes of fees where neither the matter nor its "
        "practice area names a product.",
    )
    legal_disbursement_product_id = fields.Many2one(
        "product.product",
        string="Disbursement product",
        default=lambda self: self._default_legal_disbursement_product_id(),
        help="Type of disbursements that name none.",
    )
    legal_discount_product_id = fields.Many2one(
        "product.product",
        string="Discount text",
        help="Names the discount line of bills. Account and tax stay those of the "
        "fees that are discounted.",
    )
    legal_time_unit = fields.Integer(
        string="Time unit (minutes)",
        default=1,
        help="Billable time is counted in whole units of this many minutes.",
    )
    legal_time_rounding = fields.Selection(
        [("up", "Up"), ("half", "To the nearest"), ("down", "Down")],
        string="Round time",
        default="up",
        required=True,
    )
    legal_time_minimum_units = fields.Integer(
        string="Smallest time entry (units)", default=0
    )
    legal_bill_choice = fields.Selection(
        [
            ("options", "As the billing options say"),
            ("wip", "The WIP"),
            ("quote", "The quote"),
            ("sum", "The sum of quote and WIP"),
        ],
        string="One matter's bill starts with",
        default="options",
        help="What is chosen first when a matter with a quote is billed by hand.",
    )
    legal_small_run = fields.Integer(
        string="Work off at once up to",
        default=40,
        help="Runs of up to this many bills are done while you wait; larger ones in "
        "the background.",
    )
    legal_hold_changed_rows = fields.Boolean(
        string="Hold matters whose WIP changed since review",
        help="Otherwise they are billed as they are now and the draft says so.",
    )
    legal_forbid_revert_delivered = fields.Boolean(
        string="Never revert a delivered bill",
        help="Where the law does not allow a bill to be taken back once the client "
        "has it. Credit and rebill stays possible.",
    )

    _legal_time_unit_positive = models.Constraint(
        "CHECK(legal_time_unit > 0 AND legal_time_minimum_units >= 0)",
        "The time unit is at least one minute, and the smallest entry not negative.",
    )

    # printing
    legal_print_duplex = fields.Boolean(
        string="Bills are printed on both sides",
        help="Every bill of a print file starts on a new sheet.",
    )

    def _default_legal_fee_product_id(self):
        return self.env.ref("legal_billing.product_fees", raise_if_not_found=False)

    def _default_legal_disbursement_product_id(self):
        return self.env.ref(
            "legal_billing.product_disbursement", raise_if_not_found=False
        )

    @api.constrains("legal_fee_product_id", "legal_disbursement_product_id")
    def _check_fee_product_net_of_tax(self):
        """Rule C-12, where the product is chosen."""
        products = self.legal_fee_product_id | self.legal_disbursement_product_id
        products.product_tmpl_id._check_net_of_tax()

    def _create_legal_liability_account(self, name, code, reconcile):
        """Make a current liability account in the company's chart.

        :param str name: of the account
        :param str code: to start from where the chart has no such account
        :param bool reconcile: whether its items are matched
        :rtype: account.account
        :raise ConfigurationError: if the company has no chart of accounts
        """
        self.ensure_one()
        root = self.root_id
        accounts = self.env["account.account"].with_company(root)
        if not root.chart_template and not accounts.search_count(
            [("company_ids", "in", root.ids)], limit=1
        ):
            raise ConfigurationError(
                self.env._(
                    "%(company)s has no chart of accounts. Install one, or choose an "
                    "account for %(name)s in the settings.",
                    company=self.name,
                    name=name,
                )
            )
        sibling = accounts.search(
            [
                ("company_ids", "in", root.ids),
                ("account_type", "=", "liability_current"),
            ],
            order="code desc",
            limit=1,
        )
        return accounts.create(
            {
                "name": name,
                "code": accounts._search_new_account_code(sibling.code or code),
                "account_type": "liability_current",
                "reconcile": reconcile,
                "company_ids": root.ids,
            }
        )

    def _get_legal_write_off_account(self):
        """The company's account of write-offs, else the one of cash discounts given,
        else of customers' credit losses.

        :rtype: account.account
        :raise ConfigurationError: when there is none
        """
        self.ensure_one()
        account = (
            self.legal_write_off_account_id
            or self.account_journal_early_pay_discount_loss_account_id
        )
        if not account:
            raise ConfigurationError(
                self.env._(
                    "%(company)s has no account for write-offs of bills. Choose one in "
                    "the settings of Legal Billing.",
                    company=self.name,
                )
            )
        return account
