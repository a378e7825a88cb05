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


def bare(env, moves):
    """The least that core's own parts cost: an entry made by hand with an item per
    invoice, posted and matched; no slip, no rule, no note, no receipts."""
    receivables = moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    bank = {
        "account_id": journal.default_account_id.id,
        "debit": sum(receivables.mapped("amount_residual")),
    }
    items = [
        {
            "account_id": line.account_id.id,
            "partner_id": line.partner_id.id,
            "credit": line.amount_residual,
        }
        for line in receivables
    ]
    entry = env["account.move"].create(
        {
            "journal_id": journal.id,
            "date": firm.DAY,
            "line_ids": [Command.create(vals) for vals in (bank, *items)],
        }
    )
    entry.action_post()
    credits = entry.line_ids.filtered("credit").sorted("id")
    env["account.move.line"]._reconcile_plan(
        [pair[0] + pair[1] for pair in zip(receivables, credits, strict=True)]
    )


def make(env, count, client_count):
    """Bills of matters with ten each, and as many plain invoices, of as many clients:
    committed and known to the planner, as they are when a remittance comes in.

    :return: bills, invoices, payer
    """
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
    env.flush_all()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return bills, moves, clients[:1]


def compare(env, made, first):
    """Seconds and queries of each way, up to the commit's own work: messages too. Each
    is taken back.

    :param tuple made: what ``make`` returns
    :param int first: which way goes first
    """
    bills, moves, payer = made
    ways = [
        ("ours", bills, lambda: pay(env, bills, payer)),
        ("core", moves, lambda: register(env, moves)),
        ("bare", moves, lambda: bare(env, moves)),
    ]
    found = {}
    for name, paid, work in ways[first:] + ways[:first]:
        found[name] = timed(env, work)[:2]
        assert not sum(paid.mapped("amount_residual"))
        assert set(paid.mapped("payment_state")) <= {"paid", "in_payment", "reversed"}
        env.cr.rollback()
    return found


def measure(env, size, rounds):
    """Bills of clients with ten each, and bills of one client. The first round warms
    all ways and does not count; then each is first in turns."""
    count = 1000 if size >= 10000 else 200
    firm.prepare(env)
    env.cr.commit()
    compare(env, make(env, 20, 2), 0)
    result = {"bills": count}
    for name, clients in (("many", count // 10), ("single", 1)):
        made = make(env, count, clients)
        found = [compare(env, made, index % 3) for index in range(max(3, rounds))]
        medians = middle(found, count)
        result[name] = {
            "clients": clients,
            "ours": medians["ours"]["ms"],
            "core": medians["core"]["ms"],
            "bare": medians["bare"]["ms"],
            "ratio": ratio(found, "ours", "core"),
            "bare_ratio": ratio(found, "bare", "core"),
            "queries": medians["ours"]["queries"],
            "core_queries": medians["core"]["queries"],
            "bare_queries": medians["bare"]["queries"],
        }
    return result
