"""Disbursements that a write-off, a slip, a discount or an allocation of overheads made
are no work in progress: what the firm gave up would be charged to the client."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

#: ``bill`` is set for those on a draft: a person takes them off. Items of expenses are
#: asked by the column: hr_expense may not be loaded yet.
FOUND = """
    SELECT entry.id, bill.id
      FROM account_analytic_line entry
      JOIN account_move_line item ON item.id = entry.move_line_id
      JOIN account_move move ON move.id = item.move_id
 LEFT JOIN account_move bill ON bill.id = entry.bill_id
     WHERE entry.wip_type = 'disbursement' AND entry.written_off_on IS NULL
       AND move.move_type NOT IN ('in_invoice', 'in_refund', 'in_receipt')
       AND to_jsonb(item) ->> 'expense_id' IS NULL
       AND (entry.bill_id IS NULL OR bill.state = 'draft')
  ORDER BY entry.matter_id, entry.date, entry.id
"""


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    entries = env["account.analytic.line"]
    env.flush_all()
    rows = dict(env.execute_query(SQL(FOUND)))
    found = entries.browse(rows).filtered(
        lambda entry: not entry.move_line_id._is_cost_of_client()
    )
    if not found:
        return
    lines = {}
    for entry in found:
        move = entry.move_line_id.move_id
        text = (
            f"{entry.date} {entry.name}: {entry._format_wip(entry.wip_amount)}, "
            f"{move.display_name}"
        )
        if rows[entry.id]:
            text += " (on a draft: take it off there)"
        lines.setdefault(entry.matter_id, []).append(text)
    unbilled = found.filtered(lambda entry: not rows[entry.id])
    unbilled._internal().write({"wip_type": False})
    entries._log_lines(
        {
            matter: "No cost of the client stands behind these disbursements; those that "
            "were unbilled are no work in progress any more. " + "; ".join(texts)
            for matter, texts in lines.items()
        }
    )
    managers = env.ref("legal_billing.legal_billing_group_manager").all_user_ids
    for company, matters in found.matter_id.grouped("company_id").items():
        # whoever may go through the list: a manager of that company who can log in
        manager = managers.filtered(
            lambda user, company=company: user.active and company in user.company_ids
        )[:1]
        matters[:1].activity_schedule(
            "mail.mail_activity_data_todo",
            summary="Disbursements without a cost",
            note="<p>Write-offs, payments or other entries made disbursements on these "
            "matters; see their histories.</p><ul>"
            + "".join(f"<li>{matter.display_name}</li>" for matter in matters)
            + "</ul>",
            user_id=(manager or env.user).id,
        )
