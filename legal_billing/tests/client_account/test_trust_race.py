import threading
from datetime import date
from functools import partial

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..race_common import RaceCommon

ROUNDS = 20
GUARDS = {
    "legal_trust_line": ["legal_trust_line_stays"],
    "legal_trust_reconciliation": ["legal_trust_reconciliation_stays"],
    "legal_trust_transaction": ["legal_trust_transaction_stays"],
    "account_move": ["legal_trust_move_stays"],
    "account_move_line": ["legal_trust_item_stays"],
}


@tagged("post_install", "-at_install")
class TestTrustRace(RaceCommon):
    """Two real transactions take the money of one matter at the same time (T2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = cls._get_company(env)
            cls.company_id = company.id
            cls.old_account_id = company.legal_trust_account_id.id
            journal = env["account.journal"].create(
                {
                    "name": "Race client bank",
                    "type": "bank",
                    "code": "RACE",
                    "is_client_account": True,
                }
            )
            cls.journal_id = journal.id
            cls.partner_id = env["res.partner"].create({"name": "Race client"}).id
        cls.matter_ids = []
        cls.addClassCleanup(cls._clean_up)

    @classmethod
    def _clean_up(cls):
        """Take away what was committed; the guards are off for that."""
        with cls.registry.cursor() as cr:
            cls._toggle_guards(cr, "DISABLE")
            movements = SQL(
                "(SELECT id FROM legal_trust_transaction WHERE journal_id = %s)",
                cls.journal_id,
            )
            for query in (
                SQL(
                    "DELETE FROM legal_trust_reconciliation WHERE journal_id = %s",
                    cls.journal_id,
                ),
                SQL(
                    "DELETE FROM legal_trust_line WHERE transaction_id IN %s", movements
                ),
                SQL(
                    "DELETE FROM legal_trust_balance WHERE journal_id = %s",
                    cls.journal_id,
                ),
                SQL(
                    "DELETE FROM mail_message WHERE model = 'legal.trust.transaction' "
                    "AND res_id IN %s",
                    movements,
                ),
                SQL(
                    "UPDATE account_move_line SET trust_transaction_id = NULL WHERE "
                    "trust_transaction_id IN %s",
                    movements,
                ),
                SQL(
                    "UPDATE account_move SET trust_transaction_id = NULL WHERE "
                    "trust_transaction_id IN %s",
                    movements,
                ),
                SQL(
                    "DELETE FROM legal_trust_transaction WHERE journal_id = %s",
                    cls.journal_id,
                ),
                SQL("DELETE FROM account_move WHERE journal_id = %s", cls.journal_id),
                SQL(
                    "UPDATE res_company SET legal_trust_account_id = %s WHERE id = %s",
                    cls.old_account_id or None,
                    cls.company_id,
                ),
            ):
                cr.execute(query)
            # what waits for the end of the transaction is looked at now
            cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cls._toggle_guards(cr, "ENABLE")
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            matters = env["project.project"].browse(cls.matter_ids)
            accounts = matters.account_id
            matters.unlink()
            accounts.unlink()
            env["res.partner"].browse(cls.partner_id).unlink()
            journal = env["account.journal"].browse(cls.journal_id)
            own = journal._get_client_account_accounts()
            journal.unlink()
            own.unlink()

    @staticmethod
    def _toggle_guards(cr, verb):
        for table, names in GUARDS.items():
            for name in names:
                cr.execute(
                    SQL(
                        "ALTER TABLE %s %s TRIGGER %s",
                        SQL.identifier(table),
                        SQL("DISABLE" if verb == "DISABLE" else "ENABLE"),
                        SQL.identifier(name),
                    )
                )

    def _make_matter(self, deposit=True):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            matter = env["project.project"].create(
                {
                    "name": "Race",
                    "is_matter": True,
                    "company_id": self.company_id,
                    "partner_id": self.partner_id,
                }
            )
            self.matter_ids.append(matter.id)
            if deposit:
                self._deposit(matter.id, date(2026, 1, 5), env)
            return matter.id

    def _deposit(self, matter_id, day, env):
        env["legal.trust.transaction"].create(
            {
                "kind": "deposit",
                "matter_id": matter_id,
                "journal_id": self.journal_id,
                "amount": 100.0,
                "date": day,
            }
        ).action_post()

    def _take(self, matter_id, vals, env):
        """Take 60 of the 100."""
        env["legal.trust.transaction"].create(
            {
                "matter_id": matter_id,
                "journal_id": self.journal_id,
                "amount": 60.0,
                "date": date(2026, 1, 6),
                **vals,
            }
        ).action_post()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_takers_one_gets_it(self):
        other = self._make_matter()
        for number in range(ROUNDS):
            with self.subTest(number):
                matter_id = self._make_matter()
                second = (
                    {"kind": "matter_transfer", "to_matter_id": other}
                    if number % 2
                    else {"kind": "refund"}
                )
                _done, refusal = self.assertOneWins(
                    self._race(
                        "legal_trust_balance",
                        partial(self._take, matter_id, {"kind": "refund"}),
                        partial(self._take, matter_id, second),
                    )
                )
                self.assertIn("cannot be taken from it", refusal)
                self.assertEqual(self._read_held(matter_id), (40.0, 40.0))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_signature_sees_the_first_money_of_a_matter(self):
        """Whoever comes second tries again: the signed figures hold the deposit, or the
        deposit comes too late."""
        for deposit_first in (True, False):
            with self.subTest(deposit_first=deposit_first):
                day = date(2025, 12, 10 if deposit_first else 20)
                results = self._race_signature(day, deposit_first)
                signed, lines = self._read_signed(day)
                self.assertEqual(signed, lines)
                self.assertEqual(
                    [done for done, _text in results].count(True),
                    2 if deposit_first else 1,
                    results,
                )

    def _race_signature(self, day, deposit_first):
        """The first deposit of a matter while the day is signed; the second has looked at
        the books before the first is done.

        :return: of `_race`
        :rtype: list
        """
        matter_id, over = self._make_matter(deposit=False), threading.Event()

        def play(is_first, act, env):
            if not is_first:
                over.wait(10)
            act(env)
            if is_first:
                env.cr.postcommit.add(over.set)

        return self._race(
            "legal_trust_balance",
            partial(play, deposit_first, partial(self._deposit, matter_id, day)),
            partial(play, not deposit_first, partial(self._sign, day)),
        )

    def _sign(self, day, env):
        env["legal.trust.reconciliation"].create(
            {"journal_id": self.journal_id, "date": day}
        ).action_sign()

    def _read_signed(self, day):
        """What was signed for the day, and what the ledgers say."""
        with self.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT ledger_amount, (
                           SELECT COALESCE(SUM(amount), 0) FROM legal_trust_line line
                            WHERE line.journal_id = signed.journal_id
                              AND line.date <= signed.date)
                      FROM legal_trust_reconciliation signed
                     WHERE journal_id = %s AND date = %s
                    """,
                    self.journal_id,
                    day,
                )
            )
            return cr.fetchone()

    def _read_held(self, matter_id):
        with self.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT (SELECT balance FROM legal_trust_balance WHERE matter_id = %s),
                           (SELECT SUM(amount) FROM legal_trust_line WHERE matter_id = %s)
                    """,
                    matter_id,
                    matter_id,
                )
            )
            return cr.fetchone()
