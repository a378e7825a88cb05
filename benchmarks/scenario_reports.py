"""Reports, windows and strips over 100 and 1,000 matters or bills (and SIZE, when it is
more): time and queries, and what a row of the largest costs beside one of 100."""

from statistics import median

import firm
from measure import timed

from odoo.fields import Domain

SIZES = (100, 1000)


def make_bills(env, base, count):
    """Approved bills, one of each of as many matters.

    :rtype: account.move
    """
    run = firm.make_run(env, firm.make_matters(env, base, count))
    run.action_bill_all()
    bills = env["account.move"].browse(run.bill_ids.ids)
    assert len(bills) == count, set(run.line_ids.mapped("message"))
    bills.action_approve_bills()
    return bills


def make_works(env, base, count):
    """What is looked at, over as many rows.

    :return: ``{what: function}``
    :rtype: dict
    """
    matters = firm.make_matters(env, base, count)
    bills = make_bills(env, base, count)
    env["legal.fee.estimate"].create(
        [{"matter_id": matter.id, "fees": 2000.0} for matter in matters]
    )
    asked = env["legal.money.request"].create(
        [
            {"kind": "client_money", "matter_id": matter.id, "amount": 500.0}
            for matter in matters
        ]
    )
    entries = env["account.analytic.line"]
    wip = entries._get_unbilled_domain() & Domain("matter_id", "in", matters.ids)
    open_bills = Domain("id", "in", bills.ids)
    advice = "\n".join(f"{bill.name}\t{bill.amount_total:.2f}" for bill in bills)

    def read_advice():
        slip = env["legal.payment"].create(
            {
                "source": "bank",
                "received_from_id": bills[:1].partner_id.id,
                "date": firm.DAY,
            }
        )
        window = env["legal.remittance"].create({"payment_id": slip.id, "text": advice})
        window.action_read()
        assert len(window.line_ids.bill_id) == count
        return window

    return {
        "WIP, by matter": lambda: entries.formatted_read_group(
            wip, ["matter_id"], ["wip_amount:sum", "bill_quantity:sum"]
        ),
        "WIP, by month": lambda: entries.formatted_read_group(
            wip, ["date:month"], ["wip_amount:sum", "bill_quantity:sum"]
        ),
        "bills, by days late": lambda: bills.formatted_read_group(
            open_bills, ["late_bucket"], ["amount_residual_signed:sum"]
        ),
        "strip above bills": lambda: bills.get_bill_strip("all", list(open_bills)),
        "window of statements": lambda: env["legal.statement"]._open(bills),
        "estimates and what is used": lambda: matters.read(
            ["estimate_amount", "estimate_used_amount", "is_near_estimate"]
        ),
        "money requests, what is open": lambda: asked.read(["state", "open_amount"]),
        "remittance, read": read_advice,
    }


def measure(env, size, rounds):
    """Each work over each size, rolled back; medians."""
    base = firm.prepare(env)
    sizes = [*SIZES, *([size] if size > SIZES[-1] else [])]
    found = {}
    for count in sizes:
        for name, work in make_works(env, base, count).items():
            timed(env, work)  # warm
            runs = [timed(env, work)[:2] for _index in range(rounds)]
            found.setdefault(name, {})[count] = {
                "ms": 1000 * median(seconds for seconds, _queries in runs),
                "queries": runs[0][1],
            }
    env.cr.rollback()
    rows = [
        {
            "what": name,
            "cells": list(cells.values()),
            "growth": cells[sizes[-1]]["ms"]
            / cells[sizes[0]]["ms"]
            / (sizes[-1] / sizes[0]),
        }
        for name, cells in found.items()
    ]
    return {
        "sizes": sizes,
        "largest": sizes[-1],
        "rows": rows,
        "report_growth": max(row["growth"] for row in rows),
        "report_queries": max(
            (row["cells"][-1]["queries"] - row["cells"][0]["queries"])
            / (sizes[-1] - sizes[0])
            for row in rows
        ),
    }
