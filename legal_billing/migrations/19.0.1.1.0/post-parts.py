"""Approved bills over several matters keep the part of each."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    bills = env["account.move"].search(
        [
            ("matter_ids", "!=", False),
            ("matter_id", "=", False),
            ("state", "=", "posted"),
        ]
    )
    env.add_to_compute(bills._fields["matter_parts"], bills)
    env.flush_all()
