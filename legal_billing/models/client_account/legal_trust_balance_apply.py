from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL, format_date

from ...engine import Movement, available_client_money, lowest_balance, to_decimal
from ...exceptions import TrustBalanceError
from ...tools import format_amount


class LegalTrustBalance(models.Model):
    """Writing balances, and what is available at a date and after it."""

    _inherit = "legal.trust.balance"

    def _key(self):
        self.ensure_one()
        return self.matter_id.id, self.journal_id.id

    @api.model
    def _apply(self, deltas, days):
        """Move balances, once and for all readers of the same rows: a conditional
        UPDATE, which conflicts with any other transaction that moved them.

        :param dict deltas: ``{(matter, account.journal): amount}`` as records
        :param dict days: ``{(matter, account.journal): date}`` of the latest movement
            of each
        :raise TrustBalanceError: naming every ledger that would go below zero
        """
        keys = sorted(deltas, key=lambda key: (key[0].id, key[1].id))
        if not keys:
            return
        self.flush_model()
        values = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s::numeric, %s::date)",
                matter.id,
                journal.id,
                journal.company_id.id,
                (journal.currency_id or journal.company_id.currency_id).id,
                Decimal(str(deltas[matter, journal])),
                days[matter, journal],
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
                        matter_id, journal_id, company_id, currency_id, amount, day)
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
                       last_movement_on = GREATEST(row.last_movement_on, delta.day),
                       write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM (VALUES %(values)s) AS delta (
                        matter_id, journal_id, company_id, currency_id, amount, day)
                 WHERE row.matter_id = delta.matter_id
                   AND row.journal_id = delta.journal_id
                   AND row.balance + delta.amount >= 0
             RETURNING row.matter_id, row.journal_id
                """,
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
        # sudo: what is retained of the own rows; asked for all of them together
        retained_of = {
            matter_sudo.id: to_decimal(matter_sudo.client_account_retained or 0.0)
            for matter_sudo in self.sudo().matter_id
        }
        for row in self:
            matter_movements = movements.get(row.matter_id.id, {})
            own = available_client_money(matter_movements.get(row._key(), []), day)
            every = sum(
                (available_client_money(m, day) for m in matter_movements.values()),
                Decimal(0),
            )
            retained = retained_of[row.matter_id.id]
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
