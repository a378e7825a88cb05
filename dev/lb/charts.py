"""The billing cycle in each of Odoo's charts of accounts, and its table."""

import json
import os
import subprocess

from . import postgres
from .database import Databases
from .paths import CLONE, STATE, ensure
from .say import Failure, say, step
from .server import Server, free_port

PAGE = CLONE / "docs/ecosystem.md"
SCRIPTS = CLONE / "dev/scripts"
BEGIN, END = "<!-- charts: made by dev/odoo charts -->", "<!-- /charts -->"
#: Chart: the module that brings it.
CHARTS = {
    "uk": "l10n_uk",
    "us": "l10n_us_account",
    "generic_coa": "account",
    "au": "l10n_au",
    "nz": "l10n_nz",
    "ca_2023": "l10n_ca",
    "de_skr03": "l10n_de",
    "de_skr04": "l10n_de",
    "fr": "l10n_fr_account",
    "be_comp": "l10n_be",
    "be_asso": "l10n_be",
    "ch": "l10n_ch",
    "at": "l10n_at",
    "nl": "l10n_nl",
    "lu": "l10n_lu",
    "ie": "l10n_ie",
    "za": "l10n_za",
    "es_pymes": "l10n_es",
    "es_full": "l10n_es",
    "it": "l10n_it",
}
#: The addon and the chart in one go, on an empty database of this country.
EMPTY = "fr"
COLUMNS = (
    ("chart", "{chart}"),
    ("bill: net, tax, total", "{net:.2f} · {tax:.2f} · {total:.2f} {currency}"),
    ("fees: tax, account", "{fee_tax} · {fee_account}"),
    ("agent disbursements: tax, account", "{agent_tax} · {agent_account}"),
    ("credits · client money", "{credits} · {money}"),
    ("write-offs", "{write_off}"),
    ("verdict", "{verdict}"),
)


def charts(only=(), database=None):
    """Play the cycle in a company of each chart; write docs/ecosystem.md.

    :param only: charts: these alone, and no page
    :param str database: to use and keep, instead of a new one
    :return: the exit code
    """
    if unknown := set(only or ()) - {*CHARTS, "empty"}:
        raise Failure(f"{unknown} is not one of {', '.join((*CHARTS, 'empty'))}.")
    names = [name for name in only or CHARTS if name != "empty"]
    found = []
    if names:
        found += _in_one_database(names, database)
    if not only or "empty" in only:
        found += _in_an_empty_one()
    wrong = [row["chart"] for row in found if row["verdict"] != "ok"]
    if not only:
        _write(found)
    say(f"{len(found) - len(wrong)} charts right, {len(wrong)} wrong {wrong or ''}")
    return 1 if wrong else 0


def _in_one_database(names, database):
    server = Server()
    databases = Databases(server)
    name = database or f"charts_{os.getpid()}"
    if not databases.exists(name):
        databases.create(name)
    modules = sorted({CHARTS[chart] for chart in names} - {"account"})
    try:
        if not database or not _is_ready(server, name, modules):
            _odoo(server, name, "-i", ",".join(["legal_billing", *modules]))
        return _play(server, name, " ".join(names))
    finally:
        if not database:
            databases.drop(name)


def _is_ready(server, name, modules):
    """Tell whether a database that was kept has the modules already."""
    names = ", ".join(f"'{module}'" for module in ["legal_billing", *modules])
    sql = f"""SELECT count(*) FROM ir_module_module
               WHERE state = 'installed' AND name IN ({names})"""
    found = postgres.query(server.connection, sql, name)
    return int(found) == len(modules) + 1


def _in_an_empty_one():
    """The addon and the chart at once, as *Apps* does it in a new database."""
    server = Server()
    databases = Databases(server)
    name = f"chart_{EMPTY}_{os.getpid()}"
    try:
        _odoo(server, name, "-i", "base")
        _shell(
            server,
            name,
            f"env.company.country_id = env.ref('base.{EMPTY}'); env.cr.commit()",
        )
        _odoo(server, name, "-i", "legal_billing")
        rows = _play(server, name, "main")
    finally:
        if databases.exists(name):
            databases.drop(name)
    for row in rows:
        row["chart"] += ", addon and chart in one go on an empty database"
    return rows


def _odoo(server, name, *options):
    with step(f"odoo {' '.join(options)[:70]}"):
        done = server.run(
            *("-d", name, *options, "--stop-after-init", "--max-cron-threads", "0"),
            *("--http-port", str(free_port()), "--log-level", "warn"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    (ensure(STATE / "logs") / f"{name}.log").write_text(done.stdout)
    if done.returncode:
        raise Failure(f"Odoo failed:\n{done.stdout[-3000:]}")


def _play(server, name, names):
    file = ensure(STATE / "logs") / f"{name}.json"
    os.environ |= {"LB_CHARTS": names, "LB_CHARTS_FOUND": str(file)}
    _shell(server, name, (SCRIPTS / "charts_cycle.py").read_text(), shown=True)
    return json.loads(file.read_text())


def _shell(server, name, script, shown=False):
    done = server.run(
        *("-d", name, "--no-http", "--log-level", "error"),
        sub="shell",
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if shown:
        say(done.stdout)
    if done.returncode:
        raise Failure(f"The script failed:\n{done.stdout[-3000:]}")


def _write(found):
    """Put the table into the page, between its two marks."""
    table = [
        "| " + " | ".join(title for title, _text in COLUMNS) + " |",
        "|" + " --- |" * len(COLUMNS),
    ]
    for row in found:
        cells = [
            text.format(**row) if "net" in row or name in ("chart", "verdict") else ""
            for name, text in COLUMNS
        ]
        table.append("| " + " | ".join(cells) + " |")
    page = PAGE.read_text() if PAGE.exists() else f"{BEGIN}\n{END}\n"
    head, _begin, rest = page.partition(BEGIN)
    _old, _end, tail = rest.partition(END)
    PAGE.write_text("\n".join([head + BEGIN, "", *table, "", END + tail]))
    say(f"Written: {PAGE.relative_to(CLONE)}")
