"""The demo: a firm, one billing cycle from the command line, and a server."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from . import postgres, python
from .database import Databases
from .paths import ADDON, CLONE, DEMO_OUTPUT, DEV, STATE, ensure
from .say import Failure, say, step
from .server import PORT, Server, port_is_free

DATABASE = "demo"
SCRIPTS = DEV / "scripts"


def demo(database=DATABASE, serve=True, port=PORT, fresh=False, size=(1, 60, 3000)):
    """Make the firm, run a billing cycle, serve; return the exit code.

    Each step leaves something complete behind, so that an interrupted demo
    goes on where it was.

    :param size: seed, number of matters and of entries of the firm
    """
    if not (ADDON / "__manifest__.py").exists():
        raise Failure(
            "There is no addon yet: legal_billing/__manifest__.py is missing."
        )
    if serve and not port_is_free(port):
        raise Failure(f"Port {port} is in use; choose another: PORT=8070 make demo")
    server = Server()
    _prepare(server, database, fresh)
    environment = {
        "LB_DEMO_OUTPUT": str(ensure(DEMO_OUTPUT)),
        **{
            f"LB_DEMO_{name}": str(value)
            for name, value in zip(("SEED", "MATTERS", "ENTRIES"), size, strict=True)
        },
    }
    with mail_sink() as smtp:
        with step("The demo firm"):
            _script(server, database, "demo_firm.py", environment, smtp)
            postgres.analyze(server.connection, database)
        with step("One billing cycle"):
            _script(server, database, "demo_cycle.py", environment, smtp)
        say(f"   PDFs and e-mails are in {DEMO_OUTPUT.relative_to(CLONE)}/")
        with step("Work since the cycle: Mass Billing has something to bill"):
            _script(server, database, "demo_since.py", environment, smtp)
        if not serve:
            return 0
        return _serve(server, database, port, smtp)


def run(database=DATABASE, port=PORT, options=()):
    """Serve a database, with a mail sink; return the exit code.

    Views are read from their files, whenever one is shown.
    """
    if not port_is_free(port):
        raise Failure(f"Port {port} is in use; choose another: PORT=8070 make run")
    server = Server()
    if not Databases(server).exists(database):
        raise Failure(
            f"There is no database {database}. `make demo` makes one with the demo "
            f"firm, `dev/odoo db create {database}` one without the addon."
        )
    with mail_sink() as smtp:
        return _serve(server, database, port, smtp, ["--dev", "xml", *options])


def _prepare(server, database, fresh):
    """Make the database with the addon, or bring it up to date."""
    databases = Databases(server)
    if fresh:
        databases.drop(database)
    part = f"{database}_part"
    if databases.exists(database):
        with step(f"Database {database}: upgrade of the addon"):
            _install(server, database, "-u")
        return
    databases.drop(part)
    databases.create(part)
    with step("The addon"):
        _install(server, part, "-i")
    databases.rename(part, database)


def _install(server, database, mode):
    log = ensure(STATE / "logs") / "demo-install.log"
    options = ["-d", database, mode, "legal_billing", "--stop-after-init"]
    options += ["--no-http", "--max-cron-threads", "0"]
    with open(log, "w") as output:
        done = server.run(*options, stdout=output, stderr=subprocess.STDOUT)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise Failure(f"The addon was not installed ({log}):\n{tail}")


def _script(server, database, name, environment, smtp):
    """Run a script in Odoo's shell; its prints are seen, its log is a file."""
    log = ensure(STATE / "logs") / f"{name.removesuffix('.py')}.log"
    log.unlink(missing_ok=True)
    options = ["-d", database, "--no-http", "--logfile", log, *smtp]
    with open(SCRIPTS / name) as script:
        done = server.run(*options, sub="shell", stdin=script, env=environment)
    if done.returncode:
        raise Failure(f"{name} ended with {done.returncode}; its log: {log}")


@contextmanager
def mail_sink():
    """Run the SMTP server; give Odoo's options that send through it."""
    command = [python.python(), "-m", "lb.mailsink", DEMO_OUTPUT / "mails"]
    process = subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, "PYTHONPATH": str(DEV)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for Odoo first; the sink is told when Odoo has ended.
        start_new_session=True,
    )
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise Failure("The SMTP server of the demo did not start.")
        yield ["--smtp", "127.0.0.1", "--smtp-port", port]
    finally:
        process.terminate()
        process.wait(10)


def _serve(server, database, port, smtp, options=()):
    _set_address(server, database, f"http://127.0.0.1:{port}")
    command = ["-d", database, "--db-filter", f"^{database}$", "--http-port", port]
    process = subprocess.Popen(
        server.command(*command, *smtp, *options),
        env=server.environment(),
        cwd=CLONE,
        start_new_session=True,
    )

    def stop(*_):
        process.send_signal(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if wait_for_answer(process, port):
        say(f"\n   http://127.0.0.1:{port}  (database {database})")
        for login, name, roles in logins(server, database):
            say(f"   log-in {login}, password {login}: {name}{roles and f' ({roles})'}")
        say("   Ctrl-C ends the server.\n")
    return process.wait()


def _set_address(server, database, address):
    """Links in e-mails, and what a PDF's converter reads, go to this server."""
    sql = """
        INSERT INTO ir_config_parameter (key, value)
             VALUES ('web.base.url', '{address}'), ('report.url', '{address}'),
                    ('web.base.url.freeze', 'True')
        ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
    """
    postgres.query(server.connection, sql.format(address=address), database=database)


def wait_for_answer(process, port):
    """Wait until the server answers; tell whether it does."""
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=5)
            return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    return False


def logins(server, database):
    """Return the people of the firm who can log in: (login, name, roles)."""
    sql = """
        SELECT u.login || '|' || p.name || '|' || coalesce((
            SELECT lower(string_agg(
                       replace(g.name->>'en_US', 'Legal billing: ', ''), ', '
                   ))
              FROM res_groups_users_rel r
              JOIN res_groups g ON g.id = r.gid
              JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = g.id
             WHERE r.uid = u.id
               AND d.module = 'legal_billing'
               AND d.name LIKE 'legal_billing_group_%'
        ), '')
          FROM res_users u JOIN res_partner p ON p.id = u.partner_id
         WHERE u.active AND NOT u.share AND u.id > 1
         ORDER BY u.id LIMIT 12
    """
    rows = postgres.query(server.connection, sql, database=database).splitlines()
    return [row.split("|", 2) for row in rows if row]
