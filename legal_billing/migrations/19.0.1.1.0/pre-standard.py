"""What work was recorded at, for entries and bills of before: from what is known."""

from odoo.tools.sql import column_exists, create_column


def migrate(cr, version):
    """The value of an entry, or what it was before its first edit on a draft, is what it
    was recorded at; the standard fees of bills are those of their entries, and the rest
    of what was called standard was edited."""
    if column_exists(cr, "account_analytic_line", "standard_amount"):
        return
    create_column(cr, "account_analytic_line", "standard_amount", "numeric")
    create_column(cr, "account_move", "edit_effect", "numeric")
    cr.execute(
        """
        UPDATE account_analytic_line
           SET standard_amount = wip_amount
         WHERE wip_type IS NOT NULL
        """
    )
    cr.execute(
        """
        UPDATE account_analytic_line entry
           SET standard_amount = edited.before_amount
          FROM (SELECT DISTINCT ON (entry_id) entry_id, before_amount
                  FROM legal_bill_adjustment
                 WHERE step = 'entry' AND entry_id IS NOT NULL
              ORDER BY entry_id, id) edited
         WHERE edited.entry_id = entry.id AND entry.wip_type IS NOT NULL
        """
    )
    cr.execute(
        """
        UPDATE account_move bill
           SET edit_effect = bill.standard_fees - recorded.fees,
               standard_fees = recorded.fees
          FROM (
                SELECT entry.bill_id, SUM(entry.standard_amount) AS fees
                  FROM account_analytic_line entry
                  JOIN account_move of_entry ON of_entry.id = entry.bill_id
                 WHERE entry.wip_type = 'time'
              GROUP BY entry.bill_id
                HAVING BOOL_AND(entry.wip_currency_id = of_entry.currency_id)
               ) recorded
         WHERE recorded.bill_id = bill.id AND bill.standard_fees IS NOT NULL
        """
    )
