from odoo.tools import SQL
from odoo.tools.sql import column_exists

#: Stored computed columns of big tables: made before Odoo would compute them row by
#: row. No matter exists yet, so that empty is right everywhere.
NEW_COLUMNS = {
    "account_analytic_line": {
        "matter_id": "int4",
        "wip_type": "varchar",
        "bill_behavior": "varchar",
        "bill_quantity": "numeric",
        "bill_rate": "numeric",
        "wip_currency_id": "int4",
        "wip_amount": "numeric",
        "standard_amount": "numeric",
    },
    "account_move": {
        "matter_id": "int4",
        "billing_stage": "varchar",
        "responsible_id": "int4",
        "practice_area_id": "int4",
    },
}


#: Functions of the database's own guards, by name.
FUNCTIONS = (
    r"legal\_trust\_%",
    r"legal\_paper\_%",
    r"legal\_wip\_%",
    r"legal\_bill\_number\_%",
    r"legal\_credit\_%",
)


def pre_init_hook(env):
    """Make the columns of big tables, so that installing on a database with years of
    entries and invoices takes seconds."""
    for table, columns in NEW_COLUMNS.items():
        for name, kind in columns.items():
            if not column_exists(env.cr, table, name):
                env.cr.execute(
                    SQL(
                        "ALTER TABLE %s ADD COLUMN %s %s",
                        SQL.identifier(table),
                        SQL.identifier(name),
                        SQL(kind),
                    )
                )


def post_init_hook(env):
    """Give the companies that exist already the products that new ones start with, and
    what these need of charts that are there already."""
    for field, xmlid in (
        ("legal_fee_product_id", "legal_billing.product_fees"),
        ("legal_disbursement_product_id", "legal_billing.product_disbursement"),
    ):
        env["res.company"].search([(field, "=", False)]).write(
            {field: env.ref(xmlid).id}
        )
    companies = env["res.company"].search([])
    companies._set_up_from_chart()
    companies._set_up_cash_journal()


def uninstall_hook(env):
    """Take the database's own guards and the copied bill templates away with the
    addon."""
    copies = env["legal.bill.layout"].search([("is_standard", "=", False)]).report_id
    copies._unlink_own_views()
    copies.unlink()
    env.cr.execute(
        SQL(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE ANY(%s)",
            list(FUNCTIONS),
        )
    )
    for (function,) in env.cr.fetchall():
        env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", SQL(function)))
    for table in ("legal_bill_number", "legal_credit_lock"):
        env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table)))
