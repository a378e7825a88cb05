"""Information barriers and archived matters of databases of version 19.0.1.0."""

from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file

#: With rules of the barrier: they are not updated by themselves.
FILES = (
    "security/matter/matter_security.xml",
    "security/wip/wip_security.xml",
    "security/drafting/drafting_security.xml",
    "security/bill/bill_security.xml",
    "security/payment/payment_security.xml",
    "security/write_off/write_off_security.xml",
    "security/client_account/client_account_security.xml",
    "security/run/run_security.xml",
)


def migrate(cr, version):
    """Let the rules of the barrier leave the client out; let every responsible lawyer
    in, and nobody outside follow; read archived matters of bills again."""
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for name in FILES:
        convert_file(env, "legal_billing", name, {}, mode="init", noupdate=True)
    # matters that were archived read as none when these columns were last computed
    cr.execute(
        """
        SELECT DISTINCT bill.id
          FROM account_move bill
          JOIN legal_bill_matter_rel rel ON rel.bill_id = bill.id
          JOIN project_project matter ON matter.id = rel.matter_id
         WHERE NOT matter.active
           AND (bill.matter_id IS NULL OR bill.billing_stage IS NULL)
        """
    )
    bills = env["account.move"].browse(row[0] for row in cr.fetchall())
    for name in ("matter_id", "billing_stage"):
        env.add_to_compute(bills._fields[name], bills)
    env.flush_all()
    walled = env["project.project"].search([("is_walled", "=", True)])
    for matter in walled:
        if matter.responsible_id not in matter.wall_user_ids:
            matter.wall_user_ids += matter.responsible_id
    env["legal.wall"]._drop_outsiders(walled)
