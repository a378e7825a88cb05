"""The examples in the engine's docstrings are true, and the engine stands alone."""

import ast
import doctest
import importlib
import pkgutil
import sys
from pathlib import Path

import engine
import pytest

MODULES = [module.name for module in pkgutil.iter_modules(engine.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name):
    module = importlib.import_module(f"engine.{name}")
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_the_engine_imports_the_standard_library_and_itself_only(name):
    source = Path(engine.__path__[0], f"{name}.py").read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = [node.module]
        else:
            continue
        assert {item.split(".")[0] for item in found} <= sys.stdlib_module_names


def test_everything_exported_exists():
    assert all(hasattr(engine, name) for name in engine.__all__)
    assert callable(engine.apportion)
