"""Runs scenarios inside Odoo's shell (`env` is given) and writes their figures.

BENCH_FOLDER is where the scenarios are, BENCH_ONLY names those to run.
"""

import importlib
import json
import os
import sys
import time

sys.path.insert(0, os.environ["BENCH_FOLDER"])

from odoo.release import version

from odoo.addons.base.models.ir_actions_report import _wkhtml

env.cr.execute("SHOW server_version")
figures = {
    "versions": {
        "odoo": version,
        "postgresql": env.cr.fetchone()[0].split()[0],
        "wkhtmltopdf": _wkhtml().version,
    }
}
for name in os.environ["BENCH_ONLY"].split(","):
    started = time.perf_counter()
    scenario = importlib.import_module(f"scenario_{name}")
    figures[name] = scenario.measure(
        env, int(os.environ["SIZE"]), int(os.environ["ROUNDS"])
    )
    print(f"   {name}: {time.perf_counter() - started:.0f} s", flush=True)
env.cr.rollback()
with open(os.environ["BENCH_OUTPUT"], "w") as output:
    json.dump(figures, output)
