"""What unbilled time is worth by the rates."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Work out the standard value of unbilled time, whose rate may have been changed by
    hand: the ladder of rates knows it still."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    entries = env["account.analytic.line"]
    unbilled = entries.search(
        [*entries._get_unbilled_domain(), ("wip_type", "=", "time")]
    )
    env.add_to_compute(entries._fields["standard_amount"], unbilled)
    env.flush_all()
