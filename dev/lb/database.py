"""Databases: a template with the dependencies installed, and copies of it.

The template is made once by Odoo, dumped into the user's cache and restored
from there in other clones, so that a new database takes seconds.
"""

import os
import re
import shutil
import subprocess
import tarfile

from . import cache, postgres
from .paths import STATE, ensure
from .python import LOCK
from .say import Failure, step

#: What the addon depends on; the template has them installed.
MODULES = "account,project,hr_timesheet,project_account"
#: Older servers cannot read the settings that a newer dump begins with.
DUMP_VERSION = 17


class Databases:
    """The databases of this clone's server."""

    def __init__(self, server):
        self.server = server
        self.connection = server.connection
        self.key = cache.digest(server.odoo.key, LOCK.read_bytes(), MODULES)
        self.template = f"lb_template_{self.key}"

    def names(self):
        """Return the databases, templates left out."""
        sql = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
        found = postgres.query(self.connection, sql).splitlines()
        return [name for name in found if name != "postgres"]

    def exists(self, name):
        """Tell whether there is a database of that name."""
        _check_name(name)
        sql = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"
        return bool(postgres.query(self.connection, sql))

    def create(self, name, template=None):
        """Make a database from the template (or from another database)."""
        _check_name(name)
        source = template or self.ensure_template()
        if self.exists(name):
            raise Failure(f"Database {name} exists; drop it: dev/odoo db drop {name}")
        with step(f"Database {name}, from {template or 'the template'}"):
            sql = f'CREATE DATABASE "{name}" TEMPLATE "{source}"'
            postgres.query(self.connection, sql)
            files = self.server.filestore(source)
            if files.exists():
                target = self.server.filestore(name)
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(files, target, copy_function=_link)
            # A copy is another database: its own identity, like Odoo's own copy.
            uuid = (
                "UPDATE ir_config_parameter SET value = gen_random_uuid()::text "
                "WHERE key = 'database.uuid'"
            )
            postgres.query(self.connection, uuid, database=name)

    def drop(self, name):
        """Delete a database and its attachments, if they are there."""
        _check_name(name)
        sql = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
        postgres.query(self.connection, sql)
        shutil.rmtree(self.server.filestore(name), ignore_errors=True)

    def rename(self, name, target):
        """Give a database that nobody uses another name."""
        _check_name(target)
        postgres.query(self.connection, f'ALTER DATABASE "{name}" RENAME TO "{target}"')
        files = self.server.filestore(target)
        shutil.rmtree(files, ignore_errors=True)
        if self.server.filestore(name).exists():
            self.server.filestore(name).rename(files)

    def ensure_template(self):
        """Return the name of the template database, making it if needed."""
        ready = (
            f"SELECT datistemplate FROM pg_database WHERE datname = '{self.template}'"
        )
        if postgres.query(self.connection, ready) == "t":
            return self.template
        with cache.locked(f"making-template-{self.key}"):
            if postgres.query(self.connection, ready) == "t":
                return self.template
            self.drop(self.template)
            if not self._restore():
                self._install()
                self._dump()
            # The last act: a template that is marked is a complete one.
            mark = f'ALTER DATABASE "{self.template}" IS_TEMPLATE true'
            postgres.query(self.connection, mark)
        return self.template

    def _dump_folder(self):
        return cache.CACHE / f"template-{self.key}"

    def _can_restore(self):
        version = postgres.query(self.connection, "SHOW server_version_num")
        return int(version) // 10000 >= DUMP_VERSION

    def _restore(self):
        folder = cache.complete(self._dump_folder().name)
        if not folder or not self._can_restore():
            return False
        with step("Template database, from the cache"):
            postgres.query(self.connection, self._create_empty())
            command = [postgres.programs() / "pg_restore", "-j", "2", "--no-owner"]
            self._program([*command, "-d", self.template, folder / "database.dump"])
            with tarfile.open(folder / "filestore.tar") as archive:
                archive.extractall(ensure(self.server.filestore(self.template)))
            postgres.analyze(self.connection, self.template)
        return True

    def _install(self):
        with step(f"Template database with {MODULES} (once; about two minutes)"):
            postgres.query(self.connection, self._create_empty())
            log = ensure(STATE / "logs") / "template.log"
            options = ["-d", self.template, "-i", MODULES, "--stop-after-init"]
            options += ["--no-http", "--max-cron-threads", "0"]
            with open(log, "w") as out:
                done = self.server.run(*options, stdout=out, stderr=subprocess.STDOUT)
            if done.returncode:
                tail = "\n".join(log.read_text().splitlines()[-20:])
                raise Failure(f"The installation failed ({log}):\n{tail}")

    def _dump(self):
        if os.environ.get("DATABASE_URL") or os.environ.get("ODOO_SOURCE"):
            return
        cache.entry(self._dump_folder().name, self._fill_dump)

    def _fill_dump(self, folder):
        with step("Template database, into the cache"):
            target = folder / "database.dump"
            command = [postgres.programs() / "pg_dump", "-Fc", "-Z1", "--no-owner"]
            self._program([*command, "-f", target, self.template])
            with tarfile.open(folder / "filestore.tar", "w") as archive:
                files = ensure(self.server.filestore(self.template))
                archive.add(files, arcname=".")

    def _create_empty(self):
        collate = "LC_COLLATE 'C' ENCODING 'UTF8' TEMPLATE template0"
        return f'CREATE DATABASE "{self.template}" {collate}'

    def _program(self, command):
        env = {**os.environ, **self.connection.environment()}
        result = subprocess.run(
            [str(part) for part in command], env=env, capture_output=True, text=True
        )
        if result.returncode:
            raise Failure(f"{command[0].name} failed:\n{result.stderr}")


def _check_name(name):
    """Refuse names that would need quoting."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", name):
        raise Failure(f"{name!r} is not a database name (letters, digits, _ and -).")


def _link(source, target):
    """Attachments never change once written: a link is as good as a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
