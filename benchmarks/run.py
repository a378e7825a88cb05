"""`make bench`: ours beside Odoo's core in one run; ratios count, not times.

SIZE matters in the big run (1000; ten thousand and a million entries with SIZE=10000),
ROUNDS rounds (3), ONLY some scenarios. Writes `results.json`, `results.md` and, where
matplotlib is there, `results.svg`.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pictures
import report

HERE = Path(__file__).resolve().parent
ODOO = HERE.parent / "dev/odoo"

DATABASE = "bench"
QUIET = ("--no-http", "--log-level", "error")
#: Groups share a process; the big run has one of its own, for its memory.
#: Payments come last, since their bills stay.
GROUPS = (
    ("bills",),
    ("pdf", "wait"),
    ("growth",),
    ("split",),
    ("evening",),
    ("scale",),
    ("mixed",),
    ("reports",),
    ("explain", "lists"),
    ("payments",),
)


def environment(more=None):
    """Our own environment, without the libraries of Odoo."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return env | (more or {})


def odoo(*arguments, **options):
    """Run a command of dev/odoo to its end."""
    env = environment(options.pop("env", None))
    subprocess.run([ODOO, *arguments], check=True, env=env, **options)


@contextmanager
def server(port):
    """A server on the database while others work, for what core fetches by HTTP."""
    command = [
        *(ODOO, "server", "--", "-d", DATABASE, "--db-filter", f"^{DATABASE}$"),
        *("--http-port", str(port), "--http-interface", "127.0.0.1"),
        *("--max-cron-threads", "0", "--log-level", "error"),
    ]
    process = subprocess.Popen(command, env=environment(), start_new_session=True)
    try:
        for _try in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health")
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def free_port():
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_scenarios(names, options):
    """Run scenarios in one shell; return their figures."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "figures.json"
        with open(HERE / "scenarios.py") as script:
            odoo(
                *("shell", "--db", DATABASE, "--", *QUIET),
                stdin=script,
                env={
                    "BENCH_OUTPUT": str(output),
                    "BENCH_FOLDER": str(HERE),
                    "BENCH_ONLY": ",".join(names),
                    **options,
                },
            )
        return json.loads(output.read_text())


def measure(size, rounds, only):
    """Run the scenarios in a database of their own; give each group's figures as soon
    as they are found, and the versions that were measured."""
    odoo("db", "drop", DATABASE)
    odoo("db", "create", DATABASE)
    try:
        odoo(
            *("server", "--", "-d", DATABASE, "-i", "legal_billing,sale_timesheet"),
            *("--stop-after-init", *QUIET),
        )
        with server(free_port()) as url:
            options = {"SIZE": str(size), "ROUNDS": str(rounds), "BENCH_URL": url}
            for group in GROUPS:
                names = [name for name in group if not only or name in only]
                if names:
                    figures = run_scenarios(names, options)
                    versions = figures.pop("versions")
                    yield figures, versions
    finally:
        odoo("db", "drop", DATABASE)


def main():
    """Measure, print, write."""
    size = int(os.environ.get("SIZE") or 1000)
    rounds = int(os.environ.get("ROUNDS") or 3)
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    started = time.monotonic()
    about = report.describe_machine() | {
        "started": time.strftime("%Y-%m-%d %H:%M"),
        "size": size,
        "rounds": rounds,
        "load_before": round(os.getloadavg()[0], 1),
    }
    known = HERE / "results.json"
    # some scenarios alone: the others keep what they found before, and say so
    figures = {}
    if only and known.exists():
        figures = {
            name: part
            for name, part in json.loads(known.read_text()).items()
            if "run" in part
        }
    measured = {}
    text = ""
    for found, versions in measure(size, rounds, only):
        # written after each group: a later one that fails loses nothing
        measured |= found
        so_far = about | versions
        so_far["minutes"] = (time.monotonic() - started) / 60
        so_far["load"] = round(os.getloadavg()[0], 1)
        figures |= {name: part | {"run": so_far} for name, part in measured.items()}
        known.write_text(json.dumps(figures, indent=1) + "\n")
        text = report.make_report(figures)
        (HERE / "results.md").write_text(text)
        pictures.plot(figures, HERE / "results.svg")
        pictures.plot_evening(figures, HERE / "evening.svg")
    print(text)


if __name__ == "__main__":
    main()
