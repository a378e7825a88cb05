"""Races for the WIP of a matter."""

from datetime import date

from odoo.fields import Command

from .track import Race


class TwoClerks(Race):
    """Two billing runs over the same matter: one bill, each entry on it once."""

    people = ("clerk", "other clerk")
    refusals = ("Race.*(nothing to bill|working on it|changed)",) * 2

    def users(self):
        """Two billers."""
        return self.office.biller, self.office.second_biller

    def make(self, env):
        """A matter, and a run of each."""
        return self._ids(env, self.office.make_matter(env))

    def _ids(self, env, matter):
        runs = [self.office.make_run(env, matter, user).id for user in self.users()]
        return {"matter": matter.id, "runs": runs}

    def _bill(self, env, run_id):
        run = env["legal.billing.run"].browse(run_id)
        run.action_bill_all()
        line = run.line_ids
        if line.state != "done":
            return f"{line.matter_id.display_name}: {line.message}"
        return None

    def first(self, env, ids):
        """Bill."""
        return self._bill(env, ids["runs"][0])

    def second(self, env, ids):
        """Bill."""
        return self._bill(env, ids["runs"][1])

    def holds(self, look, ids, won):
        """One bill, of the winner's run, with all entries."""
        run = ids["runs"][won.index(True)]
        return look(
            """SELECT count(*) = 1 AND bool_and(m.billing_run_id = %s)
                 AND bool_and(m.amount_untaxed = 600) AND (SELECT count(*)
                   FROM account_analytic_line WHERE matter_id = %s
                   AND wip_type IS NOT NULL AND bill_id IS NULL) = 0
               FROM account_move m WHERE m.matter_id = %s""",
            run,
            ids["matter"],
            ids["matter"],
        )[0]


class TwoClerksInstalment(TwoClerks):
    """Two billing runs over the same instalment of a fixed fee: billed once."""

    def make(self, env):
        """A matter of a fixed fee, and a run of each."""
        instalment = {
            "amount": 500.0,
            "due_date": date(2026, 10, 15),
            "repeat": "month",
        }
        matter = self.office.make_matter(
            env,
            hours=(),
            billing_arrangement="fixed",
            instalment_ids=[Command.create(instalment)],
        )
        return self._ids(env, matter)

    def holds(self, look, ids, won):
        """One bill of one instalment, and one successor."""
        run = ids["runs"][won.index(True)]
        return look(
            """SELECT count(*) = 1 AND bool_and(m.billing_run_id = %s)
                 AND bool_and(m.amount_untaxed = 500) AND (SELECT count(*) = 2
                   AND count(bill_id) = 1 AND count(successor_id) = 1
                   FROM legal_fee_instalment WHERE matter_id = %s)
               FROM account_move m WHERE m.matter_id = %s""",
            run,
            ids["matter"],
            ids["matter"],
        )[0]


class BillAndWriteOff(Race):
    """Billing WIP against writing it off: never both.

    Who bills after the write-off bills what is left."""

    people = ("biller", "writer-off")
    refusals = ("Race.*(working on it|changed)", "Advice.*first")
    may_both = True

    def users(self):
        """A biller, and the manager."""
        return self.office.biller, self.office.uid

    def make(self, env):
        """A matter, a run, an entry."""
        matter = self.office.make_matter(env)
        entries = env["account.analytic.line"].search([("matter_id", "=", matter.id)])
        run = self.office.make_run(env, matter, self.office.biller)
        return {"run": run.id, "entry": entries[0].id}

    def first(self, env, ids):
        """Bill the matter."""
        run = env["legal.billing.run"].browse(ids["run"])
        run.action_bill_all()
        line = run.line_ids
        if line.state != "done":
            return f"{line.matter_id.display_name}: {line.message}"
        return None

    def second(self, env, ids):
        """Write the entry off."""
        entry = env["account.analytic.line"].browse(ids["entry"])
        entry.action_write_off("too much")

    def holds(self, look, ids, won):
        """The entry is billed or written off; the bill's total is that of its entries."""
        billed, gone, bills, tied = look(
            """SELECT bill_id IS NOT NULL, written_off_on IS NOT NULL,
                 (SELECT count(*) FROM account_move WHERE billing_run_id = %s),
                 (SELECT coalesce(bool_and(m.amount_untaxed = (SELECT sum(billed_amount)
                    FROM account_analytic_line e WHERE e.bill_id = m.id)), true)
                  FROM account_move m WHERE m.billing_run_id = %s)
               FROM account_analytic_line WHERE id = %s""",
            ids["run"],
            ids["run"],
            ids["entry"],
        )
        biller, writer = won
        return billed != gone and gone == writer and (bills == 1) == biller and tied


RACES = (TwoClerks, TwoClerksInstalment, BillAndWriteOff)
