"""CONTRIBUTING's tour: its stops exist, and one painting reaches them one after the other."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from portrait_nst import stylize

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STOPS = re.findall(r"^\d+\. \[`([\w.]+)`\]\((portrait_nst/[\w/]+)\.py\)", TEXT, re.MULTILINE)


def code_of(name: str, module: str) -> Any:
    """The code object of a function or method by its dotted name."""
    found: Any = importlib.import_module(module.replace("/", "."))
    for part in name.split("."):
        found = getattr(found, part)
    return found.__code__


def test_one_painting_reaches_the_stops_of_the_tour_in_their_order(
    small_portrait: Path, small_style: Path, tmp_path: Path
) -> None:
    assert len(STOPS) == 12
    codes = {code_of(*stop): stop[0] for stop in STOPS}
    reached: list[str] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        name = codes.get(frame.f_code) if event == "call" else None
        if name is not None and name not in reached:
            reached.append(name)

    sys.setprofile(look)
    try:
        stylize(small_portrait, small_style, size=64, iterations=1, threads=1).save(tmp_path / "out.png")
    finally:
        sys.setprofile(None)
    assert reached == [name for name, _ in STOPS]


def test_every_file_that_contributing_links_or_names_is_there() -> None:
    linked = re.findall(r"\]\(([\w/.]+)\)", TEXT)
    named = [name for name in re.findall(r"`([\w/]+/[\w.]*)`", TEXT) if name.endswith((".py", "/"))]
    assert len(linked) > 20 and len(named) > 8
    for name in [*linked, *named]:
        assert (ROOT / name).exists() or (ROOT / "portrait_nst" / name).exists(), name
