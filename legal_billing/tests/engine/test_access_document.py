"""docs/security.md says what the access table says."""

import runpy
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "house/access_table.py"
DOCUMENT = TABLE.parents[3] / "docs/security.md"


def test_document_is_written_from_the_table():
    assert DOCUMENT.read_text() == runpy.run_path(str(TABLE))["render"]()
