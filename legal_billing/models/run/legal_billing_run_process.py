import logging
import time
from datetime import datetime, timedelta

from psycopg2 import DatabaseError, IntegrityError
from psycopg2.errors import (
    DeadlockDetected,
    LockNotAvailable,
    SerializationFailure,
)

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import IN_CRON, INTERNAL
from .legal_billing_run import WATCHED_FOR
from .operations import OPERATIONS

_logger = logging.getLogger(__name__)

#: Two transactions wrote the same row: not a failure of the row, try again.
CONFLICTS = (SerializationFailure, DeadlockDetected, LockNotAvailable)
MAX_CONFLICTS = 5

#: Which of the queued rows comes next.
QUEUE_ORDER = "attempts, id"
#: Rows that come with an earlier one of the same payer: they are billed together.
FOLLOWS = SQL(
    """
    legal_billing_run_line.bill_together IS TRUE AND EXISTS (
        SELECT FROM legal_billing_run_line lead
         WHERE lead.run_id = legal_billing_run_line.run_id
           AND lead.payer_id = legal_billing_run_line.payer_id
           AND lead.bill_together AND lead.state = 'queued'
           AND lead.id < legal_billing_run_line.id)
    """
)
#: Rows of a chunk at most: each is a transaction of its own.
CHUNK_SIZE = 100
#: Rows of the first chunk of a run in the background: it shows soon that it moves.
#: Later ones have at least as many.
FIRST_CHUNK = 10
#: A worker takes one of so many shares of what is left: two workers end together.
SHARES_LEFT = 4
#: Seconds that a call of the page works on before it shows what was done.
WATCH_SECONDS = 0.8
#: Seconds after which a page goes on with a big run that no worker has taken up.
WATCH_PATIENCE = timedelta(seconds=10)


class LegalBillingRun(models.Model):
    """How the queue of a run is worked off."""

    _inherit = "legal.billing.run"

    def process(self):
        """Work off the queued rows of these runs, chunk by chunk.

        In the cron every chunk is committed; elsewhere everything stays in the
        caller's transaction. A chunk that fails is halved until the row that is to
        blame stands alone; it keeps the reason, the others go on. Conflicts with other
        transactions are raised (the request is replayed) or, in the cron, retried.

        :return: True
        """
        in_cron = self._is_in_cron()
        self.check_access("read")
        self._check_operation_role()
        for run in self:
            worker = run._as_worker()
            conflicts = 0
            while True:
                try:
                    lines = worker._next_chunk(run._get_chunk_size(in_cron))
                    if not lines:
                        break
                    worker._process_chunk(lines)
                    conflicts = 0
                except CONFLICTS:
                    conflicts += 1
                    if not in_cron or conflicts > MAX_CONFLICTS:
                        raise
                    self.env.cr.rollback()
                    continue
                # the last chunk may have taken the time: the run ends all the same
                if in_cron and not self._commit_chunk(lines) and worker._has_queued():
                    return True
            try:
                worker._finish()
            except CONFLICTS:  # another worker has just done it
                if not in_cron:
                    raise
                self.env.cr.rollback()
        return True

    def _get_chunk_size(self, in_cron):
        """How many rows come next. What is committed chunk by chunk begins with few, so
        that whoever looks at the run sees it move, and ends with few, so that no worker
        has much left when the others are done.

        :param bool in_cron: whether each chunk is committed
        :rtype: int
        """
        self.ensure_one()
        if not in_cron:
            return CHUNK_SIZE
        if not (self.done_count or self.failed_count):
            return FIRST_CHUNK
        share = self.queued_count // SHARES_LEFT
        return min(CHUNK_SIZE, max(FIRST_CHUNK, share))

    def action_work_on(self):
        """Work off some rows, for the page of a run that a person looks at; the rest is
        for its next call. Big runs are left to the workers, unless none of them comes.

        :return: whether it worked and rows are left; once a small run is done, what to
            show to the person who started it
        :rtype: bool or dict
        """
        self.ensure_one()
        self.check_access("read")
        roles = OPERATIONS[self.operation].roles
        if self.state != "running" or not self._has_role(*roles):
            return False  # others look on
        if not self._is_for_page() and not self._is_left_alone():
            return False
        self._check_operation_role()
        worker = self._as_worker()
        step = worker._get_operation().step
        end = time.monotonic() + WATCH_SECONDS
        while lines := worker._next_chunk(step):
            worker._process_chunk(lines)
            if time.monotonic() > end:
                break
        worker._finish()
        self.invalidate_recordset()
        if not self.finished_on:
            return True
        return self.user_id == self.env.user and self._get_answer()

    def _is_left_alone(self):
        """Whether no worker has taken up this run, though there was time.

        :rtype: bool
        """
        self.ensure_one()
        if fields.Datetime.now() - (self.started_on or datetime.min) < WATCH_PATIENCE:
            return False
        run_sudo = self.sudo()  # rows of all matters of the run
        first = run_sudo.line_ids.search(
            self._get_queued_domain(), limit=1, order=QUEUE_ORDER
        )
        return run_sudo._lock_queued_lines(1) == first  # else a worker has it

    def _get_queued_domain(self):
        """Rows of this run that are left.

        :rtype: list
        """
        self.ensure_one()
        return [("run_id", "=", self.id), ("state", "=", "queued")]

    def _work_one_chunk(self):
        """Work off one chunk, in the caller's transaction; for workers that bring a
        transaction for each.

        :raise RoleError: if the person who started the run may not do it any more
        """
        self.ensure_one()
        self._check_operation_role()
        worker = self._as_worker()
        lines = worker._next_chunk()
        if lines:
            worker._process_chunk(lines)
        worker._finish()

    @api.model
    def _cron_process(self):
        """Body of the cron: all runs that have queued rows, oldest first, and those
        whose worker died before it could note the end."""
        waiting, watched = self._get_waiting()
        for run in watched:
            run._wake_workers(after=WATCHED_FOR)  # its page may be closed by then
        ended = self.search(
            [
                ("started_on", "!=", False),
                ("finished_on", "=", False),
                ("is_paused", "=", False),
            ]
        )
        runs = self.browse(sorted({run.id for run in waiting} | set(ended.ids)))
        runs -= watched
        self.env["ir.cron"]._commit_progress(remaining=sum(waiting.values()))
        runs.with_context(legal_billing_cron=IN_CRON).process()

    @api.model
    def _get_waiting(self):
        """Runs with queued rows: those for the workers, and those that a page works off,
        row by row before the eyes of a person: a worker would take all of it at once.

        :return: ``{run: rows that are left}``, and the runs of pages
        :rtype: tuple
        """
        groups = self.env["legal.billing.run.line"]._read_group(
            [("state", "=", "queued"), ("run_id.is_paused", "=", False)],
            ["run_id"],
            ["__count"],
        )
        nothing = self.browse()
        watched = nothing.union(*(run for run, _count in groups if run._is_watched()))
        return {run: count for run, count in groups if run not in watched}, watched

    def _is_watched(self):
        """Whether a page works on this run: it is small, and a row of it was queued or
        done a moment ago.

        :rtype: bool
        """
        self.ensure_one()
        if not self._is_for_page():
            return False
        [[last]] = self.env["legal.billing.run.line"]._read_group(
            [("run_id", "=", self.id)], [], ["write_date:max"]
        )
        wait = fields.Datetime.now() - last
        return wait.total_seconds() < WATCHED_FOR

    def _is_in_cron(self):
        """Whether chunks are committed and conflicts tried again. ``cron_id`` does not
        say so: a caller from outside can send it, and would commit halves of a request.

        :rtype: bool
        """
        return self.env.context.get("legal_billing_cron") is IN_CRON

    def _has_queued(self):
        self.ensure_one()
        return bool(
            self.env["legal.billing.run.line"].search_count(
                self._get_queued_domain(), limit=1
            )
        )

    def _commit_chunk(self, lines):
        """Commit the chunk and tell the cron how much is left.

        :param legal.billing.run.line lines: that were done
        :return: whether there is time for another chunk
        :rtype: bool
        """
        waiting, _watched = self._get_waiting()
        remaining = sum(waiting.values())
        _logger.info("A chunk of billing runs is done, %s rows are left.", remaining)
        left = self.env["ir.cron"]._commit_progress(len(lines), remaining=remaining)
        return left > 0 or not self.env.context.get("cron_end_time")

    def _as_worker(self):
        """The run as its own user with billing's rights: authorship stays with the
        person who started it. The role was checked when the rows were queued."""
        self.ensure_one()
        return (
            self.with_user(self.user_id)
            .with_company(self.company_id)
            .with_context(
                allowed_company_ids=self.company_id.ids, legal_billing_internal=INTERNAL
            )
            .sudo()
        )

    def _next_chunk(self, size=CHUNK_SIZE):
        """Rows to work on now, their matters or bills locked.

        The lock is the transaction's first query where it can be. Rows that another
        person holds stay queued and come last; when only such rows are left, the cron
        leaves them for its next turn, and a request gives them back as failed.

        :param int size: rows at most
        :rtype: legal.billing.run.line
        """
        self.ensure_one()
        nothing = self.line_ids.browse()
        self.invalidate_recordset(["is_paused"])
        if self.is_paused:
            return nothing
        field = self._get_operation().subject
        tried = nothing
        while lines := self._lock_queued_lines(size):
            if lines <= tried:
                if not self._is_in_cron():
                    lines._set_result("failed", "locked")
                return nothing
            # a bill that was deleted meanwhile can never be locked
            gone = lines.filtered(lambda line: not line[field])
            gone._set_result("skipped", "gone")
            lines -= gone
            locked = lines[field].try_lock_for_update(allow_referencing=True)
            mine = lines.filtered(lambda line, locked=locked: line[field] in locked)
            tried |= lines - mine
            for line in lines - mine:
                line.attempts += 1
            if mine:
                return mine
        return nothing

    def _lock_queued_lines(self, size=CHUNK_SIZE):
        """The next queued rows that no other worker has: several workers, on one
        server or many, share a run by chunks. Rows of one payer that are billed together
        come with the first of them, however many they are: they are one bill.

        :param int size: rows at most, those that come with others not counted
        :rtype: legal.billing.run.line
        """
        domain = self._get_queued_domain()
        query = self.line_ids._search(domain, limit=size, order=QUEUE_ORDER)
        if self.operation != "bill":
            return self._lock_lines(query)
        self.line_ids.flush_model(["bill_together", "payer_id", "state"])
        query.add_where(SQL("NOT (%s)", FOLLOWS))
        lines = self._lock_lines(query)
        leads = lines.filtered("bill_together")
        if leads:
            query = self.line_ids._search(
                Domain(domain)
                & Domain("bill_together", "=", True)
                & Domain("payer_id", "in", leads.payer_id.ids)
                & Domain("id", "not in", lines.ids),
                order=QUEUE_ORDER,
            )
            lines += self._lock_lines(query)
        return lines

    def _lock_lines(self, query):
        """
        :param odoo.tools.Query query: of queued rows
        :return: those that no other worker has
        :rtype: legal.billing.run.line
        """
        rows = self.env.execute_query(
            SQL("%s FOR NO KEY UPDATE SKIP LOCKED", query.select())
        )
        return self.line_ids.browse(row[0] for row in rows)

    def _process_chunk(self, lines):
        """Do the operation on these rows; halve them when it fails.

        :param legal.billing.run.line lines: locked and queued
        """
        try:
            with self.env.cr.savepoint():
                self._get_operation().do(lines)
        except CONFLICTS:
            raise
        except (UserError, ValidationError, AccessError) as error:
            self._bisect(lines, str(error))
        except Exception as error:
            if self.env.cr.closed:
                raise  # the connection is gone: no row is to blame
            _logger.exception("Billing run %r failed on %s", self.name, lines.ids)
            self._bisect(lines, self._get_failure_text(error))

    def _get_failure_text(self, error):
        """What is told of an unexpected error. Of the database's it is what Odoo says of
        them, never their own words.

        :param Exception error:
        :rtype: str
        """
        if not isinstance(error, DatabaseError):
            return f"{type(error).__name__}: {error}"
        if isinstance(error, IntegrityError):
            table = error.diag.table_name
            for model in self.env.registry.values():
                if model._table == table and not model._abstract:
                    return self.env[model._name]._sql_error_to_message(error)
        return self.env._(
            "The database refused this. Try again; if it fails again, ask your "
            "administrator to look for the reason in the server's log."
        )

    def _bisect(self, lines, message):
        self.env.invalidate_all()
        if len(lines) == 1:
            lines._set_result("failed", "error", message)
            return
        half = self._get_half(lines)
        self._process_chunk(half)
        self._process_chunk(lines - half)

    def _get_half(self, lines):
        """Half of these rows; what goes on one bill stays together as long as there is
        anything else.

        :rtype: legal.billing.run.line
        """
        groups = [*lines.grouped(self._get_bill_key).values()]
        if len(groups) == 1:
            return lines[: len(lines) // 2]
        return lines.browse().concat(*groups[: len(groups) // 2])

    def _get_bill_key(self, line):
        """Rows with the same key may go on one bill.

        :param legal.billing.run.line line:
        """
        is_together = self.operation == "bill" and line.bill_together
        return ("payer", line.payer_id.id) if is_together else line.id

    def _finish(self):
        """Note the end and tell the person who started the run."""
        if self.queued_count or self.finished_on:
            return
        self.finished_on = fields.Datetime.now()
        self.flush_recordset(["finished_on"])  # one worker ends a run
        self._get_operation().finish()
        self.message_post(body=self._get_summary())
        if self._is_in_cron():
            self.user_id._bus_send(
                "simple_notification",
                {
                    "type": "warning" if self.failed_count else "success",
                    "title": self.display_name,
                    "message": self._get_summary(),
                },
            )

    def _get_summary(self):
        """One sentence on what the run did.

        :rtype: str
        """
        self.ensure_one()
        return self.env._(
            "%(operation)s: %(done)s done, %(failed)s failed, %(excluded)s held back.",
            operation=self._get_operation_label(),
            done=self.done_count,
            failed=self.failed_count,
            excluded=self.excluded_count,
        )
