"""The report of a portrait: measures beside their goals, settings, paints and segments, ready for JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from portrait_nst.pop_art.colour import palettes
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.measures.goals import GOALS, missed
from portrait_nst.pop_art.measures.measure import Measures
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.render.paints import paints
from portrait_nst.pop_art.settings import PopartSettings

Report = dict[str, Any]
"""Values of any kind that JSON knows, by name."""


def without_folders(settings: PopartSettings) -> dict[str, Any]:
    """The JSON-ready values of `settings`, palettes in files by the names of the files alone."""
    return dataclasses.asdict(settings) | {"palette": palettes.without_folders(settings.palette)}


def report(composition: Composition, measures: Measures, notes: tuple[str, ...]) -> Report:
    """JSON-ready values; `missed` names the measures that do not reach their goals."""
    found, numbers = paints(composition)
    frame = composition.partition.frame
    rounded = {k: round(v, 5) if isinstance(v, float) else v for k, v in measures.items()}
    return {
        "measures": rounded,
        "missed": missed(rounded),
        "goals": {name: f"{sign} {value:g}" for name, (sign, value) in GOALS.items()},
        "notes": list(notes),
        "settings": without_folders(composition.settings),
        "palettes": [dataclasses.asdict(colouring.palette) for colouring in composition.colourings],
        "frame": {"photo_box": list(frame.box), "canvas": [frame.width, frame.height], "size": list(composition.size)},
        "paints": [{"number": p.number, "colours": list(p.colours), "share": round(p.share, 5)} for p in found],
        "segments": [
            {
                "id": f"s{s.number + 1}",
                "tone": None if s.tone == BACKGROUND else s.tone + 1,
                "paint": numbers.get(s.number),
                "colours": [colouring.colours[s.number] for colouring in composition.colourings],
                "area": round(float(s.polygon.area), 1),
                "middle": [round(v, 1) for v in s.polygon.representative_point().coords[0]],
            }
            for s in composition.partition.segments
        ],
    }
