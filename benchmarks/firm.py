"""The firm of the benchmark: few records by the ORM, the mass of entries by SQL."""

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
    """As many clients, with nothing but a name."""
    return env["res.partner"].create(
        [{"name": f"Client {index}"} for index in range(count)]
    )


def make_matters(env, base, count, entries=ENTRIES):
    """Matters of as many clients, each with time and one disbursement.

    :rtype: project.project
    """
    matters = env["project.project"].create(
        [
            {
                "name": f"Matter of {client.name}",
                "is_matter": True,
                "partner_id": client.id,
                "bill_payment_term_id": base["term"].id,
            }
            for client in make_clients(env, count)
        ]
    )
    first = env["account.analytic.line"].create(
        [
            {
                "project_id": matter.id,
                "employee_id": base["employee"].id,
                "name": "Advice",
                "date": DAY,
                "unit_amount": 0.5,
            }
            for matter in matters
        ]
    )
    env["account.analytic.line"].create(
        [
            {
                "matter_id": matter.id,
                "name": "Court fee",
                "date": date(2026, 10, 12),
                "bill_rate": 80.0,
                "unit_amount": 1,
            }
            for matter in matters
        ]
    )
    multiply(env, first, entries - 2)
    return matters


def multiply(env, entries, times):
    """Copy entries by SQL, on the days before their own."""
    if times < 1:
        return
    env.flush_all()
    columns = [
        name
        for name, field in entries._fields.items()
        if field.store and field.column_type and name not in ("id", "date")
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    env.cr.execute(
        f"INSERT INTO account_analytic_line ({names}, date) "
        f"SELECT {names}, date - step %% 300 FROM account_analytic_line, "
        "generate_series(1, %s) AS step WHERE id = ANY(%s)",
        [times, entries.ids],
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
    moves.action_post()
    return moves
