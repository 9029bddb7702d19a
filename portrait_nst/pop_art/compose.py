"""The whole of pop art in one call: photo, matte and face in, a `PopartResult` out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from portrait_nst.pop_art import likeness
from portrait_nst.pop_art.colour import facets, palettes, ramp
from portrait_nst.pop_art.colour.palettes import Palette
from portrait_nst.pop_art.measures import measure
from portrait_nst.pop_art.partition import framing, geometry
from portrait_nst.pop_art.partition.merge_similar import rejoin
from portrait_nst.pop_art.partition.split import cut
from portrait_nst.pop_art.partition.tones import EVEN
from portrait_nst.pop_art.result import Cell, PopartResult
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.types import Face, FloatArray, UInt8Array

_TRIES = ((0.0, 0.0, EVEN), (0.35, 0.35, EVEN), (0.35, 0.7, 1.5 * EVEN), (0.8, 1.0, EVEN))
"""How far detail is raised towards 1, colours are tamed and light is evened: at first, and in the tries after it."""
_TRIES_SAID = (
    "as it was",
    "more detail in slightly tamer colours",
    "evener light in tamer colours",
    "the most detail in tame colours",
)


def paint(
    rgb: UInt8Array,
    alpha: FloatArray,
    face: Face | None = None,
    settings: PopartSettings | None = None,
    *,
    palette: Palette | None = None,
    find_faces: likeness.FindFaces | None = None,
    others: Sequence[Face] = (),
) -> PopartResult:
    """Divide and colour a portrait.

    rgb:        (H, W, 3) uint8 sRGB, the photo.
    alpha:      (H, W) float32 in [0, 1], the person.
    face:       the face to favour, in the photo's pixels; None: no part is favoured, and the notes say so.
    palette:    instead of the one that the settings name.
    find_faces: (h, w, 3) uint8 -> faces; with it the result is checked for its likeness and tried again with more
                detail and tamer colours, three times at most.
    others:     faces that get finer segments too; frame, scale and likeness follow `face` alone.

    Raises InputError for unusable values and MaskError where alpha holds nobody.
    """
    settings = settings or PopartSettings()
    if face is not None and len(face.keypoints) < 6:
        face = None
    notes = [] if face is not None else ["no face was found: no part of the picture is favoured"]
    chosen = _palettes(settings, palette)
    notes += filter(None, dict.fromkeys(palettes.changes(p, settings.tones) for p in chosen))
    bust = settings.frame == "bust" or (settings.frame == "auto" and settings.background != "keep")
    frame = framing.prepare(rgb, alpha, face, bust, [f for f in others if len(f.keypoints) >= 6])

    def attempt(number: int) -> PopartResult:
        raised, tame, even = _TRIES[number]
        detail = settings.detail + (1 - settings.detail) * raised
        shape = geometry.divide(frame, settings.tones, detail, settings.segments, even)
        shape = cut(shape) if settings.mode == "facets" else shape
        return _coloured(shape, settings, chosen, tame, rgb, alpha)

    best = attempt(0)
    if settings.likeness and face is not None and find_faces is not None:
        like = _likeness(best, face, find_faces)
        ranked = [(_rank(like), 0, like, best)]
        for number in range(1, len(_TRIES)):
            if like.kept:
                break
            result = attempt(number)
            like = _likeness(result, face, find_faces)
            ranked.append((_rank(like), -number, like, result))
        _, number, like, best = max(ranked, key=lambda r: r[:2])
        best.measures.update(_faces(like, -number, len(ranked) - 1))
        if not like.kept:
            notes.append(f"the face may not be recognised: {_TRIES_SAID[-number]} came closest")
        elif number:
            notes.append(f"the face was lost at first: {_TRIES_SAID[-number]} found it again")
    return dataclasses.replace(best, notes=(*notes, *best.geometry.notes))


def _coloured(
    shape: geometry.Geometry,
    settings: PopartSettings,
    chosen: list[Palette],
    tame: float,
    rgb: UInt8Array,
    alpha: FloatArray,
) -> PopartResult:
    cells = tuple(_colour(shape, settings, p, tame) for p in chosen)
    if settings.mode == "facets":
        shape, joined = rejoin(shape, cells[0])
        cells = (joined,)
    left, top, width, height = shape.canvas.box
    part = slice(top, top + height), slice(left, left + width)
    result = PopartResult(shape, cells, settings, rgb[part], alpha[part])
    return dataclasses.replace(result, measures=measure(result))


def _palettes(settings: PopartSettings, given: Palette | None) -> list[Palette]:
    """The palette of each cell."""
    if given is not None and settings.mode != "grid":
        return [given]
    specs = (settings.palette or palettes.DEFAULTS[settings.mode]).split(";")
    found = [palettes.palette(s.strip(), settings.tones) for s in specs if s.strip()]
    if settings.mode != "grid":
        return found[:1]
    if given is not None:
        found = [given]
    count = settings.grid[0] * settings.grid[1]
    for name in palettes.NAMES:
        if len(found) >= count or (settings.palette and len(specs) > 1):
            break
        if all(name != p.name for p in found) and name not in ("wpap", "ink", "teal"):
            found.append(palettes.palette(name, settings.tones))
    return [found[i % len(found)] for i in range(count)]


def _colour(shape: geometry.Geometry, settings: PopartSettings, palette: Palette, tame: float) -> Cell:
    if settings.mode == "facets":
        return facets.colour(shape, palette, settings, tame)
    if settings.mode == "dots":
        return ramp.dots(shape, palette, settings)
    return ramp.ramp(shape, palettes.tamed(palette, tame), settings)


def _likeness(result: PopartResult, face: Face, find: likeness.FindFaces) -> likeness.Likeness:
    """How the face fares in the first cell, seen in a cut of three faces' width."""
    frame = result.geometry.canvas
    single = dataclasses.replace(
        result, cells=result.cells[:1], settings=dataclasses.replace(result.settings, grid=(1, 1))
    )
    picture, _ = single.render((frame.width, frame.height))
    left, top, width, height = (v * frame.scale for v in face.box)
    x, y = left + width / 2 - frame.box[0] * frame.scale, top + height / 2 - frame.box[1] * frame.scale
    x0, y0 = max(0, round(x - 1.5 * width)), max(0, round(y - 1.5 * width))
    part = slice(y0, max(y0 + 16, round(y + 1.9 * width))), slice(x0, max(x0 + 16, round(x + 1.5 * width)))
    offset = frame.box[0] + x0 / frame.scale, frame.box[1] + y0 / frame.scale
    before, after = np.ascontiguousarray(frame.rgb[part]), np.ascontiguousarray(picture[part])
    return likeness.compare(face, before, after, frame.scale, offset, find)


def _rank(like: likeness.Likeness) -> tuple[bool, float]:
    """Kept first, then by how far score and drift together miss their bounds."""
    return like.kept, min(0.0, like.score / likeness.SCORE - 1) + min(0.0, 1 - like.drift / likeness.DRIFT)


def _faces(like: likeness.Likeness, used: int, tries: int) -> dict[str, float | int | None]:
    found = like.score > 0
    return {
        "face_score": round(like.score, 3),
        "face_drift": round(like.drift, 4) if found else None,
        "face_drift_farthest": round(like.farthest, 4) if found else None,
        "face_try_used": used,
        "face_tries": tries,
    }
