"""Prettier and its XML plugin, from npm's lock file."""

import shutil

from . import cache
from .paths import DEV
from .say import step
from .system import NODE, need, run

PACKAGE, LOCK = DEV / "node/package.json", DEV / "node/package-lock.json"


def prettier():
    """Return the command that runs Prettier with the XML plugin."""
    need(NODE, "npm packages")
    name = f"node-{cache.digest(PACKAGE.read_bytes(), LOCK.read_bytes())}"
    modules = cache.entry(name, _build) / "node_modules"
    plugin = modules / "@prettier/plugin-xml/src/plugin.js"
    return ["node", modules / "prettier/bin/prettier.cjs", f"--plugin={plugin}"]


def _build(folder):
    with step("Prettier, from dev/node/package-lock.json"):
        for path in (PACKAGE, LOCK):
            shutil.copy(path, folder)
        run(["npm", "ci", "--silent", "--ignore-scripts", "--no-fund"], cwd=folder)
