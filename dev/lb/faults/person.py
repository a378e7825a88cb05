"""The person in front of the servers: presses the button of a stage, waits, tries again
what failed."""

import contextlib
import json
import threading
import time

from .. import postgres
from ..say import Failure
from .kinds import CHUNK
from .node import TROUBLE

#: What is left to do in each stage, and what would show that something moves.
PROGRESS = """
SELECT json_build_object(
  'queued', (SELECT count(*) FROM legal_billing_run_line WHERE state = 'queued'),
  'bill', (SELECT count(*) FROM account_analytic_line WHERE matter_id IS NOT NULL
           AND wip_type IS NOT NULL AND bill_id IS NULL AND written_off_on IS NULL) / 3,
  'approve', (SELECT count(*) FROM account_move
              WHERE matter_id IS NOT NULL AND billing_stage = 'draft'),
  'produce', (SELECT count(*) FROM account_move
              WHERE matter_id IS NOT NULL AND billing_stage = 'production'),
  'unprinted', (SELECT count(*) FROM legal_billing_run_line l JOIN legal_billing_run r
                ON r.id = l.run_id JOIN account_move m ON m.id = l.bill_id
                WHERE l.state = 'done' AND r.operation = 'produce'
                AND l.print_file_id IS NULL AND m.print_copies != '0'),
  'mail', (SELECT count(*) FROM mail_mail WHERE state = 'outgoing'),
  'unknown', (SELECT count(*) FROM account_move WHERE delivered_on IS NULL
              AND billing_stage = 'finalized' AND delivery_error IS NULL
              AND delivery_method = 'email')
)
"""
#: Seconds without a change after which a person presses the button again, and more
#: for each row of the chunk that may be at work.
PATIENCE = 8
PATIENCE_PER_ROW = 0.5


class Progress:
    """How far the stages are, from the database."""

    def __init__(self, play):
        self.play = play

    def now(self):
        """Return the counts of PROGRESS."""
        connection = self.play.harness.server.connection
        return json.loads(postgres.query(connection, PROGRESS, self.play.database))

    def left(self, stage):
        """Return how many matters, bills or e-mails the stage has not done."""
        return self.now()[stage]


class Person:
    """Works at whichever server answers."""

    def __init__(self, play):
        self.play = play

    def _call(self, *args, **kwargs):
        for node in self.play.nodes:
            if node.alive():
                return node.call(*args, **kwargs)
        raise Failure("No server runs.")

    def begin(self, stage):
        """Press the stage's button; everything is done in the background.

        A server that is gone, or whose database is, did not hear it: it is pressed
        again by `finish`. The mail queue is worked off while the caller waits, so
        it is pressed by somebody else."""
        threading.Thread(target=self._try_to_press, args=(stage,), daemon=True).start()

    def _try_to_press(self, stage):
        with contextlib.suppress(*TROUBLE):
            self._press(stage)

    def _press(self, stage):
        if stage == "mail":
            self._trigger("mail.ir_cron_mail_scheduler_action")
            return
        runs = "legal.billing.run"
        if stage == "bill":
            found = self._call(runs, "search", [["operation", "=", "bill"]])
            if not found:
                found = [self._call(runs, "create", {"invoice_date": "2026-10-31"})]
            self._call(runs, "action_load", found)
            self._call(runs, "action_bill_all", found)
            return
        wanted = {"approve": "draft", "produce": "production"}[stage]
        bills = self._call("account.move", "search", [["billing_stage", "=", wanted]])
        if bills:
            self._call("account.move", f"action_{stage}_bills", bills)

    def _trigger(self, xmlid):
        _model, cron = self._call(
            "ir.model.data", "check_object_reference", *xmlid.split(".")
        )
        self._call("ir.cron", "method_direct_trigger", [cron])

    def _print(self):
        """Make the print files that could not be made; let runs end that did not."""
        runs = "legal.billing.run"
        found = self._call(runs, "search", [["operation", "=", "produce"]])
        rows = self._call(runs, "read", found, ["unprinted_count", "finished_on"])
        for row in rows:
            if row["unprinted_count"]:
                self._call(runs, "action_make_print_files", [row["id"]])
        if not all(row["finished_on"] for row in rows):
            self._trigger("legal_billing.ir_cron_billing_run")

    def finish(self, stage):
        """Wait until the stage has come to its end, pressing again what failed.

        :raise Failure: if it does not come to its end
        """
        rows = 0 if stage == "mail" else min(self.play.harness.size, CHUNK)
        patience = PATIENCE + rows * PATIENCE_PER_ROW
        last, pressing = None, None
        moved = time.monotonic()
        end = moved + 120 + 1.5 * self.play.harness.size
        while time.monotonic() < end:
            now = self.play.progress.now()
            if self._is_done(stage, now):
                return
            if now != last:
                last, moved = now, time.monotonic()
            busy = pressing and pressing.is_alive()
            # nothing happens any more: a person presses the button again
            if not busy and time.monotonic() - moved > patience:
                pressing = threading.Thread(
                    target=self._try_again, args=(stage, now), daemon=True
                )
                pressing.start()
                moved = time.monotonic()
            time.sleep(0.5)
        raise Failure(f"{stage} does not come to its end: {last}")

    @staticmethod
    def _is_done(stage, now):
        if now["queued"] or now[stage]:
            return False
        if stage == "produce":
            return not now["unprinted"]
        return stage != "mail" or not now["unknown"]

    def _try_again(self, stage, now):
        """Do what a person does who sees that nothing goes on."""
        result = self.play.result
        result.pressed += 1
        try:
            if now["queued"]:
                self._trigger("legal_billing.ir_cron_billing_run")
                return
            if stage == "produce" and not now["produce"]:
                self._print()
                return
            if stage == "mail" and not now["mail"]:
                self._trigger("legal_billing.ir_cron_delivery")
                return
            rows = "legal.billing.run.line"
            failed = self._call(rows, "search", [["state", "=", "failed"]])
            if failed:
                self._call(rows, "action_retry", failed)
                result.retried += len(failed)
                return
            self._press(stage)
        except TROUBLE:
            for node in self.play.nodes:
                if not node.alive() and node not in self.play.left_dead:
                    node.start()
