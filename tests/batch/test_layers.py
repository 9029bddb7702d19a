"""The packages of the wing import each other in one order only, and nothing imports in a circle."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import portrait_nst.batch

WING = Path(portrait_nst.batch.__file__).parent
BELOW = {
    "storage": set[str](),
    "options": {"storage"},
    "manifest": {"storage"},
    "planning": {"storage", "manifest"},
    "workers": {"storage", "manifest", "planning", "options"},
}
SOURCES = {path.relative_to(WING).with_suffix("").as_posix().replace("/", "."): path for path in WING.rglob("*.py")}


def imported(path: Path) -> set[str]:
    """The modules of the wing that a file imports, also inside functions, by their names below the wing."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portrait_nst.batch"):
            module = (node.module or "").removeprefix("portrait_nst.batch").lstrip(".")
            for name in node.names:
                deeper = f"{module}.{name.name}".lstrip(".")
                found |= {known for known in (deeper, f"{deeper}.__init__") if known in SOURCES}
            found |= {known for known in (module, f"{module}.__init__") if known in SOURCES}
    return found


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_packages_import_those_below_them_only(name: str) -> None:
    package = name.partition(".")[0]
    others = {there.partition(".")[0] for there in imported(SOURCES[name])} - {package}
    if package in BELOW:
        assert others <= BELOW[package]


def test_nothing_imports_in_a_circle() -> None:
    graph = {name: imported(path) - {name} for name, path in SOURCES.items() if name != "__init__"}
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph)  # raises CycleError
