"""Photos ready to be painted small, as previews need them: scaled down, with matte and faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import MaskError
from portrait_nst.settings import Settings
from portrait_nst.studio.desk import mattes
from portrait_nst.studio.desk.looks import Kept, look
from portrait_nst.studio.desk.people import NOBODY
from portrait_nst.types import FloatArray, Matte, Photo

if TYPE_CHECKING:
    from portrait_nst.pipeline.subject import Subject
    from portrait_nst.studio.resolved import Resolved

MOST = 8  # subjects that are kept; one of 512 pixels takes ten megabytes with all that is derived of it

_kept: Kept[Subject] = Kept(MOST)


def small(recipe: Resolved, longest: int) -> Subject:
    """The photo of `recipe`, its longer side `longest` pixels at most, its matte and its faces.

    Raises InputError, MaskError, ResourceError.
    """
    mask = recipe.mask.sha256 if recipe.mask is not None else ""
    key = (recipe.photo.path, mask, recipe.settings.region, str(recipe.settings.person), longest)
    return _kept.get(key, lambda: _made(recipe, longest))


def _made(recipe: Resolved, longest: int) -> Subject:
    from portrait_nst.pipeline.subject import Subject

    seen = look(recipe.photo.path, recipe.photo.name, recipe.kind == "video")
    photo = seen.photo
    size = imaging.size_within(photo.size, longest)
    scale = size[0] / photo.height, size[1] / photo.width
    clear = None if photo.alpha is None else imaging.resize(photo.alpha, size)
    own = Photo(imaging.resize(photo.rgb, size), clear, recipe.photo.path, recipe.photo.sha256)
    faces = tuple(face.scaled(*scale) for face in seen.faces)
    return Subject(own, _matte(imaging.resize_mask(_some_matte(recipe), size), recipe), faces)


def _some_matte(recipe: Resolved) -> FloatArray:
    """As `full_matte`, but of any size: the found one, where it is not kept yet, as it is before it is enlarged."""
    settings = recipe.settings
    if recipe.mask is None and settings.region != "all" and not recipe.found.is_file():
        group = look(recipe.photo.path, recipe.photo.name, recipe.kind == "video").group
        if group is None:
            raise MaskError(NOBODY)
        return group.working_matte(settings.person)
    return full_matte(recipe)


def full_matte(recipe: Resolved) -> FloatArray:
    """(H, W) float32 in [0, 1], at the photo's size: what of the photo is painted. Raises InputError, MaskError."""
    clip = recipe.kind == "video"
    photo = look(recipe.photo.path, recipe.photo.name, clip).photo
    if recipe.mask is not None:
        return mattes.of_mask(recipe.mask.path, photo.size)
    if recipe.settings.region == "all":
        return np.ones(photo.size, np.float32)
    return mattes.found(recipe.photo.path, recipe.found, recipe.settings.person, clip)


def _matte(alpha: FloatArray, recipe: Resolved) -> Matte:
    """`alpha` as the matte that the settings of `recipe` mean."""
    settings = recipe.settings
    if recipe.mask is not None:
        return Matte(alpha, source="mask")
    return Matte(alpha, region=settings.region, person=settings.person, segmenter=Settings.segmenter)
