"""Items of no matter on the account of unallocated credits: they stay as they are, and
are shown to a person."""

import logging

from odoo import SUPERUSER_ID, api

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    """Note on each entry that its item waits for a matter; the list Unallocated Credits
    shows them with the filter *Without a matter*."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    accounts = env["res.company"].search([]).legal_unallocated_account_id
    lines = env["account.move.line"].search(
        [
            ("account_id", "in", accounts.ids),
            ("parent_state", "=", "posted"),
            ("matter_id", "=", False),
        ],
        order="date, id",
    )
    if not lines:
        return
    for move in lines.move_id:
        move._message_log(
            body=env._(
                "This entry books on the account of unallocated credits and does not "
                "say whose credit it "
                "is. Choose the matter on its item, or book it away "
                "from there; new entries of that kind are refused."
            )
        )
    _logger.info(
        "%s items on the account of unallocated credits are of no matter: %s",
        len(lines),
        ", ".join(lines.move_id.mapped("display_name")),
    )
