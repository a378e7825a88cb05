"""Acts on requests for money: asked, sent, paid in part, as a whole or twice, cancelled;
retainers that are filled up, with the bill and from the list."""

from datetime import timedelta

from odoo.fields import Command

from .walk_acts import REASON, pick_day, pick_matter, pick_some
from .walk_data import BILLERS, BOOKS, CASHIERS, OFFICERS, Call, Result, act
from .walk_money_acts import post

ASKERS = ("biller", "cashier", "client_account_officer", "manager")
#: A matter whose retainer is filled up with its bills.
EVERGREEN = {
    "retainer_minimum": 400.0,
    "retainer_target": 1000.0,
    "retainer_ask_with_bill": True,
}
WAITING = (
    "t.cancelled_on IS NULL AND t.state IN ('draft', 'sent', 'part_paid') "
    "AND t.kind = %s"
)


def pick_request(walk, random, kind):
    """One that waits for money of this kind; sometimes any, which is refused."""
    if random.random() < 0.12:
        return walk.pick(random, "legal.money.request")
    return walk.pick(random, "legal.money.request", WAITING, kind)


def pick_amount(random, request):
    """A part of what is open, all of it, or more."""
    part = random.choice((0.3, 0.5, 1.0, 1.0, 1.0, 1.2))
    return round((request.open_amount or request.amount) * part, 2)


@act("requests", ASKERS, 16)
def ask_for_money(walk, random):
    """A client is asked for either kind of money."""
    vals = {
        "kind": random.choice(("client_money", "on_account")),
        "matter_id": pick_matter(walk, random),
        "amount": random.choice((120.0, 333.33, 600.0, 1200.0)),
        "date": pick_day(walk, random),
    }
    return [Call("legal.money.request", "create", (vals,))]


@act("requests", ("manager",), 5)
def agree_retainer(walk, random):
    """A matter gets a minimum, a target, and is asked for with the bill, or not."""
    vals = {
        "retainer_minimum": random.choice((0.0, 200.0, 800.0)),
        "retainer_target": random.choice((0.0, 500.0, 1500.0)),
        "retainer_ask_with_bill": random.random() < 0.8,
    }
    matter = pick_matter(walk, random)
    return [Call("project.project", "write", ([matter], vals))]


@act("requests", ASKERS, 4)
def ask_for_retainers(walk, random):
    """Matters below their minimum are asked for, some of them together."""
    matters = walk.find(
        "project.project",
        "t.is_matter AND t.active AND (t.retainer_minimum > 0 OR t.retainer_target > 0)",
    )
    if not matters:
        return None
    args = (pick_some(random, matters),)
    return [Call("project.project", "action_ask_for_retainers", args)]


@act("requests", ASKERS, 4)
def send_request(walk, random):
    """One or two go out, again sometimes."""
    requests = walk.find("legal.money.request", "t.cancelled_on IS NULL")
    if not requests:
        return None
    args = (pick_some(random, requests, 2),)
    return [Call("legal.money.request", "action_send", args)]


@act("requests", ASKERS, 5)
def cancel_request(walk, random):
    """What is open of one is asked for no more."""
    request = walk.pick(random, "legal.money.request", "t.cancelled_on IS NULL")
    args = ([request], REASON)
    return request and [Call("legal.money.request", "action_cancel", args)]


@act("requests", OFFICERS, 12)
def deposit_for_request(walk, random):
    """Client money that was asked for comes in."""
    request = pick_request(walk, random, "client_money")
    if not request:
        return None
    vals = {
        "kind": "deposit",
        "matter_id": request.matter_id,
        "money_request_id": request,
        "journal_id": walk.firm.client_bank,
        "amount": pick_amount(random, request),
        "date": pick_day(walk, random),
        "reference": request.name,
    }
    calls = [Call("legal.trust.transaction", "create", (vals,))]
    if random.random() < 0.9:
        calls.append(Call("legal.trust.transaction", "action_post", ((Result(0),),)))
    return calls


@act("requests", CASHIERS, 14)
def pay_request(walk, random):
    """A payment on account that was asked for comes in."""
    request = pick_request(walk, random, "on_account")
    if not request:
        return None
    amount = pick_amount(random, request)
    matter = request.matter_id
    if random.random() < 0.05:
        matter = pick_matter(walk, random)
    row = {"kind": "credit", "matter_id": matter, "amount": amount}
    vals = {
        "source": random.choice(("bank", "bank", "cash")),
        "matter_id": matter,
        "received_from_id": request.partner_id,
        "money_request_id": request,
        "currency_id": request.currency_id,
        "amount": amount,
        "date": pick_day(walk, random),
        "memo": request.name,
        "allocation_ids": [Command.create(row)],
    }
    return post(vals, random.random() < 0.9)


@act("requests", ("approver", "manager"), 8)
def approve_what_came_in(walk, random):
    """Bills on account of what came in are approved, and the money pays them."""
    bills = walk.find(
        "account.move", "t.state = 'draft' AND t.money_request_id IS NOT NULL"
    )
    if not bills:
        return None
    args = (pick_some(random, bills, 2),)
    return [Call("account.move", "action_approve_bills", args)]


@act("requests", BILLERS, 3)
def bill_what_came_in(walk, random):
    """A draft on account that was deleted is made again."""
    request = walk.pick(
        random, "legal.money.request", "t.kind = 'on_account' AND t.paid_amount > 0"
    )
    return request and [Call("legal.money.request", "action_bill", ([request],))]


@act("requests", BOOKS, 3)
def bank_line_of_request(walk, random):
    """The bank names a request, in the right account or in the other."""
    request = walk.pick(random, "legal.money.request")
    if not request:
        return None
    vals = {
        "journal_id": random.choice((walk.firm.client_bank, walk.firm.office_bank)),
        "date": walk.today - timedelta(days=random.choice((0, 1, 4))),
        "payment_ref": f"SEPA {request.name}",
        "amount": pick_amount(random, request),
    }
    return [Call("account.bank.statement.line", "create", (vals,))]
