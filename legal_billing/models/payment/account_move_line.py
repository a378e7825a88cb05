from odoo import api, fields, models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    """Items on the account of unallocated credits."""

    _inherit = "account.move.line"

    is_open_credit = fields.Boolean(
        compute="_compute_is_open_credit",
        search="_search_is_open_credit",
        string="Open unallocated credit",
    )
    credit_open_amount = fields.Monetary(
        string="Open credit",
        compute="_compute_credit_open_amount",
        currency_field="currency_id",
    )
    credit_age = fields.Integer(string="Days", compute="_compute_credit_age")
    legal_payment_id = fields.Many2one(
        related="move_id.legal_payment_id", string="Payment of bills"
    )
    credit_client_id = fields.Many2one(
        related="matter_id.partner_id", string="Client of the matter"
    )
    # ledgers of a matter
    cumulated_credit = fields.Monetary(
        string="Credit left",
        currency_field="company_currency_id",
        compute="_compute_cumulated_credit",
        exportable=False,
        help="Credits left after this item; credits count as positive here.",
    )

    @api.depends("account_id", "parent_state", "matter_id", "reconciled", "balance")
    def _compute_is_open_credit(self):
        credits = self.filtered_domain(self._get_open_credit_domain())
        for line in self:
            line.is_open_credit = line in credits

    def _search_is_open_credit(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_open_credit_domain()
        return domain if True in value else ~domain

    @api.depends("amount_residual_currency")
    def _compute_credit_open_amount(self):
        for line in self:
            line.credit_open_amount = -line.amount_residual_currency

    @api.depends("date")
    def _compute_credit_age(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.credit_age = (today - line.date).days if line.date else 0

    def _get_reconcile_matters(self):
        """The matters whose money each item is: its own, else those of its bill.

        :return: ``{line id: project.project}``, empty where it is no matter's
        :rtype: dict
        """
        return {
            line_sudo.id: line_sudo.matter_id or line_sudo.move_id.matter_ids
            for line_sudo in self.sudo()  # also those behind a wall
        }

    @api.model
    def _get_credit_domain(self):
        """All posted items of unallocated credits of the companies at hand.

        :rtype: odoo.fields.Domain
        """
        accounts_sudo = self.env.companies.sudo().legal_unallocated_account_id
        return (
            Domain("account_id", "in", accounts_sudo.ids)
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain("parent_state", "=", "posted")
            & Domain("matter_id", "!=", False)
        )

    @api.model
    def _get_open_credit_domain(self):
        """Credits that can still be used.

        :rtype: odoo.fields.Domain
        """
        return (
            self._get_credit_domain()
            & Domain("reconciled", "=", False)
            & Domain("balance", "<", 0)
        )

    @api.model
    def _get_credit_client_domain(self, partners):
        """Credits of matters of these clients.

        :param res.partner partners:
        :rtype: odoo.fields.Domain
        """
        return Domain(
            "matter_id.partner_id.commercial_partner_id",
            "in",
            partners.commercial_partner_id.ids,
        )

    @api.model
    def _get_credit_action(self, domain):
        """The list of open credits, narrowed.

        :param odoo.fields.Domain domain:
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.unallocated_credit_action"
        )
        return action | {"domain": list(Domain("is_open_credit", "=", True) & domain)}

    def action_use_matter_credits(self):
        """Open a payment that uses the credits of this item's matter.

        :rtype: dict
        """
        self.ensure_one()
        return self.matter_id.action_use_credits()

    # --- ledgers of a matter

    @api.depends_context("order_cumulated_balance", "domain_cumulated_balance")
    def _compute_cumulated_credit(self):
        for line in self:
            line.cumulated_credit = -line.cumulated_balance
