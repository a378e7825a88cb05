"""The commands of dev/odoo."""

import argparse
import os
import sys

from . import postgres
from .say import Failure, say

DESCRIPTION = "Run Odoo 19.0 with legal_billing, for development."


def main(argv):
    """Carry out one command; return the exit code."""
    raw = []
    if "--" in argv:
        cut = argv.index("--")
        argv, raw = argv[:cut], argv[cut + 1 :]
    args = parser().parse_args(argv)
    args.raw = raw
    try:
        return args.run(args) or 0
    except Failure as failure:
        sys.stdout.flush()
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser():
    """Return the parser; every command has its help line here."""
    top = argparse.ArgumentParser(prog="dev/odoo", description=DESCRIPTION)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name, run, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    command("setup", setup, "fetch everything and make the template database")
    sub = command("db", database, "list, create or drop databases")
    sub.add_argument("action", choices=["list", "create", "drop", "psql"])
    sub.add_argument("name", nargs="?", default="dev")
    sub.add_argument("--template", help="copy this database instead")
    command("server", server, "run Odoo: dev/odoo server -- OPTIONS OF ODOO")
    sub = command("shell", shell, "Odoo's Python shell on a database")
    sub.add_argument("--db", default="dev")
    command("python", run_python, "Python with Odoo's library: dev/odoo python -- ...")
    return top


def _server():
    from .server import Server

    return Server()


def setup(args):
    """Fetch everything, make the template."""
    from .database import Databases

    Databases(_server()).ensure_template()
    say("Ready.")


def database(args):
    """List, create, drop."""
    from .database import Databases

    server = _server()
    databases = Databases(server)
    if args.action == "list":
        say("\n".join(databases.names()))
    elif args.action == "create":
        databases.create(args.name, args.template)
    elif args.action == "drop":
        databases.drop(args.name)
    else:
        program = str(postgres.programs() / "psql")
        os.execve(program, [program, args.name, *args.raw], server.environment())


def server(args):
    """Become Odoo with the raw options."""
    _server().replace(*args.raw)


def shell(args):
    """Become Odoo's shell."""
    _server().replace("-d", args.db, "--no-http", *args.raw, sub="shell")


def run_python(args):
    """Become the environment's Python."""
    ready = _server()
    os.execve(str(ready.python), [str(ready.python), *args.raw], ready.environment())
