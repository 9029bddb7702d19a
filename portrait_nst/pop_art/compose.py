"""All of pop art in one call: photo, matte and face in, a `PopartResult` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portrait_nst.pop_art.colour import facets, ramp
from portrait_nst.pop_art.colour.colouring import Colouring
from portrait_nst.pop_art.colour.merge_similar import merge_similar
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.colour.palette_fit import changes
from portrait_nst.pop_art.colour.palettes import for_mode, tamed
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.face_match import FaceMatch, FindFaces, match_face
from portrait_nst.pop_art.measures.measure import FaceMeasures, measure
from portrait_nst.pop_art.partition.divide import divide
from portrait_nst.pop_art.partition.framing import Frame, prepare
from portrait_nst.pop_art.partition.segments import Partition
from portrait_nst.pop_art.partition.split import split_large
from portrait_nst.pop_art.partition.tones import EVEN
from portrait_nst.pop_art.result import PopartResult
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.types import Face, FloatArray, UInt8Array


@dataclass(frozen=True)
class _Attempt:
    """One way to compose a portrait.

    name:   how a note to the user calls it.
    raised: how far detail is raised towards 1.
    tame:   how far colours are drawn to those in which faces are found best, in [0, 1].
    even:   the share of the slow change of light over the face that is taken away.
    """

    name: str
    raised: float
    tame: float
    even: float


_ATTEMPTS = (
    _Attempt("as it was", 0.0, 0.0, EVEN),
    _Attempt("more detail in slightly tamer colours", 0.35, 0.35, EVEN),
    _Attempt("evener light in tamer colours", 0.35, 0.7, 1.5 * EVEN),
    _Attempt("the most detail in tame colours", 0.8, 1.0, EVEN),
)
"""The first attempt, and those that follow where a face is lost."""


def compose_portrait(
    rgb: UInt8Array,
    alpha: FloatArray,
    face: Face | None = None,
    settings: PopartSettings | None = None,
    *,
    palette: Palette | None = None,
    find_faces: FindFaces | None = None,
    others: Sequence[Face] = (),
) -> PopartResult:
    """Divide and colour a portrait.

    rgb:        (H, W, 3) uint8 sRGB, the photo.
    alpha:      (H, W) float32 in [0, 1], the person.
    face:       the face to favour, in the photo's pixels. Without one, or with fewer than six keypoints, no part of the
                picture is favoured, and the notes say so.
    palette:    used instead of the one that the settings name.
    find_faces: (h, w, 3) uint8 -> faces; with it, if the settings ask for likeness, the face is looked for in the
                result, and up to three further attempts are made with more detail and tamer colours.
    others:     faces that get finer segments too; frame, scale and likeness follow `face` alone.

    Raises InputError for unusable values and MaskError where alpha holds nobody.
    """
    settings = settings or PopartSettings()
    face = face if face is not None and len(face.keypoints) >= 6 else None
    chosen = for_mode(settings, palette)
    notes = [] if face is not None else ["no face was found: no part of the picture is favoured"]
    notes += filter(None, dict.fromkeys(changes(p, settings.tones) for p in chosen))
    bust = settings.frame == "bust" or (settings.frame == "auto" and settings.background != "keep")
    frame = prepare(rgb, alpha, face, bust, [f for f in others if len(f.keypoints) >= 6])
    left, top, width, height = frame.box
    part = slice(top, top + height), slice(left, left + width)

    def compose(attempt: _Attempt) -> Composition:
        partition, colourings = _divided_and_coloured(frame, settings, chosen, attempt)
        return Composition(partition, colourings, settings, rgb[part], alpha[part])

    face_measures: FaceMeasures = {}
    if settings.likeness and face is not None and find_faces is not None:
        composition, face_measures, face_notes = _closest(compose, face, find_faces)
        notes += face_notes
    else:
        composition = compose(_ATTEMPTS[0])
    partition, colourings = composition.partition, composition.colourings
    return PopartResult(
        partition,
        colourings,
        settings,
        composition.photo,
        composition.matte,
        measures=measure(partition, colourings[0], face_measures),
        notes=(*notes, *partition.notes),
    )


def _divided_and_coloured(
    frame: Frame, settings: PopartSettings, chosen: list[Palette], attempt: _Attempt
) -> tuple[Partition, tuple[Colouring, ...]]:
    """The segments of a frame, and one colouring for each palette."""
    detail = settings.detail + (1 - settings.detail) * attempt.raised
    partition = divide(frame, settings.tones, detail, settings.segments, attempt.even)
    if settings.mode == "facets":
        partition = split_large(partition)
        colouring = facets.by_facet(partition, chosen[0], settings.background, attempt.tame)
        partition, colouring = merge_similar(partition, colouring)
        return partition, (colouring,)
    if settings.mode == "dots":
        return partition, (ramp.with_dots(partition, chosen[0], settings.background),)
    return partition, tuple(ramp.by_tone(partition, tamed(p, attempt.tame), settings.background) for p in chosen)


def _closest(
    compose: Callable[[_Attempt], Composition], face: Face, find_faces: FindFaces
) -> tuple[Composition, FaceMeasures, list[str]]:
    """The first attempt that keeps the face, or else the one that comes closest; its face measures, and the notes."""
    made: list[tuple[FaceMatch, Composition]] = []
    for attempt in _ATTEMPTS:
        composition = compose(attempt)
        made.append((match_face(composition, face, find_faces), composition))
        if made[-1][0].kept:
            break
    used = max(range(len(made)), key=lambda i: made[i][0].rank)
    match, composition = made[used]
    notes = []
    if not match.kept:
        notes.append(f"the face may not be recognised: {_ATTEMPTS[used].name} came closest")
    elif used:
        notes.append(f"the face was lost at first: {_ATTEMPTS[used].name} found it again")
    return composition, _face_measures(match, used, len(made) - 1), notes


def _face_measures(match: FaceMatch, used: int, tries: int) -> FaceMeasures:
    """The measures of a match in attempt number `used`, after some more tries; drifts are None where no face is found."""
    found = match.score > 0
    return {
        "face_score": round(match.score, 3),
        "face_drift": round(match.drift, 4) if found else None,
        "face_drift_farthest": round(match.farthest, 4) if found else None,
        "face_try_used": used,
        "face_tries": tries,
    }
