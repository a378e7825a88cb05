"""The addon beside others in one database: core's applications, and those of the Odoo
Community Association that a firm would have.

The wheels are fetched into the user's cache; nothing of them is kept here. A script runs
the billing cycle and one check after the other in Odoo's shell; what it found is a
section of docs/ecosystem.md.
"""

import json
import os
import subprocess
import sys

from . import cache
from .database import Databases
from .odoo_log import OdooLog
from .paths import CLONE, DEV, STATE, ensure
from .say import Failure, say, step
from .server import Server

#: What a law firm may have installed beside: core's.
CORE = (
    "account_check_printing",
    "account_debit_note",
    "account_edi_ubl_cii",
    "account_tax_python",
    "calendar",
    "data_recycle",
    "hr_expense",
    "hr_holidays",
    "mass_mailing",
    "payment_custom",
    "payment_demo",
    "portal",
    "project_hr_expense",
    "project_purchase",
    "project_timesheet_holidays",
    "project_todo",
    "purchase",
    "sale_timesheet",
    "snailmail_account",
)
#: OCA's of Odoo 19.0 on the package index, by name of the addon: the wheel's version.
OCA = {
    "account_analytic_required": "19.0.1.0.0.4",
    "account_banking_mandate": "19.0.1.0.1.1",
    "account_banking_pain_base": "19.0.1.1.1.4",
    "account_banking_sepa_direct_debit": "19.0.1.1.1.6",
    "account_credit_control": "19.0.1.0.0.13",
    "account_financial_report": "19.0.0.0.26.3",
    "account_invoice_constraint_chronology": "19.0.1.0.1.1",
    "account_invoice_fixed_discount": "19.0.1.0.0.4",
    "account_move_cancel_confirm": "19.0.1.0.0.4",
    "account_move_name_sequence": "19.0.1.0.5.2",
    "account_move_tier_validation": "19.0.1.0.0.9",
    "account_payment_mode": "19.0.1.1.0.3",
    "account_payment_order": "19.0.1.0.8",
    "account_reconcile_oca": "19.0.1.1.1",
    "account_statement_base": "19.0.1.0.1",
    "base_cancel_confirm": "19.0.1.0.1",
    "base_tier_validation": "19.0.1.4.6",
    "date_range": "19.0.1.0.1",
    "mis_builder": "19.0.1.2.1",
    "queue_job": "19.0.2.4.0.1",
    "report_xlsx": "19.0.1.0.2.2",
}
#: What these import.
LIBRARIES = ("openupgradelib==3.13.7", "looseversion==1.3.0", "Unidecode==1.4.0")

PAGE = CLONE / "docs/ecosystem.md"
TITLE = "# Beside other addons, and in other countries\n"
BEGIN, END = "<!-- neighbours: begin -->", "<!-- neighbours: end -->"
RESULT = "NEIGHBOUR "


def neighbours(database=None, to_page=True):
    """Install all of them, run the checks, write the page.

    :param str database: one that has them already, to use and keep
    :param bool to_page: write the section of docs/ecosystem.md
    :return: how many checks passed and failed
    """
    folder = fetch()
    # queue_job imports the libraries beside it
    os.environ["PYTHONPATH"] = str(folder / "libraries")
    server = Server()
    databases = Databases(server)
    name = database or f"neighbours_{os.getpid()}"
    log = ensure(STATE / "logs") / f"{name}.log"
    paths = [*server.odoo.addons, CLONE, folder / "odoo/addons"]
    options = ["-d", name, "--addons-path", ",".join(map(str, paths))]
    options += ["--max-cron-threads", "0"]
    try:
        if not databases.exists(name):
            databases.create(name)
            _install(server, options, log)
        rows = _check(server, options, log)
    finally:
        os.environ.pop("PYTHONPATH", None)
        if not database:
            databases.drop(name)
    for row in rows:
        say(f"   {'ok  ' if row['ok'] else 'FAIL'} {row['name']}: {row['found']}")
    if to_page:
        write_section(PAGE, TITLE, BEGIN, END, _section(rows))
    failed = sum(not row["ok"] for row in rows)
    return len(rows) - failed, failed


def fetch():
    """Return the folder with OCA's addons, from the cache or the package index."""
    return cache.entry(
        f"neighbours-{cache.digest(json.dumps(OCA), *LIBRARIES)}", _fetch
    )


def _fetch(folder):
    wheels = [
        f"odoo-addon-{name.replace('_', '-')}=={version}"
        for name, version in OCA.items()
    ]
    # they name a distribution that the index does not have: no dependencies
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-input"]
    pip += ["--disable-pip-version-check", "--root-user-action", "ignore"]
    pip += ["--no-deps", "--target"]
    with step(f"{len(wheels)} addons of the Odoo Community Association"):
        subprocess.run([*pip, str(folder), *wheels], check=True)
        subprocess.run([*pip, str(folder / "libraries"), *LIBRARIES], check=True)


def _install(server, options, log):
    modules = ",".join(["legal_billing", *CORE, *OCA])
    words = f"odoo -i legal_billing and {len(CORE) + len(OCA)} others"
    with step(words), open(log, "a") as copy:
        done = server.run(
            *(*options, "-i", modules, "--no-http", "--stop-after-init"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        copy.write(done.stdout)
    read = OdooLog()
    for line in done.stdout.splitlines():
        read.feed(line)
    for lines in read.findings:
        say("   " + "\n   ".join(lines[-3:]))
    if done.returncode:
        raise Failure(f"They could not be installed together, see {log}.")


def _check(server, options, log):
    """Return what the script said, a row for each check."""
    script = DEV / "scripts/neighbours.py"
    with step("the cycle and the checks"), open(script) as source:
        done = server.run(
            *(*options, "--no-http", "--log-level", "warn"),
            sub="shell",
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    with open(log, "a") as copy:
        copy.write(done.stdout)
    rows = [
        json.loads(line.removeprefix(RESULT))
        for line in done.stdout.splitlines()
        if line.startswith(RESULT)
    ]
    if done.returncode or not rows:
        say("\n".join(done.stdout.splitlines()[-15:]))
        rows.append({"name": "the script", "ok": False, "found": f"ended, see {log}"})
    return rows


def _section(rows):
    """The section of the page, without its markers."""
    wheels = ", ".join(f"`{name}` {version}" for name, version in OCA.items())
    lines = [
        "## Neighbours",
        "",
        "Written by `dev/odoo neighbours`: one database with `legal_billing`, core's "
        f"{', '.join(f'`{name}`' for name in CORE)}, and these of the Odoo Community "
        f"Association as they are on the package index: {wheels}.",
        "",
        "| beside | tried | found | |",
        "| --- | --- | --- | --- |",
    ]
    for row in rows:
        found = " ".join(str(row["found"]).split()).replace("|", "\\|")
        verdict = "ok" if row["ok"] else "**fails**"
        lines.append(
            f"| {row['name']} | {row.get('tried', '')} | {found} | {verdict} |"
        )
    return "\n".join(lines) + "\n"


def write_section(page, title, begin, end, text):
    """Put a generated section into a page that holds others.

    :param Path page: made with its title where it is missing
    :param str begin: the line before the section
    :param str end: the line after it
    """
    content = page.read_text() if page.exists() else title
    block = f"{begin}\n\n{text.strip()}\n\n{end}\n"
    if begin in content and end in content:
        before, _begin, rest = content.partition(begin)
        _old, _end, after = rest.partition(end)
        content = before + block + (f"\n{after.strip()}\n" if after.strip() else "")
    else:
        content = f"{content.rstrip()}\n\n{block}"
    page.write_text(content)
    say(f"   written: {page.relative_to(CLONE)}")
