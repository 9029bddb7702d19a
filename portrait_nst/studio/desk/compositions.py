"""Pop art composed once and then only coloured anew: what stays the same while the user tries colours."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import pop_art, segmentation
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.colour.palette_fit import changes
from portrait_nst.pop_art.colour.palettes import for_mode
from portrait_nst.pop_art.compose import ATTEMPTS, Attempt, coloured, divided
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.face_match import DRIFT, SCORE
from portrait_nst.pop_art.partition.framing import Frame, prepare
from portrait_nst.pop_art.partition.segments import Partition
from portrait_nst.pop_art.render import raster
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.studio.desk import looks, subjects
from portrait_nst.studio.desk.looks import Kept, look
from portrait_nst.studio.resolved import Decided
from portrait_nst.types import Face, FloatArray, Photo, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.studio.resolved import Resolved

MOST = 4  # portraits whose segments are kept; each takes some twenty megabytes
LOOSE = 0.03  # added to the greatest drift: keypoints jump by that much where a picture is cropped otherwise
SEEN = 110.0  # pixels at which a face is looked for in new colours
COLOURS = ("palette", "background", "mode", "grid", "outlines")  # of the settings, what need not be traced anew


@dataclass(eq=False)
class Portrait:
    """A photo as pop art needs it, and the divisions of it that were made.

    faces: those of the person, the largest first. decided: None before it was composed for the first time.
    tames: how far named palettes are tamed, by mode and name, as far as that was tried.
    """

    rgb: UInt8Array
    alpha: FloatArray
    faces: list[Face]
    bust: bool
    divisions: dict[tuple[int, bool], Partition] = field(default_factory=dict)
    decided: Decided | None = None
    tames: dict[tuple[str, str], float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def partition(self, settings: PopartSettings, attempt: int) -> Partition:
        """The segments in the attempt of this number."""
        return self.divide(self.frame, settings, ATTEMPTS[attempt])

    def divide(self, frame: Frame, settings: PopartSettings, attempt: Attempt) -> Partition:
        """As `pop_art.compose.divided`, which does it once."""
        key = (ATTEMPTS.index(attempt), settings.mode == "facets")
        if key not in self.divisions:
            self.divisions[key] = divided(frame, settings, attempt)
        return self.divisions[key]

    @property
    def frame(self) -> Frame:
        """The frame, as `pop_art.compose_portrait` makes it."""
        if self.divisions:
            return next(iter(self.divisions.values())).frame
        usable = [face for face in self.faces if len(face.keypoints) >= 6]
        first = usable[0] if self.faces and usable and usable[0] is self.faces[0] else None
        return prepare(self.rgb, self.alpha, first, self.bust, usable[1:] if first is not None else usable)


_portraits: Kept[Portrait] = Kept(MOST)


def portrait(recipe: Resolved) -> Portrait:
    """The portrait of `recipe`, one for all its colours. Raises InputError, MaskError, ResourceError."""
    settings = of_recipe(recipe)
    fixed = {f.name: getattr(settings, f.name) for f in dataclasses.fields(settings) if f.name not in COLOURS}
    mask = recipe.mask.sha256 if recipe.mask is not None else ""
    who = (recipe.photo.path, mask, recipe.settings.region, str(recipe.settings.person))
    key = (*who, *map(str, fixed.values()), settings.mode == "facets", _bust(settings))
    return _portraits.get(key, lambda: _read(recipe, settings))


def forget() -> None:
    """Keep no portrait longer, nor the photo of one."""
    _portraits.clear()
    looks.forget()


def of_recipe(recipe: Resolved) -> PopartSettings:
    """The settings of its pop art."""
    return recipe.popart or PopartSettings()


def composed(
    found: Portrait, settings: PopartSettings, palette: Palette | None
) -> tuple[Composition, Decided, list[str]]:
    """The composition, what was decided for it, and remarks; faces are looked for in it, as `pop_art.compose_portrait` does."""
    first, others = (found.faces[0] if found.faces else None), found.faces[1:]
    made = pop_art.compose_portrait(
        found.rgb,
        found.alpha,
        first,
        settings,
        palette=palette,
        find_faces=lambda rgb: segmentation.faces(Photo(np.ascontiguousarray(rgb)), painted=True),
        others=others,
        divide=found.divide,
    )
    measures: dict[str, Any] = dict(made.measures)
    decided = Decided(int(measures.get("face_try_used") or 0), float(measures.get("face_tame") or 0.0))
    return made, decided, list(made.notes)


def recoloured(
    found: Portrait, settings: PopartSettings, palette: Palette | None, decided: Decided
) -> tuple[Composition, list[str]]:
    """The segments that were `decided` on in the colours of `settings`, or of `palette`, and remarks."""
    partition = found.partition(settings, decided.attempt)
    chosen = for_mode(settings, palette)
    made = [coloured(partition, settings, one, decided.tame) for one in chosen]
    left, top, width, height = partition.frame.box
    part = slice(top, top + height), slice(left, left + width)
    colourings = tuple(colouring for _, colouring in made)
    composition = Composition(made[0][0], colourings, settings, found.rgb[part], found.alpha[part])
    notes = [*filter(None, dict.fromkeys(changes(one, settings.tones) for one in chosen)), *partition.notes]
    return composition, notes


def shows_its_face(composition: Composition) -> bool:
    """Whether the largest face is found in the first colouring, by one quick look. True where there is none to look for."""
    frame = composition.partition.frame
    if not frame.faces:
        return True
    face = frame.faces[0]
    scale = min(1.0, SEEN / face.box[2])
    size = max(16, round(frame.width * scale)), max(16, round(frame.height * scale))
    rgb, _ = raster.render(composition.first(), size)
    there = face.scaled(size[1] / frame.height, size[0] / frame.width)
    # Around the face alone: quicker, and as `pop_art` looks for it.
    left, top, width, _ = there.box
    x, y = max(0, round(left - width)), max(0, round(top - width))
    view = np.ascontiguousarray(
        rgb[y : max(y + 16, round(top + 2.4 * width)), x : max(x + 16, round(left + 2 * width))]
    )
    points = np.array(there.keypoints[:6]) - (x, y)
    eyes = max(float(np.hypot(*(points[0] - points[1]))), 1e-6)

    def is_it(one: Face) -> bool:
        away = np.hypot(*(np.array(one.keypoints[:6]) - points).T).mean() / eyes
        return one.score >= SCORE and bool(away <= DRIFT + LOOSE)

    return any(len(one.keypoints) >= 6 and is_it(one) for one in segmentation.faces(Photo(view), painted=True))


def _read(recipe: Resolved, settings: PopartSettings) -> Portrait:
    seen = look(recipe.photo.path, recipe.photo.name, recipe.kind == "video")
    alpha = subjects.full_matte(recipe)
    faces = [face for face in seen.faces if segmentation.covers(alpha, face)]
    notes: tuple[str, ...] = ()
    if len(faces) > 1 and _bust(settings):
        notes = (f"{len(faces)} faces were found, and the picture is cut around the largest: frame photo shows all",)
    return Portrait(seen.photo.rgb, alpha, faces, _bust(settings), notes=notes)


def _bust(settings: PopartSettings) -> bool:
    """Whether the picture is cut to head and shoulders where a face is known, as `pop_art.compose` decides it."""
    return settings.frame == "bust" or (settings.frame == "auto" and settings.background != "keep")
