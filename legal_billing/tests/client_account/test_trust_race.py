from datetime import date
from functools import partial

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..race_common import RaceCommon

ROUNDS = 20
GUARDS = {
    "legal_trust_line": ["legal_trust_line_stays"],
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

    def _make_matter(self):
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
            deposit = env["legal.trust.transaction"].create(
                {
                    "kind": "deposit",
                    "matter_id": matter.id,
                    "journal_id": self.journal_id,
                    "amount": 100.0,
                    "date": date(2026, 1, 5),
                }
            )
            deposit.action_post()
            self.matter_ids.append(matter.id)
            return matter.id

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
