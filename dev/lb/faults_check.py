"""What must hold after every fault: read from the database and the mail server."""

import json
import re
from collections import Counter
from email import message_from_bytes, policy

from . import postgres

FACTS = """
SELECT json_build_object(
  'entries', (SELECT count(*) FROM account_analytic_line WHERE matter_id IS NOT NULL
              AND wip_type IS NOT NULL),
  'value', (SELECT coalesce(sum(wip_amount), 0) FROM account_analytic_line
            WHERE matter_id IS NOT NULL AND wip_type IS NOT NULL),
  'unbilled', (SELECT count(*) FROM account_analytic_line WHERE matter_id IS NOT NULL
               AND wip_type IS NOT NULL AND bill_id IS NULL AND written_off_on IS NULL),
  'untied', (SELECT count(*) FROM account_move m WHERE m.matter_id IS NOT NULL
             AND m.state != 'cancel' AND m.amount_untaxed != (
               SELECT coalesce(sum(billed_amount), 0) FROM account_analytic_line e
               WHERE e.bill_id = m.id)),
  'twice', (SELECT count(*) FROM (SELECT matter_id FROM account_move
            WHERE matter_id IS NOT NULL AND state != 'cancel'
            GROUP BY matter_id HAVING count(*) > 1) AS more),
  'empty', (SELECT count(*) FROM account_move m WHERE m.matter_id IS NOT NULL AND
            NOT EXISTS (SELECT FROM account_analytic_line e WHERE e.bill_id = m.id)),
  'stages', (SELECT count(*) FROM account_move m WHERE m.matter_id IS NOT NULL AND
             billing_stage IS DISTINCT FROM CASE
               WHEN state = 'draft' THEN 'draft' WHEN state = 'cancel' THEN 'cancelled'
               WHEN produced_on IS NULL THEN 'production' ELSE 'finalized' END),
  'numbers', (SELECT count(*) - count(DISTINCT sequence_number)
              + max(sequence_number) - count(*) FROM account_move
              WHERE matter_id IS NOT NULL AND posted_before),
  'half', (SELECT count(*) FROM account_move m WHERE m.matter_id IS NOT NULL AND
           m.state = 'posted' AND (SELECT sum(balance) FROM account_move_line l
             WHERE l.move_id = m.id) != 0),
  'queued', (SELECT count(*) FROM legal_billing_run_line WHERE state = 'queued'),
  'rows', (SELECT count(*) FROM legal_billing_run_line l JOIN legal_billing_run r
           ON r.id = l.run_id WHERE l.state = 'done' AND r.operation = 'produce'
           AND l.print_file_id IS NULL),
  'no_pdf', (SELECT count(*) FROM account_move m WHERE m.billing_stage = 'finalized'
             AND NOT EXISTS (SELECT FROM ir_attachment a WHERE a.res_id = m.id AND
               a.res_model = 'account.move'
               AND a.res_field = 'invoice_pdf_report_file')),
  'bills', (SELECT coalesce(json_agg(json_build_object('number', name, 'stage',
              billing_stage, 'delivered', delivered_on IS NOT NULL,
              'error', delivery_error)), '[]') FROM account_move
            WHERE matter_id IS NOT NULL),
  'waiting', (SELECT count(*) FROM mail_mail WHERE state = 'outgoing')
)
"""
NONE_OF = {
    "untied": "bills whose total is not the sum of their entries",
    "twice": "matters billed twice",
    "empty": "bills without entries",
    "stages": "bills in a wrong stage",
    "half": "bills out of balance",
}
AT_END = {
    "queued": "rows left in the queue",
    "unbilled": "entries left unbilled",
    "numbers": "gaps or doubles in the numbers",
    "rows": "produced bills in no print file",
    "no_pdf": "finalized bills without a PDF",
    "waiting": "e-mails left in the queue",
}


def facts(connection, database):
    """Return what the database holds."""
    return json.loads(postgres.query(connection, FACTS, database))


def count_mails(folder):
    """Return how often each bill was sent to each address."""
    sent = Counter()
    for path in folder.glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        number = re.search(r"\b[A-Z]+/\d+/\d+\b", message["Subject"] or "")
        sent[number and number[0], message["To"]] += 1
    return sent


def violations(now, before, mails, finished):
    """Return what does not hold, in words; nothing when all is well.

    :param dict now: of `facts`
    :param dict before: of `facts`, from before the round
    :param Counter mails: of `count_mails`
    :param bool finished: whether the round has come to its end
    """
    found = [f"{now[key]} {text}" for key, text in NONE_OF.items() if now[key]]
    for key in ("entries", "value"):
        if now[key] != before[key]:
            found.append(f"{key}: {before[key]} became {now[key]}")
    found += [
        f"{who} was sent {times} times" for who, times in mails.items() if times > 1
    ]
    if finished:
        found += [f"{now[key]} {text}" for key, text in AT_END.items() if now[key]]
        found += _undelivered(now["bills"], mails)
    return found


def _undelivered(bills, mails):
    """Bills of which nobody can say whether they were sent."""
    sent = {number for number, _to in mails}
    found = []
    for bill in bills:
        flagged = bool(bill["error"])
        if bill["stage"] != "finalized":
            found.append(f"{bill['number']} is in {bill['stage']}")
        elif bill["delivered"] and bill["number"] not in sent:
            found.append(f"{bill['number']} is delivered, but was never sent")
        elif not bill["delivered"] and not flagged:
            found.append(f"{bill['number']} is neither delivered nor flagged")
    return found
