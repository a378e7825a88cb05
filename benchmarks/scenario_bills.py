"""Drafts and their approval, beside sale_timesheet and plain invoices."""

from datetime import date

import firm
from measure import middle, ratio, timed

from odoo.fields import Command

BILLS = 100


def core_vals(env, base, matter):
    """The same invoice, as any addon would make it with core."""
    fees = env.ref("legal_billing.product_fees")
    costs = env.ref("legal_billing.product_disbursement")
    return {
        "move_type": "out_invoice",
        "partner_id": matter.partner_id.id,
        "invoice_date": firm.DAY,
        "invoice_payment_term_id": base["term"].id,
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": product.id,
                    "name": product.name,
                    "quantity": 1,
                    "price_unit": amount,
                    "tax_ids": [Command.set(base["tax"].ids)],
                    "analytic_distribution": {str(matter.account_id.id): 100},
                }
            )
            for product, amount in ((fees, 1125.0), (costs, 80.0))
        ],
    }


def make_orders(env, base):
    """Confirmed orders of as many clients: one line, ten time sheets each."""
    product = env["product.product"].create(
        {
            "name": "Hours",
            "type": "service",
            "service_policy": "delivered_timesheet",
            "service_tracking": "no",
            "list_price": firm.RATE,
            "taxes_id": [Command.set(base["tax"].ids)],
        }
    )
    clients = firm.make_clients(env, BILLS)
    projects = env["project.project"].create(
        [
            {"name": client.name, "allow_billable": True, "partner_id": client.id}
            for client in clients
        ]
    )
    orders = env["sale.order"].create(
        [
            {
                "partner_id": client.id,
                "payment_term_id": base["term"].id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 10})
                ],
            }
            for client in clients
        ]
    )
    orders.action_confirm()
    env["account.analytic.line"].create(
        [
            {
                "project_id": project.id,
                "employee_id": base["employee"].id,
                "name": "Advice",
                "date": date(2026, 10, 1 + index),
                "unit_amount": 0.5,
                "so_line": order.order_line.id,
            }
            for project, order in zip(projects, orders, strict=True)
            for index in range(firm.ENTRIES)
        ]
    )
    return orders


def one_round(env, base, ours_first):
    """Time each way once, on matters and clients of its own."""
    found = {}
    matters = firm.make_matters(env, base, BILLS)
    others = firm.make_matters(env, base, BILLS)
    orders = make_orders(env, base)
    run = firm.make_run(env, matters)
    vals_list = [core_vals(env, base, matter) for matter in others]

    def drafts():
        *found["draft"], _none = timed(env, run.action_bill_all)

    def invoices():
        *found["sale_draft"], made = timed(env, orders._create_invoices)
        assert len(made) == BILLS

    for work in (drafts, invoices) if ours_first else (invoices, drafts):
        work()
    *found["core_draft"], moves = timed(
        env, lambda: env["account.move"].create(vals_list)
    )
    bills = env["account.move"].browse(run.bill_ids.ids)
    assert len(bills) == BILLS, run.line_ids.mapped("message")

    def approve():
        *found["approve"], _none = timed(env, bills.action_approve_bills)

    def post():
        *found["core_post"], _none = timed(env, moves.action_post)

    for work in (approve, post) if ours_first else (post, approve):
        work()
    assert sum(moves.mapped("amount_total")) == sum(bills.mapped("amount_total"))
    return found


def measure(env, size, rounds):
    """Medians of rounds of 100 bills, in turns."""
    base = firm.prepare(env)
    one_round(env, base, True)  # caches, compiled expressions
    found = [one_round(env, base, bool(index % 2)) for index in range(rounds)]
    per_bill = middle(found, BILLS)
    env.cr.rollback()
    return {
        "per_bill": per_bill,
        "draft": ratio(found, "draft", "sale_draft"),
        "draft_core": ratio(found, "draft", "core_draft"),
        "approve": ratio(found, "approve", "core_post"),
    }
