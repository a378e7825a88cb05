"""The whole of the test that looks at what changes do, and its page."""

import os

from . import odoo_tests
from .paths import CLONE

PAGE = CLONE / "docs/effects.md"
TAGS = "legal_billing_effects/legal_billing"


def effects(seed=1, database=None, only=()):
    """Write every field as every person; write docs/effects.md.

    :param int seed: of the values
    :param str database: to upgrade and use, instead of a new one
    :param only: models, or fields as ``model.field``: these alone, and no page
    :return: the exit code
    """
    os.environ |= {
        "LB_EFFECTS_SEED": str(seed),
        "LB_EFFECTS_PAGE": str(PAGE),
        "LB_EFFECTS_ONLY": " ".join(only or ()),
    }
    _passed, failed = odoo_tests.run({"odoo"}, TAGS, database, keep=False)
    return 1 if failed else 0
