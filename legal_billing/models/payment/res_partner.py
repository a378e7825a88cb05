from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """Payments and credits of a client or payer."""

    _inherit = "res.partner"

    legal_payment_rule_id = fields.Many2one(
        "legal.payment.rule",
        string="Payment rule",
        company_dependent=True,
        help="How this payer's payments are spread. Empty: the company's rule.",
    )
    remittance_layout = fields.Json(
        copy=False,  # whoever copies a contact may not read it
        help="Which column of this payer's remittance advices holds what.",
        groups="legal_billing.legal_billing_group_cashier,"
        "legal_billing.legal_billing_group_client_account_officer",
        string="Remittance layout",
    )
    unallocated_credit_balance = fields.Monetary(
        string="Unallocated credits",
        compute="_compute_unallocated_credit_balance",
        currency_field="currency_id",
        help="Credits of all matters of this client, in company currency at the rate of "
        "today.",
    )

    has_open_bills = fields.Boolean(
        compute="_compute_has_open_bills", search="_search_has_open_bills"
    )

    def _compute_has_open_bills(self):
        # sudo: of which matters alone; the bills are those that may be read
        matters_sudo = self.env["project.project"].sudo()
        matters = matters_sudo.search(
            Domain("is_matter", "=", True) & Domain("partner_id", "in", self.ids)
        )
        named_sudo = (
            self.env["account.move"]
            .sudo()
            ._search(
                Domain("is_shared", "=", True)
                & Domain(
                    "payer_share_ids.partner_id.commercial_partner_id", "in", self.ids
                )
            )
        )
        payers = self._get_partners_with_open_bills(
            Domain("commercial_partner_id", "in", self.ids)
            | Domain("client_id", "in", self.ids)
            | Domain("matter_ids", "in", matters.ids)
            | Domain("id", "in", named_sudo)
        )
        for partner in self:
            partner.has_open_bills = partner in payers

    @api.model
    def _search_has_open_bills(self, operator, value):
        if operator != "in":
            return NotImplemented
        if len(set(value)) > 1:
            return Domain.TRUE
        domain = Domain("id", "in", self._get_partners_with_open_bills().ids)
        return domain if True in value else ~domain

    @api.model
    def _get_partners_with_open_bills(self, among=Domain.TRUE):
        """Who is billed on an open bill, or whose matter it is of: of the bills that the
        user may read, for whoever keeps contacts opens them too.

        :param odoo.fields.Domain among: which bills are looked at; all of the firm's
            only to search by it
        :rtype: res.partner
        """
        bills = self.env["account.move"]
        if not bills.has_access("read"):
            return self.browse()
        domain = (
            self.env["legal.payment"]._get_open_bills_domain()
            & Domain("company_id", "in", self.env.companies.ids)
            & among
        )
        groups = bills._read_group(domain, ["commercial_partner_id", "client_id"])
        by_hand = bills._read_group(
            domain & Domain("client_id", "=", False), ["matter_ids"]
        )
        named = (
            self.env["legal.bill.share"]
            .sudo()
            ._read_group(  # of bills he may read
                Domain(
                    "bill_id",
                    "in",
                    bills._search(domain & Domain("is_shared", "=", True)),
                ),
                ["partner_id"],
            )
        )
        return self.browse().union(
            *(payer | client for payer, client in groups),
            *(payer.commercial_partner_id.sudo(False) for (payer,) in named),
            *(matter.sudo().partner_id.sudo(False) for (matter,) in by_hand),
        )

    @api.depends_context("company", "allowed_company_ids", "uid")
    def _compute_unallocated_credit_balance(self):
        lines = self.env["account.move.line"]
        groups = lines.sudo()._read_group(  # a figure of the client, no records
            lines._get_open_credit_domain()
            & lines._get_credit_client_domain(self)
            & Domain(
                "matter_id", "not any", self.env["project.project"]._get_wall_domain()
            ),
            ["matter_id", "currency_id"],
            ["amount_residual_currency:sum"],
        )
        today = fields.Date.context_today(self)
        company = self.env.company
        totals = defaultdict(float)
        for matter, currency, amount in groups:
            client = matter.partner_id.commercial_partner_id
            totals[client.id] -= currency._convert(
                amount, company.currency_id, company, today
            )
        for partner in self:
            partner.unallocated_credit_balance = totals[
                partner.commercial_partner_id.id
            ]

    def action_open_unallocated_credits(self):
        """Open the open credits of this client's matters.

        :rtype: dict
        """
        lines = self.env["account.move.line"]
        return lines._get_credit_action(lines._get_credit_client_domain(self))

    def action_receive_payment(self):
        """Open a new payment of this payer with all his open bills.

        :rtype: dict
        """
        self.ensure_one()
        bills = self.env["account.move"].search(
            self.env["legal.payment"]._get_open_bills_domain(
                self.env.company, partner=self
            )
        )
        return self.env["legal.payment"]._start(
            bills, {"received_from_id": self.commercial_partner_id.id}
        )
