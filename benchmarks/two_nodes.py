"""Two Odoo servers on one database work off one run: both take chunks, nothing is done
twice. `dev/odoo python -- benchmarks/two_nodes.py`; MATTERS (600)."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import run

DATABASE = "bench_nodes"
QUEUE = """
import os, sys
sys.path.insert(0, os.environ["BENCH_FOLDER"])
import firm
base = firm.prepare(env)
matters = firm.make_matters(env, base, int(os.environ["MATTERS"]))
bills = firm.make_run(env, matters)
env.company.legal_small_run = 0
bills.action_bill_all()
env.cr.commit()
"""
CHECK = """
import time
bills = env["legal.billing.run"].search([("operation", "=", "bill")])
for _try in range(600):
    env.cr.rollback()
    env.invalidate_all()
    if not bills.queued_count:
        break
    time.sleep(1)
moves = bills.bill_ids
entries = env["account.analytic.line"].search([("wip_type", "!=", False)])
assert bills.done_count == len(moves) == len(moves.matter_id), bills.failed_count
assert not bills.failed_count and not bills.queued_count
assert all(entry.bill_id.matter_id == entry.matter_id for entry in entries)
assert bills.finished_on
print(f"{len(moves)} bills, {len(entries)} entries, each once")
"""


def shell(script, env=None):
    """Run a script in Odoo's shell; its exception fails us."""
    run.odoo(
        *("shell", "--db", DATABASE, "--", *run.QUIET),
        input=script.encode(),
        env={"BENCH_FOLDER": str(run.HERE), **(env or {})},
    )


def start_node(log):
    """A server with one cron worker."""
    return subprocess.Popen(
        [
            *(run.ODOO, "server", "--", "-d", DATABASE, "--db-filter", DATABASE),
            *("--http-port", str(run.free_port()), "--http-interface", "127.0.0.1"),
            *("--max-cron-threads", "1", "--log-level", "info"),
        ],
        env=run.environment(),
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def main():
    """Make a run, start two servers, wait, check."""
    matters = os.environ.get("MATTERS") or "600"
    run.odoo("db", "drop", DATABASE)
    run.odoo("db", "create", DATABASE)
    nodes = []
    try:
        run.odoo(
            *("server", "--", "-d", DATABASE, "-i", "legal_billing"),
            *("--stop-after-init", *run.QUIET),
        )
        shell(QUEUE, {"MATTERS": matters})
        with tempfile.TemporaryDirectory() as folder:
            logs = [Path(folder) / name for name in ("first", "second")]
            started = time.monotonic()
            for path in logs:
                with path.open("w") as log:
                    nodes.append(start_node(log))
            shell(CHECK)
            seconds = time.monotonic() - started
            chunks = [
                len(re.findall("A chunk of billing runs is done", path.read_text()))
                for path in logs
            ]
        print(f"chunks: {chunks[0]} and {chunks[1]}, {seconds:.0f} s")
        return 0 if all(chunks) else 1
    finally:
        for node in nodes:
            os.killpg(node.pid, signal.SIGTERM)
            node.wait()
        run.odoo("db", "drop", DATABASE)


if __name__ == "__main__":
    sys.exit(main())
