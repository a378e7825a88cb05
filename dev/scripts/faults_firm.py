"""Make the firm of the fault harness; runs in Odoo's shell (`env` is given).

`LB_FAULTS_SIZE` matters, each with two time entries and one disbursement. Their bills go
out in turns by e-mail, on paper, and both ways. Everything is worked off in the background.
"""

import os
from datetime import date

from odoo.fields import Command

size = int(os.environ["LB_FAULTS_SIZE"])
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company)
company.write({"legal_small_run": 0, "email": "office@firm.example"})
env.user.email = "clerk@firm.example"
employee = env["hr.employee"].create(
    {"name": "Ada Partner", "user_id": env.uid, "company_id": company.id}
)
env["legal.rate"].create({"price": 200.0, "company_id": company.id})
clients = env["res.partner"].create(
    [
        {"name": f"Client {number}", "email": f"client{number}@client.example"}
        for number in range(size)
    ]
)
matters = env["project.project"].create(
    [
        {
            "name": f"Matter {number}",
            "is_matter": True,
            "partner_id": client.id,
            "company_id": company.id,
            "bill_recipient_ids": [Command.set(client.ids if number % 3 != 1 else [])],
            "bill_print_copies": "1" if number % 3 else "0",
            # of some the bill leaves too little, and the client is asked with it
            "retainer_minimum": 500.0 if number % 5 == 2 else 0.0,
            "retainer_target": 1000.0 if number % 5 == 2 else 0.0,
            "retainer_ask_with_bill": number % 5 == 2,
        }
        for number, client in enumerate(clients)
    ]
)
entries = env["account.analytic.line"]
entries.create(
    [
        {
            "project_id": matter.id,
            "employee_id": employee.id,
            "name": f"Advice {number}",
            "date": date(2026, 10, 1 + number),
            "unit_amount": 0.5 + number,
        }
        for matter in matters
        for number in range(2)
    ]
)
entries.create(
    [
        {
            "matter_id": matter.id,
            "name": "Court fee",
            "date": date(2026, 10, 6),
            "product_id": company.legal_disbursement_product_id.id,
            "unit_amount": 1.0,
            "bill_rate": 40.0,
        }
        for matter in matters
    ]
)
# the mail queue: every minute would be slow, the harness triggers it
env.cr.commit()
print(f"   {size} matters, {3 * size} entries")
