"""PDFs of ten entries a bill, beside core's own layout with as many lines.

Core's layout fetches its styles from the server: BENCH_URL names one that runs.
"""

import os
import threading
import time
from statistics import median

import firm

from odoo import SUPERUSER_ID, api
from odoo.fields import Command

BILLS = 20


def make_documents(env, base):
    """Approved bills of ten entries, and invoices of ten lines."""
    matters = firm.make_matters(env, base, BILLS)
    run = firm.make_run(env, matters)
    run.action_bill_all()
    bills = env["account.move"].browse(run.bill_ids.ids)
    bills.action_approve_bills()
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": matter.partner_id.id,
                "invoice_date": firm.DAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Advice",
                            "quantity": 0.5,
                            "price_unit": firm.RATE,
                            "tax_ids": [Command.set(base["tax"].ids)],
                        }
                    )
                    for _index in range(firm.ENTRIES)
                ],
            }
            for matter in matters
        ]
    )
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


def render_on_two(env, report, moves):
    """Seconds when two workers render a half each."""

    def work(ids):
        with env.registry.cursor() as cr:
            own = api.Environment(cr, SUPERUSER_ID, {})
            render(own, report, own["account.move"].browse(ids))

    half = len(moves) // 2
    threads = [
        threading.Thread(target=work, args=(ids,))
        for ids in (moves.ids[:half], moves.ids[half:])
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def measure(env, size, rounds):
    """Median ms per document: ours on one and two workers, core on one."""
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
            "one": render(env, report.report_name, bills),
            "two": render_on_two(env, report.report_name, bills),
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
