"""PDFs of ten entries a bill, beside core's own layout with as many lines.

Core's layout fetches its styles from the server: BENCH_URL names one that runs.
"""

import os
import time
from statistics import median

import firm

#: One batch of core's own, which is what a chunk of a run is printed in.
BILLS = 80


def make_documents(env, base):
    """Approved bills of ten entries, and invoices of ten lines."""
    matters = firm.make_matters(env, base, BILLS)
    run = firm.make_run(env, matters)
    run.action_bill_all()
    bills = env["account.move"].browse(run.bill_ids.ids)
    bills.action_approve_bills()
    moves = firm.make_invoices(env, base, matters, firm.ENTRIES)
    moves.action_post()
    env.cr.commit()
    return bills, moves


def render(env, report, moves):
    """Seconds of one PDF of these documents."""
    env.invalidate_all()
    start = time.perf_counter()
    content, kind = (
        env["ir.actions.report"]
        .with_context(force_report_rendering=True)
        ._render_qweb_pdf(report, moves.ids)
    )
    assert kind == "pdf" and content.startswith(b"%PDF")
    return time.perf_counter() - start


def render_with(env, report, moves, processes):
    """Seconds when this many wkhtmltopdf processes run at once; 0: core's way."""
    env["ir.config_parameter"].set_param("legal_billing.pdf_processes", str(processes))
    return render(env, report, moves)


def measure(env, size, rounds):
    """Median ms per document: ours one after the other, ours with two processes of
    wkhtmltopdf beside this one, core's layout on one."""
    env["ir.config_parameter"].set_param("report.url", os.environ["BENCH_URL"])
    base = firm.prepare(env)
    bills, moves = make_documents(env, base)
    report = bills[:1].bill_report_id or env.ref(
        "legal_billing.action_report_bill_itemised"
    )
    core = env.ref("account.account_invoices")
    times = {"one": [], "two": [], "core": []}
    for index in range(rounds + 1):
        found = {
            "core": render(env, core.report_name, moves),
            "one": render_with(env, report.report_name, bills, 0),
            "two": render_with(env, report.report_name, bills, 2),
        }
        if index:  # the first one makes core's styles
            for name, seconds in found.items():
                times[name].append(seconds)
    ms = {name: 1000 * median(values) / BILLS for name, values in times.items()}
    return {
        "documents": BILLS,
        **ms,
        "pdf_one": median(
            a / b for a, b in zip(times["one"], times["core"], strict=True)
        ),
        "pdf_two": median(
            a / b for a, b in zip(times["two"], times["core"], strict=True)
        ),
    }
