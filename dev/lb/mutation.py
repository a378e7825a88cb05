"""Change the engine in small ways, and see whether its tests notice: mutmut."""

import ast
import datetime
import json
import os
import re
import shutil
import subprocess

from . import cache, python
from .mutation_answers import ANSWERS, ANY_STRICT, KINDS
from .paths import ADDON, CLONE, DEV, ENGINE_TESTS, STATE, ensure
from .say import Failure, say, step

HOME = DEV / "mutation"
LOCK = HOME / "requirements.txt"
WORK = STATE / "mutation"
PAGE = CLONE / "docs/mutation.md"
#: Of a hundred mutants so many are noticed at the least.
GOAL = 0.95
#: An argument of ``zip`` that is asked for everywhere, with the comma before it.
STRICT = re.compile(r",\s*(?:strict=\w+\s*)?(?=[\s)])")
#: Tests of other things, that need the clone around them.
NOT_COPIED = {"test_access_document.py"}
#: What is judged first, so that an interrupted run knows the money; then the others.
FIRST = (
    "money apportion exact price fees quote elements payers on_account disbursement "
    "plain lines trust arrangement receipts"
).split()
#: Read by mutmut, which makes nothing but the mutants here.
SETTINGS = "[mutmut]\nsource_paths=engine\n"


def _venv():
    """Return the folder of mutmut's environment, which sees the other's packages."""
    path, version = python.interpreter()
    site = python.site_packages()
    name = f"mutation-{cache.digest(LOCK.read_bytes(), path, version, site)}"

    def build(folder):
        with step("Python packages, from dev/mutation/requirements.txt"):
            python.install(path, folder, LOCK)
        own = next((folder / "lib").glob("python3.*/site-packages"))
        (own / "engine_tests.pth").write_text(f"{site}\n")

    return cache.entry(name, build, in_place=True)


def _lay_out():
    """Copy the engine, its tests and what they read."""
    files = {"setup.cfg": SETTINGS.encode()}
    for path in (ADDON / "engine").glob("*.py"):
        files[f"source/{path.name}"] = open_properties(path.read_text()).encode()
    for path in ENGINE_TESTS.rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and path.name not in NOT_COPIED:
            name = f"tests/engine/{path.relative_to(ENGINE_TESTS)}"
            files[name] = path.read_bytes()
    tool = ADDON / "tools/remittance_files.py"
    files["tools/remittance_files.py"] = tool.read_bytes()
    for folder in ("source", "tests", "tools"):
        shutil.rmtree(WORK / folder, ignore_errors=True)
    for name, content in files.items():
        ensure((WORK / name).parent)
        (WORK / name).write_bytes(content)


def open_properties(source):
    """Return the source with properties as methods, for mutmut leaves alone what is
    decorated: ``def get_net`` in the class and, behind all, ``PricedBill.net``."""
    lines = source.splitlines(keepends=True)
    ends = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for method in node.body:
            if not isinstance(method, ast.FunctionDef):
                continue
            if [ast.unparse(d) for d in method.decorator_list] == ["property"]:
                lines[method.decorator_list[0].lineno - 1] = ""
                at = method.lineno - 1
                lines[at] = lines[at].replace(
                    f"def {method.name}(", f"def get_{method.name}(", 1
                )
                ends.append(
                    f"\n{node.name}.{method.name} = "
                    f"property(lambda self: self.get_{method.name}())\n"
                )
    return "".join([*lines, *ends])


def mutation(names=(), fresh=False, report=True):
    """Judge the mutants that are not known yet, and write what became of all.

    :param names: of modules of the engine; empty: all
    :param bool fresh: judge all again although it is known
    :param bool report: write docs/mutation.md, if all are known
    :return: the exit code: whether too many survive, or one that nobody answered
    """
    if fresh:
        shutil.rmtree(WORK, ignore_errors=True)
    _lay_out()
    every = sorted(path.stem for path in (ADDON / "engine").glob("*.py"))
    if unknown := set(names) - set(every):
        raise Failure(f"{unknown} is not one of {', '.join(every)}.")
    order = dict.fromkeys([*FIRST, *every])
    order = [name for name in order if name in (names or every)]
    command = [_venv() / "bin/python", HOME / "judge.py", WORK, *order]
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    command = ["nice", "-n", "19", *map(str, command)]
    if subprocess.run(command, env=env).returncode:
        raise Failure("The mutants were not judged to their end; start again to go on.")
    found = json.loads((WORK / "mutants.json").read_text())["mutants"].values()
    found = [mutant for mutant in found if mutant["module"] in order]
    silent, stale = compare(found, ANSWERS)
    rate = rate_of(found)
    for mutant in silent:
        say(f"   {mutant['module']}.{mutant['function']}: {_change(mutant)}")
    if not names:
        for key in stale:
            say(f"   answered, but killed or gone: {' '.join(map(str, key))}")
        if report:
            PAGE.write_text(page(found, ANSWERS))
            say(f"   the figures are in {PAGE.relative_to(CLONE)}")
    say(
        f"{len(found)} mutants, {rate:.1%} noticed, {len(silent)} survivors not answered"
    )
    return 1 if silent or rate < GOAL else 0


def is_noticed(mutant):
    """Whether a test failed, or the mutant did not come to an end."""
    return mutant["result"] in ("killed", "endless")


def rate_of(mutants):
    """Return the part that is noticed, of none: all."""
    return sum(map(is_noticed, mutants)) / len(mutants) if mutants else 1.0


def compare(mutants, answers):
    """Hold survivors against what is said of them.

    :param answers: (module, function, line, changed line) → (kind, why); a changed line
        of ``None`` stands for every change of the line
    :return: survivors without an answer, and answers without a survivor
    """
    silent, used = [], set()
    for mutant in mutants:
        if is_noticed(mutant):
            continue
        key = answer_key(mutant, answers)
        if key:
            used.add(key)
        else:
            silent.append(mutant)
    return silent, [key for key in answers if key not in used]


def answer_key(mutant, answers):
    """Return under what a survivor is answered, or ``None``."""
    old, new = mutant["old"], mutant["new"]
    if STRICT.sub("", f"{old})") == STRICT.sub("", f"{new})"):
        return ANY_STRICT
    place = mutant["module"], mutant["function"], old
    return next(
        (key for key in ((*place, new), (*place, None)) if key in answers), None
    )


def _change(mutant):
    old, new = (mutant[side].replace("\n", " ⏎ ") for side in ("old", "new"))
    return f"`{old}` → `{new}`"


def page(mutants, answers):
    """Return docs/mutation.md."""
    modules = {}
    for mutant in mutants:
        modules.setdefault(mutant["module"], []).append(mutant)
    rows = [_row(f"`{name}`", modules[name]) for name in sorted(modules)]
    survivors = [mutant for mutant in mutants if not is_noticed(mutant)]
    kinds = {kind: [] for kind in KINDS}
    silent = []
    for mutant in survivors:
        key = answer_key(mutant, answers)
        if key:
            kind, why = answers[key]
            kinds[kind].append((mutant, why))
        else:
            silent.append(mutant)
    parts = []
    for kind, told in kinds.items():
        if told:
            parts.append(f"### {kind}: {len(told)}\n\n{KINDS[kind]}\n\n{_list(told)}\n")
    if silent:
        told = [(mutant, "not answered") for mutant in silent]
        parts.append(f"### Not answered: {len(silent)}\n\n{_list(told)}\n")
    return PAGE_TEXT.format(
        day=datetime.date.today(),
        count=f"{len(mutants):,}",
        rate=f"{rate_of(mutants):.1%}",
        goal=f"{GOAL:.0%}",
        survivors=len(survivors),
        answered=len(survivors) - len(silent),
        open=len(silent),
        rows="\n".join([*rows, _row("**all**", mutants)]),
        parts="\n".join(parts),
    )


def _row(name, mutants):
    counts = [
        sum(mutant["result"] == result for mutant in mutants)
        for result in ("killed", "endless")
    ]
    left = len(mutants) - sum(counts)
    cells = (len(mutants), *counts, left, f"{rate_of(mutants):.1%}")
    return f"| {name} | {' | '.join(map(str, cells))} |"


def _list(told):
    """Return survivors as a list, those of one place and one reason together."""
    places = {}
    for mutant, why in told:
        place = f"`{mutant['module']}.{mutant['function']}`"
        places.setdefault((place, why), []).append(_change(mutant))
    return "\n".join(
        f"- {place}: {why}\n" + "\n".join(f"  - {change}" for change in changes)
        for (place, why), changes in places.items()
    )


PAGE_TEXT = """\
# Mutants of the engine

Would the tests notice if a line of `legal_billing/engine/` were wrong? [mutmut](https://mutmut.readthedocs.io) changes the engine in {count} small ways, one at
a time: another comparison, a step more, an argument left out, a text with other letters. Each of these mutants meets the tests that come to its function. On
{day} **{rate}** were noticed ({goal} is the least); of the {survivors} that survived {answered} are answered below, and {open} are not.

`dev/odoo mutation` (or `make mutation`) makes this page anew, in about a quarter of an hour of one core, and at the lowest priority; interrupted, it goes on
where it stopped. `dev/odoo mutation payers fees` judges these modules alone. It fails when a mutant survives that nobody has answered: write a test that
notices it, or, where it does the same as the engine, a sentence into `dev/lb/mutation_answers.py`.

## How it is measured

mutmut makes the mutants, the tests are those of `dev/odoo test engine`, with 25 examples a property instead of 100 and none made smaller
(`dev/mutation/judge.py`). They are collected once, and each mutant is a fork of that process, so that most are known in a hundredth of a second. What takes
more than five seconds of processor time beyond its tests is a loop without end, and counts as noticed. A mutant that was killed is asked again whenever code or
tests change, the test that killed it first. mutmut leaves alone what is decorated, so properties are judged as methods; constants of modules (the words and
patterns of remittance advices) are not changed by it.

| module | mutants | killed | endless | survived | noticed |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows}

## Survivors

{parts}"""
