"""Tables and sheets of `quality`, and which goals are met."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from portrait_nst.report import Tile, contact_sheet
from tests.benchmarks.instant.scenes import Painting, Portrait
from tests.benchmarks.speed.tables import markdown

Row = dict[str, Any]
TILE = 300
SAID: dict[str, Callable[[float], str]] = {
    "photo_nn": "{:.3f}".format,
    "nn": "{:.3f}".format,
    "fall": "{:.1%}".format,
    "cfsd": "{:.4f}".format,
    "identity": "{:.2f}".format,
    "palette": "{:.1f}".format,
    "kept": "{:.2f}".format,
    "brush": "{:.2f}".format,
    "pan": "{:.3f}".format,
    "along": "{:.3f}".format,
    "noise": "{:.4f}".format,
    "halo": "{:.3f}".format,
    "lines": "{:.2f}".format,
    "seconds": "{:.3f}".format,
}
GOALS = {"fall": (0.2, "least"), "cfsd": (0.006, "most"), "identity": (0.45, "most"), "pan": (0.02, "most")}
GOALS |= {"noise": (0.012, "most")}
NOTES = """
fall: of nn below the photo's; the goal is a mean of 20 %. kept: how far the fine structure of the photo (1 to 4 px, outside
faces) is still there: a photo in other colours has .98 and more, blurred .87, `standard` .31 to .46. brush: the painting's own
fine structure, 1 is as much as the style picture has; a photo in other colours has .05, `standard` .5 to .67. faces: found, of
those that are found in the photo. pan, noise: rms of 0 to 1, with frozen statistics; along: the pan if the ground moves along.
seconds: of CPU, a picture with its statistics and compositing, the matte given.
"""
# Its weights are in no package; what it made was measured once, at 512 px, by these measures.
MICROAST = """MicroAST, published: nn .336 of the photo's .344 in a van Gogh, .289 of .264 in a Matisse, .345 of .418 in a mosaic;
cfsd .0050; identity .49 .52 .72 (astronaut in impasto, mosaic, woodcut); noise .019, pan .055; 0.34 s on one thread"""


def mean(rows: Iterable[Row], key: str) -> float | None:
    """Of the rows that have it."""
    values = [row[key] for row in rows if row.get(key) is not None]
    return fmean(values) if values else None


def faces(rows: Sequence[Row]) -> str | None:
    """How many faces are found, of those of the photos."""
    known = [row["face"] for row in rows if row["face"] in ("found", "lost")]
    return f"{known.count('found')}/{len(known)}" if known else None


def table(rows: Sequence[Row], about: str) -> str:
    """Markdown: means over the portraits for each program and painting, means of each program, and the goals."""
    head = ["program", "painting", *SAID, "faces"]
    programs = list(dict.fromkeys(row["program"] for row in rows))
    lines, checks = [], []
    for program in programs:
        own = [row for row in rows if row["program"] == program]
        for name in dict.fromkeys(row["painting"] for row in own):
            lines.append(_line(program, name, [row for row in own if row["painting"] == name]))
        lines.append(_line(program, "mean", own))
        checks.append([program, *goals(own)])
    parts = [about, markdown(head, lines) + NOTES, markdown(["goals", *GOALS, "faces"], checks)]
    return "\n\n".join(part.strip() for part in (*parts, f"Beside it: {MICROAST}.")) + "\n"


def goals(rows: Sequence[Row]) -> list[str]:
    """What the goals say of a program, each beginning with "yes", "no" or "-"."""
    said = []
    for key, (goal, kind) in GOALS.items():
        value = mean(rows, key)
        met = value is not None and (value >= goal if kind == "least" else value <= goal)
        said.append("-" if value is None else f"{'yes' if met else 'no'}: {SAID[key](value)} of {SAID[key](goal)}")
    lost = [f"{row['portrait']} in {row['painting']}" for row in rows if row["face"] == "lost"]
    return [*said, f"no: {', '.join(lost)}" if lost else "yes" if faces(rows) else "-"]


def _line(program: str, painting: str, rows: Sequence[Row]) -> list[object]:
    means = {key: mean(rows, key) for key in SAID}
    if painting == "mean" and means["nn"] is not None:
        means["fall"] = mean(rows, "fall")
    said = [None if value is None else SAID[key](value) for key, value in means.items()]
    return [program, painting, *said, faces(rows)]


def write(out: Path, rows: Sequence[Row], about: str) -> str:
    """``rows.json`` and ``table.md`` in `out`; returns the table."""
    (out / "rows.json").write_text(json.dumps({"about": about, "rows": list(rows)}, indent=1) + "\n")
    text = table(rows, about)
    (out / "table.md").write_text(text)
    return text


def sheet(out: Path, rows: Sequence[Row], people: Sequence[Portrait], paintings: Sequence[Painting]) -> Path:
    """``sheet.png`` in `out`: the photos, then for each painting the pictures of each program, by portraits."""
    tiles = [Tile(None, "", "photos"), *(Tile(person.rgb, person.name) for person in people)]
    for painting in paintings:
        for program in dict.fromkeys(row["program"] for row in rows if row["painting"] == painting.name):
            tiles.append(Tile(painting.rgb, painting.name, program))
            own = {
                row["portrait"]: row for row in rows if (row["painting"], row["program"]) == (painting.name, program)
            }
            for person in people:
                row = own.get(person.name)
                file = None if row is None else out / row["picture"]
                tiles.append(Tile(file, program, "no picture" if row is None else note(row)))
    return contact_sheet(tiles, out / "sheet.png", columns=1 + len(people), tile=TILE, overwrite=True)


def note(row: Row) -> str:
    """The measures that tell most, in a line."""
    said = f"nn {row['nn']:.3f} ({-row['fall']:+.0%}), kept {row['kept']:.2f}"
    if row["identity"] is not None:
        said += f", id {row['identity']:.2f}{'' if row['face'] == 'found' else ' LOST'}"
    return said
