"""Which index the big statements use on the table of entries as it is now."""

import re

STATEMENTS = (
    (
        "unbilled entries of 100 matters",
        "SELECT id FROM account_analytic_line WHERE matter_id = ANY(%(matters)s) "
        "AND wip_type IS NOT NULL AND bill_id IS NULL AND written_off_on IS NULL",
    ),
    (
        "entries of 100 bills",
        "SELECT id FROM account_analytic_line WHERE bill_id = ANY(%(bills)s)",
    ),
    (
        "drafts",
        "SELECT id FROM account_move WHERE billing_stage = 'draft' LIMIT 80",
    ),
    (
        "bills of 100 matters",
        "SELECT move_id FROM account_move_line WHERE matter_id = ANY(%(matters)s)",
    ),
    (
        "next chunk of a run",
        "SELECT id FROM legal_billing_run_line WHERE run_id = %(run)s "
        "AND state = 'queued' ORDER BY attempts, id LIMIT 100",
    ),
    (
        "bills of a run",
        "SELECT id FROM account_move WHERE billing_run_id = %(run)s",
    ),
)


def explain(env, statement, values):
    """Index (or scan) and milliseconds of a statement.

    :rtype: tuple
    """
    env.cr.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", values)
    plan = [row[0] for row in env.cr.fetchall()]
    found = []
    for line in plan:
        index = re.search(r"(?:Index.* using|Bitmap Index Scan on) (\w+)", line)
        scan = re.search(r"Seq Scan on (\w+)", line)
        if index:
            found.append(f"`{index[1]}`")
        elif scan:
            found.append(f"all of `{scan[1]}`")
    [ms] = [
        float(re.search(r"[\d.]+", line)[0])
        for line in plan
        if line.startswith("Execution Time")
    ]
    return ", ".join(dict.fromkeys(found)), ms


def measure(env, size, rounds):
    """Plans of what is asked all the time."""
    env.cr.execute("ANALYZE")
    entries = env["account.analytic.line"].search_count([])
    matters = env["project.project"].search([("is_matter", "=", True)], limit=100)
    bills = env["account.move"].search([("matter_ids", "!=", False)], limit=100)
    run = bills.billing_run_id[:1]
    values = {"matters": matters.ids, "bills": bills.ids, "run": run.id}
    rows = []
    for name, statement in STATEMENTS:
        how, ms = explain(env, statement, values)
        rows.append({"name": name, "how": how, "ms": ms})
    return {"entries": entries, "rows": rows}
