"""What is measured, inside Odoo's shell (`env` is given): ours beside core's own.

Both sides make the same invoices (fees and disbursements, one tax, one payment term)
in the same database, in turns, so that only the ratio of their times matters. Nothing
is committed.
"""

import json
import os
import time
from datetime import date
from statistics import median

from odoo.fields import Command

BILLS = int(os.environ.get("SIZE", "100"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
ENTRIES = 10
DAY = date(2026, 10, 31)


def prepare():
    """Give the firm accounts, a rate, a timekeeper and products."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
    company.legal_small_run = 10**9
    env["legal.rate"].create({"price": 250.0})
    return {
        "employee": env["hr.employee"].create({"name": "Timekeeper"}),
        "tax": company.account_sale_tax_id,
        "term": env.ref("account.account_payment_term_30days"),
    }


def make_matters(base):
    """Matters of as many clients, each with entries."""
    clients = env["res.partner"].create(
        [{"name": f"Client {index}"} for index in range(BILLS)]
    )
    matters = env["project.project"].create(
        [
            {
                "name": f"Matter of {client.name}",
                "is_matter": True,
                "partner_id": client.id,
                "bill_payment_term_id": base["term"].id,
            }
            for client in clients
        ]
    )
    env["account.analytic.line"].create(
        [
            {
                "project_id": matter.id,
                "employee_id": base["employee"].id,
                "name": "Advice",
                "date": date(2026, 10, 1 + index),
                "unit_amount": 0.5,
            }
            for matter in matters
            for index in range(ENTRIES - 1)
        ]
    )
    env["account.analytic.line"].create(
        [
            {
                "matter_id": matter.id,
                "name": "Court fee",
                "date": date(2026, 10, 12),
                "bill_rate": 80.0,
                "unit_amount": 1,
            }
            for matter in matters
        ]
    )
    return matters


def timed(work):
    """Seconds and queries of the work, everything written."""
    env.flush_all()
    env.invalidate_all()
    queries = env.cr.sql_log_count
    start = time.perf_counter()
    result = work()
    env.flush_all()
    return (
        time.perf_counter() - start,
        env.cr.sql_log_count - queries,
        result,
    )


def core_vals(matter, base):
    """The same invoice, as any addon would make it with core."""
    fees = env.ref("legal_billing.product_fees")
    costs = env.ref("legal_billing.product_disbursement")
    return {
        "move_type": "out_invoice",
        "partner_id": matter.partner_id.id,
        "invoice_date": DAY,
        "invoice_payment_term_id": base["term"].id,
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": product.id,
                    "name": product.name,
                    "quantity": 1,
                    "price_unit": amount,
                    "tax_ids": [Command.set(base["tax"].ids)],
                    "analytic_distribution": {str(matter.account_id.id): 100},
                }
            )
            for product, amount in ((fees, 1125.0), (costs, 80.0))
        ],
    }


def one_round(base):
    """Time each scenario once.

    :return: ``{scenario: (seconds, queries)}`` for all bills together
    """
    found = {}
    matters = make_matters(base)
    run = env["legal.billing.run"].create(
        {"invoice_date": DAY, "filter_domain": str([("id", "in", matters.ids)])}
    )
    *found["load"], _none = timed(run.action_load)
    *found["draft"], _none = timed(run.action_bill_all)
    bills = run.bill_ids
    assert len(bills) == BILLS, run.line_ids.mapped("message")
    *found["approve"], _none = timed(bills.action_approve_bills)
    vals_list = [core_vals(matter, base) for matter in matters]
    *found["core_draft"], moves = timed(lambda: env["account.move"].create(vals_list))
    *found["core_post"], _none = timed(moves.action_post)
    assert sum(moves.mapped("amount_total")) == sum(bills.mapped("amount_total"))
    return found


def main():
    """Measure in rounds; write medians per bill as JSON."""
    base = prepare()
    one_round(base)  # caches, compiled expressions
    rounds = [one_round(base) for _index in range(ROUNDS)]
    result = {
        name: {
            "ms": 1000 * median(found[name][0] for found in rounds) / BILLS,
            "queries": median(found[name][1] for found in rounds) / BILLS,
        }
        for name in rounds[0]
    }
    with open(os.environ["BENCH_OUTPUT"], "w") as output:
        json.dump({"bills": BILLS, "rounds": ROUNDS, "per_bill": result}, output)


main()
env.cr.rollback()
