"""Six months of work: time entries, and disbursements by hand and from vendors."""

from datetime import timedelta

from odoo.fields import Command

from .areas import HOSTILE_NARRATIVES, narrate, narrate_long
from .company import DISBURSEMENT_TYPES

BATCH = 2000
#: Share of the entries that are disbursements, and of these from vendor bills.
DISBURSEMENTS = 0.09
FROM_VENDORS = 0.6
#: Hours of an entry: mostly short, now and then a day in court.
HOURS = (0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.5, 0.7, 0.8, 1.0, 1.2, 1.5, 1.8, 2.5, 3.4, 6.5)
#: What a disbursement of a type costs, from and to.
COSTS = {
    "court": (60, 455),
    "registry": (7, 150),
    "search": (12, 90),
    "counsel": (400, 2400),
    "expert": (350, 1800),
    "translation": (90, 600),
    "courier": (12, 65),
    "travel": (25, 210),
    "copies": (5, 120),
}
LINES_PER_VENDOR_BILL = 12


def deal_entries(plans, count):
    """How many entries each matter gets, by weight; together exactly ``count``.

    :return: numbers, in the order of the plans
    :rtype: list
    """
    total = sum(plan.weight for plan in plans)
    exact = [plan.weight / total * count for plan in plans]
    dealt = [int(share) for share in exact]
    by_rest = sorted(range(len(plans)), key=lambda i: (dealt[i] - exact[i], i))
    for index in by_rest[: count - sum(dealt)]:
        dealt[index] += 1
    return dealt


def prepare_work(rng, plans, base, count):
    """All entries as plain values, oldest first.

    :param int count: how many
    :return: values of time, of disbursements by hand, of vendors' bill lines
    :rtype: tuple
    """
    time, by_hand, from_vendors = [], [], []
    teams = _make_teams(rng, plans, base)
    for plan, number in zip(plans, deal_entries(plans, count), strict=True):
        costs = round(number * DISBURSEMENTS)
        for index in range(number - costs):
            time.append(_prepare_time_vals(rng, plan, base, teams, index))
        for _index in range(costs):
            vals = _prepare_cost(rng, plan, base)
            if vals["type"] in base["vendors"] and rng.random() < FROM_VENDORS:
                from_vendors.append(vals)
            else:
                by_hand.append(_prepare_disbursement_vals(vals, base))
        if plan.kind.wip == "refund":
            by_hand.append(_prepare_refund_vals(plan, base))
    for rows in (time, by_hand, from_vendors):
        rows.sort(key=lambda vals: vals["date"])
    return time, by_hand, from_vendors


def _make_teams(rng, plans, base):
    """The responsible lawyer and up to three others of each matter."""
    by_user = {employee.user_id: employee for employee in base["timekeepers"]}
    others = [e for e in base["timekeepers"] if e.legal_grade != "partner"]
    return {
        plan.matter.id: [
            by_user[plan.matter.responsible_id],
            *rng.sample(others, min(rng.randint(1, 3), len(others))),
        ]
        for plan in plans
    }


def _choose_day(rng, plan, base):
    calendar = base["calendar"]
    first, last = plan.start, plan.end
    if plan.kind.wip == "later":
        return calendar.today + timedelta(days=rng.randint(1, 5))
    if plan.kind.wip == "refund":
        # all billed by the last bill: what is left is the refund alone
        last = calendar.last_billing
    elif plan.kind.key == "large":
        first = max(first, calendar.today - timedelta(days=45))
    return calendar.make_workday(rng, first, last)


def _prepare_time_vals(rng, plan, base, teams, index):
    team = teams[plan.matter.id]
    employee = rng.choice(team if rng.random() < 0.7 else team[:2])
    if plan.kind.wip == "consultant":
        employee = base["consultant"]
    narrative = narrate(rng, plan.area)
    if plan.kind.key == "large" and index < len(HOSTILE_NARRATIVES):
        narrative = HOSTILE_NARRATIVES[index]
    elif rng.random() < 0.01:
        narrative = narrate_long(rng, plan.area, rng.choice((400, 900)))
    vals = {
        "project_id": plan.matter.id,
        "employee_id": employee.id,
        "date": _choose_day(rng, plan, base),
        "name": narrative,
        "unit_amount": rng.choice(HOURS),
    }
    luck = rng.random()
    if plan.kind.wip == "held" or luck < 0.02:
        vals["is_on_hold"] = True
    elif luck < 0.05:
        vals["bill_behavior"] = "no_charge"
    elif luck < 0.06:
        vals["bill_behavior"] = "hide"
    elif luck < 0.09:
        # worked to the minute: the firm's units round it up
        vals["unit_amount"] = rng.randint(4, 130) / 60
    return vals


def _prepare_cost(rng, plan, base):
    key = rng.choice(plan.area.disbursements)
    low, high = COSTS[key]
    cost = round(rng.uniform(low, high), 2)
    return {
        "type": key,
        "matter": plan.matter,
        "date": _choose_day(rng, plan, base),
        "cost": cost,
        "held": plan.kind.wip == "held",
        "anticipated": key == "counsel" and rng.random() < 0.25,
    }


def _prepare_disbursement_vals(cost, base):
    return {
        "matter_id": cost["matter"].id,
        "product_id": base["products"][cost["type"]].id,
        "date": cost["date"],
        "name": DISBURSEMENT_TYPES[cost["type"]][4],
        "unit_amount": 1.0,
        "bill_rate": cost["cost"],
        "is_on_hold": cost["held"],
        "is_anticipated": cost["anticipated"],
    }


def _prepare_refund_vals(plan, base):
    """A court fee that came back after the last bill."""
    calendar = base["calendar"]
    return {
        "matter_id": plan.matter.id,
        "product_id": base["products"]["court"].id,
        "date": calendar.last_billing + timedelta(days=4),
        "name": "Court fee refunded",
        "unit_amount": 1.0,
        "bill_rate": -75.0,
    }


def make_entries(env, vals_list):
    """Create entries in batches.

    :return: ids, in order
    :rtype: list
    """
    ids = []
    for first in range(0, len(vals_list), BATCH):
        batch = [dict(vals) for vals in vals_list[first : first + BATCH]]
        ids += env["account.analytic.line"].create(batch).ids
        env.flush_all()
        env["account.analytic.line"].invalidate_model()
    return ids


def make_vendor_bills(env, base, costs):
    """Post the vendors' bills; their lines become disbursements of the matters.

    :param list costs: lines, oldest first
    :rtype: account.move
    """
    groups = {}
    for cost in costs:
        month = cost["date"].replace(day=1)
        groups.setdefault((month, cost["type"]), []).append(cost)
    vals_list = []
    for (_month, key), lines in groups.items():
        for first in range(0, len(lines), LINES_PER_VENDOR_BILL):
            part = lines[first : first + LINES_PER_VENDOR_BILL]
            vals_list.append(_prepare_vendor_bill_vals(base, key, part))
    vals_list.sort(key=lambda vals: vals["invoice_date"])
    for number, vals in enumerate(vals_list, 1):
        vals["ref"] = f"{vals['invoice_date']:%y%m}-{number:04}"
    moves = env["account.move"].with_context(
        mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
    )
    for first in range(0, len(vals_list), 50):
        made = moves.create(vals_list[first : first + 50])
        made.action_post()
        moves |= made
    return moves.with_env(env)


def _prepare_vendor_bill_vals(base, key, costs):
    product = base["products"][key]
    day = costs[-1]["date"]
    return {
        "move_type": "in_invoice",
        "company_id": base["company"].id,
        "partner_id": base["vendors"][key].id,
        "invoice_date": day,
        "date": day,
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": product.id,
                    "name": f"{DISBURSEMENT_TYPES[key][4]}, "
                    f"{cost['matter'].matter_number}",
                    "quantity": 1,
                    "price_unit": cost["cost"],
                    # a search house charges VAT, and the client bears it
                    "tax_ids": [
                        Command.set(
                            base["taxes"]["purchase"].ids
                            if key == "search"
                            else product.supplier_taxes_id.ids
                        )
                    ],
                    "analytic_distribution": {str(cost["matter"].account_id.id): 100},
                }
            )
            for cost in costs
        ],
    }
