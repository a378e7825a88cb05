import re

from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import ConfigurationError

#: What matters begin with in a company that has none yet; other numbers begin with 1.
FIRST_NUMBERS = {"legal.matter": 1001}


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
        help="For disbursements that name no type.",
    )
    legal_discount_product_id = fields.Many2one(
        "product.product",
        string="Discount text",
        help="Names the discount line of bills. Account and tax stay those of the "
        "fees that are discounted.",
    )
    legal_agent_tax_id = fields.Many2one(
        "account.tax",
        string="Tax of agent disbursements",
        domain=[("type_tax_use", "=", "sale"), ("amount", "=", 0)],
        check_company=True,
        help="0 %: disbursements that are paid in the client's name carry it where their "
        "type names no tax of 0 %. E-invoices ask for a tax on each line. Made with the "
        "chart of accounts.",
    )
    legal_fees_exempt = fields.Boolean(
        string="Fees carry no tax",
        help="The firm's fees are exempt, or it is not registered: runs then do not ask "
        "why fees have no tax.",
    )
    legal_on_account_account_id = fields.Many2one(
        "account.account",
        string="Account of bills on account",
        check_company=True,
        domain=[
            ("account_type", "in", ("liability_current", "liability_non_current")),
            ("reconcile", "=", False),
        ],
        help="Liability that holds, net of tax, what was billed before the work was done, "
        "until it is deducted from a bill. Made with the chart of accounts, or on its "
        "first use.",
    )
    legal_on_account_product_id = fields.Many2one(
        "product.product",
        string="Text of bills on account",
        help="Names the line of bills on account that have no text of their own. Taxes "
        "are those of the matter's fees.",
    )
    legal_deduct_on_account = fields.Selection(
        [
            ("paid", "Once it is paid"),
            ("approved", "Once it is approved"),
            ("no", "Never by itself"),
        ],
        string="Deduct what was billed on account",
        default="paid",
        required=True,
        help="Which bills on account are deducted from the next bills of their matter.",
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
    legal_estimate_warning = fields.Integer(
        string="Warn of estimates from",
        default=80,
        help="Percent of a matter's estimate that is billed or recorded: from here on rows "
        "and drafts carry a remark, and whoever is responsible is told. 0: never.",
    )
    legal_small_run = fields.Integer(
        string="Process on screen up to",
        default=40,
        help="Runs of up to this many bills are worked off while you look at their page; "
        "larger ones in the background.",
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

    _legal_estimate_warning_not_negative = models.Constraint(
        "CHECK(COALESCE(legal_estimate_warning, 0) >= 0)",
        "Estimates are warned of from a percentage on, or never.",
    )
    _legal_time_unit_positive = models.Constraint(
        "CHECK(legal_time_unit > 0 AND legal_time_minimum_units >= 0)",
        "The time unit is at least one minute, and the smallest entry cannot be negative.",
    )

    legal_set_up_dismissed = fields.Boolean(string="Set-up hidden")

    # printing
    legal_print_duplex = fields.Boolean(
        string="Bills are printed on both sides",
        help="Every bill of a print file starts on a new sheet.",
    )

    legal_bill_notice = fields.Text(
        string="Legal text of bills",
        translate=True,
        help="Printed in small type at the end of every bill: what the firm must tell its "
        "clients, such as how to complain. In the client's language.",
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

    # --- uninstalling

    @api.model
    def _get_held_money(self):
        """Money of which nobody would know whose it is without the addon, of all
        companies. Rooms extend it.

        :return: sentences
        :rtype: list
        """
        return []

    @api.model
    def _number_matters(self, matters_sudo):
        """Some matters by their numbers, which tell no name behind a barrier.

        :param project.project matters_sudo:
        :rtype: str
        """
        numbers = [matter.matter_number or "?" for matter in matters_sudo[:20]]
        if len(matters_sudo) > len(numbers):
            numbers.append(self.env._("%s more", len(matters_sudo) - len(numbers)))
        return ", ".join(numbers)

    # --- numbers

    def _next_legal_number(self, code, model, field="name", day=None):
        """The next number of this company, from its own sequence: made when it is first
        needed, with the pattern of the one of all companies, to go on after the last
        number that the company has.

        :param str code: of the sequence
        :param str model: of the records that have such numbers
        :param str field: that holds them
        :param date day: on which the number counts; default: today
        :return: False where there is no sequence at all
        :rtype: str
        """
        self.ensure_one()
        # sudo: whoever makes such a record gets a number
        sequences_sudo = self.env["ir.sequence"].sudo().with_company(self)
        own_sudo = sequences_sudo.search(
            [("code", "=", code), ("company_id", "=", self.id)], limit=1
        )
        if not own_sudo:
            shared_sudo = sequences_sudo.search(
                [("code", "=", code), ("company_id", "=", False)], limit=1
            )
            if not shared_sudo:
                return False
            own_sudo = self._create_legal_sequence(shared_sudo, model, field)
        return own_sudo._next(sequence_date=day)

    def _create_legal_sequence(self, shared_sudo, model, field):
        """
        :param ir.sequence shared_sudo: the pattern
        :param str model:
        :param str field:
        :return: the company's own sequence
        :rtype: ir.sequence
        """
        # two that make it at the same time write the same row: one of them tries again
        self.env.cr.execute(
            SQL("UPDATE res_company SET write_date = write_date WHERE id = %s", self.id)
        )
        last, others = self._get_last_legal_numbers(shared_sudo, model, field)
        first = FIRST_NUMBERS.get(shared_sudo.code, 1)
        if not others:  # what was set by hand holds
            first = shared_sudo.number_next_actual
        elif not shared_sudo.use_date_range:
            first = last.get(None, first - 1) + 1
        own_sudo = shared_sudo.copy({"company_id": self.id, "number_next": first})
        for period in shared_sudo.date_range_ids:
            number = period.number_next_actual
            if others:
                number = last.get(str(period.date_from.year), 0) + 1
            period.copy({"sequence_id": own_sudo.id, "number_next": number})
        return own_sudo

    def _get_last_legal_numbers(self, shared_sudo, model, field):
        """The numbers that were given to records of this company so far.

        :param ir.sequence shared_sudo: whose pattern they have
        :param str model:
        :param str field:
        :return: ``({year, or None where it does not begin anew: last number},
            whether other companies have numbers)``
        :rtype: tuple
        """
        records = self.env[model]
        records.flush_model([field, "company_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT %s, company_id = %s FROM %s WHERE %s IS NOT NULL "
                "AND company_id IS NOT NULL",
                SQL.identifier(field),
                self.id,
                SQL.identifier(records._table),
                SQL.identifier(field),
            )
        )
        pattern = self._get_number_pattern(shared_sudo)
        last, others = {}, False
        for name, is_own in rows:
            match = pattern.fullmatch(name)
            if not match:
                continue
            if not is_own:
                others = True
                continue
            year = match["year"] if shared_sudo.use_date_range else None
            last[year] = max(last.get(year, 0), int(match["number"]))
        return last, others

    @api.model
    def _get_number_pattern(self, shared_sudo):
        """How the numbers of a sequence look.

        :param ir.sequence shared_sudo:
        :return: with the groups ``year`` and ``number``
        :rtype: re.Pattern
        """

        def read(text):
            parts = re.split(r"%\((\w+)\)s", text or "")
            return "".join(
                re.escape(part)
                if index % 2 == 0
                else r"(?P<year>\d{4})"
                if part in ("year", "range_year") and part == year
                else r"\w+?"
                for index, part in enumerate(parts)
            )

        prefix = shared_sudo.prefix or ""
        year = "range_year" if "%(range_year)s" in prefix else "year"
        if prefix.count(f"%({year})s") != 1:
            year, group = None, "(?P<year>)"
        else:
            group = ""
        return re.compile(
            group + read(prefix) + r"(?P<number>\d+)" + read(shared_sudo.suffix)
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
