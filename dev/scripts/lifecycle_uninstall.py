"""Take the addon away; runs in Odoo's shell."""

module = env["ir.module.module"].search([("name", "=", "legal_billing")])
module.button_immediate_uninstall()
env.cr.commit()
