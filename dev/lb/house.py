"""The check that holds the house: rooms that call one way, and no crowd in any.

It reads the addon's ``models/`` (and ``wizards/``, where they are in rooms) as syntax
trees and holds them against the plan (``house_plan.py``); Odoo is not needed. What it
cannot see: fields, and names that are put together at run time.
"""

import ast
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .house_plan import PLAN
from .paths import ADDON, CLONE
from .say import say

PAGE = CLONE / "docs/house.md"

#: What stands above the models, in folders and modules of the addon.
ABOVE = {"controllers", "hooks", "reports", "tests", "wizards"}
#: Methods that return records of the model they are called on.
SAME_MODEL = set(
    """browse concat copy create exists filtered filtered_domain new search sorted sudo
    try_lock_for_update union with_company with_context with_env with_prefetch with_user
    """.split()
)
#: Methods whose lambda gets records of the model they are called on.
TAKE_RECORDS = {"filtered", "grouped", "mapped", "sorted"}


@dataclass(frozen=True, order=True)
class Finding:
    """What is not as planned, where, and what to do."""

    path: Path
    line: int
    sentence: str

    def __str__(self):
        path = self.path
        if path.is_relative_to(CLONE):
            path = path.relative_to(CLONE)
        return f"{path}:{self.line}: {self.sentence}"


@dataclass
class File:
    """A module of the addon; its room is empty where it stands outside of any."""

    path: Path
    inside: str  #: "models/bill/account_move.py"
    folder: str  #: "models" or "wizards"
    room: str
    name: str  #: below its room, without suffix
    text: str
    tree: ast.Module

    @property
    def label(self):
        """Name of the room as the tables have it."""
        return self.room if self.folder == "models" else f"wizards/{self.room}"

    @cached_property
    def nodes(self):
        """All of its syntax tree."""
        return list(ast.walk(self.tree))


@dataclass
class Opening:
    """A class that opens a model."""

    file: File
    model: str
    parents: list
    node: ast.ClassDef
    methods: dict = field(default_factory=dict)  #: name: the Method


@dataclass
class Method:
    """A method of a model, or of a class beside the models."""

    file: File
    model: str
    name: str
    line: int
    overrides: bool  #: whether it calls the same method of super()


class House:
    """The addon's rooms, read once.

    :param Path addon: the folder that has ``models/``
    :param Plan plan: the rooms, and what is excepted
    """

    def __init__(self, addon, plan):
        self.addon, self.plan = addon, plan
        self.level = {room: number for number, room in enumerate(plan.rooms)}
        self.files = [
            self._read(path, folder)
            for folder in ("models", "wizards")
            for path in sorted((addon / folder).rglob("*.py"))
            if path.name != "__init__.py"
        ]
        self.openings = []
        self.methods = defaultdict(list)
        self.parents = defaultdict(set)
        self.founded = {}
        for file in self.files:
            for node in file.nodes:
                if isinstance(node, ast.ClassDef):
                    self._read_class(file, node)
        self.findings = []
        #: Exceptions that something needs, by table.
        self.used = defaultdict(set)
        #: Imports and calls that run up, by label of the room.
        self.imports_up, self.calls_up = defaultdict(int), defaultdict(int)

    # --- reading

    def _read(self, path, folder):
        inside = path.relative_to(self.addon)
        rooms = inside.parts[1:-1]
        name = "/".join([*rooms[1:], path.stem])
        room, text = (*rooms, "")[0], path.read_text()
        tree = ast.parse(text, str(path))
        return File(path, inside.as_posix(), folder, room, name, text, tree)

    def _read_class(self, file, node):
        given = {}
        for statement in node.body:
            if isinstance(statement, ast.Assign):
                name = getattr(statement.targets[0], "id", None)
                if name in ("_name", "_inherit"):
                    given[name] = _literal(statement.value)
        parents = given.get("_inherit") or []
        parents = [parents] if isinstance(parents, str) else list(parents)
        model = given.get("_name") or (parents[0] if parents else None)
        opening = Opening(file, model, parents, node)
        for method in node.body:
            if isinstance(method, ast.FunctionDef):
                name = method.name
                found = Method(file, model, name, method.lineno, _calls_super(method))
                opening.methods[name] = found
                self.methods[name].append(found)
        if model:
            self.openings.append(opening)
            self.parents[model] |= {*parents} - {model}
            if model not in parents:
                self.founded[model] = file

    # --- the rules

    def check(self):
        """Return the findings, by file and line."""
        self.findings = []
        self._check_rooms()
        for file in self.files:
            self._check_imports(file)
            if file.folder == "models" and file.room in self.level:
                self._check_calls(file)
        self._check_openings()
        self._check_overrides()
        self._check_tests()
        self._check_exceptions()
        return sorted(set(self.findings))

    def _find(self, path, line, sentence):
        self.findings.append(Finding(path, line, sentence))

    def _check_rooms(self):
        """Every model is in a room of the plan, loaded in its order, none too full."""
        for file in self.files:
            if file.folder == "models" and not file.room:
                self._find(file.path, 1, "stands in no room: move it into one.")
            elif file.room and file.room not in self.level:
                self._find(
                    file.path, 1, f"{file.room} is not in the plan: add it to ROOMS."
                )
        init = self.addon / "models/__init__.py"
        loaded = [
            (alias.name, node.lineno)
            for node in ast.parse(init.read_text()).body
            if isinstance(node, ast.ImportFrom) and node.level == 1
            for alias in node.names
        ]
        rooms = [room for room in self.level if (self.addon / "models" / room).is_dir()]
        if [name for name, _line in loaded] != rooms:
            line = loaded[0][1] if loaded else 1
            order = ", ".join(rooms)
            self._find(init, line, f"load the rooms in the plan's order: {order}.")
        for folder, names in self._by_folder().items():
            if len(names) > self.plan.files_a_room:
                self._find(
                    folder / "__init__.py",
                    1,
                    f"{len(names)} files, {self.plan.files_a_room} are the most: make "
                    "two rooms of it, or join files that tell one thing.",
                )

    def _by_folder(self):
        """Return what each room holds. The folder of a registry counts as one file of its
        room, and is counted by itself."""
        result = defaultdict(set)
        for file in self.files:
            if file.room not in self.level:
                continue
            folder = self.addon / file.folder / file.room
            registry, _, entry = file.name.partition("/")
            if entry and (file.room, registry) in self.plan.registries:
                self.used["registries"].add((file.room, registry))
                result[folder].add(registry)
                result[folder / registry].add(entry)
            else:
                result[folder].add(file.name)
        return result

    def _by_label(self):
        """Return the files of each room, in the plan's order."""
        result = defaultdict(list)
        for file in self.files:
            if file.room in self.level:
                result[file.label].append(file)
        rooms = list(self.level)
        order = [*rooms, *(f"wizards/{room}" for room in rooms)]
        return {label: result[label] for label in order if label in result}

    def _check_imports(self, file):
        for node in file.nodes:
            if not isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            for target in sorted(self._targets(file, node)):
                if sentence := self._judge_import(file, target):
                    self.imports_up[file.label] += 1
                    self._unless("imports", (file.inside, target), file, node, sentence)

    def _targets(self, file, node):
        """Return the addon's modules that this statement imports from."""
        root = ["odoo", "addons", self.addon.name]
        if isinstance(node, ast.Import):
            found = [alias.name.split(".") for alias in node.names]
        else:
            here = [*root, *file.inside.split("/")[:-1]]
            base = here[: len(here) + 1 - node.level] if node.level else []
            base += node.module.split(".") if node.module else []
            found = [base]
            if base[: len(root)] == root and base[len(root) :] in (
                [],
                ["models"],
                ["wizards"],
            ):
                found = [[*base, alias.name] for alias in node.names]
        return {".".join(path[3:]) for path in found if path[:3] == root and path[3:]}

    def _judge_import(self, file, target):
        """Return what to do where this import runs up, else nothing."""
        folder, *rest = target.split(".")
        if folder == file.folder:
            own, other = self.level.get(file.room), self.level.get((*rest, "")[0])
            if own is not None and other is not None and other > own:
                return (
                    f"imports from {rest[0]}, a room above: move what both need down "
                    f"to {file.room}."
                )
        elif file.folder == "models" and folder in ABOVE:
            return (
                f"imports from {folder}, which stand above the models: move what both "
                f"need down to {file.room or 'a room'}."
            )
        return None

    def _check_calls(self, file):
        models = {id(o.node): o.model for o in self.openings if o.file is file}
        pieces = [
            (piece, models.get(id(node)))
            for node in file.tree.body
            for piece in (node.body if isinstance(node, ast.ClassDef) else [node])
        ]
        for code, model in pieces:
            scope = Scope(code, model)
            for node in scope.nodes:
                if name := _get_env_model(node):
                    self._check_model(file, node, name)
                elif isinstance(node, ast.Attribute) and not _is_super(node.value):
                    self._check_call(file, node, scope.model_of(node.value))

    def _check_model(self, file, node, model):
        """``self.env["a model"]`` of a higher room."""
        other = self.founded.get(model)
        if other and other.folder == "models" and self._is_above(other, file):
            self.calls_up[file.label] += 1
            self._unless(
                "calls",
                (file.inside, model),
                file,
                node,
                f"asks for {model} of {other.room}, a room above: declare a hook in "
                f"{file.room} for {other.room} to extend.",
            )

    def _check_call(self, file, node, receiver):
        """``x.name``, whether called here or handed on to be called."""
        name = node.attr
        if name not in self.methods:
            return
        home = self.founded.get(receiver)
        if home and home.folder == "models" and self._is_above(home, file):
            return  # said of the model already
        if receiver:
            methods = self._methods_of(receiver, name)
        elif name.startswith("action_") or (name[0] == "_" and name[1] != "_"):
            methods = [] if self._is_of_core(name) else self.methods[name]
        else:
            methods = []  # a public name: any object may have one of it
        if not methods or all(method.overrides for method in methods):
            return
        if all(self._is_above(method.file, file) for method in methods):
            rooms = sorted({m.file.room for m in methods}, key=self.level.get)
            where = " and ".join(rooms)
            self.calls_up[file.label] += 1
            self._unless(
                "calls",
                (file.inside, name),
                file,
                node,
                f"calls {name} of {where}, a room above: declare a hook in {file.room} "
                f"for {rooms[0]} to extend, or move the method down.",
            )

    def _is_above(self, other, file):
        """Whether a file stands in a higher room; a wizard without room never does."""
        return self.level.get(other.room, -1) > self.level[file.room]

    def _methods_of(self, model, name):
        """Return what the house defines of this name on a model and what it inherits.

        Where that is nothing, what those define that inherit from it: an abstract
        model calls them.
        """
        line = {model}
        while more := {up for low in line for up in self.parents[low]} - line:
            line |= more
        methods = self.methods[name]
        found = [method for method in methods if method.model in line]
        return found or [m for m in methods if model in self.parents.get(m.model, ())]

    def _is_of_core(self, name):
        """Whether core defines it: named so, or a model only ever overrides it."""
        return name in self.plan.core or any(
            all(method.overrides for method in self._methods_of(model, name))
            for model in {method.model for method in self.methods[name]} - {None}
        )

    def _check_openings(self):
        found = defaultdict(dict)
        for opening in self.openings:
            file = opening.file
            if file.room not in self.level:
                continue
            places = found[file.label, opening.model]
            if file.name in places:
                self._find(
                    file.path,
                    opening.node.lineno,
                    f"opens {opening.model} twice in one file: join the classes.",
                )
            else:
                places[file.name] = (file.path, opening.node.lineno)
        for key, places in found.items():
            (room, model), own = key, key[1].replace(".", "_")
            for place, first in self._get_spare("files", key, places, own):
                self._find(
                    *place,
                    f"opens {model} again, {first} of {room} does already: join them, "
                    "or name its topic in FILES.",
                )
            if len(places) > self.plan.files_a_model:
                if key in self.plan.crowded:
                    self.used["crowded"].add(key)
                    continue
                self._find(
                    *min(places.values()),
                    f"{room} opens {model} in {len(places)} files, "
                    f"{self.plan.files_a_model} are the most: join files that tell one "
                    "thing, or say why not in CROWDED.",
                )

    def _check_overrides(self):
        for key, places in self._overridden().items():
            room, model, method = key
            for place, first in self._get_spare("overrides", key, places):
                self._find(
                    *place,
                    f"overrides {method} of {model} again, {first} of {room} does "
                    "already: join them, or say why not in OVERRIDES.",
                )

    def _overridden(self):
        """Return, by room, model and method, the files that override it."""
        found = defaultdict(dict)
        for opening in self.openings:
            file = opening.file
            if file.room not in self.level:
                continue
            for name, method in opening.methods.items():
                if method.overrides:
                    key = (file.label, opening.model, name)
                    found[key][file.name] = (file.path, method.line)
        return found

    def _get_spare(self, table, key, places, own=None):
        """Return the places that neither are the first nor are named in the table.

        :param str table: "files" or "overrides"
        :param tuple key: of the table
        :param dict places: where it is done, by file
        :param str own: the file that is the first whatever the table says
        :return: pairs of the place and the first file
        """
        named = getattr(self.plan, table).get(key, {})
        free = [name for name in places if name not in named]
        first = own if own in places else (free or sorted(places))[0]
        if len(places) > 1:
            self.used[table] |= {(key, name) for name in named if name in places} - {
                (key, own)
            }
        return [(places[name], first) for name in free if name != first]

    def _unless(self, table, key, file, node, sentence):
        """Note a finding, unless the table has an exception for it."""
        if key in getattr(self.plan, table):
            self.used[table].add(key)
        else:
            self._find(file.path, node.lineno, sentence)

    def _check_tests(self):
        """Odoo runs the tests that are imported, and says nothing of the others."""
        for path in sorted((self.addon / "tests").rglob("test_*.py")):
            init = path.parent / "__init__.py"
            if not init.exists():
                continue  # of the engine: pytest finds them
            names = {
                alias.name
                for node in ast.walk(ast.parse(init.read_text()))
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            if path.stem not in names:
                self._find(
                    path, 1, f"is not run: import {path.stem} in the __init__.py there."
                )

    def _check_exceptions(self):
        """What the plan excepts without need."""
        plan = self.plan
        for name in ("files", "overrides"):
            for key, files in getattr(plan, name).items():
                for file in files:
                    if (key, file) not in self.used[name]:
                        self._find_unused(name, *key, file)
        for name in ("crowded", "calls", "imports", "registries"):
            for key in getattr(plan, name).keys() - self.used[name]:
                self._find_unused(name, *key)

    def _find_unused(self, table, *words):
        self._find(
            self.plan.path,
            _line_of(self.plan.path, f"{table.upper()} = ", *words),
            f"{table.upper()} excepts {', '.join(words)}, which needs it no more: take "
            "the exception out.",
        )

    # --- the figures

    def figures(self):
        """Return, by room, what its table row says."""
        overridden = self._overridden()
        result = {}
        for label, files in self._by_label().items():
            models = {o.model for o in self.openings if o.file.label == label}
            result[label] = (
                len(files),
                sum(len(file.text.splitlines()) for file in files),
                len(models),
                sum(key[0] == label for key in overridden),
                self.calls_up[label],
                self.imports_up[label],
            )
        return result


class Scope:
    """A piece of code, and of which model its local names are records, where plain."""

    def __init__(self, code, model):
        self.nodes = list(ast.walk(code))
        self.own = model
        self.values = defaultdict(list)
        plain = {}  #: what is bound: the records it is, or is one of
        for node in self.nodes:
            match node:
                case (
                    ast.Assign(targets=[ast.Name() as target], value=value)
                    | ast.AugAssign(target=ast.Name() as target, value=value)
                    | ast.NamedExpr(target=ast.Name() as target, value=value)
                    | ast.For(target=ast.Name() as target, iter=value)
                    | ast.comprehension(target=ast.Name() as target, iter=value)
                ):
                    plain[id(target)] = value
                case ast.Call(
                    func=ast.Attribute(value=value, attr=attr),
                    args=[ast.Lambda(args=ast.arguments(args=[target]))],
                ) if attr in TAKE_RECORDS:
                    plain[id(target)] = value
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.values[node.id].append(plain.get(id(node)))
            elif isinstance(node, ast.arg) and node.arg != "self":
                self.values[node.arg].append(plain.get(id(node)))

    def model_of(self, node, asked=()):
        """Return the name of the model this expression has records of, or nothing."""
        if model := _get_env_model(node):
            return model
        match node:
            case ast.Name(id=name):
                return ASKED if name in asked else self._model_of_name(name, asked)
            case ast.Call(func=ast.Attribute(value=value, attr=attr)):
                return self.model_of(value, asked) if attr in SAME_MODEL else None
            case ast.Subscript(value=value, slice=ast.Slice() | ast.UnaryOp()):
                return self.model_of(value, asked)
            case ast.BinOp(left=value, op=ast.BitOr() | ast.BitAnd() | ast.Sub()):
                return self.model_of(value, asked)
            case ast.Attribute(value=ast.Attribute(attr="env"), attr="user"):
                return "res.users"
            case ast.Attribute(value=ast.Attribute(attr="env"), attr="company"):
                return "res.company"
        return None

    def _model_of_name(self, name, asked):
        models = {self.model_of(value, (*asked, name)) for value in self.values[name]}
        if name == "self":
            models.add(self.own)
        models.discard(ASKED)
        return models.pop() if len(models) == 1 else None


#: A name that is bound to something made of itself: ``self = self.sudo()``.
ASKED = "asked"


def _literal(node):
    """Return the value of a constant, or of a list or tuple of constants."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _is_super(node):
    """Whether this is ``super()``, with arguments or without."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "super"


def _calls_super(method):
    """Whether a method calls the same method of ``super()``."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and _is_super(node.value)
        for node in ast.walk(method)
    )


def _get_env_model(node):
    """Return the name in ``self.env["name"]``, or in ``env["name"]``."""
    match node:
        case ast.Subscript(
            value=ast.Attribute(attr="env") | ast.Name(id="env"),
            slice=ast.Constant(value=str(name)),
        ):
            return name
    return None


def _line_of(path, *words):
    """Return the line of a text where these words stand, each after the one before."""
    text = path.read_text().splitlines()
    number = 0
    for word in words:
        later = (line for line in range(number, len(text)) if word in text[line])
        number = next(later, None)
        if number is None:
            return 1
    return number + 1


# --- the page


def render(house):
    """Return what docs/house.md has between its markers, by name."""
    plan = house.plan
    rooms = "\n".join(f"| `{room}` | {text} |" for room, text in plan.rooms.items())
    return {
        "map": f"| room | what it is about |\n| --- | --- |\n{rooms}",
        "figures": _render_figures(house.figures()),
        "exceptions": _render_exceptions(plan),
    }


HEADS = ("files", "lines", "models", "overrides", "calls up", "imports up")


def _add_up(figures):
    """Return the sum over the rooms; models count in each room that opens them."""
    return [sum(column) for column in zip(*figures.values(), strict=True)]


def _render_figures(figures):
    rows = [
        f"| `{room}` | {' | '.join(map(str, row))} |" for room, row in figures.items()
    ]
    return "\n".join(
        [
            f"| room | {' | '.join(HEADS)} |",
            f"| --- |{' ---: |' * len(HEADS)}",
            *rows,
            f"| all | {' | '.join(map(str, _add_up(figures)))} |",
        ]
    )


def _render_exceptions(plan):
    parts = ["### Models in several files of a room"]
    for (room, model), files in plan.files.items():
        why = plan.crowded.get((room, model))
        more = f": {why}" if why else ""
        parts.append(f"`{room}`, {model}{more}")
        parts.append("\n".join(f"- `{name}`: {text}" for name, text in files.items()))
    parts += ["### Methods overridden more than once in a room"]
    parts.append(
        "\n".join(
            f"- `{room}`, `{method}` of {model}, in `{name}` too: {text}"
            for (room, model, method), files in plan.overrides.items()
            for name, text in files.items()
        )
        or "None."
    )
    for title, table in (
        ("Calls that run up", plan.calls),
        ("Imports that run up", plan.imports),
        ("Registries that count as one file", plan.registries),
    ):
        lines = (
            f"- `{file}`, `{name}`: {text}" for (file, name), text in table.items()
        )
        parts += [f"### {title}", "\n".join(lines) or "None."]
    return "\n\n".join(parts)


def _between(name):
    """Return the markers around a part of the page."""
    return f"<!-- {name}: written by dev/odoo house -->\n", f"<!-- end of {name} -->"


def write(house, page=PAGE):
    """Put the map, the figures and the exceptions into the page."""
    text = page.read_text()
    for name, part in render(house).items():
        start, end = _between(name)
        before, rest = text.split(start, 1)
        after = rest.split(end, 1)[1]
        text = f"{before}{start}\n{part}\n\n{end}{after}"
    page.write_text(text)


def _check_page(house):
    """Find parts of the page that are not as the plan; figures are as of their day."""
    text = PAGE.read_text()
    for name, part in render(house).items():
        start, end = _between(name)
        if name != "figures" and f"{start}\n{part}\n\n{end}" not in text:
            sentence = "what follows is not what the plan says: run dev/odoo house."
            yield Finding(PAGE, _line_of(PAGE, start.strip()), sentence)


def _say_figures(figures):
    wide = max(map(len, (*figures, "room")))
    for room, row in {"room": HEADS, **figures, "all": _add_up(figures)}.items():
        cells = (f"{cell:>{len(head)}}" for head, cell in zip(HEADS, row, strict=True))
        say(f"   {room:{wide}}  {'  '.join(cells)}")


def house(to_page=False):
    """Say what is not as planned, and the figures; return the exit code.

    :param bool to_page: write docs/house.md too
    """
    rooms = House(ADDON, PLAN)
    findings = rooms.check()
    if to_page:
        write(rooms)
    findings += _check_page(rooms)
    for finding in findings:
        say(finding)
    _say_figures(rooms.figures())
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(house())
