"""Work recorded after the billing cycle, so that a visitor finds something to bill."""

from odoo import fields
from odoo.fields import Domain

#: So many of the matters just billed go on, with so many entries each.
MATTERS_AT_MOST, ENTRIES_EACH = 24, 2


def record_work(env, company=None, day=None):
    """The lawyers go on where the last bills end: the same people, the same work, a
    new day. What of it waits to be billed already is not recorded again; other work of
    that day, on hold or left out of its bill, does not count as that.

    :param odoo.api.Environment env: of a superuser
    :param res.company company: default: the current one
    :param date day: of the work; default: today
    :return: the new entries
    :rtype: account.analytic.line
    """
    company = company or env.company
    entries = env["account.analytic.line"]
    run = env["legal.billing.run"].search(
        [
            ("operation", "=", "bill"),
            ("company_id", "=", company.id),
            ("bill_ids", "!=", False),
        ],
        limit=1,
        order="id desc",
    )
    bills = run.bill_ids.filtered("produced_on").sorted("id")[:MATTERS_AT_MOST]
    day = day or fields.Date.context_today(company)
    waiting = entries.search(
        entries._get_unbilled_domain()
        & Domain("matter_id", "in", bills.matter_ids.ids)
        & Domain("date", "=", day)
        & Domain("wip_type", "=", "time")
    )
    known = {(entry.matter_id, entry.employee_id, entry.name) for entry in waiting}
    return entries.create(
        [
            {
                "project_id": entry.matter_id.id,
                "employee_id": entry.employee_id.id,
                "name": entry.name,
                "unit_amount": entry.unit_amount,
                "date": day,
            }
            for bill in bills
            for entry in bill.wip_line_ids.filtered(
                lambda line: line.wip_type == "time" and line.bill_behavior == "bill"
            ).sorted("id")[-ENTRIES_EACH:]
            if (entry.matter_id, entry.employee_id, entry.name) not in known
        ]
    )
