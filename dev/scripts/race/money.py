"""Races for money."""

from datetime import date

from odoo.fields import Command

from .track import Race


class PayAndRevert(Race):
    """A payment against a revert: no money on a draft."""

    people = ("cashier", "reverter")
    refusals = ("INV/.*is not approved any more", "INV/.*(paid|payment|working on)")

    def users(self):
        """A cashier and a biller."""
        return self.office.cashier, self.office.biller

    def make(self, env):
        """A bill and a draft slip over it."""
        bill = self.office.make_bill(env, approved=True)
        slip = self.office.make_slip(env, bill, self.office.cashier)
        return {"bill": bill.id, "slip": slip.id}

    def first(self, env, ids):
        """Post the slip."""
        env["legal.payment"].browse(ids["slip"]).action_post()

    def second(self, env, ids):
        """Revert the bill."""
        env["account.move"].browse(ids["bill"]).action_revert_bills()

    def holds(self, look, ids, won):
        """Paid and posted, or open and draft."""
        row = look(
            """SELECT m.state, m.amount_residual = 0, m.amount_residual = m.amount_total,
                 p.state
               FROM account_move m, legal_payment p WHERE m.id = %s AND p.id = %s""",
            ids["bill"],
            ids["slip"],
        )
        if won[0]:
            return row == ("posted", True, False, "posted")
        return row == ("draft", False, True, "draft")


class TwoPayments(Race):
    """Two payments of one bill: paid once."""

    people = ("cashier", "other cashier")
    refusals = ("INV/.*(outstanding|paid)",) * 2

    def users(self):
        """Two cashiers."""
        return self.office.cashier, self.office.second_cashier

    def make(self, env):
        """A bill and two draft slips over all of it."""
        bill = self.office.make_bill(env, approved=True)
        slips = [self.office.make_slip(env, bill, user).id for user in self.users()]
        return {"bill": bill.id, "slips": slips}

    def first(self, env, ids):
        """Post the one."""
        env["legal.payment"].browse(ids["slips"][0]).action_post()

    def second(self, env, ids):
        """Post the other."""
        env["legal.payment"].browse(ids["slips"][1]).action_post()

    def holds(self, look, ids, won):
        """Nothing is open, one receipt, the loser's slip is a draft without entries."""
        winner, loser = ids["slips"] if won[0] else reversed(ids["slips"])
        return look(
            """SELECT m.amount_residual = 0
                 AND (SELECT count(*) FROM account_partial_reconcile r
                      JOIN account_move_line l ON l.id = r.debit_move_id
                      WHERE l.move_id = m.id) = 1
                 AND (SELECT state FROM legal_payment WHERE id = %s) = 'posted'
                 AND (SELECT state FROM legal_payment WHERE id = %s) = 'draft'
                 AND (SELECT count(*) FROM account_move WHERE legal_payment_id = %s) = 0
               FROM account_move m WHERE m.id = %s""",
            winner,
            loser,
            loser,
            ids["bill"],
        )[0]


class TransferAndRefund(Race):
    """Client money to the office against a refund of it: it is there for one of them."""

    people = ("transfer to office", "refund")
    refusals = ("Race.*(cannot be taken|held)|cannot be taken.*Race",) * 2

    def users(self):
        """Two client-account officers."""
        return self.office.officer, self.office.second_officer

    def make(self, env):
        """A delivered bill, as much client money, a slip and a refund over it."""
        bill = self.office.make_bill(env, sent=True)
        money = {
            "matter_id": bill.matter_id.id,
            "journal_id": self.office.client_bank_id,
            "amount": bill.amount_total,
        }
        movements = env["legal.trust.transaction"]
        deposit = movements.create(
            money | {"kind": "deposit", "date": date(2026, 11, 2)}
        )
        deposit.action_post()
        refund = movements.with_user(self.office.second_officer).create(
            money | {"kind": "refund", "date": date(2026, 11, 10)}
        )
        slip = self.office.make_slip(
            env,
            bill,
            self.office.officer,
            source="client_account",
            client_journal_id=self.office.client_bank_id,
        )
        return {
            "bill": bill.id,
            "matter": bill.matter_id.id,
            "slip": slip.id,
            "refund": refund.id,
        }

    def first(self, env, ids):
        """Transfer."""
        env["legal.payment"].browse(ids["slip"]).action_post()

    def second(self, env, ids):
        """Refund."""
        env["legal.trust.transaction"].browse(ids["refund"]).action_post()

    def holds(self, look, ids, won):
        """Nothing is held any more; row, lines and ledger agree; the bill is paid if
        the transfer won."""
        return look(
            """SELECT (SELECT balance FROM legal_trust_balance WHERE matter_id = %s) = 0
                 AND (SELECT sum(amount) FROM legal_trust_line WHERE matter_id = %s) = 0
                 AND (m.amount_residual = 0) = %s
                 AND ((SELECT state FROM legal_payment WHERE id = %s) = 'posted') = %s
                 AND ((SELECT state FROM legal_trust_transaction WHERE id = %s)
                      = 'posted') = %s
               FROM account_move m WHERE m.id = %s""",
            *(ids["matter"], ids["matter"], won[0]),
            *(ids["slip"], won[0], ids["refund"], won[1], ids["bill"]),
        )[0]


class PartTransfers(Race):
    """Client money pays the parts of a bill over two matters, two slips at once."""

    def users(self):
        """Two client-account officers."""
        return self.office.officer, self.office.second_officer

    def make_with(self, env, owners):
        """A delivered bill over two matters, client money in each above its part, and two
        slips over the whole part of an owner.

        :param tuple owners: which of the two matters pays by each slip
        """
        bill, matters = self.office.make_joint_bill(env)
        for matter in matters:
            env["legal.trust.transaction"].create(
                {
                    "matter_id": matter.id,
                    "journal_id": self.office.client_bank_id,
                    "amount": 2 * bill.amount_total,
                    "kind": "deposit",
                    "date": date(2026, 11, 2),
                }
            ).action_post()
        parts = {int(key): part for key, part in bill.matter_parts.items()}
        slips = [
            self.office.make_slip(
                env,
                bill,
                user,
                source="client_account",
                client_journal_id=self.office.client_bank_id,
                matter_id=matters[owner].id,
                amount=parts[matters[owner].id],
                allocation_ids=[
                    Command.create(
                        {"bill_id": bill.id, "amount": parts[matters[owner].id]}
                    )
                ],
            ).id
            for owner, user in zip(owners, self.users(), strict=True)
        ]
        return {"bill": bill.id, "slips": slips, "first": matters[0].id}

    def first(self, env, ids):
        """Post the one."""
        env["legal.payment"].browse(ids["slips"][0]).action_post()

    def second(self, env, ids):
        """Post the other."""
        env["legal.payment"].browse(ids["slips"][1]).action_post()


class OneMatterPaysTwice(PartTransfers):
    """Client money of one matter pays its part of a bill over two, twice: once."""

    people = ("officer", "other officer")
    refusals = ("open of the part|has to pay",) * 2

    def make(self, env):
        """Both slips are of the first matter."""
        return self.make_with(env, (0, 0))

    def holds(self, look, ids, won):
        """One slip is posted, and the bill has the other matter's part open."""
        return look(
            """SELECT m.amount_residual
                 = m.amount_total - (m.matter_parts ->> %s)::numeric
                 AND (SELECT count(*) FROM legal_trust_bill WHERE bill_id = m.id) = 1
                 AND (SELECT count(*) FROM legal_payment
                      WHERE id IN (%s, %s) AND state = 'posted') = 1
               FROM account_move m WHERE m.id = %s""",
            str(ids["first"]),
            *ids["slips"],
            ids["bill"],
        )[0]


class TwoMattersPay(PartTransfers):
    """Client money of both matters pays a bill over two: each its part."""

    people = ("officer of the one", "officer of the other")
    refusals = ("Somebody may be paying it|working on",) * 2
    may_both = no_loser = True

    def make(self, env):
        """A slip of each matter."""
        return self.make_with(env, (0, 1))

    def holds(self, look, ids, won):
        """What is open is the part of whoever lost; none, if both won."""
        return look(
            """SELECT m.amount_residual = m.amount_total - COALESCE((
                   SELECT sum(amount) FROM legal_trust_bill WHERE bill_id = m.id), 0)
                 AND NOT EXISTS (
                   SELECT 1 FROM legal_trust_bill b
                     JOIN legal_trust_transaction t ON t.id = b.transaction_id
                    WHERE b.bill_id = m.id AND b.amount
                      > (m.matter_parts ->> t.matter_id::text)::numeric)
                 AND (SELECT count(*) FROM legal_payment
                      WHERE id IN (%s, %s) AND state = 'posted') = %s
               FROM account_move m WHERE m.id = %s""",
            *ids["slips"],
            sum(map(bool, won)),
            ids["bill"],
        )[0]


RACES = (
    PayAndRevert,
    TwoPayments,
    TransferAndRefund,
    OneMatterPaysTwice,
    TwoMattersPay,
)
