"""The same firm bills matters; runs in Odoo's shell."""

from datetime import date

from odoo.fields import Command

env.user.email = "ada@firm.example"
env["legal.rate"].create({"price": 200.0, "company_id": env.company.id})
employee = env["hr.employee"].search([("user_id", "=", env.uid)], limit=1)
matters = env["project.project"].search([("name", "like", "Project of")])
matters[:8].write({"is_matter": True, "company_id": env.company.id})
env["account.analytic.line"].create(
    [
        {
            "project_id": matter.id,
            "employee_id": employee.id,
            "name": "Advice",
            "date": date(2026, 10, 5),
            "unit_amount": 2.0,
        }
        for matter in matters[:8]
    ]
)
run = env["legal.billing.run"].create({"invoice_date": date(2026, 10, 31)})
run.action_load()
run.action_bill_all()
bills = run.bill_ids
assert len(bills) == 8, run.line_ids.mapped(lambda line: (line.state, line.message))
bills[:6].action_approve_bills()
bills[:4].action_produce_without_sending("by hand", date(2026, 11, 1))
env["legal.payment"].create(
    {
        "source": "bank",
        "received_from_id": bills[0].partner_id.id,
        "amount": bills[0].amount_total + 50,
        "date": date(2026, 11, 2),
        "allocation_ids": [
            Command.create({"bill_id": bills[0].id, "amount": bills[0].amount_total}),
            Command.create(
                {"kind": "credit", "matter_id": bills[0].matter_id.id, "amount": 50}
            ),
        ],
    }
).action_post()
journal = env["account.journal"].create(
    {"name": "Client bank", "type": "bank", "code": "CLB", "is_client_account": True}
)
env["legal.trust.transaction"].create(
    {
        "kind": "deposit",
        "matter_id": bills[1].matter_id.id,
        "journal_id": journal.id,
        "amount": 500.0,
        "date": date(2026, 11, 2),
    }
).action_post()
env.cr.commit()
