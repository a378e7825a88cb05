"""Random walks of a firm's people, many steps, with a page of figures."""

import os

from . import odoo_tests
from .paths import STATE, ensure

TAGS = "legal_billing_walk/legal_billing"


def walk(seeds, steps, database=None):
    """Walk once with each seed; the figures are printed, and kept beside the logs.

    :param str seeds: numbers, or from-to, separated by commas
    :param int steps: of each seed
    :param str database: to upgrade and use, instead of a new one
    :return: the exit code
    """
    figures = ensure(STATE / "logs") / "walk.md"
    figures.unlink(missing_ok=True)
    os.environ |= {
        "LB_WALK_SEEDS": " ".join(map(str, read_seeds(seeds))),
        "LB_WALK_STEPS": str(steps),
        "LB_WALK_FIGURES": str(figures),
    }
    _passed, failed = odoo_tests.run({"odoo"}, TAGS, database, keep=False)
    if figures.exists():
        print(figures.read_text())
    return 1 if failed else 0


def read_seeds(text):
    """
    :param str text: ``3``, ``1-20``, ``1-5,9``
    :rtype: list
    """
    seeds = []
    for part in str(text).split(","):
        first, _dash, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds
