from odoo import models

from ... import engine
from ...engine.decimals import to_decimal
from ...tools import FROM_BOOKS, Sign

#: Percentage of a share, on its way from core's values to billing's.
PERCENT = "legal_percent"
#: Context: what the lines of a vendor's bill cost with their tax.
GROSS = "legal_billing_gross"


class AccountMoveLine(models.Model):
    """Items that costs come from."""

    _inherit = "account.move.line"

    def _is_cost_of_client(self):
        """Whether a disbursement comes from this item: a vendor bill's or receipt's
        line, an expense, or what a person booked by hand on a disbursement product.
        Write-offs, slips, discounts, exchange differences, allocations of overheads have
        none of these.

        :rtype: bool
        """
        self.ensure_one()
        move = self.move_id
        if move.is_purchase_document(include_receipts=True):
            return self.display_type == "product"
        if move.move_type != "entry" or self.account_id.internal_group != "expense":
            return False
        if "expense_id" in self._fields and self.expense_id:  # with hr_expense
            return True
        return self.product_id.legal_use == "disbursement" and move._may_bring_costs()

    def _create_analytic_lines(self):
        """Entries that the items make are the books', whoever posts them. What costs of
        clients come to with their tax is worked out for the vendor's bill as a whole."""
        costs = self.filtered(
            lambda line: line.analytic_distribution and line._is_cost_of_client()
        )
        books = self.with_context(
            legal_billing_books=FROM_BOOKS,
            **{GROSS: Sign("gross", costs.move_id._get_gross_costs())},
        )
        return super(AccountMoveLine, books)._create_analytic_lines()

    def _inverse_analytic_distribution(self):
        """Core deletes the entries of posted items and makes them anew."""
        books = self.with_context(legal_billing_books=FROM_BOOKS)
        return super(AccountMoveLine, books)._inverse_analytic_distribution()

    def _prepare_analytic_distribution_line(
        self, distribution, account_ids, distribution_on_each_plan
    ):
        """Note the share that core works the amount out of; `_prepare_analytic_lines`
        takes it off again."""
        vals = super()._prepare_analytic_distribution_line(
            distribution, account_ids, distribution_on_each_plan
        )
        return vals | {PERCENT: distribution}

    def _prepare_analytic_lines(self):
        """A cost of a client carries, beside core's amount, what is passed on of it:
        gross for an agent's, net with the markup for a principal's, shares that add up
        to the line's (rule C-27)."""
        vals_list = super()._prepare_analytic_lines()
        percents = [to_decimal(vals.pop(PERCENT, 0.0)) for vals in vals_list]
        gross = self.env.context.get(GROSS)
        if isinstance(gross, Sign) and self.id in gross.content:
            self._pass_on(vals_list, percents, *gross.content[self.id])
        return vals_list

    def _pass_on(self, vals_list, percents, gross, gross_currency):
        """Add to the values of entries what a matter is charged of this cost.

        :param list vals_list: of the line's entries; changed
        :param list percents: their shares of the line
        :param Decimal gross: what the line cost, in the company's currency
        :param Decimal gross_currency: the same in the vendor's
        """
        projects = [
            (vals, percent)
            for vals, percent in zip(vals_list, percents, strict=True)
            if vals.get("account_id")
        ]
        if not projects:
            return
        charged, shares = zip(*projects, strict=True)
        whole = self._get_whole_percent()
        company, currency = self.company_currency_id, self.currency_id
        costs = {company: (gross, -to_decimal(self.balance))}
        costs[currency] = costs.get(currency) or (
            gross_currency,
            -to_decimal(self.amount_currency),
        )
        parts = {
            money: self._get_charges(*costs[money], shares, whole, money)
            for money in costs
        }
        billed_in = {}
        if currency != company:
            billed_in = self._get_billing_currencies(charged)
        steps = to_decimal(company.rounding)
        agent_parts = engine.cost_shares(gross, shares, whole, steps)
        for index, vals in enumerate(charged):
            money = billed_in.get(vals["account_id"])
            money = money if money in parts else company
            vals["agent_amount"] = float(agent_parts[index])
            vals["charge_amount"] = -float(parts[money][index])
            vals["charge_currency_id"] = money.id

    def _get_whole_percent(self):
        """What is shared of this line among matters and other projects.

        :rtype: Decimal
        """
        accounts = {
            account: percent
            for key, percent in (self.analytic_distribution or {}).items()
            for account in key.split(",")
        }
        plan, _others = self.env["account.analytic.plan"]._get_all_plans()
        known = self.env["account.analytic.account"].browse(map(int, accounts))
        of_plan = set(
            known.exists().filtered(lambda account: account.root_plan_id == plan).ids
        )
        return sum(
            (
                to_decimal(percent)
                for key, percent in (self.analytic_distribution or {}).items()
                if of_plan & set(map(int, key.split(",")))
            ),
            to_decimal(0),
        )

    def _get_charges(self, gross, net, percents, whole, currency):
        """Shares of what is charged for this line, signed as its cost.

        :rtype: list
        """
        step = to_decimal(currency.rounding)
        product = self.product_id
        total = engine.disbursement_value(
            "agent" if product.disbursement_treatment == "agent" else "principal",
            net,
            gross - net,
            to_decimal(product.disbursement_markup),
            step,
        )
        return engine.cost_shares(total, percents, whole, step)

    def _get_billing_currencies(self, vals_list):
        """Currencies that these entries will be billed in.

        :return: ``{id of the analytic account: currency}``
        :rtype: dict
        """
        accounts = self.env["account.analytic.account"].browse(
            vals["account_id"] for vals in vals_list
        )
        matters = self.env["project.project"]._get_matters_of_accounts(accounts)
        return {
            account: matter.billing_currency_id for account, matter in matters.items()
        }
