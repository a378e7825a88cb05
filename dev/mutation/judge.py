"""Mutants of the engine before its tests: made by mutmut, judged one by one.

mutmut starts pytest for each mutant, which takes longer than the tests do. Here they
are collected once; each mutant is a fork that runs those that come to its function, the
quickest first, until one fails. Run by ``dev/odoo mutation`` in its own environment:

    judge.py FOLDER [MODULE ...]

FOLDER has ``source/``, the engine as it is, and ``tests/engine/``; ``engine/`` is written
with the mutants, ``mutants.json`` with what became of each.
"""

import difflib
import doctest
import hashlib
import json
import os
import re
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from mutmut.mutation import trampoline
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.state import state

#: What only holds of the engine as it is written.
NOT_RUN = "not imports_the_standard_library"
#: Processor seconds of a mutant beside those of its tests, and bytes that it may take:
#: more is a loop without end.
SECONDS, BYTES = 5, 2**31
#: Not what pytest keeps for itself while tests run.
OUT = os.fdopen(os.dup(1), "w")
#: Seconds between two notes of what is known.
PAUSE = 20

_active = ""
#: Asked at each call of the engine: not of the environment, as mutmut does.
trampoline.get_mutant_under_test = lambda: _active

settings.register_profile(
    "mutation",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
_find = doctest.DocTestFinder.find


def _find_once(*args, **options):
    """Leave out the copies of an example that stand in the function's mutants."""
    return [
        test
        for test in _find(*args, **options)
        if "__mutmut_" not in test.name or test.name.endswith("__mutmut_orig")
    ]


doctest.DocTestFinder.find = _find_once


def make_mutants(folder, modules):
    """Write the engine with its mutants.

    :return: of each mutant, by its name: module, function, what it changes
    """
    mutants = {}
    for path in (folder / "source").glob("*.py"):
        source = path.read_text()
        target = folder / "engine" / path.name
        target.parent.mkdir(exist_ok=True)
        if path.stem not in modules:
            target.write_text(source)
            continue
        made = folder / "made" / f"{path.stem}-{_digest(source.encode())}"
        if not made.exists():
            made.parent.mkdir(exist_ok=True)
            made.write_text(json.dumps(_mutate(path, source), ensure_ascii=False))
        code, found = json.loads(made.read_text())
        target.write_text(code)
        mutants |= found
    return mutants


def _mutate(path, source):
    """Return the code with the mutants of a module, and what they are."""
    made = mutate_file_contents(str(path), source)
    lines = made.code.splitlines()
    mutants, seen = {}, Counter()
    for name in made.mutant_names:
        whole = re.sub(r"__mutmut_\d+$", "__mutmut_orig", name)
        old, new = _difference(
            *(
                [line.replace(key, "") for line in lines[span.start - 1 : span.end]]
                for key in (whole, name)
                for span in [made.line_span_by_function_name[key]]
            )
        )
        function = whole.partition("__mutmut_")[0]
        seen[function, old, new] += 1
        mutants[f"engine.{path.stem}.{name}"] = {
            "module": path.stem,
            "function": re.sub("^x_|^xǁ", "", function).replace("ǁ", "."),
            "old": old,
            "new": new,
            "number": seen[function, old, new],
        }
    return made.code, mutants


def _digest(*parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def _difference(old, new):
    """Return the lines that differ of two functions, without their margin."""
    changes = [
        line
        for line in difflib.unified_diff(old, new, lineterm="", n=0)
        if not line.startswith(("---", "+++", "@@"))
    ]
    return (
        "\n".join(line[1:].strip() for line in changes if line[0] == sign)
        for sign in "-+"
    )


def key_of(mutant):
    """Return what a mutant is known by when code around it has changed."""
    return tuple(
        mutant[name] for name in ("module", "function", "old", "new", "number")
    )


class Judge:
    """Runs every test once, then every mutant that is not known."""

    def __init__(self, mutants, path, digest):
        self.mutants, self.path, self.digest = mutants, path, digest
        known = json.loads(path.read_text()) if path.exists() else {"mutants": {}}
        others = {key_of(found): found for found in known["mutants"].values()}
        for mutant in mutants.values():
            found = others.get(key_of(mutant), {})
            mutant["by"] = found.get("by", "")
            # other code or other tests: all is asked again, what failed before first
            same = known.get("digest") == digest
            mutant["result"] = found.get("result", "") if same else ""
        kept = known["mutants"] if known.get("digest") == digest else {}
        self.kept = {name: kept[name] for name in kept if name not in mutants}

    @pytest.hookimpl
    def pytest_runtestloop(self, session):
        """In place of pytest's own loop."""
        touching, seconds = self._run_all(session.items)
        left = [name for name, found in self.mutants.items() if not found["result"]]
        print(
            f"   {len(self.mutants)} mutants, {len(left)} to be judged",
            file=OUT,
            flush=True,
        )
        noted = time.monotonic()
        for count, name in enumerate(left, 1):
            mutant = self.mutants[name]
            tests = sorted(
                touching[name.partition("__mutmut_")[0]],
                key=lambda item: (item.nodeid != mutant["by"], seconds[item]),
            )
            limit = SECONDS + 4 * sum(seconds[item] for item in tests)
            mutant["result"], mutant["by"] = _judge(name, tests, limit)
            if time.monotonic() - noted > PAUSE or count == len(left):
                noted = time.monotonic()
                self._note()
                print(f"   {count} of {len(left)} judged", file=OUT, flush=True)
        return True

    def _run_all(self, items):
        """Return the tests that come to each function, and what each test takes."""
        touching, seconds = defaultdict(list), {}
        _be("stats")
        for item in items:
            state()._stats.clear()
            start = time.process_time()
            if _fails(item):
                pytest.exit(f"{item.nodeid} fails as it is", returncode=2)
            seconds[item] = time.process_time() - start
            for function in state()._stats:
                touching[function].append(item)
        _be("")
        print(
            f"   {len(items)} tests, {sum(seconds.values()):.0f} s",
            file=OUT,
            flush=True,
        )
        return touching, seconds

    def _note(self):
        work = self.path.with_suffix(".part")
        found = {"digest": self.digest, "mutants": self.kept | self.mutants}
        work.write_text(json.dumps(found, indent=1, ensure_ascii=False))
        work.replace(self.path)


def _be(mutant):
    """Let the engine be this mutant, or ``stats`` to note what is called."""
    global _active
    _active = mutant


def _fails(item):
    """Run a test without pytest's report of it, which takes longer than the test."""
    setup = item.session._setupstate
    try:
        setup.setup(item)
        item.runtest()
    except BaseException:
        return True
    finally:
        setup.teardown_exact(None)
    return False


def _judge(name, tests, limit):
    """Return whether a test fails with the mutant, and which.

    :return: ``killed``, ``endless``, ``survived`` or ``untouched``, and the test's name
    """
    if not tests:
        return "untouched", ""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _be_mutant(name, tests, int(limit) + 1, writing)
    os.close(writing)
    with open(reading) as answer:
        by = answer.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) not in (signal.SIGXCPU, signal.SIGKILL):
            pytest.exit(f"{name} ended by signal {os.WTERMSIG(status)}", returncode=2)
        return "endless", ""
    return ("killed" if by else "survived"), by


def _be_mutant(name, tests, limit, writing):
    """Run the tests as the mutant, in the fork; never returns."""
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    _be(name)
    by = next((item.nodeid for item in tests if _fails(item)), "")
    os.write(writing, by.encode())
    os._exit(0)


def main(folder, *modules):
    """Judge the mutants of these modules; return pytest's exit code."""
    folder = Path(folder).resolve()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    files = sorted(
        path
        for name in ("source", "tests", "tools")
        for path in (folder / name).rglob("*")
        if path.suffix != ".pyc" and path.is_file()
    )
    digest = _digest(*(path.read_bytes() for path in (Path(__file__), *files)))
    all_modules = [path.stem for path in (folder / "source").glob("*.py")]
    mutants = make_mutants(folder, set(modules or all_modules))
    order = list(modules) or sorted(all_modules)
    mutants = dict(
        sorted(mutants.items(), key=lambda pair: order.index(pair[1]["module"]))
    )
    judge = Judge(mutants, folder / "mutants.json", digest)
    arguments = ["-q", "-k", NOT_RUN, "--hypothesis-profile=mutation"]
    # hypothesis is here before pytest could look at it
    arguments += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return pytest.main([*arguments, "tests/engine"], plugins=[judge])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
