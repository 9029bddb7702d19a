"""Pop art from a photo, or from a painting that `stylize` made."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.pipeline.inputs import Mask, Picture, check_type, load, matte
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.recipe import with_popart
from portrait_nst.result import Result
from portrait_nst.settings import Settings
from portrait_nst.types import Photo

if TYPE_CHECKING:
    from portrait_nst.pop_art import PopartResult, PopartSettings


def popart(
    photo: Picture,
    *,
    mask: Mask | None = None,
    region: str = "person",
    person: str | int = "all",
    segmenter: str = Settings.segmenter,
    palette_from: Picture | None = None,
    faces_from: Picture | None = None,
    settings: PopartSettings | None = None,
    **changes: Any,
) -> PopartResult:
    """A pop-art portrait of the person in `photo`: straight-edged segments of tone in bold, contrasting colours.

    photo:        a picture in any form that `load` takes: a path, bytes, an open file, an array, a PIL image or a `Photo`.
    mask, region, person, segmenter: the person whom it shows; see `matte`.
    palette_from: a picture whose own bold colours are used instead of a palette's.
    faces_from:   the picture in which the face is searched, if not `photo`: the photograph of a stylised picture.
    settings:     a `pop_art.PopartSettings`; keyword arguments, named as its fields, change single ones.

    The result saves and renders itself: `save("me.png")`, `render()` to pixels, `svg()`, `pdf()`, `sheet_pdf()`; `report()` has
    its measures.
    Raises InputError, MaskError and ModelError.
    """
    from portrait_nst import pop_art, segmentation
    from portrait_nst.pop_art.colour.palettes import palette

    if settings is not None:
        check_type(settings, pop_art.PopartSettings, "settings", "a PopartSettings (single ones are keyword arguments)")
    settings = dataclasses.replace(settings or pop_art.PopartSettings(), **changes)
    for spec in filter(None, settings.palette.split(";")):
        palette(spec.strip(), settings.tones)  # an unknown palette is refused before the work
    picture = load(photo, "photo")
    colours = None
    if palette_from is not None:
        source = load(palette_from)
        colours = pop_art.from_picture(
            shown(source).rgb, settings.tones, source.path.stem if source.path else "picture"
        )
    region_of = matte(picture, mask=mask, region=region, person=person, segmenter=segmenter)
    source_of_faces = picture if faces_from is None else load(faces_from)
    faces = [face for face in segmentation.faces(source_of_faces) if segmentation.covers(region_of.alpha, face)]
    made = pop_art.compose_portrait(
        picture.rgb,
        region_of.alpha,
        faces[0] if faces else None,
        settings,
        palette=colours,
        find_faces=lambda rgb: segmentation.faces(Photo(np.ascontiguousarray(rgb)), painted=True),
        others=faces[1:],
    )
    if len(faces) > 1 and made.partition.frame.is_crop:
        others = f"{len(faces)} faces were found, and the picture is cut around the largest: `--frame photo` shows all"
        made = dataclasses.replace(
            made, notes=(*made.notes, f"{others}, `--person 2` (counted from the left) another one")
        )
    _, lost = (None, ()) if made.keeps_the_photo else imaging.carried_over(picture, None)
    return dataclasses.replace(made, notes=(*region_of.notes, *made.notes, *lost), source=picture)


def as_popart(result: Result, photo: Picture, settings: PopartSettings | None = None, **changes: Any) -> Result:
    """`result` of `stylize` on `photo`, its person turned into pop-art segments; the background stays as it is.

    Its likeness is that of the painting; the notes say how much of the face the segments preserve.
    """
    began = time.monotonic()
    changes = {"background": "keep", **changes} if settings is None else changes
    made = popart(result.rgb, mask=result.matte, faces_from=photo, settings=settings, **changes)
    drawn = made.over(result.photo)
    recipe = with_popart(result.recipe, made.settings)
    spent = result.seconds + time.monotonic() - began
    notes = tuple(dict.fromkeys((*result.notes, *made.notes, *drawn.notes)))  # both have those on the matte
    result = dataclasses.replace(result, rgb=drawn.rgb, native=drawn.native, gain_map=drawn.gain_map)
    return dataclasses.replace(result, recipe=recipe, notes=notes, seconds=spent)
