"""Palettes that the user gives: as a list of colours, or as a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

from portrait_nst.errors import InputError
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.palette import Palette, of_colours


def from_list(text: str, name: str) -> Palette | None:
    """The palette of a text such as "#102040,#ff0044/#00a6d6", whose last colour is the ground; None for any other text."""
    if not re.fullmatch(r"\s*(#[0-9a-fA-F]{6}[\s,/]*)+", text):
        return None
    colours, _, ground = text.upper().partition("/")
    return of_colours(re.findall(r"#[0-9A-F]{6}", colours), re.findall(r"#[0-9A-F]{6}", ground), name)


def from_file(spec: str) -> Palette | None:
    """The palette of a file, or None where there is no such file.

    A file holds its colours as "#rrggbb" anywhere, as "rrggbb" on lines of their own, or as lines that begin with three
    numbers. JSON may name one of its colours the "ground". Raises InputError for a file without colours.
    """
    path = Path(spec)
    try:
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        raise InputError(f"The palette file {spec} cannot be read: {error}.") from error
    colours = [c.upper() for c in re.findall(r"#[0-9a-fA-F]{6}\b", text)]
    if not colours:
        colours = ["#" + c.upper() for c in re.findall(r"^[ \t]*([0-9a-fA-F]{6})[ \t\r]*$", text, re.MULTILINE)]
    if not colours:
        rows = re.findall(r"^[ \t]*(\d{1,3})[ \t,]+(\d{1,3})[ \t,]+(\d{1,3})\b", text, re.MULTILINE)
        colours = [oklab.hex_of((int(r), int(g), int(b))) for r, g, b in rows if max(int(r), int(g), int(b)) < 256]
    if path.suffix == ".json":
        try:
            stated = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"The palette file {spec} is not JSON: {error}.") from error
        ground = stated.get("ground") if isinstance(stated, dict) else None
        if isinstance(ground, str) and ground.upper() in colours:
            colours.remove(ground.upper())
            return of_colours(colours, [ground.upper()], path.stem)
    if not colours:
        raise InputError(f"The file {spec} holds no colours; write them as #rrggbb, one a line, dark to light.")
    return of_colours(colours, [], path.stem)
