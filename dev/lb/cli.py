"""The commands of dev/odoo."""

import argparse
import os
import shutil
import signal
import sys

from . import paths, postgres, python
from .say import Failure, say

DESCRIPTION = "Run Odoo 19.0 with legal_billing, for development."
EPILOG = """
What follows `--` goes to Odoo (server, run, shell) or Python as it is:
    dev/odoo server -- -d dev -u legal_billing --dev xml,reload

environment:
    ODOO_SOURCE    a checkout of Odoo 19.0 to run, instead of fetching one
    DATABASE_URL   postgresql://user:password@host:port of a server >= 13 whose user
                   may create databases, instead of the embedded PostgreSQL
    XDG_CACHE_HOME where legal_billing/ with everything fetched is kept (~/.cache)
    SERVE=0 PORT=8069 SEED=1 MATTERS=60 ENTRIES=3000 FRESH=1
                   defaults of the demo's options
"""


def main(argv):
    """Carry out one command; return the exit code."""
    raw = []
    if "--" in argv:
        cut = argv.index("--")
        argv, raw = argv[:cut], argv[cut + 1 :]
    args = parser().parse_args(argv)
    args.raw = raw
    # A polite end runs what cleans up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return args.run(args) or 0
    except Failure as failure:
        sys.stdout.flush()
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        postgres.leave()


def parser():
    """Return the parser; every command has its help line here."""
    top = argparse.ArgumentParser(
        prog="dev/odoo",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name, run, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    command("setup", setup, "fetch everything and make the template database")

    sub = command("demo", demo, "demo firm, one billing cycle, then a server")
    sub.add_argument("--db", default="demo")
    sub.add_argument("--port", type=int, default=_number("PORT", 8069))
    sub.add_argument("--no-serve", action="store_true", help="stop after the cycle")
    sub.add_argument("--fresh", action="store_true", help="begin with a new database")
    for name, value in (("SEED", 1), ("MATTERS", 60), ("ENTRIES", 3000)):
        sub.add_argument(f"--{name.lower()}", type=int, default=_number(name, value))

    sub = command("run", run, "serve a database, with a mail server that keeps e-mails")
    sub.add_argument("--db", default="demo")
    sub.add_argument("--port", type=int, default=_number("PORT", 8069))

    sub = command(
        "test",
        test,
        "run the tests: lint, engine, odoo, tours, faults (default: these), lifecycle, "
        "queue, neighbours",
    )
    sub.add_argument("parts", nargs="*", metavar="PART")
    sub.add_argument(
        "--tags", help="Odoo's own --test-tags, e.g. /legal_billing:TestRun"
    )
    sub.add_argument("--db", help="use this database: upgrade it, or make and drop it")
    sub.add_argument("--keep", action="store_true", help="keep the database made")

    sub = command("lint", lint, "run ruff, house, pylint-odoo, oca-checks and prettier")
    sub.add_argument("names", nargs="*", metavar="NAME", help="these only")
    sub.add_argument("--fix", action="store_true", help="mend what can be mended")

    command("house", house, "hold the rooms against their plan; write docs/house.md")

    sub = command("faults", faults, "break things while a server bills")
    sub.add_argument("--rounds", type=int, default=_number("N", 20))
    sub.add_argument("--size", type=int, default=_number("SIZE", 1000))
    sub.add_argument("--seed", type=int, default=_number("SEED", 1))
    sub.add_argument("--only", action="append", help="a kind of fault")
    sub.add_argument("--report", action="store_true", help="write docs/faults.md")
    sub.add_argument("--add", action="store_true", help="to the rounds of that page")

    sub = command("nodes", nodes, "two servers work off one cycle together")
    sub.add_argument("--size", type=int, default=_number("SIZE", 600))

    sub = command("races", races, "two people at the same thing, many times")
    sub.add_argument("--rounds", type=int, default=_number("N", 20))
    sub.add_argument("--seed", type=int, default=_number("SEED", 1))
    sub.add_argument("--report", action="store_true", help="write docs/races.md")
    sub.add_argument("--only", action="append", help="a race, e.g. PayAndRevert")

    sub = command("effects", effects, "what every field does to money, as every person")
    sub.add_argument("--seed", type=int, default=_number("SEED", 1))
    sub.add_argument("--db", help="upgrade this database and use it")
    sub.add_argument("--only", action="append", help="a model or a field of one")

    sub = command("walk", walk, "people do this and that; the books are looked at")
    sub.add_argument("--seed", default=os.environ.get("SEED") or "1", help="e.g. 1-20")
    sub.add_argument("--steps", type=int, default=_number("STEPS", 1000))
    sub.add_argument("--db", help="upgrade this database and use it")

    sub = command("neighbours", neighbours, "beside core's and OCA's addons")
    sub.add_argument("--db", help="use this database, or make and keep it")
    sub.add_argument("--no-page", action="store_true", help="leave docs/ecosystem.md")

    sub = command("charts", charts, "the billing cycle in each chart of accounts")
    sub.add_argument("--only", action="append", help="a chart, or: empty")
    sub.add_argument("--db", help="use this database, and keep it")

    command(
        "einvoices", einvoices, "e-invoices of all makes of bills, and their judges"
    )

    sub = command(
        "mutation", mutation, "change the engine in small ways; its tests must notice"
    )
    sub.add_argument("modules", nargs="*", metavar="MODULE", help="of the engine")
    sub.add_argument("--fresh", action="store_true", help="judge again what is known")
    sub.add_argument("--no-page", action="store_true", help="leave docs/mutation.md")

    command("bench", bench, "run the benchmark")

    sub = command("browser", browser, "how long pages take, beside Odoo's own")
    sub.add_argument("--rounds", type=int, default=_number("N", 10))
    sub.add_argument("--size", type=int, default=_number("SIZE", 500))
    sub.add_argument("--db", help="use this database, or make and keep it")
    sub.add_argument("--only", action="append", help="a page, e.g. slip")
    sub.add_argument("--report", action="store_true", help="write docs/browser.md")

    sub = command(
        "core-tests", core_tests, "Odoo's own suites, with the addon and without"
    )
    sub.add_argument("suites", nargs="*", metavar="MODULE")
    sub.add_argument("--fresh", action="store_true", help="run again what is known")
    only = ["baseline", "addon", "compare"]
    sub.add_argument("--only", choices=only, help="this run alone; compare: no run")
    sub.add_argument("--jobs", type=int, default=1, help="parts that run at once")

    sub = command("db", database, "list, create (from the template), drop, psql")
    sub.add_argument("action", choices=["list", "create", "drop", "psql"])
    sub.add_argument("name", nargs="?", default="dev")
    sub.add_argument("--template", help="copy this database instead")

    sub = command("shell", shell, "Odoo's Python shell on a database")
    sub.add_argument("--db", default="demo")

    command("i18n", i18n, "write the addon's template of terms to translate")
    command("server", server, "run Odoo: dev/odoo server -- OPTIONS OF ODOO")
    command("python", run_python, "Python with Odoo's library: dev/odoo python -- ...")

    sub = command(
        "screenshot",
        screenshot,
        "picture of a page: dev/odoo screenshot URL OUT.png --db NAME --login NAME "
        "(all options: dev/odoo screenshot -- --help)",
    )
    sub.add_argument("rest", nargs=argparse.REMAINDER)

    sub = command("clean", clean, "stop this clone's database server, delete its data")
    sub.add_argument("--cache", action="store_true", help="and all that was fetched")
    return top


def _number(name, default):
    value = os.environ.get(name) or default
    try:
        return int(value)
    except ValueError:
        raise SystemExit(f"{name}={value} is not a number.") from None


def _server():
    from .server import Server

    return Server()


def setup(args):
    """Fetch everything, also what only tests need; make the template."""
    from . import node
    from .database import Databases
    from .server import Server
    from .system import BROWSER, NODE

    Databases(Server({**BROWSER, **NODE})).ensure_template()
    node.prettier()
    say("Ready.")


def demo(args):
    """Make the firm, bill it, serve it."""
    from .demo import demo

    serve = not args.no_serve and os.environ.get("SERVE", "1") != "0"
    fresh = args.fresh or os.environ.get("FRESH", "0") == "1"
    size = (args.seed, args.matters, args.entries)
    return demo(args.db, serve, args.port, fresh, size)


def run(args):
    """Serve a database."""
    from .demo import run

    return run(args.db, args.port, args.raw)


def test(args):
    """Run the tests."""
    from . import testing

    if unknown := set(args.parts) - {*testing.PARTS, *testing.MORE}:
        known = ", ".join((*testing.PARTS, *testing.MORE))
        raise Failure(f"{unknown} is not one of {known}.")
    return testing.test(args.parts, args.tags, args.db, args.keep)


def i18n(_args):
    """Write the terms to translate."""
    from .i18n import i18n

    i18n()


def lint(args):
    """Run the linters."""
    from .lint import lint

    passed, failed = lint(args.fix, args.names)
    return 1 if failed else 0


def house(_args):
    """Say what is not as planned, and write the map and its figures."""
    from .house import house

    return house(to_page=True)


def bench(args):
    """Run the benchmark inside the environment."""
    script = paths.CLONE / "benchmarks/run.py"
    if not script.exists():
        raise Failure("There is no benchmark yet (benchmarks/run.py).")
    ready = _server()
    command = [str(ready.python), str(script), *args.raw]
    return os.spawnve(os.P_WAIT, command[0], command, ready.environment())


def browser(args):
    """Measure pages in Chromium."""
    from .browser import browser
    from .browser.pages import PAGES

    known = [page.opened.key for page in PAGES]
    if unknown := set(args.only or ()) - set(known):
        raise Failure(f"{unknown} is not one of {', '.join(known)}.")
    report = args.report and not args.only
    return browser(args.rounds, args.size, args.db, report, args.only)


def mutation(args):
    """Judge the engine's mutants."""
    from .mutation import mutation

    return mutation(args.modules, args.fresh, not args.no_page)


def faults(args):
    """Run the fault harness."""
    from . import faults
    from .faults.kinds import KINDS

    if unknown := set(args.only or ()) - set(KINDS):
        raise Failure(f"{unknown} is not one of {', '.join(KINDS)}.")
    return faults.faults(
        args.rounds, args.size, args.seed, args.only, args.report, args.add
    )


def nodes(args):
    """Let two servers share a cycle."""
    from . import faults

    return faults.nodes(args.size)


def races(args):
    """Play the races."""
    from . import races

    return races.races(args.rounds, args.seed, args.report, args.only)


def effects(args):
    """Look at what every field does."""
    from . import effects

    return effects.effects(args.seed, args.db, args.only)


def walk(args):
    """Walk at random."""
    from . import walk

    return walk.walk(args.seed, args.steps, args.db)


def neighbours(args):
    """Run the cycle and the checks beside other addons."""
    from .neighbours import neighbours

    passed, failed = neighbours(args.db, not args.no_page)
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def charts(args):
    """Bill in each chart."""
    from . import charts

    return charts.charts(args.only, args.db)


def einvoices(_args):
    """Have e-invoices judged, and write the page."""
    from .einvoices import einvoices

    return einvoices()


def core_tests(args):
    """Compare Odoo's own suites with the addon installed and without it."""
    from . import core_suites

    if unknown := set(args.suites) - set(core_suites.SUITES):
        raise Failure(f"{unknown} is not one of {', '.join(core_suites.SUITES)}.")
    return core_suites.core_tests(args.suites, args.fresh, args.only, args.jobs)


def database(args):
    """List, create, drop, look into a database."""
    from .database import Databases

    ready = _server()
    databases = Databases(ready)
    if args.action == "list":
        say("\n".join(databases.names()))
    elif args.action == "create":
        databases.create(args.name, args.template)
    elif args.action == "drop":
        databases.drop(args.name)
    else:
        program = str(postgres.programs() / "psql")
        os.execve(program, [program, args.name, *args.raw], ready.environment())


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


def screenshot(args):
    """Become the script that drives Chromium; it needs the environment."""
    from .system import BROWSER, browser, need

    need(BROWSER, "pictures and browser tests")
    path = str(python.python())
    command = [path, "-m", "lb.screenshot", "--browser", browser()]
    env = {**os.environ, "PYTHONPATH": str(paths.DEV)}
    os.execve(path, [*command, *args.rest, *args.raw], env)


def clean(args):
    """Delete what this clone made, and with --cache what was fetched."""
    if paths.STATE.exists():
        postgres.Cluster().remove()
    for folder in (paths.STATE, paths.DEMO_OUTPUT):
        shutil.rmtree(folder, ignore_errors=True)
    if args.cache:
        shutil.rmtree(paths.CACHE, ignore_errors=True)
        if postgres.is_root():
            shutil.rmtree(postgres.ROOT_HOME, ignore_errors=True)
    say("Clean.")
