"""Where things are: the clone, its git-ignored state, the user's cache."""

import os
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
DEV = CLONE / "dev"
ADDON = CLONE / "legal_billing"
#: Tests that need no Odoo.
ENGINE_TESTS = ADDON / "tests/engine"
#: The addons that need no other than those of the template database: installed,
#: tested and translated together.
ADDONS = (
    ADDON,
    CLONE / "legal_billing_demo",
    CLONE / "legal_billing_account_edi_ubl_cii",
    CLONE / "legal_billing_account_payment",
)

#: State of this clone: configuration, filestore, logs, database cluster.
STATE = CLONE / ".odoo"
#: What the demo writes: `mails/` and `bills/`.
DEMO_OUTPUT = CLONE / "demo_output"

CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "legal_billing"
)


def ensure(folder):
    """Make the folder and its parents; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder
