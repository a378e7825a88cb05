"""Big runs: the same cost per bill and the same memory; loading beside the bare sums.

Chunks are committed, as in the background. Runs alone in its process, whose memory
is what is measured.
"""

from statistics import median

import firm
from measure import peak_memory, timed

from odoo.addons.legal_billing.tools import IN_CRON

#: What loading cannot do without: the sums of what is unbilled.
AGGREGATE = """
    SELECT matter_id, wip_type, bill_behavior, product_id, wip_currency_id,
           is_anticipated, is_on_hold, date > %s, COUNT(*), SUM(wip_amount),
           SUM(bill_quantity), MIN(date), MAX(write_date)
      FROM account_analytic_line
     WHERE matter_id IS NOT NULL AND wip_type IS NOT NULL
       AND bill_id IS NULL AND written_off_on IS NULL
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


def in_background(env, runs):
    """Work runs off as the cron does, chunk by chunk, each committed."""
    cron = env.ref("legal_billing.ir_cron_billing_run")
    env.cr.commit()
    runs.with_context(cron_id=cron.id, legal_billing_cron=IN_CRON).process()
    env.cr.commit()


def bill_and_approve(env, matters):
    """Bill and approve; return seconds per bill of both together."""
    run = firm.make_run(env, matters)
    run.line_ids.filtered(lambda line: line.state == "ready")._queue()
    seconds, _queries, _none = timed(env, lambda: in_background(env, run))
    bills = env["account.move"].browse(run.bill_ids.ids)
    assert len(bills) == len(matters), set(run.line_ids.mapped("message"))
    env.company.legal_small_run = 0
    bills.action_approve_bills()
    env.company.legal_small_run = 10**9
    approval = env["legal.billing.run"].search(
        [("operation", "=", "approve")], order="id desc", limit=1
    )
    more, _queries, _none = timed(env, lambda: in_background(env, approval))
    assert approval.done_count == len(matters), approval.failed_count
    return (seconds + more) / len(matters)


def measure(env, size, rounds):
    """Hundred matters, ``size``, hundred again; loading over ``size`` matters, 100 entries
    each."""
    base = firm.prepare(env)
    env.cr.commit()
    bill_and_approve(env, firm.make_matters(env, base, 100))  # warm

    def bill_hundred():
        return [
            bill_and_approve(env, firm.make_matters(env, base, 100))
            for _index in range(rounds)
        ]

    small = bill_hundred()
    before = peak_memory()
    matters = firm.make_matters(env, base, size)
    env.cr.commit()
    big = bill_and_approve(env, matters)
    memory = peak_memory()
    # before and after the minutes of the big run: the machine may be faster or slower
    small = median(small + bill_hundred())
    env.cr.execute("ANALYZE account_analytic_line")

    matters = firm.make_matters(env, base, size, entries=100)
    env.cr.commit()
    env.cr.execute("ANALYZE account_analytic_line")
    domain = str([("id", "in", matters.ids)])
    loads, sums = [], []
    for _index in range(rounds):
        run = env["legal.billing.run"].create(
            {"invoice_date": firm.DAY, "filter_domain": domain}
        )
        loads.append(timed(env, run.action_load)[:2])
        sums.append(
            timed(
                env,
                lambda: (env.cr.execute(AGGREGATE, [firm.DAY]), env.cr.fetchall()),
            )[0]
        )
        assert run.ready_count == size
        run.unlink()
    env.cr.commit()
    load, bare = median(row[0] for row in loads), median(sums)
    return {
        "matters": size,
        "entries": size * 100,
        "small_ms": 1000 * small,
        "big_ms": 1000 * big,
        "growth": big / small,
        "memory_before": before,
        "memory": memory,
        "load_s": load,
        "load_queries": loads[0][1],
        "aggregate_s": bare,
        "load": load / bare,
    }
