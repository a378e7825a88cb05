from datetime import date
from functools import partial

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..race_common import RaceCommon

ROUNDS = 5
DAY = date(2026, 1, 5)


@tagged("post_install", "-at_install")
class TestPaymentRace(RaceCommon):
    """Two people, two real transactions: one bill, or one credit, is paid once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = cls._get_company(env)
            cls.company_id = company.id
            cls.old_account_id = company.legal_unallocated_account_id.id
            cls.journal_id = (
                env["account.journal"]
                .create({"name": "Race bank", "type": "bank", "code": "RACP"})
                .id
            )
            cls.partner_id = env["res.partner"].create({"name": "Race payer"}).id
            cls.matter_id = (
                env["project.project"]
                .create(
                    {
                        "name": "Race",
                        "is_matter": True,
                        "company_id": cls.company_id,
                        "partner_id": cls.partner_id,
                    }
                )
                .id
            )
        cls.addClassCleanup(cls._clean_up)

    @classmethod
    def _clean_up(cls):
        """Take away what was committed."""
        moves = SQL(
            "(SELECT move_id FROM account_move_line WHERE partner_id = %s)",
            cls.partner_id,
        )
        items = SQL("(SELECT id FROM account_move_line WHERE move_id IN %s)", moves)
        slips = SQL(
            "(SELECT id FROM legal_payment WHERE received_from_id = %s)", cls.partner_id
        )
        with cls.registry.cursor() as cr:
            for query in (
                SQL(
                    "DELETE FROM legal_timekeeper_receipt WHERE payment_id IN %s", slips
                ),
                SQL(
                    "DELETE FROM legal_payment_allocation WHERE payment_id IN %s", slips
                ),
                SQL(
                    "DELETE FROM mail_message WHERE model = 'legal.payment' "
                    "AND res_id IN %s",
                    slips,
                ),
                SQL(
                    "UPDATE account_move SET legal_payment_id = NULL "
                    "WHERE legal_payment_id IN %s",
                    slips,
                ),
                SQL(
                    "UPDATE account_payment SET legal_payment_id = NULL "
                    "WHERE legal_payment_id IN %s",
                    slips,
                ),
                SQL(
                    "DELETE FROM legal_payment WHERE received_from_id = %s",
                    cls.partner_id,
                ),
                SQL(
                    "DELETE FROM account_payment WHERE partner_id = %s", cls.partner_id
                ),
                SQL(
                    "DELETE FROM account_partial_reconcile WHERE debit_move_id IN %s",
                    items,
                ),
                SQL("DELETE FROM account_move WHERE id IN %s", moves),
                SQL(
                    "UPDATE res_company SET legal_unallocated_account_id = %s "
                    "WHERE id = %s",
                    cls.old_account_id or None,
                    cls.company_id,
                ),
            ):
                cr.execute(query)
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            matter = env["project.project"].browse(cls.matter_id)
            account = matter.account_id
            matter.unlink()
            account.unlink()
            env["res.partner"].browse(cls.partner_id).unlink()
            env["account.journal"].browse(cls.journal_id).unlink()

    # --- factories, each committed

    def _make_bill(self, env):
        bill = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_id,
                "invoice_date": DAY,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "fees",
                            "price_unit": 100,
                            "tax_ids": False,
                            "matter_id": self.matter_id,
                            "bill_element": "fees",
                        }
                    )
                ],
            }
        )
        bill.action_approve_bills()
        return bill

    def _make_slip(self, amount, rows, source, env):
        return env["legal.payment"].create(
            {
                "source": source,
                "received_from_id": self.partner_id,
                "matter_id": self.matter_id,
                "amount": amount,
                "date": DAY,
                "ignore_reservations": True,
                "allocation_ids": [Command.create(vals) for vals in rows],
                **({"journal_id": self.journal_id} if source == "bank" else {}),
            }
        )

    def _draft(self, amount, rows, source="bank"):
        return self._commit(partial(self._make_slip, amount, rows, source))

    # --- the race

    def _post(self, slip_id, env):
        slip = env["legal.payment"].browse(slip_id)
        slip.action_post()
        return slip.name

    def _race_slips(self, *slip_ids):
        """Post them at the same time.

        :return: name of the winner, refusal of the loser
        :rtype: tuple
        """
        return self.assertOneWins(
            self._race("legal_payment", *(partial(self._post, i) for i in slip_ids))
        )

    def _read_residual(self, bill_id):
        with self.registry.cursor() as cr:
            cr.execute(
                SQL("SELECT amount_residual FROM account_move WHERE id = %s", bill_id)
            )
            return float(cr.fetchone()[0])

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_slips_over_one_bill(self):
        for number in range(ROUNDS):
            with self.subTest(number):
                bill_id = self._commit(self._make_bill)
                slips = [
                    self._draft(70, [{"bill_id": bill_id, "amount": 70}])
                    for _slip in range(2)
                ]
                winner, refusal = self._race_slips(*slips)
                self.assertIn("above the outstanding", refusal)
                self.assertIn(winner, refusal)
                self.assertEqual(self._read_residual(bill_id), 30.0)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_users_of_one_credit(self):
        for number in range(ROUNDS):
            with self.subTest(number):
                self._take_what_is_left()
                credit = self._draft(
                    100,
                    [
                        {
                            "kind": "credit",
                            "matter_id": self.matter_id,
                            "amount": 100,
                        }
                    ],
                )
                self._commit(partial(self._post_alone, credit))
                bills = [self._commit(self._make_bill) for _bill in range(2)]
                slips = [
                    self._draft(70, [{"bill_id": bill, "amount": 70}], "unallocated")
                    for bill in bills
                ]
                winner, refusal = self._race_slips(*slips)
                self.assertIn("70.00 cannot be taken", refusal)
                self.assertIn(winner, refusal)
                self.assertEqual(sorted(map(self._read_residual, bills)), [30.0, 100.0])

    def _post_alone(self, slip_id, env):
        slip = env["legal.payment"].browse(slip_id)
        slip.action_post()
        return slip

    def _take_what_is_left(self):
        """Refund what an earlier round left of the credit."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            left = env["project.project"].browse(self.matter_id)
            amount = left.unallocated_credit_balance
        if amount:
            refund = self._commit(partial(self._make_refund, amount))
            self._commit(partial(self._post_alone, refund))

    def _make_refund(self, amount, env):
        return env["legal.payment"].create(
            {
                "direction": "out",
                "source": "bank",
                "journal_id": self.journal_id,
                "received_from_id": self.partner_id,
                "matter_id": self.matter_id,
                "amount": amount,
                "date": DAY,
                "allocation_ids": [
                    Command.create(
                        {
                            "kind": "credit",
                            "matter_id": self.matter_id,
                            "amount": amount,
                        }
                    )
                ],
            }
        )
