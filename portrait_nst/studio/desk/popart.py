"""Pop art for the page: composed, coloured anew at once, and as files."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.pop_art import PopartResult, from_picture
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.colour.palettes import DEFAULTS, NAMES
from portrait_nst.pop_art.compose import TAMES
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.render import pdf, raster, sheet, svg
from portrait_nst.pop_art.report import without_folders
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.studio.desk.compositions import (
    Portrait,
    composed,
    forget,
    of_recipe,
    portrait,
    recoloured,
    shows_its_face,
)
from portrait_nst.studio.desk.looks import Kept, look
from portrait_nst.studio.desk.pictures import encoded
from portrait_nst.studio.resolved import Decided, popart_name
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from portrait_nst.pipeline.subject import Subject
    from portrait_nst.result import Result
    from portrait_nst.studio.resolved import Resolved

MOST = 12  # compositions that are kept
NOTES = 200  # recipes that are kept beside a photo
LOST = (
    "in these colours the face may not be recognised: try others, or more detail; a job tries further ways to keep it"
)
MEDIA = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "sheet.pdf": "application/pdf"}

_compositions: Kept[Composition] = Kept(MOST)
_palettes: Kept[Palette] = Kept(MOST)


def compose(recipe: Resolved, told: dict[str, Any]) -> dict[str, Any]:
    """The pop art of `recipe`, as `models.PopartModel` has it; its id is of 16 digits, without the photo's.

    The recipe `told`, with what was decided, is kept beside the photo under `popart_name`: with it `file`, and a job, make the
    same again. Where the same portrait was composed before, in other colours, its segments stay.

    Raises InputError, MaskError, ResourceError.
    """
    composition, decided, notes = _composition(recipe)
    id = digest(recipe, decided)
    _compositions.drop(id)
    _compositions.get(id, lambda: composition)
    note = told | {"decided": dataclasses.asdict(decided)}
    imaging.write_atomic(recipe.found.parent / popart_name(id), json.dumps(note).encode(), overwrite=True)
    _forget_old_notes(recipe.found.parent)
    first = composition.colourings[0].palette
    width, height = composition.size
    asked = of_recipe(recipe).background
    return {
        "id": id,
        "width": width,
        "height": height,
        "colours": list(first.ramp),
        "ground": asked.upper() if asked.startswith("#") else first.ground,
        "segments": len(composition.partition.segments),
        "decided": dataclasses.asdict(decided),
        "notes": notes,
    }


def file(recipe: Resolved, form: str, longest: int | None = None, paper: str = "A4") -> bytes:
    """The bytes of a file of the composition of `recipe`, with what `compose` noted as decided.

    form: one of `MEDIA`. longest: pixels of the longer side of a PNG; None for its own size, with
    its recipe. paper: of a painting sheet. Raises InputError for other papers, and what `compose` raises.
    """
    id = digest(recipe, recipe.decided or Decided())
    composition = _compositions.get(id, lambda: _composition(recipe)[0])
    if form == "png":
        if longest is not None:
            return _png(composition, longest)
        target = io.BytesIO()
        _result(composition, recipe).save(target, format="png")
        return target.getvalue()
    if form == "svg":
        return svg.document(composition).encode()
    if form == "pdf":
        return pdf.document(composition)
    if form == "sheet.pdf":
        return sheet.pdf(composition, paper)
    raise InputError(f"Pop art comes as {', '.join(MEDIA)}, not as {form!r}.")


def preview(recipe: Resolved, longest: int) -> tuple[bytes, str, list[str]]:
    """As `previews.preview`, of a recipe of kind popart."""
    composition, _, notes = _composition(recipe)
    rgb, alpha = raster.render(composition, _within(composition, longest))
    return (*encoded(rgb, alpha), notes)


def made(recipe: Resolved) -> PopartResult:
    """The pop art of `recipe` as a job keeps it: pixel for pixel the composition of which it names what was decided.

    Without that, faces are looked for as in a first composition. Nothing of it stays in memory. Raises InputError, MaskError,
    ResourceError.
    """
    try:
        composition, _, notes = _composition(recipe)
        return _result(composition, recipe, notes)
    finally:
        forget()


def over(recipe: Resolved, result: Result, subject: Subject) -> UInt8Array:
    """(H, W, 3) uint8: a small painting of the `subject` turned into segments, without a look for its faces."""
    from portrait_nst.pipeline.pop_art import as_popart

    settings = dataclasses.replace(of_recipe(recipe), likeness=False)
    return as_popart(result, subject.photo, settings).rgb


def digest(recipe: Resolved, decided: Decided) -> str:
    """16 hexadecimal digits, the same for the same picture."""
    told = {
        "photo": recipe.photo.sha256,
        "mask": recipe.mask.sha256 if recipe.mask else "",
        "of": [recipe.kind, recipe.settings.region, str(recipe.settings.person)],
        "popart": without_folders(of_recipe(recipe)),
        "palette": recipe.palette.sha256 if recipe.palette else "",
        "decided": dataclasses.asdict(decided),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _composition(recipe: Resolved) -> tuple[Composition, Decided, list[str]]:
    settings, palette = of_recipe(recipe), _palette(recipe)
    found = portrait(recipe)
    if recipe.decided is not None:
        decided = recipe.decided
        composition, notes = recoloured(found, settings, palette, decided)
    elif found.decided is None:
        composition, decided, notes = composed(found, settings, palette)
        found.decided = decided
    else:
        composition, decided, notes = _in_other_colours(found, settings, palette, found.decided)
    return composition, decided, [*found.notes, *notes]


def _in_other_colours(
    found: Portrait, settings: PopartSettings, palette: Palette | None, before: Decided
) -> tuple[Composition, Decided, list[str]]:
    """The segments that were decided on `before`, in the colours of `settings` or of `palette`.

    Named palettes are tamed until a quick look finds the face; colours that somebody chose are shown as they are.
    """
    as_they_are = dataclasses.replace(before, tame=0.0)
    composition, notes = recoloured(found, settings, palette, as_they_are)
    if not settings.likeness or settings.mode == "grid":
        return composition, as_they_are, notes
    name = settings.palette or DEFAULTS[settings.mode]
    named = palette is None and name in NAMES
    key = (settings.mode, name)
    tames = (found.tames[key],) if named and key in found.tames else TAMES[settings.mode] if named else (0.0,)
    for tame in tames:
        decided = dataclasses.replace(before, tame=tame)
        tried, remarks = (composition, notes) if tame == 0 else recoloured(found, settings, palette, decided)
        if shows_its_face(tried):
            if named:
                found.tames[key] = tame
            return tried, decided, remarks
    return composition, as_they_are, [*notes, LOST]


def _palette(recipe: Resolved) -> Palette | None:
    """The palette that is taken from a picture, if one is."""
    source = recipe.palette
    if source is None:
        return None
    tones = of_recipe(recipe).tones

    def made() -> Palette:
        from portrait_nst.pipeline.style_crop import shown

        picture = imaging.decode(read_bytes(source.path), source.name, path=source.path)
        return from_picture(shown(picture).rgb, tones, "picture")

    return _palettes.get((source.sha256, tones), made)


def _within(composition: Composition, longest: int) -> tuple[int, int]:
    """(width, height) of the composition, its longer side `longest` pixels at most."""
    width, height = composition.size
    small = imaging.size_within((height, width), longest)
    return small[1], small[0]


def _result(composition: Composition, recipe: Resolved, notes: Sequence[str] = ()) -> PopartResult:
    """The composition with the photo, of which metadata and more go into what is saved."""
    photo = look(recipe.photo.path, recipe.photo.name, recipe.kind == "video").photo
    values = {f.name: getattr(composition, f.name) for f in dataclasses.fields(Composition)}
    lost = () if composition.keeps_the_photo else imaging.carried_over(photo, None)[1]
    return PopartResult(**values, measures={}, notes=(*notes, *lost), source=photo)  # type: ignore[typeddict-item]


def _png(composition: Composition, longest: int) -> bytes:
    from PIL import Image

    rgb, alpha = raster.render(composition, _within(composition, longest))
    target = io.BytesIO()
    Image.fromarray(rgb if alpha is None else np.dstack([rgb, alpha])).save(target, "PNG", compress_level=1)
    return target.getvalue()


def _forget_old_notes(folder: Path) -> None:
    """Remove the oldest notes where there are many: each colour that was tried has one."""
    notes = sorted(folder.glob(popart_name("*")), key=lambda path: path.stat().st_mtime)
    for path in notes[:-NOTES]:
        path.unlink(missing_ok=True)
