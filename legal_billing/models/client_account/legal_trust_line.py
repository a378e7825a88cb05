from odoo import api, fields, models
from odoo.fields import Domain

from .triggers import LEDGER_FUNCTION, LINE_TRIGGERS


class LegalTrustLine(models.Model):
    """A line of a matter's client ledger. It is written once, by a posted movement."""

    _name = "legal.trust.line"
    _inherit = ["legal.matter.mirror", "legal.trust.guarded"]
    _description = "Line of a Client Ledger"
    _order = "date desc, id desc"
    _check_company_auto = True

    transaction_id = fields.Many2one(
        "legal.trust.transaction",
        string="Movement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    matter_id = fields.Many2one(
        "project.project", required=True, readonly=True, ondelete="restrict"
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Client account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    cleared_on = fields.Date(
        string="Cleared",
        readonly=True,
        help="From this day the money may be used. Empty: not cleared.",
    )
    amount = fields.Monetary(
        readonly=True, help="Positive when money comes into the matter's ledger."
    )
    received_amount = fields.Monetary(compute="_compute_sides", string="In")
    paid_amount = fields.Monetary(compute="_compute_sides", string="Out")
    running_balance = fields.Monetary(
        compute="_compute_running_balance",
        string="Balance",
        help="Balance of the matter in this client account after this line.",
    )
    lowest_balance = fields.Monetary(
        compute="_compute_running_balance",
        string="Lowest later",
        help="The lowest that this balance is after this line or any later one: more "
        "than that cannot leave on this day.",
    )
    kind = fields.Selection(related="transaction_id.kind")
    name = fields.Char(related="transaction_id.description", string="Text")
    partner_id = fields.Many2one(related="transaction_id.partner_id")
    move_id = fields.Many2one(related="transaction_id.move_id")

    _amount_not_nil = models.Constraint(
        "CHECK(amount <> 0)", "A line of a client ledger moves money."
    )
    _ledger_idx = models.Index("(matter_id, journal_id, date)")

    def init(self):
        """Lines stay as they are, in the database too."""
        result = super().init()
        self.env.cr.execute(LEDGER_FUNCTION)
        self.env.cr.execute(LINE_TRIGGERS)
        return result

    # --- computes

    @api.depends("amount")
    def _compute_sides(self):
        for line in self:
            line.received_amount = max(line.amount, 0.0)
            line.paid_amount = max(-line.amount, 0.0)

    @api.depends("amount", "date")
    def _compute_running_balance(self):
        balances = self._get_running_balances()
        for line in self:
            running, lowest = balances.get(line.id, (0.0, 0.0))
            line.running_balance = running
            line.lowest_balance = lowest

    def _get_running_balances(self):
        """Balance of matter and account after each line, by date and order of entry,
        and the lowest from then on.

        :return: ``{line id: (balance, lowest)}``
        :rtype: dict
        """
        ledgers = self.sudo().search_fetch(  # the sums need every line of the ledger
            [("matter_id", "in", self.matter_id.ids)],
            ["matter_id", "journal_id", "amount"],
            order="date, id",
        )
        running, result = {}, {}
        for line in ledgers:
            key = line.matter_id.id, line.journal_id.id
            running[key] = line.currency_id.round(running.get(key, 0.0) + line.amount)
            result[line.id] = running[key]
        lowest = {}
        for line in reversed(ledgers):
            key = line.matter_id.id, line.journal_id.id
            balance = result[line.id]
            lowest[key] = min(lowest.get(key, balance), balance)
            result[line.id] = balance, lowest[key]
        return result

    # --- CRUD and guards

    @api.model
    def _get_refusal(self):
        return self.env._(
            "Client ledgers are written by posting and reversing movements, not by "
            "hand."
        )

    def _get_delete_refusal(self):
        return self.env._(
            "Lines of a client ledger are never deleted. Reverse %(movements)s instead.",
            movements=", ".join(self.transaction_id.mapped("display_name")),
        )

    # --- business

    @api.model
    def _get_uncleared_domain(self):
        """Money that came in and cannot be used yet.

        :rtype: odoo.fields.Domain
        """
        today = fields.Date.context_today(self)
        return (
            Domain("amount", ">", 0)
            & Domain("transaction_id.state", "=", "posted")
            & (Domain("cleared_on", "=", False) | Domain("cleared_on", ">", today))
        )

    @api.model
    def _get_balances_at(self, day, journals=None, companies=None):
        """What every matter holds at the end of a day.

        :param date day:
        :param account.journal journals: client accounts; default: all
        :param res.company companies: default: of the journals
        :return: ``{matter id: amount}``, by matter number
        :rtype: dict
        """
        domain = Domain("date", "<=", day)
        if journals:
            domain &= Domain("journal_id", "in", journals.ids)
        if companies:
            domain &= Domain("company_id", "in", companies.ids)
        groups = self._read_group(domain, ["matter_id"], ["amount:sum"])
        groups.sort(key=lambda group: (group[0].matter_number or "", group[0].id))
        return {matter.id: amount for matter, amount in groups}

    # --- actions

    def action_open_movement(self):
        """Open the movement of this line.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "legal.trust.transaction",
            "res_id": self.transaction_id.id,
            "views": [(False, "form")],
        }
