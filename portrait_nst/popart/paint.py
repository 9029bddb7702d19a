"""The whole of pop art in one call: photo, matte and face in, a `PopartResult` out."""

from __future__ import annotations

import dataclasses

from portrait_nst.popart import canvas, colour, facets, geometry, likeness, palettes
from portrait_nst.popart.measures import measure
from portrait_nst.popart.palettes import Palette
from portrait_nst.popart.result import Cell, PopartResult
from portrait_nst.popart.settings import PopartSettings
from portrait_nst.types import Face, FloatArray, UInt8Array

_TRIES = 3


def paint(
    rgb: UInt8Array,
    alpha: FloatArray,
    face: Face | None = None,
    settings: PopartSettings | None = None,
    *,
    palette: Palette | None = None,
    find_faces: likeness.FindFaces | None = None,
) -> PopartResult:
    """Divide and colour a portrait.

    rgb:        (H, W, 3) uint8 sRGB, the photo.
    alpha:      (H, W) float32 in [0, 1], the person.
    face:       the face to favour, in the photo's pixels; None: no part is favoured, and the notes say so.
    palette:    instead of the one that the settings name.
    find_faces: (h, w, 3) uint8 -> faces; with it the result is checked for its likeness and tried again with more
                detail and tamer colours, three times at most.

    Raises InputError for unusable values and MaskError where alpha holds nobody.
    """
    settings = settings or PopartSettings()
    if face is not None and len(face.keypoints) < 4:
        face = None
    best: PopartResult | None = None
    notes: list[str] = [] if face is not None else ["no face was found: no part of the picture is favoured"]
    checked = settings.likeness and face is not None and find_faces is not None
    for attempt in range(_TRIES + 1 if checked else 1):
        result = _once(rgb, alpha, face, settings, palette, attempt, best)
        if not checked:
            best = result
            break
        assert face is not None and find_faces is not None
        like = _likeness(result, face, find_faces)
        result.measures.update(
            face_score=round(like.score, 3),
            face_drift=round(like.drift, 4) if like.score else None,
            face_drift_farthest=round(like.farthest, 4) if like.score else None,
            face_tries=attempt,
        )
        if best is None or _rank(result) > _rank(best):
            best = result
        if like.kept:
            if attempt:
                notes.append(f"the face was lost at first; {_means(attempt)} found it again")
            break
    else:
        notes.append(f"the face may not be recognised, even with {_means(_TRIES)}")
    assert best is not None
    return dataclasses.replace(best, notes=(*notes, *best.geometry.notes, *best.notes))


def _once(
    rgb: UInt8Array,
    alpha: FloatArray,
    face: Face | None,
    settings: PopartSettings,
    palette: Palette | None,
    attempt: int,
    before: PopartResult | None,
) -> PopartResult:
    bust = settings.frame == "bust" or (settings.frame == "auto" and settings.background != "keep")
    frame = before.geometry.canvas if before is not None else canvas.prepare(rgb, alpha, face, bust)
    detail = settings.detail + (1 - settings.detail) * (0.0, 0.35, 0.35, 0.8)[attempt]
    if before is not None and attempt == 2:
        shape = before.geometry
    else:
        shape = geometry.divide(frame, settings.tones, detail, settings.segments)
    if settings.mode == "facets":
        shape = facets.cut(shape)
    cells = tuple(_colour(shape, settings, p, attempt) for p in _palettes(settings, palette))
    left, top, width, height = frame.box
    cut = slice(top, top + height), slice(left, left + width)
    result = PopartResult(shape, cells, settings, rgb[cut], alpha[cut])
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


def _colour(shape: geometry.Geometry, settings: PopartSettings, palette: Palette, attempt: int) -> Cell:
    if settings.mode == "facets":
        return facets.colour(shape, palette, settings, tame=attempt / _TRIES)
    return colour.dots(shape, palette, settings) if settings.mode == "dots" else colour.ramp(shape, palette, settings)


def _likeness(result: PopartResult, face: Face, find: likeness.FindFaces) -> likeness.Likeness:
    frame = result.geometry.canvas
    scale = min(1.0, 800 / max(frame.width, frame.height))
    single = dataclasses.replace(
        result, cells=result.cells[:1], settings=dataclasses.replace(result.settings, grid=(1, 1))
    )
    rgb, _ = single.render((round(frame.width * scale), round(frame.height * scale)))
    return likeness.compare(face, rgb, frame.scale * scale, frame.box[:2], find)


def _rank(result: PopartResult) -> tuple[float, float]:
    return min(result.measures["face_score"], likeness.SCORE), -(result.measures["face_drift"] or 9.0)


def _means(attempt: int) -> str:
    return ("", "more detail", "more detail and tamer colours", "the most detail and tame colours")[attempt]
