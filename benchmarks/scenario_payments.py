"""One payment over many bills, beside core's register payment."""

from statistics import median

import firm
from measure import timed

from odoo.fields import Command


def pay(env, bills, payer):
    """A slip over all bills, made and posted."""
    payment = env["legal.payment"].create(
        {
            "source": "bank",
            "received_from_id": payer.id,
            "amount": sum(bills.mapped("amount_residual")),
            "date": firm.DAY,
            "memo": "remittance",
            "allocation_ids": [Command.create({"bill_id": bill.id}) for bill in bills],
        }
    )
    payment.action_post()


def register(env, moves):
    """Core's wizard over the same number of invoices."""
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=moves.ids
    ).create({"payment_date": firm.DAY, "group_payment": True})._create_payments()


def compare(env, count, client_count):
    """Seconds of both ways."""
    clients = firm.make_clients(env, client_count)
    matters = env["project.project"].create(
        [
            {"name": client.name, "is_matter": True, "partner_id": client.id}
            for client in clients
        ]
    )
    bills = firm.make_bills(env, count, clients, matters)
    moves = firm.make_bills(env, count, clients)
    ours, queries, _none = timed(env, lambda: pay(env, bills, clients[:1]))
    core, more, _none = timed(env, lambda: register(env, moves))
    for paid in (bills, moves):
        assert not sum(paid.mapped("amount_residual"))
    env.cr.rollback()
    return ours, core, queries, more


def measure(env, size, rounds):
    """Bills of a hundred clients in tens, and bills of one client."""
    count = 1000 if size >= 10000 else 200
    firm.prepare(env)
    env.cr.commit()
    compare(env, 20, 2)
    result = {"bills": count}
    for name, clients in (("many", count // 10), ("single", 1)):
        found = [compare(env, count, clients) for _index in range(max(1, rounds - 1))]
        result[name] = {
            "clients": clients,
            "ours": 1000 * median(row[0] for row in found) / count,
            "core": 1000 * median(row[1] for row in found) / count,
            "ratio": median(row[0] / row[1] for row in found),
            "queries": found[0][2] / count,
            "core_queries": found[0][3] / count,
        }
    return result
