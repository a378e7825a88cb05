"""Fills the lists: a record of each kind by the ORM, the mass of them by SQL copies."""

from datetime import date

import firm

from odoo.fields import Command

SEEDS = 12


def fill(env, base, size):
    """Lists of ``size`` rows where a large office has as many: matters, rows of runs,
    bills in every stage, WIP, payments, credits, client money."""
    make_seeds(env, base)
    matters = firm.make_matters(env, base, size, entries=2)
    firm.make_run(env, matters)
    env.flush_all()
    with firm.without_checks(env):
        for stage in ("draft", "production", "finalized"):
            copy_moves(env, f"billing_stage = '{stage}'", size)
        copy_moves(env, CREDITS, size)
        copy_payments(env, size)
        copy_movements(env, size)
    env.cr.execute("ANALYZE")
    env.invalidate_all()


#: Entries of payments that leave a credit.
CREDITS = """
    id IN (SELECT line.move_id FROM account_move_line line
             JOIN account_account account ON account.id = line.account_id
            WHERE line.matter_id IS NOT NULL AND line.amount_residual < 0
              AND line.parent_state = 'posted')
"""


def make_seeds(env, base):
    """A few of everything, in every state that a list shows."""
    matters = firm.make_matters(env, base, 6 * SEEDS)
    run = firm.make_run(env, matters)
    run.action_bill_all()
    bills = env["account.move"].browse(run.bill_ids.ids)
    assert len(bills) == len(matters), set(run.line_ids.mapped("message"))
    approved = bills[SEEDS:]
    approved.action_approve_bills()
    finalized = approved[2 * SEEDS :]
    finalized.action_produce_without_sending(sent_on=firm.DAY)
    paid = finalized[:SEEDS]
    for bill in paid[:6]:
        slip = env["legal.payment"].create(
            {
                "source": "bank",
                "received_from_id": bill.partner_id.id,
                "amount": bill.amount_residual + 50,
                "date": date(2026, 11, 2),
                "allocation_ids": [
                    Command.create(
                        {"bill_id": bill.id, "amount": bill.amount_residual}
                    ),
                    Command.create({"matter_id": bill.matter_id.id, "amount": 50}),
                ],
            }
        )
        slip.action_post()
    make_client_money(env, finalized[SEEDS:])
    area = env["legal.practice.area"].create({"name": "Property"})
    fixed = firm.make_matters(env, base, 2)
    fixed.write({"billing_arrangement": "fixed", "practice_area_id": area.id})
    env["legal.fee.instalment"].create(
        [{"matter_id": matter.id, "name": "First", "amount": 400.0} for matter in fixed]
    )
    env["legal.billing.selection"].create({"name": "Property"})


def make_client_money(env, bills):
    """Deposits, and a bill that client money is to pay."""
    journal = env["account.journal"].create(
        {
            "name": "Client bank",
            "type": "bank",
            "code": "CLB",
            "is_client_account": True,
        }
    )
    for bill in bills[:6]:
        env["legal.trust.transaction"].create(
            {
                "kind": "deposit",
                "matter_id": bill.matter_id.id,
                "amount": 5000,
                "date": date(2026, 11, 1),
                "journal_id": journal.id,
            }
        ).action_post()
    env["legal.trust.reconciliation"].create(
        {"journal_id": journal.id, "date": date(2026, 11, 5)}
    )
    env["legal.trust.run"].create(
        {"client_journal_id": journal.id, "date": date(2026, 11, 20)}
    )


def get_columns(env, table):
    """Columns of a table that are not worked out by the database."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    return [row[0] for row in env.cr.fetchall()]


def copy_table(env, table, source, changes):
    """Copy rows of a table, joined with what the copies are made for.

    :param str source: SQL after FROM; ``row`` is the row that is copied
    :param dict changes: SQL by column
    """
    columns = get_columns(env, table)
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changes.get(name, f'row."{name}"') for name in columns)
    env.cr.execute(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM {source}')


def plan_copies(env, table, condition, size):
    """Note in ``bench_new`` which rows are copied, as which ids, until there are
    ``size``."""
    env.cr.execute(f"SELECT COUNT(*) FROM {table} WHERE {condition}")
    [count] = env.cr.fetchone()
    assert count, f"no {table} where {condition}"
    env.cr.execute(
        f"""
        CREATE TEMPORARY TABLE bench_new ON COMMIT DROP AS
        SELECT old.id AS old_id, nextval('{table}_id_seq')::int AS id
          FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS number
                  FROM {table} WHERE {condition}) old
          JOIN generate_series(0, %s) AS step(number)
            ON step.number %% %s = old.number
        """,
        [max(size - count - 1, -1), count],
    )


def copy_moves(env, condition, size):
    """Bills or entries with their items and matters. No two are alike: bills of one
    client, date and total are duplicates to Odoo's own list, which gathers them all."""
    plan_copies(env, "account_move", condition, size)
    copy_table(
        env,
        "account_move",
        "account_move row JOIN bench_new ON bench_new.old_id = row.id",
        {
            "id": "bench_new.id",
            "name": "row.name || '-' || bench_new.id",
            "sequence_number": "bench_new.id",
            "amount_total": "row.amount_total + bench_new.id * 0.01",
            "access_token": "NULL",
            "inalterable_hash": "NULL",
        },
    )
    copy_table(
        env,
        "account_move_line",
        "account_move_line row JOIN bench_new ON bench_new.old_id = row.move_id",
        {
            "id": "nextval('account_move_line_id_seq')",
            "move_id": "bench_new.id",
            "full_reconcile_id": "NULL",
        },
    )
    env.cr.execute(
        "INSERT INTO legal_bill_matter_rel (bill_id, matter_id) "
        "SELECT bench_new.id, row.matter_id FROM legal_bill_matter_rel row "
        "JOIN bench_new ON bench_new.old_id = row.bill_id"
    )
    env.cr.execute("DROP TABLE bench_new")


def copy_payments(env, size):
    """Slips with their rows."""
    plan_copies(env, "legal_payment", "TRUE", size)
    copy_table(
        env,
        "legal_payment",
        "legal_payment row JOIN bench_new ON bench_new.old_id = row.id",
        {"id": "bench_new.id", "name": "row.name || '-' || bench_new.id"},
    )
    copy_table(
        env,
        "legal_payment_allocation",
        "legal_payment_allocation row "
        "JOIN bench_new ON bench_new.old_id = row.payment_id",
        {
            "id": "nextval('legal_payment_allocation_id_seq')",
            "payment_id": "bench_new.id",
        },
    )
    env.cr.execute("DROP TABLE bench_new")


def copy_movements(env, size):
    """Movements of client money with an entry of their own each."""
    plan_copies(env, "legal_trust_transaction", "move_id IS NOT NULL", size)
    env.cr.execute(
        "ALTER TABLE bench_new ADD move_id int; "
        "UPDATE bench_new SET move_id = nextval('account_move_id_seq')"
    )
    moves = (
        "JOIN legal_trust_transaction movement ON movement.move_id = {} "
        "JOIN bench_new ON bench_new.old_id = movement.id"
    )
    copy_table(
        env,
        "account_move",
        f"account_move row {moves.format('row.id')}",
        {
            "id": "bench_new.move_id",
            "name": "row.name || '-' || bench_new.id",
            "sequence_number": "bench_new.id",
            "inalterable_hash": "NULL",
        },
    )
    copy_table(
        env,
        "account_move_line",
        f"account_move_line row {moves.format('row.move_id')}",
        {
            "id": "nextval('account_move_line_id_seq')",
            "move_id": "bench_new.move_id",
        },
    )
    copy_table(
        env,
        "legal_trust_transaction",
        "legal_trust_transaction row JOIN bench_new ON bench_new.old_id = row.id",
        {
            "id": "bench_new.id",
            "move_id": "bench_new.move_id",
            "name": "row.name || '-' || bench_new.id",
        },
    )
    env.cr.execute("DROP TABLE bench_new")


def copy_balances(env, size):
    """Client money of ``size`` matters that have none, with a line of the ledger each:
    like that of the first."""
    env.flush_all()
    with firm.without_checks(env):
        for table in ("legal_trust_balance", "legal_trust_line"):
            row = f"(SELECT * FROM {table} ORDER BY matter_id, id LIMIT 1)"
            copy_table(
                env,
                table,
                f"{row} row JOIN (SELECT matter.* FROM project_project matter "
                "WHERE matter.is_matter AND NOT EXISTS (SELECT 1 FROM "
                "legal_trust_transaction movement WHERE movement.matter_id = matter.id"
                f") ORDER BY matter.id LIMIT {int(size)}) AS matter ON TRUE",
                {
                    "id": f"nextval('{table}_id_seq')",
                    "matter_id": "matter.id",
                    "client_id": "matter.partner_id",
                },
            )
    env.cr.execute("ANALYZE")
    env.invalidate_all()


def copy_produced(env):
    """A production run of all finalized bills, the last one, as that of an office."""
    env.flush_all()
    with firm.without_checks(env):
        copy_table(
            env,
            "legal_billing_run",
            "(SELECT * FROM legal_billing_run WHERE operation = 'approve' LIMIT 1) row",
            {
                "id": "nextval('legal_billing_run_id_seq')",
                "name": "row.name || '-P'",
                "operation": "'produce'",
                "started_on": "now() AT TIME ZONE 'UTC'",
                "finished_on": "now() AT TIME ZONE 'UTC'",
            },
        )
        copy_table(
            env,
            "legal_billing_run_line",
            "(SELECT * FROM legal_billing_run_line WHERE state = 'done' "
            "AND bill_id IS NOT NULL ORDER BY id LIMIT 1) row "
            "JOIN legal_billing_run run ON run.operation = 'produce' "
            "JOIN account_move bill ON bill.billing_stage = 'finalized'",
            {
                "id": "nextval('legal_billing_run_line_id_seq')",
                "run_id": "run.id",
                "bill_id": "bill.id",
                "matter_id": "bill.matter_id",
            },
        )
    env.cr.execute("ANALYZE")
    env.invalidate_all()
