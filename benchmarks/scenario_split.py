"""Bills that two payers share, beside plain ones: per bill that is made."""

import firm
from measure import middle, ratio, timed

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


def one_round(env, base, order):
    """Time each kind once, on matters and clients of its own."""
    makers = {
        "plain": lambda: firm.make_matters(env, base, BILLS),
        "split": lambda: make_shared(env, base),
        "carried": lambda: make_carried(env, base),
    }
    runs = {kind: firm.make_run(env, makers[kind]()) for kind in makers}
    found = {}
    for kind in order:
        run = runs[kind]
        *found[f"{kind}_draft"], _none = timed(env, run.action_bill_all)
        bills = run.bill_ids._get_split_set()
        assert len(bills) == BILLS, run.line_ids.mapped("message")
        *found[f"{kind}_approve"], _none = timed(env, bills.action_approve_bills)
    return found


def measure(env, size, rounds):
    """Medians of rounds of 100 bills of each kind, in turns."""
    base = firm.prepare(env)
    env.company.legal_deduct_on_account = "approved"
    order = ["plain", "split", "carried"]
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
    }
