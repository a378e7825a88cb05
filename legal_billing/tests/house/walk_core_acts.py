"""Acts with Odoo's own windows: whoever may open them may do with them what billing
does otherwise, or what it refuses."""

from datetime import timedelta

from odoo.fields import Command

from .walk_acts import (
    APPROVED,
    OF_MATTER,
    REASON,
    pick_day,
    pick_matter,
    pick_some,
)
from .walk_data import ALL, BOOKS, LISTS, SETTLERS, Call, Result, act
from .walk_money_acts import OPEN

#: Entries that are no bills, among them those of slips, write-offs and client money.
ENTRY = "t.move_type = 'entry'"
BILL = f"t.move_type IN ('out_invoice', 'out_refund') AND {OF_MATTER}"
TASKS = ("fee_earner", "biller", "manager", "office")
PAPER_FIELD = "invoice_pdf_report_file"
PDF = "JVBERi0xLjQgZm9yZ2Vk"
BY_RECEIVABLE = (
    "account_id IN (SELECT id FROM account_account "
    "WHERE account_type = 'asset_receivable')"
)


def pick_items(walk, random, where):
    """Some open items on receivables and on the account of credits."""
    items = walk.find(
        "account.move.line",
        f"(t.{BY_RECEIVABLE} OR t.account_id = %s) AND t.parent_state = 'posted' "
        f"AND {where}",
        walk.firm.credits.id,
    )
    return random.sample(items, min(len(items), random.choice((2, 2, 2, 3))))


# --- core's ways with bills


@act("core: bills", ("biller", "manager", "accountant", "approver"), 8)
def core_reversal(walk, random):
    """Core's window Credit Note, for a bill, an entry or a vendor's bill."""
    where = random.choice((APPROVED, APPROVED, f"{ENTRY} AND t.state = 'posted'"))
    move = walk.pick(random, "account.move", where)
    if not move:
        return None
    context = (("active_model", "account.move"), ("active_ids", [move]))
    vals = {
        "reason": REASON,
        "date": pick_day(walk, random),
        "journal_id": move.journal_id,
    }
    method = random.choice(("refund_moves", "refund_moves", "modify_moves"))
    return [
        Call("account.move.reversal", "create", (vals,), context),
        Call("account.move.reversal", method, ((Result(0),),)),
    ]


@act("core: bills", (*SETTLERS, "biller", "approver"), 12, records=True)
def core_state(walk, random):
    """Core's buttons Reset, Cancel, Confirm, and Delete, on any entry."""
    where = random.choice((BILL, ENTRY, "t.move_type = 'in_invoice'", "true"))
    move = walk.pick(random, "account.move", where)
    method = random.choice(
        ("button_draft", "button_draft", "action_post", "button_cancel", "unlink")
    )
    return move and [Call("account.move", method, ([move],))]


@act("core: bills", ("biller", "manager", "accountant"), 5)
def core_invoice(walk, random):
    """An invoice in core's form, with the matter on its line, its analytic account, or
    neither; also a receipt, a credit note."""
    matter = pick_matter(walk, random)
    line = {"name": "Fees", "price_unit": random.choice((75.0, 2000.0))}
    tie = random.choice(("matter", "account", "none"))
    if tie == "matter":
        line["matter_id"] = matter
    elif tie == "account":
        line["analytic_distribution"] = {str(matter.account_id.id): 100}
    vals = {
        "move_type": random.choice(
            ("out_invoice", "out_invoice", "out_refund", "out_receipt")
        ),
        "partner_id": matter.partner_id,
        "invoice_date": pick_day(walk, random),
        "invoice_line_ids": [Command.create(line)],
    }
    calls = [Call("account.move", "create", (vals,))]
    if random.random() < 0.5:
        calls.append(Call("account.move", "action_post", ((Result(0),),)))
    return calls


@act("core: bills", ("biller", "manager", "accountant", "approver"), 4)
def core_tie(walk, random):
    """A matter on a line of an invoice that has none, or another on one that has."""
    line = walk.pick(
        random,
        "account.move.line",
        "t.display_type = 'product' AND t.move_id IN (SELECT id FROM account_move "
        "WHERE move_type IN ('out_invoice', 'out_refund', 'out_receipt'))",
    )
    if not line:
        return None
    vals = random.choice(
        (
            {"matter_id": pick_matter(walk, random)},
            {"price_unit": 123.0},
            {"tax_ids": [Command.clear()]},
            {"discount": 50.0},
            {
                "analytic_distribution": {
                    str(pick_matter(walk, random).account_id.id): 100
                }
            },
        )
    )
    return [Call("account.move.line", "write", ([line], vals))]


@act("core: bills", ALL, 4)
def core_fields(walk, random):
    """A field of core's on a bill in any stage."""
    bill = walk.pick(random, "account.move", BILL)
    if not bill:
        return None
    vals = random.choice(
        (
            {"payment_reference": "x"},
            {"narration": "<p>Pay soon</p>"},
            {"ref": "their number"},
            {"invoice_date": pick_day(walk, random)},
            {"date": pick_day(walk, random)},
            {"invoice_date_due": walk.today + timedelta(days=20)},
            {"partner_id": walk.firm.insurer},
            {"currency_id": walk.firm.euro},
            {"auto_post": "at_date"},
            {"auto_post": "monthly"},
            {"name": "INV/2026/99999"},
            {"checked": False},
        )
    )
    return [Call("account.move", "write", ([bill], vals))]


@act("core: bills", ("biller", "manager", "accountant"), 2)
def core_copy(walk, random):
    """A bill is duplicated, and the copy confirmed."""
    bill = walk.pick(random, "account.move", BILL)
    if not bill:
        return None
    return [
        Call("account.move", "copy", ([bill],)),
        Call("account.move", "action_post", (Result(0),)),
    ]


# --- core's ways with money


@act("core: money", SETTLERS, 12)
def core_pay(walk, random):
    """Core's window Pay."""
    bills = walk.find("account.move", OPEN)
    if not bills:
        return None
    some = pick_some(random, bills, 3)
    context = (("active_model", "account.move"), ("active_ids", some))
    vals = {"payment_date": pick_day(walk, random)}
    if random.random() < 0.5:
        vals["group_payment"] = True
    if len(some) == 1 and random.random() < 0.6:
        part = random.choice((0.3, 0.97, 1.0, 1.2))
        vals["amount"] = round(some[0].amount_residual * part, 2)
        if part == 0.97 and random.random() < 0.5:
            vals["payment_difference_handling"] = "reconcile"
            vals["writeoff_account_id"] = walk.firm.nominal
    return [
        Call("account.payment.register", "create", (vals,), context),
        Call("account.payment.register", "action_create_payments", ((Result(0),),)),
    ]


@act("core: money", SETTLERS, 6)
def core_payment_state(walk, random):
    """Core's buttons on a payment, a slip's or another."""
    payment = walk.pick(random, "account.payment")
    method = random.choice(
        ("action_draft", "action_cancel", "action_post", "action_reject", "unlink")
    )
    return payment and [Call("account.payment", method, ([payment],))]


@act("core: money", BOOKS, 5)
def core_payment(walk, random):
    """A payment of core's without a bill."""
    vals = {
        "partner_id": random.choice((walk.firm.client, walk.firm.insurer)),
        "payment_type": random.choice(("inbound", "inbound", "outbound")),
        "amount": random.choice((12.0, 300.0)),
        "date": pick_day(walk, random),
    }
    return [
        Call("account.payment", "create", (vals,)),
        Call("account.payment", "action_post", ((Result(0),),)),
    ]


@act("core: money", (*SETTLERS, "approver", "biller"), 12)
def core_reconcile(walk, random):
    """Items are matched by hand."""
    items = pick_items(walk, random, "NOT t.reconciled")
    if len(items) < 2:
        return None
    return [Call("account.move.line", "reconcile", (items,))]


@act("core: money", (*SETTLERS, "approver"), 9)
def core_unreconcile(walk, random):
    """What was matched is taken apart."""
    part = walk.pick(random, "account.partial.reconcile")
    if not part:
        return None
    if random.random() < 0.5:
        bill = part.debit_move_id.move_id
        args = ([bill], part)
        return [Call("account.move", "js_remove_outstanding_partial", args)]
    item = random.choice((part.debit_move_id, part.credit_move_id))
    return [Call("account.move.line", "remove_move_reconcile", ([item],))]


@act("core: money", (*SETTLERS, "biller"), 7)
def core_assign(walk, random):
    """An outstanding credit is assigned on the bill's form."""
    bill = walk.pick(random, "account.move", OPEN)
    items = walk.find(
        "account.move.line",
        f"(t.{BY_RECEIVABLE} OR t.account_id = %s) AND t.parent_state = 'posted' "
        "AND NOT t.reconciled AND t.balance < 0",
        walk.firm.credits.id,
    )
    if not bill or not items:
        return None
    args = ([bill], random.choice(items))
    return [Call("account.move", "js_assign_outstanding_line", args)]


@act("core: money", BOOKS, 7)
def bank_line(walk, random):
    """A line of the office bank's or the client bank's statement."""
    journal = random.choice(
        (walk.firm.office_bank, walk.firm.office_bank, walk.firm.client_bank)
    )
    bill = walk.pick(random, "account.move", OPEN)
    amounts = [33.0, -7.5, 1000.0]
    if bill:
        amounts += [bill.amount_residual] * 3
    vals = {
        "journal_id": journal,
        "date": pick_day(walk, random),
        "payment_ref": "transfer",
        "amount": random.choice(amounts),
        "partner_id": walk.firm.client,
    }
    return [Call("account.bank.statement.line", "create", (vals,))]


@act("core: money", SETTLERS, 9)
def match_bank_line(walk, random):
    """The other side of a bank line becomes an item of a bill, of credits or of what is
    outstanding, and is matched; or the line is taken back."""
    line = walk.pick(random, "account.bank.statement.line")
    if not line:
        return None
    if random.random() < 0.2:
        method = random.choice(("action_undo_reconciliation", "unlink"))
        return [Call("account.bank.statement.line", method, ([line],))]
    suspense = line._seek_for_lines()[1][:1]
    targets = walk.find(
        "account.move.line",
        "t.parent_state = 'posted' AND NOT t.reconciled AND t.balance * %s > 0 "
        "AND t.account_id IN (SELECT id FROM account_account WHERE reconcile)",
        line.amount,
    )
    if not suspense or not targets:
        return None
    target = random.choice(targets)
    vals = {"account_id": target.account_id, "partner_id": target.partner_id}
    if random.random() < 0.5 and target.matter_id:
        vals["matter_id"] = target.matter_id
    return [
        Call("account.move.line", "write", ([suspense], vals)),
        Call("account.move.line", "reconcile", ([suspense, target],)),
    ]


@act("core: money", (*BOOKS, "cashier", "approver"), 9, records=True)
def core_entry(walk, random):
    """An entry by hand over receivables, credits, client money, expenses of matters."""
    firm = walk.firm
    accounts = (
        firm.receivable,
        firm.receivable,
        firm.credits,
        firm.credits,
        firm.trust,
        firm.expense,
        firm.nominal,
        firm.outstanding,
    )
    amount = random.choice((10.0, 120.0, 300.0))
    items = []
    for side in ("debit", "credit"):
        account = random.choice(accounts)
        item = {"account_id": account, side: amount, "name": "By hand"}
        if account in (firm.receivable, firm.credits):
            item["partner_id"] = firm.client
        if random.random() < 0.6:
            item["matter_id"] = pick_matter(walk, random)
        if account == firm.expense:
            matter = pick_matter(walk, random)
            item["analytic_distribution"] = {str(matter.account_id.id): 100}
            if random.random() < 0.3:
                item["product_id"] = firm.taxed_type
        items.append(Command.create(item))
    vals = {
        "move_type": "entry",
        "journal_id": firm.misc,
        "date": pick_day(walk, random),
        "line_ids": items,
    }
    if random.random() < 0.7:
        vals["ref"] = "opening"
    return [
        Call("account.move", "create", (vals,)),
        Call("account.move", "action_post", ((Result(0),),)),
    ]


# --- files


@act("core: files", (*ALL, "office"), 6)
def plant_file(walk, random):
    """A file beside a bill, or in the place of its paper."""
    bill = walk.pick(random, "account.move", BILL)
    if not bill:
        return None
    vals = {
        "name": "bill.pdf",
        "datas": PDF,
        "res_model": "account.move",
        "res_id": bill,
        "mimetype": "application/pdf",
    }
    if random.random() < 0.6:
        vals["res_field"] = PAPER_FIELD
    return [Call("ir.attachment", "create", (vals,))]


@act("core: files", (*ALL, "office"), 10)
def change_file(walk, random):
    """A file of a bill is replaced, renamed, moved or deleted."""
    file = walk.pick(
        random,
        "ir.attachment",
        "t.res_model IN ('account.move', 'legal.billing.run', 'legal.payment')",
    )
    if not file:
        return None
    if random.random() < 0.4:
        return [Call("ir.attachment", "unlink", ([file],))]
    vals = random.choice(
        (
            {"datas": PDF},
            {"name": "other.pdf"},
            {"res_field": PAPER_FIELD},
            {"res_field": False},
            {"res_model": "res.partner", "res_id": walk.firm.client},
            {"mimetype": "text/html"},
        )
    )
    return [Call("ir.attachment", "write", ([file], vals))]


# --- tasks and lists


@act("core: lists", TASKS, 5)
def make_task(walk, random):
    """A task of a matter, or of an ordinary project."""
    project = random.choice((pick_matter(walk, random), walk.firm.project))
    vals = {"name": "Lease", "project_id": project, "company_id": walk.firm.company}
    return [Call("project.task", "create", (vals,))]


@act("core: lists", TASKS, 7, records=True)
def move_task(walk, random):
    """A task with its time goes to another project, or is archived or deleted."""
    task = walk.pick(random, "project.task")
    if not task:
        return None
    project = random.choice((pick_matter(walk, random), walk.firm.project))
    choice = random.random()
    if choice < 0.6:
        return [Call("project.task", "write", ([task], {"project_id": project}))]
    if choice < 0.8:
        return [
            Call("project.task", "write", ([task], {"active": not task.sudo().active}))
        ]
    return [Call("project.task", "unlink", ([task],))]


@act("core: lists", LISTS, 9)
def archive(walk, random):
    """A matter, contact, employee, product, journal is put away, or comes back."""
    firm = walk.firm
    record = random.choice(
        (
            *firm.matters.values(),
            firm.client,
            firm.other_client,
            firm.insurer,
            firm.lawyer,
            firm.associate,
            firm.taxed_type,
            firm.exempt_type,
            firm.client_bank,
        )
    ).exists()
    if not record:
        return None
    active = record.sudo().active  # of a matter behind a wall, too
    vals = {"active": not active}
    if not active or random.random() < 0.5:
        return [Call(record._name, "write", ([record], vals))]
    return [Call(record._name, "action_archive", ([record],))]


@act("core: lists", LISTS, 5)
def unarchive(walk, random):
    """What was put away comes back."""
    model = random.choice(("project.project", "res.partner", "product.product"))
    where = {
        "project.project": "t.is_matter AND NOT t.active",
        "res.partner": "NOT t.active AND t.name IN ('Client Ltd', 'Other Client', "
        "'Insurer plc')",
        "product.product": "NOT t.active AND t.id IN "
        f"({walk.firm.taxed_type.id}, {walk.firm.exempt_type.id})",
    }[model]
    record = walk.pick(random, model, where)
    return record and [Call(model, "action_unarchive", ([record],))]


@act("core: lists", LISTS, 4)
def contact(walk, random):
    """A new contact, perhaps a duplicate of a client, which is merged with it."""
    twins = walk.find("res.partner", "t.name = 'Client Ltd (again)' AND t.active")
    if not twins or random.random() < 0.4:
        vals = {"name": "Client Ltd (again)", "email": walk.firm.client.email}
        return [Call("res.partner", "create", (vals,))]
    known = random.choice((walk.firm.client, walk.firm.other_client, walk.firm.insurer))
    into = random.choice((known, twins[-1]))
    vals = {
        "partner_ids": [Command.set([known, twins[-1]])],
        "dst_partner_id": into,
        "state": "selection",
    }
    model = "base.partner.merge.automatic.wizard"
    return [
        Call(model, "create", (vals,)),
        Call(model, "action_merge", ((Result(0),),)),
    ]


@act("core: lists", LISTS, 3, records=True)
def project_template(walk, random):
    """A matter is copied, becomes a template, or is made from one; or is deleted."""
    matter = walk.pick(random, "project.project", "t.is_matter OR t.is_template")
    method = random.choice(
        (
            "copy",
            "action_create_template_from_project",
            "action_toggle_project_template_mode",
            "action_create_from_template",
            "unlink",
        )
    )
    if not matter:
        return None
    return [Call("project.project", method, ([matter],))]


@act("core: lists", ("manager", "office", "biller"), 3, records=True)
def project_of_matter(walk, random):
    """What makes a project a matter, and where its costs go."""
    matter = random.choice((pick_matter(walk, random), walk.firm.project)).sudo()
    vals = random.choice(
        (
            {"is_matter": not matter.is_matter},
            {"account_id": pick_matter(walk, random).account_id},
            {"partner_id": random.choice((walk.firm.client, walk.firm.other_client))},
            {"allow_timesheets": False},
            {"responsible_id": walk.users["manager"]},
            {"is_walled": not matter.is_walled},
        )
    )
    return [Call("project.project", "write", ([matter], vals))]
