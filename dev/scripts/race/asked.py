"""Races for money before the work is done: on account, and asked for."""

from datetime import date

from odoo.fields import Command

from .office import PAID
from .track import Race

BUSY = "working on it|changed|at the same time"
AMOUNT = 690.0


class TwoDeductions(Race):
    """Two drafts deduct the same bill on account: never more than it is of."""

    people = ("clerk", "other clerk")
    refusals = (f"Race.*({BUSY})",) * 2
    no_loser = True

    def users(self):
        """Two billers."""
        return self.office.biller, self.office.second_biller

    def make(self, env):
        """Two drafts of 600.00 of one matter, and a bill on account of 700.00 since."""
        env.company.legal_deduct_on_account = "approved"
        matter = self.office.make_matter(env)
        first = self._bill(env, matter)
        first.action_approve_bills()
        env["account.analytic.line"].create(
            {
                "project_id": matter.id,
                "employee_id": self.office.employee_id,
                "name": "More advice",
                "date": date(2026, 10, 6),
                "unit_amount": 3.0,
            }
        )
        drafts = first | self._bill(env, matter)
        first.action_revert_bills()  # a second draft of a matter comes about so alone
        window = matter.action_bill_on_account()
        window = env["legal.on.account.bill"].browse(window["res_id"])
        window.write({"amount": 700.0, "date": date(2026, 10, 20)})
        advance = env["account.move"].browse(window.action_bill()["res_id"])
        advance.action_approve_bills()
        return {"drafts": drafts.sorted("id").ids, "advance": advance.id}

    def _bill(self, env, matter):
        run = self.office.make_run(env, matter)
        run.action_bill_all()
        return run.bill_ids

    def first(self, env, ids):
        """Deduct from the one draft."""
        env["account.move"].browse(ids["drafts"][0]).action_deduct_on_account()

    def second(self, env, ids):
        """Deduct from the other."""
        env["account.move"].browse(ids["drafts"][1]).action_deduct_on_account()

    def holds(self, look, ids, won):
        """Who came first has all of his bill off, the other what is left of it."""
        row = look(
            """SELECT sum(-l.price_subtotal), max(-l.price_subtotal)
               FROM account_move_line l JOIN account_move_line a
                 ON a.id = l.on_account_line_id
               WHERE a.move_id = %s AND l.id <> a.id""",
            ids["advance"],
        )
        row = tuple(map(float, row))
        return row == ((700.0, 600.0) if all(won) else (600.0, 600.0))


class Asked(Race):
    """Two people and one request for money."""

    kind = "on_account"

    def _ask(self, env):
        matter = self.office.make_matter(env)
        return env["legal.money.request"].create(
            {
                "kind": self.kind,
                "matter_id": matter.id,
                "amount": AMOUNT,
                "date": date(2026, 10, 20),
            }
        )

    def _enter(self, env, request, user):
        """The money of it, entered by that user: a draft.

        :return: a slip, or a deposit
        """
        if self.kind == "client_money":
            return (
                env["legal.trust.transaction"]
                .with_user(user)
                .create(
                    {
                        "kind": "deposit",
                        "matter_id": request.matter_id.id,
                        "journal_id": self.office.client_bank_id,
                        "money_request_id": request.id,
                        "amount": AMOUNT,
                        "date": PAID,
                    }
                )
            )
        row = {
            "kind": "credit",
            "matter_id": request.matter_id.id,
            "amount": AMOUNT,
        }
        return (
            env["legal.payment"]
            .with_user(user)
            .create(
                {
                    "source": "bank",
                    "journal_id": self.office.office_bank_id,
                    "received_from_id": self.office.client_id,
                    "amount": AMOUNT,
                    "date": PAID,
                    "matter_id": request.matter_id.id,
                    "money_request_id": request.id,
                    "allocation_ids": [Command.create(row)],
                }
            )
        )

    def _money(self, env, ids):
        client_money = self.kind == "client_money"
        model = "legal.trust.transaction" if client_money else "legal.payment"
        return env[model].browse(ids["money"])

    def _look(self, look, ids):
        """State, what was paid, what the ledger of the client and the credits of the
        matter hold, bills on account and what they come to."""
        return look(
            """SELECT r.cancelled_on IS NOT NULL, r.paid_amount,
                 coalesce((SELECT sum(amount) FROM legal_trust_line
                   WHERE matter_id = r.matter_id), 0),
                 coalesce((SELECT balance FROM legal_trust_balance
                   WHERE matter_id = r.matter_id), 0),
                 coalesce((SELECT -sum(l.balance) FROM account_move_line l
                   JOIN account_account a ON a.id = l.account_id
                   WHERE l.matter_id = r.matter_id AND l.parent_state = 'posted'
                   AND a.account_type = 'liability_current'
                   AND l.trust_transaction_id IS NULL), 0),
                 (SELECT count(*) FROM account_move WHERE money_request_id = r.id),
                 coalesce((SELECT sum(amount_total) FROM account_move
                   WHERE money_request_id = r.id), 0)
               FROM legal_money_request r WHERE r.id = %s""",
            ids["request"],
        )


class PaidTwice(Asked):
    """One request for a payment on account is paid twice: all of it is there, and billed
    once."""

    people = ("cashier", "other cashier")
    no_loser = True

    def users(self):
        """Two cashiers."""
        return self.office.cashier, self.office.second_cashier

    def make(self, env):
        """A request, and what each entered for it."""
        request = self._ask(env)
        money = [self._enter(env, request, user).id for user in self.users()]
        return {"request": request.id, "money": money}

    def first(self, env, ids):
        """Post the one."""
        self._money(env, ids)[0].action_post()

    def second(self, env, ids):
        """Post the other."""
        self._money(env, ids)[1].action_post()

    def holds(self, look, ids, won):
        """Both are credits of the matter, one bill on account is drafted."""
        return self._look(look, ids) == (
            *(False, 2 * AMOUNT, 0.0, 0.0, 2 * AMOUNT, 1, AMOUNT),
        )


class DepositedTwice(PaidTwice):
    """One request for client money is paid twice: both are held for the client."""

    kind = "client_money"
    people = ("officer", "other officer")

    def users(self):
        """Two client-account officers."""
        return self.office.officer, self.office.second_officer

    def holds(self, look, ids, won):
        """Ledger and balance row have both; nothing is billed, nothing a credit."""
        held = 2 * AMOUNT
        return self._look(look, ids) == (False, held, held, held, 0.0, 0, 0.0)


class PayAndCancel(Asked):
    """A request is cancelled while it is paid: one of both."""

    people = ("cashier", "canceller")
    refusals = ("RQ/.*was cancelled", "RQ/.*is paid or cancelled")

    def users(self):
        """A cashier and a biller."""
        return self.office.cashier, self.office.biller

    def make(self, env):
        """A request, and what was entered for it."""
        request = self._ask(env)
        money = self._enter(env, request, self.users()[0])
        return {"request": request.id, "money": money.id}

    def first(self, env, ids):
        """Post the money."""
        self._money(env, ids).action_post()

    def second(self, env, ids):
        """Cancel."""
        env["legal.money.request"].browse(ids["request"]).action_cancel("no longer")

    def holds(self, look, ids, won):
        """Paid, with a draft bill; or cancelled, and nothing came in."""
        paid = AMOUNT if won[0] else 0.0
        return self._look(look, ids) == (
            *(won[1], paid, 0.0, 0.0, paid, int(won[0]), paid),
        )


class DepositAndCancel(PayAndCancel):
    """A request for client money is cancelled while it is paid: one of both."""

    kind = "client_money"
    people = ("officer", "canceller")

    def users(self):
        """A client-account officer and a biller."""
        return self.office.officer, self.office.biller

    def holds(self, look, ids, won):
        """Held, or cancelled and not held."""
        held = AMOUNT if won[0] else 0.0
        return self._look(look, ids) == (won[1], held, held, held, 0.0, 0, 0.0)


RACES = (TwoDeductions, PaidTwice, DepositedTwice, PayAndCancel, DepositAndCancel)
