"""The report of a result: measures beside their goals, settings, paints and segments, ready for JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from portrait_nst.pop_art.measures import GOALS
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.render.sheet import paints
from portrait_nst.pop_art.result import PopartResult

_MOST_SEGMENTS = 130


def report(result: PopartResult) -> dict[str, Any]:
    """JSON-ready values; `missed` names the measures under their goal."""
    found, numbers = paints(result)
    canvas = result.geometry.canvas
    measures = {k: round(v, 5) if isinstance(v, float) else v for k, v in result.measures.items()}
    return {
        "measures": measures,
        "missed": missed(measures),
        "goals": {name: f"{sign} {value:g}" for name, (sign, value) in GOALS.items()},
        "notes": list(result.notes),
        "settings": dataclasses.asdict(result.settings),
        "palettes": [dataclasses.asdict(cell.palette) for cell in result.cells],
        "frame": {"photo_box": list(canvas.box), "canvas": [canvas.width, canvas.height], "size": list(result.size)},
        "paints": [{"number": p.number, "colours": list(p.colours), "share": round(p.share, 5)} for p in found],
        "segments": [
            {
                "id": f"s{s.number + 1}",
                "tone": None if s.tone == BACKGROUND else s.tone + 1,
                "paint": numbers.get(s.number),
                "colours": [cell.colours[s.number] for cell in result.cells],
                "area": round(float(s.polygon.area), 1),
                "middle": [round(v, 1) for v in s.polygon.representative_point().coords[0]],
            }
            for s in result.geometry.segments
        ],
    }


def missed(measures: dict[str, Any]) -> list[str]:
    """Names of the measures that do not reach their goal; one that was not taken is not missed."""
    names = [] if measures.get("coverage_valid", True) else ["coverage_valid"]
    for name, (sign, goal) in GOALS.items():
        value = measures.get(name)
        if value is not None and not (value >= goal if sign == ">=" else value <= goal):
            names.append(name)
    if measures.get("segments", 0) > _MOST_SEGMENTS:
        names.append("segments")
    return names
