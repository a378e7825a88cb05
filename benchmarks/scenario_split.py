"""Bills that two payers share, and bills over two matters, beside plain ones: per bill
that is made."""

import firm
from measure import middle, ratio, timed

from odoo.fields import Command

BILLS = 100


def make_shared(env, base):
    """Half as many matters, each of two payers: an insurer and the client."""
    matters = firm.make_matters(env, base, BILLS // 2)
    insurers = firm.make_clients(env, len(matters))
    env["legal.matter.payer"].create(
        [
            {"matter_id": matter.id, **payer}
            for matter, insurer in zip(matters, insurers, strict=True)
            for payer in (
                {"partner_id": insurer.id, "share_type": "percent", "value": 60},
                {"partner_id": matter.partner_id.id, "share_type": "remainder"},
            )
        ]
    )
    return matters


def make_carried(env, base):
    """As many matters, each billed on account before."""
    matters = firm.make_matters(env, base, BILLS)
    maker = env["legal.bill.maker"]
    bills = env["account.move"].union(
        *(maker._make_on_account(matter, 100.0, firm.DAY) for matter in matters)
    )
    bills.action_approve_bills()
    return matters


def make_wide(env, base):
    """As many matters, whose bills have as many lines, of as many entries, as those over
    two matters."""
    matters = firm.make_matters(env, base, BILLS, firm.ENTRIES - 2)
    types = env["product.product"].create(
        [
            {
                "name": f"Cost {number}",
                "type": "service",
                "legal_use": "disbursement",
                "taxes_id": [Command.clear()],
            }
            for number in range(2)
        ]
    )
    env["account.analytic.line"].create(
        [
            {
                "matter_id": matter.id,
                "product_id": product.id,
                "name": "Search",
                "date": firm.DAY,
                "bill_rate": 40.0,
                "unit_amount": 1,
            }
            for matter in matters
            for product in types
        ]
    )
    return matters


def make_together(env, base):
    """Twice as many matters with half of the entries, two of each client, which gets one
    bill for both."""
    matters = firm.make_matters(env, base, 2 * BILLS, firm.ENTRIES // 2)
    for first, second in zip(matters[:BILLS], matters[BILLS:], strict=True):
        second.write(
            {
                "partner_id": first.partner_id.id,
                "billing_partner_id": first.billing_partner_id.id,
                "bill_recipient_ids": [Command.set(first.bill_recipient_ids.ids)],
            }
        )
    # who gets it, and how, has to be the same, too
    channels = matters[0].bill_channel_ids
    matters.write(
        {"bill_together": True, "bill_channel_ids": [Command.set(channels.ids)]}
    )
    return matters


def count_lines(bills):
    """What is charged on them."""
    return len(bills.invoice_line_ids.filtered(lambda x: x.display_type == "product"))


def one_round(env, base, order):
    """Time each kind once, on matters and clients of its own."""
    makers = {
        "plain": lambda: firm.make_matters(env, base, BILLS),
        "split": lambda: make_shared(env, base),
        "carried": lambda: make_carried(env, base),
        "wide": lambda: make_wide(env, base),
        "together": lambda: make_together(env, base),
    }
    runs = {kind: firm.make_run(env, makers[kind]()) for kind in makers}
    found, lines = {}, {}
    for kind in order:
        run = runs[kind]
        *found[f"{kind}_draft"], _none = timed(env, run.action_bill_all)
        bills = run.bill_ids._get_split_set()
        assert len(bills) == BILLS, run.line_ids.mapped("message")
        lines[kind] = count_lines(bills)
        *found[f"{kind}_approve"], _none = timed(env, bills.action_approve_bills)
    assert lines["wide"] == lines["together"], lines
    return found


def measure(env, size, rounds):
    """Medians of rounds of 100 bills of each kind, in turns."""
    base = firm.prepare(env)
    env.company.legal_deduct_on_account = "approved"
    order = ["plain", "split", "carried", "wide", "together"]
    one_round(env, base, order)  # caches, compiled expressions
    found = []
    for _round in range(rounds):
        order.append(order.pop(0))
        found.append(one_round(env, base, order))
    per_bill = middle(found, BILLS)
    env.cr.rollback()
    return {
        "per_bill": per_bill,
        "split_draft": ratio(found, "split_draft", "plain_draft"),
        "split_approve": ratio(found, "split_approve", "plain_approve"),
        "carried_draft": ratio(found, "carried_draft", "plain_draft"),
        "carried_approve": ratio(found, "carried_approve", "plain_approve"),
        "together_draft": ratio(found, "together_draft", "wide_draft"),
        "together_approve": ratio(found, "together_approve", "wide_approve"),
    }
