"""The documentation: its pages are there, its pictures are those of its commands, and docstrings become readable lists."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest
import typer

from portrait_nst.cli.main import app

DOCS = Path(__file__).resolve().parent.parent / "docs"


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script of the documentation's folder as a module; the test is skipped where what it needs is not installed."""
    pytest.importorskip("mkdocs")
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module(name)


def test_the_gallery_has_the_picture_of_every_command_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = script("gallery", monkeypatch).EXAMPLES
    pictures = list((DOCS / "gallery").iterdir())
    assert {path.name for path in pictures} == {f"{name}.jpg" for name in examples}
    assert sum(path.stat().st_size for path in pictures) < 1_500_000
    assert examples["impasto"].command == "portrait-nst stylize samples/astronaut.jpg impasto -o result.png"
    known = {
        option
        for command in typer.main.get_command(app).commands.values()  # type: ignore[attr-defined]
        for parameter in [*command.params, *(p for c in getattr(command, "commands", {}).values() for p in c.params)]
        for option in parameter.opts
    }
    used = {word for example in examples.values() for word in shlex.split(example.arguments) if word.startswith("-")}
    assert used and used <= known


def test_a_list_of_fields_in_a_docstring_becomes_one_in_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = script("docstring_lists", monkeypatch).listed
    text = "A picture.\n\nrgb:    (H, W, 3) uint8,\n        upright.\nalpha, beta: (H, W).\n\n    x = 1\n\nNote: this stays."
    assert listed(text) == (
        "A picture.\n\n- **`rgb`**: (H, W, 3) uint8, upright.\n- **`alpha, beta`**: (H, W).\n\n    x = 1\n\nNote: this stays."
    )


def test_the_stars_of_formulas_are_no_emphasis(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = script("docstring_lists", monkeypatch).listed
    assert (
        listed("||G - G*||^2 / ||G*||^2, in *sheets*, `a * b`.") == r"||G - G\*||^2 / ||G\*||^2, in *sheets*, `a * b`."
    )
    assert listed("    x = a * b * c") == "    x = a * b * c"


def test_every_page_of_the_navigation_is_written_or_made() -> None:
    made = (DOCS / "build_pages.py").read_text(encoding="utf-8")
    pages = re.findall(r": ([\w/-]+\.md)$", (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(pages) > 15
    for page in pages:
        stem = Path(page).stem
        assert (
            (DOCS / page).is_file() or f'"{page}"' in made or f'"{stem}": [' in made or f'"{stem.upper()}"' in made
        ), page
