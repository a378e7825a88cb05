"""How long another person waits who posts an invoice of the same journal while a run
approves hundreds of bills."""

import threading
import time
from statistics import median

import firm
from scenario_scale import in_background

from odoo import SUPERUSER_ID, api
from odoo.service.model import retrying

BILLS = 400


class Neighbour(threading.Thread):
    """Posts an invoice, again and again, each in a transaction of its own."""

    def __init__(self, registry, partner_id):
        super().__init__()
        self.registry, self.partner_id = registry, partner_id
        self.waits, self.stop = [], threading.Event()

    def run(self):
        """Post until told to stop."""
        while not self.stop.is_set():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                partner = env["res.partner"].browse(self.partner_id)
                move = firm.make_draft(env, partner)
                cr.commit()
                start = time.perf_counter()
                retrying(move.action_post, env)
                cr.commit()
                self.waits.append(time.perf_counter() - start)
            self.stop.wait(0.1)


def measure(env, size, rounds):
    """Median and longest wait, beside the time of one chunk and the wait when
    nothing else runs."""
    base = firm.prepare(env)
    matters = firm.make_matters(env, base, BILLS)
    run = firm.make_run(env, matters)
    run.action_bill_all()
    bills = env["account.move"].browse(run.bill_ids.ids)
    env.company.legal_small_run = 0
    bills.action_approve_bills()
    env.company.legal_small_run = 10**9
    approval = env["legal.billing.run"].search(
        [("operation", "=", "approve")], order="id desc", limit=1
    )
    partner = firm.make_clients(env, 1)
    env.cr.commit()
    alone = Neighbour(env.registry, partner.id)
    alone.start()
    time.sleep(2)
    alone.stop.set()
    alone.join()
    neighbour = Neighbour(env.registry, partner.id)
    start = time.perf_counter()
    neighbour.start()
    in_background(env, approval)
    seconds = time.perf_counter() - start
    neighbour.stop.set()
    neighbour.join()
    assert approval.done_count == BILLS, approval.failed_count
    return {
        "bills": BILLS,
        "chunk_ms": 1000 * seconds / (BILLS / 100),
        "alone_ms": 1000 * median(alone.waits),
        "median_ms": 1000 * median(neighbour.waits),
        "longest_ms": 1000 * max(neighbour.waits),
        "posted": len(neighbour.waits),
    }
