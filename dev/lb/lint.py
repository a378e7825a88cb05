"""The linters; each is one check, and its findings are failures."""

import os
import subprocess
import time

from . import node, python
from .paths import ADDON, CLONE, DEV
from .say import say

#: What Prettier looks at, below the addons.
PRETTIER = ("xml", "js", "css", "scss")
SKIP = "static/lib"
#: Those whose figures are shown also when nothing is found.
SHOWN = {"house"}


def checks(fix=False):
    """Return the linters' command lines by name.

    :param fix: let those that can, mend what they find
    """
    tool = [python.python(), "-m"]
    addons = _addons()
    result = {
        "ruff": [*tool, "ruff", "check", *(["--fix"] if fix else []), CLONE],
        "ruff format": [
            *tool,
            "ruff",
            "format",
            *([] if fix else ["--check", "--diff"]),
            CLONE,
        ],
    }
    if addons:
        result["house"] = [*tool, "lb.house"]
        result["pylint-odoo"] = [
            *tool,
            "pylint",
            f"--rcfile={CLONE}/.pylintrc",
            *addons,
        ]
        result["oca-checks"] = [
            *tool,
            "oca_pre_commit_hooks",
            *(["--fix"] if fix else []),
            *(addon / "__manifest__.py" for addon in addons),
        ]
    files = _tracked(PRETTIER)
    if files:
        write = "--write" if fix else "--check"
        result["prettier"] = [*node.prettier(), "--log-level=warn", write, *files]
    return result


def _addons():
    """Return the folders of the addon and of those that go with others."""
    return sorted(path.parent for path in CLONE.glob(f"{ADDON.name}*/__manifest__.py"))


def _tracked(suffixes):
    """Return the addons' files with these suffixes, libraries left out."""
    files = (path for addon in _addons() for path in sorted(addon.rglob("*")))
    found = (path for path in files if path.is_file())
    return [
        path for path in found if path.suffix[1:] in suffixes and SKIP not in str(path)
    ]


def lint(fix=False, names=()):
    """Run the linters; return how many passed and failed.

    :param names: those alone whose names begin so, say ``ruff``; none: all
    """
    passed = failed = 0
    chosen = checks(fix)
    if names:
        chosen = {
            name: command
            for name, command in chosen.items()
            if name.startswith(tuple(names))
        }
    if not chosen:
        say(f"   no linter is called {' or '.join(names)}: {', '.join(checks())}")
        return 0, 1
    env = {**os.environ, "PYTHONPATH": str(DEV), "PYTHONDONTWRITEBYTECODE": "1"}
    for name, command in chosen.items():
        start = time.monotonic()
        result = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=CLONE,
            env=env,
        )
        verdict = "failed" if result.returncode else "ok"
        say(f"   {name}: {verdict} ({time.monotonic() - start:.1f} s)")
        if result.returncode or name in SHOWN:
            say(result.stdout)
        if result.returncode:
            failed += 1
        else:
            passed += 1
    return passed, failed
