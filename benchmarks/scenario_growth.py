"""Queries of one chunk of 10, 100 and 1000 bills: load, bill, approve, produce,
revert, delete."""

import firm
from measure import timed

SIZES = (10, 100, 1000)
#: What is asked for all bills together; the other steps do something for each.
TOGETHER = {"load", "bill", "approve"}


def work_off(env, operation, bills):
    """Work off all bills as one chunk, whatever a run's chunk is.

    :return: queries
    """
    run = env["legal.billing.run"].create({"operation": operation})
    env["legal.billing.run.line"].create(
        [
            {"run_id": run.id, "bill_id": bill.id, "matter_id": bill.matter_id.id}
            for bill in bills
        ]
    )
    run.line_ids._queue()
    return count_chunk(env, run)


def count_chunk(env, run):
    """Queries of a run's queued rows, taken as one chunk; all of them must be done."""
    lines = run.line_ids.filtered(lambda line: line.state == "queued")
    worker = run._as_worker()
    queries = timed(env, lambda: worker._process_chunk(lines.with_env(worker.env)))[1]
    assert set(lines.mapped("state")) == {"done"}, set(lines.mapped("message"))
    return queries


def count_cycle(env, base, count):
    """Queries of each step over this many matters.

    :return: ``{step: queries}``
    :rtype: dict
    """
    run, load = load_run(env, base, count)
    found = {"load": load, "bill": count_chunk(env, run)}
    bills = env["account.move"].browse(run.bill_ids.ids)
    for operation in ("approve", "produce", "revert"):
        found[operation] = work_off(env, operation, bills)
    # a number that was given is kept: only drafts that never had one are deleted
    run, _queries = load_run(env, base, count)
    count_chunk(env, run)
    drafts = env["account.move"].browse(run.bill_ids.ids)
    found["delete"] = work_off(env, "delete", drafts)
    assert not drafts.exists()
    return found


def load_run(env, base, count):
    """A run of new matters, all queued, and the queries to load it."""
    matters = firm.make_matters(env, base, count)
    run = env["legal.billing.run"].create(
        {"invoice_date": firm.DAY, "filter_domain": str([("id", "in", matters.ids)])}
    )
    queries = timed(env, run.action_load)[1]
    run.line_ids._queue()
    return run, queries


def measure(env, size, rounds):
    """Queries by step and size; what a bill more costs from the first size to the
    last; and, where every bill costs something, whether it costs more among many."""
    base = firm.prepare(env)
    env.cr.commit()
    count_cycle(env, base, 2)  # caches
    env.cr.rollback()
    found = []
    for count in SIZES:
        found.append(count_cycle(env, base, count))
        env.cr.rollback()
    rows = [
        {
            "step": step,
            "queries": [cycle[step] for cycle in found],
            "slope": slope(found, step, 0, -1),
        }
        for step in found[0]
    ]
    return {
        "sizes": SIZES,
        "rows": rows,
        "most": max(row["slope"] for row in rows if row["step"] in TOGETHER),
        "rise": max(
            slope(found, step, -2, -1) / slope(found, step, 0, -2)
            for step in found[0]
            if step not in TOGETHER
        ),
    }


def slope(found, step, small, large):
    """Queries that a bill more costs, from one size to another."""
    queries = found[large][step] - found[small][step]
    return queries / (SIZES[large] - SIZES[small])
