"""Let the demo firm work on after its cycle; runs in Odoo's shell (`env` is given)."""

from odoo.addons.legal_billing_demo.since import record_work

entries = record_work(env)
env.cr.commit()
print(
    f"   {len(entries)} entries on {len(entries.matter_id)} matters"
    if entries
    else "   there is work to bill"
)
