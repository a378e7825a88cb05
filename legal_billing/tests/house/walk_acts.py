"""Acts on WIP, drafts and bills, as people do them with the buttons of billing."""

from datetime import timedelta

from odoo.fields import Command

from ...models.common.legal_billing_defaults import DISCOUNTS
from .walk_data import (
    ALL,
    APPROVERS,
    BILLERS,
    BOOKS,
    DRAFTERS,
    EARNERS,
    SYSTEM,
    UNDOERS,
    Call,
    Result,
    act,
)

UNBILLED = "t.wip_type IS NOT NULL AND t.bill_id IS NULL AND t.written_off_on IS NULL"
#: Moves with a line of a matter.
OF_MATTER = (
    "EXISTS (SELECT FROM account_move_line l WHERE l.move_id = t.id "
    "AND l.matter_id IS NOT NULL AND l.display_type = 'product')"
)
DRAFT = f"t.move_type = 'out_invoice' AND t.state = 'draft' AND {OF_MATTER}"
APPROVED = f"t.move_type = 'out_invoice' AND t.state = 'posted' AND {OF_MATTER}"
REASON = "as agreed"


def pick_matter(walk, random):
    """Any matter that is not put away; those of the group often, to be one bill."""
    where = "t.is_matter AND t.active"
    if random.random() < 0.2:
        where += " AND t.bill_together"
    return walk.pick(random, "project.project", where)


def pick_working(walk, random):
    """A matter that mostly has something to bill."""
    some = walk.find(
        "project.project",
        f"t.is_matter AND t.active AND t.id IN (SELECT matter_id FROM "
        f"account_analytic_line t WHERE {UNBILLED})",
    )
    if some and random.random() < 0.8:
        return random.choice(some)
    return pick_matter(walk, random)


def find_approved(walk, random):
    """Approved bills, mostly such that no money is on yet."""
    free = " AND t.amount_residual = t.amount_total" if random.random() < 0.75 else ""
    return walk.find("account.move", APPROVED + free)


def pick_day(walk, random):
    """Mostly today, else some days before or after."""
    days = random.choice((0, 0, 0, 0, -1, -3, -10, -35, 2))
    return walk.today + timedelta(days=days)


def pick_some(random, records, most=3):
    """Some of the records."""
    return random.sample(records, min(len(records), random.randint(1, most)))


# --- time passes


@act("the world", SYSTEM, 9)
def time_passes(walk, random):
    """Some hours or days go by."""
    return [Call("walk", "pass", (random.choice((3, 7, 14, 26, 50, 170)),))]


@act("the world", SYSTEM, 1)
def rate_changes(walk, random):
    """A new rate of the euro."""
    vals = {
        "currency_id": walk.firm.euro,
        "company_id": walk.firm.company,
        "name": walk.today + timedelta(days=random.choice((0, 0, -6))),
        "rate": random.choice((0.7, 0.8, 0.85, 0.9, 1.1)),
    }
    known = walk.find(
        "res.currency.rate",
        "t.currency_id = %s AND t.name = %s AND t.company_id = %s",
        vals["currency_id"].id,
        vals["name"],
        walk.firm.company.id,
    )
    if known:
        return [Call("res.currency.rate", "write", (known, {"rate": vals["rate"]}))]
    return [Call("res.currency.rate", "create", (vals,))]


@act("the world", SYSTEM, 1)
def periods_are_locked(walk, random):
    """A lock date moves, mostly forward."""
    name = random.choice(
        (
            "fiscalyear_lock_date",
            "sale_lock_date",
            "purchase_lock_date",
            "tax_lock_date",
        )
    )
    day = walk.today - timedelta(days=random.choice((25, 40, 70)))
    value = random.choice((day, day, False))
    return [Call("res.company", "write", ([walk.firm.company], {name: value}))]


@act("the world", SYSTEM, 1)
def settings_change(walk, random):
    """An option of the firm."""
    name, values = random.choice(
        (
            ("legal_trust_dual_approval", (True, False, False)),
            ("legal_write_off_tolerance", (0.0, 5.0, 500.0)),
            ("legal_write_off_tolerance_percent", (1.0, 100.0)),
            ("legal_write_off_tax_relief", (True, False)),
            ("legal_forbid_revert_delivered", (True, False)),
            ("tax_calculation_rounding_method", ("round_per_line", "round_globally")),
            ("legal_time_unit", (1, 6, 15)),
            ("legal_deduct_on_account", ("paid", "approved", "no")),
            ("legal_receipt_share", ("value", "hours")),
        )
    )
    field = walk.env["res.company"]._fields[name]
    if field.type == "selection":
        values = field.get_values(walk.env)
    vals = {name: random.choice(values)}
    return [Call("res.company", "write", ([walk.firm.company], vals))]


@act("the world", ALL, 1)
def time_zone_changes(walk, random):
    """Somebody travels."""
    zone = random.choice(("Pacific/Auckland", "America/New_York", "Europe/London"))
    user = walk.users[walk.person]
    return [Call("res.users", "write", ([user], {"tz": zone}))]


# --- WIP


@act("WIP", EARNERS, 60, records=True)
def record_time(walk, random):
    """Time on a matter, sometimes on one of its tasks."""
    matter = pick_matter(walk, random)
    firm = walk.firm
    own = {"fee_earner": firm.associate, "reviewer": firm.lawyer}
    vals = {
        "project_id": matter,
        "employee_id": own.get(walk.person)
        or random.choice((firm.lawyer, firm.associate)),
        "name": "Advice",
        "date": pick_day(walk, random),
        "unit_amount": random.choice((0.1, 0.25, 1.0, 1.0, 1.5, 2.4, 7.0, -1.0)),
    }
    task = walk.pick(random, "project.task", "t.project_id = %s", matter.id)
    if task and random.random() < 0.4:
        vals["task_id"] = task
    return [Call("account.analytic.line", "create", (vals,))]


@act("WIP", BILLERS, 12, records=True)
def record_time_of_group(walk, random):
    """Time on each matter of the group, so that there is one bill over them."""
    return [
        Call(
            "account.analytic.line",
            "create",
            (
                {
                    "project_id": matter,
                    "employee_id": walk.firm.lawyer,
                    "name": "Advice to the group",
                    "date": walk.today - timedelta(days=random.choice((0, 1, 5))),
                    "unit_amount": random.choice((0.5, 1.0, 2.5)),
                },
            ),
        )
        for name, matter in walk.firm.matters.items()
        if name.startswith("group")
    ]


@act("WIP", BILLERS, 15, records=True)
def record_disbursement(walk, random):
    """A disbursement by hand."""
    vals = {
        "matter_id": pick_matter(walk, random),
        "product_id": random.choice((walk.firm.taxed_type, walk.firm.exempt_type)),
        "name": "Court fee",
        "date": pick_day(walk, random),
        "unit_amount": 1.0,
        "bill_rate": random.choice((12.5, 33.33, 80.0, 250.0)),
        "is_anticipated": random.random() < 0.3,
    }
    return [Call("account.analytic.line", "create", (vals,))]


@act("WIP", BOOKS, 10, records=True)
def vendor_bill(walk, random):
    """A vendor's bill for one or two matters, posted."""
    lines = []
    for _number in range(random.choice((1, 1, 2))):
        matter = pick_matter(walk, random)
        lines.append(
            Command.create(
                {
                    "product_id": random.choice(
                        (walk.firm.taxed_type, walk.firm.exempt_type)
                    ),
                    "name": "Opinion",
                    "price_unit": random.choice((45.0, 90.0, 310.1)),
                    "tax_ids": [Command.clear()],
                    "analytic_distribution": {str(matter.account_id.id): 100},
                }
            )
        )
    vals = {
        "move_type": "in_invoice",
        "partner_id": walk.firm.vendor,
        "invoice_date": pick_day(walk, random),
        "invoice_line_ids": lines,
    }
    return [
        Call("account.move", "create", (vals,)),
        Call("account.move", "action_post", ((Result(0),),)),
    ]


@act("WIP", EARNERS, 25, records=True)
def edit_entry(walk, random):
    """One field of an entry, billed or not."""
    entry = walk.pick(random, "account.analytic.line", "t.wip_type IS NOT NULL")
    if not entry:
        return None
    name, value = random.choice(
        (
            ("unit_amount", random.choice((0.5, 2.0, 0.0, 30.0))),
            ("bill_quantity", random.choice((0.5, 3.0))),
            ("bill_rate", random.choice((150.0, 275.0))),
            ("wip_amount", random.choice((10.0, 99.99))),
            ("bill_behavior", random.choice(("bill", "no_charge", "hide"))),
            ("bill_narrative", "Advice on the lease"),
            ("name", "Advice by telephone"),
            ("date", pick_day(walk, random)),
            ("employee_id", random.choice((walk.firm.lawyer, walk.firm.associate))),
            ("is_on_hold", random.random() < 0.5),
            ("hold_until", walk.today + timedelta(days=9)),
            ("is_anticipated", random.random() < 0.5),
            ("product_id", walk.firm.taxed_type),
            ("matter_id", pick_matter(walk, random)),
            ("project_id", pick_matter(walk, random)),
            ("account_id", pick_matter(walk, random).account_id),
            ("amount", -77.0),
            ("user_id", walk.users["biller"]),
        )
    )
    return [Call("account.analytic.line", "write", ([entry], {name: value}))]


@act("WIP", DRAFTERS, 12)
def treat_entries(walk, random):
    """Hold, release, no charge, hide, charge again."""
    entries = walk.find("account.analytic.line", UNBILLED)
    if not entries:
        return None
    method = random.choice(
        (
            "action_hold",
            "action_release",
            "action_no_charge",
            "action_hide",
            "action_bill_normally",
        )
    )
    return [Call("account.analytic.line", method, (pick_some(random, entries),))]


@act("WIP", BILLERS, 8)
def write_off_entries(walk, random):
    """Give up entries."""
    entries = walk.find("account.analytic.line", UNBILLED)
    if not entries:
        return None
    some = pick_some(random, entries, 2)
    return [Call("account.analytic.line", "action_write_off", (some, REASON))]


@act("WIP", BILLERS, 5)
def take_write_off_back(walk, random):
    """Entries that were given up are WIP again."""
    entries = walk.find("account.analytic.line", "t.written_off_on IS NOT NULL")
    if not entries:
        return None
    some = pick_some(random, entries, 2)
    return [Call("account.analytic.line", "action_undo_write_off", (some,))]


@act("WIP", BILLERS, 8)
def split_entry(walk, random):
    """Split an entry, or write it down."""
    entry = walk.pick(
        random, "account.analytic.line", f"{UNBILLED} AND t.wip_amount > 1"
    )
    if not entry:
        return None
    amount = round(entry.wip_amount * random.choice((0.1, 0.3333, 0.5, 1.0)), 2)
    if random.random() < 0.5:
        return [Call("account.analytic.line", "action_split", ([entry], amount))]
    args = ([entry], amount, REASON)
    return [Call("account.analytic.line", "action_write_down", args)]


@act("WIP", BILLERS, 4)
def join_entries(walk, random):
    """Take a split back."""
    part = walk.pick(random, "account.analytic.line", "t.split_from_id IS NOT NULL")
    return part and [Call("account.analytic.line", "action_join", ([part],))]


@act("WIP", BILLERS, 7, records=True)
def move_entries(walk, random):
    """Entries go to another matter, whose currency may be another."""
    entries = walk.find("account.analytic.line", UNBILLED)
    if not entries:
        return None
    args = (pick_some(random, entries), pick_matter(walk, random))
    return [Call("account.analytic.line", "action_move", args)]


@act("WIP", EARNERS, 5, records=True)
def delete_entry(walk, random):
    """An entry is deleted: one's own, at once, or that nobody looked at yet, or any."""
    if random.random() < 0.3:
        [call] = record_time(walk, random)
        return [call, Call("account.analytic.line", "unlink", ((Result(0),),))]
    where, params = "t.wip_type IS NOT NULL", ()
    if random.random() < 0.7:
        where += " AND t.create_uid = %s AND t.bill_id IS NULL"
        params = (walk.users[walk.person].id,)
    entry = walk.pick(random, "account.analytic.line", where, *params)
    return entry and [Call("account.analytic.line", "unlink", ([entry],))]


@act("WIP", BILLERS, 6, records=True)
def match_cost(walk, random):
    """A disbursement that was billed before meets its cost, or leaves it."""
    matched = walk.pick(random, "account.analytic.line", "t.matched_on IS NOT NULL")
    if matched and random.random() < 0.4:
        return [Call("account.analytic.line", "action_unmatch_cost", ([matched],))]
    entry = walk.pick(
        random, "account.analytic.line", "t.is_anticipated AND t.matched_on IS NULL"
    )
    cost = entry and walk.pick(
        random,
        "account.analytic.line",
        "t.move_line_id IS NOT NULL AND t.matter_id = %s AND t.bill_id IS NULL",
        entry.matter_id.id,
    )
    if not cost:
        return None
    row = {"matter_id": entry.matter_id, "entry_id": entry, "cost_id": cost}
    vals = {"company_id": walk.firm.company, "line_ids": [Command.create(row)]}
    return [
        Call("legal.disbursement.match", "create", (vals,)),
        Call("legal.disbursement.match", "action_match", ((Result(0),),)),
    ]


@act("WIP", ("manager",), 2, records=True)
def rate_of_work_changes(walk, random):
    """A new rate, sometimes for what was recorded as well."""
    vals = {
        "price": random.choice((180.0, 320.0)),
        "grade": random.choice(("partner", "associate")),
        "company_id": walk.firm.company,
        "date_from": walk.today,
    }
    calls = [Call("legal.rate", "create", (vals,))]
    if random.random() < 0.5:
        calls.append(Call("legal.rate", "action_rerate", ((Result(0),),)))
    return calls


# --- from WIP to drafts


@act("drafts", BILLERS, 30)
def bill_by_run(walk, random):
    """A run over some matters bills all."""
    # ids in a text: of those alone that every list of acts begins with
    matters = list(walk.firm.matters.values())
    some = [matter.id for matter in pick_some(random, matters, 3)]
    if random.random() < 0.4:  # those that are one bill
        some = [
            matter.id
            for name, matter in walk.firm.matters.items()
            if name.startswith("group")
        ]
    working = pick_working(walk, random)
    if working in matters:
        some.append(working.id)
    vals = {
        "invoice_date": pick_day(walk, random),
        "company_id": walk.firm.company,
        "filter_domain": str([("id", "in", some)]),
    }
    if random.random() < 0.3:
        vals["cutoff_date"] = walk.today - timedelta(days=random.choice((3, 20)))
    return [
        Call("legal.billing.run", "create", (vals,)),
        Call("legal.billing.run", "action_load", ((Result(0),),)),
        Call("legal.billing.run", "action_bill_all", ((Result(0),),)),
    ]


@act("drafts", BILLERS, 8)
def load_run(walk, random):
    """A run is loaded, and waits."""
    vals = {"invoice_date": pick_day(walk, random), "company_id": walk.firm.company}
    return [
        Call("legal.billing.run", "create", (vals,)),
        Call("legal.billing.run", "action_load", ((Result(0),),)),
    ]


@act("drafts", BILLERS, 8)
def work_on_run(walk, random):
    """Rows of a loaded run are looked at again, left out, billed, cured."""
    row = walk.pick(
        random, "legal.billing.run.line", "t.state IN ('ready', 'excluded')"
    )
    if not row:
        return None
    method = random.choice(
        (
            "action_refresh",
            "action_leave_out",
            "action_bill_now",
            "action_bill_selected",
            "action_confirm_bill",
            "action_cure",
        )
    )
    return [Call("legal.billing.run.line", method, ([row],))]


@act("drafts", BILLERS, 4)
def undo_run(walk, random):
    """Drafts of a run are taken back."""
    run = walk.pick(
        random,
        "legal.billing.run",
        "EXISTS (SELECT FROM account_move m WHERE m.billing_run_id = t.id "
        "AND m.state = 'draft')",
    )
    return run and [Call("legal.billing.run", "action_undo", ([run],))]


@act("drafts", BILLERS, 10, records=True)
def bill_matter(walk, random):
    """One matter is billed by hand, with a choice and sometimes an agreed fee."""
    matter = pick_working(walk, random)
    vals = {
        "matter_id": matter,
        "choice": random.choice(
            ("options", "options", "wip", "quote", "sum", "other", "interim")
        ),
    }
    if vals["choice"] in ("other", "interim"):
        vals["amount"] = random.choice((100.0, 333.33, 900.0))
        vals["increase_display"] = random.choice(("hidden", "time"))
        vals["adjustment_display"] = random.choice(("discount", "hidden"))
    if random.random() < 0.3:
        vals["invoice_date"] = pick_day(walk, random)
    return [
        Call("legal.matter.bill", "create", (vals,)),
        Call("legal.matter.bill", "action_bill", ((Result(0),),)),
    ]


@act("drafts", BILLERS, 4, records=True)
def bill_on_account(walk, random):
    """Something is billed before the work is done; or a draft deducts anew."""
    draft = walk.pick(random, "account.move", DRAFT)
    if draft and random.random() < 0.3:
        return [Call("account.move", "action_deduct_on_account", ([draft],))]
    matter = pick_matter(walk, random)
    payers = matter.payer_ids.partner_id or matter.billing_partner_id
    vals = {
        "matter_id": matter,
        "partner_id": random.choice(payers) if payers else False,
        "amount": random.choice((100.0, 333.33, 900.0, -5.0)),
        "date": pick_day(walk, random),
    }
    return payers and [
        Call("legal.on.account.bill", "create", (vals,)),
        Call("legal.on.account.bill", "action_bill", ((Result(0),),)),
    ]


@act("drafts", BILLERS, 6)
def plan_instalment(walk, random):
    """A part of a fixed fee is agreed, or a milestone reached."""
    milestone = walk.pick(random, "project.milestone")
    if milestone and random.random() < 0.4:
        vals = {"is_reached": not milestone.is_reached}
        return [Call("project.milestone", "write", ([milestone], vals))]
    vals = {
        "matter_id": random.choice(
            (walk.firm.matters["instalments"], walk.firm.matters["fixed"])
        ),
        "amount": random.choice((150.0, 500.0, 1000.05)),
        "due_date": walk.today + timedelta(days=random.choice((0, -20, 15))),
        "repeat": random.choice(("no", "no", "run", "month")),
    }
    return [Call("legal.fee.instalment", "create", (vals,))]


@act("drafts", BILLERS, 6, records=True)
def matter_options(walk, random):
    """An option of a matter changes."""
    matter = pick_matter(walk, random)
    name, value = random.choice(
        (
            ("quoted_amount", random.choice((0.0, 400.0, 2500.0))),
            ("quote_rule", random.choice(("lower", "higher", "quote", "wip"))),
            ("quote_scope", random.choice(("fees", "both", "disbursements"))),
            ("quote_basis", random.choice(("matter", "bill"))),
            ("discount_type", random.choice(tuple(dict(DISCOUNTS)))),
            ("discount_value", random.choice((0.0, 7.5, 50.0))),
            ("minimum_bill_amount", random.choice((0.0, 300.0))),
            (
                "billing_partner_id",
                random.choice((walk.firm.client, walk.firm.insurer)),
            ),
            ("default_bill_behavior", random.choice(("bill", "no_charge"))),
            ("adjustment_display", random.choice(("hidden", "discount"))),
            ("billing_status", random.choice(("closed", "active"))),
            ("bill_payment_term_id", random.choice((walk.firm.early, False))),
            ("billing_currency_id", random.choice((walk.firm.euro, walk.firm.dollar))),
            ("client_account_retained", random.choice((0.0, 50.0))),
            ("exclude_from_mass_billing", random.random() < 0.5),
            ("bill_together", random.random() < 0.7),
        )
    )
    return [Call("project.project", "write", ([matter], {name: value}))]


@act("drafts", DRAFTERS, 25, records=True)
def edit_draft(walk, random):
    """A draft: agreed fee, discount, date, a line by hand, entries on and off."""
    bill = walk.pick(random, "account.move", DRAFT)
    if not bill:
        return None
    ids = [bill]
    choice = random.randrange(9)
    if choice == 0:
        vals = {"fee_override": random.choice((0.0, 150.0, 250.0, 999.99))}
    elif choice == 1:
        vals = {"bill_discount_type": "percent", "bill_discount_value": 10.0}
    elif choice == 2:
        vals = {"invoice_date": pick_day(walk, random)}
    elif choice == 3:
        line = {
            "name": "Translation",
            "price_unit": random.choice((20.0, 66.6, -15.0)),
            "tax_ids": [Command.set([walk.firm.tax_20])],
        }
        vals = {"invoice_line_ids": [Command.create(line)]}
    elif choice == 4:
        vals = {"partner_id": random.choice((walk.firm.insurer, walk.firm.client))}
    elif choice == 5:
        vals = {"invoice_payment_term_id": walk.firm.early}
    elif choice == 6:
        vals = {"print_copies": random.choice(("0", "1"))}
    elif choice == 7:
        method = random.choice(
            ("action_add_new_wip", "action_add_left_out", "action_release_fee_override")
        )
        return [Call("account.move", method, (ids,))]
    else:
        entry = walk.pick(random, "account.analytic.line", "t.bill_id = %s", bill.id)
        if not entry:
            return None
        method = random.choice(("action_remove_from_bill", "action_hold_on_bill"))
        return [Call("account.analytic.line", method, ([entry],))]
    return [Call("account.move", "write", (ids, vals))]


@act("drafts", BILLERS, 4)
def take_matter_out(walk, random):
    """One matter leaves a draft over several."""
    line = walk.pick(
        random,
        "account.move.line",
        "t.matter_id IS NOT NULL AND t.move_id IN (SELECT id FROM account_move "
        "WHERE is_together AND state = 'draft')",
    )
    return line and [Call("account.move.line", "action_take_matter_out", ([line],))]


@act("drafts", UNDOERS, 4)
def review(walk, random):
    """A draft goes to review and comes back."""
    bill = walk.pick(random, "account.move", DRAFT)
    if not bill:
        return None
    if bill.review_state == "requested" or random.random() < 0.3:
        return [Call("account.move", "action_review_ready", ([bill],))]
    vals = {"mode": "send", "bill_ids": [Command.set([bill])]}
    return [
        Call("legal.bill.review", "create", (vals,)),
        Call("legal.bill.review", "action_do", ((Result(0),),)),
    ]


# --- the life of a bill


@act("bills", APPROVERS, 32)
def approve(walk, random):
    """Drafts are approved, by our button or core's."""
    bills = walk.find("account.move", DRAFT)
    if not bills:
        return None
    if random.random() < 0.2:
        return [Call("account.move", "action_post", ([random.choice(bills)],))]
    some = pick_some(random, bills, 4)
    return [Call("account.move", "action_approve_bills", (some,))]


@act("bills", BILLERS, 14)
def produce_without_sending(walk, random):
    """Bills go out by hand, delivered or not."""
    bills = walk.find("account.move", f"{APPROVED} AND t.produced_on IS NULL")
    if not bills:
        return None
    args = [pick_some(random, bills, 3), "by hand"]
    if random.random() < 0.7:
        args.append(walk.today - timedelta(days=random.choice((0, 0, 1, 5, -1))))
    return [Call("account.move", "action_produce_without_sending", tuple(args))]


@act("bills", BILLERS, 8)
def produce(walk, random):
    """Bills are produced, with their papers."""
    bills = walk.find("account.move", f"{APPROVED} AND t.produced_on IS NULL")
    if not bills:
        return None
    return [
        Call("account.move", "action_produce_bills", (pick_some(random, bills, 2),))
    ]


@act("bills", BILLERS, 6)
def confirm_posted(walk, random):
    """Printed bills were posted."""
    bills = walk.find(
        "account.move",
        f"{APPROVED} AND t.produced_on IS NOT NULL AND t.delivered_on IS NULL",
    )
    if not bills:
        return None
    some = pick_some(random, bills, 2)
    return [Call("account.move", "action_confirm_posted", (some,))]


@act("bills", UNDOERS, 9)
def revert(walk, random):
    """Approved bills are drafts again, by our button or core's."""
    bills = find_approved(walk, random)
    if not bills:
        return None
    if random.random() < 0.3:
        return [Call("account.move", "button_draft", ([random.choice(bills)],))]
    some = pick_some(random, bills, 2)
    return [Call("account.move", "action_revert_bills", (some, REASON))]


@act("bills", BILLERS, 7)
def delete(walk, random):
    """Drafts are deleted or cancelled, by our button or core's."""
    bill = walk.pick(random, "account.move", DRAFT)
    method = random.choice(
        ("action_delete_bills", "action_delete_bills", "unlink", "button_cancel")
    )
    return bill and [Call("account.move", method, ([bill],))]


@act("bills", APPROVERS, 6)
def rebill(walk, random):
    """A bill is credited in full, its entries are WIP again."""
    bills = find_approved(walk, random)
    if not bills:
        return None
    some = [random.choice(bills)]
    return [Call("account.move", "action_credit_and_rebill", (some,))]


@act("bills", APPROVERS, 7)
def credit_a_part(walk, random):
    """A part of a bill is credited."""
    bill = walk.pick(random, "account.move", APPROVED)
    rows = bill and [row for row in bill._get_credit_rows() if row["open"] > 0]
    if not rows:
        return None
    row = random.choice(rows)
    amount = round(row["open"] * random.choice((0.1, 0.5, 1.0)), 2)
    vals = {
        "bill_id": bill,
        "reason": REASON,
        "line_ids": [Command.create({"key": row["key"], "amount": amount})],
    }
    return [
        Call("legal.bill.credit", "create", (vals,)),
        Call("legal.bill.credit", "action_credit", ((Result(0),),)),
    ]


@act("bills", APPROVERS, 8)
def write_off_bill(walk, random):
    """A balance, or a part, is given up."""
    bill = walk.pick(random, "account.move", f"{APPROVED} AND t.amount_residual > 0")
    if not bill:
        return None
    amount = round(bill.amount_residual * random.choice((0.05, 0.3, 1.0)), 2)
    vals = {
        "company_id": walk.firm.company,
        "reason": REASON,
        "treatment": random.choice(("credit_note", "entry_relief", "entry")),
        "line_ids": [Command.create({"bill_id": bill, "amount": amount})],
    }
    return [
        Call("legal.bill.write.off.make", "create", (vals,)),
        Call("legal.bill.write.off.make", "action_write_off", ((Result(0),),)),
    ]


@act("bills", APPROVERS, 4)
def take_bill_write_off_back(walk, random):
    """What was given up of a bill is owed again."""
    row = walk.pick(random, "legal.bill.write.off", "t.state = 'posted'")
    return row and [Call("legal.bill.write.off", "action_take_back", ([row], REASON))]


@act("bills", ("biller", "approver", "cashier", "manager"), 5)
def dispute(walk, random):
    """The client disputes a part, or no longer."""
    bill = walk.pick(random, "account.move", APPROVED)
    if not bill:
        return None
    if bill.disputed_amount and random.random() < 0.6:
        return [Call("account.move", "action_end_dispute", ([bill],))]
    amount = round(bill.amount_residual * random.choice((0.2, 0.9, 2.0)), 2)
    if random.random() < 0.3:
        vals = {"disputed_amount": random.choice((-5.0, amount))}
        return [Call("account.move", "write", ([bill], vals))]
    vals = {"bill_id": bill, "reason": REASON, "extent": "part", "amount": amount}
    return [
        Call("legal.bill.dispute", "create", (vals,)),
        Call("legal.bill.dispute", "action_dispute", ((Result(0),),)),
    ]


@act("bills", BILLERS, 4, records=True)
def change_client(walk, random):
    """A matter goes to another client."""
    client = walk.pick(
        random, "res.partner", "t.name IN ('Client Ltd', 'Other Client') AND t.active"
    )
    vals = {"matter_id": pick_matter(walk, random), "partner_id": client}
    if random.random() < 0.3:
        args = ([vals["matter_id"]], {"partner_id": client})
        return [Call("project.project", "write", args)]
    return [
        Call("legal.matter.client", "create", (vals,)),
        Call("legal.matter.client", "action_change", ((Result(0),),)),
    ]
