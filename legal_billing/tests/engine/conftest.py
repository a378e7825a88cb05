"""Run the engine's tests without Odoo: ``pytest legal_billing/tests/engine``.

The addon's folder goes on the path, so that ``engine`` is a top-level package and
the addon itself, which needs Odoo, is never imported.
"""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

# The same examples on every run; `--hypothesis-profile=explore` looks for new ones.
settings.register_profile(
    "fixed", derandomize=True, database=None, deadline=None, max_examples=100
)
settings.register_profile("explore", database=None, deadline=None, max_examples=2000)
settings.load_profile("fixed")
