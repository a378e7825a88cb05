"""Acts on payments, credits of matters and client money, with the windows of billing."""

from datetime import timedelta

from odoo.fields import Command

from .walk_acts import APPROVED, OF_MATTER, REASON, pick_day, pick_matter, pick_some
from .walk_data import CASHIERS, OFFICERS, SLIPS, Call, Result, act

OPEN = f"{APPROVED} AND t.amount_residual > 0"
PAYABLE = (
    f"t.move_type IN ('out_invoice', 'out_refund') AND t.state = 'posted' "
    f"AND t.amount_residual <> 0 AND {OF_MATTER}"
)


def make_slip(walk, random, source, bills, **vals):
    """Values of a slip over the bills, with amounts by the rule or typed, and a credit
    or a write-off beside them."""
    rows = [{"bill_id": bill} for bill in bills]
    total = sum(bill.amount_residual for bill in bills)
    amount = round(total * random.choice((0.2, 0.5, 0.97, 1.0, 1.0, 1.1)), 2)
    if random.random() < 0.25:
        for row, bill in zip(rows, bills, strict=True):
            row["amount"] = round(bill.amount_residual * random.choice((0.3, 1.0)), 2)
        amount = round(sum(row["amount"] for row in rows), 2)
    if source == "bank" and random.random() < 0.25:
        credit = random.choice((10.0, 75.0))
        matter = bills[0].matter_id if bills else pick_matter(walk, random)
        if matter:
            rows.append({"kind": "credit", "matter_id": matter, "amount": credit})
            amount += credit
    if bills and random.random() < 0.1:
        row = {
            "kind": "write_off",
            "bill_id": bills[0],
            "amount": 1.5,
            "reason": REASON,
        }
        rows.append(row)
    return {
        "source": source,
        "received_from_id": bills[0].partner_id if bills else walk.firm.client,
        "amount": amount or 50.0,
        "date": pick_day(walk, random),
        "memo": "cheque 7",
        "allocation_ids": [Command.create(row) for row in rows],
        **({"currency_id": bills[0].currency_id} if bills else {}),
        **vals,
    }


def post(vals, posts):
    """A slip, posted at once or left as a draft."""
    calls = [Call("legal.payment", "create", (vals,))]
    if posts:
        calls.append(Call("legal.payment", "action_post", ((Result(0),),)))
    return calls


@act("payments", CASHIERS, 40)
def slip_of_money(walk, random):
    """Money in the bank, in cash or on a nominal account pays bills of anybody."""
    bills = walk.find("account.move", PAYABLE)
    if not bills:
        return None
    some = pick_some(random, bills, 4)
    some = [bill for bill in some if bill.currency_id == some[0].currency_id]
    source = random.choice(("bank", "bank", "bank", "cash", "nominal"))
    vals = {"payment_rule_id": random.choice(walk.firm.payment_rules)}
    if source == "nominal":
        vals["nominal_account_id"] = walk.firm.nominal
    if random.random() < 0.2:
        vals["received_from_id"] = walk.firm.insurer
        vals["any_payer"] = True
    return post(make_slip(walk, random, source, some, **vals), random.random() < 0.7)


@act("payments", CASHIERS, 12)
def slip_of_credit(walk, random):
    """An amount that is a credit of a matter."""
    matter = pick_matter(walk, random)
    amount = random.choice((20.0, 100.0, 450.05))
    row = {"kind": "credit", "matter_id": matter, "amount": amount}
    vals = {
        "source": random.choice(("bank", "cash")),
        "received_from_id": matter.partner_id,
        "amount": amount,
        "date": pick_day(walk, random),
        "memo": "on account",
        "currency_id": matter.billing_currency_id,
        "allocation_ids": [Command.create(row)],
    }
    return post(vals, random.random() < 0.9)


@act("payments", CASHIERS, 16)
def use_credit(walk, random):
    """Credits of a matter pay its bills, or another's."""
    bill = walk.pick(
        random,
        "account.move",
        f"{OPEN} AND t.matter_id IN (SELECT matter_id FROM account_move_line "
        "WHERE account_id = %s AND parent_state = 'posted' AND NOT reconciled)",
        walk.firm.credits.id,
    )
    if not bill:
        return None
    vals = {"matter_id": bill.matter_id}
    there = bill.matter_id.unallocated_credit_balance
    if there and random.random() < 0.7:
        vals["amount"] = min(there, bill.amount_residual)
    if random.random() < 0.1:
        vals["matter_id"] = pick_matter(walk, random)
    return post(make_slip(walk, random, "unallocated", [bill], **vals), True)


@act("payments", CASHIERS, 10)
def move_or_refund_credit(walk, random):
    """A credit is paid back, moved, or becomes client money."""
    item = walk.pick(
        random,
        "account.move.line",
        "t.account_id = %s AND t.parent_state = 'posted' "
        "AND t.amount_residual_currency < 0 AND t.matter_id IS NOT NULL",
        walk.firm.credits.id,
    )
    if not item:
        return None
    part = random.choice((0.5, 1.0, 1.0, 1.2))
    vals = {
        "matter_id": item.matter_id,
        "currency_id": item.currency_id,
        "operation": random.choice(("refund", "move", "client_account")),
        "amount": round(-item.amount_residual_currency * part, 2),
        "date": pick_day(walk, random),
        "journal_id": walk.firm.office_bank,
        "client_journal_id": walk.firm.client_bank,
        "to_matter_id": pick_matter(walk, random),
        "reason": REASON,
    }
    if random.random() < 0.2:
        vals["partner_id"] = walk.firm.insurer
    return [
        Call("legal.payment.credit", "create", (vals,)),
        Call("legal.payment.credit", "action_confirm", ((Result(0),),)),
    ]


@act("payments", SLIPS, 12)
def amend_slip(walk, random):
    """A draft slip: another amount, rule, row or payer."""
    slip = walk.pick(random, "legal.payment", "t.state = 'draft'")
    if not slip:
        return None
    row = walk.pick(random, "legal.payment.allocation", "t.payment_id = %s", slip.id)
    choice = random.randrange(7)
    if choice == 0 and row:
        vals = {"amount": round((row.amount or 10.0) * random.choice((0.5, 1.3)), 2)}
        return [
            Call("legal.payment.allocation", "write", ([row], vals)),
            Call("legal.payment.allocation", "action_typed", ([row],)),
        ]
    if choice == 1 and row:
        return [Call("legal.payment.allocation", "unlink", ([row],))]
    if choice == 2:
        bill = walk.pick(random, "account.move", PAYABLE)
        vals = {"payment_id": slip, "bill_id": bill}
        return bill and [Call("legal.payment.allocation", "create", (vals,))]
    if choice == 3:
        method = random.choice(
            ("action_clear", "action_add_bills", "action_keep_amounts")
        )
        return [Call("legal.payment", method, ([slip],))]
    if choice == 4:
        vals = {
            "amount": round(slip.amount * random.choice((0.5, 1.1)), 2),
            "date": pick_day(walk, random),
            "payment_rule_id": random.choice(walk.firm.payment_rules),
        }
        return [Call("legal.payment", "write", ([slip], vals))]
    if choice == 5 and row:
        vals = {
            "payment_id": slip,
            "kind": "write_off",
            "bill_id": row.bill_id or None,
            "amount": random.choice((0.5, 4.0, 60.0)),
            "reason": REASON,
        }
        return [Call("legal.payment.allocation", "create", (vals,))]
    return [Call("legal.payment", "action_apply_rule", ([slip],))]


@act("payments", SLIPS, 14)
def post_slip(walk, random):
    """Draft slips are posted; one alone mostly after the rule has spread it, and
    others that hold its bills' money are thrown away."""
    slips = walk.find("legal.payment", "t.state = 'draft'")
    if not slips:
        return None
    if random.random() < 0.7:
        slip = random.choice(slips)
        bills = slip.slip_bill_ids
        others = [other for other in slips if other != slip]
        others = [other for other in others if other.slip_bill_ids & bills]
        calls = [Call("legal.payment", "unlink", (others,))] if others else []
        return [
            *calls,
            Call("legal.payment", "action_apply_rule", ([slip],)),
            Call("legal.payment", "action_post", ([slip],)),
        ]
    return [Call("legal.payment", "action_post", (pick_some(random, slips, 2),))]


@act("payments", SLIPS, 3)
def delete_slip(walk, random):
    """A slip is deleted."""
    slip = walk.pick(
        random, "legal.payment", "t.state = 'draft' OR %s", random.random() < 0.1
    )
    return slip and [Call("legal.payment", "unlink", ([slip],))]


@act("payments", CASHIERS, 12)
def reverse_slip(walk, random):
    """A slip was wrong, or the bank took it back."""
    slip = walk.pick(random, "legal.payment", "t.state = 'posted'")
    if not slip:
        return None
    if random.random() < 0.6:
        args = ([slip], REASON, "correction")
    else:
        args = ([slip], REASON, "dishonour", pick_day(walk, random))
        if random.random() < 0.4:
            args += ({"amount": 7.5, "account": walk.firm.nominal},)
    return [Call("legal.payment", "action_reverse", args)]


# --- client money


@act("client money", OFFICERS, 16)
def move_client_money(walk, random):
    """A deposit, a refund, a transfer between matters."""
    kind = random.choice(("deposit", "deposit", "deposit", "refund", "matter_transfer"))
    matter = pick_matter(walk, random)
    if kind == "deposit" and random.random() < 0.5:
        where = f"{OPEN} AND t.delivered_day IS NOT NULL AND t.matter_id IS NOT NULL"
        bill = walk.pick(random, "account.move", where)
        matter = bill.matter_id if bill else matter
    vals = {
        "kind": kind,
        "matter_id": matter,
        "amount": random.choice((25.0, 150.0, 1000.0)),
        "date": pick_day(walk, random),
        "journal_id": walk.firm.client_bank,
        "memo": "completion",
    }
    if kind == "matter_transfer":
        vals["to_matter_id"] = pick_matter(walk, random)
    if kind == "deposit" and random.random() < 0.2:
        vals["is_uncleared"] = True
    method = random.choice(
        ("action_post", "action_post", "action_post", "action_submit")
    )
    return [
        Call("legal.trust.transaction", "create", (vals,)),
        Call("legal.trust.transaction", method, ((Result(0),),)),
    ]


@act("client money", OFFICERS, 6)
def follow_client_money(walk, random):
    """What waits is posted, what came cleared, what is retained."""
    choice = random.randrange(3)
    if choice == 0:
        args = ([pick_matter(walk, random)], random.choice((0.0, 100.0)))
        return [Call("project.project", "action_retain_client_money", args)]
    where, method = random.choice(
        (
            ("t.state IN ('draft', 'submitted')", "action_post"),
            ("t.state = 'posted' AND t.is_uncleared", "action_clear"),
        )
    )
    movement = walk.pick(random, "legal.trust.transaction", where)
    return movement and [Call("legal.trust.transaction", method, ([movement],))]


@act("client money", OFFICERS, 7)
def reverse_client_money(walk, random):
    """A movement was wrong."""
    movement = walk.pick(random, "legal.trust.transaction", "t.state = 'posted'")
    if not movement:
        return None
    args = ([movement], REASON)
    if random.random() < 0.3:
        args += (pick_day(walk, random),)
    return [Call("legal.trust.transaction", "action_reverse", args)]


@act("client money", OFFICERS, 14)
def pay_from_client_money(walk, random):
    """Client money pays bills of its matter that were delivered, or not."""
    delivered = "t.delivered_day IS NOT NULL" if random.random() < 0.85 else "true"
    held = (
        "t.matter_id IN (SELECT matter_id FROM legal_trust_balance WHERE balance > 0)"
    )
    bill = walk.pick(random, "account.move", f"{OPEN} AND {delivered} AND {held}")
    if not bill:
        return None
    bills = walk.find(
        "account.move",
        f"{OPEN} AND {delivered} AND t.matter_id = %s",
        bill.matter_id.id,
    )
    vals = {
        "client_journal_id": walk.firm.client_bank,
        "journal_id": walk.firm.office_bank,
        "matter_id": bill.matter_id,
    }
    some = pick_some(random, bills, 2)
    return post(make_slip(walk, random, "client_account", some, **vals), True)


@act("client money", OFFICERS, 5)
def run_of_client_money(walk, random):
    """All delivered bills are paid from client money."""
    vals = {"date": pick_day(walk, random), "memo": "month end"}
    return [
        Call("legal.trust.run", "create", (vals,)),
        Call("legal.trust.run", "action_load", ((Result(0),),)),
        Call("legal.trust.run", "action_post", ((Result(0),),)),
    ]


@act("client money", OFFICERS, 3)
def sign_reconciliation(walk, random):
    """The client account is reconciled, and mostly signed."""
    vals = {
        "journal_id": walk.firm.client_bank,
        "date": walk.today - timedelta(days=random.choice((20, 35))),
        "note": "explained",
    }
    return [
        Call("legal.trust.reconciliation", "create", (vals,)),
        Call("legal.trust.reconciliation", "action_refresh", ((Result(0),),)),
        Call("legal.trust.reconciliation", "action_sign", ((Result(0),),)),
    ]
