"""The firm of the benchmark: few records by the ORM, the mass of entries by SQL."""

from contextlib import contextmanager
from datetime import date

from odoo.fields import Command

DAY = date(2026, 10, 31)
ENTRIES = 10
RATE = 250.0


def prepare(env):
    """Give the company accounts, a rate, a timekeeper; return what others need."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
    company.legal_small_run = 10**9
    if not env["legal.rate"].search_count([]):
        env["legal.rate"].create({"price": RATE})
    employees = env["hr.employee"]
    return {
        "employee": employees.search([("name", "=", "Timekeeper")])
        or employees.create({"name": "Timekeeper"}),
        "tax": company.account_sale_tax_id,
        "term": env.ref("account.account_payment_term_30days"),
    }


def make_clients(env, count):
    """As many clients, with a name and an address."""
    return env["res.partner"].create(
        [
            {"name": f"Client {index}", "email": "client@client.example"}
            for index in range(count)
        ]
    )


def make_matters(env, base, count, entries=ENTRIES):
    """Matters of as many clients, each with time and one disbursement: the first by
    the ORM, copies of it by SQL.

    :rtype: project.project
    """
    matter = env["project.project"].create(
        {
            "name": "Matter of a client",
            "is_matter": True,
            "partner_id": make_clients(env, 1).id,
            "bill_payment_term_id": base["term"].id,
        }
    )
    time = env["account.analytic.line"].create(
        {
            "project_id": matter.id,
            "employee_id": base["employee"].id,
            "name": "Advice",
            "date": DAY,
            "unit_amount": 0.5,
        }
    )
    cost = env["account.analytic.line"].create(
        {
            "matter_id": matter.id,
            "name": "Court fee",
            "date": date(2026, 10, 12),
            "bill_rate": 80.0,
            "unit_amount": 1,
        }
    )
    copies = copy_matter(env, matter, count - 1)
    own = {
        "matter_id": "new.matter",
        "account_id": "new.account",
        "partner_id": "new.client",
    }
    copy_rows(env, cost, own)
    copy_rows(env, time, own | {"project_id": "new.matter"})
    # the first one's own time, beside that of the copies
    env.cr.execute(
        "INSERT INTO bench_copy (client, account, matter) VALUES (%s, %s, %s)",
        [matter.partner_id.id, matter.account_id.id, matter.id],
    )
    copy_rows(
        env,
        time,
        own | {"project_id": "new.matter", "date": "row.date - step.number % 300"},
        times=entries - 2,
    )
    env.cr.execute("DROP TABLE bench_copy")
    env.invalidate_all()
    return matter | copies


def copy_matter(env, matter, count):
    """Copies of a matter with a client and an analytic account each; their ids stay in
    the table ``bench_copy``.

    :rtype: project.project
    """
    env.flush_all()
    env.cr.execute(
        """
        CREATE TEMPORARY TABLE bench_copy AS
        SELECT nextval('res_partner_id_seq')::int AS client,
               nextval('account_analytic_account_id_seq')::int AS account,
               nextval('mail_alias_id_seq')::int AS alias,
               nextval('project_project_id_seq')::int AS matter
          FROM generate_series(1, %s)
        """,
        [count],
    )
    copy_rows(
        env,
        matter.partner_id,
        {
            "id": "new.client",
            "commercial_partner_id": "new.client",
            "name": "'Client ' || new.client",
            "complete_name": "'Client ' || new.client",
        },
    )
    name = "jsonb_build_object('en_US', 'Matter of Client ' || new.client)"
    copy_rows(
        env,
        matter.account_id,
        {"id": "new.account", "name": name, "partner_id": "new.client"},
    )
    copy_rows(env, matter.alias_id, {"id": "new.alias"})
    copy_rows(
        env,
        matter,
        {
            "id": "new.matter",
            "name": name,
            "account_id": "new.account",
            "partner_id": "new.client",
            "billing_partner_id": "new.client",
            "alias_id": "new.alias",
            "matter_number": "'M-C' || new.matter",
        },
    )
    if matter.bill_recipient_ids:
        env.cr.execute(
            "INSERT INTO legal_matter_bill_recipient_rel (matter_id, partner_id) "
            "SELECT matter, client FROM bench_copy"
        )
    env.cr.execute("SELECT matter FROM bench_copy ORDER BY matter")
    return matter.browse(row[0] for row in env.cr.fetchall())


@contextmanager
def without_checks(env):
    """Copies of sound rows need no look at their foreign keys, which takes longer than
    to copy them; for a role that may leave it out."""
    env.cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    [may] = env.cr.fetchone()
    if may:
        env.cr.execute("SET LOCAL session_replication_role = replica")
    yield
    if may:
        env.cr.execute("SET LOCAL session_replication_role = origin")


def copy_rows(env, record, changes, times=1):
    """Copy a record by SQL, ``times`` for each row of ``bench_copy``.

    :param dict changes: SQL by column, of ``row`` (the record), ``new`` (the row of
        ``bench_copy``) and ``step.number`` (1 to ``times``)
    """
    env.flush_all()
    columns = [
        name
        for name, field in record._fields.items()
        if field.store and field.column_type and (name != "id" or "id" in changes)
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changes.get(name, f'row."{name}"') for name in columns)
    with without_checks(env):
        env.cr.execute(
            f'INSERT INTO "{record._table}" ({names}) SELECT {values} '
            f'FROM "{record._table}" AS row, bench_copy AS new, '
            f"generate_series(1, {int(times)}) AS step(number) "
            f"WHERE row.id = {record.id}"
        )
    env.invalidate_all()


def make_run(env, matters):
    """A run of these matters, loaded."""
    run = env["legal.billing.run"].create(
        {"invoice_date": DAY, "filter_domain": str([("id", "in", matters.ids)])}
    )
    run.action_load()
    return run


def make_draft(env, partner):
    """A draft invoice without any matter."""
    return env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": DAY,
            "invoice_line_ids": [
                Command.create({"name": "Other work", "price_unit": 100})
            ],
        }
    )


def make_bills(env, count, clients, matters=None):
    """Posted invoices of one line, of these clients in turn; of matters if given."""
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": clients[index % len(clients)].id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Fees",
                            "quantity": 1,
                            "price_unit": 100 + index % 50,
                            "tax_ids": False,
                        }
                        | (
                            {
                                "matter_id": matters[index % len(matters)].id,
                                "bill_element": "fees",
                            }
                            if matters
                            else {}
                        )
                    )
                ],
            }
            for index in range(count)
        ]
    )
    # bills are approved by a person; here the benchmark is one
    (moves._internal() if matters else moves).action_post()
    return moves


def make_invoices(env, base, matters, count):
    """Core's own draft invoices of these matters' clients, with as many lines each.

    :rtype: account.move
    """
    line = {
        "name": "Advice",
        "quantity": 0.5,
        "price_unit": RATE,
        "tax_ids": [Command.set(base["tax"].ids)],
    }
    return env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": matter.partner_id.id,
                "invoice_date": DAY,
                "invoice_line_ids": [Command.create(dict(line)) for _n in range(count)],
            }
            for matter in matters
        ]
    )
