"""A firm that has used Odoo without the addon; runs in Odoo's shell."""

from datetime import date

from odoo.fields import Command

env.user.group_ids |= env.ref("account.group_account_manager")
env["account.chart.template"].try_loading("generic_coa", env.company)
employee = env["hr.employee"].create({"name": "Ada", "user_id": env.uid})
clients = env["res.partner"].create([{"name": f"Client {n}"} for n in range(20)])
projects = env["project.project"].create(
    [{"name": f"Project of {c.name}", "partner_id": c.id} for c in clients]
)
env["account.analytic.line"].create(
    [
        {
            "project_id": project.id,
            "employee_id": employee.id,
            "name": "Advice",
            "date": date(2026, 9, 1 + number),
            "unit_amount": 1.5,
        }
        for project in projects
        for number in range(5)
    ]
)
invoices = env["account.move"].create(
    [
        {
            "move_type": "out_invoice",
            "partner_id": client.id,
            "invoice_date": date(2026, 9, 30),
            "invoice_line_ids": [
                Command.create({"name": "Services", "quantity": 1, "price_unit": 90})
            ],
        }
        for client in clients
    ]
)
invoices[:15].action_post()
env["account.payment.register"].with_context(
    active_model="account.move", active_ids=invoices[:5].ids
).create({"group_payment": False}).action_create_payments()
env.cr.commit()
