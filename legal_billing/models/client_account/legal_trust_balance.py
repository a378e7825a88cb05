from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...exceptions import TrustLockedError
from ...tools import format_amount
from .triggers import BALANCE_TRIGGER, LEDGER_FUNCTION


class LegalTrustBalance(models.Model):
    """What one matter holds in one client account.

    The row that every movement of the ledger writes: two transactions that take money
    of the same matter conflict on it, whatever else they share. ``CHECK`` and triggers
    hold the rules for whoever writes SQL; see ``triggers.py``.
    """

    _name = "legal.trust.balance"
    _inherit = ["legal.matter.mirror"]
    _description = "Client Money of a Matter"
    _order = "matter_id, journal_id"
    _rec_name = "matter_id"
    _check_company_auto = True

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
    balance = fields.Monetary(readonly=True)
    last_movement_on = fields.Date(string="Last movement", readonly=True)
    responsible_id = fields.Many2one(related="matter_id.responsible_id", store=True)
    billing_status = fields.Selection(related="matter_id.billing_status", store=True)
    matter_active = fields.Boolean(related="matter_id.active", store=True)
    balance_today = fields.Monetary(
        compute="_compute_cleared",
        string="Balance today",
        help="Without movements that are dated later.",
    )
    cleared_balance = fields.Monetary(
        compute="_compute_cleared", string="Cleared", help="Cleared until today."
    )
    uncleared_amount = fields.Monetary(
        compute="_compute_cleared",
        search="_search_uncleared_amount",
        string="Not cleared",
    )
    retained_amount = fields.Monetary(
        related="matter_id.client_account_retained",
        currency_field="currency_id",
        string="Retained",
    )
    available_amount = fields.Monetary(
        compute="_compute_available",
        string="Available",
        help="What may be used today: the lowest cleared balance of today and of every "
        "later day, less what is retained.",
    )
    unpaid_amount = fields.Monetary(
        compute="_compute_available",
        string="Delivered, unpaid",
        help="Open amount of this matter's delivered bills, less what is disputed.",
    )
    lowest_amount = fields.Monetary(
        compute="_compute_available",
        string="Lowest from today",
        help="The lowest cleared balance of today and of every later day.",
    )
    transferable_amount = fields.Monetary(
        compute="_compute_available",
        search="_search_transferable_amount",
        string="Can be transferred",
    )

    _matter_journal_unique = models.Constraint(
        "UNIQUE(matter_id, journal_id)",
        "A matter has one ledger in each client account.",
    )
    _balance_not_negative = models.Constraint(
        "CHECK(balance >= 0)",
        "A matter's client money cannot be below zero.",
    )
    _company_idx = models.Index("(company_id)")

    def init(self):
        """Tie the balance to the ledger in the database."""
        result = super().init()
        self.env.cr.execute(LEDGER_FUNCTION)
        self.env.cr.execute(BALANCE_TRIGGER)
        return result

    # --- computes

    @api.depends("matter_id", "journal_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(matter)s in %(journal)s",
                matter=row.matter_id.display_name,
                journal=row.journal_id.display_name,
            )

    @api.depends("balance")
    def _compute_cleared(self):
        today = fields.Date.context_today(self)
        movements = self._get_movements()
        for row in self:
            later = sum(
                movement.amount
                for movement in movements.get(row._key(), [])
                if movement.date > today
            )
            row.balance_today = row.currency_id.round(row.balance - float(later))
            uncleared = sum(
                movement.amount
                for movement in movements.get(row._key(), [])
                if movement.pending or movement.date <= today < movement.counts_from
            )
            row.uncleared_amount = float(uncleared)
            row.cleared_balance = row.balance - row.uncleared_amount

    @api.model
    def _search_uncleared_amount(self, operator, value):
        if (operator, value) not in ((">", 0), ("!=", 0)):
            return NotImplemented
        lines = self.env["legal.trust.line"].sudo()  # figures of rows that may be read
        matters = lines._read_group(lines._get_uncleared_domain(), ["matter_id"])
        return [("matter_id", "in", [matter.id for (matter,) in matters])]

    @api.depends("balance", "matter_id.client_account_retained")
    def _compute_available(self):
        today = fields.Date.context_today(self)
        available = self._get_available(today)
        lowest = self._get_lowest(today)
        unpaid = self.matter_id._get_delivered_unpaid()
        for row in self:
            row.available_amount = available[row.id]
            row.lowest_amount = lowest[row.id]
            row.unpaid_amount = unpaid.get((row.matter_id.id, row.currency_id.id), 0.0)
            row.transferable_amount = min(row.available_amount, row.unpaid_amount)

    @api.model
    def _search_transferable_amount(self, operator, value):
        if (operator, value) not in ((">", 0), ("!=", 0)):
            return NotImplemented
        rows = self.search([("balance", ">", 0)])
        return [("id", "in", rows.filtered("transferable_amount").ids)]

    # --- CRUD and guards

    @api.model_create_multi
    def create(self, vals_list):
        """Nobody enters a balance: the rows are made by SQL, with the movements that
        they sum up.

        :raise TrustLockedError: always
        """
        self._refuse_direct_change()
        return super().create(vals_list)

    def write(self, vals):
        """Nobody changes a balance. Left open, for code with all rights, is what
        follows the matter: the mirrored columns.

        :raise TrustLockedError:
        """
        stored = {"balance", "matter_id", "journal_id", "company_id", "currency_id"}
        if stored & vals.keys() or not self.env.su:
            self._refuse_direct_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_direct_change()

    @api.model
    def _refuse_direct_change(self):
        raise TrustLockedError(
            self.env._(
                "Balances of client money follow their movements and are not entered. "
                "Use Deposit, Refund, Between matters or Transfer to office."
            )
        )

    # --- actions

    def action_open_ledger(self):
        """The lines of this ledger, with its running balance.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "legal_billing.legal_trust_line_action"
        )
        return action | {
            "name": self.display_name if len(self) == 1 else action["name"],
            "domain": [
                ("matter_id", "in", self.matter_id.ids),
                ("journal_id", "in", self.journal_id.ids),
            ],
            "context": {},
        }

    def action_deposit(self):
        """Open a new deposit for the matter."""
        return self._get_movement_action("deposit", self.env._("Deposit"))

    def action_refund(self):
        """Open a new refund to the client."""
        return self._get_movement_action("refund", self.env._("Refund"))

    def action_between_matters(self):
        """Open a new transfer to another matter."""
        return self._get_movement_action(
            "matter_transfer", self.env._("Between matters")
        )

    def _get_movement_action(self, kind, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "legal.trust.transaction",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_kind": kind,
                "default_matter_id": self[:1].matter_id.id,
                "default_journal_id": self[:1].journal_id.id,
            },
        }

    # --- business

    def _get_ledger_lines(self, day=None):
        """Lines of this ledger, oldest first.

        :param date day: only until then
        :rtype: legal.trust.line
        """
        self.ensure_one()
        domain = [
            ("matter_id", "=", self.matter_id.id),
            ("journal_id", "=", self.journal_id.id),
        ]
        if day:
            domain.append(("date", "<=", day))
        return self.env["legal.trust.line"].search(domain, order="date, id")

    # --- the strip above the list

    @api.model
    def get_trust_strip(self, domain):
        """Totals of the list, of the whole filter, and what is wrong.

        :param list domain: of the list
        :return: count, amounts as text, counts of what needs somebody
        :rtype: dict
        """
        bills = self.env["account.move"]
        may_see_bills = bills.has_access("read")
        today = fields.Date.context_today(self)
        rows = Domain(domain)
        unsettled = rows & self._get_unsettled_domain(today)
        [(count, matters)] = self._read_group(
            rows, [], ["__count", "matter_id:count_distinct"]
        )
        looked_at = self.search(unsettled)
        return {
            "count": count,
            "matters": matters,
            **self._format_totals(rows & ~unsettled, looked_at),
            "uncleared": len(looked_at.filtered("uncleared_amount")),
            "negative": self.search_count(
                Domain("balance", "<", 0)
                & Domain("company_id", "in", self.env.companies.ids)
            ),
            "undelivered": (
                bills.search_count(
                    Domain("is_client_money_undelivered", "=", True)
                    & Domain("company_id", "in", self.env.companies.ids)
                )
                if may_see_bills
                else 0
            ),
        }

    @api.model
    def _get_unsettled_domain(self, day):
        """Rows of matters with money that has not cleared by that day, or that moves
        later: what is available of them is less than their balance. And of matters with
        an open bill over several: what is open of their parts is worked out.

        :param date day:
        :rtype: odoo.fields.Domain
        """
        lines_sudo = self.env["legal.trust.line"].sudo()  # figures of the own rows
        moving = (
            Domain("date", ">", day)
            | Domain("cleared_on", "=", False)
            | Domain("cleared_on", ">", day)
        )
        query = lines_sudo._search(moving)
        matters = query.subselect(SQL.identifier(query.table, "matter_id"))
        bills_sudo = self.env["account.move"].sudo()  # links of the own matters
        several = bills_sudo._search(
            self.env["project.project"]._get_payable_domain()
            & Domain("matter_ids", "!=", False)
            & Domain("matter_id", "=", False)
        )
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "(%(matter)s IN %(moving)s OR %(matter)s IN (SELECT rel.matter_id FROM "
                "legal_bill_matter_rel rel WHERE rel.bill_id IN %(bills)s))",
                matter=SQL.identifier(alias, "matter_id"),
                moving=matters,
                bills=several.subselect(),
            )
        )

    @api.model
    def _format_totals(self, settled, rows):
        """Totals of balance, what is available and what can be transferred: one text
        per currency.

        :param odoo.fields.Domain settled: rows that the database adds up
        :param legal.trust.balance rows: the others, each looked at
        :rtype: dict
        """
        names = ("balance", "available_amount", "transferable_amount")
        totals = self._get_settled_totals(settled)
        for row in rows:
            sums = totals.setdefault(row.currency_id.id, [0.0] * len(names))
            for index, name in enumerate(names):
                sums[index] += row[name]
        currencies = self.env["res.currency"].browse(totals)
        return {
            name: " + ".join(
                format_amount(self.env, totals[currency.id][index], currency)
                for currency in currencies
            )
            for index, name in enumerate(names)
        }

    @api.model
    def _get_settled_totals(self, settled):
        """Sums of rows whose money is all there: what is available of them is the
        balance, less what the matter retains of all its accounts together.

        :param odoo.fields.Domain settled:
        :return: ``{currency id: [balance, available, transferable]}``
        :rtype: dict
        """
        matters = self.env["project.project"]
        bills_sudo = self.env["account.move"].sudo()  # figures of the own rows
        for model in (self, matters, bills_sudo):
            model.flush_model()
        bills = bills_sudo._search(matters._get_payable_domain())
        unpaid = bills.subselect(
            SQL(
                "%s AS matter_id, %s AS currency_id, %s AS amount",
                SQL.identifier(bills.table, "matter_id"),
                SQL.identifier(bills.table, "currency_id"),
                SQL(
                    "GREATEST(0, %s - COALESCE(%s, 0))",
                    SQL.identifier(bills.table, "amount_residual"),
                    SQL.identifier(bills.table, "disputed_amount"),
                ),
            )
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT currency_id, SUM(balance), SUM(available),
                       SUM(LEAST(available, unpaid))
                  FROM (
                    SELECT row.id, row.currency_id, row.balance,
                           GREATEST(0, LEAST(row.balance, held.amount
                               - COALESCE(matter.client_account_retained, 0)
                           )) AS available,
                           COALESCE(unpaid.amount, 0) AS unpaid
                      FROM legal_trust_balance row
                      JOIN project_project matter ON matter.id = row.matter_id
                      JOIN (SELECT matter_id, SUM(balance) AS amount
                              FROM legal_trust_balance GROUP BY matter_id) held
                        ON held.matter_id = row.matter_id
                 LEFT JOIN (SELECT matter_id, currency_id, SUM(amount) AS amount
                              FROM %(unpaid)s bill GROUP BY matter_id, currency_id
                           ) unpaid
                        ON unpaid.matter_id = row.matter_id
                       AND unpaid.currency_id = row.currency_id
                     WHERE row.id IN %(settled)s) figures
              GROUP BY currency_id
              ORDER BY MIN(id)
                """,
                unpaid=unpaid,
                settled=self._search(settled).subselect(),
            )
        )
        return {
            currency: [float(amount or 0.0) for amount in amounts]
            for currency, *amounts in rows
        }
