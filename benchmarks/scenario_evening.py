"""The whole evening: work becomes drafts, bills, papers and sent e-mails, beside core's
own way to as many documents with as many lines.

Core's layout fetches its styles from the server: BENCH_URL names one that runs. E-mails
go to a mail server on loopback.
"""

import os
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
COUNTS = {1000: (50, 200), 10000: (100, 1000)}
STEPS = ("drafts", "approve", "papers", "e-mails")


@contextmanager
def mail_server(env):
    """A mail server on loopback, which Odoo sends to.

    :return: the folder that gets the messages
    """
    with tempfile.TemporaryDirectory() as folder:
        sink = subprocess.Popen(
            [sys.executable, "-m", "lb.mailsink", folder],
            stdout=subprocess.PIPE,
            env=os.environ
            | {"PYTHONPATH": str(Path(__file__).resolve().parents[1] / "dev")},
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
    """ms a bill of each step: ours with one process of wkhtmltopdf and with two, core's;
    of the smaller and of the larger number of bills. Documents of core's take long: the
    smaller number of them only.
    """
    base = firm.prepare(env)
    parameters = env["ir.config_parameter"].sudo()
    parameters.set_param("report.url", os.environ["BENCH_URL"])
    small, large = COUNTS[10000 if size >= 10000 else 1000]
    plan = [
        ("ours", small, 0),
        ("core", small, 0),
        ("ours_two", small, 2),
        ("large", large, 2),
    ]
    found = {}
    with mail_server(env) as folder:
        env.cr.commit()
        ours(env, firm.make_matters(env, base, 5, LINES))  # caches, core's styles
        core(env, base, firm.make_matters(env, base, 5, LINES))
        for name, count, processes in plan:
            matters = firm.make_matters(env, base, count, LINES)
            parameters.set_param("legal_billing.pdf_processes", str(processes))
            env.cr.commit()
            sent = len(list(folder.iterdir()))
            seconds = core(env, base, matters) if name == "core" else ours(env, matters)
            assert len(list(folder.iterdir())) == sent + count
            found[name] = {step: 1000 * seconds[step] / count for step in STEPS}
    total = {name: sum(steps.values()) for name, steps in found.items()}
    return {
        "bills": small,
        "many": large,
        "lines": LINES,
        "ms": found,
        "evening_one": total["ours"] / total["core"],
        "evening_two": total["ours_two"] / total["core"],
        "evening_growth": total["large"] / total["ours_two"],
        "evening_memory": peak_memory(),
    }
