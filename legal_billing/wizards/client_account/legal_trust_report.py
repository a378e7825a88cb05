from odoo import fields, models
from odoo.fields import Domain


class LegalTrustReport(models.TransientModel):
    """What auditors ask for: balances at a date, transfer journal, matter ledgers."""

    _name = "legal.trust.report"
    _description = "Reports of the Client Account"

    kind = fields.Selection(
        [
            ("balances", "Balances at a date"),
            ("journal", "Transfer journal"),
            ("ledgers", "Matter ledgers"),
        ],
        string="Report",
        default="balances",
        required=True,
    )
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True
    )
    journal_ids = fields.Many2many(
        "account.journal",
        string="Client accounts",
        domain=[("is_client_account", "=", True)],
        help="Empty: all.",
        context={"active_test": False},
    )
    matter_ids = fields.Many2many(
        "project.project",
        string="Matters",
        domain=[("is_matter", "=", True)],
        context={"active_test": False},
    )
    date_from = fields.Date(
        string="From",
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    date_to = fields.Date(string="To", default=fields.Date.context_today, required=True)

    def action_print(self):
        """Print the chosen report.

        :rtype: dict
        """
        self.ensure_one()
        report = self.env.ref(f"legal_billing.legal_trust_{self.kind}_report")
        return report.report_action(self)

    # --- what the papers show

    def _get_journals(self):
        journals = self.env["account.journal"].with_context(active_test=False)
        return self.journal_ids or journals.search(
            [
                ("is_client_account", "=", True),
                ("company_id", "=", self.company_id.id),
            ]
        )

    def _get_balance_rows(self):
        """Matters with money at the date, per client account, and totals.

        :return: ``[(account.journal, [(matter, amount)], total)]``
        :rtype: list
        """
        lines = self.env["legal.trust.line"]
        matters = self.env["project.project"]
        result = []
        for journal in self._get_journals():
            held = lines._get_balances_at(self.date_to, journals=journal)
            rows = [
                (matters.browse(matter_id), amount)
                for matter_id, amount in held.items()
                if round(amount, 6)
            ]
            result.append((journal, rows, sum(amount for _matter, amount in rows)))
        return result

    def _get_movements(self):
        """Movements of the period, oldest first.

        :rtype: legal.trust.transaction
        """
        domain = (
            Domain("journal_id", "in", self._get_journals().ids)
            & Domain("state", "in", ("posted", "reversed"))
            & Domain("date", "<=", self.date_to)
        )
        if self.date_from:
            domain &= Domain("date", ">=", self.date_from)
        if self.matter_ids:
            domain &= Domain("matter_id", "in", self.matter_ids.ids) | Domain(
                "to_matter_id", "in", self.matter_ids.ids
            )
        return self.env["legal.trust.transaction"].search(domain, order="date, id")

    def _get_ledgers(self):
        """The ledgers to print, each with its lines until the date.

        :return: ``[(legal.trust.balance, legal.trust.line)]``
        :rtype: list
        """
        domain = Domain("journal_id", "in", self._get_journals().ids)
        if self.matter_ids:
            domain &= Domain("matter_id", "in", self.matter_ids.ids)
        balances = self.env["legal.trust.balance"].search(domain)
        return [(row, row._get_ledger_lines(self.date_to)) for row in balances]
