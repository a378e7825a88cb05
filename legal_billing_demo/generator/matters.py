"""Matters with their options, instalments and milestones."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from odoo.fields import Command

from .areas import AREAS, Area
from .kinds import Kind, deal_kinds
from .names import FIRST_NAMES, LAST_NAMES, STREETS

#: So many plain matters are of one group, which gets one bill for all of them.
OF_GROUP = 5
#: What an hour entry is worth on average, to choose quotes by.
EXPECTED_ENTRY = 380.0
BATCH = 500


@dataclass
class Plan:
    """What a matter will be, before it is one."""

    kind: Kind
    area: Area
    title: str
    client: object
    vals: dict
    start: date
    end: date
    weight: float
    late: dict = field(default_factory=dict)
    matter: object = None
    is_of_group: bool = False


def plan_matters(rng, calendar, count, clients, group):
    """Decide what the matters are.

    :param res.partner clients:
    :param res.partner group: client of the last plain ones
    :return: plans, oldest matter first
    :rtype: list
    """
    plans = []
    for index, kind in enumerate(deal_kinds(count)):
        area = AREAS[index % len(AREAS)] if index < 12 else rng.choice(AREAS)
        client = clients[index % len(clients)]
        title = rng.choice(area.titles).format(
            other=rng.choice(LAST_NAMES),
            person=f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}",
            street=f"{rng.randint(2, 90)} {rng.choice(STREETS)}",
            number=rng.choice(("4", "7", "12b", "21")),
        )
        start = calendar.start + timedelta(days=rng.randint(0, 60))
        if kind.key == "new":
            start = calendar.last_billing + timedelta(days=1)
        plans.append(
            Plan(
                kind=kind,
                area=area,
                title=title,
                client=client,
                vals={},
                start=start,
                end=calendar.today,
                weight=kind.weight * rng.uniform(0.5, 1.5),
                late=kind.late,
            )
        )
    plain = [plan for plan in plans if plan.kind.key == "hourly"]
    for plan in plain[1:][-OF_GROUP:]:
        plan.client, plan.is_of_group = group, True
    return plans


def make_matters(env, plans, base, rng, entries):
    """Make the planned matters.

    :param dict base: what the firm is made of so far, by name
    :param int entries: how many entries there will be, for the size of quotes
    :rtype: project.project
    """
    total = sum(plan.weight for plan in plans)
    for index, plan in enumerate(plans):
        share = plan.weight / total * entries
        plan.vals = _prepare_matter_vals(plan, index, base, rng, share * EXPECTED_ENTRY)
    matters = env["project.project"]
    for first in range(0, len(plans), BATCH):
        batch = plans[first : first + BATCH]
        made = matters.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
        ).create([plan.vals for plan in batch])
        matters |= made.with_env(env)
    for plan, matter in zip(plans, matters, strict=True):
        plan.matter = matter
    _share_bills(plans)
    _make_instalments(env, plans, base["calendar"], base["months"], total, entries)
    return matters


def _prepare_matter_vals(plan, index, base, rng, value):
    """Values of a project that is a complete matter with only the obvious ones, plus
    the options of its kind.

    :param float value: expected value of its time
    :rtype: dict
    """
    users, kind = base["users"], plan.kind
    lawyer = users["reviewer"] if index % 2 else users["vale"]
    vals = {
        "is_matter": True,
        "name": plan.title,
        "company_id": base["company"].id,
        "partner_id": plan.client.id,
        "responsible_id": lawyer.id,
        "user_id": lawyer.id,
        "practice_area_id": base["areas"][plan.area.code].id,
        "client_reference": f"PO-{rng.randint(20000, 99999)}" if index % 4 == 1 else "",
        "date_start": plan.start,
        **kind.options,
    }
    if kind.options.get("billing_currency_id") == "foreign":
        vals["billing_currency_id"] = rng.choice(base["currencies"]).id
    if kind.options.get("fee_product_id"):
        vals["fee_product_id"] = base["products"][kind.options["fee_product_id"]].id
    if kind.options.get("is_walled"):
        vals["wall_user_ids"] = [Command.set((lawyer | users["manager"]).ids)]
    if kind.quote:
        vals["quoted_amount"] = _round_price(kind.quote * value)
    if kind.cap:
        name = (
            "abatement_from" if kind.options.get("abatement_percent") else "cap_amount"
        )
        vals[name] = _round_price(kind.cap * value)
    if kind.who == "insured":
        vals["billing_partner_id"] = rng.choice(base["insurers"]).id
        vals["bill_recipient_ids"] = [Command.set([vals["billing_partner_id"]])]
    elif kind.who == "none":
        vals["partner_id"] = False
    elif kind.who == "abroad":
        vals["partner_id"] = base["abroad"][:1].id or plan.client.id
    vals.update(_choose_delivery(index, base, kind))
    if plan.is_of_group:  # whoever gets the one bill gets that of all
        for name in ("bill_recipient_ids", "bill_payment_term_id", "client_reference"):
            vals.pop(name, None)
        vals["bill_print_copies"] = "0"
    return vals


def _choose_delivery(index, base, kind):
    """E-mail, print, both or neither; some matters with their own terms."""
    vals = {"bill_print_copies": "0"}
    if index % 5 == 1:
        vals["bill_print_copies"] = "1"
    if index % 10 == 6:
        vals["bill_print_copies"] = "2"
    if index % 10 in (1, 8) and not kind.who:
        vals["bill_recipient_ids"] = [Command.clear()]
    if index % 9 == 4:
        vals["bill_payment_term_id"] = base["terms"][14].id
    elif index % 9 == 7:
        vals["bill_payment_term_id"] = base["terms"][60].id
    return vals


def _share_bills(plans):
    """Every third insurer bears 60 % of the bills only, up to a limit; the insured bear
    the rest. Of some of the others, registered for VAT, the bill is one, to the insured,
    who owes an excess and the tax of it; the insurer is named with the rest."""
    insured = [plan for plan in plans if plan.kind.who == "insured"]
    for plan in insured[1::6]:
        matter = plan.matter
        insurer = matter.billing_partner_id
        matter.write(
            {
                "split_mode": "shares",
                "billing_partner_id": matter.partner_id.id,
                "bill_recipient_ids": [Command.set(matter.partner_id.ids)],
                "payer_ids": [
                    Command.create(
                        {
                            "partner_id": matter.partner_id.id,
                            "share_type": "amount",
                            "value": 250,
                            "bears_tax": True,
                        }
                    ),
                    Command.create(
                        {
                            "partner_id": insurer.id,
                            "share_type": "remainder",
                            "reference": f"CLAIM {matter.matter_number}",
                        }
                    ),
                ],
            }
        )
    for plan in insured[2::3]:
        matter = plan.matter
        matter.payer_ids = [
            Command.create(
                {
                    "partner_id": matter.billing_partner_id.id,
                    "share_type": "percent",
                    "value": 60,
                    "cap_amount": 25000,
                    "reference": f"CLAIM {matter.matter_number}",
                }
            ),
            Command.create(
                {"partner_id": matter.partner_id.id, "share_type": "remainder"}
            ),
        ]


def _round_price(amount):
    """A round sum, as quotes are."""
    step = 50 if amount < 5000 else 250
    return max(step, round(amount / step) * step)


def _make_instalments(env, plans, calendar, months, total, entries):
    rows, milestones = [], []
    first = calendar.get_first_billed(months)
    for plan in plans:
        value = plan.weight / total * entries * EXPECTED_ENTRY
        for position, (share, repeat, when) in enumerate(plan.kind.instalments, 1):
            vals = {
                "matter_id": plan.matter.id,
                "amount": _round_price(share * value),
                "repeat": repeat,
                "name": {
                    "month": "Monthly fee as agreed",
                    "quarter": "Quarterly fee as agreed",
                    "run": "Retainer",
                }.get(repeat, f"Fixed fee, stage {position}"),
            }
            if when == "start":
                vals["due_date"] = max(plan.start, first) + timedelta(days=7)
            elif when == "later":
                vals["due_date"] = calendar.today + timedelta(days=60)
            else:
                milestones.append(
                    {
                        "project_id": plan.matter.id,
                        "name": f"Stage {position} completed",
                        "is_reached": when == "milestone",
                    }
                )
                vals["milestone"] = len(milestones) - 1
            rows.append(vals)
    made = env["project.milestone"].create(milestones)
    for vals in rows:
        if "milestone" in vals:
            vals["milestone_id"] = made[vals.pop("milestone")].id
    return env["legal.fee.instalment"].create(rows)
