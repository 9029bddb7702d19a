"""A contact sheet of one photo in many styles, by which to choose the style that suits it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from portrait_nst import imaging, named_styles, pipeline
from portrait_nst.errors import InputError, PortraitError, without_paths
from portrait_nst.pipeline import background
from portrait_nst.planning import painted_size
from portrait_nst.report.frames import shrink
from portrait_nst.report.outputs import check_file
from portrait_nst.report.sheet import KINDS, TILE, Tile, contact_sheet, on_white
from portrait_nst.settings import Settings
from portrait_nst.types import Matte, Photo, UInt8Array

LONGEST = 2 * TILE  # pixels of a photo: more is not seen on the sheet
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Sample:
    """The photo in one style.

    name:    the style's; file: its picture.
    picture: (h, w, 3) uint8 at the sheet's size, or None where painting failed.
    error:   why it failed, or "".
    """

    name: str
    file: Path
    picture: UInt8Array | None
    seconds: float = 0.0
    likeness: float | None = None
    notes: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class StyleSheet:
    """A sheet that was written to `path`.

    interrupted: Ctrl-C ended it early; the samples that were painted until then are on it.
    """

    path: Path
    samples: tuple[Sample, ...]
    interrupted: bool = False

    @property
    def failed(self) -> tuple[Sample, ...]:
        """The samples that could not be painted."""
        return tuple(sample for sample in self.samples if sample.error)


OnSample = Callable[[Sample, int, int], None]


def style_sheet(
    photo: pipeline.Picture,
    path: str | Path,
    styles: Sequence[str | Path] = (),
    settings: Settings | None = None,
    *,
    mask: pipeline.Mask | None = None,
    columns: int | None = None,
    overwrite: bool = False,
    on_sample: OnSample | None = None,
    on_step: pipeline.OnStep | None = None,
) -> StyleSheet:
    """Paint `photo` in each of `styles`, and write the results to `path` (.png) as a contact sheet, the photo first.

    styles:    names as `portrait_nst.styles()` gives them, or files; all names by default.
    settings:  how to paint; by default a draft.
    mask:      the region to paint, instead of the person that segmentation finds.
    columns:   how many pictures stand side by side; by default the sheet becomes a little wider than high.
    overwrite: replace a file that is there.
    on_sample: called after each style with it, how many are done, and how many there are.

    The person is found once, and a large photo is painted at the size that is seen. A style that fails has its error in its
    place; the others go on. After a KeyboardInterrupt (Ctrl-C) the sheet holds what is painted so far, unless nothing is.

    Raises InputError for a style or a path that cannot be used, and whatever every style would fail with.
    """
    files = list(dict.fromkeys(map(named_styles.style_file, styles or named_styles.styles())))
    picture = pipeline.load(photo)
    settings = settings or Settings(quality="draft")
    inputs = [*files, *settings.files, *(file for file in (picture.path, mask) if isinstance(file, (str, Path)))]
    target = check_file(path, KINDS, "The contact sheet", overwrite=overwrite, inputs=inputs)
    samples: list[Sample] = []
    interrupted = False
    try:
        for sample in paint_samples(picture, files, settings, mask=mask, on_step=on_step):
            samples.append(sample)
            if on_sample is not None:
                on_sample(sample, len(samples), len(files))
    except KeyboardInterrupt:
        if not samples:
            raise
        interrupted = True
    if all(sample.error for sample in samples):
        raise InputError(f"The photo could be painted in none of the styles; {samples[0].name}: {samples[0].error}")
    contact_sheet([_tile(picture), *map(_sample_tile, samples)], target, columns=columns, overwrite=overwrite)
    return StyleSheet(target, tuple(samples), interrupted)


def paint_samples(
    photo: Photo,
    files: Sequence[Path],
    settings: Settings,
    *,
    mask: pipeline.Mask | None = None,
    on_step: pipeline.OnStep | None = None,
) -> Iterator[Sample]:
    """`photo` in each of the pictures `files`, one after the other; see `style_sheet`.

    A KeyboardInterrupt ends it, and the picture that was being painted is left out.
    """
    from portrait_nst import transfer

    background.choose(settings.background)
    found = pipeline.matte(
        photo, mask=mask, region=settings.region, person=settings.person, segmenter=settings.segmenter
    )
    small, found = _at_sheet_size(photo, found, settings)
    subject = pipeline.prepare(small, mask=found)
    stylizer = pipeline.Stylizer.of(settings)
    # This raises now what would fail in every style, such as a layer or a device that does not exist.
    transfer.build_config(settings, stylizer.network, small.height, small.width)
    for file in files:
        name = named_styles.name_of(file) or file.stem
        try:
            began = time.monotonic()
            made = stylizer.paint(stylizer.plan(subject, file, settings), since=began).result(on_step)
        except Exception as error:  # one style's defect must not cost the others
            _log.debug("style %s failed", name, exc_info=True)
            message = str(error) if isinstance(error, PortraitError) else f"{type(error).__name__}: {error}"
            yield Sample(name, file, None, error=message)
            continue
        if made.status == "interrupted":
            raise KeyboardInterrupt
        likeness = None if made.likeness is None else made.likeness.value
        seen = shrink(on_white(made.rgb, made.alpha), LONGEST)
        yield Sample(name, file, seen, made.seconds, likeness, made.notes)


def _at_sheet_size(photo: Photo, matte: Matte, settings: Settings) -> tuple[Photo, Matte]:
    """Photo and matte at the larger of the sizes at which they are painted and seen: a large photo's edges take longest."""
    longest = max(LONGEST, *painted_size(settings, photo.size))
    rgb = shrink(photo.rgb, longest)
    size = (rgb.shape[0], rgb.shape[1])
    if size == photo.size:
        return photo, matte
    opacity = None if photo.alpha is None else imaging.resize(photo.alpha, size)
    return Photo(np.ascontiguousarray(rgb), opacity), replace(matte, alpha=imaging.resize_mask(matte.alpha, size))


def _tile(photo: Photo) -> Tile:
    return Tile(shrink(on_white(photo.rgb, photo.alpha), LONGEST), "photo", photo.path.name if photo.path else "")


def _sample_tile(sample: Sample) -> Tile:
    if sample.error:
        return Tile(None, sample.name, f"failed: {without_paths(sample.error)}")
    return Tile(sample.picture, sample.name, named_styles.descriptions().get(sample.name, ""))
