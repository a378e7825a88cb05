"""What must be true of the books after every act, as statements that return what is
wrong."""

from odoo.tools import SQL

from ...tools import FEE_ELEMENTS
from .walk_data import APPROVERS, SETTLERS

#: Bills, their receivable items, and what people may read in a violation.
COMMON = """
    bill AS MATERIALIZED (
        SELECT m.*, coalesce(nullif(m.name, '/'), 'draft ' || m.id) AS label
          FROM account_move m
         WHERE m.company_id = %(company)s
           AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
           AND EXISTS (SELECT FROM account_move_line l WHERE l.move_id = m.id
                          AND l.matter_id IS NOT NULL AND l.display_type = 'product')),
    receivable AS MATERIALIZED (
        SELECT l.*, bill.label, bill.move_type, bill.state AS bill_state
          FROM account_move_line l JOIN bill ON bill.id = l.move_id
         WHERE l.display_type = 'payment_term'),
    credit AS MATERIALIZED (
        SELECT l.*, m.name AS label, m.legal_payment_id AS slip_id, m.move_type
          FROM account_move_line l JOIN account_move m ON m.id = l.move_id
         WHERE l.account_id = %(credits)s AND l.parent_state = 'posted'),
    entry AS MATERIALIZED (
        SELECT e.* FROM account_analytic_line e
         WHERE e.company_id = %(company)s AND e.wip_type IS NOT NULL)
"""

#: ``{what must be true: statement that returns texts of what is not}``
STATEMENTS = {
    "every posted entry balances": """
        SELECT move_id::text || ': ' || sum(balance) FROM account_move_line
         WHERE parent_state = 'posted' AND company_id = %(company)s
      GROUP BY move_id HAVING abs(sum(balance)) > 0.004""",
    "a bill's total is its lines": """
        SELECT concat_ws(' ', label, amount_untaxed, amount_total, '<>', net, gross)
          FROM bill JOIN LATERAL (
               SELECT sum(l.price_subtotal) FILTER (WHERE l.display_type = 'product')
                      AS net,
                      sum(l.amount_currency)
                          FILTER (WHERE l.display_type = 'payment_term')
                      * CASE WHEN move_type = 'out_refund' THEN -1 ELSE 1 END AS gross
                 FROM account_move_line l WHERE l.move_id = bill.id) lines ON true
         WHERE abs(amount_untaxed - coalesce(net, 0)) > 0.004
            OR abs(amount_total - coalesce(gross, 0)) > 0.004""",
    "an item's residual is what its matches leave": """
        SELECT concat_ws(' ', 'item', l.id, 'of', l.move_id, l.amount_residual, '<>',
                         l.balance + paid.amount)
          FROM account_move_line l JOIN LATERAL (
               SELECT coalesce((SELECT sum(p.amount) FROM account_partial_reconcile p
                                 WHERE p.credit_move_id = l.id), 0)
                    - coalesce((SELECT sum(p.amount) FROM account_partial_reconcile p
                                 WHERE p.debit_move_id = l.id), 0) AS amount) paid ON true
         WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
           AND (l.account_id = %(credits)s OR l.account_id = %(receivable)s)
           AND abs(l.amount_residual - l.balance - paid.amount) > 0.004""",
    "a bill's residual is its items'": """
        SELECT concat_ws(' ', label, amount_residual, '<>', items.left_over)
          FROM bill JOIN LATERAL (
               SELECT abs(coalesce(sum(r.amount_residual_currency), 0)) AS left_over
                 FROM receivable r WHERE r.move_id = bill.id) items ON true
         WHERE state = 'posted' AND abs(amount_residual - items.left_over) > 0.004""",
    "no bill is settled beyond its total": """
        SELECT concat_ws(' ', label, amount_residual, 'of', amount_total) FROM bill
         WHERE state = 'posted' AND (amount_residual < -0.004
            OR amount_residual > amount_total + 0.004)""",
    "a bill's payment state fits": """
        SELECT concat_ws(' ', label, payment_state, amount_residual, amount_total)
          FROM bill
         WHERE state = 'posted' AND amount_total > 0.004 AND move_type = 'out_invoice'
           AND payment_state <> 'blocked'
           AND NOT CASE WHEN amount_residual < 0.004
                        THEN payment_state IN ('paid', 'in_payment', 'reversed')
                        ELSE payment_state IN ('partial', 'not_paid') END""",
    "receipts by timekeeper are the fees that are settled": """
        SELECT concat_ws(' ', label, state, 'open', amount_residual, 'of', amount_total,
                         'receipts', log.amount, 'fees', fees.net)
          FROM bill JOIN LATERAL (
               SELECT coalesce(sum(r.amount), 0) AS amount
                 FROM legal_timekeeper_receipt r WHERE r.bill_id = bill.id) log ON true
          JOIN LATERAL (
               SELECT coalesce(sum(l.price_subtotal), 0) AS net
                 FROM account_move_line l
                WHERE l.move_id = bill.id AND l.display_type = 'product'
                  AND (l.bill_element IS NULL OR l.bill_element IN %(fee_elements)s)
               ) fees ON true
         WHERE move_type = 'out_invoice'
           AND CASE WHEN state <> 'posted' OR payment_state = 'not_paid'
                    THEN abs(log.amount) > 0.004
                    WHEN amount_residual < 0.004 AND amount_total > 0.004
                    THEN abs(log.amount - fees.net) > 0.004
                    ELSE fees.net >= 0 AND (log.amount < -0.004
                         OR log.amount > fees.net + 0.004) END""",
    "no money is on a draft": """
        SELECT concat_ws(' ', bill.label, p.id) FROM bill
          JOIN account_move_line l ON l.move_id = bill.id
          JOIN account_partial_reconcile p
            ON p.debit_move_id = l.id OR p.credit_move_id = l.id
         WHERE bill.state <> 'posted'""",
    "no entry is on a cancelled or fully credited bill": """
        SELECT concat_ws(' ', 'entry', entry.id, 'on', bill.label, bill.state)
          FROM entry JOIN bill ON bill.id = entry.bill_id
         WHERE NOT EXISTS (  -- with several payers: every bill of the set
               SELECT FROM account_move other
                WHERE other.split_of_id = bill.id AND other.state <> 'cancel'
                  AND other.payment_state <> 'reversed')
           AND (bill.state = 'cancel' OR
               bill.state = 'posted' AND bill.payment_state = 'reversed'
               AND bill.amount_total > 0.004
               AND (SELECT sum(n.amount_total) FROM account_move n
                     WHERE n.reversed_entry_id = bill.id AND n.state = 'posted'
                       AND n.legal_write_off_id IS NULL) > bill.amount_total - 0.004)""",
    "what was billed on account is deducted once": """
        SELECT concat_ws(' ', bill.label, 'on account', sums.own, 'deducted', sums.used)
          FROM account_move_line advance JOIN bill ON bill.id = advance.move_id
          JOIN LATERAL (
               SELECT coalesce(sum(worth.amount) FILTER (WHERE worth.is_own), 0) AS own,
                      coalesce(-sum(worth.amount) FILTER (WHERE NOT worth.is_own), 0)
                      AS used
                 FROM (SELECT CASE m.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                              * part.price_subtotal AS amount,
                              bill.id IN (m.id, m.reversed_entry_id) IS TRUE AS is_own
                         FROM account_move_line part
                         JOIN account_move m ON m.id = part.move_id
                        WHERE part.on_account_line_id = advance.id
                          AND (m.state = 'posted' OR m.state = 'draft'
                               AND m.move_type = 'out_invoice')) worth) sums ON true
         WHERE advance.on_account_line_id = advance.id AND bill.state <> 'cancel'
           AND (sums.used < -0.004 OR sums.used > sums.own + 0.004)""",
    "a request is paid what came in for it": """
        SELECT concat_ws(' ', r.name, r.kind, r.paid_amount, '<>', came.amount, 'open',
                         r.open_amount, 'of', r.amount, r.cancelled_on)
          FROM legal_money_request r JOIN LATERAL (
               SELECT CASE r.kind WHEN 'client_money' THEN coalesce((
                      SELECT sum(d.amount) FROM legal_trust_transaction d
                       WHERE d.money_request_id = r.id AND d.state = 'posted'), 0)
                      ELSE coalesce((
                      SELECT sum(a.amount) FROM legal_payment p
                        JOIN legal_payment_allocation a ON a.payment_id = p.id
                       WHERE p.money_request_id = r.id AND p.state = 'posted'
                         AND a.kind = 'credit' AND a.matter_id = r.matter_id), 0) END
                      AS amount) came ON true
         WHERE abs(r.paid_amount - came.amount) > 0.004
            OR abs(r.open_amount - CASE WHEN r.cancelled_on IS NOT NULL THEN 0
                   ELSE greatest(0, r.amount - came.amount) END) > 0.004""",
    "client money answers no request on account, nor the other way round": """
        SELECT concat_ws(' ', r.name, r.kind, 'movement', d.id, d.kind, d.matter_id)
          FROM legal_trust_transaction d
          JOIN legal_money_request r ON r.id = d.money_request_id
         WHERE r.kind <> 'client_money' OR d.kind <> 'deposit'
            OR d.matter_id <> r.matter_id
     UNION ALL
        SELECT concat_ws(' ', r.name, r.kind, 'slip', p.id, p.source)
          FROM legal_payment p JOIN legal_money_request r ON r.id = p.money_request_id
         WHERE p.state <> 'draft'
           AND (r.kind <> 'on_account' OR p.source NOT IN ('bank', 'cash', 'nominal'))
     UNION ALL
        SELECT concat_ws(' ', r.name, r.kind, bill.label, bill.billing_kind)
          FROM bill JOIN legal_money_request r ON r.id = bill.money_request_id
         WHERE r.kind <> 'on_account' OR bill.billing_kind <> 'on_account'""",
    "of a request no more is billed than came in": """
        SELECT concat_ws(' ', r.name, 'billed', billed.amount, 'came in', came.amount)
          FROM legal_money_request r JOIN LATERAL (
               SELECT coalesce(sum(bill.amount_total - coalesce((  -- what is credited
                          SELECT sum(n.amount_total) FROM account_move n
                           WHERE n.reversed_entry_id = bill.id AND n.state = 'posted'
                             AND n.legal_write_off_id IS NULL), 0)), 0) AS amount
                 FROM bill
                WHERE bill.money_request_id = r.id AND bill.state = 'posted') billed
            ON true
          JOIN LATERAL (  -- the bill stands when its money is taken back
               SELECT coalesce(sum(a.amount), 0) AS amount FROM legal_payment p
                 JOIN legal_payment_allocation a ON a.payment_id = p.id
                WHERE p.money_request_id = r.id AND p.state IN ('posted', 'reversed')
                  AND a.kind = 'credit') came ON true
         WHERE billed.amount > came.amount + 0.004""",
    "a cancelled request stays cancelled": """
        SELECT concat_ws(' ', r.name, r.state) FROM legal_money_request r
         WHERE (r.cancelled_on IS NOT NULL) <> (r.state = 'cancelled')""",
    "an entry is on a bill of its matter, or on none": """
        SELECT concat_ws(' ', 'entry', entry.id, 'matter', entry.matter_id, 'on',
                         entry.bill_id)
          FROM entry
         WHERE entry.bill_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM account_move_line l WHERE l.move_id = entry.bill_id
                  AND l.matter_id = entry.matter_id)""",
    "what is written off is on no bill": """
        SELECT concat_ws(' ', 'entry', id, bill_id) FROM entry
         WHERE bill_id IS NOT NULL AND written_off_on IS NOT NULL""",
    "what is on hold is on no draft": """
        SELECT concat_ws(' ', 'entry', entry.id, bill.label) FROM entry
          JOIN bill ON bill.id = entry.bill_id
         WHERE entry.is_on_hold AND bill.state = 'draft'""",
    "a bill's lines are what is billed of its entries": """
        SELECT concat_ws(' ', label, generated.amount, '<>', billed.amount)
          FROM bill JOIN LATERAL (
               SELECT coalesce(sum(price_subtotal), 0) AS amount
                 FROM account_move_line l
                WHERE l.legal_line_kind IS NOT NULL
                  AND l.on_account_line_id IS NULL AND l.move_id IN (
                      SELECT id FROM account_move s
                       WHERE s.id = bill.id OR s.split_of_id = bill.id)) generated
               ON true
          JOIN LATERAL (
               SELECT coalesce(sum(billed_amount), 0) AS amount,
                      -- an agreed fee is shared out where there is worth to share by
                      sum(entry.wip_amount) FILTER (
                          WHERE entry.wip_type = 'time'
                            AND entry.bill_behavior = 'bill') > 0 AS has_time
                 FROM entry WHERE entry.bill_id = bill.id) billed ON true
         WHERE move_type = 'out_invoice' AND state <> 'cancel' AND billed.has_time
           AND NOT EXISTS (
               SELECT FROM account_move_line l WHERE l.move_id = bill.id
                  AND l.legal_line_kind IN ('instalment', 'quote', 'subscription'))
           AND abs(generated.amount - billed.amount) > 0.004""",
    "bills of one set go the same way": """
        SELECT concat_ws(' ', bill.label, bill.state, 'beside', head.state)
          FROM bill JOIN account_move head ON head.id = bill.split_of_id
         WHERE bill.state <> head.state AND bill.move_type = 'out_invoice'""",
    "an instalment is billed once": """
        SELECT concat_ws(' ', 'instalment', i.id, m.name, m.state)
          FROM legal_fee_instalment i JOIN account_move m ON m.id = i.bill_id
         WHERE m.state = 'cancel'""",
    "every posted bill has an approver": """
        SELECT concat_ws(' ', label, move_type, approved_by_id) FROM bill
         WHERE state = 'posted' AND (approved_by_id IS NULL
            OR approved_by_id NOT IN %(approvers)s OR approved_on IS NULL
            OR approved_day IS NULL)""",
    "no receipt is a bill": """
        SELECT label FROM bill WHERE move_type = 'out_receipt' AND state = 'posted'""",
    "bills are settled by cashiers": """
        SELECT concat_ws(' ', r.label, 'by', u.login, 'with', m.name)
          FROM account_partial_reconcile p
          JOIN res_users u ON u.id = p.create_uid
          JOIN receivable r ON r.id = p.debit_move_id OR r.id = p.credit_move_id
          JOIN account_move_line o ON o.id = p.debit_move_id + p.credit_move_id - r.id
          JOIN account_move m ON m.id = o.move_id
     LEFT JOIN account_move b ON b.id = r.move_id
     LEFT JOIN legal_payment s ON s.id = coalesce(m.legal_payment_id, b.legal_payment_id)
         WHERE p.create_uid NOT IN %(settlers)s
           AND NOT (p.create_uid IN %(approvers)s AND (
                    m.reversed_entry_id = r.move_id OR b.reversed_entry_id = m.id
                    OR m.legal_write_off_id IS NOT NULL
                    OR b.legal_write_off_id IS NOT NULL))
           AND NOT coalesce(s.source = 'client_account'
                            AND p.create_uid IN %(officers)s, false)
           AND NOT (m.journal_id = %(exchange)s)""",
    "a credit has a matter": """
        SELECT concat_ws(' ', label, 'item', id) FROM credit WHERE matter_id IS NULL""",
    "a matter's credits are below zero on no day": """
        SELECT concat_ws(' ', 'matter', matter_id, date, running) FROM (
               SELECT matter_id, currency_id, date,
                      sum(sum(-amount_currency)) OVER (
                          PARTITION BY matter_id, currency_id ORDER BY date) AS running
                 FROM credit GROUP BY matter_id, currency_id, date) days
         WHERE running < -0.004""",
    "a matter's credits are what is open of them": """
        SELECT concat_ws(' ', 'matter', matter_id, sum(balance), '<>',
                         sum(amount_residual))
          FROM credit GROUP BY matter_id
        HAVING abs(sum(balance) - sum(amount_residual)) > 0.004""",
    "a credit is matched within its matter": """
        SELECT concat_ws(' ', 'match', p.id, d.matter_id, c.matter_id)
          FROM account_partial_reconcile p
          JOIN account_move_line d ON d.id = p.debit_move_id
          JOIN account_move_line c ON c.id = p.credit_move_id
         WHERE (d.account_id = %(credits)s OR c.account_id = %(credits)s)
           AND d.matter_id IS DISTINCT FROM c.matter_id""",
    "money of one matter pays its part of a bill over several": """
        SELECT concat_ws(' ', bill.label, 'matter', m.matter_id, 'paid',
                         sum(p.debit_amount_currency), 'of',
                         b.matter_parts ->> m.matter_id::text)
          FROM bill JOIN account_move b ON b.id = bill.id
          JOIN account_move_line r ON r.move_id = bill.id
          JOIN account_partial_reconcile p ON p.debit_move_id = r.id
          JOIN account_move_line m ON m.id = p.credit_move_id
          JOIN account_move e ON e.id = m.move_id
         WHERE bill.matter_id IS NULL AND m.matter_id IS NOT NULL
           AND b.move_type = 'out_invoice' AND e.move_type = 'entry'
      GROUP BY bill.label, m.matter_id, b.matter_parts
        HAVING sum(p.debit_amount_currency)
             > COALESCE((b.matter_parts ->> m.matter_id::text)::numeric, 0) + 0.004""",
    "a bill over several matters is of those that it charges": """
        SELECT concat_ws(' ', bill.label, r.matter_id) FROM bill
          JOIN legal_bill_matter_rel r ON r.bill_id = bill.id
         WHERE NOT EXISTS (SELECT FROM account_move_line l
                            WHERE l.move_id = bill.id AND l.matter_id = r.matter_id)
     UNION ALL
        SELECT concat_ws(' ', bill.label, 'is not of', l.matter_id) FROM bill
          JOIN account_move_line l ON l.move_id = bill.id
           AND l.display_type = 'product' AND l.matter_id IS NOT NULL
         WHERE NOT EXISTS (SELECT FROM legal_bill_matter_rel r
                            WHERE r.bill_id = bill.id AND r.matter_id = l.matter_id)
     UNION ALL
        SELECT concat_ws(' ', bill.label, bill.matter_id) FROM bill
         WHERE bill.is_together AND bill.state <> 'cancel' AND bill.matter_id IS NOT NULL
           AND bill.move_type = 'out_invoice'""",
    "no entry pays one matter's bill with another's credit": """
        SELECT concat_ws(' ', label, 'takes from', gives, 'for', gets) FROM (
               SELECT move_id, label,
                      array_agg(matter_id) FILTER (WHERE amount > 0.004) AS gives,
                      array_agg(matter_id) FILTER (WHERE amount < -0.004) AS gets
                 FROM (SELECT move_id, label, matter_id, sum(amount) AS amount FROM (
                       SELECT credit.move_id, credit.label, credit.matter_id,
                              credit.balance AS amount
                         FROM credit WHERE credit.move_type = 'entry'
                          AND credit.slip_id IS NULL
                    UNION ALL
                       SELECT l.move_id, m.name, r.matter_id, -p.amount
                         FROM account_partial_reconcile p
                         JOIN account_move_line l ON l.id = p.credit_move_id
                         JOIN account_move m ON m.id = l.move_id
                          AND m.move_type = 'entry' AND m.legal_payment_id IS NULL
                         JOIN LATERAL (SELECT b.matter_id FROM account_move b
                               JOIN receivable q ON q.move_id = b.id
                              WHERE q.id = p.debit_move_id) r ON true
                    UNION ALL
                       SELECT l.move_id, m.name, r.matter_id, p.amount
                         FROM account_partial_reconcile p
                         JOIN account_move_line l ON l.id = p.debit_move_id
                         JOIN account_move m ON m.id = l.move_id
                          AND m.move_type = 'entry' AND m.legal_payment_id IS NULL
                         JOIN LATERAL (SELECT b.matter_id FROM account_move b
                               JOIN receivable q ON q.move_id = b.id
                              WHERE q.id = p.credit_move_id) r ON true) parts
                 WHERE matter_id IS NOT NULL
              GROUP BY move_id, label, matter_id) sums
              GROUP BY move_id, label) entries
         WHERE gives IS NOT NULL AND gets IS NOT NULL""",
    "money on an account of credits comes from a cashier": """
        SELECT concat_ws(' ', credit.label, 'by', u.login) FROM credit
          JOIN account_move m ON m.id = credit.move_id
          JOIN res_users u ON u.id = m.create_uid
         WHERE m.create_uid NOT IN %(settlers)s AND m.journal_id <> %(exchange)s""",
    "a slip's rows are what its entry paid": """
        SELECT concat_ws(' ', s.name, 'bill', a.bill_id, 'row', a.amount, '<>',
                         paid.amount)
          FROM legal_payment s
          JOIN legal_payment_allocation a ON a.payment_id = s.id AND a.kind = 'bill'
          JOIN LATERAL (
               SELECT coalesce(sum(CASE WHEN r.id = p.debit_move_id
                                        THEN p.debit_amount_currency
                                        ELSE -p.credit_amount_currency END), 0) AS amount
                 FROM account_partial_reconcile p
                 JOIN receivable r ON r.id IN (p.debit_move_id, p.credit_move_id)
                  AND r.move_id = a.bill_id
                 JOIN account_move_line o
                   ON o.id = p.debit_move_id + p.credit_move_id - r.id
                 JOIN account_move m ON m.id = o.move_id
                WHERE m.legal_payment_id = s.id
                  AND (s.write_off_move_id IS NULL OR m.id <> s.write_off_move_id)
               ) paid ON true
         WHERE s.state = 'posted' AND s.company_id = %(company)s AND a.is_selected
           AND abs(a.amount + coalesce(a.final_discount, 0)
                   + coalesce((SELECT sum(w.amount) FROM legal_payment_allocation w
                                WHERE w.payment_id = s.id AND w.bill_id = a.bill_id
                                  AND w.kind = 'withheld' AND w.is_selected), 0)
                   - coalesce(a.final_overpayment, 0) - paid.amount) > 0.004""",
    "a slip's rows add up": """
        SELECT concat_ws(' ', s.name, s.amount, '<>', sum(a.amount)) FROM legal_payment s
          JOIN legal_payment_allocation a ON a.payment_id = s.id
           AND a.kind NOT IN ('write_off', 'withheld') AND a.is_selected
         WHERE s.state = 'posted' AND s.company_id = %(company)s
      GROUP BY s.id HAVING abs(s.amount - sum(a.amount)) > 0.004""",
    "a row's elements add up": """
        SELECT concat_ws(' ', 'row', id, amount)
          FROM legal_payment_allocation
         WHERE state = 'posted' AND kind = 'bill' AND bill_id IS NOT NULL
           AND company_id = %(company)s AND is_selected
           AND abs(amount - coalesce(final_overpayment, 0)
                   - coalesce(element_disbursement_exempt, 0)
                   - coalesce(element_disbursement_taxable, 0)
                   - coalesce(element_anticipated_exempt, 0)
                   - coalesce(element_anticipated_taxable, 0)
                   - coalesce(element_fees, 0)) > 0.004""",
    "nothing is left of a slip that was taken back": """
        SELECT concat_ws(' ', s.name, p.id)
          FROM legal_payment s JOIN account_move m ON m.legal_payment_id = s.id
          JOIN account_move_line l ON l.move_id = m.id
          JOIN account_partial_reconcile p
            ON p.debit_move_id = l.id OR p.credit_move_id = l.id
          JOIN receivable r ON r.id IN (p.debit_move_id, p.credit_move_id)
         WHERE s.state = 'reversed'""",
    "what is disputed is part of the bill": """
        SELECT concat_ws(' ', label, disputed_amount, amount_total) FROM bill
         WHERE disputed_amount < -0.004 OR disputed_amount > amount_total + 0.004""",
    "a matter's client money is its ledger": """
        SELECT concat_ws(' ', 'matter', b.matter_id, b.balance, '<>', sum(l.amount))
          FROM legal_trust_balance b LEFT JOIN legal_trust_line l
            ON l.matter_id = b.matter_id AND l.journal_id = b.journal_id
         WHERE b.company_id = %(company)s
      GROUP BY b.id HAVING abs(b.balance - coalesce(sum(l.amount), 0)) > 0.004""",
    "a matter's client money is below zero on no day": """
        SELECT concat_ws(' ', 'matter', matter_id, date, running) FROM (
               SELECT matter_id, date, sum(sum(amount)) OVER (
                          PARTITION BY matter_id, journal_id ORDER BY date) AS running
                 FROM legal_trust_line WHERE company_id = %(company)s
             GROUP BY matter_id, journal_id, date) days
         WHERE running < -0.004""",
    "client money in the books is the ledgers'": """
        SELECT concat_ws(' ', 'matter', matter_id, sum(books), '<>', sum(ledger)) FROM (
               SELECT matter_id, -balance AS books, 0 AS ledger FROM account_move_line
                WHERE account_id = %(trust)s AND parent_state = 'posted'
            UNION ALL
               SELECT matter_id, 0, amount FROM legal_trust_line
                WHERE company_id = %(company)s) both_sides
      GROUP BY matter_id HAVING abs(sum(books) - sum(ledger)) > 0.004""",
    "client money pays bills that were delivered": """
        SELECT concat_ws(' ', t.name, m.name, m.delivered_day, t.date)
          FROM legal_trust_bill b
          JOIN legal_trust_transaction t ON t.id = b.transaction_id
          JOIN account_move m ON m.id = b.bill_id
         WHERE t.state = 'posted' AND t.reversed_id IS NULL
           AND (m.delivered_day IS NULL OR m.delivered_day > t.date
                OR m.state <> 'posted'
                OR NOT EXISTS (SELECT FROM legal_bill_matter_rel r
                                WHERE r.bill_id = m.id AND r.matter_id = t.matter_id))""",
    "a moment has its day": """
        SELECT label FROM bill
         WHERE (delivered_on IS NULL) <> (delivered_day IS NULL)
            OR (approved_on IS NULL) <> (approved_day IS NULL)""",
    "time is its project's": """
        SELECT concat_ws(' ', 'entry', id, matter_id, project_id) FROM entry
         WHERE wip_type = 'time' AND bill_id IS NULL AND matter_id <> project_id""",
    "time has a price of its hours": """
        SELECT concat_ws(' ', 'entry', id, wip_amount) FROM entry
         WHERE wip_amount IS NULL OR abs(wip_amount) > 1000000""",
    "a disbursement has a cost of a client behind it": """
        SELECT concat_ws(' ', 'entry', entry.id, m.name) FROM entry
          JOIN account_move_line l ON l.id = entry.move_line_id
          JOIN account_move m ON m.id = l.move_id
         WHERE m.legal_payment_id IS NOT NULL OR m.legal_write_off_id IS NOT NULL
            OR m.trust_transaction_id IS NOT NULL
            OR m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')""",
    "a bill has one paper": """
        SELECT concat_ws(' ', bill.label, count(*)) FROM ir_attachment a
          JOIN bill ON bill.id = a.res_id
         WHERE a.res_model = 'account.move' AND a.res_field = 'invoice_pdf_report_file'
      GROUP BY bill.id, bill.label HAVING count(*) > 1""",
    "nobody plants a paper": """
        SELECT concat_ws(' ', bill.label, a.name, u.login) FROM ir_attachment a
          JOIN bill ON bill.id = a.res_id JOIN res_users u ON u.id = a.create_uid
         WHERE a.res_model = 'account.move' AND a.res_field = 'invoice_pdf_report_file'
           AND bill.state = 'posted' AND a.checksum = %(forged)s""",
    # --- what was so before
    "an approved bill stays as it was approved": """
        SELECT concat_ws(' ', bill.label, k.said, '->', now.said) FROM walk_bill k
          JOIN bill ON bill.id = k.move_id AND bill.approved_on = k.approved_on
          JOIN walk_said now ON now.move_id = bill.id
         WHERE bill.state = 'posted' AND (now.said <> k.said
            -- a contact that was merged into another is gone
            OR now.partner_id <> k.partner_id AND EXISTS (
               SELECT FROM res_partner p WHERE p.id = k.partner_id))""",
    "a number is given once": """
        SELECT concat_ws(' ', k.kind, k.name, k.id, now.id) FROM walk_number k
          JOIN walk_numbers now ON now.kind = k.kind AND now.name = k.name
         WHERE now.id <> k.id""",
    "a stored paper stays": """
        SELECT concat_ws(' ', m.name, k.id, k.checksum, a.checksum) FROM walk_paper k
          JOIN account_move m ON m.id = k.move_id
     LEFT JOIN ir_attachment a ON a.id = k.id AND a.res_model = 'account.move'
           AND a.res_id = k.move_id
         WHERE a.id IS NULL OR a.checksum <> k.checksum""",
    "a signed reconciliation holds its days": """
        SELECT concat_ws(' ', 'reconciliation', k.id, k.amount, '<>', sum(l.amount))
          FROM walk_signed k LEFT JOIN legal_trust_line l
            ON l.journal_id = k.journal_id AND l.date <= k.date
      GROUP BY k.id, k.amount
        HAVING abs(k.amount - coalesce(sum(l.amount), 0)) > 0.004""",
}

#: What is remembered, as it was when it was first so.
MEMORY = """
CREATE TEMP TABLE walk_bill (
    move_id int, approved_on timestamp, said text, partner_id int,
    PRIMARY KEY (move_id, approved_on));
CREATE TEMP TABLE walk_number (
    kind text, name text, id int, PRIMARY KEY (kind, name));
CREATE TEMP TABLE walk_paper (id int PRIMARY KEY, move_id int, checksum text);
CREATE TEMP TABLE walk_signed (
    id int PRIMARY KEY, journal_id int, date date, amount numeric);
CREATE TEMP VIEW walk_said AS
    SELECT m.id AS move_id, m.partner_id, concat_ws(' ', m.name, m.move_type,
           m.invoice_date, m.currency_id, m.amount_total, m.amount_tax, (
           SELECT string_agg(concat_ws('/', l.name, l.account_id, l.price_subtotal,
                                       l.matter_id, l.quantity), ' ' ORDER BY l.id)
             FROM account_move_line l
            WHERE l.move_id = m.id AND l.display_type = 'product')) AS said
      FROM account_move m
     WHERE m.state = 'posted' AND m.approved_on IS NOT NULL;
CREATE TEMP VIEW walk_numbers AS
    SELECT 'bill ' || journal_id AS kind, name, id FROM account_move
     WHERE name <> '/' AND move_type IN ('out_invoice', 'out_refund')
       AND (state = 'posted' OR posted_before)
 UNION ALL
    SELECT 'slip ' || company_id, name, id FROM legal_payment WHERE name IS NOT NULL
 UNION ALL
    SELECT 'movement ' || company_id, name, id FROM legal_trust_transaction
     WHERE name IS NOT NULL
 UNION ALL
    SELECT 'run ' || company_id, name, id FROM legal_billing_run
     WHERE name IS NOT NULL
 UNION ALL
    SELECT 'request ' || company_id, name, id FROM legal_money_request;
"""
REMEMBER = """
INSERT INTO walk_bill SELECT m.id, m.approved_on, s.said, s.partner_id
       FROM account_move m JOIN walk_said s ON s.move_id = m.id
    ON CONFLICT DO NOTHING;
INSERT INTO walk_number SELECT kind, name, id FROM walk_numbers ON CONFLICT DO NOTHING;
INSERT INTO walk_paper SELECT a.id, a.res_id, a.checksum FROM ir_attachment a
       JOIN account_move m ON m.id = a.res_id AND m.state = 'posted'
        AND m.approved_on IS NOT NULL
     WHERE a.res_model = 'account.move' AND a.res_field = 'invoice_pdf_report_file'
    ON CONFLICT DO NOTHING;
INSERT INTO walk_signed
    SELECT r.id, r.journal_id, r.date, (
           SELECT coalesce(sum(l.amount), 0) FROM legal_trust_line l
            WHERE l.journal_id = r.journal_id AND l.date <= r.date)
      FROM legal_trust_reconciliation r WHERE r.state = 'signed'
    ON CONFLICT DO NOTHING;
"""
VALUE = "what recording gave stays WIP, billed or written off"
FIGURES = "figures of a matter count what is archived"


#: Statements are planned anew after so many acts: tables grow from nothing, in a
#: transaction whose rows no background job counts.
ACTS_BETWEEN_PLANS = 100


class Invariants:
    """The statements for one firm, planned once, and what was so before."""

    def __init__(self, env, firm, users):
        self.env = env
        self.firm = firm
        company = firm.company
        self._params = {
            "company": company.id,
            "credits": firm.credits.id,
            "trust": firm.trust.id,
            "receivable": firm.receivable.id,
            "exchange": company.currency_exchange_journal_id.id,
            "approvers": self._get_ids(users, APPROVERS),
            "settlers": self._get_ids(users, SETTLERS),
            "officers": self._get_ids(users, ("client_account_officer", "manager")),
            "forged": firm.forged,
            "fee_elements": tuple(FEE_ELEMENTS),
        }
        cr = env.cr
        cr.execute(MEMORY)
        parts = [
            f"SELECT {self._quote(name)} AS name, text FROM ({sql}) AS found(text)"
            for name, sql in STATEMENTS.items()
        ]
        text = f"WITH {COMMON} " + " UNION ALL ".join(parts)
        text = cr._obj.mogrify(text, self._params).decode()
        cr._obj.execute(f"PREPARE walk_invariants AS {text}")

    def forget(self):
        """The plan goes with the class."""
        self.env.cr._obj.execute("DEALLOCATE walk_invariants")

    @staticmethod
    def _get_ids(users, persons):
        return tuple(users[person].id for person in persons)

    @staticmethod
    def _quote(text):
        return "'{}'".format(text.replace("'", "''"))

    def begin(self):
        """A walk starts here."""
        self._remember()
        self._values = self._get_values()
        self._count = 0

    def check(self, kind, known=()):
        """
        :param Kind kind: of the act that was done
        :param known: names of what is broken already
        :return: what is not true, and where
        :rtype: tuple or None
        """
        cr = self.env.cr
        cr.execute("EXECUTE walk_invariants")
        found = [row for row in cr.fetchall() if row[0] not in known]
        if found:
            name = found[0][0]
            texts = [text for other, text in found if other == name]
            return name, "; ".join(texts[:4])
        self._remember()
        values = self._get_values()
        before, self._values = self._values, values
        if not kind.records and values != before:
            changed = [
                f"matter {key[0]}: {before.get(key, 0)} -> {values.get(key, 0)}"
                for key in sorted(before.keys() | values.keys())
                if before.get(key, 0) != values.get(key, 0)
            ]
            return VALUE, "; ".join(changed)
        self._count += 1
        if self._count % ACTS_BETWEEN_PLANS == 0:
            self._count_rows()
        if self._count % 8 == 0:
            return self._check_figures()
        return None

    def _count_rows(self):
        """Tell the planner what the walk has made until now."""
        tables = sorted(
            model._table
            for model in self.env.registry.models.values()
            if model._auto
            and not model._abstract
            and model._table.startswith(("account_move", "account_partial", "legal_"))
        )
        names = SQL(", ").join(map(SQL.identifier, [*tables, "account_analytic_line"]))
        self.env.cr.execute(SQL("ANALYZE %s", names))

    def _remember(self):
        self.env.cr.execute(REMEMBER)

    def _get_values(self):
        """What all entries are worth, whatever became of them.

        :return: ``{(matter, currency): amount}``
        :rtype: dict
        """
        self.env.cr.execute(
            "SELECT matter_id, wip_currency_id, round(sum(wip_amount)::numeric, 2) "
            "FROM account_analytic_line WHERE wip_type IS NOT NULL AND company_id = %s "
            "GROUP BY 1, 2 HAVING round(sum(wip_amount)::numeric, 2) <> 0",
            (self._params["company"],),
        )
        return {row[:2]: row[2] for row in self.env.cr.fetchall()}

    def _check_figures(self):
        """What a matter's page says is what the database has, archived or not."""
        matters = self.env["project.project"].with_context(active_test=False)
        matters = matters.sudo().browse(
            [matter.id for matter in self.firm.matters.values()]
        )
        matter = matters.exists()[self._count // 8 % len(matters.exists())]
        self.env.cr.execute(
            """SELECT coalesce((SELECT sum(wip_amount) FROM account_analytic_line
                       WHERE matter_id = %(matter)s AND wip_type IS NOT NULL
                         AND bill_id IS NULL AND written_off_on IS NULL
                         AND wip_currency_id = %(currency)s), 0),
                      coalesce((SELECT sum(balance) FROM legal_trust_balance
                       WHERE matter_id = %(matter)s), 0)""",
            {"matter": matter.id, "currency": matter.billing_currency_id.id},
        )
        wip, held = self.env.cr.fetchone()
        said = matter.client_account_balance
        if abs(said - float(held)) > 0.004:
            return FIGURES, f"matter {matter.id}: client money {said} <> {held}"
        return self._check_shares()

    def _check_shares(self):
        """Those who owe a bill together owe all of it, and nobody below nothing."""
        bills = self.env["account.move"].sudo()
        for bill in bills.search(
            [
                ("is_shared", "=", True),
                ("move_type", "=", "out_invoice"),
                ("state", "!=", "cancel"),
                ("company_id", "=", self._params["company"]),
            ]
        ):
            shares = bill.payer_share_ids
            is_draft = bill.state == "draft"
            owed = sum(shares.mapped("amount" if is_draft else "open_amount"))
            whole = bill.amount_total if is_draft else bill.amount_residual
            rows = [(row.amount, row.paid_amount, row.open_amount) for row in shares]
            if abs(owed - whole) > 0.004 or min(map(min, rows), default=0) < -0.004:
                return FIGURES, f"{bill.display_name}: shares {rows} of {whole}"
        return None
