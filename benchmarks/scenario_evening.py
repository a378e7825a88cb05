"""The whole evening: work becomes drafts, bills, papers and sent e-mails, beside core's
own way to as many documents with as many lines.

Core's layout fetches its styles from the server: BENCH_URL names one that runs. E-mails
go to a mail server on loopback.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import firm
from measure import peak_memory

#: Entries of a matter, and lines of a document of core's.
LINES = 30
#: Bills of one round, by the size that is asked for; the smaller ones show the growth.
COUNTS = {1000: (100, 300), 10000: (200, 10000)}
STEPS = ("drafts", "approve", "papers", "e-mails")
#: Seconds after which the servers are given up.
PATIENCE = 3600
ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def mail_server(env):
    """A mail server on loopback, which Odoo sends to.

    :return: the folder that gets the messages
    """
    with tempfile.TemporaryDirectory() as folder:
        sink = subprocess.Popen(
            [sys.executable, "-m", "lb.mailsink", folder],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT / "dev")},
        )
        try:
            env["ir.mail_server"].create(
                {
                    "name": "Benchmark",
                    "smtp_host": "127.0.0.1",
                    "smtp_port": int(sink.stdout.readline()),
                    "smtp_encryption": "none",
                }
            )
            yield Path(folder)
        finally:
            sink.terminate()
            sink.wait()


@contextmanager
def two_servers(env):
    """Two servers on this database, with a worker of scheduled jobs each.

    :return: their processes
    """
    command = [
        *(ROOT / "dev/odoo", "server", "--", "-d", env.cr.dbname),
        *("--db-filter", f"^{env.cr.dbname}$", "--no-http"),
        *("--max-cron-threads", "1", "--log-level", "error"),
    ]
    mine = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    servers = [
        subprocess.Popen(command, env=mine, start_new_session=True) for _ in range(2)
    ]
    try:
        yield servers
    finally:
        for server in servers:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def get_peak(server):
    """MiB of memory that the largest process of a server had at most."""
    peaks = [0.0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getpgid(int(status.parent.name)) == server.pid:
                found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
                peaks.append(int(found[1]) / 1024 if found else 0.0)
        except OSError:
            continue  # it has just ended
    return max(peaks)


class Watch:
    """Seconds of each step, with what a commit still does."""

    def __init__(self, env):
        self.env = env
        self.seconds = {}

    @contextmanager
    def step(self, name):
        """Time one step on cold records, and commit it."""
        self.env.flush_all()
        self.env.invalidate_all()
        start = time.perf_counter()
        yield
        self.env.cr.commit()
        self.seconds[name] = time.perf_counter() - start


def send_queue(env):
    """Send what waits in the mail queue, as the scheduled job does."""
    mails = env["mail.mail"].search([("state", "=", "outgoing")])
    mails.send(auto_commit=True)
    assert not env["mail.mail"].search_count([("state", "=", "exception")])


def ours(env, matters):
    """An evening of ours.

    :return: seconds by step
    """
    watch = Watch(env)
    with watch.step("drafts"):
        run = firm.make_run(env, matters)
        run.action_bill_all()
        bills = run.bill_ids
    assert len(bills) == len(matters), run.line_ids.mapped("message")
    with watch.step("approve"):
        bills.action_approve_bills()
    with watch.step("papers"):
        bills.action_produce_bills()
    assert set(bills.mapped("billing_stage")) == {"finalized"}
    with watch.step("e-mails"):
        send_queue(env)
    return watch.seconds


def wait_for(env, is_done):
    """Look until others have done it. A server that has just started did not hear that
    there is work: it is told again."""
    start = told = time.monotonic()
    while True:
        env.cr.rollback()
        if is_done():
            return
        now = time.monotonic()
        assert now < start + PATIENCE, "the servers did not finish"
        if now > told + 2:
            env["ir.cron"]._notifydb()
            told = now
        time.sleep(0.05)


def ours_by_servers(env, matters):
    """An evening of ours that scheduled jobs of other processes work off."""
    watch = Watch(env)
    runs = env["legal.billing.run"]
    env.company.legal_small_run = 0  # all of it in the background

    def finish():
        env.cr.commit()
        run = runs.search([], order="id desc", limit=1)
        wait_for(env, lambda: run.finished_on)
        assert not run.failed_count, run.line_ids.mapped("message")

    with watch.step("drafts"):
        run = firm.make_run(env, matters)
        run.action_bill_all()
        finish()
        bills = run.bill_ids
    assert len(bills) == len(matters), run.line_ids.mapped("message")
    with watch.step("approve"):
        bills.action_approve_bills()
        finish()
    with watch.step("papers"):
        bills.action_produce_bills()
        finish()
    assert set(bills.mapped("billing_stage")) == {"finalized"}
    with watch.step("e-mails"):
        env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        env.cr.commit()
        waiting = [("state", "=", "outgoing")]
        wait_for(env, lambda: not env["mail.mail"].search_count(waiting, limit=1))
    env.company.legal_small_run = 10**9
    env.cr.commit()
    return watch.seconds


def core(env, base, matters):
    """An evening of core's: invoices with the same lines, *Send* in a batch."""
    watch = Watch(env)
    with watch.step("drafts"):
        moves = firm.make_invoices(env, base, matters, LINES)
    with watch.step("approve"):
        moves.action_post()
    with watch.step("papers"):
        env["account.move.send"].with_context(
            mail_notify_force_send=False
        )._generate_and_send_invoices(moves, sending_methods=["email"])
    assert all(moves.mapped("invoice_pdf_report_id"))
    with watch.step("e-mails"):
        send_queue(env)
    return watch.seconds


def measure(env, size, rounds):
    """ms a bill of each step: ours in one process, by two servers and of more bills;
    core's. Documents of core's take long: the smaller number of them only.
    """
    base = firm.prepare(env)
    parameters = env["ir.config_parameter"].sudo()
    parameters.set_param("report.url", os.environ["BENCH_URL"])
    parameters.set_param("legal_billing.pdf_processes", "0")
    small, large = COUNTS[10000 if size >= 10000 else 1000]
    found = {}
    with mail_server(env) as folder:
        env.cr.commit()
        ours(env, firm.make_matters(env, base, 5, LINES))  # caches, core's styles
        core(env, base, firm.make_matters(env, base, 5, LINES))

        def go(name, count, call):
            matters = firm.make_matters(env, base, count, LINES)
            env.cr.commit()
            sent = len(list(folder.iterdir()))
            seconds = call(matters)
            assert len(list(folder.iterdir())) == sent + count
            found[name] = {step: 1000 * seconds[step] / count for step in STEPS}

        go("ours", small, lambda matters: ours(env, matters))
        go("core", small, lambda matters: core(env, base, matters))
        with two_servers(env) as servers:
            ours_by_servers(env, firm.make_matters(env, base, 20, LINES))  # they start
            go("ours_two", small, lambda matters: ours_by_servers(env, matters))
            go("large", large, lambda matters: ours_by_servers(env, matters))
            memory = max(get_peak(server) for server in servers)
    total = {name: sum(steps.values()) for name, steps in found.items()}
    return {
        "bills": small,
        "many": large,
        "lines": LINES,
        "ms": found,
        "evening_one": total["ours"] / total["core"],
        "evening_two": total["ours_two"] / total["core"],
        "evening_growth": total["large"] / total["ours_two"],
        "evening_memory": max(memory, peak_memory()),
    }
