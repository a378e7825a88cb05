"""The commands of dev/odoo."""

import argparse
import os
import sys

from . import postgres, python
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
    sub = command(
        "test",
        test,
        "run the tests: lint, engine, odoo, tours (all of them by default)",
    )
    sub.add_argument("parts", nargs="*", metavar="PART")
    sub.add_argument(
        "--tags", help="Odoo's own --test-tags, e.g. /legal_billing:TestRun"
    )
    sub.add_argument("--db", help="use this database: upgrade it, or make and drop it")
    sub.add_argument("--keep", action="store_true", help="keep the database made")
    sub = command("lint", run_lint, "run the linters: ruff, pylint-odoo, prettier")
    sub.add_argument("--fix", action="store_true", help="mend what can be mended")
    sub = command("db", database, "list, create or drop databases")
    sub.add_argument("action", choices=["list", "create", "drop", "psql"])
    sub.add_argument("name", nargs="?", default="dev")
    sub.add_argument("--template", help="copy this database instead")
    command("server", server, "run Odoo: dev/odoo server -- OPTIONS OF ODOO")
    sub = command("shell", shell, "Odoo's Python shell on a database")
    sub.add_argument("--db", default="dev")
    command("python", run_python, "Python with Odoo's library: dev/odoo python -- ...")
    sub = command(
        "screenshot",
        screenshot,
        "picture of a page: dev/odoo screenshot URL OUT.png --db NAME --login NAME "
        "[--password …] [--wait SELECTOR] [--width N] [--full] [--do JS]; "
        "all options: dev/odoo screenshot -- --help",
    )
    sub.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def _server():
    from .server import Server

    return Server()


def setup(args):
    """Fetch everything, make the template."""
    from .database import Databases

    Databases(_server()).ensure_template()
    say("Ready.")


def test(args):
    """Run the tests."""
    from . import testing

    unknown = set(args.parts) - set(testing.PARTS)
    if unknown:
        raise Failure(f"Parts of the tests: {', '.join(testing.PARTS)}.")
    return testing.test(args.parts, args.tags, args.db, args.keep)


def run_lint(args):
    """Run the linters."""
    from .lint import lint

    passed, failed = lint(args.fix)
    return 1 if failed else 0


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


def screenshot(args):
    """Become the script that drives Chromium; it needs the environment."""
    from .paths import DEV
    from .system import BROWSER, browser, need

    need(BROWSER, "pictures and browser tests")
    path = str(python.python())
    command = [path, "-m", "lb.screenshot", "--browser", browser()]
    env = {**os.environ, "PYTHONPATH": str(DEV)}
    os.execve(path, [*command, *args.rest, *args.raw], env)


def run_python(args):
    """Become the environment's Python."""
    ready = _server()
    os.execve(str(ready.python), [str(ready.python), *args.raw], ready.environment())
