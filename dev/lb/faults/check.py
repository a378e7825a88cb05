"""What must hold after every fault: read from the database and the mail server."""

import json
import os
import re
import subprocess
from collections import Counter
from email import message_from_bytes, policy

from .. import postgres, python
from ..paths import DEV

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
           AND l.print_file_id IS NULL AND EXISTS (SELECT FROM account_move m
             WHERE m.id = l.bill_id AND m.print_copies != '0')),
  'pdf_size', (SELECT coalesce(avg(file_size), 0)::int FROM ir_attachment
               WHERE res_field = 'invoice_pdf_report_file'),
  'no_pdf', (SELECT count(*) FROM account_move m WHERE m.billing_stage = 'finalized'
             AND NOT EXISTS (SELECT FROM ir_attachment a WHERE a.res_id = m.id AND
               a.res_model = 'account.move'
               AND a.res_field = 'invoice_pdf_report_file')),
  'bills', (SELECT coalesce(json_agg(json_build_object('number', name, 'stage',
              billing_stage, 'delivered', delivered_on IS NOT NULL, 'error',
              delivery_error, 'mailed', EXISTS (SELECT FROM legal_bill_delivery_message_rel r
                WHERE r.bill_id = account_move.id))), '[]')
            FROM account_move WHERE matter_id IS NOT NULL),
  'print_failed', (SELECT count(*) FROM mail_message WHERE model = 'legal.billing.run'
                   AND body LIKE '%print file could not be written%'),
  'asked_twice', (SELECT count(*) FROM (SELECT matter_id FROM legal_money_request
                  WHERE cancelled_on IS NULL GROUP BY matter_id
                  HAVING count(*) > 1) AS more),
  'asked_for_nothing', (SELECT count(*) FROM legal_money_request r
                  LEFT JOIN account_move m ON m.id = r.asked_with_id
                  WHERE r.cancelled_on IS NULL AND m.state IS DISTINCT FROM 'posted'),
  'unasked', (SELECT count(*) FROM project_project p WHERE p.retainer_ask_with_bill
              AND NOT EXISTS (SELECT FROM legal_money_request r
                WHERE r.matter_id = p.id)),
  'unsent', (SELECT count(*) FROM legal_money_request WHERE sent_on IS NULL),
  'waiting', (SELECT count(*) FROM mail_mail WHERE state = 'outgoing')
)
"""
NONE_OF = {
    "untied": "bills whose total is not the sum of their entries",
    "twice": "matters billed twice",
    "empty": "bills without entries",
    "stages": "bills in a wrong stage",
    "half": "bills out of balance",
    "asked_twice": "clients asked twice for the same money",
    "asked_for_nothing": "clients asked without their bill",
}
AT_END = {
    "queued": "rows left in the queue",
    "unbilled": "entries left unbilled",
    "numbers": "gaps or doubles in the numbers",
    "rows": "produced bills in no print file",
    "no_pdf": "finalized bills without a PDF",
    "unasked": "retainers below their minimum, and nobody asked",
    "unsent": "requests for money that were not sent",
    "waiting": "e-mails left in the queue",
}


def facts(connection, database):
    """Return what the database holds."""
    return json.loads(postgres.query(connection, FACTS, database))


def count_mails(folder):
    """Read what the mail server took.

    :return: how often each bill and each request for money was sent to each address,
        and what is wrong with the messages
    :rtype: tuple
    """
    sent, broken = Counter(), []
    for path in folder.glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        number = re.search(r"\b[A-Z]+/\d+/\d+\b", message["Subject"] or "")
        sent[number and number[0], message["To"]] += 1
        parts = list(message.iter_attachments())
        for part in parts:
            # one that is enclosed in a bill's e-mail
            enclosed = re.search(r"RQ_\d+_\d+", part.get_filename() or "")
            if enclosed and number and not number[0].startswith("RQ/"):
                sent[enclosed[0].replace("_", "/"), message["To"]] += 1
        papers = [part.get_content() for part in parts]
        if not papers or not all(
            paper[:4] == b"%PDF" and b"%%EOF" in paper for paper in papers
        ):
            broken.append(f"{message['Subject']} to {message['To']} has no whole PDF")
    return sent, broken


PAPERS = """
SELECT json_build_object(
  'files', (SELECT json_agg(json_build_array(a.name, a.store_fname, a.checksum))
    FROM ir_attachment a WHERE a.mimetype = 'application/pdf'),
  'prints', (SELECT json_agg(json_build_array(file, fname, bills)) FROM (
    SELECT f.name AS file, f.store_fname AS fname, array_agg(b.store_fname) AS bills
    FROM ir_attachment f JOIN (SELECT DISTINCT print_file_id, bill_id
      FROM legal_billing_run_line WHERE state = 'done') l ON l.print_file_id = f.id
    JOIN ir_attachment b ON b.res_id = l.bill_id AND b.res_model = 'account.move'
      AND b.res_field = 'invoice_pdf_report_file' GROUP BY f.id) AS each),
  'twice', (SELECT count(*) FROM (SELECT bill_id FROM legal_billing_run_line
    WHERE print_file_id IS NOT NULL GROUP BY bill_id
    HAVING count(DISTINCT print_file_id) > 1) AS more)
)
"""


def papers(connection, database, filestore):
    """Return what is wrong with the PDFs on the disk, and the print files.

    :param Path filestore: folder of the database's attachments
    """
    text = postgres.query(connection, PAPERS, database)
    command = [str(python.python()), "-m", "lb.faults.papers", str(filestore)]
    done = subprocess.run(
        command,
        input=text,
        env={**os.environ, "PYTHONPATH": str(DEV)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return [f"the papers could not be read: {done.stderr[-500:]}"]
    return done.stdout.splitlines()


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
        elif bill["mailed"] and not bill["delivered"] and not flagged:
            found.append(f"{bill['number']} is neither delivered nor flagged")
    return found
