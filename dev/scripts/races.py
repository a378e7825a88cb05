"""Two people at the same thing at the same time; runs in Odoo's shell (`env` is given).

`LB_RACES_ROUNDS` rounds of each race, each on a new matter, each person a transaction
of a connection of its own, replayed on conflicts as a request is. Both have looked at
the database before either writes. After each round the invariants are looked at.
"""

import os
import random
import sys
import threading
import time
from collections import Counter
from datetime import date

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service import model as service
from odoo.tools import SQL

ROUNDS = int(os.environ["LB_RACES_ROUNDS"])
registry, uid = env.registry, env.uid
company_id = env.company.id
# at once, in the request; and no long waits between the attempts of a replay
env.company.legal_small_run = 500
service.random.uniform = lambda low, high: 0.02 + random.random() / 20
employee_id = env["hr.employee"].search([("user_id", "=", uid)], limit=1).id
client_id = env["res.partner"].create({"name": "Race", "email": "race@race.example"}).id
env.cr.commit()


def transaction(body):
    """Do it in a transaction of its own, replayed on conflicts; return its result."""
    with registry.cursor() as cr:
        own = api.Environment(cr, uid, {"allowed_company_ids": [company_id]})
        return service.retrying(lambda: body(own), own)


def race(*bodies):
    """Do them at the same time; return what each said: `done` or the refusal."""
    barrier, results = threading.Barrier(len(bodies)), [None] * len(bodies)

    def run(index, body):
        first = [True]

        def looked(own):
            own.cr.execute("SELECT count(*) FROM account_move")
            if first:
                first.clear()
                barrier.wait(30)
                time.sleep(random.choice((0, random.random())))  # who is first?
            return body(own)

        try:
            transaction(looked)
            results[index] = "done"
        except UserError as error:
            results[index] = f"{type(error).__name__}"

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(bodies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return tuple(results)


def make_matter(own):
    """A matter with two time entries."""
    matter = own["project.project"].create(
        {
            "name": "Race",
            "is_matter": True,
            "partner_id": client_id,
            "company_id": company_id,
        }
    )
    for hours in (1.0, 2.0):
        own["account.analytic.line"].create(
            {
                "project_id": matter.id,
                "employee_id": employee_id,
                "name": "Advice",
                "date": date(2026, 10, 5),
                "unit_amount": hours,
            }
        )
    return matter


def make_run(own, matter):
    """A billing run over that matter, loaded."""
    run = own["legal.billing.run"].create(
        {
            "invoice_date": date(2026, 10, 31),
            "filter_domain": str([("id", "=", matter.id)]),
        }
    )
    run.action_load()
    return run


def make_bill(own, approved=False):
    """The bill of a new matter."""
    matter = make_matter(own)
    run = make_run(own, matter)
    run.action_bill_all()
    if approved:
        run.bill_ids.action_approve_bills()
    return run.bill_ids


def look(query, *args):
    """Return the only row of a query, from a new snapshot."""
    with registry.cursor() as cr:
        cr.execute(SQL(query, *args))
        return cr.fetchone()


def tied(bill_id):
    """Whether the bill is posted or draft, and the sum of its entries."""
    return look(
        """SELECT m.amount_untaxed = coalesce((SELECT sum(billed_amount)
             FROM account_analytic_line e WHERE e.bill_id = m.id), 0)
           FROM account_move m WHERE m.id = %s""",
        bill_id,
    )[0]


# --- the races


def two_clerks():
    """Two billing runs over the same matter: one bill, each entry on it once."""
    runs = transaction(
        lambda own: (lambda m: (m.id, make_run(own, m).id, make_run(own, m).id))(
            make_matter(own)
        )
    )
    matter_id, first, second = runs

    def bill(run_id):
        return lambda own: own["legal.billing.run"].browse(run_id).action_bill_all()

    results = race(bill(first), bill(second))
    bills, entries = look(
        """SELECT (SELECT count(*) FROM account_move WHERE matter_id = %s),
                  (SELECT count(*) FROM account_analytic_line WHERE matter_id = %s
                   AND bill_id IS NOT NULL)""",
        matter_id,
        matter_id,
    )
    return results, (bills, entries) == (1, 2)


def approve_and_edit():
    """Approve against a change of the draft: what is posted is what its entries say.
    Who finds the other at work is refused, and may try again."""
    bill_id = transaction(lambda own: make_bill(own).id)

    def approve(own):
        own["account.move"].browse(bill_id).action_approve_bills()

    def edit(own):
        bill = own["account.move"].browse(bill_id)
        bill.action_remove_entries(bill.wip_line_ids[:1])

    results = race(approve, edit)
    state, free = look(
        """SELECT state, (SELECT count(*) FROM account_analytic_line e WHERE
             e.matter_id = m.matter_id AND e.bill_id IS NULL AND wip_type IS NOT NULL)
           FROM account_move m WHERE id = %s""",
        bill_id,
    )
    approved, edited = (said == "done" for said in results)
    fits = (state == "posted") == approved and free == int(edited)
    return results, tied(bill_id) and fits


def pay_and_revert():
    """A payment against a revert: no money on a draft."""
    bill_id = transaction(lambda own: make_bill(own, approved=True).id)

    def slip(own):
        bill = own["account.move"].browse(bill_id)
        return own["legal.payment"].create(
            {
                "source": "bank",
                "received_from_id": client_id,
                "amount": bill.amount_total,
                "date": date(2026, 11, 2),
                "allocation_ids": [Command.create({"bill_id": bill.id})],
            }
        )

    slip_id = transaction(lambda own: slip(own).id)

    def pay(own):
        own["legal.payment"].browse(slip_id).action_post()

    def revert(own):
        own["account.move"].browse(bill_id).action_revert_bills()

    results = race(pay, revert)
    state, residual, total, slip_state = look(
        """SELECT m.state, m.amount_residual, m.amount_total, p.state
           FROM account_move m, legal_payment p WHERE m.id = %s AND p.id = %s""",
        bill_id,
        slip_id,
    )
    paid = state == "posted" and residual == 0 and slip_state == "posted"
    open_ = state == "draft" and residual == total and slip_state == "draft"
    return results, (paid or open_) and results.count("done") == 1


def write_off_and_bill():
    """Writing off WIP against billing it: one of the two, never both."""

    def make(own):
        matter = make_matter(own)
        entries = own["account.analytic.line"].search([("matter_id", "=", matter.id)])
        return make_run(own, matter).id, entries[0].id

    run_id, entry_id = transaction(make)

    def bill(own):
        own["legal.billing.run"].browse(run_id).action_bill_all()

    def write_off(own):
        own["account.analytic.line"].browse(entry_id).action_write_off("too much")

    results = race(bill, write_off)
    billed, gone, bill_id = look(
        """SELECT bill_id IS NOT NULL, written_off_on IS NOT NULL,
             (SELECT max(id) FROM account_move WHERE billing_run_id = %s)
           FROM account_analytic_line WHERE id = %s""",
        run_id,
        entry_id,
    )
    return results, billed != gone and (not bill_id or tied(bill_id))


failed = 0
for play in (two_clerks, approve_and_edit, pay_and_revert, write_off_and_bill):
    outcomes, broken = Counter(), 0
    for _number in range(ROUNDS):
        said, holds = play()
        outcomes[said] += 1
        if not holds or None in said:
            broken += 1
            print(f"   {play.__name__}: BROKEN after {said}")
    failed += broken
    words = ", ".join(f"{' / '.join(map(str, k))} {n}" for k, n in outcomes.items())
    print(f"   {play.__name__}: {ROUNDS} rounds, {broken} broken ({words})")
sys.exit(1 if failed else 0)
