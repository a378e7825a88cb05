"""What the release before made is whole after the upgrade; runs in Odoo's shell."""

from pathlib import Path

import odoo.addons.legal_billing as addon

folder = Path(addon.__file__).parent
[pinned] = folder.glob("tests/**/pinned_names.txt")
names = env["ir.model.data"].search([("module", "=", "legal_billing")]).mapped("name")
gone = set(pinned.read_text().split()) - set(names)
assert not gone, f"names are gone: {sorted(gone)[:20]}"

bills = env["account.move"].search([("matter_ids", "!=", False)])
stages = bills.grouped("billing_stage")
counts = {stage: len(group) for stage, group in stages.items()}
assert counts == {"finalized": 4, "production": 2, "draft": 2}, counts
papers = bills.invoice_pdf_report_id
assert all(papers.mapped("legal_is_paper")), "a stored paper is not guarded"
for moment, day in (("approved_on", "approved_day"), ("delivered_on", "delivered_day")):
    assert bills.filtered(moment) == bills.filtered(day), f"{day} is not filled"
env.cr.execute("SELECT move_id FROM legal_bill_number ORDER BY move_id")
noted = [move_id for (move_id,) in env.cr.fetchall()]
numbered = bills.filtered("posted_before")
assert noted == sorted(numbered.ids), "numbers of bills are not reserved"
stages["draft"].action_delete_bills()
stages["production"].action_revert_bills()
assert stages["production"].mapped("state") == ["draft"] * 2
