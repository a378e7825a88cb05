"""The parts of bills over several matters are kept from now on. Of all other bills there
are none: the column is made here, so that they are not asked one by one."""


def migrate(cr, _version):
    cr.execute("ALTER TABLE account_move ADD COLUMN IF NOT EXISTS matter_parts jsonb")
