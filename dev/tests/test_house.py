"""Each rule of the house fires, on a small house of two rooms, and only there."""

from dataclasses import replace

import pytest
from lb.house import House, write
from lb.house_plan import Plan

PLAN_TEXT = """
FILES = {
    ("low", "a.model"): {
        "a_model_more": "a topic",
    },
}
CALLS = {
    ("models/low/a_model.py", "_do_high"): "why",
}
"""
LOW = """
from odoo import models

class AModel(models.Model):
    _name = "a.model"

    def _do_low(self):
        return True
"""


@pytest.fixture
def house(tmp_path):
    """Return a function that builds a house of these files, and its findings."""
    plan_path = tmp_path / "plan.py"
    plan_path.write_text(PLAN_TEXT)
    addon = tmp_path / "addon"

    def build(given, /, **plan):
        files = {
            "models/__init__.py": "from . import low\nfrom . import high\n",
            "models/low/__init__.py": "",
            "models/high/__init__.py": "",
            "models/low/a_model.py": LOW,
            **given,
        }
        for name, text in files.items():
            path = addon / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        rooms = {"low": "the ground", "high": "what stands on it"}
        return House(addon, replace(Plan(rooms, path=plan_path), **plan))

    return build


@pytest.fixture
def findings(house):
    """Return a function that builds a house and returns what is found, as text."""

    def find(given, /, **plan):
        found = house(given, **plan).check()
        return [
            f"{finding.path.name}:{finding.line}: {finding.sentence}"
            for finding in found
        ]

    return find


def model(name, *methods, base="_inherit"):
    """Return the text of a model; its class is in line 1, its methods from line 3."""
    body = "\n".join(f"    {line}" for line in methods)
    return f'class Some(models.Model):\n    {base} = "{name}"\n{body}\n'


def override(name):
    return f"def {name}(self): return super().{name}()"


HIGH = model("a.model", "def _do_high(self): return 1", "def action_high(self): pass")


def test_a_house_in_order_has_no_findings(findings):
    high = model("a.model", "def _do_high(self): return self._do_low()")
    assert findings({"models/high/a_model.py": high}) == []


# --- imports


@pytest.mark.parametrize(
    "statement",
    [
        "from ..high.reasons import REASONS",
        "from ..high import reasons",
        "from .. import high",
        "from odoo.addons.addon.models.high.reasons import REASONS",
        "import odoo.addons.addon.models.high",
        "def later():\n    from ..high.reasons import REASONS",
    ],
)
def test_an_import_from_a_higher_room_is_found(findings, statement):
    (found,) = findings({"models/low/user.py": statement})
    assert "imports from high, a room above: move what both need down to low" in found
    assert found.startswith(f"user.py:{1 + statement.count(chr(10))}:")


def test_imports_downwards_are_fine(findings):
    text = "from ..low.a_model import AModel\nfrom .reasons import REASONS\n"
    text += "from ...tools import notify\nfrom ... import engine\n"
    assert findings({"models/high/user.py": text}) == []


def test_models_import_no_wizards(findings):
    text = "def later():\n    from ...wizards.a_wizard import OPTIONS\n"
    (found,) = findings({"models/low/user.py": text})
    assert found.startswith("user.py:2: imports from wizards, which stand above")


def test_wizards_import_models_of_any_room(findings):
    text = "from ...models.high.reasons import REASONS\n"
    assert findings({"wizards/low/a_wizard.py": text}) == []


# --- calls


@pytest.mark.parametrize(
    "call",
    [
        "self._do_high()",
        "records._do_high()",
        "self.action_high()",
        "self.mapped(lambda record: record._do_high())",
        "{'cure': self._do_high}",
        "self.env['a.model'].browse(1)._do_high()",
    ],
)
def test_a_call_of_a_higher_rooms_method_is_found(findings, call):
    low = model("a.model", f"def action_low(self, records): return {call}")
    (found,) = findings(
        {
            "models/low/a_model.py": low.replace("_inherit", "_name"),
            "models/high/a_model.py": HIGH,
        }
    )
    assert found.startswith("a_model.py:3: calls ")
    assert "of high, a room above: declare a hook in low for high to extend" in found


def test_a_hook_of_the_lower_room_makes_the_call_fine(findings):
    low = LOW + "\n    def _hook(self): return 1\n    def _x(self): self._hook()\n"
    high = model("a.model", override("_hook"))
    assert not findings({"models/low/a_model.py": low, "models/high/a_model.py": high})


def test_methods_of_core_are_fine(findings):
    low = (
        LOW + "\n    def _x(self, moves):\n        moves._post()\n        moves._load()"
    )
    high = model("account.move", override("_post"))
    more = model("b.model", "def _load(self): return 1", base="_name")
    files = {
        "models/low/a_model.py": low,
        "models/high/account_move.py": high,
        "models/high/b_model.py": more,
    }
    assert findings(files, core={"_load"}) == []
    (found,) = findings(files)
    assert "calls _load of high" in found


def test_a_method_of_the_same_name_on_another_model_hides_nothing(findings):
    low = LOW + "\n    def _x(self):\n        records = self.sudo()\n"
    low += "        for record in records:\n            record._open()\n"
    other = model("b.model", "def _open(self): return 1", base="_name")
    high = model("a.model", "def _open(self): return 1")
    (found,) = findings(
        {
            "models/low/a_model.py": low,
            "models/low/b_model.py": other,
            "models/high/a_model.py": high,
        }
    )
    assert "calls _open of high" in found


def test_a_method_of_the_same_name_on_another_model_is_no_false_alarm(findings):
    low = LOW + "\n    def _x(self):\n        return self.env['a.window']._open()\n"
    window = model("a.window", "def _open(self): return 1", base="_name")
    high = model("b.model", "def _open(self): return 1", base="_name")
    files = {
        "models/low/a_model.py": low,
        "models/high/b_model.py": high,
        "wizards/a_window.py": window,
    }
    assert findings(files) == []


def test_asking_for_a_model_of_a_higher_room_is_found_once(findings):
    low = LOW + "\n    def _x(self):\n        return self.env['b.model']._work()\n"
    high = model("b.model", "def _work(self): return 1", base="_name")
    (found,) = findings({"models/low/a_model.py": low, "models/high/b_model.py": high})
    assert "asks for b.model of high, a room above" in found


def test_an_abstract_model_calls_what_lower_models_define(findings):
    low = model("a.mixin", "def _x(self): return self._hook()", base="_name")
    text = 'class B(models.Model):\n    _name = "b"\n    _inherit = ["a.mixin"]\n'
    text += "    def _hook(self): return 1\n"
    files = {"models/low/a_mixin.py": low, "models/low/b.py": text}
    assert findings(files) == []
    files = {"models/low/b.py": "", "models/high/b.py": text}
    (found,) = findings({"models/low/a_mixin.py": low, **files})
    assert "calls _hook of high" in found


# --- openings


def test_a_second_opening_in_a_room_is_found(findings):
    files = {"models/low/a_model_more.py": model("a.model")}
    (found,) = findings(files)
    assert found.startswith("a_model_more.py:1: opens a.model again, a_model of low")
    table = {("low", "a.model"): {"a_model_more": "a topic"}}
    assert findings(files, files=table) == []


def test_two_openings_in_one_file_are_found(findings):
    text = model("b.model", base="_name") + model("b.model")
    (found,) = findings({"models/high/b_model.py": text})
    assert found == "b_model.py:4: opens b.model twice in one file: join the classes."


def test_each_room_may_open_a_model(findings):
    assert findings({"models/high/a_model.py": model("a.model")}) == []


def test_more_than_five_files_of_a_model_are_found(findings):
    names = [f"a_model_{number}" for number in range(5)]
    files = {f"models/low/{name}.py": model("a.model") for name in names}
    table = {("low", "a.model"): dict.fromkeys(names, "a topic")}
    (found,) = findings(files, files=table)
    assert "low opens a.model in 6 files, 5 are the most" in found
    crowded = {("low", "a.model"): "six topics"}
    assert findings(files, files=table, crowded=crowded) == []


# --- overrides


def test_a_second_override_of_a_method_in_a_room_is_found(findings):
    files = {
        "models/high/a_model.py": model("a.model", override("write")),
        "models/high/a_model_more.py": model("a.model", override("write")),
    }
    table = {("high", "a.model"): {"a_model_more": "a topic"}}
    (found,) = findings(files, files=table)
    assert found.startswith("a_model_more.py:3: overrides write of a.model again")
    overrides = {("high", "a.model", "write"): {"a_model_more": "why"}}
    assert findings(files, files=table, overrides=overrides) == []


def test_super_with_arguments_is_an_override_too(house):
    text = model("a.model", "def write(self, vals): super(Some, self.sudo()).write(1)")
    rooms = house({"models/high/a_model.py": text})
    assert rooms.check() == []
    assert rooms.figures()["high"][3] == 1


# --- rooms


def test_a_room_too_full_is_found(findings):
    files = {f"models/high/file_{number}.py": "" for number in range(25)}
    assert findings(files) == []
    (found,) = findings({**files, "models/high/one_more.py": ""})
    assert found.startswith("__init__.py:1: 26 files, 25 are the most")


def test_the_folder_of_a_registry_counts_as_one_file(findings):
    files = {f"models/high/file_{number}.py": "" for number in range(24)}
    files |= {f"models/high/kinds/kind_{number}.py": "" for number in range(25)}
    registries = {("high", "kinds"): "kinds, all of one form"}
    assert findings(files, registries=registries) == []
    (found,) = findings(
        {**files, "models/high/kinds/more.py": ""}, registries=registries
    )
    assert found.startswith("__init__.py:1: 26 files, 25 are the most")


def test_a_folder_that_is_no_registry_counts_by_its_files(findings):
    files = {f"models/high/file_{number}.py": "" for number in range(24)}
    files |= {f"models/high/more/file_{number}.py": "" for number in range(2)}
    (found,) = findings(files)
    assert found.startswith("__init__.py:1: 26 files, 25 are the most")


def test_a_registry_that_is_none_is_found(findings):
    (found,) = findings({}, registries={("low", "kinds"): "why"})
    assert "REGISTRIES excepts low, kinds, which needs it no more" in found


def test_a_test_that_nobody_imports_is_found(findings):
    files = {
        "tests/high/__init__.py": "from . import test_one\n",
        "tests/high/test_one.py": "",
        "tests/engine/test_pure.py": "",
    }
    assert findings(files) == []
    (found,) = findings({**files, "tests/high/test_two.py": ""})
    assert found == (
        "test_two.py:1: is not run: import test_two in the __init__.py there."
    )


def test_a_model_outside_the_rooms_is_found(findings):
    found = findings({"models/lost.py": "", "models/attic/old.py": ""})
    assert found == [
        "old.py:1: attic is not in the plan: add it to ROOMS.",
        "lost.py:1: stands in no room: move it into one.",
    ]


def test_rooms_are_loaded_in_the_plans_order(findings):
    text = "from . import high\nfrom . import low\n"
    (found,) = findings({"models/__init__.py": text})
    assert found == "__init__.py:1: load the rooms in the plan's order: low, high."


# --- exceptions


def test_an_excepted_call_is_fine(findings):
    files = {
        "models/low/a_model.py": LOW + "\n    def _x(self): self._do_high()\n",
        "models/high/a_model.py": HIGH,
    }
    calls = {("models/low/a_model.py", "_do_high"): "why"}
    assert findings(files, calls=calls) == []


def test_exceptions_that_nothing_needs_are_found(findings):
    found = findings(
        {},
        files={("low", "a.model"): {"a_model_more": "a topic"}},
        crowded={("low", "a.model"): "six topics"},
        overrides={("low", "a.model", "write"): {"a_model": "why"}},
        calls={("models/low/a_model.py", "_do_high"): "why"},
        imports={("models/low/a_model.py", "models.high"): "why"},
    )
    assert [text.split(" excepts ")[0] for text in found if "no more" in text] == [
        "plan.py:1: CROWDED",
        "plan.py:1: IMPORTS",
        "plan.py:1: OVERRIDES",
        "plan.py:4: FILES",
        "plan.py:8: CALLS",
    ]


# --- figures and page


def test_figures_count_also_what_is_excepted(house):
    files = {
        "models/low/a_model.py": LOW + "\n    def _x(self): self._do_high()\n",
        "models/high/a_model.py": HIGH,
    }
    rooms = house(files, calls={("models/low/a_model.py", "_do_high"): "why"})
    rooms.check()
    assert rooms.figures() == {"low": (1, 10, 1, 0, 1, 0), "high": (1, 4, 1, 0, 0, 0)}


def test_the_page_is_written_between_its_markers(house, tmp_path):
    page = tmp_path / "house.md"
    parts = ("map", "figures", "exceptions")
    page.write_text(
        "\n".join(
            f"before {part}\n<!-- {part}: written by dev/odoo house -->\nold\n"
            f"<!-- end of {part} -->"
            for part in parts
        )
    )
    rooms = house({})
    rooms.check()
    write(rooms, page)
    once = page.read_text()
    assert "\nold\n" not in once
    assert "before figures" in once
    assert "| `low` | the ground |" in once
    assert "| `low` | 1 | 8 | 1 | 0 | 0 | 0 |" in once
    write(rooms, page)
    assert page.read_text() == once
