"""The addon's life on a database with data: install, upgrade, uninstall, install again;
from the release before; and beside sale_timesheet.

What core's records say before the addon comes and after it has gone is the same, and
nothing of it stays in the database.
"""

import os
import subprocess

from . import postgres
from .database import Databases
from .odoo_log import OdooLog
from .paths import CLONE, DEV, STATE, ensure
from .say import say, step
from .server import Server, free_port

GLUE = "legal_billing_sale_timesheet"
#: The last commit of release 19.0.1.0.0, whose databases are upgraded.
BEFORE = "9e34379d7805fcb5cd8eb93db94219fb5d8771cb"
#: Siblings that the release before did not bring; Odoo's list of addons knows them.
YOUNGER = """
UPDATE ir_module_module SET auto_install = FALSE
 WHERE name IN ('legal_billing_account_edi_ubl_cii', 'legal_billing_account_payment')
"""
#: What a firm has before the addon, and keeps after it.
CORE = """
SELECT (SELECT count(*) || ' ' || coalesce(sum(amount_total), 0) FROM account_move),
  (SELECT count(*) || ' ' || sum(balance) || ' ' || sum(debit) FROM account_move_line),
  (SELECT count(*) || ' ' || sum(unit_amount) FROM account_analytic_line),
  (SELECT count(*) FROM project_project), (SELECT count(*) FROM account_payment)
"""
#: Names of ours that an uninstalled addon must not leave.
LEFT = """
SELECT string_agg(what, ', ') FROM (
  SELECT 'table ' || tablename AS what FROM pg_tables WHERE tablename LIKE 'legal\\_%'
  UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE 'legal\\_%'
  UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE 'legal\\_%'
  UNION ALL SELECT 'model ' || model FROM ir_model WHERE model LIKE 'legal.%'
  UNION ALL SELECT 'column ' || table_name || '.' || column_name
    FROM information_schema.columns WHERE column_name IN
    ('is_matter', 'matter_id', 'wip_type', 'billing_stage', 'bill_id', 'wip_amount')
  -- products on an invoice stay with it
  UNION ALL SELECT 'record ' || name FROM ir_model_data WHERE module = 'legal_billing'
    AND name NOT LIKE 'product\\_%'
  UNION ALL SELECT 'cron ' || cron_name FROM ir_cron WHERE cron_name LIKE 'Legal Billing%'
) AS rest
"""


def lifecycle():
    """Run the checks; return how many passed and failed."""
    life = _Life(Server())
    passed = failed = 0
    for check in (life.on_data, life.from_before, life.beside_sales):
        try:
            problems = check()
        finally:
            life.databases.drop(life.name)
        for problem in problems:
            say(f"   {check.__name__}: {problem}")
        passed, failed = passed + (not problems), failed + bool(problems)
    return passed, failed


class _Life:
    def __init__(self, server):
        self.server = server
        self.databases = Databases(server)
        self.name = f"life_{os.getpid()}"
        self.log = ensure(STATE / "logs") / f"{self.name}.log"

    def on_data(self):
        """Return what is wrong after a life on a database with data."""
        self.databases.create(self.name)
        self._shell("lifecycle_core.py")
        before = self._query(CORE)
        if problems := self._odoo("-i", "legal_billing"):
            return problems
        self._shell("lifecycle_bills.py")
        with_bills = self._query(CORE)
        problems += self._odoo("-u", "legal_billing")
        if self._query(CORE) != with_bills:
            problems.append(f"the upgrade changed {with_bills} to {self._query(CORE)}")
        self._shell("lifecycle_uninstall.py")
        if left := self._query(LEFT):
            problems.append(f"left behind: {left[:2000]}")
        after = self._query(CORE)
        if after != with_bills:
            problems.append(f"uninstalling changed {with_bills} to {after}")
        if before == with_bills:
            problems.append("no bill was made")
        problems += self._odoo("-i", "legal_billing")
        return problems

    def from_before(self):
        """Return what is wrong after an upgrade of what the release before made."""
        folder = ensure(STATE / "release_before")
        archive = subprocess.run(
            ["git", "archive", BEFORE, "legal_billing"], cwd=CLONE, capture_output=True
        )
        if archive.returncode:
            return [f"the release before is not in this clone's history: {BEFORE}"]
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        now, self.server = self.server, Server(addons=folder)
        try:
            self.databases.create(self.name)
            self._shell("lifecycle_core.py")
            self._query(YOUNGER)
            problems = self._odoo("-i", "legal_billing")
            self._shell("lifecycle_bills.py")
        finally:
            self.server = now
        before = self._query(CORE)
        problems += self._odoo("-u", "legal_billing")
        if self._query(CORE) != before:
            problems.append(f"the upgrade changed {before} to {self._query(CORE)}")
        self._shell("lifecycle_upgraded.py")
        return problems

    def beside_sales(self):
        """Return what is wrong beside sale_timesheet: the glue addon's tests."""
        self.databases.create(self.name)
        modules = "sale_timesheet,legal_billing"
        return self._odoo("-i", modules, "--test-tags", f"/{GLUE}", tests=True)

    def _query(self, sql):
        return postgres.query(self.server.connection, sql, self.name)

    def _odoo(self, *options, tests=False):
        """Run Odoo to its end; return what its log says."""
        log = OdooLog()
        port = ["--http-port", str(free_port())] if tests else ["--no-http"]
        with step(f"odoo {' '.join(options[:2])}"), open(self.log, "a") as copy:
            done = self.server.run(
                *("-d", self.name, *options, *port, "--stop-after-init"),
                *("--max-cron-threads", "0"),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            copy.write(done.stdout)
        for line in done.stdout.splitlines():
            log.feed(line)
        found = [lines[0] for _name, lines in log.failed]
        found += [lines[0] for lines in log.findings]
        if tests and not (log.total and log.total[2]):
            found.append("no test ran")
        if done.returncode and not found:
            found.append(f"Odoo ended with {done.returncode}, see {self.log}")
        return found

    def _shell(self, script):
        with open(DEV / "scripts" / script) as source, open(self.log, "a") as output:
            done = self.server.run(
                *("-d", self.name, "--no-http"),
                sub="shell",
                stdin=source,
                stdout=output,
                stderr=output,
            )
        if done.returncode:
            raise RuntimeError(f"{script} ended with {done.returncode}, see {self.log}")
