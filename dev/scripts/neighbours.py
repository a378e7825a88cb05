"""The billing cycle and one check after the other, beside other addons; runs in Odoo's
shell, as the administrator. Each check is undone when it is over."""

# what each check tries is said where it is registered
# ruff: noqa: D103

import json
from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command

CHECKS = []
#: What is shared by the checks.
firm = {}


def check(name, tried):
    """Register a check: it returns what it found, or says by an assertion what is wrong."""

    def register(function):
        CHECKS.append((name, tried, function))
        return function

    return register


def says(function):
    """What a refusal says; it must be one."""
    try:
        with env.cr.savepoint():
            function()
            env.flush_all()
    except UserError as error:
        return " ".join(str(error).split())
    raise AssertionError("it was not refused")


def same(found, expected, what=""):
    """Compare, with both in the message."""
    assert found == expected, f"{what} {found!r}, expected {expected!r}"


def make_matter(name="Matter", **vals):
    client = env["res.partner"].create(
        {"name": f"Client of {name}", "email": "client@client.example"}
    )
    return env["project.project"].create(
        {"name": name, "is_matter": True, "partner_id": client.id, **vals}
    )


def make_time(matter, hours=1.0, day=date(2026, 10, 5), **vals):
    return env["account.analytic.line"].create(
        {
            "project_id": matter.id,
            "employee_id": firm["employee"].id,
            "name": "Advice",
            "date": day,
            "unit_amount": hours,
            **vals,
        }
    )


def make_cost(matter, amount, product=False):
    return env["account.analytic.line"].create(
        {
            "matter_id": matter.id,
            "name": "Court fee",
            "date": date(2026, 10, 6),
            "unit_amount": 1.0,
            "bill_rate": amount,
            **({"product_id": product.id} if product else {}),
        }
    )


def bill(matters, day=date(2026, 10, 31)):
    run = env["legal.billing.run"].create(
        {"invoice_date": day, "filter_domain": str([("id", "in", matters.ids)])}
    )
    run.action_load()
    run.action_bill_all()
    assert run.bill_ids, run.line_ids.mapped("message")
    return run.bill_ids


def approved(matter, **vals):
    draft = bill(matter, **vals)
    draft.action_approve_bills()
    same(draft.state, "posted", "state")
    return draft


def pay(amount, rows, **vals):
    slip = env["legal.payment"].create(
        {
            "source": "bank",
            "received_from_id": rows[0][0].partner_id.id,
            "amount": amount,
            "date": date(2026, 11, 2),
            "allocation_ids": [
                Command.create(
                    {"bill_id": record.id, "amount": part}
                    if record._name == "account.move"
                    else {"kind": "credit", "matter_id": record.id, "amount": part}
                )
                for record, part in rows
            ],
            **vals,
        }
    )
    slip.action_post()
    return slip


def is_installed(name):
    return bool(
        env["ir.module.module"].search_count(
            [("name", "=", name), ("state", "=", "installed")]
        )
    )


def get_disbursement(matter):
    [entry] = env["account.analytic.line"].search(
        [("matter_id", "=", matter.id), ("wip_type", "=", "disbursement")]
    )
    return entry


@check(
    "the cycle",
    "time, two disbursements, run, approval, production, payment with 10 too much, credit "
    "used, client money in and out",
)
def the_cycle():
    matter = make_matter("Cycle")
    make_time(matter, 1.5)
    make_time(matter, 0.5)
    company = env.company
    make_cost(matter, 120.0, company.legal_disbursement_product_id)
    agent = env["product.product"].search(
        [("legal_use", "=", "disbursement"), ("disbursement_treatment", "=", "agent")],
        limit=1,
    )
    make_cost(matter, 50.0, agent)
    first = approved(matter)
    same(first.amount_untaxed, 570.0, "net")
    first.action_produce_without_sending("by hand", date(2026, 11, 1))
    same(first.billing_stage, "finalized")
    pay(first.amount_total + 10, [(first, first.amount_total), (matter, 10.0)])
    same(first.amount_residual, 0.0)
    same(matter.unallocated_credit_balance, 10.0, "credit")
    make_time(matter, 1.2)
    second = approved(matter)
    second.action_produce_without_sending("by hand", date(2026, 11, 1))
    pay(10.0, [(second, 10.0)], source="unallocated", matter_id=matter.id)
    same(matter.unallocated_credit_balance, 0.0, "credit")
    office = env["account.journal"].search(
        [("type", "=", "bank"), ("is_client_account", "=", False)], limit=1
    )
    bank = env["account.journal"].create(
        {"name": "Client", "type": "bank", "code": "CLB", "is_client_account": True}
    )
    env["legal.trust.transaction"].create(
        {
            "kind": "deposit",
            "matter_id": matter.id,
            "journal_id": bank.id,
            "amount": 100.0,
            "date": date(2026, 11, 2),
        }
    ).action_post()
    pay(
        60.0,
        [(second, 60.0)],
        source="client_account",
        client_journal_id=bank.id,
        journal_id=office.id,
    )
    left = env["legal.trust.balance"].search([("matter_id", "=", matter.id)]).balance
    same(left, 40.0, "client money")
    return (
        f"{first.amount_untaxed:.2f} + {first.amount_tax:.2f} = {first.amount_total:.2f}; "
        f"second bill {second.amount_total:.2f}, open {second.amount_residual:.2f}; "
        f"client money {left:.2f}"
    )


# --- core's


@check("sale_timesheet", "a matter beside sales")
def sales():
    assert is_installed("legal_billing_sale_timesheet"), "the glue is not installed"
    matter = make_matter("Sold")
    assert not matter.allow_billable
    entry = make_time(matter)
    same((entry.wip_type, entry.wip_amount), ("time", 200.0))
    return "the glue installed itself; time of a matter is WIP"


@check("purchase", "order on the matter, vendor's bill, posted")
def purchase():
    matter = make_matter("Bought")
    product = env.company.legal_disbursement_product_id
    order = env["purchase.order"].create(
        {
            "partner_id": firm["vendor"].id,
            "order_line": [
                Command.create(
                    {
                        "product_id": product.id,
                        "name": "Expert",
                        "product_qty": 1,
                        "price_unit": 500.0,
                        "tax_ids": [Command.clear()],
                        "analytic_distribution": {str(matter.account_id.id): 100},
                    }
                )
            ],
        }
    )
    order.button_confirm()
    order.order_line.qty_received = 1
    order.action_create_invoice()
    order.invoice_ids.invoice_date = date(2026, 10, 7)
    order.invoice_ids.action_post()
    entry = get_disbursement(matter)
    same((entry.wip_amount, entry.product_id), (500.0, product))
    return f"disbursement {entry.wip_amount:.2f}: “{entry.bill_narrative}”"


@check("hr_expense", "an expense on the matter, posted")
def expense():
    matter = make_matter("Travelled")
    spent = env["hr.expense"].create(
        {
            "name": "Train to court",
            "employee_id": firm["employee"].id,
            "product_id": env.company.legal_disbursement_product_id.id,
            "total_amount_currency": 80.0,
            "tax_ids": [Command.clear()],
            "payment_mode": "own_account",
            "analytic_distribution": {str(matter.account_id.id): 100},
        }
    )
    spent.action_submit()
    if spent.state != "approved":
        spent.action_approve()
    if not spent.account_move_id:
        action = spent.action_post()
        if isinstance(action, dict) and action.get("res_model"):
            wizard = env[action["res_model"]].with_context(**action["context"])
            wizard.create({}).action_post_entry()
    if spent.account_move_id.state == "draft":
        spent.account_move_id.action_post()
    entry = get_disbursement(matter)
    same((entry.wip_amount, entry.bill_narrative), (80.0, "Train to court"))
    return f"disbursement {entry.wip_amount:.2f}: “{entry.bill_narrative}”"


@check("payment_demo, portal", "the client pays a bill online")
def online():
    matter = make_matter("Paid online")
    make_time(matter)
    owed = approved(matter)
    provider = env.ref("payment.payment_provider_demo")
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("is_client_account", "=", False)], limit=1
    )
    provider.write({"state": "test", "is_published": True, "journal_id": journal.id})
    transaction = env["payment.transaction"].create(
        {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id,
            "amount": owed.amount_total,
            "currency_id": owed.currency_id.id,
            "partner_id": owed.partner_id.id,
            "reference": "ONLINE-1",
            "operation": "online_direct",
            "invoice_ids": [Command.set(owed.ids)],
        }
    )
    transaction._set_done()
    transaction._post_process()
    assert owed.payment_state in ("paid", "in_payment"), owed.payment_state
    same(owed.amount_residual, 0.0)
    slip = transaction.payment_id.legal_payment_id
    same(slip.state, "posted", "slip")
    return f"{owed.amount_total:.2f} paid by slip {slip.name}"


@check("portal", "core's print of an approved bill")
def portal():
    matter = make_matter("Printed")
    make_time(matter, name="Advice on the mill")
    owed = approved(matter)
    reports = env["ir.actions.report"]
    content, _kind = reports._render_qweb_pdf("account.account_invoices", owed.ids)
    import io

    from pypdf import PdfReader

    text = " ".join(
        page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
    )
    assert "Advice on the mill" in " ".join(text.split()), text[:200]
    return "the bill's own paper, with text"


@check("account_debit_note", "a debit note to a bill, without and with its lines")
def debit_note():
    matter = make_matter("Debited")
    make_time(matter)
    owed = approved(matter)
    window = env["account.debit.note"].with_context(
        active_model="account.move", active_ids=owed.ids
    )
    window.create({"copy_lines": False, "reason": "more"}).create_debit()
    [note] = owed.debit_note_ids
    same((note.state, note.amount_total), ("draft", 0.0))
    refusal = says(lambda: window.create({"copy_lines": True}).create_debit())
    assert "debit note" in refusal, refusal
    return "empty draft; with copied lines it is refused, with the way out"


@check("account_tax_python", "a tax by formula, where half of the fees is discounted")
def a_tax_by_formula():
    duty = env["account.tax"].create(
        {
            "name": "Duty",
            "amount_type": "code",
            "formula": "min(base * 0.01, 50.0)",
            "type_tax_use": "sale",
        }
    )
    product = env.company.legal_fee_product_id.copy(
        {"name": "Fees with duty", "legal_use": "fee"}
    )
    product.taxes_id = [Command.set(duty.ids)]
    matter = make_matter(
        "Formula",
        fee_product_id=product.id,
        discount_type="percent",
        discount_value=50.0,
    )
    make_time(matter)
    posted = approved(matter)
    items = posted.line_ids.filtered(lambda item: item.tax_line_id == duty)
    same((posted.amount_untaxed, -sum(items.mapped("balance"))), (100.0, 2.0), "duty")
    return "100.00 of 200.00 is charged, the duty stays 2.00"


@check("project, tasks", "a task with time moves to another matter")
def tasks():
    one, other = make_matter("From"), make_matter("To")
    task = env["project.task"].create({"name": "Draft", "project_id": one.id})
    entry = make_time(one, task_id=task.id)
    task.project_id = other
    same(entry.matter_id, other, "matter")
    return "time and WIP follow"


@check("project_timesheet_holidays", "time off")
def time_off():
    internal = env.company.internal_project_id
    entry = make_time(internal)
    same((entry.matter_id.id, entry.wip_type), (False, False))
    return "no matter, no WIP"


@check("partner merge", "two clients become one")
def merge():
    matter = make_matter("Merged")
    make_time(matter)
    owed = approved(matter)
    other = env["res.partner"].create({"name": "Same client"})
    total = owed.amount_residual
    window = env["base.partner.merge.automatic.wizard"].create({})
    window._merge((matter.partner_id | other).ids, other)
    same(
        (matter.partner_id, matter.billing_partner_id, owed.partner_id),
        (other, other, other),
    )
    same(owed.amount_residual, total)
    return f"client, payer and bill follow; {total:.2f} stay open"


@check("data_recycle", "a rule that archives a matter with WIP")
def recycle():
    matter = make_matter("Recycled")
    make_time(matter)
    model = env["data_recycle.model"].create(
        {
            "name": "Old matters",
            "res_model_id": env["ir.model"]._get("project.project").id,
            "recycle_action": "archive",
            "domain": str([("id", "=", matter.id)]),
        }
    )
    model._recycle_records()
    refusal = says(model.recycle_record_ids.action_validate)
    assert "Recycled" in refusal, refusal
    return f"refused: “{refusal[:80]}…”"


# --- of the Odoo Community Association


@check("account_reconcile_oca", "a statement line pays a bill")
def reconcile():
    matter = make_matter("Reconciled")
    make_time(matter)
    owed = approved(matter)
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("is_client_account", "=", False)], limit=1
    )
    line = env["account.bank.statement.line"].create(
        {
            "journal_id": journal.id,
            "amount": owed.amount_total,
            "payment_ref": owed.name,
            "date": date(2026, 11, 3),
        }
    )
    item = owed.line_ids.filtered(
        lambda x: x.account_id.account_type == "asset_receivable"
    )
    line.add_account_move_line_id = item
    line._onchange_add_account_move_line_id()
    if not line.is_reconciled:
        line.reconcile_bank_line()
    same(owed.amount_residual, 0.0)
    return f"{owed.amount_total:.2f} paid, {owed.payment_state}"


@check("account_credit_control", "a part-paid bill is overdue")
def credit_control():
    matter = make_matter("Dunned")
    make_time(matter)
    owed = approved(matter)
    pay(40.0, [(owed, 40.0)])
    policies = env["credit.control.policy"].search([("do_nothing", "=", False)])
    policy = policies.filtered("level_ids")[:1]
    assert policy, "no policy came with it"
    policy.account_ids |= owed.line_ids.account_id.filtered(
        lambda account: account.account_type == "asset_receivable"
    )
    env.company.credit_policy_id = policy
    run = env["credit.control.run"].create(
        {"date": date(2027, 3, 1), "policy_ids": [Command.set(policy.ids)]}
    )
    run.with_context(lang="en_US").generate_credit_lines()
    lines = run.line_ids.filtered(lambda row: row.invoice_id == owed)
    same(lines.mapped("balance_due"), [owed.amount_residual])
    return f"{owed.amount_residual:.2f} is claimed"


@check("account_financial_report", "open items of the client")
def open_items():
    matter = make_matter("Reported")
    make_time(matter)
    owed = approved(matter)
    pay(40.0, [(owed, 40.0)])
    item = owed.line_ids.filtered(
        lambda x: x.account_id.account_type == "asset_receivable"
    )
    window = env["open.items.report.wizard"].create(
        {
            "date_at": date(2026, 12, 31),
            "partner_ids": [Command.set(owed.partner_id.ids)],
            "account_ids": [Command.set(item.account_id.ids)],
        }
    )
    values = env["report.account_financial_report.open_items"]._get_report_values(
        window,
        window._prepare_report_open_items()
        | {"wizard_name": window._name, "wizard_id": window.id},
    )
    rows = values["Open_Items"][item.account_id.id]
    partner = rows[owed.partner_id.id]
    found = round(sum(row["amount_residual"] for row in partner), 2)
    same(found, owed.amount_residual)
    return f"{found:.2f} is open"


@check("account_move_cancel_confirm", "a draft that had a number is deleted")
def cancel_confirm():
    key = "account.move.cancel_confirm_disable"
    env["ir.config_parameter"].sudo().set_param(key, "False")
    matter = make_matter("Cancelled")
    entry = make_time(matter)
    once = approved(matter)
    once.action_revert_bills("x")
    same(once.state, "draft")
    try:
        once.action_delete_bills()
    except UserError as error:
        found = " ".join(str(error).split())
    else:
        found = f"done: {once.state}"
    is_free = not entry.bill_id
    same(is_free, once.state == "cancel", f"{found}; state {once.state}, entry free")
    return f"{found[:120]}; the entry is {'free' if is_free else 'still on the draft'}"


@check("account_move_name_sequence", "numbers, over a revert")
def sequence():
    matter, other = make_matter("Numbered"), make_matter("Next")
    for each in (matter, other):
        make_time(each)
    first = approved(matter)
    name = first.name
    first.action_revert_bills("x")
    first.action_approve_bills()
    same(first.name, name)
    second = approved(other)
    assert second.name != name
    return f"{name} is kept, then {second.name}"


@check("account_invoice_constraint_chronology", "two days approved together")
def chronology():
    late, early = make_matter("Late"), make_matter("Early")
    for each in (late, early):
        make_time(each)
    drafts = bill(late, day=date(2026, 11, 20)) | bill(early, day=date(2026, 11, 10))
    drafts.journal_id.check_chronology = True
    drafts.action_approve_bills()
    same(drafts.mapped("state"), ["posted", "posted"])
    return ", ".join(
        f"{x.invoice_date} {x.name}" for x in drafts.sorted("invoice_date")
    )


@check("account_move_tier_validation", "a bill that waits for somebody")
def tiers():
    matter = make_matter("Tiered")
    entry = make_time(matter)
    draft = bill(matter)
    boss = env["res.users"].create(
        {
            "name": "Boss",
            "login": "boss",
            "group_ids": [
                Command.link(env.ref("base.group_user").id),
                Command.link(env.ref("legal_billing.legal_billing_group_manager").id),
            ],
        }
    )
    env["tier.definition"].create(
        {
            "model_id": env["ir.model"]._get("account.move").id,
            "review_type": "individual",
            "reviewer_id": boss.id,
            "definition_domain": str([("id", "=", draft.id)]),
        }
    )
    refusal = says(draft.action_approve_bills)
    same(draft.state, "draft")
    draft.request_validation()
    edit = says(lambda: entry.write({"bill_quantity": 2.0}))
    draft.with_user(boss).validate_tier()
    draft.invalidate_recordset()
    draft.action_approve_bills()
    same(draft.state, "posted")
    return f"waits: “{refusal[:90]}…”; an edit: “{edit[:60]}…”; then approved"


@check("account_analytic_required", "the credits account wants an analytic account")
def analytic():
    matter = make_matter("Analytic")
    env.company._get_legal_unallocated_account().analytic_policy = "always"
    slip = pay(100.0, [(matter, 100.0)], received_from_id=matter.partner_id.id)
    same(matter.unallocated_credit_balance, 100.0)
    return f"slip {slip.name} is posted"


@check("account_invoice_fixed_discount", "a discount typed on a generated line")
def fixed_discount():
    matter = make_matter("Discounted")
    entry = make_time(matter)
    draft = bill(matter)
    line = draft.invoice_line_ids[:1]
    # as its form sends it
    typed = {"discount_fixed": 20.0, "discount": 10.0}
    refusal = says(lambda: line.write(typed))
    entry.bill_quantity = 2.0
    same(draft.amount_untaxed, 400.0)
    return f"refused, nothing is lost: “{refusal[:90]}…”"


@check("account_payment_order", "a bill is collected by a debit order")
def debit_order():
    matter = make_matter("Debited")
    make_time(matter)
    owed = approved(matter)
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("is_client_account", "=", False)], limit=1
    )
    mode = env["account.payment.mode"].create(
        {
            "name": "Debit",
            "company_id": env.company.id,
            "payment_method_id": env.ref("account.account_payment_method_manual_in").id,
            "bank_account_link": "fixed",
            "fixed_journal_id": journal.id,
            "payment_order_ok": True,
        }
    )
    [item] = owed.line_ids.filtered(lambda line: line.display_type == "payment_term")
    order = env["account.payment.order"].create(
        {
            "payment_mode_id": mode.id,
            "journal_id": journal.id,
            "payment_line_ids": [
                Command.create(
                    {
                        "move_line_id": item.id,
                        "partner_id": item.partner_id.id,
                        "currency_id": item.currency_id.id,
                        "amount_currency": owed.amount_total,
                        "communication": owed.name,
                    }
                )
            ],
        }
    )
    order.draft2open()
    order.open2generated()
    order.generated2uploaded()
    slip = order.payment_ids.legal_payment_id
    same((slip.state, owed.amount_residual), ("posted", 0.0))
    return f"{slip.amount:.2f} paid by slip {slip.name}"


@check("account_payment_mode, account_payment_order", "a bill with a mode")
def payment_mode():
    matter = make_matter("Debit")
    make_time(matter)
    owed = approved(matter)
    assert "payment_mode_id" in owed
    return f"approved as {owed.name}, mode {owed.payment_mode_id.name or 'none'}"


@check("account_banking_mandate", "a bill with a mandate's field")
def mandate():
    matter = make_matter("Mandate")
    make_time(matter)
    owed = approved(matter)
    assert "mandate_id" in owed
    return "approved"


@check("queue_job", "the glue installed itself")
def queue():
    assert is_installed("legal_billing_queue_job")
    return "yes"


@check("mis_builder", "installed")
def mis():
    assert is_installed("mis_builder")
    return "yes"


def set_up():
    """A firm of one: the administrator."""
    global env
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    admin = env.ref("base.user_admin")
    admin.email = "ada@firm.example"
    for group in (
        "account.group_account_manager",
        "account.group_account_basic",
        "hr_expense.group_hr_expense_manager",
    ):
        if found := env.ref(group, raise_if_not_found=False):
            admin.group_ids |= found
    env = env(user=admin.id, su=False)
    firm["employee"] = env["hr.employee"].search(
        [("user_id", "=", admin.id)], limit=1
    ) or env["hr.employee"].create({"name": "Ada", "user_id": admin.id})
    firm["employee"].work_contact_id.email = "ada@firm.example"
    firm["vendor"] = env["res.partner"].create({"name": "Vendor"})
    env["legal.rate"].create({"price": 200.0, "company_id": env.company.id})


set_up()
for name, tried, function in CHECKS:
    row = {"name": name, "tried": tried, "ok": True}
    savepoint = env.cr.savepoint()
    try:
        row["found"] = function()
        env.flush_all()
    except Exception as error:
        row |= {"ok": False, "found": f"{type(error).__name__}: {error}"[:400]}
    savepoint.close(rollback=True)
    env.invalidate_all(flush=False)
    print("NEIGHBOUR " + json.dumps(row), flush=True)
env.cr.rollback()
