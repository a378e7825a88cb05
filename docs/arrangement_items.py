"""Journal items of every fee arrangement, printed as Markdown.

    dev/odoo shell --db demo < docs/arrangement_items.py > docs/arrangements.md

Makes a bill of each in the database's company, prints lines and items, and rolls all of
it back.
"""

from datetime import date

DAY = date(2026, 10, 31)
company = env.company
lawyer = env["hr.employee"].create({"name": "Ada Partner", "company_id": company.id})
tax = env["account.tax"].create(
    {"name": "VAT 20 %", "amount": 20.0, "type_tax_use": "sale"}
)
income = env["account.account"].create(
    {"code": "400990", "name": "Fees", "account_type": "income"}
)
payable = env["account.account"].create(
    {"code": "225990", "name": "VAT on sales", "account_type": "liability_current"}
)
(tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids).filtered(
    lambda line: line.repartition_type == "tax"
).account_id = payable
product = env["product.product"].create(
    {
        "name": "Fees",
        "type": "service",
        "legal_use": "fee",
        "taxes_id": [(6, 0, tax.ids)],
        "property_account_income_id": income.id,
    }
)
client = env["res.partner"].create({"name": "Client Ltd"})
CASES = (
    (
        "Capped fee: 5,000.00, of which 3,000.00 is billed; work of 3,000.00",
        {"billing_arrangement": "capped", "cap_amount": 5000.0},
        (10.0, 10.0),
    ),
    (
        "Blended rate: 250.00 an hour, 5 hours",
        {"billing_arrangement": "blended", "blended_rate": 250.0},
        (5.0,),
    ),
    (
        "Subscription: 900.00 with 5 hours, 6.5 hours worked at 300.00",
        {
            "billing_arrangement": "subscription",
            "subscription_amount": 900.0,
            "subscription_hours": 5.0,
        },
        (6.5,),
    ),
    (
        "Contingent fee: 30 % of 40,000.00",
        {
            "billing_arrangement": "contingency",
            "contingency_percent": 30.0,
            "contingency_basis_amount": 40000.0,
        },
        (10.0,),
    ),
    (
        "Abatement: 10 % above 10,000.00, of which 9,500.00 is billed; work of 2,000.00",
        {"abatement_percent": 10.0, "abatement_from": 10000.0},
        (9500.0 / 300.0, 2000.0 / 300.0),
    ),
)


def bill(matter, hours):
    """An approved bill of so many hours at 300.00."""
    env["account.analytic.line"].create(
        {
            "project_id": matter.id,
            "employee_id": lawyer.id,
            "name": "Advice",
            "date": date(2026, 10, 5),
            "unit_amount": hours,
            "bill_quantity": hours,
            "bill_rate": 300.0,
            "wip_amount": round(hours * 300.0, 2),
        }
    )
    run = env["legal.billing.run"].create(
        {"invoice_date": DAY, "filter_domain": str([("id", "=", matter.id)])}
    )
    run.action_load()
    run.action_bill_all()
    made = run.bill_ids
    made.action_approve_bills()
    return made


out = [
    "# Fee arrangements: what is booked",
    "",
    "Printed by `docs/arrangement_items.py`. Fees at 20 % VAT; of several bills the last "
    "one.",
]
for title, options, worked in CASES:
    matter = env["project.project"].create(
        {
            "name": "Matter",
            "is_matter": True,
            "company_id": company.id,
            "partner_id": client.id,
            "fee_product_id": product.id,
            **options,
        }
    )
    for hours in worked:
        last = bill(matter, hours)
    out += ["", f"## {title}", ""]
    if last.arrangement_text:
        out += [f"*{last.arrangement_text}*".replace("\xa0", " "), ""]
    out += ["| line | net |", "| --- | ---: |"]
    for line in last.invoice_line_ids.sorted("sequence"):
        name = line.name.replace("\xa0", " ")
        out.append(f"| {name} | {line.price_subtotal:,.2f} |")
    out += ["", "| account | debit | credit |", "| --- | ---: | ---: |"]
    for line in last.line_ids.sorted(
        lambda x: (x.display_type != "payment_term", x.id)
    ):
        debit = f"{line.debit:,.2f}" if line.debit else ""
        credit = f"{line.credit:,.2f}" if line.credit else ""
        name = line.account_id.name
        out.append(f"| {name} | {debit} | {credit} |")
env.cr.rollback()
print("\n".join(out))
