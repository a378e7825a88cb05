from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


def _zone_of_user(column):
    """The time zone of whoever is named in a column, where it is one."""
    return SQL(
        """(SELECT partner.tz FROM res_users usr
              JOIN res_partner partner ON partner.id = usr.partner_id
              JOIN pg_timezone_names zone ON zone.name = partner.tz
             WHERE usr.id = move.%s)""",
        SQL.identifier(column),
    )


#: Where the firm is.
ZONE_OF_FIRM = SQL(
    """(SELECT partner.tz FROM res_company company
          JOIN res_partner partner ON partner.id = company.partner_id
          JOIN pg_timezone_names zone ON zone.name = partner.tz
         WHERE company.id = move.company_id)"""
)
#: An e-mail goes out where the firm is, whoever worked off the queue.
ZONE_OF_EMAIL = SQL(
    "CASE WHEN move.delivery_method = 'email' THEN %s END", ZONE_OF_FIRM
)


def migrate(cr, version):
    """Keep days beside their moments, for what is there already; and the day on which
    each ledger of client money moved last."""
    producer = _zone_of_user("produced_by_id")
    for moment, day, zones in (
        ("approved_on", "approved_day", [_zone_of_user("approved_by_id")]),
        ("delivered_on", "delivered_day", [ZONE_OF_EMAIL, producer]),
        ("replaces_sent_on", "replaces_sent_day", [producer]),
    ):
        if column_exists(cr, "account_move", day):
            continue
        create_column(cr, "account_move", day, "date")
        cr.execute(
            SQL(
                # a day that was typed was kept as its midnight
                """
                UPDATE account_move move
                   SET %(day)s = CASE
                       WHEN move.%(moment)s::time = '00:00' THEN move.%(moment)s::date
                       ELSE ((move.%(moment)s AT TIME ZONE 'UTC')
                             AT TIME ZONE COALESCE(%(zones)s, 'UTC'))::date
                       END
                 WHERE move.%(moment)s IS NOT NULL
                """,
                day=SQL.identifier(day),
                moment=SQL.identifier(moment),
                zones=SQL(", ").join([*zones, ZONE_OF_FIRM]),
            )
        )
    cr.execute(
        """
        UPDATE legal_trust_balance balance
           SET last_movement_on = line.day
          FROM (SELECT matter_id, journal_id, MAX(date) AS day
                  FROM legal_trust_line GROUP BY matter_id, journal_id) line
         WHERE line.matter_id = balance.matter_id
           AND line.journal_id = balance.journal_id
           AND balance.last_movement_on IS DISTINCT FROM line.day
        """
    )
