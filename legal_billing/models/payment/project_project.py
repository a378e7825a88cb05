from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import format_amount


class ProjectProject(models.Model):
    """Payments and unallocated credits of a matter."""

    _inherit = "project.project"

    payment_rule_id = fields.Many2one(
        "legal.payment.rule",
        string="Payment rule",
        check_company=True,
        help="How payments of this matter alone are spread. Empty: the payer's rule, "
        "else the company's.",
    )
    unallocated_credit_balance = fields.Monetary(
        string="Unallocated credits",
        compute="_compute_unallocated_credit",
        search="_search_unallocated_credit_balance",
        currency_field="billing_currency_id",
        help="Office money that was paid above the bills of this matter.",
    )
    unallocated_credit_date = fields.Date(
        string="Oldest credit", compute="_compute_unallocated_credit"
    )

    has_open_bills = fields.Boolean(
        compute="_compute_has_open_bills", search="_search_has_open_bills"
    )

    def _compute_has_open_bills(self):
        matters = self._get_matters_with_open_bills(
            Domain("matter_ids", "in", self.ids)
        )
        for matter in self:
            matter.has_open_bills = matter in matters

    @api.model
    def _search_has_open_bills(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("id", "in", self._get_matters_with_open_bills().ids)
        return domain if True in value else ~domain

    @api.model
    def _get_matters_with_open_bills(self, bills=Domain.TRUE):
        """Matters that a payment can be for.

        :param odoo.fields.Domain bills: which bills are looked at; all of the firm's
            only to search by it
        :rtype: project.project
        """
        # sudo: whether a matter has an open bill is no secret of those who see it
        bills_sudo = self.env["account.move"].sudo()
        groups = bills_sudo._read_group(
            self.env["legal.payment"]._get_open_bills_domain()
            & Domain("company_id", "in", self.env.companies.ids)
            & bills,
            ["matter_ids"],
        )
        return self.browse().union(*(matter for (matter,) in groups))

    def _compute_unallocated_credit(self):
        lines = self.env["account.move.line"]
        # sudo: lawyers see the money of their matters, figures only
        groups = lines.sudo()._read_group(
            lines._get_open_credit_domain() & Domain("matter_id", "in", self.ids),
            ["matter_id", "currency_id"],
            ["amount_residual_currency:sum", "date:min"],
        )
        today = fields.Date.context_today(self)
        for matter in self:
            matter.unallocated_credit_balance = 0.0
            matter.unallocated_credit_date = False
        for matter_sudo, currency, amount, oldest in groups:
            matter = self.browse(matter_sudo.id)
            target = matter.billing_currency_id or matter.company_id.currency_id
            matter.unallocated_credit_balance -= currency._convert(
                amount, target, matter.company_id, today
            )
            known = matter.unallocated_credit_date
            matter.unallocated_credit_date = min(known or oldest, oldest)

    @api.model
    def _search_unallocated_credit_balance(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "=", "!=", "in", "not in"):
            return NotImplemented
        lines = self.env["account.move.line"]
        with_credit = self.browse(
            matter.id
            for (matter,) in lines.sudo()._read_group(
                lines._get_open_credit_domain(), ["matter_id"]
            )
        )
        sums = {
            matter.id: matter.unallocated_credit_balance
            for matter in with_credit.sudo()
        }
        return self._get_amount_search_domain(sums, operator, value)

    def _get_open_items(self):
        """Besides: credits."""
        company_currency = self.company_id.currency_id
        amount = self.unallocated_credit_balance
        return [
            *super()._get_open_items(),
            (
                "credits",
                self.env._("Unallocated credits"),
                format_amount(self.env, amount, company_currency),
                not company_currency.is_zero(amount),
            ),
        ]

    @api.model
    def _get_open_item_fields(self):
        return [*super()._get_open_item_fields(), "unallocated_credit_balance"]

    def _get_open_credits(self, currency, day=None):
        """Open credit items of this matter in a currency, oldest first.

        :param res.currency currency:
        :param date day: that they are used on: no later ones
        :rtype: account.move.line
        """
        self.ensure_one()
        lines = self.env["account.move.line"]
        until = Domain("date", "<=", day) if day else Domain.TRUE
        return lines.search(
            lines.with_context(
                allowed_company_ids=self.company_id.ids
            )._get_open_credit_domain()
            & Domain("matter_id", "=", self.id)
            & Domain("currency_id", "=", currency.id)
            & until,
            order="date, id",
        )

    def _get_credit_currency(self):
        """The currency in which a credit of this matter is used: the billing currency,
        where there is a credit in it, else that of the oldest credit.

        :rtype: res.currency
        """
        self.ensure_one()
        lines = self.env["account.move.line"]
        credits = lines.search(
            lines.with_context(
                allowed_company_ids=self.company_id.ids
            )._get_open_credit_domain()
            & Domain("matter_id", "=", self.id),
            order="date, id",
        )
        usual = self.billing_currency_id or self.company_id.currency_id
        if usual in credits.currency_id or not credits:
            return usual
        return credits[0].currency_id

    def action_open_unallocated_credits(self):
        """Open the open credits of these matters.

        :rtype: dict
        """
        return self.env["account.move.line"]._get_credit_action(
            Domain("matter_id", "in", self.ids)
        )

    def action_receive_payment(self):
        """Open a new payment with all open bills of this matter.

        :rtype: dict
        """
        self.ensure_one()
        payments = self.env["legal.payment"]
        bills = self.env["account.move"].search(
            payments._get_open_bills_domain(self.company_id, matter=self)
        )
        payer = self.billing_partner_id or self.partner_id
        return payments._start(
            bills,
            {
                "received_from_id": payer.commercial_partner_id.id,
                "matter_id": self.id,
                "company_id": self.company_id.id,
                "currency_id": (
                    self.billing_currency_id or self.company_id.currency_id
                ).id,
            },
        )

    def action_use_credits(self):
        """Open a new payment that uses this matter's credits for its open bills.

        :rtype: dict
        """
        self.ensure_one()
        payments = self.env["legal.payment"]
        bills = self.env["account.move"].search(
            payments._get_open_bills_domain(self.company_id, matter=self)
        )
        currency = self._get_credit_currency()
        payable = bills.filtered(lambda bill: bill.currency_id == currency)
        payable = payable._get_payable_of(self, any_share=True)
        bills = bills.filtered(lambda bill: (bill.id, self.id) in payable)
        credit = -sum(
            self._get_open_credits(currency).mapped("amount_residual_currency")
        )
        return payments._start(
            bills,
            {
                "source": "unallocated",
                "matter_id": self.id,
                "received_from_id": (
                    self.billing_partner_id or self.partner_id
                ).commercial_partner_id.id,
                "company_id": self.company_id.id,
                "currency_id": currency.id,
                "amount": currency.round(min(credit, sum(payable.values()))),
            },
        )

    def action_open_office_ledger(self):
        """Open what these matters' payers owe and paid, with a running balance.

        :rtype: dict
        """
        return self._get_ledger_action(
            self.env._("Office ledger"),
            Domain("account_type", "=", "asset_receivable")
            & (
                Domain("matter_id", "in", self.ids)
                | Domain("move_id.matter_ids", "in", self.ids)
                # payments that core's own button made: they name the bill only
                | Domain(
                    "matched_debit_ids.debit_move_id.move_id.matter_ids",
                    "in",
                    self.ids,
                )
            ),
        )

    def action_open_credit_ledger(self):
        """Open the unallocated credits of these matters, used ones too, with a running
        balance.

        :rtype: dict
        """
        return self._get_ledger_action(
            self.env._("Unallocated credits"),
            self.env["account.move.line"]._get_credit_domain()
            & Domain("matter_id", "in", self.ids),
            "legal_billing.matter_credit_ledger_view_list",
        )

    def _get_ledger_action(
        self, name, domain, view="legal_billing.matter_ledger_view_list"
    ):
        """A ledger of posted items, the newest first.

        :param str name: title
        :param odoo.fields.Domain domain: of the items
        :param str view: its list
        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "account.move.line",
            "view_mode": "list",
            "views": [(self.env.ref(view).id, "list")],
            "domain": list(domain & Domain("parent_state", "=", "posted")),
            "context": {},
        }
