"""Tests of the development commands: ``dev/odoo test engine``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
