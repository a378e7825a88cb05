"""Rows of payments may be tax that a client withheld, with its account. None is yet, so
that nothing is worked out for the rows that are there."""

from odoo.tools.sql import column_exists, create_column


def migrate(cr, _version):
    if not column_exists(cr, "legal_payment_allocation", "account_id"):
        create_column(cr, "legal_payment_allocation", "account_id", "int4")
