"""Companies get an account for what is billed on account."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Make it with the chart of accounts; companies without one get it on first use."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for company in env["res.company"].search([]).sorted("parent_path"):
        if company.root_id.chart_template:
            company._get_legal_on_account_account()
