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
from portrait_nst.pop_art.face_match import FaceCheck, FaceMatch, FindFaces, worst
from portrait_nst.pop_art.measures.measure import FaceMeasures, measure
from portrait_nst.pop_art.partition.divide import divide as divide_frame
from portrait_nst.pop_art.partition.framing import Frame, prepare
from portrait_nst.pop_art.partition.segments import Partition
from portrait_nst.pop_art.partition.split import split_large
from portrait_nst.pop_art.partition.tones import EVEN
from portrait_nst.pop_art.result import PopartResult
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.types import Face, FloatArray, UInt8Array


@dataclass(frozen=True)
class Attempt:
    """One way to divide a portrait.

    name:   how a note to the user calls it.
    raised: how far detail is raised towards 1.
    even:   the share of the slow change of light over the face that is taken away.
    """

    name: str
    raised: float
    even: float


Divide = Callable[[Frame, PopartSettings, Attempt], Partition]
"""Makes the segments of a frame in one of the attempts."""

ATTEMPTS = (
    Attempt("the first division", 0.0, EVEN),
    Attempt("more detail", 0.35, EVEN),
    Attempt("evener light", 0.35, 1.5 * EVEN),
    Attempt("the most detail", 0.8, EVEN),
)
"""The first attempt, and those that follow where a face is lost."""
TAMES = {"ramp": (0.0, 0.35, 0.7, 1.0), "facets": (0.0, 0.35, 0.7, 1.0), "dots": (0.0,), "grid": (0.0,)}
"""How far the colours of an attempt are tamed, until faces are found. Panels of a grid keep their palettes, its very point."""


def compose_portrait(
    rgb: UInt8Array,
    alpha: FloatArray,
    face: Face | None = None,
    settings: PopartSettings | None = None,
    *,
    palette: Palette | None = None,
    find_faces: FindFaces | None = None,
    others: Sequence[Face] = (),
    divide: Divide | None = None,
) -> PopartResult:
    """Divide and colour a portrait.

    rgb:        (H, W, 3) uint8 sRGB, the photo.
    alpha:      (H, W) float32 in [0, 1], the person.
    face:       the face to favour, in the photo's pixels. Without one, or with fewer than six keypoints, no part of the
                picture is favoured, and the notes say so.
    palette:    used instead of the one that the settings name.
    find_faces: (h, w, 3) uint8 -> faces; with it, if the settings ask for likeness, every face is looked for in every
                colouring, which becomes tamer where one is lost; up to three further attempts are made with more detail.
    others:     the other faces; frame and scale follow `face` alone.
    divide:     instead of `divided`: for who keeps divisions, of which only the colours change.

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

    photo, matte = rgb[part], alpha[part]
    face_measures: FaceMeasures = {}
    if settings.likeness and face is not None and find_faces is not None:
        check = FaceCheck(frame, find_faces)
        composition, face_measures, face_notes = _closest(
            frame, settings, chosen, photo, matte, check, divide or divided
        )
        notes += face_notes
    else:
        partition = (divide or divided)(frame, settings, ATTEMPTS[0])
        made = [coloured(partition, settings, palette, 0.0) for palette in chosen]
        composition = Composition(made[0][0], tuple(colouring for _, colouring in made), settings, photo, matte)
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


def divided(frame: Frame, settings: PopartSettings, attempt: Attempt) -> Partition:
    """The segments of a frame."""
    detail = settings.detail + (1 - settings.detail) * attempt.raised
    partition = divide_frame(frame, settings.tones, detail, settings.segments, attempt.even)
    return split_large(partition) if settings.mode == "facets" else partition


def coloured(
    partition: Partition, settings: PopartSettings, palette: Palette, tame: float
) -> tuple[Partition, Colouring]:
    """The segments and their colours, which are tamed by an amount in [0, 1]; facets that come out alike are merged."""
    if settings.mode == "facets":
        return merge_similar(partition, facets.by_facet(partition, palette, settings.background, tame))
    if settings.mode == "dots":
        return partition, ramp.with_dots(partition, palette, settings.background)
    return partition, ramp.by_tone(partition, tamed(palette, tame), settings.background)


@dataclass(frozen=True, eq=False)
class _Checked:
    """A colouring of a partition, and how well each face is found in it."""

    partition: Partition
    colouring: Colouring
    tame: float
    matches: list[FaceMatch]

    @property
    def rank(self) -> tuple[bool, float]:
        """The better of two has the greater one."""
        return worst(self.matches).rank


def _closest(
    frame: Frame,
    settings: PopartSettings,
    chosen: list[Palette],
    photo: UInt8Array,
    matte: FloatArray,
    check: FaceCheck,
    divide: Divide,
) -> tuple[Composition, FaceMeasures, list[str]]:
    """The first attempt that keeps all faces in all colourings, or else the one that comes closest.

    Also the measures of its faces, and notes. Every colouring becomes tamer only as far as it must.
    """

    def checked(partition: Partition, palette: Palette) -> _Checked:
        made: list[_Checked] = []
        for tame in TAMES[settings.mode]:
            divided, colouring = coloured(partition, settings, palette, tame)
            if made and divided is partition and colouring.colours == made[-1].colouring.colours:
                continue  # a palette that is tame by itself
            composition = Composition(divided, (colouring,), settings, photo, matte)
            made.append(_Checked(divided, colouring, tame, check.matches(composition)))
            if made[-1].rank[0]:
                break
        return max(made, key=lambda one: one.rank)

    def rank(panels: list[_Checked]) -> tuple[int, float]:
        return sum(p.rank[0] for p in panels), sum(max(p.rank[1], -2.0) for p in panels)

    made: list[list[_Checked]] = []
    for attempt in ATTEMPTS:
        partition = divide(frame, settings, attempt)
        made.append([checked(partition, palette) for palette in chosen])
        if all(p.rank[0] for p in made[-1]):
            break
    used = max(range(len(made)), key=lambda i: rank(made[i]))
    panels = made[used]
    matches = [match for p in panels for match in p.matches]
    notes = []
    tamer = [p.tame for p in panels if p.tame]
    how = ATTEMPTS[used].name + (" in tamer colours" if tamer else "")
    if not worst(matches).kept:
        notes.append(f"the face may not be recognised: {how} came closest")
    elif used or tamer:
        notes.append(f"the face was lost at first: {how} found it again")
    colourings = tuple(p.colouring for p in panels)
    composition = Composition(panels[0].partition, colourings, settings, photo, matte)
    return composition, _face_measures(matches, used, len(made) - 1, max(tamer, default=0.0)), notes


def _face_measures(matches: list[FaceMatch], used: int, tries: int, tame: float) -> FaceMeasures:
    """The measures of the worst of some matches in attempt number `used`; drifts are None where a face is not found."""
    match = worst(matches)
    found = match.score > 0
    return {
        "face_score": round(match.score, 3),
        "face_drift": round(match.drift, 4) if found else None,
        "face_drift_farthest": round(match.farthest, 4) if found else None,
        "faces_checked": len(matches),
        "faces_kept": sum(m.kept for m in matches),
        "face_tame": tame,
        "face_try_used": used,
        "face_tries": tries,
    }
