"""How Odoo is started: its configuration file, environment and command line."""

import os
import re
import socket
import subprocess

from . import fetch, postgres, python
from .paths import ADDON, CLONE, STATE, ensure
from .system import LIBRARIES, need

PORT = 8069


class Server:
    """Odoo with everything it needs: library, programs, database server.

    :param dict more: system packages that the command needs besides Odoo's own
    :param connection: of another database server than the usual one
    :param str name: of the configuration that goes with it
    :param Path addons: folder of our addons, instead of this clone
    """

    def __init__(self, more=(), connection=None, name="", addons=CLONE):
        # All at once: who is not root installs them in one go.
        need(
            {
                **LIBRARIES,
                **python.needed_packages(),
                **fetch.needed_packages(),
                **dict(more),
            },
            "Odoo, its PDFs and tests",
        )
        self.python = python.python()
        self.odoo = fetch.odoo()
        self.wkhtmltopdf = fetch.wkhtmltopdf()
        self.connection = connection or postgres.connection()
        # Attachments belong to a server: another one may use the same names.
        other = self.connection.host if os.environ.get("DATABASE_URL") else ""
        other += self.connection.port + name
        self.data = STATE / ("data" + re.sub(r"\W", "_", f"-{other}" if other else ""))
        self.addons = addons
        own = "" if addons == CLONE else f"-{addons.name}"
        self.conf = self._write_conf(f"odoo{name}{own}.conf")

    def _write_conf(self, file_name):
        addons = [*self.odoo.addons]
        if (self.addons / ADDON.name / "__manifest__.py").exists():
            addons.append(self.addons)
        values = {
            "data_dir": ensure(self.data),
            "admin_passwd": "admin",
            "http_interface": "127.0.0.1",
            "list_db": True,
            "max_cron_threads": 1,
            "limit_time_real": 0,
            "limit_time_cpu": 0,
            "without_demo": True,
            **self.connection.odoo(),
        }
        if addons:
            values["addons_path"] = ",".join(str(folder) for folder in addons)
        path = STATE / file_name
        text = "[options]\n" + "".join(f"{k} = {v}\n" for k, v in values.items())
        if not path.exists() or path.read_text() != text:
            part = path.with_suffix(f".{os.getpid()}")
            part.write_text(text)
            part.chmod(0o600)
            part.replace(path)
        return path

    def environment(self):
        """Return the variables with which Odoo runs."""
        ours = [str(self.odoo.lib_path)]
        if before := os.environ.get("PYTHONPATH"):
            ours.append(before)
        return {
            **os.environ,
            **self.connection.environment(),
            "PYTHONPATH": os.pathsep.join(ours),
            "PYTHONUNBUFFERED": "1",
            "PATH": os.pathsep.join(
                [
                    str(self.wkhtmltopdf),
                    str(self.python.parent),
                    str(postgres.programs()),
                    os.environ.get("PATH", os.defpath),
                ]
            ),
        }

    def command(self, *args, sub="server"):
        """Return the command line of an Odoo command with our configuration."""
        command = [self.python, self.odoo.command, sub, "-c", self.conf, *args]
        return [str(part) for part in command]

    def run(self, *args, sub="server", **options):
        """Run Odoo to its end; return the finished process."""
        env = {**self.environment(), **options.pop("env", {})}
        command = self.command(*args, sub=sub)
        return subprocess.run(command, env=env, cwd=CLONE, **options)

    def replace(self, *args, sub="server"):
        """Become Odoo: this process ends where Odoo's begins."""
        os.chdir(CLONE)
        command = self.command(*args, sub=sub)
        os.execve(command[0], command, self.environment())

    def filestore(self, database):
        """Return the folder of a database's attachments."""
        return self.data / "filestore" / database


def port_is_free(port):
    """Tell whether nobody listens on the port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port():
    """Return a TCP port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
