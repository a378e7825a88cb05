"""One payment over many bills, beside core's register payment."""

import firm
from measure import middle, ratio, timed

from odoo.fields import Command

BILLS_OF_MATTER = 10


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


def compare(env, count, client_count, core_first=False):
    """Seconds and queries of both ways, up to the commit's own work: messages too."""
    clients = firm.make_clients(env, client_count)
    matters = env["project.project"].create(
        [
            {
                "name": f"Matter {index}",
                "is_matter": True,
                "partner_id": clients[index % client_count].id,
            }
            for index in range(count // BILLS_OF_MATTER)
        ]
    )
    owners = [matter.partner_id for matter in matters]
    bills = firm.make_bills(env, count, owners, matters)
    moves = firm.make_bills(env, count, clients)
    work = [
        ("ours", lambda: pay(env, bills, clients[:1])),
        ("core", lambda: register(env, moves)),
    ]
    found = {
        name: timed(env, step)[:2]
        for name, step in (reversed(work) if core_first else work)
    }
    for paid in (bills, moves):
        assert not sum(paid.mapped("amount_residual"))
        assert set(paid.mapped("payment_state")) <= {"paid", "in_payment"}
    env.cr.rollback()
    return found


def measure(env, size, rounds):
    """Bills of clients with ten each, and bills of one client; matters of ten bills.
    The first round warms both sides and does not count; then each side is first in
    turns."""
    count = 1000 if size >= 10000 else 200
    firm.prepare(env)
    env.cr.commit()
    compare(env, 20, 2)
    result = {"bills": count}
    for name, clients in (("many", count // 10), ("single", 1)):
        found = [
            compare(env, count, clients, core_first=index % 2)
            for index in range(max(2, rounds - 1))
        ]
        medians = middle(found, count)
        result[name] = {
            "clients": clients,
            "ours": medians["ours"]["ms"],
            "core": medians["core"]["ms"],
            "ratio": ratio(found, "ours", "core"),
            "queries": medians["ours"]["queries"],
            "core_queries": medians["core"]["queries"],
        }
    return result
