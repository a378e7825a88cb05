from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ..engine import Movement, available_client_money, lowest_balance, to_decimal
from ..exceptions import TrustBalanceError, TrustLockedError
from .legal_trust_sql import BALANCE_TRIGGER, LEDGER_FUNCTION


class LegalTrustBalance(models.Model):
    """What one matter holds in one client account.

    The row that every movement of the ledger writes: two transactions that take money
    of the same matter conflict on it, whatever else they share. ``CHECK`` and triggers
    hold the rules for whoever writes SQL; see ``legal_trust_sql.py``.
    """

    _name = "legal.trust.balance"
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
    client_id = fields.Many2one(
        related="matter_id.partner_id", store=True, string="Client"
    )
    responsible_id = fields.Many2one(related="matter_id.responsible_id", store=True)
    billing_status = fields.Selection(related="matter_id.billing_status", store=True)
    matter_active = fields.Boolean(related="matter_id.active", store=True)
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

    # --- CRUD guards

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_direct_change()
        return super().create(vals_list)

    def write(self, vals):
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

    def _key(self):
        self.ensure_one()
        return self.matter_id.id, self.journal_id.id

    @api.model
    def _apply(self, deltas, day):
        """Move balances, once and for all readers of the same rows: a conditional
        UPDATE, which conflicts with any other transaction that moved them.

        :param dict deltas: ``{(matter, account.journal): amount}`` as records
        :param date day: of the latest movement
        :raise TrustBalanceError: naming every ledger that would go below zero
        """
        keys = sorted(deltas, key=lambda key: (key[0].id, key[1].id))
        if not keys:
            return
        self.flush_model()
        values = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s::numeric)",
                matter.id,
                journal.id,
                journal.company_id.id,
                (journal.currency_id or journal.company_id.currency_id).id,
                Decimal(str(deltas[matter, journal])),
            )
            for matter, journal in keys
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO legal_trust_balance AS row (
                    matter_id, journal_id, company_id, currency_id, balance, client_id,
                    responsible_id, billing_status, matter_active,
                    create_uid, write_uid, create_date, write_date)
                SELECT delta.matter_id, delta.journal_id, delta.company_id,
                       delta.currency_id, 0, matter.partner_id, matter.responsible_id,
                       matter.billing_status, matter.active,
                       %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM (VALUES %(values)s) AS delta (
                        matter_id, journal_id, company_id, currency_id, amount)
                  JOIN project_project matter ON matter.id = delta.matter_id
                ON CONFLICT (matter_id, journal_id) DO NOTHING
                """,
                uid=self.env.uid,
                now=self.env.cr.now(),
                values=values,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE legal_trust_balance AS row
                   SET balance = row.balance + delta.amount,
                       last_movement_on = GREATEST(row.last_movement_on, %(day)s),
                       write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM (VALUES %(values)s) AS delta (
                        matter_id, journal_id, company_id, currency_id, amount)
                 WHERE row.matter_id = delta.matter_id
                   AND row.journal_id = delta.journal_id
                   AND row.balance + delta.amount >= 0
             RETURNING row.matter_id, row.journal_id
                """,
                day=day,
                uid=self.env.uid,
                now=self.env.cr.now(),
                values=values,
            )
        )
        moved = set(self.env.cr.fetchall())
        self._forget_cached([matter.id for matter, _journal in keys])
        short = [(m, j) for m, j in keys if (m.id, j.id) not in moved]
        if short:
            self._raise_short(short, deltas)

    @api.model
    def _forget_cached(self, matter_ids):
        self.invalidate_model()
        matters = self.env["project.project"].browse(matter_ids)
        matters.invalidate_recordset(matters._get_client_account_fields(), flush=False)

    def _raise_short(self, short, deltas):
        held = {row._key(): row.balance for row in self.sudo()._get_rows(short)}
        raise TrustBalanceError(
            "\n".join(
                self.env._(
                    "%(matter)s holds %(held)s of client money in %(journal)s; "
                    "%(taken)s cannot be taken from it.",
                    matter=matter.display_name,
                    held=self._format(held.get((matter.id, journal.id), 0.0), journal),
                    journal=journal.display_name,
                    taken=self._format(-deltas[matter, journal], journal),
                )
                for matter, journal in short
            )
        )

    @api.model
    def _format(self, amount, journal):
        return format_amount(
            self.env,
            float(amount),
            journal.currency_id or journal.sudo().company_id.currency_id,
        )

    @api.model
    def _get_rows(self, keys):
        """The ledgers of these pairs.

        :param list keys: ``(matter, journal)`` as records
        :rtype: legal.trust.balance
        """
        rows = self.search([("matter_id", "in", [matter.id for matter, _j in keys])])
        wanted = {(matter.id, journal.id) for matter, journal in keys}
        return rows.filtered(lambda row: row._key() in wanted)

    @api.model
    def _get_ledger_movements(self, matter_ids):
        """All movements of the matters' ledgers, as the engine reads them.

        What was reversed before it cleared counts on neither side.

        :param list matter_ids:
        :return: ``{(matter id, journal id): [Movement]}``
        :rtype: dict
        """
        if not matter_ids:
            return {}
        lines = self.env["legal.trust.line"]
        lines.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT matter_id, journal_id, amount, date, cleared_on
                  FROM legal_trust_line
                 WHERE matter_id = ANY(%s)
                """,
                list(matter_ids),
            )
        )
        result = {}
        for matter_id, journal_id, value, day, cleared in rows:
            amount = to_decimal(value)
            if amount < 0 and cleared is None:
                movement = Movement(amount, date.max)
            elif amount < 0:
                movement = Movement(amount, max(day, cleared))
            else:
                movement = Movement(amount, day, cleared, pending=cleared is None)
            if movement.date != date.max:
                result.setdefault((matter_id, journal_id), []).append(movement)
        return result

    def _get_movements(self):
        return self._get_ledger_movements(self.matter_id.ids)

    def _get_available(self, day):
        """What may leave each of these ledgers on a day (rule C-24). A matter that
        holds money in several accounts keeps its retained amount in them together.

        :param date day:
        :return: ``{row id: amount}``
        :rtype: dict
        """
        movements = {}
        for key, moves in self._get_movements().items():
            movements.setdefault(key[0], {})[key] = moves
        result = {}
        for row in self:
            matter_movements = movements.get(row.matter_id.id, {})
            own = available_client_money(matter_movements.get(row._key(), []), day)
            every = sum(
                (available_client_money(m, day) for m in matter_movements.values()),
                Decimal(0),
            )
            retained = to_decimal(row.sudo().matter_id.client_account_retained or 0.0)
            result[row.id] = float(max(Decimal(0), min(own, every - retained)))
        return result

    def _get_lowest(self, day):
        """Lowest cleared balance of each ledger at a day and later.

        :param date day:
        :return: ``{row id: amount}``
        :rtype: dict
        """
        movements = self._get_movements()
        return {
            row.id: float(lowest_balance(movements.get(row._key(), []), day))
            for row in self
        }

    @api.model
    def _check_never_below_zero(self, keys):
        """Running balance of every day of these ledgers, cleared or not (rule T2).

        :param list keys: ``(matter, journal)`` as records
        :raise TrustBalanceError: naming matter, day and figure
        """
        self.env["legal.trust.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT matter_id, journal_id, date, running FROM (
                    SELECT matter_id, journal_id, date,
                           SUM(SUM(amount)) OVER (
                               PARTITION BY matter_id, journal_id ORDER BY date
                           ) AS running
                      FROM legal_trust_line
                     WHERE matter_id = ANY(%s)
                  GROUP BY matter_id, journal_id, date) days
                 WHERE running < 0
              ORDER BY matter_id, journal_id, date
                """,
                [matter.id for matter, _journal in keys],
            )
        )
        if rows:
            matter_id, journal_id, day, running = rows[0]
            journal = self.env["account.journal"].browse(journal_id)
            raise TrustBalanceError(
                self.env._(
                    "The client money of %(matter)s in %(journal)s would be %(running)s "
                    "on %(day)s. Take less, or choose a date after the money came in.",
                    matter=self.env["project.project"].browse(matter_id).display_name,
                    journal=journal.display_name,
                    running=self._format(running, journal),
                    day=format_date(self.env, day),
                )
            )
