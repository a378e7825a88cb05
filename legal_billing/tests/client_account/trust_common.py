from contextlib import contextmanager
from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user
from odoo.tools import mute_logger

from ..common import LegalBillingCommon


@freeze_time("2026-11-25 12:00:00")
class TrustCommon(LegalBillingCommon):
    """A client bank, two matters of one client and one of another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client_bank = cls.env["account.journal"].create(
            {
                "name": "Client bank",
                "type": "bank",
                "code": "CLB",
                "company_id": cls.company.id,
                "is_client_account": True,
            }
        )
        cls.office_bank = cls.company_data["default_journal_bank"]
        cls.other_client = cls.env["res.partner"].create({"name": "Other Client"})
        cls.matter = cls._create_matter(name="Sale of house")
        cls.matter_b = cls._create_matter(name="Will")
        cls.matter_other = cls._create_matter(
            name="Divorce", partner_id=cls.other_client.id
        )
        cls.second_officer = new_test_user(
            cls.env,
            login="legal_officer_2",
            groups="base.group_user,"
            "legal_billing.legal_billing_group_client_account_officer",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.liability = cls.company._get_legal_trust_account()
        cls.receipts = cls.client_bank._get_client_outstanding_account("inbound")
        cls.payments = cls.client_bank._get_client_outstanding_account("outbound")

    # --- factories

    def _move(self, kind, amount, day=date(2026, 11, 1), role=None, **vals):
        """A draft movement of client money.

        :rtype: legal.trust.transaction
        """
        return self._as(
            self.env["legal.trust.transaction"], role or "client_account_officer"
        ).create(
            {
                "kind": kind,
                "matter_id": self.matter.id,
                "amount": amount,
                "date": day,
                "journal_id": self.client_bank.id,
                **vals,
            }
        )

    def _book(self, kind, amount, day=date(2026, 11, 1), role=None, **vals):
        movement = self._move(kind, amount, day, role, **vals)
        movement.action_post()
        return movement

    def _make_bill(self, matter=None, hours=1.0, delivered=date(2026, 11, 1), **vals):
        """An approved bill over ``hours`` × 300 + 20 % (360.00 an hour), delivered on
        that day, or not at all.

        :rtype: account.move
        """
        matter = matter or self.matter
        self._create_time(matter, hours=hours)
        bill = self._approve(
            self._bill(matter, invoice_date=date(2026, 10, 31), **vals)
        )
        if delivered:
            self._deliver(bill, delivered)
        return bill

    def _deliver(self, bills, day=date(2026, 11, 1)):
        bills._internal().write(
            {
                "produced_on": datetime(day.year, day.month, day.day, 9),
                "delivered_on": datetime(day.year, day.month, day.day, 10),
            }
        )

    def _pay(self, amounts, day=date(2026, 11, 10), user=None, **vals):
        """A draft payment from the client account.

        :param dict amounts: ``{bill: amount}``
        :rtype: legal.payment
        """
        user = user or self.client_account_officer
        return (
            self.env["legal.payment"]
            .with_user(user)
            .with_company(self.company)
            .create(
                {
                    "source": "client_account",
                    "client_journal_id": self.client_bank.id,
                    "journal_id": self.office_bank.id,
                    "amount": sum(amounts.values()),
                    "date": day,
                    "allocation_ids": [
                        Command.create({"bill_id": bill.id, "amount": amount})
                        for bill, amount in amounts.items()
                    ],
                    **vals,
                }
            )
        )

    # --- looking

    @contextmanager
    def assertRefused(self, message, error=UserError):
        """The attempt is refused with that message, and nothing of it stays."""
        self.env.flush_all()
        with self.assertRaisesRegex(error, message), self.env.cr.savepoint():
            yield

    def assertHeld(self, expected, matter=None):
        """Balance row, matter and ledger say the same."""
        matter = matter or self.matter
        matter.invalidate_recordset()
        lines = self.env["legal.trust.line"].search([("matter_id", "=", matter.id)])
        self.assertAlmostEqual(matter.client_account_balance, expected, 2)
        self.assertAlmostEqual(sum(lines.mapped("amount")), expected, 2)
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.liability.id),
                ("matter_id", "=", matter.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertAlmostEqual(-sum(items.mapped("balance")), expected, 2)
        self._check_database()

    def _check_database(self):
        """Let the database check now what it checks at commit."""
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")

    def assertSqlRefused(self, query, message, *params):
        """The database itself refuses the statement, at once or at commit."""
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, message),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(query, params)
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
